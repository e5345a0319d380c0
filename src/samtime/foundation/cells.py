"""What a cell means: texts, minutes, amounts, rates, days and times as people write them.

Every reader takes a Value of sheets.py and gives the meaning, None for an empty cell, or raises
BadCell with a sentence a receptionist understands.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.foundation.money import Money, NotMoney
from samtime.foundation.sheets import CellFault, Value

BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})
SIGNS = {
    "NOK": ("nok", "kr.", "kr"),
    "SEK": ("sek", "kr.", "kr"),
    "DKK": ("dkk", "kr.", "kr"),
    "RON": ("ron", "lei", "leu"),
    "HUF": ("huf", "ft", "forint"),
    "EUR": ("eur", "euro", "€"),
}
FOREIGN_SIGNS = ("€", "$", "£", "usd", "gbp", "pln", "czk")
EXEMPT = (
    "e",
    "exempt",
    "fritatt",
    "unntatt",
    "scutit",
    "scutita",
    "mentes",
    "adómentes",
    "mva-fri",
)


class BadCell(ValueError):
    """A cell that cannot be understood; `sentence` says why."""

    def __init__(self, sentence: str | Promise, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = facts

    @property
    def detail(self) -> str:
        """The sentence in the reader's language with its facts."""
        return str(self.sentence) % self.facts if self.facts else str(self.sentence)


def text(value: Value, *, longest: int) -> str:
    """Plain text on one line, numbers as typed; «» for an empty cell."""
    found = " ".join(_plain(value).split())
    if len(found) > longest:
        raise BadCell(_("This text is too long, at most %(most)s letters."), most=longest)
    return found


def lines(value: Value, *, longest: int) -> str:
    """Text that may have several lines."""
    found = "\n".join(" ".join(line.split()) for line in _plain(value).strip().splitlines())
    if len(found) > longest:
        raise BadCell(_("This text is too long, at most %(most)s letters."), most=longest)
    return found


def shown(value: Value) -> str:
    """A cell as it is quoted back in a sentence, shortened."""
    found = " ".join(_plain(value, faults=False).split())
    return found if len(found) <= 40 else f"{found[:39]}…"


def _plain(value: Value, *, faults: bool = True) -> str:
    if value is None:
        return ""
    if type(value) is str:
        return value.translate(BLANKS)
    if isinstance(value, CellFault):
        if faults:
            raise fault(value)
        return value.text
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return f"{value.to_integral_value() if whole else value.normalize():f}"
    return str(value).translate(BLANKS)


def fault(value: CellFault) -> BadCell:
    """The sentence for a cell that holds an error or an uncounted formula."""
    if value.text == "=":
        return BadCell(
            _("This formula was never counted. Open the file, save it, and upload it again.")
        )
    return BadCell(_("The cell shows the error %(shown)s instead of a value."), shown=value.text)


def minutes(value: Value) -> int | None:
    """Minutes: 30, «30 min», «0:30», «1 h 30 min», or a time as Excel keeps it."""
    if isinstance(value, CellFault):
        raise fault(value)
    if isinstance(value, timedelta):
        return round(value.total_seconds() / 60)
    if isinstance(value, datetime | time):
        return value.hour * 60 + value.minute
    found = _plain(value).strip().casefold()
    if not found:
        return None
    units = re.fullmatch(
        r"(?:(\d{1,2})\s*(?:h|t|timer?|hours?|ora|ore|óra)\.?)?\s*"
        r"(?:(\d{1,3})\s*(?:m|min\.?|mins|minutes|minutter|minute|perc|'|′)?)?",
        found,
    )
    clock = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::00)?", found)
    if clock:
        return int(clock[1]) * 60 + int(clock[2])
    if units and (units[1] or units[2]):
        return int(units[1] or 0) * 60 + int(units[2] or 0)
    try:
        number = decimal(value)
    except BadCell:
        number = None
    if number is None or number != number.to_integral_value() or not 0 <= number < 10_000:
        raise BadCell(_("«%(shown)s» is not a number of minutes."), shown=shown(value))
    return int(number)


def decimal(value: Value) -> Decimal | None:
    """A number with comma or point as decimals, and blanks, points or commas between thousands.

    One mark followed by exactly three digits stands between thousands: «1.250» is 1250.
    """
    if isinstance(value, CellFault):
        raise fault(value)
    if isinstance(value, bool | date | time | timedelta):
        raise BadCell(_("«%(shown)s» is not a number."), shown=shown(value))
    if isinstance(value, int | Decimal):
        return Decimal(value)
    found = _plain(value).strip().replace(" ", "").replace("'", "").replace("’", "")
    if not found:
        return None
    found = _points(found)
    try:
        number = Decimal(found) if re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", found) else None
    except InvalidOperation:
        number = None
    if number is None:
        raise BadCell(_("«%(shown)s» is not a number."), shown=shown(value))
    return number


def _points(found: str) -> str:
    last = max(found.rfind(","), found.rfind("."))
    if last < 0:
        return found
    mark, other = found[last], "," if found[last] == "." else "."
    grouped = re.fullmatch(rf"-?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+", found)
    if grouped and not found.lstrip("-").startswith("0"):
        return found.replace(mark, "")
    whole, rest = found[:last], found[last + 1 :]
    if other in whole and not re.fullmatch(rf"-?\d{{1,3}}(?:{re.escape(other)}\d{{3}})+", whole):
        return "?"
    return f"{whole.replace(other, '')}.{rest}" if mark not in whole else "?"


def money(value: Value, currency: str) -> Money | None:
    """An amount in this currency, its sign or code allowed, never below zero."""
    if isinstance(value, str):
        value = _without_sign(value.translate(BLANKS), currency)
    number = decimal(value)
    if number is None:
        return None
    cents = (number * 100).quantize(Decimal("0.001"), ROUND_HALF_UP)
    if number < 0:
        raise BadCell(_("A price cannot be below zero."))
    if cents != cents.to_integral_value():
        raise BadCell(_("A price has at most two decimals: «%(shown)s»."), shown=shown(value))
    if currency == "HUF" and cents % 100:
        raise BadCell(_("A price in forint has no decimals: «%(shown)s»."), shown=shown(value))
    try:
        return Money.parse(f"{number:.2f}", currency)
    except NotMoney:
        raise BadCell(_("«%(shown)s» is too large for a price."), shown=shown(value)) from None


def _without_sign(found: str, currency: str) -> str:
    bare = found.strip().casefold()
    for sign in SIGNS.get(currency, ()):
        if bare.startswith(sign) or bare.endswith(sign):
            bare = bare.removeprefix(sign).removesuffix(sign).strip()
            break
    others = {s for code, signs in SIGNS.items() if code != currency for s in signs}
    others -= set(SIGNS.get(currency, ()))
    for sign in (*others, *FOREIGN_SIGNS):
        if bare.startswith(sign) or bare.endswith(sign):
            raise BadCell(
                _("«%(shown)s» is in another currency; your organisation uses %(currency)s."),
                shown=shown(found),
                currency=currency,
            )
    return re.sub(r"[,.]\s*[-–—]+$", "", bare).strip()


def rate(value: Value) -> int | None:
    """A percentage in hundredths of a percent: «25 %», 25 and 0.25 are 2500; exempt is 0."""
    found = value
    if isinstance(value, str):
        bare = value.translate(BLANKS).strip().casefold()
        if bare in EXEMPT:
            return 0
        found = bare.removesuffix("%").strip()
    number = decimal(found)
    if number is None:
        return None
    if 0 < number < 1 and not (isinstance(value, str) and "%" in value):
        number *= 100
    hundredths = number * 100
    if not 0 <= number <= 100 or hundredths != hundredths.to_integral_value():
        raise BadCell(_("«%(shown)s» is not a VAT rate between 0 and 100 %%."), shown=shown(value))
    return int(hundredths)


def day(value: Value) -> date | None:
    """A day: a date of Excel, 2026-12-01, 01.12.2026, 1/12/2026 (day first), 2026. 12. 1."""
    if isinstance(value, CellFault):
        raise fault(value)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _plain(value).strip()
    if not found:
        return None
    year_first = re.fullmatch(r"(\d{4})[-./]\s*(\d{1,2})[-./]\s*(\d{1,2})\.?", found)
    day_first = re.fullmatch(r"(\d{1,2})[-./]\s*(\d{1,2})[-./]\s*(\d{4})", found)
    try:
        if year_first:
            return date(int(year_first[1]), int(year_first[2]), int(year_first[3]))
        if day_first:
            return date(int(day_first[3]), int(day_first[2]), int(day_first[1]))
    except ValueError:
        pass
    raise BadCell(
        _("«%(shown)s» is not a day. Write it like 2026-12-01 or 01.12.2026."), shown=shown(value)
    )


def clock(value: Value) -> time | None:
    """A time of day: 08:00, 8.30, 8, 0800, «kl. 8», or a time as Excel keeps it."""
    if isinstance(value, CellFault):
        raise fault(value)
    if isinstance(value, datetime):
        return value.time().replace(second=0, microsecond=0)
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    found = _plain(value).strip().casefold().removeprefix("kl.").removeprefix("kl").strip()
    if not found:
        return None
    match = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?(?::00)?", found) or re.fullmatch(
        r"(\d{2})(\d{2})", found
    )
    if match and int(match[1]) < 24 and int(match[2] or 0) < 60:
        return time(int(match[1]), int(match[2] or 0))
    raise BadCell(_("«%(shown)s» is not a time of day, for example 08:00."), shown=shown(value))

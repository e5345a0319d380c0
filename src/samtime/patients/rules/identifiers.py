"""Numbers of persons: which kinds there are, and whether one passes the check of its country.

A check that fails is a warning and never stops anybody (numbers are wrong in passports too).
Norway: from 2032 the first check digit may leave a remainder of 0 to 3 (Skatteetaten), both rules
hold side by side; D numbers carry day + 40, H numbers month + 40, test numbers month + 65 or + 80,
FH numbers begin with 8 or 9 and carry no date. Hungary: TAJ, eight digits weighed 3 and 7, the
ninth is the sum modulo 10 (NEAK).
"""

import re
from collections.abc import Callable

from stdnum.dk import cpr
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu
from stdnum.is_ import kennitala
from stdnum.ro import cnp

# Kind -> the country that issues it; «» is any country, which is then asked for.
KINDS: dict[str, str] = {
    "fodselsnummer": "NO",
    "cnp": "RO",
    "taj": "HU",
    "personnummer": "SE",
    "cpr": "DK",
    "hetu": "FI",
    "kennitala": "IS",
    "passport": "",
    "ehic": "",
    "national": "",
}
HOME: dict[str, str] = {country: kind for kind, country in KINDS.items() if country}
FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def kind_of(kind: str, country: str) -> str:
    """«national» with a country whose number we know becomes that kind."""
    return HOME.get(country, kind) if kind == "national" else kind


def is_doubtful(kind: str, number: str) -> bool:
    """Whether the number fails its kind's check; kinds without a check are never doubtful."""
    test = TESTS.get(kind)
    return test is not None and not test(number)


def norwegian(number: str) -> bool:
    """Fødselsnummer, D, H and FH numbers, synthetic ones too."""
    if not re.fullmatch(r"\d{11}", number, re.ASCII):
        return False
    digits = [int(d) for d in number]
    first = sum(w * d for w, d in zip(FIRST_WEIGHTS, digits, strict=False)) % 11
    second = sum(w * d for w, d in zip(SECOND_WEIGHTS, digits, strict=True)) % 11
    return first <= 3 and second == 0 and (digits[0] >= 8 or _has_date(number))


def _has_date(number: str) -> bool:
    day, month = int(number[:2]), int(number[2:4])
    day = day - 40 if day > 40 else day
    months = (month - shift for shift in (0, 40, 65, 80))
    return 1 <= day <= 31 and any(1 <= m <= 12 for m in months)


def hungarian(number: str) -> bool:
    """TAJ: the sum of eight digits weighed 3, 7, 3, 7 ... ends in the ninth."""
    if not re.fullmatch(r"\d{9}", number, re.ASCII):
        return False
    digits = [int(d) for d in number]
    return sum((3, 7)[n % 2] * d for n, d in enumerate(digits[:8])) % 10 == digits[8]


def swedish(number: str) -> bool:
    """Personnummer and samordningsnummer (day + 60), ten digits or twelve, by Luhn."""
    plain = number.replace("+", "")
    if not re.fullmatch(r"(\d\d)?\d{10}", plain, re.ASCII):
        return False
    ten = plain[-10:]
    day, month = int(ten[4:6]), int(ten[2:4])
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(ten)]
    luhn = sum(d // 10 + d % 10 for d in doubled) % 10 == 0
    return luhn and 1 <= month <= 12 and 1 <= (day - 60 if day > 60 else day) <= 31


def _passes(check: Callable[[str], object]) -> Callable[[str], bool]:
    def test(number: str) -> bool:
        try:
            check(number)
        except ValidationError:
            return False
        return True

    return test


def _finnish(number: str) -> bool:
    """The sign between date and serial was taken out, it is not part of the check."""
    return _passes(hetu.validate)(f"{number[:6]}-{number[-4:]}") if len(number) >= 10 else False


TESTS: dict[str, Callable[[str], bool]] = {
    "fodselsnummer": norwegian,
    "cnp": _passes(cnp.validate),
    "taj": hungarian,
    "personnummer": swedish,
    "cpr": _passes(cpr.validate),
    "hetu": _finnish,
    "kennitala": _passes(kennitala.validate),
}

"""The life of a partnership and of an invitation, and which numbers can be a company's. Pure."""

import re
from datetime import timedelta

from stdnum.exceptions import ValidationError
from stdnum.hu import anum
from stdnum.no import fodselsnummer, orgnr
from stdnum.ro import cnp, cui

KINDS = ("provider", "doctor_practice", "call_centre", "intermediary")
LIFETIME = timedelta(days=7)
LIVE = ("invited", "active", "suspended", "notice_given")
OVER = ("declined", "expired", "withdrawn", "ended")
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"draft", "invited"}),
    "invited": frozenset({"invited", "active", "declined", "expired", "withdrawn"}),
    "active": frozenset({"suspended", "notice_given", "ended"}),
    "suspended": frozenset({"active", "ended"}),
    "notice_given": frozenset({"active", "ended"}),
    **{state: frozenset({"invited", "draft"}) for state in OVER},
}
PENDING = ("queued", "sent", "delivered", "deferred", "failed", "bounced", "opened")
# A later report of the mail server does not undo what the person did.
_RANK = {"queued": 0, "deferred": 1, "sent": 2, "delivered": 3, "failed": 4, "bounced": 4}
LANGUAGE_OF = {"NO": "nb", "RO": "ro", "HU": "hu"}


def may_move(state: str, to: str) -> bool:
    """Whether a partnership may go from one state to another (DOMAIN.md 1.2)."""
    return to in MOVES.get(state, frozenset())


def delivery_after(state: str, report: str) -> str:
    """The invitation's state after a report on its mail."""
    if state not in _RANK or report not in _RANK:
        return state
    return report if _RANK[report] >= _RANK[state] or report == "deferred" else state


def plain_number(text: str) -> str:
    """A number without the signs people write between its parts; letters in capitals."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def is_persons_number(country: str, number: str) -> bool:
    """A person's national id typed in place of a company's (P7)."""
    plain = plain_number(number)
    if country == "RO":
        return len(plain) == 13 and plain.isdigit() and _passes(cnp.validate, plain)
    if country == "NO":
        return len(plain) == 11 and plain.isdigit() and _passes(fodselsnummer.validate, plain)
    if country in ("SE", "DK", "FI", "IS"):
        return bool(re.fullmatch(r"\d{6}[-+A]?\d{3}[0-9A-Z]", number.strip())) and (
            country != "SE" or plain[2] in "01"
        )
    return False


def tax_number_fault(country: str, text: str) -> str:
    """Why this is no tax number: «digits», «check», or «» when it can be one (DOMAIN.md 3.1).

    Romania's registers hold numbers that fail the check: a long one is taken all the same.
    """
    plain = plain_number(text)
    if country == "NO":
        digits = plain.removesuffix("MVA").removeprefix("NO")
        return _nine_digits(digits)
    if country == "RO":
        digits = plain.removeprefix("RO")
        if not digits.isdigit() or not 2 <= len(digits) <= 10:
            return "digits"
        return "check" if len(digits) < 6 and not _passes(cui.validate, digits) else ""
    if country == "HU":
        digits = plain.removeprefix("HU")
        if not digits.isdigit() or len(digits) not in (8, 11):
            return "digits"
        return "" if _passes(anum.validate, digits[:8]) else "check"
    return "" if 6 <= len(plain) <= 14 else "digits"


def registration_number_fault(country: str, text: str) -> str:
    """Why this is no number of a company register: «digits», «check» or «»."""
    plain = plain_number(text)
    if country == "NO":
        return _nine_digits(plain)
    if country == "RO":
        old = re.fullmatch(r"[JFC]\d{1,2}/\d{1,7}/\d{4}", text.strip().upper().replace(" ", ""))
        new = re.fullmatch(r"[JFC]\d{10,13}", plain)
        return "" if old or new else "digits"
    if country == "HU":
        return "" if re.fullmatch(r"\d{10}", plain) else "digits"
    return "" if 6 <= len(plain) <= 14 else "digits"


def stored_number(country: str, text: str) -> str:
    """How a register number is kept and compared."""
    if country == "RO" and "/" in text:
        return text.strip().upper().replace(" ", "")
    if country == "HU":
        plain = plain_number(text)
        return f"{plain[:2]}-{plain[2:4]}-{plain[4:]}"
    return plain_number(text)


def _nine_digits(digits: str) -> str:
    if not digits.isdigit() or len(digits) != 9:
        return "digits"
    return "" if _passes(orgnr.validate, digits) else "check"


def _passes(validate: object, number: str) -> bool:
    try:
        validate(number)  # type: ignore[operator]
    except ValidationError:
        return False
    return True

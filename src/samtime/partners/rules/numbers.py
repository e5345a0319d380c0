"""Numbers of companies: what can be one, what surely is a person's, what its check digit says.

Only the form of a number stops it. A check digit that fails is a warning and no more: registers
hold numbers that fail it (DOMAIN.md 3.1). Blanks, dots, hyphens and a country's letters around
the digits (NO ... MVA, RO, HU, SE, DK, FI) are no fault of the person who types them.
"""

import re
from collections.abc import Callable

from stdnum.dk import cpr, cvr
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu, ytunnus
from stdnum.hu import anum
from stdnum.is_ import kennitala
from stdnum.no import fodselsnummer, orgnr
from stdnum.ro import cnp, cui, onrc
from stdnum.se import orgnr as se_orgnr
from stdnum.se import personnummer

# Digits of a number: of the tax number, and of the register number where it has another form.
TAX_DIGITS: dict[str, tuple[int, ...]] = {
    "NO": (9,),
    "RO": tuple(range(2, 11)),
    "HU": (8, 11),
    "SE": (10, 12),
    "DK": (8,),
    "FI": (8,),
    "IS": (5, 6, 10),
}
HU_COURTS = frozenset(range(1, 21))
HU_FORMS = frozenset(range(1, 24))
HU_COUNTIES = frozenset((*range(2, 21), *range(22, 45), 51))


def plain_number(text: str) -> str:
    """A number without the signs people write between its parts; letters in capitals."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def digits_of(country: str, text: str) -> str:
    """A number without the letters a country writes around it."""
    plain = plain_number(text)
    if country == "NO":
        plain = plain.removesuffix("MVA")
    if country == "SE" and len(plain) == 14:
        # The VAT number: SE, ten digits, 01.
        plain = plain.removesuffix("01")
    return plain.removeprefix(country)


def is_persons_number(country: str, number: str) -> bool:
    """A person's national id typed in place of a company's (P7)."""
    plain = plain_number(number)
    tests: dict[str, Callable[[str], object]] = {
        "NO": fodselsnummer.validate,
        "RO": cnp.validate,
        "DK": cpr.validate,
        "FI": hetu.validate,
    }
    if country == "IS":
        # A company's kennitala begins with its day of foundation plus 40.
        return bool(re.fullmatch(r"[0-3]\d{9}", plain)) and _passes(kennitala.validate, plain)
    if country == "SE":
        # A company's third digit is 2 or more; a person's month is 01 to 12.
        person = re.fullmatch(r"(\d\d)?\d\d(0[1-9]|1[0-2])\d{6}", plain)
        return bool(person) and _passes(personnummer.validate, number.strip())
    if country == "HU":
        # The tax id of a person: 8, then nine digits, the last one by weights 1 to 9.
        return bool(re.fullmatch(r"8\d{9}", plain)) and (
            sum((n + 1) * int(d) for n, d in enumerate(plain[:9])) % 11 == int(plain[9])
        )
    test = tests.get(country)
    return test is not None and _passes(test, number.strip() if country == "FI" else plain)


def tax_number_fault(country: str, text: str) -> str:
    """«digits» where this has not the form of a tax number, else «».

    A Romanian number of two to five digits must pass its check: those that fail are beginnings of
    longer ones, or made up.
    """
    digits = digits_of(country, text)
    if not digits.isdigit() or not digits.isascii():
        return "digits"
    if country in TAX_DIGITS and len(digits) not in TAX_DIGITS[country]:
        return "digits"
    if country == "RO" and len(digits) < 6 and not _passes(cui.validate, digits):
        return "check"
    return "" if country in TAX_DIGITS or 6 <= len(digits) <= 14 else "digits"


def registration_number_fault(country: str, text: str) -> str:
    """«digits» where this has not the form of a register number, else «»."""
    plain = plain_number(text)
    if country == "RO":
        old = re.fullmatch(r"[JFC]/?\d{1,2}/\d{1,7}/\d{4}", _without_blanks(text))
        new = re.fullmatch(r"[JFC]\d{10,13}", plain)
        return "" if old or new else "digits"
    if country == "HU":
        return "" if re.fullmatch(r"\d{10}", plain) else "digits"
    return tax_number_fault(country, text)


def check_digit_fails(country: str, text: str) -> bool:
    """Whether a number of the right form fails the check of its country: worth a second look.

    Hungary's register number has no check digit; its court and its form of company are known.
    """
    plain, digits = plain_number(text), digits_of(country, text)
    if country == "RO" and plain[:1] in ("J", "F", "C"):
        return not _passes(onrc.validate, _without_blanks(text))
    if country == "HU" and len(digits) == 10:
        return int(digits[:2]) not in HU_COURTS or int(digits[2:4]) not in HU_FORMS
    if country == "HU":
        whole = len(digits) == 11
        odd = whole and (digits[8] not in "12345" or int(digits[9:]) not in HU_COUNTIES)
        return odd or not _passes(anum.validate, digits[:8])
    tests: dict[str, Callable[[str], object]] = {
        "NO": orgnr.validate,
        "RO": cui.validate,
        "SE": se_orgnr.validate,
        "DK": cvr.validate,
        "FI": ytunnus.validate,
    }
    return country in tests and not _passes(tests[country], digits)


def stored_number(country: str, text: str) -> str:
    """How a register number is kept and compared: one company, one text."""
    if country == "RO" and "/" in text:
        plain = _without_blanks(text)
        return plain[:1] + plain[2:] if plain[1:2] == "/" else plain
    if country == "HU":
        plain = plain_number(text)
        return f"{plain[:2]}-{plain[2:4]}-{plain[4:]}"
    return digits_of(country, text) if country in TAX_DIGITS else plain_number(text)


def shown_number(country: str, number: str) -> str:
    """A number as people of the country read it: «312 319 489» in Norway, «559900-0006» in
    Sweden, «0112038-9» in Finland, «99910015-2-41» in Hungary."""
    digits = number if number.isdigit() else ""
    if country == "NO" and len(digits) == 9:
        return f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    if country == "SE" and len(digits) == 10:
        return f"{digits[:6]}-{digits[6:]}"
    if country == "FI" and len(digits) == 8:
        return f"{digits[:7]}-{digits[7]}"
    if country == "HU" and len(digits) == 11:
        return f"{digits[:8]}-{digits[8]}-{digits[9:]}"
    return number


def asked_by(country: str, registration_number: str, tax_number: str) -> str:
    """The plain number a register of this country is asked by; «» where none of the two can be it.

    Norway knows one number. Romania and the European register are asked by the tax number, also
    where somebody typed it into the other field; Hungary by its first 8 digits, Sweden with 01.
    """
    typed = [registration_number, tax_number]
    for text in typed if country == "NO" else reversed(typed):
        digits = digits_of(country, text)
        if not text or tax_number_fault(country, text) == "digits":
            continue
        if country == "HU":
            return digits[:8]
        if country == "SE":
            return f"{digits[-10:]}01"
        return digits
    return ""


def _without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text.upper())


def _passes(validate: Callable[[str], object], number: str) -> bool:
    try:
        validate(number)
    except (ValidationError, ValueError):
        return False
    return True

"""VIES: `POST check-vat-number {countryCode, vatNumber}`.

It passes the question on to the member state. A state that does not answer is «unavailable», never
«invalid». Some states tell no name and no address: «---». Greece is EL here.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from samtime.connectors.registers import (
    NotUnderstood,
    Register,
    RegisterAnswer,
    ask_json,
    object_in,
    text,
    without_data,
)

SOURCE = "vies"
STATE_CODES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
STATES = frozenset(STATE_CODES.split())
OWN_CODE = {"GR": "EL"}
NO_ANSWER = ("UNAVAILABLE", "MAX_CONCURRENT", "TIMEOUT", "BLOCKED", "SERVER_BUSY")
_TOWN = re.compile(r"^(?:[A-Z]{1,2}-)?(\d{3,5}(?: ?\d{2})?)\s+(.+)$")


def ask(country: str, number: str, seconds: float) -> RegisterAnswer:
    """What the member state says about a VAT number (without the country's letters)."""
    code = OWN_CODE.get(country, country)
    body = {"countryCode": code, "vatNumber": number}
    url = f"{settings.VIES_URL.rstrip('/')}/check-vat-number"
    status, answer = ask_json(url, body=body, seconds=seconds)
    if status >= 500 or status in (408, 429):
        return without_data("unavailable", SOURCE)
    said = object_in(answer)
    if said.get("actionSucceed") is False or _gave_no_answer(said):
        return without_data("unavailable", SOURCE)
    if status != 200 or not isinstance(said.get("valid"), bool):
        raise NotUnderstood("neither valid nor invalid")
    if text(said.get("vatNumber")) != number or text(said.get("countryCode")) != code:
        raise NotUnderstood("another number than asked for")
    if not said["valid"]:
        return without_data("unknown", SOURCE, vat_registered=False)
    return _found(said, country, code)


def _gave_no_answer(said: Mapping[str, Any]) -> bool:
    return any(word in text(said.get("userError")).upper() for word in NO_ANSWER)


def _found(said: Mapping[str, Any], country: str, code: str) -> RegisterAnswer:
    street, postal_code, city = _address(said.get("address"))
    return RegisterAnswer(
        outcome="found",
        source=SOURCE,
        fetched_at=timezone.now(),
        name=text(said.get("name")),
        tax_number=code + text(said.get("vatNumber"), 20),
        street=street,
        postal_code=postal_code,
        city=city,
        country=country,
        vat_registered=True,
        state="active",
    )


def _address(told: object) -> tuple[str, str, str]:
    """Street, postal code and city of lines as the state writes them; what does not split stays."""
    if not isinstance(told, str):
        return "", "", ""
    lines = [line for line in (text(part) for part in told.splitlines()) if line]
    for place, line in enumerate(lines):
        if town := _TOWN.match(line):
            rest = lines[:place] + lines[place + 1 :]
            return ", ".join(rest)[:200], town[1], town[2][:100]
    return ", ".join(lines)[:200], "", ""


REGISTER = Register(SOURCE, STATES, ask)

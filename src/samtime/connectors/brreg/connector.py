"""Enhetsregisteret: `GET enheter/{number}`, and `underenheter/{number}` for branches.

404 = never heard of; 410 = removed, its data is withdrawn. A company that was struck off may
still be shown, with the day.
"""

import time
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
    part,
    text,
    truth,
    without_data,
)

SOURCE = "brreg"


def ask(country: str, number: str, seconds: float) -> RegisterAnswer:
    """What the register says about nine digits; a branch is found with its company's number."""
    ends_at = time.monotonic() + seconds
    base = settings.BRREG_URL.rstrip("/")
    for resource in ("enheter", "underenheter"):
        left = max(ends_at - time.monotonic(), 0.01)
        status, answer = ask_json(f"{base}/{resource}/{number}", seconds=left)
        if status == 410:
            return without_data("removed", SOURCE)
        if status == 200:
            return _found(object_in(answer), number)
        if status != 404:
            return without_data("unavailable", SOURCE)
    return without_data("unknown", SOURCE)


def _found(unit: Mapping[str, Any], number: str) -> RegisterAnswer:
    if text(unit.get("organisasjonsnummer")) != number or not text(unit.get("navn")):
        raise NotUnderstood("another unit than asked for")
    home = part(unit, "forretningsadresse") or part(unit, "beliggenhetsadresse")
    home = home or part(unit, "postadresse")
    lines = home.get("adresse")
    street = ", ".join(filter(None, map(text, lines))) if isinstance(lines, list) else ""
    vat = truth(unit.get("registrertIMvaregisteret"))
    return RegisterAnswer(
        outcome="found",
        source=SOURCE,
        fetched_at=timezone.now(),
        name=text(unit.get("navn")),
        legal_form=text(part(unit, "organisasjonsform").get("kode"), 40),
        registration_number=number,
        tax_number=f"{number}MVA" if vat else number,
        street=street[:200],
        postal_code=text(home.get("postnummer"), 20),
        city=text(home.get("poststed"), 100),
        country=text(home.get("landkode"), 2),
        vat_registered=vat,
        in_trade_register=truth(unit.get("registrertIForetaksregisteret")),
        state=_state(unit),
        belongs_to=text(unit.get("overordnetEnhet"), 20),
        activity=text(part(unit, "naeringskode1").get("kode"), 20).replace(".", "")[:4],
    )


def _state(unit: Mapping[str, Any]) -> str:
    if text(unit.get("slettedato")) or text(unit.get("nedleggelsesdato")):
        return "struck_off"
    if unit.get("konkurs") is True:
        return "bankrupt"
    ending = ("underAvvikling", "underTvangsavviklingEllerTvangsopplosning")
    return "winding_up" if any(unit.get(name) is True for name in ending) else "active"


REGISTER = Register(SOURCE, frozenset({"NO"}), ask)

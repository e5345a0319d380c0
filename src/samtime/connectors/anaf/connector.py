"""ANAF, version 9 of its service: `POST v9/tva` with `[{cui, data}]`.

`found` and `notFound` are lists; a struck-off company is found, and only the text of
`stare_inregistrare` says «RADIAT». The service takes one question a second: they queue here (per
process), and who would wait longer than his deadline gets «slow».
"""

import re
import threading
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

SOURCE = "anaf"
PAUSE = 1.0
_COUNTY = re.compile(r"jud(?:\.|e[tţț]ul\b)", re.IGNORECASE)
_IN_TOWN = re.compile(
    r"(?:municipiul|ora[sşș](?:ul)?|comuna|sat(?:ul)?|sector(?:ul)?)\s+|(?:mun|ora?|com)\.\s*",
    re.IGNORECASE,
)


class Turns:
    """One turn a second; `take` waits for it, or says that there is no time to."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._pause, self._next, self._lock = pause, 0.0, threading.Lock()

    def take(self, seconds: float) -> bool:
        """Wait for the next turn, at most `seconds`; False when it comes too late."""
        with self._lock:
            now = time.monotonic()
            wait = max(self._next - now, 0.0)
            if wait >= seconds:
                return False
            self._next = now + wait + self._pause
        time.sleep(wait)
        return True


turns = Turns()


def ask(country: str, number: str, seconds: float) -> RegisterAnswer:
    """What the register says about a CUI (digits alone), today."""
    ends_at = time.monotonic() + seconds
    if not turns.take(seconds):
        return without_data("slow", SOURCE)
    body = [{"cui": int(number), "data": timezone.now().date().isoformat()}]
    left = max(ends_at - time.monotonic(), 0.01)
    status, answer = ask_json(f"{settings.ANAF_URL.rstrip('/')}/v9/tva", body=body, seconds=left)
    if status not in (200, 404):
        return without_data("unavailable", SOURCE)
    said = object_in(answer)
    found, missing = said.get("found"), said.get("notFound")
    if not isinstance(found, list) or not isinstance(missing, list):
        raise NotUnderstood("neither found nor not found")
    for one in found:
        if isinstance(one, dict) and text(part(one, "date_generale").get("cui")) == number:
            return _found(one, number)
    if any(text(entry) == number for entry in missing):
        return without_data("unknown", SOURCE)
    raise NotUnderstood("another company than asked for")


def _found(one: Mapping[str, Any], number: str) -> RegisterAnswer:
    facts, home = part(one, "date_generale"), part(one, "adresa_sediu_social")
    vat = truth(part(one, "inregistrare_scop_Tva").get("scpTVA"))
    street, city = _address(home, text(facts.get("adresa"), 400))
    register_number = text(facts.get("nrRegCom"), 40)
    return RegisterAnswer(
        outcome="found",
        source=SOURCE,
        fetched_at=timezone.now(),
        name=text(facts.get("denumire")),
        legal_form=text(facts.get("forma_juridica"), 40),
        registration_number=register_number,
        tax_number=f"RO{number}" if vat else number,
        street=street[:200],
        postal_code=text(home.get("scod_Postal"), 20) or text(facts.get("codPostal"), 20),
        city=city[:100],
        country="RO",
        vat_registered=vat,
        in_trade_register=bool(register_number),
        state=_state(one),
        activity=text(facts.get("cod_CAEN"), 4),
    )


def _address(home: Mapping[str, Any], line: str) -> tuple[str, str]:
    """Street and city. A place that is not its county's own town is told with the county; without
    an address in parts, the one line is taken apart at its commas."""
    parts = [part for part in (one.strip() for one in line.split(",")) if part]
    city = text(home.get("sdenumire_Localitate"), 100)
    county = text(home.get("sdenumire_Judet"), 60)
    if not city:
        city = ", ".join(part for part in parts if _IN_TOWN.match(part))
    elif county and _plain(county) not in _plain(city):
        city = f"{city}, jud. {county}"
    named = (text(home.get("sdenumire_Strada")), text(home.get("snumar_Strada"), 20))
    street = " ".join(filter(None, named))
    if not street:
        street = ", ".join(
            part
            for part in parts
            if not _IN_TOWN.match(part) and not _COUNTY.match(part) and _plain(part) != _plain(city)
        )
    return street, city


def _plain(name: str) -> str:
    """A place's name to compare: «MUNICIPIUL BUCUREŞTI» and «Mun. București» are one."""
    bare = _IN_TOWN.sub("", name, count=1).strip().casefold()
    return bare.translate(str.maketrans("şţșțăâî", "ststaai"))


def _state(one: Mapping[str, Any]) -> str:
    said = text(part(one, "date_generale").get("stare_inregistrare")).upper()
    if "RADIAT" in said:
        return "struck_off"
    if "INSOLVEN" in said or "FALIMENT" in said:
        return "bankrupt"
    if "DIZOLVARE" in said or "LICHIDARE" in said:
        return "winding_up"
    inactive = part(one, "stare_inactiv").get("statusInactivi") is True
    return "inactive" if inactive else "active"


REGISTER = Register(SOURCE, frozenset({"RO"}), ask)

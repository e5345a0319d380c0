"""Company registers: one shape of answer, whichever register is asked.

Advisory only: no answer, and no register, ever stops a form. Each register is a folder beside
this file whose `connector.py` has a `REGISTER`; it is found by listing the folders.
"""

import functools
import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

import samtime.connectors
from samtime.connectors.outward import PAGE_SECONDS, Answer, Question, call
from samtime.connectors.places import OutwardFault

OUTCOMES = ("found", "unknown", "removed", "unavailable", "slow")


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """What a register says about a number.

    `outcome`: found; unknown (the register works and has no such number); removed (it was there,
    its data is withdrawn); unavailable; slow. `state`: active, struck_off, bankrupt, winding_up,
    inactive or «». None = the register does not say. `belongs_to`: a branch's company. `activity`:
    what it lives by, as four digits of NACE.
    """

    outcome: str
    source: str
    fetched_at: datetime
    name: str = ""
    legal_form: str = ""
    registration_number: str = ""
    tax_number: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    vat_registered: bool | None = None
    in_trade_register: bool | None = None
    state: str = ""
    belongs_to: str = ""
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its short name, the countries it knows, and how it is asked.

    `ask(country, number, seconds)` takes the plain number that this register is asked by.
    """

    source: str
    countries: frozenset[str]
    ask: Callable[[str, str, float], RegisterAnswer]


class NotUnderstood(ValueError):
    """An answer of another shape than the register promises: as good as none."""


def register_of(country: str) -> Register | None:
    """The register of a country: its own before the European one; None where none is open."""
    fitting = [r for r in registers() if country in r.countries]
    return min(fitting, key=lambda r: (len(r.countries), r.source), default=None)


@functools.cache
def registers() -> tuple[Register, ...]:
    """Every register there is a folder for."""
    found = []
    for module in pkgutil.iter_modules(samtime.connectors.__path__):
        if module.ispkg and module.name != "migrations":
            connector = importlib.import_module(f"samtime.connectors.{module.name}.connector")
            if register := getattr(connector, "REGISTER", None):
                found.append(register)
    return tuple(found)


def look_up(country: str, number: str, *, seconds: float = PAGE_SECONDS) -> RegisterAnswer:
    """Ask the country's register; never raises for what happens outside.

    Refuses: LookupError where there is no register; InTransaction.
    """
    register = register_of(country)
    if register is None:
        raise LookupError(country)
    try:
        return register.ask(country, number, seconds)
    except OutwardFault as fault:
        outcome = "slow" if fault.code == "slow" else "unavailable"
        return without_data(outcome, register.source)
    except NotUnderstood:
        return without_data("unavailable", register.source)


def without_data(outcome: str, source: str, **more: Any) -> RegisterAnswer:
    """An answer that is not «found», as of now."""
    return RegisterAnswer(outcome, source, timezone.now(), **more)


def ask_json(
    url: str, *, seconds: float, body: object = None, accept: str = "application/json"
) -> tuple[int, Answer]:
    """GET, or POST of a JSON body: status and answer."""
    if body is None:
        asked = Question(url, headers={"accept": accept}, seconds=seconds)
    else:
        headers = {"accept": accept, "content-type": "application/json"}
        raw = json.dumps(body).encode()
        asked = Question(url, method="POST", headers=headers, body=raw, seconds=seconds)
    answer = call(asked)
    return answer.status, answer


def object_in(answer: Answer) -> Mapping[str, Any]:
    """The JSON object of an answer. Refuses: NotUnderstood."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise NotUnderstood("no JSON") from None
    if not isinstance(found, dict):
        raise NotUnderstood("no object")
    return found


def part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside an object; empty where there is none."""
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def text(value: object, longest: int = 200) -> str:
    """A text of the other side as plain text on one line: no control signs, «---» is nothing."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    plain = re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", " ", str(value))
    plain = " ".join(plain.split())[:longest].strip()
    return "" if plain.strip("-") == "" else plain


def truth(value: object) -> bool | None:
    """A yes or no; None for everything else."""
    return value if isinstance(value, bool) else None

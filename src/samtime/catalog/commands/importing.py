"""Import of a price list: plan first, then all or nothing, and the same file twice does nothing."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog import queries
from samtime.catalog.commands.many import (
    ChangedService,
    NewService,
    add_services,
    change_services,
    hold_services,
)
from samtime.catalog.commands.service_file import House, WantedService, read_service_file
from samtime.catalog.commands.services import SENTENCES, same_price
from samtime.catalog.models import Service, ServicePrice
from samtime.catalog.rules import PriceGiven, ServiceGiven, may_price_from, service_faults
from samtime.documents.rules import (
    FieldChange,
    ImportPlan,
    PlannedRow,
    Progress,
    RowFault,
    counted,
    unwatched,
)
from samtime.foundation.headings import Table
from samtime.foundation.money import Money
from samtime.mailbox.rules import day_written, money_written
from samtime.organizations.queries import organization_of

FIELDS = {
    "code": "code",
    "name": "name",
    "specialty": "specialty",
    "duration_minutes": "duration",
    "buffer_before_minutes": "buffer_before",
    "buffer_after_minutes": "buffer_after",
    "names": "name",
    "preparation": "preparation",
}
LABELS = {
    "name": _("Name"),
    "names": _("Name in other languages"),
    "specialty": _("Specialty"),
    "duration_minutes": _("Duration"),
    "buffer_before_minutes": _("Buffer before"),
    "buffer_after_minutes": _("Buffer after"),
    "preparation": _("Preparation"),
}


@dataclass(frozen=True, slots=True)
class _Step:
    """One row, what there is, and what it shall become."""

    wanted: WantedService
    service: Service | None
    given: ServiceGiven
    price: PriceGiven | None
    from_on: date
    changes: tuple[FieldChange, ...]


def plan_services(
    *, actor: Actor, content: bytes, today: date, progress: Progress = unwatched
) -> ImportPlan:
    """What this price list would do, or what is wrong with it. Writes nothing.

    Refuses: RightMissing, and the refusals of `read_service_file`.
    """
    actor.require(Right.EDIT_CATALOG)
    return _planned(actor, content, today, progress)[0]


@transaction.atomic
def import_services(
    *, actor: Actor, content: bytes, today: date, progress: Progress = unwatched
) -> ImportPlan:
    """Create and change services and their prices as the file says; nothing when it has faults.

    Refuses: RightMissing, and the refusals of `read_service_file`. The plan tells what was done.
    """
    actor.require(Right.EDIT_CATALOG)
    actor.require(Right.EDIT_PRICES)
    hold_services(actor)
    plan, steps = _planned(actor, content, today, progress)
    if plan.faults:
        return plan
    new = [NewService(s.given, s.price, s.from_on) for s in steps if s.service is None]
    add_services(actor=actor, wanted=new)
    old = [ChangedService(s.service, s.given, s.price, s.from_on) for s in steps if s.service]
    change_services(actor=actor, wanted=old, today=today)
    return plan


def _planned(
    actor: Actor, content: bytes, today: date, progress: Progress
) -> tuple[ImportPlan, list[_Step]]:
    organization = organization_of(actor)
    house = House(currency=organization.currency, language=organization.language)
    wanted, faults, table = read_service_file(content, house)
    known = {s.code.casefold(): s for s in queries.services(actor, ended=True)}
    prices = queries.price_histories(known.values())
    steps = []
    for row in counted(wanted, progress, step=1, steps=1):
        service = known.get(row.code.casefold())
        step = _step(row, service, prices.get(service.id, []) if service else [], today)
        steps.append(step)
        faults += _faults(step, prices, today)
    told = {(f.row, f.column): f for f in reversed(faults)}
    planned = tuple(_planned_row(step) for step in steps)
    plan = ImportPlan(
        rows=len(wanted),
        planned=planned if not faults else (),
        faults=tuple(told.values()),
        notes=unused_columns(table),
    )
    return plan, steps


def unused_columns(table: Table) -> tuple[str, ...]:
    """A sentence for every heading of the file that means nothing to us."""
    return tuple(
        str(_("Column %(letter)s «%(heading)s» is not used.")) % {"letter": a, "heading": b[:60]}
        for a, b in table.unknown
    )


def _step(
    row: WantedService, service: Service | None, history: list[ServicePrice], today: date
) -> _Step:
    blank = ServiceGiven(code=row.code, name="", duration_minutes=0)
    old = queries.given_of(service) if service else blank
    said: dict[str, Any] = {
        "name": row.name,
        "specialty": row.specialty,
        "duration_minutes": row.duration,
        "buffer_before_minutes": row.buffer_before,
        "buffer_after_minutes": row.buffer_after,
        "names": _merged(old.names, row.names),
        "preparation": _merged(old.preparation, row.preparation),
    }
    given = replace(old, **{key: value for key, value in said.items() if value is not None})
    from_on = row.from_on or today
    price, current = row.price, queries.price_in(history, from_on)
    if price and "vat_rate" not in row.letters and current is not None:
        price = replace(price, vat_rate=current.vat_rate, vat_category=current.vat_category)
    if price and current and same_price(current, price):
        price = None
    changes = _changes(old, given) + (_price_change(current, price, from_on) if price else ())
    return _Step(row, service, given, price, from_on, changes)


def _merged(old: object, new: dict[str, str]) -> dict[str, str]:
    kept = dict(old) if isinstance(old, dict) else {}
    return {key: text for key, text in {**kept, **new}.items() if text}


def _changes(old: ServiceGiven, new: ServiceGiven) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(str(label), _words(getattr(old, name)), _words(getattr(new, name)))
        for name, label in LABELS.items()
        if getattr(old, name) != getattr(new, name)
    )


def _words(value: object) -> str:
    if value == 0:
        return ""
    if isinstance(value, dict):
        return " · ".join(f"{key}: {text}" for key, text in sorted(value.items()))
    return str(value)


def _price_change(
    current: ServicePrice | None, price: PriceGiven, from_on: date
) -> tuple[FieldChange, ...]:
    before = _price_words(current.amount, current.currency, current.vat_rate) if current else ""
    after = _price_words(price.amount, price.currency, price.vat_rate)
    label = str(_("Price from %(day)s")) % {"day": day_written(from_on, get_language() or "en")}
    return (FieldChange(label, before, after),)


def _price_words(amount: int, currency: str, vat_rate: int) -> str:
    shown = money_written(Money(amount, currency), get_language() or "en")
    return f"{shown} ({vat_rate / 100:g} %)" if vat_rate else shown


def _faults(step: _Step, prices: dict[int, list[ServicePrice]], today: date) -> list[RowFault]:
    letters, row = step.wanted.letters, step.wanted.row
    found = [
        RowFault(row, letters.get(FIELDS[name], ""), str(SENTENCES[code]))
        for name, code in service_faults(step.given)
    ]
    if step.service is not None and step.service.ended_on is not None:
        sentence = _("The service with this code has ended. Use a new code.")
        found.append(RowFault(row, letters.get("code", ""), str(sentence)))
    has_price = bool(step.service and prices.get(step.service.id))
    if step.price and not may_price_from(step.from_on, today=today, has_price_before=has_price):
        sentence = _("A price can change from today on, not for days that have passed.")
        found.append(RowFault(row, letters.get("from", ""), str(sentence)))
    return found


def _planned_row(step: _Step) -> PlannedRow:
    action = "create" if step.service is None else "change" if step.changes else "unchanged"
    label = f"{step.given.code} {step.given.name}"
    return PlannedRow(step.wanted.row, label, action, step.changes)

"""Add, change and end services, and set their dated base prices."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog import queries
from samtime.catalog.commands.lengths import change_length, happened, with_length
from samtime.catalog.models import Service, ServicePrice
from samtime.catalog.rules import (
    PriceGiven,
    ServiceGiven,
    length_of,
    may_price_from,
    price_faults,
    service_faults,
)
from samtime.foundation.errors import FieldError, Invalid, Refusal, VersionConflict
from samtime.journal.commands import Happening, record
from samtime.organizations.queries import home_day, organization_of

SENTENCES: Mapping[str, str | Promise] = {
    "empty": _("Fill this in."),
    "too_long": _("This text is too long."),
    "duration": _("A duration is 5 to 720 minutes, in steps of 5."),
    "buffer": _("A buffer is 0 to 240 minutes, in steps of 5."),
    "notice": _("Between no time and 60 days."),
    "horizon": _("Between 1 and 400 days."),
    "currency": _("Prices are in the currency of your organisation."),
    "amount": _("A price is zero or more, and not that large."),
    "decimals": _("A price in forint has no decimals."),
    "vat_rate": _("A VAT rate is between 0 and 100 %."),
}


class CodeTaken(Refusal):
    """The provider has another service with this code."""

    code = "code_taken"
    status = 409
    field = "code"
    sentence = _("Another service has this code. Codes of ended services are not used again.")


class PriceInThePast(Refusal):
    """Prices of days gone by stand."""

    code = "price_in_the_past"
    status = 422
    field = "from"
    sentence = _("A price can change from today on, not for days that have passed.")


@transaction.atomic
def add_service(*, actor: Actor, given: ServiceGiven) -> Service:
    """A new service (examination) of the actor's organization, without a price yet.

    Refuses: RightMissing, Invalid, CodeTaken.
    """
    actor.require(Right.EDIT_CATALOG)
    check_service(given)
    made = Service(provider_id=actor.organization_id, position=next_position(actor))
    fill(made, given)
    _save(made)
    record(actor, happened("service.added", made, name=made.name, code=made.code))
    return made


@transaction.atomic
def change_service(
    *,
    actor: Actor,
    service_id: UUID,
    given: ServiceGiven,
    from_on: date | None = None,
    seen: str = "",
) -> Service:
    """Replace a service's description at once; its duration and buffers for appointments from a
    day on (today where none is said, D9), journalled as `duration.changed`.

    Start from `queries.given_of(service)`. Bookings already made keep their times. `seen`: the mark
    of what a person started from (`queries.description_mark`). Refuses: RightMissing, NotFound,
    Invalid, CodeTaken, LengthInThePast, VersionConflict (another changed it meanwhile).
    """
    actor.require(Right.EDIT_CATALOG)
    check_service(given)
    found = _held(actor, service_id)
    if seen and seen != queries.description_mark(found):
        raise VersionConflict()
    today = home_day(actor, timezone.now())
    wanted, current = length_of(given), length_of(queries.given_of(found))
    fill(found, with_length(given, current))
    _save(found)
    change_length(actor, found, wanted, from_on=from_on or today, today=today)
    record(actor, happened("service.changed", found))
    return found


@transaction.atomic
def end_service(*, actor: Actor, service_id: UUID, today: date) -> Service:
    """Nobody can book it any more; bookings and history stay. Again changes nothing.

    Refuses: RightMissing, NotFound.
    """
    actor.require(Right.EDIT_CATALOG)
    found = queries.service(actor, service_id)
    if found.ended_on is None:
        found.ended_on = today
        found.save(update_fields=["ended_on"])
        record(actor, happened("service.ended", found, on=today.isoformat()))
    return found


@transaction.atomic
def set_service_price(
    *, actor: Actor, service_id: UUID, price: PriceGiven, from_on: date, today: date
) -> ServicePrice:
    """The base price for appointments from this day on (D9); the same price changes nothing.

    A price already dated that day (today or later) is corrected. Refuses: RightMissing,
    NotFound, Invalid, PriceInThePast.
    """
    actor.require(Right.EDIT_PRICES)
    found = queries.service(actor, service_id)
    check_price(price, currency=organization_of(actor).currency)
    current = queries.price_on(found, from_on)
    if current is not None and same_price(current, price):
        return current
    if not may_price_from(from_on, today=today, has_price_before=found.prices.exists()):
        raise PriceInThePast()
    made, _is_new = ServicePrice.objects.update_or_create(
        service=found,
        from_on=from_on,
        defaults=asdict(price),
    )
    record(actor, priced(found, current, price, from_on))
    return made


def priced(
    service: Service, current: ServicePrice | None, price: PriceGiven, from_on: date
) -> Happening:
    """Another price, for the journal."""
    before = current.amount if current else None
    facts = {"before": before, "after": price.amount, "from": from_on.isoformat()}
    return happened("price.changed", service, **facts)


def _held(actor: Actor, service_id: UUID) -> Service:
    """The service, for one change at a time; bookings are not kept waiting."""
    found = queries.service(actor, service_id)
    return Service.objects.select_for_update(no_key=True).get(id=found.id)


def same_price(row: ServicePrice, price: PriceGiven) -> bool:
    """Whether a kept price is what is asked for."""
    kept = PriceGiven(row.amount, row.currency, row.vat_rate, row.vat_category)
    return kept == price


def check_service(given: ServiceGiven) -> None:
    """Refuses: Invalid with every fault at its field."""
    _refuse(service_faults(given))


def check_price(price: PriceGiven, *, currency: str) -> None:
    """Refuses: Invalid with every fault at its field."""
    _refuse(price_faults(price, currency=currency))


def _refuse(faults: list[tuple[str, str]]) -> None:
    if faults:
        raise Invalid(*(FieldError(field, code, SENTENCES[code]) for field, code in faults))


def fill(service: Service, given: ServiceGiven) -> None:
    """A description into the row, not saved."""
    service.code = given.code.strip()
    service.name = given.name.strip()
    service.names = {k: v for k, v in given.names.items() if v}
    service.specialty = given.specialty.strip()
    service.duration_minutes = given.duration_minutes
    service.buffer_before_minutes = given.buffer_before_minutes
    service.buffer_after_minutes = given.buffer_after_minutes
    service.preparation = {k: v for k, v in given.preparation.items() if v}
    service.lead_minutes = given.lead_minutes
    service.horizon_days = given.horizon_days
    service.cancel_limit_minutes = given.cancel_limit_minutes
    service.external_codes = list(given.external_codes)


def _save(service: Service) -> None:
    twin = Service.objects.filter(provider_id=service.provider_id, code__iexact=service.code)
    if twin.exclude(id=service.id or 0).exists():
        raise CodeTaken()
    with code_once():
        service.save()


@contextmanager
def code_once() -> Iterator[None]:
    """What the block saves has codes of its own. Refuses: CodeTaken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        if "service_code_once" in str(fault):
            raise CodeTaken() from None
        raise


def next_position(actor: Actor) -> int:
    """Where a new service stands in the list: last."""
    last = queries.services(actor, ended=True).order_by("-position").first()
    return last.position + 1 if last else 1

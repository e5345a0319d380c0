"""Many services at once, as a price list brings them: all or none, always the same few queries."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Lower

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog import queries
from samtime.catalog.commands.lengths import change_lengths, happened, with_length
from samtime.catalog.commands.services import (
    CodeTaken,
    PriceInThePast,
    check_price,
    check_service,
    code_once,
    fill,
    next_position,
    priced,
    same_price,
)
from samtime.catalog.models import Service, ServicePrice
from samtime.catalog.rules import PriceGiven, ServiceGiven, length_of, may_price_from
from samtime.journal.commands import Happening, record_all
from samtime.organizations.queries import organization_of

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class NewService:
    """A service to make, with its first price from a day on (or none)."""

    given: ServiceGiven
    price: PriceGiven | None
    from_on: date


@dataclass(frozen=True, slots=True)
class ChangedService:
    """A service as it is, how it shall be described, and its price from a day on (or as it is)."""

    service: Service
    given: ServiceGiven
    price: PriceGiven | None
    from_on: date


@transaction.atomic
def add_services(*, actor: Actor, wanted: Sequence[NewService]) -> list[Service]:
    """New services with their first prices.

    Refuses: RightMissing, Invalid, CodeTaken; then none is made.
    """
    actor.require(Right.EDIT_CATALOG)
    actor.require(Right.EDIT_PRICES)
    currency, first = organization_of(actor).currency, next_position(actor)
    rows = []
    for number, new in enumerate(wanted):
        check_service(new.given)
        service = Service(provider_id=actor.organization_id, position=first + number)
        fill(service, new.given)
        rows.append(service)
    _save_new(rows)
    prices = [_first_price(s, new, currency) for s, new in zip(rows, wanted, strict=True)]
    ServicePrice.objects.bulk_create([price for price in prices if price is not None])
    record_all(actor, [happened("service.added", s, name=s.name, code=s.code) for s in rows])
    return rows


def _first_price(service: Service, new: NewService, currency: str) -> ServicePrice | None:
    if new.price is None:
        return None
    check_price(new.price, currency=currency)
    return ServicePrice(service=service, from_on=new.from_on, **asdict(new.price))


def _save_new(services: Sequence[Service]) -> None:
    codes = [service.code.lower() for service in services]
    provider_id = services[0].provider_id if services else 0
    kept = Service.objects.filter(provider_id=provider_id).annotate(lower=Lower("code"))
    if len(set(codes)) < len(codes) or kept.filter(lower__in=codes).exists():
        raise CodeTaken()
    with code_once():
        Service.objects.bulk_create(services, batch_size=AT_ONCE)


@transaction.atomic
def change_services(*, actor: Actor, wanted: Sequence[ChangedService], today: date) -> None:
    """What `change_service` and `set_service_price` do for each; codes stay as they are.

    The caller holds the services (`hold_services`). Refuses: RightMissing, Invalid,
    PriceInThePast; then none is changed.
    """
    actor.require(Right.EDIT_CATALOG)
    actor.require(Right.EDIT_PRICES)
    happenings = _describe([w for w in wanted if w.given != queries.given_of(w.service)], today)
    currency = organization_of(actor).currency
    happenings += _price([w for w in wanted if w.price is not None], currency, today)
    record_all(actor, happenings)


def hold_services(actor: Actor) -> None:
    """Nobody else changes the organization's services until this transaction ends. Bookings go on:
    what refers to a service is not kept waiting."""
    rows = Service.objects.filter(provider_id=actor.organization_id).order_by("id")
    list(rows.select_for_update(no_key=True).values_list("id"))


def _describe(wanted: Sequence[ChangedService], today: date) -> list[Happening]:
    for one in wanted:
        check_service(one.given)
        current = queries.length_in(one.service)
        fill(one.service, with_length(one.given, current))
    happenings = change_lengths([(w.service, length_of(w.given)) for w in wanted], today=today)
    kept = ("id", "public_id", "provider", "code", "position")
    names = [f.name for f in Service._meta.concrete_fields if f.name not in kept]
    Service.objects.bulk_create(
        [one.service for one in wanted],
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=names,
    )
    return happenings + [happened("service.changed", one.service) for one in wanted]


def _price(wanted: Sequence[ChangedService], currency: str, today: date) -> list[Happening]:
    histories = queries.price_histories([one.service for one in wanted])
    rows, happenings = [], []
    for one in wanted:
        assert one.price is not None
        check_price(one.price, currency=currency)
        history = histories.get(one.service.id, [])
        current = queries.price_in(history, one.from_on)
        if current is not None and same_price(current, one.price):
            continue
        if not may_price_from(one.from_on, today=today, has_price_before=bool(history)):
            raise PriceInThePast()
        rows.append(ServicePrice(service=one.service, from_on=one.from_on, **asdict(one.price)))
        happenings.append(priced(one.service, current, one.price, one.from_on))
    ServicePrice.objects.bulk_create(
        rows,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["service", "from_on"],
        update_fields=["amount", "currency", "vat_rate", "vat_category"],
    )
    return happenings

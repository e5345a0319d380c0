"""Questions about services and their base prices."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.catalog.models import Service, ServiceLength, ServicePrice
from samtime.catalog.rules import BEGINNING, Length, ServiceGiven
from samtime.foundation.errors import NotFound


def services(actor: Actor, *, ended: bool = False) -> "QuerySet[Service]":
    """The organization's own services in their order; ended ones only when asked for."""
    rows = Service.objects.filter(provider_id=actor.organization_id)
    if not ended:
        rows = rows.filter(ended_on=None)
    return rows.order_by("position", "name", "id")


def service(actor: Actor, public_id: UUID) -> Service:
    """One of the organization's services. Refuses: NotFound."""
    found = Service.objects.filter(provider_id=actor.organization_id, public_id=public_id).first()
    if found is None:
        raise NotFound(field="service")
    return found


def service_by_code(actor: Actor, code: str) -> Service | None:
    """The service of this code, whatever its case; ended ones too."""
    return Service.objects.filter(
        provider_id=actor.organization_id, code__iexact=code.strip()
    ).first()


def price_on(found: Service, day: date) -> ServicePrice | None:
    """The base price that counts for an appointment on this day (D9)."""
    return found.prices.filter(from_on__lte=day).order_by("-from_on").first()


def prices_on(actor: Actor, day: date) -> dict[int, ServicePrice]:
    """Base prices on a day by internal service id. One query."""
    rows = ServicePrice.objects.filter(
        Q(service__provider_id=actor.organization_id), from_on__lte=day
    )
    return {p.service_id: p for p in rows.order_by("service_id", "from_on")}


def price_history(found: Service) -> list[ServicePrice]:
    """All base prices, the newest first."""
    return list(found.prices.order_by("-from_on"))


def price_histories(found: Iterable[Service]) -> dict[int, list[ServicePrice]]:
    """All base prices of these by internal service id, the oldest first. One query."""
    histories: dict[int, list[ServicePrice]] = {}
    for price in ServicePrice.objects.filter(service__in=found).order_by("from_on"):
        histories.setdefault(price.service_id, []).append(price)
    return histories


def price_in(history: Sequence[ServicePrice], day: date) -> ServicePrice | None:
    """The price of a history, the oldest first, that counts on this day."""
    return next((price for price in reversed(history) if price.from_on <= day), None)


def length_on(found: Service, day: date) -> Length:
    """Duration and buffers of an appointment on this day (D9). A query only where dated."""
    return lengths_on([found], day)[found.id]


def lengths_on(found: Sequence[Service], day: date) -> dict[int, Length]:
    """The same of many by internal service id. One query, and only where some are dated."""
    held = {service.id: length_in(service) for service in found}
    dated = [service.id for service in found if service.lengths_dated]
    if dated:
        rows = ServiceLength.objects.filter(service_id__in=dated, from_on__lte=day)
        held |= {row.service_id: length_in(row) for row in rows.order_by("from_on")}
    return held


def length_since(found: Service, day: date) -> date | None:
    """Since when the length of this day holds; None where it always did. A query where dated."""
    if not found.lengths_dated:
        return None
    rows = found.lengths.filter(from_on__lte=day, from_on__gt=BEGINNING)
    return rows.order_by("-from_on").values_list("from_on", flat=True).first()


def length_in(row: Service | ServiceLength) -> Length:
    """What a row's own columns say."""
    return Length(row.duration_minutes, row.buffer_before_minutes, row.buffer_after_minutes)


def lengths_to_come(found: Service, today: date) -> list[ServiceLength]:
    """Lengths that begin after today, the next first."""
    return list(found.lengths.filter(from_on__gt=today).order_by("from_on"))


def description_mark(found: Service) -> str:
    """Changes with every change of a service's description or dated lengths."""
    lengths = found.lengths.order_by("from_on").values_list()
    return hashlib.sha256(repr([given_of(found), *lengths]).encode()).hexdigest()[:16]


def given_of(found: Service) -> ServiceGiven:
    """A service as it would be described now; the start of every change."""
    return ServiceGiven(
        code=found.code,
        name=found.name,
        duration_minutes=found.duration_minutes,
        names=dict(found.names),
        specialty=found.specialty,
        buffer_before_minutes=found.buffer_before_minutes,
        buffer_after_minutes=found.buffer_after_minutes,
        preparation=dict(found.preparation),
        lead_minutes=found.lead_minutes,
        horizon_days=found.horizon_days,
        cancel_limit_minutes=found.cancel_limit_minutes,
        external_codes=tuple(found.external_codes),
    )

"""Duration and buffers of a service from a day on (D9); what is booked keeps its times."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog import queries
from samtime.catalog.models import Service, ServiceLength
from samtime.catalog.rules import BEGINNING, Length, ServiceGiven
from samtime.foundation.errors import NotFound, Refusal
from samtime.journal.commands import Happening, record

COLUMNS = ["duration_minutes", "buffer_before_minutes", "buffer_after_minutes"]


class LengthInThePast(Refusal):
    """Lengths of days gone by stand."""

    code = "length_in_the_past"
    status = 422
    field = "from"
    sentence = _("A duration can change from today on, not for days that have passed.")


def with_length(given: ServiceGiven, length: Length) -> ServiceGiven:
    """A description with another length."""
    return replace(
        given,
        duration_minutes=length.duration,
        buffer_before_minutes=length.before,
        buffer_after_minutes=length.after,
    )


def change_length(
    actor: Actor, service: Service, wanted: Length, *, from_on: date, today: date
) -> bool:
    """Date a length; False where it holds on that day anyway. The caller's command judged the right
    and the numbers. Refuses: LengthInThePast.
    """
    before = queries.length_on(service, from_on)
    if wanted == before:
        return False
    if from_on < today:
        raise LengthInThePast()
    dated = service.lengths_dated
    _save(_dated(service, before, wanted, from_on))
    if not dated:
        service.save(update_fields=["lengths_dated"])
    if from_on <= today and _follow(service, wanted):
        service.save(update_fields=COLUMNS)
    record(actor, _lengthened(service, before, wanted, from_on))
    return True


def change_lengths(wanted: Sequence[tuple[Service, Length]], *, today: date) -> list[Happening]:
    """Many lengths from today on, also in the services' own columns, which the caller saves.

    Answers what happened, for the journal. Two statements, however many.
    """
    held = queries.lengths_on([service for service, _length in wanted], today)
    rows: list[ServiceLength] = []
    found = []
    for service, length in wanted:
        before = held[service.id]
        if length != before:
            rows += _dated(service, before, length, today)
            _follow(service, length)
            found.append(_lengthened(service, before, length, today))
    _save(rows)
    return found


@transaction.atomic
def drop_length(*, actor: Actor, service_id: UUID, from_on: date, today: date) -> Service:
    """A length to come does not come. Refuses: RightMissing, NotFound, LengthInThePast."""
    actor.require(Right.EDIT_CATALOG)
    service = queries.service(actor, service_id)
    if from_on <= today:
        raise LengthInThePast()
    gone = service.lengths.filter(from_on=from_on).first()
    if gone is None:
        raise NotFound(field="from")
    gone.delete()
    held = queries.length_on(service, from_on)
    dropped = _lengthened(service, queries.length_in(gone), held, from_on)
    record(actor, replace(dropped, data={**dropped.data, "dropped": True}))
    return service


@transaction.atomic
def follow_lengths(*, actor: Actor, today: date) -> int:
    """The services' own columns say what holds today; answers how many changed. For the sweep.

    Searches and bookings read the dated rows and never wait for this. Refuses: RightMissing.
    """
    actor.require(Right.EDIT_CATALOG)
    changed = 0
    rows = Service.objects.filter(provider_id=actor.organization_id, lengths_dated=True)
    for service in rows.select_for_update():
        if _follow(service, queries.length_on(service, today)):
            service.save(update_fields=COLUMNS)
            changed += 1
    return changed


def _dated(
    service: Service, before: Length, wanted: Length, from_on: date
) -> Iterator[ServiceLength]:
    """The rows that date a length; the first ever also says what held until then."""
    if not service.lengths_dated:
        service.lengths_dated = True
        yield _row(service, BEGINNING, before)
    yield _row(service, from_on, wanted)


def _row(service: Service, from_on: date, length: Length) -> ServiceLength:
    row = ServiceLength(service=service, from_on=from_on)
    _fill(row, length)
    return row


def _save(rows: Iterable[ServiceLength]) -> None:
    ServiceLength.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["service", "from_on"],
        update_fields=COLUMNS,
    )


def _follow(service: Service, length: Length) -> bool:
    """The service's own columns say it; whether they said something else before. Not saved."""
    if queries.length_in(service) == length:
        return False
    _fill(service, length)
    return True


def _fill(row: Service | ServiceLength, length: Length) -> None:
    row.duration_minutes = length.duration
    row.buffer_before_minutes = length.before
    row.buffer_after_minutes = length.after


def _lengthened(service: Service, before: Length, after: Length, from_on: date) -> Happening:
    facts = {"before": before.duration, "after": after.duration, "from": from_on.isoformat()}
    return happened("duration.changed", service, **facts)


def happened(kind: str, service: Service, **data: object) -> Happening:
    """What happened to a service, for the journal."""
    return Happening(
        kind=kind,
        object_kind="service",
        object_id=service.public_id,
        organization_id=service.provider_id,
        data=data,
    )

"""Duration and buffers of a service from a day on (D9); what is booked keeps its times."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog import queries
from samtime.catalog.models import Service, ServiceLength
from samtime.catalog.rules import Length, ServiceGiven
from samtime.foundation.errors import NotFound, Refusal
from samtime.journal.commands import Happening, record

BEGINNING = date(2000, 1, 1)


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
    if not service.lengths_dated:
        _keep(service, BEGINNING, before)
        service.lengths_dated = True
        service.save(update_fields=["lengths_dated"])
    _keep(service, from_on, wanted)
    if from_on <= today:
        _follow(service, wanted)
    data = {"before": before.duration, "after": wanted.duration, "from": from_on.isoformat()}
    _note(actor, service, "duration.changed", **data)
    return True


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
    data = {
        "before": gone.duration_minutes,
        "after": held.duration,
        "from": from_on.isoformat(),
        "dropped": True,
    }
    _note(actor, service, "duration.changed", **data)
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
        held = queries.length_on(service, today)
        changed += _follow(service, held)
    return changed


def _keep(service: Service, from_on: date, length: Length) -> None:
    ServiceLength.objects.update_or_create(
        service=service,
        from_on=from_on,
        defaults={
            "duration_minutes": length.duration,
            "buffer_before_minutes": length.before,
            "buffer_after_minutes": length.after,
        },
    )


def _follow(service: Service, length: Length) -> bool:
    held = Length(
        service.duration_minutes, service.buffer_before_minutes, service.buffer_after_minutes
    )
    if held == length:
        return False
    service.duration_minutes = length.duration
    service.buffer_before_minutes = length.before
    service.buffer_after_minutes = length.after
    service.save(
        update_fields=["duration_minutes", "buffer_before_minutes", "buffer_after_minutes"]
    )
    return True


def _note(actor: Actor, service: Service, kind: str, **data: object) -> None:
    happening = Happening(
        kind=kind,
        object_kind="service",
        object_id=service.public_id,
        organization_id=actor.organization_id,
        data=dict(data),
    )
    record(actor, happening)

"""What the desk wants to know of patients beside their names: last visit, year of birth."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.patients.models import Patient
from samtime.patients.queries.own import limited, sees_own_only


def last_visits(actor: Actor, patient_ids: Sequence[int], *, now: datetime) -> dict[int, datetime]:
    """The start of each patient's last visit that was not cancelled or missed. One query."""
    actor.require(Right.SEE_PATIENTS)
    rows = Booking.objects.visible_to(actor).filter(
        provider_id=actor.organization_id, patient_id__in=list(patient_ids), starts_at__lt=now
    )
    if sees_own_only(actor):
        rows = rows.filter(practitioner_id=actor.practitioner_id or 0)
    rows = rows.exclude(state__in=["cancelled", "noshow"])
    return dict(rows.values_list("patient_id").annotate(last=Max("starts_at")))


def birth_years(actor: Actor, patient_ids: Sequence[int]) -> dict[int, int]:
    """Years of birth of the organization's own patients, where they are known. One query.

    The door that shows them logs the reading.
    """
    actor.require_any(Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
    rows = Patient.objects.filter(
        provider_id=actor.organization_id, id__in=list(patient_ids), birth_date__isnull=False
    )
    born_of = limited(actor, rows).values_list("id", "birth_date")
    return {ident: born.year for ident, born in born_of if born}

"""Notice: either side says on which day the cooperation ends, and what becomes of bookings then.

Until that day has passed everything goes on; the end itself is `end_partnership`, by a job.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.foundation.periods import local_day
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.organizations.queries import home_zone
from samtime.partners.commands.ending import (
    OWN_DESK,
    end_faults,
    end_partnership,
    mail_other_side,
)
from samtime.partners.commands.inviting import NotPossibleInState, move, note
from samtime.partners.models import Partnership

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Notice:
    """The last day of the cooperation, at the institution, what follows for bookings after, and
    what the other side is told along with it."""

    ends_on: date | None
    future_bookings: str = "honour"
    message: str = ""


@transaction.atomic
def give_notice(*, actor: Actor, partnership_id: UUID, notice: Notice) -> Partnership:
    """The cooperation ends after a day; the other side finds it in its inbox (P28).

    Refuses: RightMissing, NotFound, NotPossibleInState, Invalid (day, choice).
    """
    actor.require_any(Right.ACCEPT_TERMS, Right.INVITE_PARTNER)
    found = _mine(actor, partnership_id)
    if found.state != "active":
        raise NotPossibleInState()
    by_provider = found.provider_id == actor.organization_id
    today = local_day(timezone.now(), home_zone(system_actor(found.provider_id)))
    _check(notice, today, by_provider=by_provider)
    found.ends_on, found.bookings_at_end = notice.ends_on, notice.future_bookings
    found.notice_by = "provider" if by_provider else "partner"
    found.end_message = notice.message.strip()
    move(found, "notice_given")
    other = found.partner_id if by_provider else found.provider_id
    with viewing_as(other or found.provider_id):
        raise_item(
            system_actor(other or found.provider_id),
            kind="notice_given",
            object_kind="partnership",
            object_id=found.public_id,
            facts={
                "name": found.provider.name if by_provider else found.company_name,
                "day": str(notice.ends_on),
                "future": notice.future_bookings,
            },
            link=f"{'partner/agreements' if by_provider else 'partners'}/?open={found.public_id}",
            due_at=None,
        )
    message = found.end_message
    mail_other_side(actor, found, "partnership_notice", notice.future_bookings, message)
    facts = {"ends_on": str(notice.ends_on), "message": bool(message)}
    note(actor, found, "partnership.notice_given", **facts)
    return found


@transaction.atomic
def take_back_notice(*, actor: Actor, partnership_id: UUID) -> Partnership:
    """Whoever gave notice takes it back before the day. Refuses: NotFound, NotPossibleInState."""
    actor.require_any(Right.ACCEPT_TERMS, Right.INVITE_PARTNER)
    found = _mine(actor, partnership_id)
    mine = "provider" if found.provider_id == actor.organization_id else "partner"
    if found.state != "notice_given" or found.notice_by != mine:
        raise NotPossibleInState()
    found.ends_on, found.notice_by, found.bookings_at_end = None, "", "honour"
    found.end_message = ""
    move(found, "active")
    _close_item(found)
    note(actor, found, "partnership.notice_taken_back")
    return found


@transaction.atomic
def end_noticed(*, actor: Actor, now: datetime) -> int:
    """End what was under notice until yesterday, as its notice said; how many. Run by a job."""
    actor.require(Right.INVITE_PARTNER)
    today = local_day(now, home_zone(actor))
    rows = Partnership.objects.visible_to(actor).filter(
        provider_id=actor.organization_id, state="notice_given", ends_on__lt=today
    )
    due = list(rows.order_by("id"))
    for found in due:
        _close_item(found)
        end_partnership(
            actor=actor, partnership_id=found.public_id, future_bookings=found.bookings_at_end
        )
    return len(due)


def _check(notice: Notice, today: date, *, by_provider: bool) -> None:
    """Whether its own desk takes them over is the institution's to say, not the partner's."""
    faults = []
    if notice.ends_on is None or not today <= notice.ends_on <= today + LONGEST:
        sentence = _("Choose a day from today on, at most a year ahead.")
        faults.append(FieldError("ends_on", "date", sentence))
    own_desk = notice.future_bookings == OWN_DESK and not by_provider
    faults += end_faults("" if own_desk else notice.future_bookings, notice.message)
    if faults:
        raise Invalid(*faults)


def _mine(actor: Actor, public_id: UUID) -> Partnership:
    rows: QuerySet[Partnership] = Partnership.objects.visible_to(actor)
    locked = rows.filter(public_id=public_id).select_for_update(of=("self",))
    found = locked.select_related("channel", "provider").first()
    if found is None:
        raise NotFound()
    own_right = Right.INVITE_PARTNER if found.provider_id == actor.organization_id else None
    actor.require(own_right or Right.ACCEPT_TERMS)
    return found


def _close_item(found: Partnership) -> None:
    for side in filter(None, (found.provider_id, found.partner_id)):
        with viewing_as(side):
            resolve_by_cause(
                organization_id=side,
                kind="notice_given",
                object_id=found.public_id,
                now=timezone.now(),
            )

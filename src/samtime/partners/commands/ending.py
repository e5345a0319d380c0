"""The end of a cooperation: what becomes of bookings, who is told, and the message with it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.commands.own_desk import move_to_own_desk
from samtime.bookings.models import Booking
from samtime.channels.commands import close_channel
from samtime.foundation.errors import FieldError
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.mailbox.commands import Writing, send_mail
from samtime.mailbox.rules import day_written
from samtime.organizations.queries.terms import people_who_may
from samtime.partners.commands.checks import refuse
from samtime.partners.commands.inviting import NotPossibleInState, move, note, today_of
from samtime.partners.models import Partnership
from samtime.partners.queries import future_bookings_of, partnership_for_change

LONGEST_MESSAGE = 1000
# What becomes of bookings to come: they stay the partner's, go to the own desk, or are cancelled.
HONOUR, OWN_DESK, CANCEL = "honour", "desk", "cancel"


@transaction.atomic
def end_partnership(
    *, actor: Actor, partnership_id: UUID, future_bookings: str, message: str = ""
) -> Partnership:
    """The end, at once (P28, P9). Bookings made are honoured, go to the own desk, or are cancelled
    one by one; the partner gets a letter, with the message where one was written.

    Refuses: RightMissing, NotFound, NotPossibleInState, Invalid (choice, message).
    """
    actor.require(Right.INVITE_PARTNER)
    refuse(end_faults(future_bookings, message))
    partnership = partnership_for_change(actor, partnership_id)
    if partnership.state not in ("active", "suspended", "notice_given"):
        raise NotPossibleInState()
    partnership.ended_at, partnership.ends_on = timezone.now(), today_of(actor)
    partnership.end_message = message.strip() or partnership.end_message
    move(partnership, "ended")
    close_channel(actor=actor, channel=partnership.channel)
    future = list(future_bookings_of(actor, partnership))
    _settle(actor, future, future_bookings)
    _tell_partner_of_end(partnership, future_bookings, len(future))
    mail_other_side(actor, partnership, "partnership_ended", future_bookings, message.strip())
    note(
        actor,
        partnership,
        "partnership.ended",
        future_bookings=future_bookings,
        count=len(future),
        message=bool(message.strip()),
    )
    return partnership


def _settle(actor: Actor, future: list[Booking], choice: str) -> None:
    """Each booking to come, by the choice; what is honoured stays untouched."""
    now, reason = timezone.now(), str(_("The cooperation has ended."))
    for booking in future:
        if choice == CANCEL:
            cancel_booking(actor=actor, booking=booking.public_id, reason=reason, now=now)
        elif choice == OWN_DESK:
            move_to_own_desk(actor=actor, booking=booking.public_id, now=now)


def end_faults(future_bookings: str, message: str) -> list[FieldError]:
    """What is wrong with the answers to the question before an end."""
    faults = []
    if future_bookings not in (HONOUR, OWN_DESK, CANCEL):
        sentence = _("Say what happens to the bookings that are still to come.")
        faults.append(FieldError("future_bookings", "invalid", sentence))
    if len(message) > LONGEST_MESSAGE:
        faults.append(FieldError("message", "too_long", _("At most 1,000 characters.")))
    return faults


def mail_other_side(
    actor: Actor, partnership: Partnership, template: str, future: str, message: str
) -> None:
    """A letter to everybody of the other side who answers for agreements, and to the partner's
    contact person, each in his language."""
    by_provider = partnership.provider_id == actor.organization_id
    other = partnership.partner_id if by_provider else partnership.provider_id
    if other is None:
        return
    right = Right.ACCEPT_TERMS if by_provider else Right.INVITE_PARTNER
    people = {u.email: (u.name, u.language) for u in people_who_may(other, right)}
    if by_provider:
        usual = next((language for _name, language in people.values()), "en")
        contact = (partnership.representative_name, usual)
        people.setdefault(partnership.representative_email, contact)
    for email, (name, language) in people.items():
        writing = Writing(
            template=template,
            recipient=email,
            language=language,
            about_kind="partnership",
            about_id=partnership.public_id,
            context=_facts(partnership, by_provider, language, future, message) | {"name": name},
        )
        send_mail(actor=actor, writing=writing)


def _facts(
    partnership: Partnership, by_provider: bool, language: str, future: str, message: str
) -> dict[str, Any]:
    provider, partner = partnership.provider, partnership.partner
    own = f"/o/{partner.slug}/partner/agreements/" if partner else "/"
    path = own if by_provider else f"/o/{provider.slug}/partners/"
    return {
        "other": provider.name if by_provider else partnership.company_name,
        "day": day_written(partnership.ends_on, language),
        "future": future,
        "message": message,
        "link": f"{settings.BASE_URL}{path}?open={partnership.public_id}",
    }


def _tell_partner_of_end(partnership: Partnership, future_bookings: str, count: int) -> None:
    """What waited about the cooperation is settled on both sides; the partner reads of the end."""
    now = timezone.now()
    sides = [
        (partnership.provider_id, "wider_access_asked", partnership.public_id),
        (partnership.provider_id, "notice_given", partnership.public_id),
        (partnership.provider_id, "partner_terms_overdue", partnership.channel.public_id),
        (partnership.partner_id, "notice_given", partnership.public_id),
    ]
    for side, kind, ident in sides:
        if side:
            with viewing_as(side):
                resolve_by_cause(organization_id=side, kind=kind, object_id=ident, now=now)
    if partnership.partner_id is None:
        return
    with viewing_as(partnership.partner_id):
        raise_item(
            system_actor(partnership.partner_id),
            kind="partnership_ended",
            object_kind="partnership",
            object_id=partnership.public_id,
            facts={
                "name": partnership.provider.name,
                "count": count,
                "future": future_bookings,
            },
            link=f"partner/agreements/?open={partnership.public_id}",
        )

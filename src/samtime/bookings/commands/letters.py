"""Letters to patients about their appointments, in their language, with a calendar file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import judge_outsider
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import one_booking
from samtime.bookings.queries.patient_link import LINK
from samtime.bookings.rules import MOVABLE, shown_reference
from samtime.foundation.errors import RateLimited, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import zone_town
from samtime.inbox.commands import raise_item
from samtime.journal.commands import Happening, record
from samtime.journal.queries import count_since
from samtime.mailbox.calendar_file import Appointment, calendar_file
from samtime.mailbox.commands import Attachment, Writing, send_mail
from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.rules import money_written, weekday_written
from samtime.organizations.models import Location
from samtime.patients.queries.records import told_beside

OFFERED = ("en", "nb", "ro", "hu")
RESENDS_AN_HOUR = 3


RESENT = "booking.confirmation_wanted"
LINK_AFTER = timedelta(days=1)
LINK_AGAIN = timedelta(days=2)


class NoLetterPossible(Refusal):
    """There is nothing to confirm, or no address to write to."""

    code = "no_letter"
    status = 409
    sentence = _lazy("No letter can be sent: no e-mail address, or the appointment is over.")


def tell_patient(*, actor: Actor, booking_id: UUID, template: str) -> OutgoingMail | None:
    """Send one letter about a booking; None when nobody wants or can receive it.

    The viewer must be the provider. Saying the same thing twice is the caller's to avoid.
    """
    actor.require(Right.BOOK)
    booking = (
        Booking.objects.select_related(
            "service", "practitioner", "location", "provider", "patient", "channel"
        )
        .filter(public_id=booking_id)
        .first()
    )
    if booking is None or not booking.notify:
        return None
    sent = [
        send_mail(actor=actor, writing=_writing(booking, template, reader, is_first=n == 0))
        for n, reader in enumerate(_readers(actor, booking, template))
    ]
    if not sent:
        return None
    Booking.objects.filter(id=booking.id).update(letter_state=sent[0].state)
    return sent[0]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a letter: the patient, or somebody beside him who is told (then with his name).

    `acts`: the letter has the link by which the visit is confirmed, moved or cancelled.
    """

    email: str
    name: str = ""
    acts: bool = True


def _readers(actor: Actor, booking: Booking, template: str) -> list[Reader]:
    """The patient first; then everybody who is told what he is told, each address once.

    A guardian acts for the patient; an employer or payer only reads. A new link goes to the
    patient alone: it was asked for at his address.
    """
    own = booking.patient_as_given.get("email") or booking.patient.email
    found = [Reader(own)] if own else []
    if template == "booking_link":
        return found
    for contact in told_beside(actor, booking.patient):
        if contact.email.casefold() not in {reader.email.casefold() for reader in found}:
            found.append(Reader(contact.email, contact.name, contact.kind == "guardian"))
    return found


def _writing(booking: Booking, template: str, reader: Reader, *, is_first: bool) -> Writing:
    """One letter. What becomes of the first one stands on the booking, of a copy in the inbox."""
    language = booking.language if booking.language in OFFERED else "en"
    with translation.override(language):
        link = _link(booking, reader.email) if reader.acts else ""
        return Writing(
            template=template,
            recipient=reader.email,
            language=language,
            about_kind="booking" if is_first else "booking_copy",
            about_id=booking.public_id,
            context={**_context(booking, language), "path": link, "reader": reader.name},
            attachments=_files(booking, reader.email, template),
        )


@transaction.atomic
def resend_confirmation(*, actor: Actor, booking: UUID, now: datetime) -> Booking:
    """Ask for the confirmation letter once more; it leaves in the provider's name.

    Refuses: NotFound, NoLetterPossible (not booked any more, or no e-mail), RateLimited (3 an
    hour), ChannelInactive and AtOwnDesk (outsiders who only read).
    """
    actor.require(Right.CHANGE_BOOKING)
    found = one_booking(actor, booking)
    judge_outsider(actor, found)
    if found.state not in MOVABLE or not found.patient_as_given.get("email"):
        raise NoLetterPossible()
    if count_since(actor, found.public_id, RESENT, now - timedelta(hours=1)) >= RESENDS_AN_HOUR:
        raise RateLimited(retry_after=3600)
    happening = Happening(
        kind=RESENT,
        object_kind="booking",
        object_id=found.public_id,
        organization_id=found.provider_id,
        other_id=found.booker_id if found.booker_id != found.provider_id else None,
        channel_id=found.channel_id,
    )
    record(actor, happening)
    return found


@transaction.atomic
def note_letter(*, actor: Actor, booking_id: UUID, state: str) -> None:
    """What became of the letter about a booking. The viewer must be the provider."""
    actor.require(Right.BOOK)
    Booking.objects.filter(public_id=booking_id).update(letter_state=state)


def _link(booking: Booking, email: str) -> str:
    """A new link of the patient's own, until a day after the visit; older ones live as long."""
    until = max(booking.ends_at + LINK_AFTER, timezone.now() + LINK_AGAIN)
    tokens.prolong(LINK, booking.public_id, until)
    secret = tokens.make_token(
        kind=LINK,
        organization_id=booking.provider_id,
        object_id=booking.public_id,
        email=email,
        lifetime=until - timezone.now(),
    )
    return f"/b/{secret}"


def _files(booking: Booking, email: str, template: str) -> tuple[Attachment, ...]:
    if template == "booking_link":
        return ()
    cancelled = template == "booking_cancelled"
    said = appointment_of(booking, email=email, method="CANCEL" if cancelled else "REQUEST")
    return (Attachment("appointment.ics", f"text/calendar; method={said.method}", said.text),)


def _context(booking: Booking, language: str) -> dict[str, Any]:
    place = booking.location
    local = booking.starts_at.astimezone(ZoneInfo(place.time_zone))
    given = booking.patient_as_given
    return {
        "name": given.get("given_name") or booking.patient.given_name,
        "day": weekday_written(local.date(), language),
        "time": f"{local:%H:%M}",
        "zone": zone_town(place.time_zone, language),
        "place": f"{booking.provider.name}, {place.name}",
        "practitioner": str(booking.practitioner),
        "address": address_of(place),
        "price": money_written(Money(booking.price_amount, booking.currency), language),
        "payment": payment_words(booking),
        "reference": shown_reference(booking.reference),
        "preparation": booking.service.preparation_in(language),
        "phone": place.phone or booking.provider.phone,
    }


def address_of(place: Location) -> str:
    """A place as one line of text."""
    town = " ".join(filter(None, (place.postal_code, place.city)))
    return ", ".join(filter(None, (place.name, place.street, town)))


def payment_words(booking: Booking) -> str:
    """Where the patient pays, as a sentence in the active language."""
    if booking.payment_state == "paid_at_partner":
        return _("You pay to %(name)s.") % {"name": booking.channel.name}
    return _("You pay at the visit.") if booking.price_amount else ""


@transaction.atomic
def letter_failed(
    *, actor: Actor, booking_id: UUID, detail: str, kind: str = "letter_failed"
) -> None:
    """A letter that will not arrive waits for somebody who calls the client instead (P30).

    `kind`: `copy_failed` for one to somebody beside the client.
    """
    actor.require(Right.BOOK)
    booking = Booking.objects.filter(public_id=booking_id).first()
    if booking is None:
        return
    raise_item(
        actor,
        kind=kind,
        object_kind="booking",
        object_id=booking_id,
        facts={"reference": shown_reference(booking.reference), "detail": detail},
        link=f"bookings/{booking_id}/",
        due_at=booking.starts_at,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """A calendar file and its method: the mail's part must name the same one (RFC 6047 2.4)."""

    method: str
    text: str


def appointment_of(booking: Booking, *, email: str, method: str) -> Said:
    """The booking as a calendar file; without a service's name, which could tell a diagnosis."""
    place = booking.location
    text = calendar_file(
        Appointment(
            uid=str(booking.public_id),
            sequence=booking.sequence,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            summary=_("Appointment at %(place)s") % {"place": booking.provider.name},
            location=address_of(place),
            description=shown_reference(booking.reference),
            organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
            organizer_name=booking.provider.name,
            attendee=email,
            stamped_at=timezone.now(),
            method=method,
        )
    )
    return Said(method, text)

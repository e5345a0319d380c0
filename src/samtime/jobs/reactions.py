"""What follows from what: the one table «journal kind -> reactions».

Every reaction may run twice and must do its work once. It runs as the entry's organization.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.bookings.commands.call_back_owners import leave_call_backs
from samtime.bookings.commands.letters import letter_failed, note_letter, tell_patient
from samtime.bookings.commands.own_desk import call_client
from samtime.bookings.commands.partner_notice import ToldAgent, tell_partner, write_to_agent
from samtime.bookings.queries.clients import patient_of_booking
from samtime.channels.commands.length_notice import tell_of_length
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.jobs.imports import work_on_import
from samtime.journal.models import JournalEntry
from samtime.mailbox.queries import mails_about
from samtime.organizations.commands.terms import ask_to_accept
from samtime.organizations.commands.users import note_user_delivery
from samtime.partners.commands import note_delivery
from samtime.patients.commands.merging import propose_duplicates

Reaction = Callable[[Actor, JournalEntry], None]
# What a letter is about -> the item that waits when it does not arrive.
FAILED = {"booking": "letter_failed", "booking_copy": "copy_failed"}
# Where the address of what a mail was about is corrected, below the organization.
PLACES = {"partnership": "partners/?open={}", "statement": "statements/{}/"}
TIME_TO_CALL = timedelta(days=1)


def letter(template: str) -> Reaction:
    """A letter to the booking's patient, once per version of the booking."""

    def react(actor: Actor, entry: JournalEntry) -> None:
        if entry.data.get("tell") is False:
            return
        sent = mails_about(actor, entry.object_id).filter(template=template)
        if sent.filter(created_at__gte=entry.at).exists():
            return
        tell_patient(actor=actor, booking_id=entry.object_id, template=template)

    return react


def told_by_us(template: str, why: str) -> Reaction:
    """What the institution decides reaches the patient: by letter, else somebody calls him."""
    write = letter(template)

    def react(actor: Actor, entry: JournalEntry) -> None:
        write(actor, entry)
        ours = entry.actor_organization_id == entry.organization_id and entry.actor_kind != "link"
        if not ours or "tell" in entry.data or entry.data.get("by", "provider") != "provider":
            return
        letters = mails_about(actor, entry.object_id).filter(template=template)
        if not letters.filter(created_at__gte=entry.at).exists():
            call_client(
                actor=actor,
                booking_id=entry.object_id,
                why=why,
                since=entry.at,
                owner_id=entry.user_id,
            )

    return react


def mail_in_inbox(actor: Actor, entry: JournalEntry) -> None:
    """A mail that will not arrive waits for somebody who calls instead."""
    about = str(entry.data["about_kind"])
    if about in ("invitation", "user_invitation", "partner_booking"):
        return  # each has its own place; what a partner's agent missed stands in its inbox already
    if about in FAILED:
        letter_failed(
            actor=actor,
            booking_id=UUID(str(entry.data["about_id"])),
            detail=str(entry.data["detail"]),
            kind=FAILED[about],
        )
        return
    ident = UUID(str(entry.data["about_id"]))
    mail = mails_about(actor, ident).filter(public_id=entry.object_id).first()
    raise_item(
        actor,
        kind="mail_failed",
        object_kind=about,
        object_id=ident,
        facts={"name": mail.recipient if mail else "–", "detail": str(entry.data["detail"])},
        link=PLACES.get(about, "").format(ident),
        due_at=entry.at + TIME_TO_CALL,
    )


def delivery_of_invitation(actor: Actor, entry: JournalEntry) -> None:
    """What became of an invitation's mail stands on the invitation (P22, P30)."""
    if entry.data["about_kind"] != "invitation":
        return
    note_delivery(
        actor=actor,
        invitation_id=UUID(str(entry.data["about_id"])),
        state=entry.kind.removeprefix("mail."),
        detail=str(entry.data["detail"]),
    )


def delivery_of_letter(actor: Actor, entry: JournalEntry) -> None:
    """What became of a patient's letter stands on the booking, for both sides."""
    if entry.data["about_kind"] == "booking":
        note_letter(
            actor=actor,
            booking_id=UUID(str(entry.data["about_id"])),
            state=entry.kind.removeprefix("mail."),
        )
    if entry.kind == "mail.sent" and entry.data["about_kind"] in FAILED:
        resolve_by_cause(
            organization_id=entry.organization_id,
            kind=FAILED[entry.data["about_kind"]],
            object_id=UUID(str(entry.data["about_id"])),
            now=entry.at,
        )


def delivery_of_user_invitation(actor: Actor, entry: JournalEntry) -> None:
    """What became of the mail that gives somebody access (P34)."""
    if entry.data["about_kind"] != "user_invitation":
        return
    note_user_delivery(
        actor=actor,
        invitation_id=UUID(str(entry.data["about_id"])),
        state=entry.kind.removeprefix("mail."),
        detail=str(entry.data["detail"]),
    )


def has_a_place_again(actor: Actor, entry: JournalEntry) -> None:
    """A booking that was stranded has moved or is gone: nothing waits for anybody."""
    resolve_by_cause(
        organization_id=entry.organization_id,
        kind="booking_stranded",
        object_id=entry.object_id,
        now=entry.at,
    )


def partner_told(act: str) -> Reaction:
    """Institution or client changed what a partner booked: his inbox and a mail say so (R7)."""

    def react(actor: Actor, entry: JournalEntry) -> None:
        if not entry.other_id or entry.actor_organization_id != entry.organization_id:
            return
        by = "client" if entry.actor_kind == "link" else "institution"
        kind = f"booking_{act}_by_{by}"
        if tell_partner(actor=actor, booking_id=entry.object_id, kind=kind):
            write_to_agent(
                actor=actor,
                booking_id=entry.object_id,
                told=ToldAgent(
                    act, by, entry.at, _instant(entry.data.get("before")), "tell" not in entry.data
                ),
            )

    return react


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def ask_for_terms(actor: Actor, entry: JournalEntry) -> None:
    """A new version asks everybody who accepted an older one (P24)."""
    ask_to_accept(actor=actor, publication_id=entry.object_id)


def length_told(actor: Actor, entry: JournalEntry) -> None:
    """Another duration reaches every outside channel by itself (G15)."""
    if "from" in entry.data:
        own = entry.object_kind == "offering"
        tell_of_length(
            actor=actor,
            service_id=UUID(str(entry.data["service"])) if own else entry.object_id,
            offering_id=entry.object_id if own else None,
            minutes=int(entry.data["after"]),
            from_on=date.fromisoformat(str(entry.data["from"])),
        )


def look_for_duplicates(actor: Actor, entry: JournalEntry) -> None:
    """Whoever was booked may be known already under another record; a person decides."""
    patient_id = patient_of_booking(actor, entry.object_id)
    if patient_id is not None:
        propose_duplicates(actor=actor, patient_id=patient_id)


def somebody_else_calls(actor: Actor, entry: JournalEntry) -> None:
    """Call-backs of a person whose access or right to book has ended wait for a colleague."""
    leave_call_backs(actor=actor, now=entry.at)


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "booking.booked": (letter("booking_confirmed"), look_for_duplicates),
    "booking.moved": (
        letter("booking_moved"),
        has_a_place_again,
        partner_told("moved"),
    ),
    "booking.cancelled": (
        told_by_us("booking_cancelled", "cancelled"),
        has_a_place_again,
        partner_told("cancelled"),
    ),
    "booking.desk_took_over": (told_by_us("booking_at_desk", "desk"),),
    "duration.changed": (length_told,),
    "import.handed_in": (work_on_import,),
    "import.apply_wanted": (work_on_import,),
    "booking.confirmation_wanted": (letter("booking_confirmed"),),
    "booking.link_wanted": (letter("booking_link"),),
    "mail.sent": (delivery_of_invitation, delivery_of_user_invitation, delivery_of_letter),
    "mail.delivered": (delivery_of_invitation, delivery_of_user_invitation, delivery_of_letter),
    "mail.deferred": (delivery_of_invitation, delivery_of_user_invitation, delivery_of_letter),
    "mail.bounced": (
        delivery_of_invitation,
        delivery_of_user_invitation,
        delivery_of_letter,
        mail_in_inbox,
    ),
    "mail.failed": (
        delivery_of_invitation,
        delivery_of_user_invitation,
        delivery_of_letter,
        mail_in_inbox,
    ),
    "terms.published": (ask_for_terms,),
    "user.changed": (somebody_else_calls,),
    "user.ended": (somebody_else_calls,),
}

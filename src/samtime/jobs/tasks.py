"""Background tasks: reactions to journal rows, and mails on their way out."""

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from samtime.accounts.actor import system_actor
from samtime.accounts.commands import (
    ADDRESS_LETTER,
    PASSWORD_LETTER,
    write_address_letter,
    write_password_letters,
)
from samtime.foundation.tenancy import set_viewer
from samtime.jobs.reactions import REACTIONS
from samtime.journal.commands import REACT
from samtime.journal.models import JournalEntry
from samtime.mailbox.commands import DELIVER, note_state
from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.smtp import hand_over

WAITS = (20, 60, 300, 900, 3600, 3600, 7200)


class Deferred(Exception):
    """The relay says later."""


class Patiently(BaseRetryStrategy):
    """Try again with growing waits, seven times."""

    def get_retry_decision(self, *, exception: BaseException, job: object) -> RetryDecision | None:
        """The next wait, or None when it was tried often enough."""
        tried = int(getattr(job, "attempts", 0))
        return RetryDecision(retry_in={"seconds": WAITS[tried]}) if tried < len(WAITS) else None


@app.task(name=REACT, queue="reactions", retry=Patiently())
def react(entry_id: int, organization_id: int) -> None:
    """Walk the reaction table for one journal row, as its organization."""
    with transaction.atomic():
        set_viewer(organization_id)
        entry = JournalEntry.objects.filter(id=entry_id).first()
        if entry is None:
            return
        for reaction in REACTIONS.get(entry.kind, ()):
            reaction(system_actor(organization_id), entry)


@app.task(name=DELIVER, queue="mail", retry=Patiently())
def deliver_mail(mail_id: int, organization_id: int) -> None:
    """Hand one mail to the relay; no transaction is open while it speaks (HOUSE.md 9.1)."""
    with transaction.atomic():
        set_viewer(organization_id)
        mail = OutgoingMail.objects.filter(id=mail_id, state__in=["queued", "deferred"]).first()
    if mail is None:
        return
    outcome = hand_over(mail)
    last = mail.tries + 1 >= len(WAITS)
    state = "failed" if outcome.state == "deferred" and last else outcome.state
    with transaction.atomic():
        set_viewer(organization_id)
        note_state(
            mail_id=mail.id,
            state=state,
            detail=outcome.detail,
            now=timezone.now(),
            actor=system_actor(organization_id),
        )
    if state == "deferred":
        raise Deferred(outcome.detail)


@app.task(name=PASSWORD_LETTER, queue="mail", retry=Patiently())
def password_letter(email: str) -> None:
    """A link to a new password, to whoever signs in with the address; to nobody else."""
    for letter in write_password_letters(email=email, now=timezone.now()):
        _hand_over_now(letter)


@app.task(name=ADDRESS_LETTER, queue="mail", retry=Patiently())
def address_letter(address_id: int) -> None:
    """A link that confirms a new address."""
    letter = write_address_letter(address_id=address_id, now=timezone.now())
    if letter is not None:
        _hand_over_now(letter)


def _hand_over_now(letter: OutgoingMail) -> None:
    """What bounces is given up: the person asks again, and no organization is told."""
    outcome = hand_over(letter)
    if outcome.state == "deferred":
        raise Deferred(outcome.detail)

"""Mails to send: written in the caller's transaction, sent by a job."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.journal.commands import Happening, record
from samtime.mailbox.models import OutgoingMail


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, ready in its language. `about_kind` and `about_id` name what it is about."""

    template: str
    language: str
    recipient: str
    subject: str
    text: str
    about_kind: str
    about_id: UUID
    html: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def queue_mail(*, actor: Actor, letter: Letter) -> OutgoingMail:
    """Keep a mail to be sent for the actor's organization; line ends leave the subject (T11)."""
    mail = OutgoingMail.objects.create(
        organization_id=actor.organization_id,
        template=letter.template,
        language=letter.language,
        recipient=letter.recipient,
        subject=" ".join(letter.subject.split())[:300],
        text=letter.text,
        html=letter.html,
        attachments=letter.attachments,
        about_kind=letter.about_kind,
        about_id=letter.about_id,
    )
    happening = Happening(
        kind="mail.queued",
        object_kind="mail",
        object_id=mail.public_id,
        organization_id=mail.organization_id,
        data={"about_kind": letter.about_kind, "about_id": str(letter.about_id)},
    )
    record(actor, happening)
    return mail

"""Writing mails into the box, and noting what became of them."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from procrastinate.contrib.django import app as queue

from samtime.foundation.errors import RateLimited
from samtime.journal.commands import Doer, Happening, record
from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.rules import as_html, one_line

DELIVER = "samtime.deliver_mail"
PER_ADDRESS_AND_HOUR, PER_ORGANIZATION_AND_DAY = 3, 200
LIMITED = ("member_invitation",)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; text as it is."""

    filename: str
    content_type: str
    content: str

    def as_kept(self) -> dict[str, str]:
        """As the row keeps it."""
        return {
            "filename": self.filename,
            "content_type": self.content_type,
            "content": self.content,
        }


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, ready in its language. `about_kind` and `about_id` name what it is about."""

    template: str
    language: str
    recipient: str
    subject: str
    text: str
    about_kind: str
    about_id: uuid.UUID
    html: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Writing:
    """A mail still to be written from `mail/<template>.txt`: its first line is the subject."""

    template: str
    recipient: str
    language: str
    about_kind: str
    about_id: uuid.UUID
    context: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@transaction.atomic
def queue_mail(*, actor: Doer, letter: Letter) -> OutgoingMail:
    """Put a mail in the box of the actor's organization; it leaves after the commit.

    Refuses: RateLimited (P19: three invitations per address and hour, 200 per organization a day).
    """
    if letter.template in LIMITED:
        _judge_flood(actor.organization_id, letter.recipient, timezone.now())
    mail = OutgoingMail.objects.create(
        organization_id=actor.organization_id,
        template=letter.template,
        language=letter.language,
        recipient=letter.recipient,
        subject=one_line(letter.subject),
        text=letter.text,
        html=letter.html or as_html(letter.text, letter.language),
        attachments=letter.attachments,
        about_kind=letter.about_kind,
        about_id=letter.about_id,
    )
    queue.configure_task(DELIVER, allow_unknown=True, queue="mail").defer(
        mail_id=mail.id, organization_id=mail.organization_id
    )
    found: OutgoingMail = mail
    return found


def send_mail(*, actor: Doer, writing: Writing) -> OutgoingMail:
    """Write a mail from its template in the recipient's language, and queue it.

    Refuses: as queue_mail.
    """
    subject, text = _rendered(writing)
    letter = Letter(
        template=writing.template,
        language=writing.language,
        recipient=writing.recipient,
        subject=subject,
        text=text,
        about_kind=writing.about_kind,
        about_id=writing.about_id,
        attachments=[a.as_kept() for a in writing.attachments],
    )
    return queue_mail(actor=actor, letter=letter)


def _rendered(letter: Writing) -> tuple[str, str]:
    context = {**letter.context, "base_url": settings.BASE_URL}
    with translation.override(letter.language):
        said = render_to_string(f"mail/{letter.template}.txt", context).strip()
    subject, _line, text = said.partition("\n")
    return one_line(subject), text.strip() + "\n"


def _judge_flood(organization_id: int, recipient: str, now: datetime) -> None:
    rows = OutgoingMail.objects.filter(
        template__in=LIMITED, created_at__gte=max(now - timedelta(days=1), _counted_from(now))
    )
    hour = rows.filter(recipient__iexact=recipient, created_at__gte=now - timedelta(hours=1))
    if hour.count() >= PER_ADDRESS_AND_HOUR:
        raise RateLimited(retry_after=3600)
    if rows.filter(organization_id=organization_id).count() >= PER_ORGANIZATION_AND_DAY:
        raise RateLimited(retry_after=3600)


def _counted_from(now: datetime) -> datetime:
    """The demo counts from its last start."""
    started = settings.DEMO_STARTED_AT
    return started or now - timedelta(days=1)


@transaction.atomic
def note_state(*, mail_id: int, state: str, detail: str, now: datetime, actor: Doer) -> None:
    """What became of a mail: sent, deferred, bounced, failed or delivered; reactions follow."""
    mail = OutgoingMail.objects.select_for_update().get(id=mail_id)
    if mail.state in ("bounced", "delivered") and state in ("sent", "deferred", "failed"):
        return
    mail.state, mail.detail = state, one_line(detail, 500)
    mail.tries += 1 if state in ("sent", "deferred", "failed") else 0
    if state == "sent":
        mail.sent_at = now
    if state in ("bounced", "failed", "delivered"):
        mail.ended_at = now
    mail.save(update_fields=["state", "detail", "tries", "sent_at", "ended_at"])
    happening = Happening(
        kind=f"mail.{state}",
        object_kind="mail",
        object_id=mail.public_id,
        organization_id=mail.organization_id,
        data={
            "about_kind": mail.about_kind,
            "about_id": str(mail.about_id),
            "template": mail.template,
            "detail": mail.detail,
        },
    )
    record(actor, happening)

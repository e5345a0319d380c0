"""Writing mails into the box, and noting what became of them."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation
from procrastinate.contrib.django import app as queue

from samtime.foundation.tenancy import viewing_as
from samtime.journal.commands import Doer, Happening, record
from samtime.mailbox.delivery_reports import Report
from samtime.mailbox.models import DeliveryCount, OutgoingMail
from samtime.mailbox.rules import as_html, one_line


@dataclass(frozen=True, slots=True)
class Mailer:
    """Who notes what a mail server reports: the system, inside one organization."""

    organization_id: int
    kind: str = "system"
    user_id: int | None = None
    key_id: int | None = None
    request_id: str = ""


DELIVER = "samtime.deliver_mail"


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

    How many links may be mailed is counted where they are made (`accounts/tokens`, P19).
    """
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
    """Write a mail from its template in the recipient's language, and queue it."""
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


def loose_mail(*, writing: Writing, now: datetime) -> OutgoingMail:
    """A mail that is never kept, since its text opens an account; the caller hands it over."""
    subject, text = _rendered(writing)
    return OutgoingMail(
        organization_id=0,
        template=writing.template,
        language=writing.language,
        recipient=writing.recipient,
        subject=subject,
        text=text,
        html=as_html(text, writing.language),
        about_kind=writing.about_kind,
        about_id=writing.about_id,
        created_at=now,
    )


def _rendered(letter: Writing) -> tuple[str, str]:
    context = {**letter.context, "base_url": settings.BASE_URL}
    with translation.override(letter.language):
        said = render_to_string(f"mail/{letter.template}.txt", context).strip()
    subject, _line, text = said.partition("\n")
    return one_line(subject), text.strip() + "\n"


@transaction.atomic
def note_state(*, mail_id: int, state: str, detail: str, now: datetime, actor: Doer) -> None:
    """What became of a mail: sent, deferred, bounced, failed or delivered; reactions follow."""
    mail = OutgoingMail.objects.select_for_update().get(id=mail_id)
    if mail.state in ("bounced", "delivered") and state in ("sent", "deferred", "failed"):
        return
    on_its_way = mail.state == "sent"  # a notice about what the relay has taken is no try of ours
    mail.state, mail.detail = state, one_line(detail, 500)
    mail.tries += 1 if state in ("sent", "deferred", "failed") and not on_its_way else 0
    if state == "sent":
        mail.sent_at = now
    if state in ("bounced", "failed", "delivered"):
        mail.ended_at = now
    mail.save(update_fields=["state", "detail", "tries", "sent_at", "ended_at"])
    _count(state, now)
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


def _count(state: str, now: datetime) -> None:
    """A figure for the operator, who sees no mail."""
    if state not in ("bounced", "failed"):
        return
    day, _made = DeliveryCount.objects.get_or_create(on_day=now.date(), state=state)
    DeliveryCount.objects.filter(id=day.id).update(count=F("count") + 1)


def note_report(*, report: Report, now: datetime, organization_ids: list[int]) -> str:
    """What a returned mail says, noted on our mail; answers the state noted, or «».

    The address names the box; a report without it is looked for in every box, one after the other.
    """
    if not report.state or report.mail_id is None:
        return ""
    named = report.mail.organization_id if report.mail else 0
    for organization_id in [named] if named else organization_ids:
        with transaction.atomic(), viewing_as(organization_id):
            mail = OutgoingMail.objects.filter(public_id=report.mail_id).first()
            if mail is None:
                continue
            note_state(
                mail_id=mail.id,
                state=report.state,
                detail=report.detail,
                now=now,
                actor=Mailer(organization_id),
            )
            return report.state
    return ""

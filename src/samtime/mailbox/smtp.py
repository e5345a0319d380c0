"""Handing one mail to the relay: real SMTP, outside any transaction."""

import base64
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

from django.conf import settings

from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.rules import bounce_address


@dataclass(frozen=True, slots=True)
class Outcome:
    """sent, deferred (try again) or bounced (never), and the relay's words."""

    state: str
    detail: str = ""


def hand_over(mail: OutgoingMail) -> Outcome:
    """One try. Network faults and 4xx are deferred, 5xx bounced."""
    sender = bounce_address(mail.public_id, mail.organization_id, settings.BOUNCE_DOMAIN)
    try:
        with smtplib.SMTP(
            settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT
        ) as relay:
            if settings.EMAIL_USE_TLS:
                relay.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                relay.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            asked = _asked_for_notices(relay)
            relay.send_message(message_of(mail), sender, [mail.recipient], *asked)
    except smtplib.SMTPRecipientsRefused as fault:
        code, words = next(iter(fault.recipients.values()))
        return _refused(code, words)
    except smtplib.SMTPResponseException as fault:
        return _refused(fault.smtp_code, fault.smtp_error)
    except (OSError, smtplib.SMTPException) as fault:
        return Outcome("deferred", f"The mail relay cannot be reached: {type(fault).__name__}")
    return Outcome("sent")


def _asked_for_notices(relay: smtplib.SMTP) -> tuple[list[str], list[str]]:
    """Options of MAIL and RCPT: notices of every kind, heads only, where the relay can (RFC 3461).

    Without them a success is never told, and «sent» is the last that is known (D28).
    """
    relay.ehlo_or_helo_if_needed()
    if not relay.has_extn("dsn"):
        return [], []
    return ["RET=HDRS"], ["NOTIFY=SUCCESS,FAILURE,DELAY"]


def _refused(code: int, words: bytes | str) -> Outcome:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Outcome("bounced" if code >= 500 else "deferred", f"{code} {text}")


def message_of(mail: OutgoingMail) -> EmailMessage:
    """The message with text, HTML and attachments; its id is the row's, whatever the try (P5)."""
    message = EmailMessage()
    message["Subject"] = mail.subject
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = mail.recipient
    message["Date"] = formatdate(mail.created_at.timestamp())
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    message["Message-ID"] = f"<{mail.public_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.language
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for file in mail.attachments:
        _attach(message, file)
    return message


def _attach(message: EmailMessage, file: dict[str, str]) -> None:
    kind, _slash, rest = file["content_type"].partition("/")
    subtype, _semicolon, parameters = rest.partition(";")
    if kind == "text":
        given = dict(p.strip().split("=", 1) for p in parameters.split(";") if "=" in p)
        message.add_attachment(
            file["content"], subtype=subtype, filename=file["filename"], params=given
        )
        return
    message.add_attachment(
        base64.b64decode(file["content"]), kind, subtype, filename=file["filename"]
    )

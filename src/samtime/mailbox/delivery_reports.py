"""Reading mails that come back: which of our mails, and what became of it (D28). Pure.

Delivery status notifications are RFC 3464, their codes RFC 3463; servers that know neither write
plain text. Anything may arrive here, so nothing in it is believed but the address it came to.
"""

import email
import email.policy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import cast
from uuid import UUID

from samtime.mailbox.rules import BounceAddress, bounced_mail

MOST_BYTES = 1_000_000
ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
STATES = {
    "failed": "bounced",
    "delayed": "deferred",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
RANK = ("delivered", "deferred", "bounced")
CODE = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
OUR_ID = re.compile(r"^Message-ID:\s*<([0-9a-f-]{36})@", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """`mail` as the bounce address names it, or only its id out of the returned head.

    `state`: bounced, deferred, delivered, or «» when the mail says nothing about delivery.
    """

    mail: BounceAddress | None
    mail_id: UUID | None
    state: str
    detail: str


def read_report(raw: bytes, recipients: Iterable[str] = ()) -> Report:
    """What a returned mail says. `recipients` are addresses the mail server names itself."""
    message = _parsed(raw[:MOST_BYTES])
    known = [*recipients, *_addresses(message)]
    mail = next(filter(None, (bounced_mail(address) for address in known)), None)
    state, detail = _status(message)
    return Report(mail, mail.mail_id if mail else _returned_id(raw), state, detail)


def _parsed(raw: bytes) -> EmailMessage:
    policy = email.policy.default.clone(raise_on_defect=False)
    try:
        return email.message_from_bytes(raw, policy=policy)
    except (ValueError, LookupError, IndexError, AttributeError):  # heads nobody can read
        return EmailMessage()


def _heads(message: EmailMessage, name: str) -> list[str]:
    try:
        return [str(value) for value in message.get_all(name, [])]
    except (ValueError, LookupError, IndexError, AttributeError):
        return []


def _addresses(message: EmailMessage) -> list[str]:
    found = []
    for name in ADDRESSED:
        for value in _heads(message, name):
            found += re.findall(r"[^\s<>,;\"]+@[^\s<>,;\"]+", value[:2000])
    return found


def _returned_id(raw: bytes) -> UUID | None:
    """Our Message-ID in the head that the report gives back."""
    found = OUR_ID.findall(raw[:MOST_BYTES].decode("ascii", "replace"))
    for text in reversed(found):
        try:
            return UUID(text)
        except ValueError:
            continue
    return None


def _status(message: EmailMessage) -> tuple[str, str]:
    blocks = list(_status_blocks(message))
    if blocks:
        return max(blocks, key=lambda pair: RANK.index(pair[0]) if pair[0] in RANK else -1)
    return _plain_status(message)


def _status_blocks(message: EmailMessage) -> Iterable[tuple[str, str]]:
    """One (state, words) per recipient of a message/delivery-status part."""
    for part in _parts(message):
        if part.get_content_type() != "message/delivery-status":
            continue
        inside = part.get_payload()
        for block in inside if isinstance(inside, list) else []:
            action = _first(block, "Action").lower()
            if action not in STATES:
                continue
            words = [_first(block, "Status"), _first(block, "Diagnostic-Code")]
            yield STATES[action], " ".join(filter(None, words))[:500]


def _parts(message: EmailMessage) -> list[EmailMessage]:
    try:
        return list(message.walk())[:50]
    except (ValueError, LookupError, AttributeError, RecursionError):
        return []


def _first(block: object, name: str) -> str:
    values = _heads(cast(EmailMessage, block), name)
    return " ".join(values[0].split()) if values else ""


def _plain_status(message: EmailMessage) -> tuple[str, str]:
    """A server that writes prose: only a mailer's own mail counts, never an answer of a person."""
    sender = " ".join([*_heads(message, "From"), *_heads(message, "Return-Path")]).lower()
    is_mailer = "mailer-daemon" in sender or "postmaster" in sender
    if not is_mailer or _heads(message, "Auto-Submitted")[:1] == ["auto-replied"]:
        return "", ""
    text = _text(message)
    found = CODE.search(text)
    if found is None:
        return "", ""
    line = text[max(found.start() - 60, 0) : found.end() + 160]
    states = {"2": "delivered", "4": "deferred", "5": "bounced"}
    return states[found.group(1)], " ".join(line.split())[:500]


def _text(message: EmailMessage) -> str:
    for part in _parts(message):
        if part.get_content_maintype() == "text":
            try:
                return str(part.get_content())[:20_000]
            except (ValueError, LookupError, AttributeError, KeyError):
                payload = part.get_payload(decode=True)
                return payload.decode("latin-1")[:20_000] if isinstance(payload, bytes) else ""
    return ""

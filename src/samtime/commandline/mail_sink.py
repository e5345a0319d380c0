"""The demo's mail relay: a real SMTP server on loopback that keeps what it gets as files.

Recipients whose name has «bounce», or at nowhere.example, are refused, so that the story of a
bounced invitation can be tried.
"""

import base64
import contextlib
import email
import email.policy
import json
import os
import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 500


class Keeper:
    """Takes mails into a folder, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse what should bounce."""
        name, _at, domain = address.lower().partition("@")
        if "bounce" in name or domain == "nowhere.example":
            return "550 5.1.1 There is nobody with this address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep it."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        message = email.message_from_bytes(raw, policy=POLICY)
        said = {**described(message), "to": ", ".join(envelope.rcpt_tos)}
        path = self.folder / f"{time.time_ns()}.json"
        path.with_suffix(".new").write_text(json.dumps(said))
        path.with_suffix(".new").rename(path)
        for old in sorted(self.folder.glob("*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return "250 Kept"


POLICY: Any = email.policy.default


def described(message: EmailMessage) -> dict[str, Any]:
    """Subject, bodies, links and attachments."""
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    text = plain.get_content() if plain else ""
    return {
        "subject": str(message["Subject"]),
        "from": str(message["From"]),
        "text": text,
        "html": rich.get_content() if rich else "",
        "links": re.findall(r"https?://[^\s<>\"]+", text),
        "attachments": [_attachment(part) for part in message.iter_attachments()],
        "at": time.time(),
    }


def _attachment(part: Any) -> dict[str, str]:
    content = part.get_content()
    kept = content if isinstance(content, str) else base64.b64encode(content).decode()
    return {
        "filename": part.get_filename() or "",
        "content_type": part.get_content_type(),
        "content": kept,
    }


@contextlib.contextmanager
def mail_sink(data: Path) -> Iterator[None]:
    """Runs beside the demo; its port goes to the children through the environment."""
    if os.environ.get("SAMTIME_SMTP_PORT"):
        yield
        return
    controller = _started(Keeper(data / "mail"))
    os.environ["SAMTIME_SMTP_HOST"] = "127.0.0.1"
    os.environ["SAMTIME_SMTP_PORT"] = str(controller.port)
    try:
        yield
    finally:
        controller.stop()


def _started(keeper: Keeper) -> Controller:
    """On a free port; on another one when somebody took it meanwhile."""
    for last in (False, False, True):
        port, patience = _free_port(), 60.0
        controller = Controller(keeper, hostname="127.0.0.1", port=port, ready_timeout=patience)
        try:
            controller.start()
        except OSError:
            if last:
                raise
        else:
            return controller
    raise AssertionError


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

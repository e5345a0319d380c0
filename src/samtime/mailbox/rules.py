"""Addresses and bodies of mails: pure text."""

import html
import re

MAIL_ID = re.compile(r"^b\+([0-9a-f]{32})@", re.IGNORECASE)


def bounce_address(mail_id: str, domain: str) -> str:
    """The envelope sender that tells which mail came back (VERP, D28)."""
    return f"b+{mail_id.replace('-', '')}@{domain}"


def mail_of_bounce(recipient: str) -> str:
    """The mail's id out of a bounce address, or «»."""
    found = MAIL_ID.match(recipient.strip())
    return found.group(1).lower() if found else ""


def one_line(text: str, longest: int = 250) -> str:
    """Safe for a header: no line breaks, no control signs."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]


def as_html(text: str, language: str) -> str:
    """The same letter with paragraphs and links, for readers that show HTML."""
    paragraphs = []
    for block in re.split(r"\n\s*\n", text.strip()):
        safe = html.escape(block.strip()).replace("\n", "<br>")
        paragraphs.append(
            "<p>" + re.sub(r"(https?://[^\s<]+)", r'<a href="\1">\1</a>', safe) + "</p>"
        )
    body = "\n".join(paragraphs)
    head = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><body>'
    return f"{head}\n{body}\n</body></html>"

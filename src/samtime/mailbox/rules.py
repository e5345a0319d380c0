"""Addresses and bodies of mails: pure text."""

import html
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_decimal

from samtime.foundation.money import SIGNS, WHOLE_UNITS, Money

# Letters carry their own: a mail reader loads nothing.
LETTER_STYLE = (
    '<meta name="viewport" content="width=device-width, initial-scale=1"><style>'
    "body{max-width:36rem;margin:24px auto;padding:0 16px;font:16px/1.5 system-ui,sans-serif;"
    "color:#17212e;overflow-wrap:anywhere}a{color:#0f5fb8}"
    ".act{display:inline-block;padding:10px 18px;border-radius:6px;background:#0f5fb8;"
    "color:#fff;text-decoration:none;font-weight:600}</style>"
)
MAIL_ID = re.compile(r"^b\+([0-9a-f]{32})(?:\.(\d{1,18}))?@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BounceAddress:
    """What an envelope sender says: the mail, and the organization whose box it lies in (or 0)."""

    mail_id: UUID
    organization_id: int


def weekday_written(day: date, language: str) -> str:
    """A day of an appointment in a letter, «Tuesday 8 December 2026»."""
    if language == "en":
        return format_date(day, "EEEE d MMMM y", locale="en_GB")
    return format_date(day, "full", locale=language)


def day_written(day: date | None, language: str) -> str:
    """A day in a letter, «26 November 2026»; «» for none."""
    locale = "en_GB" if language == "en" else language
    return format_date(day, "long", locale=locale) if day else ""


def bounce_address(mail_id: UUID, organization_id: int, domain: str) -> str:
    """The envelope sender that tells which mail came back (VERP, D28)."""
    return f"b+{mail_id.hex}.{organization_id}@{domain}"


def bounced_mail(recipient: str) -> BounceAddress | None:
    """The mail that a bounce address names, or None."""
    found = MAIL_ID.match(recipient.strip())
    if found is None:
        return None
    return BounceAddress(UUID(found.group(1)), int(found.group(2) or 0))


def one_line(text: str, longest: int = 250) -> str:
    """Safe for a header: no line breaks, no control signs."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]


def as_html(text: str, language: str) -> str:
    """The same letter with paragraphs and links, for readers that show HTML.

    A paragraph «words: link» of its own becomes a button with these words.
    """
    body = "\n".join(_paragraph(block) for block in re.split(r"\n\s*\n", text.strip()))
    head = f'<!doctype html><html lang="{language}"><meta charset="utf-8">{LETTER_STYLE}<body>'
    return f"{head}\n{body}\n</body></html>"


def _paragraph(block: str) -> str:
    safe = html.escape(block.strip())
    act = re.fullmatch(r"([^:\n]{1,80}): (https?://\S+)", safe)
    if act is not None:
        return f'<p><a class="act" href="{act[2]}">{act[1]}</a></p>'
    linked = re.sub(r"(https?://[^\s<]+)", r'<a href="\1">\1</a>', safe)
    return "<p>" + linked.replace("\n", "<br>") + "</p>"


def money_written(value: Money, language: str) -> str:
    """An amount in running text, as pages write it; no decimals where the currency has no small
    coin (D12)."""
    pattern = "#,##0" if value.currency in WHOLE_UNITS else "#,##0.00"
    figure = format_decimal(Decimal(value.minor) / 100, pattern, locale=language)
    if language == "en":
        return f"{value.currency}\u00a0{figure}"
    return f"{figure}\u00a0{SIGNS.get((language, value.currency), value.currency)}"

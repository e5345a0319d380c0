"""Addresses and bodies of mails: pure text."""

import html
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from samtime.foundation.money import WHOLE_UNITS, Money

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


def money_written(value: Money, language: str) -> str:
    """An amount in running text; no decimals where the currency has no small coin (D12)."""
    pattern = Locale.parse(language).currency_formats["standard"].pattern
    if value.currency in WHOLE_UNITS:
        pattern = pattern.replace(".00", "")
    amount = Decimal(value.minor) / 100
    written: str = format_currency(
        amount, value.currency, pattern, locale=language, currency_digits=False
    )
    return written

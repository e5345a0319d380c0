"""Why a mail did not arrive, in a receptionist's words (RFC 3463)."""

import re

from django.utils.translation import gettext as _

STATUS = re.compile(r"\b[45]\.(\d{1,3})\.(\d{1,3})\b")


def plain_reason(detail: str) -> str:
    """The sentence for the status a mail server gave, its own words after it; «» for nothing."""
    said = STATUS.search(detail)
    sentence = _sentence(int(said[1]), int(said[2])) if said else ""
    return f"{sentence} ({detail})" if sentence else detail


def _sentence(subject: int, about: int) -> str:
    exact = {
        (1, 2): _("There is no such mail domain."),
        (4, 4): _("There is no such mail domain."),
        (2, 1): _("The mailbox is closed."),
        (2, 2): _("The mailbox is full."),
    }
    by_subject = {
        1: _("There is no such address."),
        4: _("Their mail server does not answer."),
        7: _("Their mail server refuses our mail."),
    }
    return exact.get((subject, about)) or by_subject.get(subject, "")

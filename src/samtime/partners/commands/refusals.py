"""Refusals that several commands of partnerships say."""

from django.utils.translation import gettext_lazy as _

from samtime.foundation.errors import Refusal
from samtime.organizations.models import TermsDocument


class TermsNotAccepted(Refusal):
    """The general terms in force are not accepted; facts name the document."""

    code = "terms_not_accepted"
    status = 409
    sentence = _("The general terms in force have to be read and accepted first.")


def told(document: TermsDocument) -> dict[str, object]:
    """The text that a refusal hands over for reading."""
    return {
        "version": document.version,
        "language": document.language,
        "title": document.title,
        "text": document.text,
        "hash": document.sha256,
    }

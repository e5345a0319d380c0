"""Who signs the general terms for a company, as typed into `components/signer.html`."""

from django.http import HttpRequest

from samtime.organizations.commands import Signature
from samtime.web.form_state import FormState


def signature_of(request: HttpRequest, state: FormState) -> Signature:
    """Who signs, in which role, for which version; from which network address."""
    version = state.text("terms_version")
    return Signature(
        terms_version=int(version) if version.isdecimal() and len(version) < 6 else 0,
        person_name=state.text("person_name"),
        person_role=state.text("person_role"),
        authority=bool(state.text("authority")),
        network=str(request.META.get("REMOTE_ADDR", ""))[:45],
    )

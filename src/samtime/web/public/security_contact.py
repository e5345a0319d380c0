"""`/.well-known/security.txt` (RFC 9116): whom to tell about a hole."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe


@require_safe
def security_contact(request: HttpRequest) -> HttpResponse:
    """Contact, languages and how long this is true; made anew every day."""
    expires = (timezone.now() + timedelta(days=180)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    lines = (
        f"Contact: {_contact()}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _contact() -> str:
    named: str = settings.SECURITY_CONTACT
    if not named:
        return f"mailto:security@{urlsplit(settings.BASE_URL).hostname}"
    return f"mailto:{named}" if "@" in named and ":" not in named else named

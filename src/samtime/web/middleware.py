"""Every answer's security headers, and the language a person reads."""

import secrets
from collections.abc import Callable
from typing import Any, NoReturn, cast

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from samtime.accounts.sessions import person_of
from samtime.foundation.transient import is_away
from samtime.web.door import render_error

Next = Callable[[HttpRequest], HttpResponse]
# Bokmål for everybody who asks for some Norwegian.
_ALSO = {"no": "nb", "nn": "nb", "no-no": "nb", "nn-no": "nb", "nb-no": "nb"}
FORM_AROUND_FILE = 64 * 1024
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def content_security_policy(nonce: str) -> str:
    """Own files only; `nonce` admits one style block, for calendar positions."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Sets what a view has not set itself; `request.csp_nonce` is new for each request.

    Nothing is kept by a browser or a proxy unless the view says so (static files are served
    before this).
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(12)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", content_security_policy(nonce))
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Permissions-Policy", PERMISSIONS)
        # By the address people use, not by this hop: TLS usually ends at a proxy.
        if settings.BASE_URL.startswith("https:"):
            response.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        response.setdefault("Cache-Control", "no-store")
        return response


class SignedIn(AuthenticationMiddleware):
    """`request.user`, found when it is first asked for."""

    def process_request(self, request: HttpRequest) -> None:
        """Django's own, with the person read by a prepared statement."""
        super().process_request(request)
        request.user = cast(Any, SimpleLazyObject(lambda: person_of(request)))


class Language:
    """The person's own language, else the cookie's, else what the browser asks for, else English.

    Stands after the sign-in middleware, in place of Django's LocaleMiddleware.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            translation.activate(language_of(request))
        except Error as fault:  # the database is asked for the person here, for the first time
            translation.activate(_without_person(request))
            return self.process_exception(request, fault) or _fail(fault)
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.setdefault("Content-Language", translation.get_language() or "en")
        return response

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """503 with Retry-After when the database is away, also for pages without a door of ours."""
        if request.path.startswith(("/api/", "/fhir/")) or not is_away(fault):
            return None
        return render_error(request, 503, retry_after=2)


def _fail(fault: Exception) -> NoReturn:
    raise fault


def language_of(request: HttpRequest) -> str:
    """One of settings.LANGUAGES."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.language in dict(settings.LANGUAGES):
        return str(user.language)
    return _without_person(request)


def _without_person(request: HttpRequest) -> str:
    known = dict(settings.LANGUAGES)
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if cookie in known:
        return cookie
    for wanted in _asked_for(request.headers.get("Accept-Language", "")):
        short = _ALSO.get(wanted, wanted.split("-")[0])
        if short in known:
            return short
    return "en"


def _asked_for(header: str) -> list[str]:
    """Languages of an Accept-Language header, best first; broken weights count as zero."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:500].split(",")):
        name, _, weight = part.strip().lower().partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            value = 0.0
        if name and value > 0:
            found.append((-value, place, name))
    return [name for _, _, name in sorted(found)]


class RequestSize:
    """A body that says it is larger than any file we take is refused before a byte is read."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.META.get("CONTENT_LENGTH") or "0"
        largest = settings.UPLOAD_LIMIT + FORM_AROUND_FILE
        if said.isascii() and said.isdecimal() and int(said) <= largest:
            return self.get_response(request)
        if request.path.startswith(("/api/", "/fhir/")):
            return self.get_response(request)
        return render_error(request, 413)

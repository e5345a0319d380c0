"""The language choice of the top bar: kept with the person and in a cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from samtime.accounts.commands import choose_language


def back_to(request: HttpRequest, wanted: str) -> str:
    """The wanted own address, or the start page when it leads elsewhere."""
    inside = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if inside else "/"


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Takes `language` (en, nb, ro, hu) and `next`; anything else changes nothing."""
    code = request.POST.get("language", "")
    response = redirect(back_to(request, request.POST.get("next", "/")))
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
        if request.user.is_authenticated:
            choose_language(user=request.user, language=code)
    return response

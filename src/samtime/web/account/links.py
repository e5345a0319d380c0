"""Pages behind the links of sign-in's mails: a link that no longer works says so with 410."""

from typing import Any

from allauth.account.views import ConfirmEmailView, PasswordResetFromKeyView
from django.http import Http404, HttpRequest, HttpResponse

GONE = 410


class NewPassword(PasswordResetFromKeyView):  # type: ignore[misc]
    """Choose a new password; used, replaced, too old and never sent are one answer."""

    def render_to_response(self, context: dict[str, Any], **more: Any) -> HttpResponse:
        """The page, or what to do instead."""
        if context.get("token_fail"):
            more["status"] = GONE
        page: HttpResponse = super().render_to_response(context, **more)
        return page


class ConfirmAddress(ConfirmEmailView):  # type: ignore[misc]
    """Confirm an address with a POST."""

    def post(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        """A dead link's button answers like the link."""
        try:
            page: HttpResponse = super().post(request, *given, **named)
        except Http404:
            page = self.get(request, *given, **named)
        return page

    def render_to_response(self, context: dict[str, Any], **more: Any) -> HttpResponse:
        """The page, or what to do instead."""
        if not (context.get("confirmation") and context.get("can_confirm")):
            more["status"] = GONE
        page: HttpResponse = super().render_to_response(context, **more)
        return page

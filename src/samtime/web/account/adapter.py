"""How sign-in behaves here: tries are counted per account and network (P18), mails are queued."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.accounts.commands import ask_to_confirm_address


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Five failures in a quarter of an hour close one account for one network, not for its owner.

    An IPv6 network is its /64.
    """

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _(
            "Too many tries with this address from here. Wait a quarter of an hour, or choose a"
            " new password by mail."
        ),
    }

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """The worker writes it: no mail server is waited for while a page is open."""
        ask_to_confirm_address(address_id=emailconfirmation.email_address.pk)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{get_ip(request)}"

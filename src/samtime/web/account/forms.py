"""Sign-in's own forms where they differ from django-allauth's."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from samtime.accounts.commands import ask_for_new_password


class ResetPassword(ResetPasswordForm):  # type: ignore[misc]
    """«Forgot password»: nothing is looked up here, so every address costs the same (P18)."""

    def clean_email(self) -> str:
        """The address as typed, in small letters."""
        return str(get_adapter().clean_email(self.cleaned_data["email"].lower()))

    def save(self, request: HttpRequest, **_named: object) -> str:
        """Ask for the mail; whether there is an account shows in the mailbox alone."""
        email = str(self.cleaned_data["email"])
        ask_for_new_password(email=email)
        return email

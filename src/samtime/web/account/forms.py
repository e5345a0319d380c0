"""Sign-in's own forms where they differ from django-allauth's."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

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


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """In our words, and meant for signing in without a password unless that is switched off."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        required=False,
        help_text=_("So that you know it again in the list, for example «Phone»."),
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with this passkey alone, without a password"),
        required=False,
        initial=True,
        help_text=_("Switched off, it is only the second step after the password."),
    )

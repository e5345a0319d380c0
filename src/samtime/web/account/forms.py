"""Sign-in's own forms where they differ from django-allauth's."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from samtime.accounts.commands import ask_for_new_password

EMAIL, NEW, AGAIN = _("E-mail"), _("New password"), _("New password once more")


class SignIn(LoginForm):  # type: ignore[misc]
    """Fields in the words of our other forms, as in all the classes below."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["login"].label = EMAIL


class AddAddress(AddEmailForm):  # type: ignore[misc]
    """Another address to sign in with."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["email"].label = _("New e-mail address")


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]
    """The present password, and the new one twice."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["oldpassword"].label = _("Present password")
        self.fields["password1"].label, self.fields["password2"].label = NEW, AGAIN


class NewPasswordByLink(ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password twice."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["password1"].label, self.fields["password2"].label = NEW, AGAIN


class ResetPassword(ResetPasswordForm):  # type: ignore[misc]
    """«Forgot password»: nothing is looked up here, so every address costs the same (P18)."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["email"].label = EMAIL

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

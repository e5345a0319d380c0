"""What a person does with his own account. No organization's right is needed: it is his."""

from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from samtime.accounts.models import LANGUAGES, User
from samtime.foundation.errors import FieldError, Invalid, Refusal

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class AccountExists(Refusal):
    """The address has an account: its person signs in."""

    code = "account_exists"
    status = 409
    sentence = _("This address has an account already. Sign in with it.")


@dataclass(frozen=True, slots=True)
class Profile:
    """The parts of an account that its person may change freely."""

    name: str
    phone: str
    language: str
    single_keys: bool


@transaction.atomic
def change_profile(*, user: User, profile: Profile) -> User:
    """Name (1 to 200 letters), phone, language, and whether single letters are shortcuts.

    Refuses: Invalid, with every fault at its field.
    """
    faults = []
    if not 1 <= len(profile.name) <= 200:
        faults.append(FieldError("name", "invalid", _("Write your name, at most 200 letters.")))
    if len(profile.phone) > 40:
        faults.append(FieldError("phone", "invalid", _("A phone number has at most 40 signs.")))
    if profile.language not in dict(LANGUAGES):
        faults.append(FieldError("language", "invalid", _("Choose one of the languages.")))
    if faults:
        raise Invalid(*faults)
    user.name, user.phone = profile.name, profile.phone
    user.language, user.single_keys = profile.language, profile.single_keys
    user.save(update_fields=["name", "phone", "language", "single_keys"])
    return user


@transaction.atomic
def choose_language(*, user: User, language: str) -> User:
    """The language of the person's pages and mails. Refuses: Invalid."""
    if language not in dict(LANGUAGES):
        raise Invalid(FieldError("language", "invalid", _("Choose one of the languages.")))
    user.language = language
    user.save(update_fields=["language"])
    return user


@transaction.atomic
def create_account(*, email: str, name: str, password: str, language: str) -> User:
    """A new person with a password, made behind a link that was mailed to the address.

    Refuses: Invalid (name, password too weak), AccountExists: an existing account's password is
    never touched (P14, T3).
    """
    if User.objects.filter(email=email.strip().lower()).exists():
        raise AccountExists()
    user = User(email=email.strip().lower(), name=name, language=language)
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Invalid(*(FieldError("password", "password", m) for m in weak.messages)) from None
    return User.objects.create_user(email, password, name=name, language=language)


@transaction.atomic
def end_sessions(*, user_id: int) -> int:
    """Sign a person out everywhere; how many sessions there were."""
    found = list(UserSession.objects.filter(user_id=user_id))
    for session in found:
        session.end()
    return len(found)


def begin_session(*, request: HttpRequest, user: User) -> None:
    """Sign in somebody who has just proved who he is; the session stands in his own list."""
    login(request, user, backend=BACKEND)
    UserSession.objects.create_from_request(request)

"""What a person does with his own account. No organization's right is needed: it is his."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import filter_users_by_email, user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app as queue

from samtime.accounts.models import LANGUAGES, User
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.mailbox.commands import Writing, loose_mail
from samtime.mailbox.models import OutgoingMail

# Jobs that write these mails; their secrets exist in the worker and in the mail alone.
PASSWORD_LETTER, ADDRESS_LETTER = "samtime.password_letter", "samtime.address_letter"
BACKEND = "samtime.accounts.sign_in.ByAddress"


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
def end_session(*, user: User, session_id: int) -> None:
    """Sign out one of a person's own devices; its next click asks for sign-in.

    Refuses: NotFound (somebody else's, or over already).
    """
    found = UserSession.objects.filter(user=user, id=session_id).first()
    if found is None:
        raise NotFound()
    found.end()


@transaction.atomic
def end_sessions(*, user_id: int, kept: str | None = None) -> int:
    """Sign a person out everywhere, but in the session with the key `kept`; how many ended."""
    found = list(UserSession.objects.filter(user_id=user_id).exclude(session_key=kept or ""))
    for session in found:
        session.end()
    return len(found)


def begin_session(*, request: HttpRequest, user: User) -> None:
    """Sign in somebody who has just proved who he is; the session stands in his own list."""
    login(request, user, backend=BACKEND)
    UserSession.objects.create_from_request(request)


def ask_for_new_password(*, email: str) -> None:
    """A link by mail, if the address has an account; asking is the same work for any address (P18).

    Who has an account is looked up where the mail is written, after the answer has gone.
    """
    _defer(PASSWORD_LETTER, email=email.strip().lower())


def ask_to_confirm_address(*, address_id: int) -> None:
    """A link by mail to an address that somebody wants to sign in with."""
    _defer(ADDRESS_LETTER, address_id=address_id)


def _defer(task: str, **facts: str | int) -> None:
    queue.configure_task(task, allow_unknown=True, queue="mail").defer(**facts)


def write_password_letters(*, email: str, now: datetime) -> list[OutgoingMail]:
    """The letters with a fresh link; none where nobody signs in with the address."""
    found = []
    for user in filter_users_by_email(email, is_active=True, prefer_verified=True):
        key = default_token_generator.make_token(user)
        path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
        found.append(_letter("new_password", user, email, path, now))
    return found


def write_address_letter(*, address_id: int, now: datetime) -> OutgoingMail | None:
    """The letter with a link that confirms an address; None when it was taken back meanwhile."""
    address = EmailAddress.objects.select_related("user").filter(id=address_id).first()
    if address is None or address.verified:
        return None
    path = reverse("account_confirm_email", args=[EmailConfirmationHMAC.create(address).key])
    return _letter("confirm_address", address.user, address.email, path, now)


def _letter(template: str, user: User, email: str, path: str, now: datetime) -> OutgoingMail:
    writing = Writing(
        template=template,
        recipient=email,
        language=user.language,
        about_kind="account",
        about_id=user.public_id,
        context={"name": user.name, "link": f"{settings.BASE_URL}{path}"},
    )
    return loose_mail(writing=writing, now=now)

"""People by their ids."""

from collections.abc import Collection

from allauth.usersessions.models import UserSession

from samtime.accounts.models import User


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """Names to show beside what they did. One query."""
    return {user.id: str(user) for user in User.objects.filter(id__in=user_ids)}


def has_account(email: str) -> bool:
    """Whether the address signs in here; asked only for somebody who holds a link to it."""
    return User.objects.filter(email=email.lower()).exists()


def person(user_id: int) -> User:
    """The user of an actor."""
    return User.objects.get(id=user_id)


def sessions_of(user_id: int) -> list[UserSession]:
    """Where a person is signed in now, newest first."""
    found = UserSession.objects.filter(user_id=user_id).order_by("-created_at")[:50]
    return [session for session in found if session.exists()]

"""Signing in by address and password: the same work whether or not the address is known (P18)."""

from allauth.account.auth_backends import AuthenticationBackend

from samtime.accounts.models import User


class ByAddress(AuthenticationBackend):  # type: ignore[misc]
    """One question by the one address a person signs in with, and one password hash."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.filter(email=email.strip().lower()).first()
        found: User | None = self._check_password(user, password)
        return found

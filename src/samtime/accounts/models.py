"""Users and the tokens of links."""

import uuid
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

LANGUAGES = (("en", "English"), ("nb", "Norsk bokmål"), ("ro", "Română"), ("hu", "Magyar"))


class UserManager(BaseUserManager["User"]):
    """Makes users; the address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with this address; without a password he sets one by his link."""
        user = self.model(email=email.strip().lower(), **fields)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save(using=self._db)
        self.note_address(user)
        return user

    def note_address(self, user: "User") -> None:
        """Sign-in knows the address as proved: accounts come by mailed links alone.

        Without this row a change of address would drop the old one before the new is confirmed.
        """
        addresses = apps.get_model("account", "EmailAddress").objects
        addresses.create(user=user, email=user.email, verified=True, primary=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Found by address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in; what he may do stands on his memberships."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, choices=LANGUAGES, default="en")
    single_keys = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Two letters for the round badge."""
        words = (self.name or self.email).split()
        return "".join(w[0] for w in (words[0], *words[1:][-1:]) if w).upper()


class AccessToken(models.Model):
    """A link's token, stored as a hash; read before any organization is known (D5).

    `object_id` is the public id of what the link opens, `kind` says which table. `tries` counts
    wrong answers to the question some links ask; until `paused_until` nobody may answer.
    """

    hash = models.BinaryField(max_length=32, unique=True)
    kind = models.CharField(max_length=30)
    organization_id = models.BigIntegerField()
    object_id = models.UUIDField()
    email = models.EmailField(max_length=254, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    paused_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "object_id"], name="access_token_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"

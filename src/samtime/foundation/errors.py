"""Refusals: normal answers «no» with a code and a sentence for the person.

A refusal is a state of the world (SlotTaken, SeriesFull). A fault is something else
and is never caught here. Doors turn refusals into HTTP in one place each.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """A «no»: stable code, HTTP status, a sentence, and perhaps the field it belongs to."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    sentence: ClassVar[str | Promise] = _("This is not possible now.")
    field: ClassVar[str | None] = None

    def __init__(
        self, sentence: str | Promise | None = None, *, field: str | None = None, **facts: Any
    ) -> None:
        self.at_field = field if field is not None else self.field
        self.facts: Mapping[str, Any] = facts
        self._sentence = sentence if sentence is not None else self.sentence
        super().__init__(self.code)

    @property
    def detail(self) -> str:
        """The sentence in the reader's language, with its facts filled in."""
        text = str(self._sentence)
        return text % self.facts if "%(" in text else text


class NotFound(Refusal):
    """Not there, or not yours: one answer for both."""

    code = "not_found"
    status = 404
    sentence = _("There is nothing here, or it is not open to you.")


class LinkUnknown(NotFound):
    """A mailed or secret address that never was, or that was revoked: one answer for both."""

    sentence = _(
        "This link does not work. Copy the whole address from the newest mail, or ask whoever sent"
        " it for a new one."
    )


class RightMissing(Refusal):
    code = "right_missing"
    status = 403
    sentence = _("Your role does not include this. Ask an administrator of your organisation.")


class VersionConflict(Refusal):
    code = "version_conflict"
    status = 412
    sentence = _("Somebody changed this in the meantime. Look at the new state and try again.")


class RateLimited(Refusal):
    code = "rate_limited"
    status = 429
    sentence = _("Too many tries. Wait a little and try again.")

    def __init__(self, *, retry_after: int = 60) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class FieldError:
    """One fault at one field: dotted path, stable code, sentence."""

    __slots__ = ("code", "detail", "field")

    def __init__(self, field: str, code: str, detail: str | Promise) -> None:
        self.field, self.code, self.detail = field, code, detail


class Invalid(Refusal):
    """Input that cannot be taken as it is; carries every fault, not only the first."""

    code = "invalid"
    status = 422
    sentence = _("Some fields need correcting.")

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(field=errors[0].field if len(errors) == 1 else None)
        self.errors = list(errors)

    @property
    def detail(self) -> str:
        """The field's own sentence when there is only one, else the general one."""
        return str(self.errors[0].detail) if len(self.errors) == 1 else str(self.sentence)

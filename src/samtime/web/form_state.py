"""A form on its way back to the person: what was typed, and what is wrong where.

Nothing typed is ever lost: a refused POST renders the same form from this state with status 422
or the refusal's own status.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from samtime.foundation.errors import Invalid, Refusal

LONGEST = 20_000


class FormState:
    """Typed values and errors by field name; `general` holds what belongs to no field.

    `warnings` stand at their fields too, in amber, and stop nothing.
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = dict(values or {})
        self.errors: dict[str, str] = {}
        self.warnings: dict[str, str] = {}
        self.general: list[str] = []

    @classmethod
    def posted(cls, data: QueryDict, *, lists: Iterable[str] = ()) -> "FormState":
        """From a POST: strings stripped of blanks and NUL, named fields as lists."""
        several = set(lists)
        return cls(
            {
                name: data.getlist(name) if name in several else _clean(data.get(name, ""))
                for name in [*data.keys(), *(several - set(data))]
            }
        )

    def __getitem__(self, name: str) -> Any:
        # Templates ask by key before they ask for an attribute.
        if name in ("values", "errors", "warnings", "general", "ok"):
            raise KeyError(name)
        return self.values.get(name, "")

    def text(self, name: str) -> str:
        """The typed text of a field, or «»."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def wrong(self, field: str, sentence: Any) -> None:
        """Note one fault at a field."""
        self.errors.setdefault(field, str(sentence))

    def refuse(self, refusal: Refusal) -> None:
        """Take a command's refusal: to its fields where it names them, else general."""
        if isinstance(refusal, Invalid):
            for error in refusal.errors:
                self.wrong(error.field, error.detail)
        elif refusal.at_field:
            self.wrong(refusal.at_field, refusal.detail)
        else:
            self.general.append(refusal.detail)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self.errors and not self.general


def _clean(value: str | None) -> str:
    return (value or "").replace("\x00", "").strip()[:LONGEST]

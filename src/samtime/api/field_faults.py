"""What is wrong with a field, in the reader's words: one table of pydantic's kinds of fault.

The code of a fault stays pydantic's own word: programs read it. The sentence is for people.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.foundation.errors import FieldError

_TEXT = _("Write text here.")
_WHOLE = _("Write a whole number.")
_NUMBER = _("Write a number.")
_YES_NO = _("Write true or false.")
_LIST = _("Write a list.")
_OBJECT = _("Write an object with fields.")
_DATE = _("Write a date as year-month-day, for example 2026-11-30.")
_TIME = _("Write a time of day, for example 09:30.")
_INSTANT = _("Write date and time with the offset, for example 2026-11-30T09:30:00+02:00.")
_ID = _("This is not an id. Ids look like 3f0c1c1e-6a55-4d3a-9c57-5d2b8a3f4e11.")
UNREADABLE = _("This value cannot be read.")
SENTENCES: dict[str, str | Promise] = {
    "missing": _("This is needed."),
    "extra_forbidden": _("There is no such field."),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_too_long": _("At most %(max_length)s characters."),
    "string_too_short": _("At least %(min_length)s characters."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _("This number is too large."),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": _("It must be more than %(gt)s."),
    "greater_than_equal": _("It must be at least %(ge)s."),
    "less_than": _("It must be less than %(lt)s."),
    "less_than_equal": _("It must be at most %(le)s."),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "list_type": _LIST,
    "too_long": _("At most %(max_length)s of them."),
    "too_short": _("At least %(min_length)s of them."),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "time_type": _TIME,
    "time_parsing": _TIME,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "timezone_aware": _INSTANT,
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "literal_error": _("One of: %(expected)s."),
}
# Where a field is looked for: not a part of its name.
PLACES = ("body", "query", "path", "given")


def field_fault(error: dict[str, Any]) -> FieldError:
    """One of pydantic's faults with its path («patient.email»), its code and our sentence."""
    path = [str(part) for part in error["loc"] if part not in PLACES]
    kind = str(error["type"])
    words = {name: str(value) for name, value in error.get("ctx", {}).items()}
    if "expected" in words:
        words["expected"] = words["expected"].replace("'", "").replace(" or ", ", ")
    return FieldError(".".join(path), kind, str(SENTENCES.get(kind, UNREADABLE)) % words)

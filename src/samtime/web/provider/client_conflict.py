"""Two people changed the same client: field by field, which value stands.

The form carries what its fields said when it was opened (`was.*`), so that a change of mine is told
from a change of my colleague; the choice (`pick.*`) is posted to the same address as the edit.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from samtime.web.form_state import FormState
from samtime.web.patient_form import language_choices

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Line:
    """A field that differs: both values in words, and which one is proposed."""

    name: str
    label: str
    mine: str
    theirs: str
    chosen: str


def take_picked(state: FormState, theirs: dict[str, str]) -> None:
    """Fields for which the colleague's value was chosen get it."""
    for name, value in theirs.items():
        if state.text(f"pick.{name}") == THEIRS:
            state.values[name] = value


def lines_of(state: FormState, theirs: dict[str, str], labels: dict[str, str]) -> list[Line]:
    """What differs between the typed and the kept values; my own changes are proposed as mine."""
    found = []
    for name, label in labels.items():
        mine, kept = state.text(name), theirs.get(name, "")
        if mine == kept:
            continue
        untouched = mine == state.text(f"was.{name}")
        chosen = state.text(f"pick.{name}") or (THEIRS if untouched else MINE)
        found.append(Line(name, label, _shown(name, mine), _shown(name, kept), chosen))
    return found


def unchosen(state: FormState, lines: list[Line]) -> list[tuple[str, str]]:
    """The fields that travel unseen with the choice: everything typed, and the former values."""
    shown = {f"pick.{line.name}" for line in lines}
    kept = [(k, v) for k, v in state.values.items() if isinstance(v, str) and k not in shown]
    return [(k, v) for k, v in kept if k.startswith(("patient.", "was."))]


def labels() -> dict[str, str]:
    """The fields of a client's record in the order of the form."""
    return {
        "patient.given_name": _("Given name"),
        "patient.family_name": _("Family name"),
        "patient.birth_date": _("Birth date"),
        "patient.phone": _("Phone"),
        "patient.email": _("E-mail"),
        "patient.language": _("Language of letters"),
        "patient.street": _("Street"),
        "patient.postal_code": _("Postal code"),
        "patient.city": _("City"),
        "patient.protected_address": _("Protected address"),
        "patient.note": _("Note for the desk"),
    }


def _shown(name: str, value: str) -> str:
    if name == "patient.protected_address":
        return _("Yes") if value else _("No")
    if name == "patient.language":
        return str(dict(language_choices()).get(value, value)).strip("–")
    return value

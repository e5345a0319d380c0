"""A person as typed in a booking form."""

from django.utils.translation import gettext as _

from samtime.patients.commands import PatientGiven
from samtime.patients.queries import PatientSearch
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState

FIELDS = ("given_name", "family_name", "birth_date", "phone", "email", "language")


def person_typed(state: FormState) -> PatientGiven:
    """What stands in the fields `patient.*`; notes what is missing or is no date."""
    if not state.text("patient.given_name"):
        state.wrong("patient.given_name", _("Write the given name."))
    if not state.text("patient.family_name"):
        state.wrong("patient.family_name", _("Write the family name."))
    born = day_typed(state.text("patient.birth_date"))
    if state.text("patient.birth_date") and born is None:
        state.wrong("patient.birth_date", _("Write the birth date like 24.11.1980."))
    if not state.text("patient.birth_date"):
        state.wrong("patient.birth_date", _("Write the birth date."))
    if not state.text("patient.phone"):
        state.wrong("patient.phone", _("Write a phone number."))
    return PatientGiven(
        given_name=state.text("patient.given_name"),
        family_name=state.text("patient.family_name"),
        birth_date=born,
        phone=state.text("patient.phone"),
        email=state.text("patient.email"),
        language=state.text("patient.language"),
    )


def search_typed(state: FormState) -> PatientSearch:
    """What stands in the same fields, as a search."""
    return PatientSearch(
        name=f"{state.text('patient.given_name')} {state.text('patient.family_name')}".strip(),
        birth_date=day_typed(state.text("patient.birth_date")),
        phone=state.text("patient.phone"),
        identifier=state.text("patient.identifier"),
    )


def language_choices() -> list[tuple[str, str]]:
    """Languages a patient may be written to in."""
    return [("", "–"), ("en", "English"), ("nb", "Norsk"), ("ro", "Română"), ("hu", "Magyar")]

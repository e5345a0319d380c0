"""A form on its way back."""

from django.http import QueryDict
from django.template import Context, Template

from samtime.web.form_state import FormState

PAGE = "{{ state.name }}|{{ state.errors.name }}|{{ state.ok }}|{{ state.general.0 }}|{{ state.x }}"


def test_templates_read_fields_and_what_is_wrong():
    """Typed values by name; errors and general sentences too, never an empty word instead."""
    state = FormState.posted(QueryDict("name=Ida\x00"))
    state.wrong("name", "Too short.")
    state.general.append("Try again.")
    shown = Template(PAGE).render(Context({"state": state}))
    assert shown == "Ida|Too short.|False|Try again.|"

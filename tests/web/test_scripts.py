"""A page's script and all it imports are named in the head, so that they come together."""

import pytest

from samtime.web.scripts import FRAME, imports_of, module


def test_imports_of_imports_are_found_and_a_page_names_none_twice():
    """P1 of SPEED: no journey for a script behind a script."""
    frame = imports_of(FRAME)
    assert {"samtime/panel.js", "samtime/dialogs.js"} <= frame  # panel.js imports dialogs.js
    page = module("samtime/calendar.js")
    assert page.count("calendar_drag.js") == 1
    assert 'src="/static/samtime/calendar.js"' in page
    assert "/static/samtime/forms.js" not in page
    assert "/static/samtime/forms.js" in module(FRAME)


def test_a_wrong_name_is_a_fault():
    with pytest.raises(LookupError):
        module("samtime/nothing.js")

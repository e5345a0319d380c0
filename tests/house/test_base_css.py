"""base.css is what the pinned Tabler gives for bare elements, and our pages need no more of it."""

import re
from pathlib import Path

from checks import base_css
from django.conf import settings

WEB = Path(settings.ROOT) / "src" / "samtime" / "web"
CLASSES = re.compile(r'class="([^"]*)"')
TAGS = re.compile(r"\{[%{].*?[%}]\}", re.S)


def test_the_sheet_is_what_the_pinned_package_gives():
    """After a new version: `python checks/base_css.py`."""
    assert base_css.MADE.read_text("utf-8") == base_css.made()


def test_rules_for_classes_are_left_out_and_those_for_elements_kept():
    rules = list(base_css._kept(base_css._rules("a,.btn{color:red}p:not(.x){top:0}#y{a:b}")))
    assert rules == [("a", "color:red"), ("p:not(.x)", "top:0")]


def test_no_template_uses_a_class_that_is_not_ours():
    """SCREENS 2.17: all our classes begin with st-, so nothing of Tabler's is missed."""
    foreign = {
        f"{template.name}: {name}"
        for template in WEB.rglob("*.html")
        for given in CLASSES.findall(template.read_text("utf-8"))
        for name in TAGS.sub(" ", given).split()
        if not name.startswith(("st-", "-"))  # «-icon»: what follows a tag
    }
    assert not foreign

"""Every rule of the house catches its planted offence and lets the good form pass."""

import subprocess
import sys
from pathlib import Path

import pytest
from checks import house_rules
from checks.house_rules import source, template_rules, workplace_words

ROOT = Path(__file__).resolve().parents[2]
LONG = "def f():\n" + "    x = 1\n" * 61
COMMAND = '"""x"""\ndef cancel(*, actor, booking):\n    """Doc."""\n    {}\n    return booking\n'
OFFENCES = [
    ("nameless_files", "bookings/utils.py", "x = 1\n", None),
    ("long_files", "bookings/rules.py", "x = 1\n" * 401, "x = 1\n" * 300),
    ("long_functions", "bookings/rules.py", LONG, "def f():\n    return 1\n"),
    (
        "many_arguments",
        "bookings/rules.py",
        "def f(a, b, c, d, *, e, f, g, h): ...\n",
        "def f(a, b): ...\n",
    ),
    (
        "save_overrides",
        "bookings/models.py",
        "class A:\n    def save(self): ...\n",
        "class A:\n    def __str__(self): ...\n",
    ),
    ("signals", "bookings/apps.py", "from django.db.models.signals import post_save\n", "x = 1\n"),
    ("foreign_objects", "web/provider/x.py", "Booking.objects.all()\n", "bookings(actor)\n"),
    (
        "commands",
        "bookings/commands/x.py",
        COMMAND.format("booking.delete()"),
        COMMAND.format("actor.require(Right.BOOK)"),
    ),
    ("queries_write", "bookings/queries/x.py", "row.save()\n", "row.first()\n"),
    (
        "session_settings",
        "bookings/rules.py",
        'x = "SET samtime.viewer = 1"\n',
        'x = "SET LOCAL a = 1"\n',
    ),
    (
        "bare_policies",
        "foundation/tenancy.py",
        "x = \"a = current_setting('samtime.viewer')\"\n",
        "x = \"a = (SELECT current_setting('samtime.viewer'))\"\n",
    ),
    ("on_behalf", "partners/commands.py", "on_behalf(1)\n", "viewing_as(1)\n"),
    (
        "mask_writers",
        "bookings/rules.py",
        'x = "UPDATE resource_day SET busy = 1"\n',
        'x = "SELECT 1 FROM resource_day"\n',
    ),
    ("ways_out", "web/x.py", "from urllib.request import urlopen\n", "import urllib.parse\n"),
    (
        "money_floats",
        "bookings/models.py",
        "price_amount = models.FloatField()\n",
        "price_amount = models.BigIntegerField()\n",
    ),
    (
        "refusals_at_home",
        "web/provider/x.py",
        "class No(Refusal): ...\n",
        "class No(Exception): ...\n",
    ),
    ("loose_bodies", "api/v1/x.py", "class XIn(Schema): ...\n", "class XIn(Body): ...\n"),
    ("app_docstrings", "bookings/__init__.py", '"""One line."""\n', '"""A.\n\nB.\nC.\n"""\n'),
]


@pytest.mark.parametrize(("rule", "place", "bad", "good"), OFFENCES)
def test_a_planted_offence_is_caught(rule, place, bad, good):
    check = getattr(house_rules, rule)
    assert list(check(source(place, bad)))
    if good is not None:
        assert not list(check(source(place, good)))


def test_every_rule_has_a_planted_offence():
    assert {rule.__name__ for rule in house_rules.RULES} == {offence[0] for offence in OFFENCES}


@pytest.mark.parametrize("line", ['<p style="x">', '<a onclick="x">', "<script>alert(1)</script>"])
def test_inline_code_in_templates_is_caught(line):
    """P17: the content policy allows none."""
    assert list(template_rules("x.html", line))


def test_places_of_some_machine_are_caught():
    assert list(workplace_words("README.md", "see /" + "work/main"))
    assert not list(workplace_words("README.md", "see docs/"))


def test_an_upward_import_breaks_the_floors(tmp_path):
    """The floors are exhaustive and only go down: planted in a copy of the contract's package."""
    package = tmp_path / "samtime"
    for name in ("foundation", "bookings", "stray"):
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "foundation" / "x.py").write_text("import samtime.bookings\n")
    contract = (ROOT / ".importlinter").read_text().split("[importlinter:contract:rules]")[0]
    (tmp_path / ".importlinter").write_text(contract)
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert run.returncode != 0

"""HOUSE.md tells the truth: its floors are the folders, its tree exists, a page is one name."""

import configparser
import re
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, resolve, reverse

from samtime.web import navigation

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "samtime"
HOUSE = (ROOT / "HOUSE.md").read_text(encoding="utf-8")
# What is no floor of its own: the way in, and the words.
NO_FLOOR = {"commandline", "locale"}
WAY_IN = {"cli", "urls", "settings", "commandline"}
AUDIENCES = ("provider", "partner", "insurer", "operator", "public", "account")


def section(title):
    """The text of one section of HOUSE.md."""
    return HOUSE.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


def floors():
    """The floors as HOUSE.md draws them, from above."""
    block = section("1. Floors").split("```")[1]
    lines = [re.match(r"([a-z_]+(?: \| [a-z_]+)*)(\s{2,}|$)", line) for line in block.split("\n")]
    return [set(found[1].split(" | ")) for found in lines if found]


def layers(optional):
    """The floors as the import contract has them; `optional` the ones kept in brackets."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    found = []
    for line in contract["importlinter:contract:floors"]["layers"].strip().split("\n"):
        names = [n.strip() for n in line.split("|")]
        kept = {n.strip("()") for n in names if n.startswith("(") == optional}
        found.append(kept)
    return [floor for floor in found if floor]


def apps():
    """The folders of the product."""
    return {p.parent.name for p in PACKAGE.glob("*/__init__.py")} - NO_FLOOR


def test_every_folder_has_a_floor_and_every_floor_a_folder():
    """HOUSE section 1."""
    drawn = set().union(*floors()) - WAY_IN
    assert drawn == apps()


def test_the_import_contract_is_the_drawing():
    """HOUSE section 1: the same floors in the same order."""
    exist = apps()
    drawn = [floor for f in floors() if (floor := f & exist)]
    contract = [
        floor
        for f in _merged(layers(optional=False), layers(optional=True))
        if (floor := f & exist)
    ]
    assert drawn == contract


def _merged(_plain, _kept):
    """All layers in the order of the file, brackets or not."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    text = contract["importlinter:contract:floors"]["layers"].strip()
    return [{n.strip(" ()") for n in line.split("|")} for line in text.split("\n")]


def test_the_floors_to_come_are_the_ones_kept_in_the_contract():
    said = re.search(r"Floors to come.*?: (.*?)\n\n", HOUSE, re.S)
    kept = set().union(*layers(optional=True)) - apps()
    named = set(re.findall(r"\b([a-z]+)\b", said[1])) if said else set()
    assert kept <= named


def test_the_tree_is_there():
    """HOUSE section 3: every file and folder that it names."""
    text = re.sub(r"\([^)]*\)", " ", section("3. Tree").split("```")[1])
    names = re.findall(r"(?<![\w<>/.*-])([\w.-]+/?)(?=\s|$)", text)
    known = {p.name for p in (*ROOT.iterdir(), *PACKAGE.iterdir())} | {
        p.name for folder in ("docs", "tests", "checks") for p in (ROOT / folder).iterdir()
    }
    missing = [n for n in names if ("/" in n or "." in n) and n.strip("/") not in known]
    assert missing == []
    assert {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()} <= {
        n.strip("/") for n in names
    }


def page_names():
    """(audience, name) of every page: a template folder of an audience."""
    return sorted(
        (audience, folder.name)
        for audience in AUDIENCES
        for folder in (PACKAGE / "web" / "templates" / audience).glob("*/")
        if (audience, folder.name) not in {("account", "email"), ("account", "messages")}
    )


@pytest.mark.parametrize(("audience", "name"), page_names())
def test_a_page_is_one_name(audience, name):
    """HOUSE section 2: one module, one template folder, one test file, one help article.

    A page that two sides share has one test file for both.
    """
    tests = list((ROOT / "tests" / "web").glob(f"*/test_{name}*.py"))
    assert (PACKAGE / "web" / audience / f"{name}.py").is_file()
    assert tests, f"tests/web/{audience}/test_{name}.py is missing"
    assert (ROOT / "docs" / "help" / f"{name}.md").is_file()


def entries():
    """Every line of every menu whose page exists."""
    for name in ("PROVIDER", "PARTNER", "INSURER", "OPERATOR"):
        for group in getattr(navigation, name, ()):
            yield from group.entries


def test_every_line_of_the_menu_leads_to_a_page_of_its_own_name():
    """HOUSE section 2: the file is guessed from the menu."""
    astray, found = [], 0
    for entry in entries():
        try:
            view = resolve(reverse(entry.url, args=["aurora"])).func
        except NoReverseMatch:
            continue
        found += 1
        module = view.__module__.rsplit(".", 1)[1]
        if module not in entry.url.split(":")[1]:
            astray.append((entry.url, view.__module__))
    assert found > 10
    assert astray == []


def test_every_help_article_belongs_to_a_page():
    articles = {p.stem for p in (ROOT / "docs" / "help").glob("*.md")} - {"README"}
    modules = {p.stem for a in AUDIENCES for p in (PACKAGE / "web" / a).glob("*.py")}
    assert articles <= modules

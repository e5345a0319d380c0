"""What the documents say is there: tests they name, scopes, codes, links."""

import re
from pathlib import Path

import pytest

from samtime.organizations.commands.keys import THINGS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_every_defence_names_a_test_that_exists_or_says_open():
    """PROMISES 2.1: fifteen threats, each with a proof or an honest «open»."""
    text = (DOCS / "threat-model.md").read_text("utf-8")
    rows = re.findall(r"^\| \*\*(T\d+)\*\* .*$", text, re.M)
    assert rows == [f"T{n}" for n in range(1, 16)]
    for row in re.findall(r"^\| \*\*T\d+\*\* .*$", text, re.M):
        shown = row.rsplit("|", 2)[1]
        assert "::" in shown or "open:" in shown, row
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 30
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{path}::{name}"


def test_the_apis_page_names_every_scope_and_only_codes_there_are():
    """INTERFACE 3: scopes, errors."""
    text = (DOCS / "api.md").read_text("utf-8")
    for thing in THINGS:
        assert f"`{thing}`" in text
    source = "\n".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    table = text.split("| status | code")[1].split("\n\n")[0]
    codes = set(re.findall(r"`([a-z_]+)`", table)) | {"idempotency_mismatch", "request_in_progress"}
    for code in codes:
        assert f'code = "{code}"' in source, code


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "HOUSE.md"])
def test_links_lead_somewhere(page):
    """A document's links are files of this repository."""
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text("utf-8")):
        assert (ROOT / target).exists(), target

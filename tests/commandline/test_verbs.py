"""Every command exists under its name, explains itself, and does nothing while it explains."""

import re
from pathlib import Path

import pytest

from samtime import cli

PROMISED = (
    *("demo", "serve", "worker", "migrate", "seed", "check", "settings", "masks", "key", "user"),
    *("organization", "export", "bounce"),
)


@pytest.mark.parametrize("verb", cli.VERBS)
def test_help_explains_and_starts_nothing(verb, capsys):
    """INTERFACE 1: `--help` ends with 0; no database is asked, no server started."""
    try:
        code = cli.main([verb, "--help"])
    except SystemExit as ended:
        code = ended.code
    assert code == 0
    assert re.match(rf"usage: samtime {verb}\b", capsys.readouterr().out)


@pytest.mark.parametrize("verb", cli.PLAIN)
def test_a_word_that_means_nothing_is_refused_before_anything_is_done(verb, capsys):
    """`samtime migrate --chekc` must not migrate."""
    assert cli.main([verb, "--chekc"]) == 2
    assert "--chekc" in capsys.readouterr().err


def test_an_unknown_verb_and_none_at_all(capsys):
    assert cli.main(["nonsense"]) == 2
    assert "no «nonsense»" in capsys.readouterr().err
    assert cli.main([]) == 0
    assert all(verb in capsys.readouterr().out for verb in ("demo",))


def test_the_promised_names_are_there_and_the_guide_names_no_other():
    """INTERFACE 1; docs/operations.md tells commands that exist."""
    assert set(PROMISED) <= set(cli.VERBS)
    guide = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    assert set(re.findall(r"`samtime (\w+)", guide)) <= set(cli.VERBS)

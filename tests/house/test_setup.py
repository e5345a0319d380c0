"""Set-up says what matters: pip's noise is dropped, its errors and its failure are not."""

import subprocess

import pytest
from checks import setup

NOISE = "WARNING: Location 'file:///x/simple/a/' is ignored: it is neither a file nor a directory."


@pytest.fixture
def pretended(monkeypatch, tmp_path):
    """A Python whose pip says what it is told to, and ends with a code."""

    def pretend(code, *lines):
        script = tmp_path / "python"
        said = "".join(f"echo {line!r} >&2\n" for line in lines)
        script.write_text(f"#!/bin/sh\n{said}exit {code}\n")
        script.chmod(0o755)
        monkeypatch.setattr(setup, "PYTHON", script)

    return pretend


def test_noise_is_dropped_and_everything_else_is_passed_on(pretended, capsys):
    pretended(0, NOISE.replace("'", "`"), "WARNING: something real", "ERROR: also real")
    setup.pip("x")
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "WARNING: something real",
        "ERROR: also real",
    ]
    assert setup.ABSENT.fullmatch(NOISE)


def test_a_failed_installation_fails(pretended, capsys):
    pretended(1, "ERROR: No matching distribution found")
    with pytest.raises(subprocess.CalledProcessError):
        setup.pip("x")
    assert "No matching distribution" in capsys.readouterr().err

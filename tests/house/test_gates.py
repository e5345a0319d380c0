"""Every gate of checks/run.py fails on a planted offence, and the run fails with it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from checks import house_rules, run, translations

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"


def gate(name, folder, **planted):
    """The gate's own command, run where the offence lies."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for place, text in planted.items():
        path = folder / place.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return subprocess.run(
        [str(part) for part in run.GATES[name]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_ruff(tmp_path):
    assert gate("ruff", tmp_path, x_dot_py='"""X."""\n\nx = 1\n').returncode == 0
    assert "F401" in gate("ruff", tmp_path, x_dot_py='"""X."""\n\nimport os\n').stdout


def test_format(tmp_path):
    assert gate("format", tmp_path, x_dot_py="x = 1\n").returncode == 0
    assert gate("format", tmp_path, x_dot_py="x   =   1\n").returncode == 1


def test_templates(tmp_path):
    place = "src__samtime__web__templates__x_dot_html"
    assert gate("templates", tmp_path, **{place: "<div><p>Yes</p></div>\n"}).returncode == 0
    assert gate("templates", tmp_path, **{place: "<div><p>No</div>\n"}).returncode == 1


def test_mypy(tmp_path):
    """The gate is strict, over everything; strict catches what has no types."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert settings["strict"] is True
    assert settings["files"] == ["src/samtime"]
    (tmp_path / "x.py").write_text("def f(a):\n    return a\n")
    told = subprocess.run(
        [BIN / "mypy", "--strict", "--cache-dir", tmp_path / "cache", "x.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "no-untyped-def" in told.stdout


def test_translations(tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["translations.py", "missing"])
    (tmp_path / "x.py").write_text('from x import _\nsaid = _("Save changes")\n')
    assert translations.main() == 0
    (tmp_path / "x.html").write_text('{% load i18n %}{% translate "Nobody translated this" %}')
    assert translations.main() == 1


def test_house(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(house_rules, "PACKAGE", tmp_path)
    monkeypatch.setattr(house_rules, "ROOT", tmp_path.parent)
    monkeypatch.setattr(house_rules, "tracked", list)
    (tmp_path / "fine.py").write_text("x = 1\n")
    assert house_rules.main() == 0
    (tmp_path / "utils.py").write_text("x = 1\n")
    assert house_rules.main() == 1
    assert "nameless_files" in capsys.readouterr().out


def test_every_gate_has_its_planted_offence():
    """The floors have theirs in test_house_rules.py, squawk in test_migrations.py."""
    planted = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert set(run.GATES) - planted == {"floors"}


@pytest.mark.parametrize(("code", "word"), [(0, "ok"), (1, "FAILED")])
def test_the_run_fails_with_one_gate(monkeypatch, capsys, code, word):
    said = [sys.executable, "-c", f"print('its words'); raise SystemExit({code})"]
    monkeypatch.setattr(run, "GATES", {"planted": said})
    assert run.main() == code
    out = capsys.readouterr().out
    assert out.startswith(word)
    assert ("its words" in out) == bool(code)

"""`samtime import`."""

from samtime.catalog.models import Service
from samtime.commandline.file_import import import_file, run
from samtime.documents.models import ImportRun

LIST = "code;name;duration;price\nB1;Test echo;30;250,50\n".encode("cp1252")


def test_a_dry_run_says_what_it_would_do_and_the_import_does_it(town, capsys):
    """Issue 1c: `samtime import ... [--dry-run]`."""
    assert import_file("aurora", "services", "list.csv", LIST, True) == 0
    assert not Service.objects.filter(code="B1").exists()
    assert "create" in capsys.readouterr().out
    assert import_file("aurora", "services", "list.csv", LIST, False) == 0
    assert Service.objects.get(code="B1").provider == town.aurora
    assert "1 rows: applied." in capsys.readouterr().out


def test_errors_go_to_the_error_stream_and_nothing_is_done(town, capsys):
    """Exit 1 with row and column; exit 2 for an unknown organization or file."""
    bad = b"code;name;duration;price\nB1;Test;30;much\n"
    assert import_file("aurora", "services", "list.csv", bad, False) == 1
    assert "list.csv, row 2 D:" in capsys.readouterr().err
    assert import_file("aurora", "services", "list.csv", b"", False) == 1
    assert import_file("nowhere", "services", "list.csv", LIST, False) == 2
    place = ["--organization", "aurora", "--kind", "services", "/does/not/exist.csv"]
    assert run(place) == 2
    assert not Service.objects.filter(code="B1").exists()
    assert not ImportRun.objects.filter(state="applied").exists()

"""Settings > Import: upload, preview, errors by row and column, apply."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from samtime.accounts.models import User
from samtime.catalog.models import Service
from samtime.documents.commands import note_state
from samtime.documents.models import ImportProgress, ImportRun
from samtime.foundation.tenancy import set_viewer

BASE = "/o/aurora/imports/"
LIST = "cod;denumire;durata;preț\nB1;Test ecografie;30;250,50\nB2;Test control;20;180\n"


@pytest.fixture
def admin(town, client):
    """Aurora's administrator in a browser."""
    client.force_login(User.objects.get(email="admin@aurora.example"))
    return client


def upload(client, content, kind="services", name="lista prețuri.csv"):
    """Send the form."""
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post(BASE, {"kind": kind, "file": SimpleUploadedFile(name, raw)})


def test_a_price_list_is_looked_at_and_applied(town, admin):
    """Issue 1c: nothing changes before Apply; afterwards everything is there."""
    answer = upload(admin, LIST)
    assert answer.status_code == 302
    page = admin.get(answer.url).content.decode()
    assert "Test ecografie" in page
    assert "2 new · 0 changed · 0 unchanged" in page
    assert not Service.objects.filter(code="B1").exists()
    done = admin.post(answer.url, follow=True).content.decode()
    assert "2 rows imported." in done
    assert "Imported" in done
    assert Service.objects.filter(provider=town.aurora, code__in=["B1", "B2"]).count() == 2
    assert "lista prețuri.csv" in admin.get(BASE).content.decode()


def test_errors_stand_by_row_and_column_and_there_is_no_apply(admin):
    """Issue 1: a price file with garbage is a list of sentences, and nothing is done."""
    answer = upload(admin, "cod;denumire;durata;preț\nB1;Test;30;mult\nB2;;20;180\n")
    page = admin.get(answer.url).content.decode()
    assert "2 errors in this file" in page
    assert "«mult» is not a number." in page
    assert '<td data-label="Column">D</td>' in page
    assert ">Apply<" not in page
    assert admin.post(answer.url).status_code == 409
    assert not Service.objects.filter(code="B1").exists()


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 422, "Choose a file."),
        (b"\x00\x01\x02", 422, "cannot be read as a table"),
        (b"a;b\n1;2\n", 422, "A row with the names of the columns is needed"),
        (b"x" * (20 * 1024 * 1024 + 1), 413, "larger than 20 MB"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_at_the_field(admin, content, status, sentence):
    """Issue 1: over 20 MB is a sentence at the field; nothing is kept."""
    given = {"kind": "services"}
    if content:
        given["file"] = SimpleUploadedFile("x.csv", content)
    answer = admin.post(BASE, given)
    assert answer.status_code == status
    page = answer.content.decode()
    assert sentence in page
    assert 'id="id_file_error"' in page
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("language", ["en", "nb", "ro", "hu"])
@pytest.mark.parametrize("kind", ["services", "practitioners"])
def test_the_example_file_passes_its_own_import(town, admin, kind, language):
    """The example is true in every language."""
    User.objects.filter(email="admin@aurora.example").update(language=language)
    content = admin.get(f"{BASE}example/{kind}.csv").content
    answer = upload(admin, content, kind=kind)
    set_viewer(town.aurora.id)
    run = ImportRun.objects.get()
    assert (answer.status_code, run.state, run.errors) == (302, "previewed", [])


def test_the_desk_and_a_stranger_get_404(town, admin, client):
    """Not yours is not there."""
    found = upload(admin, LIST).url
    for email in ("desk@aurora.example", "admin@stranger.example"):
        client.force_login(User.objects.get(email=email))
        assert client.get(found).status_code == 404
        assert client.get(BASE).status_code == 404
    client.force_login(User.objects.get(email="admin@stranger.example"))
    assert client.get(found.replace("/aurora/", "/stranger/")).status_code == 404


def test_a_long_list_shows_how_far_it_is_and_can_be_stopped(town, admin):
    """Issue 4: progress on anything over a second, without scripts too; SCREENS 2.10."""
    rows = "".join(f"Prøvesen;Test{n};01.02.19{n % 90 + 10};+47 555 {n:05}\n" for n in range(2000))
    answer = upload(admin, "Etternavn;Fornavn;Fødselsdato;Mobil\n" + rows, kind="patients")
    assert answer.status_code == 302
    page = admin.get(answer.url)
    html = page.content.decode()
    assert "Looking at the file" in html
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in html
    assert 'hx-trigger="every 2s"' in html
    card = admin.get(f"{answer.url}?progress", headers={"HX-Request": "true"}).content.decode()
    assert "<progress" in card
    assert "<html" not in card
    assert "Stopped" not in admin.post(answer.url, {"act": "stop"}, follow=True).content.decode()
    set_viewer(town.aurora.id)
    assert ImportProgress.objects.get().stop_asked
    run = ImportRun.objects.get()
    note_state(run=run, state="stopped")
    over = admin.get(f"{answer.url}?progress", headers={"HX-Request": "true"})
    assert over["HX-Redirect"] == answer.url
    assert "Upload another file" in admin.get(answer.url).content.decode()
    assert admin.post(answer.url).status_code == 409
    admin.force_login(User.objects.get(email="admin@stranger.example"))
    foreign = answer.url.replace("/aurora/", "/stranger/")
    assert admin.get(foreign).status_code == 404
    assert admin.post(foreign, {"act": "stop"}).status_code == 404

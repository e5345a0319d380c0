"""POST /imports: a file through the API."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from samtime.catalog.models import Service
from samtime.documents.models import ImportRun
from tests.api.conftest import Caller

LIST = "code;name;duration;price\nB1;Test echo;30;250,50\n"


@pytest.fixture
def send(town):
    """Send a file with the administrator's key."""
    client: Client = Caller(town.admin).client

    def sent(content=LIST, key="", **form):
        raw = content if isinstance(content, bytes) else content.encode()
        given = {"kind": "services", "file": SimpleUploadedFile("list.csv", raw), **form}
        return client.post("/api/v1/imports", given, headers={"Idempotency-Key": key})

    sent.client = client
    return sent


def test_a_file_is_imported_and_a_dry_run_is_not(send):
    """INTERFACE 3: `{id, state, rows, errors}`; dry_run changes nothing."""
    dry = send(dry_run="true")
    assert (dry.status_code, dry.json()["state"], dry.json()["rows"]) == (201, "previewed", 1)
    assert not Service.objects.filter(code="B1").exists()
    done = send().json()
    assert (done["state"], done["errors"]) == ("applied", [])
    assert Service.objects.get(code="B1").duration_minutes == 30
    again = send.client.post(f"/api/v1/imports/{dry.json()['id']}/apply")
    assert again.json()["state"] == "applied"
    assert send.client.get(f"/api/v1/imports/{done['id']}").json()["preview"][0]["row"] == 2


def test_the_same_key_is_the_same_answer(send):
    """D22: one run for two sendings; another file under the key is refused."""
    key = uuid.uuid4().hex
    assert send(key=key).json()["id"] == send(key=key).json()["id"]
    assert send(LIST + "B2;Test;30;1\n", key=key).status_code == 422


def test_errors_come_by_row_and_column(send):
    """Nothing is done."""
    body = send("code;name;duration;price\nB1;Test;30;much\n").json()
    assert body["state"] == "refused"
    assert [(e["row"], e["column"]) for e in body["errors"]] == [(2, "D")]
    assert body["errors"][0]["detail"]
    assert not Service.objects.filter(code="B1").exists()


def test_bad_requests_are_clear(send, town):
    """413 over 20 MB, 415 other bodies, 422 garbage, unknown kind or no file; nothing is kept."""
    assert send(b"x" * (20 * 1024 * 1024 + 1)).status_code == 413
    assert send(b"\x00\x01").status_code == 422
    assert send(kind="weather").status_code == 422
    no_file = send.client.post("/api/v1/imports", {"kind": "services"})
    assert no_file.json()["errors"][0]["field"] == "file"
    other = send.client.post(
        "/api/v1/imports", "kind=services", content_type="application/x-www-form-urlencoded"
    )
    assert other.status_code == 415
    assert not ImportRun.objects.exists()


def test_a_key_without_the_scope_and_a_stranger_get_nothing(send, town):
    """403 right_missing; not yours is not there."""
    found = send(dry_run="true").json()["id"]
    narrow = Caller(town.admin, scopes=["slots.read"]).client
    assert narrow.get(f"/api/v1/imports/{found}").status_code == 403
    stranger = Caller(town.outsider).client
    assert stranger.get(f"/api/v1/imports/{found}").status_code == 404

"""Health, headers and the security contact: what stands around every page."""

import json
import logging
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client

from samtime.web import health
from tests.town import at, book, person
from tests.web.visitors import visitor

CANARY = "Kanarifuglsen"


@pytest.fixture(autouse=True)
def fresh():
    health.JUDGEMENT.forget()
    yield
    health.JUDGEMENT.forget()


def test_liveness_asks_no_database():
    """PROMISES 2.6: no `db` mark here, so a query would be refused."""
    client = Client(headers={"Host": "10.0.0.7"})
    client.cookies["sessionid"] = "any"
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"live": True})


@pytest.mark.django_db
def test_ready_when_role_policies_migrations_and_clock_are_right(django_assert_num_queries):
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "faults": []})
    with django_assert_num_queries(0):
        assert Client().get("/health/ready").status_code == 200


def test_not_ready_without_a_policy_and_no_name_is_given_away(owner_url, own_database):
    """P8: the answer has a word, the log the sentence."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("DROP POLICY parties ON patients_patient")
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "faults": ["policies"]}
    assert b"patient" not in answer.content


def test_not_ready_while_the_database_is_away(own_database, monkeypatch):
    port = connection.settings_dict["PORT"]
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()["faults"]) == (503, ["database"])
    assert Client().get("/health/live").status_code == 200
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", port)
    health.JUDGEMENT.forget()
    assert Client().get("/health/ready").status_code == 200


def test_security_contact_is_the_standards_form(settings):
    """INTERFACE section 3; RFC 9116 wants Contact and an Expires in the future."""
    settings.BASE_URL = "https://samtime.example"
    answer = Client().get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert said["Contact"] == "mailto:security@samtime.example"
    expires = datetime.fromisoformat(said["Expires"])
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=366)
    assert said["Canonical"] == "https://samtime.example/.well-known/security.txt"


@pytest.mark.django_db
def test_every_answer_has_its_headers(town):
    """PROMISES 4 (V14.3.2): pages with patients are kept nowhere; nothing may be embedded."""
    booking = book(town.desk, town.mri_ana, at(0, 9), person(CANARY, CANARY))
    page = visitor(town.desk).get(f"/o/aurora/bookings/{booking.public_id}/")
    assert CANARY in page.content.decode()
    for answer in (page, Client().get("/"), Client().get("/api/v1/me"), Client().get("/no/")):
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "geolocation=()" in answer["Permissions-Policy"]
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not answer.has_header("Strict-Transport-Security")


@pytest.mark.django_db
def test_https_is_for_ever(settings):
    settings.BASE_URL = "https://samtime.example"
    assert "max-age=31536000" in Client().get("/")["Strict-Transport-Security"]


@pytest.mark.django_db
def test_nothing_about_patients_in_logs(town, caplog, capfd, monkeypatch):
    """A whole booking at the most talkative level: search, hold, book, read, cancel, refusals."""
    from django.utils import timezone

    from tests.api.conftest import Caller
    from tests.town import NOW

    monkeypatch.setattr(timezone, "now", lambda: NOW)
    sql = logging.getLogger("django.db.backends")
    with caplog.at_level(logging.DEBUG):
        caplog.set_level(logging.INFO, logger=sql.name)
        agent, desk = Caller(town.agent), Caller(town.desk)
        offering = str(town.mri_ana.public_id)
        hold = agent.post("holds", {"offering": offering, "start": at(0, 9).isoformat()})
        patient = {
            "given_name": CANARY,
            "family_name": CANARY,
            "birth_date": "1980-02-03",
            "phone": "+40555010199",
        }
        booked = agent.post("bookings", {"hold": hold.body["id"], "patient": patient})
        assert booked.status == 201
        address = f"bookings/{booked.body['id']}"
        assert CANARY in json.dumps(desk.get(address).body)
        broken = {"hold": hold.body["id"], "patient": {**patient, "birth_date": CANARY}}
        assert agent.post("bookings", broken).status == 422
        assert desk.post(f"{address}/cancel", {"reason": CANARY}).status == 200
        assert visitor(town.desk).get(f"/o/aurora/bookings/?search={CANARY}").status_code == 200
    printed = capfd.readouterr()
    for text in (caplog.text, printed.out, printed.err):
        assert CANARY not in text
        assert "555010199" not in text

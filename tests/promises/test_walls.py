"""Every call and address x role x foreign ids x verbs: nothing is read or changed (P7, P8).

The short form takes the likeliest id for each call; `make prove` takes every id in every place.
"""

import json
import re
import uuid
from unittest import mock

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.utils import timezone

from samtime.accounts.rights import Role
from samtime.foundation.tenancy import APPEND_ONLY, Scoped, protected_models, set_viewer
from samtime.journal.models import AccessLogEntry
from samtime.organizations.models import Membership
from tests.api.conftest import Caller
from tests.promises.hostile import Sample, as_json, operations
from tests.promises.walls import (
    CANARY,
    checksums,
    filled,
    foreign_ids,
    make_secrets,
    page_routes,
)
from tests.town import NOW, at, member, organization
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db
SHORT = ("outsider", "agent", "operator")
OUTSIDERS = (
    *SHORT,
    *(pytest.param(who, marks=pytest.mark.prove) for who in ("insurer", "fjord_admin")),
)
SLUGS = {
    "outsider": "stranger",
    "agent": "hello",
    "insurer": "trygg",
    "fjord_admin": "fjord",
    "operator": "operator",
}
VERBS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def walled(town):
    """The town with an operator, Aurora's secrets, and one id of each kind of its rows."""
    with connection.cursor() as cursor:  # a busy machine may pause longer than a page ever does
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    town.network = organization("operator", "Test Operator", "NO", "NOK", "operator")
    town.operator = member(town.network, "operator@samtime.example", "operator")
    town.secret = make_secrets(town)
    town.ids = foreign_ids(town.aurora)
    assert {"booking", "service", "calendar", "location", "channel"} <= set(town.ids)
    return town


@pytest.fixture
def document():
    return json.loads(Client().get("/api/v1/openapi.json").content)


def likely(name, ids):
    """The id that a parameter of this name most likely means."""
    kind = name.removesuffix("_id").replace("_", "")
    also = {"run": "importrun", "ident": "calendar", "token": "invitation"}
    return ids.get(kind) or ids.get(also.get(kind, ""), ids["booking"])


def places(path, ids, every):
    """The call's address with foreign ids: the likeliest one, or each in turn."""
    names = re.findall(r"{(\w+)}", path)
    if not names:
        return [path]
    choices = ids.values() if every else [None]
    return [
        re.sub(r"{(\w+)}", lambda m, one=one: one or likely(m.group(1), ids), path)
        for one in choices
    ]


def said(answer):
    """Everything an answer tells: body and headers."""
    return answer.content.decode(errors="replace") + str(dict(answer.headers))


def ask(client, document, ids, verbs, every=False):
    """Every call with foreign ids in address and body; what told the bird or broke."""
    known = {**ids, "start": at(1, 9).isoformat()}
    sample, faults, sent = Sample(document, known), [], 0
    for verb, path, operation in operations(document):
        tried = verbs if "{" in path else {verb} & set(verbs)
        body = as_json(sample.body(operation) or {})
        for address in places(path, ids, every):
            query = "&".join(
                f"{p['name']}={ids[p['name']]}"
                for p in operation.get("parameters", [])
                if p["in"] == "query" and p["name"] in ids
            )
            for one in sorted(tried):
                raw = b"" if one in ("get", "delete") else body
                headers = {"Idempotency-Key": uuid.uuid4().hex}
                answer = client.generic(
                    one.upper(), f"{address}?{query}", raw, "application/json", headers=headers
                )
                sent += 1
                if CANARY in said(answer) or answer.status_code >= 500:
                    faults.append((one, address, answer.status_code, said(answer)[:200]))
    return faults, sent


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_call_reads_or_changes_a_foreign_row(walled, document, who):
    """P7: all verbs, ids in address, query and body; Aurora's tables are as before."""
    before = checksums(walled.aurora)
    actor = getattr(walled, who)
    faults, sent = ask(Caller(actor).client, document, walled.ids, VERBS)
    assert faults == []
    assert sent > 100
    after = checksums(walled.aurora)
    changed = {table for table, sum_ in before.items() if after[table] != sum_}
    assert changed <= ALLOWED.get(who, set())


# A partner's own rows carry the provider as a party: its hold and its journal are no trespass.
ALLOWED = {
    "agent": {
        "bookings_hold",
        "bookings_booking",
        "calendars_allocation",
        "calendars_resourceday",
        "journal_journalentry",
        "patients_patient",
        "mailbox_outgoingmail",
    }
}


def test_the_sums_see_a_change(walled):
    """The proof above would notice: one changed letter is another sum."""
    before = checksums(walled.aurora)
    set_viewer(walled.aurora.id)
    type(walled.secret).objects.filter(id=walled.secret.id).update(note="other")
    set_viewer(0)
    after = checksums(walled.aurora)
    assert {t for t, s in before.items() if after[t] != s} == {"bookings_booking"}


def test_the_own_desk_does_meet_the_bird(walled, document):
    """The proof above would notice: with the right key the canary is everywhere."""
    faults, _sent = ask(Caller(walled.desk).client, document, walled.ids, ("get",))
    assert len([f for f in faults if f[2] == 200]) >= 2
    assert [f for f in faults if f[2] >= 500] == []


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_page_of_another_organization_opens(walled, who):
    """P7: 404 for everybody who does not belong, whatever the address, id and verb."""
    client = visitor(getattr(walled, who))
    before = checksums(walled.aurora)
    assert len(page_routes()) > 20
    for route in page_routes():
        for verb in ("get", "post"):
            answer = getattr(client, verb)(filled(route, "aurora", walled.secret.public_id))
            assert answer.status_code == 404, route
            assert CANARY not in said(answer), route
    assert checksums(walled.aurora) == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_foreign_ids_under_ones_own_organization_open_nothing(walled, who):
    """P7: the id in the address counts for nothing; no verb changes anything."""
    client = visitor(getattr(walled, who))
    client.raise_request_exception = False
    before = checksums(walled.aurora)
    for route in page_routes():
        if "<uuid:" not in route:
            continue
        address = filled(route, SLUGS[who], walled.secret.public_id)
        for verb in VERBS:
            answer = getattr(client, verb)(address)
            assert answer.status_code in (302, 400, 404, 405, 409, 422), (route, verb)
            assert CANARY not in said(answer), route
    assert checksums(walled.aurora) == before


def everything(rows, viewer):
    """Query scoping switched off, as if every programmer had forgotten it."""
    return rows.all()


@pytest.mark.parametrize("who", OUTSIDERS)
def test_row_policies_alone_keep_the_wall(walled, document, who):
    """P8: with query scoping switched off the database still shows no foreign row."""
    actor = getattr(walled, who)
    client = visitor(actor)
    client.raise_request_exception = False
    before = checksums(walled.aurora)
    with mock.patch.object(Scoped, "visible_to", everything):
        for route in page_routes():
            answer = client.get(filled(route, SLUGS[who], walled.secret.public_id))
            assert CANARY not in said(answer), route
        faults, _sent = ask(Caller(actor).client, document, walled.ids, VERBS)
        assert [f for f in faults if CANARY in f[3]] == []
    after = checksums(walled.aurora)
    assert {t for t, s in before.items() if after[t] != s} <= ALLOWED.get(who, set())


@pytest.mark.prove
@pytest.mark.parametrize("scoped", [True, False])
def test_the_whole_matrix(walled, document, scoped, record_property):
    """P7, P8: every role of an outside organization x every id x every call x five verbs."""
    before, sent = checksums(walled.aurora), 0
    scope = Scoped.visible_to if scoped else everything
    with mock.patch.object(Scoped, "visible_to", scope):
        for role in Role:
            actor = member(walled.stranger, f"matrix-{role.value}@stranger.example", role.value)
            client = Caller(actor).client
            client.raise_request_exception = False
            faults, count = ask(client, document, walled.ids, VERBS, every=True)
            assert [f for f in faults if CANARY in f[3] or scoped] == []
            sent += count
    assert checksums(walled.aurora) == before
    record_property("figure", f"{sent} requests, 0 foreign canaries, 0 foreign row changes")


def test_an_id_that_never_was_and_a_foreign_one_are_one_answer(walled):
    """P7: the same text, so that nobody learns what exists."""
    client = visitor(walled.outsider)
    foreign = walled.secret.public_id
    known = client.get(f"/o/stranger/bookings/{foreign}/").content.decode()
    never = client.get(f"/o/stranger/bookings/{uuid.uuid4()}/").content.decode()

    def plain(text):
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text)
        text = re.sub(r"\b[0-9a-f]{12}\b", "N", text)
        return re.sub(r'(csrfmiddlewaretoken" value|data-csrf)="[^"]+"', "T", text)

    assert plain(known) == plain(never)


def logged(organization):
    """The acts in the log so far: what was done, for which purpose."""
    set_viewer(organization.id)
    acts = list(AccessLogEntry.objects.order_by("id").values_list("action", "purpose"))
    set_viewer(0)
    return acts


def test_every_answer_with_a_patient_has_its_row_in_the_access_log(walled, document):
    """P12: answers that hold the canary = rows added, over every address and call, by anybody."""
    shown, unlogged, double = 0, [], []
    set_viewer(walled.aurora.id)
    patient = str(walled.secret.patient.public_id)
    set_viewer(0)
    addresses = [
        filled(route, "aurora", ident)
        for route in page_routes()
        for ident in (walled.secret.public_id, patient)
    ]
    addresses += [
        places(path, walled.ids, every=False)[0] + f"?from={NOW.date()}&to={NOW.date()}"
        for verb, path, _operation in operations(document)
        if verb == "get"
    ]
    desk, caller = visitor(walled.desk), Caller(walled.desk).client
    for address in sorted(set(addresses)):
        client = caller if address.startswith("/api/") else desk
        before = logged(walled.aurora)
        answer = client.get(address)
        acts, holds = logged(walled.aurora)[len(before) :], CANARY in said(answer)
        shown += holds
        if holds and not acts:
            unlogged.append(address)
        if len(acts) > 1 or (acts and not holds and answer.status_code == 204):
            double.append((address, acts))
    assert unlogged == []
    assert double == []
    assert shown >= 6


def test_a_reading_that_cannot_be_logged_shows_nothing(walled, monkeypatch):
    """P12: no log, no data."""

    def broken(*_given, **_named):
        raise RuntimeError("the log is away")

    monkeypatch.setattr("samtime.journal.commands.fetch", broken)
    client = visitor(walled.desk)
    client.raise_request_exception = False
    answer = client.get(f"/o/aurora/bookings/{walled.secret.public_id}/")
    assert answer.status_code == 500
    assert CANARY not in said(answer)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_role_may_only_add_to_the_logs(walled, table, statement):
    """P13: the application cannot rewrite what happened."""
    set_viewer(walled.aurora.id)
    with pytest.raises(Error, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def test_every_log_is_among_those_only_added_to():
    """P13: a new log table is not forgotten."""
    logs = {m._meta.db_table for m in protected_models() if "log" in m.__name__.lower()}
    assert logs <= set(APPEND_ONLY)


def test_the_role_can_neither_switch_the_policies_off_nor_leave_its_role(walled):
    """P8: what an injected statement could try."""
    for statement in (
        "ALTER TABLE bookings_booking DISABLE ROW LEVEL SECURITY",
        "DROP POLICY parties ON bookings_booking",
        "SET LOCAL ROLE samtime_owner",
        "CREATE TABLE public.mine (x int)",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ):
        with pytest.raises(Error), transaction.atomic():
            connection.cursor().execute(statement)
    connection.cursor().execute("SET LOCAL row_security = off")
    with pytest.raises(Error, match="row-level security"), transaction.atomic():
        connection.cursor().execute("SELECT count(*) FROM bookings_booking")


def test_rights_of_a_key_end_with_its_person(walled):
    """P9: a membership that ended opens nothing at the next call, by page or key."""
    caller, client = Caller(walled.desk), visitor(walled.desk)
    assert caller.get("bookings").status == 200
    assert client.get("/o/aurora/bookings/").status_code == 200
    Membership.objects.filter(user_id=walled.desk.user_id).update(ended_at=NOW)
    assert caller.get("bookings").status == 401
    assert client.get("/o/aurora/bookings/").status_code == 404

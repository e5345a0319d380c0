"""The one way out. P15: 45 hostile forms, rebinding, redirect inside; P33: hang, drip, huge."""

import logging
import time

import httpcore
import pytest
from django.db import transaction

from samtime.connectors import outward
from samtime.connectors.breaker import Breaker
from samtime.connectors.outward import InTransaction, Question, call, judge_address
from samtime.connectors.places import OutwardFault, is_public, place_of
from tests.connectors.servers import drip, hang, huge, listening, reply
from tests.timing import quickest

PUBLIC = "93.184.215.14"
HOSTILE = [
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "//example.com/",
    "example.com",
    "",
    "https://",
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://192.0.0.192/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://db.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://intranet/",
    "https://example.com@127.0.0.1/",
    "https://user:word@example.com/",
    "https://127.0.0.1#@example.com/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com:22/",
    "https://example.com:99999/",
    "https://example.com/\r\nHost: inside",
    "https://exa mple.com/",
    "https://①②⑦.⓪.⓪.①/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://[127.0.0.1]/",
    "https://example..com/",
    f"https://example.com/{'a' * 3000}",
]


@pytest.fixture(autouse=True)
def _closed():
    outward.breaker.forget()


@pytest.fixture
def no_network(monkeypatch):
    """Names resolve to what the test says; every connection is noted and fails."""
    made = []

    def refuse(self, host, port, **_more):
        made.append((host, port))
        raise httpcore.ConnectError("no network in this test")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", refuse)
    monkeypatch.setattr(outward, "lookup", lambda host, port: [PUBLIC])
    return made


def fault_of(url, **more):
    """The code a call ends with."""
    with pytest.raises(OutwardFault) as refused:
        call(Question(url, **{"seconds": 20.0, **more}))
    return refused.value.code


def test_there_are_enough_hostile_forms():
    """P15: at least 45."""
    assert len(set(HOSTILE)) >= 45


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_never_connected_to(url, no_network):
    """P15: refused as written or as resolved, at save and at the call, and nothing was opened."""
    assert fault_of(url) == "forbidden"
    with pytest.raises(OutwardFault):
        judge_address(url)
    assert no_network == []


@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%eth0", "64:ff9b::a00:1"],
)
def test_a_good_name_that_leads_inside_is_refused(inside, no_network, monkeypatch):
    """P15: one address that lies inside spoils them all."""
    monkeypatch.setattr(outward, "lookup", lambda host, port: [PUBLIC, inside])
    assert fault_of("https://register.example.com/") == "forbidden"
    assert no_network == []


def test_a_public_address_is_public():
    """P15: the judgement does not refuse everything."""
    assert all(map(is_public, [PUBLIC, "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]))
    assert place_of("https://Bücher.Example/a?b=c").origin == "https://xn--bcher-kva.example:443"


def test_a_name_that_changes_its_mind_gets_the_judged_address(no_network, monkeypatch):
    """P15: the peer is pinned; the name is not asked a second time."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    monkeypatch.setattr(outward, "lookup", lambda host, port: next(answers))
    assert fault_of("https://rebinding.example.com/") == "connect"
    assert no_network == [(PUBLIC, 443)]
    assert fault_of("https://rebinding.example.com/") == "forbidden"
    assert no_network == [(PUBLIC, 443)]


def test_exactly_the_named_place_is_allowed(settings):
    """P15: SAMTIME_OUTWARD_ALLOW opens host and port, http too, and nothing beside it."""
    with listening(reply) as (place, asked):
        settings.OUTWARD_ALLOW = {place}
        assert call(Question(f"http://{place}/a?b=c")).status == 200
        assert asked == [("GET", "/a?b=c", b"")]
        with listening(reply) as (other, never):
            assert fault_of(f"http://{other}/") == "forbidden"
            assert never == []


def test_a_redirect_is_judged_anew(settings):
    """P15: sent inside, the call ends there."""
    with listening(reply) as (inside, never):

        def send_inside(handler):
            reply(handler, 302, b"", Location=f"http://{inside}/secret")

        with listening(send_inside) as (place, _asked):
            settings.OUTWARD_ALLOW = {place}
            assert fault_of(f"http://{place}/") == "forbidden"
        assert never == []


def test_a_redirect_in_a_circle_ends(settings):
    """P15: three times, not for ever; a POST is not sent on at all."""
    with listening(lambda h: reply(h, 302, b"", Location="/again")) as (place, asked):
        settings.OUTWARD_ALLOW = {place}
        assert fault_of(f"http://{place}/") == "redirect"
        assert len(asked) == 4
        assert fault_of(f"http://{place}/", method="POST", body=b"x") == "redirect"


def test_nobody_outside_sends_us_to_an_allowed_place_inside(settings, monkeypatch):
    """P15: the allow list is for us, not for whoever answers."""
    settings.OUTWARD_ALLOW = {"127.0.0.1:1"}
    sent = outward.Answer(302, {"location": "http://127.0.0.1:1/"}, b"")
    monkeypatch.setattr(outward, "_one", lambda *_: sent)
    assert fault_of("https://example.com/") == "forbidden"


@pytest.mark.parametrize(
    ("misdeed", "code", "seconds"),
    [(hang, "slow", 0.3), (drip, "slow", 0.3), (huge, "too_large", 20.0)],
)
def test_a_place_that_misbehaves_costs_no_more_than_the_deadline(settings, misdeed, code, seconds):
    """P33: hang, drip and huge end in time."""
    with listening(misdeed) as (place, _asked):
        settings.OUTWARD_ALLOW = {place}

        def ask():
            outward.breaker.forget()
            assert fault_of(f"http://{place}/", seconds=seconds) == code

        assert quickest(ask, 0.8) < 0.8


def test_a_resolver_that_hangs_is_left_behind(monkeypatch):
    """P33: the look-up of the name counts too."""
    monkeypatch.setattr(outward, "lookup", lambda host, port: time.sleep(1))

    def ask():
        outward.breaker.forget()
        assert fault_of("https://slow.example.com/", seconds=0.1) == "slow"

    assert quickest(ask, 0.5) < 0.5


@pytest.mark.parametrize(
    "broken",
    [
        lambda h: h.wfile.write(b"no http at all\r\n\r\n"),
        lambda h: reply(h, 200, b"zipped", Content_Encoding="gzip"),
        lambda h: None,
    ],
)
def test_an_answer_that_is_none(settings, broken):
    """P33: broken HTTP, packed without being asked, hung up."""
    with listening(broken) as (place, _asked):
        settings.OUTWARD_ALLOW = {place}
        assert fault_of(f"http://{place}/") in ("protocol", "connect")


def test_a_length_that_lies_is_too_large_at_once(settings):
    """P33: nothing is read of what says itself that it is too much."""

    def boast(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "9999999999")
        handler.end_headers()

    with listening(boast) as (place, _asked):
        settings.OUTWARD_ALLOW = {place}
        assert fault_of(f"http://{place}/") == "too_large"


def test_five_failures_and_the_place_rests_then_one_tries(settings, monkeypatch):
    """P33: breaker after 5 failures, half open after 60 s, one call at a time, closed again."""
    now = [0.0]
    monkeypatch.setattr(outward, "breaker", Breaker(lambda: now[0]))
    status = [500]
    with listening(lambda h: reply(h, status[0])) as (place, asked):
        settings.OUTWARD_ALLOW = {place}
        for _n in range(5):
            assert call(Question(f"http://{place}/")).status == 500
        assert fault_of(f"http://{place}/") == "resting"
        now[0] = 61.0
        assert outward.breaker.may_call(f"http://{place}")
        assert fault_of(f"http://{place}/") == "resting"
        outward.breaker.note(f"http://{place}", worked=False)
        now[0] = 130.0
        status[0] = 200
        assert call(Question(f"http://{place}/")).status == 200
        assert call(Question(f"http://{place}/")).status == 200
        assert len(asked) == 7


def test_nothing_of_an_answer_is_logged(settings, caplog):
    """P15: host and outcome, no path, no body."""
    caplog.set_level(logging.DEBUG, logger="samtime")
    with listening(lambda h: reply(h, 500, b"SECRET-BODY")) as (place, _asked):
        settings.OUTWARD_ALLOW = {place}
        call(Question(f"http://{place}/SECRET-PATH?q=SECRET-QUERY"))
    assert "500" in caplog.text
    assert "SECRET" not in caplog.text


def test_never_inside_a_transaction(db):
    """HOUSE.md 9.1: a call would keep locks open."""
    with transaction.atomic(), pytest.raises(InTransaction):
        call(Question("https://example.com/"))

"""Call-backs over HTTP: promised in the cockpit, the list, booked from it, put off, closed."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.accounts.models import User
from samtime.bookings.commands.call_backs import open_call_back
from samtime.bookings.models import Booking, CallBack, Hold
from samtime.bookings.queries.call_backs import one_call_back
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry
from samtime.organizations.models import Membership
from tests.bookings.test_call_backs import promised
from tests.town import NOW, at
from tests.web.partner.test_cockpit import clocks, confirm, take, the_hold
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOME = "/o/hello/partner/callbacks/"
COCKPIT = "/o/hello/partner/book/"
TYPED = {
    "q": "mri",
    "part": "afternoon",
    "patient.given_name": "Testine",
    "patient.family_name": "Prøvesen",
    "patient.birth_date": "3.2.1980",
    "patient.phone": "0040 555 012",
    "note": "Prefers Ana",
}
KEEP = {"act": "keep", "due_on": "2026-06-01", "due_time": "10:30"}


@pytest.fixture
def agent(town):
    return visitor(town.agent)


def keep(agent, **more):
    return agent.post(f"{COCKPIT}call-back/", {**TYPED, **KEEP, **more})


def the_row(town):
    set_viewer(town.hello.id)
    return CallBack.objects.order_by("-id").first()


def test_f8_shows_what_is_typed_and_keeps_it(town, agent):
    """B5: due in the desk's own zone, the wish and the person go along, the hold is let go."""
    take(agent, town, at(1, 9))
    hold = str(the_hold(town).public_id)
    page = texts(agent.post(f"{COCKPIT}call-back/", {**TYPED, "hold": hold}))
    assert 'value="0040 555 012"' in page
    assert 'name="part" value="afternoon"' in page
    assert 'name="due_on" type="date" value="2026-06-01"' in re.sub(r'class="[^"]*" ', "", page)
    assert CallBack.objects.count() == 0
    for _press in range(2):
        answer = keep(agent, hold=hold, once="k1")
        assert answer.status_code == 200
    assert "The call-back is kept." in texts(answer)
    row = the_row(town)
    assert CallBack.objects.count() == 1
    assert row.due_at == at(0, 10, 30)
    assert (row.wish["part"], row.wish["words"]["service"]) == ("afternoon", "Mri")
    assert Hold.objects.get(public_id=hold).expires_at <= NOW
    caller = one_call_back(town.agent, row.public_id).caller
    assert (caller.name, caller.birth_date, caller.note) == (
        "Testine Prøvesen",
        "3.2.1980",
        "Prefers Ana",
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"patient.phone": ""}, "id_patient_phone_error"),
        ({"due_time": "07:00"}, "id_due_on_error"),
        ({"due_on": "sometime"}, "id_due_on_error"),
    ],
)
def test_f8_refuses_at_the_field_and_keeps_what_was_typed(town, agent, given, field):
    """B5: nothing is kept, the time stays held."""
    take(agent, town, at(1, 9))
    hold = the_hold(town)
    answer = keep(agent, hold=str(hold.public_id), **given)
    assert answer.status_code == 422
    page = texts(answer)
    assert f'id="{field}"' in page
    assert 'value="Testine"' in page
    assert 'name="patient.birth_date" value="3.2.1980"' in page
    assert not CallBack.objects.exists()
    assert the_hold(town).expires_at > NOW


def test_book_opens_the_cockpit_filled_and_booking_closes_it(town, agent):
    """SCREENS 6.4: wish and person stand there; the address names nobody."""
    keep(agent)
    row = the_row(town)
    answer = agent.post(f"{HOME}{row.public_id}/", {"act": "book"})
    to = answer.headers["Location"]
    assert to == f"{COCKPIT}?call_back={row.public_id}"
    page = texts(agent.get(to))
    assert clocks(page)[0] == "12:00"
    assert 'name="patient.family_name" value="Prøvesen"' in page
    seeded = {"call_back": str(row.public_id), "patient.phone": "0040 555 012"}
    held = texts(take(agent, town, at(0, 12), **seeded))
    assert f'name="call_back" value="{row.public_id}"' in held
    assert confirm(agent, town, call_back=str(row.public_id)).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.booking) == ("booked", Booking.objects.get())
    assert "No call-backs" in texts(agent.get(HOME))
    assert "Prøvesen" not in texts(agent.get(to))  # done: the screen is empty again


def test_a_foreign_call_back_books_nothing(town, agent):
    """P7: one answer for «not ours» and «not there»; the booking is not made either."""
    take(agent, town, at(0, 12))
    answer = confirm(agent, town, call_back="00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 404
    assert not Booking.objects.exists()


def test_the_list_is_sorted_counts_now_free_and_is_logged(town, agent):
    """SCREENS 6.4, P12: overdue in words, the first due first, one log entry for the list."""
    keep(agent)
    promised(town.agent2, due=NOW + timedelta(hours=2))
    with viewing_as(town.hello.id):
        CallBack.objects.filter(agent_id=town.agent2.user_id).update(
            due_at=NOW - timedelta(hours=3)
        )
    page = texts(agent.get(HOME))
    assert page.index("3 hours overdue") < page.index("in 2 hours")
    found = texts(agent.get(f"{COCKPIT}find/", {"q": "mri", "part": "afternoon"}))
    total = re.search(r"<span>(?:over )?(\d+) times</span>", found)[1]
    assert re.search(rf'data-label="Now free">(?:over )?{total}<', page)
    with viewing_as(town.hello.id):
        entry = AccessLogEntry.objects.filter(purpose="call_back").order_by("-id").first()
    assert (entry.action, entry.hits) == ("listed", 2)


def test_the_list_costs_the_same_for_many(town, agent):
    """P1: a constant number of statements, whatever is wished."""
    counts = []
    for number in range(4):
        keep(agent, **({"provider": str(town.aurora.public_id)} if number % 2 else {}))
        agent.get(HOME)
        with CaptureQueriesContext(connection) as seen:
            agent.get(HOME)
        counts.append(len(seen))
    assert counts[1] == counts[2] == counts[3] <= 20


def test_a_colleague_has_it_open(town, agent):
    """SCREENS 6.4: his name stands in the row; Book is refused with it, and nothing changes."""
    row = promised(town.agent)
    open_call_back(actor=town.agent2, call_back=row.public_id, now=NOW)
    page = texts(agent.get(HOME))
    assert "Open at Test Agent2" in page
    assert 'value="book"' not in page
    answer = agent.post(f"{HOME}{row.public_id}/", {"act": "book"})
    assert answer.status_code == 409
    assert "Test Agent2 has this call-back open" in texts(answer)
    filled = texts(agent.get(COCKPIT, {"call_back": str(row.public_id)}))
    assert "Test Agent2 has this call-back open" in filled
    assert "Prøvesen" not in filled
    assert the_row(town).opened_by_id == town.agent2.user_id


def test_not_reached_and_close_from_the_panel(town, agent):
    """SCREENS 6.4: a past time is refused at its field; a reason is needed."""
    row = promised(town.agent)
    here = f"{HOME}{row.public_id}/"
    past = {"act": "not_reached", "due_on": "2026-05-31", "due_time": "10:00"}
    answer = agent.post(here, past)
    assert answer.status_code == 422
    assert 'id="id_due_on_error"' in texts(answer)
    assert the_row(town).tries == 0
    given = {**past, "due_on": "2026-06-02", "once": "n1"}
    for _press in range(2):
        assert agent.post(here, given).headers["Location"] == HOME
    assert (the_row(town).tries, the_row(town).due_at) == (1, at(1, 10))
    refused = agent.post(here, {"act": "close"})
    assert refused.status_code == 422
    assert 'id="id_reason_error"' in texts(refused)
    assert the_row(town).state == "open"
    agent.post(here, {"act": "close", "reason": "no_answer"})
    assert the_row(town).state == "closed"
    assert "Never reached" in texts(agent.get(here))


def test_the_open_list_is_renewed_when_something_changed(town, agent):
    """SCREENS 1.1: 204 while nothing did, in six statements at most; else the list anew."""
    row = promised(town.agent)
    version = re.search(r"live/\?version=([\d.]+)", texts(agent.get(HOME)))[1]
    agent.get(f"{HOME}live/", {"version": version})
    with CaptureQueriesContext(connection) as seen:
        assert agent.get(f"{HOME}live/", {"version": version}).status_code == 204
    assert len(seen) <= 6
    open_call_back(actor=town.agent2, call_back=row.public_id, now=NOW)
    page = texts(agent.get(f"{HOME}live/", {"version": version}))
    assert "Open at Test Agent2" in page
    assert "<html" not in page
    assert visitor(town.outsider).get(f"{HOME}live/").status_code == 404


def test_a_call_back_nobody_has_is_handed_over(town, agent):
    """P25: said above the list; all at once, or one from its panel; nobody chosen is refused."""
    rows = [promised(town.agent), promised(town.agent2)]
    with viewing_as(town.hello.id):
        CallBack.objects.update(left_at=NOW)
    assert "Some call-backs have no agent any more" in texts(agent.get(HOME))
    refused = agent.post(HOME, {"agent": ""})
    assert refused.status_code == 422
    assert 'id="left-agent_error"' in texts(refused)
    assert the_row(town).left_at == NOW
    to = str(User.objects.get(pk=town.agent2.user_id).public_id)
    assert agent.post(HOME, {"agent": to}).headers["Location"] == HOME
    page = texts(agent.get(HOME))
    assert "Some call-backs have no agent any more" not in page
    here = f"{HOME}{rows[0].public_id}/"
    me = str(User.objects.get(pk=town.agent.user_id).public_id)
    agent.post(here, {"act": "hand_over", "agent": me})
    set_viewer(town.hello.id)
    assert sorted(CallBack.objects.values_list("agent_id", flat=True)) == sorted(
        [town.agent.user_id, town.agent2.user_id]
    )


def test_strangers_get_404_and_a_manager_without_booking_sees_no_book(town, agent):
    """P7; P33: who may not book can still put off and close."""
    row = promised(town.agent)
    here = f"{HOME}{row.public_id}/"
    for who in (town.outsider, town.desk, town.insurer):
        for path in (HOME, here):
            assert visitor(who).get(path).status_code == 404
        assert visitor(who).post(here, {"act": "close", "reason": "no_wish"}).status_code == 404
    Membership.objects.filter(user_id=town.manager.user_id).update(can_book_at_partner=False)
    manager = visitor(town.manager)
    for path in (HOME, here):
        page = texts(manager.get(path))
        assert "Prøvesen" in page
        assert 'value="book"' not in page
    assert manager.post(here, {"act": "book"}).status_code == 403
    desk = visitor(town.admin)
    for path in (HOME, here):
        elsewhere = path.replace("/hello/", "/aurora/")
        assert "Prøvesen" not in texts(desk.get(elsewhere))
    assert the_row(town).state == "open"


def test_the_cockpit_costs_nothing_more(town, agent):
    """SPEED: opening, holding and booking ask as many statements as before call-backs."""
    costs = []
    agent.get(COCKPIT)  # the first visit of the day notes itself
    for act in (
        lambda: agent.get(COCKPIT),
        lambda: agent.get(f"{COCKPIT}find/", {"q": "mri"}),
        lambda: take(agent, town, at(1, 9)),
        lambda: confirm(agent, town),
    ):
        with CaptureQueriesContext(connection) as seen:
            act()
        costs.append(len(seen))
        assert not [q for q in seen.captured_queries if "callback" in q["sql"].lower()]
    assert all(cost <= most for cost, most in zip(costs, (14, 11, 17, 25), strict=True)), costs

"""The end of a partnership: the question with its choices, notice, and what is shown until then."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.partners.models import Invitation, Partnership
from samtime.web.provider.partner_sheet import next_act
from tests.api.conftest import Caller
from tests.town import NOW, at, book
from tests.web.provider.test_partners import BASE, active, found
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.usefixtures("clock")
DAY = NOW.date() + timedelta(days=10)


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def bond(town):
    """Aurora and Hello, active; one booking after the last day."""
    made = active(town)
    book(town.agent, town.mri_ana, at(14, 9))
    set_viewer(town.aurora.id)
    return made


def end(town, bond, **more):
    """The dialog, filled in by the administrator."""
    given = {"when": "day", "ends_on": DAY.isoformat(), "future_bookings": "cancel", **more}
    return visitor(town.admin).post(f"{BASE}{bond.public_id}/end/", given)


def test_the_question_names_both_ways_and_what_stays(town, bond):
    """P28: now or after a last day, the bookings to come, what the partner still reads."""
    for address in (f"{BASE}{bond.public_id}/end/", f"{BASE}?open={bond.public_id}"):
        page = texts(visitor(town.admin).get(address))
        for words in (
            "After a last day",
            "1 future booking",
            "Honour them",
            "Cancel them",
            "They keep reading their own past bookings.",
        ):
            assert words in page


def test_notice_by_the_clinic_is_shown_with_its_day_and_taken_back(town, bond):
    """P28: the state says the day on both sides; the one who gave it takes it back."""
    answer = end(town, bond)
    assert answer.headers["Location"] == f"{BASE}?open={bond.public_id}"
    made = found()
    assert (made.state, made.ends_on, made.notice_by) == ("notice_given", DAY, "provider")
    assert made.bookings_at_end == "cancel"
    page = texts(visitor(town.admin).get(f"{BASE}?open={bond.public_id}"))
    assert page.count("Ends 11 Jun 2026") >= 2
    assert "Bookings after that day are cancelled then" in page
    theirs = texts(visitor(town.manager).get("/o/hello/partner/agreements/"))
    assert "Ends 11 Jun 2026" in theirs
    assert "Hello Calls SRL" in texts(visitor(town.admin).get(f"{BASE}?state=notice_given"))
    visitor(town.admin).post(f"{BASE}{bond.public_id}/act/keep/")
    assert found().state == "active"


@pytest.mark.parametrize(
    "given", [{"ends_on": "2026-05-01"}, {"ends_on": "x"}, {"future_bookings": ""}]
)
def test_a_wrong_day_or_no_choice_is_refused_and_kept(town, bond, given):
    """P28: said at the field; nothing has ended."""
    answer = end(town, bond, **given)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in texts(answer) or "Say what happens" in texts(answer)
    assert found().state == "active"


def test_under_notice_of_the_partner_the_clinic_may_end_now(town, bond):
    """P28: no second notice; the end at once stays possible, and honours."""
    end(town, bond)
    answer = end(town, bond, when="now", future_bookings="honour")
    assert answer.status_code == 302
    assert found().state == "ended"


def test_the_program_ends_it_on_a_day_or_now(town, bond):
    """P28: `on` gives notice; the answer names state and day; a past day is refused."""
    caller, path = Caller(town.admin), f"partnerships/{bond.public_id}/end"
    refused = caller.post(path, {"future_bookings": "honour", "on": "2026-05-01"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "on")
    assert found().state == "active"
    given = caller.post(path, {"future_bookings": "honour", "on": DAY.isoformat()})
    assert (given.body["state"], given.body["ends_on"]) == ("notice_given", DAY.isoformat())
    assert (given.body["notice_by"], given.body["bookings_at_end"]) == ("provider", "honour")
    assert Caller(town.outsider).post(path, {"on": DAY.isoformat()}).status == 404
    ended = caller.post(path, {"future_bookings": "honour"})
    assert (ended.body["state"], ended.body["ends_on"]) == ("ended", str(NOW.date()))


def test_the_links_last_day_is_the_clinics_and_ends_with_one_dot():
    """P14: half past eleven UTC is tomorrow in Bucharest; no language writes two dots."""
    late = NOW.replace(month=12, hour=23, minute=30)
    days = {"en": "2 Dec", "nb": "2. des", "ro": "2 dec", "hu": "december 2."}
    for language, day in days.items():
        with translation.override(language):
            said = next_act(
                Partnership(state="invited", company_name="Test"),
                Invitation(state="sent", expires_at=late),
                "Europe/Bucharest",
            )
            assert day in said["text"]
            assert ".." not in said["text"]


def test_strangers_end_nothing(town, bond):
    """P36: 404, and the cooperation goes on."""
    path = f"/o/stranger/partners/{bond.public_id}/end/"
    assert visitor(town.outsider).post(path, {"future_bookings": "honour"}).status_code == 404
    with viewing_as(town.aurora.id):
        assert Partnership.objects.get().state == "active"

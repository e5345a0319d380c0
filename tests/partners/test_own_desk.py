"""What a partner booked moves to the own desk; who has no address is called (P28, P29, B9, R8)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from samtime.billing.queries.figures import month_figures
from samtime.bookings.commands.changes import AtOwnDesk, NotPossible, Said, cancel_booking
from samtime.bookings.commands.letters import resend_confirmation
from samtime.bookings.commands.own_desk import CALL, move_to_own_desk
from samtime.bookings.models import Booking
from samtime.channels.models import Channel
from samtime.foundation.errors import Invalid, NotFound
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.commands import resolve_item
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from samtime.jobs.tasks import react
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from samtime.partners.commands import end_partnership
from samtime.partners.models import Partnership
from tests.api.conftest import Caller
from tests.partners.test_notice import bond, clock, give, sweep  # noqa: F401
from tests.town import NOW, at, book, person
from tests.web.visitors import texts, visitor

FROZEN = (
    "channel_id",
    "booker_id",
    "source",
    "price_amount",
    "net_amount",
    "payment_place",
    "payment_state",
    "commission_kind",
    "commission_rate",
    "commission_amount",
    "starts_at",
    "state",
)


@pytest.fixture
def two(town, clock, bond):  # noqa: F811
    """Two bookings to come: of somebody with an address, and of somebody without."""
    written = book(town.agent, town.mri_ana, at(4, 9), person(email="t@pasient.example"))
    silent = book(town.agent, town.mri_ana, at(4, 11), person("Ingenpost"))
    set_viewer(town.aurora.id)
    return written, silent


def end(town, bond, future):  # noqa: F811
    set_viewer(town.aurora.id)
    end_partnership(actor=town.admin, partnership_id=bond.public_id, future_bookings=future)


def react_to_all(town, kind):
    """What the worker does with every row of a kind, twice."""
    with viewing_as(town.aurora.id):
        rows = list(JournalEntry.objects.filter(kind=kind).values_list("id", flat=True))
    for entry in rows * 2:
        react(entry_id=entry, organization_id=town.aurora.id)
    set_viewer(town.aurora.id)


def calls():
    return list(InboxItem.objects.filter(kind=CALL).order_by("id"))


def test_at_the_end_bookings_go_to_the_own_desk_as_they_were_agreed(town, two, bond):  # noqa: F811
    """P28, P29, B9: the desk has them; source, price, payment and commission stay; once each."""
    frozen = list(Booking.objects.order_by("id").values(*FROZEN))
    june, later = date(2026, 6, 1), at(20, 9)
    worth = month_figures(town.admin, june, now=later)
    assert worth[0].commission > 0
    end(town, bond, "desk")
    assert list(Booking.objects.order_by("id").values(*FROZEN)) == frozen
    assert all(b.desk_since == NOW for b in Booking.objects.all())
    assert month_figures(town.admin, june, now=later) == worth
    assert JournalEntry.objects.filter(kind="booking.desk_took_over").count() == 2
    with viewing_as(town.hello.id):
        assert month_figures(town.manager, june, now=later) == worth
    told = OutgoingMail.objects.filter(template="partnership_ended").values_list("text", flat=True)
    assert told
    assert all("with the commission agreed" in text for text in told)
    move_to_own_desk(actor=town.admin, booking=two[0].public_id, now=NOW)
    assert JournalEntry.objects.filter(kind="booking.desk_took_over").count() == 2


def test_the_patient_gets_a_letter_and_who_has_no_address_waits_to_be_called(town, two, bond):  # noqa: F811
    """P28, P30: one letter, one item with an owner and the visit as its date; each once."""
    end(town, bond, "desk")
    react_to_all(town, "booking.desk_took_over")
    (letter,) = OutgoingMail.objects.filter(template="booking_at_desk")
    assert letter.recipient == "t@pasient.example"
    assert "stays as it was booked" in letter.text
    (item,) = calls()
    assert (item.object_id, item.due_at) == (two[1].public_id, two[1].starts_at)
    assert item.owner_id == town.admin.user_id
    assert "came to your own desk" in title_of(item)
    assert "Ingenpost" not in f"{item.facts}{item.link}"
    page = texts(visitor(town.admin).get(f"/o/aurora/inbox/?open={item.public_id}"))
    assert "The phone number stands on the booking." in page
    resolve_item(doer=town.admin, item=item.public_id, now=NOW + timedelta(hours=1))
    react_to_all(town, "booking.desk_took_over")
    assert len(calls()) == 1


def test_cancelled_at_the_end_without_an_address_waits_to_be_called(town, two, bond):  # noqa: F811
    """P28: a letter to one, a call to the other; the dialog said so before."""
    dialog = texts(visitor(town.admin).get(f"/o/aurora/partners/{bond.public_id}/end/"))
    assert "1 client gets no e-mail" in dialog
    end(town, bond, "cancel")
    react_to_all(town, "booking.cancelled")
    assert OutgoingMail.objects.filter(template="booking_cancelled").count() == 1
    assert [i.object_id for i in calls()] == [two[1].public_id]
    assert "was cancelled" in title_of(calls()[0])


@pytest.mark.parametrize("said", [Said("patient"), Said("booker"), Said("provider", tell=False)])
def test_nobody_is_called_about_what_he_wished_or_the_desk_tells_itself(town, two, said):
    """R7: only what the institution decided and nobody could be written to waits."""
    now = timezone.now()
    cancel_booking(actor=town.desk, booking=two[1].public_id, reason="", now=now, said=said)
    react_to_all(town, "booking.cancelled")
    assert calls() == []


def test_the_partner_reads_what_the_desk_took_over_and_changes_nothing(town, two, bond):  # noqa: F811
    """P28, P36: also when the channel is open again; later changes are no longer its affair."""
    end(town, bond, "desk")
    Channel.objects.filter(id=town.channel.id).update(state="active")
    set_viewer(town.hello.id)
    with pytest.raises(AtOwnDesk):
        cancel_booking(actor=town.agent, booking=two[0].public_id, reason="", now=NOW)
    with pytest.raises(AtOwnDesk):
        resend_confirmation(actor=town.agent, booking=two[0].public_id, now=NOW)
    page = texts(visitor(town.agent).get(f"/o/hello/partner/bookings/{two[0].public_id}/"))
    assert "own desk looks after it" in page
    assert "Modify" not in page
    assert "Send again" not in page
    shown = texts(visitor(town.desk).get(f"/o/aurora/bookings/{two[0].public_id}/"))
    assert "Own desk, since" in shown
    assert "is told in any case" not in shown
    set_viewer(town.aurora.id)
    cancel_booking(actor=town.desk, booking=two[0].public_id, reason="", now=NOW)
    react_to_all(town, "booking.cancelled")
    with viewing_as(town.hello.id):
        assert not InboxItem.objects.filter(kind="booking_cancelled_by_institution").exists()
        ended = InboxItem.objects.get(kind="partnership_ended")
        assert ended.facts["future"] == "desk"


def test_only_live_bookings_of_outsiders_go_to_the_desk(town, two):
    """P28: over, one's own, and foreign ones are refused; nothing is written."""
    own = book(town.desk, town.mri_ana, at(4, 13))
    for actor_, house, one, refusal in (
        (town.desk, town.aurora, own, NotPossible),
        (town.agent, town.hello, two[0], NotFound),
        (town.outsider, town.stranger, two[0], NotFound),
    ):
        set_viewer(house.id)
        with pytest.raises(refusal):
            move_to_own_desk(actor=actor_, booking=one.public_id, now=NOW)
    set_viewer(town.aurora.id)
    cancel_booking(actor=town.desk, booking=two[0].public_id, reason="", now=NOW)
    with pytest.raises(NotPossible):
        move_to_own_desk(actor=town.desk, booking=two[0].public_id, now=NOW)
    assert not Booking.objects.exclude(desk_since=None).exists()


def test_notice_may_say_own_desk_and_only_the_institution_may(town, two, bond):  # noqa: F811
    """P28: after the last day the desk has them; a partner cannot hand them over."""
    with pytest.raises(Invalid):
        give(town, bond, future="desk")
    with viewing_as(town.aurora.id):
        assert Partnership.objects.get().state == "active"
    path = f"partnerships/{bond.public_id}/end"
    given = Caller(town.admin).post(
        path, {"future_bookings": "desk", "on": str(NOW.date() + timedelta(days=1))}
    )
    assert (given.status, given.body["bookings_at_end"]) == (200, "desk")
    for who, address in (
        (town.admin, f"/o/aurora/partners/?open={bond.public_id}"),
        (town.manager, f"/o/hello/partner/agreements/?open={bond.public_id}"),
    ):
        assert "own desk then; the patients are told" in texts(visitor(who).get(address))
    sweep(town, 2)
    with viewing_as(town.aurora.id):
        assert all(b.desk_since for b in Booking.objects.all())
        assert Partnership.objects.get().state == "ended"
        history = texts(visitor(town.admin).get(f"/o/aurora/partners/{bond.public_id}/history/"))
    assert "moved to own desk" in history

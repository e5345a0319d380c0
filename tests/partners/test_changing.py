"""A living agreement: terms, card, pause, end."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.calendars import masks
from samtime.channels.queries import ChannelInactive, NotListed, terms_for
from samtime.foundation.errors import Invalid, RightMissing, VersionConflict
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from samtime.partners.commands import (
    NotPossibleInState,
    Terms,
    TermsChange,
    change_partner,
    change_terms,
    end_partnership,
    resume_partnership,
    suspend_partnership,
)
from samtime.partners.models import Partnership
from samtime.partners.queries import partnerships, ticked_services
from samtime.web.provider.partner_history import history
from tests.partners.conftest import card, invite
from tests.town import TODAY, book

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def hello(town):
    """Hello's active partnership with Aurora, on the town's channel."""
    set_viewer(town.aurora.id)
    town.partnership = Partnership.objects.create(
        provider=town.aurora,
        partner=town.hello,
        channel=town.channel,
        state="active",
        kind="call_centre",
        company_name="Hello Calls SRL",
        registration_number="J40/1234/2010",
        tax_number="18576295",
        country="RO",
        representative_name="Test Person",
        representative_email="admin@hello.example",
        accepted_at=timezone.now(),
    )
    return town


def new_terms(town, **more):
    """Both locations, 10 %."""
    places = (town.centru.public_id, town.nord.public_id)
    given = {"location_ids": places, "kind": "percentage", "rate": "10"}
    return Terms(**{**given, **more})


def judged(town, at=None):
    """What the agent gets for MRI with Ana."""
    set_viewer(town.hello.id)
    try:
        return terms_for(town.agent, at=at or timezone.now(), offering_id=town.mri_ana.public_id)
    finally:
        set_viewer(town.aurora.id)


def test_new_terms_count_from_their_day_only(hello):
    """P27, P29: a later rate does not rewrite what was before; D9."""
    later = TODAY + timedelta(days=30)
    change_terms(
        actor=hello.admin,
        partnership_id=hello.partnership.public_id,
        change=TermsChange(new_terms(hello), from_on=later),
    )
    assert judged(hello).commission_rate == 1250
    then = datetime.combine(later, time(12), tzinfo=UTC)
    assert judged(hello, then).commission_rate == 1000
    changed = JournalEntry.objects.get(kind="partnership.terms_changed")
    assert changed.data["changed"]["commission_rate"] == [1250, 1000]


def test_one_rate_for_the_whole_partner(hello):
    """P31: the terms have one rate, and a tick has none."""
    from samtime.channels.models import ChannelTerms, Listing

    assert "commission_rate" in {f.name for f in ChannelTerms._meta.fields}
    assert not {f.name for f in Listing._meta.fields} & {"commission_rate", "commission_amount"}


def test_a_location_taken_out_closes_its_ticks_at_once(hello):
    """P12, P32, P35: locations are the upper bound."""
    places = (hello.nord.public_id,)
    change_terms(
        actor=hello.admin,
        partnership_id=hello.partnership.public_id,
        change=TermsChange(new_terms(hello, location_ids=places)),
    )
    with pytest.raises(NotListed):
        judged(hello)


def test_terms_of_yesterday_are_refused(hello):
    """P29: what has been is not rewritten."""
    with pytest.raises(Invalid) as refused:
        change_terms(
            actor=hello.admin,
            partnership_id=hello.partnership.public_id,
            change=TermsChange(new_terms(hello), from_on=TODAY - timedelta(days=2)),
        )
    assert refused.value.errors[0].code == "past_date"
    assert hello.channel.terms.count() == 1


def test_a_pause_stops_new_bookings_until_it_ends(hello):
    """P28, P9: suspend and resume."""
    ident = hello.partnership.public_id
    suspend_partnership(actor=hello.admin, partnership_id=ident)
    with pytest.raises(ChannelInactive):
        judged(hello)
    resume_partnership(actor=hello.admin, partnership_id=ident)
    assert judged(hello)


def booked_later(town):
    """The agent's booking in three weeks of real time."""
    day = TODAY + timedelta(days=21 - TODAY.weekday())
    masks.rebuild([town.ana_centru.mask_id], [day - timedelta(days=1), day])
    start = datetime.combine(day, time(8), tzinfo=UTC)
    return book(town.agent, town.mri_ana, start, now=timezone.now())


@pytest.mark.parametrize(("choice", "after"), [("honour", "booked"), ("cancel", "cancelled")])
def test_the_end_closes_at_once_and_asks_about_bookings(hello, choice, after):
    """P28, P9, T14: nothing can be booked; what was booked stays, or is cancelled."""
    made = booked_later(hello)
    set_viewer(hello.aurora.id)
    end_partnership(
        actor=hello.admin,
        partnership_id=hello.partnership.public_id,
        future_bookings=choice,
    )
    assert Booking.objects.get(id=made.id).state == after
    with pytest.raises(ChannelInactive):
        judged(hello)
    found = Partnership.objects.get()
    assert (found.state, found.channel.state) == ("ended", "closed")
    with pytest.raises(NotPossibleInState):
        resume_partnership(actor=hello.admin, partnership_id=found.public_id)


def test_the_end_needs_a_choice_and_the_right(hello):
    """P28: refused, and nothing happened."""
    ident = hello.partnership.public_id
    with pytest.raises(Invalid):
        end_partnership(actor=hello.admin, partnership_id=ident, future_bookings="")
    with pytest.raises(RightMissing):
        end_partnership(actor=hello.desk, partnership_id=ident, future_bookings="honour")
    assert Partnership.objects.get().state == "active"


def test_the_card_is_the_inviters_own(town):
    """P27: edited at any time; never the partner's own data, never over a colleague's change."""
    made = invite(town)
    given = card(company_name="Nordvik Testkontor AS", city="Bergen")
    version = made.version
    change_partner(actor=town.admin, partnership_id=made.public_id, card=given, version=version)
    made.refresh_from_db()
    assert (made.company_name, made.city, made.channel.name) == (
        "Nordvik Testkontor AS",
        "Bergen",
        "Nordvik Testkontor AS",
    )
    with pytest.raises(VersionConflict):
        change_partner(actor=town.admin, partnership_id=made.public_id, card=given, version=version)


def test_the_number_names_the_company(town):
    """P9: another number is another company."""
    made = invite(town)
    other = card(registration_number="312319497", tax_number="312319497")
    with pytest.raises(Invalid) as refused:
        change_partner(actor=town.admin, partnership_id=made.public_id, card=other)
    assert refused.value.errors[0].code == "fixed"


def test_pending_ones_come_first_in_the_list(hello):
    """P8, P26: one table with every state."""
    invite(hello)
    assert [p.state for p in partnerships(hello.admin)] == ["invited", "active"]
    assert ticked_services(hello.partnership, TODAY, "en") == {
        hello.centru.id: ["Mri"],
        hello.nord.id: ["Mri"],
    }


def test_a_message_goes_along_with_the_end(hello):
    """P28, SCREENS 4.2: in the mail to the partner's people and its contact, in the history; kept
    out of the journal, which keeps no free words for ever."""
    set_viewer(hello.aurora.id)
    end_partnership(
        actor=hello.admin,
        partnership_id=hello.partnership.public_id,
        future_bookings="honour",
        message="Thank you for two good years.",
    )
    mails = OutgoingMail.objects.filter(template="partnership_ended")
    assert {m.recipient for m in mails} >= {
        "admin@hello.example",
        hello.partnership.representative_email,
    }
    assert all("Thank you for two good years." in m.text for m in mails)
    assert all("/o/hello/partner/agreements/?open=" in m.text for m in mails)
    entry = JournalEntry.objects.get(kind="partnership.ended")
    assert "two good years" not in str(entry.data)
    found = Partnership.objects.get(pk=hello.partnership.pk)
    lines = history(hello.admin, found)
    assert lines[0].notes == ["“Thank you for two good years.”"]


def test_a_message_that_is_too_long_ends_nothing(hello):
    set_viewer(hello.aurora.id)
    with pytest.raises(Invalid) as refused:
        end_partnership(
            actor=hello.admin,
            partnership_id=hello.partnership.public_id,
            future_bookings="honour",
            message="x" * 1001,
        )
    assert [e.field for e in refused.value.errors] == ["message"]
    assert Partnership.objects.get(pk=hello.partnership.pk).state == "active"
    assert not OutgoingMail.objects.filter(template="partnership_ended").exists()

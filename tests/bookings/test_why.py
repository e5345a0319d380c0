"""Why not bookable: every reason, and the same answer as the booking itself."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction

from samtime.bookings.commands.holds import hold_slot
from samtime.bookings.models import Hold
from samtime.bookings.queries.why import Question, why
from samtime.calendars import masks
from samtime.calendars.models import Allocation, AvailabilityException
from samtime.catalog.models import Service, ServicePrice
from samtime.channels.models import Channel, ChannelLocation, Listing, ListingPrice
from samtime.channels.queries import TermsOverdue
from samtime.channels.queries.matrix import matrix
from samtime.foundation.errors import Invalid, NotFound, Refusal, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Membership
from tests.town import NOW, TODAY, at, book, member

pytestmark = pytest.mark.usefixtures("clock")
START = at(1, 10)


def asked(town, actor=None, **more):
    """The answer for MRI with Ana at Centru on Hello's channel, Tuesday at ten."""
    given = {"channel": town.channel.public_id, "offering": town.mri_ana.public_id, "at": START}
    who = actor or town.admin
    set_viewer(who.organization_id)
    return why(who, Question(**{**given, **more}), now=NOW)


def codes(answer):
    """What stands in the way."""
    return [reason.code for reason in answer.reasons]


def test_what_is_open_is_bookable_with_every_switch_shown(town):
    """P32, T7: ten facts in order, none of them in the way."""
    answer = asked(town)
    assert answer.bookable
    assert [s.code for s in answer.switches] == [
        "channel_inactive",
        "not_in_agreement",
        "not_listed",
        "consent_missing",
        "no_price",
        "channel_suspended",
        "no_booking_right",
        "too_late",
        "outside_hours",
        "slot_taken",
    ]
    assert answer.switches[2].since == date(2025, 1, 1)
    assert answer.switches[-1].detail == "1 time with Ana-Test Ionescu"


def test_what_is_not_ticked_says_so_and_where_to_change_it(town):
    """T7, P32: the one reason, who can change it, and the way there."""
    answer = asked(town, offering=town.ecg_ana.public_id)
    assert codes(answer) == ["not_listed"]
    assert answer.reasons[0].fix == "traffic-channels/?location=aurora-centru&q=Ecg"
    assert answer.reasons[0].who == "an administrator"


def test_the_fix_names_the_service_as_the_table_does(town):
    """T7, P32: a reader in another language than the clinic's finds the row behind Fix."""
    set_viewer(town.aurora.id)
    Service.objects.filter(id=town.ecg.id).update(names={"nb": "Hjerteprøve"})
    reader = replace(town.admin, language="nb")
    missing = asked(town, reader, offering=town.ecg_ana.public_id).reasons[0]
    assert missing.fix.endswith("q=Hjertepr%C3%B8ve")
    table = matrix(reader, location=town.centru, on=TODAY)
    assert "Hjerteprøve" in [row.name for row in table.rows]


def test_several_reasons_stand_together(town):
    """T7: suspended, outside the agreement, and no price: all of them at once."""
    set_viewer(town.aurora.id)
    Channel.objects.filter(id=town.channel.id).update(state="suspended")
    ChannelLocation.objects.filter(channel=town.channel, location=town.centru).delete()
    ServicePrice.objects.filter(service=town.mri).delete()
    assert codes(asked(town)) == ["not_in_agreement", "no_price", "channel_suspended"]


def test_nobody_with_the_right_to_book(town):
    """P33, T7: the partner has no user who may book."""
    Membership.objects.filter(organization=town.hello).update(can_book_at_partner=False)
    answer = asked(town)
    assert codes(answer) == ["no_booking_right"]
    assert "Hello Calls SRL" in answer.reasons[0].detail


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (at(0, 7), "too_late"),
        (at(1, 22), "outside_hours"),
        (at(1, 10, 2), "outside_hours"),
        (at(1, 10) + timedelta(days=400), "too_far"),
    ],
)
def test_the_time_itself(town, start, code):
    """T7: past, closed, off the clock's grid, too far ahead."""
    assert code in codes(asked(town, at=start))


def test_a_taken_time_and_a_day_without_any(town):
    """T7: at an instant, and over a whole day."""
    book(town.desk, town.mri_ana, START)
    assert codes(asked(town)) == ["slot_taken"]
    day = TODAY + timedelta(days=1)
    assert asked(town, at=None, on=day).bookable
    for low, high in ((at(1, 0), at(1, 10)), (at(1, 10, 35), at(1, 23))):
        Allocation.objects.create(
            resource=town.ana.resource,
            provider_id=town.aurora.id,
            period=(low, high),
            kind="block",
            source_id=town.mri_ana.public_id,
        )
    masks.rebuild([town.ana_centru.mask_id], [day])
    assert "slot_taken" in codes(asked(town, at=None, on=day))


def test_terms_not_accepted_in_time_are_named_to_each_side_in_its_words(town):
    """P24, T7: the pause itself is named, by the code of the booking's refusal."""
    set_viewer(town.aurora.id)
    Channel.objects.filter(id=town.channel.id).update(paused_at=NOW)
    ours, theirs = asked(town), asked(town, town.agent)
    assert codes(ours) == codes(theirs) == ["terms_not_accepted"]
    assert "Hello Calls SRL has not accepted" in ours.reasons[0].detail
    assert (ours.reasons[0].fix, theirs.reasons[0].fix) == ("", "partner/terms/")
    assert "your company can accept" in theirs.reasons[0].detail
    with pytest.raises(TermsOverdue) as refused:
        book(town.agent, town.mri_ana, START)
    assert refused.value.code == "terms_not_accepted"


def test_a_service_that_nobody_gives_here(town):
    """T7: no practitioner at that location; a partner is told to ask, not who works where."""
    set_viewer(town.aurora.id)
    town.ana_centru.offerings.update(ended_on=TODAY)
    more = {"offering": None, "service": town.mri.public_id, "location": town.centru.public_id}
    assert codes(asked(town, **more)) == ["no_practitioner"]
    [reason] = asked(town, town.agent, **more).reasons
    assert (reason.who, reason.fix) == ("Clinica Aurora SRL", "")
    assert "practitioner" not in f"{reason.title} {reason.detail}".lower()
    assert "Ask the clinic" in reason.detail


def test_a_service_asks_for_any_practitioner(town):
    """T7: at Nord two give MRI; the one who is nearest to bookable is shown."""
    more = {"offering": None, "service": town.mri.public_id, "location": town.nord.public_id}
    answer = asked(town, **more)
    assert answer.bookable
    assert [name for _id, name in answer.practitioners] == [
        "Ana-Test Ionescu",
        "Dan-Test Popescu",
    ]


def test_a_partner_reads_only_its_half(town):
    """T7: the clinic is the one who can change it; no link, and nothing about its calendars."""
    answer = asked(town, town.agent, offering=town.ecg_ana.public_id)
    [reason] = answer.reasons
    assert (reason.code, reason.fix, reason.who) == ("not_listed", "", "Clinica Aurora SRL")
    assert "outside_hours" not in [s.code for s in answer.switches]


def test_a_partner_reads_nothing_behind_a_shut_door(town):
    """T7, D24: no price of what is not ticked, no tick of what is not in the agreement, and after
    the end nothing at all; nor which part of it has ended."""
    shown = asked(town, town.agent, offering=town.ecg_ana.public_id)
    assert "no_price" not in [s.code for s in shown.switches]
    assert "no_price" in [s.code for s in asked(town, offering=town.ecg_ana.public_id).switches]
    town.ana_centru.offerings.filter(service=town.mri).update(ended_on=TODAY)
    [reason] = asked(town, town.agent).reasons
    assert reason.code == "not_offered"
    assert "practitioner" not in reason.detail
    ChannelLocation.objects.filter(channel=town.channel, location=town.centru).delete()
    Channel.objects.filter(id=town.channel.id).update(state="closed")
    theirs = [s.code for s in asked(town, town.agent).switches]
    assert theirs == [
        "channel_inactive",
        "consent_missing",
        "channel_suspended",
        "no_booking_right",
    ]


def test_strangers_and_those_without_a_right_learn_nothing(town):
    """P7, T7: another clinic finds no channel; a case handler has no right."""
    with pytest.raises(NotFound):
        asked(town, town.outsider)
    with pytest.raises(NotFound):
        asked(town, town.fjord_admin)
    with pytest.raises(NotFound):
        asked(town, offering=town.ingrid_sentrum.offers["physio"].public_id)
    with pytest.raises(Invalid):
        asked(town, at=None)


def test_a_practitioner_alone_has_no_such_right(town):
    """T7: rights."""
    billing = member(town.aurora, "case@aurora.example", "case_handler")
    with pytest.raises(RightMissing):
        asked(town, billing)


def shaken(town, dice):
    """One random situation of the clinic, its channel, its price, its hours and its bookings."""
    set_viewer(town.aurora.id)
    channel = Channel.objects.filter(id=town.channel.id)
    channel.update(state=dice.choice(["open", "open", "open", "open", "suspended", "closed"]))
    channel.update(paused_at=dice.choice([None, None, None, None, None, NOW]))
    if dice.random() < 0.2:
        ChannelLocation.objects.filter(channel=town.channel).exclude(location=town.nord).delete()
    for row in (None, town.mri_ana):
        if dice.random() < 0.4:
            Listing.objects.update_or_create(
                channel=town.channel,
                provider_id=town.aurora.id,
                outsider_id=town.hello.id,
                location=town.centru,
                service=town.mri,
                offering=row,
                from_on=TODAY + timedelta(days=dice.choice([-3, 0, 1, 2])),
                defaults={"open": dice.random() < 0.6},
            )
    if dice.random() < 0.25:
        ServicePrice.objects.filter(service=town.mri).delete()
        if dice.random() < 0.5:
            ListingPrice.objects.create(
                channel=town.channel,
                provider_id=town.aurora.id,
                outsider_id=town.hello.id,
                location=town.centru,
                service=town.mri,
                amount=100,
                currency="RON",
                from_on=TODAY + timedelta(days=dice.choice([-1, 2])),
            )
    town.mri.lead_minutes = dice.choice([0, 0, 60, 1500])
    town.mri.horizon_days = dice.choice([365, 365, 2, 1])
    town.mri.save()
    if dice.random() < 0.15:
        town.ana_centru.offerings.filter(service=town.mri).update(ended_on=TODAY)
    if dice.random() < 0.3:
        closed = TODAY + timedelta(days=dice.choice([0, 1, 2]))
        AvailabilityException.objects.create(calendar=town.ana_centru, date=closed, closed=True)
        masks.rebuild([town.ana_centru.mask_id], [closed - timedelta(days=1), closed])
    for _n in range(dice.choice([0, 1, 3])):
        try:
            start = at(dice.choice([0, 1, 2]), dice.choice([9, 10, 11, 12]))
            if dice.random() < 0.5:
                book(town.desk, town.mri_ana, start)
            else:
                set_viewer(town.aurora.id)
                earlier = NOW - timedelta(minutes=dice.choice([2, 10]))
                hold_slot(
                    actor=town.desk, offering=town.mri_ana.public_id, start=start, now=earlier
                )
        except Refusal:
            pass


def may_be_held(town, actor, start):
    """Whether the booking command itself takes the time; nothing is left behind."""
    set_viewer(actor.organization_id)
    try:
        with transaction.atomic():
            hold_slot(actor=actor, offering=town.mri_ana.public_id, start=start, now=NOW)
            transaction.set_rollback(True)
    except Refusal:
        return False
    return True


def test_the_answer_agrees_with_the_booking_command(town):
    """P32, T7: bookable means that a hold succeeds, in whatever state everything is; and a hold
    that somebody let run out keeps nobody away. Asked by the partner, the clinic, the own desk."""
    seen = Counter()
    for seed in range(20):
        with transaction.atomic():
            dice = random.Random(seed)
            shaken(town, dice)
            desk = Channel.objects.visible_to(town.admin).get(kind="own_desk").public_id
            for _n in range(3):
                hour, minute = dice.choice([7, 9, 10, 11, 15]), dice.choice([0, 30, 3])
                start = at(dice.choice([0, 1, 2]), hour, minute)
                held = may_be_held(town, town.agent, start)
                assert asked(town, town.agent, at=start).bookable == held, (seed, start)
                assert asked(town, town.admin, at=start).bookable == held, (seed, start)
                own = may_be_held(town, town.desk, start)
                assert asked(town, town.desk, channel=desk, at=start).bookable == own, (seed, start)
                seen[(held, own)] += 1
            transaction.set_rollback(True)
    assert min(seen[True, True], seen[False, False], seen[False, True]) > 3


def test_it_asks_the_same_number_of_questions_for_many_bookings(
    town, django_assert_max_num_queries
):
    """SPEED: one panel is a handful of queries."""
    for hour in (9, 11, 13):
        book(town.desk, town.mri_ana, at(1, hour))
    assert not Hold.objects.exists()
    with django_assert_max_num_queries(12):
        asked(town, at=None, on=TODAY + timedelta(days=1))

"""Offerings kept in the process: equal to the tables after every change, at once (P1, P12, D5)."""

import re
import threading
from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from samtime.bookings.queries import nearest, starts
from samtime.bookings.queries.facets import bookable_services, facets
from samtime.bookings.queries.facets_kept import Kept
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars.commands.calendars import (
    change_calendar,
    change_offering,
    end_calendar,
    end_offering,
)
from samtime.calendars.commands.hours import ExceptionGiven, RuleGiven, add_exception, add_rule
from samtime.calendars.models import AvailabilityRule, ResourceGroup, ResourceNeed
from samtime.catalog.models import Service, ServiceLength
from samtime.channels.commands import (
    Change,
    close_listing,
    forget_opening_changes,
    open_listing,
)
from samtime.channels.commands.life import (
    resume_channel,
    set_channel_locations,
    suspend_channel,
)
from samtime.channels.models import Channel
from samtime.channels.queries import kept
from samtime.channels.queries.opening_arrays import IDS
from samtime.channels.queries.openings import load_sql, sides_of
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Location, Organization, Practitioner
from tests.town import FAR_BACK, NOW, TODAY, at, book, calendar, listing, practitioner, service

WEEK = SlotSearch(start=TODAY, days=7, limit=1000)


def seen_by(actor, *, on=TODAY):
    """What is kept for an actor, as rows that can be compared."""
    with transaction.atomic():
        set_viewer(actor.organization_id)
        found, _also = kept.openings(actor, on=on)
    columns = [getattr(found, name).tolist() for name in IDS]
    kinds = [found.kinds[n] for n in found.kind.tolist()]
    points = [(found.latitudes[n], found.longitudes[n]) for n in found.place.tolist()]
    weeks = [str(found.weeks[n].tolist()) for n in found.week.tolist()]
    rows = sorted(zip(*columns, kinds, points, weeks, strict=True))
    return found.since, found.until, rows


def true_for(actor, *, on=TODAY):
    kept.forget()
    return seen_by(actor, on=on)


def starts_of(actor, wish=WEEK):
    with transaction.atomic():
        set_viewer(actor.organization_id)
        return [(s.offering_id, s.start) for s in find_slots(actor, wish, now=NOW).items]


def done(actor, act):
    with transaction.atomic():
        set_viewer(actor.organization_id)
        return act()


def changes(town):
    """Everything that changes what somebody finds, by commands where there are any."""
    admin, channel = town.admin, town.channel
    cell = Change(
        channel=channel.public_id, location=town.centru.public_id, service=town.mri.public_id,
        from_on=TODAY,
    )  # fmt: skip
    group = ResourceGroup.objects.create(provider=town.aurora, location=town.centru, name="MR")
    centru, nord = town.ana_centru, town.dan_nord
    hours = RuleGiven(weekday=7, start=time(6), end=time(7), valid_from=FAR_BACK)
    sunday = ExceptionGiven(TODAY + timedelta(days=6), closed=False, start=time(20), end=time(21))
    service_rows = Service.objects.filter(id=town.mri.id)
    return {
        "untick": lambda: close_listing(actor=admin, change=cell),
        "tick": lambda: open_listing(actor=admin, change=cell),
        "tick one": lambda: listing(channel, town.nord, town.ecg, offering=nord.offers["ecg"]),
        "tick later": lambda: listing(
            channel, town.centru, town.ecg, from_on=TODAY + timedelta(days=3)
        ),
        "suspend": lambda: suspend_channel(actor=admin, channel=channel),
        "resume": lambda: resume_channel(actor=admin, channel=channel),
        "pause": lambda: Channel.objects.filter(id=channel.id).update(paused_at=NOW),
        "go on": lambda: Channel.objects.filter(id=channel.id).update(paused_at=None),
        "fewer places": lambda: set_channel_locations(
            actor=admin, channel=channel, location_ids=[town.centru.id]
        ),
        "all places": lambda: set_channel_locations(
            actor=admin, channel=channel, location_ids=[town.centru.id, town.nord.id]
        ),
        "step": lambda: change_calendar(actor=admin, calendar_id=centru.public_id, step_minutes=30),
        "duration": lambda: change_offering(
            actor=admin, offering_id=town.mri_ana.public_id, duration_minutes=60
        ),
        "service": lambda: service_rows.update(buffer_before_minutes=10, specialty="Scans"),
        "longer later": lambda: ServiceLength.objects.create(
            service=town.ecg, from_on=TODAY + timedelta(days=9), duration_minutes=25
        ),
        "rooms": lambda: ResourceNeed.objects.create(
            service=town.mri, location=town.centru, group=group
        ),
        "opens": lambda: add_rule(actor=admin, calendar_id=centru.public_id, given=hours, now=NOW),
        "opens once": lambda: add_exception(
            actor=admin, calendar_id=nord.public_id, given=sunday, now=NOW
        ),
        "hours go": lambda: AvailabilityRule.objects.filter(calendar=centru, weekday=1).delete(),
        "speaks": lambda: Practitioner.objects.filter(id=town.ana.id).update(languages=["nb"]),
        "place": lambda: Location.objects.filter(id=town.nord.id).update(latitude=None),
        "zone": lambda: Location.objects.filter(id=town.nord.id).update(time_zone="Europe/Oslo"),
        "new calendar": lambda: calendar(town.newcomer, town.nord, town.mri),
        "offering ends": lambda: end_offering(
            actor=admin, offering_id=nord.offers["mri"].public_id, today=TODAY
        ),
        "calendar ends": lambda: end_calendar(actor=admin, calendar_id=centru.public_id, now=NOW),
    }


@pytest.mark.race
def test_what_is_kept_equals_the_tables_after_every_change(lasting_town, clock):
    """P1, P12: for the partner and for the own desk, one small statement later."""
    town = lasting_town
    town.newcomer = done(town.admin, lambda: practitioner(town.aurora, "Radu-Test", "Nou"))
    for name, act in done(town.admin, lambda: changes(town)).items():
        before = [seen_by(who) for who in (town.agent, town.desk)]
        done(town.admin, act)
        after = [seen_by(who) for who in (town.agent, town.desk)]
        assert after != before, f"{name} changes nothing"
        assert after == [true_for(who) for who in (town.agent, town.desk)], name


@pytest.mark.race
def test_a_suspended_partner_finds_nothing_at_once(lasting_town):
    """P12: another process suspends; what this one keeps does not outlive it."""
    town = lasting_town
    assert starts_of(town.agent)
    elsewhere(
        lambda: done(town.admin, lambda: suspend_channel(actor=town.admin, channel=town.channel))
    )
    assert starts_of(town.agent) == []
    elsewhere(
        lambda: done(town.admin, lambda: resume_channel(actor=town.admin, channel=town.channel))
    )
    assert starts_of(town.agent)


@pytest.mark.race
def test_a_change_counts_from_its_commit_not_from_its_beginning(lasting_town):
    """P12: whoever read while it was under way does not miss it afterwards."""
    town = lasting_town
    begun, read = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            set_viewer(town.aurora.id)
            suspend_channel(actor=town.admin, channel=town.channel)
            begun.set()
            read.wait(300)

    other = threading.Thread(target=lambda: elsewhere_in(slow))
    kept.forget()
    other.start()
    begun.wait(300)
    assert starts_of(town.agent)
    assert starts_of(town.agent)
    read.set()
    other.join(300)
    assert starts_of(town.agent) == []


def elsewhere_in(act):
    try:
        act()
    finally:
        connections.close_all()


def elsewhere(act):
    other = threading.Thread(target=lambda: elsewhere_in(act))
    other.start()
    other.join(300)


@pytest.mark.race
def test_what_is_rolled_back_was_never_kept(lasting_town):
    """P12: inside its transaction a change counts at once; after a rollback it never was."""
    town = lasting_town
    before = starts_of(town.agent)
    with transaction.atomic():
        set_viewer(town.aurora.id)
        suspend_channel(actor=town.admin, channel=town.channel)
        set_viewer(town.hello.id)
        assert find_slots(town.agent, WEEK, now=NOW).items == []
        transaction.set_rollback(True)
    assert starts_of(town.agent) == before


@pytest.mark.race
def test_what_is_kept_belongs_to_the_viewer(lasting_town):
    """D5: with nobody set, or somebody else, the row policies leave nothing to keep."""
    town = lasting_town
    assert starts_of(town.agent)
    for viewer in (0, town.stranger.id):
        with transaction.atomic():
            set_viewer(viewer)
            assert find_slots(town.agent, WEEK, now=NOW).items == []


def test_every_table_that_a_search_keeps_notes_its_changes(town):
    """P12: a table joined to the search without its trigger would go stale in silence."""
    sql = load_sql(tuple(sides_of(town.agent)), few=False)
    read = set(re.findall(r"(?:FROM|JOIN) ([a-z]+_[a-z]+)", sql))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'note_opening'"
        )
        watched = {row[0] for row in cursor.fetchall()}
    assert read == watched
    assert len(read) == 14


def test_a_search_takes_as_many_statements_however_many_offerings_there_are(town):
    """SPEED W2: which are meant, their masks, names and prices of what is shown."""
    kept.forget()
    set_viewer(town.hello.id)
    with CaptureQueriesContext(connection) as few:
        assert find_slots(town.agent, WEEK, now=NOW).items
    more = [service(town.aurora, f"s{n}", 30, 100) for n in range(4)]
    for one in more:
        listing(town.channel, town.nord, one)
    calendar(practitioner(town.aurora, "Mai-Test", "Multi"), town.nord, *more)
    set_viewer(town.hello.id)
    with CaptureQueriesContext(connection) as many:
        assert find_slots(town.agent, WEEK, now=NOW).items
    assert len(many) <= len(few) + 1


def test_ticks_of_later_days_are_kept_apart(town):
    """D9: each day has its own ticks; both kinds of days may be kept side by side."""
    from_on = TODAY + timedelta(days=2)
    listing(town.channel, town.centru, town.ecg, from_on=from_on)
    set_viewer(town.hello.id)
    ecg = replace(WEEK, service=town.ecg.public_id)
    for _again in range(2):
        found = find_slots(town.agent, ecg, now=NOW).items
        assert min(s.start for s in found) == at(2, 8)


def test_the_nearest_first_gives_the_same_page(town, monkeypatch):
    """P1: day by day from the nearest on, with a booking, a half day and a late opening between."""
    book(town.desk, town.mri_ana, at(0, 8))
    late = calendar(practitioner(town.aurora, "Sara-Test", "Tarziu"), town.centru, town.mri,
                    start=time(6), end=time(9), days=(1, 3))  # fmt: skip
    listing(town.channel, town.nord, town.ecg)
    set_viewer(town.hello.id)
    for wish in (
        WEEK,
        replace(WEEK, near=(44.5, 26.07)),
        replace(WEEK, near=(44.4, 26.1), radius_km=8),
    ):
        whole = find_slots(town.agent, wish, now=NOW).items
        monkeypatch.setattr(starts, "MANY", 0)
        monkeypatch.setattr(nearest, "FIRST_READ", 1)
        assert find_slots(town.agent, wish, now=NOW).items == whole
        assert find_slots(town.agent, replace(wish, limit=7), now=NOW).items == whole[:7]
        monkeypatch.undo()
    assert late.mask_id in {s.mask_id for s in whole}


def test_old_changes_are_forgotten(town):
    """The record of changes stays small."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM opening_change")
        assert cursor.fetchone()[0] > 0
        assert forget_opening_changes(now=NOW - timedelta(days=4000)) == 0
        assert forget_opening_changes(now=NOW + timedelta(days=4000)) > 0
        cursor.execute("SELECT count(*) FROM opening_change")
        assert cursor.fetchone()[0] == 0


def test_what_may_be_chosen_is_kept_until_a_name_changes(town):
    """P1: while an agent types nothing is read twice; a new name is there at once."""
    actor = town.agent

    def choices():
        with transaction.atomic():
            set_viewer(actor.organization_id)
            known = Kept(actor, on=TODAY)
            with CaptureQueriesContext(connection) as asked:
                made = known.facets(None), [c.name for c in known.services()]
        return len(asked), *made

    choices()
    asked, made, names = choices()
    assert asked == 0
    with transaction.atomic():
        set_viewer(actor.organization_id)
        assert made.facets == facets(actor, services=(), on=TODAY)
        assert names == [c.name for c in bookable_services(actor, on=TODAY)]
    assert "Ionescu" in made.doctors
    for model, change, ident in (
        (Practitioner, {"family_name": "Nyttnavn"}, town.ana.id),
        (Location, {"name": "Sted <Nyttsted>"}, town.centru.id),
        (Organization, {"name": "Nyklinikk"}, town.aurora.id),
        (Service, {"name": "Nytjeneste", "names": {}}, town.mri.id),
    ):
        with transaction.atomic():
            set_viewer(town.aurora.id)
            model.objects.filter(id=ident).update(**change)
    asked, made, names = choices()
    assert asked == 2
    assert "Nyttnavn" in made.doctors
    assert "Nyklinikk, Sted &lt;Nyttsted&gt;" in made.places
    assert "Nytjeneste" in names

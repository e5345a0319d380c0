"""One person, two records: proposed, merged, taken back without loss, once only."""

from datetime import date

import pytest

from samtime.accounts.actor import system_actor
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.models import Booking
from samtime.foundation.errors import NotFound, RightMissing, VersionConflict
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.jobs.reactions import look_for_duplicates
from samtime.journal.models import JournalEntry
from samtime.patients.commands import add_patient
from samtime.patients.commands.merging import (
    CHOICES,
    AlreadyMerged,
    MergeWish,
    keep_apart,
    merge_patients,
    propose_recent_duplicates,
    unmerge_patients,
)
from samtime.patients.commands.records import (
    ContactGiven,
    add_contact,
    add_identifier,
    change_patient,
)
from samtime.patients.models import DuplicateProposal, Patient, PatientContact, PatientIdentifier
from samtime.patients.queries import PatientSearch, search_patients
from samtime.patients.queries.accesses import accesses_of
from samtime.patients.queries.duplicates import proposals
from tests.promises.test_races import as_actor, together
from tests.town import NOW, TODAY, at, book, member, person

BORN = date(1961, 3, 14)


def add(town, given="Astrid-Test", family="Vestprøve", **more):
    more = {"birth_date": BORN, "phone": "+40 721 555 187", **more}
    return add_patient(actor=town.desk, person=person(given, family, **more), today=TODAY)


def book_known(town, patient, start):
    known = Wish(offering=town.mri_ana.public_id, start=start, patient_id=patient.public_id)
    return book_slot(actor=town.desk, wish=known, now=NOW)


def wish(kept, gone, *taken):
    return MergeWish(kept.public_id, gone.public_id, kept.version, gone.version, frozenset(taken))


@pytest.fixture
def two(town):
    """The same woman twice: one with a booking, a number and a contact."""
    set_viewer(town.aurora.id)
    kept = add(town, email="kept@pasient.example")
    gone = add(town, family="Vestprove", phone="+40 721 999 999")
    given = {"actor": town.desk, "patient_id": gone.public_id}
    add_identifier(**given, kind="passport", country="NO", number="P1234567")
    add_contact(**given, contact=ContactGiven("employer", "Arbeid AS"))
    book_known(town, gone, at(1, 9))
    return kept, gone


def belongings(patient):
    return [
        model.objects.filter(patient_id=patient.id).count()
        for model in (Booking, PatientIdentifier, PatientContact)
    ]


@pytest.mark.django_db
def test_everything_follows_and_everything_comes_back(town, two, clock):
    """P20, S4: bookings, numbers, contacts and the access log; and back without loss."""
    kept, gone = two
    before = len(accesses_of(town.desk, gone))
    merge = merge_patients(actor=town.desk, wish=wish(kept, gone, "phone"), now=NOW)
    assert (belongings(kept), belongings(gone)) == ([1, 1, 1], [0, 0, 0])
    kept.refresh_from_db()
    assert (kept.phone, kept.family_name) == ("+40 721 999 999", "Vestprøve")
    assert len(accesses_of(town.desk, kept)) > before
    assert [p.id for p in search_patients(town.desk, PatientSearch(name="vestprove"))] == [kept.id]
    later = book_known(town, gone, at(2, 9))
    assert later.patient_id == kept.id
    back = unmerge_patients(actor=town.desk, merge_id=merge.public_id, now=NOW)
    assert back.id == gone.id
    assert (belongings(kept), belongings(gone)) == ([1, 0, 0], [1, 1, 1])
    kept.refresh_from_db()
    assert kept.phone == "+40 721 555 187"
    found = search_patients(town.desk, PatientSearch(name="vestprove"))
    assert {p.id for p in found} == {kept.id, gone.id}
    with pytest.raises(NotFound):
        unmerge_patients(actor=town.desk, merge_id=merge.public_id, now=NOW)


def whole(*patients):
    """Everything kept about these people but the count of versions, with what belongs to them."""
    rows = [
        {k: v for k, v in row.items() if k != "version"}
        for row in Patient.objects.filter(id__in=[p.id for p in patients]).order_by("id").values()
    ]
    owned = [
        list(model.objects.order_by("id").values_list("id", "patient_id"))
        for model in (Booking, PatientIdentifier, PatientContact)
    ]
    return rows, owned


@pytest.mark.django_db
def test_separated_again_both_are_what_they_were(town, two, clock):
    """P20: every field of both and every row that named them, also when all values were taken."""
    before = whole(*two)
    everything = wish(*two, *CHOICES)
    merge = merge_patients(actor=town.desk, wish=everything, now=NOW)
    assert whole(*two) != before
    unmerge_patients(actor=town.desk, merge_id=merge.public_id, now=NOW)
    assert whole(*two) == before


@pytest.mark.django_db
def test_what_was_edited_after_the_merge_stays_when_it_is_undone(town, two, clock):
    kept, gone = two
    merge = merge_patients(actor=town.desk, wish=wish(kept, gone, "phone"), now=NOW)
    given = person("Astrid-Test", "Nygift", birth_date=BORN, phone="+40 721 000 111")
    change_patient(
        actor=town.desk,
        patient_id=kept.public_id,
        person=given,
        address=None,
        version=2,
        today=TODAY,
    )
    unmerge_patients(actor=town.desk, merge_id=merge.public_id, now=NOW)
    kept.refresh_from_db()
    assert (kept.family_name, kept.phone) == ("Nygift", "+40 721 000 111")


@pytest.mark.django_db
def test_refusals_change_nothing(town, two, clock):
    kept, gone = two
    stale = MergeWish(kept.public_id, gone.public_id, 7, gone.version)
    with pytest.raises(VersionConflict):
        merge_patients(actor=town.desk, wish=stale, now=NOW)
    who = member(town.aurora, "ana@aurora.example", "practitioner", practitioner=town.ana)
    with pytest.raises(RightMissing):
        merge_patients(actor=who, wish=wish(kept, gone), now=NOW)
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        merge_patients(actor=town.outsider, wish=wish(kept, gone), now=NOW)
    set_viewer(town.aurora.id)
    assert belongings(gone) == [1, 1, 1]
    assert not Patient.objects.exclude(merged_into_id=None).exists()


@pytest.mark.django_db
def test_lookalikes_are_proposed_once_and_stay_apart(town, two, clock):
    """SCREENS 4.7: similar name with the same birth date; «two people» does not come back."""
    add(town, "Peter-Test", "Vestprøve")
    actor = system_actor(town.aurora.id)
    assert propose_recent_duplicates(actor=actor, now=NOW) == 1
    (found,) = proposals(town.desk)
    assert {found.one.id, found.other.id} == {p.id for p in two}
    assert found.reason == "name"
    keep_apart(actor=town.desk, proposal_id=found.public_id, now=NOW)
    assert propose_recent_duplicates(actor=actor, now=NOW) == 0
    assert proposals(town.desk) == []


@pytest.mark.django_db
def test_a_partners_duplicate_waits_in_the_inbox_with_an_owner(town, clock):
    """P20, S4: the partner learns nothing; the clinic is told and somebody owns it."""
    set_viewer(town.aurora.id)
    add(town)
    given = person("Astrid-Test", "Vestprøve", birth_date=BORN, phone="+40 722 000 000")
    booking = book(town.agent, town.mri_ana, at(1, 9), given)
    set_viewer(town.aurora.id)
    entry = JournalEntry.objects.get(kind="booking.booked", object_id=booking.public_id)
    for _twice in (1, 2):
        look_for_duplicates(system_actor(town.aurora.id), entry)
    item = InboxItem.objects.get(kind="duplicate_proposed")
    assert item.owner_id in (town.admin.user_id, town.desk.user_id)
    one, other = proposals(town.desk)[0].one, proposals(town.desk)[0].other
    merge_patients(actor=town.desk, wish=wish(one, other), now=NOW)
    item.refresh_from_db()
    assert item.resolved_at == NOW
    assert DuplicateProposal.objects.get().state == "merged"


@pytest.mark.race
def test_two_people_merge_the_same_two_at_once(lasting_town):
    """One wins, the other is told; nothing is lost between them."""
    town = lasting_town
    one, other = as_actor(town.desk, lambda: (add(town), add(town, family="Vestprove")))

    def act(n):
        pair = wish(one, other) if n else wish(other, one)
        return as_actor(town.desk, lambda: merge_patients(actor=town.desk, wish=pair, now=NOW))

    answers = [answer for answer, _took in together(2, act)]
    assert sum(isinstance(a, AlreadyMerged) for a in answers) == 1, answers
    assert as_actor(town.desk, lambda: Patient.objects.filter(merged_into_id=None).count()) == 1

"""General terms: published, asked again, paused when the day passes, released at once (P24)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.accounts.actor import system_actor
from samtime.accounts.models import User
from samtime.bookings.models import Booking
from samtime.channels.queries import TermsOverdue
from samtime.foundation.errors import Invalid, RightMissing, VersionConflict
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.commands.terms import (
    NewTerms,
    accept_terms,
    ask_to_accept,
    publish_terms,
)
from samtime.organizations.models import TermsAcceptance, TermsDocument, TermsStanding
from samtime.organizations.queries import current_terms
from samtime.organizations.queries.terms import pending_standing
from samtime.partners.commands import TermsNotAccepted, accept_new_terms, remind_and_pause
from tests.partners.conftest import signature
from tests.town import at, book, member, organization


@pytest.fixture
def operator(town):
    """Who sets the terms."""
    made = organization("network", "Network Operator", "NO", "NOK", "operator")
    return member(made, "operator@network.example", "operator")


@pytest.fixture
def accepted(town, terms):
    """Hello accepted version 4."""
    set_viewer(town.hello.id)
    accept_terms(
        actor=town.manager,
        organization=town.hello,
        document=terms.en,
        user=User.objects.get(id=town.manager.user_id),
        signature=signature(),
    )
    set_viewer(0)


def wish(**more):
    today = timezone.now().date()
    given = {
        "texts": {"en": ("General terms", "1 New text."), "nb": ("Vilkår", "1 Ny tekst.")},
        "effective_from": today + timedelta(days=3),
        "accept_by": today + timedelta(days=20),
    }
    return NewTerms(**{**given, **more})


def publish(operator, **more):
    set_viewer(operator.organization_id)
    return publish_terms(actor=operator, terms=wish(**more), today=timezone.now().date())


def ask(town, made):
    """What the job does."""
    set_viewer(0)
    return ask_to_accept(actor=system_actor(town.hello.id), publication_id=made.public_id)


def items(organization):
    with viewing_as(organization.id):
        return sorted(
            InboxItem.objects.filter(organization_id=organization.id, resolved_at=None).values_list(
                "kind", flat=True
            )
        )


def sweep(town, days):
    set_viewer(town.hello.id)
    done = remind_and_pause(
        actor=system_actor(town.hello.id), now=timezone.now() + timedelta(days=days)
    )
    set_viewer(0)
    return done


def accept(town, version=5, **more):
    set_viewer(town.hello.id)
    return accept_new_terms(actor=town.manager, signature=signature(terms_version=version, **more))


def test_a_version_never_changes_and_counts_from_its_day(town, terms, operator):
    """P24: the next number in the given languages, with hashes; the old one stays in force."""
    made = publish(operator)
    assert made.version == 5
    found = TermsDocument.objects.filter(version=5)
    assert {d.language for d in found} == {"en", "nb"}
    assert all(len(d.sha256) == 64 for d in found)
    assert current_terms("en").version == 4
    assert TermsDocument.objects.get(version=4, language="en").text == terms.en.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"texts": {"en": ("", "x")}}, "title_en"),
        ({"texts": {"nb": ("Vilkår", "x")}}, "title_en"),
        ({"effective_from": timezone.now().date() - timedelta(days=1)}, "effective_from"),
        ({"accept_by": timezone.now().date() + timedelta(days=6)}, "accept_by"),
        ({"countries": ("XX",)}, "countries"),
    ],
)
def test_faults_stand_at_their_field_and_nothing_is_published(operator, more, field):
    """P24."""
    with pytest.raises(Invalid) as refused:
        publish(operator, **more)
    assert field in {e.field for e in refused.value.errors}
    assert not TermsDocument.objects.filter(version__gte=5).exists()


def test_only_the_operator_publishes_and_a_second_press_is_refused(town, terms, operator):
    """P24: right OPERATE; the newest version seen guards it."""
    with pytest.raises(RightMissing):
        publish(town.admin)
    publish(operator, after=4)
    with pytest.raises(VersionConflict):
        publish(operator, after=4)
    assert TermsDocument.objects.filter(language="en").count() == 2


def test_who_accepted_before_is_asked_once(town, accepted, operator):
    """P24: a mail to those who may sign and an item with the deadline; others hear nothing."""
    made = publish(operator)
    assert (ask(town, made), ask(town, made)) == (1, 0)
    assert items(town.hello) == ["terms_to_accept"]
    with viewing_as(town.hello.id):
        mails = list(OutgoingMail.objects.filter(template="terms_changed"))
    assert [m.recipient for m in mails] == ["admin@hello.example"]
    assert items(town.aurora) == []


@pytest.mark.parametrize("more", [{"countries": ("NO",)}, {"asks_again": False}])
def test_who_is_not_meant_is_not_asked(town, accepted, operator, more):
    """P24: other countries, or nobody again."""
    assert ask(town, publish(operator, **more)) == 0
    assert pending_standing(town.hello.id) is None


def test_reminded_then_paused_then_released(town, accepted, operator):
    """P24: reminder a week before, pause after the day, booking refused with a reason, release."""
    ask(town, publish(operator))
    assert (sweep(town, 1), sweep(town, 14), sweep(town, 15)) == ("", "reminded", "")
    assert (sweep(town, 22), sweep(town, 23)) == ("paused", "")
    assert items(town.hello) == ["terms_paused", "terms_to_accept"]
    assert items(town.aurora) == ["partner_terms_overdue"]
    with pytest.raises(TermsOverdue) as refused:
        book(town.agent, town.mri_ana, at(0, 9))
    assert refused.value.code == "terms_not_accepted"
    assert not Booking.objects.exists()
    with pytest.raises(TermsNotAccepted):
        accept(town, version=4)
    accept(town)
    assert (items(town.hello), items(town.aurora)) == ([], [])
    assert book(town.agent, town.mri_ana, at(0, 9)).state == "booked"


def test_old_acceptances_stay_as_they_were(town, accepted, terms, operator):
    """P24, invariant 12: version, hash, person, authority, time of each."""
    ask(town, publish(operator))
    accept(town)
    with viewing_as(town.hello.id):
        rows = list(TermsAcceptance.objects.order_by("id"))
    assert [r.document.version for r in rows] == [4, 5]
    assert rows[0].sha256 == terms.en.sha256
    standing = TermsStanding.objects.get(version=5)
    assert (standing.person_name, standing.person_role) == ("Kari Test Dahl", "manager")


def test_without_authority_nothing_is_accepted(town, accepted, operator):
    """P24."""
    ask(town, publish(operator))
    with pytest.raises(Invalid):
        accept(town, authority=False)
    assert pending_standing(town.hello.id) is not None

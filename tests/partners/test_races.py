"""Two people at once."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from samtime.accounts.models import User
from samtime.foundation.errors import Refusal
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.organizations.models import Organization, TermsDocument
from samtime.partners.commands import NewPerson, accept_as_new_company, invite_partner
from samtime.partners.models import Partnership
from samtime.partners.queries import behind_link
from tests.partners.conftest import invite, proposal, secret_of, signature
from tests.promises.test_races import pressing

pytestmark = pytest.mark.race
PASSWORD = "lang-nok-42-fjord"


def at_once(count, work):
    """Runs `work` in threads of their own, released together; the answers or refusals' codes."""
    gate, answers = threading.Barrier(count), []

    def press():
        with transaction.atomic():
            work()

    def run():
        try:
            gate.wait()
            pressing(press)
            answers.append("done")
        except Refusal as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return sorted(answers)


def test_six_acceptances_of_one_link_are_one(lasting_town):
    """P14: single use also when people press at the same moment; the others are told."""
    town = lasting_town
    with transaction.atomic():
        TermsDocument.objects.create(
            version=4,
            language="en",
            title="General terms",
            text="Terms",
            sha256="a" * 64,
            effective_from=timezone.now().date(),
        )
        invite(town)
        secret = secret_of(town.aurora)

    def accept():
        set_viewer(0)
        there = behind_link(secret, language="en", request_id="")
        person = NewPerson("Kari Test Dahl", PASSWORD)
        accept_as_new_company(behind=there, person=person, signature=signature())

    answers = at_once(6, accept)
    assert answers.count("done") == 1
    assert len(answers) == 6
    assert set(answers) <= {"done", "link_dead", "company_known", "account_exists"}
    assert Organization.objects.filter(registration_number="312319489").count() == 1
    assert User.objects.filter(email="kari@nordvik.example").count() == 1
    with transaction.atomic(), viewing_as(town.aurora.id):
        assert Partnership.objects.get().state == "active"


def test_two_clinics_invite_one_new_company_and_both_are_accepted_at_once(lasting_town):
    """D17: one company is founded once; the other acceptance is told to sign in."""
    town = lasting_town
    with transaction.atomic():
        TermsDocument.objects.create(
            version=4,
            language="en",
            title="General terms",
            text="Terms",
            sha256="a" * 64,
            effective_from=timezone.now().date(),
        )
        invite(town)
        set_viewer(town.fjord.id)
        wish = proposal(
            town,
            terms={"location_ids": (town.sentrum.public_id,)},
            representative_email="per@nordvik.example",
        )
        invite_partner(actor=town.fjord_admin, proposal=wish)
        secrets = [secret_of(town.aurora), secret_of(town.fjord)]
        set_viewer(0)
        there = [behind_link(s, language="en", request_id="") for s in secrets]

    mine = threading.local()

    def accept():
        if not hasattr(mine, "link"):
            mine.link = there.pop()
        person = NewPerson("Test Dahl", PASSWORD)
        accept_as_new_company(behind=mine.link, person=person, signature=signature())

    assert at_once(2, accept) == ["company_known", "done"]
    assert Organization.objects.filter(registration_number="312319489").count() == 1

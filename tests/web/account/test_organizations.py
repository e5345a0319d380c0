"""After sign-in: one organization leads on, several are offered."""

import datetime

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


def test_several_are_offered_by_name(signed_in, person, clinic, centre, join):
    join(person, clinic, "admin")
    join(person, centre, "agent")
    page = signed_in.get("/", follow=True).content.decode()
    assert page.index("Apropos Testsenter") < page.index("Testklinikk AS")
    assert "Call centre" in page


def test_an_ended_membership_is_not_offered(signed_in, person, clinic, centre, join):
    join(person, clinic, "admin")
    gone = join(person, centre, "agent")
    gone.ended_at = timezone.now()
    gone.save()
    assert "Apropos" not in signed_in.get("/organizations/").content.decode()


def test_a_membership_past_its_last_day_is_not_offered(signed_in, person, clinic, join):
    gone = join(person, clinic, "admin")
    gone.ends_on = timezone.now().date() - datetime.timedelta(days=2)
    gone.save()
    assert "You belong to no organisation yet" in signed_in.get("/organizations/").content.decode()


def test_whoever_belongs_nowhere_is_told_so(signed_in):
    page = signed_in.get("/", follow=True)
    assert "You belong to no organisation yet" in page.content.decode()

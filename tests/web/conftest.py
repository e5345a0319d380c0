"""A person with two organizations, and a stranger."""

import pytest
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time

from samtime.accounts.models import User
from samtime.organizations.models import Membership, Organization

PASSWORD = "three test words"


def now_code(secret):
    """What an authenticator app shows now."""
    return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"


@pytest.fixture
def person(db):
    return User.objects.create_user("vera@prove.example", PASSWORD, name="Vera Prøve Test")


@pytest.fixture
def clinic(db):
    return Organization.objects.create(
        slug="testklinikk",
        name="Testklinikk AS",
        country="NO",
        currency="NOK",
        capabilities=["provider"],
        second_factor_required=False,
    )


@pytest.fixture
def centre(db):
    return Organization.objects.create(
        slug="testsenter",
        name="Apropos Testsenter SRL",
        kind="call_centre",
        country="RO",
        currency="RON",
        capabilities=["partner"],
    )


@pytest.fixture
def join():
    def joined(user, organization, *roles):
        return Membership.objects.create(organization=organization, user=user, roles=list(roles))

    return joined


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client

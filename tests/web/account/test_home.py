"""The front door."""

import pytest

from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_the_front_door_offers_sign_in(client):
    """INTERFACE: `/` offers sign-in."""
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/sign-in/"' in page.content.decode()


def test_nobody_signs_up_alone(client, db):
    """Accounts come by invitation; a POST makes none either."""
    from samtime.accounts.models import User

    fields = {"email": "new@prove.example", "password1": PASSWORD, "password2": PASSWORD}
    page = client.post("/account/signup/", fields)
    assert "Accounts come by invitation" in page.content.decode()
    assert not User.objects.exists()

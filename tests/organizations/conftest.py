"""People invited into the town's organizations."""

import re
from types import SimpleNamespace

import pytest

from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.commands.grants import Grant
from samtime.organizations.commands.joining import Joining, join
from samtime.organizations.commands.users import NewUser, invite_user
from samtime.organizations.queries.people import behind_join_link

PASSWORD = "three test words"


def invite(actor, email="nora@prove.example", roles=("receptionist",), name="Nora Test", **grant):
    """An invitation, and the secret of its mail."""
    set_viewer(actor.organization_id)
    made = invite_user(actor=actor, new=NewUser(email, Grant(tuple(roles), **grant), name))
    return SimpleNamespace(row=made, id=made.member_id, secret=mailed_secret(email))


def mailed_secret(email):
    """The token in the newest mail to an address."""
    mail = OutgoingMail.objects.filter(recipient=email).order_by("-id").first()
    return re.search(r"/join/(\S+)", mail.text)[1]


def behind(secret):
    """What stands behind a link, seen by nobody in particular."""
    set_viewer(0)
    return behind_join_link(secret, language="en", request_id="test")


def joined(secret, **who):
    """Take the link up, as a new person unless `signed_in` is given."""
    if "signed_in" not in who:
        who = {"name": "Nora Test", "password": PASSWORD, **who}
    return join(behind=behind(secret), who=Joining(**who))


@pytest.fixture
def second_admin(town):
    """Aurora has two administrators."""
    from tests.town import member

    return member(town.aurora, "admin2@aurora.example", "admin")

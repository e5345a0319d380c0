"""Two at once: one link is taken once, and the last administrator stays (P14)."""

import pytest
from django.db import transaction

from samtime.accounts.models import User
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.commands.joining import JoinLinkDead
from samtime.organizations.commands.members import LastManager, end_access
from samtime.organizations.models import Membership
from tests.organizations.conftest import invite, joined
from tests.promises.test_races import as_actor, together
from tests.town import member

pytestmark = pytest.mark.race


def test_two_accept_one_link(lasting_town):
    """P14: one account, one membership; the other is told that the link is used."""
    with transaction.atomic():
        sent = invite(lasting_town.admin)

    def take(_n):
        with transaction.atomic():
            return joined(sent.secret)

    answers = [answer for answer, _took in together(2, take)]
    assert sum(isinstance(a, Membership) for a in answers) == 1
    assert sum(isinstance(a, JoinLinkDead) for a in answers) == 1
    assert User.objects.filter(email="nora@prove.example").count() == 1


def test_two_administrators_remove_each_other(lasting_town):
    """SCREENS 4.19: one of them stays."""
    with transaction.atomic():
        other = member(lasting_town.aurora, "admin2@aurora.example", "admin")
        set_viewer(0)
    pair = (lasting_town.admin, other)
    ids = [Membership.objects.get(user_id=a.user_id).public_id for a in pair]

    def remove(n):
        me, victim = pair[n], ids[1 - n]
        return as_actor(me, lambda: end_access(actor=me, member_id=victim))

    answers = [answer for answer, _took in together(2, remove)]
    assert sum(isinstance(a, LastManager) for a in answers) == 1
    left = Membership.objects.filter(public_id__in=ids, ended_at=None)
    assert left.count() == 1

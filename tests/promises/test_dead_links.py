"""Tokens of every kind that are wrong, too old, used or withdrawn: a clear no, and nothing done.

P14: links are single use and end. P18: whoever asks with a wrong one learns nothing, not even by
the work it costs: counted in statements and password hashes, never by a stopwatch.
"""

import re
import time
from datetime import timedelta
from unittest import mock

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.accounts.commands import write_password_letters
from samtime.accounts.models import AccessToken, User
from samtime.calendars.commands.feeds import make_feed, revoke_feed
from samtime.foundation.log_lines import LogLine
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.commands.users import withdraw_user_invitation
from samtime.organizations.models import ApiKey, Membership, Organization
from samtime.partners.commands import withdraw_invitation
from tests.api.conftest import Caller
from tests.organizations.conftest import PASSWORD
from tests.organizations.conftest import invite as invite_person
from tests.partners.conftest import invite, secret_of, terms
from tests.promises.walls import checksums
from tests.town import at, book, person
from tests.web.public.test_invitation import SIGNED
from tests.web.public.test_patient_booking import link_of

__all__ = ["terms"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WRONG = "w" * 43
EARLIER = timedelta(minutes=1)


def age(kind):
    """Every link of a kind is too old."""
    AccessToken.objects.filter(kind=kind).update(expires_at=timezone.now() - EARLIER)


def invitation(town, way):
    """A partner's invitation; what its page's button sends."""
    made = invite(town)
    path = f"/invite/{secret_of(town.aurora)}"
    set_viewer(town.aurora.id)
    if way == "expired":
        age("invitation")
    elif way == "used":
        assert Client().post(path, {**SIGNED, "password": PASSWORD}).status_code == 302
    elif way == "withdrawn":
        withdraw_invitation(actor=town.admin, partnership_id=made.public_id)
    path = f"/invite/{WRONG}" if way == "wrong" else path
    return path, {**SIGNED, "password": "other words 42 here"}


def joining(town, way):
    """A user's invitation."""
    sent = invite_person(town.admin)
    path, form = f"/join/{sent.secret}", {"name": "Nora Test", "password": PASSWORD}
    if way == "expired":
        age("user_invitation")
    elif way == "used":
        assert Client().post(path, form).status_code == 302
    elif way == "withdrawn":
        withdraw_user_invitation(actor=town.admin, member_id=sent.id)
    return (f"/join/{WRONG}" if way == "wrong" else path), form


def visit(town, way):
    """A patient's link."""
    book(town.desk, town.mri_ana, at(3, 9), person(email="t@p.example", language="en"))
    path = link_of(town)
    if way == "expired":
        age("patient_booking")
    elif way == "withdrawn":
        AccessToken.objects.filter(kind="patient_booking").update(revoked_at=timezone.now())
    form = {"act": "identify", "birth_date": "3.2.1980"}
    return (f"/b/{WRONG}" if way == "wrong" else path), form


def feed(town, way):
    """A practitioner's calendar feed."""
    set_viewer(town.aurora.id)
    made, secret = make_feed(actor=town.admin, practitioner_id=town.ana.public_id, masked=False)
    if way == "withdrawn":
        revoke_feed(actor=town.admin, feed_id=made.public_id, now=timezone.now())
    return f"/calendar/{WRONG if way == 'wrong' else secret}.ics", {}


def reset(town, way):
    """A link to a new password for Aurora's desk."""
    email = User.objects.get(id=town.desk.user_id).email
    earlier = timezone.now().replace(tzinfo=None) - timedelta(days=8)
    with (
        mock.patch.object(PasswordResetTokenGenerator, "_now", return_value=earlier)
        if way == "expired"
        else mock.MagicMock()
    ):
        letter = write_password_letters(email=email, now=timezone.now())[0]
    path = re.search(r"https?://[^/]+(/\S+)", letter.text)[1]
    form = {"password1": "four new test words", "password2": "four new test words"}
    if way == "used":
        owner = Client()
        assert owner.post(owner.get(path)["Location"], form).status_code == 302
    return (re.sub(r"-[\w-]+/$", f"-{WRONG}/", path) if way == "wrong" else path), form


def confirming(town, way):
    """A link that makes another address the desk's own."""
    user = User.objects.get(id=town.desk.user_id)
    address = EmailAddress.objects.create(user=user, email="new@prove.example", verified=False)
    then = time.time() - (8 * 86400 if way == "expired" else 0)
    with mock.patch("time.time", return_value=then):
        key = EmailConfirmationHMAC.create(address).key
    path = f"/account/confirm-email/{key}/"
    if way == "used":
        assert Client().post(path).status_code == 302
    elif way == "withdrawn":
        address.delete()
    return (path.replace(key, f"{key[:-3]}xxx") if way == "wrong" else path), {}


LINKS = [
    *((invitation, way) for way in ("wrong", "expired", "used", "withdrawn")),
    *((joining, way) for way in ("wrong", "expired", "used", "withdrawn")),
    *((visit, way) for way in ("wrong", "expired", "withdrawn")),
    *((feed, way) for way in ("wrong", "withdrawn")),
    *((reset, way) for way in ("wrong", "expired", "used")),
    *((confirming, way) for way in ("wrong", "expired", "used", "withdrawn")),
]


def standing(town):
    """Everything that a dead link could have done."""
    sums = [*checksums(town.aurora).items(), Organization.objects.count()]
    people = list(User.objects.order_by("id").values_list("email", "password"))
    members = list(Membership.objects.order_by("id").values_list("user", "ended_at", "roles"))
    addresses = list(EmailAddress.objects.order_by("id").values_list("email", "verified"))
    return sums, people, members, addresses


@pytest.mark.parametrize(("kind", "way"), LINKS, ids=lambda p: getattr(p, "__name__", p))
def test_a_dead_link_says_no_has_a_way_out_and_does_nothing(town, terms, kind, way):
    """P14: 404 where it never was or was revoked, 410 where it ended; the button gets 4xx too."""
    path, form = kind(town, way)
    set_viewer(0)
    before, browser = standing(town), Client()
    browser.cookies["django_language"] = "en"
    looked = browser.get(path)
    acted = browser.post(path, form)
    assert looked.status_code in (404, 410), looked.status_code
    assert acted.status_code in (404, 409, 410), acted.status_code
    for answer in (looked, acted):
        page = answer.content.decode()
        assert "<h1" in page
        assert re.search(
            r'<a [^>]*href="[^"]+"[^>]*class="st-btn|class="st-btn[^>]*href|<form', page
        )
        assert "no-store" in answer["Cache-Control"]
        assert "Set-Cookie" not in answer.headers or "sessionid" not in str(answer.cookies)
    assert standing(town) == before


def dead_key(town, way):
    """A key of the desk that is dead in this way; its caller."""
    caller = Caller(town.desk)
    rows = ApiKey.objects.filter(id=caller.key.id)
    if way == "wrong":
        caller.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {WRONG}"
    elif way == "expired":
        rows.update(expires_at=timezone.now() - EARLIER)
    elif way == "withdrawn":
        rows.update(revoked_at=timezone.now())
    elif way == "ended":
        Membership.objects.filter(user_id=town.desk.user_id).update(ended_at=timezone.now())
    return caller


def test_dead_keys_get_one_answer_at_one_cost(town):
    """P9, P18: 401 as a problem; never was, too old, revoked, ended: one statement, one text."""
    told, cost = set(), set()
    before = standing(town)[0]
    for way in ("wrong", "expired", "withdrawn", "ended"):
        caller = dead_key(town, way)
        with CaptureQueriesContext(connection) as asked:
            answer = caller.get("bookings")
        assert answer.status == 401
        assert answer.raw["Content-Type"].startswith("application/problem+json")
        told.add((answer.body["code"], answer.body["detail"]))
        cost.add(len(asked))
        assert dead_key(town, way).post("bookings", {}).status == 401
    assert len(told) == 1
    assert len(cost) == 1
    Membership.objects.filter(user_id=town.desk.user_id).update(ended_at=None)
    assert standing(town)[0] == before


def test_no_secret_address_stands_in_the_log(town, terms, caplog):
    """PROMISES 2.3: a refused request is logged with its path, which is a secret for these."""
    line = LogLine(settings.LOGGING["formatters"]["line"]["format"])
    refused = [
        (invitation(town, "open")[0], {**SIGNED, "password": "kort"}),
        (joining(town, "open")[0], {"name": "", "password": "kort"}),
        (visit(town, "open")[0], {"act": "identify", "birth_date": "1.1.1901"}),
        (reset(town, "used")[0], {}),
        (confirming(town, "used")[0], {}),
        (feed(town, "withdrawn")[0], {}),
    ]
    set_viewer(0)
    caplog.clear()
    for path, form in refused:
        assert Client().post(path, form).status_code >= 400
    logged = "\n".join(line.format(record) for record in caplog.records)
    assert logged.count("…") >= len(refused)
    for path, _form in refused:
        assert path.strip("/").removesuffix(".ics").rsplit("/", 1)[1] not in logged


@pytest.fixture
def hashed(monkeypatch):
    """How often a password was hashed: the one step that takes long."""
    counted = []

    def counting(name):
        real = getattr(Argon2PasswordHasher, name)

        def inside(self, *given, **named):
            counted.append(name)
            return real(self, *given, **named)

        monkeypatch.setattr(Argon2PasswordHasher, name, inside)

    counting("encode")
    counting("verify")
    return counted


def cost_of(hashed, path, form):
    """Statements (without the cache's housekeeping), hashes, and the answer's status."""
    browser = Client()
    browser.get(path)
    hashed.clear()
    with CaptureQueriesContext(connection) as asked:
        answer = browser.post(path, form)
    statements = [re.sub(r"'[^']*'|\d+", "?", q["sql"]) for q in asked]
    statements = [s for s in statements if "samtime_cache" not in s and "SAVEPOINT" not in s]
    return statements, len(hashed), answer.status_code


def test_signing_in_costs_the_same_for_known_and_unknown(town, hashed):
    """P18: the same statements in the same order, and exactly one password hash, for both."""
    user = User.objects.get(id=town.desk.user_id)
    user.set_password(PASSWORD)
    user.save()
    without = User.objects.get(id=town.agent.user_id)
    assert not without.has_usable_password()
    ended = User.objects.get(id=town.agent2.user_id)
    ended.set_password(PASSWORD)
    ended.is_active = False
    ended.save()
    found = {
        login: cost_of(hashed, "/sign-in/", {"login": login, "password": "wrong words here"})
        for login in ("nobody@prove.example", user.email, without.email, ended.email)
    }
    unknown = found["nobody@prove.example"]
    assert unknown[1] == 1
    for login, cost in found.items():
        assert cost == unknown, login


def test_asking_for_a_password_costs_the_same_for_known_and_unknown(town, hashed):
    """P18: who has an account is looked up by the worker, after the answer has gone."""
    known = User.objects.get(id=town.desk.user_id).email
    costs = [
        cost_of(hashed, "/account/password/reset/", {"email": email})
        for email in (known, "nobody@prove.example")
    ]
    assert costs[0] == costs[1]
    assert costs[0][1] == 0
    assert not any("accounts_user" in s for s in costs[0][0])
    assert any("procrastinate" in s for s in costs[0][0])


def test_no_dead_token_makes_the_server_hash_a_password(town, terms, hashed):
    """T15: nobody keeps the processors busy with links that never were."""
    for kind in (invitation, joining, reset):
        path, form = kind(town, "wrong")
        _statements, hashes, status = cost_of(hashed, path, form)
        assert (hashes, status) in {(0, 404), (0, 410)}

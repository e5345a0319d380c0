"""The page behind the mail's link."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.accounts.models import AccessToken, User
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.organizations.models import Organization, TermsAcceptance
from samtime.partners.commands import invite_partner, resend_invitation, withdraw_invitation
from samtime.partners.models import Invitation, Partnership
from tests.partners.conftest import invite, proposal, secret_of, terms

__all__ = ["terms"]
PASSWORD = "lang-nok-42-fjord"
SIGNED = {
    "terms_version": "4",
    "person_name": "Kari Test Dahl",
    "person_role": "manager",
    "authority": "1",
}


@pytest.fixture
def link(town, terms):
    """Aurora's invitation to a new company."""
    invite(town)
    set_viewer(0)
    return f"/invite/{secret_of(town.aurora)}"


def partnership(town):
    """As the inviter sees it."""
    with viewing_as(town.aurora.id):
        return Partnership.objects.select_related("channel").latest("id")


def test_the_page_says_who_invites_where_and_on_which_terms(town, link, client):
    """P22, P15, P18, P25, P7: in sentences, in the mail's language; opening starts nothing."""
    page = client.get(link).content.decode()
    assert 'lang="nb"' in page
    english = client.get(link, headers={"cookie": "django_language=en"}).content.decode()
    for words in (
        "Clinica Aurora SRL invites you",
        "Aurora Centru",
        "12.5% of attended bookings, net of VAT",
        "at Clinica Aurora SRL",
        "As many as you need",
        "Only a company or a registered practice",
    ):
        assert words in english
    assert partnership(town).state == "invited"
    with viewing_as(town.aurora.id):
        assert Invitation.objects.get().state == "opened"


def test_three_steps_to_a_start(town, link, client):
    """P22, P24, P25: company, terms, sign-in; then the first page of the new organization."""
    assert "1 Who takes part" in client.get(f"{link}?step=terms").content.decode()
    asked = client.post(link, SIGNED)
    assert asked.status_code == 200
    assert partnership(town).state == "invited"
    done = client.post(link, {**SIGNED, "password": PASSWORD})
    assert done.status_code == 302
    made = Organization.objects.get(registration_number="312319489")
    assert partnership(town).state == "active"
    assert partnership(town).channel.state == "open"
    with viewing_as(made.id):
        row = TermsAcceptance.objects.get()
    assert (row.person_role, row.document.version) == ("manager", 4)
    assert row.network == "127.0.0.1"
    assert int(client.session["_auth_user_id"]) == row.user_id


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("person_role", "Skriv rollen|Write your role"),
        ("authority", "may sign|signere|underskrive|tegne"),
    ],
)
def test_without_role_or_authority_nothing_starts(town, link, client, missing, sentence):
    """P24: the sentence at the field, the rest stays typed."""
    client.cookies["django_language"] = "en"
    answer = client.post(link, {k: v for k, v in SIGNED.items() if k != missing})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert any(words in page for words in sentence.split("|"))
    assert 'value="Kari Test Dahl"' in page
    assert partnership(town).state == "invited"


def test_a_weak_password_keeps_the_signature(town, link, client):
    """P14, P18: refused at its field."""
    answer = client.post(link, {**SIGNED, "password": "short"})
    assert answer.status_code == 422
    assert 'name="person_role" value="manager"' in answer.content.decode()
    assert not User.objects.filter(email="kari@nordvik.example").exists()


def test_an_older_version_of_the_terms_is_not_enough(town, link, client):
    """P24: 409 with the text in force."""
    answer = client.post(link, {**SIGNED, "terms_version": "3", "password": PASSWORD})
    assert answer.status_code == 409
    assert partnership(town).state == "invited"


@pytest.mark.parametrize("way", ["withdrawn", "replaced", "expired", "used"])
def test_dead_links_say_why(town, link, client, way):
    """P14, P22: each state of a dead link has its sentence, and a POST changes nothing."""
    client.cookies["django_language"] = "en"
    made = partnership(town)
    set_viewer(town.aurora.id)
    if way == "withdrawn":
        withdraw_invitation(actor=town.admin, partnership_id=made.public_id)
    elif way == "replaced":
        resend_invitation(actor=town.admin, partnership_id=made.public_id)
    elif way == "expired":
        AccessToken.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    else:
        client.post(link, {**SIGNED, "password": PASSWORD})
        client.logout()
        client.cookies["django_language"] = "en"
    set_viewer(0)
    words = {
        "withdrawn": "was withdrawn",
        "replaced": "a newer invitation",
        "expired": "too old",
        "used": "has been answered",
    }
    shown = client.get(link).content.decode()
    assert words[way] in shown
    assert ("Your commission" in shown) == (way == "expired")
    before = Organization.objects.count()
    assert client.post(link, {**SIGNED, "password": PASSWORD}).status_code == 409
    assert Organization.objects.count() == before


def test_asking_for_a_new_link_tells_the_inviter(town, link, client):
    """P30: an expired link has a way on."""
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    client.post(link, {"act": "ask"})
    with viewing_as(town.aurora.id):
        assert InboxItem.objects.get().kind == "invitation_asked_again"


def test_an_unknown_link(client, db):
    """P14: 404, however long or strange."""
    for token in ("x" * 43, "x" * 5000, "%00", "é"):
        assert client.get(f"/invite/{token}").status_code == 404


def test_declining(town, link, client):
    """P22: with a reason; the page says that nothing has started."""
    client.cookies["django_language"] = "en"
    answer = client.post(link, {"act": "decline", "reason": "Not now"})
    assert "You have declined" in answer.content.decode()
    assert partnership(town).state == "declined"


def test_an_account_must_sign_in_and_with_the_right_address(town, link, client):
    """P14, T3, D18: no password for an existing account; another account is refused."""
    client.cookies["django_language"] = "en"
    kari = User.objects.create_user("kari@nordvik.example", "another-password-9", name="Kari")
    asked = client.post(link, SIGNED).content.decode()
    assert "has an account already" in asked
    assert 'name="password"' not in asked
    assert client.post(link, {**SIGNED, "password": PASSWORD}).status_code == 409
    client.force_login(User.objects.create_user("other@nordvik.example", PASSWORD, name="Other"))
    assert client.post(link, SIGNED).status_code == 403
    client.force_login(kari)
    assert client.post(link, SIGNED).status_code == 302
    assert partnership(town).state == "active"


def test_a_known_company_signs_in_and_approves(town, terms, client):
    """P23, P24: its administrator, by the same link."""
    client.cookies["django_language"] = "en"
    town.hello.registration_number, town.hello.country = "312319489", "NO"
    town.hello.save()
    set_viewer(town.fjord.id)
    wish = proposal(
        town,
        terms={"location_ids": (town.sentrum.public_id,)},
        representative_email="admin@hello.example",
    )
    invite_partner(actor=town.fjord_admin, proposal=wish)
    set_viewer(0)
    link = f"/invite/{secret_of(town.fjord)}"
    assert "Sign in to approve" in client.get(link).content.decode()
    assert client.post(link, SIGNED).status_code == 409
    client.force_login(User.objects.get(email="agent@hello.example"))
    assert client.post(link, SIGNED).status_code == 403
    client.force_login(User.objects.get(email="admin@hello.example"))
    assert "Approve cooperation" in client.get(link).content.decode()
    assert client.post(link, SIGNED).status_code == 302
    with viewing_as(town.fjord.id):
        assert Partnership.objects.get().state == "active"

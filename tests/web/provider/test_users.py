"""Settings > Admin users, and the same pages under every desk (P25, P33, P34)."""

import pytest
from django.utils import timezone

from samtime.accounts.models import AccessToken
from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.models import Membership, UserInvitation
from tests.organizations.conftest import invite, joined
from tests.town import member
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
BASE = "/o/aurora/users/"
NEW = {
    "email": "nora@prove.example",
    "name": "Nora Test",
    "language": "ro",
    "roles": ["receptionist"],
    "locations": ["all"],
    "books": "yes",
    "ends_on": "",
}


@pytest.fixture
def admin(town):
    """Aurora's administrator in a browser."""
    return visitor(town.admin)


def ident(actor):
    """The outside id of a member."""
    return Membership.objects.get(
        user_id=actor.user_id, organization_id=actor.organization_id
    ).public_id


def invited(town):
    """Nora's newest invitation."""
    set_viewer(town.aurora.id)
    return UserInvitation.objects.order_by("-id").first()


def test_the_table_names_everybody_and_what_each_may(town, admin):
    """P33: «Can book at partner institution» is a column; nobody else's people."""
    page = texts(admin.get(BASE))
    assert "Add new user" in page
    assert "Can book at partner institution" in page
    assert "desk@aurora.example" in page
    assert "fjord.example" not in page


def test_saving_a_new_user_mails_the_link(town, admin):
    """P33, P34: address, roles, places, booking at partners; the mail is in the chosen language."""
    answer = admin.post(f"{BASE}?new", {**NEW, "locations": [str(town.nord.public_id)]})
    made = invited(town)
    assert answer["Location"] == f"{BASE}{made.member_id}/"
    assert (made.location_ids, made.can_book_at_partner) == ([town.nord.id], True)
    assert OutgoingMail.objects.get().language == "ro"
    sheet = texts(admin.get(answer["Location"]))
    assert "Waiting for Nora Test to join." in sheet
    assert "Books at partner institutions" in sheet
    assert "Only at: Aurora Nord" in sheet


def test_a_refused_form_keeps_what_was_typed(town, admin):
    """SCREENS 2.8: every fault at its field; nothing is sent."""
    wrong = {**NEW, "email": "no address", "roles": [], "ends_on": "2001-01-01"}
    answer = admin.post(f"{BASE}?new", wrong)
    page = texts(answer)
    assert answer.status_code == 422
    assert page.count('class="st-error"') == 3
    assert 'value="no address"' in page
    assert 'value="Nora Test"' in page
    assert not OutgoingMail.objects.exists()


def test_a_stranger_and_a_receptionist_get_404(town):
    for who in (town.outsider, town.desk):
        for path in (BASE, f"{BASE}{ident(town.admin)}/", f"{BASE}{ident(town.admin)}/end/"):
            assert visitor(who).get(path).status_code == 404
    assert visitor(town.fjord_admin).get(f"/o/fjord/users/{ident(town.admin)}/").status_code == 404


def test_the_track_and_sending_again(town, admin):
    """P34: sent, opened, joined; the old link is dead; a wrong address is corrected in place."""
    sent = invite(town.admin)
    base = f"{BASE}{sent.id}/"
    again = admin.post(f"{base}act/resend/", {"email": "nora2@prove.example"}, follow=True)
    page = texts(again)
    assert "The old link is dead" in page
    assert "nora2@prove.example" in page
    refused = admin.post(f"{base}act/resend/", {"email": "wrong"})
    assert refused.status_code == 422
    assert 'value="wrong"' in texts(refused)
    done = admin.post(f"{base}act/withdraw/", follow=True)
    assert "The invitation is withdrawn" in texts(done)
    assert invited(town).state == "revoked"


def test_too_many_mails_are_refused_beside_the_button(town, admin):
    """P19."""
    sent = invite(town.admin)
    path = f"{BASE}{sent.id}/act/resend/"
    assert [admin.post(path).status_code for _n in range(3)] == [302, 302, 429]
    assert AccessToken.objects.filter(kind="user_invitation").count() == 3


def test_changing_somebody(town, admin):
    """P33, B12: Yes for booking at partners counts from the next click on."""
    desk = visitor(town.desk)
    path = f"{BASE}{ident(town.desk)}/"
    assert 'value="receptionist" checked' in texts(admin.get(f"{path}?edit"))
    assert "partner/book/" not in texts(desk.get("/o/aurora/inbox/"))
    admin.post(path, {"roles": ["receptionist", "finance"], "locations": ["all"], "books": "yes"})
    row = Membership.objects.get(public_id=ident(town.desk))
    assert (row.roles, row.can_book_at_partner) == (["finance", "receptionist"], True)
    assert "/o/aurora/partner/book/" in texts(desk.get("/o/aurora/inbox/"))
    refused = admin.post(path, {"roles": ["agent"], "locations": ["all"], "books": "no"})
    assert refused.status_code == 422
    row.refresh_from_db()
    assert row.can_book_at_partner


def test_ending_access_asks_first_and_counts_at_once(town, admin):
    """P9: the question names the consequences; the next click of the other is refused."""
    desk = visitor(town.desk)
    desk.get("/o/aurora/inbox/")
    path = f"{BASE}{ident(town.desk)}/end/"
    assert "The next click is refused" in texts(admin.get(path))
    assert desk.get("/o/aurora/inbox/").status_code == 200
    assert "has no access any more" in texts(admin.post(path, follow=True))
    assert desk.get("/o/aurora/inbox/").status_code in (302, 404)
    assert "desk@aurora.example" not in texts(admin.get(BASE))
    assert "desk@aurora.example" in texts(admin.get(f"{BASE}?state=ended"))


def test_the_last_administrator_is_refused_in_words(town, admin):
    """SCREENS 4.19."""
    page = admin.post(f"{BASE}{ident(town.admin)}/end/")
    assert page.status_code == 409
    assert "This is the last administrator." in texts(page)
    assert Membership.objects.get(public_id=ident(town.admin)).ended_at is None


def test_a_pasted_list_is_looked_at_first(town):
    """P25: new, known, twice and wrong lines; only then mails leave."""
    boss, base = visitor(town.manager), "/o/hello/partner/users/"
    lines = (
        "Ana Test <ana@prove.example>\nbo@prove.example; agent@hello.example\nbo@prove.example\nx"
    )
    form = {"emails": lines, "language": "ro", "roles": ["agent"], "books": "yes"}
    page = texts(boss.post(f"{base}?several", form))
    assert "2 mails are sent" in page
    assert "1 has access or an invitation already" in page
    assert "1 stands twice in the list" in page
    assert "Line 5 is no e-mail address: x" in page
    set_viewer(town.hello.id)
    assert not OutgoingMail.objects.exists()
    done = texts(boss.post(f"{base}?several", {**form, "send": "1"}, follow=True))
    assert "2 mails are on their way." in done
    assert "Ana Test" in done
    set_viewer(town.hello.id)
    assert OutgoingMail.objects.count() == 2


def test_more_than_fifty_mails_want_their_number_typed(town):
    """SCREENS 6.9: grade c."""
    boss, base = visitor(town.manager), "/o/hello/partner/users/?several"
    lines = "\n".join(f"agent{n}@prove.example" for n in range(51))
    form = {"emails": lines, "language": "en", "roles": ["agent"], "books": "yes", "send": "1"}
    assert boss.post(base, form).status_code == 422
    set_viewer(town.hello.id)
    assert not UserInvitation.objects.exists()
    assert boss.post(base, {**form, "count": "51"}).status_code == 302
    set_viewer(town.hello.id)
    assert UserInvitation.objects.count() == 51


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("manager", "/o/hello/partner/users/"),
        ("insurer", "/o/trygg/insurer/users/"),
        ("operator", "/o/op/operator/users/"),
    ],
)
def test_every_desk_has_the_page_under_its_own_name(town, who, path):
    """SCREENS 3: users stand in everybody's menu; the sheet opens under the same name."""
    if who == "operator":
        from tests.town import organization

        town.op = organization("op", "Test Operator", "NO", "NOK", "operator", kind="operator")
        town.operator = member(town.op, "op@samtime.example", "operator")
    browser = visitor(getattr(town, who))
    page = texts(browser.get(path))
    assert f'href="{path}"' in page
    sheet = f"{path}{ident(getattr(town, who))}/"
    assert f'href="{sheet}"' in page
    assert browser.get(sheet).status_code == 200


def test_the_list_costs_the_same_for_many(town, admin, django_assert_max_num_queries):
    """P25: constant queries."""
    admin.get(BASE)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        admin.get(BASE)
    for n in range(20):
        member(town.aurora, f"more{n}@aurora.example", "receptionist")
    sent = invite(town.admin)
    joined(sent.secret)
    invite(town.admin, email="open@prove.example")
    with django_assert_max_num_queries(len(few)):
        page = texts(admin.get(BASE))
    assert "more19@aurora.example" in page
    assert "open@prove.example" in page


def test_last_seen_stands_in_the_table(town, admin):
    visitor(town.desk).get("/o/aurora/inbox/")
    day = timezone.now().strftime("%-d %b %Y")
    assert texts(admin.get(BASE)).count(day) >= 2

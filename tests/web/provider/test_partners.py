"""Settings > Partners."""

import io

import pytest
from openpyxl import load_workbook

from samtime.accounts.models import User
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from samtime.partners.commands import note_delivery
from samtime.partners.models import Partnership
from tests.partners.conftest import NUMBER, invite
from tests.town import organization

BASE = "/o/aurora/partners/"
INVITED = {"name": "Nordvik Prøvekontor AS"}


@pytest.fixture
def admin(town, client):
    """Aurora's administrator in a browser."""
    client.force_login(User.objects.get(email="admin@aurora.example"))
    return client


def form(town, **more):
    """The new partner's form, filled in."""
    given = {
        "company.name": "Nordvik Prøvekontor AS",
        "company.kind": "doctor_practice",
        "company.country": "NO",
        "company.registration_number": "312 319 489",
        "company.tax_number": NUMBER,
        "company.headquarters.street": "Prøvegata 1",
        "company.headquarters.city": "Bergen",
        "representative.name": "Kari Test Dahl",
        "representative.email": "kari@nordvik.example",
        "representative.phone": "+47 555 01 224",
        "locations": [str(town.centru.public_id), str(town.nord.public_id)],
        "statistics": "yes",
        "commission.kind": "percentage",
        "commission.rate": "12,5",
        "payment_place": "partner",
        "patient_access": "confirm",
    }
    return {**given, **more}


def found():
    """The only partnership."""
    set_viewer(0)
    org = Partnership._meta.get_field("provider").related_model.objects.get(slug="aurora")
    with viewing_as(org.id):
        return Partnership.objects.select_related("channel").get()


def test_the_page_stands_under_settings_with_its_blue_button(town, admin):
    """P1, P8: table, «Add new partner» above it; an empty list says what it is for."""
    page = admin.get(BASE).content.decode()
    assert "Add new partner" in page
    assert "No partners yet." in page
    assert "?new" in page


def test_the_older_place_leads_here(town, admin):
    """P2: Administration / Partner module."""
    assert admin.get("/o/aurora/partner-module/").headers["Location"] == BASE


def test_a_new_partner_from_the_form(town, admin):
    """P6, P9, P10, P11, P12, P13, P14, P15, P18, P21: every field, then the mail."""
    answer = admin.post(f"{BASE}?new", form(town))
    made = found()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{BASE}?open={made.public_id}"
    assert (made.state, made.kind, made.city) == ("invited", "doctor_practice", "Bergen")
    with viewing_as(made.provider_id):
        assert made.channel.locations.count() == 2
        assert OutgoingMail.objects.get().recipient == "kari@nordvik.example"
    sheet = admin.get(answer.headers["Location"]).content.decode()
    for words in ("Invited", "12.5% of attended bookings", "The partner", "Find and confirm"):
        assert words in sheet
    assert "spam folder" in sheet


def test_a_refused_form_keeps_what_was_typed(town, admin):
    """P7, P9: the sentence at the field, nothing lost, nothing saved."""
    answer = admin.post(f"{BASE}?new", form(town, **{"company.tax_number": "12345"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "has 5 digits; it needs 9" in page
    assert 'value="Kari Test Dahl"' in page
    assert 'value="12,5"' in page
    with viewing_as(town.aurora.id):
        assert not Partnership.objects.exists()


def test_a_company_that_is_a_partner_already(town, admin):
    """P26: the refusal leads to its data sheet."""
    made = invite(town)
    answer = admin.post(f"{BASE}?new", form(town))
    assert answer.status_code == 409
    assert f"?open={made.public_id}" in answer.content.decode()


def test_a_draft(town, admin):
    """P21: saved, nobody told; then sent."""
    admin.post(f"{BASE}?new", form(town, draft="1"))
    made = found()
    with viewing_as(made.provider_id):
        assert (made.state, OutgoingMail.objects.count()) == ("draft", 0)
    admin.post(f"{BASE}{made.public_id}/act/send/")
    assert found().state == "invited"


def test_resend_and_withdraw(town, admin):
    """P30: a new link to a corrected address; withdrawn."""
    made = invite(town)
    admin.post(
        f"{BASE}{made.public_id}/act/resend/", {"representative.email": "per@nordvik.example"}
    )
    with viewing_as(town.aurora.id):
        assert [i.email for i in made.invitations.order_by("id")] == [
            "kari@nordvik.example",
            "per@nordvik.example",
        ]
    wrong = admin.post(f"{BASE}{made.public_id}/act/resend/", {"representative.email": "per"})
    assert wrong.status_code == 422
    assert "not an e-mail address" in wrong.content.decode()
    admin.post(f"{BASE}{made.public_id}/act/withdraw/")
    assert found().state == "withdrawn"


def test_the_fourth_mail_in_an_hour_waits(town, admin):
    """P19: told in the sheet."""
    made = invite(town)
    for _again in range(2):
        admin.post(f"{BASE}{made.public_id}/act/resend/")
    answer = admin.post(f"{BASE}{made.public_id}/act/resend/")
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()


@pytest.mark.parametrize("tab", ["company", "terms", "services", "history"])
def test_every_tab_has_its_address(town, admin, tab):
    """P9 to P18, P27: the data sheet."""
    made = invite(town)
    answer = admin.get(f"{BASE}{made.public_id}/{tab}/")
    assert answer.status_code == 200
    assert "Nordvik Prøvekontor AS" in answer.content.decode()


def test_terms_are_edited_from_a_day_on(town, admin):
    """P27, P29, P31: the form holds what is in force; the new value shows with its day."""
    made = invite(town)
    address = f"{BASE}{made.public_id}/terms/"
    assert 'value="12.5"' in admin.get(f"{address}?edit").content.decode()
    terms = form(town, **{"commission.rate": "8", "from": "2099-01-01"})
    assert admin.post(address, terms).status_code == 302
    assert "from 1 Jan 2099: 8% of attended bookings" in admin.get(address).content.decode()
    refused = admin.post(address, form(town, **{"from": "2020-01-01"}))
    assert refused.status_code == 422
    assert "today or a later day" in refused.content.decode()


def test_terms_sent_twice_are_changed_once(town, admin):
    """P27: the second press of Save is answered like the first, and one line is in the history;
    with another value it is a change of its own."""
    made = invite(town)
    address = f"{BASE}{made.public_id}/terms/"
    terms = form(town, **{"commission.rate": "8", "from": "2099-01-01", "once": "a" * 32})
    answers = [admin.post(address, terms) for _press in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    set_viewer(town.aurora.id)
    assert JournalEntry.objects.filter(kind="partnership.terms_changed").count() == 1
    assert admin.post(address, {**terms, "commission.rate": "9"}).status_code == 302


def test_the_card_is_edited(town, admin):
    """P27: company data and representative."""
    made = invite(town)
    address = f"{BASE}{made.public_id}/company/"
    typed = form(town, **{"representative.name": "Per Test", "version": str(made.version)})
    assert admin.post(address, typed).status_code == 302
    assert found().representative_name == "Per Test"
    assert admin.post(address, typed).status_code == 422


def test_the_end_asks_about_bookings(town, admin):
    """P28: consequences and the choice; then ended, and the list says since when."""
    hello = active(town)
    page = admin.get(f"{BASE}{hello.public_id}/end/").content.decode()
    assert "Honour them" in page
    assert admin.post(f"{BASE}{hello.public_id}/end/", {}).status_code == 422
    admin.post(f"{BASE}{hello.public_id}/end/", {"future_bookings": "honour"})
    assert found().state == "ended"
    assert "Ended" in admin.get(BASE).content.decode()


def active(town):
    """Hello is an active partner."""
    set_viewer(town.aurora.id)
    return Partnership.objects.create(
        provider=town.aurora,
        partner=town.hello,
        channel=town.channel,
        state="active",
        kind="call_centre",
        company_name="Hello Calls SRL",
        registration_number="J40/1234/2010",
        country="RO",
        representative_name="Test",
        representative_email="admin@hello.example",
    )


def test_suspend_and_resume(town, admin):
    """P28: a pause."""
    hello = active(town)
    admin.post(f"{BASE}{hello.public_id}/act/suspend/")
    assert found().state == "suspended"
    admin.post(f"{BASE}{hello.public_id}/act/resume/")
    assert found().state == "active"


def test_the_list_is_filtered_and_exported(town, admin):
    """P8: name, number, state; an export without patient data."""
    active(town)
    assert "Hello Calls SRL" in admin.get(f"{BASE}?q=hello").content.decode()
    assert "No partner matches" in admin.get(f"{BASE}?q=zzz").content.decode()
    assert "Hello Calls SRL" in admin.get(f"{BASE}?location=aurora-centru").content.decode()
    with viewing_as(town.aurora.id):
        town.channel.channellocation_set.filter(location=town.centru).delete()
    elsewhere = admin.get(f"{BASE}?location=aurora-centru").content.decode()
    assert "No partner matches" in elsewhere
    answer = admin.get("/o/aurora/partners.xlsx")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert [row[-1] for row in rows] == ["State", "Active"]


def test_without_the_module_the_page_explains_and_asks_once(town, admin):
    """P5: ask customer service."""
    operator = organization("operator", "Samtime Network Operator", "NO", "NOK", "operator")
    town.aurora.partner_module = "off"
    town.aurora.save()
    assert "Ask customer service" in admin.get(BASE).content.decode()
    for _again in range(2):
        admin.post(BASE)
    town.aurora.refresh_from_db()
    assert town.aurora.partner_module == "asked"
    with viewing_as(operator.id):
        assert InboxItem.objects.get().kind == "partner_module_asked"


def test_switched_off_the_partners_stay_and_only_new_ones_stop(town, admin):
    """P5, decision 0020: list and sheet with a banner; asking replaces inviting."""
    organization("operator", "Samtime Network Operator", "NO", "NOK", "operator")
    hello = active(town)
    town.aurora.partner_module = "off"
    town.aurora.save()
    page = admin.get(f"{BASE}?open={hello.public_id}").content.decode()
    assert "The partner module is off." in page
    assert "Hello Calls SRL" in page
    assert "Add new partner" not in page
    assert "Ask customer service to activate" in page
    assert admin.get(f"{BASE}?new").status_code == 200
    refused = admin.post(f"{BASE}?new", form(town))
    assert refused.status_code == 409
    admin.post(BASE)
    assert "Customer service was asked on" in admin.get(BASE).content.decode()
    assert found().id == hello.id


def test_strangers_and_the_desk_get_404(town, client):
    """P36: not yours and not there are one answer."""
    made = invite(town)
    for email, base in (
        ("admin@stranger.example", "/o/stranger/partners/"),
        ("admin@stranger.example", BASE),
        ("desk@aurora.example", BASE),
    ):
        client.force_login(User.objects.get(email=email))
        assert client.get(f"{base}{made.public_id}/company/").status_code == 404
        assert client.post(f"{base}{made.public_id}/act/withdraw/").status_code == 404
    assert found().state == "invited"


def test_a_pause_for_the_general_terms_shows_on_our_side_too(town, admin):
    """P24: list, sheet and column say that new bookings are paused, and why."""
    made = invite(town)
    with viewing_as(town.aurora.id):
        Partnership.objects.update(state="active")
        type(made.channel).objects.filter(id=made.channel_id).update(
            state="open", opened_at=made.created_at, paused_at=made.created_at
        )
    assert "New bookings paused" in admin.get(BASE).content.decode()
    sheet = admin.get(f"{BASE}{made.public_id}/overview/").content.decode()
    assert "Nordvik Prøvekontor AS has not accepted the new general terms." in sheet
    assert "New bookings paused" in admin.get("/o/aurora/traffic-channels/").content.decode()


def test_an_undelivered_invitation_says_why_in_plain_words(town, admin):
    """P30: what the mail server said, and what it means; it stays in the track when sent again."""
    made = invite(town)
    sent = made.invitations.get()
    with viewing_as(town.aurora.id):
        note_delivery(
            actor=town.admin,
            invitation_id=sent.public_id,
            state="bounced",
            detail="5.1.1 smtp; 550 5.1.1 User unknown",
        )
    sheet = admin.get(f"{BASE}{made.public_id}/overview/").content.decode()
    reason = "There is no such address. (5.1.1 smtp; 550 5.1.1 User unknown)"
    assert reason in sheet
    admin.post(
        f"{BASE}{made.public_id}/act/resend/", {"representative.email": "ny@nordvik.example"}
    )
    later = admin.get(f"{BASE}{made.public_id}/overview/").content.decode()
    assert "Not delivered" in later
    assert later.index(reason) < later.index("to ny@nordvik.example")


def test_what_has_ended_cannot_be_ended_or_edited_again(town, admin):
    """P28: no act on the sheet that its state would refuse."""
    made = invite(town)
    with viewing_as(town.aurora.id):
        Partnership.objects.update(state="active")
    address = f"{BASE}{made.public_id}/overview/"
    live = admin.get(address).content.decode()
    assert "End partnership" in live
    assert "/terms/?edit" in live
    with viewing_as(town.aurora.id):
        Partnership.objects.update(state="ended")
    over = admin.get(address).content.decode()
    assert "End partnership" not in over
    assert "/terms/?edit" not in over

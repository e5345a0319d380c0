"""Partnerships, invitations and ticks as programs call them."""

import json

import pytest
from django.utils import timezone

from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.organizations.models import TermsDocument
from samtime.partners.models import Partnership
from tests.partners.conftest import NUMBER, secret_of


@pytest.fixture
def general_terms(town, clock):
    """Version 4."""
    return TermsDocument.objects.create(
        version=4,
        language="en",
        title="General terms",
        text="Only companies.",
        sha256="a" * 64,
        effective_from=timezone.now().date(),
    )


def body(town, **more):
    """Fjord invites the company of this number."""
    given = {
        "company": {
            "name": "Hello Calls SRL",
            "tax_number": NUMBER,
            "registration_number": NUMBER,
            "country": "NO",
            "headquarters": {"street": "Prøvegata 1", "city": "Bergen", "country": "NO"},
        },
        "representative": {
            "name": "Test Admin",
            "email": "admin@hello.example",
            "phone": "+47 555 01 224",
        },
        "locations": [str(town.sentrum.public_id)],
        "commission": {"statistics": True, "kind": "percentage", "rate": "12.50"},
        "payment_place": "institution",
        "patient_access": "confirm",
    }
    return {**given, **more}


@pytest.fixture
def waiting(town, general_terms, caller):
    """Hello is here and invited by Fjord; the answer of the call."""
    town.hello.registration_number, town.hello.country = NUMBER, "NO"
    town.hello.save()
    made = caller(town.fjord_admin).post("partnerships", body(town))
    assert made.status == 201
    set_viewer(0)
    return made.body


def state(town):
    """Of Fjord's partnership."""
    with viewing_as(town.fjord.id):
        return Partnership.objects.get().state


def test_inviting(town, waiting):
    """P9 to P21: the fields come back, the invitation waits."""
    assert (waiting["state"], waiting["commission"]["rate"]) == ("invited", "12.50")
    assert waiting["invitation"]["state"] == "queued"
    assert waiting["partner"]["name"] == "Hello Calls SRL"


def test_accepting_by_token_needs_the_terms_in_force(town, waiting, caller):
    """P22, P24: 409 `terms_not_accepted` with the document; then accepted, once."""
    manager, token = caller(town.manager), secret_of(town.fjord)
    refused = manager.post(f"invitations/{token}/accept")
    assert (refused.status, refused.body["code"]) == (409, "terms_not_accepted")
    assert refused.body["document"]["text"] == "Only companies."
    older = manager.post(f"invitations/{token}/accept", {"terms_version": 3, "authority": True})
    assert (older.status, older.body["code"]) == (409, "terms_not_accepted")
    assert state(town) == "invited"
    done = manager.post(f"invitations/{token}/accept", {"terms_version": 4, "authority": True})
    assert (done.status, done.body["state"]) == (200, "active")
    again = manager.post(f"invitations/{token}/accept", {"terms_version": 4, "authority": True})
    assert again.status == 409


def test_accepting_by_id(town, waiting, caller):
    """P22: the invited organization's key finds what waits, with the version to accept."""
    manager = caller(town.manager)
    [item] = manager.get("invitations").body["items"]
    assert (item["terms_version"], item["partnership"]) == (4, waiting["id"])
    done = manager.post(f"invitations/{item['id']}/accept", {"terms_version": 4, "authority": True})
    assert done.status == 200
    assert state(town) == "active"


def test_without_authority_nothing_starts(town, waiting, caller):
    """P24: the box must be ticked."""
    token = secret_of(town.fjord)
    refused = caller(town.manager).post(f"invitations/{token}/accept", {"terms_version": 4})
    assert refused.status == 422
    assert refused.body["errors"][0]["field"] == "authority"
    assert state(town) == "invited"


def test_another_account_and_another_company(town, waiting, caller):
    """P14, D18, P7: wrong account, stranger, unknown token."""
    token, good = secret_of(town.fjord), {"terms_version": 4, "authority": True}
    wrong = caller(town.outsider).post(f"invitations/{token}/accept", good)
    assert (wrong.status, wrong.body["code"]) == (403, "wrong_account")
    assert caller(town.agent).post(f"invitations/{token}/accept", good).status == 403
    assert caller(town.manager).post("invitations/nonsense/accept", good).status == 404
    assert state(town) == "invited"


def test_changing_terms_from_a_day_on(town, waiting, caller):
    """P27, P29: PATCH with `from`; today's terms stay until then."""
    admin = caller(town.fjord_admin)
    change = {
        "commission": {"statistics": True, "kind": "percentage", "rate": "8"},
        "from": "2026-07-01",
    }
    answer = admin.client.patch(
        f"/api/v1/partnerships/{waiting['id']}",
        json.dumps(change),
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.json()["commission"]["rate"] == "12.50"
    with viewing_as(town.fjord.id):
        rates = Partnership.objects.get().channel.terms.order_by("from_on")
        assert [t.commission_rate for t in rates] == [1250, 800]


def test_a_company_twice_names_the_partnership(town, waiting, caller):
    """P26: 409 with the id of the one there is."""
    again = caller(town.fjord_admin).post("partnerships", body(town))
    assert (again.status, again.body["code"]) == (409, "already_partner")
    assert again.body["partnership"] == waiting["id"]


def test_a_tax_number_of_five_digits(town, general_terms, caller):
    """P9: 422 at its field."""
    company = {**body(town)["company"], "tax_number": "12345"}
    refused = caller(town.fjord_admin).post("partnerships", body(town, company=company))
    assert refused.status == 422
    assert refused.body["errors"][0]["field"] == "company.tax_number"


def test_the_matrix_of_a_channel(town, caller):
    """T2, T5, T8: ticks per location and practitioner; a stranger's channel is not there."""
    address = f"channels/{town.channel.public_id}/listings?location=aurora-centru"
    items = caller(town.admin).get(address).body["items"]
    open_ones = {(i["name"], i["offering"]): i["open"] for i in items}
    assert open_ones[("Mri", None)] is True
    assert open_ones[("Ecg", str(town.ecg_ana.public_id))] is False
    assert caller(town.fjord_admin).get(address).status == 404


def test_ticking_by_program(town, caller):
    """T5, T6: PUT /listings; a dry run only tells."""
    admin = caller(town.admin)
    change = {
        "channel": str(town.channel.public_id),
        "service": str(town.ecg.public_id),
        "location": str(town.centru.public_id),
        "open": True,
    }
    address = f"channels/{town.channel.public_id}/listings?location=aurora-centru"

    def ecg():
        items = admin.get(address).body["items"]
        return next(i["open"] for i in items if i["name"] == "Ecg" and not i["offering"])

    assert admin.put("listings", {"changes": [change], "dry_run": True}).status == 200
    assert not ecg()
    assert admin.put("listings", {"changes": [change]}).status == 200
    assert ecg()

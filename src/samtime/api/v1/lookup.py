"""The company register through the API: advisory, never needed to invite a partner."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Schema
from pydantic import Field

from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of
from samtime.api.v1.shapes import instant
from samtime.connectors.registers import look_up
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.tenancy import set_viewer
from samtime.partners.commands import (
    CompanyAsked,
    NoRegister,
    begin_look_up,
    keep_register_answer,
)
from samtime.partners.models import RegisterCheck


class RegisterUnavailable(Refusal):
    """The register does not answer, or not in time; this says nothing about the number."""

    code = "register_unavailable"
    status = 503
    sentence = _("The company register does not answer now. Type the data in.")


class NotInRegister(Refusal):
    """The register works and has no such company, or has removed it."""

    code = "not_in_register"
    status = 404
    sentence = _("The register knows no company with this number.")


class LookupQuery(Schema):
    """Country code and number: Norway's organisation number, elsewhere the tax number."""

    country: str = Field(max_length=2)
    number: str = Field(max_length=40)


@api.get("/organizations/lookup")
def organization_lookup(request: HttpRequest, q: Query[LookupQuery]) -> HttpResponse:
    """What the company register says about a number; 404 unknown, 503 when it does not answer."""
    actor = actor_of(request, "partnerships.read")
    country = q.country.upper()
    with transaction.atomic():
        set_viewer(actor.organization_id)
        company = CompanyAsked(country, q.number, q.number)
        try:
            check = begin_look_up(actor=actor, company=company)
        except Invalid as refused:
            first = refused.errors[0]
            raise Invalid(FieldError("number", first.code, str(first.detail))) from None
        except NoRegister as refused:
            raise NoRegister(field="country") from refused
    if check.outcome == "asked":
        told = look_up(country, check.number)
        with transaction.atomic():
            set_viewer(actor.organization_id)
            check = keep_register_answer(actor=actor, check=check, answer=told)
    if check.outcome in ("slow", "unavailable"):
        raise RegisterUnavailable()
    if check.outcome != "found":
        raise NotInRegister()
    return answer(200, _company(check))


def _company(check: RegisterCheck) -> dict[str, Any]:
    told = check.told
    return {
        "name": told["name"],
        "address": {
            "street": told["street"],
            "postal_code": told["postal_code"],
            "city": told["city"],
            "country": told["country"] or check.country,
        },
        "registered": {
            "registration_number": told["registration_number"],
            "tax_number": told["tax_number"],
            "legal_form": told["legal_form"],
            "vat": told["vat_registered"],
            "trade_register": told["in_trade_register"],
            "state": told["state"],
            "belongs_to": told["belongs_to"],
        },
        "fetched_at": instant(check.fetched_at),
        "source": check.source,
    }

"""Two tenants' secrets, every call and address, and what a table looked like before and after."""

import re
import uuid

from django.apps import apps
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from samtime.foundation.tenancy import protected_models, set_viewer
from samtime.partners.models import Partnership
from tests.town import at, book, person

CANARY = "Kanarifugl"


def addresses(resolver=None, prefix=""):
    """Every route of the product as a template with its parameters."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def filled(route, slug, ident):
    """The route with a slug and a foreign id in all its places."""
    route = route.replace("<slug:slug>", slug)
    route = re.sub(r"<uuid:\w+>", str(ident), route)
    route = route.replace("<str:day>", "2026-06-01").replace("<str:kind>", "csv")
    route = re.sub(r"<slug:\w+>", "company", route)
    return "/" + re.sub(r"<\w+:\w+>", "x", route).replace("\\Z", "").replace("^", "")


def page_routes():
    """Every page of an organization."""
    return sorted({r for r in addresses() if "<slug:slug>" in r})


def make_secrets(town):
    """Aurora's own booking, patient, hold, journal and partnership, named after a bird."""
    booking = book(town.desk, town.mri_ana, at(0, 9), person(CANARY, CANARY), note=CANARY)
    set_viewer(0)
    return booking


def foreign_ids(organization):
    """One public id of every protected kind of row of an organization, by kind."""
    set_viewer(organization.id)
    found = {}
    for model in apps.get_models():
        fields = {f.name for f in model._meta.get_fields()}
        if not model.__module__.startswith("samtime.") or "public_id" not in fields:
            continue
        owner = next((f for f in OWNERS if f in fields), None)
        if owner is None:
            continue
        row = model._default_manager.filter(**{owner: organization.id}).order_by("id").first()
        if row is not None:
            found[model.__name__.lower()] = str(row.public_id)
    set_viewer(0)
    return found


OWNERS = ("provider", "provider_id", "organization", "organization_id")


def checksums(organization):
    """A sum over every row of an organization in every protected table, and over its catalog."""
    set_viewer(organization.id)
    sums = {}
    with connection.cursor() as cursor:
        for model in protected_models():
            table = model._meta.db_table
            if table in GROWING:
                continue
            owned = " OR ".join(f'"{party}" = {int(organization.id)}' for party in model.parties)
            sums[table] = _sum(cursor, table, owned)
        for table, column in CATALOG.items():
            sums[table] = _sum(cursor, table, f"{column} = {int(organization.id)}")
    set_viewer(0)
    return sums


def _sum(cursor, table, owned):
    cursor.execute(
        f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t.id))"
        f' FROM "{table}" t WHERE {owned}'
    )
    return cursor.fetchone()


# Logs that a refused reading may add to; their rows are judged by their own tests.
GROWING = ("journal_accesslogentry",)
CATALOG = {
    "catalog_service": "provider_id",
    "calendars_calendar": "provider_id",
    "calendars_offering": "provider_id",
    "organizations_location": "organization_id",
    "organizations_practitioner": "organization_id",
    "organizations_membership": "organization_id",
}


def partnership_ids(organization):
    """Public ids of its partnerships."""
    set_viewer(organization.id)
    found = [str(i) for i in Partnership.objects.values_list("public_id", flat=True)]
    set_viewer(0)
    return found or [str(uuid.uuid4())]

"""The partners' page around its panel: the table, filtered by what stands in the address."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.models import ChannelTerms
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone, locations, organization_of
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import (
    coming_counts,
    latest_invitations,
    partnerships,
    terms_on,
    ticked_counts,
)
from samtime.partners.rules import OVER, plain_number
from samtime.web import agreement_words
from samtime.web.explained import slug_of
from samtime.web.templatetags.formats import day_short

TEMPLATE = "provider/partners/partners.html"
FILTERS = ("q", "state", "location", "kind", "pays")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    partnership: Partnership
    number: str
    kind: str
    places: str
    place_names: str
    commission: str
    payment_place: str
    services: int
    coming: int
    badge: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the lines share: by channel or partnership, one query each."""

    terms: dict[int, ChannelTerms]
    sent: dict[int, Invitation]
    ticked: dict[int, int]
    coming: dict[int, int]
    total: int


def states() -> list[tuple[str, str]]:
    """The filter's choices."""
    return [
        ("", _("State: all")),
        ("invited", _("Invited")),
        ("active", _("Active only")),
        ("notice_given", _("Notice given")),
        ("suspended", _("Suspended")),
        ("draft", _("Draft")),
        ("over", _("Ended, declined, expired")),
    ]


def rows_of(request: HttpRequest, actor: Actor, today: date) -> list[Row]:
    """The lines that the address asks for: `q` in name or number, `state`, `location` of the
    agreement by its slug, `kind`, `pays`."""
    facts = Facts(
        terms_on(actor, today),
        latest_invitations(actor),
        ticked_counts(actor, today),
        coming_counts(actor),
        locations(actor).count(),
    )
    found = partnerships(actor).prefetch_related("channel__locations")
    rows = [_row(one, facts) for one in found]
    return [row for row in rows if _wanted(request, row, facts.terms)]


def _wanted(request: HttpRequest, row: Row, terms: dict[int, ChannelTerms]) -> bool:
    found, wish = row.partnership, request.GET
    state, kind, pays = (wish.get(name, "") for name in ("state", "kind", "pays"))
    place = wish.get("location", "")
    if state and found.state != state and not (state == "over" and found.state in OVER):
        return False
    if kind and found.kind != kind:
        return False
    if place and place not in {one.slug for one in found.channel.locations.all()}:
        return False
    now = terms.get(found.channel_id)
    if pays and (now is None or now.payment_place != pays):
        return False
    q = wish.get("q", "").strip().casefold()
    digits = plain_number(q)
    numbers = f"{plain_number(found.registration_number)} {plain_number(found.tax_number)}"
    return q in found.company_name.casefold() or bool(digits and digits in numbers)


def _row(found: Partnership, facts: Facts) -> Row:
    names = sorted(place.name for place in found.channel.locations.all())
    places = _("%(count)s of %(total)s") % {"count": len(names), "total": facts.total}
    terms = facts.terms.get(found.channel_id)
    return Row(
        found,
        agreement_words.number_shown(found.country, found.registration_number),
        agreement_words.kind_word(found.kind),
        places,
        ", ".join(names),
        agreement_words.short_commission(terms),
        agreement_words.payment_place(terms) if terms else "–",
        facts.ticked.get(found.channel_id, 0),
        facts.coming.get(found.channel_id, 0),
        state_badge(found, facts.sent.get(found.id)),
    )


def state_badge(found: Partnership, sent: Invitation | None) -> tuple[str, str, str]:
    """Kind, state and word of the badge: an undelivered invitation, a pause, a last day show."""
    if found.state == "invited" and sent and sent.state in ("bounced", "failed"):
        return ("invitation", sent.state, _("Invited, bounced"))
    if found.state == "active" and found.channel.paused_at:
        return ("terms", "paused", "")
    if found.state == "notice_given" and found.ends_on:
        day = day_short(found.ends_on)
        return ("partnership", "notice_given", _("Ends %(day)s") % {"day": day})
    if found.state == "ended" and found.ends_on:
        return (
            "partnership",
            "ended",
            _("Ended %(day)s") % {"day": day_short(found.ends_on)},
        )
    return ("partnership", found.state, "")


def list_page(
    request: HttpRequest, actor: Actor, panel: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The whole page: the list, and beside it the panel with these facts."""
    rows = rows_of(request, actor, today_of(actor))
    context = {
        "slug": slug_of(request),
        "rows": rows,
        "own": organization_of(actor),
        "zone": home_zone(actor),
        "every": partnerships(actor).count(),
        "active": sum(row.partnership.state in ("active", "notice_given") for row in rows),
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "q": request.GET.get("q", ""),
        "chosen_state": request.GET.get("state", ""),
        "states": states(),
        "chosen_place": request.GET.get("location", ""),
        "places_filter": _places_filter(actor),
        "chosen_kind": request.GET.get("kind", ""),
        "kinds_filter": [("", _("Kind: all")), *agreement_words.KINDS],
        "chosen_pays": request.GET.get("pays", ""),
        "pays_filter": [
            ("", _("Payment: all")),
            ("institution", _("Our institution")),
            ("partner", _("The partner")),
        ],
        "may_invite": actor.may(Right.INVITE_PARTNER),
        "may_edit_terms": actor.may(Right.EDIT_TERMS),
        "key_words": [("↑ ↓", _("next partner")), ("R", _("resend"))],
        **panel,
    }
    return render(request, TEMPLATE, context, status=status)


def _places_filter(actor: Actor) -> list[tuple[str, str]]:
    """Locations to choose from; none where there is only one."""
    places = [(place.slug, place.name) for place in locations(actor)]
    return [("", _("Location: all")), *places] if len(places) > 1 else []


def address_of(request: HttpRequest, ident: UUID) -> str:
    """Where a partner's data sheet stands."""
    return f"/o/{slug_of(request)}/partners/?open={ident}"


def today_of(actor: Actor) -> date:
    """Today at the organization's first location."""
    return local_day(timezone.now(), home_zone(actor))


def places_of(actor: Actor) -> list[tuple[str, str]]:
    """The organization's locations as choices."""
    return [(str(place.public_id), place.name) for place in locations(actor)]

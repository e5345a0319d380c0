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
from samtime.organizations.queries import home_zone, locations
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import latest_invitations, partnerships, terms_on
from samtime.partners.rules import OVER
from samtime.web import agreement_words
from samtime.web.templatetags.formats import day_short

TEMPLATE = "provider/partners/partners.html"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    partnership: Partnership
    number: str
    kind: str
    places: str
    commission: str
    badge: tuple[str, str, str]


def states() -> list[tuple[str, str]]:
    """The filter's choices."""
    return [
        ("", _("State: all")),
        ("invited", _("Invited")),
        ("active", _("Active only")),
        ("suspended", _("Suspended")),
        ("draft", _("Draft")),
        ("over", _("Ended, declined, expired")),
    ]


def rows_of(request: HttpRequest, actor: Actor, today: date) -> list[Row]:
    """The lines that the address asks for: `q` in name or number, `state`."""
    q, state = request.GET.get("q", "").strip().casefold(), request.GET.get("state", "")
    terms, sent = terms_on(actor, today), latest_invitations(actor)
    total = locations(actor).count()
    over = OVER
    return [
        _row(found, terms.get(found.channel_id), sent.get(found.id), total)
        for found in partnerships(actor)
        if (not state or found.state == state or (state == "over" and found.state in over))
        and (not q or q in f"{found.company_name} {found.registration_number}".casefold())
    ]


def _row(
    found: Partnership, terms: ChannelTerms | None, sent: Invitation | None, total: int
) -> Row:
    places = _("%(count)s of %(total)s") % {"count": found.place_count, "total": total}  # type: ignore[attr-defined]
    kind = agreement_words.kind_word(found.kind)
    commission = agreement_words.short_commission(terms)
    number = agreement_words.number_shown(found.country, found.registration_number)
    return Row(found, number, kind, places, commission, state_badge(found, sent))


def state_badge(found: Partnership, sent: Invitation | None) -> tuple[str, str, str]:
    """Kind, state and word of the badge: an undelivered invitation and a last day show."""
    if found.state == "invited" and sent and sent.state in ("bounced", "failed"):
        return ("invitation", sent.state, _("Invited, bounced"))
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
        "every": partnerships(actor).count(),
        "active": sum(row.partnership.state == "active" for row in rows),
        "q": request.GET.get("q", ""),
        "chosen_state": request.GET.get("state", ""),
        "states": states(),
        "may_invite": actor.may(Right.INVITE_PARTNER),
        "may_edit_terms": actor.may(Right.EDIT_TERMS),
        "key_words": [("↑ ↓", _("next partner")), ("R", _("resend"))],
        **panel,
    }
    return render(request, TEMPLATE, context, status=status)


def slug_of(request: HttpRequest) -> str:
    """The organization in the address."""
    match = request.resolver_match
    return str(match.kwargs["slug"]) if match else ""


def address_of(request: HttpRequest, ident: UUID) -> str:
    """Where a partner's data sheet stands."""
    return f"/o/{slug_of(request)}/partners/?open={ident}"


def today_of(actor: Actor) -> date:
    """Today at the organization's first location."""
    return local_day(timezone.now(), home_zone(actor))


def places_of(actor: Actor) -> list[tuple[str, str]]:
    """The organization's locations as choices."""
    return [(str(place.public_id), place.name) for place in locations(actor)]

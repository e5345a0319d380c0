"""What we may book: every service open to the partner, with its price now and next, and a request.

The clinic's ticks stand here to be read; only the clinic changes them.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.models import ChannelTerms
from samtime.channels.queries.catalogue import CatalogueLine, catalogue
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.partners.commands.asking import Wanted, ask_for_more
from samtime.partners.models import Partnership
from samtime.partners.queries import agreed_terms, agreements
from samtime.partners.queries.catalogue import closed_pairs, requests_of
from samtime.web import agreement_words
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.frame import address
from samtime.web.idents import ident_needed
from samtime.web.once import once_only
from samtime.web.templatetags.formats import money

LIVE = ("active", "notice_given", "suspended")
READS = (Right.BOOK_AT_PARTNER, Right.SEE_PARTNERS)
NAMES = {"en": "English", "nb": "Norsk", "ro": "Română", "hu": "Magyar"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in words. `key` names it in the address: channel, place and service."""

    line: CatalogueLine
    key: str
    name: str
    minutes: str
    price: str
    next_price: str
    pays_here: bool
    patient_access: str
    is_new: bool


@page(*READS)
def catalogue_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list; `?open=<key>` with one service, `?ask=<partnership>` with the request."""
    ask = None
    if text := request.GET.get("ask", ""):
        actor.require(Right.SEE_PARTNERS)
        ask = _agreement(actor, ident_needed(text))
    return _show(request, actor, FormState(), ask)


@page(Right.SEE_PARTNERS)
@once_only
def catalogue_ask(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """POST: the ticked list and a message go to the institution's inbox."""
    if request.method != "POST":
        return redirect(f"{address('partner:catalogue', slug_of(request))}?ask={ident}")
    found = _agreement(actor, ident)
    state = FormState.posted(request.POST, lists=["wanted"])
    wanted = Wanted(_pairs(state["wanted"]), state.text("message"))
    try:
        ask_for_more(actor=actor, partnership_id=ident, wanted=wanted)
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, state, found, status=refusal.status)
    messages.success(request, _("%(name)s has been asked.") % {"name": found.provider.name})
    return redirect(address("partner:catalogue", slug_of(request)))


def _agreement(actor: Actor, ident: UUID) -> Partnership:
    found = agreements(actor).filter(public_id=ident).first()
    if found is None:
        raise NotFound()
    return found


def _show(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    ask: Partnership | None,
    *,
    status: int = 200,
) -> HttpResponse:
    today, manages = local_day(timezone.now(), home_zone(actor)), actor.may(Right.SEE_PARTNERS)
    found = list(agreements(actor).filter(state__in=LIVE))
    dated = agreed_terms(actor, found)
    every = [
        _shown(line, _terms_on(dated.get(line.channel.id, []), today), actor.language, today)
        for line in catalogue(actor, today=today)
    ]
    at, key = request.GET.get("at", ""), request.GET.get("open", "")
    opened = next((row for row in every if row.key == key), None)
    if key and opened is None:
        raise NotFound()
    context = {
        "rows": [row for row in every if at in ("", str(row.line.channel.public_id))],
        "any": bool(every),
        "at": at,
        "institutions": [(str(p.channel.public_id), p.provider.name) for p in found],
        "agreements": [(p, _words(dated.get(p.channel_id, []), today)) for p in found],
        "paused": any(p.channel.paused_at for p in found),
        "opened": opened,
        "preparation": _preparation(opened) if opened else [],
        "ask": ask,
        "pairs": _choices(actor, ask) if ask else [],
        "asked": requests_of(actor) if manages else [],
        "manages": manages,
        "state": state,
        "printed_at": timezone.now(),
        "zone": home_zone(actor),
        "key_words": [("↑ ↓", _("next service"))],
    }
    return render(request, "partner/catalogue/catalogue.html", context, status=status)


def _shown(line: CatalogueLine, terms: ChannelTerms | None, language: str, today: date) -> Shown:
    place, access = ("", "") if terms is None else (terms.payment_place, terms.patient_access)
    parts = (line.channel.public_id, line.location.slug, line.service.public_id)
    return Shown(
        line,
        "/".join(str(part) for part in parts),
        line.service.name_in(language),
        _span(str(line.minutes[0]), str(line.minutes[1])),
        _prices(line.price, line.currency),
        _prices(line.next_price, line.currency) if line.next_price else "",
        place == "partner",
        agreement_words.patient_access(access),
        line.is_new(today),
    )


def _prices(pair: tuple[int, int], currency: str) -> str:
    low, high = (money(Money(minor, currency)) for minor in pair)
    return _span(low, high)


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} – {high}"


def _terms_on(every: list[ChannelTerms], today: date) -> ChannelTerms | None:
    past = [t for t in every if t.from_on <= today]
    return (past or every)[-1] if every else None


def _words(every: list[ChannelTerms], today: date) -> str:
    terms = _terms_on(every, today)
    return agreement_words.commission(terms) if terms else ""


def _preparation(row: Shown) -> list[tuple[str, str, str]]:
    texts = row.line.service.preparation
    return [(lang, NAMES.get(lang, lang), text) for lang, text in texts.items() if text]


def _choices(actor: Actor, ask: Partnership) -> list[tuple[str, str]]:
    return [
        (f"{pair.location}/{pair.service}", f"{pair.service_name} · {pair.location_name}")
        for pair in closed_pairs(actor, ask)
    ]


def _pairs(values: list[str]) -> tuple[tuple[UUID, UUID], ...]:
    """«location/service» as ticked; what cannot be one is left out and found missing below."""
    found = []
    for value in values[:500]:
        place, _slash, service = value.partition("/")
        try:
            found.append((UUID(place), UUID(service)))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))

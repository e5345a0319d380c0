"""Institution: the own company's card, its locations, and the rooms of a location."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.models import LANGUAGES
from samtime.accounts.rights import Right
from samtime.calendars import queries as calendars
from samtime.calendars.commands.rooms import (
    RoomGroupGiven,
    add_room_group,
    change_room_group,
    end_room_group,
)
from samtime.calendars.models import ResourceGroup
from samtime.catalog.queries import services
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import ZONES, local_day, zone_of_country
from samtime.organizations.commands.company import CompanyGiven, card_of, change_company
from samtime.organizations.commands.locations import (
    LocationGiven,
    add_location,
    change_location,
    end_location,
    given_of,
)
from samtime.organizations.models import Location
from samtime.organizations.queries import location, locations, organization_of
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState

TEMPLATE = "provider/institution/institution.html"
CARD = CompanyGiven.__slots__
NEAR_ZONES = (
    "Europe/Oslo",
    "Europe/Bucharest",
    "Europe/Budapest",
    "Europe/Stockholm",
    "Europe/Copenhagen",
    "Europe/Helsinki",
    "Atlantic/Reykjavik",
)


@page(Right.SEE_ORGANIZATION)
def institution(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Company and locations."""
    return _shown(request, actor, {})


@page(Right.EDIT_ORGANIZATION)
def company(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The company's card in the panel; a POST saves it."""
    own = organization_of(actor)
    state = FormState(
        {f: getattr(own, f) for f in CARD} | {f"seen.{f}": getattr(own, f) for f in CARD}
    )
    if request.method != "POST":
        return _shown(request, actor, {"panel": "company", "state": state})
    state = FormState.posted(request.POST)
    given = CompanyGiven(**{name: state.text(name) for name in CARD})
    seen = CompanyGiven(**{name: state.text(f"seen.{name}") for name in CARD})
    try:
        change_company(actor=actor, given=given, seen=seen)
    except Refusal as refusal:
        state.refuse(refusal)
        theirs = card_of(organization_of(actor)) if refusal.status == 412 else None
        panel = {"panel": "company", "state": state, "theirs": _differences(given, theirs)}
        if theirs is not None:
            state.values |= {f"seen.{name}": getattr(theirs, name) for name in CARD}
        return _shown(request, actor, panel, status=refusal.status)
    messages.success(request, _("Saved."))
    return redirect("provider:institution", slug_of(request))


@page(Right.EDIT_ORGANIZATION)
def location_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new location."""
    own = organization_of(actor)
    state = FormState({"country": own.country, "time_zone": _zone_of(actor, own.country)})
    panel: dict[str, Any] = {"panel": "location", "state": state}
    if request.method != "POST":
        return _shown(request, actor, panel)
    panel["state"] = state = FormState.posted(request.POST)
    given = _location_given(state)
    try:
        if state.ok:
            made = add_location(actor=actor, given=given)
    except Refusal as refusal:
        _refuse(state, refusal)
    if not state.ok:
        return _shown(request, actor, panel, status=422)
    messages.success(request, _("Saved. Now say who works there, or which rooms it has."))
    return redirect("provider:location_sheet", slug_of(request), made.public_id)


@page(Right.SEE_ORGANIZATION)
def location_sheet(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """A location's data and rooms; a POST saves its data or ends it."""
    found = location(actor, ident)
    if request.method != "POST":
        return _shown(request, actor, _location_facts(actor, found, _location_form(found)))
    state = FormState.posted(request.POST)
    given = _location_given(state)
    try:
        if state.text("act") == "end":
            today = local_day(timezone.now(), found.time_zone)
            end_location(actor=actor, location_id=ident, today=today)
        elif state.ok:
            change_location(actor=actor, location_id=ident, given=given)
    except Refusal as refusal:
        _refuse(state, refusal)
    if not state.ok:
        return _shown(request, actor, _location_facts(actor, found, state), status=422)
    messages.success(request, _("Saved."))
    return redirect("provider:institution", slug_of(request))


@page(Right.EDIT_CATALOG)
def rooms_new(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """Rooms of a location, of which any free one will do."""
    place = location(actor, ident)
    return _rooms(request, actor, place, None)


@page(Right.EDIT_CATALOG)
def rooms(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """The rooms of a group; a POST saves or ends them."""
    group = calendars.room_group(actor, ident)
    return _rooms(request, actor, group.location, group)


def _rooms(
    request: HttpRequest, actor: Actor, place: Location, group: ResourceGroup | None
) -> HttpResponse:
    state = _rooms_form(group)
    panel: dict[str, Any] = {"panel": "rooms", "place": place, "group": group, "state": state}
    panel["services"] = [(str(s.public_id), s.name) for s in services(actor)]
    if request.method != "POST":
        return _shown(request, actor, panel)
    panel["state"] = state = FormState.posted(request.POST, lists=["services"])
    try:
        _save_rooms(actor, place, group, state)
    except Refusal as refusal:
        state.refuse(refusal)
        return _shown(request, actor, panel, status=refusal.status)
    messages.success(request, _("Saved."))
    return redirect("provider:location_sheet", slug_of(request), place.public_id)


def _save_rooms(
    actor: Actor, place: Location, group: ResourceGroup | None, state: FormState
) -> None:
    now = timezone.now()
    if group is not None and state.text("act") == "end":
        end_room_group(actor=actor, group_id=group.public_id, now=now)
        return
    try:
        wanted = tuple(UUID(text) for text in state["services"] or [])
    except ValueError:
        raise NotFound(field="services") from None
    given = RoomGroupGiven(
        location_id=place.public_id,
        name=state.text("name"),
        members=tuple(line.strip() for line in state.text("members").splitlines() if line.strip()),
        service_ids=wanted,
        kind=state.text("kind") or "room",
    )
    if group is None:
        add_room_group(actor=actor, given=given, now=now)
    else:
        change_room_group(actor=actor, group_id=group.public_id, given=given, now=now)


def _rooms_form(group: ResourceGroup | None) -> FormState:
    if group is None:
        return FormState({"kind": "room", "services": []})
    return FormState(
        {
            "name": group.name,
            "members": "\n".join(calendars.rooms_of([group]).get(group.id, [])),
            "services": [str(ident) for ident in calendars.needs_of([group]).get(group.id, [])],
        }
    )


def _location_facts(actor: Actor, found: Location, state: FormState) -> dict[str, Any]:
    groups = [g for g in calendars.room_groups(actor) if g.location_id == found.id]
    names, needs = calendars.rooms_of(groups), calendars.needs_of(groups)
    words = {s.public_id: s.name for s in services(actor)}
    return {
        "panel": "location",
        "found": found,
        "state": state,
        "rooms": [
            {
                "group": g,
                "names": ", ".join(names.get(g.id, [])),
                "needs": ", ".join(words[i] for i in needs.get(g.id, []) if i in words),
            }
            for g in groups
        ],
    }


def _location_form(found: Location) -> FormState:
    given = given_of(found)
    values = {name: getattr(given, name) for name in LocationGiven.__slots__}
    return FormState({name: "" if value is None else str(value) for name, value in values.items()})


def _location_given(state: FormState) -> LocationGiven:
    return LocationGiven(
        name=state.text("name"),
        time_zone=state.text("time_zone"),
        street=state.text("street"),
        postal_code=state.text("postal_code"),
        city=state.text("city"),
        country=state.text("country"),
        phone=state.text("phone"),
        latitude=_degrees(state, "latitude"),
        longitude=_degrees(state, "longitude"),
    )


def _degrees(state: FormState, name: str) -> float | None:
    text = state.text(name).replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        state.wrong(name, _("Write degrees, for example 60.39."))
        return None


def _refuse(state: FormState, refusal: Refusal) -> None:
    state.refuse(refusal)
    if "address.country" in state.errors:
        state.wrong("country", state.errors.pop("address.country"))


def _differences(given: CompanyGiven, theirs: CompanyGiven | None) -> list[tuple[str, str, str]]:
    if theirs is None:
        return []
    return [
        (name, getattr(given, name), getattr(theirs, name))
        for name in CARD
        if getattr(given, name) != getattr(theirs, name)
    ]


def _zone_of(actor: Actor, country: str) -> str:
    first = locations(actor).first()
    return first.time_zone if first else zone_of_country(country)


def _shown(
    request: HttpRequest, actor: Actor, panel: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    own = organization_of(actor)
    context = {
        "slug": slug_of(request),
        "own": own,
        "rows": list(locations(actor)),
        "is_provider": "provider" in own.capabilities,
        "may_edit": actor.may(Right.EDIT_ORGANIZATION),
        "may_edit_rooms": actor.may(Right.EDIT_CATALOG),
        "languages": LANGUAGES,
        "card": CARD,
        "zones": [(z, z) for z in (*NEAR_ZONES, *sorted(ZONES - set(NEAR_ZONES)))],
        **panel,
    }
    return render(request, TEMPLATE, context, status=status)

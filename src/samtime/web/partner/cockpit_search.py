"""What the agent typed on the left of the cockpit, as a search, and its answer as rows."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Hold
from samtime.bookings.queries.facets import (
    Facets,
    ServiceChoice,
    Spot,
    matching,
    spot_named,
)
from samtime.bookings.queries.facets_kept import Choosable, Kept
from samtime.bookings.queries.live import shown_rows, version_of, watch
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import SlotPage, find_slots
from samtime.bookings.queries.widening import Widening, widenings
from samtime.bookings.queries.wishes import PARTS, SlotSearch
from samtime.channels.queries import paused_for
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.partner import cockpit_words as words
from samtime.web.partner.cockpit_paint import painted
from samtime.web.partner.cockpit_rows import ROWS, Row, fits, key_of, rows_of
from samtime.web.partner.why_questions import open_there, why_questions

DAYS = 14
COUNTED = 200
LOOKED_THROUGH = 400
GROUPS = {"": "", "location": "location", "doctor": "calendar"}
# Filters chosen from long lists, and all of them.
LISTED = ("provider", "location", "practitioner")
FILTERS = ("near", "radius", "from", "part", *LISTED, "language", "gender", "group")
NOTHING = Choosable(Facets(), "", "", "")


@dataclass(slots=True)
class Found:
    """The answer to what is typed: choices, rows, how many, what would help.

    `lists`: what the filters offer, only where they are open; else their values travel hidden.
    """

    state: FormState
    choices: list[ServiceChoice] = field(default_factory=list)
    chosen: ServiceChoice | None = None
    institutions: int = 0
    lists: Choosable | None = None
    rows: list[Row] = field(default_factory=list)
    total: int = 0
    more: bool = False
    spot: Spot | None = None
    helps: list[Widening] = field(default_factory=list)
    chips: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    token: str = ""
    version: str = ""
    nothing_open: bool = False
    unknown: bool = False
    paused: str = ""
    may_sign: bool = False
    whys: list[tuple[str, str]] = field(default_factory=list)


def typed(request: HttpRequest) -> FormState:
    """The search part of a request, wherever it stands."""
    data: QueryDict = request.GET if request.method == "GET" else request.POST
    return FormState.posted(data)


def find(actor: Actor, state: FormState, *, now: datetime, held: Hold | None = None) -> Found:
    """Rows for what is typed, in a constant number of queries; more only when nothing is free."""
    found = Found(state)
    on = max(day_typed(state.text("from")) or timezone.localdate(), timezone.localdate())
    # East of Greenwich the day has begun already: what is ticked «from today» there is listed;
    # the search judges each start by its own local day.
    listed = max(on, (now + timedelta(hours=14)).date())
    known = Kept(actor, on=listed)
    _choose(found, known, on)
    wish = wish_of(state, found.chosen, found.spot, on)
    page = SlotPage([], 0) if found.unknown else find_slots(actor, wish, now=now)
    mine = held if held is not None and fits(held, wish.services) else None
    slots = page.items
    if state.text("shown"):
        slots, found.gone = _settled(actor, wish, state.text("shown").split(), slots, now)
    found.rows = rows_of(slots, actor, now, mine)
    found.total, found.more = min(page.total, COUNTED), page.total >= COUNTED
    if not page.items and not found.unknown:
        found.paused = paused_for(actor)
        found.may_sign = actor.may(Right.ACCEPT_TERMS)
    if not page.items and not found.unknown and not found.paused:
        found.helps = widenings(actor, wish, now=now)
        found.whys = why_questions(open_there(actor, wish, listed), on)
    shown = shown_rows((r.slot.mask_id, r.slot.start, r.slot.end) for r in found.rows)
    found.token, found.version = watch(actor, shown), version_of(actor, shown)
    return found


def _choose(found: Found, known: Kept, on: date) -> None:
    """The service meant, and what may narrow it: long lists only for whoever looks at them."""
    state, every = found.state, known.services()
    found.nothing_open = not every
    found.choices = matching(every, state.text("q"))
    found.chosen = _chosen(every, found.choices, state)
    found.unknown = bool(state.text("q")) and found.chosen is None
    found.institutions = known.institutions(found.chosen)
    found.spot = spot_named(state.text("near")) if state.text("near") else None
    lost = bool(state.text("near")) and found.spot is None
    choosable = NOTHING
    if lost or any(state.text(name) for name in ("filters", *LISTED)):
        choosable = known.facets(found.chosen)
    if lost or state.text("filters"):
        found.lists = choosable
    found.chips = words.chips(state, on, found.spot, choosable.facets)


def _chosen(
    every: list[ServiceChoice], choices: list[ServiceChoice], state: FormState
) -> ServiceChoice | None:
    """The service picked from the list, else the best match of what is typed."""
    wanted = ident_typed(state.text("service"))
    if wanted:
        picked = next((c for c in every if wanted in c.services), None)
        if picked is not None:
            return picked
    return choices[0] if choices else None


def kept_wish(actor: Actor, state: FormState, *, now: datetime) -> dict[str, Any]:
    """What is typed, to be looked for another day: the fields in use, `words` for what they name,
    and where a place lies (`at`). A constant number of queries. Refuses: RightMissing."""
    found, on = Found(state), timezone.localdate()
    known = Kept(actor, on=(now + timedelta(hours=14)).date())
    _choose(found, known, on)
    fields = {name: v for name in ("q", "service", *FILTERS) if (v := state.text(name))}
    named = {"service": found.chosen.name if found.chosen else state.text("q")}
    if found.chosen:
        fields["service"] = str(found.chosen.key)
    if any(state.text(name) for name in LISTED):
        lists = known.facets(found.chosen).facets
        for name, names in zip(
            LISTED, (lists.institutions, lists.places, lists.doctors), strict=True
        ):
            named[name] = names.get(state.text(name), "")
    if found.spot:
        named["near"] = found.spot.name
        fields["at"] = f"{found.spot.latitude} {found.spot.longitude}"
    return {**fields, "words": {name: word for name, word in named.items() if word}}


def wish_again(
    every: list[ServiceChoice], kept: dict[str, Any], *, today: date
) -> SlotSearch | None:
    """The search behind a kept wish; None where it names nothing, or nothing known any more."""
    state = FormState({name: v for name, v in kept.items() if name != "words"})
    chosen = _chosen(every, matching(every, state.text("q")), state)
    place = [float(degrees) for degrees in state.text("at").split()]
    spot = Spot(state.text("near"), *place) if len(place) == 2 else None
    unknown = bool(state.text("q")) and chosen is None
    names = any(state.text(name) for name in LISTED)
    if unknown or not (chosen or spot or names):
        return None
    on = max(day_typed(state.text("from")) or today, today)
    return replace(wish_of(state, chosen, spot, on), apart=False, first_per="")


def wish_of(
    state: FormState, chosen: ServiceChoice | None, spot: Spot | None, on: date
) -> SlotSearch:
    """The search behind the form."""
    part = state.text("part")
    days = state.text("days")
    return SlotSearch(
        start=on,
        days=min(int(days), 400) if days.isdecimal() and len(days) < 4 else DAYS,
        limit=ROWS,
        services=chosen.services if chosen else (),
        numbers=chosen.numbers if chosen else None,
        provider=ident_typed(state.text("provider")),
        location=ident_typed(state.text("location")),
        practitioner=ident_typed(state.text("practitioner")),
        language=state.text("language")[:5],
        gender=state.text("gender")[:10],
        part=part if part in PARTS else "",
        near=(spot.latitude, spot.longitude) if spot else None,
        radius_km=words.radius_of(state) if spot else 0.0,
        apart=True,
        first_per=GROUPS.get(state.text("group"), ""),
        count_to=COUNTED,
    )


def _settled(
    actor: Actor, wish: SlotSearch, shown: list[str], fresh: list[Slot], now: datetime
) -> tuple[list[Slot], list[str]]:
    """Rows on the screen that are still free stay; the others are named as taken.

    Starts are kept apart from the first one on, so one booking would shift all that follow.
    """
    wide = replace(wish, apart=False, first_per="", limit=LOOKED_THROUGH, count_to=0)
    free = {key_of(slot): slot for slot in find_slots(actor, wide, now=now).items}
    reach = max((slot.start for slot in free.values()), default=None)
    full = len(free) >= LOOKED_THROUGH
    gone = [k for k in shown if k not in free and not (full and reach and _later(k, reach))]
    if wish.first_per:
        return fresh, gone
    kept = [free[key] for key in shown if key in free]
    others = [slot for slot in fresh if not any(_overlap(slot, k) for k in kept)]
    return sorted([*kept, *others], key=lambda s: s.start)[:ROWS], gone


def _later(key: str, reach: datetime) -> bool:
    try:
        return datetime.fromisoformat(key.partition("@")[2]) > reach
    except (ValueError, TypeError):
        return True


def _overlap(one: Slot, other: Slot) -> bool:
    same = one.mask_id == other.mask_id
    return same and one.start < other.end and other.start < one.end


def context_of(found: Found, slug: str) -> dict[str, Any]:
    """What the list's template asks for."""
    context: dict[str, Any] = {"found": found, "state": found.state}
    context["times"] = painted(found.rows, slug, with_service=found.chosen is None)
    if found.helps:
        called = words.help_words()
        context["helps"] = [(called[one.name], one) for one in found.helps]
    if found.lists is None:
        context["kept"] = [(n, v) for n in FILTERS if (v := found.state.text(n))]
    else:
        context |= _filters(found.lists, found.state)
    return context


def _filters(lists: Choosable, state: FormState) -> dict[str, Any]:
    """The fields of the open filters."""
    genders, languages = words.gender_words(), words.language_words()
    options = {
        "provider": lists.institutions,
        "location": lists.places,
        "practitioner": lists.doctors,
    }
    return {
        "radii": words.RADII,
        "parts": list(words.part_words().items()),
        "genders": [(g, genders.get(g, g)) for g in lists.facets.genders],
        "speaks": [(code, languages.get(code, code)) for code in lists.facets.languages],
        "groups": words.group_words(),
        **{f"{n}_options": _marked(o, ident_typed(state.text(n))) for n, o in options.items()},
    }


def _marked(options: str, chosen: UUID | None) -> SafeString:
    return mark_safe(options.replace(f'value="{chosen}"', f'value="{chosen}" selected', 1))

"""What the agent typed on the left of the cockpit, as a search, and its answer as rows."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
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
from samtime.bookings.queries.showcase import my_holds
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import SlotPage, find_slots
from samtime.bookings.queries.widening import widenings
from samtime.bookings.queries.wishes import PARTS, SlotSearch
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day, zone_town
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState
from samtime.web.partner.why_questions import open_there, why_questions

ROWS = 9
DAYS = 14
COUNTED = 200
LOOKED_THROUGH = 400
RADII = (5, 10, 25, 50, 100)
GROUPS = {"": "", "location": "location", "doctor": "calendar"}
FILTERS = ("near", "part", "language", "gender", "provider", "location", "practitioner")


@dataclass(slots=True)
class Row:
    """A free time as the list shows it; `number` is its key."""

    number: int
    slot: Slot
    price: Money
    service: str
    today: bool
    town: str = ""
    held: bool = False

    @property
    def key(self) -> str:
        """The same time in every answer: offering and instant."""
        return key_of(self.slot)


@dataclass(slots=True)
class Found:
    """The answer to what is typed: choices, rows, how many, what would help."""

    state: FormState
    choices: list[ServiceChoice] = field(default_factory=list)
    chosen: ServiceChoice | None = None
    facets: Facets = field(default_factory=Facets)
    choosable: Choosable | None = None
    rows: list[Row] = field(default_factory=list)
    total: int = 0
    more: bool = False
    spot: Spot | None = None
    helps: list[dict[str, Any]] = field(default_factory=list)
    chips: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    token: str = ""
    version: str = ""
    nothing_open: bool = False
    unknown: bool = False
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
    every = known.services()
    found.nothing_open = not every
    found.choices = matching(every, state.text("q"))
    found.chosen = _chosen(every, found.choices, state)
    found.unknown = bool(state.text("q")) and found.chosen is None
    services = found.chosen.services if found.chosen else ()
    found.choosable = known.facets(services)
    found.facets = found.choosable.facets
    found.spot = spot_named(state.text("near")) if state.text("near") else None
    wish = wish_of(state, services, found.spot, on)
    page = SlotPage([], 0) if found.unknown else find_slots(actor, wish, now=now)
    mine = held if held is not None and _fits(held, services) else None
    slots = page.items
    if state.text("shown"):
        slots, found.gone = _settled(actor, wish, state.text("shown").split(), slots, now)
    found.rows = _rows(slots, actor, now, mine)
    found.total, found.more = min(page.total, COUNTED), page.total >= COUNTED
    if not page.items and not found.unknown:
        found.helps = [_help(w.name, w.found, w.more) for w in widenings(actor, wish, now=now)]
        found.whys = why_questions(open_there(actor, wish, services, listed), on)
    found.chips = _chips(found, on)
    shown = shown_rows((r.slot.mask_id, r.slot.start, r.slot.end) for r in found.rows)
    found.token, found.version = watch(actor, shown), version_of(actor, shown)
    return found


def _chosen(
    every: list[ServiceChoice], choices: list[ServiceChoice], state: FormState
) -> ServiceChoice | None:
    """The service picked from the list, else the best match of what is typed."""
    wanted = state.text("service")
    if wanted:
        picked = next((c for c in every if wanted in map(str, c.services)), None)
        if picked is not None:
            return picked
    return choices[0] if choices else None


def wish_of(
    state: FormState, services: tuple[UUID, ...], spot: Spot | None, on: date
) -> SlotSearch:
    """The search behind the form."""
    part = state.text("part")
    days = state.text("days")
    return SlotSearch(
        start=on,
        days=min(int(days), 400) if days.isdecimal() and len(days) < 4 else DAYS,
        limit=ROWS,
        services=services,
        provider=_uuid(state.text("provider")),
        location=_uuid(state.text("location")),
        practitioner=_uuid(state.text("practitioner")),
        language=state.text("language")[:5],
        gender=state.text("gender")[:10],
        part=part if part in PARTS else "",
        near=(spot.latitude, spot.longitude) if spot else None,
        radius_km=_radius(state) if spot else 0.0,
        apart=True,
        first_per=GROUPS.get(state.text("group"), ""),
        count_to=COUNTED,
    )


def _radius(state: FormState) -> float:
    given = state.text("radius")
    return float(given) if given.isdecimal() and len(given) < 5 and int(given) else 25.0


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


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


def key_of(slot: Slot) -> str:
    """The same time in every answer: offering and instant."""
    return f"{slot.offering}@{slot.start.isoformat()}"


def _later(key: str, reach: datetime) -> bool:
    try:
        return datetime.fromisoformat(key.partition("@")[2]) > reach
    except (ValueError, TypeError):
        return True


def _overlap(one: Slot, other: Slot) -> bool:
    same = one.mask_id == other.mask_id
    return same and one.start < other.end and other.start < one.end


def _fits(held: Hold, services: tuple[UUID, ...]) -> bool:
    return not services or held.offering.service.public_id in services


def _rows(slots: list[Slot], actor: Actor, now: datetime, held: Hold | None) -> list[Row]:
    """Nine rows in order of time; the time that is held stays where it was."""
    shown = list(slots)
    if held is not None:
        shown = sorted([*shown, slot_of(held)], key=lambda s: s.start)[:ROWS]
        if all(s.start != held.starts_at for s in shown):
            shown[-1] = slot_of(held)
    several = len({slot.zone for slot in shown}) > 1
    return [
        Row(
            number=n,
            slot=slot,
            price=Money(slot.price, slot.currency),
            service=slot.service_in(actor.language),
            today=local_day(slot.start, slot.zone) == local_day(now, slot.zone),
            town=zone_town(slot.zone, actor.language.split("-")[0]) if several else "",
            held=held is not None
            and (slot.offering_id, slot.start) == (held.offering_id, held.starts_at),
        )
        for n, slot in enumerate(shown, start=1)
    ]


def slot_of(held: Hold) -> Slot:
    """A hold as the row it was."""
    offering = held.offering
    calendar, service = offering.calendar, offering.service
    return Slot(
        offering=offering.public_id,
        offering_id=offering.id,
        provider=held.provider.public_id,
        provider_name=held.provider.name,
        location=calendar.location.public_id,
        location_name=calendar.location.name,
        zone=calendar.location.time_zone,
        practitioner=calendar.role.practitioner.public_id,
        practitioner_name=str(calendar.role.practitioner),
        service=service.public_id,
        service_name=service.name,
        start=held.starts_at,
        end=held.ends_at,
        price=held.price_amount,
        currency=held.currency,
        payment_place="",
        mask_id=calendar.mask_id,
        service_names=service.names,
    )


def part_words() -> dict[str, str]:
    """Parts of the day in the reader's language."""
    return {
        "morning": _("Morning, before 12"),
        "afternoon": _("Afternoon, 12 to 17"),
        "evening": _("Evening, after 17"),
    }


def gender_words() -> dict[str, str]:
    """Genders of practitioners, as far as clinics state them."""
    return {"female": _("Woman"), "male": _("Man")}


def language_words() -> dict[str, str]:
    """Languages practitioners speak."""
    return {
        "en": "English",
        "nb": "Norsk",
        "no": "Norsk",
        "ro": "Română",
        "hu": "Magyar",
        "de": "Deutsch",
        "fr": "Français",
        "sv": "Svenska",
    }


def _chips(found: Found, on: date) -> list[tuple[str, str]]:
    """Filters in use, as (field, words): each leaves with one key."""
    state, words = found.state, dict[str, str]()
    if found.spot:
        distance = int(_radius(state))
        words["near"] = _("Within %(km)s km of %(place)s") % {
            "km": distance,
            "place": found.spot.name,
        }
    if on > timezone.localdate():
        words["from"] = _("From %(day)s") % {"day": f"{on:%d.%m.}"}
    words |= {
        "part": part_words().get(state.text("part"), ""),
        "language": language_words().get(state.text("language"), state.text("language")),
        "gender": gender_words().get(state.text("gender"), ""),
        "provider": found.facets.institutions.get(state.text("provider"), ""),
        "location": found.facets.places.get(state.text("location"), ""),
        "practitioner": found.facets.doctors.get(state.text("practitioner"), ""),
    }
    return [(name, word) for name, word in words.items() if word]


def _help(name: str, count: int, more: bool) -> dict[str, Any]:
    words = {
        "near": _("Without the place"),
        "part": _("At any time of the day"),
        "language": _("With any language"),
        "gender": _("With any practitioner"),
        "practitioner": _("With any doctor"),
        "location": _("At any location"),
        "provider": _("At any institution"),
        "days": _("In the next 60 days"),
    }
    return {"name": name, "words": words[name], "count": count, "more": more}


def _lists(found: Found) -> dict[str, SafeString]:
    """The long lists with what is chosen in them marked."""
    made, state = found.choosable, found.state
    if made is None:
        return {}
    lists = {"provider": made.institutions, "location": made.places, "practitioner": made.doctors}
    return {
        f"{name}_options": _marked(html, _uuid(state.text(name))) for name, html in lists.items()
    }


def _marked(options: str, chosen: UUID | None) -> SafeString:
    return mark_safe(options.replace(f'value="{chosen}"', f'value="{chosen}" selected', 1))


def context_of(found: Found, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the list's template asks for."""
    return {
        "found": found,
        "state": found.state,
        "parts": list(part_words().items()),
        "genders": [(g, gender_words().get(g, g)) for g in found.facets.genders],
        "speaks": [(code, language_words().get(code, code)) for code in found.facets.languages],
        "radii": RADII,
        **_lists(found),
        "groups": [
            ("", _("By time")),
            ("location", _("By institution")),
            ("doctor", _("By doctor")),
        ],
        "holds": my_holds(actor, now=now),
    }

"""Why not bookable? Every reason that stands in the way of a channel, an offering and a time.

The terms' half comes from the channels, the time's half is judged as a booking is judged: the
answer «bookable» and a successful hold mean the same (P32, T7). Outsiders read only their own
half, and nothing about times that are not open to them.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.bookings.queries.judging import (
    Rows,
    free_room,
    is_busy,
    is_open,
    moment_fault,
    room_groups,
    span_of,
)
from samtime.calendars import masks
from samtime.calendars.models import Allocation, Offering
from samtime.calendars.rules import CELL, days_touched, is_on_grid, start_step
from samtime.channels.models import Channel
from samtime.channels.queries.names import channel_name
from samtime.channels.queries.why import (
    NEUTRAL,
    NO,
    OK,
    Facts,
    Switch,
    channel_asked,
    facts_of,
    switches,
)
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.foundation.periods import day_bounds

HOUR = 60


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a channel, an offering (or a service at a location), an instant or a day."""

    channel: UUID
    offering: UUID | None = None
    service: UUID | None = None
    location: UUID | None = None
    at: datetime | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it can be booked; the switches of the practitioner who is nearest to it.

    `starts` are the free starts that day over all practitioners asked for (or the one start).
    """

    channel: Channel
    bookable: bool
    switches: list[Switch]
    service: str = ""
    place: str = ""
    zone: str = "UTC"
    practitioners: list[tuple[UUID, str]] = field(default_factory=list)
    starts: list[datetime] = field(default_factory=list)

    @property
    def channel_name(self) -> str:
        """As the reader calls it."""
        return channel_name(self.channel.kind, self.channel.name)

    @property
    def reasons(self) -> list[Switch]:
        """What stands in the way, in order."""
        return [switch for switch in self.switches if switch.state == NO]


@dataclass(frozen=True, slots=True)
class _Judged:
    """One offering: its switches and its free starts."""

    facts: Facts
    switches: list[Switch]
    starts: list[datetime]

    @property
    def faults(self) -> int:
        return sum(switch.state == NO for switch in self.switches)


def why(actor: Actor, question: Question, *, now: datetime) -> Answer:
    """Everything that stands in the way, or that nothing does.

    Refuses: NotFound (channel, offering or service not known to this actor), RightMissing, Invalid
    (neither a time nor a day).
    """
    channel = channel_asked(actor, question.channel)
    offerings = _offerings(channel, question)
    if not offerings:
        return _nobody(actor, channel, question)
    zone = offerings[0].calendar.location.time_zone
    if question.at is None and question.on is None:
        raise Invalid(FieldError("at", "missing", _("Say for which time.")))
    at = question.at or day_bounds(question.on or date.max, zone)[0]
    facts = facts_of(actor, channel, offering_ids=[o.id for o in offerings], at=at)
    judged = [_judged(one, question, now) for one in facts]
    best = min(judged, key=lambda one: one.faults)
    able = [one for one in judged if not one.faults]
    starts = sorted({start for one in able for start in one.starts})
    public = {o.id: o.public_id for o in offerings}
    shown = _with_names(best.switches, able, starts)
    return Answer(
        channel,
        bool(able),
        shown,
        best.facts.names.service,
        best.facts.names.place,
        zone,
        [(public[f.terms.offering_id], f.names.practitioner) for f in facts],
        starts,
    )


def _offerings(channel: Channel, question: Question) -> list[Offering]:
    rows = Offering.objects.filter(provider_id=channel.provider_id).select_related(
        "calendar__location"
    )
    if question.offering is not None:
        found = list(rows.filter(public_id=question.offering))
        if not found:
            raise NotFound(field="offering")
        return found
    rows = rows.filter(ended_on=None, calendar__ended_on=None)
    rows = rows.filter(service__public_id=question.service or uuid.uuid4())
    return list(rows.filter(calendar__location__public_id=question.location or uuid.uuid4()))


def _nobody(actor: Actor, channel: Channel, question: Question) -> Answer:
    """No practitioner gives the service at the location (or there is no such service).

    Who practises where is the clinic's own; an outsider is told whom to ask.
    """
    service = channel.provider.services.filter(public_id=question.service or uuid.uuid4()).first()
    places = channel.provider.locations.filter(public_id=question.location or uuid.uuid4())
    place = places.first()
    if service is None or place is None:
        raise NotFound(field="location" if service else "service")
    missing = Switch(
        "no_practitioner",
        NO,
        _("No practitioner gives this service here"),
        who=_("an administrator"),
        fix="services/",
    )
    if channel.provider_id != actor.organization_id:
        sentence = _("Ask the clinic whether and where it can be booked.")
        title = _("This service cannot be booked at this location")
        missing = replace(missing, title=title, detail=sentence, fix="", who=channel.provider.name)
    return Answer(channel, False, [missing], service.name, place.name, place.time_zone)


def _judged(facts: Facts, question: Question, now: datetime) -> _Judged:
    found = switches(facts)
    if facts.outside and any(switch.state == NO for switch in found):
        return _Judged(facts, found, [])
    terms = facts.terms
    groups = room_groups(terms.service_id, terms.location_id)
    starts = [question.at] if question.at else _starts_of_day(facts, question)
    faults = {start: moment_fault(terms, start, now) for start in starts}
    rows = _rows(facts, groups, starts, now)
    opened = [start for start in starts if is_open(terms.mask_id, span_of(terms, start), rows)]
    free = [start for start in opened if _is_free(facts, groups, start, rows)]
    good = [start for start in free if not faults[start]]
    moment, hours = _moment(facts, faults), _hours(facts, bool(opened), day=question.at is None)
    barred = NO in (moment.state, hours.state)
    found += [moment, hours, _time(facts, good=bool(good), barred=barred)]
    return _Judged(facts, found, good)


def _starts_of_day(facts: Facts, question: Question) -> list[datetime]:
    terms = facts.terms
    first, last = day_bounds(question.on or date.max, terms.zone)
    step = start_step(terms.step, terms.duration)
    minutes = range(0, int((last - first).total_seconds()) // 60, CELL)
    every = (first + timedelta(minutes=n) for n in minutes)
    return [at for at in every if is_on_grid(at, terms.zone, step)]


def _rows(
    facts: Facts, groups: Sequence[Sequence[int]], starts: Sequence[datetime], now: datetime
) -> Rows:
    """The day rows as a booking would find them: holds that ended no longer keep anything."""
    if not starts:
        return {}
    low, high = span_of(facts.terms, starts[0]).low, span_of(facts.terms, starts[-1]).high
    rooms = [room for group in groups for room in group]
    resources, days = [facts.terms.mask_id, *rooms], days_touched(low, high)
    rows = masks.read_days(resources, days)
    expired = Allocation.objects.filter(
        resource_id__in=[facts.terms.practitioner_resource_id, *rooms],
        kind="hold",
        expires_at__lte=now,
        period__overlap=(low, high),
    )
    if not expired.exists():
        return rows
    true: Mapping[tuple[int, date], masks.MaskRow] = masks.true_days(resources, days, now=now)
    return {key: true[key] for key in rows}


def _is_free(facts: Facts, groups: Sequence[Sequence[int]], start: datetime, rows: Rows) -> bool:
    span = span_of(facts.terms, start)
    if is_busy(facts.terms.mask_id, span, rows):
        return False
    return all(free_room(group, span, rows) is not None for group in groups)


def _moment(facts: Facts, faults: Mapping[datetime, str]) -> Switch:
    terms = facts.terms
    reach = {"days": terms.horizon_days, "lead": _lead(terms.lead_minutes)}
    words = _("from %(days)s days to %(lead)s before") % reach
    title = _("Lead time and horizon")
    if not faults or "" in faults.values():
        return Switch("too_late", OK, title, words)
    if "off_grid" in faults.values():
        sentence = _("A time begins on a multiple of five minutes.")
        return Switch("outside_hours", NO, sentence)
    code = "too_far" if "too_far" in faults.values() else "too_late"
    titles = {
        "too_late": _("This time can no longer be booked"),
        "too_far": _("This day is further ahead than may be booked"),
    }
    return _clinic(facts, Switch(code, NO, titles[code], words, fix="services/"))


def _lead(minutes: int) -> str:
    if minutes >= HOUR and minutes % HOUR == 0:
        count = minutes // HOUR
        return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _hours(facts: Facts, opened: bool, *, day: bool) -> Switch:
    if opened:
        return Switch("outside_hours", OK, _("Opening hours"), facts.names.practitioner)
    title = _("Closed on that day") if day else _("Closed at this time")
    detail = _("The calendar of %(name)s is not open.") % {"name": facts.names.practitioner}
    return _clinic(facts, Switch("outside_hours", NO, title, detail, fix="calendars/"))


def _time(facts: Facts, *, good: bool, barred: bool) -> Switch:
    title = _("Free time")
    if good:
        return Switch("slot_taken", OK, title)
    if barred:
        return Switch("slot_taken", NEUTRAL, title, _("see above"))
    detail = _("Everything is taken, or a room or device that it needs is.")
    return _clinic(facts, Switch("slot_taken", NO, _("No free time"), detail, fix="calendar/"))


def _clinic(facts: Facts, switch: Switch) -> Switch:
    if facts.outside:
        return replace(switch, who=facts.channel.provider.name, fix="")
    return replace(switch, who=_("an administrator"))


def _with_names(
    found: list[Switch], able: list[_Judged], starts: Sequence[datetime]
) -> list[Switch]:
    if not able:
        return found
    names = ", ".join(dict.fromkeys(one.facts.names.practitioner for one in able))
    words = ngettext("%(count)s time with %(names)s", "%(count)s times with %(names)s", len(starts))
    detail = words % {"count": len(starts), "names": names}
    return [replace(s, detail=detail) if s.code == "slot_taken" else s for s in found]

"""Import of a staff list: practitioners, places, services given and weekly hours.

Plan first, then all or nothing; the same file twice does nothing. What the file says about a person
at a place (services, hours) replaces what was there, from today on; what it does not say stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.commands.calendars import add_calendar, add_offering, end_offering
from samtime.calendars.commands.hours import RuleGiven, replace_week
from samtime.calendars.commands.staff_file import (
    Clinic,
    WantedCalendar,
    person_key,
    read_staff_file,
)
from samtime.calendars.commands.week_words import DayHours, Week, in_words
from samtime.calendars.models import AvailabilityRule, Calendar, Offering
from samtime.catalog.models import Service
from samtime.catalog.queries import services
from samtime.documents.rules import (
    FieldChange,
    ImportPlan,
    PlannedRow,
    Progress,
    counted,
    unwatched,
)
from samtime.foundation.headings import folded
from samtime.foundation.periods import local_day
from samtime.organizations.commands.practitioners import (
    PractitionerGiven,
    add_practitioner,
    add_practitioner_role,
    change_practitioner,
)
from samtime.organizations.models import Practitioner
from samtime.organizations.queries import home_day, locations, organization_of, practitioners

LABELS = {
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "title": _("Title"),
    "profession": _("Profession"),
    "licence_number": _("Licence number"),
    "languages": _("Languages"),
}


@dataclass(frozen=True, slots=True)
class _Step:
    """One practitioner at one place: what there is, and what shall change."""

    wanted: WantedCalendar
    person: Practitioner | None
    given: PractitionerGiven
    calendar: Calendar | None
    gone: tuple[Offering, ...]
    new: tuple[Service, ...]
    week: Week | None
    changes: tuple[FieldChange, ...]


def plan_practitioners(
    *, actor: Actor, content: bytes, today: date, progress: Progress = unwatched
) -> ImportPlan:
    """What this staff list would do, or what is wrong with it. Writes nothing.

    Refuses: RightMissing, and the refusals of `read_staff_file`.
    """
    actor.require(Right.EDIT_CATALOG)
    return _planned(actor, content, today, progress, passes=1)[0]


@transaction.atomic
def import_practitioners(
    *, actor: Actor, content: bytes, now: datetime, progress: Progress = unwatched
) -> ImportPlan:
    """Make practitioners, roles, calendars, offerings and hours as the file says.

    Nothing is done when it has faults. Refuses: RightMissing, and those of `read_staff_file`.
    """
    actor.require(Right.EDIT_CATALOG)
    actor.require(Right.EDIT_CALENDAR)
    plan, steps = _planned(actor, content, home_day(actor, now), progress, passes=2)
    if plan.faults:
        return plan
    made: dict[str, Practitioner] = {}
    for step in counted(steps, progress, step=2, steps=2):
        _carry_out(actor, step, made, now)
    return plan


def _carry_out(actor: Actor, step: _Step, made: dict[str, Practitioner], now: datetime) -> None:
    person = _person(actor, step, made)
    calendar, today = step.calendar, local_day(now, step.wanted.location.time_zone)
    if calendar is None:
        role = add_practitioner_role(
            actor=actor,
            practitioner_id=person.public_id,
            location_id=step.wanted.location.public_id,
        )
        calendar = add_calendar(actor=actor, role_id=role.public_id, now=now)
    for offering in step.gone:
        end_offering(actor=actor, offering_id=offering.public_id, today=today)
    for service in step.new:
        add_offering(actor=actor, calendar_id=calendar.public_id, service_id=service.public_id)
    if step.week is not None:
        rules = rules_of(step.week, valid_from=today)
        replace_week(actor=actor, calendar_id=calendar.public_id, week=rules, now=now)


def _person(actor: Actor, step: _Step, made: dict[str, Practitioner]) -> Practitioner:
    key = person_key(step.given)
    if key in made:
        return made[key]
    person = step.person
    if person is None:
        person = add_practitioner(actor=actor, given=step.given)
    elif step.given != _given_of(person):
        person = change_practitioner(
            actor=actor, practitioner_id=person.public_id, given=step.given
        )
    made[key] = person
    return person


def rules_of(week: Week, *, valid_from: date) -> list[RuleGiven]:
    """A week as rules from a day on."""
    return [
        RuleGiven(number, start, end, valid_from, kind=kind)
        for number, hours in sorted(week.items())
        for kind, stretches in (("open", hours.open), ("break", hours.breaks))
        for start, end in stretches
    ]


def _planned(
    actor: Actor, content: bytes, today: date, progress: Progress, *, passes: int
) -> tuple[ImportPlan, list[_Step]]:
    organization = organization_of(actor)
    clinic = Clinic(
        locations=list(locations(actor)),
        services=list(services(actor)),
        family_first=organization.country == "HU",
    )
    wanted, faults, table = read_staff_file(content, clinic)
    people = list(practitioners(actor))
    calendars = _calendars(actor, today)
    steps = [
        _step(row, _known(row.person, people), calendars)
        for row in counted(wanted, progress, step=1, steps=passes)
    ]
    planned = tuple(_planned_row(step) for step in steps)
    plan = ImportPlan(
        rows=len(table.rows),
        planned=planned if not faults else (),
        faults=tuple(faults),
        notes=tuple(
            str(_("Column %(letter)s «%(heading)s» is not used."))
            % {"letter": letter, "heading": heading[:60]}
            for letter, heading in table.unknown
        ),
    )
    return plan, steps


def _calendars(actor: Actor, today: date) -> dict[tuple[int, int], Calendar]:
    live = AvailabilityRule.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today
    )
    given = Offering.objects.filter(ended_on=None).select_related("service")
    rows = (
        Calendar.objects.filter(provider_id=actor.organization_id, ended_on=None)
        .select_related("role")
        .prefetch_related(
            Prefetch("rules", queryset=live, to_attr="live_rules"),
            Prefetch("offerings", queryset=given, to_attr="live_offerings"),
        )
    )
    return {(c.role.practitioner_id, c.location_id): c for c in rows}


def _known(person: PractitionerGiven, people: Sequence[Practitioner]) -> Practitioner | None:
    """The practitioner meant: by licence number, else by name when no number speaks against."""
    number = folded(person.licence_number)
    for known in people:
        if number and folded(known.licence_number) == number:
            return known
    name = folded(f"{person.family_name} {person.given_name}")
    for known in people:
        if folded(f"{known.family_name} {known.given_name}") == name and not (
            number and known.licence_number
        ):
            return known
    return None


def _step(
    wanted: WantedCalendar,
    person: Practitioner | None,
    calendars: dict[tuple[int, int], Calendar],
) -> _Step:
    calendar = calendars.get((person.pk, wanted.location.pk)) if person else None
    given = _merged(wanted, person)
    old = _given_of(person) if person else None
    changes = [
        FieldChange(str(label), _words(old, name), _words(given, name))
        for name, label in LABELS.items()
        if _words(old, name) != _words(given, name)
    ]
    there: list[Offering] = getattr(calendar, "live_offerings", [])
    gone, new = _offerings(wanted.services, there)
    if gone or new:
        before = ", ".join(sorted(o.service.name for o in there))
        after = ", ".join(sorted(s.name for s in wanted.services or ()))
        changes.append(FieldChange(str(_("Services")), before, after))
    now_open = _week_of(getattr(calendar, "live_rules", []))
    week = wanted.week if wanted.week is not None and _open(wanted.week) != now_open else None
    if week is not None:
        changes.append(FieldChange(str(_("Working hours")), in_words(now_open), in_words(week)))
    return _Step(wanted, person, given, calendar, gone, new, week, tuple(changes))


def _open(week: Week) -> Week:
    return {number: hours for number, hours in week.items() if hours.open}


def _week_of(rules: Sequence[AvailabilityRule]) -> Week:
    found: Week = {}
    for number in sorted({rule.weekday for rule in rules}):
        mine = sorted((r.kind, r.start, r.end) for r in rules if r.weekday == number)
        found[number] = DayHours(
            tuple((start, end) for kind, start, end in mine if kind == "open"),
            tuple((start, end) for kind, start, end in mine if kind == "break"),
        )
    return found


def _offerings(
    wanted: tuple[Service, ...] | None, there: Sequence[Offering]
) -> tuple[tuple[Offering, ...], tuple[Service, ...]]:
    if wanted is None:
        return (), ()
    ids = {service.pk for service in wanted}
    known = {offering.service_id for offering in there}
    gone = tuple(offering for offering in there if offering.service_id not in ids)
    return gone, tuple(service for service in wanted if service.pk not in known)


def _given_of(person: Practitioner) -> PractitionerGiven:
    return PractitionerGiven(
        given_name=person.given_name,
        family_name=person.family_name,
        title=person.title,
        profession=person.profession,
        licence_number=person.licence_number,
        languages=tuple(person.languages),
    )


def _merged(wanted: WantedCalendar, person: Practitioner | None) -> PractitionerGiven:
    """What the file says; a column it does not have, or an empty cell, leaves what is there."""
    said = wanted.person
    if person is None:
        return said
    old = _given_of(person)
    return PractitionerGiven(
        given_name=said.given_name,
        family_name=said.family_name,
        title=said.title or old.title,
        profession=said.profession or old.profession,
        licence_number=said.licence_number or old.licence_number,
        languages=said.languages or old.languages,
    )


def _words(given: PractitionerGiven | None, name: str) -> str:
    value = getattr(given, name) if given else ""
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _planned_row(step: _Step) -> PlannedRow:
    is_new = step.person is None or step.calendar is None
    action = "create" if is_new else "change" if step.changes else "unchanged"
    given = step.given
    words = (given.title, given.given_name, given.family_name, "·", step.wanted.location.name)
    return PlannedRow(step.wanted.row, " ".join(filter(None, words)), action, step.changes)

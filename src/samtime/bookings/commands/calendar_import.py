"""An existing calendar (.ics) comes in: as busy times, or as bookings where it names a service.

Looked at first, then applied as a whole: planning does everything and takes it back, so that the
preview says what applying would say. Nobody gets a letter about a booking that was imported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.imports import (
    ImportHasErrors,
    journal_import,
    judge_previewed,
    upload_of,
)
from samtime.bookings.commands.taking import OutsideHours
from samtime.bookings.rules import client_and_service
from samtime.calendars.commands.busy import busy_window
from samtime.calendars.commands.feeds import Subscription, keep_file
from samtime.calendars.models import Offering
from samtime.calendars.queries.feeds import practitioner_to_feed
from samtime.connectors.ical_feed.events import (
    Event,
    NotACalendar,
    TooManyEvents,
    busy_times,
    judge,
)
from samtime.documents import commands as documents
from samtime.documents.commands import Upload
from samtime.documents.models import ImportRun
from samtime.documents.queries import import_run
from samtime.documents.rules import (
    FieldChange,
    ImportPlan,
    PlannedRow,
    Progress,
    RowFault,
    counted,
    unwatched,
)
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.organizations.models import Practitioner
from samtime.patients.commands import PatientGiven

T = TypeVar("T")
KIND = "calendar"
BUSY, BOOKINGS = "busy", "bookings"
MOST_BOOKINGS = 500


class NotThisCalendar(Refusal):
    """The file cannot be read as a calendar, or is too large for one."""

    code = "no_calendar"
    status = 422
    field = "file"
    sentence = gettext_lazy("This is no iCalendar file (.ics).")


@dataclass(frozen=True, slots=True)
class CalendarGiven:
    """A file, whose calendar it is, and as what it comes in: `busy` or `bookings`."""

    file_name: str
    content: bytes
    practitioner_id: UUID
    mode: str


@transaction.atomic
def look_at_calendar(*, actor: Actor, given: CalendarGiven, now: datetime) -> ImportRun:
    """What the file would do: a run «previewed», or «refused» with its errors. Changes nothing.

    Refuses: RightMissing, NotFound, NotThisCalendar, Invalid (mode).
    """
    actor.require(Right.EDIT_CALENDAR)
    upload = upload_from(given)
    plan = plan_calendar(actor, upload, now)
    run = documents.keep_run(actor=actor, upload=upload, plan=plan)
    if plan.faults:
        documents.forget_people(run=run, keep_preview=True)
    journal_import(actor, "import.previewed", run)
    return run


def apply_calendar(*, actor: Actor, run_id: UUID, now: datetime) -> ImportRun:
    """Do what was previewed, judged anew; an applied run stays applied. All or nothing.

    Refuses: RightMissing, NotFound, and as `judge_previewed`.
    """
    actor.require(Right.EDIT_CALENDAR)
    with transaction.atomic():
        run = documents.lock_run(import_run(actor, run_id))
        if run.state == "applied":
            return run
        if run.kind != KIND:
            raise ImportHasErrors()
        judge_previewed(run)
        if import_calendar(actor, upload_of(run), now).faults:
            raise ImportHasErrors()
        documents.mark_applied(run=run, now=now)
        documents.forget_people(run=run)
        journal_import(actor, "import.applied", run)
        return run


def judge_calendar(given: CalendarGiven, now: datetime) -> None:
    """Whether it is a calendar of bearable size; told before the work begins.

    Refuses: NotThisCalendar.
    """
    first, _last = busy_window(now)
    _readable(lambda: judge(given.content, first=first))


def _readable(read: Callable[[], T]) -> T:
    try:
        return read()
    except NotACalendar:
        raise NotThisCalendar() from None
    except TooManyEvents:
        sentence = _("The calendar has more events than can be read: 10,000.")
        raise NotThisCalendar(sentence) from None


def upload_from(given: CalendarGiven) -> Upload:
    """The file with what was chosen beside it, for keeping."""
    options = {"practitioner": str(given.practitioner_id), "mode": given.mode}
    return Upload(KIND, given.file_name, given.content, options)


def plan_calendar(
    actor: Actor, upload: Upload, now: datetime, progress: Progress = unwatched
) -> ImportPlan:
    """Everything done and taken back again. Refuses: as `import_calendar`."""
    savepoint = transaction.savepoint()
    try:
        return import_calendar(actor, upload, now, progress)
    finally:
        transaction.savepoint_rollback(savepoint)


def import_calendar(
    actor: Actor, upload: Upload, now: datetime, progress: Progress = unwatched
) -> ImportPlan:
    """Everything done, in the caller's transaction. Refuses: NotFound, NotThisCalendar, Invalid."""
    person, mode = UUID(upload.options["practitioner"]), upload.options["mode"]
    given = CalendarGiven(upload.file_name, upload.content, person, mode)
    if given.mode not in (BUSY, BOOKINGS):
        raise Invalid(FieldError("mode", "invalid", _("Choose what the events become.")))
    whose = practitioner_to_feed(actor, given.practitioner_id)
    return _Import(actor, whose, given, now).run(progress)


class _Import:
    """One file on its way: bookings first, busy times round them, faults by event."""

    def __init__(
        self, actor: Actor, whose: Practitioner, given: CalendarGiven, now: datetime
    ) -> None:
        self._actor, self._given, self._now = actor, given, now
        self._offers = list(
            Offering.objects.filter(
                calendar__role__practitioner=whose,
                ended_on=None,
                calendar__ended_on=None,
                service__ended_on=None,
            ).select_related("service", "calendar__location")
        )
        self._zone = self._offers[0].calendar.location.time_zone if self._offers else "UTC"
        self._planned: list[PlannedRow] = []
        self._faults: list[RowFault] = []
        self._busy: list[Event] = []

    def run(self, progress: Progress) -> ImportPlan:
        """Everything done, inside the caller's transaction; its plan."""
        first, last = busy_window(self._now)
        content, zone = self._given.content, self._zone
        found = _readable(lambda: busy_times(content, first=first, last=last, zone=zone))
        for number in found.unreadable:
            self._fault(number, _("This event cannot be read: its times or its repetition."))
        for event in counted(found.events, progress, step=1, steps=1):
            self._take(event)
        self._keep_busy(len(found.unreadable))
        rows = len(found.events) + len(found.unreadable)
        return ImportPlan(rows, tuple(self._planned), tuple(self._faults))

    def _take(self, event: Event) -> None:
        if self._given.mode == BUSY or event.all_day or event.starts_at <= self._now:
            self._busy.append(event)
            return
        names: dict[str, list[Offering]] = {}
        for offer in self._offers:
            for name in {offer.service.name, offer.service.code, *offer.service.names.values()}:
                names.setdefault(name, []).append(offer)
        named = client_and_service(event.summary, list(names))
        if named is None:
            self._busy.append(event)
            return
        if len(self._planned) >= MOST_BOOKINGS:
            self._fault(event.number, _("More than 500 bookings in one file. Divide it."))
            return
        self._book(event, names[named.service], named.given_name, named.family_name)

    def _book(
        self, event: Event, offers: list[Offering], given_name: str, family_name: str
    ) -> None:
        """At whichever of his places the calendar is open then."""
        if not family_name:
            sentence = _("The event names a service but no client: given name and family name.")
            self._fault(event.number, sentence)
            return
        patient = PatientGiven(given_name=given_name, family_name=family_name)
        said: Refusal | None = None
        for offer in offers:
            wish = Wish(
                offering=offer.public_id, start=event.starts_at, patient=patient, notify=False
            )
            try:
                with transaction.atomic():
                    book_slot(actor=self._actor, wish=wish, now=self._now)
            except Refusal as refusal:
                said = refusal if said is None or isinstance(said, OutsideHours) else said
                continue
            what = f"{offer.service.name}, {given_name} {family_name}"
            change = FieldChange(_("Booking"), "", what)
            self._planned.append(PlannedRow(event.number, self._when(event), "create", (change,)))
            return
        if said is not None:
            self._fault(event.number, f"{self._when(event)}: {said.detail}")

    def _keep_busy(self, left_out: int) -> None:
        if not self._busy:
            return
        given = Subscription(self._given.practitioner_id, self._given.file_name, "")
        keep_file(
            actor=self._actor,
            given=given,
            times=[(e.starts_at, e.ends_at) for e in self._busy],
            left_out=left_out,
            now=self._now,
        )
        for event in self._busy:
            change = FieldChange(_("Busy"), "", self._until(event))
            self._planned.append(PlannedRow(event.number, self._when(event), "create", (change,)))
        self._planned.sort(key=lambda row: (row.label, row.row))

    def _fault(self, number: int, sentence: str) -> None:
        self._faults.append(RowFault(number, "", sentence))

    def _when(self, event: Event) -> str:
        return f"{event.starts_at.astimezone(ZoneInfo(self._zone)):%Y-%m-%d %H:%M}"

    def _until(self, event: Event) -> str:
        return f"{event.ends_at.astimezone(ZoneInfo(self._zone)):%Y-%m-%d %H:%M}"

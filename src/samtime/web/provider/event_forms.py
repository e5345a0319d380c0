"""What the New event panel posts, read into wishes for the commands; faults at their fields."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.blocks import BlockGiven
from samtime.bookings.commands.booking import Wish
from samtime.bookings.commands.overbooking import Knowingly
from samtime.bookings.queries.agenda import offerings_of
from samtime.calendars.models import Calendar, Offering
from samtime.calendars.queries import own_length_on
from samtime.catalog.queries import length_on
from samtime.foundation.periods import day_bounds
from samtime.patients.commands import PatientGiven
from samtime.patients.queries import PatientSearch
from samtime.web.dates import day_typed, is_left_out, start_typed
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.money_fields import money_typed
from samtime.web.patient_form import person_typed

TYPES = ("appointment", "block", "meeting", "absence")


def version_typed(state: FormState) -> int | None:
    """The version a form was loaded with; None where it says none."""
    text = state.text("version")
    return int(text) if text.isdecimal() and len(text) < 9 else None


def _zone(state: FormState, offering: Offering | None, offered: list[Offering]) -> str:
    """Of the chosen calendar, whatever else is wrong: all faults of a form are told at once."""
    if offering is not None:
        return offering.calendar.location.time_zone
    chosen = [o for o in offered if str(o.calendar.public_id) == state.text("calendar")]
    return chosen[0].calendar.location.time_zone if chosen else "UTC"


def wish_typed(actor: Actor, state: FormState, offered: list[Offering]) -> Wish | None:
    """The appointment that is wanted; None with the faults in `state`."""
    patient_id = ident_typed(state.text("patient_id"))
    person = None if patient_id else _person(state)
    offering = offering_typed(state, offered)
    start = start_of(state, _zone(state, offering, offered))
    known = knowingly_typed(actor, state, offering)
    if not state.ok or offering is None:
        return None
    return Wish(
        offering=offering.public_id,
        start=start,
        patient=person,
        patient_id=patient_id,
        note=state.text("note"),
        notify=state.text("act") != "save",
        known=known,
    )


def _person(state: FormState) -> PatientGiven | None:
    typed = any(state.text(f"patient.{name}") for name in ("given_name", "family_name"))
    if not typed:
        state.wrong("q", _("Choose a client, or write a new one's details below."))
        return None
    return person_typed(state)


def offering_typed(state: FormState, offered: list[Offering]) -> Offering | None:
    """The chosen service with the chosen practitioner; notes what is missing."""
    service, calendar = state.text("service"), state.text("calendar")
    of_service = [o for o in offered if str(o.service.public_id) == service]
    if not of_service:
        state.wrong("service", _("Choose a service."))
        return None
    found = next((o for o in of_service if str(o.calendar.public_id) == calendar), None)
    if found is None:
        names = ", ".join(sorted({str(o.calendar.role.practitioner) for o in of_service}))
        sentence = _("This practitioner does not give the service. These do: %(names)s.")
        state.wrong("calendar", sentence % {"names": names})
    return found


def start_of(state: FormState, zone: str) -> datetime | None:
    """The typed day and time in the place's zone."""
    if day_typed(state.text("date")) is None:
        state.wrong("date", _("Write a date like 24.11.2026."))
        return None
    return moment_typed(state, "date", "time", zone)


def moment_typed(state: FormState, day: str, clock: str, zone: str) -> datetime | None:
    """The instant of a typed day and time; a time that the clock change leaves out is refused."""
    start = start_typed(state.text(day), state.text(clock), zone)
    if start is None:
        state.wrong(clock, _("Write a time like 9:30."))
    elif is_left_out(start, state.text(clock), zone):
        sentence = _("This time does not exist on that day: the clocks go forward. Next: %(time)s.")
        state.wrong(clock, sentence % {"time": f"{start.astimezone(ZoneInfo(zone)):%H:%M}"})
        return None
    return start


def stand_at_the_time(state: FormState) -> None:
    """What a command says about the start stands at the field with the time."""
    if "start" in state.errors:
        state.errors["time"] = state.errors.pop("start")


def minutes_typed(state: FormState) -> int | None:
    """The typed length; None where the service's own counts."""
    text = state.text("minutes")
    if not text:
        return None
    if not text.isdecimal():
        state.wrong("minutes", _("Write the minutes as a number."))
        return None
    if len(text) > 4:  # years; what is too long by less, the command refuses with the same words
        state.wrong("minutes", _("A multiple of five minutes, at most twelve hours."))
        return None
    return int(text)


def knowingly_typed(actor: Actor, state: FormState, offering: Offering | None) -> Knowingly:
    """What the desk overrides. What a person has no right to was not offered and does not count."""
    minutes = minutes_typed(state)
    if offering is not None and minutes == usual_minutes(offering, day_typed(state.text("date"))):
        minutes = None
    price = None
    if state.text("price") and offering is not None and actor.may(Right.EDIT_PRICES):
        typed = money_typed(state, "price", offering.provider.currency)
        price = typed.minor if typed else None
    may = actor.may(Right.OVERBOOK)
    return Knowingly(
        minutes=minutes,
        price=price,
        overbook=may and state.text("overbook") != "",
        outside=may and state.text("outside") != "",
        reason=state.text("why"),
    )


def usual_minutes(offering: Offering, on: date | None) -> int:
    """How long the service takes in this calendar on that day (D9)."""
    if on is None:
        return offering.duration_minutes or offering.service.duration_minutes
    return own_length_on(offering, on) or length_on(offering.service, on).duration


def block_typed(state: FormState, calendars: list[Calendar]) -> BlockGiven | None:
    """Blocked time, a meeting or an absence; None with the faults in `state`."""
    who = [c for c in calendars if str(c.public_id) in (state.values.get("who") or [])]
    if not who:
        state.wrong("who", _("Choose for whom."))
        return None
    zone = who[0].location.time_zone
    kind = state.text("type")
    if kind == "absence" and not state.text("time"):
        span = _whole_days(state, zone)
    else:
        span = _stretch(state, zone)
    if span is None or not state.ok:
        return None
    return BlockGiven(kind, *span, tuple(c.public_id for c in who), state.text("title"))


def _whole_days(state: FormState, zone: str) -> tuple[datetime, datetime] | None:
    first = day_typed(state.text("date"))
    last = day_typed(state.text("to_date")) if state.text("to_date") else first
    if first is None:
        state.wrong("date", _("Write a date like 24.11.2026."))
    if last is None:
        state.wrong("to_date", _("Write a date like 24.11.2026."))
    if first is None or last is None:
        return None
    return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def _stretch(state: FormState, zone: str) -> tuple[datetime, datetime] | None:
    start = start_of(state, zone)
    last = "to_date" if state.text("to_date") else "date"
    if last == "to_date" and day_typed(state.text(last)) is None:
        state.wrong("to_date", _("Write a date like 24.11.2026."))
        return None
    end = moment_typed(state, last, "until", zone)
    if start is None or end is None:
        return None
    midnight = state.text("until") in ("0", "00", "0:00", "00:00") and end <= start
    return start, end + timedelta(days=1 if midnight else 0)


def offered_to(actor: Actor) -> list[Offering]:
    """What may be booked at the own desk."""
    return offerings_of(actor)


def search_of(text: str) -> PatientSearch:
    """What somebody types on the telephone: a name, a birth date, a number."""
    born = day_typed(text)
    if born is not None:
        return PatientSearch(birth_date=born)
    if sum(c.isdigit() for c in text) >= 5:
        return PatientSearch(phone=text)
    return PatientSearch(name=text)

"""Calendar files of appointments: iTIP REQUEST, CANCEL and PUBLISH (RFC 5546), times in UTC."""

from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a calendar needs. `sequence` grows with every change; instants in UTC.

    `method`: REQUEST and CANCEL are mailed to `attendee`; PUBLISH is a file somebody takes.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    organizer: str
    organizer_name: str
    attendee: str
    stamped_at: datetime
    method: str = "REQUEST"


def calendar_file(appointment: Appointment) -> str:
    """The file's text; the same UID for booking, move and cancellation."""
    calendar = Calendar()
    calendar.add("prodid", "-//Samtime//EN")
    calendar.add("version", "2.0")
    calendar.add("method", appointment.method)
    event = Event()
    event.add("uid", f"{appointment.uid}@samtime")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.stamped_at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", appointment.summary)
    event.add("location", appointment.location)
    event.add("description", appointment.description)
    event.add("status", "CANCELLED" if appointment.method == "CANCEL" else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{appointment.organizer}")
    organizer.params["cn"] = vText(appointment.organizer_name)
    event["organizer"] = organizer
    if appointment.method != "PUBLISH":
        attendee = vCalAddress(f"mailto:{appointment.attendee}")
        # Nobody reads answers: the patient confirms by his link.
        attendee.params["partstat"], attendee.params["rsvp"] = vText("ACCEPTED"), vText("FALSE")
        event["attendee"] = attendee
    calendar.add_component(event)
    return str(calendar.to_ical().decode())

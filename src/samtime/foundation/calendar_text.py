"""iCalendar text (RFC 5545) of plain events in UTC: our own small writer, for feeds.

Lines end with CRLF and are folded at 75 octets, texts are escaped; nothing else is needed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

WIDEST = 75
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event; instants in UTC. `stamped_at` changes only when the event does."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime
    summary: str
    location: str = ""


def calendar_text(events: Iterable[CalendarEvent], *, name: str) -> str:
    """A calendar to subscribe; readers are asked to come again every quarter of an hour."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Samtime//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    ]
    for event in events:
        lines += (
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"SEQUENCE:{event.sequence}",
            f"DTSTAMP:{_stamp(event.stamped_at)}",
            f"DTSTART:{_stamp(event.starts_at)}",
            f"DTEND:{_stamp(event.ends_at)}",
            f"SUMMARY:{escaped(event.summary)}",
        )
        if event.location:
            lines.append(f"LOCATION:{escaped(event.location)}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str) -> str:
    """A text value: no comma, semicolon or line break ends it."""
    plain = "".join(c for c in text if c >= " " or c == "\n")
    return plain.translate(ESCAPED)


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, never inside a sign."""
    if len(line) * 4 <= WIDEST or len(line.encode()) <= WIDEST:
        return line
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > WIDEST:
            pieces.append(piece)
            piece, size = "", 1
        piece += sign
        size += octets
    return "\r\n ".join([*pieces, piece])


def _stamp(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}Z"

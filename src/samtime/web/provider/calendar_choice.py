"""What part of the calendar is asked for: day, view, place, people, sources, zoom; all from the
address, so that a view can be sent to a colleague. The zoom is remembered in a cookie.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from samtime.foundation.errors import NotFound
from samtime.web.dates import day_in_address
from samtime.web.explained import slug_of
from samtime.web.idents import ident_typed

VIEWS = ("day", "work-week", "week", "rooms")
ZOOMS = (5, 10, 15, 30)
ZOOM_COOKIE = "st_zoom"
SOURCES = ("own_desk", "partner", "assistance", "insurer")


@dataclass(frozen=True, slots=True)
class Choice:
    """One view of the calendar. `who`: calendars by public id, empty = all."""

    slug: str
    on: date
    view: str = "day"
    location: str = ""
    who: tuple[UUID, ...] = ()
    source: str = ""
    zoom: int = 15

    @property
    def days(self) -> list[date]:
        """The days that are shown."""
        if self.view in ("day", "rooms"):
            return [self.on]
        monday = self.on - timedelta(days=self.on.weekday())
        return [monday + timedelta(days=n) for n in range(5 if self.view == "work-week" else 7)]

    @property
    def before(self) -> date:
        """The day of the view before this one."""
        return self.on - timedelta(days=1 if len(self.days) == 1 else 7)

    @property
    def after(self) -> date:
        """The day of the view after this one."""
        return self.on + timedelta(days=1 if len(self.days) == 1 else 7)

    @property
    def query(self) -> str:
        """What follows the path, without «?»."""
        parts = [urlencode({"location": self.location})] if self.location else []
        parts += [f"who={w}" for w in self.who]
        parts += [f"source={self.source}"] if self.source else []
        return "&".join(parts)

    def href(self, **changes: Any) -> str:
        """The address of this view with some things changed."""
        other = replace(self, **changes)
        query = f"?{other.query}" if other.query else ""
        return f"/o/{other.slug}/calendar/{other.on.isoformat()}/{other.view}/{query}"

    def with_or_without(self, ident: UUID) -> str:
        """The address with one calendar more, or without it when it is chosen."""
        kept = tuple(w for w in self.who if w != ident)
        return self.href(who=kept if ident in self.who else (*self.who, ident))


def choice_of(request: HttpRequest, day: str, view: str, today: date) -> Choice:
    """From the address. Refuses: NotFound (no such day or view)."""
    if view not in VIEWS:
        raise NotFound()
    on = day_in_address(day) if day else today
    return _choice(request, on, view, request.GET)


def _choice(request: HttpRequest, on: date, view: str, asked: QueryDict) -> Choice:
    source = asked.get("source", "")
    return Choice(
        slug=slug_of(request),
        on=on,
        view=view,
        location=asked.get("location", "")[:80],
        who=_idents(asked.getlist("who")),
        source=source if source in SOURCES else "",
        zoom=zoom_of(request),
    )


def zoom_of(request: HttpRequest) -> int:
    """Minutes of the grid: from the address, else remembered, else 15."""
    for text in (request.GET.get("zoom", ""), request.COOKIES.get(ZOOM_COOKIE, "")):
        if text.isdecimal() and int(text) in ZOOMS:
            return int(text)
    return 15


def _idents(texts: list[str]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(filter(None, map(ident_typed, texts[:60]))))


BACK = re.compile(r"/o/[\w-]+/calendar/(\d{4}-\d\d-\d\d)/([a-z-]{3,9})/(?:\?(.*))?")


def choice_back(request: HttpRequest, on: date) -> Choice:
    """The view behind a panel: the one it was opened from (`back`), else the day `on`."""
    text = request.POST.get("back", "") or request.GET.get("back", "")
    found = BACK.fullmatch(text[:4000])
    asked = QueryDict(found[3] or "" if found else "")
    view = found[2] if found and found[2] in VIEWS else "day"
    return _choice(request, day_in_address(found[1]) if found else on, view, asked)

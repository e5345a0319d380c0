"""A practitioner's secret feed: iCalendar for whoever knows the address; 304 when unchanged."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from samtime.accounts.actor import Actor, ActorKind
from samtime.bookings.queries.feed import feed_text
from samtime.calendars.queries.feeds import behind_feed
from samtime.foundation.tenancy import viewing_as
from samtime.journal.commands import Access, log_access
from samtime.web.door import public_page, request_id


@public_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The visits from thirty days back; a feed with names is a reading of patients' data (P12)."""
    found = behind_feed(token)
    link = Actor(
        kind=ActorKind.LINK,
        organization_id=found.organization_id,
        rights=frozenset(),
        user_id=found.feed.made_by_id,
        request_id=request_id(request),
    )
    with viewing_as(found.organization_id), translation.override(found.feed.provider.language):
        said = feed_text(found.feed, now=timezone.now())
        if request.headers.get("If-None-Match", "") == said.etag:
            response = HttpResponse(status=304)
        else:
            if said.patient_ids:
                seen = Access(found.organization_id, said.patient_ids, "listed", "feed")
                log_access(link, seen)
            response = HttpResponse(said.text, content_type="text/calendar; charset=utf-8")
    response["ETag"] = said.etag
    response["Cache-Control"] = "private, no-cache"
    return response

"""An agent's secret feed: iCalendar for whoever knows the address; it names nobody."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from samtime.bookings.queries.agent_feed import agent_feed_text, behind_agent_feed
from samtime.foundation.tenancy import viewing_as
from samtime.web.door import public_page


@public_page
def agent_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What the agent booked, from thirty days back; 304 when unchanged."""
    found = behind_agent_feed(token)
    with viewing_as(found.organization_id), translation.override(found.user.language):
        text, etag = agent_feed_text(found, now=timezone.now())
    if request.headers.get("If-None-Match", "") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response

"""The location filter of the top bar. A page that follows it calls `chosen_location` first."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.organizations.models import Location
from samtime.organizations.queries import locations
from samtime.web.frame import Line


def chosen_location(request: HttpRequest, actor: Actor) -> Location | None:
    """The place in `?location=<slug>`, None for all; also puts the filter into the top bar.

    An unknown or foreign slug counts as all. With one place there is no filter.
    """
    places = list(locations(actor))
    wanted = request.GET.get("location", "")
    chosen = next((place for place in places if place.slug == wanted), None)
    if len(places) > 1:
        lines = [Line(_address(request, ""), _("All locations"), current=chosen is None)]
        lines += [Line(_address(request, p.slug), p.name, current=p is chosen) for p in places]
        request.location_lines = lines  # type: ignore[attr-defined]
        request.location_name = chosen.name if chosen else ""  # type: ignore[attr-defined]
    return chosen


def _address(request: HttpRequest, slug: str) -> str:
    query = request.GET.copy()
    query.pop("location", None)
    if slug:
        query["location"] = slug
    return f"{request.path}?{query.urlencode()}" if query else request.path

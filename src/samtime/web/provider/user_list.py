"""The lines of the users' table, filtered by what stands in the address, and its addresses."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.organizations.queries import home_zone, locations
from samtime.organizations.queries.people import Person, people
from samtime.web import people_words
from samtime.web.templatetags.formats import day_short


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages stand for this desk: `provider`, `partner`, `insurer` or `operator`."""

    desk: str
    slug: str

    @property
    def list(self) -> str:
        """The table."""
        return reverse(f"{self.desk}:users", args=[self.slug])

    def sheet(self, ident: UUID) -> str:
        """One person."""
        return reverse(f"{self.desk}:user", args=[self.slug, ident])

    def end(self, ident: UUID) -> str:
        """The question before the end."""
        return reverse(f"{self.desk}:user_end", args=[self.slug, ident])


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    person: Person
    href: str
    roles: str
    places: str
    badge: tuple[str, str, str]

    @property
    def books(self) -> bool:
        """Whether he may book at partner institutions (P33)."""
        return self.person.access.can_book_at_partner


def states() -> list[tuple[str, str]]:
    """The filter's choices."""
    return [
        ("", _("With access")),
        ("active", _("Active only")),
        ("invited", _("Invited")),
        ("ended", _("Ended")),
    ]


def rows_of(request: HttpRequest, actor: Actor) -> list[Row]:
    """The lines that the address asks for: `q` in name or address, `state`."""
    q, state = request.GET.get("q", "").strip().casefold(), request.GET.get("state", "")
    match = request.resolver_match
    where = Addresses(match.namespace if match else "", request.path.split("/")[2])
    names = {place.id: place.name for place in locations(actor)}
    return [
        Row(
            person,
            where.sheet(person.id),
            people_words.role_words(person.access.roles),
            places_of(person, names),
            state_badge(person),
        )
        for person in people(actor, now=timezone.now(), ended=state == "ended")
        if _fits(person, state) and (not q or q in f"{person.name} {person.email}".casefold())
    ]


def zone_of(actor: Actor) -> str:
    """The zone in which times are shown."""
    return home_zone(actor)


def places_of(person: Person, names: dict[int, str]) -> str:
    """«All», the one name, or how many."""
    ids = person.access.location_ids
    if ids is None:
        return _("All")
    known = [names[one] for one in ids if one in names]
    if len(known) == 1:
        return known[0]
    return _("%(count)s of %(total)s") % {"count": len(known), "total": len(names)}


def state_badge(person: Person) -> tuple[str, str, str]:
    """Kind, state and word: a mail that did not arrive and a last day show."""
    sending, ends = person.sending, person.access.ends_on
    if person.state == "invited" and sending and sending.state in ("bounced", "failed"):
        return ("invitation", sending.state, _("Invited, bounced"))
    if person.state == "expired":
        return ("invitation", "expired", _("Link too old"))
    if person.state == "active" and ends:
        return ("user", "active", _("Until %(day)s") % {"day": day_short(ends)})
    return ("user", person.state, "")


def _fits(person: Person, state: str) -> bool:
    if state == "invited":
        return person.state in ("invited", "expired")
    return not state or person.state == state

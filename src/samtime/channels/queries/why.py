"""Why can nobody book this on a channel? The half that terms decide (SCREENS.md 4.4, P32, T7).

Judged on the very row that a booking is judged on. One function per switch, in the order in which
people read them; a new condition of booking is one more function in SWITCHES.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.models import Channel, Listing
from samtime.channels.queries import ONE, BookingTerms
from samtime.channels.queries.names import channel_name
from samtime.foundation.errors import NotFound
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.organizations.queries import count_who_may

OK, NO, NEUTRAL = "ok", "no", "neutral"


@dataclass(frozen=True, slots=True)
class Switch:
    """One condition of booking. `state`: ok, no, or neutral (does not apply here).

    `fix` is the path below the organization where it is changed; «» where that is not ours.
    """

    code: str
    state: str
    title: str
    detail: str = ""
    since: date | None = None
    who: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What an offering's parts are called; the service as its reader says it."""

    place: str
    place_slug: str
    service: str
    practitioner: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one offering on one channel at an instant.

    `outside`: the outsider asks, who reads only its own half. `bookers`: how many may book.
    """

    channel: Channel
    terms: BookingTerms
    row: tuple[Any, ...]
    names: Names
    outside: bool
    bookers: int
    ticked_on: date | None

    @property
    def is_desk(self) -> bool:
        """Whether it is the provider's own desk."""
        return self.channel.kind == "own_desk"

    @property
    def partner_path(self) -> str:
        """Where the provider changes the relationship."""
        return f"partners/?q={quote(self.channel.name)}"


def channel_asked(actor: Actor, public_id: UUID) -> Channel:
    """A channel the actor may ask about: the provider's own, or one it books on. NotFound."""
    rows = Channel.objects.visible_to(actor).select_related("provider", "outsider")
    found: Channel | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    if found.provider_id == actor.organization_id:
        actor.require_any(Right.SEE_CHANNELS, Right.BOOK)
    else:
        actor.require_any(Right.BOOK_AT_PARTNER, Right.SEE_PARTNERS)
    return found


def channel_giving(actor: Actor, *, offering: UUID | None, service: UUID | None) -> Channel | None:
    """The channel on which the actor's organization books at whoever gives this; open ones first.

    For a question that names a time or a service and not the channel. None where there is none.
    """
    rows = Channel.objects.visible_to(actor).filter(outsider_id=actor.organization_id)
    if offering is not None:
        rows = rows.filter(provider__calendars__offerings__public_id=offering)
    else:
        rows = rows.filter(provider__services__public_id=service or UUID(int=0))
    every = list(rows.exclude(state="preparing").order_by("-opened_at", "-id"))
    return min(every, key=lambda channel: channel.state != "open", default=None)


def facts_of(
    actor: Actor, channel: Channel, *, offering_ids: Sequence[int], at: datetime
) -> list[Facts]:
    """The facts of these offerings on the channel, by practitioner's name. Four queries."""
    sql = ONE.format(by="o.id = ANY(%(ids)s)", whose="ch.id = %(channel)s")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": at, "ids": list(offering_ids), "channel": channel.id})
        rows = cursor.fetchall()
        cursor.execute(NAMES, {"ids": list(offering_ids), "language": actor.language})
        names = {row[0]: Names(*row[1:]) for row in cursor.fetchall()}
    outside = channel.provider_id != actor.organization_id
    ticks, bookers = _ticked_on(channel, rows, at), _bookers(actor, channel, outside=outside)
    found = []
    for row in rows:
        price = (*row[:23], row[23] or 0, *row[24:33])
        terms = BookingTerms(*price, *row[37:39])
        ticked = ticks.get((row[6], row[0])) or ticks.get((row[6], None))
        found.append(Facts(channel, terms, row, names[row[0]], outside, bookers, ticked))
    return sorted(found, key=lambda facts: (facts.names.practitioner, facts.terms.offering_id))


NAMES = """
SELECT o.id, l.name, l.slug, coalesce(nullif(s.names->>%(language)s, ''), s.name),
  trim(concat(p.title, ' ', p.given_name, ' ', p.family_name))
FROM calendars_offering o
  JOIN calendars_calendar c ON c.id = o.calendar_id
  JOIN organizations_practitionerrole r ON r.id = c.role_id
  JOIN organizations_practitioner p ON p.id = r.practitioner_id
  JOIN organizations_location l ON l.id = c.location_id
  JOIN catalog_service s ON s.id = o.service_id
WHERE o.id = ANY(%(ids)s)
"""


def _ticked_on(
    channel: Channel, rows: Sequence[tuple[Any, ...]], at: datetime
) -> dict[tuple[int, int | None], date]:
    """Since when what counts has counted, by service and offering."""
    ticks = Listing.objects.filter(
        channel=channel,
        service_id__in={row[6] for row in rows},
        location_id__in={row[7] for row in rows},
        from_on__lte=local_day(at, rows[0][9]) if rows else at.date(),
    )
    found = ticks.order_by("from_on").values_list("service_id", "offering_id", "from_on")
    return {(service, offering): on for service, offering, on in found}


def _bookers(actor: Actor, channel: Channel, *, outside: bool) -> int:
    if outside:
        return int(actor.may(Right.BOOK_AT_PARTNER))
    if channel.kind == "own_desk":
        return count_who_may(channel.provider_id, Right.BOOK)
    return count_who_may(channel.outsider_id or 0, Right.BOOK_AT_PARTNER)


def switches(facts: Facts) -> list[Switch]:
    """Every condition that terms decide, in order.

    Behind the first door of the clinic that is shut to it, an outsider reads nothing more of what
    is behind: whether a service is given, ticked or priced is told only where it is its business.
    """
    found: list[Switch] = []
    shut = False
    for one in SWITCHES:
        if shut and one in BEHIND:
            continue
        switch = one(facts)
        if switch is not None:
            found.append(switch)
            shut |= facts.outside and switch.state == NO and one in (_agreement, *BEHIND)
    return found


def _agreement(facts: Facts) -> Switch | None:
    channel = facts.channel
    if facts.is_desk:
        return Switch("channel_inactive", NEUTRAL, _("Agreement"), _("not needed for the own desk"))
    if channel.state in ("open", "suspended"):
        zone = facts.terms.zone
        since = local_day(channel.opened_at, zone) if channel.opened_at else None
        return Switch("channel_inactive", OK, _("Agreement is active"), since=since)
    sentence = _("It has not been accepted yet.")
    if channel.state == "closed":
        sentence = _("The cooperation has ended.")
    who, fix = _by(facts, _("an administrator"), facts.partner_path)
    return Switch("channel_inactive", NO, _("Agreement is not active"), sentence, who=who, fix=fix)


def _accepted(facts: Facts) -> Switch | None:
    """The outsider let the day pass by which it had to accept new general terms (P24)."""
    if facts.is_desk or facts.row[33] != "paused":
        return None
    title = _("Booking is paused: new general terms are not accepted")
    if facts.outside:
        sentence = _("Somebody who may sign for your company can accept them now.")
        who = _("an administrator of your organisation")
        return Switch("terms_not_accepted", NO, title, sentence, None, who, "partner/terms/")
    name = {"name": channel_name(facts.channel.kind, facts.channel.name)}
    sentence = _("%(name)s has not accepted the new general terms in time.") % name
    who = _("an administrator of %(name)s") % name
    return Switch("terms_not_accepted", NO, title, sentence, who=who)


def _offered(facts: Facts) -> Switch | None:
    if facts.row[36]:
        return None
    who, fix = _by(facts, _("an administrator"), "services/")
    sentence = _("The service, the practitioner's calendar or the location has ended.")
    if facts.outside:
        sentence = _("The clinic can tell you what it offers instead.")
    return Switch("not_offered", NO, _("Not offered any more"), sentence, who=who, fix=fix)


def _location(facts: Facts) -> Switch | None:
    names = {"location": facts.names.place}
    if facts.is_desk:
        return None
    if facts.row[35]:
        return Switch("not_in_agreement", OK, _("%(location)s is in the agreement") % names)
    who, fix = _by(facts, _("an administrator"), facts.partner_path)
    title = _("%(location)s is not in the agreement") % names
    return Switch("not_in_agreement", NO, title, who=who, fix=fix)


def _ticked(facts: Facts) -> Switch | None:
    tick = facts.row[34]
    if tick or (facts.is_desk and tick is None):
        return Switch("not_listed", OK, _("Service is ticked"), since=facts.ticked_on)
    who, fix = _by(
        facts,
        _("an administrator"),
        f"traffic-channels/?location={facts.names.place_slug}&q={quote(facts.names.service)}",
    )
    return Switch(
        "not_listed",
        NO,
        _("Service is not ticked"),
        _("It is not open on that day."),
        None,
        who,
        fix,
    )


def _consent(facts: Facts) -> Switch | None:
    """Kinds that need a declaration bring their own answer here (T10)."""
    words = {
        "own_desk": _("not needed for the own desk"),
        "partner": _("not needed for partners"),
    }
    word = words.get(facts.channel.kind, _("part of the connection itself"))
    return Switch("consent_missing", NEUTRAL, _("Consent"), word)


def _priced(facts: Facts) -> Switch | None:
    price = facts.row[23]
    if price is not None:
        return Switch("no_price", OK, _("Price is set"), str(Money(price, facts.terms.currency)))
    if facts.is_desk:
        return Switch("no_price", NEUTRAL, _("No price"), _("the own desk books without one"))
    who, fix = _by(
        facts, _("an administrator or finance"), f"services/?q={quote(facts.names.service)}"
    )
    sentence = _("There is no price on that day.")
    return Switch("no_price", NO, _("No channel price"), sentence, who=who, fix=fix)


def _channel_on(facts: Facts) -> Switch | None:
    if facts.channel.state != "suspended" or facts.is_desk:
        return Switch("channel_suspended", OK, _("Channel is on"), _("not suspended"))
    who, fix = _by(facts, _("an administrator"), facts.partner_path)
    sentence = _("No new bookings until it is resumed.")
    return Switch("channel_suspended", NO, _("Channel is suspended"), sentence, who=who, fix=fix)


def _person(facts: Facts) -> Switch | None:
    count, title = facts.bookers, _("Users with booking right")
    if facts.outside and count:
        return Switch("no_booking_right", OK, _("You may book"))
    if count:
        words = ngettext("%(count)s user", "%(count)s users", count) % {"count": count}
        return Switch("no_booking_right", OK, title, words)
    if facts.outside:
        sentence = _("Your role does not include booking at partners.")
        who = _("an administrator of your organisation")
        return Switch("no_booking_right", NO, _("You may not book"), sentence, None, who, "users/")
    name = channel_name(facts.channel.kind, facts.channel.name)
    sentence = _("Nobody at %(name)s may book yet.") % {"name": name}
    who = _("an administrator of %(name)s") % {"name": name}
    return Switch("no_booking_right", NO, title, sentence, who=who)


def _by(facts: Facts, who: str, fix: str) -> tuple[str, str]:
    """Who can change it and where: for an outsider that is the clinic, and no link of ours."""
    if facts.outside:
        return facts.channel.provider.name, ""
    return who, fix


BEHIND: tuple[Callable[[Facts], Switch | None], ...] = (_offered, _location, _ticked, _priced)
SWITCHES: tuple[Callable[[Facts], Switch | None], ...] = (
    _agreement,
    _accepted,
    _offered,
    _location,
    _ticked,
    _consent,
    _priced,
    _channel_on,
    _person,
)

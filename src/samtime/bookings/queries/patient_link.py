"""The patient's link: one booking, opened by a token alone, for whoever it was mailed to (D5)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from samtime.accounts import tokens
from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.models import AccessToken
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.bookings.rules import MOVABLE, is_late
from samtime.calendars import masks
from samtime.channels.queries import terms_for
from samtime.foundation.errors import LinkUnknown, Refusal
from samtime.foundation.tenancy import viewing_as

LINK = "patient_booking"
SEARCHED_DAYS = 60
MOST_TIMES = 40


@dataclass(frozen=True, slots=True)
class PatientLink:
    """A link with its booking; `actor` may act on this booking and on nothing else (D6)."""

    actor: Actor
    token: AccessToken
    booking: Booking

    @property
    def is_alive(self) -> bool:
        """Whether it has not grown too old."""
        return tokens.is_alive(self.token)

    @property
    def birth_dates(self) -> set[date]:
        """The days that answer the link's question: the clinic's, and what was given."""
        given = str(self.booking.patient_as_given.get("birth_date") or "")
        known = {self.booking.patient.birth_date, date.fromisoformat(given) if given else None}
        return {day for day in known if day is not None}

    @property
    def phone_end(self) -> str:
        """The last four digits of the phone: what answers where no birth date is known."""
        given = str(self.booking.patient_as_given.get("phone") or self.booking.patient.phone)
        digits = "".join(c for c in given if c.isdecimal())
        return digits[-4:] if len(digits) >= 6 else ""

    @property
    def question(self) -> str:
        """What the link asks: «birth_date», else «phone», else «» (only the clinic can help)."""
        if self.birth_dates:
            return "birth_date"
        return "phone" if self.phone_end else ""

    def is_answered_by(self, day: date | None, digits: str) -> bool:
        """Whether this answers the link's question."""
        if self.question == "birth_date":
            return day in self.birth_dates
        return bool(self.phone_end) and digits == self.phone_end

    @property
    def moved_since(self) -> bool:
        """Whether the clinic moved the booking after this link was mailed."""
        moved = self.booking.moved_at
        own = self.booking.client_confirmed_at
        return moved is not None and moved > self.token.created_at and own != moved

    def may_change(self, now: datetime) -> bool:
        """Whether the patient may still move or cancel by himself."""
        limit = self.booking.service.cancel_limit_minutes
        return self.is_open(now) and not is_late(self.booking.starts_at, now, limit)

    def is_open(self, now: datetime) -> bool:
        """Whether the visit is still to come."""
        return self.booking.state in MOVABLE and now < self.booking.starts_at

    @property
    def change_until(self) -> datetime:
        """Until when moving and cancelling are free."""
        minutes = self.booking.service.cancel_limit_minutes
        return self.booking.starts_at - timedelta(minutes=minutes)

    @property
    def as_desk(self) -> Actor:
        """The same person with what a search, a hold and a change ask for; never leaves the app."""
        rights = {Right.SEE_CALENDAR, Right.CHANGE_BOOKING, Right.BOOK}
        return replace(self.actor, rights=frozenset(rights))


def behind_booking_link(secret: str, *, language: str, request_id: str) -> PatientLink:
    """The booking behind a token, alive or too old.

    Refuses: NotFound, when there never was such a link, or it was revoked.
    """
    token = tokens.find_token(LINK, secret)
    if token is None or token.revoked_at is not None:
        raise LinkUnknown()
    actor = Actor(
        kind=ActorKind.LINK,
        organization_id=token.organization_id,
        rights=frozenset({Right.ACT_BY_LINK}),
        language=language,
        request_id=request_id,
    )
    with viewing_as(token.organization_id):
        rows = Booking.objects.visible_to(actor).select_related(
            "service", "practitioner", "location", "provider", "patient", "channel", "offering"
        )
        booking = rows.filter(public_id=token.object_id).first()
    if booking is None:
        raise LinkUnknown()
    return PatientLink(actor, token, booking)


def times_to_move_to(link: PatientLink, *, first: date, now: datetime) -> list[Slot]:
    """Free times of the same service at the same place, the patient's own left out."""
    link.actor.require(Right.ACT_BY_LINK)
    booking = link.booking
    wish = SlotSearch(
        start=first,
        days=SEARCHED_DAYS,
        limit=MOST_TIMES,
        service=booking.service.public_id,
        location=booking.location.public_id,
        apart=True,
    )
    found = find_slots(link.as_desk, wish, now=now).items
    return [
        s for s in found if (s.start, s.offering_id) != (booking.starts_at, booking.offering_id)
    ]


def kept_time(link: PatientLink, now: datetime) -> Hold | None:
    """The time this booking's patient keeps at the moment."""
    rows = Hold.objects.visible_to(link.actor).filter(
        moves=link.booking.public_id, expires_at__gt=now
    )
    held: Hold | None = (
        rows.select_related("offering__calendar__role__practitioner").order_by("-id").first()
    )
    return held


def price_at(link: PatientLink, hold: Hold) -> tuple[int, str]:
    """What the visit costs at the kept time, minor units and currency (D10).

    The same offering keeps its price; another one is priced anew on the booking's channel.
    """
    booking = link.booking
    if hold.offering_id == booking.offering_id:
        return booking.price_amount, booking.currency
    try:
        terms = terms_for(
            link.as_desk,
            at=hold.starts_at,
            internal_id=hold.offering_id,
            channel=booking.channel.public_id,
            moving=True,
        )
    except Refusal:
        return hold.price_amount, hold.currency
    return terms.price, terms.currency


def last_day_ahead(link: PatientLink, today: date) -> date:
    """The last day a list of times may begin with."""
    return today + timedelta(days=min(link.booking.service.horizon_days, masks.HORIZON_DAYS))

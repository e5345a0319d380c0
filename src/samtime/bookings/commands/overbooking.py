"""What the own desk may knowingly do against the rules: another length, another price, a time
outside the hours, a time that is taken. Each with its right, a reason and a trace in the journal.

No channel ever offers such a time: the masks stay dark (invariant 1).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.taking import OutsideHours, TooLate, judge_moment
from samtime.channels.queries import BookingTerms
from samtime.foundation.errors import FieldError, Invalid, NotFound

SHORTEST, LONGEST = 5, 12 * 60
DEAREST = 100_000_000_00


@dataclass(frozen=True, slots=True)
class Knowingly:
    """Departures of the own desk. `minutes` of the visit; `price` gross in minor units.

    `overbook`: beside what stands there. `outside`: against opening hours, lead time or horizon.
    """

    minutes: int | None = None
    price: int | None = None
    overbook: bool = False
    outside: bool = False
    reason: str = ""

    @property
    def despite(self) -> tuple[str, ...]:
        """What `take` shall not judge."""
        return (("busy",) if self.overbook else ()) + (("hours",) if self.outside else ())

    def trace(self) -> dict[str, object]:
        """For the journal: which rules were overridden and why."""
        done = [name for name in ("overbook", "outside") if getattr(self, name)]
        done += ["price"] if self.price is not None else []
        return {"knowingly": done, "reason": self.reason} if done else {}


PLAIN = Knowingly()


def judged(actor: Actor, terms: BookingTerms, known: Knowingly) -> BookingTerms:
    """The terms with the desk's own length and price.

    Refuses: NotFound (another organization's calendar), RightMissing, Invalid.
    """
    if known == PLAIN:
        return terms
    if terms.provider_id != actor.organization_id:
        raise NotFound()
    if known.overbook or known.outside:
        actor.require(Right.OVERBOOK)
    if known.price is not None:
        actor.require(Right.EDIT_PRICES)
    _check(known)
    if known.minutes is not None:
        terms = replace(terms, duration=known.minutes)
    return terms if known.price is None else replace(terms, price=known.price)


def _check(known: Knowingly) -> None:
    faults = []
    minutes = known.minutes
    if minutes is not None and (not SHORTEST <= minutes <= LONGEST or minutes % 5):
        sentence = _("A multiple of five minutes, at most twelve hours.")
        faults.append(FieldError("minutes", "minutes", sentence))
    if known.price is not None and not 0 <= known.price <= DEAREST:
        faults.append(FieldError("price", "price", _("This cannot be a price.")))
    if known.trace() and not known.reason.strip():
        faults.append(FieldError("why", "missing", _("Write the reason.")))
    if len(known.reason) > 500:
        faults.append(FieldError("why", "too_long", _("At most 500 characters.")))
    if faults:
        raise Invalid(*faults)


def judge_start(terms: BookingTerms, start: datetime, now: datetime, known: Knowingly) -> None:
    """As `judge_moment`; outside the rules only what lies in the past is refused.

    A visit may be written down up to a day afterwards. Refuses: OutsideHours, TooLate, TooFar.
    """
    if not known.outside:
        judge_moment(terms, start, now)
        return
    if start.second or start.microsecond or start.minute % 5:
        raise OutsideHours(_("A time begins on a multiple of five minutes."))
    if start < now - timedelta(days=1):
        raise TooLate()

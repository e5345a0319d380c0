"""The dated fields of a service's forms say what holds on the day that is chosen in them (D9).

A form shown for one day and sent for another would carry the values of the first to the second.
So the fields nobody touched follow the day: a script asks for them as soon as the day is chosen;
without one the form comes back with them once, before anything is saved.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from samtime.accounts.actor import Actor
from samtime.calendars import queries as calendars
from samtime.calendars.models import Offering
from samtime.catalog import queries
from samtime.catalog.models import Service
from samtime.catalog.rules import BEGINNING
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState
from samtime.web.money_fields import money_shown, percent_shown


@dataclass(slots=True)
class Day:
    """What the dated fields of a tab say for appointments on a day, and since when each does."""

    on: date
    values: dict[str, str] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)

    def show(self, state: FormState) -> None:
        """Put it into a form."""
        state.values |= {**self.values, "from": self.on.isoformat(), "shown": self.on.isoformat()}


def day_asked(text: str, today: date) -> date:
    """The day of an address (`?on=`); today where there is none, or one gone by."""
    return max(day_typed(text) or today, today)


def day_in(actor: Actor, found: Service, tab: str, on: date) -> Day:
    """The dated fields of a tab for appointments on this day. Two queries at most, or three."""
    if tab == "details":
        return _details(found, on)
    if tab == "prices":
        return _price(found, on)
    given = [o for o in calendars.offerings(actor) if o.service_id == found.id]
    return _givers(given, on)


def follow(actor: Actor, found: Service, tab: str, state: FormState, today: date) -> bool:
    """Fields left with another day's values say those of the chosen day; whether any changed."""
    shown, chosen = day_typed(state.text("shown")), day_typed(state.text("from"))
    if shown is None or chosen is None or chosen == shown or chosen < today:
        return False
    before, after = (day_in(actor, found, tab, on) for on in (shown, chosen))
    left = {n for n, text in before.values.items() if state.text(n) == text}
    followed = {n: text for n, text in after.values.items() if n in left}
    changed = any(before.values[n] != text for n, text in followed.items())
    state.values |= {**followed, "shown": chosen.isoformat()}
    return changed


def _details(found: Service, on: date) -> Day:
    held, since = queries.length_on(found, on), queries.length_since(found, on)
    day = Day(on, since={"duration_minutes": since} if since else {})
    day.values["duration_minutes"] = str(held.duration)
    day.values["buffer_before_minutes"] = str(held.before)
    day.values["buffer_after_minutes"] = str(held.after)
    return day


def _price(found: Service, on: date) -> Day:
    day, price = Day(on, {"vat_rate": "0"}), queries.price_on(found, on)
    if price is not None:
        day.values["vat_rate"] = percent_shown(price.vat_rate)
        day.since["vat_rate"] = price.from_on
    return day


def _givers(given: Iterable[Offering], on: date) -> Day:
    given = list(given)
    day, prices = Day(on), calendars.own_prices_on(given, on)
    lengths = calendars.own_lengths_on(given, on)
    for offering in given:
        name = f"givers.{offering.calendar.public_id}"
        length, price = lengths.get(offering.id), prices.get(offering.id)
        minutes = length.duration_minutes if length else offering.duration_minutes
        day.values[f"{name}.duration"] = str(minutes or "")
        day.values[f"{name}.price"] = ""
        if length is not None and length.from_on > BEGINNING:
            day.since[f"{name}.duration"] = length.from_on
        if price is not None:
            day.since[f"{name}.price"] = price.from_on
            if price.amount is not None:
                day.values[f"{name}.price"] = money_shown(price.amount, price.currency)
    return day

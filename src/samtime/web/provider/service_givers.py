"""Who gives a service: the tab with a line for each calendar."""

from datetime import date
from typing import Any

from samtime.accounts.actor import Actor
from samtime.calendars import queries as calendars
from samtime.calendars.models import Offering
from samtime.catalog.models import Service
from samtime.web.form_state import FormState
from samtime.web.provider.service_days import Day


def form_of(actor: Actor, found: Service) -> FormState:
    """Who gives the service now. Durations and prices depend on the day (service_days.py)."""
    return FormState({"calendar": [str(o.calendar.public_id) for o in _given(actor, found)]})


def lines(
    actor: Actor, found: Service, day: Day, form: FormState, today: date
) -> list[dict[str, Any]]:
    """A line for each calendar, those that give it first; with what is to come after today."""
    mine = {o.calendar_id: o for o in _given(actor, found)}
    coming = calendars.own_lengths_to_come(mine.values(), today)
    dearer = calendars.own_prices_to_come(mine.values(), today)
    chosen, made = set(form["calendar"] or []), []
    for calendar in calendars.calendars(actor):
        name, offering = f"givers.{calendar.public_id}", mine.get(calendar.id)
        line = {
            "calendar": calendar,
            "ticked": str(calendar.public_id) in chosen,
            "name": name,
            "offering": offering,
            "to_come": coming.get(offering.id, []) if offering else [],
            "prices_to_come": dearer.get(offering.id, []) if offering else [],
        }
        for part in ("duration", "price"):
            line[part] = form.text(f"{name}.{part}")
            line[f"{part}_error"] = form.errors.get(f"{name}.{part}", "")
            line[f"{part}_since"] = day.since.get(f"{name}.{part}")
        made.append(line)
    return sorted(made, key=lambda line: not line["ticked"])


def _given(actor: Actor, found: Service) -> list[Offering]:
    return [o for o in calendars.offerings(actor) if o.service_id == found.id]

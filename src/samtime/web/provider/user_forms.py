"""The users' forms: typed values to access, stored access back to the form, pasted lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.accounts.rights import Role
from samtime.organizations.commands.grants import Grant
from samtime.organizations.commands.users import LARGEST_LIST, NewUser
from samtime.organizations.models import Organization
from samtime.organizations.queries import locations, practitioners
from samtime.organizations.queries.people import Person, people
from samtime.organizations.rules import fitting_roles
from samtime.web import people_words
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed

NOBODY = UUID(int=0)
LINE = re.compile(r"^\s*(?:\"?(?P<name>[^\"<>]*?)\"?\s*<(?P<in>[^<>]+)>|(?P<bare>\S+))\s*$")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pasted list would do; `wrong` are lines that are no address, with their number."""

    new: list[NewUser]
    known: list[str]
    twice: list[str]
    wrong: list[tuple[int, str]]
    left: int


def choices(actor: Actor, own: Organization) -> dict[str, Any]:
    """The words of every choice of the forms."""
    fitting = people_words.role_choices(fitting_roles(own.capabilities))
    places = [(str(place.public_id), place.name) for place in locations(actor)]
    everywhere = [("all", _("All, also those to come"))] if actor.location_ids is None else []
    treats = [(str(p.public_id), str(p)) for p in practitioners(actor)]
    return {
        "roles": [
            (
                role,
                format_html('<span>{}<span class="st-choice-hint">{}</span></span>', word, meaning),
            )
            for role, word, meaning in fitting
        ],
        "all_places": [*everywhere, *places] if places else [],
        "practitioners": [("", _("Nobody")), *treats] if treats else [],
        "languages": settings.LANGUAGES,
        "yes_no": [("yes", _("Yes")), ("no", _("No"))],
    }


def empty_form(own: Organization) -> FormState:
    """What a new user's form starts with; a call centre's people are agents."""
    agents = Role.AGENT in fitting_roles(own.capabilities) and "provider" not in own.capabilities
    return FormState(
        {
            "roles": ["agent"] if agents else [],
            "locations": ["all"],
            "language": own.language,
            "books": "yes" if agents else "no",
        }
    )


def form_of(actor: Actor, found: Person) -> FormState:
    """The form of somebody who has access or is invited."""
    access = found.access
    names = {place.id: str(place.public_id) for place in locations(actor)}
    ids = access.location_ids
    return FormState(
        {
            "roles": access.roles,
            "locations": ["all"] if ids is None else [names[i] for i in ids if i in names],
            "practitioner": str(access.practitioner.public_id) if access.practitioner else "",
            "books": "yes" if access.can_book_at_partner else "no",
            "ends_on": access.ends_on.isoformat() if access.ends_on else "",
        }
    )


def grant_of(actor: Actor, state: FormState) -> Grant:
    """The access as typed; a day that is none is noted at its field.

    Where there are no locations the form does not ask: that is everywhere.
    """
    chosen = listed(state, "locations")
    none_to_choose = actor.location_ids is None and not locations(actor).exists()
    practitioner = state.text("practitioner")
    return Grant(
        roles=tuple(listed(state, "roles")),
        location_ids=None
        if "all" in chosen or none_to_choose
        else tuple(ident_typed(one) or NOBODY for one in chosen),
        practitioner_id=(ident_typed(practitioner) or NOBODY) if practitioner else None,
        can_book_at_partner=state.text("books") == "yes",
        ends_on=_day(state, "ends_on"),
    )


def new_user(actor: Actor, state: FormState) -> NewUser:
    """The new user as typed."""
    return NewUser(
        state.text("email"), grant_of(actor, state), state.text("name"), state.text("language")
    )


def end_of_day(state: FormState, field: str, zone: str) -> datetime | None:
    """The end of the typed day, in the zone; None where nothing is typed."""
    day = _day(state, field)
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone))


def preview(actor: Actor, state: FormState, grant: Grant) -> Preview | None:
    """What the pasted lines would do; None with the fault noted when there are none or too many."""
    lines = [line for line in re.split(r"[\n;,]", state.text("emails")) if line.strip()]
    if not lines:
        state.wrong("emails", _("Paste at least one e-mail address."))
    elif len(lines) > LARGEST_LIST:
        text = _("These are %(count)s lines; at most 200 go at a time.")
        state.wrong("emails", text % {"count": len(lines)})
    if not grant.roles:
        state.wrong("roles", _("Choose at least one role."))
    if not state.ok:
        return None
    now = timezone.now()
    known = {p.email.lower() for p in people(actor, now=now)}
    left = tokens.left_today(actor.organization_id, now=now)
    found = Preview([], [], [], [], left)
    _sort(found, lines, known, grant, state.text("language"))
    return found


def _sort(
    found: Preview, lines: Sequence[str], known: set[str], grant: Grant, language: str
) -> None:
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        match = LINE.match(line)
        email = (match["in"] or match["bare"]).strip().lower() if match else ""
        if not _is_address(email):
            found.wrong.append((number, line.strip()[:80]))
        elif email in seen:
            found.twice.append(email)
        elif email in known:
            found.known.append(email)
        else:
            name = (match["name"] or "").strip()[:200] if match else ""
            found.new.append(NewUser(email, grant, name, language))
        seen.add(email)


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= 254


def listed(state: FormState, name: str) -> list[str]:
    """The ticked values of a set of boxes."""
    value = state.values.get(name, [])
    return [str(one) for one in value] if isinstance(value, list) else []


def _day(state: FormState, field: str) -> date | None:
    text = state.text(field)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        state.wrong(field, _("Write the day as day, month and year, for example 2027-01-31."))
        return None

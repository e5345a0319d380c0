"""Call-backs of the call centre: overdue, to come, done; made through their own commands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.bookings.commands.call_backs import (
    Asked,
    close_call_back,
    keep_call_back,
    not_reached,
)
from samtime.bookings.queries.facets import bookable_services, matching
from samtime.bookings.rules import Caller, proposed_call_back
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.models import Organization
from samtime.organizations.queries import actor_at_work, home_zone


@dataclass(frozen=True, slots=True)
class _Asked:
    """Promised this many hours ago; `by`: the agent's address, `service` as he would type it."""

    ago: int
    by: str
    caller: Caller
    service: str
    part: str = ""
    tries: int = 0
    done: str = ""


MIHAI, BIANCA = "agent@hello.example", "agent2@hello.example"
CALLED = (
    _Asked(2, MIHAI, Caller("+40 700 000 101", "Proba-Ana", "Telefonescu", note="Test"), "cardiol"),
    _Asked(1, BIANCA, Caller("+40 700 000 102", "Test-Radu", "Încercescu"), "tiroid", "morning", 1),
    _Asked(0, MIHAI, Caller("+36 70 000 0103", "Teszt-Ilona", "Próbai", language="hu"), "hasi"),
    _Asked(0, BIANCA, Caller("+40 700 000 104", "Proba-Sorin"), "", "afternoon"),
    _Asked(3, MIHAI, Caller("+40 700 000 105", "Test-Lia", "Formular"), "ekg", done="no_wish"),
)


def make(made: dict[str, Organization], now: datetime) -> None:
    """What two agents promised earlier today; whom they called already is among it."""
    centre = made["hello"]
    with viewing_as(centre.id):
        for one in CALLED:
            _promise(_agent(centre, one.by), one, now)


def _agent(centre: Organization, email: str) -> Actor:
    user = User.objects.get(email=email)
    agent = actor_at_work(organization_id=centre.id, user_id=user.id, language=centre.language)
    if agent is None:
        raise LookupError(email)
    return agent


def _promise(agent: Actor, one: _Asked, now: datetime) -> None:
    then = now - timedelta(hours=one.ago)
    services = bookable_services(agent, on=now.date())
    wish: dict[str, object] = {"part": one.part} if one.part else {}
    if one.service:
        chosen = matching(services, one.service)[0]
        wish |= {"q": one.service, "service": str(chosen.key), "words": {"service": chosen.name}}
    due = then + timedelta(minutes=45) if one.ago else proposed_call_back(now, home_zone(agent))
    kept = keep_call_back(actor=agent, asked=Asked(one.caller, due, wish), now=then)
    for number in range(one.tries):
        again = now + timedelta(hours=number + 2)
        not_reached(actor=agent, call_back=kept.public_id, due_at=again, now=now)
    if one.done:
        close_call_back(actor=agent, call_back=kept.public_id, reason=one.done, note="", now=now)

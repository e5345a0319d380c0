"""Whom a practitioner may see: those he treats. This floor asks, the floor of visits answers.

The limit stands in the queries themselves, so that no page, call or file can forget it.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import RightMissing
from samtime.patients.models import Patient

Treated = Callable[[Actor], QuerySet[Any]]
_answers: list[Treated] = []


def treated_are(answer: Treated) -> None:
    """Set at start-up by the app that knows visits: internal ids of whom somebody treats."""
    _answers[:] = [answer]


def sees_own_only(actor: Actor) -> bool:
    """A practitioner sees whom he treats; who keeps the whole calendar sees everybody."""
    return not actor.may(Right.SEE_CALENDAR)


def limited(actor: Actor, rows: "QuerySet[Patient]") -> "QuerySet[Patient]":
    """Of these patients those this person may see.

    Refuses: RightMissing (nobody answers whom he treats).
    """
    if not sees_own_only(actor):
        return rows
    if not _answers:
        raise RightMissing()
    return rows.filter(id__in=_answers[0](actor))

"""An explanation «why not bookable» as pages show it, for the clinic and for its partners."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.bookings.queries.why import Answer, Question, why
from samtime.channels.queries.why import NO, OK, Switch, channel_giving
from samtime.foundation.errors import NotFound
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed

ICONS = {OK: ("check", "ok"), NO: ("x", "danger"), "neutral": ("minus", "neutral")}


def asked_day(state: FormState, actor: Actor) -> date:
    """The day asked for, else today."""
    today = local_day(timezone.now(), home_zone(actor))
    return day_typed(state.text("on")) or today


def name_channel(actor: Actor, state: FormState) -> None:
    """Fill in the channel of a partner's question that names only the time or the service."""
    if not state.text("channel"):
        offering, service = ident_typed(state.text("offering")), ident_typed(state.text("service"))
        found = channel_giving(actor, offering=offering, service=service)
        if found is not None:
            state.values["channel"] = str(found.public_id)


def answer_of(actor: Actor, state: FormState, on: date) -> tuple[Answer | None, int]:
    """The answer where the question is complete, and the page's status."""
    channel, offering = ident_typed(state.text("channel")), ident_typed(state.text("offering"))
    service, location = ident_typed(state.text("service")), ident_typed(state.text("location"))
    if channel is None or not (offering or (service and location)):
        return None, 200
    question = Question(channel, offering=offering, service=service, location=location, on=on)
    try:
        return why(actor, question, now=timezone.now()), 200
    except NotFound:
        state.general.append(_("There is no such combination."))
        return None, 422


def shown(answer: Answer | None, slug: str) -> dict[str, Any]:
    """What the template says about an answer."""
    if answer is None:
        return {}
    names = {"name": answer.channel_name}
    count = len(answer.starts)
    reason = answer.reasons[0] if answer.reasons else None
    return {
        "headline": _("%(name)s can book this.") % names
        if answer.bookable
        else _("%(name)s cannot book this.") % names,
        "because": _sentence(reason) if reason else "",
        "count": count,
        "lines": [(s, *ICONS[s.state], fix_link(slug, s.fix)) for s in answer.switches],
    }


def _sentence(reason: Switch) -> str:
    return reason.detail or f"{reason.title}."


def fix_link(slug: str, fix: str) -> str:
    """The address where it can be changed; «» where no such page exists here."""
    if not fix:
        return ""
    address = f"/o/{slug}/{fix}"
    try:
        resolve(address.partition("?")[0])
    except Resolver404:
        return ""
    return address


def slug_of(request: HttpRequest) -> str:
    """The organization's name in the address."""
    match = request.resolver_match
    return str(match.kwargs["slug"]) if match else ""

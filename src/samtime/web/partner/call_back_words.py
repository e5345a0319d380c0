"""Words of call-backs: when one is due, what is wished, why one was closed; its time in a form."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.web.dates import day_typed
from samtime.web.form_state import FormState
from samtime.web.partner.cockpit_words import gender_words, language_words, part_words
from samtime.web.templatetags.formats import day_short


def due_words(due_at: datetime, now: datetime) -> str:
    """«in 20 minutes», «3 hours overdue»."""
    minutes = int(abs((due_at - now).total_seconds()) // 60)
    late = due_at <= now
    if minutes < 60:
        text = (
            ngettext("%(count)s minute overdue", "%(count)s minutes overdue", minutes)
            if late
            else ngettext("in %(count)s minute", "in %(count)s minutes", minutes)
        )
        return text % {"count": minutes}
    if minutes < 48 * 60:
        hours = minutes // 60
        text = (
            ngettext("%(count)s hour overdue", "%(count)s hours overdue", hours)
            if late
            else ngettext("in %(count)s hour", "in %(count)s hours", hours)
        )
        return text % {"count": hours}
    days = minutes // (24 * 60)
    text = (
        ngettext("%(count)s day overdue", "%(count)s days overdue", days)
        if late
        else ngettext("in %(count)s day", "in %(count)s days", days)
    )
    return text % {"count": days}


def wish_words(wish: dict[str, Any]) -> str:
    """The examination, as it was called."""
    return str(wish.get("words", {}).get("service") or _("Anything"))


def detail_words(wish: dict[str, Any]) -> str:
    """Where, when and with whom, in the reader's words; «» where nothing was said."""
    named = wish.get("words", {})
    on = day_typed(str(wish.get("from", "")))
    gender = gender_words().get(wish.get("gender", ""), "")
    speaks = language_words().get(wish.get("language", ""), "")
    parts = [
        named.get("near", ""),
        named.get("location") or named.get("provider", ""),
        named.get("practitioner", ""),
        _("From %(day)s") % {"day": day_short(on)} if on else "",
        part_words().get(wish.get("part", ""), ""),
        gender,
        speaks,
    ]
    return " · ".join(part for part in parts if part)


def reason_words() -> dict[str, str]:
    """Why nobody needs to call any more."""
    return {
        "no_answer": _("Never reached"),
        "no_wish": _("Does not want an appointment any more"),
        "elsewhere": _("Has found a time elsewhere"),
        "wrong_number": _("Wrong number"),
        "other": _("Something else"),
    }


def forgotten_words(at: datetime, now: datetime, zone: str) -> str:
    """Until when it is known whom a call-back that is done was about."""
    day = {"day": day_short(at.astimezone(ZoneInfo(zone)).date())}
    if at <= now:
        return _("Person and wish were forgotten on %(day)s.") % day
    return _("Person and wish are forgotten on %(day)s.") % day


def put_time(state: FormState, at: datetime, zone: str) -> None:
    """The day and the time of an instant as the form's fields hold them."""
    local = at.astimezone(ZoneInfo(zone))
    state.values |= {"due_on": local.date().isoformat(), "due_time": f"{local:%H:%M}"}

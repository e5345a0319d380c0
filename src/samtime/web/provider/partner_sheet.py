"""What the data sheet of a partner shows: track of the invitation, next step, history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.queries import names_of
from samtime.journal.models import JournalEntry
from samtime.journal.queries import history_of
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import acceptance_of, invitations_of
from samtime.web.templatetags.formats import day_in_list, day_short


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the track; `at` None = not yet."""

    role: str
    icon: str
    title: str
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: datetime
    who: str
    what: str
    notes: list[str]


def tabs(found: Partnership) -> list[tuple[str, str]]:
    """The sheet's tabs and their words."""
    return [
        ("overview", _("Overview")),
        ("company", _("Company")),
        ("terms", _("Terms")),
        ("services", _("Services")),
        ("history", _("History")),
    ]


def track(found: Partnership) -> list[Step]:
    """Created, sent, delivered or bounced, opened, answered: each with its time (P30)."""
    steps: list[Step] = []
    sendings = invitations_of(found)
    for number, sending in enumerate(sendings):
        steps += _sending(sending, again=number > 0)
    if sendings:
        steps.append(_answer(found, sendings[-1]))
    return steps


def _sending(sending: Invitation, *, again: bool) -> list[Step]:
    to = _("to %(email)s") % {"email": sending.email}
    if again:
        to = f"{to} · {_('the link before is dead')}"
    steps = []
    if sending.delivered_at:
        title = _("Sent again, delivered") if again else _("Sent, delivered")
        steps.append(Step("ok", "check", title, sending.delivered_at, to))
    elif sending.sent_at:
        title = _("Sent again") if again else _("Sent")
        steps.append(Step("ok", "check", title, sending.sent_at, to))
    elif sending.state == "queued":
        steps.append(Step("neutral", "clock", _("Waits to be sent"), sending.created_at, to))
    elif sending.state in ("opened", "accepted", "declined"):
        # It arrived, though no report of the mail says so.
        steps.append(Step("ok", "check", _("Sent"), sending.created_at, to))
    if sending.state == "deferred":
        title = _("Not delivered yet, trying again")
        steps.append(Step("warn", "refresh", title, None, sending.detail))
    if sending.state in ("bounced", "failed"):
        bounced = sending.state == "bounced"
        title = _("Bounced") if bounced else _("Could not be sent")
        steps.append(Step("danger", "x", title, sending.ended_at, sending.detail or to))
    if sending.opened_at:
        steps.append(Step("ok", "check", _("Opened"), sending.opened_at))
    return steps


def _answer(found: Partnership, last: Invitation) -> Step:
    if last.state == "accepted" or found.accepted_at:
        return Step("ok", "check", _("Accepted"), last.accepted_at or found.accepted_at)
    if last.state == "declined":
        return Step("neutral", "x", _("Declined"), last.ended_at, last.detail)
    if last.state == "expired":
        return Step("neutral", "hourglass-off", _("Expired"), last.ended_at)
    if found.state == "withdrawn":
        return Step("neutral", "x", _("Withdrawn"), last.ended_at)
    if found.partner_id:
        return Step("open", "dots", _("Approves the cooperation"), None)
    return Step("open", "dots", _("Accepts the general terms"), None)


def next_act(found: Partnership, last: Invitation | None) -> dict[str, str] | None:
    """Who acts next: role, icon, strong word and sentence of the note on top."""
    name = found.company_name
    if found.state == "draft":
        text = _("Nobody has been told yet. Send the invitation when everything is right.")
        return {"role": "neutral", "icon": "pencil", "strong": _("Draft."), "text": text}
    if found.state == "invited" and last and last.state in ("bounced", "failed"):
        text = _("Correct the e-mail address and send the invitation again.")
        strong = _("The invitation did not reach %(name)s.") % {"name": name}
        return {"role": "danger", "icon": "mail-off", "strong": strong, "text": text}
    if found.state == "invited" and last:
        day = day_in_list(last.expires_at)
        waits = _("They must approve the cooperation. The link ends on %(day)s.")
        if not found.partner_id:
            waits = _("They must accept the general terms. The link ends on %(day)s.")
        strong = _("Waiting for %(name)s.") % {"name": name}
        return {"role": "warn", "icon": "hourglass", "strong": strong, "text": waits % {"day": day}}
    if found.state == "suspended":
        text = _("Nobody there can book until you resume the partnership.")
        return {"role": "warn", "icon": "player-pause", "strong": _("Suspended."), "text": text}
    return None


def history(actor: Actor, found: Partnership) -> list[Line]:
    """Every change, newest first: who, what, old and new value."""
    entries = history_of(actor, found.public_id)
    names = names_of({e.user_id for e in entries if e.user_id})
    return [
        Line(entry.at, names.get(entry.user_id or 0, _("System")), _what(entry), _notes(entry))
        for entry in entries
    ]


def accepted_line(found: Partnership) -> str:
    """Which terms, by whom, with what authority, when; «» while nothing is accepted (P24)."""
    row = acceptance_of(found)
    if row is None:
        return ""
    facts = {
        "version": row.document.version,
        "language": row.document.language,
        "person": row.person_name,
        "role": row.person_role,
        "day": day_short(row.accepted_at),
    }
    sentence = _(
        "General terms, version %(version)s (%(language)s),"
        " accepted by %(person)s, %(role)s, %(day)s"
    )
    return sentence % facts


def _what(entry: JournalEntry) -> str:
    words = {
        "partnership.drafted": _("Draft saved"),
        "partnership.invited": _("Invitation sent"),
        "partnership.accepted": _("Accepted, the cooperation is active"),
        "partnership.declined": _("Declined"),
        "partnership.expired": _("The invitation expired"),
        "partnership.withdrawn": _("Invitation withdrawn"),
        "partnership.suspended": _("Suspended"),
        "partnership.resumed": _("Resumed"),
        "partnership.ended": _("Ended"),
        "partnership.terms_changed": _("Terms changed"),
        "partnership.card_changed": _("Company card changed"),
    }
    return words.get(entry.kind, entry.kind)


def _notes(entry: JournalEntry) -> list[str]:
    data: dict[str, Any] = entry.data
    if entry.kind == "partnership.ended":
        count = int(data.get("count", 0))
        kept = ngettext("%(count)s future booking", "%(count)s future bookings", count)
        choice = _("cancelled") if data.get("future_bookings") == "cancel" else _("honoured")
        return [f"{kept % {'count': count}}: {choice}"] if count else []
    if entry.kind != "partnership.terms_changed":
        return []
    words = {
        "payment_place": _("Patient pays at"),
        "patient_access": _("Patient data"),
        "statistics": _("Statistics"),
        "commission_kind": _("Commission"),
        "commission_rate": _("Percentage"),
        "commission_amount": _("Amount"),
    }
    notes = [_("from %(day)s") % {"day": data.get("from", "")}]
    for name, (old, new) in data.get("changed", {}).items():
        scaled = name in ("commission_rate", "commission_amount")
        pair = [f"{value / 100:g}" if scaled else str(value) for value in (old or 0, new)]
        notes.append(f"{words.get(name, name)}: {pair[0]} → {pair[1]}")
    return notes

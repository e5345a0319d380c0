"""What a user's sheet shows: rights as sentences, invitation, sessions, keys, history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.queries import names_of, sessions_of
from samtime.accounts.rights import Right
from samtime.journal.models import JournalEntry
from samtime.journal.queries import history_of
from samtime.organizations.models import Membership, UserInvitation
from samtime.organizations.queries import locations
from samtime.organizations.queries.people import Person, keys_of, sendings_of
from samtime.web import people_words
from samtime.web.devices import device
from samtime.web.provider.user_list import state_badge, zone_of
from samtime.web.templatetags.formats import day_in_list


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


def facts(actor: Actor, found: Person) -> dict[str, Any]:
    """Everything of the sheet that is not a form."""
    access = found.access
    names = {place.id: place.name for place in locations(actor)}
    ids = access.location_ids
    member = access if isinstance(access, Membership) else None
    live = found.state == "active" and member is not None
    sees_keys = actor.may(Right.MANAGE_KEYS)
    return {
        "sign": state_badge(found),
        "role_words": people_words.role_words(access.roles),
        "place_names": _("All") if ids is None else ", ".join(names[i] for i in ids if i in names),
        "may": people_words.sentences(
            access.roles,
            books_at_partners=access.can_book_at_partner,
            places=[] if ids is None else [names[i] for i in ids if i in names],
            practitioner=str(access.practitioner or ""),
        ),
        "track": track(actor, found),
        "next_act": next_act(found, zone_of(actor)),
        "is_open": found.state in ("invited", "expired"),
        "is_live": live,
        "is_self": member is not None and member.user_id == actor.user_id,
        "sessions": [(device(s.user_agent), s.created_at) for s in sessions_of(member.user_id)]
        if live and member
        else [],
        "sees_keys": sees_keys,
        "keys": list(keys_of(actor, found.id)) if live and sees_keys else [],
        "history": history(actor, found),
    }


def track(actor: Actor, found: Person) -> list[Step]:
    """Sent, delivered or bounced, opened, joined: each with its time (P34)."""
    steps: list[Step] = []
    sendings = sendings_of(actor, found.id)
    for number, sending in enumerate(sendings):
        steps += _sending(sending, again=number > 0)
    if sendings:
        steps.append(_answer(sendings[-1]))
    return steps


def _sending(sending: UserInvitation, *, again: bool) -> list[Step]:
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
    elif sending.state in ("opened", "accepted"):
        steps.append(Step("ok", "check", _("Sent"), sending.created_at, to))
    if sending.state == "deferred":
        title = _("Not delivered yet, trying again")
        steps.append(Step("warn", "refresh", title, None, sending.detail))
    if sending.state in ("bounced", "failed"):
        title = _("Bounced") if sending.state == "bounced" else _("Could not be sent")
        steps.append(Step("danger", "x", title, None, sending.detail or to))
    if sending.opened_at:
        steps.append(Step("ok", "check", _("Opened"), sending.opened_at))
    return steps


def _answer(last: UserInvitation) -> Step:
    if last.accepted_at:
        return Step("ok", "check", _("Joined"), last.accepted_at)
    if last.state == "expired":
        return Step("neutral", "hourglass-off", _("Expired"), last.ended_at)
    if last.state == "revoked":
        return Step("neutral", "x", _("Withdrawn"), last.ended_at)
    return Step("open", "dots", _("Joins by the link"), None)


def next_act(found: Person, zone: str) -> dict[str, str] | None:
    """Who acts next: role, icon, strong word and sentence of the note on top."""
    sending, name = found.sending, found.name or found.email
    if found.state == "expired":
        text = _("Nobody answered in seven days. Send the invitation again.")
        return {"role": "warn", "icon": "hourglass-off", "strong": _("Too late."), "text": text}
    if found.state != "invited" or sending is None:
        return None
    if sending.state in ("bounced", "failed"):
        text = _("Correct the e-mail address and send the invitation again.")
        strong = _("The mail did not reach %(name)s.") % {"name": name}
        return {"role": "danger", "icon": "mail-off", "strong": strong, "text": text}
    text = _("The link ends: %(day)s") % {"day": day_in_list(sending.expires_at, zone)}
    strong = _("Waiting for %(name)s to join.") % {"name": name}
    return {"role": "warn", "icon": "hourglass", "strong": strong, "text": text}


def consequences(actor: Actor, found: Person) -> list[str]:
    """What ending the access does, with numbers."""
    if found.state != "active" or found.member is None:
        return [_("The link in the mail is dead at once.")]
    lines = [_("The next click is refused, in every open session.")]
    count = keys_of(actor, found.id).count() if actor.may(Right.MANAGE_KEYS) else 0
    if count:
        text = ngettext("%(count)s key stops working.", "%(count)s keys stop working.", count)
        lines.append(text % {"count": count})
    lines.append(_("Bookings made and everything in the log stay."))
    lines.append(_("You can invite the person again at any time."))
    return lines


def history(actor: Actor, found: Person) -> list[Line]:
    """Every change of the access, newest first."""
    entries = history_of(actor, found.id)
    names = names_of({e.user_id for e in entries if e.user_id})
    return [
        Line(entry.at, names.get(entry.user_id or 0, _("System")), _what(entry))
        for entry in entries
    ]


def _what(entry: JournalEntry) -> str:
    roles = people_words.role_words(entry.data.get("roles", []))
    words = {
        "user.invited": _("Invited as %(roles)s") % {"roles": roles},
        "user.invited_again": _("Invited again"),
        "user.withdrawn": _("Invitation withdrawn"),
        "user.invitation_expired": _("The invitation expired"),
        "user.joined": _("Joined"),
        "user.changed": _("Access changed, now %(roles)s") % {"roles": roles},
        "user.ended": _("Access ended"),
    }
    return words.get(entry.kind, entry.kind)

"""What the data sheet of a partner shows: track of the invitation, next step, accepted terms."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from samtime.foundation.periods import local_day
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import acceptance_of, invitations_of
from samtime.web.mail_words import plain_reason
from samtime.web.templatetags.formats import day_long, day_short


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the track; `at` None = not yet."""

    role: str
    icon: str
    title: str
    at: datetime | None
    note: str = ""


def tabs() -> list[tuple[str, str]]:
    """The sheet's tabs and their words."""
    return [
        ("overview", _("Overview")),
        ("company", _("Company")),
        ("terms", _("Terms")),
        ("services", _("Services")),
        ("users", _("Users")),
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
        steps.append(Step("warn", "refresh", title, None, plain_reason(sending.detail)))
    if title := _fault(sending):
        parts = [plain_reason(sending.detail)]
        if not sending.sent_at:  # no step before this one names the address
            parts.insert(0, to)
        note = " · ".join(part for part in parts if part) or to
        steps.append(Step("danger", "x", title, sending.ended_at, note))
    if sending.opened_at:
        steps.append(Step("ok", "check", _("Opened"), sending.opened_at))
    return steps


def _fault(sending: Invitation) -> str:
    """What went wrong with a mail; «» when nothing did. A sending that was replaced keeps it."""
    if sending.state == "bounced":
        return _("Bounced")
    if sending.state == "failed":
        return _("Could not be sent")
    was_lost = sending.state == "revoked" and sending.detail and not sending.delivered_at
    return _("Not delivered") if was_lost else ""


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


def next_act(found: Partnership, last: Invitation | None, zone: str) -> dict[str, str] | None:
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
        day = day_long(last.expires_at, zone)  # a short one ends with its own dot: «11. des.»
        waits = _("They must approve the cooperation. The link ends on %(day)s.")
        if not found.partner_id:
            waits = _("They must accept the general terms. The link ends on %(day)s.")
        strong = _("Waiting for %(name)s.") % {"name": name}
        return {"role": "warn", "icon": "hourglass", "strong": strong, "text": waits % {"day": day}}
    if found.state == "notice_given" and found.ends_on:
        return _notice(found)
    if found.state == "active" and found.channel.paused_at:
        text = _("%(name)s has not accepted the new general terms. It goes on once they sign.")
        strong = _("New bookings are paused.")
        return {
            "role": "danger",
            "icon": "player-pause",
            "strong": strong,
            "text": text % {"name": name},
        }
    if found.state == "suspended":
        text = _("Nobody there can book until you resume the partnership.")
        return {"role": "warn", "icon": "player-pause", "strong": _("Suspended."), "text": text}
    return None


def _notice(found: Partnership) -> dict[str, str]:
    strong = _("Last day: %(day)s") % {"day": day_short(found.ends_on)}
    ours = found.notice_by == "provider"
    given = _("You gave notice.") if ours else _("%(name)s gave notice.")
    text = _("Bookings already made are honoured, also after that day.")
    if found.bookings_at_end == "cancel":
        text = _("Bookings after that day are cancelled then, and everybody is told.")
    if found.bookings_at_end == "desk":
        text = _(
            "Bookings after that day are looked after by the institution's own desk then; "
            "the patients are told."
        )
    return {
        "role": "warn",
        "icon": "calendar-off",
        "strong": strong,
        "text": f"{given % {'name': found.company_name}} {text}",
    }


def accepted_line(found: Partnership, zone: str) -> str:
    """Which terms, by whom, with what authority, when; «» while nothing is accepted (P24)."""
    row = acceptance_of(found)
    if row is None:
        return ""
    facts = {
        "version": row.document.version,
        "language": row.document.language,
        "person": row.person_name,
        "role": row.person_role,
        "day": day_short(local_day(row.accepted_at, zone)),
    }
    sentence = _(
        "General terms, version %(version)s (%(language)s),"
        " accepted by %(person)s, %(role)s, %(day)s"
    )
    return sentence % facts

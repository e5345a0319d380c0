"""Every state's sign: colour role, icon and word, in one table (SCREENS.md 2.6)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Badge:
    """Role: ok, warn, danger, info, neutral or a source. `icon_role` colours the icon only."""

    role: str
    icon: str
    word: str | Promise
    icon_role: str = ""


BADGES: dict[str, dict[str, Badge]] = {
    "partnership": {
        "draft": Badge("neutral", "pencil", _("Draft")),
        "invited": Badge("warn", "mail-forward", _("Invited")),
        "declined": Badge("neutral", "mail-x", _("Declined")),
        "expired": Badge("neutral", "hourglass-off", _("Expired")),
        "withdrawn": Badge("neutral", "mail-cancel", _("Withdrawn")),
        "active": Badge("ok", "circle-check", _("Active")),
        "suspended": Badge("warn", "player-pause", _("Suspended")),
        "notice_given": Badge("warn", "calendar-off", _("Notice given")),
        "ended": Badge("neutral", "circle-minus", _("Ended")),
    },
    "invitation": {
        "queued": Badge("neutral", "clock", _("Queued")),
        "sent": Badge("info", "send", _("Sent")),
        "delivered": Badge("info", "mail-check", _("Delivered")),
        "deferred": Badge("warn", "refresh", _("Deferred, trying again")),
        "bounced": Badge("danger", "mail-off", _("Bounced")),
        "failed": Badge("danger", "mail-off", _("Could not be sent")),
        "opened": Badge("info", "mail-opened", _("Opened")),
        "accepted": Badge("ok", "circle-check", _("Accepted")),
        "declined": Badge("neutral", "mail-x", _("Declined")),
        "expired": Badge("neutral", "hourglass-off", _("Expired")),
        "revoked": Badge("neutral", "mail-cancel", _("Revoked")),
    },
    "booking": {
        "held": Badge("warn", "lock", _("Held")),
        "pending": Badge("warn", "hourglass", _("Requested")),
        "booked": Badge("info", "calendar-event", _("Booked")),
        "confirmed": Badge("ok", "calendar-check", _("Confirmed by client")),
        "arrived": Badge("ok", "door-enter", _("Arrived")),
        "fulfilled": Badge("ok", "circle-check", _("Attended")),
        "noshow": Badge("danger", "user-x", _("No-show")),
        "cancelled": Badge("neutral", "ban", _("Cancelled")),
        "cancelled_late": Badge("warn", "ban", _("Late cancelled")),
        "moved": Badge("neutral", "arrow-move-right", _("Moved")),
    },
    "payment": {
        "not_due": Badge("neutral", "clock", _("Not due")),
        "due_at_institution": Badge("warn", "cash", _("Due at institution")),
        "paid_at_institution": Badge("ok", "circle-check", _("Paid")),
        "paid_at_partner": Badge("ok", "coins", _("Paid at partner"), "partner"),
        "invoiced": Badge("info", "file-invoice", _("Invoiced to payer")),
        "settled": Badge("ok", "checks", _("Settled")),
        "rejected": Badge("danger", "file-x", _("Rejected")),
    },
    "mail": {
        "queued": Badge("neutral", "clock", _("Queued")),
        "sent": Badge("info", "send", _("Sent")),
        "delivered": Badge("info", "mail-check", _("Delivered")),
        "deferred": Badge("warn", "refresh", _("Deferred, trying again")),
        "bounced": Badge("danger", "mail-off", _("Bounced")),
        "failed": Badge("danger", "mail-off", _("Could not be sent")),
        "dropped": Badge("neutral", "mail-cancel", _("Not sent")),
        "cancelled": Badge("neutral", "mail-cancel", _("Not sent")),
    },
    "import": {
        "checking": Badge("info", "loader", _("Checking")),
        "checked": Badge("ok", "circle-check", _("Checked")),
        "preview": Badge("info", "eye", _("Preview, nothing saved yet")),
        "faulty": Badge("danger", "alert-circle", _("Has errors, nothing saved")),
        "failed": Badge("danger", "alert-circle", _("Has errors, nothing saved")),
        "waiting": Badge("info", "loader", _("Checking")),
        "applying": Badge("info", "loader", _("Importing")),
        "stopped": Badge("neutral", "circle-minus", _("Stopped, nothing saved")),
        "done": Badge("ok", "circle-check", _("Imported")),
        "imported": Badge("ok", "circle-check", _("Imported")),
        "previewed": Badge("info", "eye", _("Preview, nothing saved yet")),
        "refused": Badge("danger", "alert-circle", _("Has errors, nothing saved")),
        "applied": Badge("ok", "circle-check", _("Imported")),
        "expired": Badge("neutral", "hourglass-off", _("Expired")),
    },
    "import_row": {
        "create": Badge("ok", "plus", _("New")),
        "change": Badge("warn", "pencil", _("Changes")),
        "unchanged": Badge("neutral", "equal", _("Unchanged")),
    },
    "source": {
        "desk": Badge("desk", "device-desktop", _("Own desk")),
        "own_desk": Badge("desk", "device-desktop", _("Own desk")),
        "online": Badge("desk", "world", _("Web")),
        "partner": Badge("partner", "affiliate", _("Partner")),
        "assistance": Badge("assist", "headset", _("Assistance")),
        "insurer": Badge("insurer", "shield-half", _("Insurer")),
    },
    "user": {
        "active": Badge("ok", "circle-check", _("Active")),
        "invited": Badge("warn", "mail-forward", _("Invited")),
        "ended": Badge("neutral", "circle-minus", _("Ended")),
        "locked": Badge("danger", "lock", _("Locked")),
    },
    "statement": {
        "open": Badge("neutral", "calendar-month", _("Open period")),
        "computed": Badge("neutral", "calculator", _("Computed")),
        "reviewed": Badge("neutral", "eye-check", _("Reviewed")),
        "sent": Badge("info", "send", _("Sent to partner")),
        "accepted": Badge("ok", "circle-check", _("Accepted")),
        "disputed": Badge("warn", "message-report", _("Disputed")),
        "corrected": Badge("info", "message-check", _("Disputes answered")),
        "closed": Badge("neutral", "lock", _("Closed")),
    },
    "outcome": {
        "attended": Badge("ok", "circle-check", _("Attended")),
        "cancelled": Badge("neutral", "ban", _("Cancelled")),
        "noshow": Badge("danger", "user-x", _("No-show")),
        "expected": Badge("info", "calendar-event", _("Expected")),
    },
    "dispute": {
        "open": Badge("warn", "message-report", _("Open")),
        "accepted": Badge("ok", "circle-check", _("Accepted")),
        "declined": Badge("neutral", "circle-x", _("Declined")),
    },
    "module": {
        "off": Badge("neutral", "circle-minus", _("Off")),
        "asked": Badge("warn", "hourglass", _("Asked for")),
        "on": Badge("ok", "circle-check", _("On")),
    },
    "company": {
        "confirmed": Badge("ok", "rosette-discount-check", _("Confirmed")),
        "unconfirmed": Badge("warn", "alert-triangle", _("Not confirmed")),
    },
    "terms": {
        "planned": Badge("info", "clock", _("Planned")),
        "in_force": Badge("ok", "circle-check", _("In force")),
        "replaced": Badge("neutral", "history", _("Replaced")),
        "waiting": Badge("warn", "hourglass", _("Not accepted yet")),
        "paused": Badge("danger", "player-pause", _("New bookings paused")),
    },
    "listing": {
        "new": Badge("info", "sparkles", _("New")),
        "later": Badge("info", "clock", _("From later")),
        "ends": Badge("warn", "calendar-off", _("Ends")),
    },
    "call_back": {
        "open": Badge("warn", "phone-outgoing", _("To be called")),
        "booked": Badge("ok", "calendar-check", _("Booked")),
        "closed": Badge("neutral", "phone-off", _("Closed")),
        "left": Badge("warn", "user-off", _("Nobody")),
    },
    "request": {
        "open": Badge("warn", "hourglass", _("Waits for an answer")),
        "partly": Badge("info", "circle-half", _("Partly opened")),
        "done": Badge("ok", "circle-check", _("All opened")),
    },
    "feed": {
        "waiting": Badge("neutral", "clock", _("First reading within a minute")),
        "works": Badge("ok", "circle-check", _("Read")),
        "failing": Badge("danger", "alert-circle", _("Cannot be read")),
    },
    "key": {
        "works": Badge("ok", "circle-check", _("Works")),
        "expired": Badge("neutral", "hourglass-off", _("Expired")),
        "revoked": Badge("neutral", "ban", _("Revoked")),
        "ended": Badge("neutral", "user-off", _("Access ended")),
    },
    "inbox": {
        "open": Badge("warn", "alert-triangle", _("Open")),
        "overdue": Badge("danger", "alert-triangle", _("Overdue")),
        "snoozed": Badge("neutral", "clock-pause", _("Snoozed")),
        "resolved": Badge("ok", "circle-check", _("Solved")),
    },
}


def badge_of(kind: str, state: str) -> Badge:
    """The sign of a state. Raises KeyError for a state the table does not know."""
    return BADGES[kind][state]

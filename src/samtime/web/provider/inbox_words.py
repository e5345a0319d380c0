"""What each kind of item looks like and what to do about it: icon, group, fix, advice.

The sentence of an item stands with its app (inbox/queries.py); here is what a page adds.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

Word = str | Promise


@dataclass(frozen=True, slots=True)
class Sign:
    """`role` is the colour role of SCREENS.md 2.6; `fix` the word on the button to its place."""

    icon: str
    role: str
    group: Word
    fix: Word
    advice: tuple[Word, ...] = ()


_INVITATION, _TERMS, _PARTNERS = _("Invitations"), _("General terms"), _("Partners")
_CHECK = _("Compare the company data and the e-mail address on the sheet with the partner.")
_SPAM = _("If the address is right, ask the partner to look into the spam folder too.")
_AGAIN = _("Send the invitation again; the new link replaces the old one.")
_BOOKING = Sign("calendar-event", "info", _("Bookings"), _("Open the booking"))
_STATEMENT = Sign("receipt", "warn", _("Settlements"), _("Open the statement"))
SIGNS: dict[str, Sign] = {
    "invitation_undelivered": Sign(
        "mail-off", "danger", _INVITATION, _("Correct e-mail"), (_CHECK, _SPAM, _AGAIN)
    ),
    "invitation_bounced": Sign(
        "mail-off", "danger", _INVITATION, _("Correct e-mail"), (_CHECK, _SPAM, _AGAIN)
    ),
    "invitation_expired": Sign(
        "hourglass-off", "warn", _INVITATION, _("Send again"), (_CHECK, _SPAM, _AGAIN)
    ),
    "invitation_asked_again": Sign("mail-forward", "warn", _INVITATION, _("Send again"), (_AGAIN,)),
    "invitation_declined": Sign("mail-x", "neutral", _INVITATION, _("Open the sheet")),
    "invitation_waiting": Sign("mail-forward", "warn", _INVITATION, _("Answer")),
    "terms_to_accept": Sign("file-text", "warn", _TERMS, _("Read and accept")),
    "terms_paused": Sign(
        "player-pause",
        "danger",
        _TERMS,
        _("Read and accept"),
        (_("As soon as they are accepted, booking goes on. Bookings already made stay."),),
    ),
    "partner_terms_overdue": Sign(
        "player-pause",
        "warn",
        _TERMS,
        _("Open partners"),
        (
            _("Nothing is deleted. Booking goes on at once when the partner accepts."),
            _("You can call the partner's representative; the number stands on the sheet."),
        ),
    ),
    "notice_given": Sign("calendar-off", "warn", _PARTNERS, _("Open the agreement")),
    "partnership_ended": Sign(
        "circle-minus",
        "neutral",
        _PARTNERS,
        _("Open the agreement"),
        (_("You can still read your own bookings there, and nothing else."),),
    ),
    "wider_access_asked": Sign(
        "table-options",
        "info",
        _PARTNERS,
        _("Open traffic channels"),
        (_("Tick what you wish to open. The item closes itself when all of it is open."),),
    ),
    "partner_module_asked": Sign("puzzle", "warn", _("Modules"), _("Open the organisation")),
    "mail_failed": Sign("mail-off", "danger", _("Mails"), _("Open the page")),
    "job_failed": Sign(
        "refresh-alert",
        "danger",
        _("Background work"),
        _("Try again"),
        (
            _("Try it again. Nothing is done twice."),
            _("If it fails again, tell support the number."),
        ),
    ),
    "feed_failing": Sign(
        "rss",
        "warn",
        _("Calendar feeds"),
        _("Open calendar feeds"),
        (
            _("The times read before stay; nobody can book over them."),
            _("If the address was changed, remove the calendar and subscribe the new address."),
        ),
    ),
    "booking_stranded": Sign(
        "calendar-x",
        "danger",
        _("Bookings"),
        _("Move or cancel"),
        (_("Call the client, then move or cancel. The item closes itself."),),
    ),
    "duplicate_proposed": Sign("users", "warn", _("Clients"), _("Compare")),
    "import_ready": Sign("file-import", "info", _("Import"), _("Look at the result")),
    "import_failed": Sign("file-import", "danger", _("Import"), _("Look at the errors")),
    "user_invitation_expired": Sign("hourglass-off", "warn", _("Users"), _("Send again")),
    "user_invitation_undelivered": Sign("mail-off", "danger", _("Users"), _("Correct e-mail")),
    "duration_changed": Sign("clock", "info", _("Services"), _("What we may book")),
    "call_back_due": Sign(
        "phone-call",
        "warn",
        _("Call-backs"),
        _("Open the call-back"),
        (_("Call the person, or put the call off. The item closes itself."),),
    ),
    "call_backs_left": Sign(
        "user-off",
        "warn",
        _("Call-backs"),
        _("Open the call-backs"),
        (_("Choose who calls now. The item closes itself when every call-back has an agent."),),
    ),
    "client_to_call": Sign(
        "phone",
        "warn",
        _("Bookings"),
        _("Open the booking"),
        (
            _("The phone number stands on the booking. Tell the client before the visit."),
            _("Then mark this as done. If others call, assign it to them."),
        ),
    ),
    "letter_failed": Sign("mail-off", "danger", _("Bookings"), _("Open the booking")),
    "copy_failed": Sign("mail-off", "warn", _("Bookings"), _("Open the booking")),
    "booking_moved_by_institution": _BOOKING,
    "booking_cancelled_by_institution": _BOOKING,
    "statement_due": _STATEMENT,
    "statement_waiting": _STATEMENT,
    "statement_disputed": _STATEMENT,
    "statement_accepted": _STATEMENT,
    "dispute_answered": _STATEMENT,
}
OTHER = Sign("alert-triangle", "warn", _("Other"), _("Open the page"))


def sign_of(kind: str) -> Sign:
    """The kind's sign; kinds of other apps that need nothing special share one."""
    return SIGNS.get(kind, OTHER)


def hours_since(start: datetime, now: datetime) -> int:
    """Whole hours that something has waited."""
    return int((now - start).total_seconds() // 3600)


def age_words(hours: int) -> str:
    """«Now», «3 hours», «2 days»."""
    if hours < 1:
        return str(_("Now"))
    if hours < 24:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = hours // 24
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


NOTES: dict[str, Word] = {
    "taken": _("Taken by %(who)s"),
    "given": _("Given to %(other)s by %(who)s"),
    "left": _("Given back by %(who)s"),
    "snoozed": _("Put off by %(who)s"),
    "woken": _("Back in the list by %(who)s"),
    "comment": _("%(who)s"),
    "done": _("Marked as done by %(who)s"),
}

"""The inbox of an organization: open items, the urgent first, each with its sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from babel.dates import format_date
from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samtime.foundation.errors import NotFound
from samtime.foundation.prepared import fetch
from samtime.foundation.tenancy import Viewer
from samtime.inbox.models import InboxItem, InboxNote


def open_items(viewer: Viewer, *, now: datetime | None = None) -> "QuerySet[InboxItem]":
    """What waits, the nearest deadline first, then the oldest.

    With `now`, what sleeps is left out.
    """
    rows = InboxItem.objects.visible_to(viewer).filter(resolved_at=None)
    if now is not None:
        rows = rows.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now))
    return rows.order_by(F("due_at").asc(nulls_last=True), "created_at", "id")


OPEN_COUNT = """
SELECT count(*) FROM inbox_inboxitem WHERE organization_id = %(me)s AND resolved_at IS NULL
  AND (snoozed_until IS NULL OR snoozed_until <= %(now)s)
"""


def open_count(viewer: Viewer, *, now: datetime) -> int:
    """How many of `open_items` there are: the figure on every page. One statement."""
    count: int = fetch(OPEN_COUNT, {"me": viewer.organization_id, "now": now})[0][0]
    return count


def has_item_since(viewer: Viewer, kind: str, object_id: UUID, since: datetime) -> bool:
    """Whether such an item was put in since then, also if it is done already."""
    rows = InboxItem.objects.visible_to(viewer).filter(kind=kind, object_id=object_id)
    return bool(rows.filter(created_at__gte=since).exists())


def last_items(viewer: Viewer, kind: str, ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When such an item was last put in for each of these objects, also if it is done already."""
    rows = InboxItem.objects.visible_to(viewer).filter(kind=kind, object_id__in=ids)
    return dict(rows.values_list("object_id").annotate(Max("created_at")))


def sleeping_items(viewer: Viewer, *, now: datetime) -> "QuerySet[InboxItem]":
    """What somebody put off, the first to wake first."""
    rows = InboxItem.objects.visible_to(viewer).filter(resolved_at=None, snoozed_until__gt=now)
    return rows.order_by("snoozed_until", "id")


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures on the filters. `by_itself`: closed since yesterday without anybody's act."""

    open: int
    mine: int
    unowned: int
    overdue: int
    snoozed: int
    by_itself: int


def counts(viewer: Viewer, *, user_id: int | None, now: datetime) -> Counts:
    """All figures in one query."""
    awake = Q(resolved_at=None) & (Q(snoozed_until=None) | Q(snoozed_until__lte=now))
    gone = Q(resolved_at__gte=now - timedelta(days=1), resolved_by_id=None)
    found = InboxItem.objects.visible_to(viewer).aggregate(
        open=Count("id", filter=awake),
        mine=Count("id", filter=awake & Q(owner_id=user_id or 0)),
        unowned=Count("id", filter=awake & Q(owner_id=None)),
        overdue=Count("id", filter=awake & Q(due_at__lt=now)),
        snoozed=Count("id", filter=Q(resolved_at=None, snoozed_until__gt=now)),
        by_itself=Count("id", filter=gone),
    )
    return Counts(**found)


def item_of(viewer: Viewer, public_id: UUID) -> InboxItem:
    """One item, also a closed one, so that a link to it never breaks. Refuses: NotFound."""
    found: InboxItem | None = (
        InboxItem.objects.visible_to(viewer).filter(public_id=public_id).first()
    )
    if found is None:
        raise NotFound()
    return found


def notes_of(viewer: Viewer, item: InboxItem) -> list[InboxNote]:
    """What was done with it, oldest first."""
    return list(InboxNote.objects.visible_to(viewer).filter(item=item).order_by("id"))


FACTS = (
    "name",
    "count",
    "service",
    "place",
    "reference",
    "month",
    "day",
    "version",
    "text",
    "minutes",
)


def _month(text: str) -> str:
    """«2026-10» as people say it: October 2026."""
    try:
        shown = date_format(date.fromisoformat(f"{text}-01"), "YEAR_MONTH_FORMAT")
    except ValueError:
        return text
    # Only English writes a month with a capital inside a sentence.
    return shown if (get_language() or "en").startswith("en") else shown.lower()


def _day(text: str) -> str:
    """«2026-10-01» as people write it: 1 Oct 2026."""
    language = (get_language() or "en").split("-")[0]
    try:
        shown = date.fromisoformat(text)
    except ValueError:
        return text
    return str(format_date(shown, "medium", locale="en_GB" if language == "en" else language))


def _sentences() -> dict[str, str]:
    return {
        "booking_question": _("%(name)s asks why it cannot book %(service)s at %(place)s."),
        "booking_stranded": _("Booking %(reference)s lies outside the working hours of %(name)s."),
        "bookings_stranded": _("%(count)s bookings of %(name)s lie on what was closed for it."),
        "duplicate_proposed": _("A partner's booking made a client who may be known."),
        "invitation_asked_again": _("%(name)s asks for a new invitation link."),
        "invitation_bounced": _("The invitation to %(name)s came back."),
        "invitation_declined": _("%(name)s declined the invitation."),
        "invitation_undelivered": _("The invitation to %(name)s did not arrive."),
        "invitation_waiting": _("%(name)s invites you to book in its calendars. Answer it."),
        "partner_module_asked": _("%(name)s asks for the partner module."),
        "invitation_expired": _("The invitation to %(name)s was not answered in time."),
        "mail_failed": _("A mail to %(name)s could not be delivered."),
        "booking_moved_by_institution": _("%(name)s moved your booking %(reference)s."),
        "booking_moved_by_client": _("The client moved your booking %(reference)s at %(name)s."),
        "booking_cancelled_by_client": _(
            "The client cancelled your booking %(reference)s at %(name)s."
        ),
        "letter_failed": _(
            "The letter about booking %(reference)s did not arrive. Call the client."
        ),
        "call_back_due": _("A call-back is due that nobody has taken: %(service)s."),
        "call_backs_left": _("Call-backs without an agent: %(count)s. Hand them over."),
        "client_to_call.cancelled": _(
            "Booking %(reference)s was cancelled and the client gets no e-mail. Call."
        ),
        "client_to_call.desk": _(
            "Booking %(reference)s came to your own desk and the client gets no e-mail. Call."
        ),
        "copy_failed": _(
            "The copy for a contact of booking %(reference)s did not arrive. Correct the address."
        ),
        "duration_changed": _(
            "%(name)s: %(service)s takes %(minutes)s minutes for appointments from %(day)s on."
        ),
        "feed_failing": _("The subscribed calendar “%(name)s” cannot be read."),
        "job_failed": _("Work in the background failed (number %(reference)s)."),
        "import_ready": _("The file “%(name)s” has been looked at. Apply it or leave it."),
        "import_failed": _("The file “%(name)s” could not be imported."),
        "data_question": _("The client of booking %(reference)s asks about their data: “%(text)s”"),
        "data_objection": _("The client of booking %(reference)s objects: “%(text)s”"),
        "booking_cancelled_by_institution": _("%(name)s cancelled your booking %(reference)s."),
        "statement_due": _("The statement of %(month)s for %(name)s has not been sent."),
        "statement_waiting": _("%(name)s sent the statement of %(month)s. Answer it."),
        "statement_disputed": _("%(name)s disputes the statement of %(month)s."),
        "statement_accepted": _("%(name)s accepted the statement of %(month)s. Close it."),
        "dispute_answered": _("%(name)s answered your dispute of %(month)s."),
        "module_asked": _("%(name)s asks for the partner module."),
        "user_invitation_expired": _("%(name)s did not join in time: the link is too old."),
        "user_invitation_undelivered": _("The mail that gives %(name)s access did not arrive."),
        "partnership_ended": _("The cooperation with %(name)s has ended."),
        "notice_given": _("%(name)s ends the cooperation on %(day)s."),
        "partner_terms_overdue": _("%(name)s has not accepted the new terms: its bookings pause."),
        "terms_paused": _("New bookings are paused: the general terms are not accepted."),
        "terms_to_accept": _("New general terms, version %(version)s, wait for a signature."),
        "wider_access_asked": _("%(name)s asks to book more services or places."),
    }


def title_of(item: InboxItem) -> str:
    """The item's sentence in the reader's language."""
    facts = {**dict.fromkeys(FACTS, "–"), **item.facts}
    facts["month"], facts["day"] = _month(facts["month"]), _day(facts["day"])
    sentence = _sentences().get(f"{item.kind}.{facts.get('why')}") or _sentences().get(item.kind)
    return sentence % facts if sentence else item.kind.replace("_", " ").capitalize()

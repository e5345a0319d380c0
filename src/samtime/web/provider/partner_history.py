"""A partner's history in words: every change, who made it, old and new value (from the journal)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.queries import names_of
from samtime.foundation.money import Money
from samtime.journal.models import JournalEntry
from samtime.journal.queries import history_of
from samtime.organizations.queries import location_names, organization_of
from samtime.partners.models import Partnership
from samtime.web import agreement_words
from samtime.web.templatetags.formats import day_short, money


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: datetime
    who: str
    what: str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Words:
    """What is needed to say values in words: currency, and names of locations by internal id."""

    currency: str
    places: Mapping[int, str]


def history(actor: Actor, found: Partnership) -> list[Line]:
    """Every change, newest first: who, what, old and new value."""
    entries = history_of(actor, found.public_id)
    names = names_of({e.user_id for e in entries if e.user_id})
    words = Words(organization_of(actor).currency, location_names(actor))
    said = _said_at_end(entries, found.end_message)
    return [
        Line(
            entry.at,
            names.get(entry.user_id or 0, _("System")),
            _what(entry),
            [*_notes(entry, words), *said.get(entry.id, [])],
        )
        for entry in entries
    ]


def _said_at_end(entries: list[JournalEntry], message: str) -> dict[int, list[str]]:
    """The message that went along, at the entry it was sent with: the notice, else the end."""
    if not message:
        return {}
    by_kind = {e.kind: e.id for e in entries if e.data.get("message")}
    at = by_kind.get("partnership.ended", by_kind.get("partnership.notice_given"))
    return {at: [f"“{message}”"]} if at else {}


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
        "partnership.notice_given": _("Notice given"),
        "partnership.notice_taken_back": _("Notice taken back"),
        "partnership.reminded": _("Reminder sent"),
        "partnership.more_asked": _("The partner asked for more services or places"),
        "partnership.terms_changed": _("Terms changed"),
        "partnership.card_changed": _("Company card changed"),
    }
    if entry.kind == "partnership.invited" and entry.data.get("again"):
        return _("Invitation sent again")
    return words.get(entry.kind, entry.kind)


def _notes(entry: JournalEntry, words: Words) -> list[str]:
    data: dict[str, Any] = entry.data
    if entry.kind == "partnership.notice_given":
        return [_("last day %(day)s") % {"day": _day(str(data.get("ends_on", "")))}]
    if entry.kind == "partnership.ended":
        count = int(data.get("count", 0))
        kept = ngettext("%(count)s future booking", "%(count)s future bookings", count)
        choices = {"cancel": _("cancelled"), "desk": _("moved to own desk")}
        choice = choices.get(str(data.get("future_bookings")), _("honoured"))
        return [f"{kept % {'count': count}}: {choice}"] if count else []
    if entry.kind == "partnership.invited" and data.get("corrected"):
        return [_("to a corrected e-mail address; the link before is dead")]
    if entry.kind == "partnership.card_changed":
        return _card_notes(data)
    return _terms_notes(data, words) if entry.kind == "partnership.terms_changed" else []


def _card_notes(data: dict[str, Any]) -> list[str]:
    labels = {
        "company_name": _("Company name"),
        "kind": _("Kind of partner"),
        "registration_number": _("Registration number"),
        "tax_number": _("Tax number"),
        "street": _("Street and number"),
        "postal_code": _("Postal code"),
        "city": _("City"),
    }
    notes = []
    for name, (old, new) in data.get("changed", {}).items():
        if name == "kind":
            old, new = agreement_words.kind_word(old), agreement_words.kind_word(new)
        notes.append(_pair(labels.get(name, name), old, new))
    return [*notes, _("Representative changed")] if data.get("person") else notes


def _terms_notes(data: dict[str, Any], words: Words) -> list[str]:
    notes = [_("from %(day)s") % {"day": _day(str(data.get("from", "")))}]
    changed: dict[str, Any] = data.get("changed", {})
    for name, (old, new) in changed.items():
        label, say = _terms_word(name, words)
        notes.append(_pair(label, "" if old is None else say(old), say(new)))
    before, after = data.get("places", ([], []))
    if before != after:
        old, new = (", ".join(words.places.get(i, "?") for i in ids) for ids in (before, after))
        notes.append(_pair(_("May book at"), old, new))
    return notes


def _terms_word(name: str, words: Words) -> tuple[str, Any]:
    places = {"partner": _("The partner"), "institution": _("Our institution")}
    kinds = {
        "none": _("None"),
        "percentage": _("Percentage settlement"),
        "fixed": _("Fixed amount per booking"),
    }
    known: dict[str, tuple[str, Any]] = {
        "payment_place": (_("Patient pays at"), lambda v: places.get(v, v)),
        "patient_access": (_("Patient data"), agreement_words.patient_access),
        "statistics": (_("Statistics"), lambda v: _("Required") if v else _("Not required")),
        "commission_kind": (_("Commission"), lambda v: kinds.get(v, v)),
        "commission_rate": (_("Percentage"), lambda v: f"{agreement_words.percent(v)}%"),
        "commission_amount": (_("Amount"), lambda v: money(Money(v, words.currency))),
    }
    return known.get(name, (name, str))


def _pair(label: str, old: str, new: str) -> str:
    return f"{label}: {old or '–'} → {new or '–'}"


def _day(text: str) -> str:
    try:
        return day_short(date.fromisoformat(text))
    except ValueError:
        return text

"""Possible duplicates, the two columns of a merge, and its undoing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.journal.commands import Access, log_access
from samtime.patients.commands.merging import (
    CHOICES,
    AlreadyMerged,
    MergeWish,
    keep_apart,
    merge_patients,
    unmerge_patients,
)
from samtime.patients.models import Patient
from samtime.patients.queries.duplicates import moving, pair, proposals
from samtime.patients.queries.own import sees_own_only
from samtime.patients.queries.records import merged_target
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed
from samtime.web.once import once_only
from samtime.web.patient_form import language_choices
from samtime.web.templatetags.formats import day_short


@page(Right.EDIT_PATIENTS)
@once_only
def client_merge(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits; with `one` and `other` the two columns. POST merges, or keeps them apart."""
    if sees_own_only(actor):
        raise NotFound()
    given = request.POST if request.method == "POST" else request.GET
    state = FormState.posted(given)
    if state.text("apart"):
        keep_apart(actor=actor, proposal_id=ident_needed(state.text("apart")), now=timezone.now())
        messages.success(request, _("Noted: two people. It will not be proposed again."))
        return redirect("provider:client_merge", slug_of(request))
    if not state.text("one"):
        return _list(request, actor)
    stayed = _merged_meanwhile(actor, state)
    if stayed is not None:
        messages.warning(request, str(AlreadyMerged.sentence))
        return redirect("provider:client", slug_of(request), stayed, "overview")
    if request.method == "POST":
        return _merge(request, actor, state)
    return _columns(request, actor, state)


def _merged_meanwhile(actor: Actor, state: FormState) -> UUID | None:
    """Where one of the two went that a colleague has merged since the page was opened."""
    sides = [merged_target(actor, ident_needed(state.text(name))) for name in ("one", "other")]
    return next((stayed for stayed in sides if stayed is not None), None)


def _list(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = proposals(actor)
    ids = tuple({p.id for row in rows for p in (row.one, row.other)})
    if ids:
        log_access(actor, Access(actor.organization_id, ids, "listed", "merge"))
    words = {
        "name": _("Same birth date, similar name"),
        "phone": _("Same phone, similar name"),
        "number": _("Same number"),
    }
    context = {"rows": [(row, words.get(row.reason, "–")) for row in rows]}
    return _rendered(request, "provider/client/duplicates.html", context)


def _merge(request: HttpRequest, actor: Actor, state: FormState) -> HttpResponse:
    one, other = pair(actor, ident_needed(state.text("one")), ident_needed(state.text("other")))
    kept_side, gone_side = ("other", "one") if state.text("kept") == "other" else ("one", "other")
    kept, gone = (other, one) if kept_side == "other" else (one, other)
    if state.text("word").casefold() != _("merge").casefold():
        state.wrong("word", _("Type the word «%(word)s».") % {"word": _("merge")})
        return _columns(request, actor, state, status=422)
    wish = MergeWish(
        kept=kept.public_id,
        gone=gone.public_id,
        kept_version=_number(state.text(f"{kept_side}_version")),
        gone_version=_number(state.text(f"{gone_side}_version")),
        taken=frozenset(key for key in CHOICES if state.text(f"take.{key}") == gone_side),
    )
    try:
        merge_patients(actor=actor, wish=wish, now=timezone.now())
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
        return _columns(request, actor, state, status=refusal.status)
    messages.success(request, _("Merged. It can be undone on the client's page."))
    return redirect("provider:client", slug_of(request), kept.public_id, "overview")


def _columns(
    request: HttpRequest, actor: Actor, state: FormState, *, status: int = 200
) -> HttpResponse:
    one, other = pair(actor, ident_needed(state.text("one")), ident_needed(state.text("other")))
    log_access(actor, Access(actor.organization_id, (one.id, other.id), "opened", "merge"))
    if "kept" not in state.values:
        state.values["kept"] = "one" if one.created_at <= other.created_at else "other"
    rows = []
    for key, label in _labels().items():
        mine, theirs = _shown(one, key), _shown(other, key)
        here, there = (mine, theirs) if state["kept"] == "one" else (theirs, mine)
        side = "other" if state["kept"] == "one" else "one"
        default = side if there and not here else state["kept"]
        rows.append((key, label, mine, theirs, state.text(f"take.{key}") or default))
    context = {
        "state": state,
        "one": one,
        "other": other,
        "rows": rows,
        "word": _("merge"),
        "moves": [(person, _moves(actor, person)) for person in (one, other)],
    }
    return _rendered(request, "provider/client/merge.html", context, status=status)


def _labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "birth_date": _("Birth date"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "language": _("Language of letters"),
        "address": _("Address"),
        "note": _("Note"),
    }


def _shown(person: Patient, key: str) -> str:
    if key == "address" and person.protected_address:
        return _("Protected address")
    if key == "language":
        return str(dict(language_choices()).get(person.language, person.language)).strip("–")
    if key == "birth_date":
        return day_short(person.birth_date) if person.birth_date else ""
    values = [getattr(person, column) for column in CHOICES[key]]
    return " ".join(str(v) for v in values if v and v is not True)


def _moves(actor: Actor, person: Patient) -> list[str]:
    """What would follow, in words and numbers."""
    return [_words_of(label, n) % {"count": n} for label, n in moving(actor, person).items()]


def _words_of(label: str, n: int) -> str:
    if label == "bookings.Booking":
        return ngettext("%(count)s booking", "%(count)s bookings", n)
    if label == "patients.PatientIdentifier":
        return ngettext("%(count)s number", "%(count)s numbers", n)
    if label == "patients.PatientContact":
        return ngettext("%(count)s contact", "%(count)s contacts", n)
    return ngettext("%(count)s other entry", "%(count)s other entries", n)


@page(Right.EDIT_PATIENTS)
@once_only
def client_unmerge(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """Two people after all: everything that moved goes back."""
    if sees_own_only(actor) or request.method != "POST":
        raise NotFound()
    back = unmerge_patients(actor=actor, merge_id=ident, now=timezone.now())
    messages.success(request, _("Separated again. Bookings, contacts and numbers went back."))
    return redirect("provider:client", slug_of(request), back.public_id, "overview")


def _rendered(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    response = render(request, template, {**context, "slug": slug_of(request)}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0

"""One person, two records: proposing, merging, and taking a merge back without loss."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import (
    FieldError,
    Invalid,
    NotFound,
    Refusal,
    RightMissing,
    VersionConflict,
)
from samtime.inbox.commands import assign_item, raise_item, resolve_by_cause
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import first_who_may
from samtime.patients.commands.records import follow, note_patient
from samtime.patients.models import DuplicateProposal, Patient, PatientMerge
from samtime.patients.queries.duplicates import lookalikes, references, rows_naming
from samtime.patients.queries.own import sees_own_only

# What is chosen as one thing -> its columns.
CHOICES: dict[str, tuple[str, ...]] = {
    "name": ("given_name", "family_name"),
    "birth_date": ("birth_date",),
    "phone": ("phone",),
    "email": ("email",),
    "language": ("language",),
    "address": ("street", "postal_code", "city", "protected_address"),
    "note": ("note",),
}


class AlreadyMerged(Refusal):
    """A colleague was faster."""

    code = "already_merged"
    status = 409
    sentence = _("A colleague has merged one of these two clients in the meantime.")


class MergedFurther(Refusal):
    """The kept record was merged into a third one afterwards."""

    code = "merged_further"
    status = 409
    sentence = _("This client was merged further afterwards. Undo the later merge first.")


@transaction.atomic
def propose_duplicates(*, actor: Actor, patient_id: int) -> int:
    """Note records that look like this one; answers how many are new. A proposal that somebody
    declined does not come back. Records that a partner's booking made wait in the inbox.

    Refuses: RightMissing.
    """
    actor.require(Right.EDIT_PATIENTS)
    rows = Patient.objects.filter(provider_id=actor.organization_id, merged_into_id=None)
    patient: Patient | None = rows.filter(id=patient_id).first()
    if patient is None:
        return 0
    made = 0
    for other, reason in lookalikes(patient):
        one_id, other_id = sorted((patient.id, other))
        proposal, new = DuplicateProposal.objects.get_or_create(
            one_id=one_id,
            other_id=other_id,
            defaults={"provider_id": patient.provider_id, "reason": reason},
        )
        made += new
        if new and patient.created_channel_id:
            item = raise_item(
                actor,
                kind="duplicate_proposed",
                object_kind="duplicate",
                object_id=proposal.public_id,
                facts={},
                link="patients/merge/",
            )
            owner = first_who_may(actor.organization_id, Right.EDIT_PATIENTS)
            if owner is not None:
                assign_item(doer=actor, item=item.public_id, owner_id=owner)
    return made


@transaction.atomic
def propose_recent_duplicates(*, actor: Actor, now: datetime) -> int:
    """The nightly look at everybody who became known in the last two days.

    Refuses: RightMissing.
    """
    actor.require(Right.EDIT_PATIENTS)
    rows = Patient.objects.filter(
        provider_id=actor.organization_id,
        merged_into_id=None,
        created_at__gte=now - timedelta(days=2),
    )
    ids = list(rows.order_by("id").values_list("id", flat=True)[:20_000])
    return sum(propose_duplicates(actor=actor, patient_id=i) for i in ids)


@transaction.atomic
def keep_apart(*, actor: Actor, proposal_id: UUID, now: datetime) -> None:
    """These are two people: the proposal does not come back. Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_PATIENTS)
    if sees_own_only(actor):
        raise RightMissing()
    rows = DuplicateProposal.objects.select_for_update().filter(
        provider_id=actor.organization_id, public_id=proposal_id
    )
    proposal = rows.first()
    if proposal is None:
        raise NotFound()
    _decide(proposal, "different", now)


def _decide(proposal: DuplicateProposal, state: str, now: datetime) -> None:
    proposal.state = state
    proposal.save(update_fields=["state"])
    resolve_by_cause(
        organization_id=proposal.provider_id,
        kind="duplicate_proposed",
        object_id=proposal.public_id,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class MergeWish:
    """Which record stays, which goes into it, the versions that were looked at, and of which
    fields the going one's value is taken (keys of CHOICES)."""

    kept: UUID
    gone: UUID
    kept_version: int
    gone_version: int
    taken: frozenset[str] = frozenset()


@transaction.atomic
def merge_patients(*, actor: Actor, wish: MergeWish, now: datetime) -> PatientMerge:
    """Everything that names the one names the other from now on; the merge is kept for undoing.

    Refuses: RightMissing, NotFound, AlreadyMerged, VersionConflict, Invalid.
    """
    actor.require(Right.EDIT_PATIENTS)
    if sees_own_only(actor):
        raise RightMissing()
    if wish.kept == wish.gone or not wish.taken <= set(CHOICES):
        raise Invalid(FieldError("kept", "choice", _("Choose which client stays.")))
    kept, gone = _both(actor, wish)
    columns = [column for key in sorted(wish.taken) for column in CHOICES[key]]
    before = {column: _plain(getattr(kept, column)) for column in columns}
    for column in columns:
        setattr(kept, column, getattr(gone, column))
    follow(kept)
    kept.version += 1
    kept.save()
    gone.merged_into_id, gone.version = kept.id, gone.version + 1
    gone.save(update_fields=["merged_into_id", "version"])
    merge: PatientMerge = PatientMerge.objects.create(
        provider_id=kept.provider_id,
        kept_id=kept.id,
        gone_id=gone.id,
        moved=_move(gone.id, kept.id),
        kept_before=before,
        kept_version=kept.version,
        user_id=actor.user_id,
    )
    _settle(kept, gone, "merged", now)
    log_access(actor, Access(actor.organization_id, (kept.id, gone.id), "merged", "merge"))
    note_patient(actor, kept, "patient.merged", gone=str(gone.public_id), fields=columns)
    return merge


def _both(actor: Actor, wish: MergeWish) -> tuple[Patient, Patient]:
    rows = Patient.objects.select_for_update().filter(
        provider_id=actor.organization_id, public_id__in=[wish.kept, wish.gone]
    )
    found = {p.public_id: p for p in rows.order_by("id")}
    if len(found) != 2:
        raise NotFound()
    kept, gone = found[wish.kept], found[wish.gone]
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise AlreadyMerged()
    if (kept.version, gone.version) != (wish.kept_version, wish.gone_version):
        raise VersionConflict()
    return kept, gone


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _move(source: int, target: int) -> dict[str, list[int]]:
    moved = {}
    for rel in references():
        ids = sorted(rows_naming(rel, source).select_for_update().values_list("pk", flat=True))
        if ids:
            _point(rel, ids, target)
            moved[f"{rel.related_model._meta.label}.{rel.field.name}"] = ids
    return moved


def _point(rel: Any, ids: list[int], target: int) -> None:
    rows = rel.related_model._base_manager.filter(pk__in=ids)
    rows.update(**{rel.field.attname: target})


def _settle(kept: Patient, gone: Patient, state: str, now: datetime) -> None:
    one_id, other_id = sorted((kept.id, gone.id))
    for proposal in DuplicateProposal.objects.filter(one_id=one_id, other_id=other_id):
        _decide(proposal, state, now)


@transaction.atomic
def unmerge_patients(*, actor: Actor, merge_id: UUID, now: datetime) -> Patient:
    """Two people after all: everything that moved goes back; what came later stays.

    The kept record gets its own values back, but for those somebody changed since. Answers the one
    that comes back. Refuses: RightMissing, NotFound, MergedFurther.
    """
    actor.require(Right.EDIT_PATIENTS)
    if sees_own_only(actor):
        raise RightMissing()
    merges = PatientMerge.objects.select_for_update().filter(
        provider_id=actor.organization_id, public_id=merge_id, undone_at=None
    )
    merge: PatientMerge | None = merges.first()
    if merge is None:
        raise NotFound()
    rows = Patient.objects.select_for_update().filter(id__in=[merge.kept_id, merge.gone_id])
    found = {p.id: p for p in rows.order_by("id")}
    kept: Patient = found[merge.kept_id]
    gone: Patient = found[merge.gone_id]
    if kept.merged_into_id is not None:
        raise MergedFurther()
    _move_back(merge)
    _restore(kept, gone, merge)
    gone.merged_into_id, gone.version = None, gone.version + 1
    gone.save(update_fields=["merged_into_id", "version"])
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    _settle(kept, gone, "different", now)
    log_access(actor, Access(actor.organization_id, (kept.id, gone.id), "unmerged", "merge"))
    note_patient(actor, kept, "patient.unmerged", back=str(gone.public_id))
    return gone


def _move_back(merge: PatientMerge) -> None:
    moved: Mapping[str, list[int]] = merge.moved
    for rel in references():
        wanted = moved.get(f"{rel.related_model._meta.label}.{rel.field.name}", [])
        still = rows_naming(rel, merge.kept_id).filter(pk__in=wanted).select_for_update()
        _point(rel, list(still.values_list("pk", flat=True)), merge.gone_id)


def _restore(kept: Patient, gone: Patient, merge: PatientMerge) -> None:
    """Every value that was taken goes back, but for those somebody has corrected since."""
    for column, value in merge.kept_before.items():
        if getattr(kept, column) != getattr(gone, column):
            continue
        is_day = column == "birth_date" and value
        setattr(kept, column, date.fromisoformat(value) if is_day else value)
    follow(kept)
    kept.version += 1
    kept.save()

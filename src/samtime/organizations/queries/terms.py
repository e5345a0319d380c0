"""Terms by version and language, who stands where with them, and who may sign."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right, rights_of
from samtime.foundation.errors import NotFound
from samtime.organizations.models import (
    Membership,
    Organization,
    TermsAcceptance,
    TermsDocument,
    TermsPublication,
    TermsStanding,
)
from samtime.organizations.queries import live_now

GENERAL = "general_terms"


@dataclass(slots=True)
class Version:
    """One version for the operator's table."""

    number: int
    documents: list[TermsDocument] = field(default_factory=list)
    publication: TermsPublication | None = None
    accepted: int = 0
    waiting: int = 0
    paused: int = 0

    @property
    def effective_from(self) -> date:
        """From when it counts."""
        return self.documents[0].effective_from


def versions(actor: Actor, *, kind: str = GENERAL) -> list[Version]:
    """Every version with its languages and how many accepted or have not. Three queries.

    Refuses: RightMissing.
    """
    actor.require(Right.OPERATE)
    found: dict[int, Version] = {}
    for document in TermsDocument.objects.filter(kind=kind).order_by("-version", "language"):
        found.setdefault(document.version, Version(document.version)).documents.append(document)
    for publication in TermsPublication.objects.filter(kind=kind).select_related("published_by"):
        if publication.version in found:
            found[publication.version].publication = publication
    counted = (
        TermsStanding.objects.filter(kind=kind)
        .values("version")
        .annotate(
            accepted=Count("id", filter=Q(accepted_at__isnull=False)),
            waiting=Count("id", filter=Q(accepted_at__isnull=True) & ~Q(Exists(_later(kind)))),
            paused=Count("id", filter=Q(accepted_at__isnull=True, paused_at__isnull=False)),
        )
    )
    for row in counted:
        if version := found.get(row["version"]):
            version.accepted = row["accepted"]
            version.waiting, version.paused = row["waiting"], row["paused"]
    return list(found.values())


def _later(kind: str) -> "QuerySet[TermsStanding]":
    return TermsStanding.objects.filter(
        kind=kind,
        organization=OuterRef("organization"),
        version__gt=OuterRef("version"),
        accepted_at__isnull=False,
    )


def standings(actor: Actor, version: int, *, kind: str = GENERAL) -> "QuerySet[TermsStanding]":
    """Who accepted a version, and who has not, the late ones first. Refuses: RightMissing."""
    actor.require(Right.OPERATE)
    rows = TermsStanding.objects.filter(kind=kind, version=version).select_related("organization")
    return rows.annotate(is_done=Q(accepted_at__isnull=False)).order_by(
        "is_done", "accept_by", "organization__name", "id"
    )


def not_accepted(actor: Actor, *, kind: str = GENERAL) -> int:
    """How many organizations were asked and have not accepted. Refuses: RightMissing."""
    actor.require(Right.OPERATE)
    rows = TermsStanding.objects.filter(kind=kind, accepted_at=None).filter(~Exists(_later(kind)))
    return rows.values("organization_id").distinct().count()


def pending_standing(organization_id: int, *, kind: str = GENERAL) -> TermsStanding | None:
    """The newest version an organization was asked to accept and has not, nor a later one."""
    rows = TermsStanding.objects.filter(
        organization_id=organization_id, kind=kind, accepted_at=None
    ).filter(~Exists(_later(kind)))
    return rows.order_by("-version").first()


def organizations_with_pending_terms() -> list[int]:
    """Whose sweep has something to look at; for jobs (D5)."""
    rows = TermsStanding.objects.filter(accepted_at=None, accept_by__isnull=False)
    return sorted(set(rows.values_list("organization_id", flat=True)))


def document_of(version: int, language: str, *, kind: str = GENERAL) -> TermsDocument | None:
    """The text of a version in a language, else in English, also before it counts."""
    rows = TermsDocument.objects.filter(kind=kind, version=version)
    found = {document.language: document for document in rows}
    return found.get(language) or found.get("en") or next(iter(found.values()), None)


def publication_of(version: int, *, kind: str = GENERAL) -> TermsPublication | None:
    """When and for whom a version was set in force."""
    return TermsPublication.objects.filter(kind=kind, version=version).first()


def acceptances(actor: Actor) -> list[TermsAcceptance]:
    """What the actor's organization accepted, newest first: text, person, authority, time."""
    actor.require_any(Right.ACCEPT_TERMS, Right.SEE_PARTNERS)
    rows = TermsAcceptance.objects.visible_to(actor).select_related("document", "user")
    return list(rows.order_by("-accepted_at"))


def accepted_document(actor: Actor, public_id: UUID) -> TermsAcceptance:
    """One of them. Refuses: NotFound."""
    actor.require_any(Right.ACCEPT_TERMS, Right.SEE_PARTNERS)
    rows = TermsAcceptance.objects.visible_to(actor).select_related("document")
    found: TermsAcceptance | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def standing_before(publication: TermsPublication) -> list[Organization]:
    """Organizations that accepted an older version of the kind, in the countries chosen."""
    older = TermsStanding.objects.filter(
        organization=OuterRef("id"),
        kind=publication.kind,
        version__lt=publication.version,
        accepted_at__isnull=False,
    )
    rows = Organization.objects.filter(Exists(older))
    if publication.countries:
        rows = rows.filter(country__in=publication.countries)
    return list(rows.order_by("id"))


def asked_again_count(countries: tuple[str, ...], *, kind: str = GENERAL) -> int:
    """How many organizations a new version would ask: for the preview."""
    accepted = TermsStanding.objects.filter(
        organization=OuterRef("id"), kind=kind, accepted_at__isnull=False
    )
    rows = Organization.objects.filter(Exists(accepted))
    return (rows.filter(country__in=countries) if countries else rows).count()


def people_who_may(organization_id: int, right: Right) -> list[User]:
    """The organization's people with a right, now; for mails that must reach the right desk."""
    now = timezone.now()
    rows = Membership.objects.filter(live_now(now), organization_id=organization_id)
    rows = rows.select_related("user")
    return [
        m.user
        for m in rows.order_by("id")
        if right in rights_of(m.roles, can_book_at_partner=m.can_book_at_partner)
    ]

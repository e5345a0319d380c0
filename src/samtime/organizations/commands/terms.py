"""General terms: a new version published, organizations asked again, the text accepted (P24)."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, VersionConflict
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.journal.commands import Happening, record
from samtime.mailbox.commands import Writing, send_mail
from samtime.mailbox.rules import day_written
from samtime.organizations import rules
from samtime.organizations.models import (
    COUNTRIES,
    Organization,
    TermsAcceptance,
    TermsDocument,
    TermsPublication,
    TermsStanding,
)
from samtime.organizations.queries import home_day, home_zone
from samtime.organizations.queries.terms import people_who_may, standing_before

LANGUAGES = ("en", "nb", "ro", "hu")
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class NewTerms:
    """A version as its author typed it. `texts`: (title, text) by language; English is needed.

    `asks_again` False asks nobody; `countries` empty asks everybody who accepted before. `after`
    is the version its author saw as the newest.
    """

    texts: dict[str, tuple[str, str]]
    effective_from: date | None
    accept_by: date | None = None
    asks_again: bool = True
    countries: tuple[str, ...] = ()
    summary: str = ""
    after: int | None = None
    kind: str = field(default="general_terms")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who accepts which version of the terms, with what authority, from which network address."""

    terms_version: int
    person_name: str
    person_role: str
    authority: bool
    network: str = ""


@transaction.atomic
def publish_terms(*, actor: Actor, terms: NewTerms, today: date) -> TermsPublication:
    """A new version: its texts never change again; who accepted an older one is asked by a job.

    Refuses: RightMissing, Invalid (every fault at its field), VersionConflict (pressed twice, or
    somebody was faster).
    """
    actor.require(Right.OPERATE)
    check_terms_text(terms, today)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"terms {terms.kind}"])
    effective_from = terms.effective_from or today
    newest = TermsDocument.objects.filter(kind=terms.kind).aggregate(v=Max("version"))["v"] or 0
    if terms.after is not None and terms.after != newest:
        raise VersionConflict()
    publication = TermsPublication.objects.create(
        kind=terms.kind,
        version=newest + 1,
        effective_from=effective_from,
        accept_by=terms.accept_by if terms.asks_again else None,
        countries=sorted(terms.countries) if terms.asks_again else [],
        summary=terms.summary,
        published_by_id=actor.user_id,
        published_at=timezone.now(),
    )
    TermsDocument.objects.bulk_create(
        TermsDocument(
            kind=terms.kind,
            version=publication.version,
            language=language,
            title=title,
            text=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            effective_from=effective_from,
        )
        for language, (title, text) in _given(terms).items()
    )
    happening = Happening(
        kind="terms.published",
        object_kind="terms",
        object_id=publication.public_id,
        organization_id=actor.organization_id,
        data={"version": publication.version},
    )
    record(actor, happening)
    return publication


def check_terms_text(terms: NewTerms, today: date) -> None:
    """Refuses: Invalid, with every fault at its field."""
    faults = [*_text_faults(terms), *_date_faults(terms, today)]
    if len(terms.summary) > 2000:
        faults.append(FieldError("summary", "too_long", _("At most 2000 characters.")))
    if set(terms.countries) - set(COUNTRIES):
        faults.append(FieldError("countries", "invalid", _("Choose one of the possibilities.")))
    if faults:
        raise Invalid(*faults)


def _given(terms: NewTerms) -> dict[str, tuple[str, str]]:
    return {lang: pair for lang, pair in terms.texts.items() if pair[0] or pair[1]}


def _text_faults(terms: NewTerms) -> list[FieldError]:
    faults = []
    for language, (title, text) in terms.texts.items():
        wanted = language == "en" or title or text
        if language not in LANGUAGES:
            faults.append(FieldError("texts", "invalid", _("This language is not known here.")))
        if wanted and not 1 <= len(title) <= 200:
            sentence = _("Write a title of at most 200 characters.")
            faults.append(FieldError(f"title_{language}", "required", sentence))
        if wanted and not 1 <= len(text) <= LONGEST:
            faults.append(FieldError(f"text_{language}", "required", _("Write the text.")))
    if "en" not in terms.texts:
        faults.append(FieldError("title_en", "required", _("The English text is needed.")))
    return faults


def _date_faults(terms: NewTerms, today: date) -> list[FieldError]:
    if terms.effective_from is None or terms.effective_from < today:
        sentence = _("Choose today or a later day.")
        return [FieldError("effective_from", "past_date", sentence)]
    if not terms.asks_again:
        return []
    earliest = rules.earliest_deadline(today, terms.effective_from)
    if terms.accept_by is None or terms.accept_by < earliest:
        sentence = _("Give them at least a week, and not a day before the text counts.")
        return [FieldError("accept_by", "too_soon", sentence)]
    return []


@transaction.atomic
def ask_to_accept(*, actor: Actor, publication_id: UUID) -> int:
    """Ask every organization that accepted an older version, once; how many were asked now.

    Each gets a mail to those who may sign, and an item with the deadline in its inbox.
    """
    actor.require(Right.ACCEPT_TERMS)
    publication = TermsPublication.objects.filter(public_id=publication_id).first()
    if publication is None or publication.accept_by is None:
        return 0
    count = 0
    for organization in standing_before(publication):
        with viewing_as(organization.id):
            count += _ask(organization, publication)
    return count


def _ask(organization: Organization, publication: TermsPublication) -> int:
    standing, made = TermsStanding.objects.get_or_create(
        organization=organization,
        kind=publication.kind,
        version=publication.version,
        defaults={"accept_by": publication.accept_by, "asked_at": timezone.now()},
    )
    if not made:
        return 0
    tell_about_terms(organization, standing, publication, "terms_changed")
    return 1


def tell_about_terms(
    organization: Organization,
    standing: TermsStanding,
    publication: TermsPublication | None,
    template: str,
) -> None:
    """The item with its deadline, and a mail to everybody who may sign; the viewer is theirs."""
    actor = system_actor(organization.id)
    deadline = standing.accept_by or home_day(actor, timezone.now())
    zone = ZoneInfo(home_zone(actor))
    due_at = datetime.combine(deadline, time(23, 59), tzinfo=zone)  # the day itself still counts
    raise_item(
        actor,
        kind="terms_to_accept",
        object_kind="organization",
        object_id=organization.public_id,
        facts={"version": standing.version},
        link="partner/terms/",
        due_at=due_at,
    )
    for user in people_who_may(organization.id, Right.ACCEPT_TERMS):
        context = {
            "name": user.name,
            "company": organization.name,
            "version": standing.version,
            "day": day_written(deadline, user.language),
            "summary": publication.summary if publication else "",
            "slug": organization.slug,
        }
        writing = Writing(
            template=template,
            recipient=user.email,
            language=user.language,
            about_kind="terms",
            about_id=organization.public_id,
            context=context,
        )
        send_mail(actor=actor, writing=writing)


@transaction.atomic
def accept_terms(
    *,
    actor: Actor,
    organization: Organization,
    document: TermsDocument,
    user: User,
    signature: Signature,
) -> TermsAcceptance:
    """The organization accepts a text, once per version, by a named user (invariant 12).

    Refuses: Invalid (name, role, authority).
    """
    actor.require(Right.ACCEPT_TERMS)
    check_signature(signature)
    now = timezone.now()
    with viewing_as(organization.id):
        accepted: TermsAcceptance = TermsAcceptance.objects.create(
            organization=organization,
            document=document,
            user=user,
            person_name=signature.person_name,
            person_role=signature.person_role,
            sha256=document.sha256,
            network=signature.network,
            accepted_at=now,
        )
        for kind in ("terms_to_accept", "terms_paused"):
            resolve_by_cause(
                organization_id=organization.id,
                kind=kind,
                object_id=organization.public_id,
                now=now,
            )
    TermsStanding.objects.update_or_create(
        organization=organization,
        kind=document.kind,
        version=document.version,
        defaults={
            "accepted_at": now,
            "person_name": signature.person_name,
            "person_role": signature.person_role,
            "language": document.language,
            "sha256": document.sha256,
        },
    )
    return accepted


def check_signature(signature: Signature) -> None:
    """Refuses: Invalid, with every fault at its field."""
    faults = []
    if not 1 <= len(signature.person_name) <= 200:
        faults.append(FieldError("person_name", "required", _("Write your name.")))
    if not 1 <= len(signature.person_role) <= 200:
        sentence = _("Write your role, for example manager.")
        faults.append(FieldError("person_role", "required", sentence))
    if not signature.authority:
        sentence = _("Only somebody who may sign for the company can accept.")
        faults.append(FieldError("authority", "authority", sentence))
    if faults:
        raise Invalid(*faults)

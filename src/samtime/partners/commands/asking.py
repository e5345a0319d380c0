"""A partner asks to book more: services at places of its agreement (SCREENS.md 6.5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound, RateLimited
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.partners.commands.inviting import NotPossibleInState, note
from samtime.partners.models import Partnership, WiderAccessRequest
from samtime.partners.queries.catalogue import closed_pairs, still_closed

KIND = "wider_access_asked"
PER_DAY = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pairs of public ids (location, service), and words to go with them."""

    pairs: tuple[tuple[UUID, UUID], ...]
    message: str = ""


@transaction.atomic
def ask_for_more(*, actor: Actor, partnership_id: UUID, wanted: Wanted) -> WiderAccessRequest:
    """The institution finds the list in its inbox; its ticks answer it (T5, P32).

    Refuses: RightMissing, NotFound, NotPossibleInState, Invalid (nothing asked, no such service),
    RateLimited (five a day).
    """
    actor.require(Right.SEE_PARTNERS)
    rows: QuerySet[Partnership] = Partnership.objects.visible_to(actor)
    found = rows.filter(public_id=partnership_id, partner_id=actor.organization_id)
    partnership = found.select_related("channel").first()
    if partnership is None:
        raise NotFound()
    if partnership.state not in ("active", "notice_given"):
        raise NotPossibleInState()
    possible = {(c.location, c.service): c for c in closed_pairs(actor, partnership)}
    _check(wanted, set(possible))
    since = timezone.now() - timedelta(days=1)
    if partnership.requests.filter(created_at__gte=since).count() >= PER_DAY:
        raise RateLimited(retry_after=3600)
    asked = WiderAccessRequest.objects.create(
        partnership=partnership,
        provider_id=partnership.provider_id,
        partner_id=actor.organization_id,
        asked_by_id=actor.user_id,
        wanted=[possible[pair].ids for pair in wanted.pairs],
        message=wanted.message,
    )
    with viewing_as(partnership.provider_id):
        names = [f"{possible[p].service_name} ({possible[p].location_name})" for p in wanted.pairs]
        raise_item(
            system_actor(partnership.provider_id),
            kind=KIND,
            object_kind="partnership",
            object_id=partnership.public_id,
            facts={
                "name": partnership.company_name,
                "count": len(names),
                "list": names[:50],
                "message": wanted.message,
            },
            link="traffic-channels/",
        )
    note(actor, partnership, "partnership.more_asked", count=len(wanted.pairs))
    return asked


@transaction.atomic
def close_answered_requests(*, actor: Actor, now: datetime) -> int:
    """Items whose whole list is ticked by now close themselves; how many. Run by a job."""
    actor.require(Right.SEE_PARTNERS)
    rows = WiderAccessRequest.objects.visible_to(actor).filter(provider_id=actor.organization_id)
    latest: dict[int, WiderAccessRequest] = {}
    for asked in rows.select_related("partnership__channel").order_by("id"):
        latest[asked.partnership_id] = asked
    closed = 0
    for asked in latest.values():
        if asked.wanted and not still_closed(asked):
            closed += resolve_by_cause(
                organization_id=actor.organization_id,
                kind=KIND,
                object_id=asked.partnership.public_id,
                now=now,
            )
    return closed


def _check(wanted: Wanted, possible: set[tuple[UUID, UUID]]) -> None:
    if not wanted.pairs and not wanted.message:
        sentence = _("Tick at least one service, or write what you wish.")
        raise Invalid(FieldError("wanted", "required", sentence))
    if set(wanted.pairs) - possible:
        sentence = _("One of these is open to you already, or is not offered there.")
        raise Invalid(FieldError("wanted", "invalid", sentence))
    if len(wanted.message) > 1000:
        raise Invalid(FieldError("message", "too_long", _("At most 1000 characters.")))

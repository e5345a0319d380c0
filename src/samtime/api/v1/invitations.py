"""Calls of the invited organization: what waits, accept, decline."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.queries import person
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import Body, instant
from samtime.foundation.errors import NotFound
from samtime.organizations.commands import Signature
from samtime.organizations.queries import current_terms
from samtime.partners.commands import (
    WrongAccount,
    accept_by_link,
    accept_invitation,
    decline_invitation,
)
from samtime.partners.models import Partnership
from samtime.partners.queries import Behind, behind_link, open_invitations


@api.get("/invitations")
def invitation_list(request: HttpRequest) -> HttpResponse:
    """Invitations that wait for this organization's answer."""
    actor = actor_of(request, "partnerships.read")
    document = current_terms(actor.language)
    items = [
        {
            "id": str(i.public_id),
            "token_state": i.state,
            "partnership": str(i.partnership.public_id),
            "provider": {
                "id": str(i.partnership.provider.public_id),
                "name": i.partnership.provider.name,
            },
            "terms_version": document.version if document else None,
            "expires_at": instant(i.expires_at),
        }
        for i in open_invitations(actor)
    ]
    return answer(200, {"items": items, "next": None})


class AcceptIn(Body):
    """The version of the general terms that was read, and the authority to sign."""

    terms_version: int | None = Field(None, ge=0, le=100_000)
    authority: bool = False
    person_role: str = Field("", max_length=200)


class DeclineIn(Body):
    """Why not, for the inviter."""

    reason: str = Field("", max_length=500)


@api.post("/invitations/{token}/accept")
def invitation_accept(
    request: HttpRequest, token: str, body: AcceptIn | None = None
) -> HttpResponse:
    """Approve, by the mail's token or by the invitation's id; the general terms with it, once."""
    actor = actor_of(request, "partnerships.write")
    signature = _signature(request, actor, body)

    def run() -> tuple[int, Any]:
        found = _accepted(actor, token, signature)
        return 200, _shape(found)

    return repeatable(request, actor, run)


@api.post("/invitations/{token}/decline")
def invitation_decline(
    request: HttpRequest, token: str, body: DeclineIn | None = None
) -> HttpResponse:
    """No, thank you: by the mail's token or by the invitation's id."""
    actor = actor_of(request, "partnerships.write")
    reason = body.reason if body else ""

    def run() -> tuple[int, Any]:
        ident = _ident(token)
        if ident is None:
            behind = _behind(actor, token)
            if behind.company is None or behind.company.id != actor.organization_id:
                raise WrongAccount()
            ident = behind.invitation.public_id
        found = decline_invitation(actor=actor, invitation_id=ident, reason=reason)
        return 200, _shape(found)

    return repeatable(request, actor, run)


def _accepted(actor: Actor, token: str, signature: Signature | None) -> Partnership:
    ident = _ident(token)
    if ident is not None:
        return accept_invitation(actor=actor, invitation_id=ident, signature=signature)
    if actor.user_id is None:
        raise NotFound()
    email = person(actor.user_id).email
    behind = _behind(actor, token)
    return accept_by_link(actor=actor, behind=behind, email=email, signature=signature)


def _signature(request: HttpRequest, actor: Actor, body: AcceptIn | None) -> Signature | None:
    if body is None or body.terms_version is None or actor.user_id is None:
        return None
    return Signature(
        terms_version=body.terms_version,
        person_name=str(person(actor.user_id)),
        person_role=body.person_role or "API",
        authority=body.authority,
        network=str(request.META.get("REMOTE_ADDR", ""))[:45],
    )


def _behind(actor: Actor, token: str) -> Behind:
    return behind_link(token, language=actor.language, request_id=actor.request_id)


def _ident(token: str) -> UUID | None:
    try:
        return UUID(token)
    except ValueError:
        return None


def _shape(found: Partnership) -> dict[str, Any]:
    return {"id": str(found.public_id), "state": found.state}

"""Calls about the people of one's organization and their keys."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Role
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import Body, instant, listed
from samtime.foundation.errors import FieldError, Invalid
from samtime.organizations.commands.grants import Grant
from samtime.organizations.commands.keys import KeyWish, create_key, revoke_key
from samtime.organizations.commands.members import change_member, end_access
from samtime.organizations.commands.users import NewUser, invite_user, resend_user_invitation
from samtime.organizations.models import ApiKey, Location
from samtime.organizations.queries import locations
from samtime.organizations.queries.people import Person, keys_of, people, person_in

READ, WRITE = "users.read", "users.write"


class Paging(Schema):
    """Which page of a list."""

    limit: int = Field(100, ge=1, le=200)
    cursor: str = Field("", max_length=200)
    ended: bool = False


class AccessIn(Body):
    """What somebody may; PATCH takes any of the fields. `locations: null` is everywhere."""

    roles: list[str] | None = Field(None, max_length=10)
    locations: list[UUID] | None = Field(None, max_length=1000)
    practitioner: UUID | None = None
    can_book_at_partner: bool | None = None
    ends_on: date | None = None


class UserIn(AccessIn):
    """Somebody to invite; one role may be said as `role`."""

    email: str = Field(max_length=1000)
    name: str = Field("", max_length=1000)
    language: str = Field("", max_length=20)
    role: str | None = Field(None, max_length=50)


class ResendIn(Body):
    """A corrected address, if it was wrong."""

    email: str = Field("", max_length=1000)


@api.get("/users")
def user_list(request: HttpRequest, q: Query[Paging]) -> HttpResponse:
    """Members and those invited; `ended=true` adds those who have gone."""
    actor = actor_of(request, READ)
    found = people(actor, now=timezone.now(), ended=q.ended)
    places = _places(actor)
    start = _start(q.cursor)
    shown = found[start : start + q.limit]
    following = str(start + q.limit) if len(found) > start + q.limit else None
    response = answer(200, {"items": [_user(p, places) for p in shown], "next": following})
    if following:
        query = request.GET.copy()
        query["cursor"] = following
        address = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
        response["Link"] = f'<{address}>; rel="next"'
    return response


@api.post("/users", response={201: dict})
def user_invite(request: HttpRequest, body: UserIn) -> HttpResponse:
    """Mail a link that gives this access; the id stays the same when the person joins."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        roles = tuple(body.roles or ([body.role] if body.role else []))
        books = body.can_book_at_partner
        grant = Grant(
            roles=roles,
            location_ids=tuple(body.locations) if body.locations is not None else None,
            practitioner_id=body.practitioner,
            can_book_at_partner=Role.AGENT in roles if books is None else books,
            ends_on=body.ends_on,
        )
        new = NewUser(body.email, grant, body.name, body.language)
        made = invite_user(actor=actor, new=new)
        return 201, _one(actor, made.member_id)

    return repeatable(request, actor, run)


@api.get("/users/{user_id}")
def user_one(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One of them."""
    return answer(200, _one(actor_of(request, READ), user_id))


@api.patch("/users/{user_id}")
def user_change(request: HttpRequest, user_id: UUID, body: AccessIn) -> HttpResponse:
    """Change what is named; it counts at the person's next request."""
    actor = actor_of(request, WRITE)
    access = person_in(actor, user_id, now=timezone.now()).access
    said = body.model_fields_set
    kept = access.location_ids
    places = {place.id: place.public_id for place in locations(actor)}
    wanted = body.locations
    if "locations" not in said and kept is not None:
        wanted = [places[one] for one in kept if one in places]
    practitioner = body.practitioner
    if "practitioner" not in said and access.practitioner is not None:
        practitioner = access.practitioner.public_id
    books = body.can_book_at_partner
    grant = Grant(
        roles=tuple(body.roles if body.roles is not None else access.roles),
        location_ids=tuple(wanted) if wanted is not None else None,
        practitioner_id=practitioner,
        can_book_at_partner=access.can_book_at_partner if books is None else books,
        ends_on=body.ends_on if "ends_on" in said else access.ends_on,
    )
    change_member(actor=actor, member_id=user_id, grant=grant)
    return answer(200, _one(actor, user_id))


@api.post("/users/{user_id}/resend")
def user_resend(request: HttpRequest, user_id: UUID, body: ResendIn) -> HttpResponse:
    """A new link; the old one is dead."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        resend_user_invitation(actor=actor, member_id=user_id, email=body.email)
        return 200, _one(actor, user_id)

    return repeatable(request, actor, run)


@api.post("/users/{user_id}/end")
def user_end(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Sessions and keys are dead at their next request; an open invitation is withdrawn."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        end_access(actor=actor, member_id=user_id)
        return 200, _one(actor, user_id)

    return repeatable(request, actor, run)


@api.delete("/users/{user_id}", response={204: None})
def user_delete(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """As `/end`."""
    end_access(actor=actor_of(request, WRITE), member_id=user_id)
    return answer(204, None)


class KeyIn(Body):
    """A key; without `user` one's own, without `scopes` no limit but the user's rights."""

    name: str = Field(max_length=1000)
    user: UUID | None = None
    scopes: list[str] | None = Field(None, max_length=100)
    expires_at: datetime | None = None


@api.get("/keys")
def key_list(request: HttpRequest, q: Query[Paging]) -> HttpResponse:
    """Keys that are not revoked; never their secrets."""
    actor = actor_of(request, READ)
    return listed(request, keys_of(actor), _key, limit=q.limit, cursor=q.cursor)


@api.post("/keys", response={201: dict})
def key_add(request: HttpRequest, body: KeyIn) -> HttpResponse:
    """The secret stands in this answer and nowhere else, not even in a repeated answer."""
    actor = actor_of(request, WRITE)
    if body.expires_at is not None and body.expires_at.tzinfo is None:
        raise Invalid(FieldError("expires_at", "offset", _("Say the offset, for example +00:00.")))
    wish = KeyWish(
        name=body.name,
        member_id=body.user,
        scopes=tuple(body.scopes) if body.scopes is not None else None,
        expires_at=body.expires_at,
    )
    key, secret = create_key(actor=actor, wish=wish)
    return answer(201, {**_key(key), "key": secret})


@api.delete("/keys/{key_id}", response={204: None})
def key_revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """The next call with it is refused."""
    revoke_key(actor=actor_of(request, WRITE), key_id=key_id)
    return answer(204, None)


def _start(cursor: str) -> int:
    if cursor and not (cursor.isdecimal() and len(cursor) < 9):
        raise Invalid(FieldError("cursor", "cursor", _("This cursor is not one of ours.")))
    return int(cursor or 0)


def _places(actor: Actor) -> dict[int, Location]:
    return {place.id: place for place in locations(actor)}


def _one(actor: Actor, ident: UUID) -> dict[str, Any]:
    return _user(person_in(actor, ident, now=timezone.now()), _places(actor))


def _user(person: Person, places: dict[int, Location]) -> dict[str, Any]:
    access, member, sending = person.access, person.member, person.sending
    where = access.location_ids
    seen = member.last_seen_on if member else None
    return {
        "id": str(person.id),
        "user": str(member.user.public_id) if member else None,
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "roles": access.roles,
        "locations": None
        if where is None
        else [str(places[one].public_id) for one in where if one in places],
        "practitioner": str(access.practitioner.public_id) if access.practitioner else None,
        "can_book_at_partner": access.can_book_at_partner,
        "ends_on": access.ends_on.isoformat() if access.ends_on else None,
        "second_factor": person.second_factor,
        "last_seen_on": seen.isoformat() if seen else None,
        "state": person.state,
        "invitation": {
            "state": sending.state,
            "sent_at": instant(sending.sent_at),
            "expires_at": instant(sending.expires_at),
        }
        if sending
        else None,
    }


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": str(key.public_id),
        "name": key.name,
        "hint": key.hint,
        "user": str(key.membership.public_id),
        "scopes": key.scopes,
        "created_at": instant(key.created_at),
        "expires_at": instant(key.expires_at),
        "last_used_on": key.last_used_on.isoformat() if key.last_used_on else None,
    }

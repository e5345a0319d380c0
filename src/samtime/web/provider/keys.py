"""Settings > Keys for programs: every key of the organization, a new one, its end.

The secret stands in the one answer that made it; only its hash is kept.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.commands.grants import MoreThanOwn
from samtime.organizations.commands.keys import KeyWish, create_key, revoke_key
from samtime.organizations.models import ApiKey
from samtime.organizations.queries import home_zone
from samtime.organizations.queries.people import is_live, keys_of, people
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.once import once_told
from samtime.web.provider import user_forms

TEMPLATE = "provider/keys/keys.html"
# What calls ask for (api/v1), in the order of the menu; a box for each that is asked for.
READ, CHANGE = "read", "write"
THINGS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "slots": (gettext_lazy("Free times"), (READ,)),
    "bookings": (gettext_lazy("Bookings"), (READ, CHANGE)),
    "patients": (gettext_lazy("Clients"), (READ, CHANGE)),
    "catalog": (gettext_lazy("Services, prices, calendars"), (READ, CHANGE)),
    "network": (gettext_lazy("Locations and practitioners"), (CHANGE,)),
    "channels": (gettext_lazy("Traffic channels"), (READ, CHANGE)),
    "partnerships": (gettext_lazy("Partners and invitations"), (READ, CHANGE)),
    "statistics": (gettext_lazy("Statistics"), (READ,)),
    "statements": (gettext_lazy("Settlements"), (READ, CHANGE)),
    "users": (gettext_lazy("Users and keys"), (READ, CHANGE)),
    "journal": (gettext_lazy("History and inbox"), (READ, CHANGE)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `reads` and `changes` are words, None where no scope limits."""

    key: ApiKey
    state: str
    reads: list[str] | None
    changes: list[str] | None


@page(Right.MANAGE_KEYS)
def keys(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table; `?new` with the form of a new key, which posts there."""
    if "new" not in request.GET:
        return _list(request, actor, {})
    if request.method != "POST":
        first = {"limit": "some", "scopes": [], "member": request.GET.get("member", "")}
        return _form(request, actor, FormState(first))
    state = FormState.posted(request.POST, lists=("scopes",))
    expires = user_forms.end_of_day(state, "expires_at", home_zone(actor))
    wish = KeyWish(state.text("name"), _member(state), _limit(state), expires)
    if not state.ok:
        return _form(request, actor, state, status=422)
    try:
        made = once_told(request, actor, lambda: create_key(actor=actor, wish=wish))
    except Refusal as refusal:
        _refuse(state, refusal)
        return _form(request, actor, state, status=refusal.status)
    if made is None:
        return _list(request, actor, {"sent_twice": True}, status=409)
    return _list(request, actor, {"made": {"key": made[0], "secret": made[1]}})


@page(Right.MANAGE_KEYS)
def key_revoke(request: HttpRequest, actor: Actor, key_id: UUID) -> HttpResponse:
    """Asks first; POST revokes: the next call with it is refused (P9)."""
    slug = slug_of(request)
    if request.method == "POST":
        key = revoke_key(actor=actor, key_id=key_id)
        messages.success(request, _("The key «%(name)s» is dead.") % {"name": key.name})
        return redirect("provider:keys", slug)
    found = keys_of(actor).filter(public_id=key_id).first()
    if found is None:
        raise NotFound()
    return render(request, "provider/keys/key_revoke.html", {"found": found})


def _list(
    request: HttpRequest, actor: Actor, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    shows_dead = request.GET.get("state") == "all"
    now, zone = timezone.now(), home_zone(actor)
    rows = [_row(key, now, local_day(now, zone)) for key in keys_of(actor, revoked=shows_dead)]
    context = {"rows": rows, "shows_dead": shows_dead, "zone": zone, **more}
    return render(request, TEMPLATE, context, status=status)


def _form(
    request: HttpRequest, actor: Actor, state: FormState, *, status: int = 200
) -> HttpResponse:
    members = [p for p in people(actor, now=timezone.now()) if p.state == "active" and p.member]
    if not state.text("member"):
        own = next((p.id for p in members if p.member and p.member.user_id == actor.user_id), "")
        state.values["member"] = str(own)
    ticked = state.values["scopes"]
    panel = {
        "panel": "new",
        "state": state,
        "members": [(str(p.id), p.name or p.email) for p in members],
        "limits": [("some", _("Only what is ticked here")), ("all", _("All this person may"))],
        "things": [
            (word, [(f"{thing}.{act}", act in acts) for act in (READ, CHANGE)])
            for thing, (word, acts) in THINGS.items()
        ],
        "ticked": ticked if isinstance(ticked, list) else [],
    }
    return _list(request, actor, panel, status=status)


def _limit(state: FormState) -> tuple[str, ...] | None:
    """The ticked scopes, or None for no limit; both at once is noted as a fault."""
    ticked = tuple(user_forms.listed(state, "scopes"))
    if state.text("limit") != "all":
        return ticked
    if ticked:
        sentence = _("Boxes are ticked below: choose «Only what is ticked here», or untick them.")
        state.wrong("limit", sentence)
    return None


def _member(state: FormState) -> UUID:
    found = ident_typed(state.text("member"))
    if found is None:
        state.wrong("member", _("Choose a person."))
    return found or user_forms.NOBODY


def _refuse(state: FormState, refusal: Refusal) -> None:
    """The command's fields are called otherwise in this form."""
    if isinstance(refusal, NotFound):
        state.wrong("member", _("This person has no access any more. Choose another."))
    elif isinstance(refusal, MoreThanOwn):
        state.wrong("member", _("This person may more than you: only an equal can make the key."))
    else:
        state.refuse(refusal)


def _row(key: ApiKey, now: datetime, today: date) -> Row:
    if key.revoked_at is not None:
        state = "revoked"
    elif key.expires_at is not None and key.expires_at <= now:
        state = "expired"
    else:
        state = "works" if is_live(key.membership, today) else "ended"
    return Row(key, state, _words(key, READ), _words(key, CHANGE))


def _words(key: ApiKey, act: str) -> list[str] | None:
    """The things a key may read or change, in words; a scope without a word shows as it is."""
    if key.scopes is None:
        return None
    things = [scope.split(".")[0] for scope in key.scopes if scope.endswith(f".{act}")]
    known = [str(word) for thing, (word, _acts) in THINGS.items() if thing in things]
    return known + [thing for thing in things if thing not in THINGS]

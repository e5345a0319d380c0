"""`samtime organization`, `samtime user`, `samtime key`: how the first people get in (D32)."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from samtime.commandline.environment import set_up, use_database

if TYPE_CHECKING:
    from samtime.accounts.actor import Actor

DONE, REFUSED = 0, 1


def organization(arguments: list[str]) -> int:
    """`organization create --slug --name --country --capability ... --admin EMAIL`.

    Mails the administrator a link for seven days. Exit 1 with one line when it is refused.
    """
    parser = _parser("organization", "an organization, and the mail to its first administrator")
    parser.add_argument("--slug", required=True, help="word in the address: a-z, 0-9, hyphens")
    parser.add_argument("--name", required=True)
    parser.add_argument("--country", required=True, help="two letters, for example NO")
    parser.add_argument(
        "--capability",
        required=True,
        action="append",
        nargs="+",
        help="provider, partner, insurer, assistance or operator; several are possible",
    )
    parser.add_argument("--language", default="", help="en, nb, ro or hu")
    parser.add_argument("--registration-number", default=None)
    parser.add_argument("--admin", required=True, metavar="EMAIL")
    given = parser.parse_args(arguments)
    return _run(lambda: create_organization_and_admin(given))


def user(arguments: list[str]) -> int:
    """`user create --operator EMAIL`, or `--organization SLUG --email EMAIL --role ROLE`.

    Prints the link by which the person joins; nothing is mailed.
    """
    parser = _parser("user", "a user; prints the link that works once, for seven days")
    parser.add_argument("--operator", metavar="EMAIL", help="a user of the network operator")
    parser.add_argument("--organization", metavar="SLUG")
    parser.add_argument("--email")
    parser.add_argument("--role", action="append", nargs="+")
    parser.add_argument("--name", default="")
    given = parser.parse_args(arguments)
    if not given.operator and not (given.organization and given.email):
        parser.error("say --operator EMAIL, or --organization SLUG --email EMAIL")
    return _run(lambda: create_user_link(given))


def key(arguments: list[str]) -> int:
    """`key create --organization SLUG --user EMAIL --name N [--scopes ...]`: prints it once."""
    parser = _parser("key", "an API key of a user; printed once, kept as a hash")
    parser.add_argument("--organization", required=True, metavar="SLUG")
    parser.add_argument("--user", required=True, metavar="EMAIL")
    parser.add_argument("--name", required=True, help="which program uses it")
    parser.add_argument("--scopes", nargs="+", help="for example slots.read bookings.write")
    parser.add_argument("--expires", metavar="DAY", help="the last day, for example 2027-12-31")
    given = parser.parse_args(arguments)
    return _run(lambda: create_api_key(given))


def create_organization_and_admin(given: argparse.Namespace) -> int:
    """The work itself, once Django is there."""
    from samtime.channels.commands.life import ensure_own_desk
    from samtime.foundation.tenancy import set_viewer
    from samtime.organizations.commands.founding import NewOrganization, create_organization
    from samtime.organizations.commands.grants import Grant
    from samtime.organizations.commands.users import NewUser, invite_user
    from samtime.organizations.rules import first_roles

    capabilities = tuple(name for names in given.capability for name in names)
    made = create_organization(
        actor=_operator(0),
        new=NewOrganization(
            slug=given.slug,
            name=given.name,
            country=given.country.upper(),
            capabilities=capabilities,
            language=given.language,
            registration_number=given.registration_number,
        ),
    )
    set_viewer(made.id)
    if "provider" in capabilities:
        ensure_own_desk(made.id)
    roles = first_roles(capabilities)
    grant = Grant(roles=tuple(roles), can_book_at_partner="agent" in roles)
    invite_user(actor=_operator(made.id), new=NewUser(given.admin, grant))
    print(f"{made.name} is here as «{made.slug}». A link for seven days goes to {given.admin}.")
    return DONE


def create_user_link(given: argparse.Namespace) -> int:
    """The work itself, once Django is there."""
    from samtime.foundation.tenancy import set_viewer
    from samtime.organizations.commands.founding import NewOrganization, create_organization
    from samtime.organizations.commands.grants import Grant
    from samtime.organizations.commands.users import NewUser, make_user_link
    from samtime.organizations.queries import operators, organization_by_slug
    from samtime.organizations.rules import first_roles

    if given.operator:
        found = next(iter(operators()), None) or create_organization(
            actor=_operator(0),
            new=NewOrganization("operator", "Network operator", "NO", ("operator",), "en"),
        )
    else:
        named = organization_by_slug(given.organization)
        if named is None:
            return _wrong(f"There is no organization «{given.organization}».")
        found = named
    set_viewer(found.id)
    said = [role for roles in given.role or [] for role in roles]
    roles = tuple(said) or first_roles(found.capabilities)
    grant = Grant(roles=tuple(roles), can_book_at_partner="agent" in roles)
    new = NewUser(given.operator or given.email, grant, given.name)
    _made, link = make_user_link(actor=_operator(found.id), new=new)
    print(link)
    return DONE


def create_api_key(given: argparse.Namespace) -> int:
    """The work itself, once Django is there."""
    from django.utils import timezone

    from samtime.foundation.tenancy import set_viewer
    from samtime.organizations.commands.keys import KeyWish, create_key
    from samtime.organizations.queries import organization_by_slug
    from samtime.organizations.queries.people import people

    found = organization_by_slug(given.organization)
    if found is None:
        return _wrong(f"There is no organization «{given.organization}».")
    set_viewer(found.id)
    actor = _operator(found.id)
    members = [p for p in people(actor, now=timezone.now()) if p.state == "active"]
    who = next((p for p in members if p.email == given.user.strip().lower()), None)
    if who is None:
        return _wrong(f"{given.user} has no access to «{given.organization}».")
    wish = KeyWish(
        name=given.name,
        member_id=who.id,
        scopes=tuple(given.scopes) if given.scopes else None,
        expires_at=_end_of(given.expires) if given.expires else None,
    )
    _key, secret = create_key(actor=actor, wish=wish)
    print(secret)
    return DONE


def _end_of(day: str) -> datetime:
    try:
        last = date.fromisoformat(day)
    except ValueError:
        raise SystemExit(_wrong(f"«{day}» is not a day. Write it as 2027-12-31.")) from None
    return datetime.combine(last + timedelta(days=1), time(0), UTC)


def _operator(organization_id: int) -> "Actor":
    from samtime.accounts.actor import Actor, ActorKind
    from samtime.accounts.rights import Right

    return Actor(kind=ActorKind.SYSTEM, organization_id=organization_id, rights=frozenset(Right))


def _parser(verb: str, meaning: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"samtime {verb}", description=meaning)
    parser.add_argument("act", choices=["create"])
    return parser


def _run(work: Callable[[], int]) -> int:
    use_database()
    set_up()
    from django.db import transaction

    from samtime.foundation.errors import Invalid, Refusal

    try:
        with transaction.atomic():
            return work()
    except Invalid as refusal:
        for error in refusal.errors:
            _wrong(f"{error.field}: {error.detail}")
        return REFUSED
    except Refusal as refusal:
        return _wrong(refusal.detail)


def _wrong(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return REFUSED

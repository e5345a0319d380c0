"""Roles by what an organization is, slugs, a user's invitation, days of the terms. Pure."""

import re
from collections.abc import Collection
from datetime import date, timedelta

from samtime.accounts.rights import ROLE_RIGHTS, Right, Role

LIFETIME = timedelta(days=7)
SHORTEST = timedelta(days=7)
REMINDED_BEFORE = timedelta(days=7)
CAPABILITIES = ("provider", "partner", "insurer", "assistance", "operator")
RESERVED_SLUGS = frozenset({"admin", "api", "demo", "fhir", "new", "operator", "sandbox", "www"})
PENDING = ("queued", "sent", "delivered", "deferred", "failed", "bounced", "opened")
ROLES_OF: dict[str, tuple[Role, ...]] = {
    "provider": (Role.ADMIN, Role.RECEPTIONIST, Role.PRACTITIONER, Role.FINANCE),
    "partner": (Role.PARTNER_MANAGER, Role.AGENT),
    "assistance": (Role.PARTNER_MANAGER, Role.AGENT),
    "insurer": (Role.NETWORK_MANAGER, Role.CASE_HANDLER),
    "operator": (Role.OPERATOR,),
}
# Strongest first: whoever holds one of them gives others access.
MANAGING = (Role.ADMIN, Role.OPERATOR, Role.NETWORK_MANAGER, Role.PARTNER_MANAGER)
FIRST_ROLES: dict[str, tuple[Role, ...]] = {
    "provider": (Role.ADMIN,),
    "partner": (Role.PARTNER_MANAGER, Role.AGENT),
    "assistance": (Role.PARTNER_MANAGER, Role.AGENT),
    "insurer": (Role.NETWORK_MANAGER,),
    "operator": (Role.OPERATOR,),
}
# What agents and case handlers do is their managers' to hand out, who may not do it themselves.
WORK_OF_STAFF = ROLE_RIGHTS[Role.AGENT] | ROLE_RIGHTS[Role.CASE_HANDLER]
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# A later report of the mail server does not undo what the person did.
_RANK = {"queued": 0, "deferred": 1, "sent": 2, "delivered": 3, "failed": 4, "bounced": 4}


def fitting_roles(capabilities: Collection[str]) -> tuple[Role, ...]:
    """The roles that mean something in an organization with these capabilities."""
    found = dict.fromkeys(
        r for name, roles in ROLES_OF.items() if name in capabilities for r in roles
    )
    return tuple(found)


def first_roles(capabilities: Collection[str]) -> tuple[Role, ...]:
    """What the first user of an organization is."""
    found = dict.fromkeys(
        r for name, roles in FIRST_ROLES.items() if name in capabilities for r in roles
    )
    return tuple(found)


def grantable(own: frozenset[Right]) -> frozenset[Right]:
    """What somebody with these rights may give: what he has himself, and his staff's work."""
    return own | WORK_OF_STAFF


def managing_rights(roles: Collection[str]) -> frozenset[Right]:
    """What has to stay with somebody else before a holder of these roles may go; else nothing."""
    for role in MANAGING:
        if role in roles:
            return ROLE_RIGHTS[role] - {Right.BOOK_AT_PARTNER}
    return frozenset()


def delivery_after(state: str, report: str) -> str:
    """An invitation's state after a report on its mail."""
    if state not in _RANK or report not in _RANK:
        return state
    return report if _RANK[report] >= _RANK[state] or report == "deferred" else state


def page_prefix(capabilities: Collection[str]) -> str:
    """Where an organization's pages stand: «», «partner/», «insurer/» or «operator/»."""
    if "provider" in capabilities:
        return ""
    for name in ("partner", "insurer", "operator"):
        if name in capabilities:
            return f"{name}/"
    return "partner/" if "assistance" in capabilities else ""


def earliest_deadline(today: date, effective_from: date) -> date:
    """Nobody gets less than a week, and nobody must accept before the text counts."""
    return max(today + SHORTEST, effective_from)


def reminder_day(asked_on: date, accept_by: date) -> date:
    """A week before the deadline; with a short time, when half of it has passed."""
    half = asked_on + (accept_by - asked_on) / 2
    return max(accept_by - REMINDED_BEFORE, half)


def is_overdue(accept_by: date | None, today: date) -> bool:
    """The day itself still counts."""
    return accept_by is not None and today > accept_by

"""Actor: who does it, for which organization, with which rights. Plain ids only (D6)."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from samtime.accounts.rights import Right
from samtime.foundation.errors import RightMissing


class ActorKind(StrEnum):
    """A member at a page, a user's key, a patient's link, or a job of the system."""

    MEMBER = "member"
    KEY = "key"
    LINK = "link"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Made by a door, once per request or job; passed to every query and command.

    `location_ids` None means all locations of the organization. `practitioner_id` limits
    SEE_OWN_CALENDAR. `scopes` None means no key limits the rights. `seen_on` is the last day the
    person was here before this request. `zone` is the time zone of the organization's first
    location where the door has read it, else «».
    """

    kind: ActorKind
    organization_id: int
    rights: frozenset[Right]
    user_id: int | None = None
    key_id: int | None = None
    location_ids: frozenset[int] | None = None
    practitioner_id: int | None = None
    language: str = "en"
    request_id: str = ""
    scopes: frozenset[str] | None = field(default=None)
    seen_on: date | None = None
    zone: str = ""

    def may(self, right: Right) -> bool:
        """Whether the right is there; use `require` in commands."""
        return right in self.rights

    def require(self, right: Right) -> None:
        """Refuse with 403 `right_missing` unless the actor has the right."""
        if right not in self.rights:
            raise RightMissing()

    def require_any(self, *rights: Right) -> None:
        """Refuse unless the actor has at least one of the rights."""
        if not self.rights & set(rights):
            raise RightMissing()


def system_actor(organization_id: int) -> Actor:
    """For jobs and seeds: every right, inside one organization."""
    return Actor(
        kind=ActorKind.SYSTEM,
        organization_id=organization_id,
        rights=frozenset(Right) - {Right.OPERATE, Right.ACT_BY_LINK},
    )

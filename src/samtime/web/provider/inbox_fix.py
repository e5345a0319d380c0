"""Where an inbox item is mended, and which of the people who read it may go there."""

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.inbox.models import InboxItem
from samtime.organizations.queries.terms import people_who_may
from samtime.web.door import opened_by


def place_of(item: InboxItem, slug: str) -> str:
    """The address its button leads to, or «» where there is no place to go."""
    return f"/o/{slug}/{item.link}" if item.link else ""


def may_fix(actor: Actor, item: InboxItem, slug: str) -> bool:
    """Whether this person may go where the item is mended; an item without a place is anybody's."""
    place = place_of(item, slug)
    if not place:
        return True
    rights = opened_by(place)
    return rights is not None and (not rights or any(actor.may(right) for right in rights))


def readers_who_may_fix(actor: Actor, item: InboxItem, slug: str) -> list[User]:
    """Colleagues who read the inbox and may open the item's place; all readers if nobody may."""
    readers = people_who_may(actor.organization_id, Right.SEE_INBOX)
    rights = opened_by(place_of(item, slug)) if item.link else ()
    if not rights:
        return readers
    able = {u.id for right in rights for u in people_who_may(actor.organization_id, right)}
    return [user for user in readers if user.id in able] or readers

"""Public ids in addresses and forms."""

from uuid import UUID

from samtime.foundation.errors import NotFound


def ident_typed(text: str) -> UUID | None:
    """A public id; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def ident_needed(text: str) -> UUID:
    """A public id; anything else names what does not exist. Refuses: NotFound."""
    found = ident_typed(text)
    if found is None:
        raise NotFound()
    return found

"""From what a form sent back to changes: only what the person touched."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from samtime.channels.commands import Change
from samtime.channels.queries.matrix import Matrix
from samtime.foundation.errors import Invalid, Refusal
from samtime.web.form_state import FormState
from samtime.web.provider.tick_review import key_of, names_of
from samtime.web.provider.tick_table import Posted


def changes_of(state: FormState, table: Matrix, from_on: date | None) -> list[Change]:
    """What differs between the ticks that were seen and those that came back.

    Services come before practitioners, so that one of them may differ. `keep` = mine overrides a
    colleague's change, theirs leaves it; `drop` names the cells that were refused.
    """
    posted, found = Posted(state), list[Change]()
    dropped = set(state.text("drop").split()) if state.text("others") else set()
    if state.text("meanwhile") == "theirs":
        dropped |= set(state.text("contested").split())
    mine = set(state.text("contested").split()) if state.text("meanwhile") == "mine" else set()
    for key in posted.touched:
        if key not in dropped:
            seen = "" if key in mine else posted.seen(key)
            found += _of_key(key, key in posted.on, seen, table, from_on)
    return sorted(found, key=lambda change: change.offering is not None)


def _of_key(
    key: str, is_open: bool, seen: str, table: Matrix, from_on: date | None
) -> Iterator[Change]:
    channel, _sep, rest = key.partition("/")
    kind, _sep, ident = rest.partition("/")
    try:
        ids = UUID(channel), UUID(ident)
    except ValueError:
        return
    if kind == "o":
        yield Change(channel=ids[0], offering=ids[1], open=is_open, from_on=from_on, seen=seen)
        return
    places = [table.location.public_id] if table.location else table.agreed(ids[0])
    for place in places:
        yield Change(
            channel=ids[0],
            service=ids[1],
            location=place,
            open=is_open,
            from_on=from_on,
            seen=seen if table.location else "",
        )


def refused_of(
    refusal: Refusal, table: Matrix, changes: Sequence[Change]
) -> list[tuple[str, str, str, str]]:
    """Cells that the server refused: channel, row, reason, key."""
    if not isinstance(refusal, Invalid):
        return []
    found = []
    for error in refusal.errors:
        number = error.field.removeprefix("changes.")
        if number.isdigit():
            change = changes[int(number)]
            found.append((*names_of(table, change), str(error.detail), key_of(change)))
    return found

"""The life of a partnership and of an invitation. Pure."""

from datetime import timedelta

KINDS = (
    "provider",
    "doctor_practice",
    "call_centre",
    "assistance",
    "insurer",
    "intermediary",
)
LIFETIME = timedelta(days=7)
REMINDED_AFTER = timedelta(days=3)
REMINDED_IN = ("sent", "delivered", "opened")
LIVE = ("invited", "active", "suspended", "notice_given")
# What was never accepted can be sent once more.
SENT_AGAIN_IN = ("invited", "expired", "withdrawn", "declined")
OVER = ("declined", "expired", "withdrawn", "ended")
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"draft", "invited"}),
    "invited": frozenset({"invited", "active", "declined", "expired", "withdrawn"}),
    "active": frozenset({"suspended", "notice_given", "ended"}),
    "suspended": frozenset({"active", "ended"}),
    "notice_given": frozenset({"active", "ended"}),
    **{state: frozenset({"invited", "draft"}) for state in OVER},
}
PENDING = ("queued", "sent", "delivered", "deferred", "failed", "bounced", "opened")
# A later report of the mail server does not undo what the person did.
_RANK = {"queued": 0, "deferred": 1, "sent": 2, "delivered": 3, "failed": 4, "bounced": 4}
LANGUAGE_OF = {"NO": "nb", "RO": "ro", "HU": "hu"}


def may_move(state: str, to: str) -> bool:
    """Whether a partnership may go from one state to another (DOMAIN.md 1.2)."""
    return to in MOVES.get(state, frozenset())


def delivery_after(state: str, report: str) -> str:
    """The invitation's state after a report on its mail."""
    if state not in _RANK or report not in _RANK:
        return state
    if report == "deferred":  # the next server waits; one that has it does not hand it back
        return report if state in ("queued", "sent") else state
    return report if _RANK[report] >= _RANK[state] else state

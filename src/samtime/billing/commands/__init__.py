"""Commands of settlement: computing, sending, disputing, closing, and what is due."""

from samtime.billing.commands.computing import (
    NoStatement,
    StatementFrozen,
    compute_statement,
    review_statement,
)
from samtime.billing.commands.disputing import (
    AlreadyDisputed,
    DisputeClosed,
    answer_dispute,
    claim_missing_booking,
    dispute_line,
)
from samtime.billing.commands.due import note_due_statements
from samtime.billing.commands.sending import (
    DisputesOpen,
    EarlierOpen,
    MonthNotOver,
    NotAnswered,
    StatementOutdated,
    accept_statement,
    close_statement,
    send_statement,
)

__all__ = [
    "AlreadyDisputed",
    "DisputeClosed",
    "DisputesOpen",
    "EarlierOpen",
    "MonthNotOver",
    "NoStatement",
    "NotAnswered",
    "StatementFrozen",
    "StatementOutdated",
    "accept_statement",
    "answer_dispute",
    "claim_missing_booking",
    "close_statement",
    "compute_statement",
    "dispute_line",
    "note_due_statements",
    "review_statement",
    "send_statement",
]

"""Dated values: since when one counts, and what comes after it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value, since when it is this, and the next different one with its day (None = none)."""

    value: T
    since: date
    next_from: date | None = None
    next_value: T | None = None


def value_on(rows: Sequence[tuple[date, T]], today: date) -> Dated[T]:
    """The value that counts on a day, from (day from which, value), oldest first, at least one.

    Rows that repeat the value before them are no change. Before the first row the first counts.
    """
    past = [row for row in rows if row[0] <= today] or list(rows[:1])
    value, since = past[-1][1], past[-1][0]
    for day, before in reversed(past):
        if before != value:
            break
        since = day
    for day, later in rows:
        if day > today and later != value:
            return Dated(value, since, day, later)
    return Dated(value, since)


# What is agreed together changes together.
TOGETHER = (
    ("payment_place",),
    ("patient_access",),
    ("statistics", "commission_kind", "commission_rate", "commission_amount"),
)


def carried_over(
    old: Mapping[str, Any], new: Mapping[str, Any], later: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Later dated terms after an earlier change from `old` to `new`, oldest first.

    A later row that only repeats the old value takes the new one; a value that was set on purpose
    for a later day stays, and so does everything after it.
    """
    rows = [dict(row) for row in later]
    for names in TOGETHER:
        for row in rows:
            if any(row[name] != old[name] for name in names):
                break
            row.update({name: new[name] for name in names})
    return rows

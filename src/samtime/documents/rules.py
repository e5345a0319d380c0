"""What an import would do: rows planned and faults found, as plain values."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
TOLD_EVERY = 25
# Long work of a run: it waits for the worker, or is being applied.
AT_WORK = ("waiting", "applying")


@dataclass(frozen=True, slots=True)
class Pace:
    """How far long work is: which pass of how many, and how many of its rows are done."""

    step: int
    steps: int
    done: int
    total: int

    @property
    def percent(self) -> int:
        """Of the whole work, from 0 to 100."""
        within = self.done / self.total if self.total else 0.0
        return min(100, int(100 * (self.step - 1 + within) / self.steps))


Progress = Callable[[Pace], None]


def unwatched(pace: Pace) -> None:
    """Nobody looks on."""


def counted(rows: Sequence[T], progress: Progress, *, step: int, steps: int) -> Iterator[T]:
    """The rows, one after the other; every so many it is told how far they are."""
    for number, row in enumerate(rows):
        if number % TOLD_EVERY == 0:
            progress(Pace(step, steps, number, len(rows)))
        yield row


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong where: row number and column letter of the file («» = the whole row)."""

    row: int
    column: str
    detail: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A value that would change, in the reader's words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What one row of the file would do. Actions: create, change, unchanged."""

    row: int
    label: str
    action: str
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything a file would do, and everything that stands against it."""

    rows: int
    planned: tuple[PlannedRow, ...] = ()
    faults: tuple[RowFault, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def changes_something(self) -> bool:
        """Whether applying it would write anything."""
        return any(row.action != "unchanged" for row in self.planned)

    def preview(self) -> list[dict[str, Any]]:
        """The planned rows as plain values for keeping."""
        return [asdict(row) for row in self.planned]

    def errors(self) -> list[dict[str, Any]]:
        """The faults as plain values, in the order of the file."""
        ordered = sorted(self.faults, key=lambda f: (f.row, len(f.column), f.column))
        return [asdict(fault) for fault in ordered]

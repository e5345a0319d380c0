"""What an import would do: rows planned and faults found, as plain values."""

from dataclasses import asdict, dataclass, field
from typing import Any


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

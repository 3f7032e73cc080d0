"""What a file would do, or did: line by line, with every fault named by its place."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from common.sheets import Fault, Table

#: The column that the error workbook adds; a file that has it may be uploaded again.
ERROR_COLUMN = "错误"

NEW, CHANGED, UNCHANGED, BAD = "new", "changed", "unchanged", "bad"
#: So many lines of a kind, and so many faults, are listed on a page; the rest are counted.
LISTED = 100


@dataclass(frozen=True)
class Change:
    """One cell: its column, what is on file, what the line says."""

    column: str
    before: str
    after: str


@dataclass
class Line:
    """What becomes of one line: ``deed`` says in a word what it does, ``key`` and ``name`` whom or what it is about."""

    sheet: str
    row: int
    kind: str
    deed: str = ""
    key: str = ""
    name: str = ""
    about: str = ""
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Report:
    """The outcome of a file. ``written`` counts what stands in the database, read back before COMMIT."""

    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.kind for line in self.lines)

    @property
    def clean(self) -> bool:
        return not self.faults

    def of_kind(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line.kind == kind]

    def take(self, line: Line) -> None:
        """Add a line, and its faults to those of the file."""
        self.lines.append(line)
        self.faults += line.faults

    @property
    def outcome(self) -> str:
        """A digest of everything that would be done: the deed must come to the same as the preview."""
        told = [(line.sheet, line.row, line.kind, line.deed, line.key, line.changes) for line in self.lines]
        return hashlib.sha256(repr(told).encode()).hexdigest()


@dataclass
class Summary:
    """As much of a report as a page shows: small enough to be kept between the check and the deed."""

    counts: dict[str, int]
    written: dict[str, int]
    notes: list[str]
    outcome: str
    faults: list[Fault]
    fault_count: int
    new_lines: list[Line]
    changed_lines: list[Line]

    @classmethod
    def of(cls, report: Report) -> Summary:
        return cls(
            counts=dict(report.counts),
            written=report.written,
            notes=report.notes,
            outcome=report.outcome,
            faults=report.faults[:LISTED],
            fault_count=len(report.faults),
            new_lines=report.of_kind(NEW)[:LISTED],
            changed_lines=report.of_kind(CHANGED)[:LISTED],
        )

    @property
    def clean(self) -> bool:
        return not self.fault_count

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    @property
    def nothing(self) -> bool:
        """Whether every line says what is on file already."""
        return self.clean and not self.counts.get(NEW) and not self.counts.get(CHANGED)

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Summary:
        """What ``as_plain`` gave."""
        faults = [Fault(**each) for each in plain["faults"]]
        new, changed = (_lines(plain[name]) for name in ("new_lines", "changed_lines"))
        return cls(**{**plain, "faults": faults, "new_lines": new, "changed_lines": changed})


def _lines(plain: Iterable[Mapping[str, Any]]) -> list[Line]:
    return [
        Line(
            **{
                **each,
                "changes": [Change(**change) for change in each["changes"]],
                "faults": [Fault(**fault) for fault in each["faults"]],
            }
        )
        for each in plain
    ]

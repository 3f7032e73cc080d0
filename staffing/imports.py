"""A file in, a report out: what it would change, or what it did; and the file given back with its errors."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, field

import tablib
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from import_export.results import Result, RowResult

from common import audit
from common.actors import Actor
from common.cells import refusal
from common.sheets import BadFile, Fault, Table, read_table
from staffing.identity import is_masked, mask
from staffing.importing import RosterImport
from staffing.resources import COLUMN_OF, COLUMNS, HIDDEN_ATTRIBUTES
from staffing.roster import RosterRow

log = logging.getLogger(__name__)

#: The column that the error workbook adds; a file that has it may be uploaded again.
ERROR_COLUMN = "错误"

NEW, CHANGED, UNCHANGED, BAD = "new", "changed", "unchanged", "bad"
_KINDS = {
    RowResult.IMPORT_TYPE_NEW: NEW,
    RowResult.IMPORT_TYPE_UPDATE: CHANGED,
    RowResult.IMPORT_TYPE_SKIP: UNCHANGED,
}


@dataclass(frozen=True)
class Change:
    """One cell: its column, what is on file, what the line says."""

    column: str
    before: str
    after: str


@dataclass
class LineReport:
    """What becomes of one line."""

    sheet: str
    row: int
    kind: str
    deed: str = ""
    staff_no: str = ""
    name: str = ""
    post: str = ""
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Report:
    """The outcome of a file. ``written`` counts what stands in the database, read back before COMMIT."""

    lines: list[LineReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=dict)
    table: Table = field(default_factory=Table)

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.kind for line in self.lines)

    @property
    def clean(self) -> bool:
        return not self.faults

    def of_kind(self, kind: str) -> list[LineReport]:
        return [line for line in self.lines if line.kind == kind]

    @property
    def outcome(self) -> str:
        """A digest of everything that would be done: the deed must come to the same as the preview."""
        told = [(line.sheet, line.row, line.kind, line.deed, line.staff_no, line.changes) for line in self.lines]
        return hashlib.sha256(repr(told).encode()).hexdigest()


class OtherOutcome(Exception):
    """The register changed since the preview, and with it what the file would do; nothing was written."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__("outcome differs from the preview")


def preview(content: bytes, *, unit_ids: frozenset[int], by: Actor, day: dt.date, source: str = "") -> Report:
    """What the file would do: done for real, looked at, and rolled back."""
    return _run(content, unit_ids=unit_ids, by=by, day=day, source=source, keep=False)


def carry_out(
    content: bytes, *, unit_ids: frozenset[int], by: Actor, day: dt.date, outcome: str = "", source: str = ""
) -> Report:
    """Write all of the file, or nothing when a line is bad. Raises OtherOutcome unless it comes to ``outcome``."""
    return _run(content, unit_ids=unit_ids, by=by, day=day, source=source, keep=True, outcome=outcome)


def _run(
    content: bytes, *, unit_ids: frozenset[int], by: Actor, day: dt.date, source: str, keep: bool, outcome: str = ""
) -> Report:
    try:
        table = read_table(content, COLUMNS, [ERROR_COLUMN])
    except BadFile as error:
        return Report(faults=error.faults)
    if not table.rows:
        return Report(faults=[Fault(_("表头之下没有数据"))], notes=table.notes)
    resource = RosterImport(unit_ids=unit_ids, by=by, day=day, places=table.places, source=source, unread=table.unread)
    data = tablib.Dataset(*table.rows, headers=table.columns)
    with transaction.atomic(), audit.gathered() as entries:
        result = resource.import_data(data, dry_run=not keep, use_transactions=True, rollback_on_validation_errors=True)
        report = _report(table, resource, result)
        if not keep or not report.clean:
            entries.clear()
            return report
        if outcome and report.outcome != outcome:
            raise OtherOutcome(report)
        if by.user is not None and any(report.written.values()):
            told = {"file": source, "sha256": hashlib.sha256(content).hexdigest(), **report.written}
            audit.record("import_roster", by.user, by=by, after=told)
    return report


def _report(table: Table, resource: RosterImport, result: Result) -> Report:
    if result.base_errors:
        raise result.base_errors[0].error
    report = Report(notes=table.notes, table=table)
    for index, row in enumerate(result.rows):
        line = _line(table, resource, index, row)
        report.lines.append(line)
        report.faults += line.faults
    report.written = resource.written
    return report


def _line(table: Table, resource: RosterImport, index: int, row: RowResult) -> LineReport:
    (sheet, number), match = table.places[index], resource.matches[index]
    line = LineReport(sheet, number, _KINDS.get(row.import_type, BAD), match.deed.value, match.said.staff_no)
    cells = dict(zip(table.columns, table.rows[index], strict=True))
    line.name = _shown_cell(cells.get("姓名")) or (match.person.name if match.person else "")
    line.post = match.said.post
    if index in resource.ending:
        line.deed = "end"
    if line.kind == BAD:
        unread = table.unread.get(index, [])
        said = {fault.column for fault in unread} | ({""} if match.unread - set(resource.fields) else set())
        line.faults = unread + [
            Fault(text, sheet, number, column, _shown_cell(cells.get(column)))
            for column, text in _reasons(row, number)
            if column not in said
        ]
        return line
    line.staff_no = row.instance.staff_no or line.staff_no
    if line.kind != UNCHANGED:
        line.changes = _changes(resource, resource.bases[index], row.instance)
    return line


def _shown_cell(value: object) -> str:
    return "" if value is None or refusal(value) else force_str(value)[:60]


def _reasons(row: RowResult, number: int) -> list[tuple[str, str]]:
    """Each error of a bad line as (column, reason); column "" for the line as a whole."""
    if row.validation_error is None:
        for error in row.errors:
            log.error("roster line %s failed", number, exc_info=error.error)
        return [("", _("此行无法处理，已记入日志"))]
    refused: ValidationError = row.validation_error
    if not hasattr(refused, "error_dict"):
        return [("", text) for text in refused.messages]
    return [(COLUMN_OF.get(key, ""), text) for key, texts in refused.message_dict.items() for text in texts]


def _changes(resource: RosterImport, before: RosterRow, after: RosterRow) -> list[Change]:
    out = []
    for attribute, column in resource.fields.items():
        was, now = getattr(before, attribute), getattr(after, attribute)
        if was == now or column.readonly or attribute == "staff_no":
            continue
        if attribute in HIDDEN_ATTRIBUTES:
            was, now = (text if is_masked(text) else mask(text) for text in (was, now))
        out.append(Change(column.column_name, _shown(column, was), _shown(column, now)))
    return out


def _shown(column, value: object) -> str:
    return "" if value is None else force_str(column.widget.render(value))

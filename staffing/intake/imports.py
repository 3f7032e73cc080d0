"""The roster's import: what it reads, and a report of every line (``common/imports`` does the rest)."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

import tablib
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from import_export.results import Result, RowResult

from common.actors import Actor
from common.cells import refusal
from common.imports import deeds
from common.imports.deeds import OtherOutcome, Told
from common.imports.report import BAD, CHANGED, NEW, UNCHANGED, Change, Line, Report
from common.rules import Refusal
from common.sheets import Fault, SheetForm, Table
from staffing import store
from staffing.intake import post_import
from staffing.intake.importing import RosterImport
from staffing.intake.post_import import SHEET
from staffing.personnel.identity import is_masked, mask
from staffing.roster.line import RosterRow
from staffing.roster.resources import COLUMN_OF, COLUMNS, HIDDEN_ATTRIBUTES

__all__ = ["OtherOutcome", "RosterImporter", "carry_out", "preview"]

log = logging.getLogger(__name__)

_KINDS = {
    RowResult.IMPORT_TYPE_NEW: NEW,
    RowResult.IMPORT_TYPE_UPDATE: CHANGED,
    RowResult.IMPORT_TYPE_SKIP: UNCHANGED,
}
ROSTER = SheetForm("roster", "花名册", COLUMNS, titles=("聘任花名册", "花名册"), anywhere=True)


@dataclass
class RosterImporter:
    """A roster in the units that the clerk reaches, compared with what is on file on ``day``."""

    unit_ids: frozenset[int]
    by: Actor
    day: dt.date
    source: str = ""
    #: Where posts may be set up and changed.
    post_units: frozenset[int] = frozenset()

    verb = "import_roster"
    forms = (ROSTER, SHEET.form)

    def carry(self, tables: dict[str, Table], told: Told) -> Report:
        """All lines together; where only the database saw what is wrong, line by line to find whose fault it is."""
        try:
            with transaction.atomic():
                return self._both(tables, told, at_once=True)
        except store.Refused as refused:
            with transaction.atomic():
                report = self._both(tables, told, at_once=False)
            if report.clean:  # no line by itself: the whole breaks what only a whole can
                report.faults.append(Fault("；".join(refused.reason.messages)))
            return report

    def _both(self, tables: dict[str, Table], told: Told, *, at_once: bool) -> Report:
        """The posts first: people may be put on those that the same file sets up."""
        posts, people = tables[SHEET.name], tables[ROSTER.name]
        report = Report()
        if posts.rows:
            report, report.written = post_import.carry(
                posts, self.post_units, self.by, self.source, told, at_once=at_once
            )
        if report.clean and people.rows:
            found = self._lines(people, told, at_once=at_once)
            for line in found.lines:
                report.take(line)
            report.written |= found.written
        elif people.rows:
            report.notes.append(_("岗位表有误，花名册的各行尚未核对"))
        return report

    def _lines(self, table: Table, told: Told, *, at_once: bool) -> Report:
        resource = RosterImport(
            unit_ids=self.unit_ids,
            by=self.by,
            day=self.day,
            source=self.source,
            table=table,
            told=told,
            at_once=at_once,
        )
        data = tablib.Dataset(*table.rows, headers=table.columns)
        with resource.open:
            return _report(table, resource, resource.import_data(data, use_transactions=not at_once))


def preview(content: bytes, *, unit_ids: frozenset[int], by: Actor, day: dt.date, source: str = "") -> Report:
    """What the file would do: done for real, looked at, and rolled back."""
    return deeds.preview(content, RosterImporter(unit_ids, by, day, source, unit_ids))


def carry_out(
    content: bytes, *, unit_ids: frozenset[int], by: Actor, day: dt.date, outcome: str = "", source: str = ""
) -> Report:
    """Write all of the file, or nothing when a line is bad. Raises OtherOutcome unless it comes to ``outcome``."""
    return deeds.carry_out(content, RosterImporter(unit_ids, by, day, source, unit_ids), outcome)


def _report(table: Table, resource: RosterImport, result: Result) -> Report:
    refused: list[Refusal] = []
    if result.base_errors:
        error = result.base_errors[0].error
        if not isinstance(error, store.Refused) or not error.breaches:
            raise error
        refused = list(error.breaches)
    report = Report()
    for index, row in enumerate(result.rows):
        line = _line(table, resource, index, row)
        told = [each for each in refused if each.violation.ref in _refs(resource, index, line)]
        for each in told:
            line.faults.append(Fault(each.sentence, line.sheet, line.row, "", line.name))
            line.kind = BAD
        refused = [each for each in refused if each not in told]
        report.take(line)
    if refused and report.clean:  # nobody in the file: said of the file as a whole
        report.faults += [Fault(each.sentence) for each in refused]
    report.written = resource.written
    return report


def _refs(resource: RosterImport, index: int, line: Line) -> set[str]:
    """What a rule's offender is called when the line put him there: the person, the post, his unit."""
    post = resource.register.places.posts.get(resource.matches[index].post_id or 0)
    return {f"person:{line.key}"} | ({f"post:{post.code}"} if post else set())


def _line(table: Table, resource: RosterImport, index: int, row: RowResult) -> Line:
    (sheet, number), match = table.places[index], resource.matches[index]
    line = Line(sheet, number, _KINDS.get(row.import_type, BAD), match.deed.value, match.said.staff_no)
    cells = dict(zip(table.columns, table.rows[index], strict=True))
    line.name = _shown_cell(cells.get("姓名")) or (match.person.name if match.person else "")
    line.about = match.said.post
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
    line.key = row.instance.staff_no or line.key
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

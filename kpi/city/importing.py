"""Scores of a city's units from a file: one line a unit and indicator, checked whole, then written or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common import audit
from common.access import Access
from common.actors import Actor
from common.cells import text_of
from common.databases import hold_rules
from common.imports.columns import Cell, WholeCell
from common.imports.deeds import Told
from common.imports.report import BAD, CHANGED, UNCHANGED, Change, Report
from common.imports.report import Line as ReportLine
from common.sheets import Fault, SheetForm, Table
from kpi.models import Cycle, Line, Scorecard
from kpi.numbers import parse_actual
from kpi.promise.columns import missing_columns, read_line
from kpi.reckoning import Book
from kpi.rights import scorable
from zones.models import Unit

YEAR, UNIT, INDICATOR, VALUE, SEEN = "年度", "单位代码", "指标代码", "完成值", "在册值"


class TypedCell(Cell):
    """A number as it is typed, read with its indicator; blank says nothing."""

    def read(self, value: Any) -> str:
        return text_of(value)


CELLS: dict[str, Cell] = {
    YEAR: WholeCell(1978, 2200),
    UNIT: Cell(20, needed=True),
    "单位": Cell(100),
    INDICATOR: Cell(40, needed=True),
    "指标": Cell(200),
    "计量单位": Cell(20),
    SEEN: TypedCell(64),
    VALUE: TypedCell(64),
}
FORM = SheetForm("scores", "市考核完成值", tuple(CELLS), titles=("市考核完成值",), anywhere=True)


def open_cards(access: Access, on: dt.date):
    """The cards of units, in cities' open years, that the visitor may score."""
    cards = Scorecard.objects.filter(
        kind=Scorecard.Kind.UNIT,
        cycle__state=Cycle.State.OPEN,
        cycle__holder__kind=Unit.Kind.CITY,
        cycle__year__lte=on.year,
    )
    return scorable(access, cards)


def sheet_rows(access: Access, on: dt.date) -> list[list[Any]]:
    """The lines that the visitor may fill in, under ``CELLS``; what is on file stands in both columns of values."""
    cards = open_cards(access, on).named(on).select_related("unit", "cycle")
    ordered = sorted(cards, key=lambda card: (-card.cycle.year, card.unit.sequence, card.unit.code))
    lines: dict[int, list[Line]] = {}
    for line in Line.objects.filter(scorecard__in=[card.pk for card in ordered]).select_related("indicator"):
        lines.setdefault(line.scorecard_id, []).append(line)
    return [
        [
            card.cycle.year,
            card.unit.code,
            card.unit_name,
            line.indicator.code,
            line.indicator.shown_name,
            line.indicator.measure,
            line.actual,
            line.actual,
        ]
        for card in ordered
        for line in sorted(lines.get(card.pk, ()), key=lambda line: line.sequence)
        if not line.not_applicable
    ]


@dataclass
class ScoreImporter:
    """Lines of actuals. What a line says of the value on file (``在册值``) must still be so, or it is a conflict."""

    access: Access
    by: Actor
    on: dt.date
    source: str = ""
    lines: dict[tuple[int, str, str], Line] = field(default_factory=dict)

    verb = "import_city_scores"
    forms: Sequence[SheetForm] = (FORM,)

    def carry(self, tables: dict[str, Table], told: Told) -> Report:
        table = tables[FORM.name]
        report = Report(faults=missing_columns(table, (YEAR, UNIT, INDICATOR, VALUE)))
        if report.faults:
            return report
        cards = {card.pk: card for card in open_cards(self.access, self.on).select_related("unit", "cycle")}
        book = Book.hold(cards)
        self.lines = {
            (cards[line.scorecard_id].cycle.year, cards[line.scorecard_id].unit.code, line.indicator.code): line
            for pk in cards
            for line in book.lines[pk]
        }
        seen: dict[tuple, int] = {}
        try:
            with hold_rules():
                for index in range(len(table.rows)):
                    told(index, len(table.rows), _("核对完成值"))
                    report.take(self._line(table, index, book, seen))
                book.settle()
        except ValidationError as error:
            report.faults += [Fault(text) for text in error.messages]
        report.written = {"changed": report.counts[CHANGED]}
        return report

    def _line(self, table: Table, index: int, book: Book, seen: dict[tuple, int]) -> ReportLine:
        sheet, number = table.places[index]
        said, faults = read_line(table, index, CELLS)
        told = ReportLine(sheet, number, BAD, key=said.get(UNIT, ""), name=said.get("单位", ""), faults=faults)
        if faults:
            return told
        key = (said[YEAR], said[UNIT], said[INDICATOR])
        line = self.lines.get(key)
        if line is None:
            faults.append(Fault(self._unknown(key), sheet, number, INDICATOR, said[INDICATOR]))
        elif key in seen:
            faults.append(Fault(_("与第 %(n)s 行是同一项") % {"n": seen[key]}, sheet, number, INDICATOR, key[2]))
        else:
            seen[key] = number
            told.about = told.name
            self._enter(told, line, said, book)
        return told

    def _unknown(self, key: tuple[int, str, str]) -> str:
        """Why there is no such line: said without telling what lies beyond the visitor's reach."""
        units = {(year, unit) for year, unit, _code in self.lines}
        if key[:2] not in units:
            return _("%(year)s 年没有您可以录入的单位「%(unit)s」") % {"year": key[0], "unit": key[1]}
        return _("这张评分卡没有这项指标")

    def _enter(self, told: ReportLine, line: Line, said: Mapping[str, Any], book: Book) -> None:
        place = (told.sheet, told.row)
        column = VALUE
        try:
            value = parse_actual(said[VALUE], line.indicator)
            if said.get(SEEN):
                column = SEEN
                if parse_actual(said[SEEN], line.indicator) != line.actual:
                    now = _("未录入") if line.actual is None else f"{line.actual.normalize():f}"
                    raise ValidationError(_("已被他人改动，现为 %(now)s") % {"now": now}, code="conflict")
            column = VALUE
            if value is None or value == line.actual:
                told.kind = UNCHANGED
                return
            before = audit.facts(line)
            was = "" if line.actual is None else f"{line.actual.normalize():f}"
            book.put(line, value, self.by)
        except ValidationError as error:
            told.faults.append(Fault(" ".join(error.messages), *place, column, str(said[column])[:60]))
            return
        audit.record("score", line, by=self.by, before=before, after=audit.facts(line))
        told.kind, told.deed = CHANGED, "revise"
        told.changes = [Change(line.indicator.name, was, f"{value.normalize():f}")]

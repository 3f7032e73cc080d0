"""Scores as a table, a row a line: given out with what stands, taken in again line by line, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.imports.columns import Cell, Choice, Plain, WholeCell
from common.imports.deeds import Told
from common.imports.report import BAD, CHANGED, NEW, UNCHANGED, Change, Report
from common.imports.report import Line as ReportLine
from common.sheets import Fault, SheetForm, Table
from kpi.entry import pages, services
from kpi.entry.services import Outcome, StaleLine
from kpi.models import Line, Scorecard
from kpi.numbers import parse_actual, typed_form
from kpi.promise.columns import missing_columns, read_line
from kpi.querysets import ScorecardQuerySet

YEAR, KIND, CODE, WHO, INDICATOR, NAME = "年度", "类别", "对象编号", "对象", "指标代码", "指标"
MEASURE, WEIGHT, TARGET, ACTUAL, VERSION = "计量单位", "权重", "目标值", "完成值", "版本"
#: Every column as it is read and written; those that only help people are read as text and not used.
CELLS: dict[str, Cell] = {
    YEAR: WholeCell(1978, 2200),
    KIND: Choice(Scorecard.Kind),
    CODE: Cell(40, needed=True),
    WHO: Cell(100),
    INDICATOR: Cell(40, needed=True),
    NAME: Cell(200),
    MEASURE: Cell(20),
    WEIGHT: Plain(20),
    TARGET: Plain(40),
    ACTUAL: Plain(64),
    VERSION: WholeCell(1, 2**31 - 1, empty=0),
}
NEEDED = (YEAR, KIND, CODE, INDICATOR, ACTUAL)
FORM = SheetForm("scores", "评分", tuple(CELLS), titles=("评分", "评分表"), anywhere=True)
Key = tuple[int, str, str, str]


def code_of(card: Scorecard) -> str:
    """What names the card's subject in a file: the person's staff number, the bureau's or the unit's code."""
    if card.person:
        return card.person.staff_no
    return card.bureau.code if card.kind == Scorecard.Kind.BUREAU and card.bureau else card.unit.code


def rows_of(cards: Iterable[Scorecard]) -> list[list[Any]]:
    """The lines of the cards (read with ``named``) under ``CELLS``; lines that do not apply stay out."""
    found = {card.pk: card for card in cards}
    lines = Line.objects.filter(scorecard__in=found, not_applicable="").select_related("indicator")
    of: dict[int, list[Line]] = {}
    for line in lines.order_by("scorecard", "sequence"):
        of.setdefault(line.scorecard_id, []).append(line)
    return [_row(card, line) for pk, card in found.items() for line in of.get(pk, ())]


def _row(card: Scorecard, line: Line) -> list[Any]:
    values = {
        YEAR: card.cycle.year,
        KIND: card.kind,
        CODE: code_of(card),
        WHO: pages.subject(card),
        INDICATOR: line.indicator.code,
        NAME: line.indicator.name,
        MEASURE: line.indicator.measure,
        WEIGHT: line.weight,
        TARGET: line.target,
        ACTUAL: line.actual,
        VERSION: line.version,
    }
    return [cell.render(values[column]) for column, cell in CELLS.items()]


@dataclass
class ScoreImporter:
    """A file of scores, in the reach of whoever scores; a value that changed since it was given out is a conflict."""

    access: Access
    by: Actor
    source: str = ""

    verb = "import_scores"
    forms: Sequence[SheetForm] = (FORM,)

    def carry(self, tables: dict[str, Table], told: Told) -> Report:
        table = tables[FORM.name]
        report = Report(faults=missing_columns(table, NEEDED))
        if report.faults:
            return report
        read = [read_line(table, index, CELLS) for index in range(len(table.rows))]
        known = self._known(said for said, _faults in read)
        seen: dict[int, int] = {}
        cells: dict[int, tuple[ReportLine, Line, services.Cell]] = {}
        for index, (said, faults) in enumerate(read):
            told(index, len(read), _("核对评分"))
            line, found, cell = self._line(table, index, said, faults, known, seen)
            report.lines.append(line)
            if found and cell:
                cells[found.pk] = (line, found, cell)
        if cells:
            done = services.enter_scores(cells=[cell for _line, _found, cell in cells.values()], by=self.by)
            for outcome in done.outcomes:
                line, found, _cell = cells[outcome.cell.line]
                _answer(line, found, outcome)
        report.faults = [fault for line in report.lines for fault in line.faults]
        report.written = {"scores": sum(line.kind in (NEW, CHANGED) for line in report.lines)}
        return report

    def _known(self, rows: Iterable[dict[str, Any]]) -> dict[Key, Line]:
        """The lines that the file may mean, of cards that the user may see: two queries."""
        rows = list(rows)
        cards: ScorecardQuerySet = self.access.scope(
            Scorecard.objects.filter(cycle__year__in={said[YEAR] for said in rows if said.get(YEAR)})
        )
        lines = Line.objects.filter(
            scorecard__in=cards.order_by().values("pk"),
            indicator__code__in={said[INDICATOR] for said in rows if said.get(INDICATOR)},
        ).select_related("indicator", *(f"scorecard__{name}" for name in ("cycle", "unit", "bureau", "person")))
        return {
            (line.scorecard.cycle.year, line.scorecard.kind, code_of(line.scorecard), line.indicator.code): line
            for line in lines
        }

    def _line(
        self,
        table: Table,
        index: int,
        said: dict[str, Any],
        faults: list[Fault],
        known: dict[Key, Line],
        seen: dict[int, int],
    ) -> tuple[ReportLine, Line | None, services.Cell | None]:
        """What a row means: the line and the cell to enter; a blank actual leaves what stands."""
        sheet, number = table.places[index]
        line = ReportLine(sheet, number, BAD, key=said.get(CODE, ""), name=said.get(WHO, ""), faults=faults)
        line.about = said.get(NAME) or said.get(INDICATOR, "")
        if faults:
            return line, None, None
        found = known.get((said[YEAR], said[KIND], said[CODE], said[INDICATOR]))
        if found is None:
            faults.append(Fault(_("没有这张评分卡，或卡上没有这个指标"), sheet, number, INDICATOR, said[INDICATOR]))
        elif found.pk in seen:
            faults.append(Fault(_("与第 %(n)s 行是同一项") % {"n": seen[found.pk]}, sheet, number, INDICATOR))
        if faults or found is None:
            return line, None, None
        seen[found.pk] = number
        line.kind = UNCHANGED
        if not said[ACTUAL]:
            return line, found, None
        return line, found, services.Cell(found.pk, said[ACTUAL], said.get(VERSION) or found.version)


def _answer(line: ReportLine, before: Line, outcome: Outcome) -> None:
    """What entering a row's value came to, said at its place."""
    if outcome.line is None:
        line.kind = BAD
        line.faults = [Fault(_words(outcome), line.sheet, line.row, ACTUAL, outcome.cell.text[:40])]
        return
    if parse_actual(outcome.cell.text, before.indicator) == before.actual:
        return
    line.kind, line.deed = (NEW if before.actual is None else CHANGED), "score"
    line.changes = [Change(ACTUAL, typed_form(before.actual), typed_form(outcome.line.actual))]


def _words(outcome: Outcome) -> str:
    if isinstance(outcome.error, StaleLine):
        theirs = typed_form(outcome.error.theirs) or _("空")
        return _("导出之后已被%(who)s改为 %(theirs)s，请核对") % {
            "who": outcome.error.who or _("他人"),
            "theirs": theirs,
        }
    return " ".join(outcome.error.messages) if isinstance(outcome.error, ValidationError) else _("未保存")

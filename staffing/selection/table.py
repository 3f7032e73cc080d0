"""Scores from a table that was pasted or uploaded: read, judged row by row, written all or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from common import audit
from common.actors import Actor
from common.cells import text_of
from common.databases import hold_rules
from common.sheets import Fault, SheetForm, Table, read_book
from staffing.models import Candidate, Score, Selection
from staffing.selection.assessing import drop_proposal, read_points
from staffing.selection.candidacy import is_own
from staffing.selection.rounds import Stage, locked

NUMBER, STAFF_NO, NAME = "报名序号", "工号", "姓名"


def part_columns() -> dict[str, str]:
    """The column of each part. A file is in Chinese, whatever language the page is in."""
    with override("zh-hans"):
        return {str(label): part for part, label in Score.Part.choices}


@dataclass(frozen=True)
class Change:
    """One cell that would change."""

    candidate: Candidate
    part: str
    was: Decimal | None
    now: Decimal | None

    @property
    def label(self) -> str:
        return str(Score.Part(self.part).label)


@dataclass
class ScoreSheet:
    """What a table would do: the changes, or the faults for which it cannot."""

    rows: int = 0
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_scores(selection: Selection, content: bytes, *, by: Actor) -> ScoreSheet:
    """The table against the round as it stands, in a few queries. Raises BadFile where it is no such table."""
    parts = part_columns()
    form = SheetForm("scores", _("考评得分"), (NUMBER, STAFF_NO, NAME, *parts), anywhere=True)
    table = read_book(content, [form])["scores"]
    people = list(selection.candidates.select_related("person", "applicant", "selection").prefetch_related("scores"))
    by_number = {str(each.number): each for each in people}
    by_staff_no = {each.person.staff_no: each for each in people if each.person}
    sheet = ScoreSheet(rows=len(table.rows))
    seen: set[int] = set()
    for index, cells in enumerate(table.rows):
        told = dict(zip(table.columns, cells, strict=False))
        faults = list(table.unread.get(index, []))
        try:
            found = by_number.get(text_of(told.get(NUMBER))) or by_staff_no.get(text_of(told.get(STAFF_NO)))
            name = text_of(told.get(NAME))
        except ValidationError as error:
            faults.append(_fault(table, index, NUMBER, " ".join(error.messages)))
            found, name = None, ""
        if not faults:
            faults += _who(table, index, found, name, seen, by)
        if found and not faults:
            seen.add(found.pk)
            faults += _cells(table, index, selection, found, {c: told[c] for c in parts if c in told}, sheet)
        sheet.faults += faults
    return sheet


def _fault(table: Table, index: int, column: str, reason: str, value: object = "") -> Fault:
    where, row = table.places[index]
    return Fault(reason, sheet=where, row=row, column=column, value=str(value or "")[:40])


def _who(table: Table, index: int, found: Candidate | None, name: str, seen: set[int], by: Actor) -> list[Fault]:
    if found is None:
        return [_fault(table, index, NUMBER, _("没有这个报名序号或工号"))]
    if name and name != found.name:
        return [_fault(table, index, NAME, _("姓名与报名人员不符"), name)]
    if found.pk in seen:
        return [_fault(table, index, NUMBER, _("同一人出现两次"), found.name)]
    if not found.competes:
        return [_fault(table, index, NUMBER, _("此人未通过资格审查或已撤回"), found.name)]
    if is_own(found, by):
        return [_fault(table, index, NUMBER, _("不能录入本人的得分"), found.name)]
    return []


def _cells(
    table: Table, index: int, selection: Selection, found: Candidate, cells: dict, sheet: ScoreSheet
) -> list[Fault]:
    faults, parts = [], part_columns()
    has = {score.part: score.points for score in found.scores.all()}
    for column, cell in cells.items():
        part = parts[column]
        try:
            text = text_of(cell)
            now = read_points(text)
        except ValidationError as error:
            faults.append(_fault(table, index, column, " ".join(error.messages), cell))
            continue
        if now is None:
            continue  # an empty cell leaves what stands
        if part not in selection.weights:
            faults.append(_fault(table, index, column, _("本次竞聘不考这一项"), text))
        elif now != has.get(part):
            sheet.changes.append(Change(found, part, has.get(part), now))
    return faults


@transaction.atomic
def write_scores(*, selection: Selection, content: bytes, by: Actor) -> int:
    """Carry out what ``read_scores`` says, read anew under the lock; returns how many scores changed.

    Raises ValidationError when anything in it is at fault: all is written, or nothing.
    """
    row = locked(selection, Stage.ASSESSMENT)
    sheet = read_scores(row, content, by=by)
    if sheet.faults:
        raise ValidationError(_("表格有 %(n)s 处错误，没有写入") % {"n": len(sheet.faults)})
    known = {
        (score.candidate_id, score.part): score
        for score in Score.objects.select_for_update(no_key=True).filter(candidate__selection=row).order_by("pk")
    }
    entries, new, old = [], [], []
    for change in sheet.changes:
        score = known.get((change.candidate.pk, change.part))
        before = audit.facts(score) if score else None
        if score is None:
            score = Score(candidate=change.candidate, part=change.part)
            new.append(score)
        else:
            score.version += 1
            old.append(score)
        score.points, score.entered_by = change.now, by.user
        entries.append((score, before))
    with hold_rules():
        Score.objects.bulk_create(new)
        Score.objects.bulk_update(old, ["points", "version", "entered_by"])
    audit.record_many(
        audit.entry("enter_points", score, by=by, before=before, after=audit.facts(score)) for score, before in entries
    )
    if sheet.changes:
        drop_proposal(row, by)
    return len(sheet.changes)

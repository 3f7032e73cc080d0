"""A line of a structure workbook: read, looked up, and compared with what is on file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from common.cells import refusal
from common.imports.report import BAD, CHANGED, NEW, UNCHANGED, Change, Line
from common.loading import overlap
from common.periods import period
from common.sheets import Fault, Table
from orgchart.workbook.register import Missing, Register
from orgchart.workbook.sheet import Sheet, Values, issued_too_late

CREATE, SUCCEED, END = "create", "succeed", "end"
KINDS = {"": UNCHANGED, CREATE: NEW, SUCCEED: CHANGED, END: CHANGED}


@dataclass
class Entry:
    """One line on its way: ``values`` by attribute, ``found`` the rows that it refers to, ``old`` the row on file."""

    sheet: Sheet
    place: tuple[str, int]
    values: Values = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)
    found: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    unread: list[Fault] = field(default_factory=list)
    cells: dict[str, Any] = field(default_factory=dict)
    old: Any = None
    deed: str = ""
    changes: list[Change] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return bool(self.faults or self.unread)

    @property
    def key(self) -> tuple:
        return self.sheet.key(self.values)

    @property
    def ref(self) -> str:
        return f"{self.sheet.ref}:{self.key[0]}" if self.sheet.ref and self.key else ""

    def fault(self, attribute: str, reason: str) -> None:
        self.faults.setdefault(attribute, reason)

    def title(self, attribute: str) -> str:
        column = self.sheet.columns.get(attribute)
        return column.title if column else ""

    def line(self) -> Line:
        """What the report says of it."""
        key = " ".join(str(part) for part in self.key) if self.values else ""
        line = Line(*self.place, BAD if self.bad else KINDS[self.deed], self.deed, key)
        line.name = str(self.values.get("name") or self.values.get("title") or "")
        line.about = self.sheet.title
        line.changes = [] if self.bad else self.changes
        line.faults = list(self.unread)
        told = {fault.column for fault in self.unread}
        for attribute, reason in self.faults.items():
            title = self.title(attribute)
            if title not in told or not title:
                line.faults.append(Fault(reason, *self.place, title, _shown(self.cells.get(title))))
        return line


def _shown(cell: Any) -> str:
    return "" if cell is None or refusal(cell) else str(cell)[:60]


def read(sheet: Sheet, table: Table) -> list[Entry]:
    """Every line with its cells read; a column that the file does not have says nothing."""
    by_title = {column.title: attribute for attribute, column in sheet.columns.items()}
    entries = []
    for index, row in enumerate(table.rows):
        entry = Entry(sheet, table.places[index], unread=table.unread.get(index, []))
        entry.cells = dict(zip(table.columns, row, strict=True))
        unread = {by_title.get(fault.column, "") for fault in entry.unread}
        for attribute, column in sheet.columns.items():
            entry.values[attribute] = column.default
            if column.title in entry.cells and attribute not in unread:
                _take(entry, attribute, entry.cells[column.title])
        _check_days(entry)
        entries.append(entry)
    return entries


def _take(entry: Entry, attribute: str, cell: Any) -> None:
    column = entry.sheet.columns[attribute]
    entry.stated.add(attribute)
    try:
        value = column.cell.clean(cell)
    except ValueError as error:
        entry.fault(attribute, str(error))
        return
    entry.values[attribute] = value


def _check_days(entry: Entry) -> None:
    starts, ends = entry.values.get("starts"), entry.values.get("ends")
    if starts and ends and ends < starts:
        entry.fault("ends", _("止日不能早于起日"))


def look_up(entry: Entry, register: Register, bad_codes: set[str], coming: Collection[str] = ()) -> None:
    """Find what the line refers to; its values then bear the codes, however they were written.

    What other lines of the sheet are still to set up (``coming``) is not asked for yet.
    """
    for attribute, column in entry.sheet.columns.items():
        text = entry.values[attribute]
        if not column.refers or not text or attribute in entry.faults or (attribute == "parent" and text in coming):
            continue
        look = getattr(register, column.refers)
        try:
            if isinstance(text, tuple):
                rows = [look(attribute, each) for each in text]
                entry.found[attribute] = rows
                entry.values[attribute] = tuple(sorted(row.code for row in rows))
            else:
                entry.found[attribute] = row = look(attribute, text)
                entry.values[attribute] = row.code
        except Missing as missing:
            codes = {text} if isinstance(text, str) else set(text)
            own_fault = _("所引用的「%(code)s」在本文件中有误") % {"code": "、".join(sorted(codes & bad_codes))}
            entry.fault(missing.attribute, own_fault if codes & bad_codes else missing.reason)


def refuse_repeats(entries: Sequence[Entry]) -> None:
    """Lines of one file that speak of the same thing on the same day contradict each other, or repeat."""
    seen: dict[tuple, list[Entry]] = {}
    for entry in entries:
        if entry.bad:
            continue
        for earlier in seen.setdefault(entry.key, []):
            if _together(entry, earlier):
                same = not entry.sheet.dated or entry.values["starts"] == earlier.values["starts"]
                text = _("与第 %(row)s 行重复") if same else _("与第 %(row)s 行的起止日期重叠，请填写该行的「至」")
                entry.fault(entry.sheet.subject[0], text % {"row": earlier.place[1]})
                break
        seen[entry.key].append(entry)


def _together(one: Entry, other: Entry) -> bool:
    if not one.sheet.dated:
        return True
    spans = [period(each.values["starts"], each.values["ends"]) for each in (one, other)]
    return overlap(*spans)


def compare(entry: Entry, on_file: Sequence[models.Model]) -> None:
    """Say what the line asks for, given the rows on file about its subject."""
    sheet = entry.sheet
    if not sheet.dated:
        entry.old = on_file[0] if on_file else None
        entry.deed = "" if entry.old else CREATE
        if entry.old:
            _refuse_rewriting(entry, sheet.plain(entry.old))
        return
    starts: dt.date = entry.values["starts"]
    same = next((row for row in on_file if row.starts == starts), None)  # type: ignore[attr-defined]
    if same is not None:
        entry.old = same
        _compare_same_day(entry, sheet.plain(same))
        return
    entry.old = next((row for row in on_file if row.in_force(starts)), None)  # type: ignore[attr-defined]
    entry.deed = SUCCEED if on_file else CREATE
    if entry.old is not None:
        before = sheet.plain(entry.old)
        for attribute in sheet.columns:  # what the file does not state is carried over
            if attribute not in entry.stated and attribute not in ("starts", "ends", "closed_by"):
                entry.values[attribute] = before[attribute]
                if attribute in sheet.identity or not sheet.columns[attribute].refers:
                    continue
                entry.found.pop(attribute, None)
    for identity in sheet.identity:
        if on_file and sheet.plain(on_file[0])[identity] != entry.values[identity]:
            entry.fault(identity, _("不能更改"))


def _compare_same_day(entry: Entry, before: Values) -> None:
    """On file from that very day: the same, or ended now; anything else would rewrite it."""
    ends, ended = entry.values["ends"], before["ends"]
    if "ends" in entry.stated and ends != ended and ended is not None and (ends is None or ends > ended):
        entry.fault("ends", _("在册的止日是 %(day)s，不能改写") % {"day": ended})
        return
    if ends is not None and (ended is None or ends < ended):
        entry.deed = END
    _refuse_rewriting(entry, before, but=("ends", "closed_by") if entry.deed == END else ("ends",))


def _refuse_rewriting(entry: Entry, before: Values, but: Sequence[str] = ()) -> None:
    for attribute in entry.stated - {*but}:
        if entry.values[attribute] == before[attribute] or attribute in entry.faults:
            continue
        was = entry.sheet.columns[attribute].cell.render(before[attribute])
        if entry.sheet.dated:
            text = _("同一日起的在册记录为「%(was)s」，不能改写；变更请在「自」填写新的生效日期，并填写批文")
        else:
            text = _("已登记为「%(was)s」，导入不改写")
        entry.fault(attribute, text % {"was": was or "—"})


def describe(entry: Entry) -> None:
    """The cells that change, before and after."""
    before: Mapping[str, Any] = entry.sheet.plain(entry.old) if entry.old is not None else {}
    for attribute, column in entry.sheet.columns.items():
        was, now = before.get(attribute, column.default), entry.values[attribute]
        if entry.deed == END and attribute not in ("ends", "closed_by"):
            continue
        if was != now and attribute not in entry.sheet.subject:
            shown = (column.cell.render(value) for value in (was, now))
            entry.changes.append(Change(column.title, *("" if text is None else str(text) for text in shown)))


def check(entry: Entry) -> None:
    """What has to be right whatever else is on file: all that is needed is there, on the document's day or later."""
    for attribute, column in entry.sheet.columns.items():
        if column.needed and entry.values[attribute] in ("", None, ()):
            entry.fault(attribute, _("须填写"))
    if not entry.bad and entry.deed not in ("", END) and issued_too_late(entry.values, entry.found):
        entry.fault("starts", _("生效日期不能早于批文日期"))


def allow(entry: Entry, register: Register) -> None:
    """Whether the clerk may do it, and the sheet's own conditions; called when all that it leans on is set up."""
    is_unit = entry.sheet.ref == "unit"
    try:
        for attribute in entry.sheet.acts_on:
            text = entry.values[attribute]
            if text and not (is_unit and attribute == "code" and text not in register.units):
                register.unit(attribute, text, acting=True)
        if is_unit and not entry.values["parent"] and not register.anywhere:
            raise Missing("parent", _("没有上级单位的单位只能由系统管理员设置"))
        entry.sheet.check(entry.values, entry.found, register)
    except Missing as missing:
        entry.fault(missing.attribute, missing.reason)

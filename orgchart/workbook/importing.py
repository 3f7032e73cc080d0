"""Importing a whole structure: sheet by sheet in the order in which they lean on each other, judged once at the end."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from common import audit
from common.actors import Actor
from common.databases import broken_rule
from common.imports.columns import said
from common.imports.deeds import Told
from common.imports.report import Report
from common.periods import ONE_DAY, cut
from common.sheets import SheetForm, Table
from orgchart.workbook.judging import circles, judge
from orgchart.workbook.lines import (
    CREATE,
    END,
    SUCCEED,
    Entry,
    allow,
    check,
    compare,
    describe,
    look_up,
    read,
    refuse_repeats,
)
from orgchart.workbook.register import Missing, Register
from orgchart.workbook.sheet import Sheet
from orgchart.workbook.sheets import FORMS, SHEETS
from zones.models import Unit

#: What a database's refusal of a single row is said at, by the sheet's columns that there are.
AT = ("starts", "code")


@dataclass
class StructureImporter:
    """A structure in the units of ``reach``, which may speak of those in ``seen``; None is everywhere."""

    reach: frozenset[int] | None
    seen: frozenset[int] | None
    by: Actor
    source: str = ""
    written: dict[str, list[models.Model]] = field(default_factory=lambda: defaultdict(list))

    verb = "import_structure"

    @property
    def forms(self) -> Sequence[SheetForm]:
        return FORMS

    def carry(self, tables: dict[str, Table], told: Told) -> Report:
        """Write the file's differences; every fault of every line is named, then those of the whole."""
        self.written = defaultdict(list)
        list(Unit.objects.select_for_update(no_key=True).order_by("pk").values("pk"))
        register = Register(self.reach, self.seen)
        entries: list[Entry] = []
        total = sum(len(table.rows) for table in tables.values())
        bad: set[str] = set()
        for sheet in SHEETS:
            own = self._sheet(sheet, tables[sheet.name], register, bad)
            bad |= {str(entry.values.get("code")) for entry in own if entry.bad}
            entries += own
            told(len(entries), total, sheet.title)
        report = Report()
        if not any(entry.bad for entry in entries):
            report.faults += judge(entries)
        for entry in entries:
            report.take(entry.line())
        if report.clean:
            report.written = self._counts()
        return report

    def _counts(self) -> dict[str, int]:
        """Read back from the database, before COMMIT or rollback."""
        out = {}
        for deed in (CREATE, SUCCEED, END):
            by_model: dict[type[models.Model], set[int]] = defaultdict(set)
            for row in self.written[deed]:
                by_model[type(row)].add(row.pk)
            out[deed] = sum(model._base_manager.filter(pk__in=keys).count() for model, keys in by_model.items())
        return out

    def _sheet(self, sheet: Sheet, table: Table, register: Register, bad: set[str]) -> list[Entry]:
        entries = read(sheet, table)
        # Lines of a sheet may lean on each other: those superiors are looked up when their turn has come.
        coming = {str(entry.values.get("code")) for entry in entries} if "parent" in sheet.columns else set()
        for entry in entries:
            look_up(entry, register, bad, coming)
        ready = [entry for entry in entries if not entry.bad and _speaks(entry)]
        refuse_repeats(ready)
        self._compare(sheet, [entry for entry in ready if not entry.bad], register)
        for entry in entries:
            check(entry)
        for entry, reason in circles(sheet, entries):
            entry.fault("parent", reason)
        depth = _depths(entries) if coming else {}
        for entry in sorted(ready, key=lambda entry: _turn(entry, depth)):
            if entry.bad or not entry.deed:
                continue
            look_up(entry, register, bad | {str(other.values.get("code")) for other in entries if other.bad})
            allow(entry, register)
            if not entry.bad:
                describe(entry)
                self._write(entry, register)
        return entries

    def _compare(self, sheet: Sheet, entries: Sequence[Entry], register: Register) -> None:
        on_file: dict[tuple, list[models.Model]] = defaultdict(list)
        for row in sheet.about(str(entry.key[0]) for entry in entries) if entries else ():
            on_file[sheet.key(sheet.plain(row))].append(row)
        for entry in entries:
            try:
                sheet.guard(entry.values, register)
            except Missing as missing:
                entry.fault(missing.attribute, missing.reason)
            else:
                compare(entry, on_file[entry.key])

    def _write(self, entry: Entry, register: Register) -> None:
        try:
            with transaction.atomic():
                if entry.deed == END:
                    self._end(entry)
                else:
                    self._begin(entry, register)
        except Missing as missing:
            entry.fault(missing.attribute, missing.reason)
        except ValidationError as error:
            for attribute, texts in _by_field(error).items():
                entry.fault(attribute, texts)
        except IntegrityError as error:
            broken = broken_rule(error)
            if broken is None:
                raise
            at = next((each for each in AT if each in entry.sheet.columns), entry.sheet.subject[0])
            entry.fault(at, broken.text)

    def _end(self, entry: Entry) -> None:
        row = entry.old
        before = audit.facts(row)
        row.period = cut(row.period, entry.values["ends"] + ONE_DAY)
        if "closed_by" in entry.sheet.columns:
            row.closed_by = entry.found.get("closed_by")
        row.save()
        audit.record(
            f"end_{entry.sheet.name}", row, by=self.by, before=before, after=audit.facts(row), reason=self.source
        )
        self.written[END].append(row)

    def _begin(self, entry: Entry, register: Register) -> None:
        """Put the row in force; the one until then ends the day before, one on file for later stays."""
        old, before = entry.old, None
        if old is not None:
            before = audit.facts(old)
            if entry.values["ends"] is None and old.last_day is not None:
                entry.values["ends"] = old.last_day
                if "closed_by" in entry.sheet.columns and "closed_by" not in entry.found:
                    entry.found["closed_by"] = old.closed_by
            old.period = cut(old.period, entry.values["starts"])
            if "closed_by" in entry.sheet.columns:
                old.closed_by = None
            old.save()
        for row in entry.sheet.make(entry.values, entry.found, register):
            verb = f"{'change' if before else 'set_up'}_{entry.sheet.name}"
            audit.record(verb, row, by=self.by, before=before, after=audit.facts(row), reason=self.source)
            self.written[entry.deed].append(row)


def _speaks(entry: Entry) -> bool:
    """Whether the line says what it is about, and from when."""
    needed = [*entry.sheet.subject, *(["starts"] if entry.sheet.dated else [])]
    return all(entry.values[attribute] not in ("", None) for attribute in needed)


def _depths(entries: Sequence[Entry]) -> dict[str, int]:
    """How far below the top of the file each code stands; circles are refused elsewhere."""
    above = {str(entry.values["code"]): str(entry.values.get("parent") or "") for entry in entries}
    depths = {}
    for code in above:
        way, step = {code}, above[code]
        while step in above and step not in way:
            way.add(step)
            step = above[step]
        depths[code] = len(way)
    return depths


def _turn(entry: Entry, depth: dict[str, int]) -> tuple[bool, int, dt.date]:
    """Ends before beginnings, superiors before those below them, then by day."""
    return entry.deed != END, depth.get(str(entry.values.get("code")), 0), entry.values.get("starts") or dt.date.min


def _by_field(error: ValidationError) -> dict[str, Any]:
    if not hasattr(error, "error_dict"):
        return {"": said(error)}
    return {name: " ".join(texts) for name, texts in error.message_dict.items()}

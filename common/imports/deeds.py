"""The dry run and the deed: one function, of which one run is rolled back (design 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.imports.report import ERROR_COLUMN, Report
from common.sheets import BadFile, Fault, SheetForm, Table, read_book

#: Told how many lines are done, of how many, and what is being done.
Told = Callable[[int, int, str], None]


class Importer(Protocol):
    """What a room says of its import: the sheets that it reads, and what it does with them.

    ``carry`` writes for real, through the services, inside a transaction that
    the caller may roll back; it returns what came of every line.
    """

    by: Actor
    source: str

    @property
    def verb(self) -> str:
        """What the audit trail calls the deed."""

    @property
    def forms(self) -> Sequence[SheetForm]:
        """The sheets that are read."""

    def carry(self, tables: dict[str, Table], told: Told) -> Report: ...


class OtherOutcome(Exception):
    """What is on file changed since the preview, and with it what the file would do; nothing was written."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__("outcome differs from the preview")


def _unheard(done: int, total: int, note: str) -> None:
    """Nobody waits for progress."""


def preview(content: bytes, importer: Importer, told: Told = _unheard) -> Report:
    """What the file would do: done for real, looked at, and rolled back."""
    return _run(content, importer, told, keep=False)


def carry_out(content: bytes, importer: Importer, outcome: str = "", told: Told = _unheard) -> Report:
    """Write all of the file, or nothing when a line is bad. Raises OtherOutcome unless it comes to ``outcome``."""
    return _run(content, importer, told, keep=True, outcome=outcome)


def _run(content: bytes, importer: Importer, told: Told, *, keep: bool, outcome: str = "") -> Report:
    told(0, 0, _("读取文件"))
    try:
        tables = read_book(content, importer.forms, [ERROR_COLUMN])
    except BadFile as error:
        return Report(faults=error.faults)
    notes = [note for table in tables.values() for note in table.notes]
    if not any(table.rows for table in tables.values()):
        return Report(faults=[Fault(_("表头之下没有数据"))], notes=notes)
    with transaction.atomic(), audit.gathered() as entries:
        report = importer.carry(tables, told)
        report.notes = notes + report.notes
        report.tables = list(tables.values())
        if not keep or not report.clean:
            entries.clear()
            transaction.set_rollback(True)
            return report
        if outcome and report.outcome != outcome:
            raise OtherOutcome(report)
        if importer.by.user is not None and any(report.written.values()):
            sha256 = hashlib.sha256(content).hexdigest()
            facts = {"file": importer.source, "sha256": sha256, **report.written}
            audit.record(importer.verb, importer.by.user, by=importer.by, after=facts)
        told(len(report.lines), len(report.lines), _("写入"))
    return report

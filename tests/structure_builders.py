"""Workbooks of a structure, for tests of their import: a cell changed, a line added, what was said of it."""

import datetime as dt
import io

from common.models import AuditEntry
from orgchart.models import (
    BureauVersion,
    Charter,
    CharterParameter,
    DutyAssignment,
    Function,
    Quota,
    Tier,
)
from orgchart.workbook.importing import StructureImporter
from tests import orgchart_builders as build
from zones.models import Instrument, Unit, UnitVersion

DAY = build.DAY

LATER = dt.date(2021, 1, 1)

TABLES = (UnitVersion, Charter, CharterParameter, Tier, Quota, Function, BureauVersion, DutyAssignment, Instrument)


def saved(book) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def put(sheet, row: int, **cells) -> None:
    """Write cells of a row by their column's title."""
    titles = [cell.value for cell in sheet[1]]
    for title, value in cells.items():
        sheet.cell(row, titles.index(title) + 1).value = value


def find(sheet, **cells) -> int:
    """The row that has these cells."""
    titles = [cell.value for cell in sheet[1]]
    for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), start=2):
        if all(row[titles.index(title)] == value for title, value in cells.items()):
            return number
    raise LookupError(cells)


def add(sheet, **cells) -> int:
    number = sheet.max_row + 1
    put(sheet, number, **cells)
    return number


def told(report) -> list[tuple]:
    return [(fault.sheet, fault.row, fault.column, fault.reason) for fault in report.faults]


def everything() -> dict[str, list]:
    return {model.__name__: list(model._base_manager.order_by("pk").values_list()) for model in TABLES}


def a_bureau(at, book, code="YZ-B6", nature="主责主业", **more) -> int:
    add(book["职能"], 职能代码=f"f-{code.lower()}", 名称=f"{code}职能", 性质=nature)
    cells = {"机构代码": code, "名称": f"{code}局", "单位代码": "YZ", "性质": nature, "职能": f"f-{code.lower()}"}
    return add(book["职能机构"], **{**cells, "批文": at.instrument.code, "自": LATER, **more})


def refused(write, book) -> list[tuple]:
    before, entries = everything(), AuditEntry.objects.count()
    report = write(book)
    assert not report.clean
    assert everything() == before
    assert AuditEntry.objects.count() == entries
    return told(report)


def importers(at):
    """A function that makes an importer: the establishment office of the city's, for all that is in the city."""

    def made() -> StructureImporter:
        reach = Unit.objects.subtree_ids(at.city.pk, day=DAY)
        return StructureImporter(reach, reach, build.actor(at.office), "结构.xlsx")

    return made

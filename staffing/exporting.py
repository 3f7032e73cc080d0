"""Writing the roster: XLSX, or CSV for programs that read UTF-8 or only GBK; and a bad file with its errors."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.access import Access
from common.actors import Actor
from common.cells import Formula, Merged, SerialNumber, escaped
from staffing.imports import ERROR_COLUMN, Report
from staffing.models import Person
from staffing.people import record_reading
from staffing.querysets import AppointmentQuerySet
from staffing.resources import COLUMNS, RosterColumns
from staffing.roster import lines

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
CSV_GBK = "text/csv; charset=gb18030"
#: By the word in the address: content type, ending, and how the cells are written.
FORMATS = {"xlsx": (XLSX, "xlsx"), "csv": (CSV, "csv"), "csv-gbk": (CSV_GBK, "csv")}
#: Wide enough to be read at once; the others are as wide as their title.
WIDTHS = {"单位": 18, "部门": 18, "姓名": 10, "身份证号": 21, "聘任岗位": 18, "聘任文号": 22, "工号": 14}
DAY_FORMAT = "yyyy-mm-dd"


def readable_people(access: Access, action: str = "export") -> set[int]:
    """The people whose national ID this user may have written out."""
    if not access.can(action, "identity"):
        return set()
    return set(access.scope(Person.objects.all(), action, "identity").values_list("pk", flat=True))


def roster_cells(roster: AppointmentQuerySet, day: dt.date, *, access: Access, by: Actor) -> list[list[Any]]:
    """The roster's lines under ``COLUMNS``, as cells. Each number that is written out leaves an audit entry."""
    # The form is Chinese, and is read back by its Chinese words.
    readable = readable_people(access)
    with override("zh-hans"):
        found = list(roster)
        record_reading(
            list({row.person_id: row.person for row in found if row.person_id in readable}.values()),
            by=by,
            place="roster_export",
        )
        data = RosterColumns().export(lines(found, day, readable))
    return [list(row) for row in data]


def roster_file(
    roster: AppointmentQuerySet, day: dt.date, kind: str, *, access: Access, by: Actor, about: str
) -> bytes:
    """The roster as a file of one of ``FORMATS``; ``about`` says in words what was filtered."""
    cells = roster_cells(roster, day, access=access, by=by)
    if kind == "xlsx":
        return _roster_book(cells, day, about)
    return _csv(cells).encode("utf-8-sig" if kind == "csv" else "gb18030")


def _csv(cells: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([["" if cell is None else force_str(cell) for cell in row] for row in cells])
    return out.getvalue()


def _book(out: io.BytesIO) -> xlsxwriter.Workbook:
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(out, options)


def _write(sheet: Any, row: int, column: int, value: Any, day_format: Any) -> None:
    """A cell as what it is; text is always written as text, so that nothing is run and no digit is lost."""
    if value is None or value == "":
        return
    if isinstance(value, dt.datetime | dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), day_format)  # noqa: DTZ001
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, force_str(value))


def _roster_book(cells: list[list[Any]], day: dt.date, about: str) -> bytes:
    out = io.BytesIO()
    book = _book(out)
    head = book.add_format({"bold": True, "bg_color": "#E7EDF5", "border": 1, "valign": "vcenter", "text_wrap": True})
    day_format = book.add_format({"num_format": DAY_FORMAT, "align": "left"})
    sheet = book.add_worksheet("聘任花名册")
    for column, title in enumerate(COLUMNS):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, WIDTHS.get(title, 12))
    for number, row in enumerate(cells, start=1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, day_format)
    sheet.freeze_panes(1, 4)
    sheet.autofilter(0, 0, max(len(cells), 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    _note_sheet(book, len(cells), day, about)
    book.close()
    return out.getvalue()


def _note_sheet(book: Any, count: int, day: dt.date, about: str) -> None:
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 60)
    rows = [
        ("截至日期", f"{day:%Y-%m-%d}"),
        ("筛选条件", about or "全部"),
        ("行数", str(count)),
        ("导出时间", f"{timezone.localtime():%Y-%m-%d %H:%M}"),
        ("再次导入", "修改后可在「导入花名册」上传；序号、岗位系数、在岗状态三列不写入。"),
    ]
    for number, (title, text) in enumerate(rows):
        sheet.write_string(number, 0, title)
        sheet.write_string(number, 1, text)


def error_book(report: Report) -> bytes:
    """The uploaded lines as they were, each with what is wrong in a last column: to mend and upload again."""
    out = io.BytesIO()
    book = _book(out)
    head = book.add_format({"bold": True, "bg_color": "#E7EDF5", "border": 1})
    wrong = book.add_format({"font_color": "#A61B1B", "text_wrap": True})
    day_format = book.add_format({"num_format": DAY_FORMAT, "align": "left"})
    by_sheet: dict[str, list[int]] = defaultdict(list)
    for index, (name, _row) in enumerate(report.table.places):
        by_sheet[name].append(index)
    for name, indexes in by_sheet.items():
        sheet = book.add_worksheet(name[:31])
        for column, title in enumerate([*report.table.columns, ERROR_COLUMN]):
            sheet.write_string(0, column, title, head)
            sheet.set_column(column, column, 48 if title == ERROR_COLUMN else WIDTHS.get(title, 12))
        for number, index in enumerate(indexes, start=1):
            for column, value in enumerate(report.table.rows[index]):
                _write(sheet, number, column, _as_uploaded(value), day_format)
            # A refused cell comes back empty: what stood there is told beside it.
            unread = report.table.unread.get(index, [])
            faults = "；".join(_told(fault, fault in unread) for fault in report.lines[index].faults)
            if faults:
                sheet.write_string(number, len(report.table.columns), escaped(faults), wrong)
        sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def _told(fault: Any, with_value: bool = False) -> str:
    value = f"（{fault.value}）" if with_value and fault.value else ""
    return f"{fault.column}：{fault.reason}{value}" if fault.column else f"{fault.reason}{value}"


def _as_uploaded(value: Any) -> Any:
    if isinstance(value, SerialNumber):
        return value.number
    if isinstance(value, Formula | Merged):
        return ""
    return escaped(value) if isinstance(value, str) else value


def file_name(day: dt.date, kind: str, scope: str = "") -> str:
    middle = f"_{scope}" if scope else ""
    return _("聘任花名册") + f"{middle}_{day:%Y-%m-%d}.{FORMATS[kind][1]}"

"""The uploaded file given back: its lines as they were, each with what is wrong in a last column."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any

from django.utils.encoding import force_str

from common.books import DAY_FORMAT, HEAD, new_book, write_cell
from common.cells import Formula, Merged, SerialNumber, escaped
from common.imports.report import ERROR_COLUMN, Report
from common.sheets import Fault, Table

WIDE, NARROW = 48, 14


def error_book(report: Report) -> bytes:
    """The uploaded lines as they were, each with what is wrong in a last column: to mend and upload again."""
    out = io.BytesIO()
    book = new_book(out)
    formats = {
        "head": book.add_format(HEAD),
        "wrong": book.add_format({"font_color": "#A61B1B", "text_wrap": True}),
        "day": book.add_format({"num_format": DAY_FORMAT, "align": "left"}),
    }
    faults: dict[tuple[str, int], list[Fault]] = {(line.sheet, line.row): line.faults for line in report.lines}
    for table in report.tables:
        by_sheet: dict[str, list[int]] = defaultdict(list)
        for index, (name, _row) in enumerate(table.places):
            by_sheet[name].append(index)
        for name, indexes in by_sheet.items():
            _sheet(book.add_worksheet(name[:31]), table, indexes, faults, formats)
    book.close()
    return out.getvalue()


def _sheet(sheet: Any, table: Table, indexes: list[int], faults: dict, formats: dict) -> None:
    for column, title in enumerate([*table.columns, ERROR_COLUMN]):
        sheet.write_string(0, column, title, formats["head"])
        sheet.set_column(column, column, WIDE if title == ERROR_COLUMN else NARROW)
    for number, index in enumerate(indexes, start=1):
        for column, value in enumerate(table.rows[index]):
            write_cell(sheet, number, column, _as_uploaded(value), formats["day"])
        # A refused cell comes back empty: what stood there is told beside it.
        unread = table.unread.get(index, [])
        told = "；".join(_told(fault, fault in unread) for fault in faults.get(table.places[index], []))
        if told:
            sheet.write_string(number, len(table.columns), escaped(told), formats["wrong"])
    sheet.freeze_panes(1, 0)


def _told(fault: Fault, with_value: bool = False) -> str:
    value = f"（{fault.value}）" if with_value and fault.value else ""
    return f"{fault.column}：{fault.reason}{value}" if fault.column else f"{fault.reason}{value}"


def _as_uploaded(value: Any) -> Any:
    if isinstance(value, SerialNumber):
        return value.number
    if isinstance(value, Formula | Merged):
        return ""
    return escaped(force_str(value)) if isinstance(value, str) else value

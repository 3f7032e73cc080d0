"""Writing a plain workbook: text stays text, whatever a spreadsheet would make of it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.encoding import force_str

from common.sheets import NOTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY_FORMAT = "yyyy-mm-dd"
HEAD = {"bold": True, "bg_color": "#E7EDF5", "border": 1, "valign": "vcenter", "text_wrap": True}


def new_book(out: io.BytesIO) -> xlsxwriter.Workbook:
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(out, options)


def write_cell(sheet: Any, row: int, column: int, value: Any, day_format: Any) -> None:
    """A cell as what it is; text is always written as text, so that nothing is run and no digit is lost."""
    if value is None or value == "":
        return
    if isinstance(value, dt.datetime | dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), day_format)  # noqa: DTZ001
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, force_str(value))


def add_table(
    book: xlsxwriter.Workbook,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    widths: Mapping[str, int] | None = None,
    frozen: int = 0,
) -> Any:
    """A sheet with a header that stays and filters; returns it for more."""
    sheet = book.add_worksheet(title)
    head = book.add_format(HEAD)
    day_format = book.add_format({"num_format": DAY_FORMAT, "align": "left"})
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, (widths or {}).get(name, 12))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            write_cell(sheet, number, column, value, day_format)
    sheet.freeze_panes(1, frozen)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    return sheet


def add_notes(book: xlsxwriter.Workbook, rows: Sequence[tuple[str, str]]) -> None:
    """A last sheet that says what the others are."""
    sheet = book.add_worksheet(NOTES)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 60)
    for number, (title, text) in enumerate(rows):
        sheet.write_string(number, 0, title)
        sheet.write_string(number, 1, text)

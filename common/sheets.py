"""Reading what people upload: an Excel workbook or a CSV, told apart by content, as plain tables.

Every cell keeps the sheet and row it came from, so that an error can name its
place. Whatever could mean something else than it shows (a formula, a merged
cell, a number that Excel has rounded) is named, never guessed at.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.cell_range import CellRange

from common.cells import SERIAL_DAYS, Formula, Merged, SerialNumber, refusal

MAX_BYTES = 10 * 1024 * 1024
#: A workbook unpacks to at most this; more is a bomb or not a roster.
MAX_UNPACKED = 120 * 1024 * 1024
MAX_PARTS = 2000
MAX_ROWS = 20_000
#: The header is looked for in the first rows, below a title.
HEADER_WITHIN = 10
#: The sheet that our own files end with; it says what the others are.
NOTES = "说明"
#: So many known headings in one row make it the header.
SURE_HEADINGS = 3


@dataclass(frozen=True)
class Fault:
    """Something wrong, with its place: sheet, row and column where they are known."""

    reason: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""


class BadFile(Exception):
    """The file as a whole cannot be used; ``faults`` say why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(fault.reason for fault in faults))


@dataclass
class Table:
    """The rows of all sheets under one header; ``places`` has sheet and row number for each.

    ``faults`` concern the file as a whole; ``unread`` are those of single cells, by index of the row.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unread: dict[int, list[Fault]] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetForm:
    """A table that a file may hold: its columns, and the sheets that are read under them.

    A sheet is chosen by its title; with ``anywhere`` also any other sheet that
    has the header. ``label`` is what people call it.
    """

    name: str
    label: str
    columns: Sequence[str]
    titles: Sequence[str] = ()
    anywhere: bool = False


def read_book(content: bytes, forms: Sequence[SheetForm], ignored: Iterable[str] = ()) -> dict[str, Table]:
    """The file's tables by the name of their form, each with the columns that it has; raises BadFile.

    ``ignored`` are further headers that may stand there and are not read. Every
    fault that concerns a table as a whole, in any sheet, is told at once.
    """
    if len(content) > MAX_BYTES:
        raise BadFile(Fault(_("文件超过 %(n)s MB，请分批导入") % {"n": MAX_BYTES // 1024 // 1024}))
    if not content.strip():
        raise BadFile(Fault(_("文件是空的")))
    tables = {form.name: Table() for form in forms}
    stray: list[str] = []
    is_book = content.startswith(b"PK")
    for name, rows, notes in _workbook(content) if is_book else _text(content):
        form = _form_of(name, forms) if is_book else _form_of_text(rows := list(rows), forms)
        if form is None and name == NOTES:
            continue
        if form is None:
            stray += notes or [_("工作表「%(sheet)s」不在模板之列，未读取") % {"sheet": name}]
            continue
        tables[form.name].notes += notes
        _add_sheet(tables[form.name], form, name, rows, set(ignored))
    faults = [fault for table in tables.values() for fault in table.faults]
    if not faults and not any(table.columns for table in tables.values()):
        faults = [_no_header(forms)]
    if faults:
        raise BadFile(*faults, *(each for table in tables.values() for one in table.unread.values() for each in one))
    tables[forms[0].name].notes += stray
    return tables


def _no_header(forms: Sequence[SheetForm]) -> Fault:
    known = next((form for form in forms if form.anywhere), None)
    if known is None:
        return Fault(
            _("没有找到工作表：须有「%(some)s」等") % {"some": "、".join(form.titles[0] for form in forms[:4])}
        )
    some = {"n": HEADER_WITHIN, "some": "、".join(known.columns[1:5])}
    return Fault(_("没有找到表头：前 %(n)s 行中须有「%(some)s」等列名") % some)


def _form_of(title: str, forms: Sequence[SheetForm]) -> SheetForm | None:
    wanted = title.strip()
    by_title = next((form for form in forms if wanted in form.titles), None)
    return by_title or next((form for form in forms if form.anywhere), None)


def _form_of_text(rows: Sequence[Sequence[Any]], forms: Sequence[SheetForm]) -> SheetForm | None:
    """A CSV has no title: the form of which its first rows hold most headings."""
    seen = {_header_text(cell) for row in rows[:HEADER_WITHIN] for cell in row}
    best = max(forms, key=lambda form: len(seen & set(form.columns)))
    return best if len(seen & set(best.columns)) >= SURE_HEADINGS else _form_of("", forms)


Sheet = tuple[str, Iterable[Sequence[Any]], list[str]]


def _text(content: bytes) -> Iterator[Sheet]:
    """A CSV in UTF-8 or GBK, parted by commas, semicolons or tabs."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(Fault(_("这是旧版 .xls 或加密的工作簿，请在 Excel 中另存为不加密的 .xlsx")))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadFile(Fault(_("文件既不是 Excel 工作簿，也不是 UTF-8 或 GBK 编码的 CSV")))
    if "\x00" in text or content.startswith((b"%PDF", b"{", b"<")):
        raise BadFile(Fault(_("文件既不是 Excel 工作簿，也不是 UTF-8 或 GBK 编码的 CSV")))
    head = "\n".join(text.splitlines()[:HEADER_WITHIN])
    delimiter = max(",\t;", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadFile(Fault(_("CSV 格式有误：%(error)s") % {"error": error})) from error
    yield "CSV", rows, []


def _workbook(content: bytes) -> Iterator[Sheet]:
    _refuse_bomb(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError) as error:
        raise BadFile(Fault(_("工作簿已损坏，无法读取"))) from error
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            yield sheet.title, [], [_("隐藏的工作表「%(sheet)s」未读取") % {"sheet": sheet.title}]
            continue
        # The dimension that a file claims may be a million rows wide and empty.
        sheet.reset_dimensions()
        merged = _merged(content, getattr(sheet, "_worksheet_path", ""))
        yield sheet.title, _cells(sheet, merged, book.epoch), []


def _refuse_bomb(content: bytes) -> None:
    """Judge the archive by its directory: what is read of a part never exceeds what it declares there."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise BadFile(Fault(_("工作簿已损坏，无法读取"))) from error
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise BadFile(Fault(_("压缩包里没有工作簿：请上传 .xlsx 文件本身")))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadFile(Fault(_("工作簿解压后超过 %(n)s MB，拒绝读取") % {"n": MAX_UNPACKED // 1024 // 1024}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(65536):
                        raise BadFile(Fault(_("工作簿中有不应出现的文档类型声明，拒绝读取")))


def _merged(content: bytes, path: str) -> list[str]:
    """The merged ranges of a sheet: openpyxl does not tell them when it reads row by row."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = path.lstrip("/")
        if name not in archive.namelist():
            return []
        return [ref.decode() for ref in re.findall(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z0-9:]+)"', archive.read(name))]


def _cells(sheet: Any, merged: list[str], epoch: dt.datetime) -> Iterator[list[Any]]:
    areas = [CellRange(area) for area in merged]
    for number, row in enumerate(sheet.iter_rows(), start=1):
        values = [Formula(str(cell.value)) if cell.data_type in ("f", "e") else cell.value for cell in row]
        for area in areas:
            if area.min_row <= number <= area.max_row:
                values += [None] * (area.max_col - len(values))
                for column in range(area.min_col - 1, area.max_col):
                    values[column] = Merged(area.coord, values[column])
        yield [_serial(value, epoch) for value in values]


def _serial(value: Any, epoch: dt.datetime) -> Any:
    """Marks a bare number that may be a date with the day it would be under the workbook's calendar."""
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if whole and int(value) in SERIAL_DAYS:
        return SerialNumber(int(value), from_excel(int(value), epoch).date())
    return value


def _add_sheet(table: Table, form: SheetForm, name: str, rows: Iterable[Sequence[Any]], ignored: set[str]) -> None:
    """Append a sheet's rows below its header; a sheet without one is left out, with a note."""
    known = set(form.columns)
    header: list[str] | None = None
    empty = 0
    for number, row in enumerate(rows, start=1):
        if header is None:
            texts = [_header_text(cell) for cell in row]
            if len(known & set(texts)) >= SURE_HEADINGS:
                header = texts
                _take_header(table, form, name, number, header, ignored)
                _refuse_header(table, name, number, header, row)
            elif number >= HEADER_WITHIN:
                break
            continue
        if all(cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in row):
            empty += 1
            continue
        if len(table.rows) >= MAX_ROWS:
            raise BadFile(Fault(_("超过 %(n)s 行，请分批导入") % {"n": MAX_ROWS}, name, number))
        _take_row(table, name, number, header, row)
    if header is None and name not in ("CSV", NOTES):
        if rows:
            told = {"sheet": name, "form": form.label}
            table.notes.append(_("工作表「%(sheet)s」没有%(form)s的表头，未读取") % told)
    elif empty:
        table.notes.append(_("「%(sheet)s」中 %(n)s 个空行已略过") % {"sheet": name, "n": empty})


def _header_text(cell: Any) -> str:
    value = cell.value if isinstance(cell, Merged) else cell
    return re.sub(r"\s+", "", value) if isinstance(value, str) else ""


def _take_header(table: Table, form: SheetForm, sheet: str, number: int, header: list[str], ignored: set[str]) -> None:
    known = set(form.columns)
    for title in dict.fromkeys(header):
        if title and title not in known | ignored:
            reason = _("%(form)s没有这一列，请改正列名或删去") % {"form": form.label}
            table.faults.append(Fault(reason, sheet, number, title))
        elif title and header.count(title) > 1:
            table.faults.append(Fault(_("列名重复"), sheet, number, title))
    columns = [title for title in header if title in known]
    if not table.columns:
        table.columns = columns
    elif set(columns) != set(table.columns):
        odd = "、".join(sorted(set(columns) ^ set(table.columns)))
        table.faults.append(Fault(_("各工作表的列须一致，此表多出或缺少：%(odd)s") % {"odd": odd}, sheet, number))


def _refuse_header(table: Table, sheet: str, number: int, header: list[str], row: Sequence[Any]) -> None:
    """A heading that is a formula is named once; the cells below it are not called nameless."""
    for position, cell in enumerate(row):
        if isinstance(cell, Formula):
            header[position] = _letter(position)
            table.faults.append(Fault(refusal(cell), sheet, number, header[position], cell.text[:60]))


def _take_row(table: Table, sheet: str, number: int, header: list[str], row: Sequence[Any]) -> None:
    by_column: dict[str, Any] = {}
    unread: list[Fault] = []
    for position, cell in enumerate(row):
        title = header[position] if position < len(header) else ""
        if title in table.columns:
            by_column[title] = cell
        reason = refusal(cell)
        if reason:
            unread.append(Fault(reason, sheet, number, title or _letter(position), _shown(cell)))
        elif not title and cell not in (None, ""):
            unread.append(Fault(_("此列没有列名"), sheet, number, _letter(position), _shown(cell)))
    if unread:
        table.unread[len(table.rows)] = unread
    table.rows.append([by_column.get(title) for title in table.columns])
    table.places.append((sheet, number))


def _shown(cell: Any) -> str:
    """What stands in a cell, as far as it helps to find it."""
    if isinstance(cell, Formula):
        return cell.text[:60]
    value = cell.value if isinstance(cell, Merged) else cell
    return "" if value is None else str(value)[:60]


def _letter(position: int) -> str:
    return openpyxl.utils.get_column_letter(position + 1)

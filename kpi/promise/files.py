"""A table as a file that can be read back: XLSX, or CSV for programs that read UTF-8 or only GBK."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.encoding import force_str
from django.utils.http import content_disposition_header

from common.books import XLSX, add_notes, add_table, new_book

#: By the word in the address: content type, ending, encoding.
FORMATS = {
    "xlsx": (XLSX, "xlsx", ""),
    "csv": ("text/csv; charset=utf-8", "csv", "utf-8-sig"),
    "csv-gbk": ("text/csv; charset=gb18030", "csv", "gb18030"),
}
WIDTHS = {"指标名称": 30, "英文名称": 34, "模板名称": 26, "指标代码": 18, "数据来源部门": 16, "一级指标": 14}


def table_file(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], format: str, on: dt.date
) -> HttpResponse:
    """The table as an attachment. Raises Http404 for a format that we do not write."""
    if format not in FORMATS:
        raise Http404
    mime, ending, encoding = FORMATS[format]
    content = _csv(columns, rows).encode(encoding) if encoding else _book(title, columns, rows, on)
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = content_disposition_header(True, f"{title}_{on:%Y-%m-%d}.{ending}") or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([["" if cell is None else force_str(cell) for cell in row] for row in rows])
    return out.getvalue()


def _book(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], on: dt.date) -> bytes:
    out = io.BytesIO()
    book = new_book(out)
    add_table(book, title, columns, rows, widths=WIDTHS, frozen=2)
    add_notes(
        book, [("截至日期", f"{on:%Y-%m-%d}"), ("行数", str(len(rows))), ("再次导入", "修改后可在本页面「导入」上传。")]
    )
    book.close()
    return out.getvalue()

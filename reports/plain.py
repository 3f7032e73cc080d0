"""A report as CSV for a program that reads it: nothing but header and rows; no cell is ever a formula."""

from __future__ import annotations

import csv
import io

from django.utils.encoding import force_str

from common.cells import escaped
from reports.tables import Document, Report


def render(report: Document, *, code: str) -> bytes:
    """The file's bytes, in the encoding that its basis names (UTF-8 where it names none), lines ended as Windows does.

    The code stands in the register only: whoever reads the file expects no line besides.
    """
    if not isinstance(report, Report):
        raise TypeError(f"no CSV for a {type(report).__name__}")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.title for column in report.columns])
    for row in report.rows:
        writer.writerow([escaped(force_str(row.get(column.key) or "")) for column in report.columns])
    return out.getvalue().encode(report.basis.get("encoding", "utf-8"))

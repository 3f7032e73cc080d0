"""A report as a PDF, through typst, in a font that comes with the project."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pylopdf_fonts_zh_cn
import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports.tables import Report

TEMPLATE = Path(__file__).parent / "typst" / "table.typ"


@cache
def _fonts() -> typst.Fonts:
    """Only the font of the wheel: a page looks the same on every machine."""
    folder = pylopdf_fonts_zh_cn.sans_path().parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


def shown(value: Any, kind: str) -> str:
    """A cell's text: amounts with thousands and fen, growth with its sign."""
    if value is None or value == "":
        return ""
    if not isinstance(value, Decimal | int):
        return str(value)
    match kind:
        case "yuan":
            return f"{value:,.2f}"
        case "growth":
            return f"{value * 100:+.1f}%"
        case "percent":
            return f"{value * 100:.1f}%"
        case "ratio":
            return f"{value:.4f}"
        case "points":
            return f"{value:.2f}"
    return str(value)


def render(report: Report, *, code: str) -> bytes:
    """The PDF as bytes; raises typst.TypstError when the page cannot be set."""
    cells = []
    for offset, row in enumerate(report.rows):
        for column in report.columns:
            span = report.groups.get(offset, 0) if column.key in report.grouped else 1
            if span:
                cells.append({"text": shown(row.get(column.key), column.kind), "span": span})
    totals = [
        _("合计") if index == 0 else shown(report.totals.get(column.key), column.kind)
        for index, column in enumerate(report.columns)
    ]
    data = {
        "title": report.title,
        "example": report.example,
        "example_word": _("示例数据"),
        "subject": _("单位：%(name)s") % {"name": report.subject},
        "as_of": _("截至：%(day)s") % {"day": report.as_of.isoformat()},
        "paper": "a3" if len(report.columns) > 14 else "a4",
        "size": 8.5 if len(report.columns) > 9 else 10,
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "columns": [{"title": column.title, "width": column.width, "kind": column.kind} for column in report.columns],
        "cells": cells,
        "totals": totals,
        "notes": report.notes,
        "footer": report.provenance(code),
    }
    compiler = typst.Compiler(str(TEMPLATE), font_paths=_fonts(), sys_inputs={"data": orjson.dumps(data).decode()})
    content = compiler.compile(format="pdf")
    if not isinstance(content, bytes):  # one document is one file
        raise TypeError("typst gave several files for one document")
    return content

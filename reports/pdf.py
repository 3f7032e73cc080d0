"""A report or a form as a PDF, through typst, in a font that comes with the project."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pylopdf_fonts_zh_cn
import typst
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports.books import Block, Book
from reports.tables import Document, Form, Report

TEMPLATES = Path(__file__).parent / "typst"


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


def render(document: Document, *, code: str) -> bytes:
    """The PDF as bytes; raises typst.TypstError when the page cannot be set."""
    heading = {
        "title": document.title,
        "example": document.example,
        "example_word": _("示例数据"),
        "subject": _("单位：%(name)s") % {"name": document.subject},
        "as_of": _("截至：%(day)s") % {"day": document.as_of.isoformat()},
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "notes": document.notes,
        "footer": document.provenance(code),
    }
    if isinstance(document, Form):
        return _set("form.typ", heading | _form(document))
    if isinstance(document, Book):
        return _set("book.typ", heading | _book(document))
    if isinstance(document, Report):
        return _set("table.typ", heading | _table(document))
    raise TypeError(f"no page for a {type(document).__name__}")


def _table(report: Report) -> dict[str, Any]:
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
    return {
        "paper": "a3" if len(report.columns) > 14 else "a4",
        "size": 8.5 if len(report.columns) > 9 else 10,
        "columns": [{"title": column.title, "width": column.width, "kind": column.kind} for column in report.columns],
        "cells": cells,
        "totals": totals if report.totals else [],
    }


def _form(form: Form) -> dict[str, Any]:
    return {
        "lines": [[asdict(entry) for entry in line] for line in form.lines],
        "tables": [
            {
                "heading": heading,
                "columns": [{"title": column.title, "width": column.width} for column in columns],
                "cells": [cell for row in rows for cell in row],
            }
            for heading, columns, rows in form.tables
        ],
    }


#: How high a picture stands on a page: alone, and two by two.
ALONE, PAIRED = 105, 82


def _book(book: Book) -> dict[str, Any]:
    return {
        "contents_word": _("目录"),
        "cover": [list(pair) for pair in book.cover],
        "chapters": [
            {
                "title": chapter.title,
                "facts": [list(pair) for pair in chapter.facts],
                "blocks": [_block(block) for block in chapter.blocks],
                "pictures": [
                    {
                        "svg": render_to_string("charts/_svg.html", {"chart": chart, "standalone": True}),
                        "height": ALONE if len(chapter.pictures) == 1 else PAIRED,
                        "alt": f"{chart.title} {chart.desc}",
                    }
                    for chart in chapter.pictures
                ],
                "notes": chapter.notes,
                "signatures": chapter.signatures,
            }
            for chapter in book.chapters
            if not chapter.sheet_only
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    parts = []
    for columns in block.pages:
        told = [{"title": column.title, "width": column.width, "kind": column.kind} for column in columns]
        cells = [shown(row.get(column.key), column.kind) for row in block.rows for column in columns]
        totals = [shown(block.totals.get(column.key), column.kind) for column in columns] if block.totals else []
        parts.append({"columns": told, "cells": cells, "totals": totals})
    return {"heading": block.heading, "parts": parts}


#: A longer table is set without tags for screen readers: they would make up nine tenths of the file.
TAGGED_CELLS = 10_000


def _set(template: str, data: dict[str, Any]) -> bytes:
    inputs = {"data": orjson.dumps(data).decode()}
    compiler = typst.Compiler(str(TEMPLATES / template), font_paths=_fonts(), sys_inputs=inputs)
    content = compiler.compile(format="pdf", pdf_tags=len(data.get("cells", ())) <= TAGGED_CELLS)
    if not isinstance(content, bytes):  # one document is one file
        raise TypeError("typst gave several files for one document")
    return content

"""A report as a workbook, through XlsxWriter; text never becomes a formula."""

from __future__ import annotations

import io

import xlsxwriter
from django.utils.translation import gettext as _

from reports.books import Book
from reports.tables import Document, Form, Report
from reports.xlsx_book import BookWriter
from reports.xlsx_cells import FORMATS, GREY, INK, write_value
from reports.xlsx_form import FormWriter


def render(report: Document, *, code: str) -> bytes:
    """The workbook as bytes: a table with totals and a chart where it helps, or a form; notes and provenance."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        if isinstance(report, Book):
            BookWriter(book, report).write(code)
        elif isinstance(report, Form):
            FormWriter(book, book.add_worksheet(report.title[:31]), report).write(code)
        elif isinstance(report, Report):
            _Writer(book, book.add_worksheet(report.title[:31]), report).write(code)
        else:
            raise TypeError(f"no sheet for a {type(report).__name__}")
        book.set_properties({"title": report.title, "comments": code})
    return buffer.getvalue()


class _Writer:
    def __init__(self, book, sheet, report: Report) -> None:
        self.book, self.sheet, self.report = book, sheet, report
        self.last = len(report.columns) - 1
        cell = {
            "font_name": "Microsoft YaHei",
            "font_size": 10,
            "border": 1,
            "border_color": "#c9d1dc",
            "valign": "vcenter",
        }
        self.cells = {kind: book.add_format(cell | numbers) for kind, numbers in FORMATS.items()}
        strong = cell | {"bold": True, "bg_color": GREY}
        self.totals = {kind: book.add_format(strong | numbers) for kind, numbers in FORMATS.items()}
        self.head = book.add_format(strong | {"align": "center", "text_wrap": True, "font_color": INK})
        self.title = book.add_format({"font_name": "Microsoft YaHei", "bold": True, "font_size": 15, "align": "center"})
        self.small = book.add_format({"font_name": "Microsoft YaHei", "font_size": 9, "font_color": "#5b6675"})

    def write(self, code: str) -> None:
        sheet, report = self.sheet, self.report
        for index, column in enumerate(report.columns):
            sheet.set_column(index, index, column.width + 2)
        sheet.merge_range(0, 0, 0, self.last, report.title + (_("（示例数据）") if report.example else ""), self.title)
        sheet.write_string(1, 0, _("单位：%(name)s") % {"name": report.subject}, self.small)
        sheet.write_string(1, max(self.last - 2, 1), _("截至：%(day)s") % {"day": report.as_of.isoformat()}, self.small)
        for index, column in enumerate(report.columns):
            sheet.write_string(3, index, column.title, self.head)
        first = 4
        for offset, row in enumerate(report.rows):
            self._row(first + offset, offset, row)
        bottom = first + len(report.rows)
        if report.totals:
            self._totals(bottom)
        self._foot(bottom + 2, code)
        sheet.freeze_panes(first, 1)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3)
        sheet.set_footer(f"&L{code}&R&P/&N")
        if report.chart:
            title, labels, values = report.chart
            keys = [column.key for column in report.columns]
            self._chart(title, (first, bottom - 1), (keys.index(labels), keys.index(values)), bottom + 6)
        if report.summary:
            self._summary(bottom + 4 + len(report.notes))

    def _row(self, at: int, offset: int, row: dict) -> None:
        span = self.report.groups.get(offset)
        for index, column in enumerate(self.report.columns):
            value, style = row.get(column.key), self.cells[column.kind]
            if column.key in self.report.grouped:
                if span is None:
                    continue
                if span > 1:
                    self.sheet.merge_range(at, index, at + span - 1, index, "", style)
            self._cell(at, index, value, style)

    def _cell(self, row: int, column: int, value, style) -> None:
        write_value(self.sheet, row, column, value, style)

    def _totals(self, at: int) -> None:
        for index, column in enumerate(self.report.columns):
            value = _("合计") if index == 0 else self.report.totals.get(column.key)
            self._cell(at, index, value, self.totals[column.kind])

    def _foot(self, at: int, code: str) -> None:
        lines = [*self.report.notes, self.report.provenance(code)]
        for offset, line in enumerate(lines):
            self.sheet.write_string(at + offset, 0, line, self.small)

    def _summary(self, at: int) -> None:
        title, rows = self.report.summary or ("", [])
        self.sheet.write_string(at, 0, title, self.head)
        self.sheet.write_string(at, 1, _("元"), self.head)
        for offset, (label, value) in enumerate(rows, start=1):
            self.sheet.write_string(at + offset, 0, label, self.cells["text"])
            self.sheet.write_number(at + offset, 1, value, self.cells["yuan"])
        if rows:
            self._chart(title, (at + 1, at + len(rows)), (0, 1), at + len(rows) + 2)

    def _chart(self, title: str, rows: tuple[int, int], columns: tuple[int, int], at: int) -> None:
        """Lying bars of ``rows`` (first, last): the labels' column and the values'."""
        chart = self.book.add_chart({"type": "bar"})
        name = self.sheet.get_name()
        (first, last), (labels, values) = rows, columns
        chart.add_series(
            {
                "name": title,
                "categories": [name, first, labels, last, labels],
                "values": [name, first, values, last, values],
                "fill": {"color": INK},
                "data_labels": {"value": True, "num_format": "#,##0"},
            }
        )
        chart.set_title({"name": title})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 760, "height": 80 + 34 * (last - first + 1)})
        self.sheet.insert_chart(at, 0, chart)

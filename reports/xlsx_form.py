"""A form as a sheet of a workbook: label and value side by side, line by line, its tables below."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.tables import Column, Form

INK, GREY, FONT = "#1f4e8c", "#f1f4f8", "Microsoft YaHei"
#: Columns of the sheet: three pairs of label and value.
PAIRS = 3
LAST = PAIRS * 2 - 1


class FormWriter:
    """Writes one form; every value is text, and none becomes a formula."""

    def __init__(self, book, sheet, form: Form) -> None:
        self.sheet, self.form = sheet, form
        cell = {"font_name": FONT, "font_size": 10, "border": 1, "border_color": "#c9d1dc", "valign": "vcenter"}
        self.cell = book.add_format(cell | {"text_wrap": True})
        self.label = book.add_format(cell | {"bg_color": GREY, "font_color": INK, "bold": True, "text_wrap": True})
        self.title = book.add_format({"font_name": FONT, "bold": True, "font_size": 15, "align": "center"})
        self.small = book.add_format({"font_name": FONT, "font_size": 9, "font_color": "#5b6675"})

    def write(self, code: str) -> None:
        sheet, form = self.sheet, self.form
        for index in range(LAST + 1):
            sheet.set_column(index, index, 24 if index % 2 else 16)
        sheet.merge_range(0, 0, 0, LAST, form.title + (_("（示例数据）") if form.example else ""), self.title)
        sheet.write_string(1, 0, _("单位：%(name)s") % {"name": form.subject}, self.small)
        sheet.write_string(1, LAST - 1, _("截至：%(day)s") % {"day": form.as_of.isoformat()}, self.small)
        row = 3
        for line in form.lines:
            self._line(row, line)
            row += 1
        for heading, columns, rows in form.tables:
            row = self._table(row + 1, heading, columns, rows)
        for note in [*form.notes, form.provenance(code)]:
            row += 1
            sheet.write_string(row, 0, note, self.small)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{code}&R&P/&N")

    def _line(self, row: int, line: list) -> None:
        """The entries of a line share its three pairs; the last one takes what is left."""
        at = 0
        for place, entry in enumerate(line):
            last = place == len(line) - 1
            end = LAST if last else min(at + 2 * entry.share - 1, LAST)
            self.sheet.write_string(row, at, entry.label, self.label)
            self._text(row, at + 1, end, entry.value)
            at = end + 1
        longest = max(len(entry.value) for entry in line)
        self.sheet.set_row(row, 18 * max(*(entry.tall for entry in line), 1 + longest // 44))

    def _text(self, row: int, first: int, last: int, value: str) -> None:
        if last > first:
            self.sheet.merge_range(row, first, row, last, "", self.cell)
        self.sheet.write_string(row, first, value, self.cell)

    def _table(self, row: int, heading: str, columns: list[Column], rows: list[list[str]]) -> int:
        """The table under its heading; returns the row after it. What is wider than the sheet stands at its right."""
        self.sheet.write_string(row, 0, heading, self.small)
        for index, column in enumerate(columns):
            self.sheet.write_string(row + 1, index, column.title, self.label)
        for offset, cells in enumerate(rows):
            for index, value in enumerate(cells):
                self.sheet.write_string(row + 2 + offset, index, value, self.cell)
        return row + 2 + len(rows)

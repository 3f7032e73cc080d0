"""A book as a workbook: a cover, a sheet a chapter, native charts over the cells; text never becomes a formula."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from reports.books import Block, Book, Chapter, Native
from reports.xlsx_cells import FORMATS, GREY, INK, write_value

FONT = "Microsoft YaHei"
#: Radars stand in rows of so many.
BESIDE = 3
#: What Excel refuses in the name of a sheet.
UNNAMEABLE = re.compile(r"[\[\]:*?/\\']")


def sheet_name(title: str, taken: set[str]) -> str:
    """A name that Excel takes, and no other sheet has."""
    plain = UNNAMEABLE.sub(" ", title).strip()[:28] or "Sheet"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        name = f"{plain[:26]} {number}"
    taken.add(name.lower())
    return name


class BookWriter:
    """Writes one book: the cover first, then its chapters in order."""

    def __init__(self, book: Any, report: Book) -> None:
        self.book, self.report = book, report
        cell = {"font_name": FONT, "font_size": 10, "border": 1, "border_color": "#c9d1dc", "valign": "vcenter"}
        strong = cell | {"bold": True, "bg_color": GREY}
        self.cells = {kind: book.add_format(cell | numbers) for kind, numbers in FORMATS.items()}
        self.totals = {kind: book.add_format(strong | numbers) for kind, numbers in FORMATS.items()}
        self.head = book.add_format(strong | {"align": "center", "text_wrap": True, "font_color": INK})
        self.title = book.add_format({"font_name": FONT, "bold": True, "font_size": 15})
        self.heading = book.add_format({"font_name": FONT, "bold": True, "font_size": 11, "font_color": INK})
        self.small = book.add_format({"font_name": FONT, "font_size": 9, "font_color": "#5b6675"})
        self.link = book.add_format({"font_name": FONT, "font_size": 10, "font_color": INK, "underline": 1})

    def write(self, code: str) -> None:
        cover = self.book.add_worksheet(sheet_name(_("封面"), taken := set()))
        names = [sheet_name(chapter.title, taken) for chapter in self.report.chapters]
        self._cover(cover, names, code)
        for name, chapter in zip(names, self.report.chapters, strict=True):
            self._chapter(self.book.add_worksheet(name), chapter, code)

    def _cover(self, sheet: Any, names: list[str], code: str) -> None:
        report = self.report
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 64)
        sheet.write_string(0, 0, report.title + (_("（示例数据）") if report.example else ""), self.title)
        facts = [(_("单位"), report.subject), (_("截至"), report.as_of.isoformat()), *report.cover]
        facts += [(_("出具编号"), code), (_("内容校验码"), report.checksum)]
        row = 2
        for label, value in facts:
            sheet.write_string(row, 0, label, self.head)
            sheet.write_string(row, 1, value, self.cells["text"])
            row += 1
        sheet.write_string(row + 1, 0, _("目录"), self.heading)
        row += 2
        for name, chapter in zip(names, report.chapters, strict=True):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.link, chapter.title)
            row += 1
        for note in [*report.notes, report.provenance(code)]:
            row += 1
            sheet.write_string(row, 0, note, self.small)

    def _chapter(self, sheet: Any, chapter: Chapter, code: str) -> None:
        sheet.write_string(0, 0, chapter.title, self.title)
        row = 2
        for label, value in chapter.facts:
            sheet.write_string(row, 0, label, self.head)
            sheet.write_string(row, 1, value, self.cells["text"])
            row += 1
        for block in chapter.blocks:
            row = self._block(sheet, block, row + bool(chapter.facts))
        for note in chapter.notes:
            sheet.write_string(row, 0, note, self.small)
            row += 1
        for place, label in enumerate(chapter.signatures):
            sheet.write_string(row + 1, place * 3, f"{label}：", self.small)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{code}&R&P/&N")

    def _block(self, sheet: Any, block: Block, row: int) -> int:
        """The table with its chart below; returns the row after both."""
        sheet.write_string(row, 0, block.heading, self.heading)
        for index, column in enumerate(block.columns):
            sheet.set_column(index, index, max(column.width + 2, 10))
            sheet.write_string(row + 1, index, column.title, self.head)
        first = row + 2
        for offset, values in enumerate(block.rows):
            for index, column in enumerate(block.columns):
                write_value(sheet, first + offset, index, values.get(column.key), self.cells[column.kind])
        bottom = first + len(block.rows)
        if block.totals:
            for index, column in enumerate(block.columns):
                value = block.totals.get(column.key)
                write_value(sheet, bottom, index, value, self.totals[column.kind])
            bottom += 1
        if block.chart and block.rows:
            bottom = self._chart(sheet, block, block.chart, first, bottom + 1)
        return bottom + 1

    def _chart(self, sheet: Any, block: Block, native: Native, first: int, at: int) -> int:
        name, keys = sheet.get_name(), [column.key for column in block.columns]
        across = [keys.index(key) for key in native.keys]
        last = first + len(block.rows) - 1
        if native.kind == "bar":
            chart = self.book.add_chart({"type": "bar"})
            chart.add_series(
                {
                    "name": native.title,
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, across[0], last, across[0]],
                    "fill": {"color": INK},
                    "data_labels": {"value": True, "num_format": "0.00"},
                }
            )
            height = 90 + 32 * len(block.rows)
            self._finish(chart, native.title, 760, height)
            chart.set_y_axis({"reverse": True})
            sheet.insert_chart(at, 0, chart)
            return at + height // 20 + 2
        for offset, row in enumerate(block.rows):
            chart = self.book.add_chart({"type": "radar", "subtype": "filled"})
            title = f"{row[keys[0]]}"
            chart.add_series(
                {
                    "name": title,
                    "categories": [name, first - 1, across[0], first - 1, across[-1]],
                    "values": [name, first + offset, across[0], first + offset, across[-1]],
                    "fill": {"color": INK, "transparency": 70},
                    "border": {"color": INK},
                }
            )
            self._finish(chart, title, 380, 300)
            place = {"x_offset": 390 * (offset % BESIDE), "y_offset": 310 * (offset // BESIDE)}
            sheet.insert_chart(at, 0, chart, place)
        return at + 16 * ((len(block.rows) + BESIDE - 1) // BESIDE) + 1

    def _finish(self, chart: Any, title: str, width: int, height: int) -> None:
        chart.set_title({"name": title, "name_font": {"size": 11}})
        chart.set_legend({"none": True})
        chart.set_size({"width": width, "height": height})

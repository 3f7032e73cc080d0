"""Writing the roster: XLSX, or CSV for programs that read UTF-8 or only GBK."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.access import Access
from common.actors import Actor
from common.books import XLSX, add_notes, add_table, new_book
from staffing.models import Person
from staffing.personnel.people import record_reading
from staffing.querysets import AppointmentQuerySet
from staffing.roster.line import lines
from staffing.roster.resources import COLUMNS, RosterColumns

CSV = "text/csv; charset=utf-8"
CSV_GBK = "text/csv; charset=gb18030"
#: By the word in the address: content type, ending, and how the cells are written.
FORMATS = {"xlsx": (XLSX, "xlsx"), "csv": (CSV, "csv"), "csv-gbk": (CSV_GBK, "csv")}
#: Wide enough to be read at once; the others are as wide as their title.
WIDTHS = {"单位": 18, "部门": 18, "姓名": 10, "身份证号": 21, "聘任岗位": 18, "聘任文号": 22, "工号": 14}


def readable_people(access: Access, action: str = "export") -> set[int]:
    """The people whose national ID this user may have written out."""
    if not access.can(action, "identity"):
        return set()
    return set(access.scope(Person.objects.all(), action, "identity").values_list("pk", flat=True))


def roster_cells(roster: AppointmentQuerySet, day: dt.date, *, access: Access, by: Actor) -> list[list[Any]]:
    """The roster's lines under ``COLUMNS``, as cells. Each number that is written out leaves an audit entry."""
    # The form is Chinese, and is read back by its Chinese words.
    readable = readable_people(access)
    with override("zh-hans"):
        found = list(roster)
        record_reading(
            list({row.person_id: row.person for row in found if row.person_id in readable}.values()),
            by=by,
            place="roster_export",
        )
        data = RosterColumns().export(lines(found, day, readable))
    return [list(row) for row in data]


def roster_file(
    roster: AppointmentQuerySet, day: dt.date, kind: str, *, access: Access, by: Actor, about: str
) -> bytes:
    """The roster as a file of one of ``FORMATS``; ``about`` says in words what was filtered."""
    cells = roster_cells(roster, day, access=access, by=by)
    if kind == "xlsx":
        return _roster_book(cells, day, about)
    return _csv(cells).encode("utf-8-sig" if kind == "csv" else "gb18030")


def _csv(cells: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([["" if cell is None else force_str(cell) for cell in row] for row in cells])
    return out.getvalue()


def _roster_book(cells: list[list[Any]], day: dt.date, about: str) -> bytes:
    out = io.BytesIO()
    book = new_book(out)
    sheet = add_table(book, "聘任花名册", COLUMNS, cells, widths=WIDTHS, frozen=4)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    notes = [
        ("截至日期", f"{day:%Y-%m-%d}"),
        ("筛选条件", about or "全部"),
        ("行数", str(len(cells))),
        ("导出时间", f"{timezone.localtime():%Y-%m-%d %H:%M}"),
        ("再次导入", "修改后可在「导入花名册」上传；序号、岗位系数、在岗状态三列不写入。"),
    ]
    add_notes(book, notes)
    book.close()
    return out.getvalue()


def file_name(day: dt.date, kind: str, scope: str = "") -> str:
    middle = f"_{scope}" if scope else ""
    return _("聘任花名册") + f"{middle}_{day:%Y-%m-%d}.{FORMATS[kind][1]}"

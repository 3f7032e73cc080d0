"""Rosters as files, for tests of their import: a line, a book of lines, what an import said of it."""

import datetime as dt
import io

import openpyxl

from common.models import AuditEntry
from staffing.models import Appointment, Person
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build


def book(*rows, columns=COLUMNS, title="", sheets=(), change=None):
    """A workbook of the given rows (dicts by column), with what ``change`` does to it."""
    made = openpyxl.Workbook()
    sheet = made.active
    if title:
        sheet.append([title])
    sheet.append(list(columns))
    for row in rows:
        sheet.append([row.get(column) for column in columns])
    for name, cells in sheets:
        extra = made.create_sheet(name)
        for line in cells:
            extra.append(line)
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def line(zone, name="新人", **more):
    """A line that would enter a new person on the second seat of the clerks' post."""
    return {
        "单位": "YZ经开区", "部门": "招商局", "姓名": name, "身份证号": build.national_id(701),
        "编制类别": "事业编制", "原身份": "事业人员", "聘任岗位": "招商专员", "岗级": "专员", "档级": 1,
        "聘任文号": "仪开人〔2020〕3号", "聘期起": dt.date(2020, 3, 1), "聘期止": dt.date(2023, 2, 28),
        "岗位系数": 1, "在岗状态": "在岗", "工号": "T-9", **more,
    }  # fmt: skip


def on_file(zone, name, **more):
    """The line of somebody who is on the roster, as an export would write it."""
    who = zone.people[name]
    row = Appointment.objects.get(person=who)
    place = row.post.versions.get()
    bureau = place.bureau.versions.get().name
    told = line(zone, name, 单位=place.unit.versions.get().name, 部门=bureau, 身份证号=who.national_id)
    told |= {"聘任岗位": place.name, "岗级": place.grade.name, "档级": row.step, "岗位系数": None}
    told |= {"聘任文号": row.document_number, "聘期起": row.starts, "聘期止": row.term_ends}
    return {**told, "工号": who.staff_no, "原职级/岗位等级": "科员", **more}


def told(report) -> list[str]:
    return [f"{f.sheet}/{f.row}/{f.column} {f.reason}" for f in report.faults]


def counts() -> tuple[int, int, int]:
    return Person.objects.count(), Appointment.objects.count(), AuditEntry.objects.count()


def four_in_post():
    """A zone of which four hold posts, by name in ``people``."""
    made = build.small_zone()
    rows = [("张三", made.head, 1), ("李四", made.clerk, 1), ("王五", made.eco_clerk, 1), ("赵六", made.park_clerk, 1)]
    made.people = {}
    for number, (name, post, seat) in enumerate(rows, start=1):
        made.people[name] = build.person(made, name, f"T-{number}", original_rank="科员")
        build.seat(made.people[name], post, seat, step=2)
    return made

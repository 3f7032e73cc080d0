"""The columns of the roster (聘任花名册) for import and export, in the order of the form.

One more column stands at the end, 工号, by which a line finds its person; a
file without it finds him by 身份证号. How a line is understood:

- no such person: he is entered, with birth date and sex read from the number;
- same post: the line corrects the appointment, or renews it when 聘期起 lies after the 聘期止 on file;
- another post while he holds a primary one: a transfer on 聘期起;
- 变动类型 with 变动日期 ends the appointment; left empty they change nothing;
- a masked 身份证号 (as exported to those who may not read it) changes nothing, and must fit the one on file.

A column that the file does not have is left alone. 序号, 岗位系数 and 在岗状态
are never written; the last two must not contradict what is on file.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from import_export import fields, resources

from common.cells import text_of
from common.imports.columns import Cell, Choice, DayCell, Plain, WholeCell
from staffing.models import Appointment, Person
from staffing.personnel.identity import is_masked
from staffing.personnel.people import clean_name
from staffing.roster.line import RosterRow


class NameCell(Cell):
    def read(self, value: Any) -> str:
        raw = str(value) if isinstance(value, str) else text_of(value)
        return clean_name(raw)


class RosterColumns(resources.Resource):
    """The declared columns; ``RosterImport`` adds what a line does."""

    number = fields.Field("number", "序号", Plain(), readonly=True)
    unit = fields.Field("unit", "单位", Cell())
    bureau = fields.Field("bureau", "部门", Cell())
    name = fields.Field("name", "姓名", NameCell(60))
    national_id = fields.Field("national_id", "身份证号", Cell(40))
    category = fields.Field("category", "编制类别", Choice(Person.Category))
    identity = fields.Field("identity", "原身份", Choice(Person.Identity))
    original_rank = fields.Field("original_rank", "原职级/岗位等级", Cell(60))
    post = fields.Field("post", "聘任岗位", Cell())
    grade = fields.Field("grade", "岗级", Cell())
    step = fields.Field("step", "档级", WholeCell(1, 99, empty=1, says=gettext_lazy("档级须为 1 至 99 的整数")))
    document_number = fields.Field("document_number", "聘任文号", Cell(60))
    starts = fields.Field("starts", "聘期起", DayCell())
    term_ends = fields.Field("term_ends", "聘期止", DayCell())
    probation_ends = fields.Field("probation_ends", "试用期止", DayCell())
    coefficient = fields.Field("coefficient", "岗位系数", Plain(), readonly=True)
    kind = fields.Field("kind", "主持工作/兼任", Choice(Appointment.Kind, empty=Appointment.Kind.PRIMARY))
    state = fields.Field("state", "在岗状态", Plain(), readonly=True)
    change = fields.Field("change", "变动类型", Choice(Appointment.End, empty=""))
    changed_on = fields.Field("changed_on", "变动日期", DayCell())
    staff_no = fields.Field("staff_no", "工号", Cell(20))

    class Meta:
        import_id_fields = ()
        skip_unchanged = True
        skip_html_diff = True
        store_instance = True

    def get_queryset(self) -> list[RosterRow]:
        return []


COLUMNS: list[str] = [field.column_name for field in RosterColumns.fields.values()]
#: By attribute, as errors are keyed; and the fields that services name, by the column that sets them.
COLUMN_OF: dict[str, str] = {name: field.column_name for name, field in RosterColumns.fields.items()} | {
    "birth_date": "身份证号",
    "gender": "身份证号",
    "seat": "聘任岗位",
    "person": "姓名",
    "on": "变动日期",
    "ends": "变动日期",
    "reason": "变动类型",
    "decided_on": "聘期起",
    "period": "聘期起",
}

#: What no file may show of a person who is compared with it.
HIDDEN_ATTRIBUTES = frozenset({"national_id"})


def same_number(on_file: str, cell: str, masked: str) -> bool:
    """Whether a cell's number is the one on file, written out or masked as we mask it."""
    return cell == masked if is_masked(cell) else cell.upper() == on_file

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

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.encoding import force_str
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import fields, resources, widgets

from common.cells import day_of, escaped, text_of
from staffing.identity import is_masked
from staffing.models import Appointment, Person
from staffing.people import clean_name
from staffing.roster import RosterRow


def said(error: ValidationError) -> str:
    return " ".join(error.messages)


class Cell(widgets.Widget):
    """A cell as text. The library collects ValueErrors by column, so ours become those."""

    def __init__(self, limit: int = 100) -> None:
        super().__init__()
        self.limit = limit

    def clean(self, value: Any, row: Mapping | None = None, **kwargs: Any) -> Any:
        try:
            return self.read(value)
        except ValidationError as error:
            raise ValueError(said(error)) from error

    def read(self, value: Any) -> Any:
        text = text_of(value)
        if len(text) > self.limit:
            raise ValidationError(_("超过 %(n)s 个字") % {"n": self.limit})
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else escaped(force_str(value))


class NameCell(Cell):
    def read(self, value: Any) -> str:
        raw = str(value) if isinstance(value, str) else text_of(value)
        return clean_name(raw)


class Choice(Cell):
    """One of a few words; ``empty`` is what a blank cell stands for.

    A file is in the words of the form, Chinese, whatever language the page is in.
    """

    def __init__(self, choices: type, empty: str | None = None) -> None:
        super().__init__()
        self.choices, self.empty = choices, empty

    @cached_property
    def codes(self) -> dict[str, str]:
        with override("zh-hans"):
            return {force_str(label): code for code, label in self.choices.choices if code}

    def read(self, value: Any) -> str:
        text = text_of(value)
        if not text and self.empty is not None:
            return self.empty
        if text in self.codes:
            return self.codes[text]
        raise ValidationError(_("须为：%(words)s") % {"words": "、".join(self.codes)})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        shown = "" if value == self.empty else value
        return next((word for word, code in self.codes.items() if code == shown), "")


class DayCell(Cell):
    def read(self, value: Any) -> Any:
        return day_of(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class StepCell(Cell):
    def read(self, value: Any) -> int:
        text = text_of(value) or "1"
        if not text.isdecimal() or not 1 <= int(text) <= 99:
            raise ValidationError(_("档级须为 1 至 99 的整数"))
        return int(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class Plain(Cell):
    """A value that is written as it is: a number stays a number."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


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
    step = fields.Field("step", "档级", StepCell())
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
        use_transactions = True

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

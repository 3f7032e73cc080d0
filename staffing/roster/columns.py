"""The columns of the roster: what can be shown of an appointment, what is shown at first, and what somebody chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from common import audit
from common.actors import Actor
from common.models import User
from common.numerals import NOTHING, grouped
from staffing.forms import SOON
from staffing.models import Appointment, ColumnChoice, PostVersion
from staffing.personnel.identity import mask

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Kind = Literal["text", "number", "ratio", "day"]


@dataclass(frozen=True)
class Column:
    """A column: ``read`` gives its plain value of a placed appointment, ``sort`` the key of its order, if any."""

    key: str
    title: StrOrPromise
    read: Callable[[Appointment], Any]
    kind: Kind = "text"
    sort: str = ""
    css: str = "nowrap"
    width: int = 12

    def text(self, row: Appointment) -> str:
        """The value as people read it."""
        value = self.read(row)
        if value in (None, ""):
            return NOTHING
        if isinstance(value, dt.date):
            return date_format(value)
        return grouped(value, 3) if self.kind == "ratio" else str(value)


def _category(row: Appointment) -> str:
    return str(PostVersion.Category(row.post_category).label) if row.post_category else ""


def _masked(row: Appointment) -> str:
    number = row.person.national_id
    return mask(number) if number else ""


ALL: tuple[Column, ...] = (
    Column("staff_no", _("工号"), lambda row: row.person.staff_no, sort="staff_no", css="nowrap unit"),
    Column("gender", _("性别"), lambda row: row.person.get_gender_display(), width=6),
    Column("unit", _("单位"), lambda row: row.unit_name, width=16),
    Column("bureau", _("部门"), lambda row: row.bureau_name, width=16),
    Column("post", _("聘任岗位"), lambda row: row.post_name, width=18),
    Column("tier", _("层级"), lambda row: row.tier_name, sort="tier"),
    Column("grade", _("岗级"), lambda row: row.grade_name, sort="grade"),
    Column("coefficient", _("系数"), lambda row: row.coefficient, "ratio", sort="coefficient", css="num", width=8),
    Column("post_category", _("岗位类别"), _category),
    Column("level", _("岗位等级"), lambda row: row.post_level, sort="level", width=9),
    Column("step", _("档级"), lambda row: row.step, "number", css="num", width=6),
    Column("category", _("编制类别"), lambda row: row.person.get_category_display()),
    Column("identity", _("原身份"), lambda row: row.person.get_identity_display()),
    Column("original_rank", _("原职级/岗位等级"), lambda row: row.person.original_rank, width=16),
    Column("education", _("学历"), lambda row: row.person.education),
    Column("entered_on", _("参加工作时间"), lambda row: row.person.entered_on, "day"),
    Column("national_id", _("身份证号"), _masked, css="nowrap id-number"),
    Column("kind", _("任职方式"), lambda row: row.get_kind_display()),
    Column("document_number", _("聘任文号"), lambda row: row.document_number, width=20),
    Column("starts", _("聘期起"), lambda row: row.starts, "day", sort="starts"),
    Column("term_ends", _("聘期止"), lambda row: row.term_ends, "day", sort="term"),
    Column("probation_ends", _("试用期止"), lambda row: row.probation_ends, "day", sort="probation"),
)
BY_KEY = {column.key: column for column in ALL}
#: What is shown until somebody chooses; the name always comes first.
DEFAULT = ("staff_no", "unit", "bureau", "post", "grade", "coefficient", "category", "national_id", "term_ends")


def chosen(user: User) -> list[Column]:
    """The columns that the user keeps, or those shown at first; a key that is no column any more is left out."""
    kept = ColumnChoice.objects.filter(user=user).values_list("columns", flat=True).first()
    found = [BY_KEY[key] for key in kept or () if key in BY_KEY]
    return found or [BY_KEY[key] for key in DEFAULT]


@transaction.atomic
def keep_columns(*, user: User, keys: Iterable[str], by: Actor) -> ColumnChoice:
    """Keep which columns the user wants, in the order of the roster; none of them means those shown at first."""
    wanted = set(keys)
    columns = [column.key for column in ALL if column.key in wanted]
    row, _new = ColumnChoice.objects.update_or_create(user=user, defaults={"columns": columns})
    audit.record("keep_columns", row, by=by)
    return row


@dataclass(frozen=True)
class Cell:
    """What stands in one place of the list: its text, look, where it leads, and how many days are left."""

    text: str
    css: str
    href: str = ""
    soon: int | None = None


def lay_out(rows: Sequence[Appointment], columns: Sequence[Column], day: dt.date, on: Callable[[str], str]) -> None:
    """Give each row its ``cells``; ``on`` makes an address stay on the page's day."""
    for row in rows:
        left = (row.term_ends - day).days if row.term_ends and row.last_day is None else None
        soon = left if left is not None and 0 <= left <= SOON[1] else None
        row.on_probation = bool(row.probation_ends and row.probation_ends >= day)
        row.cells = [
            Cell(
                column.text(row),
                column.css,
                on(reverse("post", args=[row.post_code])) if column.key == "post" and row.post_code else "",
                soon if column.key == "term_ends" else None,
            )
            for column in columns
        ]

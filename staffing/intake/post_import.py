"""Posts as a sheet: set up, revised and closed by the services, compared line by line with what is on file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.cells import text_of
from common.imports.columns import Cell, Choice, FlagCell, Plain, WholeCell, said
from common.imports.deeds import Told
from common.imports.report import Report
from common.sheets import SheetForm, Table
from orgchart.models import Bureau, BureauVersion, Tier
from orgchart.workbook.lines import CREATE, END, SUCCEED, Entry, check, compare, describe, look_up, read, refuse_repeats
from orgchart.workbook.register import Missing, Register
from orgchart.workbook.sheet import EXAMPLE, FROM_TO, SEQUENCE, Column, Sheet, Values
from staffing import services, store
from staffing.models import Person, Post, PostGrade, PostVersion
from staffing.posting import levels
from staffing.posting.posts import tier_of
from zones.models import UnitVersion

#: What people write of a post in full.
TEXT = 4000


class LevelCell(Cell):
    """A national grade by its code (GL07) or its name (管理七级); blank where none is set."""

    def read(self, value: Any) -> str:
        text = text_of(value)
        found = next((code for code, name in levels.NAMES.items() if text in (code, name, f"{code} {name}")), "")
        if text and not found:
            raise ValidationError(_("没有这个岗位等级，请写代码，如 GL07、ZJ10、GQ03"))
        return found


class MonthsCell(Plain):
    """A term in months; blank where none is usual."""

    def read(self, value: Any) -> int | None:
        return WholeCell(1, 600).read(value) if text_of(value) else None


class PostRegister(Register):
    """What a sheet of posts may refer to: bureaus by name too, and the grades of posts."""

    def __init__(self, reach: Collection[int]) -> None:
        super().__init__(reach, reach)
        self.grades = {grade.code: grade for grade in PostGrade.objects.all()}
        self._grade_names = {grade.name: grade for grade in self.grades.values()}
        self._bureau_names: dict[str, set[str]] = defaultdict(set)
        for name, code in BureauVersion.objects.filter(unit__in=reach).values_list("name", "bureau__code"):
            self._bureau_names[name].add(code)

    def bureau(self, attribute: str, code: str) -> Bureau:
        named = self._bureau_names.get(code, set())
        if len(named) > 1:
            raise Missing(attribute, _("机构名称不唯一，请写机构代码"))
        return super().bureau(attribute, next(iter(named), code))

    def grade(self, attribute: str, text: str) -> PostGrade:
        found = self.grades.get(text) or self._grade_names.get(text)
        if found is None:
            raise Missing(attribute, _("没有这个岗级"))
        return found


class Posts(Sheet):
    """The columns of a post's description and plan (岗位说明书、岗位设置方案), one line a post."""

    name, title, model = "posts", "岗位", PostVersion
    related = ("post", "unit", "bureau", "tier", "grade", "instrument")
    acts_on = ("unit",)
    columns = {
        "code": Column("岗位编号", Cell(40), True, path="post.code"),
        "unit": Column("单位", Cell(100), True, "unit", "unit.code"),
        "bureau": Column("部门", Cell(100), refers="bureau", path="bureau.code"),
        "name": Column("岗位名称", Cell(100), True),
        "name_en": Column("英文名称", Cell(200)),
        "tier": Column("管理层级", Choice(Tier.Kind), True, path="tier.kind"),
        "grade": Column("岗级", Cell(40), True, "grade", "grade.code"),
        "category": Column("岗位类别", Choice(PostVersion.Category), True),
        "level": Column("岗位等级", LevelCell()),
        "rank": Column("岗位规格", Choice(UnitVersion.Rank, empty="")),
        "establishment": Column("编制类别", Choice(Person.Category, empty="")),
        "headcount": Column("岗位数", WholeCell(1, 9999), True),
        "is_head": Column("部门正职", FlagCell(), default=False),
        "term_months": Column("聘期（月）", MonthsCell(), default=None),
        "is_open": Column("公开招聘", FlagCell(), default=False),
        "is_special": Column("特设岗位", FlagCell(), default=False),
        "duties": Column("职责任务", Cell(TEXT), True),
        "standards": Column("工作标准", Cell(TEXT), True),
        "requirements": Column("任职条件", Cell(TEXT), True),
        **SEQUENCE,
        "instrument": Column("依据", Cell(100), refers="instrument", path="instrument.code"),
        **FROM_TO,
        **EXAMPLE,
    }

    @property
    def form(self) -> SheetForm:
        titles = [column.title for column in self.columns.values()]
        return SheetForm(self.name, "岗位表", titles, titles=("岗位", "岗位设置", "岗位表"))


SHEET = Posts()
#: Columns that a service names otherwise.
AT = {"ends": "ends", "on": "ends", "period": "starts", "post": "code"}
#: Where a post stands changes only through a plan of reorganisation.
FIXED = ("unit", "bureau")


def carry(
    table: Table, units: frozenset[int], by: Actor, source: str, told: Told, *, at_once: bool
) -> tuple[Report, dict[str, int]]:
    """Write the sheet's differences through the services; the report of its lines, and what was written.

    ``at_once`` writes new posts together, and raises ``store.Refused`` where only the database sees what is wrong.
    """
    register = PostRegister(units)
    entries = read(SHEET, table)
    for entry in entries:
        look_up(entry, register, set())
    ready = [entry for entry in entries if not entry.bad and entry.values["code"] and entry.values["starts"]]
    refuse_repeats(ready)
    on_file: dict[str, list[PostVersion]] = defaultdict(list)
    for row in SHEET.about(entry.values["code"] for entry in ready).order_by("period"):
        on_file[row.post.code].append(row)
    for entry in ready:
        if not entry.bad:
            _compare(entry, on_file[entry.values["code"]], register)
    done: dict[str, set[int]] = {CREATE: set(), SUCCEED: set(), END: set()}
    for entry in entries:
        check(entry)
    # Only posts that are all new say nothing of each other.
    together = at_once and all(entry.deed in ("", CREATE) for entry in ready)
    with store.together((), ()) if together else nullcontext() as gathering:
        for number, entry in enumerate(sorted(ready, key=lambda entry: (entry.deed != END, entry.values["starts"])), 1):
            if not entry.bad and entry.deed:
                describe(entry)
                _write(entry, by, source, done)
            told(number, len(ready), _("核对岗位"))
        if gathering is not None and not any(entry.bad for entry in entries):
            gathering.write()
    report = Report()
    for entry in entries:
        report.take(entry.line())
    return report, {f"posts_{deed}": len(keys) for deed, keys in done.items()}


def _compare(entry: Entry, on_file: Sequence[PostVersion], register: Register) -> None:
    if on_file and not {row.unit_id for row in on_file} & register.reach:
        entry.fault("code", _("岗位编号已被使用，或不在您的管理范围"))
        return
    compare(entry, on_file)
    look_up(entry, register, set())
    if entry.deed != SUCCEED or entry.old is None:
        return
    before = SHEET.plain(entry.old)
    for attribute in FIXED:
        if entry.values[attribute] != before[attribute]:
            entry.fault(attribute, _("岗位所在的单位和部门只能随改革方案调整"))


def _write(entry: Entry, by: Actor, source: str, done: dict[str, set[int]]) -> None:
    try:
        with transaction.atomic():
            done[entry.deed].add(_through_service(entry, by, source))
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            entry.fault("code", said(error))
            return
        for name, texts in error.message_dict.items():
            entry.fault(AT.get(name, name), " ".join(texts))


def _through_service(entry: Entry, by: Actor, source: str) -> int:
    """Carry the line out; returns the key of its post."""
    values, starts = entry.values, entry.values["starts"]
    if entry.deed == END:
        return services.close_post(post=entry.old.post, on=values["ends"], by=by, reason=source).post_id
    told = _told(values, entry.found)
    if entry.deed == CREATE:
        unit = entry.found["unit"]
        tier = tier_of(unit, values["tier"], starts)
        return services.create_post(
            code=values["code"], starts=starts, ends=values["ends"], by=by, reason=source, tier=tier, **told
        ).pk
    post: Post | None = entry.old.post if entry.old is not None else None
    if post is None:
        raise ValidationError({"starts": _("该岗位在这一天没有生效的记录可供调整")})
    if values["ends"] is not None and values["ends"] != entry.old.last_day:
        raise ValidationError({"ends": _("调整与撤销请分两行填写")})
    tier = tier_of(entry.old.unit, values["tier"], starts)
    fresh = {name: value for name, value in told.items() if name not in FIXED}
    return services.revise_post(post=post, starts=starts, by=by, reason=source, tier=tier, **fresh).post_id


def _told(values: Values, found: Mapping[str, Any]) -> dict[str, Any]:
    """What the line says of the post, for the services."""
    skipped = {"code", "tier", "starts", "ends"}
    plain = {name: value for name, value in values.items() if name not in skipped and not SHEET.columns[name].refers}
    return plain | {name: found.get(name) for name, column in SHEET.columns.items() if column.refers}

"""Posts as a sheet, alone or with the roster: set up, revised, closed by the services; what is wrong is named."""

import datetime as dt
import io

import openpyxl
import pytest

from common.models import AuditEntry
from staffing.intake import imports
from staffing.intake.post_import import SHEET
from staffing.models import Appointment, Post, PostVersion
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build
from tests.roster_builders import line
from tests.staffing_builders import DAY, REFORM

pytestmark = pytest.mark.django_db
TITLES = [column.title for column in SHEET.columns.values()]
LATER = dt.date(2021, 1, 1)


@pytest.fixture
def zone():
    return build.small_zone()


@pytest.fixture
def write(zone):
    by = build.clerk(zone=zone)
    reach = frozenset({zone.unit.pk, zone.park.pk})
    return lambda content: imports.carry_out(content, unit_ids=reach, by=by, day=DAY)


def workbook(*posts, people=(), title="岗位", change=None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    sheet.append(TITLES)
    for row in posts:
        sheet.append([row.get(name) for name in TITLES])
    if people:
        roster = made.create_sheet("聘任花名册")
        roster.append(COLUMNS)
        for row in people:
            roster.append([row.get(name) for name in COLUMNS])
    if change:
        change(sheet)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def post(zone, code="YZ-INV-M", **more):
    return {
        "岗位编号": code, "单位": "YZ经开区", "部门": "招商局", "岗位名称": "招商经理", "管理层级": "工作人员",
        "岗级": "主管", "岗位类别": "管理岗位", "岗位等级": "GL08", "岗位数": 2, "聘期（月）": 36, "公开招聘": "是",
        "职责任务": "招商", "工作标准": "按时", "任职条件": "本科", "自": REFORM, **more,
    }  # fmt: skip


def told(report) -> list[tuple]:
    return [(fault.sheet, fault.row, fault.column, fault.reason) for fault in report.faults]


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Post, PostVersion, Appointment, AuditEntry))


def test_a_post_is_set_up_with_all_that_its_description_says(zone, write):
    report = write(workbook(post(zone), post(zone, "YZ-INV-N", 岗位名称="招商助理", 岗级="S2", 岗位等级="管理九级")))
    assert told(report) == []
    assert report.written == {"posts_create": 2, "posts_succeed": 0, "posts_end": 0}
    made = PostVersion.objects.get(post__code="YZ-INV-M")
    assert (made.bureau, made.grade, made.tier.kind, made.level) == (zone.invest, zone.grades["S1"], "staff", "GL08")
    assert (made.headcount, made.term_months, made.is_open, made.is_special) == (2, 36, True, False)
    assert PostVersion.objects.get(post__code="YZ-INV-N").level == "GL09"
    assert AuditEntry.objects.filter(verb="create_post").count() == 2
    before = counts()
    again = write(workbook(post(zone), post(zone, "YZ-INV-N", 岗位名称="招商助理", 岗级="S2", 岗位等级="管理九级")))
    assert again.counts == {"unchanged": 2}
    assert counts() == before


def test_people_are_put_on_posts_that_the_same_file_sets_up(zone, write):
    newcomer = line(zone, 聘任岗位="招商经理", 岗级="主管", 岗位系数=None)
    report = write(workbook(post(zone), people=[newcomer]))
    assert told(report) == []
    assert (report.written["posts_create"], report.written["appointed"]) == (1, 1)
    assert Appointment.objects.get().post.code == "YZ-INV-M"
    assert write(workbook(post(zone), people=[newcomer])).counts == {"unchanged": 2}


def test_a_later_day_revises_and_a_last_day_closes(zone, write):
    write(workbook(post(zone)))
    report = write(workbook(post(zone, 岗位数=3, 自=LATER)))
    assert told(report) == []
    first, second = PostVersion.objects.filter(post__code="YZ-INV-M").order_by("period")
    assert (first.last_day, first.headcount, second.starts, second.headcount) == (dt.date(2020, 12, 31), 2, LATER, 3)
    report = write(workbook(post(zone, 岗位数=3, 自=LATER, 至=dt.date(2021, 12, 31))))
    assert told(report) == []
    assert report.written["posts_end"] == 1
    assert PostVersion.objects.get(pk=second.pk).last_day == dt.date(2021, 12, 31)


BAD = [
    ({"部门": "招商处"}, "部门", "不存在"),
    ({"岗级": "主管员"}, "岗级", "没有这个岗级"),
    ({"岗位等级": "GL11"}, "岗位等级", "没有这个岗位等级"),
    ({"岗位数": 0}, "岗位数", "整数"),
    ({"职责任务": None}, "职责任务", "须填写"),
    ({"工作标准": " "}, "工作标准", "须填写"),
    ({"管理层级": "班组"}, "管理层级", "须为"),
    ({"自": "2020.13.1"}, "自", "没有这一天"),
    ({"至": dt.date(2019, 1, 1)}, "至", "早于起日"),
    ({"单位": "外区"}, "单位", "管理范围"),
    ({"公开招聘": "可以"}, "公开招聘", "是、否"),
    ({"岗位编号": "YZ-INV-C", "岗位数": 9}, "岗位数", "不能改写"),
    ({"岗位编号": "YZ-INV-C", "岗位名称": "招商专员", "自": LATER, "部门": "经济发展局"}, "部门", "改革方案"),
    ({"岗位编号": "局 长"}, "岗位编号", ""),
]


@pytest.mark.parametrize(("change", "column", "says"), BAD, ids=[str(bad[0])[:40] for bad in BAD])
def test_a_bad_cell_is_named_and_nothing_is_written(zone, write, change, column, says):
    before = counts()
    report = write(workbook(post(zone, "YZ-INV-X"), post(zone, **change)))
    assert counts() == before
    assert any(place[:3] == ("岗位", 3, column) and says in place[3] for place in told(report)), told(report)


def test_a_post_in_a_closed_bureau_is_refused_at_its_line(zone, write):
    zone.economy.versions.update(period=build.period(REFORM, dt.date(2020, 12, 31)), closed_by=zone.instrument)
    zone.eco_clerk.versions.update(period=build.period(REFORM, dt.date(2020, 12, 31)))
    before = counts()
    rows = [post(zone), post(zone, "YZ-ECO-M", 部门="经济发展局", 自=LATER)]
    report = write(workbook(*rows))
    assert counts() == before
    ((sheet, row, _column, reason),) = told(report)
    assert (sheet, row) == ("岗位", 3)
    assert "存续期" in reason


def test_a_post_is_not_closed_over_the_people_on_it(zone, write):
    who = build.person(zone, "张三", "T-1")
    build.seat(who, zone.clerk)
    row = PostVersion.objects.get(post=zone.clerk)
    cells = {column.title: column.cell.render(SHEET.plain(row)[name]) for name, column in SHEET.columns.items()}
    report = write(workbook({**cells, "至": dt.date(2020, 12, 31)}))
    ((sheet, _row, column, reason),) = told(report)
    assert (sheet, column) == ("岗位", "至")
    assert "张三" in reason


def test_two_lines_of_one_post_are_named(zone, write):
    ((_sheet, row, column, reason),) = told(write(workbook(post(zone), post(zone))))
    assert (row, column, reason) == (3, "岗位编号", "与第 2 行重复")


def test_another_zones_post_is_not_spoken_of(zone, write):
    other = build.small_zone("XX", parent=zone.city)
    report = write(workbook(post(zone, "XX-INV-C", 岗位名称="招商专员")))
    ((_sheet, _row, column, reason),) = told(report)
    assert (column, reason) == ("岗位编号", "岗位编号已被使用，或不在您的管理范围")
    assert other.clerk.versions.get().name == "招商专员"


def test_a_formula_and_a_merged_cell_are_named(zone, write):
    def spoil(sheet):
        sheet["D2"] = "=cmd|'/c calc'!A1"
        sheet.merge_cells("B3:B4")

    report = write(workbook(post(zone), post(zone, "P2"), post(zone, "P3"), change=spoil))
    reasons = {(fault.row, fault.column): fault.reason for fault in report.faults}
    assert "公式" in reasons[2, "岗位名称"]
    assert "合并" in reasons[3, "单位"]


def test_a_bad_sheet_of_posts_says_that_the_people_are_not_checked_yet(zone, write):
    report = write(workbook(post(zone, 岗位数=0), people=[line(zone, 聘任岗位="招商经理")]))
    assert [fault.sheet for fault in report.faults] == ["岗位"]
    assert any("尚未核对" in note for note in report.notes)

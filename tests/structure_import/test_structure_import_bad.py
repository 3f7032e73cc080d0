"""A structure with mistakes: each is named by its sheet, row and column, and nothing is half written."""

import datetime as dt

import pytest
from django.db import connection

from orgchart.models import Quota
from tests import orgchart_builders as build
from tests.structure_builders import LATER, a_bureau, add, find, put, refused, told

pytestmark = pytest.mark.django_db
DAY, REFORM = build.DAY, build.REFORM


# --- bad input: each is named, nothing is half written ---------------------------------------------------


def test_a_circle_of_superiors(at, out, write):
    book = out()
    sheet = book["职能机构"]
    a_bureau(at, book, "YZ-B6", 上级机构="YZ-B7")
    a_bureau(at, book, "YZ-B7", 上级机构="YZ-B6")
    assert [place[1:3] for place in refused(write, book)] == [(12, "上级机构"), (13, "上级机构")]
    assert all("成环" in reason for *_place, reason in refused(write, book))
    sheet.delete_rows(sheet.max_row - 1, 2)
    row = find(book["单位"], 单位代码="YZ-P")
    put(book["单位"], row, 上级单位="YZ-TOWN", 自=LATER)
    ((name, number, _column, reason),) = refused(write, book)
    assert (name, number, reason) == ("单位", row, "上级单位的类别不符")


def test_units_that_report_to_each_other(at, out, write):
    book = out()
    second = build.unit("YZ-C2", "city", "YZ二市", at.city)
    book = out()
    sheet = book["单位"]
    row = add(sheet, 单位代码="YZ-C2", 类别="市", 名称="YZ二市", 简称="YZ二市", 上级单位="YZ-CITY", 自=LATER)
    other = find(sheet, 单位代码="YZ-CITY")
    put(sheet, other, 上级单位="YZ-C2", 自=LATER)
    found = refused(write, book)
    assert {(name, number, column) for name, number, column, _ in found} == {
        ("单位", row, "上级单位"),
        ("单位", other, "上级单位"),
    }
    assert all("上下级关系成环" in reason for *_place, reason in found)
    assert second.pk


def test_a_period_that_ends_before_it_starts(at, out, write):
    book = out()
    row = a_bureau(at, book, 至=dt.date(2020, 12, 31))
    assert refused(write, book) == [("职能机构", row, "至", "止日不能早于起日")]


def test_a_duty_with_two_bearers(at, out, write):
    book = out()
    row = find(book["职责分工"], 区域="YZ")
    put(book["职责分工"], row, 承担单位="YZ-TOWN", 自=LATER)
    assert refused(write, book) == [("职责分工", row, "承担机构", "职责须且只能由一个机构或一个单位承担")]
    book = out()
    cells = {"职责代码": at.duty.code, "区域": "YZ", "承担单位": "YZ-TOWN", "依据": at.instrument.code}
    row = add(book["职责分工"], **cells, 自=LATER)
    ((sheet, number, column, reason),) = refused(write, book)
    assert (sheet, number, column) == ("职责分工", row, "职责代码")
    assert "重叠" in reason


def test_a_bureau_abolished_while_people_sit_in_it(at, out, write):
    build.staff(at)
    build.seat(build.post(at, "C4", at.zone, at.bureaus[3], 2), "钱专员")
    with connection.cursor() as cursor:  # as it would be after their COMMIT
        cursor.execute("set constraints all immediate; set constraints all deferred")
    book = out()
    row = find(book["职能机构"], 机构代码="YZ-B4")
    put(book["职能机构"], row, 至=dt.date(2020, 12, 31), 终止批文=at.instrument.code)
    ((sheet, number, _column, reason),) = refused(write, book)
    assert (sheet, number) == ("职能机构", row)
    assert reason == "该机构仍有岗位，须先撤销或划转：C4岗"


def test_a_bureau_that_bears_a_duty_is_not_simply_ended(at, out, write):
    book = out()
    row = find(book["职能机构"], 机构代码="YZ-B5")
    put(book["职能机构"], row, 至=dt.date(2020, 12, 31), 终止批文=at.instrument.code)
    ((sheet, number, _column, reason),) = refused(write, book)
    assert (sheet, number) == ("职能机构", row)
    assert "职责" in reason


REWRITES = [
    ("职能机构", {"机构代码": "YZ-B1"}, {"名称": "别名局"}, "名称", "不能改写"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"机构规格": "正科级"}, "机构规格", "不能改写"),
    ("限额", {"单位代码": "YZ"}, {"限额": 9}, "限额", "不能改写"),
    ("职能", {"职能代码": "f-yz-b1"}, {"名称": "另一职能"}, "名称", "导入不改写"),
    ("单位", {"单位代码": "YZ"}, {"类别": "功能园区", "自": LATER}, "类别", "不能更改"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"自": LATER, "批文": "查无此文"}, "批文", "没有这份批文"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"自": LATER, "职能": "f-none"}, "职能", "没有职能「f-none」"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"自": LATER, "性质": "社会管理"}, "性质", "性质一致"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"自": dt.date(2019, 9, 1)}, "自", "早于批文"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"自": "去年"}, "自", "无法识别"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"机构代码": "局 一"}, "机构代码", "代码只能"),
    ("职能机构", {"机构代码": "YZ-B1"}, {"自": LATER, "名称": None}, "名称", "须填写"),
    ("限额", {"单位代码": "YZ"}, {"自": LATER, "限额": "五"}, "限额", "整数"),
    ("单位", {"单位代码": "YZ-P"}, {"自": LATER, "上级单位": "NOWHERE"}, "上级单位", "不存在"),
]


@pytest.mark.parametrize(
    ("sheet", "where", "change", "column", "says"), REWRITES, ids=[str(r[2])[:40] for r in REWRITES]
)
def test_a_bad_cell_is_named_by_sheet_row_and_column(at, out, write, sheet, where, change, column, says):
    book = out()
    row = find(book[sheet], **where)
    put(book[sheet], row, **change)
    found = refused(write, book)
    assert any(place[:3] == (sheet, row, column) and says in place[3] for place in found), found


def _merge(book):
    book["职能机构"].merge_cells("B2:B3")


def _formula(book):
    book["职能机构"]["B2"] = '=HYPERLINK("http://x")'


def _header(book):
    book["限额"]["C1"] = "上限"


def _twice(book):
    sheet = book["限额"]
    sheet.append([cell.value for cell in sheet[2]])


@pytest.mark.parametrize(
    ("spoil", "sheet", "says"),
    [
        (_merge, "职能机构", "单元格被合并（B2:B3）"),
        (_formula, "职能机构", "公式"),
        (_header, "限额", "「限额」表没有这一列"),
        (_twice, "限额", "与第 2 行重复"),
    ],
)
def test_a_spoilt_sheet_is_named(at, out, write, spoil, sheet, says):
    book = out()
    spoil(book)
    found = refused(write, book)
    assert any(place[0] == sheet and says in place[3] for place in found), found


def test_hidden_and_unknown_sheets_are_noted_and_empty_rows_trimmed(at, out, look):
    book = out()
    book["层级"].sheet_state = "hidden"
    book.create_sheet("草稿").append(["x"])
    for row in range(book["限额"].max_row + 1, 50_000):
        book["限额"].cell(row, 1).value = "" if row % 2 else None
    report = look(book)
    assert told(report) == []
    assert {"层级", "草稿"} <= {name for name in ("层级", "草稿") for note in report.notes if name in note}
    assert any("空行" in note for note in report.notes)


def test_a_csv_is_read_by_its_header_in_gbk_too(at, write):
    text = "单位代码,限额种类,限额,批文,自\r\nYZ,人员控制数,80,仪编〔2019〕1号,2019-10-01\r\n"
    assert told(write(text.encode("gbk"))) == []
    assert Quota.objects.get(unit=at.zone, kind="staff").limit == 80

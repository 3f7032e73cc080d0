"""A roster with mistakes: each is named by sheet, row and column, and nothing is written."""

import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from common.imports.errors import error_book
from orgchart.models import Bureau, BureauVersion
from staffing.models import Appointment, Person, RetirementAge
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build
from tests.roster_builders import book, counts, line, on_file, told

pytestmark = pytest.mark.django_db


# --- bad input: each named, nothing written -------------------------------------------------------------


BAD_LINES = [
    ({"身份证号": "99000019850307018"}, "身份证号", "18 位"),
    (
        {"身份证号": build.national_id(701)[:-1] + ("0" if build.national_id(701)[-1] != "0" else "1")},
        "身份证号",
        "校验位",
    ),
    ({"身份证号": "990000198502300185"}, "身份证号", "出生日期"),
    ({"身份证号": None}, "身份证号", "新进人员须填写"),
    ({"身份证号": 990000198503070140.0}, "身份证号", "失真"),
    ({"身份证号": "99**************01"}, "身份证号", "完整的身份证号"),
    ({"姓名": "=cmd|'/c calc'!A1"}, "姓名", ""),
    ({"姓名": "@新人"}, "姓名", "不能以"),
    ({"姓名": None}, "姓名", "姓名须填写"),
    ({"姓名": "新" * 61}, "姓名", ""),
    ({"编制类别": "军队编制"}, "编制类别", "须为：行政编制"),
    ({"原身份": None}, "原身份", "须为：公务员"),
    ({"单位": "外区管委会"}, "单位", "管理范围"),
    ({"单位": None}, "单位", "单位须填写"),
    ({"部门": "招商处"}, "部门", "是否为「招商局」"),
    ({"聘任岗位": "招商专远"}, "聘任岗位", "是否为「招商专员」"),
    ({"岗级": "主管"}, "岗级", "应为「专员」"),
    ({"档级": "二"}, "档级", "整数"),
    ({"聘期起": "2020年13月1日"}, "聘期起", "没有这一天"),
    ({"聘期起": "去年"}, "聘期起", "无法识别"),
    ({"聘期起": None}, "聘期起", "须填写"),
    ({"聘期起": "2019-01-01"}, "聘期起", "不能早于"),
    ({"聘期止": "2020-01-01"}, "聘期止", "不能早于"),
    ({"试用期止": "2024-01-01"}, "试用期止", "长于聘期"),
    ({"岗位系数": 9}, "岗位系数", "「专员」为 1"),
    ({"主持工作/兼任": "代理"}, "主持工作/兼任", "兼任"),
    ({"变动类型": "退休"}, "变动日期", "同时填写"),
    ({"变动类型": "调走", "变动日期": "2020-06-30"}, "变动类型", "聘期届满"),
    ({"在岗状态": "离岗"}, "在岗状态", "变动类型"),
    ({"工号": "T-1"}, "工号", "核对工号"),
    ({"部门": "招商局", "聘任岗位": "局长", "岗级": "部门正职", "岗位系数": None}, "聘任岗位", "张三"),
]


@pytest.mark.parametrize(("change", "column", "says"), BAD_LINES, ids=[str(bad[0])[:40] for bad in BAD_LINES])
def test_a_bad_cell_is_named_by_sheet_row_and_column_and_nothing_is_written(zone, write, change, column, says):
    before = counts()
    report = write(book(line(zone, **change), on_file(zone, "李四", 档级=3)))
    assert counts() == before
    assert report.counts["bad"] or not report.lines
    assert any(fault.sheet == "Sheet" and fault.row == 2 and fault.column == column and says in fault.reason
               for fault in report.faults), told(report)  # fmt: skip
    assert Appointment.objects.get(person=zone.people["李四"]).step == 2


def test_units_beyond_the_clerks_reach_are_refused_even_for_known_people(zone, by, write):
    other = build.small_zone("XX", parent=zone.city)
    stranger = build.person(other, "外人", "X-1")
    build.seat(stranger, other.clerk)
    report = write(book(line(zone, 单位="XX经开区"), line(zone, 工号="X-1", 身份证号=stranger.national_id)))
    assert [fault.column for fault in report.faults] == ["单位", "工号"]
    assert all("管理范围" in fault.reason for fault in report.faults)
    assert "外人" not in str(told(report))


def test_lines_that_repeat_or_contradict_each_other_are_named(zone, look):
    report = look(book(line(zone), line(zone)))
    assert told(report)[0] == "Sheet/3/工号 与第 2 行重复"
    report = look(book(line(zone), line(zone, 姓名="别名", **{"主持工作/兼任": "兼任"})))
    assert "Sheet/3/姓名 与第 2 行对同一人的填写不一致" in told(report)
    report = look(book(line(zone), line(zone, 工号="T-10")))
    assert "Sheet/3/身份证号 与第 2 行的身份证号相同" in told(report)


def test_a_term_past_retirement_is_named_by_its_line(zone, write):
    for group in ("men", "cadre_women"):
        RetirementAge.objects.create(
            group=group, period=build.period(dt.date(1978, 6, 2)), base_months=720, source="试验", basis="memory"
        )
    before = counts()
    report = write(book(line(zone, 聘期止=dt.date(2063, 2, 28))))
    assert [fault.row for fault in report.faults] == [2]
    assert "晚于退休日期" in report.faults[0].reason
    assert counts() == before


def test_a_post_in_a_closed_bureau_takes_nobody(zone, write):
    closed = build.period(build.REFORM, dt.date(2020, 1, 31))
    build.bureau(zone, zone.unit, "YZ-OLD", "旧局")
    old = build.post(zone, "YZ-OLD-C", "旧专员", bureau=Bureau.objects.get(code="YZ-OLD"))
    old.versions.update(period=closed)
    BureauVersion.objects.filter(bureau__code="YZ-OLD").update(period=closed, closed_by=zone.instrument)
    before = counts()
    assert told(write(book(line(zone, 部门="旧局", 聘任岗位="旧专员")))) == [
        "Sheet/2/聘任岗位 该岗位在聘期起之前已撤销"
    ]
    assert counts() == before


def test_a_new_person_with_two_posts_is_entered_once(zone, write):
    second = line(zone, 部门="经济发展局", 聘任岗位="经济专员", **{"主持工作/兼任": "兼任"})
    report = write(book(line(zone), second))
    assert told(report) == []
    assert (report.written["people_added"], report.written["appointed"]) == (1, 2)


def test_a_masked_number_of_another_line_is_noticed(zone, look):
    report = look(book(on_file(zone, "李四", 身份证号="11**************99")))
    assert "可能错行" in told(report)[0]


def test_two_new_people_on_one_seat_the_second_is_told_who(zone, look):
    rows = [line(zone, f"新人{n}", 工号=f"N-{n}", 身份证号=build.national_id(800 + n)) for n in range(2)]
    report = look(book(*rows))
    assert len(report.faults) == 1
    assert (report.faults[0].row, report.faults[0].column) == (3, "聘任岗位")
    assert "新人0" in report.faults[0].reason


def test_a_clerk_does_not_import_his_own_case(zone, by, look):
    zone.people["李四"].user = by.user
    zone.people["李四"].save()
    assert "本人" in told(look(book(on_file(zone, "李四", 档级=9))))[0]
    assert told(look(book(on_file(zone, "李四")))) == []


# --- bad files ------------------------------------------------------------------------------------------


def _formula(made):
    made.active["D2"] = "=A1&B1"


def _merge(made):
    made.active.merge_cells("B2:B3")


def _hide(made):
    made["旧表"].sheet_state = "hidden"


def test_a_formula_is_named(zone, look):
    assert told(look(book(line(zone), change=_formula))) == ["Sheet/2/姓名 单元格里是公式或错误值，请粘贴为数值"]


def test_every_row_is_checked_beside_a_formula(zone, look, write):
    def spoil(made):
        made.active["D2"] = "=A1&B1"
        made.active["M2"] = "去年"
        made.active["B4"] = "#REF!"
        made.active["A5"] = "=ROW()-1"
        made.active["W6"] = "旁注"

    rows = [
        line(zone),
        line(zone, 工号="T-10", 身份证号=build.national_id(702), 档级="二"),
        on_file(zone, "王五"),
        on_file(zone, "赵六"),
        on_file(zone, "李四", 编制类别="军队编制"),
        on_file(zone, "张三"),
    ]
    before = counts()
    report = write(book(*rows, change=spoil))
    assert counts() == before
    found = [(fault.sheet, fault.row, fault.column, fault.value, fault.reason[:6]) for fault in report.faults]
    assert found == [
        ("Sheet", 2, "姓名", "=A1&B1", "单元格里是公"),
        ("Sheet", 2, "聘期起", "去年", "无法识别为日"),
        ("Sheet", 3, "档级", "二", "档级须为 1"),
        ("Sheet", 4, "单位", "#REF!", "单元格里是公"),
        ("Sheet", 5, "序号", "=ROW()-1", "单元格里是公"),
        ("Sheet", 6, "W", "旁注", "此列没有列名"),
        ("Sheet", 6, "编制类别", "军队编制", found[-1][-1]),
    ]
    assert report.counts == {"bad": 5, "unchanged": 1}
    sheet = openpyxl.load_workbook(io.BytesIO(error_book(report))).active
    told_there = [sheet.cell(row, 22).value for row in range(2, 8)]
    assert told_there[0] == (
        "姓名：单元格里是公式或错误值，请粘贴为数值（=A1&B1）；聘期起：无法识别为日期，请按 2020-09-01 填写"
    )
    assert [bool(words) for words in told_there] == [True, True, True, True, True, False]
    assert sheet.cell(2, 4).value is None


@pytest.mark.parametrize("column", COLUMNS)
def test_a_formula_in_any_column_makes_its_line_bad_and_no_other(zone, look, column):
    letter = openpyxl.utils.get_column_letter(COLUMNS.index(column) + 1)
    concurrent = on_file(zone, "李四", 部门="经济发展局", 聘任岗位="经济专员", 聘期起=dt.date(2020, 6, 1))
    rows = [on_file(zone, "李四"), concurrent | {"主持工作/兼任": "兼任"}, on_file(zone, "王五")]
    report = look(book(*rows, change=lambda made: made.active.__setitem__(f"{letter}2", "=1/0")))
    assert [(fault.row, fault.column, fault.value) for fault in report.faults] == [(2, column, "=1/0")]
    assert [line.kind for line in report.lines] == ["bad", "new", "unchanged"]


def test_a_formula_among_the_headings_refuses_the_file_and_is_named_once(zone, look):
    report = look(book(line(zone), line(zone), change=lambda made: made.active.__setitem__("D1", "=1+1")))
    assert [(fault.row, fault.column, fault.value) for fault in report.faults] == [(1, "D", "=1+1")]
    assert report.lines == []


def test_merged_cells_are_named(zone, look):
    report = look(book(line(zone), line(zone, 工号="T-10"), change=_merge))
    assert [(fault.row, fault.column, fault.value) for fault in report.faults if "合并" in fault.reason] == [
        (2, "单位", "YZ经开区"),
        (3, "单位", ""),
    ]
    assert "B2:B3" in report.faults[0].reason


def test_a_merged_title_above_the_header_is_no_trouble(zone, look):
    report = look(book(line(zone), title="仪征经开区聘任花名册", change=lambda made: made.active.merge_cells("A1:F1")))
    assert told(report) == []
    assert report.lines[0].row == 3


def test_hidden_sheets_and_sheets_without_header_are_noted(zone, look):
    content = book(line(zone), sheets=[("旧表", [COLUMNS, ["x"] * 21]), ("备注", [["填表说明"]])], change=_hide)
    report = look(content)
    assert told(report) == []
    assert any("旧表" in note and "隐藏" in note for note in report.notes)
    assert any("备注" in note for note in report.notes)


def test_fifty_thousand_empty_rows_are_trimmed(zone, look):
    def pad(made):
        for row in range(3, 50_003):
            made.active.cell(row, 1, "" if row % 2 else None)
        made.active.cell(50_010, 21, " ")

    report = look(book(line(zone), change=pad))
    assert (told(report), len(report.lines)) == ([], 1)
    assert any("空行" in note for note in report.notes)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ([*COLUMNS[:-1], "工 资"], "Sheet/1/工资 花名册没有这一列"),
        ([*COLUMNS[:-1], "姓名"], "Sheet/1/姓名 列名重复"),
        (["甲", "乙", "丙"], "没有找到表头"),
    ],
)
def test_a_wrong_header_is_named(zone, look, columns, says):
    assert says in told(look(book(line(zone), columns=columns)))[0]


def _zip(**parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空的"),
        (b"\xff\xfe\x00\x01\x80", "既不是 Excel"),
        (b"%PDF-1.7 ...", "既不是 Excel"),
        (b"\xd0\xcf\x11\xe0 old", ".xls"),
        (b"PK\x03\x04 broken", "已损坏"),
        (_zip(word__document="<x/>"), "没有工作簿"),
        (_zip(xl__workbook="<x/>", xl__worksheets__sheet1=b" " * (130 * 1024 * 1024)), "解压后超过"),
        (_zip(xl__workbook='<!DOCTYPE x [<!ENTITY a "b">]><x/>'), "文档类型声明"),
        (_zip(xl__workbook="<x/>"), "已损坏"),
        (b"a" * (10 * 1024 * 1024 + 1), "超过 10 MB"),
        ("姓名,单位,部门,聘任岗位\r\n".encode(), "没有数据"),
    ],
    ids=["empty", "binary", "pdf", "xls", "broken", "docx", "bomb", "entities", "no-sheets", "large", "header-only"],
)
def test_what_is_no_roster_is_said_so(zone, look, content, says):
    assert says in told(look(content))[0]


def test_a_workbook_of_a_hundred_megabytes_is_refused_unread(zone, look):
    assert told(look(b"PK\x03\x04" + bytes(100 * 1024 * 1024))) == ["/None/ 文件超过 10 MB，请分批导入"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_csv_in_either_encoding(zone, write, encoding):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerow(line(zone))
    assert told(write(out.getvalue().encode(encoding))) == []
    assert Person.objects.get(staff_no="T-9").name == "新人"

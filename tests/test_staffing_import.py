"""The roster as a file: what goes out comes back as it was, and whatever is wrong is named by its place."""

import csv
import datetime as dt
import io
import zipfile
from contextlib import nullcontext

import openpyxl
import pytest
from django.db import connection, transaction
from django.utils.translation import override

from common import uploads
from common.access import Access
from common.imports.errors import error_book
from common.models import AuditEntry
from common.periods import period
from common.rules import Rule
from orgchart.models import Bureau, BureauVersion
from staffing import store
from staffing.intake import imports
from staffing.models import Appointment, Person, RetirementAge
from staffing.roster.exporting import roster_file
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build
from tests.staffing_builders import DAY, TERM, TERM_ENDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone():
    made = build.small_zone()
    rows = [("张三", made.head, 1), ("李四", made.clerk, 1), ("王五", made.eco_clerk, 1), ("赵六", made.park_clerk, 1)]
    made.people = {}
    for number, (name, post, seat) in enumerate(rows, start=1):
        made.people[name] = build.person(made, name, f"T-{number}", original_rank="科员")
        build.seat(made.people[name], post, seat, step=2)
    return made


@pytest.fixture
def by(zone):
    return build.clerk(zone=zone)


@pytest.fixture
def reach(zone):
    return frozenset({zone.unit.pk, zone.park.pk})


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


@pytest.fixture
def look(zone, by, reach):
    return lambda content, **more: imports.preview(content, **{"unit_ids": reach, "by": by, "day": DAY, **more})


@pytest.fixture
def write(zone, by, reach):
    return lambda content, **more: imports.carry_out(content, **{"unit_ids": reach, "by": by, "day": DAY, **more})


def told(report) -> list[str]:
    return [f"{f.sheet}/{f.row}/{f.column} {f.reason}" for f in report.faults]


def counts() -> tuple[int, int, int]:
    return Person.objects.count(), Appointment.objects.count(), AuditEntry.objects.count()


def test_a_roster_does_not_unseal_the_original_status(zone, look, write):
    changed = on_file(zone, "张三", **{"原职级/岗位等级": "正科级", "原身份": "公务员"})
    found = look(book(changed))
    assert {fault.column for fault in found.faults} == {"原职级/岗位等级", "原身份"}
    assert all("已封存" in fault.reason for fault in found.faults)
    assert not look(book(on_file(zone, "张三", **{"原职级/岗位等级": ""}))).faults, "blank says nothing"


# --- out and in again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xlsx", "csv", "csv-gbk"])
@pytest.mark.parametrize("identity", [True, False])
def test_what_is_exported_comes_back_without_a_change(zone, by, look, write, kind, identity):
    ended = Appointment.objects.get(person=zone.people["王五"])
    build.seat(zone.people["张三"], zone.eco_clerk, 2, kind="concurrent", probation_ends=dt.date(2020, 10, 31))
    Appointment.objects.filter(pk=ended.pk).update(
        period=build.period(TERM, dt.date(2021, 1, 31)), end_reason="retirement", document_number="=1+1"
    )
    access = Access(by.user if identity else build.user("auditor", role="auditor", on=zone.unit), day=DAY)
    content = roster_file(Appointment.objects.roster(DAY), DAY, kind, access=access, by=by, about="")
    text = content.decode("gb18030" if kind == "csv-gbk" else "utf-8-sig") if "csv" in kind else _text(content)
    assert (zone.people["张三"].national_id in text) is identity
    report = look(content)
    assert told(report) == []
    assert report.counts == {"unchanged": 5}
    before = counts()
    assert write(content).counts == {"unchanged": 5}
    assert counts() == before


def _text(content) -> str:
    rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return "\n".join(str(row) for row in rows)


def test_the_columns_are_those_of_the_form_and_the_staff_number():
    form = [
        "序号", "单位", "部门", "姓名", "身份证号", "编制类别", "原身份", "原职级/岗位等级", "聘任岗位", "岗级", "档级",
        "聘任文号", "聘期起", "聘期止", "试用期止", "岗位系数", "主持工作/兼任", "在岗状态", "变动类型", "变动日期",
    ]  # fmt: skip
    assert [*form, "工号"] == COLUMNS


def test_export_escapes_what_a_spreadsheet_would_run(zone, by):
    Person.objects.filter(staff_no="T-1").update(name="+张三")
    Appointment.objects.filter(person__staff_no="T-1").update(document_number="=cmd|'/c calc'!A1")
    content = roster_file(Appointment.objects.roster(DAY), DAY, "csv", access=Access(by.user), by=by, about="")
    row = next(row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))) if row["工号"] == "T-1")
    assert row["聘任文号"] == "'=cmd|'/c calc'!A1"
    assert row["姓名"] == "'+张三"


def test_each_number_written_out_leaves_an_entry(zone, by):
    roster_file(Appointment.objects.roster(DAY), DAY, "csv", access=Access(by.user), by=by, about="")
    assert AuditEntry.objects.filter(verb="read_identity", user=by.user).count() == 4


# --- what a line does ----------------------------------------------------------------------------------


def test_a_new_person_is_entered_and_appointed(zone, look, write):
    content = book(line(zone))
    before = counts()
    report = look(content)
    assert (told(report), report.counts) == ([], {"new": 1})
    assert report.written == {"people_added": 1, "people_corrected": 0, "appointed": 1, "corrected": 0, "ended": 0}
    assert counts() == before, "a preview writes nothing, not even audit entries"
    report = write(content, outcome=report.outcome)
    who = Person.objects.get(staff_no="T-9")
    held = who.appointments.get()
    assert (who.birth_date, who.gender, who.home_unit) == (dt.date(1985, 3, 7), "M", zone.unit)
    assert (held.seat, held.starts, held.term_ends, held.step) == (2, dt.date(2020, 3, 1), dt.date(2023, 2, 28), 1)
    assert report.written["people_added"] == Person.objects.count() - before[0] == 1
    assert AuditEntry.objects.filter(verb__in=["add_person", "appoint", "import_roster"]).count() == 3
    again = counts()
    assert write(content).counts == {"unchanged": 1}
    assert counts() == again, "a second upload changes nothing"


@pytest.fixture
def retiring(zone):
    """Who retires at sixty; the one on the line is born on 1963-01-05 and does so on 2023-01-05."""
    RetirementAge.objects.all().delete()
    RetirementAge.objects.create(
        group="men", period=period(dt.date(2000, 1, 1)), base_months=720, source="示例", basis="memory"
    )
    return build.national_id(701, born=dt.date(1963, 1, 5))


def test_APT_07_a_person_who_retires_before_the_term_ends_is_named_by_his_row(zone, retiring, look, write):
    fine = line(zone, 身份证号=retiring, 聘期止=dt.date(2023, 1, 5))
    assert look(book(fine)).clean
    report = write(book(line(zone, 身份证号=retiring, 聘期止=dt.date(2023, 1, 6))))
    (fault,) = report.faults
    assert (fault.row, fault.value) == (2, "新人")
    assert "2023-01-05" in fault.reason
    assert "APT-07" in fault.reason
    assert not Person.objects.filter(name="新人").exists()


def test_without_staff_numbers_people_are_found_by_their_national_id(zone, write):
    columns = [column for column in COLUMNS if column != "工号"]
    content = book(line(zone), on_file(zone, "李四", 档级=3), columns=columns)
    report = write(content)
    assert report.counts == {"new": 1, "changed": 1}
    assert Person.objects.get(name="新人").staff_no == "YZ-00001"
    assert Appointment.objects.get(person=zone.people["李四"]).step == 3
    assert write(content).counts == {"unchanged": 2}


def test_each_changed_cell_is_shown_before_and_after(zone, look):
    number = build.national_id(702, born=zone.people["李四"].birth_date)
    row = on_file(zone, "李四", 档级=5, 编制类别="员额", 聘期止=None, 身份证号=number)
    report = look(book(row))
    assert told(report) == []
    changes = {change.column: (change.before, change.after) for change in report.lines[0].changes}
    assert changes["档级"] == ("2", "5")
    assert changes["编制类别"] == ("事业编制", "员额")
    assert changes["聘期止"] == (str(TERM_ENDS), "")
    assert number not in str(changes)
    assert set(changes) == {"档级", "编制类别", "聘期止", "身份证号"}


def test_another_post_is_a_transfer(zone, write):
    row = on_file(zone, "李四", 部门="经济发展局", 聘任岗位="经济专员", 聘期起=dt.date(2020, 6, 1))
    report = write(book(row))
    assert told(report) == []
    old, new = Appointment.objects.filter(person=zone.people["李四"]).order_by("period")
    assert (old.last_day, old.end_reason) == (dt.date(2020, 5, 31), "transfer")
    assert (new.post, new.starts) == (zone.eco_clerk, dt.date(2020, 6, 1))
    assert (report.written["ended"], report.written["appointed"]) == (1, 1)


def test_two_people_change_places_in_one_file(zone, write):
    other = build.post(zone, "YZ-ECO-H", "局长", bureau=zone.economy, grade="H1", tier="head", headcount=1)
    build.seat(build.person(zone, "钱七", "T-7"), other)
    zone.people["钱七"] = Person.objects.get(staff_no="T-7")
    since = {"聘期起": dt.date(2020, 6, 1)}
    rows = [
        on_file(zone, "张三", 部门="经济发展局", **since),
        on_file(zone, "钱七", 部门="招商局", **since) | {"原职级/岗位等级": ""},
    ]
    assert told(write(book(*rows))) == []
    held = {row.person.name: row.post for row in Appointment.objects.on(DAY).filter(post__in=[other, zone.head])}
    assert held == {"张三": other, "钱七": zone.head}


def test_a_term_after_the_one_on_file_is_a_renewal(zone, write):
    row = on_file(zone, "李四", 聘期起=dt.date(2022, 11, 1), 聘期止=dt.date(2025, 10, 31))
    assert told(write(book(row))) == []
    old, new = Appointment.objects.filter(person=zone.people["李四"]).order_by("period")
    assert (old.last_day, old.end_reason, new.seat, new.post_id) == (TERM_ENDS, "term", old.seat, old.post_id)


def test_an_end_in_the_file_ends_the_appointment(zone, write):
    row = on_file(zone, "王五", 变动类型="退休", 变动日期="2020年6月30日", 在岗状态="离岗")
    report = write(book(row))
    assert told(report) == []
    held = Appointment.objects.get(person=zone.people["王五"])
    assert (held.last_day, held.end_reason) == (DAY, "retirement")
    assert write(book(row)).counts == {"unchanged": 1}
    row["变动日期"] = "2020-07-31"
    assert "不能改写" in told(write(book(row)))[0]


def test_the_form_stays_chinese_on_an_english_page(zone, write):
    with override("en"):
        assert told(write(book(line(zone, 变动类型="退休", 变动日期="2020-06-30")))) == []
    assert Person.objects.get(staff_no="T-9").category == "institution"


@pytest.mark.parametrize(
    "written", ["2020-09-01", "2020/9/1", "2020.9.1", "2020年9月1日", dt.date(2020, 9, 1), 44075, "20200901"]
)
def test_dates_as_people_write_them(zone, write, written):
    assert told(write(book(line(zone, 聘期起=written)))) == []
    assert Appointment.objects.get(person__staff_no="T-9").starts == dt.date(2020, 9, 1)


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


# --- back to the clerk ------------------------------------------------------------------------------------


def test_the_error_workbook_can_be_mended_and_uploaded_again(zone, look, write):
    report = look(book(line(zone, 姓名="=HYPERLINK(1)", 聘期起=44075), on_file(zone, "李四", 档级=3), change=_as_text))
    made = openpyxl.load_workbook(io.BytesIO(error_book(report)))
    sheet = made.active
    head = [cell.value for cell in sheet[1]]
    assert head == [*COLUMNS, "错误"]
    assert sheet.cell(2, 22).value == "姓名：姓名不能以「=」开头"
    assert sheet.cell(3, 22).value is None
    assert (sheet.cell(2, 4).value, sheet.cell(2, 4).data_type) == ("'=HYPERLINK(1)", "s")
    sheet.cell(2, 4).value = "新人"
    out = io.BytesIO()
    made.save(out)
    assert told(write(out.getvalue())) == []
    assert Appointment.objects.get(person__name="新人").starts == dt.date(2020, 9, 1)


def _as_text(made):
    for row in made.active.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.data_type = "s"


def test_a_deed_that_would_differ_from_its_preview_is_stopped(zone, look, write):
    content = book(on_file(zone, "李四", 档级=3))
    seen = look(content).outcome
    Appointment.objects.filter(person=zone.people["李四"]).update(step=4)
    before = counts()
    with pytest.raises(imports.OtherOutcome):
        write(content, outcome=seen)
    assert counts() == before
    assert Appointment.objects.get(person=zone.people["李四"]).step == 4


def test_a_kept_file_is_its_owners_encrypted_and_unaltered(zone, by, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kept = uploads.keep(by.user.pk, "../花名册.xlsx", b"content of the file")
    path = tmp_path / "imports" / kept.token
    assert b"content" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert uploads.fetch(by.user.pk, kept.token).content == b"content of the file"
    for owner, token in [(by.user.pk + 1, kept.token), (by.user.pk, "../" + kept.token), (by.user.pk, "x" * 32)]:
        with pytest.raises(uploads.Http404):
            uploads.fetch(owner, token)
    path.write_bytes(path.read_bytes()[:-10] + b"0123456789")
    with pytest.raises(uploads.Http404):
        uploads.fetch(by.user.pk, kept.token)


def test_a_kept_file_expires(zone, by, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    kept = uploads.keep(by.user.pk, "a.xlsx", b"x")
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -1)
    with pytest.raises(uploads.Http404):
        uploads.fetch(by.user.pk, kept.token)
    uploads.keep(by.user.pk, "b.xlsx", b"y")
    assert not (tmp_path / "imports" / kept.token).exists()


# --- together, and line by line --------------------------------------------------------------------------


def everything():
    """What stands on file, without keys and times."""
    people = Person.objects.order_by("staff_no").values_list("staff_no", "name", "category", "home_unit__code")
    held = Appointment.objects.order_by("person__staff_no", "period", "post__code")
    columns = ("person__staff_no", "post__code", "seat", "kind", "period", "term_ends", "step", "end_reason")
    trail = AuditEntry.objects.order_by("pk").values_list("verb", "reason")
    return list(people), list(held.values_list(*columns)), sorted(trail)


def mixed_file(zone) -> bytes:
    """New people with and without numbers, a transfer, a renewal, an end, corrections, a second post."""
    other = line(zone, "无号", 工号=None, 身份证号=build.national_id(710), 单位="YZ化工园", 部门="专业招商部")
    second = {"部门": "经济发展局", "聘任岗位": "经济专员", "主持工作/兼任": "兼任"}
    return book(
        line(zone),
        other,
        line(zone, **second),
        on_file(zone, "李四", 部门="经济发展局", 聘任岗位="经济专员", 聘期起=dt.date(2020, 6, 1), 编制类别="员额"),
        on_file(zone, "王五", 变动类型="退休", 变动日期="2020-05-31"),
        on_file(zone, "赵六", 聘期起=dt.date(2022, 11, 1), 聘期止=dt.date(2025, 10, 31)),
        on_file(zone, "张三", 档级=4),
    )


def in_one_way(zone, by, reach, content, at_once, monkeypatch):
    """What the file comes to when it is written together, or line by line; rolled back."""
    with transaction.atomic():
        if not at_once:
            monkeypatch.setattr(store, "together", lambda people, posts: nullcontext())
        report = imports.carry_out(content, unit_ids=reach, by=by, day=DAY)
        found = told(report), report.counts, report.written, everything()
        transaction.set_rollback(True)
    return found


def test_a_file_written_together_comes_to_what_its_lines_come_to_one_by_one(zone, by, reach, monkeypatch):
    content = mixed_file(zone)
    together = in_one_way(zone, by, reach, content, True, monkeypatch)
    assert together[:2] == ([], {"new": 3, "changed": 4})
    assert together == in_one_way(zone, by, reach, content, False, monkeypatch)


def test_what_only_the_database_sees_is_found_line_by_line(zone, by, reach, look, write, monkeypatch):
    """A check that the store passes over is still refused by the database, at the line that breaks it."""
    monkeypatch.setattr(store.Gathering, "of_person", lambda *_: [])
    second = line(zone, 部门="经济发展局", 聘任岗位="经济专员")
    before = counts()
    report = write(book(on_file(zone, "李四", 档级=3), line(zone), second))
    assert counts() == before
    assert [(fault.row, fault.column) for fault in report.faults] == [(4, "姓名")]
    assert "已有主岗" in report.faults[0].reason


@pytest.mark.parametrize("lines", [10, 60])
def test_queries_do_not_grow_with_the_lines(zone, by, reach, lines, django_assert_max_num_queries):
    zone.clerk.versions.update(headcount=100)
    rows = [line(zone, f"新人{n}", 工号=f"N-{n}", 身份证号=build.national_id(500 + n)) for n in range(lines)]
    content = book(*rows)
    with django_assert_max_num_queries(34):
        report = imports.carry_out(content, unit_ids=reach, by=by, day=DAY)
    assert told(report) == []
    assert report.written["appointed"] == lines


def test_a_service_asked_about_a_post_that_was_not_locked_refuses(zone, by):
    with transaction.atomic(), store.together([zone.people["李四"]], [zone.clerk.pk]), pytest.raises(KeyError):
        store.now().lock([zone.park_clerk])


class OddPeople(Rule):
    """A rule of the roster for these tests alone: nobody is called 某."""

    id = "TEST-ODD"
    title = source = "test"
    basis = "plausible"
    finders = {"name": "test_odd_people"}
    spans = frozenset(finders)
    sentences = {"name": "%(name)s 不合规定"}


Rule.registry.pop(OddPeople.id)

ODD = """
set constraints all immediate;
set constraints all deferred;
create function test_odd_people(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select zone, 'person:' || p.staff_no, p.name::text, jsonb_build_object('name', p.name), 1::numeric, a.period
    from staffing_appointment a join staffing_person p on p.id = a.person_id where p.name like '某%'
$$;
create function test_note() returns trigger language plpgsql as $$
begin
    perform orgchart_note(array(select id from zones_unit where kind = 'zone'), 'roster');
    return null;
end $$;
create trigger test_note after insert on staffing_appointment for each statement execute function test_note();
insert into orgchart_hardrule (rule_id, measure, finder, sentence, scope, spans)
values ('TEST-ODD', 'name', 'test_odd_people', '不合规定', 'roster', true);
"""


def test_every_line_that_breaks_a_rule_of_the_roster_is_named_at_once(zone, write, monkeypatch):
    monkeypatch.setitem(Rule.registry, OddPeople.id, OddPeople)
    with connection.cursor() as cursor:
        cursor.execute(ODD)
    zone.clerk.versions.update(headcount=9)
    rows = [
        line(zone, name, 工号=f"N-{n}", 身份证号=build.national_id(600 + n))
        for n, name in enumerate(["某甲", "好人", "某乙"])
    ]
    before = counts()
    report = write(book(*rows))
    assert counts() == before
    assert [(fault.row, fault.value) for fault in report.faults] == [(2, "某甲"), (4, "某乙")]
    assert report.faults[0].reason == "2020-03-01 某甲：某甲 不合规定（TEST-ODD）"
    assert report.counts == {"bad": 2, "new": 1}
    assert told(write(book(rows[1]))) == []

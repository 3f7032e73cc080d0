"""The roster as a file: what goes out comes back as it was, and whatever is wrong is named by its place."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.utils.translation import override

from common.access import Access
from common.models import AuditEntry
from common.periods import period
from staffing.models import Appointment, Person, RetirementAge
from staffing.roster.exporting import roster_file
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build
from tests.roster_builders import book, counts, line, on_file, told
from tests.staffing_builders import DAY, TERM, TERM_ENDS

pytestmark = pytest.mark.django_db


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

"""A roster as a whole: the way back to the clerk, and a file written together or line by line."""

import datetime as dt
import io
from contextlib import nullcontext

import openpyxl
import pytest
from django.db import connection, transaction

from common import uploads
from common.imports.errors import error_book
from common.models import AuditEntry
from common.rules import Rule
from staffing import store
from staffing.intake import imports
from staffing.models import Appointment, Person
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build
from tests.roster_builders import book, counts, line, on_file, told
from tests.staffing_builders import DAY

pytestmark = pytest.mark.django_db


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

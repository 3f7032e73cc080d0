"""The pages of a person's facts: who records, who sees, what a stranger meets; who saw whom; finding by number."""

import datetime as dt

import pytest
from django.test import Client

from common.models import AuditEntry
from staffing.models import Absence, Inquiry, Kinship, Sanction, Trial
from staffing.recording.fact_services import stamp
from tests import staffing_builders as build

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def zone():
    made = build.small_zone()
    made.who = build.person(made, "张三", "T-1", phone="13900000001")
    made.seat = build.seat(made.who, made.clerk, probation_ends=D(2020, 10, 31))
    made.chief = build.person(made, "李局", "T-2")
    build.seat(made.chief, made.head)
    return made


def client(name: str, **more) -> Client:
    found = Client()
    found.force_login(build.user(name, **more))
    return found


@pytest.fixture
def hr(zone):
    return client("hr", role="hr", on=zone.unit)


def page(of: Client, staff_no: str = "T-1") -> str:
    return of.get(f"/people/{staff_no}/?on=2020-06-30").content.decode()


ABSENCE = {"kind": "sick", "starts": "2020-03-02", "ends": "2020-03-06", "note": "住院"}


def test_hr_records_corrects_closes_and_annuls(hr, zone):
    assert hr.post("/people/T-1/facts/absence/", ABSENCE).status_code == 302
    row = Absence.objects.get()
    assert "病假" in page(hr)
    told = {**ABSENCE, "ends": "2020-03-05", "reason": "抄错", "seen": stamp(row)}
    assert hr.post(f"/facts/absence/{row.pk}/edit/", told).status_code == 302
    stale = hr.post(f"/facts/absence/{row.pk}/edit/", told)
    assert "刚被他人修改" in stale.content.decode()
    row.refresh_from_db()
    assert row.last_day == D(2020, 3, 5)
    assert hr.post(f"/facts/absence/{row.pk}/annul/", {"reason": "登记错人", "seen": stamp(row)}).status_code == 302
    assert "已作废" in page(hr)
    assert hr.get(f"/facts/absence/{row.pk}/edit/").status_code == 404


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(hr, zone):
    text = hr.post("/people/T-1/facts/absence/", {**ABSENCE, "ends": "2020-03-01"}).content.decode()
    assert "结束日期不能早于开始日期" in text
    assert "住院" in text


def test_an_inquiry_is_opened_and_closed_with_its_outcome(hr, zone):
    hr.post("/people/T-1/facts/inquiry/", {"starts": "2020-03-02"})
    row = Inquiry.objects.get()
    assert "结案结果" in hr.post(f"/facts/inquiry/{row.pk}/close/", {"on": "2020-05-01"}).content.decode()
    hr.post(f"/facts/inquiry/{row.pk}/close/", {"on": "2020-05-01", "outcome": "cleared"})
    row.refresh_from_db()
    assert (row.outcome, row.last_day) == ("cleared", D(2020, 5, 1))


def test_kinship_is_by_staff_number_and_stands_on_both_pages(hr, zone):
    other = build.person(zone, "王五", "T-3")
    told = {"relative": "T-3", "relation": "spouse", "starts": "2010-05-01"}
    assert hr.post("/people/T-1/facts/kinship/", told).status_code == 302
    assert "王五（T-3）" in page(hr)
    assert "张三（T-1）" in page(hr, other.staff_no)
    assert "没有这个工号" in hr.post("/people/T-1/facts/kinship/", {**told, "relative": "T-99"}).content.decode()


def test_APT_15_the_page_says_why_not(hr, zone):
    told = {"relative": "T-2", "relation": "spouse", "starts": "2010-05-01"}
    text = hr.post("/people/T-1/facts/kinship/", told).content.decode()
    assert "APT-15" in text
    assert not Kinship.objects.exists()


@pytest.fixture
def on_file(zone):
    span = {"period": build.period(D(2020, 3, 2), D(2020, 9, 1))}
    Absence.objects.create(person=zone.who, kind="sick", note="住院", **span)
    Sanction.objects.create(person=zone.who, kind="warning", document_number="处〔2020〕1号", **span)
    Inquiry.objects.create(person=zone.who, outcome="sanctioned", note="信访件", **span)
    other = build.person(zone, "赵六", "T-6")
    Kinship.objects.create(person=zone.who, relative=other, relation="in_law", period=build.period(D(2010, 1, 1)))


@pytest.mark.usefixtures("on_file")
@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("hr", {"住院", "处〔2020〕1号", "信访件", "近姻亲"}),
        ("auditor", {"住院", "处〔2020〕1号", "信访件", "近姻亲"}),
        ("leader", {"住院", "处〔2020〕1号", "信访件"}),
        ("head", {"住院"}),
        ("self", {"住院", "处〔2020〕1号", "近姻亲"}),
    ],
)
def test_who_sees_what(zone, who, sees):
    if who in ("hr", "auditor"):
        visitor = client(who, role=who, on=zone.unit)
    elif who == "leader":
        boss = build.person(zone, "主任甲", "T-9")
        build.seat(boss, zone.leader, term_ends=None)
        visitor = client(who, linked=boss)
    else:
        visitor = client(who, linked=zone.chief if who == "head" else zone.who)
    text = page(visitor)
    assert {words for words in ("住院", "处〔2020〕1号", "信访件", "近姻亲") if words in text} == sees
    assert ("登记请假缺勤" in text or "/facts/absence/" in text) is (who == "hr")


def test_a_stranger_meets_nothing(zone):
    other = build.small_zone("XZ")
    row = Absence.objects.create(person=zone.who, kind="sick", period=build.period(D(2020, 3, 2), D(2020, 3, 6)))
    foreign = client("foreign", role="hr", on=other.unit)
    for address in ("/people/T-1/facts/absence/", f"/facts/absence/{row.pk}/annul/", "/people/T-1/readings/"):
        assert foreign.get(address).status_code == 404
        assert foreign.post(address, ABSENCE).status_code in (404, 405)
    assert foreign.get("/people/T-1/facts/nonsense/").status_code == 404
    head = client("head", linked=zone.chief)
    assert head.post("/people/T-1/facts/absence/", ABSENCE).status_code == 403
    assert Absence.objects.count() == 1


def test_hr_records_nothing_about_himself(zone):
    own = build.person(zone, "经办人", "T-7")
    clerk = client("own", role="hr", on=zone.unit, linked=own)
    assert "本人" in clerk.post("/people/T-7/facts/absence/", ABSENCE).content.decode()
    assert "/people/T-7/facts/" not in page(clerk, "T-7")
    assert not Absence.objects.exists()


def test_a_probation_is_settled_on_its_page(hr, zone):
    told = {"outcome": "passed", "decided_on": "2020-10-31"}
    assert hr.post(f"/appointments/{zone.seat.pk}/probation/", told).status_code == 302
    assert Trial.objects.get().outcome == "passed"
    assert hr.post(f"/appointments/{zone.seat.pk}/step/", {"step": "3", "starts": "2021-01-01"}).status_code == 302
    zone.seat.refresh_from_db()
    assert zone.seat.step == 3


def test_who_saw_whom_is_counted_by_reader(hr, zone):
    for _time in range(3):
        hr.get("/people/T-1/")
    auditor = client("auditor", role="auditor", on=zone.unit)
    text = auditor.get("/people/T-1/readings/").content.decode()
    assert "人员页" in text
    assert AuditEntry.objects.filter(verb="read_identity").count() == 3
    assert client("leaderless", linked=zone.who).get("/people/T-1/readings/").status_code == 403


def test_found_by_number_by_post_and_only_where_one_may_read_it(hr, zone):
    told = {"national_id": zone.who.national_id}
    found = hr.post("/people/find/", told)
    assert found.url == "/people/T-1/"
    assert AuditEntry.objects.filter(verb="read_identity", after__place="person_find").count() == 1
    other = build.small_zone("XZ")
    foreign = client("foreign", role="hr", on=other.unit)
    assert "没有这个身份证号" in foreign.post("/people/find/", told).content.decode()
    assert client("auditor", role="auditor", on=zone.unit).post("/people/find/", told).status_code == 403
    assert "18 位" in hr.post("/people/find/", {"national_id": "12"}).content.decode()

"""Facts about people by REST: who records, corrects, closes and annuls, who sees, and what a stranger meets."""

import datetime as dt
import json

import pytest
from django.test import Client

from common.models import AuditEntry
from staffing.models import Absence, Appointment, Inquiry, Kinship, Person, Sanction
from tests import staffing_builders as build

pytestmark = pytest.mark.django_db
D = dt.date
ON = "2020-06-30"


@pytest.fixture
def zone():
    made = build.small_zone()
    made.who = build.person(made, "张三", "T-1")
    made.seat = build.seat(made.who, made.clerk, probation_ends=D(2020, 10, 31))
    made.chief = build.person(made, "李局", "T-2")
    build.seat(made.chief, made.head)
    return made


def caller(name: str, **more) -> Client:
    found = Client()
    found.force_login(build.user(name, **more))
    return found


@pytest.fixture
def hr(zone):
    return caller("hr", role="hr", on=zone.unit)


def send(of: Client, path: str, data: dict, method: str = "post"):
    return getattr(of, method)(f"/api/v1/{path}?on={ON}", json.dumps(data), content_type="application/json")


def listed(of: Client, path: str, on: str = ON, **query) -> list[dict]:
    answer = of.get(f"/api/v1/{path}", {"on": on, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


ABSENCE = {"person": "T-1", "kind": "sick", "starts": "2020-06-29", "ends": "2020-07-03", "note": "住院"}


def test_an_absence_is_recorded_corrected_and_annulled(hr):
    made = send(hr, "absences/", ABSENCE)
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["person"], row["last_day"]) == ("T-1", "2020-07-03")
    told = {"stamp": row["stamp"], "reason": "抄错", "ends": "2020-07-02"}
    changed = send(hr, f"absences/{row['id']}/", told, "patch").json()
    assert (changed["starts"], changed["last_day"], changed["note"]) == ("2020-06-29", "2020-07-02", "住院")
    assert send(hr, f"absences/{row['id']}/", told, "patch").status_code == 400
    taken_back = send(hr, f"absences/{row['id']}/annul/", {"stamp": changed["stamp"], "reason": "登记错人"})
    assert taken_back.json()["annulled"] is True
    assert listed(hr, "absences/") == []
    assert send(hr, f"absences/{row['id']}/annul/", {"stamp": "x", "reason": "再次"}).status_code == 400
    doors = AuditEntry.objects.filter(noun="staffing.absence").values_list("door", flat=True)
    assert list(doors) == ["api"] * 3


def test_a_list_holds_those_of_the_day_and_of_the_person(hr, zone):
    send(hr, "absences/", ABSENCE)
    send(hr, "absences/", {**ABSENCE, "person": "T-2", "kind": "annual"})
    assert {row["person"] for row in listed(hr, "absences/")} == {"T-1", "T-2"}
    assert [row["kind"] for row in listed(hr, "absences/", person="T-2")] == ["annual"]
    assert listed(hr, "absences/", on="2020-07-04") == []


def test_an_open_absence_is_closed_once(hr):
    row = send(hr, "absences/", {**ABSENCE, "ends": None}).json()
    assert send(hr, f"absences/{row['id']}/close/", {"on": "2020-06-28"}).status_code == 400
    assert send(hr, f"absences/{row['id']}/close/", {"on": "2020-07-10"}).json()["last_day"] == "2020-07-10"
    assert send(hr, f"absences/{row['id']}/close/", {"on": "2020-07-11"}).status_code == 400


def test_a_secondment_goes_to_a_unit_or_to_a_name_outside(hr, zone):
    told = {"person": "T-1", "kind": "loan", "starts": "2020-03-01"}
    both = send(hr, "secondments/", {**told, "host_unit": "YZ-P", "host_name": "省厅"})
    assert both.status_code in (400, 409)
    row = send(hr, "secondments/", {**told, "host_unit": "YZ-P"}).json()
    assert (row["home_unit"], row["host_unit"], row["host_name"]) == ("YZ", "YZ-P", "")
    told = {"stamp": row["stamp"], "reason": "接收单位抄错", "host_unit": None, "host_name": "省厅"}
    assert send(hr, f"secondments/{row['id']}/", told, "patch").json()["host_name"] == "省厅"


def test_an_inquiry_is_closed_with_its_outcome(hr):
    row = send(hr, "inquiries/", {"person": "T-1", "starts": "2020-03-02"}).json()
    assert send(hr, f"inquiries/{row['id']}/close/", {"on": "2020-05-01"}).status_code == 400
    assert send(hr, f"inquiries/{row['id']}/close/", {"on": "2020-05-01", "outcome": "cleared"}).status_code == 200
    found = Inquiry.objects.get()
    assert (found.outcome, found.last_day) == ("cleared", D(2020, 5, 1))


def test_APT_15_kinship_of_superior_and_subordinate_is_refused(hr, zone):
    other = build.person(zone, "王五", "T-3")
    told = {"person": "T-1", "relative": "T-3", "relation": "spouse", "starts": "2010-05-01"}
    assert send(hr, "kinships/", told).status_code == 201
    assert [row["relation"] for row in listed(hr, "kinships/", person=other.staff_no)] == ["spouse"]
    refused = send(hr, "kinships/", {**told, "relative": "T-2"})
    assert refused.status_code in (400, 409)
    assert "APT-15" in refused.content.decode()
    assert Kinship.objects.count() == 1


@pytest.fixture
def on_file(zone):
    span = {"period": build.period(D(2020, 3, 2), D(2020, 9, 1))}
    other = build.person(zone, "赵六", "T-6")
    return {
        "absences": Absence.objects.create(person=zone.who, kind="sick", **span),
        "sanctions": Sanction.objects.create(person=zone.who, kind="warning", document_number="处1号", **span),
        "inquiries": Inquiry.objects.create(person=zone.who, period=build.period(D(2020, 3, 2))),
        "kinships": Kinship.objects.create(
            person=zone.who, relative=other, relation="in_law", period=build.period(D(2010, 1, 1))
        ),
    }


PATHS = ["absences", "sanctions", "inquiries", "kinships"]


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_finds_nothing(zone, on_file, path):
    stranger = caller("stranger", role="hr", on=build.small_zone("XX", zone.city).unit)
    row = on_file[path]
    assert listed(stranger, f"{path}/") == []
    assert stranger.get(f"/api/v1/{path}/{row.pk}/").status_code == 404
    assert send(stranger, f"{path}/{row.pk}/", {}, "patch").status_code == 404
    for verb in ("close", "annul"):
        assert send(stranger, f"{path}/{row.pk}/{verb}/", {}).status_code == 404
    row.refresh_from_db()
    assert not row.annulled


def test_a_stranger_records_nothing_about_others(zone):
    stranger = caller("stranger", role="hr", on=build.small_zone("XX", zone.city).unit)
    answer = send(stranger, "absences/", ABSENCE)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "person")
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("who", "sees"),
    [("self", {"absences", "sanctions", "kinships"}), ("head", {"absences"})],
)
def test_who_sees_what(zone, on_file, who, sees):
    visitor = caller(who, linked=zone.who if who == "self" else zone.chief)
    statuses = {path: visitor.get(f"/api/v1/{path}/{on_file[path].pk}/").status_code for path in PATHS}
    assert {path for path, status in statuses.items() if status == 200} == sees
    assert {status for path, status in statuses.items() if path not in sees} <= {403, 404}
    assert send(visitor, "absences/", {**ABSENCE, "person": "T-2"}).status_code in (400, 403)
    assert send(visitor, f"absences/{on_file['absences'].pk}/close/", {"on": ON}).status_code == 403


def test_an_annulled_fact_is_only_for_whoever_keeps_it(hr, zone, on_file):
    row = on_file["absences"]
    row.annulled = True
    row.save()
    assert hr.get(f"/api/v1/absences/{row.pk}/").json()["annulled"] is True
    assert caller("self", linked=zone.who).get(f"/api/v1/absences/{row.pk}/").status_code == 404


def test_nobody_records_about_himself(zone, on_file):
    own = caller("clerk", role="hr", on=zone.unit, linked=zone.who)
    new = [
        ("absences", {**ABSENCE, "starts": "2021-01-04", "ends": "2021-01-05"}),
        ("inquiries", {"person": "T-1", "starts": "2021-01-04"}),
        ("kinships", {"person": "T-6", "relative": "T-1", "relation": "spouse", "starts": "2021-01-04"}),
    ]
    for path, told in new:
        answer = send(own, f"{path}/", told)
        assert (answer.status_code, "不能办理本人" in answer.content.decode()) == (400, True), path
    row = on_file["sanctions"]
    shown = own.get(f"/api/v1/sanctions/{row.pk}/").json()
    answer = send(own, f"sanctions/{row.pk}/annul/", {"stamp": shown["stamp"], "reason": "无"})
    assert "不能办理本人" in answer.content.decode()
    for path, told in (
        ("probation", {"outcome": "passed", "decided_on": ON}),
        ("step", {"starts": ON, "step": 2}),
        ("renew", {"starts": "2022-11-01", "decided_on": ON}),
    ):
        answer = send(own, f"appointments/{zone.seat.pk}/{path}/", told)
        assert "不能办理本人" in answer.content.decode(), path
    assert "不能办理本人" in send(own, f"appointments/{zone.seat.pk}/", {"step": 3}, "patch").content.decode()


# --- within a term ------------------------------------------------------------------------------


def test_a_probation_is_extended_and_then_passed(hr, zone):
    path = f"appointments/{zone.seat.pk}/probation/"
    told = {"outcome": "extended", "decided_on": "2020-06-01", "extended_to": "2020-10-31"}
    assert send(hr, path, told).status_code == 400
    assert send(hr, path, {"outcome": "passed", "decided_on": "2020-06-01"}).status_code == 201
    assert [row["outcome"] for row in listed(hr, "probations/", person="T-1")] == ["passed"]
    assert listed(hr, "probations/", on="2020-05-31") == []
    assert send(hr, path, {"outcome": "failed", "decided_on": "2020-06-02"}).status_code == 400


def test_a_step_change_is_listed_from_its_day(hr, zone):
    made = send(hr, f"appointments/{zone.seat.pk}/step/", {"starts": "2020-06-01", "step": 3})
    assert (made.status_code, made.json()["before"], made.json()["step"]) == (201, 1, 3)
    assert [row["post"] for row in listed(hr, "step-changes/")] == ["YZ-INV-C"]
    assert listed(hr, "step-changes/", on="2020-05-31") == []
    assert listed(caller("chief", linked=zone.chief), "step-changes/") != []
    stranger = caller("stranger", role="hr", on=build.small_zone("XX", zone.city).unit)
    assert listed(stranger, "step-changes/") == []


def test_a_term_is_renewed_and_corrected(hr, zone):
    told = {"starts": "2022-11-01", "decided_on": "2022-10-20", "term_ends": "2025-10-31"}
    made = send(hr, f"appointments/{zone.seat.pk}/renew/", told)
    assert made.status_code == 201, made.content
    assert made.json()["post"] == "YZ-INV-C"
    zone.seat.refresh_from_db()
    assert zone.seat.last_day == D(2022, 10, 31)
    changed = send(hr, f"appointments/{made.json()['id']}/", {"document_number": "仪开人〔2022〕9号"}, "patch")
    assert changed.json()["document_number"] == "仪开人〔2022〕9号"
    assert changed.json()["term_ends"] == "2025-10-31"


def test_an_unfit_end_takes_the_day_of_its_notice(hr, zone):
    path, told = f"appointments/{zone.seat.pk}/end/", {"on": "2020-06-30", "reason": "unfit"}
    assert send(hr, path, told).status_code == 400
    assert send(hr, path, {**told, "notified_on": "2020-05-01"}).json()["notified_on"] == "2020-05-01"
    assert Appointment.objects.get(pk=zone.seat.pk).end_reason == "unfit"


def test_a_new_person_comes_with_party_and_education(hr):
    told = {
        "home_unit": "YZ", "name": "钱七", "national_id": build.national_id(77), "category": "institution",
        "identity": "institution", "ethnic_group": "汉族", "native_place": "江苏仪征", "politics": "member",
        "joined_party_on": "2010-07-01", "education": "本科", "full_time_education": "大学",
        "full_time_school": "示例大学", "professional_title": "工程师",
    }  # fmt: skip
    made = send(hr, "people/", told)
    assert made.status_code == 201, made.content
    row = Person.objects.get(staff_no=made.json()["staff_no"])
    assert (row.politics, row.full_time_school, row.native_place) == ("member", "示例大学", "江苏仪征")
    assert send(hr, "people/", {**told, "national_id": build.national_id(78), "politics": "masses"}).status_code == 400

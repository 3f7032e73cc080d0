"""The REST resources of posts, people and appointments, from outside."""

import json

import pytest
from knox.models import get_token_model

from common.models import AuditEntry
from staffing.models import Appointment, Person, Post
from tests import staffing_builders as build

pytestmark = pytest.mark.django_db

ON = "2020-06-30"


@pytest.fixture
def zone():
    made = build.small_zone()
    made.zhang = build.person(made, "张三丰", "T-1", phone="13800001111")
    made.li = build.person(made, "李四", "T-2")
    made.first = build.seat(made.zhang, made.head)
    made.second = build.seat(made.li, made.clerk)
    return made


@pytest.fixture
def hr(client, zone):
    client.force_login(build.user("hr", role="hr", on=zone.unit))
    return client


def get(client, path, **query):
    query.setdefault("on", ON)
    return client.get(f"/api/v1/{path}", query)


def send(client, path, data, method="post"):
    return getattr(client, method)(f"/api/v1/{path}?on={ON}", json.dumps(data), content_type="application/json")


def codes(answer, key) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row[key] for row in answer.json()["results"]]


def errors(answer) -> dict[str, str]:
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return {error["field"]: error["detail"] for error in answer.json()["errors"]}


# --- posts --------------------------------------------------------------------------------------------------


def test_posts_as_of_the_day(hr, zone):
    build.post(zone, "OLD", "旧岗", bureau=zone.invest, ends=build.TERM)
    assert "OLD" not in codes(get(hr, "posts/"), "code")
    assert "OLD" in codes(get(hr, "posts/", on="2019-10-15"), "code")
    assert codes(get(hr, "posts/", on="2019-06-30"), "code") == []
    assert get(hr, "posts/OLD/").json()["version"] is None
    version = get(hr, "posts/YZ-INV-C/").json()["version"]
    assert (version["bureau_name"], version["coefficient"], version["headcount"], version["taken"]) == (
        "招商局", "1.000", 2, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"unit": "YZ-P"}, ["YZ-P-INV-C"]),
        ({"bureau": "YZ-INV"}, ["YZ-INV-H", "YZ-INV-C"]),
        ({"tier": "leader"}, ["YZ-L"]),
        ({"grade": "H1"}, ["YZ-INV-H"]),
    ],
)
def test_posts_are_narrowed(hr, query, found):
    assert codes(get(hr, "posts/", **query), "code") == found


NEW_POST = {
    "code": "NEW", "starts": "2020-01-01", "unit": "YZ", "bureau": "YZ-INV", "tier": "staff", "grade": "S1",
    "category": "GL", "headcount": 1, "name": "主管", "duties": "职责", "standards": "标准", "requirements": "条件",
}  # fmt: skip


def test_a_post_is_set_up(hr, zone):
    answer = send(hr, "posts/", NEW_POST)
    assert answer.status_code == 201, answer.content
    assert answer.json()["version"]["grade"] == "S1"
    assert Post.objects.filter(code="NEW").exists()
    assert AuditEntry.objects.get(verb="create_post").door == "api"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"duties": ""}, "duties"),
        ({"duties": None}, "duties"),
        ({"unit": "XX"}, "unit"),
        ({"bureau": "XX-INV"}, "bureau"),
        ({"grade": "Z9"}, "grade"),
        ({"headcount": 0}, "headcount"),
        ({"code": "YZ-L"}, "code"),
        ({"starts": "2018-01-01"}, "tier"),
    ],
)
def test_a_bad_post_is_refused_at_its_field(hr, zone, change, field):
    build.small_zone("XX")
    answer = send(hr, "posts/", NEW_POST | change)
    assert answer.status_code == 400
    assert field in errors(answer)
    assert not Post.objects.filter(code="NEW").exists()


# --- people -------------------------------------------------------------------------------------------------


def test_identity_is_masked_in_lists_and_read_in_detail_with_an_entry(hr, zone):
    listed = get(hr, "people/").json()["results"][0]
    assert (listed["national_id"], listed["birth_date"]) == (f"99{'*' * 14}{zone.zhang.national_id[-2:]}", None)
    assert "0000" not in listed["phone"]
    assert not AuditEntry.objects.exists()
    told = get(hr, "people/T-1/").json()
    assert (told["national_id"], told["birth_date"]) == (
        zone.zhang.national_id,
        zone.zhang.birth_date.isoformat(),
    )
    assert AuditEntry.objects.filter(verb="read_identity", key=str(zone.zhang.pk), door="api").count() == 1


def test_staff_see_only_themselves(client, zone):
    client.force_login(build.user("staff", linked=zone.li))
    assert codes(get(client, "people/"), "staff_no") == ["T-2"]
    assert codes(get(client, "appointments/"), "person") == ["T-2"]
    assert get(client, "people/T-2/").json()["national_id"] == zone.li.national_id
    assert not AuditEntry.objects.filter(verb="read_identity").exists()
    stranger = get(client, "people/T-1/")
    assert stranger.status_code == 404
    assert stranger["Content-Type"] == "application/problem+json"
    assert send(client, "people/", {}).status_code == 403


def test_a_zone_is_foreign_to_anothers_hr(client, zone):
    client.force_login(build.user("other", role="hr", on=build.small_zone("XX").unit))
    assert codes(get(client, "people/"), "staff_no") == []
    for path in ("people/T-1/", "posts/YZ-L/", f"appointments/{zone.first.pk}/"):
        assert get(client, path).status_code == 404
    assert send(client, f"appointments/{zone.first.pk}/end/", {"on": ON, "reason": "term"}).status_code == 404
    told = {"person": "T-1", "post": "YZ-L", "starts": ON, "decided_on": ON, "kind": "concurrent"}
    assert "person" in errors(send(client, "appointments/", told))


def test_an_evaluator_gets_no_person(client, zone):
    client.force_login(build.user("evaluator", role="evaluator", on=zone.city))
    for path in ("people/", "people/T-1/", "appointments/"):
        assert get(client, path).status_code == 403
    assert codes(get(client, "posts/", bureau="YZ-INV"), "code") == ["YZ-INV-H", "YZ-INV-C"]


NEW_PERSON = {"name": "新人", "home_unit": "YZ", "category": "quota", "identity": "enterprise"}


def test_a_person_is_entered_and_corrected(hr, zone):
    answer = send(hr, "people/", NEW_PERSON | {"national_id": build.national_id(900)})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["staff_no"], made["gender"]) == ("YZ-00001", "M")
    change = {"stamp": made["stamp"], "original_rank": "科员"}
    changed = send(hr, "people/YZ-00001/", change, "patch")
    assert changed.json()["original_rank"] == "科员"
    stale = send(hr, "people/YZ-00001/", change | {"original_rank": "副科"}, "patch")
    assert stale.status_code == 400
    assert "刚被他人修改" in str(errors(stale))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"national_id": build.national_id(900)[:-1] + "?"}, "national_id"),
        ({"name": "=cmd"}, "name"),
        ({"name": "\t=cmd"}, "name"),
        ({"staff_no": "T-1"}, "staff_no"),
        ({"home_unit": "XX"}, "home_unit"),
        ({"category": "army"}, "category"),
    ],
)
def test_a_bad_person_is_refused_at_the_field(hr, zone, change, field):
    answer = send(hr, "people/", NEW_PERSON | {"national_id": build.national_id(900)} | change)
    assert answer.status_code == 400
    assert field in errors(answer)
    assert Person.objects.count() == 2


# --- appointments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["T-1", "T-2"]),
        ({"person": "T-2"}, ["T-2"]),
        ({"post": "YZ-INV-H"}, ["T-1"]),
        ({"unit": "YZ-P"}, []),
        ({"bureau": "YZ-INV"}, ["T-1", "T-2"]),
        ({"kind": "concurrent"}, []),
        ({"on": "2019-10-31"}, []),
    ],
)
def test_appointments_of_the_day(hr, query, found):
    assert codes(get(hr, "appointments/", **query), "person") == found


TERMS = {"starts": "2020-07-01", "decided_on": "2020-07-01"}


def test_appoint_end_transfer(hr, zone):
    build.person(zone, "新人", "T-8")
    answer = send(hr, "appointments/", TERMS | {"person": "T-8", "post": "YZ-INV-C"})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["seat"], answer.json()["bureau"], answer.json()["last_day"]) == (2, "YZ-INV", None)
    moved = send(hr, f"appointments/{zone.second.pk}/transfer/", TERMS | {"post": "YZ-ECO-C"})
    assert (moved.status_code, moved.json()["bureau"]) == (201, "YZ-ECO")
    ended = send(hr, f"appointments/{zone.first.pk}/end/", {"on": ON, "reason": "retirement"})
    assert (ended.status_code, ended.json()["last_day"]) == (200, ON)
    assert Appointment.objects.get(pk=zone.second.pk).end_reason == "transfer"


def test_a_full_post_is_refused_naming_the_holder(hr, zone):
    build.person(zone, "新人", "T-8")
    answer = send(hr, "appointments/", TERMS | {"person": "T-8", "post": "YZ-INV-H"})
    assert answer.status_code == 400
    assert "张三丰" in errors(answer)["post"]


def test_no_appointment_of_oneself_through_the_api_either(hr, zone, client):
    who = build.person(zone, "经办人", "T-8")
    who.user_id = client.session["_auth_user_id"]
    who.save()
    answer = send(hr, "appointments/", TERMS | {"person": "T-8", "post": "YZ-INV-C"})
    assert (answer.status_code, Appointment.objects.filter(person=who).exists()) == (400, False)


def test_a_bad_day_in_the_address_is_said_so(hr):
    answer = get(hr, "appointments/", on="2020-13-01")
    assert answer.status_code == 400


def test_pages_by_cursor(hr, zone):
    page = get(hr, "appointments/", limit="1").json()
    assert len(page["results"]) == 1
    rest = hr.get(page["next"]).json()
    assert [row["person"] for row in page["results"] + rest["results"]] == ["T-1", "T-2"]


def test_a_token_does_no_more_than_its_scopes(client, zone):
    owner = build.user("hr", role="hr", on=zone.unit)
    _row, token = get_token_model().objects.create(user=owner, scopes=["person:read"])
    head = {"headers": {"authorization": f"Token {token}"}}
    assert client.get("/api/v1/people/", **head).status_code == 200
    assert client.get("/api/v1/appointments/", **head).status_code == 403
    told = client.get("/api/v1/people/T-1/", **head).json()
    assert "*" in told["national_id"], "a token without identity:read reads none"
    sent = client.post("/api/v1/people/", "{}", content_type="application/json", **head)
    assert sent.status_code == 403


def test_queries_do_not_grow_with_rows(hr, zone, django_assert_max_num_queries):
    for number in range(30):
        post = build.post(zone, f"P{number}", f"岗{number}", bureau=zone.economy)
        build.seat(build.person(zone, f"人{number}"), post)
    for path in ("posts/", "people/", "appointments/"):
        with django_assert_max_num_queries(14):
            assert len(get(hr, path).json()["results"]) > 30

"""The REST resources of territory and structure, from outside: rights, days, filters, pages, refusals."""

import datetime as dt

import pytest
from rest_framework.test import APIClient

from common.models import AuditEntry
from orgchart.models import Bureau, Quota
from tests import orgchart_builders as build
from zones.models import Figure

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    at = build.full_zone()
    at.users = {
        role: build.user(role, role, at.city if role == "evaluator" else at.zone)
        for role in ("hr", "finance", "evaluator", "auditor")
    }
    return at


@pytest.fixture
def client_of(at):
    def client_of(role: str) -> APIClient:
        client = APIClient()
        client.force_login(at.users[role])
        return client

    return client_of


def listed(client, noun: str, key: str = "code", **params) -> list:
    answer = client.get(f"/api/v1/{noun}/", params)
    assert answer.status_code == 200, answer.content
    return [row[key] for row in answer.json()["results"]]


def problem(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    return answer.json()


class TestUnits:
    def test_each_sees_his_tree(self, at, client_of):
        assert listed(client_of("hr"), "units") == ["YZ", "YZ-P"]
        assert listed(client_of("evaluator"), "units") == ["YZ-CITY", "YZ", "YZ-P", "YZ-TOWN"]

    def test_a_unit_as_of_a_day(self, at, client_of):
        later = at.park.versions.get()
        later.pk, later.period, later.name = None, build.DateRange(dt.date(2021, 1, 1), None), "化学工业园"
        at.park.versions.update(period=build.DateRange(build.REFORM, dt.date(2021, 1, 1)))
        later.save()
        then = client_of("hr").get("/api/v1/units/YZ-P/", {"on": "2020-12-31"}).json()
        assert then == {
            "code": "YZ-P",
            "kind": "park",
            "name": "YZ化工园",
            "name_en": "",
            "short_name": "YZ化工园",
            "rank": "deputy_division",
            "parent": "YZ",
            "dispatched_by": "扬州市委、市政府",
            "instrument": "i-yz",
            "starts": "2019-10-01",
            "ends": "2020-12-31",
            "is_example": False,
        }
        now = client_of("hr").get("/api/v1/units/YZ-P/").json()
        assert (now["name"], now["starts"], now["ends"]) == ("化学工业园", "2021-01-01", None)

    def test_before_it_stood_a_unit_is_not_there(self, at, client_of):
        assert listed(client_of("hr"), "units", on="2019-06-30") == []
        problem(client_of("hr").get("/api/v1/units/YZ/", {"on": "2019-06-30"}), 404)

    @pytest.mark.parametrize(
        ("params", "codes"),
        [({"kind": "park"}, ["YZ-P"]), ({"parent": "YZ"}, ["YZ-P"]), ({"parent": "YZ-CITY"}, ["YZ", "YZ-TOWN"])],
    )
    def test_filters(self, at, client_of, params, codes):
        assert listed(client_of("evaluator"), "units", **params) == codes

    @pytest.mark.parametrize(("params", "field"), [({"on": "2020-13-01"}, "on"), ({"kind": "moon"}, "kind")])
    def test_bad_parameters_are_problems_at_their_name(self, at, client_of, params, field):
        said = problem(client_of("hr").get("/api/v1/units/", params), 400)
        assert said["errors"][0]["field"] == field


class TestForeignZone:
    @pytest.fixture
    def other(self, at):
        return build.full_zone("XX")

    @pytest.mark.parametrize(
        "address", ["units/XX/", "units/XX-P/", "bureaus/XX-B1/", "bureaus/XX-P-B1/", "duties/farming-xx/"]
    )
    def test_is_not_there(self, other, client_of, address):
        problem(client_of("hr").get(f"/api/v1/{address}"), 404)

    def test_charter_and_figures_too(self, other, client_of):
        figure = build.figure(other.zone, 2019, "1")
        problem(client_of("hr").get(f"/api/v1/charters/{other.charter.pk}/"), 404)
        problem(client_of("hr").get(f"/api/v1/figures/{figure.pk}/"), 404)
        assert listed(client_of("hr"), "charters", "zone") == ["YZ"]

    def test_nobody_writes_there(self, other, client_of):
        bureau = {**NEW_BUREAU, "unit": "XX", "instrument": "i-xx"}
        build.function("science")
        problem(client_of("hr").post("/api/v1/bureaus/", bureau, format="json"), 404)
        build.metric()
        problem(client_of("finance").post("/api/v1/figures/", {**NEW_FIGURE, "unit": "XX"}, format="json"), 404)

    def test_a_duty_of_both_shows_only_ones_own_areas(self, at, other, client_of):
        shared = other.duty.assignments.get(area=other.park)
        shared.pk, shared.duty = None, at.duty
        shared.save(force_insert=True)
        duty = client_of("hr").get("/api/v1/duties/farming-yz/").json()
        assert [row["area"] for row in duty["assignments"]] == ["YZ", "YZ-P"]


class TestCharters:
    def test_a_charter_with_its_tiers_and_quotas(self, at, client_of):
        charter = client_of("hr").get(f"/api/v1/charters/{at.charter.pk}/").json()
        stated = {(each["rule"], each["name"]): each["value"] for each in charter["parameters"]}
        assert (charter["zone"], stated["ORG-05", "max_levels"], stated["ORG-06", "min_ratio"]) == (
            "YZ",
            "3.0000",
            "0.6000",
        )
        assert [tier["kind"] for tier in charter["tiers"]] == ["leader", "head", "staff"]
        assert [(quota["unit"], quota["kind"], quota["limit"]) for quota in charter["quotas"]] == [
            ("YZ", "bureaus", 5),
            ("YZ-P", "bureaus", 5),
        ]

    def test_only_what_is_in_force(self, at, client_of):
        assert listed(client_of("hr"), "charters", "zone", on="2019-06-30") == []
        Quota.objects.filter(unit=at.park).update(period=build.DateRange(build.REFORM, dt.date(2020, 1, 1)))
        charter = client_of("hr").get(f"/api/v1/charters/{at.charter.pk}/").json()
        assert [quota["unit"] for quota in charter["quotas"]] == ["YZ"]


NEW_BUREAU = {
    "unit": "YZ",
    "code": "YZ-NEW",
    "name": "科技创新局",
    "functions": ["science"],
    "nature": "core",
    "instrument": "i-yz",
    "starts": "2021-01-01",
}


class TestBureaus:
    def post(self, client, **changes):
        build.function("science")
        return client.post("/api/v1/bureaus/", {**NEW_BUREAU, **changes}, format="json")

    def test_a_bureau_as_of_a_day(self, at, client_of):
        bureau = client_of("hr").get("/api/v1/bureaus/YZ-P-B1/").json()
        assert bureau == {
            "code": "YZ-P-B1",
            "unit": "YZ-P",
            "name": "YZ-P-B1局",
            "name_en": "",
            "nature": "core",
            "rank": "",
            "parent": None,
            "sequence": 1,
            "functions": ["f-yz-p-b1"],
            "instrument": "i-yz",
            "starts": "2019-10-01",
            "ends": None,
            "is_example": False,
        }
        assert listed(client_of("hr"), "bureaus", on="2019-06-30") == []

    @pytest.mark.parametrize(
        ("params", "count"), [({}, 10), ({"unit": "YZ-P"}, 5), ({"nature": "social"}, 2), ({"unit": "XX"}, 0)]
    )
    def test_filters(self, at, client_of, params, count):
        assert len(listed(client_of("hr"), "bureaus", **params)) == count

    def test_pages_by_cursor_meet_every_row_once(self, at, client_of):
        client, address, codes, pages = client_of("hr"), "/api/v1/bureaus/?limit=4", [], 0
        while address:
            page = client.get(address).json()
            assert set(page) == {"next", "previous", "results"}
            codes += [row["code"] for row in page["results"]]
            address, pages = page["next"], pages + 1
        assert pages == 3
        assert sorted(codes) == sorted(Bureau.objects.values_list("code", flat=True))

    def test_hr_sets_one_up(self, at, client_of):
        build.requota(at, at.zone, 6)
        answer = self.post(client_of("hr"))
        assert answer.status_code == 201, answer.content
        assert (answer.json()["functions"], answer.json()["sequence"]) == (["science"], 6)
        assert AuditEntry.objects.get(verb="set_up_bureau").door == "api"

    def test_a_rule_refuses_with_its_words(self, at, client_of):
        said = problem(self.post(client_of("hr")), 400)
        assert said["errors"][0]["code"] == "ORG-05"
        assert said["errors"][0]["detail"] == "2021-01-01 YZ经开区：职能机构 6 个，限额 5 个（ORG-05）"
        assert not Bureau.objects.filter(code="YZ-NEW").exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"nature": "nice"}, "nature"),
            ({"functions": []}, "functions"),
            ({"functions": ["unknown"]}, "functions"),
            ({"starts": "2021-02-30"}, "starts"),
            ({"code": "YZ-B1"}, "code"),
            ({"instrument": "none"}, "instrument"),
            ({"name": ""}, "name"),
        ],
    )
    def test_bad_input_is_a_problem_at_its_field(self, at, client_of, changes, field):
        said = problem(self.post(client_of("hr"), **changes), 400)
        assert said["errors"][0]["field"].split(".")[0] == field

    @pytest.mark.parametrize("role", ["finance", "evaluator", "auditor"])
    def test_nobody_else_does(self, at, client_of, role):
        problem(self.post(client_of(role)), 403)


class TestDuties:
    def test_a_duty_with_who_bears_it(self, at, client_of):
        duty = client_of("hr").get("/api/v1/duties/farming-yz/").json()
        borne = [(row["area"], row["bureau"], row["unit"]) for row in duty["assignments"]]
        assert borne == [("YZ", "YZ-B5", None), ("YZ-P", None, "YZ-TOWN")]
        assert client_of("hr").get("/api/v1/duties/farming-yz/?on=2019-06-30").json()["assignments"] == []

    def test_filters(self, at, client_of):
        assert listed(client_of("hr"), "duties", area="YZ-P") == ["farming-yz"]
        assert listed(client_of("hr"), "duties", area="YZ-P", on="2019-06-30") == []
        assert listed(client_of("hr"), "duties", kind="economic") == []


NEW_FIGURE = {
    "unit": "YZ",
    "metric": "tax",
    "year": 2020,
    "value": "4800000000.00",
    "source": "财政决算",
    "vintage": "2021-02-01",
}


class TestFigures:
    def post(self, client, **changes):
        build.metric()
        return client.post("/api/v1/figures/", {**NEW_FIGURE, **changes}, format="json")

    def test_the_vintage_known_on_the_day(self, at, client_of):
        build.figure(at.zone, 2020, "100", vintage=dt.date(2021, 2, 1))
        build.figure(at.zone, 2020, "110", vintage=dt.date(2021, 6, 1))
        assert listed(client_of("finance"), "figures", "value", on="2021-05-31") == ["100.0000"]
        assert listed(client_of("finance"), "figures", "value") == ["110.0000"]
        assert listed(client_of("finance"), "figures", "value", on="2021-01-31") == []

    @pytest.mark.parametrize(
        ("params", "years"),
        [({"unit": "YZ"}, [2019, 2020]), ({"year": 2020}, [2020, 2020]), ({"metric": "gdp"}, [2020])],
    )
    def test_filters(self, at, client_of, params, years):
        build.figure(at.zone, 2019, "1")
        build.figure(at.zone, 2020, "2")
        build.figure(at.park, 2020, "3", metric=build.metric("gdp", "地区生产总值"))
        assert sorted(listed(client_of("finance"), "figures", "year", **params)) == years

    def test_finance_enters_one_exactly(self, at, client_of):
        answer = self.post(client_of("finance"), value="819.0001")
        assert answer.status_code == 201, answer.content
        assert (answer.json()["value"], answer.json()["scope"], answer.json()["measure"]) == (
            "819.0001",
            "全口径",
            "yuan",
        )
        assert Figure.objects.get().entered_by == at.users["finance"]

    def test_the_same_vintage_again_is_refused(self, at, client_of):
        self.post(client_of("finance"))
        said = problem(self.post(client_of("finance")), 400)
        assert said["errors"][0]["field"] == "vintage"
        assert self.post(client_of("finance"), vintage="2021-02-02").status_code == 201
        assert Figure.objects.count() == 2

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"value": "NaN"}, "value"),
            ({"value": "1e400"}, "value"),
            ({"value": "九"}, "value"),
            ({"year": 1900}, "year"),
            ({"metric": "luck"}, "metric"),
            ({"vintage": "2199-01-01"}, "vintage"),
            ({"vintage": "2019-12-31"}, "vintage"),
            ({"source": ""}, "source"),
        ],
    )
    def test_bad_input_is_a_problem_at_its_field(self, at, client_of, changes, field):
        said = problem(self.post(client_of("finance"), **changes), 400)
        assert [error["field"] for error in said["errors"]] == [field]
        assert not Figure.objects.exists()

    @pytest.mark.parametrize("role", ["hr", "evaluator", "auditor"])
    def test_nobody_else_does(self, at, client_of, role):
        problem(self.post(client_of(role)), 403)

    def test_nothing_is_overwritten_or_removed(self, at, client_of):
        figure = build.figure(at.zone, 2020, "1")
        for method in ("put", "patch", "delete"):
            answer = getattr(client_of("finance"), method)(f"/api/v1/figures/{figure.pk}/", {}, format="json")
            assert answer.status_code in (403, 405)


def test_a_stranger_is_told_to_sign_in(at):
    problem(APIClient().get("/api/v1/units/"), 401)


@pytest.mark.parametrize("noun", ["units", "bureaus", "charters", "duties", "figures"])
def test_a_list_costs_the_same_for_few_and_many(at, client_of, noun, django_assert_max_num_queries):
    def queries() -> int:
        with django_assert_max_num_queries(30) as counted:
            listed(client_of("evaluator"), noun, "is_example", limit=500)
        return len(counted)

    build.figure(at.zone, 2020, "1")
    few = queries()
    for code in ("AA", "BB"):
        other = build.full_zone(code, city=at.city)
        build.figure(other.zone, 2020, "1")
    assert queries() == few


def test_the_schema_names_every_resource_and_its_input(at, client_of):
    answer = client_of("hr").get("/api/v1/schema/", {"format": "json"})
    schema = answer.json() if "json" in answer["Content-Type"] else answer.data
    paths = schema["paths"]
    for noun in ("units", "figures", "charters", "bureaus", "duties"):
        assert "get" in paths[f"/api/v1/{noun}/"]
        names = {parameter["name"] for parameter in paths[f"/api/v1/{noun}/"]["get"]["parameters"]}
        assert {"on", "cursor", "limit"} <= names
    for noun, component in (("figures", "FigureInputRequest"), ("bureaus", "BureauInputRequest")):
        body = paths[f"/api/v1/{noun}/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body == {"$ref": f"#/components/schemas/{component}"}
    parts = schema["components"]["schemas"]
    assert parts["Charter"]["properties"]["quotas"]["items"] == {"$ref": "#/components/schemas/Quota"}
    assert parts["Bureau"]["properties"]["ends"]["nullable"] is True

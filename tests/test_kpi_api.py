"""The REST resources of assessment, from outside: rights, filters, scoring, refusals in one form."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from kpi.entry import services
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_year()


@pytest.fixture
def client_of(at):
    def client_of(role: str) -> APIClient:
        client = APIClient()
        client.force_login(at.users[role])
        return client

    return client_of


def listed(client, **params) -> set[int]:
    answer = client.get("/api/v1/scorecards/", params)
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["results"]}


def score(client, card, line, value, version=None):
    address = f"/api/v1/scorecards/{card.pk}/lines/{line.pk}/score/"
    return client.post(address, {"value": value, "version": version or line.version}, format="json")


@pytest.mark.parametrize(
    ("role", "cards"),
    [
        ("head", {"unit", "park", "bureau", "head", "staff", "colleague"}),
        ("evaluator", {"unit", "park"}),
        ("staff", {"staff"}),
        ("hr", {"unit", "park", "bureau", "other_bureau", "leader", "head", "staff", "colleague", "other_head"}),
    ],
)
def test_everybody_lists_what_he_may_see(at, client_of, role, cards):
    assert listed(client_of(role)) == {at.cards[name].pk for name in cards}


@pytest.mark.parametrize(
    ("params", "cards"),
    [
        ({"kind": "bureau"}, {"bureau", "other_bureau"}),
        ({"bureau": "YZ-INV", "kind": "person"}, {"head", "staff", "colleague"}),
        ({"unit": "YZ-P"}, {"park"}),
        ({"year": 2025}, set()),
        ({"on": "2025-06-30"}, set()),
    ],
)
def test_filters_and_the_day(at, client_of, params, cards):
    assert listed(client_of("hr"), **params) == {at.cards[name].pk for name in cards}


def test_a_card_of_another_bureau_or_zone_is_not_there(at, client_of):
    other = build.small_year(code="XX")
    for card in (at.cards["other_bureau"], other.cards["bureau"]):
        answer = client_of("head").get(f"/api/v1/scorecards/{card.pk}/")
        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("application/problem+json")


def test_a_card_has_its_lines_with_traces_its_score_and_its_place(at, client_of):
    for code, text in build.FULL.items():
        line = build.line(at.cards["bureau"], code)
        services.enter_score(line=line, text=text, version=1, by=build.actor(at.users["head"]))
    card = client_of("head").get(f"/api/v1/scorecards/{at.cards['bureau'].pk}/").json()
    assert card["result"]["score"] == str(build.FULL_SCORE)
    assert (card["rank"], card["ranked"], card["scored_count"]) == (1, 1, 4)
    assert (card["year"], card["unit"], card["bureau"], card["bureau_name"]) == (2026, "YZ", "YZ-INV", "招商局")
    growth = next(line for line in card["lines"] if line["indicator"] == "budget-growth")
    assert (growth["points"], growth["trace"]["formula"]) == ("24.0000", "F16")


def test_a_score_is_entered_through_the_same_service(at, client_of):
    line = build.line(at.cards["bureau"], "new-projects")
    answer = score(client_of("head"), at.cards["bureau"], line, "１９")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["total"], body["score"], body["rank"]) == ("38.00", None, 1)
    assert (body["line"]["points"], body["line"]["version"]) == ("38.0000", 2)
    line.refresh_from_db()
    assert line.actual == Decimal("19")


def test_a_stale_version_answers_409_with_the_other_value(at, client_of):
    line = build.line(at.cards["bureau"], "new-projects")
    score(client_of("head"), at.cards["bureau"], line, "19")
    answer = score(client_of("head"), at.cards["bureau"], line, "12")
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("application/problem+json")
    assert (answer.json()["theirs"], answer.json()["version"]) == ("19.0000", 2)


@pytest.mark.parametrize("value", ["NaN", "1e400", "-1", "九"])
def test_a_bad_number_is_a_problem_at_its_field(at, client_of, value):
    answer = score(client_of("head"), at.cards["bureau"], build.line(at.cards["bureau"], "new-projects"), value)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["errors"][0]["field"] == "value"


@pytest.mark.parametrize(
    ("role", "card", "status"),
    [
        ("hr", "bureau", 403),  # sees it, and scores nothing
        ("evaluator", "bureau", 404),
        ("evaluator", "unit", 200),
        ("head", "unit", 403),
        ("head", "other_bureau", 404),
        ("other_head", "staff", 404),
        ("staff", "staff", 403),
        ("staff", "colleague", 403),  # no right to score at all: said before any card is looked for
        ("head", "head", 400),  # in reach, and his own case
        ("leader", "head", 200),
    ],
)
def test_who_may_score_which_card(at, client_of, role, card, status):
    line = build.line(at.cards[card], "party")
    assert score(client_of(role), at.cards[card], line, "90").status_code == status


def test_a_line_of_another_card_is_not_reached_through_ones_own(at, client_of):
    foreign = build.line(at.cards["other_bureau"], "party")
    assert score(client_of("head"), at.cards["bureau"], foreign, "90").status_code == 404
    foreign.refresh_from_db()
    assert foreign.actual is None


def test_the_library_is_everybodys_to_read_and_hrs_to_add_to(at, client_of):
    new = {
        "code": "patents",
        "name": "发明专利",
        "kind": "quantitative",
        "method": "completion",
        "parameters": {"cap": 1.1, "floor": "0.6"},
    }
    assert client_of("staff").post("/api/v1/indicators/", new, format="json").status_code == 403
    answer = client_of("hr").post("/api/v1/indicators/", new, format="json")
    assert answer.status_code == 201, answer.content
    assert client_of("staff").get("/api/v1/indicators/patents/").json()["parameters"]["cap"] == "1.1"
    bad = client_of("hr").post("/api/v1/indicators/", {**new, "code": "x", "parameters": {}}, format="json")
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "parameters")


def test_a_list_costs_the_same_for_few_and_many(at, client_of, django_assert_max_num_queries):
    def queries() -> int:
        with django_assert_max_num_queries(40) as counted:
            assert listed(client_of("hr"))
        return len(counted)

    few = queries()
    for number in range(12):
        person = build.staff.person(at.zone, f"某{number}")
        build.card(at.cycle, "person", at.zone.unit, at.zone.invest, person)
    assert queries() == few

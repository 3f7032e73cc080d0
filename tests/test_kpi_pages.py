"""The pages of assessment: who sees what, what a cell's save answers, and what a page costs."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from kpi.due import due
from kpi.entry import services
from kpi.models import Line, Result
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_year()


@pytest.fixture
def client_of(at):
    def client_of(role: str) -> Client:
        client = Client()
        client.force_login(at.users[role])
        return client

    return client_of


def listed(client, **params) -> list[int]:
    """The cards on the list page, in their order."""
    html = client.get(reverse("scorecards"), params).content.decode()
    return [int(pk) for pk in re.findall(r'<tr data-href="/scorecards/(\d+)/', html)]


def save(client, line: Line, value: str, version: object = None):
    given = {"value": value, "version": line.version if version is None else version}
    return client.post(reverse("line_score", args=[line.pk]), given)


def fill(at, card: str, role: str) -> None:
    for code, text in build.FULL.items():
        line = build.line(at.cards[card], code)
        services.enter_score(line=line, text=text, version=line.version, by=build.actor(at.users[role]))


# --- the list -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "first", "rest"),
    [
        ("head", ["bureau", "staff", "colleague"], {"unit", "park", "head"}),
        ("evaluator", ["unit", "park"], set()),
        ("staff", [], {"staff"}),
        (
            "leader",
            ["other_head", "head"],
            {"unit", "park", "bureau", "other_bureau", "leader", "staff", "colleague"},
        ),
    ],
)
def test_the_list_starts_with_what_waits_for_the_visitor(at, client_of, role, first, rest):
    names = {card.pk: name for name, card in at.cards.items()}
    found = [names[pk] for pk in listed(client_of(role))]
    assert sorted(found[: len(first)]) == sorted(first)
    assert set(found[len(first) :]) == rest


def test_the_heads_own_bureau_comes_first_and_left_shows_only_his_open_ones(at, client_of):
    head = client_of("head")
    assert listed(head)[0] == at.cards["bureau"].pk
    fill(at, "staff", "head")
    assert set(listed(head, left="1")) == {at.cards["bureau"].pk, at.cards["colleague"].pk}


def test_choices_narrow_the_list_and_nonsense_is_left_out(at, client_of):
    hr = client_of("hr")
    assert set(listed(hr, kind="bureau")) == {at.cards["bureau"].pk, at.cards["other_bureau"].pk}
    assert listed(hr, unit="YZ-P") == [at.cards["park"].pk]
    assert len(listed(hr, year="1066", unit="nowhere", kind="x", page="999", sort="drop table")) == 9


def test_the_best_score_comes_first_when_asked(at, client_of):
    fill(at, "colleague", "head")
    assert listed(client_of("hr"), kind="person", sort="-score")[0] == at.cards["colleague"].pk


def test_progress_totals_and_mean_are_those_of_the_cards_shown(at, client_of):
    fill(at, "staff", "head")
    html = client_of("hr").get(reverse("scorecards"), {"kind": "person"}).content.decode()
    assert "4/20" in html
    assert "93.00" in html
    assert "合计 5 张" in html


def test_before_the_year_there_is_nothing_and_a_way_back(at, client_of):
    answer = client_of("hr").get(reverse("scorecards"), {"on": "2019-06-30"})
    assert answer.status_code == 200
    assert "截至这一天还没有评分卡" in answer.content.decode()


# --- one card -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "card", "status"),
    [
        ("head", "bureau", 200),
        ("head", "other_bureau", 404),
        ("other_head", "bureau", 404),
        ("staff", "staff", 200),
        ("staff", "colleague", 404),
        ("staff", "bureau", 404),
        ("evaluator", "park", 200),
        ("evaluator", "staff", 404),
        ("evaluator", "bureau", 404),
        ("finance", "bureau", 200),
    ],
)
def test_who_opens_which_card(at, client_of, role, card, status):
    client, pk = client_of(role), at.cards[card].pk
    assert client.get(reverse("scorecard", args=[pk])).status_code == status
    line = build.line(at.cards[card], "party")
    assert client.get(reverse("line_why", args=[line.pk])).status_code == status


@pytest.mark.parametrize(
    ("role", "card", "inputs"),
    [("head", "bureau", 4), ("head", "head", 0), ("leader", "head", 4), ("hr", "bureau", 0), ("staff", "staff", 0)],
)
def test_only_who_may_score_gets_cells_to_type_in(at, client_of, role, card, inputs):
    html = client_of(role).get(reverse("scorecard", args=[at.cards[card].pk])).content.decode()
    assert html.count("data-save-url") == inputs


def test_the_past_and_a_closed_year_are_for_reading(at, client_of):
    address = reverse("scorecard", args=[at.cards["bureau"].pk])
    past = client_of("head").get(address, {"on": "2026-01-31"}).content.decode()
    assert "data-save-url" not in past
    assert "回到今天" in past
    build.closed(at.cycle)
    assert "考核年度已关闭" in client_of("head").get(address).content.decode()


def test_a_card_explains_each_line(at, client_of):
    line = build.line(at.cards["bureau"], "budget-growth")
    before = client_of("head").get(reverse("line_why", args=[line.pk])).content.decode()
    assert "尚未录入完成值" in before
    assert "满分值 <strong>12</strong>" in before
    save(client_of("head"), line, "7")
    after = client_of("head").get(reverse("line_why", args=[line.pk])).content.decode()
    assert "((7 − 2) ÷ (12 − 2) × 40 + 60) ÷ 100 = <strong>24</strong>" in after


def test_the_evaluator_reads_no_persons_name_on_a_units_card(at, client_of):
    html = client_of("evaluator").get(reverse("scorecard", args=[at.cards["unit"].pk])).content.decode()
    assert "李主任" not in html
    assert "李主任" in client_of("hr").get(reverse("scorecard", args=[at.cards["unit"].pk])).content.decode()


# --- saving a cell ------------------------------------------------------------------------------------


def test_a_saved_cell_answers_with_points_total_place_and_version(at, client_of):
    answer = save(client_of("head"), build.line(at.cards["bureau"], "new-projects"), "１９")
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": True,
        "value": "19",
        "score": "38.00",
        "total": "38.00",
        "rank": "1 / 1",
        "version": 2,
    }


def test_a_cleared_cell_answers_with_nothing(at, client_of):
    line = build.line(at.cards["bureau"], "new-projects")
    save(client_of("head"), line, "19")
    answer = save(client_of("head"), line, "", version=2).json()
    assert (answer["value"], answer["score"], answer["total"], answer["rank"]) == ("", None, None, None)


@pytest.mark.parametrize("value", ["NaN", "nan", "-Infinity", "1e400", "-5", "十九", "1,9", "9" * 40])
def test_a_bad_number_answers_422_with_words(at, client_of, value):
    line = build.line(at.cards["bureau"], "new-projects")
    answer = save(client_of("head"), line, value)
    assert (answer.status_code, answer.json()["ok"]) == (422, False)
    assert answer.json()["error"]
    line.refresh_from_db()
    assert (line.actual, line.version) == (None, 1)


@pytest.mark.parametrize("version", ["", "x", "-1", "１", "99999999999999999999"])
def test_a_version_that_is_none_answers_422(at, client_of, version):
    assert save(client_of("head"), build.line(at.cards["bureau"], "party"), "1", version).status_code == 422


def test_a_conflict_answers_409_with_both_sides(at, client_of):
    line = build.line(at.cards["bureau"], "new-projects")
    save(client_of("head"), line, "19.50")
    answer = save(client_of("head"), line, "12")
    assert answer.status_code == 409
    assert (answer.json()["theirs"], answer.json()["version"]) == ("19.5", 2)


@pytest.mark.parametrize(
    ("role", "card", "status"),
    [
        ("other_head", "bureau", 404),
        ("evaluator", "bureau", 404),
        ("evaluator", "park", 200),
        ("hr", "bureau", 403),
        ("staff", "staff", 403),
        ("staff", "colleague", 404),
        ("head", "head", 422),
        ("leader", "head", 200),
        ("leader", "staff", 422),
    ],
)
def test_who_saves_which_cell(at, client_of, role, card, status):
    assert save(client_of(role), build.line(at.cards[card], "party"), "90").status_code == status


def test_a_cell_is_not_saved_by_get_nor_without_a_session(at, client_of):
    address = reverse("line_score", args=[build.line(at.cards["bureau"], "party").pk])
    assert client_of("head").get(address).status_code == 405
    assert Client().post(address, {"value": "1", "version": 1}).status_code == 302


# --- grades -------------------------------------------------------------------------------------------


def test_a_leader_sets_a_grade_on_the_page(at, client_of):
    fill(at, "staff", "head")
    leader, pk = client_of("leader"), at.cards["staff"].pk
    assert "保存等次" in leader.get(reverse("scorecard", args=[pk])).content.decode()
    answer = leader.post(reverse("scorecard_rating", args=[pk]), {"rating": "competent"}, follow=True)
    assert "等次已保存" in answer.content.decode()
    assert Result.objects.get(scorecard=pk).rating == "competent"


@pytest.mark.parametrize(("role", "status"), [("head", 403), ("staff", 403), ("evaluator", 404)])
def test_others_set_no_grade(at, client_of, role, status):
    address = reverse("scorecard_rating", args=[at.cards["staff"].pk])
    assert client_of(role).post(address, {"rating": "excellent"}).status_code == status


def test_a_grade_that_is_none_is_refused_in_words(at, client_of):
    fill(at, "staff", "head")
    address = reverse("scorecard_rating", args=[at.cards["staff"].pk])
    answer = client_of("leader").post(address, {"rating": "superb"}, follow=True)
    assert Result.objects.get(scorecard=at.cards["staff"]).rating == ""
    assert "notice-error" in answer.content.decode()


# --- what a page costs --------------------------------------------------------------------------------


def test_pages_cost_the_same_for_few_rows_and_many(at, client_of, django_assert_max_num_queries):
    hr = client_of("hr")
    few_card = build.card(
        at.cycle, "bureau", at.zone.park, at.zone.park_invest, lines=[("only", "rating", "100", None)]
    )

    def queries(address: str) -> int:
        with django_assert_max_num_queries(60) as counted:
            assert hr.get(address).status_code == 200
        return len(counted)

    one_line = queries(reverse("scorecard", args=[few_card.pk]))
    few = queries(reverse("scorecards"))
    for number in range(30):
        person = build.staff.person(at.zone, f"某{number}")
        card = build.card(at.cycle, "person", at.zone.unit, at.zone.invest, person)
        services.enter_score(line=build.line(card, "party"), text="90", version=1, by=build.actor(at.users["head"]))
    assert queries(reverse("scorecards")) == few
    many = [(f"many-{n}", "rating", "5", None) for n in range(20)]
    big = build.card(build.year(at.zone, 2025), "bureau", at.zone.park, at.zone.park_invest, lines=many)
    assert queries(reverse("scorecard", args=[big.pk])) == one_line


def test_saving_a_cell_costs_the_same_on_a_long_card(at, client_of, django_assert_max_num_queries):
    def queries(line: Line) -> int:
        with django_assert_max_num_queries(60) as counted:
            assert save(client, line, "90").status_code == 200
        return len(counted)

    client = client_of("head")
    short = queries(build.line(at.cards["bureau"], "party"))
    many = [(f"many-{n}", "rating", "5", None) for n in range(20)]
    card = build.card(build.year(at.zone, 2025), "bureau", at.zone.unit, at.zone.invest, lines=many)
    assert queries(build.line(card, "many-3")) == short


# --- what the home page says is due -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "lines"), [("head", 12), ("other_head", 4), ("leader", 8), ("evaluator", 8), ("hr", None)]
)
def test_due_are_the_lines_of_the_cards_that_one_scores(at, role, lines):
    access = build.access(at.users[role])
    found = [each for each in due(access, access.day) if each.url.endswith("left=1")]
    assert [each.count for each in found] == ([lines] if lines else [])

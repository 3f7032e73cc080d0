"""Pages of the city's assessment: what is shown to whom, filters, grades by form, and what a page costs."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.actors import Actor
from kpi.city import services
from kpi.judging.grading import set_rating
from kpi.models import Cycle, GradeRule, Result
from tests import city_builders as build
from tests import staffing_builders as staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    made = build.city()
    for name, rating in {"A": 90, "B": 80, "A-1": 90, "A-2": 80, "B-1": 70, "T-1": 95, "T-2": 60}.items():
        build.score(made.cards[2026][name], str(rating))
    return made


def client(user) -> Client:
    found = Client()
    found.force_login(user)
    return found


def page(at, name: str, *args, who: str = "one", status: int = 200, **query) -> str:
    answer = client(at.users[who]).get(reverse(name, args=args), query)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def units(html: str) -> list[str]:
    """The units of the year page in their order."""
    return re.findall(r'<th scope="row">(?:<a [^>]*>)?(C[^<]*?)(?:</a>)? ', html)


def publish(at) -> None:
    at.cycle.published_on, at.cycle.state = dt.date(2026, 11, 1), Cycle.State.PUBLISHED
    at.cycle.save()


def test_the_year_shows_every_sort_by_itself(at) -> None:
    html = page(at, "city_year", at.cycle.pk)
    assert units(html) == ["C甲开发区", "C乙开发区", "C甲一园", "C甲二园", "C乙一园", "C东镇", "C西镇"]
    assert "2025 年没有考核记录" in html
    assert units(page(at, "city_assessment")) == units(html)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"sort": "town"}, ["C东镇", "C西镇"]),
        ({"zone": "CB"}, ["C乙开发区", "C乙一园"]),
        ({"zone": "CB", "sort": "park"}, ["C乙一园"]),
        ({"grade": "first"}, ["C甲一园"]),
        ({"left": "1"}, []),
        ({"sort": "nonsense", "zone": "<script>", "grade": "9"}, None),
    ],
)
def test_filters_live_in_the_address(at, query, shown) -> None:
    Result.objects.filter(scorecard=at.cards[2026]["A-1"]).update(rating="first")
    html = page(at, "city_year", at.cycle.pk, **query)
    assert units(html) == shown if shown is not None else len(units(html)) == 7
    assert "<script>alert" not in html
    assert ("没有符合条件的单位" in html) == (shown == [])


def test_a_zone_sees_its_own_and_after_publishing_names_scores_and_grades_of_all(at) -> None:
    html = page(at, "city_year", at.cycle.pk, who="hr")
    assert units(html) == ["C甲开发区", "C甲一园", "C甲二园"]
    assert "结果公布前只列出本开发区的单位" in html
    assert "C乙一园" not in page(at, "city_compare", at.cycle.pk, "park", who="hr")
    assert "同类平均" not in page(at, "city_subject", at.cards[2026]["A-1"].pk, who="hr")
    page(at, "city_sheet", at.cycle.pk, "town", who="hr", status=404)
    publish(at)
    html = page(at, "city_year", at.cycle.pk, who="hr")
    assert len(units(html)) == 7
    assert reverse("city_subject", args=[at.cards[2026]["B-1"].pk]) not in html
    assert "73.00" in html
    # Lines stay what they were: for whoever may open the card.
    sheet = page(at, "city_sheet", at.cycle.pk, "park", who="hr")
    assert "C甲一园" in sheet
    assert "C乙一园" not in sheet
    page(at, "city_subject", at.cards[2026]["B-1"].pk, who="hr", status=404)
    page(at, "city_grades", at.cycle.pk, "park", who="hr", status=403)
    page(at, "city_rules", at.cycle.pk, "park", who="hr", status=403)


def test_another_city_s_evaluator_finds_nothing(at) -> None:
    at.users["stranger"] = build.city("D").users["one"]
    for name, *args in (
        ("city_year", at.cycle.pk),
        ("city_sheet", at.cycle.pk, "park"),
        ("city_compare", at.cycle.pk, "park"),
        ("city_grades", at.cycle.pk, "park"),
        ("city_rules", at.cycle.pk, "park"),
        ("city_subject", at.cards[2026]["A-1"].pk),
    ):
        page(at, name, *args, who="stranger", status=404)
    assert "C甲" not in page(at, "city_assessment", who="stranger")


def test_whoever_has_no_part_in_it_is_refused_and_an_empty_year_says_what_comes(at) -> None:
    at.users["nobody"] = staff.user("nobody")
    page(at, "city_assessment", who="nobody", status=403)
    early = page(at, "city_assessment", on="2025-06-30")
    assert "还没有您可以查看的市考核" in early


def test_a_sheet_has_every_line_and_the_means(at) -> None:
    html = page(at, "city_sheet", at.cycle.pk, "park")
    assert html.index("C甲一园") < html.index("C甲二园") < html.index("C乙一园")
    assert 'colspan="1" class="sheet-group">经济发展' in html
    assert html.count("40.00") == 2  # the second park's 80 of 50 points, and the mean of the column
    page(at, "city_sheet", at.cycle.pk, "nonsense", status=404)


def test_a_unit_s_page_has_its_sides_its_reasons_and_its_years(at) -> None:
    build.year(at, 2025, only=("A-1", "B-1"))
    build.score(at.cards[2025]["A-1"], "60")
    build.score(at.cards[2025]["B-1"], "70")
    html = page(at, "city_subject", at.cards[2026]["A-1"].pk)
    assert "chart-shape" in html
    assert "同类平均" in html
    assert "90 ÷ 100" in html  # why the first line has its points
    assert "历年名次" in html
    assert "2 / 2" in html
    assert "1 / 3" in html


def test_up_to_four_units_are_compared(at) -> None:
    for number in range(2, 7):
        unit = staff.unit(f"CX-{number}", "park", f"新园{number}", at.units["B"], 10 + number)
        build.score(build.card(at.cycle, unit), "50")
    url = reverse("city_compare", args=[at.cycle.pk, "park"])
    asked = "&".join(f"unit=CX-{number}" for number in range(2, 7))
    html = client(at.users["one"]).get(f"{url}?{asked}").content.decode()
    assert len(re.findall(r'name="unit" value="[^"]+" checked', html)) == 4
    assert "新园6" in html  # among the choices


def test_names_stay_text(at) -> None:
    at.units["A-1"].versions.update(short_name="<b>=1+1</b>")
    for name, *args in (("city_year", at.cycle.pk), ("city_compare", at.cycle.pk, "park")):
        html = page(at, name, *args)
        assert "<b>=1+1</b>" not in html
        assert "&lt;b&gt;=1+1&lt;/b&gt;" in html


# --- grades -----------------------------------------------------------------------------------------


def test_the_rule_by_form_then_the_grades_by_form(at) -> None:
    url = reverse("city_rules", args=[at.cycle.pk, "park"])
    given = {"first_share": "３４", "first_score": "85", "first_join": "all", "second_share": "", "second_score": "80"}
    answer = client(at.users["one"]).post(url, given | {"second_join": "any"})
    assert answer.status_code == 302
    assert GradeRule.objects.get(rating="first").top_share == Decimal("0.34")
    html = page(at, "city_grades", at.cycle.pk, "park")
    assert "名次在同类前 34%且得分不低于 85 分" in html
    assert "3 个单位取前 1 名，本单位第 1 名 ✓" in html
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', html)
    assert seen
    cards = at.cards[2026]
    told = {"seen": seen[1], f"grade_{cards['A-1'].pk}": "first", f"grade_{cards['B-1'].pk}": "second"}
    grades = reverse("city_grades", args=[at.cycle.pk, "park"])
    answer = client(at.users["two"]).post(grades, told)
    assert "须说明理由" in answer.content.decode()
    assert not Result.objects.filter(rating__gt="").exists()
    answer = client(at.users["two"]).post(grades, told | {f"reason_{cards['B-1'].pk}": "新设园区"})
    assert answer.status_code == 302
    assert dict(Result.objects.filter(rating__gt="").values_list("scorecard__unit__code", "rating")) == {
        "CA-1": "first",
        "CB-1": "second",
    }


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("first_share", "0", "名次比例须大于 0"),
        ("first_share", "101", "须在 0 与 100 之间"),
        ("first_share", "1e400", "不是数字"),
        ("first_share", "NaN", "不是数字"),
        ("first_score", "甲", "不是数字"),
        ("second_share", "10", "不能小于第一等次的比例"),
        ("second_score", "96", "不能高于第一等次"),
    ],
)
def test_a_bad_rule_is_told_at_its_field_and_what_was_typed_stays(at, field, typed, said) -> None:
    given = {"first_share": "30", "first_score": "95", "second_share": "60", "second_score": "80"}
    given |= {"first_join": "any", "second_join": "any", field: typed}
    html = client(at.users["one"]).post(reverse("city_rules", args=[at.cycle.pk, "park"]), given).content.decode()
    assert said in html
    assert f'value="{typed}"' in html
    assert not GradeRule.objects.exists()


def test_whoever_scored_is_told_and_cannot_confirm(at) -> None:
    build.rule(at.cycle, "park", "first", least="90")
    for name in ("A-1", "A-2", "B-1"):
        build.score(at.cards[2026][name], "85", by=at.users["one"])
    html = page(at, "city_grades", at.cycle.pk, "park")
    assert "等次须由其他考核人员确认" in html
    assert 'name="grade_' not in html
    seen = services.fingerprint(services.proposals(at.cycle, "park"))
    card = at.cards[2026]["A-1"].pk
    client(at.users["one"]).post(
        reverse("city_grades", args=[at.cycle.pk, "park"]), {"seen": seen, f"grade_{card}": "third"}
    )
    assert not Result.objects.filter(rating__gt="").exists()


# --- the end of a year ------------------------------------------------------------------------------


def test_the_evaluator_publishes_and_closes_his_year_once_all_is_graded(at) -> None:
    url = reverse("city_publish", args=[at.cycle.pk])
    assert client(at.users["hr"]).get(url).status_code == 403
    html = page(at, "city_publish", at.cycle.pk)
    assert "须先处理" in html
    assert f'href="{reverse("city_year", args=[at.cycle.pk])}">去处理' in html
    client(at.users["one"]).post(url, {"notice": ""})
    at.cycle.refresh_from_db()
    assert at.cycle.state == Cycle.State.OPEN
    for card in at.cards[2026].values():
        set_rating(scorecard=card, rating="second", by=Actor(at.users["two"], "page"))
    assert client(at.users["one"]).post(url, {"notice": "市内公布"}).status_code == 302
    at.cycle.refresh_from_db()
    assert (at.cycle.state, at.cycle.notice) == (Cycle.State.PUBLISHED, "市内公布")
    assert len(units(page(at, "city_year", at.cycle.pk, who="hr"))) == 7
    assert client(at.users["one"]).post(reverse("city_close", args=[at.cycle.pk])).status_code == 302
    at.cycle.refresh_from_db()
    assert at.cycle.state == Cycle.State.CLOSED


# --- what it costs ----------------------------------------------------------------------------------


def test_fifty_parks_cost_what_three_do(at) -> None:
    build.rule(at.cycle, "park", "first", share="0.3")
    pages = [
        reverse("city_year", args=[at.cycle.pk]),
        *(reverse(f"city_{name}", args=[at.cycle.pk, "park"]) for name in ("sheet", "compare", "grades")),
        reverse("city_subject", args=[at.cards[2026]["A-1"].pk]),
    ]

    def cost() -> list[int]:
        found = []
        for url in pages:
            browser = client(at.users["one"])
            browser.get(url)
            with CaptureQueriesContext(
                connection,
            ) as told:
                assert browser.get(url).status_code == 200
            found.append(len(told))
        return found

    before = cost()
    for number in range(50):
        unit = staff.unit(f"CX-{number}", "park", f"新园{number}", at.units["B"], 10 + number)
        build.score(build.card(at.cycle, unit), str(40 + number))
    assert cost() == before

"""The city's year: places among one's own sort, the year before, the rule of grades and confirming them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from common.models import AuditEntry
from kpi.city import reading, services
from kpi.city.services import Choice, Wanted, confirm_grades, set_grade_rules
from kpi.judging import adjusting
from kpi.models import Cycle, GradeRule, Line, Result
from kpi.reckoning import set_actual
from tests import city_builders as build
from tests.kpi_builders import actor

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 31)


@pytest.fixture
def at():
    return build.city()


def ranking(at, sort: str, who: str = "one", cycle: Cycle | None = None) -> reading.Ranking:
    found = reading.rankings(build.access(at.users[who]), cycle or at.cycle, DAY)
    return next(each for each in found if each.sort == sort)


def places(of: reading.Ranking) -> dict[str, int | None]:
    return {row.code: row.standing.rank if row.standing else None for row in of.rows}


def full(at, by=None) -> None:
    """Parks at 91.00, 82.00 and 73.00, zones and towns at 91.00 and 82.00."""
    for name, rating in {"A": 90, "B": 80, "A-1": 90, "A-2": 80, "B-1": 70, "T-1": 90, "T-2": 80}.items():
        build.score(at.cards[2026][name], str(rating), by=by)


# --- who stands where -------------------------------------------------------------------------------


def test_sorts_are_never_mixed_and_parks_of_two_zones_stand_together(at) -> None:
    full(at)
    assert places(ranking(at, "park")) == {"CA-1": 1, "CA-2": 2, "CB-1": 3}
    assert places(ranking(at, "town")) == {"CT-1": 1, "CT-2": 2}
    assert places(ranking(at, "zone")) == {"CA": 1, "CB": 2}
    # A town with a better score than any park changes no park's place.
    build.score(at.cards[2026]["T-1"], "100")
    assert places(ranking(at, "park")) == {"CA-1": 1, "CA-2": 2, "CB-1": 3}
    zones = {row.code: row.zone_name for row in ranking(at, "park").rows}
    assert zones == {"CA-1": "C甲开发区", "CA-2": "C甲开发区", "CB-1": "C乙开发区"}


def test_equal_scores_share_the_better_place(at) -> None:
    full(at)
    build.score(at.cards[2026]["A-2"], "90")
    assert places(ranking(at, "park")) == {"CA-1": 1, "CA-2": 1, "CB-1": 3}


def test_the_mean_counts_final_scores_only(at) -> None:
    build.score(at.cards[2026]["A-1"], "90")
    of = ranking(at, "park")
    assert (of.mean, of.complete, of.scored, of.lines) == (Decimal("91.00"), False, 4, 12)


def test_change_against_the_year_before_and_who_was_not_assessed_then(at) -> None:
    build.year(at, 2025, only=("A-1", "A-2", "T-1"))
    for name, rating in {"A-1": "70", "A-2": "80", "T-1": "90"}.items():
        build.score(at.cards[2025][name], rating)
    full(at)
    rows = {row.code: row for row in ranking(at, "park").rows}
    assert (rows["CA-1"].score_change, rows["CA-1"].rank_change) == (Decimal("18.00"), 1)
    assert (rows["CA-2"].score_change, rows["CA-2"].rank_change) == (Decimal("0.00"), -1)
    assert (rows["CB-1"].past, rows["CB-1"].score_change, rows["CB-1"].rank_change) == (None, None, None)


def test_a_year_that_is_not_on_file_is_none(at) -> None:
    full(at)
    assert reading.previous(at.cycle) is None
    assert {row.past for row in ranking(at, "park").rows} == {None}


def test_the_way_over_the_years_is_as_of_the_day(at) -> None:
    build.year(at, 2024, only=("A-1", "A-2"))
    build.score(at.cards[2024]["A-1"], "70")
    build.score(at.cards[2024]["A-2"], "80")
    full(at)
    card = at.cards[2026]["A-1"]
    way = reading.course(build.access(at.users["one"]), card, DAY)
    assert [(past.year, past.standing.rank, past.score) for past in way] == [
        (2024, 2, Decimal("73.00")),
        (2026, 1, Decimal("91.00")),
    ]
    assert [past.year for past in reading.course(build.access(at.users["one"]), card, dt.date(2025, 1, 1))] == [2024]


# --- who may know what ------------------------------------------------------------------------------


def test_before_publishing_a_zone_knows_its_own_units_only(at) -> None:
    full(at)
    assert [row.code for row in ranking(at, "park", "hr").rows] == ["CA-1", "CA-2"]
    assert {row.own for row in ranking(at, "park", "hr").rows} == {True}
    assert not reading.sees_all(build.access(at.users["hr"]), at.cycle)
    at.cycle.published_on, at.cycle.state = DAY, Cycle.State.PUBLISHED
    at.cycle.save()
    rows = {row.code: row.own for row in ranking(at, "park", "hr").rows}
    assert rows == {"CA-1": True, "CA-2": True, "CB-1": False}


def test_another_city_s_evaluator_finds_no_such_year(at) -> None:
    other = build.city("D")
    access = build.access(other.users["one"])
    assert [cycle.holder.code for cycle in reading.years(access, DAY)] == ["D"]
    with pytest.raises(Http404):
        reading.year(access, at.cycle.pk, DAY)


def test_a_year_to_come_is_not_there_yet(at) -> None:
    assert reading.years(build.access(at.users["one"]), dt.date(2025, 12, 31)) == []


# --- the rule ---------------------------------------------------------------------------------------


def test_a_rule_is_laid_down_changed_and_taken_away(at) -> None:
    by = actor(at.users["one"])
    first = {"first": Wanted(Decimal("0.34"), Decimal(85), "all"), "second": Wanted(None, Decimal(75))}
    set_grade_rules(cycle=at.cycle, sort="park", rules=first, by=by)
    assert set(GradeRule.objects.values_list("rating", "top_share", "least_score", "join")) == {
        ("first", Decimal("0.3400"), Decimal("85.00"), "all"),
        ("second", None, Decimal("75.00"), "any"),
    }
    set_grade_rules(cycle=at.cycle, sort="park", rules={"first": Wanted(None, Decimal(90))}, by=by)
    assert list(GradeRule.objects.values_list("rating", "top_share", "least_score")) == [
        ("first", None, Decimal("90.00"))
    ]
    verbs = AuditEntry.objects.filter(noun="kpi.graderule").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["add", "add", "change", "remove"]


def test_a_rule_without_a_condition_or_out_of_bounds_is_refused(at) -> None:
    for bad in (Wanted(Decimal("1.2")), Wanted(Decimal(0)), Wanted(None, Decimal(201))):
        with pytest.raises(ValidationError):
            set_grade_rules(cycle=at.cycle, sort="park", rules={"first": bad}, by=actor(at.users["one"]))
    with pytest.raises(ValidationError, match="等次规则只能设在市的考核年度"):
        set_grade_rules(cycle=at.cycle, sort="city", rules={}, by=actor(at.users["one"]))
    with pytest.raises(IntegrityError, match="kpi_grade_rule_says"), transaction.atomic():
        build.rule(at.cycle, "park", "first")
    with pytest.raises(IntegrityError, match="kpi_grade_rule_rating"), transaction.atomic():
        build.rule(at.cycle, "park", "third", least="60")


def test_the_database_keeps_rules_out_of_a_zone_s_year_and_out_of_a_settled_one(at) -> None:
    zone = Cycle.objects.create(holder=at.units["A"], year=2026)
    with pytest.raises(IntegrityError, match="等次规则只能设在市的考核年度"), transaction.atomic():
        build.rule(zone, "park", "first", least="90")
    at.cycle.published_on, at.cycle.state = DAY, Cycle.State.PUBLISHED
    at.cycle.save()
    with pytest.raises(IntegrityError, match="已公布"), transaction.atomic():
        build.rule(at.cycle, "park", "first", least="90")
    with pytest.raises(ValidationError) as refused:
        set_grade_rules(cycle=at.cycle, sort="park", rules={}, by=actor(at.users["one"]))
    assert refused.value.code == "KPI-CLOSED"


# --- the grades -------------------------------------------------------------------------------------


def confirm(at, chosen: dict[str, Choice], who: str = "two", sort: str = "park", seen: str = "") -> int:
    seen = seen or services.fingerprint(services.proposals(at.cycle, sort))
    cards = {at.cards[2026][name].pk: choice for name, choice in chosen.items()}
    return confirm_grades(cycle=at.cycle, sort=sort, chosen=cards, seen=seen, by=actor(at.users[who]))


def grades(at) -> dict[str, str]:
    rows = Result.objects.filter(scorecard__cycle=at.cycle, rating__gt="")
    return dict(rows.values_list("scorecard__unit__code", "rating"))


PROPOSED = {"A-1": Choice("first"), "A-2": Choice("second"), "B-1": Choice("third")}


@pytest.fixture
def ruled(at):
    build.rule(at.cycle, "park", "first", share="0.34", least="85", join="all")
    build.rule(at.cycle, "park", "second", least="80")
    full(at, by=at.users["one"])
    return at


def test_what_was_proposed_is_confirmed_by_somebody_who_did_not_score(ruled) -> None:
    assert [each.rating for each in services.proposals(ruled.cycle, "park")] == ["first", "second", "third"]
    with pytest.raises(ValidationError, match="自己录入分数"):
        confirm(ruled, PROPOSED, who="one")
    assert grades(ruled) == {}
    assert confirm(ruled, PROPOSED) == 3
    assert grades(ruled) == {"CA-1": "first", "CA-2": "second", "CB-1": "third"}
    assert confirm(ruled, PROPOSED) == 0  # said twice, done once


def test_another_grade_needs_a_reason_and_keeps_it(ruled) -> None:
    with pytest.raises(ValidationError, match="C乙一园：与规则得出的等次不同，须说明理由"):
        confirm(ruled, {"B-1": Choice("second", "  ")})
    assert confirm(ruled, {"B-1": Choice("second", "新设园区，基数不可比")}) == 1
    assert Result.objects.get(scorecard=ruled.cards[2026]["B-1"]).comment == "新设园区，基数不可比"


def test_nothing_is_confirmed_while_a_unit_is_open_or_the_proposal_has_moved(ruled) -> None:
    seen = services.fingerprint(services.proposals(ruled.cycle, "park"))
    build.score(ruled.cards[2026]["B-1"], "85")
    with pytest.raises(ValidationError) as moved:
        confirm(ruled, PROPOSED, seen=seen)
    assert moved.value.code == "moved"
    line = ruled.cards[2026]["A-2"].lines.first()
    set_actual(line=line, value=None, by=actor(ruled.users["one"]))
    with pytest.raises(ValidationError, match="C甲二园还没有评完"):
        confirm(ruled, PROPOSED)


def test_a_sort_without_a_rule_and_a_card_of_another_sort_are_refused(ruled) -> None:
    with pytest.raises(ValidationError) as missing:
        confirm(ruled, {"T-1": Choice("first")}, sort="town", seen="x")
    assert missing.value.code == "no_rule"
    with pytest.raises(ValidationError) as stranger:
        confirm(ruled, {"T-1": Choice("first", "理由")})
    assert stranger.value.code == "stranger"
    with pytest.raises(ValidationError, match="请从列出的等次中选择"):
        confirm(ruled, {"A-1": Choice("excellent", "理由")})


def test_a_rule_stands_once_somebody_was_graded_by_it(ruled) -> None:
    confirm(ruled, PROPOSED)
    with pytest.raises(ValidationError, match="已有单位评定等次"):
        set_grade_rules(cycle=ruled.cycle, sort="park", rules={}, by=actor(ruled.users["one"]))


# --- the veto ---------------------------------------------------------------------------------------


def check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def test_an_event_takes_the_first_grade(ruled) -> None:
    build.score(ruled.cards[2026]["A-1"], "100", events="1", by=ruled.users["one"])
    found = services.proposals(ruled.cycle, "park")[0]
    assert (found.rating, found.vetoed) == ("second", True)
    with pytest.raises(ValidationError, match="有一票否决事项的单位不能评为第一等次"):
        confirm(ruled, {"A-1": Choice("first", "特别贡献")})


def test_a_veto_that_comes_after_the_first_grade_is_refused_too(ruled) -> None:
    confirm(ruled, PROPOSED)
    line = ruled.cards[2026]["A-1"].lines.get(indicator__code="city-safety")
    with pytest.raises(ValidationError) as refused:
        set_actual(line=line, value=Decimal(1), by=actor(ruled.users["one"]))
    assert refused.value.code == "KPI-UNIT-VETO"
    with pytest.raises(IntegrityError, match="有一票否决事项"), transaction.atomic():
        Line.objects.filter(pk=line.pk).update(actual=1)
        check_now()


def test_an_approved_veto_takes_the_grade_back_and_a_proposed_one_does_nothing(ruled) -> None:
    confirm(ruled, PROPOSED)
    about = {"kind": "veto", "points": Decimal(0), "reason": "较大事故", "evidence": "事故调查报告"}
    row = adjusting.propose(card=ruled.cards[2026]["A-1"], by=actor(ruled.users["one"]), **about)
    assert services.proposals(ruled.cycle, "park")[0].rating == "first"
    adjusting.decide(adjustment=row, approve=True, by=actor(ruled.users["two"]))
    found = services.proposals(ruled.cycle, "park")[0]
    assert (found.rating, found.vetoed) == ("second", True)
    assert "CA-1" not in grades(ruled)
    assert confirm(ruled, {"A-1": Choice("second")}) == 1

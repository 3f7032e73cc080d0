"""The grades that a year's rule gives: places, scores, ties at the edge, a veto (pure)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.city.grading import FIRST, SECOND, THIRD, Contestant, Standard, places_of, propose
from kpi.scoring import UndefinedScore


def graded(scores: dict[str, str], standards: dict[str, Standard], vetoed: str = "") -> dict[str, str | None]:
    units = [Contestant(key, Decimal(score), key in vetoed) for key, score in scores.items()]
    return {each.key: each.rating for each in propose(units, standards)}


def share(value: str, least: str = "", both: bool = False) -> Standard:
    return Standard(Decimal(value), Decimal(least) if least else None, both)


def least(value: str) -> Standard:
    return Standard(None, Decimal(value))


@pytest.mark.parametrize(("count", "part", "places"), [(3, "0.34", 1), (3, "0.33", 0), (10, "0.3", 3), (9, "0.3", 2)])
def test_places_are_cut_down_to_whole_units(count: int, part: str, places: int) -> None:
    assert places_of(count, Decimal(part)) == places


@pytest.mark.parametrize("part", ["0", "-0.1", "1.01"])
def test_a_share_is_a_ratio_above_nothing(part: str) -> None:
    with pytest.raises(UndefinedScore):
        places_of(3, Decimal(part))


def test_the_threshold_itself_is_enough_and_a_hundredth_less_is_not() -> None:
    rule = {FIRST: least("90"), SECOND: least("75")}
    assert graded({"a": "90.00", "b": "89.99", "c": "75.00", "d": "74.99"}, rule) == {
        "a": FIRST,
        "b": SECOND,
        "c": SECOND,
        "d": THIRD,
    }


def test_share_or_score_and_share_with_score() -> None:
    scores = {"a": "96", "b": "95", "c": "80", "d": "70"}
    assert graded(scores, {FIRST: share("0.25", "95")})["b"] == FIRST
    assert graded(scores, {FIRST: share("0.25", "95", both=True)})["b"] == THIRD
    assert graded(scores, {FIRST: share("0.25", "97", both=True)})["a"] == THIRD


def test_units_that_stand_equal_across_the_edge_are_left_to_people() -> None:
    rule = {FIRST: share("0.34"), SECOND: least("60")}
    assert graded({"a": "90", "b": "90", "c": "70"}, rule) == {"a": None, "b": None, "c": SECOND}
    # Within the places equality decides nothing; beyond them neither.
    assert graded({"a": "90", "b": "90", "c": "70"}, {FIRST: share("0.67")}) == {"a": FIRST, "b": FIRST, "c": THIRD}
    assert graded({"a": "90", "b": "70", "c": "70"}, rule) == {"a": FIRST, "b": SECOND, "c": SECOND}
    # A score that suffices by itself needs no place.
    assert graded({"a": "90", "b": "90", "c": "70"}, {FIRST: share("0.34", "90")})["b"] == FIRST


def test_a_veto_takes_the_first_grade_and_leaves_its_place_empty() -> None:
    rule = {FIRST: share("0.34"), SECOND: least("60")}
    found = propose(
        [Contestant("a", Decimal(90), True), Contestant("b", Decimal(80)), Contestant("c", Decimal(70))], rule
    )
    assert [(each.key, each.rating, each.vetoed) for each in found] == [
        ("a", SECOND, True),
        ("b", SECOND, False),
        ("c", SECOND, False),
    ]
    assert graded({"a": "90"}, {FIRST: least("80")}, vetoed="a") == {"a": THIRD}


def test_without_a_rule_nothing_follows() -> None:
    with pytest.raises(UndefinedScore):
        propose([Contestant("a", Decimal(90))], {})


@given(
    st.lists(st.integers(0, 8), min_size=1, max_size=12),
    st.decimals("0.01", "1", places=2),
    st.sets(st.integers(0, 11)),
)
def test_places_are_never_exceeded_and_better_never_gets_less(scores, part, vetoed) -> None:
    units = [Contestant(key, Decimal(value * 10), key in vetoed) for key, value in enumerate(scores)]
    found = propose(units, {FIRST: Standard(part), SECOND: least("30")})
    assert sum(each.rating == FIRST for each in found) <= places_of(len(scores), part)
    assert not any(each.rating == FIRST and each.key in vetoed for each in found)
    order = {FIRST: 0, None: 1, SECOND: 2, THIRD: 3}
    clean = [order[each.rating] for each in found if each.key not in vetoed]
    assert clean == sorted(clean)
    assert [each.rank for each in found] == [1 + sum(o.score > each.score for o in found) for each in found]

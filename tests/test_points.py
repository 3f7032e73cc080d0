"""One line's points with their trace, and a card's total."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.trace import Input, Step
from kpi.explain import METHOD_FORMULAS
from kpi.models import Indicator
from kpi.points import METHODS, PARAMETERS, Delivered, final_score, score_line, total
from kpi.scoring import UndefinedScore

D = Decimal
COMPLETION = {"cap": "1.1", "floor": "0.6"}
FLAT = {"flat": "0.8", "step_percent": 5, "step_points": 1, "cap": "0.5"}
STEPS = {"per": 1, "step_points": "0.1", "cap": 3}
RANKING = {"top": 1, "bottom": "0.6"}


def test_a_line_keeps_its_trace():
    actual = Input("actual", D("55"), source="statistics bureau", ref="kpi.line:3")
    line = score_line("completion", D("20"), Delivered(actual, D("50")), COMPLETION)
    assert line.value == 22
    assert line.expression == "20 × min(55 ÷ 50, 1.1)"
    assert actual in line.parts
    assert {part.key for part in line.parts} == {"actual", "target", "cap", "floor"}
    assert line.note == ""


@pytest.mark.parametrize(
    ("method", "actual", "parameters", "points", "note"),
    [
        ("completion", 90, COMPLETION, "22", "clamped_to_cap"),
        ("completion", 20, COMPLETION, "0", "below_floor"),
        ("efficacy", 15, {"x_min": 2, "x_sat": 12}, "20", "clamped_to_cap"),
        ("efficacy", -20, {"x_min": 2, "x_sat": 12}, "0", "clamped_to_floor"),
        ("rating", 88, {}, "17.6", ""),
        ("flat", 100, FLAT, "16", ""),
        ("flat", 400, FLAT, "26", "clamped_to_cap"),
        ("flat", 1, FLAT, "0", "clamped_to_floor"),
        ("plus_minus", 52, STEPS, "20.2", ""),
        ("plus_minus", 500, STEPS, "23", "clamped_to_cap"),
        ("plus_minus", 2, STEPS, "17", "clamped_to_floor"),
        ("ranking", 9, RANKING, "20", ""),
        ("ranking", 1, RANKING, "12", ""),
        ("ranking", 9, {**RANKING, "less_is_better": True}, "12", ""),
        ("deduction", 2, {"per_event": "2.5"}, "15", ""),
        ("deduction", 9, {"per_event": 3}, "0", "clamped_to_floor"),
        ("deduction", 1, {"per_event": 3, "veto": True}, "0", "veto"),
    ],
)
def test_methods_by_name(method, actual, parameters, points, note):
    line = score_line(method, 20, Delivered(actual, 50, 100, (actual, 3)), parameters)
    assert (line.value, line.note) == (Fraction(points), note)


def test_the_methods_are_those_that_an_indicator_may_have():
    assert set(METHODS) == set(PARAMETERS) == set(METHOD_FORMULAS) == set(Indicator.Method.values)


@pytest.mark.parametrize(
    ("method", "actual", "target", "parameters", "reason", "field"),
    [
        ("grading", 1, 1, {}, "unknown", "method"),
        ("rating", 1, 1, {"per_evnt": 1}, "unknown", "per_evnt"),
        ("flat", 1, 1, FLAT, "missing", "previous"),
        ("ranking", 1, 1, {"top": 1}, "missing", "bottom"),
        ("completion", 1, None, COMPLETION, "missing", "target"),
        ("completion", 1, 1, {"cap": "1.1"}, "missing", "floor"),
        ("completion", 1, 1, {"cap": 1.1, "floor": 0}, "not_exact", "cap"),
        ("completion", D("NaN"), 1, COMPLETION, "not_finite", "actual"),
        ("efficacy", 1, None, {"x_min": "lots", "x_sat": 1}, "not_a_number", "x_min"),
        ("deduction", 1, None, {"per_event": 1, "veto": "no"}, "not_a_flag", "veto"),
    ],
)
def test_what_gives_no_points_says_why(method, actual, target, parameters, reason, field):
    with pytest.raises(UndefinedScore) as caught:
        score_line(method, 10, Delivered(actual, target), parameters)
    assert (caught.value.reason, caught.value.field) == (reason, field)


def test_the_total_is_exact_and_rounded_once():
    thirds = [score_line("completion", 10, Delivered(2, 3), COMPLETION) for _ in range(3)]
    card = total(thirds)
    assert card.value == 20  # three times 6.666…, not 3 × 6.67
    assert card.parts == tuple(thirds)
    assert str(final_score(card.value)) == "20.00"


def test_the_total_shows_a_veto():
    lines = [
        score_line("rating", 90, Delivered(80), {}),
        score_line("deduction", 10, Delivered(1), {"per_event": 1, "veto": True}),
    ]
    assert (total(lines).value, total(lines).note) == (72, "veto")


def test_a_card_without_lines_has_no_score():
    with pytest.raises(UndefinedScore):
        total([])


@pytest.mark.parametrize(
    ("points", "score"), [("92.345", "92.35"), ("92.3449", "92.34"), ("0.005", "0.01"), ("100", "100.00")]
)
def test_the_final_score_rounds_halves_up(points, score):
    assert str(final_score(Fraction(points))) == score


@given(st.lists(st.decimals(0, 100, places=4), min_size=1))
def test_the_order_of_lines_does_not_matter(points):
    lines = [Step("line_points", value) for value in points]
    assert total(lines).value == total(lines[::-1]).value


def test_a_ranking_of_one_says_that_it_is_alone():
    line = score_line("ranking", 20, Delivered(7), RANKING)
    assert (line.value, line.note) == (20, "alone")


def test_a_ranking_keeps_place_and_field_in_its_trace():
    line = score_line("ranking", 10, Delivered(5, peers=(9, 5, 1)), RANKING)
    assert {part.key: part.value for part in line.parts} == {
        "actual": 5,
        "rank": 2,
        "peers": 3,
        "top": 1,
        "bottom": Fraction(3, 5),
    }
    assert line.expression == "10 × (1 − (1 − 0.6) × 1 ÷ 2)"


def test_an_actual_that_is_not_among_its_peers_has_no_place():
    with pytest.raises(UndefinedScore):
        score_line("ranking", 10, Delivered(5, peers=(9, 1)), RANKING)

"""Points from results: the vectors, the bounds, and what people type."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.trace import Input, Step
from kpi.scoring import (
    METHODS,
    NotANumber,
    UndefinedScore,
    completion_rate,
    deduction,
    efficacy,
    final_score,
    parse_number,
    rating_points,
    score_line,
    total,
)

D = Decimal
figures = st.decimals(-(10**6), 10**6, places=4)
line_weights = st.decimals("0.01", 100, places=2)
COMPLETION = {"cap": "1.1", "floor": "0.6"}


@pytest.mark.parametrize(("actual", "points"), [(2, "6.0"), (7, "8.0"), (12, "10.0"), (15, "10.0"), (-20, "0.0")])
def test_v07_efficacy(actual, points):
    assert efficacy(10, actual, x_min=2, x_sat=12) == Fraction(points)


@pytest.mark.parametrize(("actual", "points"), [(12, "6"), (7, "8"), (2, "10"), (0, "10"), (40, "0")])
def test_efficacy_where_less_is_better_swaps_the_ends(actual, points):
    assert efficacy(10, actual, x_min=12, x_sat=2) == Fraction(points)


def test_efficacy_with_equal_ends_is_undefined():
    with pytest.raises(UndefinedScore) as caught:
        efficacy(10, 5, x_min=3, x_sat=D("3.0"))
    assert (caught.value.reason, caught.value.field) == ("equal_ends", "x_sat")


@given(line_weights, figures, figures, figures, figures)
def test_efficacy_stays_in_the_line_and_follows_the_figure(weight, one, two, low, high):
    if low == high:
        return
    less, more = sorted([one, two], reverse=low > high)
    worse, better = (efficacy(weight, x, x_min=low, x_sat=high) for x in (less, more))
    assert 0 <= worse <= better <= Fraction(weight)


@pytest.mark.parametrize(
    ("actual", "points"),
    [("100", "20"), ("110", "22"), ("150", "22"), ("60", "12"), ("59.9999", "0"), ("0", "0"), ("-5", "0")],
)
def test_completion(actual, points):
    assert completion_rate(20, D(actual), 100, cap=D("1.1"), floor=D("0.6")) == Fraction(points)


@pytest.mark.parametrize("target", [0, -1])
def test_completion_of_no_target_is_undefined(target):
    with pytest.raises(UndefinedScore) as caught:
        completion_rate(20, 5, target, cap=D("1.1"), floor=D("0.6"))
    assert (caught.value.reason, caught.value.field) == ("not_positive", "target")


@given(line_weights, figures, figures, st.decimals("0.0001", 10**6, places=4))
def test_completion_never_falls_as_more_is_done(weight, one, two, target):
    less, more = (completion_rate(weight, x, target, cap=D("1.2"), floor=D("0.6")) for x in sorted([one, two]))
    assert 0 <= less <= more <= Fraction(weight) * Fraction("1.2")


@given(line_weights, figures, st.decimals("0.0001", 10**4, places=4), st.integers(1, 1000))
def test_completion_does_not_mind_the_measure(weight, actual, target, scale):
    bounds = {"cap": D("1.1"), "floor": D("0.6")}
    assert completion_rate(weight, actual, target, **bounds) == completion_rate(
        weight, actual * scale, target * scale, **bounds
    )


def test_completion_bounds_must_make_sense():
    for cap, floor in ((D("0.5"), D("0.6")), (D("1.1"), D("-0.1"))):
        with pytest.raises(UndefinedScore):
            completion_rate(20, 5, 10, cap=cap, floor=floor)


def test_rating():
    assert rating_points(15, 90) == Fraction("13.5")
    for wrong in (-1, D("100.01")):
        with pytest.raises(UndefinedScore) as caught:
            rating_points(15, wrong)
        assert caught.value.reason == "out_of_range"


@pytest.mark.parametrize(
    ("events", "veto", "points"), [(0, False, 10), (3, False, 4), (9, False, 0), (0, True, 10), (1, True, 0)]
)
def test_deduction(events, veto, points):
    assert deduction(10, events, per_event=2, veto=veto) == points


@pytest.mark.parametrize(("events", "each"), [(-1, 2), (D("1.5"), 2), (1, -2)])
def test_deduction_counts_events(events, each):
    with pytest.raises(UndefinedScore):
        deduction(10, events, per_event=each)


def test_a_line_keeps_its_trace():
    actual = Input("actual", D("55"), source="statistics bureau", ref="kpi.line:3")
    line = score_line("completion", D("20"), actual, D("50"), COMPLETION)
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
        ("deduction", 2, {"per_event": "2.5"}, "15", ""),
        ("deduction", 9, {"per_event": 3}, "0", "clamped_to_floor"),
        ("deduction", 1, {"per_event": 3, "veto": True}, "0", "veto"),
    ],
)
def test_methods_by_name(method, actual, parameters, points, note):
    line = score_line(method, 20, actual, 50, parameters)
    assert (line.value, line.note) == (Fraction(points), note)


def test_the_methods_are_those_that_an_indicator_may_have():
    assert set(METHODS) == {"completion", "efficacy", "rating", "deduction"}


@pytest.mark.parametrize(
    ("method", "actual", "target", "parameters", "reason", "field"),
    [
        ("ranking", 1, 1, {}, "unknown", "method"),
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
        score_line(method, 10, actual, target, parameters)
    assert (caught.value.reason, caught.value.field) == (reason, field)


def test_a_negative_weight_is_refused():
    with pytest.raises(UndefinedScore):
        rating_points(-1, 50)


def test_the_total_is_exact_and_rounded_once():
    thirds = [score_line("completion", 10, 2, 3, COMPLETION) for _ in range(3)]
    card = total(thirds)
    assert card.value == 20  # three times 6.666…, not 3 × 6.67
    assert card.parts == tuple(thirds)
    assert str(final_score(card.value)) == "20.00"


def test_the_total_shows_a_veto():
    lines = [
        score_line("rating", 90, 80, None, {}),
        score_line("deduction", 10, 1, None, {"per_event": 1, "veto": True}),
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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        (" 12.50 ", "12.50"),
        ("-0.3", "-0.3"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("1,234,567.89", "1234567.89"),
        ("1 234 567", "1234567"),
        ("\u30001\u00a0234.5\u3000", "1234.5"),
        ("１２，３４５．６７", "12345.67"),
        ("－８", "-8"),
        ("−8", "-8"),
        ("000000000000000000000012", "12"),
        ("999999999999999999.99", "999999999999999999.99"),
    ],
)
def test_numbers_as_people_type_them(text, value):
    parsed = parse_number(text)
    assert parsed == D(value)
    assert not parsed.is_signed() or parsed < 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \u3000", "empty"),
        ("NaN", "not_finite"),
        ("sNaN", "not_finite"),
        ("Infinity", "not_finite"),
        ("-inf", "not_finite"),
        ("1e400", "exponent"),
        ("1.5E+08", "exponent"),
        ("5%", "percent"),
        ("５％", "percent"),
        ("1,23", "grouping"),
        ("1,2345", "grouping"),
        ("1,234 567", "grouping"),
        ("12 5", "grouping"),
        ("12345678901234567890", "too_long"),
        ("1234567890123456789", "too_long"),
        ("1" * 10_000, "too_long"),
        ("abc", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("--1", "not_a_number"),
        ("1_000", "not_a_number"),
        ("5²", "not_a_number"),
        ("①", "not_a_number"),
        ("٣", "not_a_number"),
        ("十二", "not_a_number"),
    ],
)
def test_what_is_no_number_says_why(text, code):
    with pytest.raises(NotANumber) as caught:
        parse_number(text)
    assert caught.value.code == code


@given(st.decimals(-(10**17), 10**17, places=4))
def test_a_number_survives_being_written_and_read(value):
    assert parse_number(f"{value:f}") == parse_number(f"{value:,f}") == value


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_says_why_not(text):
    try:
        number = parse_number(text)
    except NotANumber as error:
        number, code = None, error.code
    assert code if number is None else number.is_finite()

"""Points from results: each method at its boundaries, the vectors, and what never happens."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.scoring import (
    UndefinedScore,
    completion_rate,
    deduction,
    efficacy,
    flat_steps,
    plus_minus,
    ranking,
    ranks,
    rating_points,
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


def test_a_negative_weight_is_refused():
    with pytest.raises(UndefinedScore):
        rating_points(-1, 50)


FLAT = {"flat": "0.8", "step_percent": 5, "step_points": 1, "cap": "0.5"}


@pytest.mark.parametrize(
    ("actual", "points"),
    [
        ("100", "16"),  # flat: 80 %
        ("104.9999", "16"),
        ("105", "17"),  # the first whole step
        ("150", "26"),  # ten steps reach the cap of half the weight
        ("300", "26"),
        ("99.9999", "15"),  # a begun step down takes a point
        ("95", "15"),
        ("94.9999", "14"),
        ("15", "0"),
    ],
)
def test_f08_flat_counts_eighty_percent_and_each_step_of_growth(actual, points):
    assert flat_steps(20, D(actual), 100, **FLAT) == Fraction(points)


@pytest.mark.parametrize(
    ("previous", "changes", "field"),
    [(0, {}, "previous"), (-4, {}, "previous"), (100, {"step_percent": 0}, "step_percent"), (100, {"cap": -1}, "cap")],
)
def test_f08_without_a_base_or_a_step_is_undefined(previous, changes, field):
    with pytest.raises(UndefinedScore) as caught:
        flat_steps(20, 5, previous, **{**FLAT, **changes})
    assert caught.value.field == field


@given(line_weights, figures, figures, st.decimals("0.0001", 10**6, places=4))
def test_f08_stays_in_bounds_and_never_falls_as_more_is_done(weight, one, two, previous):
    less, more = (flat_steps(weight, x, previous, **FLAT) for x in sorted([one, two]))
    assert 0 <= less <= more <= Fraction(weight) * Fraction("1.3")


STEPS = {"per": 1, "step_points": "0.1", "cap": 3}


@pytest.mark.parametrize(
    ("actual", "points"),
    [
        ("20", "25"),
        ("21", "25.1"),
        ("21.99", "25.1"),
        ("19.01", "25"),
        ("19", "24.9"),
        ("50", "28"),
        ("50.5", "28"),
        ("0", "23"),
        ("-40", "22"),
    ],
)
def test_f09_adds_and_takes_by_whole_steps_up_to_three(actual, points):
    assert plus_minus(25, D(actual), 20, **STEPS) == Fraction(points)


@pytest.mark.parametrize(("changes", "field"), [({"per": 0}, "per"), ({"cap": -1}, "cap")])
def test_f09_with_broken_parameters_is_undefined(changes, field):
    with pytest.raises(UndefinedScore) as caught:
        plus_minus(25, 5, 20, **{**STEPS, **changes})
    assert caught.value.field == field


@given(line_weights, figures, figures, figures)
def test_f09_stays_within_its_cap_and_never_falls(weight, one, two, target):
    less, more = (plus_minus(weight, x, target, **STEPS) for x in sorted([one, two]))
    assert max(Fraction(weight) - 3, 0) <= less <= more <= Fraction(weight) + 3


def test_f18_equal_values_share_the_better_rank():
    assert ranks([5, 9, 9, 1]) == [3, 1, 1, 4]
    assert ranks([5, 9, 9, 1], less_is_better=True) == [2, 3, 3, 1]
    assert ranks([]) == []


@pytest.mark.parametrize(
    ("rank", "of", "points"), [(1, 4, "10"), (2, 4, "26/3"), (4, 4, "6"), (1, 1, "10"), (2, 2, "6")]
)
def test_f18_runs_from_the_top_to_the_bottom(rank, of, points):
    assert ranking(10, rank, of, top=1, bottom=D("0.6")) == Fraction(points)


@pytest.mark.parametrize(("rank", "of"), [(0, 3), (4, 3), (1, 0)])
def test_f18_knows_no_such_place(rank, of):
    with pytest.raises(UndefinedScore):
        ranking(10, rank, of, top=1, bottom=D("0.6"))


@given(st.lists(figures, min_size=1, max_size=12), line_weights)
def test_f18_who_does_better_never_gets_less(values, weight):
    places = ranks(values)
    points = [ranking(weight, place, len(values), top=1, bottom=D("0.6")) for place in places]
    by_value = sorted(zip(values, points, strict=True))
    assert all(less[1] <= more[1] for less, more in pairwise(by_value))
    assert max(points) == Fraction(weight)
    assert min(points) >= Fraction(weight) * Fraction("0.6")

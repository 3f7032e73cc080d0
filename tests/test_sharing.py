"""Sharing a pool out: bureaus and people sum to it exactly, and what cannot be shared says so."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import NothingToShareBy, exact
from common.trace import Input, Step
from pay.formulas import BadInput, BadParameter
from pay.sharing import (
    BureauInput,
    BureauRoster,
    MissingScore,
    PersonInput,
    allocate,
    bureau_coefficients,
    share_to_bureaus,
    share_to_people,
)
from staffing.headcount import PostMonths

D = Decimal
LOWER, UPPER = D("0.8"), D("1.2")
money = st.decimals(0, 10**10, places=2)
positive = st.decimals("0.01", 10**10, places=2)


def value(key, number):
    return Input(key, D(str(number)))


def person(key, *, months=12, coefficient="1.0", factor="1.0"):
    rows = [PostMonths("post", D(coefficient), months)] if months else []
    return PersonInput(key, rows, None if factor is None else value("grade_factor", factor))


def bureau(key, weight, score="90"):
    return BureauInput(key, None if score is None else value("score", score), Fraction(weight))


def roster(key, *people, score="90"):
    return BureauRoster(key, None if score is None else value("score", score), people)


def keys(trace: Step):
    return {node.key for node in trace.walk()}


def notes(trace: Step):
    return {node.note for node in trace.walk() if isinstance(node, Step)} - {""}


# ── To bureaus ───────────────────────────────────────────────────────────────


def coefficients(*bureaus, lower=LOWER, upper=UPPER):
    return [(step.value, step.note) for step in bureau_coefficients(bureaus, lower, upper)]


def test_coefficients_are_the_score_over_the_weighted_mean():
    assert coefficients(bureau("a", 3, 80), bureau("b", 1, 100)) == [(Fraction(80, 85), ""), (Fraction(100, 85), "")]


def test_coefficients_are_clamped_and_say_so():
    found = coefficients(bureau("a", 1, 10), bureau("b", 1, 100))
    assert found == [(Fraction("0.8"), "clamped_to_floor"), (Fraction("1.2"), "clamped_to_cap")]


def test_all_scores_zero_makes_them_equal():
    assert coefficients(bureau("a", 1, 0), bureau("b", 2, 0)) == [(1, "mean_zero"), (1, "mean_zero")]


def test_a_bureau_without_weight_needs_no_score_and_gets_nothing():
    shares = share_to_bureaus(D("100.00"), [bureau("a", 1), bureau("new", 0, None)], LOWER, UPPER)
    assert [share.amount for share in shares] == [D("100.00"), D("0.00")]
    assert "no_weight" in notes(shares[1].trace)


def test_missing_scores_are_all_named():
    with pytest.raises(MissingScore) as caught:
        bureau_coefficients([bureau("a", 1, None), bureau("b", 1), bureau("c", 2, None)], LOWER, UPPER)
    assert (caught.value.keys, caught.value.noun) == (("a", "c"), "bureau")


@pytest.mark.parametrize(
    ("lower", "upper", "field"),
    [
        ("1.2", "0.8", "bureau_floor"),
        ("-0.1", "1", "bureau_floor"),
        ("0", "0", "bureau_cap"),
        ("0", "NaN", "bureau_cap"),
    ],
)
def test_bounds_must_make_sense(lower, upper, field):
    with pytest.raises(BadParameter) as caught:
        bureau_coefficients([bureau("a", 1)], D(lower), D(upper))
    assert caught.value.field == field


@pytest.mark.parametrize("bureaus", [[bureau("a", 1, -1)], [bureau("a", -1)], [bureau("a", 1), bureau("a", 1)]])
def test_bureaus_that_cannot_be(bureaus):
    with pytest.raises(BadInput):
        bureau_coefficients(bureaus, LOWER, UPPER)


def test_no_weight_anywhere():
    with pytest.raises(NothingToShareBy):
        share_to_bureaus(D("1.00"), [bureau("a", 0)], LOWER, UPPER)


bureau_lists = st.lists(
    st.tuples(st.fractions(0, 50, max_denominator=120), st.decimals(0, 110, places=2)), min_size=1, max_size=8
).filter(lambda rows: any(weight for weight, _ in rows))


@given(money, bureau_lists)
def test_bureaus_sum_to_the_pool(pool, rows):
    bureaus = [bureau(str(at), weight, score) for at, (weight, score) in enumerate(rows)]
    shares = share_to_bureaus(pool, bureaus, LOWER, UPPER)
    assert sum(share.amount for share in shares) == pool
    assert all(share.amount >= 0 and LOWER <= share.coefficient <= UPPER for share in shares)
    assert all(share.amount == share.trace.value for share in shares)


@given(money, bureau_lists, st.integers(1, 100))
def test_the_scale_of_scores_does_not_matter(pool, rows, scale):
    plain, scaled = (
        share_to_bureaus(pool, [bureau(str(at), w, s * by) for at, (w, s) in enumerate(rows)], LOWER, UPPER)
        for by in (1, scale)
    )
    assert [share.amount for share in plain] == [share.amount for share in scaled]


# ── To people ────────────────────────────────────────────────────────────────


def test_a_share_shows_how_it_came_about():
    person_ = PersonInput(
        "a", [PostMonths("x", D("1.2"), 5), PostMonths("y", D("1.5"), 7)], value("grade_factor", "1.2")
    )
    share = share_to_people(D("100.00"), [person_]).shares[0]
    assert (share.months, share.grade_factor) == (12, Fraction("1.2"))
    assert share.post_coefficient == Fraction("16.5") / 12
    weight = share.trace.parts[0]
    assert isinstance(weight, Step)
    assert weight.expression == "(1.2 × 5 + 1.5 × 7) ÷ 12 × 1.2"
    assert [part.key for part in weight.parts] == ["post_coefficient", "post_coefficient", "grade_factor"]


def test_who_got_a_left_over_fen_is_told():
    shares = share_to_people(D("1.00"), [person(key) for key in "abc"]).shares
    assert [str(share.amount) for share in shares] == ["0.34", "0.33", "0.33"]
    assert [share.trace.note for share in shares] == ["one_fen_left_over", "", ""]


def test_nobody_with_a_weight_returns_the_amount():
    result = share_to_people(D("88.00"), [person("a", factor="0"), person("b", months=0)])
    assert result.returned == D("88.00")
    assert [share.amount for share in result.shares] == [D("0.00"), D("0.00")]
    assert share_to_people(D("5.00"), []).returned == D("5.00")


def test_missing_grades_are_all_named_and_needed_only_in_post():
    people = [person("a", factor=None), person("b"), person("c", factor=None), person("d", months=0, factor=None)]
    with pytest.raises(MissingScore) as caught:
        share_to_people(D("1.00"), people)
    assert (caught.value.keys, caught.value.noun) == (("a", "c"), "person")
    assert share_to_people(D("1.00"), [people[1], people[3]]).shares[1].amount == 0


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ([person("a"), person("a")], "given_twice"),
        ([person("a", factor="-0.1")], "negative_grade_factor"),
        (
            [PersonInput("a", [PostMonths("x", D(1), 7), PostMonths("y", D(1), 6)], value("f", 1))],
            "more_than_12_months",
        ),
    ],
)
def test_people_that_cannot_be(people, reason):
    with pytest.raises(BadInput) as caught:
        share_to_people(D("1.00"), people)
    assert (caught.value.key, caught.value.reason) == ("a", reason)


# ── All the way down ─────────────────────────────────────────────────────────


def test_a_bureau_that_cannot_take_returns_its_share():
    rosters = [roster("a", person("1")), roster("b", person("2", factor="0")), roster("c", person("3"))]
    first, second, third = allocate(D("100.00"), rosters, LOWER, UPPER)
    assert [got.share.amount for got in (first, second, third)] == [D("50.00"), D("0.00"), D("50.00")]
    assert second.share.returned == D("33.33")
    assert second.share.trace.note == "returned_to_pool"
    for got in (first, third):
        assert got.share.returned == 0
        assert "returned_to_pool" in keys(got.share.trace)
    assert [part.amount for part in second.people] == [D("0.00")]


def test_a_bureau_with_nobody_in_post_returns_nothing():
    first, second = allocate(D("10.00"), [roster("a", person("1")), roster("b", score=None)], LOWER, UPPER)
    assert (first.share.amount, second.share.amount, second.share.returned) == (D("10.00"), 0, 0)
    assert "returned_to_pool" not in keys(first.share.trace) | keys(second.share.trace)


def test_no_bureau_can_take():
    for rosters in ([], [roster("a", person("1", factor="0"))]):
        with pytest.raises(NothingToShareBy):
            allocate(D("10.00"), rosters, LOWER, UPPER)


def test_missing_grades_are_named_across_bureaus():
    rosters = [roster("a", person("1", factor=None)), roster("b", person("2", factor=None), person("3"))]
    with pytest.raises(MissingScore) as caught:
        allocate(D("10.00"), rosters, LOWER, UPPER)
    assert (caught.value.keys, caught.value.noun) == (("1", "2"), "person")


people_lists = st.lists(
    st.tuples(st.integers(0, 12), st.decimals("0.5", 3, places=1), st.sampled_from(["0", "0.8", "1.0", "1.2"])),
    max_size=6,
)


@st.composite
def roster_lists(draw):
    rows = draw(st.lists(st.tuples(st.decimals(0, 110, places=2), people_lists), min_size=1, max_size=5))
    return [
        roster(
            str(at),
            *(person(f"{at}-{n}", months=m, coefficient=c, factor=f) for n, (m, c, f) in enumerate(people)),
            score=score,
        )
        for at, (score, people) in enumerate(rows)
    ]


@given(positive, roster_lists())
def test_people_sum_to_bureaus_and_bureaus_to_the_pool(pool, rosters):
    if not any(one.months and exact(one.grade_factor.value) for got in rosters for one in got.people):
        with pytest.raises(NothingToShareBy):
            allocate(pool, rosters, LOWER, UPPER)
        return
    allocated = allocate(pool, rosters, LOWER, UPPER)
    assert sum(got.share.amount for got in allocated) == pool
    for got, rostered in zip(allocated, rosters, strict=True):
        assert sum(part.amount for part in got.people) == got.share.amount
        assert [part.key for part in got.people] == [one.key for one in rostered.people]
        for part, one in zip(got.people, rostered.people, strict=True):
            assert part.amount >= 0
            assert part.amount == part.trace.value
            assert part.amount == 0 or (one.months and exact(one.grade_factor.value))


@given(money, st.integers(1, 11), st.decimals("0.5", 3, places=1), st.sampled_from(["0.8", "1.0"]))
def test_more_months_coefficient_or_grade_never_gets_less(amount, months, coefficient, factor):
    plain = person("a", months=months, coefficient=coefficient, factor=factor)
    better = [
        person("b", months=months + 1, coefficient=coefficient, factor=factor),
        person("c", months=months, coefficient=coefficient + D("0.1"), factor=factor),
        person("d", months=months, coefficient=coefficient, factor="1.2"),
    ]
    least, *others = (share.amount for share in share_to_people(amount, [plain, *better]).shares)
    assert all(least <= other for other in others)


@given(money, roster_lists(), st.integers(2, 9))
def test_coefficients_in_another_scale_change_nothing(amount, rosters, scale):
    people = rosters[0].people
    scaled = [
        PersonInput(
            one.key, [replace(row, coefficient=row.coefficient * scale) for row in one.post_months], one.grade_factor
        )
        for one in people
    ]
    plain = [share.amount for share in share_to_people(amount, people).shares]
    assert plain == [share.amount for share in share_to_people(amount, scaled).shares]

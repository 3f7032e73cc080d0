"""Sharing and rounding: nothing is lost, nothing appears, and the order decides ties."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import (
    FEN,
    BadAmount,
    BadWeight,
    NothingToShareBy,
    cut_to_fen,
    exact,
    largest_remainder,
    to_fen,
)

D = Decimal
amounts = st.integers(0, 10**15).map(lambda fen: D(fen).scaleb(-2))
weights = st.lists(st.fractions(0, 1000, max_denominator=1200), min_size=1, max_size=12)
some_weight = weights.filter(any)


def test_v01_a_million_over_three_equals():
    shares = largest_remainder(D("1000000.00"), [1, 1, 1])
    assert [str(share) for share in shares] == ["333333.34", "333333.33", "333333.33"]


@given(amounts, some_weight)
def test_shares_sum_to_the_total(total, parts):
    assert sum(largest_remainder(total, parts)) == total


@given(amounts, some_weight)
def test_a_share_is_within_a_fen_of_its_quota(total, parts):
    for share, part in zip(largest_remainder(total, parts), parts, strict=True):
        quota = exact(total) * part / sum(parts)
        assert abs(exact(share) - quota) < exact(FEN)
        assert share >= 0
        assert share == 0 or part > 0


@given(amounts, some_weight)
def test_more_weight_never_gets_less(total, parts):
    pairs = sorted(zip(parts, largest_remainder(total, parts), strict=True))
    assert all(one[1] <= two[1] for one, two in pairwise(pairs) if one[0] < two[0])


@given(amounts, some_weight)
def test_among_equals_the_earlier_gets_the_fen(total, parts):
    shares = largest_remainder(total, parts)
    for weight in set(parts):
        equals = [share for share, part in zip(shares, parts, strict=True) if part == weight]
        assert equals == sorted(equals, reverse=True)
        assert equals[0] - equals[-1] <= FEN


@given(amounts, some_weight, st.fractions("1/1000", 1000))
def test_scaling_every_weight_changes_nothing(total, parts, scale):
    assert largest_remainder(total, [part * scale for part in parts]) == largest_remainder(total, parts)


@given(amounts, some_weight)
def test_a_weight_may_be_of_any_exact_type(total, parts):
    whole = [part.numerator for part in parts]
    if any(whole):
        as_decimals = largest_remainder(total, [D(part) for part in whole])
        assert largest_remainder(total, whole) == as_decimals == largest_remainder(total, list(map(Fraction, whole)))


def test_other_units():
    assert largest_remainder(D(100), [1, 1, 1], unit=D(1)) == [34, 33, 33]
    assert largest_remainder(D("0.30"), [2, 1], unit=D("0.05")) == [D("0.20"), D("0.10")]


def test_tie_goes_to_the_earlier_even_when_it_is_lighter():
    # Quotas 0.5, 1.5 of a fen: equal remainders of a half, one fen left over.
    assert largest_remainder(D("0.02"), [1, 3]) == [D("0.01"), D("0.01")]


def test_nothing_to_share_by():
    for parts in ([0, 0], []):
        with pytest.raises(NothingToShareBy) as caught:
            largest_remainder(D("5.00"), parts)
        assert caught.value.total == D("5.00")


def test_nothing_shared_by_nobody_is_nothing():
    assert largest_remainder(D("0.00"), []) == []
    assert [str(share) for share in largest_remainder(D(0), [0, 0])] == ["0.00", "0.00"]


@pytest.mark.parametrize(
    ("weight", "reason"),
    [
        (-1, "negative"),
        (D("NaN"), "not_finite"),
        (D("Infinity"), "not_finite"),
        (0.1, "not_exact"),
        (True, "not_exact"),
    ],
)
def test_a_bad_weight_is_named(weight, reason):
    with pytest.raises(BadWeight) as caught:
        largest_remainder(D("1.00"), [1, weight])
    assert (caught.value.position, caught.value.reason) == (1, reason)


@pytest.mark.parametrize(
    ("total", "reason"),
    [
        (D("-0.01"), "negative"),
        (D("0.005"), "not_a_multiple_of_unit"),
        (D("NaN"), "not_finite"),
        (D("-Infinity"), "not_finite"),
        (1.5, "not_exact"),
    ],
)
def test_a_bad_total_is_refused(total, reason):
    with pytest.raises(BadAmount) as caught:
        largest_remainder(total, [1])
    assert caught.value.reason == reason


def test_a_unit_must_be_positive():
    with pytest.raises(BadAmount):
        largest_remainder(D(1), [1], unit=D(0))


@pytest.mark.parametrize(
    ("value", "fen"),
    [
        (D("0.005"), "0.01"),
        (D("0.0049999999999999999999999999999999999"), "0.00"),
        (D("2.675"), "2.68"),
        (D("-0.005"), "-0.01"),
        (Fraction(1, 3), "0.33"),
        (Fraction(2, 3), "0.67"),
        (7, "7.00"),
        (D("123456789012345678901234567890.125"), "123456789012345678901234567890.13"),
    ],
)
def test_to_fen_rounds_halves_up(value, fen):
    assert str(to_fen(value)) == fen


@given(st.fractions(-(10**12), 10**12))
def test_to_fen_is_the_nearest_fen(value):
    assert abs(exact(to_fen(value)) - value) <= exact(FEN) / 2


@given(st.fractions(0, 10**12))
def test_a_limit_is_never_rounded_up(value):
    assert 0 <= value - exact(cut_to_fen(value)) < exact(FEN)

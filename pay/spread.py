"""How far apart pay is within one post grade: min, median, max, coefficient of variation. Pure, over plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isqrt

#: Square roots are cut after so many decimals.
ROOT_PLACES = 8


@dataclass(frozen=True)
class Paid:
    """What somebody got in a full year (yuan) in one post of a grade, and his grade of the annual assessment."""

    amount: Decimal
    rating: str = ""


@dataclass(frozen=True)
class Spread:
    """The pay of a post grade in a year, in yuan; ``ratio`` is max ÷ min, None when somebody got nothing.

    ``variation`` is the coefficient of variation: the standard deviation (of all,
    not of a sample) ÷ the mean; None when nobody got anything. ``by_rating`` has
    the number and the mean pay of each grade of assessment.
    """

    count: int
    least: Decimal
    median: Fraction
    most: Decimal
    mean: Fraction
    ratio: Fraction | None
    variation: Fraction | None
    by_rating: dict[str, tuple[int, Fraction]]


def spread_of(paid: Sequence[Paid]) -> Spread:
    """The spread of a group; raises ValueError for an empty one."""
    if not paid:
        raise ValueError("nobody to compare")
    amounts = sorted(each.amount for each in paid)
    mean = _mean(amounts)
    groups: dict[str, list[Decimal]] = {}
    for each in paid:
        groups.setdefault(each.rating, []).append(each.amount)
    return Spread(
        count=len(amounts),
        least=amounts[0],
        median=median(amounts),
        most=amounts[-1],
        mean=mean,
        ratio=Fraction(amounts[-1]) / Fraction(amounts[0]) if amounts[0] else None,
        variation=root(sum(((a - mean) ** 2 for a in map(Fraction, amounts)), Fraction(0)) / len(amounts)) / mean
        if mean
        else None,
        by_rating={rating: (len(group), _mean(group)) for rating, group in groups.items()},
    )


def median(ordered: Sequence[Decimal]) -> Fraction:
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[middle])
    return Fraction(ordered[middle - 1] + ordered[middle]) / 2


def _mean(amounts: Iterable[Decimal]) -> Fraction:
    values = [Fraction(each) for each in amounts]
    return sum(values, Fraction(0)) / len(values)


def root(value: Fraction) -> Fraction:
    """The square root of a ratio, cut to ``ROOT_PLACES`` decimals: no float on the way."""
    scale = 10**ROOT_PLACES
    return Fraction(isqrt(value.numerator * scale * scale // value.denominator), scale)

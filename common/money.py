"""Money is shared and rounded here and nowhere else. Pure and exact: no float, no hidden precision.

Amounts are yuan. There are two roundings: ``to_fen`` makes a pool's own amount a
whole number of fen, and ``largest_remainder`` shares an amount out so that the
parts sum to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from math import lcm

FEN = Decimal("0.01")

#: Refuses to round: a product that would need more digits than this raises Inexact.
_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation, Overflow])


class MoneyError(ValueError):
    """What cannot be shared or rounded."""


class BadAmount(MoneyError):
    """``amount`` is not one that can be shared or rounded; ``reason`` is a key."""

    def __init__(self, amount: object, reason: str) -> None:
        super().__init__(f"{reason}: {amount}")
        self.amount = amount
        self.reason = reason


class BadWeight(MoneyError):
    """The weight at ``position`` (from 0) is negative or no exact number; ``reason`` is a key."""

    def __init__(self, position: int, weight: object, reason: str) -> None:
        super().__init__(f"{reason}: weight {weight} at position {position}")
        self.position = position
        self.weight = weight
        self.reason = reason


class NothingToShareBy(MoneyError):
    """``total`` is there to be shared, but nobody has a weight (edge case "all weights zero")."""

    def __init__(self, total: Decimal) -> None:
        super().__init__(f"no weight to share {total} by")
        self.total = total


def exact(value: object) -> Fraction:
    """``value`` as an exact ratio; BadAmount for NaN, infinity, floats and whatever is no number.

    A float is refused because it is already rounded: 0.1 is not one tenth.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | Fraction | int):
        raise BadAmount(value, "not_exact")
    if isinstance(value, Decimal) and not value.is_finite():
        raise BadAmount(value, "not_finite")
    return Fraction(value)


def to_fen(value: Decimal | Fraction | int) -> Decimal:
    """``value`` yuan to the nearest fen, halves away from zero (ROUND_HALF_UP).

    Half-up is the rounding a reader does on paper (四舍五入), so a pool can be
    checked by hand; half-even would spare a bias that a single amount does not have.
    """
    fen = exact(value) / Fraction(FEN)
    whole = (2 * abs(fen) + 1) // 2
    return _EXACT.multiply(Decimal(whole if fen >= 0 else -whole), FEN)


def cut_to_fen(value: Decimal | Fraction | int) -> Decimal:
    """``value`` yuan down to a whole fen: a limit must not grow by being rounded."""
    return _EXACT.multiply(Decimal(exact(value) // Fraction(FEN)), FEN)


def largest_remainder(
    total: Decimal, weights: Sequence[Decimal | Fraction | int], unit: Decimal = FEN
) -> list[Decimal]:
    """``total`` shared in proportion to ``weights``, in whole ``unit`` s that sum to it exactly (V01).

    Each gets its quota cut to a unit; the units left over go one each to the
    largest remainders, ties to the earlier position (roster order). A weight of
    zero gets zero. Raises BadAmount for a total that is negative or no multiple
    of ``unit``, BadWeight, and NothingToShareBy when a positive total meets no
    positive weight.
    """
    units = _whole_units(total, unit)
    parts = _whole_weights(weights)
    everything = sum(parts)
    if everything == 0:
        if units:
            raise NothingToShareBy(total)
        return [_EXACT.multiply(Decimal(0), unit) for _ in parts]
    quotas = [divmod(units * part, everything) for part in parts]
    left_over = units - sum(quota for quota, _ in quotas)
    # sorted() is stable, so equal remainders keep roster order.
    extra = set(sorted(range(len(parts)), key=lambda at: -quotas[at][1])[:left_over])
    return [_EXACT.multiply(Decimal(quota + (at in extra)), unit) for at, (quota, _) in enumerate(quotas)]


def _whole_units(total: Decimal, unit: Decimal) -> int:
    step = exact(unit)
    if step <= 0:
        raise BadAmount(unit, "unit_not_positive")
    units = exact(total) / step
    if units < 0:
        raise BadAmount(total, "negative")
    if units.denominator != 1:
        raise BadAmount(total, "not_a_multiple_of_unit")
    return units.numerator


def _whole_weights(weights: Sequence[Decimal | Fraction | int]) -> list[int]:
    """The weights over their common denominator: whole numbers in the same proportion."""
    ratios = []
    for position, weight in enumerate(weights):
        try:
            ratio = exact(weight)
        except BadAmount as error:
            raise BadWeight(position, weight, error.reason) from error
        if ratio < 0:
            raise BadWeight(position, weight, "negative")
        ratios.append(ratio)
    common = lcm(*(ratio.denominator for ratio in ratios))
    return [ratio.numerator * (common // ratio.denominator) for ratio in ratios]

"""What of a run is paid now and what by the term's result (F05, PAY-07). Pure and exact, over plain values.

A part is rounded once, over the whole run: current and deferred sum to every
amount, and each part sums to the run's ratio of it to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from common.money import exact, largest_remainder, to_fen

ONE = Fraction(1)


class BadRatio(ValueError):
    """A ratio outside 0 to 1."""


def current_parts(amounts: Sequence[Decimal], ratio: Decimal | Fraction) -> list[Decimal]:
    """What is paid now of each amount (yuan, in roster order): ``ratio`` of their sum, shared by the amounts."""
    return _shared(amounts, ratio)


def deferred_parts(amounts: Sequence[Decimal], ratio: Decimal | Fraction) -> list[Decimal]:
    """What of each amount waits for the term's result: the amount without its current part, never below zero."""
    return [whole - now for whole, now in zip(amounts, current_parts(amounts, ratio), strict=True)]


def released_parts(deferred: Sequence[Decimal], term: Decimal | Fraction) -> list[Decimal]:
    """What a term's result releases of what was deferred: 1 for 合格, 0 for 不合格, or what its instrument says."""
    return _shared(deferred, term)


def _shared(amounts: Sequence[Decimal], ratio: Decimal | Fraction) -> list[Decimal]:
    if not 0 <= exact(ratio) <= ONE:
        raise BadRatio(str(ratio))
    whole = sum(amounts, Decimal("0.00"))
    return largest_remainder(to_fen(exact(whole) * exact(ratio)), amounts)

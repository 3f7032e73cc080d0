"""Growth of a figure over the year before, like for like (同口径). Pure: no Django.

Exact: a ratio is a Fraction. Where the base is zero or negative there is no
growth, and the reason says so (edge case "zero/negative base year").
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Reason = Literal["no_base", "base_not_positive"]


@dataclass(frozen=True)
class Growth:
    """``ratio`` is now ÷ before − 1, or for a figure in percent the ``points`` it moved; else ``reason``."""

    base: Decimal | None = None
    ratio: Fraction | None = None
    points: Decimal | None = None
    reason: Reason | None = None


def growth(now: Decimal, before: Decimal | None, *, in_percent: bool = False) -> Growth:
    """How ``now`` grew over ``before``, the figure of the same unit, metric and scope a year earlier."""
    if before is None:
        return Growth(reason="no_base")
    if in_percent:
        return Growth(before, points=now - before)
    if before <= 0:
        return Growth(before, reason="base_not_positive")
    return Growth(before, ratio=Fraction(now) / Fraction(before) - 1)

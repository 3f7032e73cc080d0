"""Growth of a figure over the year before, like for like (同口径). Pure: no Django.

Exact: a ratio is a Fraction. Where the base is zero or negative there is no
growth, nor between unlike scopes or unlike months, and the reason says so (edge
case "zero/negative base year").
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Reason = Literal["no_base", "base_not_positive", "unlike_scope", "unlike_period"]


@dataclass(frozen=True)
class Span:
    """What a figure counts: January to ``through`` of a year, in a scope (口径)."""

    year: int
    through: int
    scope: str


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


def like_for_like(
    now: tuple[Decimal, Span], before: tuple[Decimal, Span] | None, *, in_percent: bool = False
) -> Growth:
    """How a figure grew over another, refused where the two do not count the same.

    They must be of the same scope and the same months of two years in a row.
    """
    if before is None:
        return growth(now[0], None)
    (value, span), (base, base_span) = now, before
    if (base_span.year, base_span.through) != (span.year - 1, span.through):
        return Growth(base, reason="unlike_period")
    if base_span.scope != span.scope:
        return Growth(base, reason="unlike_scope")
    return growth(value, base, in_percent=in_percent)

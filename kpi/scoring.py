"""The methods by which points follow from results, one function each. Pure and exact: no Django, no float.

A method turns an actual (完成值) into points out of a line's weight, as an exact
ratio; ``kpi/points.py`` calls them by name and keeps the trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import trunc

from common.money import BadAmount, exact
from common.trace import Input, Number
from kpi.typed import NotANumber, parse_number

HUNDRED = Fraction(100)
#: F16: the points, of 100, at the minimum, and those on the way up to saturation.
EFFICACY_BASE = 60
EFFICACY_SPAN = 40


class UndefinedScore(ValueError):
    """No points follow from these values; ``reason`` is a key, ``field`` the value that is to blame."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field


def number(value: object, field: str) -> Fraction:
    """An exact ratio from a number, an Input, or text as JSON keeps numbers; UndefinedScore otherwise."""
    if isinstance(value, Input):
        value = value.value
    if value is None:
        raise UndefinedScore("missing", field)
    try:
        return exact(parse_number(value) if isinstance(value, str) else value)
    except BadAmount as error:
        raise UndefinedScore(error.reason, field) from error
    except NotANumber as error:
        raise UndefinedScore(error.code, field) from error


def _weight(weight: Number) -> Fraction:
    value = number(weight, "weight")
    if value < 0:
        raise UndefinedScore("negative", "weight")
    return value


def completion_rate(weight: Number, actual: Number, target: Number, *, cap: Number, floor: Number) -> Fraction:
    """F17 (完成率法): weight × min(actual ÷ target, cap); zero where the rate is under ``floor``.

    ``cap`` above 1 rewards over-achievement. The floor itself still scores.
    Raises UndefinedScore for a target that is not positive (edge case
    "zero/negative base year": absolute completion or a rank must be used).
    """
    goal, most, least = number(target, "target"), number(cap, "cap"), number(floor, "floor")
    if goal <= 0:
        raise UndefinedScore("not_positive", "target")
    if least < 0:
        raise UndefinedScore("negative", "floor")
    if most < least:
        raise UndefinedScore("below_floor", "cap")
    rate = number(actual, "actual") / goal
    return _weight(weight) * min(rate, most) if rate >= least else Fraction(0)


def efficacy(weight: Number, actual: Number, *, x_min: Number, x_sat: Number) -> Fraction:
    """F16 (功效系数法): weight × ((x − x_min) ÷ (x_sat − x_min) × 40 + 60), kept in 0–100, ÷ 100.

    60 % at ``x_min``, 100 % at ``x_sat`` (V07). For an indicator where less is
    better the ends are swapped: x_min > x_sat. Equal ends raise UndefinedScore.
    """
    low, high = number(x_min, "x_min"), number(x_sat, "x_sat")
    if low == high:
        raise UndefinedScore("equal_ends", "x_sat")
    points = (number(actual, "actual") - low) / (high - low) * EFFICACY_SPAN + EFFICACY_BASE
    return _weight(weight) * min(max(points, Fraction(0)), HUNDRED) / 100


def rating_points(weight: Number, rating: Number) -> Fraction:
    """A qualitative rating (测评) of 0–100 points as its part of the weight; UndefinedScore outside 0–100."""
    points = number(rating, "actual")
    if not 0 <= points <= 100:
        raise UndefinedScore("out_of_range", "actual")
    return _weight(weight) * points / 100


def deduction(weight: Number, events: Number, *, per_event: Number, veto: bool = False) -> Fraction:
    """The weight less ``per_event`` points for each event (扣分), never below zero.

    With ``veto`` (一票否决) the first event takes all of the line. Events are
    counted: UndefinedScore for a negative or broken count, or a negative ``per_event``.
    """
    count, each = number(events, "actual"), number(per_event, "per_event")
    if count < 0 or count.denominator != 1:
        raise UndefinedScore("not_a_count", "actual")
    if each < 0:
        raise UndefinedScore("negative", "per_event")
    full = _weight(weight)
    return Fraction(0) if veto and count else max(full - each * count, Fraction(0))


def flat_steps(
    weight: Number,
    actual: Number,
    previous: Number,
    *,
    flat: Number,
    step_percent: Number,
    step_points: Number,
    cap: Number,
) -> Fraction:
    """F08 (持平计分): ``flat`` × weight for last year's figure, and ``step_points`` for each whole step of growth.

    A step is ``step_percent`` percent of ``previous``; a step down takes as much
    away. What the steps add is at most ``cap`` × weight, and a line never falls
    below zero. Raises UndefinedScore for a base that is not positive (edge case
    "zero/negative base year").
    """
    full, share, most = _weight(weight), number(flat, "flat"), number(cap, "cap")
    bonus = number(step_points, "step_points") * flat_step_count(actual, previous, step_percent=step_percent)
    for name, value in (("flat", share), ("cap", most)):
        if value < 0:
            raise UndefinedScore("negative", name)
    return max(full * share + min(bonus, full * most), Fraction(0))


def flat_step_count(actual: Number, previous: Number, *, step_percent: Number) -> int:
    """F08: how many whole steps of growth lie between the two figures; a fall counts downwards."""
    base, step = number(previous, "previous"), number(step_percent, "step_percent")
    if base <= 0:
        raise UndefinedScore("not_positive", "previous")
    if step <= 0:
        raise UndefinedScore("not_positive", "step_percent")
    return (number(actual, "actual") - base) / base * 100 // step


def plus_minus(
    weight: Number, actual: Number, target: Number, *, per: Number, step_points: Number, cap: Number
) -> Fraction:
    """F09 (±分段加扣): the weight at target, ``step_points`` more or less for each whole ``per`` beyond or short of it.

    The difference is at most ``cap`` points either way, and a line never falls below zero.
    """
    each, most = number(step_points, "step_points"), number(cap, "cap")
    for name, value in (("step_points", each), ("cap", most)):
        if value < 0:
            raise UndefinedScore("negative", name)
    steps = whole_steps(actual, target, per=per)
    return max(_weight(weight) + min(max(steps * each, -most), most), Fraction(0))


def whole_steps(actual: Number, target: Number, *, per: Number) -> int:
    """F09: how many whole ``per`` the actual lies beyond the target (negative: short of it)."""
    size = number(per, "per")
    if size <= 0:
        raise UndefinedScore("not_positive", "per")
    return trunc((number(actual, "actual") - number(target, "target")) / size)


def ranks(values: Sequence[Number], *, less_is_better: bool = False) -> list[int]:
    """F18: the place of each value among them all, 1 the best; equal values share the better place."""
    numbers = [number(value, "actual") for value in values]
    ordered = sorted(numbers, reverse=not less_is_better)
    first = {value: place for place, value in reversed(list(enumerate(ordered, start=1)))}
    return [first[value] for value in numbers]


def ranking(weight: Number, rank: int, of: int, *, top: Number, bottom: Number) -> Fraction:
    """F18 (排名赋分法): linear from ``top`` × weight for the first to ``bottom`` × weight for the last of ``of``.

    Alone in its circle one is first. Raises UndefinedScore for a place that cannot be.
    """
    best, worst = number(top, "top"), number(bottom, "bottom")
    if not 1 <= rank <= of:
        raise UndefinedScore("out_of_range", "rank")
    if worst < 0:
        raise UndefinedScore("negative", "bottom")
    if best < worst:
        raise UndefinedScore("below_floor", "top")
    share = best if of == 1 else best - (best - worst) * (rank - 1) / (of - 1)
    return _weight(weight) * share

"""How points follow from results. Pure and exact: no Django, no float.

A method turns an actual (完成值) into points out of a line's weight; METHODS
names them all. Points stay exact ratios until ``final_score`` rounds the card.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from common.money import BadAmount, exact, to_fen
from common.trace import Input, Number, Step, shown

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


class NotANumber(ValueError):
    """Typed text that is no number we take; ``code`` says why.

    The codes: empty, not_a_number, not_finite (NaN, infinity), percent, exponent,
    grouping (commas misplaced) and too_long.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text[:40]}")
        self.code = code
        self.text = text


MAX_INTEGER_DIGITS = 18
#: Longer than any number that we take, and short enough to look at with a regular expression.
MAX_TEXT = 64
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，＋－−％\u3000\u00a0", "0123456789.,+--%  ")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]*)?")
_EXPONENT = re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+")
_NOT_FINITE = re.compile(r"[+-]?(?:s?nan[0-9]*|inf|infinity|∞)", re.IGNORECASE)


def parse_number(text: str) -> Decimal:
    """The number somebody typed or pasted, exactly.

    Full-width digits and signs, thousands in commas or spaces, and spaces around
    are taken; a percent sign is not, because 5% could mean 5 or 0.05. Raises
    NotANumber with a code. No exponent: 1.5E+08 is how a sheet shortens a number
    it has more digits of.
    """
    plain = text.translate(_FULL_WIDTH).strip()
    if not plain:
        raise NotANumber("empty", text)
    if len(plain) > MAX_TEXT:
        raise NotANumber("too_long", text)
    if not _PLAIN.fullmatch(plain) and not _GROUPED.fullmatch(plain):
        raise NotANumber(_why_not(plain), text)
    number = plain.replace(",", "").replace(" ", "")
    if len(number.lstrip("+-").split(".")[0].lstrip("0")) > MAX_INTEGER_DIGITS:
        raise NotANumber("too_long", text)
    value = Decimal(number)
    return abs(value) if value == 0 else value  # "-0" is nothing but zero


def _why_not(plain: str) -> str:
    if _NOT_FINITE.fullmatch(plain):
        return "not_finite"
    if plain.endswith("%"):
        return "percent"
    if _EXPONENT.fullmatch(plain):
        return "exponent"
    return "grouping" if re.fullmatch(r"[+-]?[0-9., ]+", plain) and re.search(r"[, ]", plain) else "not_a_number"


def _number(value: object, field: str) -> Fraction:
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
    value = _number(weight, "weight")
    if value < 0:
        raise UndefinedScore("negative", "weight")
    return value


def completion_rate(weight: Number, actual: Number, target: Number, *, cap: Number, floor: Number) -> Fraction:
    """F17 (完成率法): weight × min(actual ÷ target, cap); zero where the rate is under ``floor``.

    ``cap`` above 1 rewards over-achievement. The floor itself still scores.
    Raises UndefinedScore for a target that is not positive (edge case
    "zero/negative base year": absolute completion or a rank must be used).
    """
    goal, most, least = _number(target, "target"), _number(cap, "cap"), _number(floor, "floor")
    if goal <= 0:
        raise UndefinedScore("not_positive", "target")
    if least < 0:
        raise UndefinedScore("negative", "floor")
    if most < least:
        raise UndefinedScore("below_floor", "cap")
    rate = _number(actual, "actual") / goal
    return _weight(weight) * min(rate, most) if rate >= least else Fraction(0)


def efficacy(weight: Number, actual: Number, *, x_min: Number, x_sat: Number) -> Fraction:
    """F16 (功效系数法): weight × ((x − x_min) ÷ (x_sat − x_min) × 40 + 60), kept in 0–100, ÷ 100.

    60 % at ``x_min``, 100 % at ``x_sat`` (V07). For an indicator where less is
    better the ends are swapped: x_min > x_sat. Equal ends raise UndefinedScore.
    """
    low, high = _number(x_min, "x_min"), _number(x_sat, "x_sat")
    if low == high:
        raise UndefinedScore("equal_ends", "x_sat")
    points = (_number(actual, "actual") - low) / (high - low) * EFFICACY_SPAN + EFFICACY_BASE
    return _weight(weight) * min(max(points, Fraction(0)), HUNDRED) / 100


def rating_points(weight: Number, rating: Number) -> Fraction:
    """A qualitative rating (测评) of 0–100 points as its part of the weight; UndefinedScore outside 0–100."""
    points = _number(rating, "actual")
    if not 0 <= points <= 100:
        raise UndefinedScore("out_of_range", "actual")
    return _weight(weight) * points / 100


def deduction(weight: Number, events: Number, *, per_event: Number, veto: bool = False) -> Fraction:
    """The weight less ``per_event`` points for each event (扣分), never below zero.

    With ``veto`` (一票否决) the first event takes all of the line. Events are
    counted: UndefinedScore for a negative or broken count, or a negative ``per_event``.
    """
    count, each = _number(events, "actual"), _number(per_event, "per_event")
    if count < 0 or count.denominator != 1:
        raise UndefinedScore("not_a_count", "actual")
    if each < 0:
        raise UndefinedScore("negative", "per_event")
    full = _weight(weight)
    return Fraction(0) if veto and count else max(full - each * count, Fraction(0))


# ── One line, by the name of its method ──────────────────────────────────────

Value = Input | Number
Method = Callable[[Number, Value, Value | None, Mapping[str, object]], Step]


def _given(parameters: Mapping[str, object], name: str) -> Fraction:
    """A missing parameter is an error, never a default."""
    return _number(parameters.get(name), name)


def _leaf(key: str, value: Value | object) -> Input:
    if isinstance(value, Input):
        return value
    source = "indicator" if key not in ("actual", "target") else ""
    return Input(key, _number(value, key), source=source)


def _step(formula: str, points: Fraction, expression: str, *parts: Input, note: str = "") -> Step:
    return Step("line_points", points, "points", formula, expression, note, parts)


def _completion_line(weight: Number, actual: Value, target: Value | None, parameters: Mapping[str, object]) -> Step:
    x, goal = _number(actual, "actual"), _number(target, "target")
    cap, floor = _given(parameters, "cap"), _given(parameters, "floor")
    points = completion_rate(weight, x, goal, cap=cap, floor=floor)
    rate = x / goal
    return _step(
        "F17",
        points,
        f"{shown(weight)} × min({shown(x)} ÷ {shown(goal)}, {shown(cap)})",
        _leaf("actual", actual),
        _leaf("target", target),
        _leaf("cap", cap),
        _leaf("floor", floor),
        note="below_floor" if rate < floor else "clamped_to_cap" if rate > cap else "",
    )


def _efficacy_line(weight: Number, actual: Value, _target: Value | None, parameters: Mapping[str, object]) -> Step:
    x, low, high = _number(actual, "actual"), _given(parameters, "x_min"), _given(parameters, "x_sat")
    points = efficacy(weight, x, x_min=low, x_sat=high)
    free = (x - low) / (high - low) * EFFICACY_SPAN + EFFICACY_BASE
    return _step(
        "F16",
        points,
        f"{shown(weight)} × (({shown(x)} − {shown(low)}) ÷ ({shown(high)} − {shown(low)}) × 40 + 60) ÷ 100",
        _leaf("actual", actual),
        _leaf("x_min", low),
        _leaf("x_sat", high),
        note="clamped_to_floor" if free < 0 else "clamped_to_cap" if free > HUNDRED else "",
    )


def _rating_line(weight: Number, actual: Value, _target: Value | None, _parameters: Mapping[str, object]) -> Step:
    x = _number(actual, "actual")
    return _step("rating", rating_points(weight, x), f"{shown(weight)} × {shown(x)} ÷ 100", _leaf("actual", actual))


def _deduction_line(weight: Number, actual: Value, _target: Value | None, parameters: Mapping[str, object]) -> Step:
    events, each = _number(actual, "actual"), _given(parameters, "per_event")
    veto = parameters.get("veto", False)
    if not isinstance(veto, bool):
        raise UndefinedScore("not_a_flag", "veto")
    points = deduction(weight, events, per_event=each, veto=veto)
    written = f"{shown(weight)} − {shown(each)} × {shown(events)}"
    used_up = exact(weight) < each * events
    note = "veto" if veto and events else "clamped_to_floor" if used_up else ""
    return _step("deduction", points, written, _leaf("actual", actual), _leaf("per_event", each), note=note)


#: By the name that an indicator stores as its method.
METHODS: Mapping[str, Method] = {
    "completion": _completion_line,
    "efficacy": _efficacy_line,
    "rating": _rating_line,
    "deduction": _deduction_line,
}


def score_line(
    method: str, weight: Number, actual: Value, target: Value | None, parameters: Mapping[str, object]
) -> Step:
    """Points of one line, with their trace (step "line_points").

    ``parameters``: completion takes cap and floor, efficacy x_min and x_sat,
    deduction per_event and veto (the only one that may be left out: false).
    Numbers are Decimal, int or text; a float is refused. Raises UndefinedScore.
    """
    if method not in METHODS:
        raise UndefinedScore("unknown", "method")
    return METHODS[method](weight, actual, target, parameters)


def total(lines: Sequence[Step]) -> Step:
    """The lines' points summed, exact and not rounded; the note "veto" stays visible. No lines, no score."""
    if not lines:
        raise UndefinedScore("no_lines")
    return Step(
        "score",
        sum((exact(line.value) for line in lines), Fraction(0)),
        unit="points",
        formula="Σ line points",
        expression=" + ".join(shown(line.value) for line in lines),
        note="veto" if any(line.note == "veto" for line in lines) else "",
        parts=tuple(lines),
    )


def final_score(points: Number) -> Decimal:
    """A card's score as it is decided on: two places, half-up (四舍五入). Nothing else rounds a score."""
    return to_fen(points)

"""One line's points by the name of its method, with their trace; and a card's total. Pure and exact: no Django.

A step's expression is the formula with the numbers put in, as a reader would
write it on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from common.money import exact, to_fen
from common.trace import Input, Number, Step, shown
from kpi import scoring
from kpi.scoring import EFFICACY_BASE, EFFICACY_SPAN, HUNDRED, UndefinedScore, number

Value = Input | Number
Parameters = Mapping[str, object]


@dataclass(frozen=True)
class Delivered:
    """What a line's points are worked out from, in the indicator's measure.

    ``peers`` are the actuals of everybody in the circle that a ranking compares,
    this line's own among them.
    """

    actual: Value | None
    target: Value | None = None
    previous: Value | None = None
    peers: Sequence[Number] = ()


Method = Callable[[Number, Delivered, Parameters], Step]


def _given(parameters: Parameters, name: str) -> Fraction:
    """A missing parameter is an error, never a default."""
    return number(parameters.get(name), name)


def _flag(parameters: Parameters, name: str) -> bool:
    value = parameters.get(name, False)
    if not isinstance(value, bool):
        raise UndefinedScore("not_a_flag", name)
    return value


def _leaf(key: str, value: Value | object) -> Input:
    if isinstance(value, Input):
        return value
    source = "indicator" if key not in ("actual", "target", "previous", "rank", "peers") else ""
    return Input(key, number(value, key), source=source)


def _step(formula: str, points: Fraction, expression: str, *parts: Input, note: str = "") -> Step:
    return Step("line_points", points, "points", formula, expression, note, parts)


def _completion(weight: Number, given: Delivered, parameters: Parameters) -> Step:
    x, goal = number(given.actual, "actual"), number(given.target, "target")
    cap, floor = _given(parameters, "cap"), _given(parameters, "floor")
    points = scoring.completion_rate(weight, x, goal, cap=cap, floor=floor)
    rate = x / goal
    return _step(
        "F17",
        points,
        f"{shown(weight)} × min({shown(x)} ÷ {shown(goal)}, {shown(cap)})",
        _leaf("actual", given.actual),
        _leaf("target", given.target),
        _leaf("cap", cap),
        _leaf("floor", floor),
        note="below_floor" if rate < floor else "clamped_to_cap" if rate > cap else "",
    )


def _efficacy(weight: Number, given: Delivered, parameters: Parameters) -> Step:
    x, low, high = number(given.actual, "actual"), _given(parameters, "x_min"), _given(parameters, "x_sat")
    points = scoring.efficacy(weight, x, x_min=low, x_sat=high)
    free = (x - low) / (high - low) * EFFICACY_SPAN + EFFICACY_BASE
    return _step(
        "F16",
        points,
        f"{shown(weight)} × (({shown(x)} − {shown(low)}) ÷ ({shown(high)} − {shown(low)}) × 40 + 60) ÷ 100",
        _leaf("actual", given.actual),
        _leaf("x_min", low),
        _leaf("x_sat", high),
        note="clamped_to_floor" if free < 0 else "clamped_to_cap" if free > HUNDRED else "",
    )


def _flat(weight: Number, given: Delivered, parameters: Parameters) -> Step:
    names = ("flat", "step_percent", "step_points", "cap")
    flat, percent, each, cap = (_given(parameters, name) for name in names)
    x, base = number(given.actual, "actual"), number(given.previous, "previous")
    points = scoring.flat_steps(weight, x, base, flat=flat, step_percent=percent, step_points=each, cap=cap)
    steps = scoring.flat_step_count(x, base, step_percent=percent)
    capped, spent = steps * each > exact(weight) * cap, exact(weight) * flat + steps * each < 0
    return _step(
        "F08",
        points,
        f"{shown(weight)} × {shown(flat)} + min({steps} × {shown(each)}, {shown(weight)} × {shown(cap)})",
        _leaf("actual", given.actual),
        _leaf("previous", given.previous),
        *(_leaf(name, value) for name, value in zip(names, (flat, percent, each, cap), strict=True)),
        note="clamped_to_cap" if capped else "clamped_to_floor" if spent else "",
    )


def _plus_minus(weight: Number, given: Delivered, parameters: Parameters) -> Step:
    per, each, cap = (_given(parameters, name) for name in ("per", "step_points", "cap"))
    x, goal = number(given.actual, "actual"), number(given.target, "target")
    points = scoring.plus_minus(weight, x, goal, per=per, step_points=each, cap=cap)
    free = scoring.whole_steps(x, goal, per=per) * each
    return _step(
        "F09",
        points,
        f"{shown(weight)} {'−' if free < 0 else '+'} min({shown(abs(free))}, {shown(cap)})",
        _leaf("actual", given.actual),
        _leaf("target", given.target),
        _leaf("per", per),
        _leaf("step_points", each),
        _leaf("cap", cap),
        note="clamped_to_cap" if free > cap else "clamped_to_floor" if free < -cap else "",
    )


def _ranking(weight: Number, given: Delivered, parameters: Parameters) -> Step:
    top, bottom = _given(parameters, "top"), _given(parameters, "bottom")
    x = number(given.actual, "actual")
    peers = [number(peer, "actual") for peer in given.peers] or [x]
    if x not in peers:
        raise UndefinedScore("not_among_peers", "actual")
    rank = scoring.ranks(peers, less_is_better=_flag(parameters, "less_is_better"))[peers.index(x)]
    points = scoring.ranking(weight, rank, len(peers), top=top, bottom=bottom)
    share = f"{shown(top)} − ({shown(top)} − {shown(bottom)}) × {rank - 1} ÷ {len(peers) - 1}"
    return _step(
        "F18",
        points,
        f"{shown(weight)} × {shown(top) if len(peers) == 1 else f'({share})'}",
        _leaf("actual", given.actual),
        _leaf("rank", rank),
        _leaf("peers", len(peers)),
        _leaf("top", top),
        _leaf("bottom", bottom),
        note="alone" if len(peers) == 1 else "",
    )


def _rating(weight: Number, given: Delivered, _parameters: Parameters) -> Step:
    x = number(given.actual, "actual")
    points = scoring.rating_points(weight, x)
    return _step("rating", points, f"{shown(weight)} × {shown(x)} ÷ 100", _leaf("actual", given.actual))


def _deduction(weight: Number, given: Delivered, parameters: Parameters) -> Step:
    events, each = number(given.actual, "actual"), _given(parameters, "per_event")
    veto = _flag(parameters, "veto")
    points = scoring.deduction(weight, events, per_event=each, veto=veto)
    used_up = exact(weight) < each * events
    return _step(
        "deduction",
        points,
        f"{shown(weight)} − {shown(each)} × {shown(events)}",
        _leaf("actual", given.actual),
        _leaf("per_event", each),
        note="veto" if veto and events else "clamped_to_floor" if used_up else "",
    )


#: By the name that an indicator stores as its method.
METHODS: Mapping[str, Method] = {
    "completion": _completion,
    "efficacy": _efficacy,
    "flat": _flat,
    "plus_minus": _plus_minus,
    "ranking": _ranking,
    "rating": _rating,
    "deduction": _deduction,
}
#: The parameters that each method computes with; ``veto`` and ``less_is_better`` may be left out (no).
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "completion": ("cap", "floor"),
    "efficacy": ("x_min", "x_sat"),
    "flat": ("flat", "step_percent", "step_points", "cap"),
    "plus_minus": ("per", "step_points", "cap"),
    "ranking": ("top", "bottom", "less_is_better"),
    "rating": (),
    "deduction": ("per_event", "veto"),
}


def score_line(method: str, weight: Number, given: Delivered, parameters: Parameters) -> Step:
    """Points of one line, with their trace (step "line_points").

    ``parameters`` are those of ``PARAMETERS``: Decimal, int or text; a float is
    refused. Raises UndefinedScore, whose ``field`` is the value to blame.
    """
    if method not in METHODS:
        raise UndefinedScore("unknown", "method")
    if unknown := sorted(parameters.keys() - set(PARAMETERS[method])):
        raise UndefinedScore("unknown", unknown[0])
    return METHODS[method](weight, given, parameters)


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

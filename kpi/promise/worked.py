"""Worked examples of the scoring methods, computed by the methods themselves. Pure: no Django.

The library shows them beside each indicator, with its own parameters, and
``docs/methods.md`` shows them with usual ones: neither can say what is not computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from common.trace import Number, Step
from kpi.points import Delivered, score_line
from kpi.scoring import number

#: The weight that every example is worked with.
WEIGHT = 10
#: What a target, or last year's figure, is taken to be.
BASE = Fraction(100)

Parameters = Mapping[str, object]


@dataclass(frozen=True)
class Example:
    """One value of an actual and the points that it earns; ``key`` says which case it shows."""

    key: str
    given: Delivered
    step: Step


#: Usual parameters, for a reader who has no indicator at hand. They are examples, never defaults.
USUAL: dict[str, Parameters] = {
    "completion": {"cap": "1.1", "floor": "0.6"},
    "efficacy": {"x_min": "2", "x_sat": "12"},
    "flat": {"flat": "0.8", "step_percent": "5", "step_points": "0.5", "cap": "0.2"},
    "plus_minus": {"per": "2", "step_points": "0.5", "cap": "3"},
    "ranking": {"top": "1", "bottom": "0.6", "less_is_better": False},
    "rating": {},
    "deduction": {"per_event": "1.5", "veto": False},
}


def _completion(parameters: Parameters) -> list[tuple[str, Delivered]]:
    cap, floor = number(parameters["cap"], "cap"), number(parameters["floor"], "floor")
    rates = [("below_floor", max(floor - Fraction(1, 10), Fraction(0))), ("floor", floor), ("reached", Fraction(1))]
    rates += [("cap", cap), ("above_cap", cap + Fraction(1, 10))]
    return [(key, Delivered(rate * BASE, target=BASE)) for key, rate in rates]


def _efficacy(parameters: Parameters) -> list[tuple[str, Delivered]]:
    low, high = number(parameters["x_min"], "x_min"), number(parameters["x_sat"], "x_sat")
    places = [("far_below", Fraction(-3, 2)), ("worse", Fraction(-1, 2)), ("x_min", Fraction(0))]
    places += [("middle", Fraction(1, 2)), ("x_sat", Fraction(1)), ("above_cap", Fraction(6, 5))]
    return [(key, Delivered(low + (high - low) * place)) for key, place in places]


def _flat(parameters: Parameters) -> list[tuple[str, Delivered]]:
    step = number(parameters["step_percent"], "step_percent") / 100
    counts = [("worse", Fraction(-1)), ("same", Fraction(0)), ("part_step", Fraction(9, 10))]
    counts += [("one_step", Fraction(1)), ("five_steps", Fraction(5))]
    return [(key, Delivered(BASE * (1 + step * count), previous=BASE)) for key, count in counts]


def _plus_minus(parameters: Parameters) -> list[tuple[str, Delivered]]:
    per = number(parameters["per"], "per")
    counts = [("short", Fraction(-2)), ("part_step", Fraction(-1, 2)), ("reached", Fraction(0))]
    counts += [("one_step", Fraction(1)), ("many_steps", Fraction(10))]
    goal = per * 20
    return [(key, Delivered(goal + per * count, target=goal)) for key, count in counts]


def _ranking(parameters: Parameters) -> list[tuple[str, Delivered]]:
    peers = (95, 90, 90, 80)
    order = tuple(reversed(peers)) if parameters.get("less_is_better") else peers
    cases = [("first", order[0]), ("tied", 90), ("last", order[-1])]
    return [*((key, Delivered(actual, peers=peers)) for key, actual in cases), ("alone", Delivered(90, peers=(90,)))]


def _rating(_parameters: Parameters) -> list[tuple[str, Delivered]]:
    return [("lowest", Delivered(0)), ("middle", Delivered(85)), ("highest", Delivered(100))]


def _deduction(parameters: Parameters) -> list[tuple[str, Delivered]]:
    return [(key, Delivered(events)) for key, events in (("none", 0), ("one_event", 1), ("many_events", 20))]


_CASES: Mapping[str, Callable[[Parameters], list[tuple[str, Delivered]]]] = {
    "completion": _completion,
    "efficacy": _efficacy,
    "flat": _flat,
    "plus_minus": _plus_minus,
    "ranking": _ranking,
    "rating": _rating,
    "deduction": _deduction,
}


def examples(method: str, parameters: Parameters, weight: Number = WEIGHT) -> list[Example]:
    """The method at its boundaries, with these parameters. Raises UndefinedScore where they are no parameters."""
    if method not in _CASES:
        return []
    # Whether these parameters give points at all is asked first: a broken one has no cases to show.
    score_line(method, weight, Delivered(1, 1, 1), parameters)
    return [
        Example(key, given, score_line(method, weight, given, parameters)) for key, given in _CASES[method](parameters)
    ]

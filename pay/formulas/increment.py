"""F06: a share of what was brought in, in full from the target on and at a lower rate below it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from common.money import exact
from common.trace import Step, shown
from pay.formulas.errors import BadParameter
from pay.formulas.shared import INPUT_NAMES, METRIC, RATIO, Inputs, Parameters, at_least_zero, given, input_value, term


@dataclass(frozen=True)
class IncrementParameters(Parameters):
    """``rate`` of the year's actual when it reaches last year's × (1 + ``target_growth``), else ``rate_missed``."""

    source: str = field(metadata=METRIC)
    rate: Decimal = field(metadata=RATIO)
    rate_missed: Decimal = field(metadata=RATIO)
    target_growth: Decimal = field(metadata=RATIO)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rate_missed > self.rate:
            raise BadParameter("rate_missed", "above_rate")
        if self.rate > 1:
            raise BadParameter("rate", "above_one")

    def grows(self) -> tuple[str, ...]:
        return (self.source,)


def increment_share_2019(parameters: IncrementParameters, inputs: Inputs) -> Step:
    """F06: rate × actual, the rate by whether the target was reached. Nothing of a year that brought in less than none.

    Over a base year of zero the target is zero: whatever came in reaches it. A negative base year is refused.
    """
    name = INPUT_NAMES.get(parameters.source, parameters.source)
    now, before = given(inputs, f"{name}_now"), given(inputs, f"{name}_before")
    actual = input_value(now)
    target = at_least_zero(before) * (1 + exact(parameters.target_growth))
    reached = actual >= target
    rate = "rate" if reached else "rate_missed"
    goal = Step(
        "increment_target",
        target,
        "yuan",
        "F06",
        f"{shown(input_value(before))} × (1 + {shown(parameters.target_growth)})",
        parts=(before, parameters.input("target_growth")),
    )
    value = max(exact(getattr(parameters, rate)) * actual, Fraction(0))
    return Step(
        "increment_pool",
        value,
        "yuan",
        "F06",
        f"{shown(getattr(parameters, rate))} × {term(actual)}",
        "nothing_brought_in" if actual < 0 else "target_reached" if reached else "target_missed",
        (parameters.input(rate), now, goal),
    )

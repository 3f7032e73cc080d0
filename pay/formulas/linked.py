"""F03: a pool that grows with the results, never faster, and not at all when they fall (国发〔2018〕16号). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from common.money import cut_to_fen, exact
from common.trace import Input, Step, shown
from pay.formulas.errors import BadParameter
from pay.formulas.shared import (
    METRIC,
    RATIO,
    Inputs,
    Parameters,
    at_least_zero,
    choice,
    given,
    growth_of,
    input_value,
    term,
)


@dataclass(frozen=True)
class LinkedParameters(Parameters):
    """``rate`` is the part of the results' growth that the pool follows, 0 to 1 (PAY-03: g_pool ≤ g_benefit).

    ``falling`` says what a fall of the results does: the pool stays ("freeze")
    or falls with them ("follow"). ``preservation`` asks for the rate at which
    assets were preserved (%): under 100 the pool does not grow. ``last_pool`` is
    where last year's pool comes from: the figure on file, or the approved run.
    Headcount changes nothing (增人不增、减人不减); after a merger or for a new
    unit the figure on file, restated, takes precedence over the run.
    """

    benefit: str = field(metadata=METRIC)
    rate: Decimal = field(metadata=RATIO)
    falling: str = field(metadata=choice("freeze", "follow"))
    preservation: str = field(metadata=choice("no", "yes"))
    last_pool: str = field(metadata=choice("figure", "run"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rate > 1:
            raise BadParameter("rate", "above_one")

    def grows(self) -> tuple[str, ...]:
        return (self.benefit,)

    def needs(self) -> tuple[str, ...]:
        kept = ("asset_preservation",) if self.preservation == "yes" else ()
        return ("last_pool", *super().needs(), *kept)


def _growth(parameters: LinkedParameters, inputs: Inputs, *, rate: Fraction) -> Step:
    """By how much the pool may grow: 0 ≤ g ≤ g_benefit; none while results fall or assets are not preserved."""
    benefit = growth_of(inputs, parameters.benefit)
    value, note = rate * exact(benefit.value), ""
    parts: list[Step | Input] = [parameters.input("rate"), benefit]
    if value < 0 and parameters.falling == "freeze":
        value, note = Fraction(0), "no_growth_results_fell"
    if parameters.preservation == "yes":
        kept = given(inputs, "asset_preservation")
        parts.append(kept)
        if input_value(kept) < 100 and value > 0:
            value, note = Fraction(0), "no_growth_assets_lost"
    # A pool cannot lose more than all of itself.
    value = max(value, Fraction(-1))
    written = f"{shown(rate)} × {term(exact(benefit.value))}"
    return Step("pool_growth", value, "ratio", "F03", written, note, tuple(parts))


def linked_pool_2018(parameters: LinkedParameters, inputs: Inputs) -> Step:
    """F03 as a term: last year's pool × (1 + g)."""
    last = given(inputs, "last_pool")
    grown = _growth(parameters, inputs, rate=exact(parameters.rate))
    value = at_least_zero(last) * (1 + exact(grown.value))
    written = f"{shown(input_value(last))} × (1 + {term(exact(grown.value))})"
    return Step("linked_pool", value, "yuan", "F03", written, parts=(last, grown))


def linked_limit_2018(parameters: LinkedParameters, inputs: Inputs) -> Step:
    """F03 as a limit: the pool is at most last year's, grown as the results did; in whole fen."""
    last = given(inputs, "last_pool")
    grown = _growth(parameters, inputs, rate=exact(parameters.rate))
    value = cut_to_fen(at_least_zero(last) * (1 + exact(grown.value)))
    written = f"{shown(input_value(last))} × (1 + {term(exact(grown.value))})"
    return Step("linked_limit", value, "yuan", "PAY-03", written, parts=(last, grown))

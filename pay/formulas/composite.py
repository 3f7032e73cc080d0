"""F13: last year's pool moved by the growth of tax, budget revenue and GDP together. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from common.money import exact
from common.trace import Input, Step, shown
from pay.formulas.errors import BadParameter
from pay.formulas.shared import INPUT_NAMES, RATIO, Inputs, Parameters, at_least_zero, given, growth_of, term

GROWN = {"tax": "weight_tax", "budget_revenue": "weight_budget", "gdp": "weight_gdp"}


@dataclass(frozen=True)
class CompositeParameters(Parameters):
    """α, the three weights, and floor and cap of the growth link; all of it ratios."""

    takes: ClassVar[tuple[str, ...]] = ("base",)

    alpha: Decimal = field(metadata=RATIO)
    weight_tax: Decimal = field(metadata=RATIO)
    weight_budget: Decimal = field(metadata=RATIO)
    weight_gdp: Decimal = field(metadata=RATIO)
    floor: Decimal = field(metadata=RATIO)
    cap: Decimal = field(metadata=RATIO)

    def __post_init__(self) -> None:
        super().__post_init__()
        if exact(self.weight_tax) + exact(self.weight_budget) + exact(self.weight_gdp) != 1:
            raise BadParameter("weight_tax", "weights_not_one")
        if self.floor > self.cap:
            raise BadParameter("floor", "above_cap")

    def grows(self) -> tuple[str, ...]:
        return tuple(GROWN)


def composite_growth_2019(parameters: CompositeParameters, inputs: Inputs, *, negative_growth: str) -> Step:
    """Base × clamp(1 + α × (w_t × g_tax + w_b × g_budget + w_g × g_gdp), L, U).

    Never negative: base and link are not. ``negative_growth`` "pass_through"
    takes the floor away from a link below 1, down to nothing (edge case
    "negative growth"). A base of zero is allowed and gives a term of zero.
    """
    base = given(inputs, "base")
    link = _link(parameters, _composite_growth(parameters, inputs), negative_growth)
    value = at_least_zero(base) * exact(link.value)
    return Step(
        "composite_pool",
        value,
        "yuan",
        "F13",
        f"{shown(at_least_zero(base))} × {shown(link.value)}",
        parts=(base, link),
    )


def _composite_growth(parameters: CompositeParameters, inputs: Inputs) -> Step:
    value = Fraction(0)
    written: list[str] = []
    parts: list[Step | Input] = []
    for code, weight in GROWN.items():
        grown = growth_of(inputs, code)
        ratio_of = exact(getattr(parameters, weight))
        value += ratio_of * exact(grown.value)
        written.append(f"{shown(ratio_of)} × {term(grown.value)}")
        parts += [parameters.input(f"weight_{INPUT_NAMES[code]}"), grown]
    return Step("composite_growth", value, "ratio", "F13", " + ".join(written), parts=tuple(parts))


def _link(parameters: CompositeParameters, composite: Step, negative_growth: str) -> Step:
    """1 + α × composite growth, kept between floor and cap; the note says which of them held it."""
    free = 1 + exact(parameters.alpha) * exact(composite.value)
    floor, cap = exact(parameters.floor), exact(parameters.cap)
    passes = negative_growth == "pass_through" and free < 1
    value = max(free, Fraction(0)) if passes else min(max(free, floor), cap)
    held = "clamped_to_floor" if free < floor else "clamped_to_cap" if free > cap else ""
    return Step(
        "link",
        value,
        unit="ratio",
        formula="F13",
        expression=f"1 + {shown(parameters.alpha)} × {term(composite.value)} = {shown(free)}; "
        f"{shown(parameters.floor)}–{shown(parameters.cap)}",
        note="passed_through" if passes else held,
        parts=(parameters.input("alpha"), composite, parameters.input("floor"), parameters.input("cap")),
    )

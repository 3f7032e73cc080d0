"""F01 and F02: a pool as a multiple of what comparable civil servants earn (参照收入). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from common.money import cut_to_fen, exact, largest_remainder, to_fen
from common.trace import Step, shown
from pay.formulas.errors import BadParameter
from pay.formulas.shared import RATIO, Inputs, Parameters, above_zero, choice, given

SPLIT = ("base_part", "post_part", "performance_part")


@dataclass(frozen=True)
class ReferenceParameters(Parameters):
    """F01 (宜秀 2018, PAY-02): 2.5 times reference income, split 3:3:4 into basic, post and performance pay.

    ``part`` says whether the whole is shared by result, or its performance part alone.
    """

    takes: ClassVar[tuple[str, ...]] = ("reference_income",)

    multiple: Decimal = field(metadata=RATIO)
    base_part: Decimal = field(metadata=RATIO)
    post_part: Decimal = field(metadata=RATIO)
    performance_part: Decimal = field(metadata=RATIO)
    part: str = field(metadata=choice("whole", "performance"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.multiple == 0:
            raise BadParameter("multiple", "zero")
        if self.performance_part == 0 or not any(getattr(self, name) for name in SPLIT):
            raise BadParameter("performance_part", "zero")


@dataclass(frozen=True)
class ReferenceCapParameters(Parameters):
    """F02 (山东 2019, PAY-01): the pool is at most this multiple of reference income."""

    takes: ClassVar[tuple[str, ...]] = ("reference_income",)

    reference_multiple: Decimal = field(metadata=RATIO)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reference_multiple == 0:
            raise BadParameter("reference_multiple", "zero")


def reference_multiple_2018(parameters: ReferenceParameters, inputs: Inputs) -> Step:
    """F01: multiple × Σ reference income, or of that the performance part; the three parts are shown to the fen."""
    income = given(inputs, "reference_income")
    multiple = exact(parameters.multiple)
    whole = multiple * above_zero(income)
    weights = [exact(getattr(parameters, name)) for name in SPLIT]
    amounts = largest_remainder(to_fen(whole), weights)
    parts = tuple(
        Step(name, amount, "yuan", "F01", f"{shown(to_fen(whole))} × {shown(weight)} ÷ {shown(sum(weights))}")
        for name, amount, weight in zip(SPLIT, amounts, weights, strict=True)
    )
    value = whole if parameters.part == "whole" else whole * weights[-1] / sum(weights, Fraction(0))
    written = f"{shown(multiple)} × {shown(above_zero(income))}"
    if parameters.part == "performance":
        written += f" × {shown(weights[-1])} ÷ {shown(sum(weights))}"
    return Step(
        "reference_pool",
        value,
        unit="yuan",
        formula="F01",
        expression=written,
        parts=(parameters.input("multiple"), income, *parts),
    )


def reference_cap_2019(parameters: ReferenceCapParameters, inputs: Inputs) -> Step:
    """F02: the most the pool may be, in whole fen. Zero reference income is refused: the whole pool would lapse."""
    reference_income = given(inputs, "reference_income")
    income = above_zero(reference_income)
    multiple = exact(parameters.reference_multiple)
    return Step(
        "capped_to",
        cut_to_fen(multiple * income),
        unit="yuan",
        formula="PAY-01",
        expression=f"{shown(multiple)} × {shown(income)}",
        parts=(parameters.input("reference_multiple"), reference_income),
    )

"""What the families of formulas share: parameters, inputs, growth, and the pool itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, ClassVar, Self

from common.money import BadAmount, exact
from common.trace import Input, Number, Step, shown
from pay.formulas.errors import BadInput, BadParameter, MissingInput, UndefinedGrowth

#: What a pool is computed from, by name.
Inputs = Mapping[str, Input]
#: Metrics of zones whose inputs have a name of their own; any other's is its code.
INPUT_NAMES = {"tax": "tax", "budget_revenue": "budget", "gdp": "gdp"}


def not_negative(name: str, value: object) -> None:
    try:
        ratio = exact(value)
    except BadAmount as error:
        raise BadParameter(name, error.reason) from error
    if ratio < 0:
        raise BadParameter(name, "negative")


def _number(name: str, value: object) -> Decimal:
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise BadParameter(name, "not_exact")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadParameter(name, "not_exact") from None
    # Bounded before any arithmetic: "1e99999999" is a number too, and no amount fits what follows from it.
    if number.is_finite() and not (-8 <= int(number.as_tuple().exponent) <= 0 and number.adjusted() < 8):
        raise BadParameter(name, "eight_places")
    return number


def _one_of(name: str, value: object, options: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in options:
        raise BadParameter(name, "not_offered")
    return value


def _code(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.replace("_", "a").replace("-", "a").isalnum() or len(value) > 40:
        raise BadParameter(name, "not_offered")
    return value


#: What a parameter is, as the metadata of its field: a ratio of at least 0, or the code of a metric.
RATIO = {"reads": _number}
METRIC = {"metric": True, "reads": _code}


def choice(*options: str) -> dict[str, Any]:
    """A parameter that is one of a few words."""
    return {"options": options, "reads": lambda name, value: _one_of(name, value, options)}


@dataclass(frozen=True)
class Parameters:
    """What a scheme sets for one formula. Raises BadParameter: a scheme that cannot be right pays nobody."""

    #: Values that the formula takes as they stand for the year, by input name.
    takes: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.metadata["reads"] is _number:
                not_negative(each.name, getattr(self, each.name))

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """The parameters as stored: all of them, and no other."""
        known = {each.name: each for each in fields(cls)}
        for name in given:
            if name not in known:
                raise BadParameter(name, "unknown")
        for name in known:
            if given.get(name) in (None, ""):
                raise BadParameter(name, "missing")
        return cls(**{name: each.metadata["reads"](name, given[name]) for name, each in known.items()})

    def as_json(self) -> dict[str, str]:
        return {each.name: str(getattr(self, each.name)) for each in fields(self)}

    def input(self, name: str) -> Input:
        """A parameter as a leaf of the trace."""
        return Input(name, getattr(self, name), unit="ratio", source="scheme")

    def grows(self) -> tuple[str, ...]:
        """The metrics whose growth the formula reads, by code."""
        return ()

    def needs(self) -> tuple[str, ...]:
        """Every input that the formula reads, by name."""
        grown = (INPUT_NAMES.get(code, code) for code in self.grows())
        return (*self.takes, *(f"{name}_{when}" for name in grown for when in ("now", "before")))


@dataclass(frozen=True)
class Pool:
    """A unit's pool in yuan: ``amount`` to share out, ``uncapped`` before the limits, ``lapsed`` the difference.

    ``link`` is the growth link of F13 after floor and cap, None without F13; ``trace`` is the step "pool".
    """

    amount: Decimal
    uncapped: Decimal
    lapsed: Decimal
    link: Fraction | None
    trace: Step


def given(inputs: Inputs, name: str) -> Input:
    """The input of that name; MissingInput when nobody gave it."""
    if name not in inputs:
        raise MissingInput(name)
    return inputs[name]


def input_value(one: Input) -> Fraction:
    """The number an input holds, exactly; BadInput when it holds none."""
    try:
        return exact(one.value)
    except BadAmount as error:
        raise BadInput(one.key, error.reason) from error


def at_least_zero(one: Input) -> Fraction:
    value = input_value(one)
    if value < 0:
        raise BadInput(one.key, "negative")
    return value


def above_zero(one: Input) -> Fraction:
    value = input_value(one)
    if value <= 0:
        raise BadInput(one.key, "not_positive")
    return value


def term(value: Number) -> str:
    """A number as it stands in an expression: a negative one in brackets."""
    return f"({shown(value)})" if value < 0 else shown(value)


def growth(now: Input, before: Input, key: str) -> Step:
    """Like-for-like growth (同口径增长) as an exact ratio: now ÷ before − 1.

    Below −1 is possible (refunds can exceed receipts) and left to the floor.
    Raises UndefinedGrowth(key) when the base year is not positive.
    """
    later, earlier = input_value(now), input_value(before)
    if earlier <= 0:
        raise UndefinedGrowth(key)
    return Step(
        key,
        later / earlier - 1,
        unit="ratio",
        formula="now ÷ before − 1",
        expression=f"{term(later)} ÷ {term(earlier)} − 1",
        parts=(now, before),
    )


def growth_of(inputs: Inputs, code: str) -> Step:
    """The growth of a metric; over a base year of zero or less, by how far its target was met.

    The target is among the inputs only where the scheme decides so (edge case
    "zero/negative base year"); without one the growth is undefined.
    """
    name = INPUT_NAMES.get(code, code)
    now, before = given(inputs, f"{name}_now"), given(inputs, f"{name}_before")
    if input_value(before) > 0 or f"{name}_target" not in inputs:
        return growth(now, before, f"growth_{name}")
    target = inputs[f"{name}_target"]
    done, wanted = input_value(now), above_zero(target)
    return Step(
        f"growth_{name}",
        done / wanted - 1,
        unit="ratio",
        formula="now ÷ target − 1",
        expression=f"{term(done)} ÷ {term(wanted)} − 1",
        note="by_completion",
        parts=(now, target, before),
    )

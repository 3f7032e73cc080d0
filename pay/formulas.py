"""The reference of the money, first half: a unit's pool (绩效总额). Pure and exact.

A formula is a function dated by the year it came into force; a changed formula
is a new function beside the old one, never an ``if``. How the pool is shared
out is in ``pay/sharing.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction

from common.money import BadAmount, cut_to_fen, exact, to_fen
from common.trace import Input, Number, Step, shown


class PayError(ValueError):
    """What keeps an amount from being computed."""


class BadParameter(PayError):
    """A parameter of the scheme is not usable; ``field`` names it, ``reason`` is a key."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class BadInput(PayError):
    """An input is there but cannot be right; ``key`` names it, ``reason`` is a key."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


class MissingInput(PayError):
    """Inputs that the formula needs and nobody gave; ``keys`` names them all."""

    def __init__(self, *keys: str) -> None:
        super().__init__(", ".join(keys))
        self.keys = keys


class UndefinedGrowth(PayError):
    """The base year is zero or negative, so ``key`` has no growth (edge case "zero/negative base year")."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class PoolParameters:
    """What a scheme sets for F13, all of it ratios; ``rating_factors`` is Q by the unit's rating.

    ``floor`` and ``cap`` bound the growth link; ``reference_multiple`` bounds the
    pool (PAY-01). Raises BadParameter: a scheme that cannot be right pays nobody.
    """

    alpha: Decimal
    weight_tax: Decimal
    weight_budget: Decimal
    weight_gdp: Decimal
    floor: Decimal
    cap: Decimal
    rating_factors: Mapping[str, Decimal]
    reference_multiple: Decimal

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name != "rating_factors":
                _not_negative(field.name, getattr(self, field.name))
        if exact(self.weight_tax) + exact(self.weight_budget) + exact(self.weight_gdp) != 1:
            raise BadParameter("weight_tax", "weights_not_one")
        if self.floor > self.cap:
            raise BadParameter("floor", "above_cap")
        if self.reference_multiple == 0:
            raise BadParameter("reference_multiple", "zero")
        if not self.rating_factors:
            raise BadParameter("rating_factors", "empty")
        for factor in self.rating_factors.values():
            _not_negative("rating_factors", factor)

    def input(self, name: str) -> Input:
        """A parameter as a leaf of the trace."""
        return Input(name, getattr(self, name), unit="ratio", source="scheme")


def _not_negative(field: str, value: object) -> None:
    try:
        ratio = exact(value)
    except BadAmount as error:
        raise BadParameter(field, error.reason) from error
    if ratio < 0:
        raise BadParameter(field, "negative")


@dataclass(frozen=True)
class PoolInputs:
    """What F13 reads of a unit and a year; None where nobody has given the value yet.

    ``base`` is the base pool in yuan, ``reference_income`` the yearly income of
    comparable civil servants summed over the unit's posts, in yuan. The figures
    of this year and the year before are on one perimeter (like for like, 同口径)
    and in one unit, whichever it is. ``rating`` is a key of ``rating_factors``.
    """

    base: Input | None
    tax_now: Input | None
    tax_before: Input | None
    budget_now: Input | None
    budget_before: Input | None
    gdp_now: Input | None
    gdp_before: Input | None
    rating: Input | None
    reference_income: Input | None

    def given(self, name: str) -> Input:
        """The input of that name; MissingInput when it was not given."""
        found = getattr(self, name)
        if not isinstance(found, Input):
            raise MissingInput(name)
        return found


@dataclass(frozen=True)
class Pool:
    """A unit's pool in yuan: ``amount`` to share out, ``uncapped`` before PAY-01, ``lapsed`` the difference.

    ``link`` is the growth link after floor and cap; ``trace`` is the step "pool".
    """

    amount: Decimal
    uncapped: Decimal
    lapsed: Decimal
    link: Fraction
    trace: Step


def input_value(given: Input) -> Fraction:
    """The number an input holds, exactly; BadInput when it holds none."""
    try:
        return exact(given.value)
    except BadAmount as error:
        raise BadInput(given.key, error.reason) from error


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


def composite_growth_pool_2019(parameters: PoolParameters, inputs: PoolInputs) -> Pool:
    """F13 under the cap of PAY-01: a unit's pool for a year.

    Pool = Base × clamp(1 + α × (w_t × g_tax + w_b × g_budget + w_g × g_gdp), L, U) × Q,
    rounded once, to the fen, then cut to reference multiple × reference income.
    Never negative: base, link and factor are not (edge case "negative growth").
    A base of zero is allowed and gives a pool of zero. What the cap cuts off
    lapses (edge case "pool cap hit").

    Raises MissingInput (all inputs not given, or a rating the scheme has no
    factor for), BadInput (negative base, reference income not positive, no
    number) and UndefinedGrowth.
    """
    _all_given(inputs)
    link = _link(parameters, _composite_growth(parameters, inputs))
    factor = _rating_factor(parameters, inputs.given("rating"))
    uncapped, uncapped_step = _uncapped(inputs.given("base"), link, factor)
    most, limit = _capped_to(parameters, inputs.given("reference_income"))
    amount = min(uncapped, most)
    trace = Step(
        "pool",
        amount,
        unit="yuan",
        formula="PAY-01",
        expression=f"min({uncapped}, {most})",
        note="cut_to_cap" if amount < uncapped else "",
        parts=(uncapped_step, limit),
    )
    return Pool(amount, uncapped, uncapped - amount, exact(link.value), trace)


def _all_given(inputs: PoolInputs) -> None:
    """Names everything that is missing at once, so that it can be asked for at once."""
    missing = [field.name for field in fields(inputs) if getattr(inputs, field.name) is None]
    if missing:
        raise MissingInput(*missing)


def _composite_growth(parameters: PoolParameters, inputs: PoolInputs) -> Step:
    value = Fraction(0)
    written: list[str] = []
    parts: list[Step | Input] = []
    for name in ("tax", "budget", "gdp"):
        weight = parameters.input(f"weight_{name}")
        grown = growth(inputs.given(f"{name}_now"), inputs.given(f"{name}_before"), f"growth_{name}")
        value += input_value(weight) * exact(grown.value)
        written.append(f"{shown(input_value(weight))} × {term(grown.value)}")
        parts += [weight, grown]
    return Step("composite_growth", value, "ratio", "F13", " + ".join(written), parts=tuple(parts))


def _link(parameters: PoolParameters, composite: Step) -> Step:
    """1 + α × composite growth, kept between floor and cap; the note says which of them held it."""
    free = 1 + exact(parameters.alpha) * exact(composite.value)
    floor, cap = exact(parameters.floor), exact(parameters.cap)
    value = min(max(free, floor), cap)
    return Step(
        "link",
        value,
        unit="ratio",
        formula="F13",
        expression=f"1 + {shown(parameters.alpha)} × {term(composite.value)} = {shown(free)}; "
        f"{shown(parameters.floor)}–{shown(parameters.cap)}",
        note="clamped_to_floor" if free < floor else "clamped_to_cap" if free > cap else "",
        parts=(parameters.input("alpha"), composite, parameters.input("floor"), parameters.input("cap")),
    )


def _rating_factor(parameters: PoolParameters, rating: Input) -> Step:
    factor = parameters.rating_factors.get(str(rating.value))
    if factor is None:
        raise MissingInput("rating")
    table = ", ".join(f"{name}: {shown(value)}" for name, value in parameters.rating_factors.items())
    return Step(
        "rating_factor",
        factor,
        unit="ratio",
        formula="F13",
        expression=f"{rating.value} → {shown(factor)}",
        parts=(rating, Input("rating_factors", table, source="scheme")),
    )


def _uncapped(base: Input, link: Step, factor: Step) -> tuple[Decimal, Step]:
    """Base × link × factor, rounded to the fen: the only rounding of a pool."""
    if input_value(base) < 0:
        raise BadInput("base", "negative")
    uncapped = to_fen(input_value(base) * exact(link.value) * exact(factor.value))
    step = Step(
        "uncapped_pool",
        uncapped,
        unit="yuan",
        formula="F13",
        expression=f"{shown(input_value(base))} × {shown(link.value)} × {shown(factor.value)}",
        parts=(base, link, factor),
    )
    return uncapped, step


def _capped_to(parameters: PoolParameters, reference_income: Input) -> tuple[Decimal, Step]:
    """The most the pool may be. Zero reference income is refused: it would let the whole pool lapse."""
    income = input_value(reference_income)
    if income <= 0:
        raise BadInput("reference_income", "not_positive")
    multiple = parameters.reference_multiple
    most = cut_to_fen(exact(multiple) * income)
    step = Step(
        "capped_to",
        most,
        unit="yuan",
        formula="PAY-01",
        expression=f"{shown(multiple)} × {shown(income)}",
        parts=(parameters.input("reference_multiple"), reference_income),
    )
    return most, step

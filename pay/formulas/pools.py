"""A unit's pool: Σ terms × the factor of its grade, then the least of that and every limit. Pure and exact.

A formula is a function dated by the year it came into force; a changed formula
is a new function beside the old one in ``METHODS``, never an ``if``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from common.money import exact, to_fen
from common.trace import Input, Step, shown
from pay.formulas.composite import CompositeParameters, composite_growth_2019
from pay.formulas.errors import BadParameter, MissingInput
from pay.formulas.increment import IncrementParameters, increment_share_2019
from pay.formulas.linked import LinkedParameters, linked_limit_2018, linked_pool_2018
from pay.formulas.reference import (
    ReferenceCapParameters,
    ReferenceParameters,
    reference_cap_2019,
    reference_multiple_2018,
)
from pay.formulas.shared import Inputs, Parameters, Pool, given, not_negative

TERM, LIMIT = "term", "limit"


@dataclass(frozen=True)
class Method:
    """A family of formulas: its parameters, and what it is as a term and as a limit, by first year in force."""

    parameters: type[Parameters]
    term: Mapping[int, Callable[..., Step]]
    limit: Mapping[int, Callable[..., Step]]

    def of(self, role: str, year: int) -> Callable[..., Step]:
        """The function in force in the year: the latest that began by then, or the first there was."""
        dated = self.term if role == TERM else self.limit
        begun = [since for since in dated if since <= year]
        return dated[max(begun) if begun else min(dated)]


METHODS = {
    "F01": Method(ReferenceParameters, {2018: reference_multiple_2018}, {}),
    "F02": Method(ReferenceCapParameters, {}, {2019: reference_cap_2019}),
    "F03": Method(LinkedParameters, {2018: linked_pool_2018}, {2018: linked_limit_2018}),
    "F06": Method(IncrementParameters, {2019: increment_share_2019}, {}),
    "F13": Method(CompositeParameters, {2019: composite_growth_2019}, {}),
}


@dataclass(frozen=True)
class Rule:
    """One formula of a scheme: a term that adds, or a limit that holds down."""

    role: str
    method: str
    parameters: Parameters

    def __post_init__(self) -> None:
        method = METHODS.get(self.method)
        if method is None:
            raise BadParameter("method", "unknown")
        if not (method.term if self.role == TERM else method.limit if self.role == LIMIT else {}):
            raise BadParameter("role", "not_offered")

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Rule:
        """A rule as stored: role, method, parameters as text."""
        method = METHODS.get(str(row["method"]))
        if method is None:
            raise BadParameter("method", "unknown")
        return cls(str(row["role"]), str(row["method"]), method.parameters.read(row["parameters"]))

    def as_json(self) -> dict[str, Any]:
        return {"role": self.role, "method": self.method, "parameters": self.parameters.as_json()}


@dataclass(frozen=True)
class PoolScheme:
    """How a unit's pool is made; ``rating_factors`` is Q by the city's grade of the unit.

    Raises BadParameter without a term: such a scheme would pay nobody.
    """

    rules: Sequence[Rule]
    rating_factors: Mapping[str, Decimal]
    negative_growth: str

    def __post_init__(self) -> None:
        if not self.terms:
            raise BadParameter("rules", "no_term")
        names = [(rule.role, rule.method) for rule in self.rules]
        if len(set(names)) < len(names):
            raise BadParameter("rules", "given_twice")
        if not self.rating_factors:
            raise BadParameter("rating_factors", "empty")
        for factor in self.rating_factors.values():
            not_negative("rating_factors", factor)

    @property
    def terms(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.role == TERM]

    @property
    def limits(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.role == LIMIT]

    def needs(self) -> tuple[str, ...]:
        """Every input that the pool is made of, by name, once."""
        return tuple(dict.fromkeys([*(name for rule in self.rules for name in rule.parameters.needs()), "rating"]))

    def grows(self) -> tuple[str, ...]:
        """The metrics whose growth is read, by code, once."""
        return tuple(dict.fromkeys(code for rule in self.rules for code in rule.parameters.grows()))


def pool_of_unit(scheme: PoolScheme, inputs: Inputs, year: int) -> Pool:
    """The pool of a year, rounded once, to the fen, before the limits cut it; what they cut off lapses.

    Raises MissingInput (all inputs not given, or a grade the scheme has no
    factor for), BadInput and UndefinedGrowth.
    """
    if missing := [name for name in scheme.needs() if name not in inputs]:
        raise MissingInput(*missing)
    terms = [_term(rule, inputs, year, scheme) for rule in scheme.terms]
    formula = " + ".join(term.formula for term in terms)
    factor = _rating_factor(scheme.rating_factors, given(inputs, "rating"), formula)
    limits = [METHODS[rule.method].of(LIMIT, year)(rule.parameters, inputs) for rule in scheme.limits]
    uncapped, step = _uncapped(terms, factor, formula)
    amount = min([uncapped, *(Decimal(str(limit.value)) for limit in limits)])
    trace = Step(
        "pool",
        amount,
        unit="yuan",
        formula="、".join(dict.fromkeys(limit.formula for limit in limits)),
        expression=f"min({', '.join(str(value) for value in (uncapped, *(each.value for each in limits)))})"
        if limits
        else str(uncapped),
        note="cut_to_cap" if amount < uncapped else "",
        parts=(step, *limits),
    )
    return Pool(amount, uncapped, uncapped - amount, _link(terms), trace)


def _term(rule: Rule, inputs: Inputs, year: int, scheme: PoolScheme) -> Step:
    function = METHODS[rule.method].of(TERM, year)
    if rule.method == "F13":
        return function(rule.parameters, inputs, negative_growth=scheme.negative_growth)
    return function(rule.parameters, inputs)


def _link(terms: Iterable[Step]) -> Fraction | None:
    links = [part for term in terms for part in term.walk() if isinstance(part, Step) and part.key == "link"]
    return exact(links[0].value) if links else None


def _rating_factor(factors: Mapping[str, Decimal], rating: Input, formula: str) -> Step:
    factor = factors.get(str(rating.value))
    if factor is None:
        raise MissingInput("rating")
    table = ", ".join(f"{name}: {shown(value)}" for name, value in factors.items())
    return Step(
        "rating_factor",
        factor,
        unit="ratio",
        formula=formula,
        expression=f"{rating.value} → {shown(factor)}",
        parts=(rating, Input("rating_factors", table, source="scheme")),
    )


def _uncapped(terms: Sequence[Step], factor: Step, formula: str) -> tuple[Decimal, Step]:
    """Σ terms × factor, rounded to the fen: the only rounding of a pool. A single term is written out in its place."""
    whole = sum((exact(term.value) for term in terms), Fraction(0))
    uncapped = to_fen(whole * exact(factor.value))
    if len(terms) == 1:
        written, parts, note = terms[0].expression, terms[0].parts, terms[0].note
    else:
        written, parts, note = f"({' + '.join(shown(term.value) for term in terms)})", tuple(terms), ""
    return uncapped, Step(
        "uncapped_pool",
        uncapped,
        unit="yuan",
        formula=formula,
        expression=f"{written} × {shown(factor.value)}",
        note=note,
        parts=(*parts, factor),
    )

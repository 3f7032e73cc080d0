"""What is kept back for open appeals (edge case "appeal"): execution is not suspended, but the money must be there.

Pure and exact, over plain values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from common.money import exact, to_fen
from common.trace import Input
from pay.sharing import BureauInput, bureau_coefficients

#: The grade that an appeal can lead to at best: one up; without a grade, the ordinary one.
NEXT_GRADE = {
    "incompetent": "basic",
    "basic": "competent",
    "competent": "excellent",
    "excellent": "excellent",
    "undetermined": "competent",
    "": "competent",
}


@dataclass(frozen=True)
class Appellant:
    """Somebody with an open appeal: his points and factor in a bureau, and the factor that he may win."""

    bureau: str
    points: Fraction
    factor: Fraction
    may_win: Fraction


def by_ratio(pool: Decimal, ratio: Decimal, open_appeals: int) -> Decimal:
    """A set part of the pool while any appeal is open, to the fen."""
    return to_fen(exact(pool) * exact(ratio)) if open_appeals else Decimal("0.00")


def by_difference(
    pool: Decimal,
    bureaus: Sequence[BureauInput],
    people_points: Mapping[str, Fraction],
    appellants: Sequence[Appellant],
    bounds: tuple[Decimal, Decimal],
) -> Decimal:
    """What the appellants would get more, were each to win: his part of his bureau's share then less the one now.

    ``people_points`` is each bureau's Σ points × factor. The others' points stay
    as they are, so each difference is that of one who alone wins.
    """
    weights = [
        bureau.weight * exact(step.value)
        for bureau, step in zip(bureaus, bureau_coefficients(bureaus, *bounds), strict=True)
    ]
    total = sum(weights, Fraction(0))
    if not total:
        return Decimal("0.00")
    share = {bureau.key: exact(pool) * weight / total for bureau, weight in zip(bureaus, weights, strict=True)}
    more = Fraction(0)
    for one in appellants:
        now, then = one.points * one.factor, one.points * one.may_win
        before = people_points[one.bureau]
        after = before - now + then
        if then > now and after:
            more += share[one.bureau] * (then / after - (now / before if before else 0))
    return min(to_fen(more), pool)


def reserve_of(snapshot: Mapping[str, Any], pool: Decimal) -> Decimal:
    """The reserve that a snapshot's scheme asks for, in yuan; nothing without an open appeal."""
    settings, appeals = snapshot["scheme"].get("settings", {}), snapshot.get("appeals", [])
    rule = settings.get("appeal_reserve", "none")
    if rule == "none" or not appeals:
        return Decimal("0.00")
    if rule == "ratio":
        return by_ratio(pool, Decimal(settings["reserve_ratio"]), len(appeals))
    bureaus = [
        BureauInput(str(row["bureau"]), Input("score", Decimal(row["score"]["value"])), Fraction(row["points"]) / 12)
        for row in snapshot["bureaus"]
    ]
    points = {str(row["bureau"]): Fraction(row["weighted"]) for row in snapshot["bureaus"]}
    appellants = [
        Appellant(str(row["bureau"]), Fraction(row["points"]), Fraction(row["factor"]), Fraction(row["may_win"]))
        for row in appeals
    ]
    scheme = snapshot["scheme"]
    return by_difference(
        pool, bureaus, points, appellants, (Decimal(scheme["bureau_floor"]), Decimal(scheme["bureau_cap"]))
    )

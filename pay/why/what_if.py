"""What an amount would be had one thing been otherwise: another grade, another score. Nothing is stored.

Computed by the reference (``pay/sharing.py``) over the rows of the run, so that
the answer is what a run with that grade would give to the fen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from common.trace import Input
from pay.models import Allocation, BureauShare
from pay.sharing import BureauInput, share_to_able, share_to_people
from pay.tracing import person_input

#: Grades of a person that pay by a factor; who has none is not asked what he would get.
GRADES = ("excellent", "competent", "basic", "incompetent")


@dataclass
class WhatIf:
    """An amount under another grade: ``factor`` a ratio, ``amount`` and ``difference`` in yuan.

    ``now`` is whether that is the grade which stands.
    """

    grade: str
    factor: Decimal
    amount: Decimal
    difference: Decimal
    word: str = ""
    now: bool = False

    @property
    def stands(self) -> bool:
        return self.difference == 0


def other_grades(row: Allocation, colleagues: Sequence[Allocation], factors: Mapping[str, str]) -> list[WhatIf]:
    """What ``row`` would get with each grade of the scheme, the bureau's amount and everybody else as they are.

    ``colleagues`` are all rows of the bureau's share in roster order, ``row``
    among them. A held row or one out of post would get nothing whatever its
    grade, and gets no answers.
    """
    if not row.points:
        return []
    people = [person_input(each) for each in colleagues]
    place = next(at for at, each in enumerate(colleagues) if each.pk == row.pk)
    found = []
    for grade in GRADES:
        if grade not in factors:
            continue
        factor = Decimal(factors[grade])
        if grade == row.rating and factor == row.grade_factor:
            found.append(WhatIf(grade, factor, row.amount, Decimal("0.00")))
            continue
        asked = replace(people[place], grade_factor=Input("grade_factor", factor, unit="ratio", source=grade))
        shares = share_to_people(row.share.amount, [*people[:place], asked, *people[place + 1 :]]).shares
        amount = shares[place].amount
        found.append(WhatIf(grade, factor, amount, amount - row.amount))
    return found


def other_score(
    share: BureauShare,
    shares: Sequence[BureauShare],
    points: Mapping[int, Decimal],
    score: Decimal,
    bounds: tuple[Decimal, Decimal],
) -> Decimal:
    """What the bureau would get, in yuan, with another score (points), all other bureaus as they are (F14).

    ``shares`` are all of the run in order, ``points`` the sum of their people's
    by share id; ``bounds`` are the scheme's floor and cap of the coefficient.
    """
    bureaus = [
        BureauInput(
            str(each.bureau_id),
            Input("score", score if each.pk == share.pk else each.score, unit="points"),
            Fraction(points.get(each.pk, Decimal(0))) / 12,
        )
        for each in shares
    ]
    takes = [bool(each.people_points) or not each.weight for each in shares]
    whole = sum((each.amount for each in shares), Decimal(0))
    given = share_to_able(whole, bureaus, *bounds, takes=takes)
    return next(each.amount for each, row in zip(given, shares, strict=True) if row.pk == share.pk)


@dataclass(frozen=True)
class Score:
    """A bureau's amount under another score: points, yuan."""

    score: Decimal
    amount: Decimal
    difference: Decimal

    @property
    def stands(self) -> bool:
        return self.difference == 0


#: How many points more or less a bureau is told of; scores lie between 0 and 120 (100 and what adjustments add).
STEPS = (-5, -2, 0, 2, 5)


def other_scores(
    share: BureauShare,
    shares: Sequence[BureauShare],
    points: Mapping[int, Decimal],
    bounds: tuple[Decimal, Decimal],
) -> list[Score]:
    """What a few points more or less would have brought the bureau, others as they are."""
    if not points.get(share.pk) or not share.amount:
        return []
    found = []
    for step in STEPS:
        score = share.score + step
        if score >= 0:
            amount = other_score(share, shares, points, score, bounds) if step else share.amount
            found.append(Score(score, amount, amount - share.amount))
    return found

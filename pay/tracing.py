"""Shares drawn again from the columns that they are stored in: the steps of F14 and F15, by the reference."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from common.money import exact
from common.trace import Input, Step
from pay.sharing import (
    BureauInput,
    PersonInput,
    WholeUnit,
    bureau_coefficient,
    bureau_step,
    mean_score,
    person_weight,
    share_step,
    weighted_coefficient,
)
from staffing.headcount import PostMonths

if TYPE_CHECKING:
    from pay.models import Allocation, BureauShare


def person_input(row: Allocation) -> PersonInput:
    """What F15 reads of a person, each value with where it came from."""
    posts = [
        PostMonths(
            post=post["post"],
            coefficient=Input(
                "post_coefficient",
                Decimal(post["coefficient"]),
                unit="ratio",
                source=f"{post['name']} × {post['months']}",
                ref=f"staffing.post:{post['post']}",
            ),
            months=post["months"],
            bureau=str(row.share.bureau_id),
        )
        for post in row.posts
    ]
    factor = Input(
        "grade_factor",
        row.grade_factor,
        unit="ratio",
        source=row.rating or row.reason,
        ref=f"kpi.result:{row.result}" if row.result else "",
        example=row.is_example,
    )
    return PersonInput(str(row.person_id), posts, factor)


def person_trace(row: Allocation, share: BureauShare) -> Step:
    """The step "person_share": the bureau's amount × his weight ÷ everybody's (coefficient × months × factor)."""
    weight = person_weight(person_input(row))
    return share_step("person_share", "F15", share.amount, weight, exact(share.people_points) / 12, row.amount)


def share_json(row: BureauShare) -> dict[str, Any]:
    """A bureau's trace; one of a run from before the terms were kept stands there as it was drawn then."""
    return row.terms if "kind" in row.terms or not row.terms else share_trace(row).as_json()


def bureau_input(row: BureauShare) -> BureauInput:
    """What F14 reads of a bureau, exactly: its weight is not the rounded column."""
    terms = row.terms
    score = None
    if terms["scored"]:
        score = Input("score", row.score, unit="points", ref=terms["ref"], example=terms["example"])
    return BureauInput(str(row.bureau_id), score, Fraction(terms["points"]) / 12)


def share_trace(row: BureauShare) -> Step:
    """The step "bureau_share": the unit's pool × (weight × coefficient) ÷ Σ of those that can take."""
    terms = row.terms
    scored, points = Fraction(terms["sum_scored"]), Fraction(terms["sum_points"])
    bureau = bureau_input(row)
    mean = mean_score(scored / 12, points / 12)
    coefficient = bureau_coefficient(bureau, mean, Decimal(terms["floor"]), Decimal(terms["cap"]))
    # sharing.sql keeps Σ W × K times 12 and times Σ WS (where there is one): products only.
    scale = 12 * (scored or 1)
    whole = WholeUnit(
        Decimal(terms["pool"]),
        Fraction(terms["want_taken"]) / scale,
        Fraction(terms["want_all"]) / scale,
        Decimal(terms["went_back"]),
    )
    gave = None if terms["takes"] else Decimal(terms["returned"])
    return bureau_step(weighted_coefficient(bureau, coefficient), row.amount, gave, whole)

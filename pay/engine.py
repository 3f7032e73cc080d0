"""From a snapshot of plain values to every fen: no database, so a stored run can be computed again.

The arithmetic is the reference in ``pay/formulas.py`` and ``pay/sharing.py``;
this only reads a snapshot (``pay/inputs.py``) into their terms. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.trace import Input
from pay.formulas import Pool, PoolInputs, PoolParameters, composite_growth_pool_2019
from pay.sharing import BureauAllocation, BureauRoster, PersonInput, allocate
from staffing.headcount import PostMonths

FIGURES = (
    "base",
    "tax_now",
    "tax_before",
    "budget_now",
    "budget_before",
    "gdp_now",
    "gdp_before",
    "reference_income",
)


@dataclass(frozen=True)
class Calculation:
    """A unit's pool (yuan) and what each bureau and person gets of it, in roster order."""

    pool: Pool
    bureaus: list[BureauAllocation]


def calculate(snapshot: Mapping[str, Any]) -> Calculation:
    """Compute a snapshot; raises PayError or NothingToShareBy where a formula cannot."""
    scheme = snapshot["scheme"]
    pool = pool_of(snapshot)
    people: dict[int, list[PersonInput]] = {}
    for row in snapshot["people"]:
        people.setdefault(row["bureau"], []).append(_person(row, scheme["grade_factors"]))
    rosters = [
        BureauRoster(row["key"], _score(row["score"]), people.get(row["bureau"], [])) for row in snapshot["bureaus"]
    ]
    lower, upper = Decimal(scheme["bureau_floor"]), Decimal(scheme["bureau_cap"])
    return Calculation(pool, allocate(pool.amount, rosters, lower, upper))


def pool_of(snapshot: Mapping[str, Any]) -> Pool:
    """The unit's pool alone: people and bureaus are not needed for it."""
    return composite_growth_pool_2019(_parameters(snapshot["scheme"]), _pool_inputs(snapshot))


def _parameters(scheme: Mapping[str, Any]) -> PoolParameters:
    return PoolParameters(
        alpha=Decimal(scheme["alpha"]),
        weight_tax=Decimal(scheme["weight_tax"]),
        weight_budget=Decimal(scheme["weight_budget"]),
        weight_gdp=Decimal(scheme["weight_gdp"]),
        floor=Decimal(scheme["floor"]),
        cap=Decimal(scheme["cap"]),
        rating_factors={key: Decimal(value) for key, value in scheme["rating_factors"].items()},
        reference_multiple=Decimal(scheme["reference_multiple"]),
    )


def _pool_inputs(snapshot: Mapping[str, Any]) -> PoolInputs:
    figures = snapshot["figures"]
    inputs = {
        name: Input(
            name,
            Decimal(figures[name]["value"]),
            unit="yuan",
            source=figures[name]["source"],
            vintage=figures[name]["vintage"],
            ref=figures[name]["ref"],
            example=figures[name]["example"],
        )
        for name in FIGURES
        if name in figures
    }
    rating = snapshot["rating"]
    given = rating and Input(
        "rating", rating["value"], source=rating["source"], ref=rating["ref"], example=rating["example"]
    )
    return PoolInputs(**{name: inputs.get(name) for name in FIGURES}, rating=given or None)


def _score(score: Mapping[str, Any]) -> Input:
    value = Decimal(score["value"])
    return Input("score", value, unit="points", ref=score["ref"], example=score["example"])


def _person(row: Mapping[str, Any], factors: Mapping[str, str]) -> PersonInput:
    rating = row["rating"]
    # Snapshots from before settings stood in for a grade hold the grade alone.
    factor = row["factor"] if "factor" in row else factors.get(rating["value"])
    return PersonInput(
        key=row["key"],
        post_months=[
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
                bureau=str(row["bureau"]),
            )
            for post in row["posts"]
        ],
        grade_factor=None
        if factor is None
        else Input(
            "grade_factor",
            Decimal(factor),
            unit="ratio",
            source=rating["value"] or row["reason"],
            ref=rating["ref"],
            example=rating["example"],
        ),
    )

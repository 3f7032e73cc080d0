"""From a snapshot of plain values to every fen: no database, so a stored run can be computed again.

The arithmetic is the reference in ``pay/formulas`` and ``pay/sharing.py``;
this only reads a snapshot (``pay/inputs.py``) into their terms. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.trace import Input
from pay.formulas import Pool
from pay.reserve import reserve_of
from pay.sharing import BureauAllocation, BureauRoster, PersonInput, allocate
from pay.snapshots import pool_of
from staffing.headcount import PostMonths


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
    return Calculation(pool, allocate(pool.amount - reserve_of(snapshot, pool.amount), rosters, lower, upper))


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

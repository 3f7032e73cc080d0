"""From a snapshot's plain values to a pool: no database, so a stored run's pool can be made again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from common.trace import Input
from pay.formulas import Pool, PoolScheme, Rule, pool_of_unit

#: How snapshots from before schemes had rules say F13 and its cap.
COMPOSITE = ("alpha", "weight_tax", "weight_budget", "weight_gdp", "floor", "cap")


def pool_scheme(scheme: Mapping[str, Any]) -> PoolScheme:
    """The scheme's formulas as a snapshot keeps them; raises BadParameter."""
    rows = scheme["rules"] if "rules" in scheme else _rules_of_old(scheme)
    return PoolScheme(
        rules=[Rule.read(row) for row in rows],
        rating_factors={grade: Decimal(factor) for grade, factor in scheme["rating_factors"].items()},
        negative_growth=scheme.get("settings", {}).get("negative_growth", "clamp"),
    )


def _rules_of_old(scheme: Mapping[str, Any]) -> list[dict[str, Any]]:
    cap = {"reference_multiple": scheme["reference_multiple"]}
    return [
        {"role": "term", "method": "F13", "parameters": {name: scheme[name] for name in COMPOSITE}},
        {"role": "limit", "method": "F02", "parameters": cap},
    ]


def pool_inputs(snapshot: Mapping[str, Any]) -> dict[str, Input]:
    """What the formulas read, by name, each with its source and vintage."""
    inputs = {
        name: Input(
            name,
            Decimal(figure["value"]),
            unit=figure.get("unit", "yuan"),
            source=figure["source"],
            vintage=figure["vintage"],
            ref=figure["ref"],
            example=figure["example"],
        )
        for name, figure in snapshot["figures"].items()
    }
    if rating := snapshot["rating"]:
        inputs["rating"] = Input(
            "rating", rating["value"], source=rating["source"], ref=rating["ref"], example=rating["example"]
        )
    return inputs


def pool_of(snapshot: Mapping[str, Any]) -> Pool:
    """The unit's pool of the snapshot's year; raises PayError where a formula cannot."""
    return pool_of_unit(pool_scheme(snapshot["scheme"]), pool_inputs(snapshot), snapshot["year"])

"""What the exceptions in force tolerate (see ``RULE_TOLERANCES``)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from orgchart.models import RuleException


def tolerances(zone_id: int, day: dt.date) -> dict[tuple[str, str, int], Decimal]:
    """(rule, measure, unit) → by how much the unit may break it on the day."""
    rows = RuleException.objects.on(day).filter(zone=zone_id).values_list("rule", "measure", "unit", "allowed")
    return {(rule, measure, unit): Decimal(allowed) for rule, measure, unit, allowed in rows}

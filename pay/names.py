"""What pages of pay call units and bureaus, and a trace laid out for reading."""

from __future__ import annotations

from common.periods import year_end
from common.trace import walk_json
from orgchart.models import BureauVersion
from pay.labels import UNITS, formula, label, note, shown_value, source
from zones.models import UnitVersion


def unit_names(unit_ids, year: int) -> dict[int, UnitVersion]:
    """What each unit was at the end of the year; one that was not yet or no more there, as it first or last was."""
    found: dict[int, UnitVersion] = {}
    for version in UnitVersion.objects.filter(unit__in=unit_ids).order_by("period"):
        if version.unit_id not in found or version.starts <= year_end(year):
            found[version.unit_id] = version
    return found


def latest_bureaus(bureau_ids) -> dict[int, BureauVersion]:
    """The latest version of each bureau: a share outlives a renaming."""
    versions = BureauVersion.objects.filter(bureau__in=bureau_ids).order_by("period")
    return {version.bureau_id: version for version in versions}


def bureau_names(bureau_ids) -> dict[int, str]:
    """The latest name of each bureau, in the reader's language."""
    return {bureau: version.shown_name for bureau, version in latest_bureaus(bureau_ids).items()}


def trace_rows(trace: dict) -> list[dict]:
    """A trace laid out for the page: depth, label, value with its unit, expression, source."""
    return [
        {
            "depth": min(depth, 6),
            "label": label(node),
            "note": note(node),
            "value": shown_value(node),
            "unit": UNITS.get(node.get("unit", ""), ""),
            "formula": formula(node),
            "source": source(node),
            "node": node,
        }
        for depth, node in (walk_json(trace) if trace else ())
    ]

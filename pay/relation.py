"""The people relation: who shares in which unit's pool, read in one statement for as many units as are asked.

``PEOPLE`` is the text of the relation, for a statement that goes on from it;
``pay/people.py`` is the reference that it is tested against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from pay.setwise import set_wise

#: One row a (unit, bureau, person); its only parameter is ``asked``, a JSON list (see ``asked``).
PEOPLE = (Path(__file__).parent / "sql" / "people.sql").read_text(encoding="utf-8")


def asked(
    unit_id: int, zone_id: int, year: int, *, cutoff_day: int, grade_factors: Mapping[str, str], settings: Mapping
) -> dict[str, Any]:
    """What the relation needs to know of one unit: its zone that year, and its scheme's terms as stored."""
    return {
        "unit": unit_id,
        "zone": zone_id,
        "year": year,
        "cutoff": cutoff_day,
        "factors": dict(grade_factors),
        "settings": dict(settings),
    }


def people(asks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the asked units, by unit and roster order; ``factor`` None where a grade is missing."""
    with set_wise() as cursor:
        cursor.execute(PEOPLE, {"asked": orjson.dumps(list(asks)).decode()})
        names = [column.name for column in cursor.description or ()]
        return [_row(dict(zip(names, values, strict=True))) for values in cursor]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    posts = row["posts"]
    # psycopg hands jsonb over as text unless told otherwise.
    return {**row, "posts": orjson.loads(posts) if isinstance(posts, str) else posts}


def as_text(value: Decimal) -> str:
    """A number as a snapshot keeps it."""
    return f"{value.normalize():f}"

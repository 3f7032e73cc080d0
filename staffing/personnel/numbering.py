"""Staff numbers for those who come without one: the unit's code and a running number."""

from __future__ import annotations

import re

from django.db import connection

from zones.models import Unit


def last_number(unit: Unit) -> int:
    """The highest running number given in the unit, 0 where there is none.

    Serialised by a lock held until COMMIT, so that two clerks are not given the same.
    """
    prefix = f"{unit.code}-"
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"staff_no {prefix}"])
        cursor.execute(
            "select coalesce(max(substr(staff_no, %s)::bigint), 0) from staffing_person where staff_no ~ %s",
            [len(prefix) + 1, f"^{re.escape(prefix)}[0-9]{{1,9}}$"],
        )
        return cursor.fetchone()[0]


def number_of(unit: Unit, number: int) -> str:
    return f"{unit.code}-{number:05d}"

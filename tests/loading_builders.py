"""Helpers of the loader's tests."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

YIZHENG = Path(__file__).parent.parent / "fixtures" / "yizheng"


def rows_as_stored() -> dict[str, list[tuple[str, str]]]:
    """Where every row of every table lies, and who wrote it: an update of any kind shows."""
    found = {}
    with connection.cursor() as cursor:
        # What waits for COMMIT, which never comes in a test: the seals of audit entries.
        cursor.execute("set constraints all immediate; set constraints all deferred")
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'select ctid::text, xmin::text from "{table}" order by 1')
            found[table] = cursor.fetchall()
    return found

"""SQL that stands in files beside its migration, with its reverse."""

from pathlib import Path

from django.db import migrations

REVERSE = "-- reverse"


def run_file(migration_file: str, name: str) -> migrations.RunSQL:
    """The operation that runs ``sql/<name>``: above the line ``-- reverse`` forwards, below it backwards."""
    return migrations.RunSQL(*_both_ways(migration_file, name))


def undo_file(migration_file: str, name: str) -> migrations.RunSQL:
    """The operation that takes back what ``run_file`` did in an earlier migration, because a later file replaces it."""
    forwards, backwards = _both_ways(migration_file, name)
    return migrations.RunSQL(backwards, forwards)


def _both_ways(migration_file: str, name: str) -> tuple[str, str]:
    text = (Path(migration_file).parent / "sql" / name).read_text(encoding="utf-8")
    forwards, _, backwards = text.partition(f"\n{REVERSE}\n")
    if not backwards.strip():
        raise ValueError(f"{name} has no reverse")
    return forwards, backwards

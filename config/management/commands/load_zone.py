"""``manage.py load_zone FOLDER``: a zone from its files, all of it or nothing, as often as one likes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, connection, transaction

import kpi.loading
import kpi.raters.loading
import orgchart.loading
import pay.life.loading
import pay.loading
import staffing.loading
import zones.loading
from common.actors import Actor
from common.audit import record
from common.databases import broken_rule, hold_rules
from common.files import Folder, LoadError
from common.loading import Tally
from zones.models import Unit

#: In the order in which one refers to another.
ROOMS = (
    zones.loading,
    orgchart.loading,
    staffing.loading,
    kpi.loading,
    kpi.raters.loading,
    pay.loading,
    pay.life.loading,
)


class Command(BaseCommand):
    help = "Add what a folder of files says of a zone and the database does not have yet; change nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="e.g. fixtures/yizheng")

    def handle(self, *, folder: Path, **_options: Any) -> None:
        try:
            tally = load(folder)
        except LoadError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(f"{folder}: {'; '.join(error.messages)}") from error
        except IntegrityError as error:
            broken = broken_rule(error)
            raise CommandError(f"{folder}: {broken.text if broken else error}") from error
        self.stdout.write("\n".join(tally.lines()))


@transaction.atomic
def load(path: Path) -> Tally:
    """Load the folder; every rule is judged before this returns, and nothing is kept when one is broken.

    Raises LoadError naming file and line, ValidationError for a rule that the
    rows break together, IntegrityError for a constraint that one row breaks.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('load_zone'))")
    files, tally = Folder(path), Tally()
    with hold_rules():
        for room in ROOMS:
            room.load(files, tally)
        if tally.created.total():
            _record(files, tally)
            with connection.cursor() as cursor:
                # The planner should know the new rows from the first page on, not when autovacuum comes round.
                cursor.execute("analyze")
    return tally


def _record(files: Folder, tally: Tally) -> None:
    """One entry for the whole: what it brought is in the files, how much of it stands here."""
    named = {row.text("code") for row in files.section("units.yaml", "units", *zones.loading.UNIT_KEYS)}
    zone = Unit.objects.filter(code__in=named, kind=Unit.Kind.ZONE).first()
    if zone is None:
        raise LoadError("units.yaml", "there is no zone among the units")
    counts = {model: count for model, count in tally.created.items() if count}
    record("load_zone", zone, by=Actor.command("load_zone"), after=counts)

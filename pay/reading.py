"""What runs are computed from, read for many units at once: a handful of queries, however many units there are.

People are not among it: they stay in the database (``pay/relation.py``).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from common.periods import calendar_year, year_end
from kpi.models import Result, Scorecard
from orgchart.models import BureauVersion
from pay.figures import metrics_of
from pay.models import Run, Scheme
from staffing.models import Appointment
from zones.models import Figure, Metric, Unit, UnitVersion

CITY = "city"


class Judged(NamedTuple):
    """What a run reads of a result of ``kpi``: ``score`` in points, ``rating`` as a grade."""

    pk: int
    score: Decimal | None
    rating: str
    is_example: bool


class Book:
    """The inputs of ``units`` for ``year``, each read when it is first asked for, all units together."""

    def __init__(self, units: Sequence[Unit], year: int, scheme: Scheme | None = None) -> None:
        self.units, self.year = units, year
        self.zones = self._zones()
        self.schemes = self._schemes() if scheme is None else dict.fromkeys(self.zones.values(), scheme)
        codes = metrics_of(rule for scheme in self.schemes.values() for rule in scheme.rules.all())
        self.metric = {row.pk: row for row in Metric.objects.filter(code__in=codes)}
        self.approved_before = self._approved_before()
        self.set_up: dict[int, dt.date] = {}
        self.bureaus = self._bureaus()
        self.over_establishment = self._over_establishment()
        self.results = self._results()
        self._figures: dict[dt.date, dict[int, list[Figure]]] = {}

    def _zones(self) -> dict[int, int]:
        """Each unit's zone at the end of the year; a unit that belonged to none is left out."""
        found = {unit.pk: unit.pk for unit in self.units if unit.kind == Unit.Kind.ZONE}
        parks = [unit.pk for unit in self.units if unit.kind != Unit.Kind.ZONE]
        versions = UnitVersion.objects.on(year_end(self.year)).filter(unit__in=parks, parent__kind=Unit.Kind.ZONE)
        return found | dict(versions.values_list("unit_id", "parent_id"))

    def _schemes(self) -> dict[int, Scheme]:
        """The scheme in force at the end of the year, of each zone that has one."""
        rows = Scheme.objects.on(year_end(self.year)).filter(zone__in=set(self.zones.values()))
        return {scheme.zone_id: scheme for scheme in rows.prefetch_related("rules")}

    def _approved_before(self) -> dict[int, Run]:
        """The approved run of the year before that stands, of each unit that has one."""
        runs = Run.objects.standing().filter(unit__in=self.units, year=self.year - 1, state=Run.State.APPROVED)
        runs = runs.select_related("instrument", "scheme").defer("inputs", "trace")
        return {run.unit_id: run for run in runs}

    def _bureaus(self) -> dict[int, list[BureauVersion]]:
        """Bureaus that stood in each unit during the year, in roster order, by their latest version."""
        versions = BureauVersion.objects.during(calendar_year(self.year)).filter(unit__in=[u.pk for u in self.units])
        latest: dict[tuple[int, int], BureauVersion] = {}
        for version in versions.select_related("bureau").order_by("period"):
            latest[version.unit_id, version.bureau_id] = version
            self.set_up.setdefault(version.bureau_id, version.period.lower)
        found: dict[int, list[BureauVersion]] = defaultdict(list)
        for version in sorted(latest.values(), key=lambda version: (version.sequence, version.pk)):
            found[version.unit_id].append(version)
        return found

    def _over_establishment(self) -> dict[int, list[str]]:
        """Who is over establishment at the end of the year, by unit: staff numbers.

        That is who sits on a seat beyond those that his post has, and who came after the unit's quota was full.
        """
        day, keys = year_end(self.year), [unit.pk for unit in self.units]
        rows = Appointment.objects.on(day).filter(
            post__versions__unit__in=keys,
            post__versions__period__contains=day,
            seat__gt=F("post__versions__headcount"),
        )
        pairs = set(rows.values_list("post__versions__unit", "person__staff_no"))
        with connection.cursor() as cursor:
            cursor.execute("select unit_id, staff_no from pay_over_at_year_end(%s, %s)", [keys, self.year])
            pairs.update(cursor.fetchall())
        found: dict[int, list[str]] = defaultdict(list)
        for unit, who in sorted(pairs):
            found[unit].append(who)
        return found

    def _results(self) -> dict[tuple[int | str, str, int | None], Judged]:
        """Results of units and bureaus by who judged (a zone's id, or CITY), the kind of card and its subject's id."""
        zone = Q(scorecard__cycle__holder__in=set(self.zones.values()))
        city = Q(scorecard__cycle__holder__kind=Unit.Kind.CITY)
        bureaus = [version.bureau_id for versions in self.bureaus.values() for version in versions]
        units = Q(scorecard__kind=Scorecard.Kind.UNIT, scorecard__unit__in=[unit.pk for unit in self.units])
        rows = Result.objects.filter(
            (zone | city) & units | zone & Q(scorecard__kind=Scorecard.Kind.BUREAU, scorecard__bureau__in=bureaus),
            scorecard__cycle__year=self.year,
        )
        columns = ("pk", "score", "rating", "is_example", "scorecard__kind", "scorecard__unit", "scorecard__bureau")
        holder = ("scorecard__cycle__holder", "scorecard__cycle__holder__kind")
        found: dict[tuple[int | str, str, int | None], Judged] = {}
        for *judged, kind, unit, bureau, by, by_kind in rows.values_list(*columns, *holder):
            subject = bureau if kind == Scorecard.Kind.BUREAU else unit
            found[CITY if by_kind == Unit.Kind.CITY else by, kind, subject] = Judged(*judged)
        return found

    def unit_result(self, unit_id: int) -> Judged | None:
        """A unit that city and zone have both judged counts by what the city says."""
        own = self.results.get((self.zones.get(unit_id, 0), Scorecard.Kind.UNIT, unit_id))
        return self.results.get((CITY, Scorecard.Kind.UNIT, unit_id)) or own

    def bureau_result(self, unit_id: int, bureau_id: int) -> Judged | None:
        return self.results.get((self.zones.get(unit_id, 0), Scorecard.Kind.BUREAU, bureau_id))

    def figures(self, unit_id: int, day: dt.date | None = None) -> list[Figure]:
        """The unit's figures of the year and the one before, as they were known on the day (today)."""
        day = day or timezone.localdate()
        if day not in self._figures:
            found: dict[int, list[Figure]] = defaultdict(list)
            rows = Figure.objects.known_on(day).whole_years()
            for figure in rows.filter(
                unit__in=[unit.pk for unit in self.units],
                year__in=(self.year - 1, self.year),
                metric__in=list(self.metric),
            ):
                figure.metric = self.metric[figure.metric_id]
                found[figure.unit_id].append(figure)
            self._figures[day] = found
        return self._figures[day][unit_id]

    def metric_name(self, code: str) -> str:
        return next((row.shown_name for row in self.metric.values() if row.code == code), code)

"""Reads of the territory, each as of a day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from django.db import models
from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery

from common.periods import DatedQuerySet


class UnitVersionQuerySet(DatedQuerySet):
    def of_zone(self, zone_id: int, *, also: Collection[int] = ()):
        """The zone and its parks, the zone first, and units that are asked for besides."""
        own = models.Q(unit=zone_id) | models.Q(parent=zone_id, unit__kind="park")
        return self.filter(own | models.Q(unit__in=also)).order_by("unit__sequence", "unit__code")


class UnitQuerySet(models.QuerySet):
    def named_on(self, day: dt.date):
        """With ``name``, ``short_name`` and ``parent_id`` as of the day; units that did not stand then drop out."""
        version = self.model._meta.get_field("versions").related_model.objects.filter(unit=OuterRef("pk")).on(day)
        return self.annotate(
            name=Subquery(version.values("name")[:1]),
            short_name=Subquery(version.values("short_name")[:1]),
            parent_id=Subquery(version.values("parent")[:1]),
        ).filter(name__isnull=False)

    def standing(self, day: dt.date):
        """The units of the day with their version's columns joined: ``named_on`` and all the rest, in one query."""
        standing = FilteredRelation("versions", condition=Q(versions__period__contains=day))
        columns = ("name", "name_en", "short_name", "rank", "dispatched_by", "period", "is_example", "note")
        return (
            self.alias(standing=standing)
            .filter(standing__isnull=False)
            .annotate(
                **{column: F(f"standing__{column}") for column in columns},
                parent_code=F("standing__parent__code"),
                instrument_code=F("standing__instrument__code"),
            )
        )

    def subtree_ids(self, *roots: int, day: dt.date) -> frozenset[int]:
        """The roots and everything that reports to them on the day, however deep."""
        children: dict[int, list[int]] = defaultdict(list)
        links = self.model._meta.get_field("versions").related_model.objects.on(day)
        for child, parent in links.filter(parent__isnull=False).values_list("unit", "parent"):
            children[parent].append(child)
        reached: set[int] = set()
        waiting = list(roots)
        while waiting:
            unit = waiting.pop()
            if unit not in reached:
                reached.add(unit)
                waiting += children[unit]
        return frozenset(reached)

    def zone_ids(self, unit_id: int, *, day: dt.date) -> frozenset[int]:
        """The whole zone around a unit: itself when it is one, its superior's tree when that is one."""
        superior = self.filter(kind="zone", child_versions__unit=unit_id, child_versions__period__contains=day)
        zone = self.filter(pk=unit_id, kind="zone").first() or superior.first()
        return self.subtree_ids(zone.pk if zone else unit_id, day=day)


#: The last month of a figure that counts the whole year.
WHOLE_YEAR = 12


class ProjectQuerySet(models.QuerySet):
    def on(self, day: dt.date):
        """The projects known of on the day, with ``stage_then`` and since when it is known (``stage_as_of``)."""
        stages = self.model._meta.get_field("stages").related_model.objects
        then = stages.filter(project=OuterRef("pk"), as_of__lte=day).order_by("-as_of")
        return self.annotate(
            stage_then=Subquery(then.values("stage")[:1]), stage_as_of=Subquery(then.values("as_of")[:1])
        ).filter(stage_then__isnull=False)


class FigureQuerySet(models.QuerySet):
    def whole_years(self):
        """Those that count a whole year: the only ones that pools and scores may read."""
        return self.filter(through=WHOLE_YEAR)

    def known_on(self, day: dt.date):
        """The latest vintage of each figure that was known on the day."""
        return (
            self.filter(vintage__lte=day)
            .order_by("unit_id", "metric_id", "year", "through", "scope", "-vintage", "-pk")
            .distinct("unit_id", "metric_id", "year", "through", "scope")
        )

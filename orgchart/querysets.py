"""Reads of the structure, each as of a day."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import OuterRef, Subquery

from common.periods import DatedQuerySet


class BureauVersionQuerySet(DatedQuerySet):
    def of_unit(self, unit_id: int):
        return self.filter(unit=unit_id).order_by("sequence", "pk")

    def of_zone(self, zone_id: int, day: dt.date):
        """Bureaus of the zone and of the parks that belong to it on the day, in roster order."""
        parks = models.Q(unit__versions__parent=zone_id, unit__versions__period__contains=day, unit__kind="park")
        return (
            self.on(day)
            .filter(models.Q(unit=zone_id) | parks)
            .order_by("unit__sequence", "unit__code", "sequence", "pk")
            .distinct()
        )


class BureauQuerySet(models.QuerySet):
    def named_on(self, day: dt.date):
        """With ``name``, ``nature`` and ``unit_id`` as of the day; bureaus that did not stand then drop out."""
        versions = self.model._meta.get_field("versions").related_model.objects
        version = versions.filter(bureau=OuterRef("pk")).on(day)
        return self.annotate(
            name=Subquery(version.values("name")[:1]),
            nature=Subquery(version.values("nature")[:1]),
            unit_id=Subquery(version.values("unit")[:1]),
        ).filter(name__isnull=False)

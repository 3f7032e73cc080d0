"""Reads of runs and what they gave."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, OuterRef, Subquery, Sum


class RunQuerySet(models.QuerySet):
    def standing(self):
        """The runs that count today: one a unit and year."""
        return self.filter(state="computed")

    def at_work(self):
        return self.filter(state__in=["queued", "running"])

    def latest_a_unit(self, year: int):
        """The newest run of each unit in the year, whatever became of it."""
        return self.filter(year=year).order_by("unit_id", "-pk").distinct("unit_id")

    def with_people(self):
        """With ``people``: how many got a share, counting who moved between bureaus once."""
        allocation = self.model._meta.get_field("allocations").related_model
        counted = (
            allocation.objects.filter(run=OuterRef("pk"))
            .order_by()
            .values("run")
            .annotate(n=Count("person", distinct=True))
        )
        return self.annotate(people=Subquery(counted.values("n")))


class ShareQuerySet(models.QuerySet):
    def with_people(self):
        """With ``people`` in the bureau and ``paid``, what they sum to (yuan)."""
        return self.annotate(people=Count("allocations"), paid=Sum("allocations__amount"))

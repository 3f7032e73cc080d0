"""Reads of runs and what they gave."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum


class RunQuerySet(models.QuerySet):
    def standing(self):
        """The runs that count today, one a unit and year: what was approved last, or the draft before there is one."""
        approved = self.model._default_manager.filter(corrects=OuterRef("pk"), state="approved")
        draft = Q(state__in=["computed", "checked"], corrects=None)
        return self.filter(draft | Q(state="approved") & ~Exists(approved))

    def drafts(self):
        """What waits for a check or an approval, corrections too."""
        return self.filter(state__in=["computed", "checked"])

    def at_work(self):
        return self.filter(state__in=["queued", "running"])

    def with_signers(self):
        """With whoever drafted, checked and approved, and the instrument."""
        return self.select_related("requested_by", "checked_by", "approved_by", "instrument")

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

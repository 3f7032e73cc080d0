"""Reads of the structure, each as of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from common.periods import DatedQuerySet


class BureauVersionQuerySet(DatedQuerySet):
    def of_unit(self, unit_id: int):
        return self.filter(unit=unit_id).order_by("sequence", "pk")

    def of_units(self, unit_ids: Collection[int]):
        """Bureaus of the units in roster order."""
        return self.filter(unit__in=unit_ids).order_by("unit__sequence", "unit__code", "sequence", "pk")

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

    def standing(self, day: dt.date):
        """The bureaus of the day with their version's columns joined and the codes of their functions, in one query."""
        standing = FilteredRelation("versions", condition=Q(versions__period__contains=day))
        columns = ("name", "name_en", "nature", "rank", "period", "is_example", "sequence")
        return (
            self.alias(standing=standing)
            .filter(standing__isnull=False)
            .annotate(
                **{column: F(f"standing__{column}") for column in columns},
                unit_code=F("standing__unit__code"),
                parent_code=F("standing__parent__code"),
                instrument_code=F("standing__instrument__code"),
                function_codes=ArrayAgg(
                    "standing__functions__code", default=Value([]), order_by="standing__functions__code"
                ),
            )
        )


class DutyTransferQuerySet(models.QuerySet):
    def on(self, day: dt.date):
        """The transfers on file on the day, with ``state_then``, ``late`` (deadline passed, not done) and ``disputed``.

        A transfer's state is told from its days and signatures (``DutyTransfer.State``).
        """
        state = self.model.State
        signatures = self.model._meta.get_field("signatures").related_model.objects
        disputes = self.model._meta.get_field("disputes").related_model.objects
        signed = signatures.filter(transfer=OuterRef("pk"), signed_on__lte=day).order_by().values("transfer")
        still = Q(settled_on__isnull=True) | Q(settled_on__gt=day)
        return (
            self.filter(drafted_on__lte=day)
            .annotate(
                signed_then=Coalesce(Subquery(signed.annotate(n=Count("pk")).values("n")), 0),
                disputed=Exists(disputes.filter(still, transfer=OuterRef("pk"), raised_on__lte=day)),
            )
            .annotate(
                state_then=Case(
                    When(withdrawn_on__lte=day, then=Value(state.WITHDRAWN)),
                    When(done_on__lte=day, then=Value(state.DONE)),
                    When(signed_then=2, then=Value(state.SIGNED)),
                    When(started_on__lte=day, then=Value(state.HANDING)),
                    default=Value(state.DRAFTED),
                ),
            )
            .annotate(
                late=Case(
                    When(~Q(state_then__in=[state.DONE, state.WITHDRAWN]), deadline__lt=day, then=Value(True)),
                    default=Value(False),
                    output_field=models.BooleanField(),
                )
            )
        )

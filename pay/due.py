"""What waits for finance, and where everybody finds his own amount."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from pay.models import Allocation, Run
from pay.services import units_of_zone
from zones.models import Unit


def due(access: Access, on: dt.date) -> list[Due]:
    """Pools of the latest computed year that are missing or failed; the visitor's own pay."""
    found = []
    if access.can("compute", "run"):
        allowed = access.units("compute", "run")
        runs = Run.objects.filter(unit__in=allowed)
        year = runs.order_by("-year").values_list("year", flat=True).first() or on.year - 1
        zones = Unit.objects.filter(pk__in=allowed, kind=Unit.Kind.ZONE)
        units = {unit.pk for zone in zones for unit in units_of_zone(zone, year)}
        done = runs.standing().filter(year=year, unit__in=units).count()
        title = _("%(year)s 年待核算的绩效总额") % {"year": year}
        url = f"{reverse('pools')}?year={year}"
        found.append(Due(title, len(units) - done, len(units), url, _("查看绩效总额"), urgent=done < len(units)))
    if access.person_id:
        own = Allocation.objects.filter(person=access.person_id, run__in=Run.objects.standing())
        if newest := own.order_by("-run__year").select_related("run").first():
            title = _("%(year)s 年绩效已核算") % {"year": newest.run.year}
            url = reverse("allocation", args=[newest.pk])
            found.append(Due(title, 0, None, url, _("我的绩效为什么是这么多")))
    return found

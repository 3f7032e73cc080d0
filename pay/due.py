"""What waits in pay for each who signs, for finance, and where everybody finds his own amount."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from pay.life.staleness import outdated
from pay.models import Allocation, Payout, Run
from pay.services import units_of_zone
from zones.models import Unit

State = Run.State


def due(access: Access, on: dt.date) -> list[Due]:
    """Pools to compute, check, approve, correct; payouts to draw up and release; the visitor's own pay."""
    found = _computing(access, on) + _signing(access) + _paying(access)
    if access.person_id:
        own = Allocation.objects.filter(person=access.person_id, run__in=Run.objects.standing())
        if newest := own.order_by("-run__year").select_related("run").first():
            title = _("%(year)s 年绩效已核算") % {"year": newest.run.year}
            url = reverse("allocation", args=[newest.pk])
            found.append(Due(title, 0, None, url, _("我的绩效为什么是这么多")))
    return found


def _computing(access: Access, on: dt.date) -> list[Due]:
    """For finance: pools of the latest year that are missing or failed, and approved ones whose inputs changed."""
    if not access.can("compute", "run"):
        return []
    allowed = access.units("compute", "run")
    runs = Run.objects.filter(unit__in=allowed)
    year = runs.order_by("-year").values_list("year", flat=True).first() or on.year - 1
    zones = Unit.objects.filter(pk__in=allowed, kind=Unit.Kind.ZONE)
    units = {unit.pk for zone in zones for unit in units_of_zone(zone, year)}
    done = runs.standing().filter(year=year, unit__in=units).count()
    title = _("%(year)s 年待核算的绩效总额") % {"year": year}
    url = f"{reverse('pools')}?year={year}"
    found = [Due(title, len(units) - done, len(units), url, _("查看绩效总额"), urgent=done < len(units))]
    approved = list(runs.standing().filter(state=State.APPROVED).only("pk", "year").order_by("-year"))
    stale = outdated(approved)
    if first := next((run for run in approved if run.pk in stale), None):
        url = reverse("run", args=[first.pk])
        found.append(Due(_("待更正的核算"), len(stale), len(approved), url, _("查看并重新核算"), urgent=True))
    return found


def _signing(access: Access) -> list[Due]:
    """Drafts that wait for this visitor's signature; what he drafted or checked waits for others."""
    found = []
    for action, state, title, deed in (
        ("check", State.COMPUTED, _("待复核的核算"), _("去复核")),
        ("approve", State.CHECKED, _("待审批的核算"), _("去审批")),
    ):
        if units := access.units(action, "run"):
            waiting = Run.objects.filter(unit__in=units, state=state).exclude(requested_by=access.user.pk)
            first = waiting.exclude(checked_by=access.user.pk).order_by("-year", "unit").values_list("pk", flat=True)
            if keys := list(first):
                found.append(Due(title, len(keys), None, reverse("run", args=[keys[0]]), deed, urgent=True))
    return found


def _paying(access: Access) -> list[Due]:
    """Approved runs whose current part nobody drew up, and payouts that another drew up."""
    found = []
    if units := access.units("add", "payout"):
        drawn = Payout.objects.filter(run=OuterRef("pk"), part=Payout.Part.CURRENT)
        waiting = Run.objects.filter(unit__in=units, state=State.APPROVED).exclude(Exists(drawn))
        if years := list(waiting.order_by("-year").values_list("year", flat=True)):
            url = f"{reverse('payouts')}?year={years[0]}"
            found.append(Due(_("待制发放单的核算"), len(years), None, url, _("去制单"), urgent=True))
    if units := access.units("release", "payout"):
        drafted = Payout.objects.filter(run__unit__in=units, state=Payout.State.DRAFTED)
        keys = list(drafted.exclude(drafted_by=access.user.pk).order_by("-pk").values_list("pk", flat=True))
        if keys:
            url = reverse("payout", args=[keys[0]])
            found.append(Due(_("待审核发放的批次"), len(keys), None, url, _("去审核"), urgent=True))
    return found

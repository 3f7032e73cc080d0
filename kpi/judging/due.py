"""What waits in judging: adjustments to decide, reviews and appeals with their clocks, grades to set."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from kpi.models import Adjustment, Appeal, Cycle, Scorecard


def due(access: Access, on: dt.date) -> list[Due]:
    """For whoever decides; a review that is late is urgent."""
    found = []
    if any(access.can("approve_adjustment", noun) for noun in Scorecard.nouns):
        open_cards = Scorecard.objects.filter(cycle__state=Cycle.State.OPEN).exclude(person__user=access.user.pk)
        cards = access.scope(open_cards, "approve_adjustment").order_by().values("pk")
        waiting = Adjustment.objects.filter(state="proposed", scorecard__in=cards).exclude(proposed_by=access.user.pk)
        if left := waiting.count():
            url = f"{reverse('adjustments')}?state=proposed"
            found.append(Due(_("待审定的加减分"), left, None, url, _("去审定"), urgent=True))
    if access.can("decide", "appeal") or access.can("change", "zone_cycle"):
        rows = access.scope(Appeal.objects.filter(outcome=""))
        said = rows.aggregate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
        if said["n"]:
            title = _("未处理的复核申诉")
            if said["late"]:
                title = _("未处理的复核申诉（逾期 %(n)s 件）") % {"n": said["late"]}
            url = f"{reverse('appeals')}?state=open"
            found.append(Due(title, said["n"], None, url, _("去处理"), urgent=said["late"] > 0))
    return found

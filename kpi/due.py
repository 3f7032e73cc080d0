"""What waits for whoever enters scores, and for whoever is scored."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from kpi.judging.due import due as judging_due
from kpi.models import Cycle, Line, Scorecard
from kpi.promise.reading import waits
from kpi.rights import scorable


def due(access: Access, on: dt.date) -> list[Due]:
    """Lines of open cycles that the visitor may score and nobody has; his own card."""
    found = []
    mine = scorable(access, Scorecard.objects.filter(cycle__state=Cycle.State.OPEN, cycle__year__lte=on.year))
    lines = Line.objects.filter(scorecard__in=mine.order_by().values("pk"), not_applicable="")
    if total := lines.count():
        left = lines.filter(points__isnull=True).count()
        found.append(
            Due(_("待录入的指标"), left, total, f"{reverse('scorecards')}?left=1", _("去评分"), urgent=left > 0)
        )
    if signing := Scorecard.objects.filter(waits(access, Scorecard.objects.filter(cycle__year__lte=on.year))).count():
        url = f"{reverse('letters')}?state=mine"
        found.append(Due(_("待签字的责任书"), signing, signing, url, _("去签字"), urgent=True))
    if access.person_id:
        own = Scorecard.objects.filter(kind="person", person=access.person_id, cycle__year__lte=on.year)
        if card := own.order_by("-cycle__year").first():
            lines = card.lines.filter(not_applicable="")
            left = lines.filter(points__isnull=True).count()
            url = reverse("scorecard", args=[card.pk])
            title = _("我的 %(year)s 年评分卡") % {"year": card.cycle.year}
            found.append(Due(title, left, lines.count(), url, _("查看评分卡")))
    return [*found, *judging_due(access, on)]

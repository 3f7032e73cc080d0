"""What waits for whoever runs, decides or may enter a selection round."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from staffing.models import Objection, Outcome, Selection

Stage = Selection.Stage


def due(access: Access, on: dt.date) -> list[Due]:
    """Rounds whose next step is due, notices that are over, open objections, decisions; rounds open to oneself."""
    today, rounds = timezone.localdate(), reverse("selections")
    out: list[Due] = []
    if units := access.units("change", "selection"):
        mine = Selection.objects.filter(unit__in=units)
        ripe = Q(stage=Stage.PUBLISHED, apply_until__lt=today) | Q(stage__in=(Stage.REVIEW, Stage.ASSESSMENT))
        waiting = mine.filter(ripe | Q(stage=Stage.MEDICAL)).count()
        # Of several notices the latest counts: one that is still up keeps its round from being over.
        noticed = mine.filter(stage=Stage.NOTICE)
        over = noticed.exclude(notices__last_day__gte=today).count()
        objections = Objection.objects.filter(notice__selection__unit__in=units, state=Objection.State.OPEN).count()
        out += [
            Due(_("待办竞聘"), waiting, None, rounds, _("去办理")),
            Due(_("公示期满待聘任"), over, noticed.count(), rounds, _("办理聘任"), urgent=over > 0),
            Due(_("未处理异议"), objections, None, rounds, _("去处理"), urgent=objections > 0),
        ]
    if units := access.units("decide", "selection"):
        open_ = Outcome.objects.filter(
            candidate__selection__unit__in=units,
            candidate__selection__stage=Stage.ASSESSMENT,
            candidate__withdrawn=False,
            decided_at__isnull=True,
        ).count()
        out.append(Due(_("竞聘待决定（人）"), open_, None, rounds, _("去决定")))
    if access.person_id and (units := access.units("nominate", "selection")):
        entering = Selection.objects.filter(
            unit__in=units, stage=Stage.PUBLISHED, apply_from__lte=today, apply_until__gte=today
        )
        n = entering.exclude(candidates__person=access.person_id, candidates__withdrawn=False).count()
        out.append(Due(_("正在报名的竞聘"), n, None, rounds, _("去报名")))
    return [each for each in out if each.count]

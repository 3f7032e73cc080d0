"""What waits for a rater, and for whoever keeps panels; what somebody was reminded of."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Access
from common.due import Due
from kpi.models import Line, Panel, Reminder, Scorecard
from kpi.raters import reading
from kpi.raters.reminding import standing
from kpi.rights import scorable

#: From so many days before the last one a panel is urgent.
SOON = dt.timedelta(days=3)
About = Reminder.About


def due(access: Access, _on: dt.date) -> list[Due]:
    """Panels that wait for the visitor's ratings, panels that wait to be closed, and reminders that still hold."""
    today = timezone.localdate()
    found = []
    left: dict[int, int] = {}
    for each in reading.asked(access.user.pk, today):
        left[each.panel.pk] = each.left
        urgent = each.left > 0 and each.panel.closes_on is not None and each.panel.closes_on <= today + SOON
        title = _("待测评：%(name)s") % {"name": each.panel.name}
        found.append(Due(title, each.left, each.expected, reverse("rating", args=[each.panel.pk]), _("去测评"), urgent))
    if any(access.can("change", noun) for noun in Panel.nouns):
        over = access.scope(Panel.objects.overdue(today), "change").count()
        if over:
            found.append(Due(_("已到期待结束的测评"), over, None, reverse("panels"), _("去结束"), urgent=True))
    return found + _reminders(access, today, left)


def _reminders(access: Access, today: dt.date, left: dict[int, int]) -> list[Due]:
    out = []
    for row in standing(access.user.pk, today):
        if row.about == About.RATING:
            count, url = left.get(row.panel_id or 0, 0), reverse("rating", args=[row.panel_id])
            title = _("提醒：%(name)s还未评完") % {"name": row.panel}
        elif row.about == About.ENTRY:
            mine = scorable(access, Scorecard.objects.filter(cycle=row.cycle_id)).order_by().values("pk")
            count = Line.objects.filter(scorecard__in=mine, points__isnull=True, panel_line__isnull=True).count()
            url, title = f"{reverse('scorecards')}?left=1", _("提醒：完成值还未录完")
        else:
            own = Scorecard.objects.filter(cycle=row.cycle_id, frozen_at__isnull=True)
            count = reading.to_sign(access, own).count()
            url, title = reverse("scorecards"), _("提醒：责任书还未签订")
        if count:
            out.append(Due(title, count, None, url, _("去办理"), urgent=True))
    return out

"""Asking people to do what waits for them (提醒): kept as rows, shown at their desks while it waits."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import record
from kpi.models import Cycle, Panel, Reminder
from kpi.raters.querysets import turnout
from kpi.raters.turnout import places

#: How long a reminder stays at somebody's desk.
KEPT = dt.timedelta(days=14)
About = Reminder.About


@transaction.atomic
def remind(*, cycle: Cycle, about: str, panel: Panel | None = None, by: Actor) -> int:
    """Remind everybody for whom ``about`` waits, each at most once a day; returns how many were reminded now.

    Of a panel those who have not finished. Raises ValidationError when nobody is to be reminded.
    """
    today = timezone.localdate()
    users = _waiting(cycle, about, panel, today)
    if not users:
        raise ValidationError(_("没有需要提醒的人"), code="nobody")
    wanted = [
        Reminder(cycle=cycle, panel=panel, user_id=user, about=about, day=today, sent_by=by.user)
        for user in sorted(users)
    ]
    # Two who remind at once: the second finds the rows there.
    before = Reminder.objects.filter(cycle=cycle, panel=panel, about=about, day=today).count()
    Reminder.objects.bulk_create(wanted, ignore_conflicts=True)
    sent = Reminder.objects.filter(cycle=cycle, panel=panel, about=about, day=today).count() - before
    if sent:
        record("remind", panel or cycle, by=by, before={}, after={"about": about, "count": sent})
    return sent


def _waiting(cycle: Cycle, about: str, panel: Panel | None, today: dt.date) -> set[int]:
    if about == About.RATING:
        if panel is None or panel.cycle_id != cycle.pk:
            raise ValidationError(_("测评提醒须写明测评组"), code="kpi_reminder_panel")
        if not Panel.objects.taking(today).filter(pk=panel.pk).exists():
            raise ValidationError(_("测评已截止，不再提醒"), code="KPI-PANEL-CLOSED")
        return {row.user for row in turnout([panel.pk], today) if not row.finished}
    rows = places(cycle, today)
    return {user for row in rows for user in (row.signing if about == About.SIGNING else row.entering)}


def standing(user_id: int, today: dt.date) -> list[Reminder]:
    """The reminders at somebody's desk: the latest of each matter, from the last two weeks."""
    rows = Reminder.objects.filter(user=user_id, day__gt=today - KEPT, cycle__state=Cycle.State.OPEN)
    rows = rows.order_by("cycle_id", "about", "panel_id", "-day").distinct("cycle_id", "about", "panel_id")
    return list(rows.select_related("cycle", "panel"))

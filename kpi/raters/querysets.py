"""Reads of panels: how far they are, and which lines a rater may rate. Imported by the models, and so imports none."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models
from django.db.models import Count, Q


class PanelQuerySet(models.QuerySet):
    def counted(self):
        """With ``rating_count``: how many ratings were given; and ``line_count``."""
        return self.annotate(
            rating_count=Count("lines__ratings", distinct=True), line_count=Count("lines", distinct=True)
        )

    def taking(self, day: dt.date):
        """Panels that take ratings on the day: of an open year, not closed, not past their last day."""
        in_time = Q(closes_on__isnull=True) | Q(closes_on__gte=day)
        return self.filter(in_time, closed_at__isnull=True, cycle__state="open")

    def overdue(self, day: dt.date):
        """Panels past their last day that nobody has closed."""
        return self.filter(closed_at__isnull=True, closes_on__lt=day, cycle__state="open")


#: Of each rater of the panels: how many lines he may rate, and how many of these he has rated.
TURNOUT = """
    select r.id, r.group_id, g.panel_id, r.user_id,
           (select count(*) from kpi_panelline l where l.panel_id = g.panel_id)
               - (select count(*) from kpi_own_cases(%(day)s) o where o.rater_id = r.id) as expected,
           (select count(*) from kpi_panelrating p where p.rater_id = r.id and not exists (
               select from kpi_own_cases(%(day)s) o where o.rater_id = r.id and o.line_id = p.line_id)) as given
    from kpi_rater r join kpi_panelgroup g on g.id = r.group_id
    where g.panel_id = any (%(panels)s) and (%(user)s::bigint is null or r.user_id = %(user)s)
    order by g.panel_id, g.sequence, r.user_id
"""


@dataclass(frozen=True)
class Turnout:
    """How far one rater is: how many of the lines that are his to rate he has rated. Never what he rated."""

    rater: int
    group: int
    panel: int
    user: int
    expected: int
    given: int

    @property
    def finished(self) -> bool:
        return self.given >= self.expected

    @property
    def silent(self) -> bool:
        return self.given == 0 and self.expected > 0


def turnout(panels: list[int], day: dt.date, user_id: int | None = None) -> list[Turnout]:
    """How far each rater of the panels is (or one of them); his own cards (as of ``day``) are not his to rate."""
    with connection.cursor() as cursor:
        cursor.execute(TURNOUT, {"panels": panels, "day": day, "user": user_id})
        return [Turnout(*row) for row in cursor.fetchall()]


def turnout_of(user_id: int, panels: list[int], day: dt.date) -> dict[int, tuple[int, int]]:
    """How many lines of each panel are the user's to rate, and how many of these he has rated."""
    return {row.panel: (row.expected, row.given) for row in turnout(panels, day, user_id)}


def own_cases(user_id: int, day: dt.date) -> list[int]:
    """The panel lines that are the user's own case on the day: his card, the bureau he heads, the unit he leads."""
    sql = "select o.line_id from kpi_own_cases(%s) o join kpi_rater r on r.id = o.rater_id where r.user_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [day, user_id])
        return [line for (line,) in cursor.fetchall()]


def has_begun(panel_id: int) -> bool:
    """Whether anybody has rated: from then on what he was asked stays as it is."""
    return apps.get_model("kpi", "PanelRating").objects.filter(line__panel=panel_id).exists()

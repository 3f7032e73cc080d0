"""What the pages of panels show, put together from rows. Of ratings only counts, and of closed panels the results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpi.entry import pages as cards
from kpi.models import Cycle, Indicator, Panel, PanelLine, Rater, Scorecard
from kpi.raters import results
from kpi.raters.querysets import PanelQuerySet, turnout
from kpi.raters.reading import in_order
from kpi.raters.results import LineResult, Said, shown
from zones.models import UnitVersion


def holder_name(cycle: Cycle) -> str:
    day = min(timezone.localdate(), dt.date(cycle.year, 12, 31))
    version = UnitVersion.objects.on(day).filter(unit=cycle.holder_id).first()
    return version.shown_short_name if version else cycle.holder.code


def state(panel: Panel, today: dt.date) -> tuple[str, str]:
    """A panel's state: the code that colours it, and the word."""
    if panel.closed_at:
        return "done", _("已结束")
    if panel.closes_on and panel.closes_on < today:
        return "due", _("已到期，待结束")
    return "open", _("评分中")


def about(panel: Panel) -> str:
    parts = [f"{holder_name(panel.cycle)} {panel.cycle.year}"]
    if panel.closed_at:
        day = date_format(timezone.localtime(panel.closed_at), "DATE_FORMAT")
        parts.append(_("%(day)s 结束") % {"day": day})
    elif panel.closes_on:
        parts.append(_("%(day)s 截止") % {"day": date_format(panel.closes_on, "DATE_FORMAT")})
    else:
        parts.append(_("未定截止日期"))
    return " · ".join(parts)


@dataclass(frozen=True)
class PanelRow:
    panel: Panel
    code: str
    word: str
    lines: int
    raters: int
    finished: int


@dataclass(frozen=True)
class Sums:
    lines: int
    raters: int
    finished: int


def sums(rows: Sequence[PanelRow]) -> Sums:
    return Sums(*(sum(getattr(row, name) for row in rows) for name in ("lines", "raters", "finished")))


def panel_rows(panels: PanelQuerySet, on: dt.date) -> list[PanelRow]:
    """The panels as the list shows them: the latest year first, open ones before closed."""
    found = list(
        panels.annotate(line_count=Count("lines"))
        .select_related("cycle__holder")
        .order_by("-cycle__year", "closed_at", "closes_on", "pk")
    )
    counts: dict[int, list[bool]] = {panel.pk: [] for panel in found}
    for row in turnout(list(counts), timezone.localdate()):
        counts[row.panel].append(row.finished)
    today = timezone.localdate()
    ordered = sorted(found, key=lambda panel: (-panel.cycle.year, panel.closed_at is not None))
    return [
        PanelRow(panel, *state(panel, today), panel.line_count, len(counts[panel.pk]), sum(counts[panel.pk]))
        for panel in ordered
    ]


@dataclass(frozen=True)
class GroupProgress:
    pk: int
    name: str
    weight: object
    raters: int
    finished: int


def group_rows(panel: Panel, today: dt.date) -> list[GroupProgress]:
    """The panel's groups with how many of their raters have finished."""
    done: dict[int, list[bool]] = {}
    for row in turnout([panel.pk], today):
        done.setdefault(row.group, []).append(row.finished)
    return [
        GroupProgress(group.pk, group.name, group.weight, len(rows := done.get(group.pk, [])), sum(rows))
        for group in panel.groups.order_by("sequence", "pk")
    ]


def raters(panel: Panel) -> list[Rater]:
    """Who rates, group by group, in the order of their names: whether and what anybody rated is not said."""
    rows = Rater.objects.filter(group__panel=panel).select_related("user", "group")
    return list(rows.order_by("group__sequence", "group", "user__last_name", "user__username"))


@dataclass(frozen=True)
class SubjectRow:
    """A line that the panel rates: whose card it is on, and, once the panel is closed, what came out."""

    line: PanelLine
    subject: str
    belongs: str
    result: LineResult | None

    @property
    def card_id(self) -> int:
        return self.line.line.scorecard_id

    @property
    def score(self) -> str:
        return shown(self.result.score) if self.result else ""

    @property
    def groups(self) -> list[tuple[Said, str, str, str]]:
        """Each group told apart, with its mean, and its least and most, as text."""
        said = self.result.groups if self.result else ()
        return [(each, shown(each.mean), shown(each.least), shown(each.most)) for each in said]


def subject_rows(panel: Panel, on: dt.date) -> list[SubjectRow]:
    """The panel's lines in the order of units, bureaus and staff numbers."""
    lines: dict[int, list[PanelLine]] = {}
    for row in panel.lines.select_related("line__indicator").order_by("line__sequence", "pk"):
        lines.setdefault(row.line.scorecard_id, []).append(row)
    found = results.of_lines(panel)
    return [
        SubjectRow(row, cards.subject(card), cards.belongs(card), found.get(row.pk))
        for card in in_order(Scorecard.objects.filter(pk__in=lines), on)
        for row in lines[card.pk]
    ]


def open_indicators(panel: Panel) -> list[Indicator]:
    """Indicators scored by rating with lines that the panel could take; ``lines_open`` is how many."""
    free = Q(
        lines__scorecard__cycle=panel.cycle_id,
        lines__actual__isnull=True,
        lines__not_applicable="",
        lines__panel_line__isnull=True,
    )
    rows = Indicator.objects.filter(method=Indicator.Method.RATING).annotate(lines_open=Count("lines", filter=free))
    return list(rows.filter(lines_open__gt=0).order_by("code"))

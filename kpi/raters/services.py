"""Setting up a panel (测评组): its groups and weights, the lines it rates, who rates; and ending it.

Everything may change until somebody has rated. From then on raters may join, the
last day may move and the protection may grow; the database holds it (KPI-PANEL-BEGUN).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from common.models import User
from common.numerals import plain
from kpi.models import Cycle, Indicator, Line, Panel, PanelGroup, PanelLine, Rater, Reminder
from kpi.raters.querysets import has_begun, turnout

HUNDRED = Decimal(100)
#: What of a panel its form sets.
SETTINGS = ("name", "trim", "closes_on", "shown_from", "words")
MAX_GROUPS = 12


@dataclass(frozen=True)
class GroupPlan:
    """A group as it is wanted: its name and its weight in percent."""

    name: str
    weight: Decimal


def fingerprint(panel: Panel) -> str:
    """What of a panel a form showed; another one since means that somebody saved in between."""
    groups = [(group.name, plain(group.weight)) for group in panel.groups.order_by("sequence", "pk")]
    shown = [*(str(getattr(panel, name)) for name in SETTINGS), groups]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def locked(panel: Panel) -> Panel:
    """The panel as it stands, held until the end of the transaction. Raises ValidationError when it is closed."""
    row = Panel.objects.select_for_update(of=("self",), no_key=True).select_related("cycle__holder").get(pk=panel.pk)
    if row.closed_at:
        raise ValidationError(_("测评已结束，不能再修改"), code="KPI-PANEL-CLOSED")
    return row


@transaction.atomic
def create_panel(*, cycle: Cycle, groups: Sequence[GroupPlan], by: Actor, **settings: Any) -> Panel:
    """A new panel of the year with its groups; raises ValidationError at the field at fault."""
    panel = Panel(cycle=cycle)
    _apply(panel, settings)
    check_groups(groups)
    with hold_rules():
        panel.save()
        PanelGroup.objects.bulk_create(
            PanelGroup(panel=panel, name=group.name, weight=group.weight, sequence=number)
            for number, group in enumerate(groups, start=1)
        )
    record("add", panel, by=by, after={**facts(panel), "groups": _as_facts(groups)})
    return panel


@transaction.atomic
def change_panel(
    *, panel: Panel, groups: Sequence[GroupPlan] | None = None, seen: str | None = None, by: Actor, **settings: Any
) -> Panel:
    """Change a panel; ``groups`` are all that it is to have, by name, ``seen`` the fingerprint that the page showed.

    Raises ValidationError with the code ``stale`` when somebody saved since, and
    KPI-PANEL-BEGUN for what may no longer change.
    """
    panel = locked(panel)
    if seen is not None and seen != fingerprint(panel):
        raise ValidationError(_("测评组已被他人修改，请刷新后再改"), code="stale")
    before = facts(panel) | {"groups": _as_facts(panel.groups.order_by("sequence", "pk"))}
    _apply(panel, settings)
    with hold_rules():
        panel.save()
        if groups is not None:
            check_groups(groups)
            _set_groups(panel, groups)
    after = facts(panel) | {"groups": _as_facts(panel.groups.order_by("sequence", "pk"))}
    if after != before:
        record("change", panel, by=by, before=before, after=after)
    return panel


def check_groups(groups: Sequence[GroupPlan]) -> None:
    """Raise ValidationError, at ``groups``, unless there are some, under different names, whose weights sum to 100."""
    total = sum((group.weight for group in groups), Decimal(0))
    if not groups:
        raise ValidationError({"groups": ValidationError(_("至少要有一个评价主体"), code="empty")})
    if len(groups) > MAX_GROUPS:
        raise ValidationError(
            {"groups": ValidationError(_("评价主体最多 %(n)s 个") % {"n": MAX_GROUPS}, code="too_many")}
        )
    if len({group.name for group in groups}) < len(groups):
        raise ValidationError({"groups": ValidationError(_("评价主体不能重名"), code="kpi_panel_group_once")})
    if any(not 0 < group.weight <= HUNDRED for group in groups):
        raise ValidationError(
            {"groups": ValidationError(_("权重须大于 0 且不超过 100"), code="kpi_panel_group_weight")}
        )
    if total != HUNDRED:
        off = total - HUNDRED
        words = _("权重合计 %(total)s，多 %(off)s") if off > 0 else _("权重合计 %(total)s，还差 %(off)s")
        said = words % {"total": plain(total), "off": plain(abs(off))}
        raise ValidationError({"groups": ValidationError(said, code="KPI-PANEL-WEIGHTS")})


def _apply(panel: Panel, settings: dict[str, Any]) -> None:
    old_day = panel.closes_on
    for name in SETTINGS:
        if name in settings:
            setattr(panel, name, settings[name])
    panel.full_clean(exclude=["cycle"])
    if panel.closes_on and panel.closes_on != old_day and panel.closes_on < timezone.localdate():
        raise ValidationError({"closes_on": ValidationError(_("截止日期不能早于今天"), code="past")})


def _as_facts(groups: Iterable[GroupPlan | PanelGroup]) -> list[list[str]]:
    return [[group.name, plain(group.weight)] for group in groups]


def _set_groups(panel: Panel, groups: Sequence[GroupPlan]) -> None:
    there = {group.name: group for group in panel.groups.all()}
    for name in there.keys() - {group.name for group in groups}:
        if there[name].raters.exists():
            message = _("「%(name)s」还有评价人，请先移出") % {"name": name}
            raise ValidationError({"groups": ValidationError(message, code="has_raters")})
        there[name].delete()
    for number, wanted in enumerate(groups, start=1):
        group = there.get(wanted.name) or PanelGroup(panel=panel, name=wanted.name)
        if (group.pk, group.weight, group.sequence) != (group.pk, wanted.weight, number) or not group.pk:
            group.weight, group.sequence = wanted.weight, number
            group.save()


def _refuse_begun(panel: Panel) -> None:
    if has_begun(panel.pk):
        raise ValidationError(_("已有人评分，不能删除测评组或移出指标"), code="KPI-PANEL-BEGUN")


@transaction.atomic
def remove_panel(*, panel: Panel, by: Actor) -> None:
    """Take back a panel that nobody has rated in: nothing that counted is lost."""
    panel = locked(panel)
    _refuse_begun(panel)
    record("remove", panel, by=by, before=facts(panel), after={})
    Reminder.objects.filter(panel=panel).delete()
    PanelLine.objects.filter(panel=panel).delete()
    with hold_rules():
        panel.delete()


def open_lines(panel: Panel, indicator: Indicator):
    """The indicator's lines of the panel's year that a panel may take: no value yet, and in no panel."""
    lines = Line.objects.filter(scorecard__cycle=panel.cycle_id, indicator=indicator, actual__isnull=True)
    return lines.filter(not_applicable="", panel_line__isnull=True)


@transaction.atomic
def add_lines(*, panel: Panel, lines: Iterable[Line], by: Actor) -> int:
    """Let the panel rate the lines; those that it rates already are left alone. Returns how many joined."""
    panel = locked(panel)
    there = set(panel.lines.values_list("line_id", flat=True))
    fresh = [PanelLine(panel=panel, line=line) for line in lines if line.pk not in there]
    with hold_rules():
        PanelLine.objects.bulk_create(fresh)
    if fresh:
        record("add_lines", panel, by=by, before={}, after={"lines": [row.line_id for row in fresh]})
    return len(fresh)


@transaction.atomic
def remove_lines(*, panel: Panel, lines: Iterable[PanelLine], by: Actor) -> int:
    """Take lines out of a panel that nobody has rated in yet."""
    panel = locked(panel)
    _refuse_begun(panel)
    rows = panel.lines.filter(pk__in=[line.pk for line in lines])
    gone = list(rows.values_list("line_id", flat=True))
    with hold_rules():
        rows.delete()
    if gone:
        record("remove_lines", panel, by=by, before={"lines": gone}, after={})
    return len(gone)


@transaction.atomic
def add_raters(*, group: PanelGroup, users: Iterable[User], by: Actor) -> int:
    """Let users rate in the group, also after the first rating; returns how many joined.

    Raises ValidationError (KPI-RATER-ONCE) for one who rates in another group of the panel already.
    """
    panel = locked(group.panel)
    taken = dict(Rater.objects.filter(group__panel=panel).values_list("user_id", "group_id"))
    wanted = {user.pk: user for user in users}
    if elsewhere := [user for pk, user in wanted.items() if taken.get(pk, group.pk) != group.pk]:
        names = "、".join(map(str, elsewhere[:5]))
        raise ValidationError(_("%(names)s 已在本测评组的其他评价主体中") % {"names": names}, code="KPI-RATER-ONCE")
    fresh = [Rater(group=group, user=user) for pk, user in wanted.items() if pk not in taken]
    with hold_rules():
        Rater.objects.bulk_create(fresh)
    if fresh:
        after = {"group": group.name, "raters": [rater.user_id for rater in fresh]}
        record("add_raters", panel, by=by, before={}, after=after)
    return len(fresh)


@transaction.atomic
def remove_rater(*, rater: Rater, by: Actor) -> None:
    """Take out a rater who has rated nothing; raises ValidationError for one who has."""
    panel = locked(rater.group.panel)
    # Said without whether he has rated being looked up by anybody but the database.
    if rater.ratings.exists():
        raise ValidationError(_("此人已评分，不能移出"), code="KPI-RATER")
    record("remove_rater", panel, by=by, before={"group": rater.group.name, "rater": rater.user_id}, after={})
    with hold_rules():
        rater.delete()


def bar_to_closing(panel: Panel, today: dt.date) -> str:
    """Why the panel cannot be closed yet, in words; empty when it can."""
    if panel.closes_on and panel.closes_on < today:
        return ""
    rows = turnout([panel.pk], today)
    if not rows:
        return _("还没有评价人")
    if left := sum(not row.finished for row in rows):
        return _("还有 %(left)s 人没有评完；截止日期之后可以结束") % {"left": left}
    return ""

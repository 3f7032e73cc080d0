"""Who has not entered, rated or signed yet (录入进度): counted by bureau and by group of raters.

Of ratings no more is told than how many have finished, and who has not rated at
all: that somebody should be asked. What anybody rated is not read here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from common.models import User
from kpi.models import Cycle, Line, Panel, PanelGroup, Scorecard
from kpi.models.cycles import holding
from kpi.raters.querysets import Turnout, turnout
from orgchart.models import BureauVersion
from staffing.models import Appointment
from zones.models import UnitVersion

#: A place on the page: a unit, and in it a bureau (None: the unit's own card and its leaders').
Place = tuple[int, int | None]


@dataclass
class PlaceRow:
    """A bureau's (or a unit's own) cards: lines entered of those to be entered by hand, cards signed, who is to act.

    ``responsible`` are the names of who enters, ``entering`` and ``signing`` the users who can be reminded.
    """

    name: str
    unit: str
    lines: int = 0
    entered: int = 0
    cards: int = 0
    signed: int = 0
    responsible: list[str] = field(default_factory=list)
    entering: list[int] = field(default_factory=list)
    signing: list[int] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.lines - self.entered

    @property
    def unsigned(self) -> int:
        return self.cards - self.signed


@dataclass(frozen=True)
class GroupRow:
    """A group of raters: how many there are, how many are done, who has not begun."""

    panel: Panel
    name: str
    raters: int
    finished: int
    silent: tuple[User, ...]


def places(cycle: Cycle, day: dt.date) -> list[PlaceRow]:
    """The year's bureaus, in the roster's order, with what is left to enter and to sign there.

    Heads enter for their bureau and its people. Heads' own cards are the leaders' to score, and stand in the
    unit's row; leaders' own, and lines that a panel rates, are nobody's here. A city's cards are its evaluators'.
    """
    cards = Scorecard.objects.filter(cycle=cycle)
    rows: dict[Place, PlaceRow] = {}
    names = _names(cycle, day)

    of_zone = holding(cycle.holder) == "zone"

    def row_of(unit: int, bureau: int | None) -> PlaceRow:
        name = names.get((unit, None), "")
        own = _("部门负责人（由领导评）") if of_zone else name
        return rows.setdefault((unit, bureau), PlaceRow(names.get((unit, bureau), name) if bureau else own, name))

    for unit, bureau, n, signed in _by_place(cards, Count("pk"), Count("frozen_at")):
        row = row_of(unit, bureau)
        row.cards, row.signed = n, signed
    lines = Line.objects.filter(scorecard__cycle=cycle, not_applicable="", panel_line__isnull=True)
    of_heads = Q(scorecard__kind="person") & Exists(
        _acting(day).filter(person=OuterRef("scorecard__person"), post__versions__is_head=True)
    )
    counts = (Count("pk"), Count("pk", filter=Q(actual__isnull=False)))
    below = lines.exclude(scorecard__kind="person", scorecard__bureau__isnull=True).exclude(of_heads)
    for unit, bureau, n, done in _by_place(below, *counts, prefix="scorecard__"):
        row = row_of(unit, bureau)
        row.lines, row.entered = n, done
    for unit, _bureau, n, done in _by_place(lines.filter(of_heads), *counts, prefix="scorecard__"):
        row = row_of(unit, None)
        row.lines, row.entered = row.lines + n, row.entered + done
    _responsible(rows, cards, day, enter=of_zone)
    return [rows[place] for place in _ordered(rows, day)]


def _acting(day: dt.date):
    """Who holds a post on the day, by the post as it then is."""
    return Appointment.objects.on(day).filter(post__versions__period__contains=day)


def _by_place(queryset, *counts, prefix: str = ""):
    named = {f"n{index}": count for index, count in enumerate(counts)}
    place = (f"{prefix}unit", f"{prefix}bureau")
    return queryset.order_by().values_list(*place).annotate(**named).values_list(*place, *named)


def _names(cycle: Cycle, day: dt.date) -> dict[Place, str]:
    """Names as of the day, at most the end of the year."""
    day = min(day, dt.date(cycle.year, 12, 31))
    units = UnitVersion.objects.on(day).filter(unit__scorecards__cycle=cycle).distinct()
    bureaus = BureauVersion.objects.on(day).filter(bureau__scorecards__cycle=cycle).distinct()
    found: dict[Place, str] = {(row.unit_id, None): row.shown_short_name for row in units}
    return found | {(row.unit_id, row.bureau_id): row.shown_name for row in bureaus}


def _ordered(rows: dict[Place, PlaceRow], day: dt.date) -> list[Place]:
    versions = BureauVersion.objects.on(day).filter(bureau__in=[bureau for _unit, bureau in rows if bureau])
    order = dict(versions.values_list("bureau", "sequence"))
    units = dict(UnitVersion.objects.on(day).values_list("unit", F("unit__sequence")))
    return sorted(rows, key=lambda place: (units.get(place[0], 0), place[0], order.get(place[1], -1), place[1] or 0))


def _responsible(rows: dict[Place, PlaceRow], cards, day: dt.date, *, enter: bool) -> None:
    """Who is to act at each place: heads for their bureau, leaders for the unit, people for themselves."""
    acting = _acting(day).filter(Q(post__versions__is_head=True) | Q(post__versions__tier__kind="leader"))
    columns = ("post__versions__unit", "post__versions__bureau", "post__versions__is_head")
    who = ("person__name", "person__user", "person__user__is_active")
    heads: dict[Place, dict[str, int | None]] = defaultdict(dict)
    for unit, bureau, is_head, name, user, active in acting.order_by("pk").values_list(*columns, *who):
        heads[unit, bureau if is_head else None][name] = user if active else None
    unsigned = cards.filter(frozen_at__isnull=True, person__user__is_active=True)
    unsigned = unsigned.exclude(signatures__user=F("person__user"))
    own: dict[Place, list[int]] = defaultdict(list)
    for unit, bureau, user in unsigned.order_by("pk").values_list("unit", "bureau", "person__user"):
        own[unit, bureau].append(user)
    for place, row in rows.items():
        here = heads.get(place, {})
        leading = here or heads.get((place[0], None), {})
        if row.left and enter:
            row.responsible = [
                name if user else _("%(name)s（无账号）") % {"name": name} for name, user in here.items()
            ]
            row.entering = [user for user in here.values() if user]
        if row.unsigned:
            row.signing = list(dict.fromkeys([*(user for user in leading.values() if user), *own[place]]))


def groups(panels: Iterable[Panel], day: dt.date) -> list[GroupRow]:
    """The groups of the panels with how far they are; names of who has not begun only while ratings are taken."""
    by_pk = {panel.pk: panel for panel in panels}
    found: dict[int, list[Turnout]] = defaultdict(list)
    for row in turnout(list(by_pk), day):
        found[row.group].append(row)
    silent = {row.user for rows in found.values() for row in rows if row.silent}
    users = User.objects.in_bulk(silent)
    return [
        GroupRow(
            panel=by_pk[group.panel_id],
            name=group.name,
            raters=len(rows := found[group.pk]),
            finished=sum(row.finished for row in rows),
            silent=tuple(users[row.user] for row in rows if row.silent) if _takes(by_pk[group.panel_id], day) else (),
        )
        for group in PanelGroup.objects.filter(panel__in=by_pk).order_by("panel__name", "panel", "sequence", "pk")
    ]


def _takes(panel: Panel, day: dt.date) -> bool:
    return panel.closed_at is None and (panel.closes_on is None or panel.closes_on >= day)

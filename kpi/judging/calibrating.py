"""The page on which grades are weighed against each other: who stands where, what the quota leaves, who is strict."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.drawing import Caption, Chart
from common.money import exact
from common.numerals import grouped
from common.strips import Strip, strips
from kpi.judgement import Contender, cut
from kpi.judging.determining import Bar, bars
from kpi.judging.grading import PERSON_RATINGS, stamp
from kpi.judging.quotas import APART, Circle, Quota, bases, circles, quotas
from kpi.judging.words import choices_for, grade_word, why_none
from kpi.models import Adjustment, Cycle, Line, Rating, Result, Scorecard
from kpi.querysets import ScorecardQuerySet
from kpi.rights import ratable
from zones.models import Unit

SHOWS = ("", "left", "proposed", "differs")
#: A board of more people than this shows one circle at a time, unless the address asks for all.
LONG = 60


@dataclass
class Row:
    """A person on the board: ``place`` in his circle, and what the published order proposes for him."""

    card: Scorecard
    result: Result | None
    yours: bool
    bars: list[Bar]
    vetoed: bool
    place: int = 0
    proposal: str = ""
    tied: bool = False

    @property
    def word(self) -> str:
        return grade_word(self.rating, self.card.person.identity) if self.card.person else ""

    @property
    def rating(self) -> str:
        return self.result.rating if self.result else ""

    @property
    def stamp(self) -> str:
        return stamp(self.result)

    @property
    def scores(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """The bureau's, his own, and what they come to."""
        if self.result is None:
            return None, None, None
        return self.result.bureau_score, self.result.own_score or self.result.score, self.result.score

    @property
    def bar(self) -> Bar | None:
        return next((bar for bar in self.bars if bar.bar == "none"), None) or next(iter(self.bars), None)

    @property
    def said(self) -> str:
        """What stands against a grade, in a line."""
        told = [f"{bar.sentence}（{bar.rule}）" for bar in self.bars if bar.bar != "proposed"]
        return "；".join([*told, *([_("一票否决，不能为优秀")] if self.vetoed else [])])

    @property
    def choices(self) -> list[tuple[str, str]]:
        return choices_for(self.card, PERSON_RATINGS)

    @property
    def proposed_word(self) -> str:
        return grade_word(self.proposal, self.card.person.identity) if self.card.person and self.proposal else ""


@dataclass
class Group:
    """A circle with its people, in order."""

    title: str
    circle: Circle | None
    places: int | None
    arithmetic: str
    rows: list[Row] = field(default_factory=list)

    @property
    def excellent(self) -> int:
        return sum(row.rating == Rating.EXCELLENT for row in self.rows)

    @property
    def over(self) -> int:
        """By how much it goes beyond its circle, into what the unit has left."""
        return max(self.excellent - self.places, 0) if self.places is not None else 0

    @property
    def tied(self) -> list[Row]:
        return [row for row in self.rows if row.tied]


@dataclass
class Board:
    """A unit's people in their circles; ``unit`` None are the leaders of all units."""

    unit: Unit | None
    units: list[tuple[str, str]]
    quota: Quota
    groups: list[Group]
    charts: list[Chart]
    show: str
    circles: list[tuple[str, str, bool]]
    tally: Counter[str]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many have which grade."""
        words = [(rating.value, str(rating.label)) for rating in PERSON_RATINGS]
        return [
            *((word, self.tally[value]) for value, word in words if self.tally[value]),
            (_("未评定"), self.tally[""]),
        ]


def judged_units(access: Access, cycle: Cycle) -> list[int]:
    """The units with cards of the year whose people this visitor may grade."""
    reached = access.units("rate", "person_card")
    cards = Scorecard.objects.filter(cycle=cycle, kind="person", unit__in=reached).order_by()
    return list(cards.values_list("unit", flat=True).distinct())


def read(access: Access, cycle: Cycle, query: QueryDict, on: dt.date) -> Board:
    """The board of the unit in the address; the first one without."""
    day = min(on, dt.date(cycle.year, 12, 31))
    named = {unit.pk: unit for unit in Unit.objects.filter(pk__in=judged_units(access, cycle)).named_on(day)}
    choices = [(unit.code, unit.short_name) for unit in named.values()]
    # Leaders are judged over all units at once: by whoever reaches all of them.
    if cycle.holder_id in named:
        choices.append(("leaders", _("领导班子")))
    wanted = query.get("unit", "")
    leaders = wanted == "leaders" and cycle.holder_id in named
    unit = (
        None
        if leaders
        else next((one for one in named.values() if one.code == wanted), next(iter(named.values()), None))
    )
    key = None if leaders or unit is None else unit.pk
    cards = Scorecard.objects.filter(cycle=cycle, kind="person", unit__in=named)
    cards = cards.filter(bureau=None) if leaders else cards.filter(unit=key, bureau__isnull=False)
    quota = quotas(cycle, [key])[key]
    groups = _groups(cycle, quota, _rows(access, cards, on))
    show = query.get("show", "") if query.get("show", "") in SHOWS else ""
    charts = _charts(cycle, groups, cards, day)
    counts = Counter(row.rating for group in groups for row in group.rows)
    choice = query.get("circle", "")
    names = [(str(number), group.title) for number, group in enumerate(groups)]
    if choice not in dict(names):
        choice = "0" if choice != "all" and sum(counts.values()) > LONG else "all"
    offered = [(key, title, key == choice) for key, title in [("all", _("全部")), *names]]
    groups = groups if choice == "all" else [groups[int(choice)]]
    for group in groups:
        group.rows = [row for row in group.rows if _shown(row, show)]
    return Board(unit, choices, quota, groups, charts, show, offered, counts)


def _shown(row: Row, show: str) -> bool:
    if show == "left":
        return not row.rating
    if show == "proposed":
        return row.proposal == Rating.EXCELLENT or row.tied
    return not (show == "differs" and row.rating == row.proposal)


def _rows(access: Access, cards: ScorecardQuerySet, on: dt.date) -> list[Row]:
    found = list(cards.named(on).select_related("person", "bureau", "result").order_by("bureau", "person__staff_no"))
    keys = [card.pk for card in found]
    yours = set(ratable(access, cards).values_list("pk", flat=True))
    against = bars(keys)
    vetoes = Adjustment.objects.effective().filter(kind="veto", scorecard__in=keys)
    vetoed = set(vetoes.values_list("scorecard", flat=True))
    return [
        Row(card, getattr(card, "result", None), card.pk in yours, against.get(card.pk, []), card.pk in vetoed)
        for card in found
    ]


def _groups(cycle: Cycle, quota: Quota, rows: list[Row]) -> list[Group]:
    """The rows by circle, each ordered and cut; without a stated ratio, one group without places."""
    if quota.unit is None:
        groups = [Group(_("领导班子"), None, quota.places, quota.arithmetic, rows)]
    elif quota.ratio is None:
        groups = [Group(_("全部"), None, None, quota.arithmetic, rows)]
    else:
        base = bases(cycle, [quota.unit])[quota.unit]
        by_bureau: dict[int | None, list[Row]] = defaultdict(list)
        for row in rows:
            by_bureau[row.card.bureau_id].append(row)
        groups = []
        for circle in circles(cycle, quota, base):
            mine = [row for pk in circle.bureaus for row in by_bureau.pop(pk, [])]
            names = dict.fromkeys(row.card.bureau_name or "" for row in mine)
            groups.append(Group("、".join(names), circle, circle.places, circle.arithmetic, mine))
        if rest := [row for left in by_bureau.values() for row in left]:
            groups.append(Group(_("不参加评优的人员"), None, 0, "", rest))
    for group in groups:
        _cut(group)
    return groups


def _cut(group: Group) -> None:
    """Order the group as published, and propose: the first within the places, 合格 for the others."""

    def contender(row: Row) -> Contender:
        bureau, own, total = row.scores
        return Contender(row.card.pk, bureau or 0, own or total or 0)

    able = [row for row in group.rows if row.scores[2] is not None and not _barred(row) and not row.vetoed]
    found = cut([contender(row) for row in able if not row.bars], group.places or 0)
    within, tied = set(found.within), set(found.tied)
    group.rows.sort(key=lambda row: (row.scores[2] is None, contender(row).order))
    for place, row in enumerate(group.rows, start=1):
        row.place = place
        if _barred(row):
            row.proposal = Rating.UNDETERMINED
        elif row.scores[2] is not None:
            row.proposal = Rating.EXCELLENT if row.card.pk in within else Rating.COMPETENT
            row.tied = row.card.pk in tied and found.left > 0


def _barred(row: Row) -> bool:
    return any(bar.bar == "none" for bar in row.bars) or (row.result is not None and row.result.undetermined in APART)


def _charts(cycle: Cycle, groups: Iterable[Group], cards: QuerySet[Scorecard], day: dt.date) -> list[Chart]:
    by_bureau: dict[str, list[Decimal]] = defaultdict(list)
    for row in (row for group in groups for row in group.rows):
        if row.scores[2] is not None:
            by_bureau[row.card.bureau_name or _("领导班子")].append(row.scores[2])
    said = {"unit": _("分"), "source": _("OneZone 评分卡"), "as_of": date_format(day, "DATE_FORMAT")}
    titles = (_("各部门人员得分分布"), _("各评分人给分的宽严"))
    bureaus = [_strip(name, values) for name, values in by_bureau.items()]
    return [
        strips(each, Caption(title=title, **said), show=_two)
        for title, each in zip(titles, (bureaus, strictness(cards)), strict=True)
        if each
    ]


def strictness(cards: QuerySet[Scorecard]) -> list[Strip]:
    """What each scorer gave: the scores of the cards whose lines he entered, by his name."""
    lines = Line.objects.filter(scorecard__in=cards.order_by().values("pk"), entered_by__isnull=False)
    rows = lines.order_by().values_list("entered_by", "scorecard").distinct()
    given = rows.annotate(
        score=F("scorecard__result__score"), last=F("entered_by__last_name"), name=F("entered_by__username")
    )
    by_user: dict[tuple[int, str], list[Decimal]] = defaultdict(list)
    for user, _card, score, last, name in given:
        if score is not None:
            by_user[user, last or name].append(score)
    return [_strip(name, values) for (_user, name), values in sorted(by_user.items(), key=lambda item: item[0][1])]


def _strip(name: str, values: list[Decimal]) -> Strip:
    strip = Strip(name, values)
    note = _("极差 %(spread)s，%(n)s 人") % {"spread": _two(strip.spread), "n": len(values)}
    return Strip(name, values, note)


def _two(value: object) -> str:
    return grouped(exact(value) or Fraction(0), 2)  # type: ignore[arg-type]


def determined(card: Scorecard, access: Access) -> str:
    """Why a card that was read with its result has no grade, as far as this visitor may know."""
    return why_none(card.result, access) if card.result.undetermined else _("没有原因，请补充")

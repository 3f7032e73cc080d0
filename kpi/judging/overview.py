"""A zone's year at a glance, for whoever leads or keeps it: progress, scores, grades, quota, what waits."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.charts import Row as BarRow
from common.charts import hbars
from common.drawing import Caption, Chart
from common.numerals import grouped
from kpi.judging.quotas import Quota, quotas
from kpi.models import Adjustment, Appeal, Cycle, Line, Rating, Scorecard
from zones.models import Unit


@dataclass
class Part:
    """A unit with its bureaus' and people's cards: lines scored, cards complete, grades set."""

    unit: Unit
    lines: int = 0
    scored: int = 0
    people: int = 0
    graded: int = 0
    signed: int = 0
    cards: int = 0
    ratings: Counter[str] = field(default_factory=Counter)
    bureaus: list[tuple[str, int, int, int, Decimal | None]] = field(default_factory=list)
    quota: Quota | None = None

    @property
    def progress(self) -> str:
        return f"{self.scored}/{self.lines}"

    @property
    def bureau_progress(self) -> str:
        """The bureaus' own lines, without those of people."""
        return f"{sum(row[2] for row in self.bureaus)}/{sum(row[3] for row in self.bureaus)}"

    @property
    def chart(self) -> Chart | None:
        """The bureaus' scores as bars."""
        scored = [(name, score, pk) for name, pk, _scored, _lines, score in self.bureaus if score is not None]
        if not scored:
            return None
        rows = [BarRow(name, score) for name, score, _pk in scored]
        title = _("%(unit)s各部门得分") % {"unit": self.unit.short_name}
        caption = Caption(
            title=title, unit=_("分"), source=_("OneZone 评分卡"), as_of=date_format(self.day, "DATE_FORMAT")
        )
        return hbars(rows, caption, show=lambda value: grouped(value, 2))

    day: dt.date = dt.date.min


@dataclass
class Glance:
    parts: list[Part]
    leaders: Quota | None
    adjustments: int
    appeals: int
    overdue: int
    signatures: int

    def total(self, name: str) -> int:
        return sum(getattr(part, name) for part in self.parts)

    @property
    def totals(self) -> dict[str, int]:
        return {name: self.total(name) for name in ("lines", "scored", "people", "graded", "signed", "cards")}

    @property
    def excellent(self) -> int:
        return sum(part.ratings[Rating.EXCELLENT] for part in self.parts)

    @property
    def undetermined(self) -> int:
        return sum(part.ratings[Rating.UNDETERMINED] for part in self.parts)

    @property
    def places(self) -> int | None:
        """The places for 优秀 of all units' staff and the leaders together; None where the charter states no ratio."""
        held = [*(part.quota for part in self.parts), self.leaders]
        found = [quota.places for quota in held if quota and quota.places is not None]
        return sum(found) if len(found) == len(held) else None


def read(access: Access, cycle: Cycle, on: dt.date) -> Glance:
    """A set number of queries, however many units, bureaus and people there are."""
    day = min(on, dt.date(cycle.year, 12, 31))
    cards = access.scope(Scorecard.objects.filter(cycle=cycle)).exclude(kind="unit")
    units = Unit.objects.filter(pk__in=cards.order_by().values("unit")).named_on(day)
    parts = {unit.pk: Part(unit, day=day) for unit in units}
    _lines(cards, parts)
    _people(cards, parts)
    _bureaus(cards, parts, on)
    held = quotas(cycle, [*parts, None])
    for pk, part in parts.items():
        part.quota = held[pk]
    appeals = access.scope(Appeal.objects.filter(result__scorecard__cycle=cycle, outcome=""))
    waiting = Adjustment.objects.filter(scorecard__in=cards.order_by().values("pk"), state="proposed").count()
    due = appeals.aggregate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
    unsigned = sum(part.cards - part.signed for part in parts.values())
    return Glance(list(parts.values()), held[None], waiting, due["n"], due["late"], unsigned)


def _lines(cards, parts: dict[int, Part]) -> None:
    rows = Line.objects.filter(scorecard__in=cards.order_by().values("pk"), not_applicable="").order_by()
    for unit, lines, scored in rows.values_list("scorecard__unit").annotate(n=Count("pk"), done=Count("points")):
        parts[unit].lines, parts[unit].scored = lines, scored
    counted = cards.order_by().values_list("unit").annotate(n=Count("pk"), signed=Count("frozen_at"))
    for unit, number, signed in counted:
        parts[unit].cards, parts[unit].signed = number, signed


def _people(cards, parts: dict[int, Part]) -> None:
    people = cards.filter(kind="person").order_by().values_list("unit", "result__rating").annotate(n=Count("pk"))
    for unit, rating, number in people:
        parts[unit].people += number
        parts[unit].ratings[rating or ""] += number
        parts[unit].graded += number if rating else 0


def _bureaus(cards, parts: dict[int, Part], on: dt.date) -> None:
    found = cards.filter(kind="bureau").named(on).bureau_ordered(on).with_progress().select_related("result")
    by_unit: dict[int, list] = defaultdict(list)
    for card in found.order_by("bureau_order", "bureau"):
        result = getattr(card, "result", None)
        score = result.score if result else None
        by_unit[card.unit_id].append((card.bureau_name or "", card.pk, card.scored_count, card.line_count, score))
    for unit, rows in by_unit.items():
        parts[unit].bureaus = rows

"""What the pages of assessment show, put together from rows: no reads but the ones named here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.charts import Row as BarRow
from common.charts import hbars
from common.drawing import Caption, Chart
from common.money import exact
from common.numerals import grouped, plain, rounded
from kpi import points
from kpi.entry.evidence import standing_counts
from kpi.entry.figures import Reading, bound, readings
from kpi.explain import Why, points_so_far, why_all
from kpi.judging.words import word_of
from kpi.models import Cycle, Line, Result, Scorecard
from kpi.numbers import typed_form
from kpi.querysets import Standing
from kpi.rights import scorable
from staffing.models import Appointment, Person


@dataclass(frozen=True)
class Row:
    """A line of the grid with the explanation of its points, how many files stand under it, and its figure."""

    line: Line
    why: Why
    files: int = 0
    reading: Reading | None = None

    @property
    def is_filled(self) -> bool:
        """Whether a figure fills it, so that nobody types it."""
        return self.reading is not None and self.reading.value is not None

    @property
    def has_news(self) -> bool:
        return self.reading is not None and self.reading.is_news(self.line)

    @property
    def actual(self) -> str:
        """As it is typed: without grouping, so that it can be edited."""
        return typed_form(self.line.actual)

    @property
    def points(self) -> str:
        return "" if self.line.points is None else two(self.line.points)

    @property
    def by_panel(self) -> bool:
        return by_panel(self.line)


def by_panel(line: Line) -> bool:
    """Whether a panel rates the line, or has: then nobody fills it in (a line read with ``panel_line__panel``)."""
    asked = getattr(line, "panel_line", None)
    if asked is None:
        return False
    scored = line.actual is not None and line.entered_by_id is None
    return asked.panel.closed_at is None or scored


def rows_of(lines: list[Line], on: dt.date) -> list[Row]:
    """The lines of one card as its grid shows them; figures are read only where a line is bound to one."""
    reasons, files = why_all(lines), standing_counts(lines)
    found: dict[int, Reading] = {}
    if any(line.indicator.metric_id for line in lines):
        found = readings(bound(Line.objects.filter(pk__in=[line.pk for line in lines])), on)
    return [Row(line, reasons[line.pk], files.get(line.pk, 0), found.get(line.pk)) for line in lines]


@dataclass(frozen=True)
class Bar:
    """Why a card cannot be scored here and now; ``words`` is empty when it can."""

    words: str = ""
    closed: bool = False

    @property
    def editable(self) -> bool:
        return not self.words


@dataclass(frozen=True)
class Summary:
    """A card at a glance."""

    lines: int
    scored: int
    total: str
    weight: Decimal
    complete: bool
    place: str
    rating: str

    @property
    def left(self) -> int:
        return self.lines - self.scored

    @property
    def progress(self) -> str:
        return f"{self.scored}/{self.lines}"


def two(points: object) -> str:
    """Points as people read them: two places."""
    return grouped(points, 2)


def place(standing: Standing | None) -> str:
    """A place as the page writes it: 3 / 10; empty without one."""
    return "" if standing is None else f"{standing.rank} / {plain(standing.of)}"


def subject(card: Scorecard) -> str:
    """Whose card it is (a card read with ``named``)."""
    if card.person:
        return card.person.name
    return (card.bureau_name or "") if card.kind == Scorecard.Kind.BUREAU else card.unit_name


def about(card: Scorecard) -> str:
    """Where the subject belongs, for the line under the title."""
    kinds: dict[str, str] = {
        Scorecard.Kind.UNIT: _("单位目标责任"),
        Scorecard.Kind.BUREAU: _("部门目标责任"),
        Scorecard.Kind.PERSON: _("个人绩效目标"),
    }
    return " · ".join(part for part in (belongs(card), kinds[card.kind]) if part)


def belongs(card: Scorecard) -> str:
    """The unit of a bureau, the unit and bureau of a person; nothing for a unit."""
    if card.kind == Scorecard.Kind.UNIT:
        return ""
    bureau = card.bureau_name if card.kind == Scorecard.Kind.PERSON else ""
    return " · ".join(part for part in (card.unit_name, bureau) if part)


def result_of(card: Scorecard) -> Result | None:
    return getattr(card, "result", None)


def rating_of(card: Scorecard) -> str:
    result = result_of(card)
    return result.rating if result else ""


def summary(card: Scorecard, lines: list[Line], standing: Standing | None, *, graded: bool = True) -> Summary:
    step = points_so_far(lines)
    applying = [line for line in lines if not line.not_applicable]
    scored = sum(line.points is not None for line in applying)
    return Summary(
        lines=len(applying),
        scored=scored,
        total=two(points.final_score(step.value)) if step else "",
        weight=sum((line.weight for line in lines), Decimal(0)),
        complete=bool(applying) and scored == len(applying),
        place=place(standing),
        rating=word_of(card) if graded else "",
    )


def why_not_now(card: Scorecard, *, on_is_today: bool, scores: bool) -> Bar:
    """What keeps the visitor from scoring the card, said to him."""
    if card.cycle.state == Cycle.State.CLOSED:
        return Bar(_("%(year)s 考核年度已关闭，分数不能再改。") % {"year": card.cycle.year}, closed=True)
    if not scores:
        who: dict[str, str] = {
            Scorecard.Kind.UNIT: _("市考核办"),
            Scorecard.Kind.BUREAU: _("部门负责人"),
            Scorecard.Kind.PERSON: _("部门负责人（部门负责人本人由园区领导评）"),
        }
        return Bar(_("您可以查看，评分由%(who)s录入。") % {"who": who[card.kind]})
    if not on_is_today:
        return Bar(_("正在查看过去的日期，回到今天后可以评分。"))
    return Bar()


def pictures(card: Scorecard, name: str, lines: list[Line]) -> dict[str, Chart] | None:
    """Points against weights, line by line, for a desk and for a telephone; None while nothing is scored."""
    left = sum(line.points is None and not line.not_applicable for line in lines)
    if all(line.points is None for line in lines):
        return None
    words = _("OneZone 评分卡")
    if left:
        words = _("OneZone 评分卡，另有 %(left)s 项待评") % {"left": left}
    caption = Caption(
        title=_("%(name)s %(year)s 年各项得分与权重") % {"name": name, "year": card.cycle.year},
        unit=_("分"),
        source=words,
        as_of=date_format(card.subject_day, "DATE_FORMAT"),
    )
    rows = [
        BarRow(line.indicator.shown_name, Decimal(rounded(exact(line.points), 2)).scaleb(-2), line.weight)
        for line in lines
        if line.points is not None
    ]
    return {"wide": hbars(rows, caption), "narrow": hbars(rows, caption, narrow=True)}


def responsible(access: Access, card: Scorecard) -> Person | None:
    """Who answers for the card on its day (the unit's first leader, the bureau's head, the person himself).

    None when nobody does, or when the visitor may not know him.
    """
    if card.kind == Scorecard.Kind.PERSON:
        return card.person
    seats = Appointment.objects.on(card.subject_day)
    if card.kind == Scorecard.Kind.BUREAU:
        seats = seats.filter(
            post__versions__period__contains=card.subject_day,
            post__versions__bureau=card.bureau_id,
            post__versions__is_head=True,
        )
    else:
        seats = seats.filter(
            post__versions__period__contains=card.subject_day,
            post__versions__unit=card.unit_id,
            post__versions__tier__kind="leader",
        )
    first = seats.order_by("post__versions__sequence", "post__versions__grade__sequence", "seat").first()
    return access.scope(Person.objects.filter(pk=first.person_id)).first() if first else None


def next_left(access: Access, card: Scorecard) -> int | None:
    """The next card of the year that waits for the visitor, after this one; None when all is done."""
    mine = scorable(access, Scorecard.objects.filter(cycle=card.cycle_id)).left().exclude(pk=card.pk)
    after = Case(When(pk__gt=card.pk, then=Value(0)), default=Value(1))
    return mine.order_by(after, "pk").values_list("pk", flat=True).first()

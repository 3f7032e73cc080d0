"""The verbs of assessment: enter a score, set a grade, close a year, add an indicator."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi import explain, points, scoring, typed
from kpi.models import Cycle, Indicator, Line, Rating, Result, Scorecard
from kpi.points import Delivered
from kpi.querysets import Standing, standings
from kpi.rights import may_rate, may_score

#: What an actual may have: the column's digits. More is refused, never rounded away in silence.
WHOLE_DIGITS, DECIMAL_PLACES = 16, 4
#: Methods whose results may fall below zero (growth rates do).
SIGNED_METHODS = frozenset({Indicator.Method.EFFICACY})
BAD_NUMBERS = {
    "not_a_number": gettext_lazy("「%(text)s」不是数字"),
    "not_finite": gettext_lazy("「%(text)s」不是有效的数值"),
    "percent": gettext_lazy("请去掉百分号，按本项的计量单位填写"),
    "exponent": gettext_lazy("「%(text)s」是科学计数法，请写出完整的数字"),
    "grouping": gettext_lazy("「%(text)s」的千分位有误，请检查逗号"),
    "too_long": gettext_lazy("数字过长：整数部分最多 16 位"),
}
UNIT_RATINGS = (Rating.FIRST, Rating.SECOND, Rating.THIRD)
PERSON_RATINGS = (
    Rating.EXCELLENT,
    Rating.COMPETENT,
    Rating.BASIC,
    Rating.INCOMPETENT,
    Rating.UNDETERMINED,
)


class StaleLine(Exception):
    """The line was saved by somebody else since the page was opened.

    ``theirs`` is the value that stands now (None: cleared), ``version`` its
    version, ``who`` entered it.
    """

    def __init__(self, line: Line) -> None:
        self.theirs = line.actual
        self.version = line.version
        self.who = str(line.entered_by) if line.entered_by else ""
        super().__init__(f"line {line.pk} is at version {line.version}")


@dataclass(frozen=True)
class Entered:
    """What a save came to: ``total`` is the points so far, ``score`` the card's once all lines have points."""

    line: Line
    total: Decimal | None
    score: Decimal | None
    standing: Standing | None


def ratings_for(kind: str) -> tuple[Rating, ...]:
    """The grades that a kind of card may get: units and bureaus in three classes, people by ASM-01/02."""
    return PERSON_RATINGS if kind == Scorecard.Kind.PERSON else UNIT_RATINGS


@transaction.atomic
def enter_score(*, line: Line, text: str, version: int, by: Actor) -> Entered:
    """Enter, change or (with empty text) clear the actual of a line; its points and its card's score follow.

    Raises ValidationError for a number that cannot be taken, a closed year or
    somebody's own card, and StaleLine when ``version`` is no longer the line's.
    Saying again what already stands changes nothing, so a lost answer may be retried.
    """
    card = _locked(line.scorecard_id)
    line = Line.objects.select_for_update(of=("self",)).select_related("indicator", "entered_by").get(pk=line.pk)
    _refuse_closed(card.cycle)
    if not may_score(card, by):
        raise ValidationError(_not_yours(card, by), code="not_yours")
    actual = parse_actual(text, line.indicator)
    if actual != line.actual:
        if version != line.version:
            raise StaleLine(line)
        _write(line, actual, by)
    return _summed(card, line)


def parse_actual(text: str, indicator: Indicator) -> Decimal | None:
    """The number typed, None for an empty cell; ValidationError at ``value`` says what is wrong with it."""
    try:
        actual = typed.parse_number(text)
    except typed.NotANumber as error:
        if error.code == "empty":
            return None
        message = str(BAD_NUMBERS.get(error.code, BAD_NUMBERS["not_a_number"])) % {"text": text.strip()[:20]}
        raise ValidationError({"value": message}, code=error.code) from error
    if abs(actual) >= 10**WHOLE_DIGITS:
        raise ValidationError({"value": str(BAD_NUMBERS["too_long"])}, code="too_long")
    if actual != round(actual, DECIMAL_PLACES):
        raise ValidationError({"value": _("小数最多 4 位")}, code="too_precise")
    if actual < 0 and indicator.method not in SIGNED_METHODS:
        raise ValidationError({"value": _("本项不能为负数")}, code="negative")
    return actual


def _locked(scorecard_id: int) -> Scorecard:
    """The card, locked: whoever scores another line of it waits, so that each sees the other's points."""
    cards = Scorecard.objects.select_for_update(of=("self",), no_key=True).select_related("cycle", "person")
    return cards.get(pk=scorecard_id)


def _refuse_closed(cycle: Cycle) -> None:
    if cycle.state == Cycle.State.CLOSED:
        raise ValidationError(_("%(year)s 考核年度已关闭，不能再修改") % {"year": cycle.year}, code="KPI-CLOSED")


def _not_yours(card: Scorecard, by: Actor) -> str:
    if card.person and by.user and card.person.user_id == by.user.pk:
        return _("不能为自己评分")
    if card.kind == Scorecard.Kind.PERSON:
        return _("工作人员由部门负责人评分，部门负责人由园区领导评分")
    return _("您没有为这张评分卡评分的权限")


def _write(line: Line, actual: Decimal | None, by: Actor) -> None:
    before = facts(line)
    line.points = None if actual is None else explain.as_points(explain.step_of(line, actual).value)
    line.actual = actual
    line.version += 1
    line.entered_by = by.user
    line.entered_at = timezone.now()
    with hold_rules():
        line.save(update_fields=["actual", "points", "version", "entered_by", "entered_at"])
    record("score", line, by=by, before=before, after=facts(line))


def _summed(card: Scorecard, line: Line) -> Entered:
    """The card's points so far; its Result holds the score exactly while every line has points."""
    lines = list(card.lines.select_related("indicator"))
    step = explain.points_so_far(lines)
    total = points.final_score(step.value) if step else None
    score = total if all(each.actual is not None for each in lines) else None
    result = Result.objects.filter(scorecard=card).first()
    if result is None and score is not None:
        Result.objects.create(scorecard=card, score=score, is_example=card.is_example)
    elif result is not None and result.score != score:
        result.score = score
        result.save(update_fields=["score", "decided_at"])
    return Entered(line, total, score, standings([card.pk]).get(card.pk))


@transaction.atomic
def set_rating(*, scorecard: Scorecard, rating: str, by: Actor) -> Result:
    """Set or (with an empty rating) take back a card's grade; never one's own, never on scores one entered.

    A person may be left 不定等次 without a score; every other grade needs one.
    """
    card = _locked(scorecard.pk)
    _refuse_closed(card.cycle)
    if not may_rate(card, by):
        raise ValidationError(_("不能评定自己的等次，也不能评定自己录入分数的评分卡"), code="own_case")
    if rating and rating not in ratings_for(card.kind):
        raise ValidationError({"rating": _("请从列出的等次中选择")}, code="unknown")
    result = Result.objects.filter(scorecard=card).first() or Result(scorecard=card, is_example=card.is_example)
    if result.score is None and rating not in ("", Rating.UNDETERMINED):
        raise ValidationError({"rating": _("各项指标评完后才能评定等次")}, code="no_score")
    before = facts(result) if result.pk else None
    result.rating = rating
    with hold_rules():
        result.save()
    record("rate", result, by=by, before=before, after=facts(result))
    return result


@transaction.atomic
def close_cycle(*, cycle: Cycle, by: Actor) -> Cycle:
    """Close a year: from then on the database refuses every score, grade and card of it.

    Refused while a card has no score, unless its person was left 不定等次.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    _refuse_closed(cycle)
    unscored = Q(result__isnull=True) | Q(result__score__isnull=True) & ~Q(result__rating=Rating.UNDETERMINED)
    if left := cycle.scorecards.filter(unscored).count():
        message = _("还有 %(count)s 张评分卡没有评完，不能关闭 %(year)s 年度")
        raise ValidationError(message % {"count": left, "year": cycle.year}, code="unfinished")
    before = facts(cycle)
    cycle.state = Cycle.State.CLOSED
    cycle.save(update_fields=["state"])
    record("close", cycle, by=by, before=before, after=facts(cycle))
    return cycle


@transaction.atomic
def create_indicator(*, by: Actor, **values) -> Indicator:
    """Add an indicator to the library; its parameters must be those that its method computes with."""
    indicator = Indicator(**values)
    indicator.parameters = {
        # Kept as text: JSON's own numbers would come back as floats.
        name: value if isinstance(value, bool) else str(value)
        for name, value in (values.get("parameters") or {}).items()
    }
    indicator.full_clean()
    try:
        points.score_line(indicator.method, 100, Delivered(1, 1, 1), indicator.parameters)
    except scoring.UndefinedScore as error:
        raise ValidationError({"parameters": explain.undefined(error)}, code="undefined") from error
    indicator.save(force_insert=True)
    record("add", indicator, by=by)
    return indicator

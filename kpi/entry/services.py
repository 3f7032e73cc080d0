"""Entering scores: one cell at a time, each saved as it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.models import Line, Scorecard
from kpi.numbers import parse_actual
from kpi.querysets import Standing, standings
from kpi.reckoning import Book, refuse_scores
from kpi.rights import may_score


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
    """What a save came to: ``total`` is the points so far, ``score`` the card's once all lines have points.

    ``lines`` are all of the card, as they stand now.
    """

    line: Line
    lines: tuple[Line, ...]
    total: Decimal | None
    score: Decimal | None
    standing: Standing | None


@transaction.atomic
def enter_score(*, line: Line, text: str, version: int, by: Actor) -> Entered:
    """Enter, change or (with empty text) clear the actual of a line; its points and its card's score follow.

    Raises ValidationError for a number that cannot be taken, a closed year or
    somebody's own card, and StaleLine when ``version`` is no longer the line's.
    Saying again what already stands changes nothing, so a lost answer may be retried.
    """
    book = Book.hold([line.scorecard_id])
    held = book.line(line.pk)
    card = book.cards[held.scorecard_id]
    refuse_scores(book.cycle_of(held))
    if not may_score(card, by):
        raise ValidationError(_not_yours(card, by), code="not_yours")
    actual = parse_actual(text, held.indicator)
    before = facts(held) if actual != held.actual else None
    if before and version != held.version:
        raise StaleLine(held)
    with hold_rules():
        if before:
            book.put(held, actual, by)
        reckoned = book.settle()[card.pk]
    if before:
        record("score", held, by=by, before=before, after=facts(held))
    return Entered(held, reckoned.lines, reckoned.total, reckoned.score, standings([card.pk]).get(card.pk))


def _not_yours(card: Scorecard, by: Actor) -> str:
    if card.person and by.user and card.person.user_id == by.user.pk:
        return _("不能为自己评分")
    if card.kind == Scorecard.Kind.PERSON:
        return _("工作人员由部门负责人评分，部门负责人由园区领导评分")
    return _("您没有为这张评分卡评分的权限")

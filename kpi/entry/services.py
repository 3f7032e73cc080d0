"""Entering scores: one cell or a pasted block, each cell saved or answered for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.audit import entry, facts, record_many
from common.databases import broken_rule, hold_rules
from common.models import AuditEntry
from kpi.entry.figures import refuse_bound
from kpi.models import Indicator, Line, PanelLine, Scorecard
from kpi.numbers import parse_actual
from kpi.querysets import Standing, standings
from kpi.reckoning import Book, Reckoned, refuse_scores
from kpi.rights import scorable


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


@dataclass(frozen=True)
class Cell:
    """What somebody typed into a line's cell, and the version of the line that he saw."""

    line: int
    text: str
    version: int


@dataclass(frozen=True)
class Outcome:
    """What became of a cell: the line as it stands, or ``error`` (a ValidationError or StaleLine)."""

    cell: Cell
    line: Line | None = None
    error: ValidationError | StaleLine | None = None


@dataclass
class Batch:
    """What became of many cells, and what every card that they reach came to.

    ``scorable`` are the cards that the actor may score, in the years and of the kinds that were entered.
    """

    scorable: frozenset[int] = frozenset()
    outcomes: list[Outcome] = field(default_factory=list)
    cards: dict[int, Reckoned] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)


@transaction.atomic
def enter_score(*, line: Line, text: str, version: int, by: Actor, access: Access | None = None) -> Entered:
    """Enter, change or (with empty text) clear the actual of a line; its points and its card's score follow.

    Raises ValidationError for a number that cannot be taken, a closed year or
    somebody's own card, and StaleLine when ``version`` is no longer the line's.
    Saying again what already stands changes nothing, so a lost answer may be retried.
    """
    done = enter_scores(cells=[Cell(line.pk, text, version)], by=by, access=access)
    (outcome,) = done.outcomes
    if outcome.line is None:
        raise outcome.error or Line.DoesNotExist
    card = done.cards[outcome.line.scorecard_id]
    standing = standings([card.card.pk]).get(card.card.pk)
    return Entered(outcome.line, card.lines, card.total, card.score, standing)


@transaction.atomic
def enter_scores(*, cells: Sequence[Cell], by: Actor, access: Access | None = None) -> Batch:
    """Enter many cells at once: a bad one is answered and keeps none of the others from being saved.

    ``access`` is the request's, where there is one, so that what its user may do is read once.
    """
    ids = Line.objects.filter(pk__in=[cell.line for cell in cells]).order_by().values_list("scorecard", flat=True)
    book = Book.hold(ids)
    done = Batch(_scorable(book, by, access))
    with hold_rules():
        for cell in cells:
            done.outcomes.append(_enter(book, cell, done.scorable, by, done.entries))
        done.cards = book.settle()
    record_many(done.entries)
    return done


def _scorable(book: Book, by: Actor, access: Access | None) -> frozenset[int]:
    """Which cards the actor may score, of the years and kinds held; the system itself (no user) all that are held."""
    if by.user is None or not book.cards:
        return frozenset(book.cards)
    if access is None:
        access = Access(by.user)
    elif access.user != by.user:
        raise ValueError("the access is somebody else's")
    sorts = Q()
    for cycle, kind in {(card.cycle_id, card.kind) for card in book.cards.values()}:
        sorts |= Q(cycle=cycle, kind=kind)
    return frozenset(scorable(access, Scorecard.objects.filter(sorts)).order_by().values_list("pk", flat=True))


def _enter(book: Book, cell: Cell, mine: frozenset[int], by: Actor, entries: list[AuditEntry]) -> Outcome:
    """One cell, in a savepoint of its own: what the database refuses leaves the others as they are."""
    try:
        line = book.line(cell.line)
        refuse_scores(book.cycle_of(line))
        if line.scorecard_id not in mine:
            raise ValidationError(_not_yours(book.cards[line.scorecard_id], by), code="not_yours")
        actual = parse_actual(cell.text, line.indicator)
        if actual == line.actual:
            return Outcome(cell, line)
        if cell.version != line.version:
            raise StaleLine(line)
        refuse_bound(line)
        _refuse_panelled(line)
        before = facts(line)
        with transaction.atomic():
            book.put(line, actual, by)
        entries.append(entry("score", line, by=by, before=before, after=facts(line)))
        return Outcome(cell, line)
    except Line.DoesNotExist:
        return Outcome(cell, error=ValidationError(_("这一项已不在评分卡上，请刷新页面"), code="gone"))
    except (ValidationError, StaleLine) as error:
        return Outcome(cell, error=error)
    except IntegrityError as error:
        book.forget(cell.line)
        broken = broken_rule(error)
        words = broken.text if broken else _("数据库拒绝了这个数值")
        return Outcome(cell, error=ValidationError(words, code=(broken and broken.rule) or "constraint"))


def _refuse_panelled(line: Line) -> None:
    """What a panel is about to rate is not typed over."""
    if (
        line.indicator.method == Indicator.Method.RATING
        and PanelLine.objects.filter(line=line, panel__closed_at=None).exists()
    ):
        raise ValidationError({"value": ValidationError(_("本项由测评组评定，不能手工填写"), code="panel")})


def _not_yours(card: Scorecard, by: Actor) -> str:
    if card.person and by.user and card.person.user_id == by.user.pk:
        return _("不能为自己评分")
    if card.kind == Scorecard.Kind.PERSON:
        return _("工作人员由部门负责人评分，部门负责人由园区领导评分")
    return _("您没有为这张评分卡评分的权限")

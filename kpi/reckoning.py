"""From actuals to results, in one place: points of lines, scores of cards, and everything that hangs on them.

A ranking line's points hang on its peers', a person's score on his bureau's. All
cards that a change may reach are locked together, in order of their keys, so
that many who enter at once wait for each other and never deadlock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from common.money import exact
from common.trace import Step
from kpi import explain, points
from kpi.basis import Basis, circle, in_circles, is_ranked, peers_among, weights
from kpi.judgement import combined
from kpi.models import Adjustment, Cycle, Indicator, Line, Result, Scorecard
from zones.models import Figure

#: What entering an actual writes of a line.
WRITTEN = ["actual", "points", "figure", "version", "entered_by", "entered_at"]


@dataclass(frozen=True)
class Reckoned:
    """What a card came to.

    ``total`` are the points so far, ``score`` the card's once every line that
    applies has points (adjusted, and for a person weighed with his bureau's);
    ``notes`` are sentences: which weights were spread, a veto.
    """

    card: Scorecard
    lines: tuple[Line, ...]
    total: Decimal | None
    score: Decimal | None
    notes: tuple[str, ...] = ()


@transaction.atomic
def reckon(card: Scorecard) -> Reckoned:
    """Compute a card anew, with all that hangs on it, and write what changed."""
    return Book.hold([card.pk]).settle()[card.pk]


@transaction.atomic
def reckon_all(cards: Iterable[int]) -> dict[int, Reckoned]:
    """Many cards at once: of a year whose rules changed."""
    return Book.hold(cards).settle()


@transaction.atomic
def set_actual(
    *, line: Line, value: Decimal | None, by: Actor, source: Figure | None = None, note: str = ""
) -> Reckoned:
    """Write a line's actual (None clears it) whoever measured it; its card follows.

    Whether ``by`` may is asked before. Raises ValidationError for a closed or
    published year, a line that does not apply, and a value that no points follow from.
    """
    book = Book.hold([line.scorecard_id])
    held = book.line(line.pk)
    refuse_scores(book.cycle_of(held))
    before = facts(held)
    with hold_rules():
        book.put(held, value, by, source=source)
        reckoned = book.settle()[held.scorecard_id]
    record("score", held, by=by, before=before, after=facts(held), reason=note)
    return reckoned


def refuse_closed(cycle: Cycle) -> None:
    """A closed year takes nothing at all."""
    if cycle.state == Cycle.State.CLOSED:
        raise ValidationError(_("%(year)s 考核年度已关闭，不能再修改") % {"year": cycle.year}, code="KPI-CLOSED")


def refuse_scores(cycle: Cycle) -> None:
    """A published year takes no more scores, files or ratings either."""
    refuse_closed(cycle)
    if cycle.state == Cycle.State.PUBLISHED:
        raise ValidationError(_("%(year)s 考核结果已公布，不能再修改") % {"year": cycle.year}, code="KPI-CLOSED")


class Book:
    """Cards held under lock with all that hangs on them: ``put`` enters actuals, ``settle`` writes what follows.

    ``cards`` are reckoned whole, their lines with them. ``followers`` are people
    whose own score stays and who are weighed anew with their bureau's.
    """

    def __init__(self, held: list[Scorecard], whole: set[int]) -> None:
        self.cards = {card.pk: card for card in held if card.pk in whole}
        self.followers = [card for card in held if card.pk not in whole]
        self.cycles = Cycle.objects.in_bulk({card.cycle_id for card in held})
        self.lines: dict[int, list[Line]] = defaultdict(list)
        lines = Line.objects.filter(scorecard__in=self.cards).order_by("scorecard", "sequence", "pk")
        for line in lines.select_related("indicator", "entered_by", "figure"):
            self.lines[line.scorecard_id].append(line)
        self._by_key = {line.pk: line for of in self.lines.values() for line in of}

    @classmethod
    def hold(cls, cards: Iterable[int]) -> Book:
        """Lock the cards and whatever hangs on them; only within a transaction."""
        asked = list(_with_ranks(Scorecard.objects.filter(pk__in=set(cards))).select_related("unit", "cycle"))
        whole = {card.pk: card for card in asked}
        if ranked := [card for card in asked if card.ranks]:
            peers = _with_ranks(Scorecard.objects.filter(in_circles(ranked))).filter(ranks=True)
            whole |= {card.pk: card for card in peers.select_related("cycle")}
        wanted = Q(pk__in=whole)
        for card in whole.values():
            if card.kind == Scorecard.Kind.BUREAU and card.cycle.bureau_weight is not None:
                wanted |= Q(kind="person", cycle=card.cycle_id, bureau=card.bureau_id)
        held = Scorecard.objects.filter(wanted).select_related("unit").order_by("pk")
        return cls(list(held.select_for_update(of=("self",), no_key=True)), set(whole))

    def line(self, pk: int) -> Line:
        """The line as it stands under the lock; DoesNotExist when it is no longer there."""
        if pk not in self._by_key:
            raise Line.DoesNotExist
        return self._by_key[pk]

    def cycle_of(self, line: Line) -> Cycle:
        return self.cycles[self.cards[line.scorecard_id].cycle_id]

    def put(self, line: Line, value: Decimal | None, by: Actor, source: Figure | None = None) -> None:
        """Enter an actual of a held line; ``settle`` comes after. ValidationError when no points follow from it."""
        if line.not_applicable and value is not None:
            raise ValidationError({"value": ValidationError(_("本项不适用，不能填写完成值"), code="not_applicable")})
        step = None if value is None else explain.step_of(line, value, self._basis(line, value))
        line.actual, line.points = value, explain.as_points(step.value) if step else None
        line.figure = source
        line.version += 1
        line.entered_by, line.entered_at = by.user, timezone.now()
        line.save(update_fields=WRITTEN)

    def forget(self, pk: int) -> None:
        """Read a line anew whose write the database refused."""
        self._by_key[pk].refresh_from_db(fields=WRITTEN)

    def settle(self) -> dict[int, Reckoned]:
        """Write every points and result that no longer holds; what each card came to."""
        peers = self._peers()
        steps = {pk: self._steps(card, peers) for pk, card in self.cards.items()}
        self._write_points(steps)
        return self._write_results(steps)

    def _peers(self) -> dict[tuple, tuple[Decimal, ...]]:
        return dict(peers_among((circle(self.cards[each.scorecard_id]), each) for each in self._by_key.values()))

    def _basis(self, line: Line, value: Decimal) -> Basis:
        """For a value that is about to be entered: it ranks among the others' as they stand."""
        peers: tuple[Decimal, ...] = ()
        if is_ranked(line):
            around = circle(self.cards[line.scorecard_id])
            others = [each for each in self._by_key.values() if each.pk != line.pk]
            among = peers_among((circle(self.cards[each.scorecard_id]), each) for each in others)
            peers = (*among[around, line.indicator_id], value)
        return Basis(weights(self.lines[line.scorecard_id])[line.pk], peers)

    def _steps(self, card: Scorecard, peers: dict[tuple, tuple[Decimal, ...]]) -> dict[int, Step]:
        lines, around = self.lines[card.pk], circle(card)
        spread = weights(lines)
        known = {line.pk: Basis(spread[line.pk], peers.get((around, line.indicator_id), ())) for line in lines}
        return explain.steps_of(lines, known)

    def _write_points(self, steps: dict[int, dict[int, Step]]) -> None:
        changed = []
        for of in steps.values():
            for pk, step in of.items():
                worth = explain.as_points(step.value)
                if self._by_key[pk].points != worth:
                    self._by_key[pk].points = worth
                    changed.append(self._by_key[pk])
        if changed:
            Line.objects.bulk_update(changed, ["points"])

    def _write_results(self, steps: dict[int, dict[int, Step]]) -> dict[int, Reckoned]:
        """The results of the held cards, and those of the people who follow their bureaus."""
        everybody = [*self.cards.values(), *self.followers]
        results = {row.scorecard_id: row for row in Result.objects.filter(scorecard__in=everybody)}
        adjusted = _adjustments(self.cards)
        own = {pk: self._own(card, steps[pk], adjusted[pk]) for pk, card in self.cards.items()}
        own |= {card.pk: row.own_score for card in self.followers if (row := results.get(card.pk))}
        bureaus = self._bureau_scores(own)
        found, fresh, changed = {}, [], []
        for card in everybody:
            values = _judged(card, self.cycles[card.cycle_id], own.get(card.pk), bureaus)
            row = results.get(card.pk)
            if row is None and own.get(card.pk) is not None:
                fresh.append(Result(scorecard=card, is_example=card.is_example, **values))
            elif row is not None and any(getattr(row, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(row, name, value)
                row.decided_at = timezone.now()
                changed.append(row)
            if card.pk in self.cards:
                found[card.pk] = self._reckoned(card, steps[card.pk], values["score"])
        Result.objects.bulk_create(fresh)
        if changed:
            Result.objects.bulk_update(changed, ["score", "own_score", "bureau_score", "decided_at"])
        return found

    def _reckoned(self, card: Scorecard, steps: dict[int, Step], score: Decimal | None) -> Reckoned:
        total = points.final_score(points.total(list(steps.values())).value) if steps else None
        lines = tuple(self.lines[card.pk])
        return Reckoned(card, lines, total, score, notes_of(lines, steps.values()))

    def _own(self, card: Scorecard, steps: dict[int, Step], adjusted: dict[str, Decimal]) -> Decimal | None:
        """The card's own score: its points and the approved adjustments, never below 0; None while a line is left."""
        if not steps or any(line.actual is None and not line.not_applicable for line in self.lines[card.pk]):
            return None
        bonus = exact(adjusted.get(Adjustment.Kind.BONUS, 0))
        cap = self.cycles[card.cycle_id].bonus_cap
        if cap is not None:
            bonus = min(bonus, exact(cap))
        whole = exact(points.total(list(steps.values())).value) + bonus
        return points.final_score(max(whole - exact(adjusted.get(Adjustment.Kind.DEDUCTION, 0)), Fraction(0)))

    def _bureau_scores(self, own: dict[int, Decimal | None]) -> dict[tuple[int, int], Decimal | None]:
        """The score of each person's bureau by (cycle, bureau): as just reckoned, or as it stands."""
        people = [
            card
            for card in (*self.cards.values(), *self.followers)
            if card.kind == Scorecard.Kind.PERSON and self.cycles[card.cycle_id].bureau_weight is not None
        ]
        if not people:
            return {}
        cards = Scorecard.objects.filter(
            kind="bureau",
            cycle__in={card.cycle_id for card in people},
            bureau__in={card.bureau_id for card in people if card.bureau_id},
        )
        rows = cards.values_list("pk", "cycle", "bureau", "result__score")
        return {(cycle, bureau): own.get(pk, score) for pk, cycle, bureau, score in rows}


def _with_ranks(cards):
    ranked = Line.objects.filter(scorecard=OuterRef("pk"), indicator__method=Indicator.Method.RANKING)
    return cards.annotate(ranks=Exists(ranked))


def _adjustments(cards: Iterable[int]) -> dict[int, dict[str, Decimal]]:
    approved = Adjustment.objects.effective().filter(scorecard__in=cards).order_by()
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for card, kind, total in approved.values_list("scorecard", "kind").annotate(total=Sum("points")):
        found[card][kind] = total
    return found


def _judged(
    card: Scorecard, cycle: Cycle, own: Decimal | None, bureaus: dict[tuple[int, int], Decimal | None]
) -> dict[str, Decimal | None]:
    """A result's three scores. A person without a bureau's card is judged by his own alone."""
    there = (cycle.pk, card.bureau_id or 0)
    if card.kind != Scorecard.Kind.PERSON or cycle.bureau_weight is None or there not in bureaus:
        return {"score": own, "own_score": None, "bureau_score": None}
    bureau = bureaus[there]
    score = None
    if own is not None and bureau is not None:
        score = points.final_score(combined(bureau, own, bureau_weight=cycle.bureau_weight))
    return {"score": score, "own_score": own, "bureau_score": bureau}


def notes_of(lines: Iterable[Line], steps: Iterable[Step]) -> tuple[str, ...]:
    """What has to be said beside a card's score."""
    spread = [line.indicator.shown_name for line in lines if line.not_applicable]
    found = []
    if spread:
        found.append(_("不适用的指标：%(names)s，权重已分摊给其余指标") % {"names": _("、").join(spread)})
    if any(step.note == "veto" for step in steps):
        found.append(_("有一票否决的指标，该项不得分"))
    return tuple(found)

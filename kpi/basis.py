"""What a line's points rest on besides the line: its weight after spreading, and the actuals it is ranked among."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from kpi.judgement import Weighted, effective_weights
from kpi.models import Indicator, Line, Scorecard
from kpi.scoring import UndefinedScore


@dataclass(frozen=True)
class Basis:
    """``weight`` is what the line counts for after spreading, ``peers`` the actuals that a ranking compares."""

    weight: Fraction
    peers: tuple[Decimal, ...] = ()


def weights(lines: Sequence[Line]) -> dict[int, Fraction]:
    """What each line of one card counts for, once those that do not apply gave their weight to their siblings."""
    try:
        spread = effective_weights([Weighted(line.weight, line.group, not line.not_applicable) for line in lines])
    except UndefinedScore:  # nothing on the card applies
        return dict.fromkeys((line.pk for line in lines), Fraction(0))
    return {line.pk: weight for line, weight in zip(lines, spread, strict=True)}


def circle(card: Scorecard) -> tuple:
    """What names the circle of a card (read with its unit): its kind in a year, among its unit's or its unit's sort."""
    within = card.unit.kind if card.kind == Scorecard.Kind.UNIT else card.unit_id
    return card.cycle_id, card.kind, within


def in_circles(cards: Iterable[Scorecard]) -> Q:
    """The cards that are compared with these: parks with parks, bureaus and people within their unit."""
    found = Q(pk__in=[])
    for cycle, kind, within in {circle(card) for card in cards}:
        place = Q(unit__kind=within) if kind == Scorecard.Kind.UNIT else Q(unit=within)
        found |= Q(cycle=cycle, kind=kind) & place
    return found


def is_ranked(line: Line) -> bool:
    return line.indicator.method == Indicator.Method.RANKING


def peers_among(lines: Iterable[tuple[tuple, Line]]) -> Mapping[tuple, tuple[Decimal, ...]]:
    """The actuals of each ranking line by (circle, indicator); ``lines`` come with their card's circle."""
    found: dict[tuple, tuple[Decimal, ...]] = defaultdict(tuple)
    for around, line in lines:
        if line.actual is not None and is_ranked(line):
            found[around, line.indicator_id] += (line.actual,)
    return found


def bases(lines: Sequence[Line]) -> dict[int, Basis]:
    """Of the lines of one card (read with their indicators): one query, and only where something is ranked."""
    spread = weights(lines)
    ranked = [line for line in lines if is_ranked(line)]
    peers: dict[int, list[Decimal]] = defaultdict(list)
    if ranked:
        card = Scorecard.objects.select_related("unit").get(pk=ranked[0].scorecard_id)
        others = Line.objects.filter(
            scorecard__in=Scorecard.objects.filter(in_circles([card])).values("pk"),
            indicator__in=[line.indicator_id for line in ranked],
        )
        for indicator, actual in others.order_by("pk").values_list("indicator", "actual"):
            if actual is not None:
                peers[indicator].append(actual)
    return {line.pk: Basis(spread[line.pk], tuple(peers[line.indicator_id])) for line in lines}

"""Which grade (等次) the year's rule gives each unit of a sort, with its arithmetic. Pure: no Django.

A rule may ask for a place among the sort, for a score, or for both. Places are
counted by score, equal scores share the better one; the places that a ratio
gives are cut down to whole units and are never exceeded: units that stand equal
across the edge are left to people. A vetoed unit keeps its place and loses the
first grade, which then stays empty.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpi.scoring import UndefinedScore, number

FIRST, SECOND, THIRD = "first", "second", "third"


@dataclass(frozen=True)
class Standard:
    """What a grade asks for: ``top_share`` is a ratio, ``least_score`` in points; ``both`` when both must be met."""

    top_share: Decimal | None = None
    least_score: Decimal | None = None
    both: bool = False


@dataclass(frozen=True)
class Contestant:
    """A unit with its final score, and whether something vetoes it."""

    key: Hashable
    score: Decimal
    vetoed: bool = False


@dataclass(frozen=True)
class Test:
    """How one unit fares against one standard; what a standard does not ask for is None.

    ``places`` of ``of`` units may have the grade or a better one. ``in_places``
    is None too where units that stand equal would overrun them (``tied`` units).
    """

    rating: str
    places: int | None
    of: int
    tied: int
    in_places: bool | None
    least: Decimal | None
    by_score: bool | None
    met: bool | None


@dataclass(frozen=True)
class Proposal:
    """The grade that follows, None where people must decide; ``vetoed`` when the first was lost by a veto."""

    key: Hashable
    rank: int
    score: Decimal
    rating: str | None
    tests: tuple[Test, ...]
    vetoed: bool = False


def places_of(count: int, share: Decimal) -> int:
    """How many of ``count`` units a ratio of 0–1 gives a place to: never rounded up."""
    part = number(share, "top_share")
    if not 0 < part <= 1:
        raise UndefinedScore("out_of_range", "top_share")
    return int(count * part)


def propose(units: Sequence[Contestant], standards: Mapping[str, Standard]) -> list[Proposal]:
    """Each unit's grade, the best first; ``standards`` are those of ``FIRST`` and ``SECOND``, either may be missing.

    Raises UndefinedScore when there is no standard at all.
    """
    if not standards:
        raise UndefinedScore("missing", "standards")
    scores = [unit.score for unit in units]
    ordered = sorted(units, key=lambda unit: -unit.score)
    return [_proposal(unit, scores, standards) for unit in ordered]


def _proposal(unit: Contestant, scores: Sequence[Decimal], standards: Mapping[str, Standard]) -> Proposal:
    rank = 1 + sum(score > unit.score for score in scores)
    tests: list[Test] = []
    rating: str | None = THIRD
    lost = False
    for name in (FIRST, SECOND):
        if name not in standards:
            continue
        test = _test(name, unit.score, rank, scores, standards[name])
        tests.append(test)
        if name == FIRST and unit.vetoed:
            lost = test.met is not False
            continue
        if test.met is not False:
            rating = name if test.met else None
            break
    return Proposal(unit.key, rank, unit.score, rating, tuple(tests), lost)


def _test(name: str, score: Decimal, rank: int, scores: Sequence[Decimal], standard: Standard) -> Test:
    equal = scores.count(score)
    places = in_places = by_score = None
    if standard.top_share is not None:
        places = places_of(len(scores), standard.top_share)
        in_places = rank + equal - 1 <= places if rank <= places else False
        if rank <= places < rank + equal - 1:
            in_places = None
    if standard.least_score is not None:
        by_score = score >= standard.least_score
    return Test(
        rating=name,
        places=places,
        of=len(scores),
        tied=equal,
        in_places=in_places,
        least=standard.least_score,
        by_score=by_score,
        met=_met(standard, in_places, by_score),
    )


def _met(standard: Standard, in_places: bool | None, by_score: bool | None) -> bool | None:
    """Whether the standard is met; None where that hangs on the units that stand equal."""
    if standard.top_share is None:
        return by_score
    if standard.least_score is None:
        return in_places
    if standard.both:
        return False if by_score is False else in_places
    return True if by_score else in_places

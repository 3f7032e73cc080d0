"""Qualitative ratings by groups of raters (民主测评), drawn together. Pure and exact: no Django, no float.

Raters stay unknown: what comes in is groups of bare scores, and what goes out
are means, spreads and counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from common.trace import Number
from kpi.scoring import UndefinedScore, number


@dataclass(frozen=True)
class Group:
    """Raters of one kind (leaders, peers, those served): ``weight`` counts against the other groups' weights.

    ``trim`` is how many of the highest and as many of the lowest scores are left out (去掉最高分最低分).
    """

    key: str
    weight: Number
    scores: Sequence[Number]
    trim: int = 0


@dataclass(frozen=True)
class GroupResult:
    """What a group said: the mean of the scores that count, the spread of all, and how many there are.

    ``share`` is the group's part of the whole (a ratio); ``mean`` is None where nobody rated,
    or so few that trimming would leave none: its weight then goes to the other groups.
    """

    key: str
    share: Fraction
    mean: Fraction | None
    least: Fraction | None
    most: Fraction | None
    count: int


@dataclass(frozen=True)
class PanelResult:
    """The panel's score of 0–100 points, and what each group said."""

    score: Fraction
    groups: tuple[GroupResult, ...]

    @property
    def respread(self) -> bool:
        """Whether a silent group's weight went to the others: said wherever the score is shown."""
        return any(group.mean is None for group in self.groups)


def trimmed_mean(scores: Sequence[Number], trim: int = 0) -> Fraction | None:
    """The mean without the ``trim`` highest and lowest; None when nothing is left."""
    if trim < 0:
        raise UndefinedScore("negative", "trim")
    ordered = sorted(_checked(score) for score in scores)
    kept = ordered[trim : len(ordered) - trim] if trim else ordered
    return sum(kept, Fraction(0)) / len(kept) if kept else None


def _checked(score: Number) -> Fraction:
    value = number(score, "score")
    if not 0 <= value <= 100:
        raise UndefinedScore("out_of_range", "score")
    return value


def panel(groups: Sequence[Group]) -> PanelResult:
    """Σ weight × mean ÷ Σ weight over the groups that said something (a missing group's weight is spread, visibly).

    Raises UndefinedScore when nobody rated, or when no group that rated has a weight.
    """
    weights = [number(group.weight, "weight") for group in groups]
    if any(weight < 0 for weight in weights):
        raise UndefinedScore("negative", "weight")
    means = [trimmed_mean(group.scores, group.trim) for group in groups]
    spoken = sum((weight for weight, mean in zip(weights, means, strict=True) if mean is not None), Fraction(0))
    if spoken == 0:
        raise UndefinedScore("no_ratings", "actual")
    results = []
    score = Fraction(0)
    for group, weight, mean in zip(groups, weights, means, strict=True):
        share = weight / spoken if mean is not None else Fraction(0)
        score += share * (mean or 0)
        values = [number(each, "score") for each in group.scores]
        results.append(
            GroupResult(group.key, share, mean, min(values, default=None), max(values, default=None), len(values))
        )
    return PanelResult(score, tuple(results))


@dataclass(frozen=True)
class Disclosure:
    """What may be told of a panel's result without telling who said what.

    ``shown`` are the groups told apart. ``merged`` are told only together: those
    in which fewer than ``least`` rated, with as many others (the smallest first) as it takes
    for the merged to be ``least`` people, since a lone group's mean is the score less the others.
    ``silent`` said nothing; of ``trimmed`` nothing was left without the highest and lowest:
    the weights of both went to the others. ``count`` is how many ratings counted, and ``score``
    None when they are fewer than ``least``: then the score itself would be somebody's word.
    """

    score: Fraction | None
    shown: tuple[GroupResult, ...]
    merged: tuple[str, ...]
    merged_count: int
    silent: tuple[str, ...]
    trimmed: tuple[str, ...]
    count: int


def disclosed(result: PanelResult, least: int) -> Disclosure:
    """The result with no group of fewer than ``least`` raters told apart (small-cell suppression)."""
    spoke = [group for group in result.groups if group.mean is not None]
    count = sum(group.count for group in spoke)
    hidden = [group for group in spoke if group.count < least]
    rest = sorted((group for group in spoke if group.count >= least), key=lambda group: group.count)
    while hidden and rest and sum(group.count for group in hidden) < least:
        hidden.append(rest.pop(0))
    merged = {group.key for group in hidden}
    return Disclosure(
        score=result.score if count >= least else None,
        shown=tuple(group for group in spoke if group.key not in merged) if count >= least else (),
        merged=tuple(group.key for group in spoke if group.key in merged),
        merged_count=sum(group.count for group in hidden),
        silent=tuple(group.key for group in result.groups if group.count == 0),
        trimmed=tuple(group.key for group in result.groups if group.count and group.mean is None),
        count=count,
    )

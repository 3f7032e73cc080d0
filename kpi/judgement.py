"""From scores to grades: weights that are spread, a person's combined score, and the quota of 优秀. Pure: no Django.

Every number here is shown to people as arithmetic, so each function returns what
its sentence needs besides the result.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from common.trace import Number
from kpi.scoring import UndefinedScore, number


@dataclass(frozen=True)
class Weighted:
    """A line for spreading: its weight, its siblings' name (the first-level indicator), and whether it applies."""

    weight: Number
    group: str = ""
    applies: bool = True


def effective_weights(lines: Sequence[Weighted]) -> list[Fraction]:
    """The weights after those of lines that do not apply went to their siblings, in proportion.

    Siblings are the lines of the same group; a group of which nothing applies
    goes to all other lines. The sum is conserved. Raises UndefinedScore when
    nothing applies at all (edge case "indicator not applicable").
    """
    weights = [number(line.weight, "weight") for line in lines]
    everything = sum(weights, Fraction(0))
    applying = [index for index, line in enumerate(lines) if line.applies and weights[index] > 0]
    if not applying:
        raise UndefinedScore("none_applies", "weight")
    out = [Fraction(0)] * len(lines)
    homeless = Fraction(0)
    for group in dict.fromkeys(line.group for line in lines):
        members = [index for index, line in enumerate(lines) if line.group == group]
        whole = sum((weights[index] for index in members), Fraction(0))
        kept = [index for index in members if index in applying]
        base = sum((weights[index] for index in kept), Fraction(0))
        if not kept:
            homeless += whole
        for index in kept:
            out[index] = weights[index] * whole / base
    if homeless:
        out = [weight * everything / (everything - homeless) for weight in out]
    return out


def combined(bureau: Number, own: Number, *, bureau_weight: Number) -> Fraction:
    """A person's score: w × bureau + (1 − w) × own, w a ratio of 0–1."""
    share = number(bureau_weight, "bureau_weight")
    if not 0 <= share <= 1:
        raise UndefinedScore("out_of_range", "bureau_weight")
    return share * number(bureau, "bureau") + (1 - share) * number(own, "own")


@dataclass(frozen=True)
class Allotment:
    """How many 优秀 a circle of bureaus may have: ``base`` people who take part × ``ratio``, cut to whole people."""

    circle: str
    bureaus: tuple[Hashable, ...]
    base: int
    ratio: Fraction
    places: int

    @property
    def exact(self) -> Fraction:
        return self.base * self.ratio


def quota(base: int, ratio: Number) -> int:
    """ASM-03: the most that may be 优秀 among ``base`` people, never rounded up."""
    share = number(ratio, "ratio")
    if base < 0:
        raise UndefinedScore("negative", "base")
    if not 0 <= share <= 1:
        raise UndefinedScore("out_of_range", "ratio")
    return int(base * share)


def allotments(taking_part: Mapping[Hashable, int], ratio: Number, *, small: int) -> list[Allotment]:
    """The circles within which 优秀 is shared out: each bureau of its own, those under ``small`` heads pooled (V03).

    Because each is cut down, the circles together never exceed the quota of all.
    """
    share = number(ratio, "ratio")
    big = {bureau: heads for bureau, heads in taking_part.items() if heads >= small}
    little = {bureau: heads for bureau, heads in taking_part.items() if heads < small}
    found = [Allotment(str(bureau), (bureau,), heads, share, quota(heads, ratio)) for bureau, heads in big.items()]
    if little:
        heads = sum(little.values())
        found.append(Allotment("small", tuple(little), heads, share, quota(heads, ratio)))
    return found


@dataclass(frozen=True)
class Contender:
    """Somebody who may become 优秀, with what decides ties, in the published order."""

    key: Hashable
    bureau_score: Number
    own_score: Number
    commendations: int = 0
    grassroots_years: int = 0

    @property
    def order(self) -> tuple[Fraction, Fraction, int, int]:
        """部门得分、个人得分、表彰、基层年限: the higher, the earlier (edge case "quota ties at the cut")."""
        bureau, own = number(self.bureau_score, "bureau"), number(self.own_score, "own")
        return (-bureau, -own, -self.commendations, -self.grassroots_years)


@dataclass(frozen=True)
class Cut:
    """Who comes within the places by the published order, and who stand equal at the edge for a panel to decide."""

    within: tuple[Hashable, ...]
    tied: tuple[Hashable, ...]
    left: int


def cut(contenders: Sequence[Contender], places: int) -> Cut:
    """The first ``places`` by order; those who stand exactly equal across the edge are ``tied`` for ``left`` places."""
    ordered = sorted(contenders, key=lambda one: one.order)
    if len(ordered) <= places:
        return Cut(tuple(one.key for one in ordered), (), places - len(ordered))
    edge = ordered[places].order if places < len(ordered) else None
    within = tuple(one.key for one in ordered[:places] if one.order != edge)
    tied = tuple(one.key for one in ordered if one.order == edge)
    if len(within) == places:
        return Cut(within, (), 0)
    return Cut(within, tied, places - len(within))

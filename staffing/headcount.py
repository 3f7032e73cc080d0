"""Who held which post in which month, and how many seats are taken. Pure: no Django.

Months in post (在岗月数) are what weights and pay are counted by (F12).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from common.money import BadAmount, exact
from common.trace import Input

#: Whatever tells people, posts or bureaus apart: a code, or a row's id.
Key = str | int
Coefficient = Decimal | Input
Kind = Literal["primary", "concurrent", "acting", "seconded"]


class BadSpell(ValueError):
    """A spell or count that cannot be; ``who`` is the person or post, ``reason`` a key."""

    def __init__(self, who: Key, reason: str) -> None:
        super().__init__(f"{who}: {reason}")
        self.who = who
        self.reason = reason


def coefficient_of(coefficient: Coefficient) -> Fraction:
    """A post coefficient (岗位系数) as an exact ratio; BadAmount when it is none, or negative."""
    value = exact(coefficient.value if isinstance(coefficient, Input) else coefficient)
    if value < 0:
        raise BadAmount(value, "negative")
    return value


@dataclass(frozen=True)
class Spell:
    """A person in a post from ``start`` until before ``end`` (None: until further notice).

    ``bureau`` is the post's bureau, None for the leaders' posts that have none.
    """

    person: Key
    post: Key
    bureau: Key | None
    coefficient: Coefficient
    start: dt.date
    end: dt.date | None = None
    kind: Kind = "primary"

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise BadSpell(self.person, "ends_before_it_starts")
        try:
            coefficient_of(self.coefficient)
        except BadAmount as error:
            raise BadSpell(self.person, f"coefficient_{error.reason}") from error

    def holds(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class PostMonths:
    """Months of one year that count to one post of a person, at one coefficient."""

    post: Key
    coefficient: Coefficient
    months: int
    bureau: Key | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.months <= 12:
            raise BadSpell(self.post, "months_out_of_range")
        try:
            coefficient_of(self.coefficient)
        except BadAmount as error:
            raise BadSpell(self.post, f"coefficient_{error.reason}") from error

    @property
    def weight(self) -> Fraction:
        """Coefficient × months ÷ 12."""
        return coefficient_of(self.coefficient) * self.months / 12


def months_in_post(spells: Sequence[Spell], year: int, cutoff_day: int = 15) -> dict[Key, list[PostMonths]]:
    """The months of ``year`` that each person spent in each post (F12).

    A month counts, whole, to the post held on its ``cutoff_day`` (1–28, so that
    every month has it); leave does not interrupt a post. Of several posts held
    that day only one counts, so that nobody is paid twice (edge case
    "concurrent"): the highest coefficient, then the primary post, then the spell
    listed first. Open spells count to the end of the year.

    People stand in the order of their first spell, those without a month too
    (with an empty list, so that nobody vanishes); posts in the order they were held.
    """
    if not 1 <= cutoff_day <= 28:
        raise BadSpell(year, "cutoff_day_out_of_range")
    spells_of: dict[Key, list[Spell]] = {}
    for spell in spells:
        spells_of.setdefault(spell.person, []).append(spell)
    days = [dt.date(year, month, cutoff_day) for month in range(1, 13)]
    return {person: _counted(own, days) for person, own in spells_of.items()}


def _counted(spells: Sequence[Spell], days: Iterable[dt.date]) -> list[PostMonths]:
    months: dict[tuple[Key, Key | None, Coefficient], int] = {}
    for day in days:
        held = [spell for spell in spells if spell.holds(day)]
        if held:
            # max() keeps the first of equals, which is the spell listed first.
            paid = max(held, key=lambda spell: (coefficient_of(spell.coefficient), spell.kind == "primary"))
            row = (paid.post, paid.bureau, paid.coefficient)
            months[row] = months.get(row, 0) + 1
    return [PostMonths(post, value, count, bureau) for (post, bureau, value), count in months.items()]


def by_bureau(people: Mapping[Key, Sequence[PostMonths]]) -> dict[Key | None, dict[Key, list[PostMonths]]]:
    """Bureau → person → months there: who changed bureau stands in both, each with its own months."""
    bureaus: dict[Key | None, dict[Key, list[PostMonths]]] = {}
    for person, rows in people.items():
        for row in rows:
            bureaus.setdefault(row.bureau, {}).setdefault(person, []).append(row)
    return bureaus


@dataclass(frozen=True)
class Seats:
    """Seats of a post or bureau: ``filled`` and ``vacant`` make up the headcount, ``over`` are beyond it."""

    filled: int
    vacant: int
    over: int


def seats(headcount: int, taken: int) -> Seats:
    """How ``taken`` people fit ``headcount`` seats.

    More people than seats is shown, not refused: real rosters are imported as
    they are (edge case "over-establishment"). Negative counts raise BadSpell.
    """
    if headcount < 0 or taken < 0:
        raise BadSpell("headcount" if headcount < 0 else "taken", "negative")
    return Seats(min(headcount, taken), max(headcount - taken, 0), max(taken - headcount, 0))

"""Matching people to the posts of a selection round. Pure: imports nothing of Django.

Deferred acceptance, with the people proposing: each asks for his choices in turn,
a post keeps the best of those who ask as far as its seats go, and whom it turns
away asks for his next choice. A post ranks by total score, and equal scores by
the published order. What comes out is stable (nobody is passed over at a post of
his choice for somebody who ranks below him), and nobody gains by listing his
choices in another order.

Seats still free then go, in order of rank, to those who accept another post
(服从调剂): each is given the first remaining post, in the published order of
posts, for which he is eligible. They are remaining posts by their nature, so an
adjustment never takes a seat from somebody who chose it.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Post = Hashable
Key = Hashable
#: Why somebody was, or was not, given a seat.
Why = Literal["first_choice", "second_choice", "adjusted", "below_mark", "outranked", "none_left"]


@dataclass(frozen=True)
class Entrant:
    """Somebody in the round: his total (higher is better), his place in the published order, and his wishes.

    ``barred`` are posts whose conditions he does not meet; ``counts`` is False when
    his total is below the pass mark.
    """

    key: Key
    score: Fraction
    order: int
    choices: tuple[Post, ...]
    accepts_another: bool = False
    barred: frozenset[Post] = frozenset()
    counts: bool = True

    @property
    def rank(self) -> tuple[Fraction, int]:
        """What posts rank by: the smaller, the better."""
        return (-self.score, self.order)

    def wishes(self, seats: Mapping[Post, int]) -> list[Post]:
        """His choices that are on offer and open to him, the dearest first."""
        return [post for post in self.choices if post in seats and post not in self.barred]


@dataclass(frozen=True)
class Placement:
    """What the round comes to for one entrant; ``post`` is None for whoever is left over."""

    post: Post | None
    why: Why


def allot(entrants: Sequence[Entrant], seats: Mapping[Post, int]) -> dict[Key, Placement]:
    """Who gets which post. ``seats`` holds the posts in their published order, each with its number of seats.

    Every entrant has an answer. Raises ValueError when two entrants share a place in the published order.
    """
    if len({each.order for each in entrants}) != len(entrants):
        raise ValueError("the published order must be one")
    held = _accept_by_choice([each for each in entrants if each.counts], seats)
    _fill_remaining(entrants, held, seats)
    return {each.key: _placement(each, held.get(each.key)) for each in entrants}


def _accept_by_choice(entrants: Sequence[Entrant], seats: Mapping[Post, int]) -> dict[Key, Post]:
    """Deferred acceptance over the listed choices alone."""
    asking = {each.key: iter(each.wishes(seats)) for each in entrants}
    # The worst of those a post keeps lies on top of its heap.
    keeps: dict[Post, list[tuple[Fraction, int, Entrant]]] = {post: [] for post in seats}
    waiting = list(entrants)
    while waiting:
        one = waiting.pop()
        post = next(asking[one.key], None)
        if post is None:
            continue
        heapq.heappush(keeps[post], (one.score, -one.order, one))
        if len(keeps[post]) > seats[post]:
            waiting.append(heapq.heappop(keeps[post])[2])
    return {kept.key: post for post, heap in keeps.items() for _score, _order, kept in heap}


def _fill_remaining(entrants: Sequence[Entrant], held: dict[Key, Post], seats: Mapping[Post, int]) -> None:
    """Give the seats still free to those who accept another post, best first; ``held`` is added to."""
    free = dict(seats)
    for post in held.values():
        free[post] -= 1
    left = [each for each in entrants if each.counts and each.accepts_another and each.key not in held]
    for one in sorted(left, key=lambda each: each.rank):
        post = next((post for post, n in free.items() if n > 0 and post not in one.barred), None)
        if post is not None:
            held[one.key] = post
            free[post] -= 1


def _placement(entrant: Entrant, post: Post | None) -> Placement:
    if post is None:
        if not entrant.counts:
            return Placement(None, "below_mark")
        return Placement(None, "none_left" if entrant.accepts_another else "outranked")
    if post not in entrant.choices:
        return Placement(post, "adjusted")
    return Placement(post, "first_choice" if entrant.choices[0] == post else "second_choice")

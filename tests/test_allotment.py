"""The matching of a round: stable, within the seats, and nobody gains by listing his choices in another order."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.selection.allotment import Entrant, Placement, allot

POSTS = ("甲", "乙", "丙", "丁")


@st.composite
def rounds(draw, most: int = 7):
    """A small round: scores with ties, up to three choices, some barred, some who accept another post."""
    seats = {post: draw(st.integers(0, 3)) for post in draw(st.permutations(POSTS))}
    size = draw(st.integers(0, most))
    orders = draw(st.permutations(range(size)))
    entrants = [
        Entrant(
            key=n,
            score=Fraction(draw(st.integers(0, 4)), 2),
            order=orders[n],
            choices=tuple(draw(st.lists(st.sampled_from(POSTS), unique=True, min_size=1, max_size=3))),
            accepts_another=draw(st.booleans()),
            barred=frozenset(draw(st.sets(st.sampled_from(POSTS), max_size=1))),
            counts=draw(st.integers(0, 9)) > 0,
        )
        for n in range(size)
    ]
    return entrants, seats


def wishes(one: Entrant) -> list[str]:
    return [post for post in one.choices if post not in one.barred]


def blocking(entrants, seats, given) -> list[tuple]:
    """Pairs of a person and a post that both would rather have than what they were given, by its definition."""
    found = []
    for one in entrants:
        if not one.counts:
            continue
        got = given[one.key].post
        better = wishes(one)[: wishes(one).index(got)] if got in wishes(one) else wishes(one)
        for post in better:
            holders = [each for each in entrants if given[each.key].post == post]
            if len(holders) < seats[post] or any(one.rank < each.rank for each in holders):
                found.append((one.key, post))
    return found


@given(rounds())
@settings(max_examples=400, deadline=None)
def test_it_is_stable_and_respects_seats(case):
    entrants, seats = case
    out = allot(entrants, seats)
    assert set(out) == {each.key for each in entrants}
    for post, n in seats.items():
        assert sum(placed.post == post for placed in out.values()) <= n
    assert blocking(entrants, seats, out) == []
    for one in entrants:
        placed = out[one.key]
        assert placed.post not in one.barred
        if placed.post is not None:
            assert one.counts
            assert placed.post in one.choices or one.accepts_another


@given(rounds())
@settings(max_examples=300, deadline=None)
def test_no_seat_stays_free_beside_somebody_who_would_take_it(case):
    entrants, seats = case
    out = allot(entrants, seats)
    free = {post for post, n in seats.items() if sum(placed.post == post for placed in out.values()) < n}
    for one in entrants:
        if one.counts and out[one.key].post is None:
            fits = free - one.barred
            assert not fits & set(one.choices)
            assert not (one.accepts_another and fits)


@given(rounds(most=5))
@settings(max_examples=250, deadline=None)
def test_nobody_gains_by_listing_his_choices_in_another_order(case):
    """Every other order of everybody's list, tried one by one: none leads to a post he puts higher."""
    entrants, seats = case
    honest = allot(entrants, seats)

    def worth(one: Entrant, placed: Placement) -> int:
        if placed.post is None:
            return len(POSTS) + 1
        return one.choices.index(placed.post) if placed.post in one.choices else len(POSTS)

    for place, one in enumerate(entrants):
        for order in permutations(one.choices):
            told = [*entrants[:place], replace(one, choices=order), *entrants[place + 1 :]]
            assert worth(one, allot(told, seats)[one.key]) >= worth(one, honest[one.key])


@given(rounds(most=4))
@settings(max_examples=150, deadline=None)
def test_it_is_the_best_of_all_stable_matchings_for_everybody(case):
    """Against brute force over every way of giving out listed posts: person-proposing means person-optimal."""
    entrants, seats = case
    entrants = [replace(each, accepts_another=False) for each in entrants if each.counts]
    out = allot(entrants, seats)

    def every(rest):
        if not rest:
            yield {}
            return
        for tail in every(rest[1:]):
            for post in [None, *wishes(rest[0])]:
                yield {**tail, rest[0].key: Placement(post, "first_choice")}

    for other in every(entrants):
        if any(sum(p.post == post for p in other.values()) > n for post, n in seats.items()):
            continue
        if blocking(entrants, seats, other):
            continue
        for one in entrants:
            ranking = [*wishes(one), None]
            assert ranking.index(out[one.key].post) <= ranking.index(other[one.key].post)


def entrant(key: str, score: int, order: int, *choices: str, **more) -> Entrant:
    return Entrant(key, Fraction(score), order, choices, **more)


def test_reasons():
    out = allot(
        [
            entrant("高分", 90, 1, "甲", "乙"),
            entrant("次之", 80, 2, "甲", "乙"),
            entrant("服从", 70, 3, "甲", accepts_another=True),
            entrant("不服从", 75, 4, "甲"),
            entrant("无余", 60, 5, "甲", accepts_another=True),
            entrant("未达线", 99, 6, "甲", counts=False),
        ],
        {"甲": 1, "乙": 1, "丙": 1},
    )
    assert {key: (placed.post, placed.why) for key, placed in out.items()} == {
        "高分": ("甲", "first_choice"),
        "次之": ("乙", "second_choice"),
        "服从": ("丙", "adjusted"),
        "不服从": (None, "outranked"),
        "无余": (None, "none_left"),
        "未达线": (None, "below_mark"),
    }


def test_equal_scores_go_by_the_published_order():
    out = allot([entrant("后", 80, 2, "甲"), entrant("先", 80, 1, "甲")], {"甲": 1})
    assert out["先"].post == "甲"
    assert out["后"].post is None


def test_two_cannot_have_one_place_in_the_published_order():
    with pytest.raises(ValueError, match="published order"):
        allot([entrant("一", 1, 1, "甲"), entrant("二", 1, 1, "甲")], {"甲": 1})

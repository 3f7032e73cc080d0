"""Ratings by groups of raters, and from scores to grades: spread weights, the quota, the cut."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.judgement import Contender, Cut, Weighted, allotments, combined, cut, effective_weights, quota
from kpi.panels import Group, disclosed, panel, trimmed_mean
from kpi.scoring import UndefinedScore

D = Decimal
ratings = st.decimals(0, 100, places=1)


def test_groups_count_by_their_weights():
    found = panel([Group("leaders", 40, [90, 80]), Group("peers", 60, [70, 72, 74])])
    assert found.score == Fraction(40, 100) * 85 + Fraction(60, 100) * 72
    leaders, peers = found.groups
    assert (leaders.mean, leaders.least, leaders.most, leaders.count) == (85, 80, 90, 2)
    assert (peers.share, found.respread) == (Fraction(3, 5), False)


def test_a_silent_groups_weight_goes_to_the_others_and_is_said():
    found = panel([Group("leaders", 40, []), Group("peers", 40, [80]), Group("served", 20, [50])])
    assert found.score == Fraction(2, 3) * 80 + Fraction(1, 3) * 50
    assert found.respread
    assert found.groups[0].mean is None


def test_nobody_rated_is_no_score():
    with pytest.raises(UndefinedScore) as caught:
        panel([Group("leaders", 40, [])])
    assert caught.value.reason == "no_ratings"


@pytest.mark.parametrize(
    ("scores", "trim", "mean"), [([60, 90, 95, 10], 1, 75), ([80], 0, 80), ([60, 90], 1, None), ([1, 2, 3], 1, 2)]
)
def test_the_highest_and_the_lowest_may_be_left_out(scores, trim, mean):
    assert trimmed_mean(scores, trim) == mean


@pytest.mark.parametrize("wrong", [-1, D("100.1")])
def test_a_rating_lies_between_nought_and_a_hundred(wrong):
    with pytest.raises(UndefinedScore):
        panel([Group("peers", 1, [wrong])])


@given(
    st.lists(st.tuples(st.integers(0, 100), st.lists(ratings, max_size=8), st.integers(0, 2)), min_size=1, max_size=5)
)
def test_a_panels_score_lies_between_its_lowest_and_highest_rating(groups):
    made = [Group(str(index), *group) for index, group in enumerate(groups)]
    try:
        found = panel(made)
    except UndefinedScore:
        return
    counted = [rating for group in made for rating in group.scores]
    assert min(counted) <= found.score <= max(counted)
    assert sum(group.share for group in found.groups) == 1


def test_what_does_not_apply_goes_to_its_siblings():
    lines = [Weighted(30, "econ"), Weighted(10, "econ", applies=False), Weighted(20, "econ"), Weighted(40, "party")]
    assert effective_weights(lines) == [36, 0, 24, 40]


def test_a_whole_group_that_does_not_apply_goes_to_all_others():
    lines = [Weighted(60, "econ"), Weighted(20, "safety", applies=False), Weighted(20, "party")]
    assert effective_weights(lines) == [75, 0, 25]


def test_when_nothing_applies_there_is_no_score():
    with pytest.raises(UndefinedScore) as caught:
        effective_weights([Weighted(100, applies=False)])
    assert caught.value.reason == "none_applies"


@given(
    st.lists(
        st.tuples(st.decimals("0.01", 100, places=2), st.sampled_from("abc"), st.booleans()), min_size=1, max_size=12
    )
)
def test_spreading_conserves_the_weights_and_never_takes_any_away(rows):
    lines = [Weighted(*row) for row in rows]
    if not any(line.applies for line in lines):
        return
    spread = effective_weights(lines)
    assert sum(spread) == sum(Fraction(line.weight) for line in lines)
    for line, weight in zip(lines, spread, strict=True):
        assert weight >= Fraction(line.weight) if line.applies else weight == 0


def test_a_person_is_weighed_between_bureau_and_own():
    assert combined(90, 80, bureau_weight=D("0.4")) == 84
    for wrong in (D("-0.1"), D("1.1")):
        with pytest.raises(UndefinedScore):
            combined(90, 80, bureau_weight=wrong)


@pytest.mark.parametrize(("base", "ratio", "places"), [(10, "0.2", 2), (9, "0.2", 1), (4, "0.2", 0), (20, "0.25", 5)])
def test_the_quota_is_never_rounded_up(base, ratio, places):
    assert quota(base, D(ratio)) == places


def test_v03_bureaus_of_three_three_and_four_pool_their_quota():
    (pooled,) = allotments({"a": 3, "b": 3, "c": 4}, D("0.2"), small=5)
    assert (pooled.base, pooled.places, pooled.bureaus) == (10, 2, ("a", "b", "c"))
    assert [quota(heads, D("0.2")) for heads in (3, 3, 4)] == [0, 0, 0]


@given(
    st.dictionaries(st.integers(0, 40), st.integers(0, 60), min_size=1),
    st.decimals(0, 1, places=2),
    st.integers(0, 30),
)
def test_the_circles_never_exceed_the_quota_of_all(heads, ratio, small):
    found = allotments(heads, ratio, small=small)
    assert sum(one.places for one in found) <= sum(heads.values()) * Fraction(ratio)
    assert sorted(bureau for one in found for bureau in one.bureaus) == sorted(heads)


def test_ties_at_the_cut_follow_the_published_order():
    people = [
        Contender("own", 90, 95),
        Contender("praised", 90, 90, commendations=1),
        Contender("rural", 90, 90, grassroots_years=5),
        Contender("plain", 90, 90),
        Contender("bureau", 91, 60),
    ]
    assert cut(people, 4).within == ("bureau", "own", "praised", "rural")


def test_whoever_stands_exactly_equal_at_the_edge_is_for_a_panel():
    people = [Contender("a", 90, 95), Contender("b", 90, 90), Contender("c", 90, 90)]
    found = cut(people, 2)
    assert (found.within, found.tied, found.left) == (("a",), ("b", "c"), 1)
    assert cut(people, 3).within == ("a", "b", "c")
    assert cut(people, 0) == Cut((), (), 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10), st.integers(0, 12))
def test_a_cut_never_gives_more_than_its_places(scores, places):
    found = cut([Contender(index, *pair) for index, pair in enumerate(scores)], places)
    assert len(found.within) + found.left == places
    assert not found.tied or len(found.tied) > found.left


PANELS = st.lists(
    st.tuples(
        st.decimals(min_value="0.01", max_value=100, places=2),
        st.lists(st.decimals(min_value=0, max_value=100, places=2), max_size=6),
    ),
    min_size=1,
    max_size=5,
)


def as_groups(rows, trim: int) -> list[Group]:
    return [Group(str(n), weight, scores, trim) for n, (weight, scores) in enumerate(rows)]


@given(PANELS, st.integers(0, 2))
def test_a_panels_score_lies_between_the_least_and_the_most_and_weights_are_conserved(rows, trim):
    try:
        result = panel(as_groups(rows, trim))
    except UndefinedScore:
        assert all(len(scores) <= 2 * trim for _weight, scores in rows)
        return
    spoken = [score for _weight, scores in rows if len(scores) > 2 * trim for score in scores]
    assert min(spoken) <= result.score <= max(spoken)
    assert sum(group.share for group in result.groups) == 1


@given(PANELS, st.integers(2, 4))
def test_what_is_told_never_singles_out_fewer_than_so_many(rows, least):
    try:
        result = panel(as_groups(rows, 0))
    except UndefinedScore:
        return
    told = disclosed(result, least)
    assert all(group.count >= least for group in told.shown)
    everybody = sum(len(scores) for _weight, scores in rows)
    assert (told.score is None) == (everybody < least)
    if told.score is not None:
        # What remains of the score without the groups told apart is at least so many people's word, or nobody's.
        assert told.merged_count == 0 or told.merged_count >= least
        assert told.merged_count + sum(group.count for group in told.shown) == everybody
    else:
        assert told.shown == ()

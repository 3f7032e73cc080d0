"""Months in post: the cut-off day decides, one post a month, nobody vanishes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.trace import Input
from staffing.headcount import BadSpell, PostMonths, Seats, Spell, by_bureau, months_in_post, seats

D = Decimal
YEAR = 2020


def spell(start, end=None, *, person="wang", post="clerk", bureau="zs", coefficient="1.0", kind="primary"):
    return Spell(person, post, bureau, D(coefficient), start, end, kind)


def months(*spells, cutoff_day=15):
    counted = months_in_post(spells, YEAR, cutoff_day)
    return {person: [(row.post, row.months) for row in rows] for person, rows in counted.items()}


def test_a_whole_year():
    assert months(spell(date(2018, 3, 1))) == {"wang": [("clerk", 12)]}


@pytest.mark.parametrize(
    ("start", "counted"),
    [
        (date(2020, 9, 14), 4),
        (date(2020, 9, 15), 4),
        (date(2020, 9, 16), 3),
        (date(2020, 12, 16), 0),
        (date(2021, 1, 1), 0),
    ],
)
def test_who_comes_by_the_cutoff_day_has_the_month(start, counted):
    assert sum(count for _, count in months(spell(start))["wang"]) == counted


@pytest.mark.parametrize(
    ("end", "counted"),
    [(date(2020, 3, 15), 2), (date(2020, 3, 16), 3), (date(2020, 1, 1), 0), (date(2025, 1, 1), 12)],
)
def test_the_end_is_the_first_day_out_of_post(end, counted):
    assert sum(count for _, count in months(spell(date(2019, 1, 1), end))["wang"]) == counted


def test_the_cutoff_day_is_a_parameter():
    assert months(spell(date(2020, 9, 20)), cutoff_day=20) == {"wang": [("clerk", 4)]}
    assert months(spell(date(2020, 9, 20)), cutoff_day=1) == {"wang": [("clerk", 3)]}


@pytest.mark.parametrize("day", [0, 29, 31])
def test_a_cutoff_day_that_february_may_lack_is_refused(day):
    with pytest.raises(BadSpell) as caught:
        months_in_post([], YEAR, day)
    assert caught.value.reason == "cutoff_day_out_of_range"


def test_who_changes_bureau_carries_months_to_both():
    counted = months_in_post(
        [
            spell(date(2019, 1, 1), date(2020, 6, 10), bureau="zs", coefficient="1.2"),
            spell(date(2020, 6, 10), bureau="jf", coefficient="1.3"),
        ],
        YEAR,
    )
    assert by_bureau(counted) == {
        "zs": {"wang": [PostMonths("clerk", D("1.2"), 5, "zs")]},
        "jf": {"wang": [PostMonths("clerk", D("1.3"), 7, "jf")]},
    }


def test_concurrent_posts_pay_the_higher_only():
    assert months(
        spell(date(2020, 1, 1), post="deputy", coefficient="1.4"),
        spell(date(2020, 7, 1), post="acting head", coefficient="1.5", kind="acting"),
    ) == {"wang": [("deputy", 6), ("acting head", 6)]}


def test_of_equal_coefficients_the_primary_counts_then_the_first_listed():
    other = spell(date(2020, 1, 1), post="other", kind="concurrent")
    assert months(other, spell(date(2020, 1, 1)))["wang"] == [("clerk", 12)]
    third = spell(date(2020, 1, 1), post="third", kind="seconded")
    assert months(other, third)["wang"] == [("other", 12)]


def test_a_gap_joins_up_and_a_changed_coefficient_does_not():
    assert months(spell(date(2020, 1, 1), date(2020, 3, 1)), spell(date(2020, 5, 1), date(2020, 7, 1))) == {
        "wang": [("clerk", 4)]
    }
    counted = months_in_post(
        [
            spell(date(2020, 1, 1), date(2020, 4, 1), coefficient="1.0"),
            spell(date(2020, 4, 1), coefficient="1.1"),
        ],
        YEAR,
    )
    assert [(row.coefficient, row.months) for row in counted["wang"]] == [(D("1.0"), 3), (D("1.1"), 9)]


def test_nobody_vanishes_and_the_order_is_kept():
    assert list(months(spell(date(2020, 1, 1), person="zhou"), spell(date(2021, 1, 1), person="an"))) == ["zhou", "an"]
    assert months(spell(date(2021, 1, 1))) == {"wang": []}


def test_ids_do_for_keys_and_an_input_keeps_its_source():
    coefficient = Input("post_coefficient", D("1.6"), source="grade 6")
    counted = months_in_post([Spell(7, 12, None, coefficient, date(2020, 1, 1))], YEAR)
    assert counted == {7: [PostMonths(12, coefficient, 12)]}
    assert counted[7][0].weight == Fraction("1.6")
    assert by_bureau(counted) == {None: {7: counted[7]}}


days = st.dates(date(2019, 1, 1), date(2021, 12, 31))


@st.composite
def spells(draw):
    start = draw(days)
    end = draw(st.none() | st.integers(1, 900).map(lambda length: start + timedelta(length)))
    person, post, bureau = (draw(st.sampled_from(names)) for names in ("ab", "pqr", "xy"))
    kind = draw(st.sampled_from(["primary", "concurrent", "acting", "seconded"]))
    coefficient = draw(st.integers(0, 30)) * D("0.1")
    return Spell(person, post, bureau, coefficient, start, end, kind)


@given(st.lists(spells(), max_size=8), st.integers(1, 28))
def test_a_month_counts_once_and_only_when_in_post(held, cutoff):
    counted = months_in_post(held, YEAR, cutoff)
    assert set(counted) == {one.person for one in held}
    for person, rows in counted.items():
        own = [one for one in held if one.person == person]
        in_post = sum(any(one.holds(date(YEAR, month, cutoff)) for one in own) for month in range(1, 13))
        assert sum(row.months for row in rows) == in_post
        assert all(row.months > 0 for row in rows)


@given(st.lists(spells(), max_size=8))
def test_bureaus_carry_every_month(held):
    counted = months_in_post(held, YEAR)
    carried = by_bureau(counted)
    split = sum(row.months for people in carried.values() for rows in people.values() for row in rows)
    assert split == sum(row.months for rows in counted.values() for row in rows)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"start": date(2020, 2, 1), "end": date(2020, 2, 1)}, "ends_before_it_starts"),
        ({"start": date(2020, 2, 1), "coefficient": "-1"}, "coefficient_negative"),
        ({"start": date(2020, 2, 1), "coefficient": "NaN"}, "coefficient_not_finite"),
    ],
)
def test_a_spell_that_cannot_be_names_the_person(wrong, reason):
    with pytest.raises(BadSpell) as caught:
        spell(**wrong)
    assert (caught.value.who, caught.value.reason) == ("wang", reason)


@pytest.mark.parametrize(("months", "coefficient"), [(13, "1"), (-1, "1"), (1, "-0.1")])
def test_months_and_coefficient_have_bounds(months, coefficient):
    with pytest.raises(BadSpell):
        PostMonths("clerk", D(coefficient), months)


@given(st.integers(0, 50), st.integers(0, 50))
def test_seats_add_up(headcount, taken):
    found = seats(headcount, taken)
    assert found.filled + found.vacant == headcount
    assert found.filled + found.over == taken


def test_over_full_is_shown_and_negative_refused():
    assert seats(3, 5) == Seats(filled=3, vacant=0, over=2)
    for headcount, taken in ((-1, 0), (0, -1)):
        with pytest.raises(BadSpell):
            seats(headcount, taken)

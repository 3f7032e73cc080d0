"""The set-wise sharing agrees with the reference to the fen, whatever units look like."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.money import NothingToShareBy
from common.trace import Input
from pay.setwise import GivenBureau, GivenPool, Shared, share
from pay.sharing import BureauRoster, PersonInput, allocate
from staffing.headcount import PostMonths

pytestmark = pytest.mark.django_db
D = Decimal

#: People as a relation out of one JSON text: exact, since PostgreSQL reads its numbers as numeric.
PEOPLE = """
    select * from jsonb_to_recordset(%(rows)s::jsonb)
        as given (unit_id bigint, bureau_id bigint, person_id bigint, ord int, points numeric, factor numeric)"""

factors = st.sampled_from(["0", "0.5", "0.8", "1", "1.2", "0.3333"])
posts = st.tuples(st.sampled_from(["0", "0.7", "1", "1.15", "1.6", "2.0333"]), st.integers(1, 6))
people = st.tuples(st.lists(posts, max_size=2), factors)
scores = st.one_of(st.sampled_from(["0", "80", "90", "100", "85.55"]), st.decimals(0, 110, places=2).map(str))
bureaus = st.tuples(scores, st.lists(people, max_size=9))
pools = st.one_of(st.sampled_from(["0", "0.01", "0.07", "99999999999.99"]), st.decimals(0, 10**8, places=2).map(str))
bounds = st.sampled_from([("0.8", "1.2"), ("0", "1"), ("1", "1"), ("1.1", "1.5"), ("0", "0.5"), ("0.9999", "1.0001")])
units = st.tuples(pools, bounds, st.lists(bureaus, max_size=12))


def reference(unit) -> tuple[list[Decimal], list[Decimal], list[Decimal]] | None:
    """Amounts of bureaus and people and what bureaus gave back, in roster order; None when nobody can take."""
    pool, (low, high), rows = unit
    rosters = [
        BureauRoster(
            str(at),
            Input("score", D(score)),
            [
                PersonInput(
                    f"{at}-{who}",
                    [PostMonths(n, D(c), months) for n, (c, months) in enumerate(held)],
                    Input("grade_factor", D(factor)),
                )
                for who, (held, factor) in enumerate(staff)
            ],
        )
        for at, (score, staff) in enumerate(rows)
    ]
    try:
        made = allocate(D(pool), rosters, D(low), D(high))
    except NothingToShareBy:
        return None
    return (
        [each.share.amount for each in made],
        [part.amount for each in made for part in each.people],
        [each.share.returned for each in made],
    )


def set_wise(many) -> Shared:
    """All units in one statement; a unit's id is its place, a bureau's and a person's follow from it."""
    given_pools = [GivenPool(at, D(pool), D(low), D(high)) for at, (pool, (low, high), _) in enumerate(many)]
    given_bureaus, rows = [], []
    for at, (_, _, unit_bureaus) in enumerate(many):
        order = 0
        for number, (score, staff) in enumerate(unit_bureaus):
            given_bureaus.append(GivenBureau(at, at * 100 + number, number, D(score)))
            for held, factor in staff:
                order += 1
                points = sum((D(c) * months for c, months in held), D(0))
                who = {"unit_id": at, "bureau_id": at * 100 + number, "person_id": len(rows), "ord": order}
                rows.append({**who, "points": str(points), "factor": factor})
    text = json.dumps([{**row, "points": D(row["points"])} for row in rows], default=str)
    return share(given_pools, given_bureaus, PEOPLE, {"rows": text})


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(units, min_size=1, max_size=40))
def test_set_wise_and_reference_agree_to_the_fen(many):
    """Up to forty random units a statement, thousands in all: clamps, ties, zeros, a single fen, billions."""
    found = set_wise(many)
    for at, unit in enumerate(many):
        own = [row for row in found.bureaus if row.unit == at]
        paid = [row.amount for row in found.people if row.unit == at]
        expected = reference(unit)
        if expected is None:
            assert not any(row.amount for row in own)
            assert not any(paid)
            continue
        assert ([row.amount for row in own], paid, [row.returned for row in own]) == expected


def test_ties_go_to_who_stands_first():
    """Three alike share a fen less than they could: the first two of the roster get it."""
    unit = ("0.05", ("0.8", "1.2"), [("90", [([("1", 6)], "1")] * 3)])
    assert [row.amount for row in set_wise([unit]).people] == [D("0.02"), D("0.02"), D("0.01")]


def test_who_cannot_take_gives_back_to_the_others():
    unit = ("100", ("0.8", "1.2"), [("90", [([("1", 6)], "0")]), ("90", [([("1", 6)], "1")])])
    found = set_wise([unit])
    assert [(row.amount, row.returned) for row in found.bureaus] == [(D(0), D(50)), (D(100), D(0))]


def test_a_bureau_without_people_is_there_with_nothing():
    unit = ("100", ("0.8", "1.2"), [("90", []), ("70", [([("1", 6)], "1")])])
    (empty, full) = set_wise([unit]).bureaus
    assert (empty.amount, empty.coefficient, empty.weight) == (D(0), D(1), D(0))
    assert (full.amount, full.weight) == (D(100), D("0.5"))


def test_units_do_not_touch_each_other():
    """A unit's answer is the same alone and among others."""
    one = ("1000.01", ("0.8", "1.2"), [("90", [([("1.6", 6)], "1.2"), ([("1", 5)], "1")]), ("70", [([("1", 6)], "1")])])
    other = ("7", ("0.5", "2"), [("10", [([("1", 3)], "1")] * 4)])
    alone = [row.amount for row in set_wise([one]).people]
    assert [row.amount for row in set_wise([one, other, one]).people if row.unit in (0, 2)] == alone * 2


def test_amounts_of_any_size_stay_exact():
    """pool × weight far beyond 64 bits: the quotas are those of exact fractions."""
    staff = [([("2.0333", 6)], "0.3333"), ([("1.15", 5)], "1.2"), ([("0.7", 1)], "0.8")]
    pool = D("9999999999999.99")
    found = set_wise([(str(pool), ("0.8", "1.2"), [("85.55", staff)])])
    weights = [Fraction(D(held[0][0]) * held[0][1] * D(factor)) for held, factor in staff]
    for row, weight in zip(found.people, weights, strict=True):
        assert abs(Fraction(row.amount) - Fraction(pool) * weight / sum(weights)) < Fraction(1, 100)
    assert sum(row.amount for row in found.people) == pool

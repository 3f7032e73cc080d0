"""The reference of the money: the case worked by hand, the edge cases, and what must hold for any numbers."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import cut_to_fen
from common.trace import Input, Step
from pay.formulas import (
    BadInput,
    BadParameter,
    CompositeParameters,
    MissingInput,
    PoolScheme,
    ReferenceCapParameters,
    Rule,
    UndefinedGrowth,
    growth,
    pool_of_unit,
)
from pay.sharing import BureauRoster, PersonInput, allocate
from staffing.headcount import Spell, by_bureau, months_in_post

D = Decimal
CASE = json.loads((Path(__file__).parent / "golden" / "worked_pool.json").read_text(encoding="utf-8"))
LOWER, UPPER = D(CASE["bureau_floor"]), D(CASE["bureau_cap"])


def value(key, number):
    return Input(key, D(str(number)))


def parameters(**changes):
    """F13 under F02, as the worked case has it."""
    got = {**{key: D(text) for key, text in CASE["parameters"].items() if key != "rating_factors"}, **changes}
    factors = {key: D(text) for key, text in CASE["parameters"]["rating_factors"].items()}
    factors, multiple = got.pop("rating_factors", factors), got.pop("reference_multiple")
    rules = [
        Rule("term", "F13", CompositeParameters(**got)),
        Rule("limit", "F02", ReferenceCapParameters(reference_multiple=multiple)),
    ]
    return PoolScheme(rules, factors, "clamp")


def inputs(**changes):
    numbers = {**CASE["inputs"], **changes}
    rating = numbers.pop("rating", CASE["rating"])
    got = {key: value(key, number) for key, number in numbers.items() if number is not None}
    return got if rating is None else got | {"rating": Input("rating", rating)}


def pool_of(**changes):
    return pool_of_unit(parameters(), inputs(**changes), CASE["year"])


def keys(trace: Step):
    return {node.key for node in trace.walk()}


def notes(trace: Step):
    return {node.note for node in trace.walk() if isinstance(node, Step)} - {""}


# ── The case of docs/worked-pool.md ──────────────────────────────────────────


def golden_rosters():
    spells = [
        Spell(
            **{key: row[key] for key in ("person", "post", "bureau")},
            coefficient=D(row["coefficient"]),
            start=date.fromisoformat(row["start"]),
            end=date.fromisoformat(row["end"]) if row["end"] else None,
        )
        for row in CASE["spells"]
    ]
    people = by_bureau(months_in_post(spells, CASE["year"], CASE["cutoff_day"]))
    return [
        BureauRoster(
            row["key"],
            value("score", row["score"]),
            [
                PersonInput(who, rows, value("grade_factor", CASE["grade_factors"][who]))
                for who, rows in people[row["key"]].items()
            ],
        )
        for row in CASE["bureaus"]
    ]


def test_worked_pool():
    pool, expected = pool_of(), CASE["expected"]
    assert (str(pool.uncapped), str(pool.amount), str(pool.lapsed)) == (
        expected["uncapped"],
        expected["pool"],
        expected["lapsed"],
    )
    assert pool.link == Fraction(expected["link"])


def test_worked_allocation():
    expected = CASE["expected"]
    allocated = allocate(D(expected["pool"]), golden_rosters(), LOWER, UPPER)
    assert {got.share.key: str(got.share.amount) for got in allocated} == expected["shares"]
    assert {got.share.key: {part.key: str(part.amount) for part in got.people} for got in allocated} == expected[
        "allocations"
    ]
    assert {got.share.key: {part.key: part.months for part in got.people} for got in allocated} == expected["months"]
    points, weights = map(Fraction, expected["mean_score"].split("/"))
    for got, row in zip(allocated, CASE["bureaus"], strict=True):
        above, below = map(Fraction, expected["bureau_weights"][row["key"]].split("/"))
        assert got.share.weight == above / below
        assert got.share.coefficient == Fraction(row["score"]) / (points / weights)


def test_worked_pool_with_the_cap_hit():
    pool = pool_of(reference_income="270000.00")
    assert (pool.uncapped, pool.amount, pool.lapsed) == (D("568129.60"), D("540000.00"), D("28129.60"))
    assert pool.trace.note == "cut_to_cap"


def test_the_trace_reaches_every_input():
    trace = pool_of().trace
    assert keys(trace) == {
        *("pool", "capped_to", "uncapped_pool", "link", "composite_growth", "rating_factor", "rating_factors"),
        *("growth_tax", "growth_budget", "growth_gdp", "base", "rating", "reference_income"),
        *("tax_now", "tax_before", "budget_now", "budget_before", "gdp_now", "gdp_before"),
        *("alpha", "weight_tax", "weight_budget", "weight_gdp", "floor", "cap", "reference_multiple"),
    }
    scheme = {node.key for node in trace.walk() if isinstance(node, Input) and node.source == "scheme"}
    assert scheme >= {"alpha", "floor", "cap", "reference_multiple"}
    assert json.loads(json.dumps(trace.as_json()))["value"] == "568129.60"


# ── The pool ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tax_now", "link", "note"),
    [("3000", "0.85", "clamped_to_floor"), ("-3000", "0.85", "clamped_to_floor"), ("30000", "1.25", "clamped_to_cap")],
)
def test_growth_is_held_between_floor_and_cap(tax_now, link, note):
    pool = pool_of(tax_now=tax_now)
    assert pool.link == Fraction(link)
    assert note in notes(pool.trace)


@pytest.mark.parametrize("before", ["0", "-1"])
@pytest.mark.parametrize("figure", ["tax", "budget", "gdp"])
def test_growth_over_no_base_year_is_undefined(figure, before):
    with pytest.raises(UndefinedGrowth) as caught:
        pool_of(**{f"{figure}_before": before})
    assert caught.value.key == f"growth_{figure}"


def test_growth_is_exact():
    assert growth(value("now", 4), value("before", 3), "growth_tax").value == Fraction(1, 3)


def test_everything_missing_is_named_at_once():
    with pytest.raises(MissingInput) as caught:
        pool_of(tax_now=None, base=None, rating=None)
    assert caught.value.keys == ("base", "tax_now", "rating")


def test_a_rating_that_the_scheme_does_not_know():
    with pytest.raises(MissingInput) as caught:
        pool_of(rating="4")
    assert caught.value.keys == ("rating",)


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"base": "-0.01"}, "base", "negative"),
        ({"base": "NaN"}, "base", "not_finite"),
        ({"gdp_now": "Infinity"}, "gdp_now", "not_finite"),
        ({"reference_income": "0"}, "reference_income", "not_positive"),
    ],
)
def test_inputs_that_cannot_be(changes, key, reason):
    with pytest.raises(BadInput) as caught:
        pool_of(**changes)
    assert (caught.value.key, caught.value.reason) == (key, reason)


def test_an_input_that_is_text_or_float_is_refused():
    for wrong in ("12", 0.5):
        with pytest.raises(BadInput):
            pool_of_unit(parameters(), inputs() | {"base": Input("base", wrong)}, 2020)


def test_a_cap_that_is_no_whole_fen_is_not_rounded_up():
    pool = pool_of_unit(parameters(reference_multiple=D("1.5")), inputs(reference_income="100.01"), 2020)
    assert pool.amount == D("150.01")  # 1.5 × 100.01 = 150.015


def test_no_base_no_pool():
    assert str(pool_of(base="0").amount) == "0.00"


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"weight_tax": D("0.6")}, "weight_tax", "weights_not_one"),
        ({"weight_tax": D("-0.5"), "weight_budget": D("1.3")}, "weight_tax", "negative"),
        ({"floor": D("1.3")}, "floor", "above_cap"),
        ({"floor": D("-0.1")}, "floor", "negative"),
        ({"alpha": D("NaN")}, "alpha", "not_finite"),
        ({"alpha": 0.8}, "alpha", "not_exact"),
        ({"reference_multiple": D(0)}, "reference_multiple", "zero"),
        ({"rating_factors": {}}, "rating_factors", "empty"),
        ({"rating_factors": {"1": D("-1")}}, "rating_factors", "negative"),
    ],
)
def test_a_scheme_that_cannot_be(changes, field, reason):
    with pytest.raises(BadParameter) as caught:
        parameters(**changes)
    assert (caught.value.field, caught.value.reason) == (field, reason)


money = st.decimals(0, 10**10, places=2)
positive = st.decimals("0.01", 10**10, places=2)
any_figure = st.decimals(-(10**10), 10**10, places=2)


@given(money, any_figure, positive, any_figure, positive, positive, st.sampled_from("123"))
def test_a_pool_is_never_negative_nor_above_its_cap(base, tax, tax_before, gdp, gdp_before, income, rating):
    pool = pool_of(
        base=base, tax_now=tax, tax_before=tax_before, gdp_now=gdp, gdp_before=gdp_before, reference_income=income,
        rating=rating,
    )  # fmt: skip
    assert 0 <= pool.amount <= cut_to_fen(2 * income)
    assert pool.amount + pool.lapsed == pool.uncapped
    assert pool.lapsed >= 0
    assert Fraction("0.85") <= pool.link <= Fraction("1.25")


@given(st.tuples(any_figure, any_figure), money)
def test_more_tax_never_makes_a_smaller_pool(taxes, base):
    less, more = (pool_of(tax_now=tax, base=base).amount for tax in sorted(taxes))
    assert less <= more


@given(any_figure, positive, st.integers(1, 10**6))
def test_the_unit_of_a_figure_does_not_matter(now, before, scale):
    one = pool_of(gdp_now=now, gdp_before=before)
    assert pool_of(gdp_now=now * scale, gdp_before=before * scale).amount == one.amount

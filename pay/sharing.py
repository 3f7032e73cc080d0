"""The reference of the money, second half: a pool shared to bureaus (F14) and people (F15). Pure and exact.

Every share is one ``largest_remainder`` over an amount already in fen, in the
order given (roster order), so people sum to their bureau and bureaus to the pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from common.money import BadAmount, exact, largest_remainder
from common.trace import Input, Step, shown
from pay.formulas import BadInput, BadParameter, PayError, input_value
from staffing.headcount import PostMonths, coefficient_of

ONE = Fraction(1)
NOTHING = Decimal("0.00")


class MissingScore(PayError):
    """Bureaus without a score, or people without a grade factor, that carry weight: ``keys`` names them all.

    ``noun`` is "bureau" or "person". A final settlement waits (edge case "missing score").
    """

    def __init__(self, keys: Iterable[str], noun: str = "bureau") -> None:
        self.keys = tuple(keys)
        self.noun = noun
        super().__init__(f"{noun}: {', '.join(self.keys)}")


@dataclass(frozen=True)
class BureauInput:
    """A bureau (职能机构): its score in points, and ``weight`` = Σ post coefficient × months ÷ 12."""

    key: str
    score: Input | None
    weight: Fraction


@dataclass(frozen=True)
class PersonInput:
    """A person to share to: months in posts of this bureau, and the factor of his grade (考核系数)."""

    key: str
    post_months: Sequence[PostMonths]
    grade_factor: Input | None

    @property
    def post_weight(self) -> Fraction:
        """Σ post coefficient × months ÷ 12: what he adds to his bureau's weight, whatever his grade."""
        return sum((row.weight for row in self.post_months), Fraction(0))

    @property
    def months(self) -> int:
        return sum(row.months for row in self.post_months)


@dataclass(frozen=True)
class BureauRoster:
    """A bureau with its people in roster order; its weight is theirs, so the two cannot disagree."""

    key: str
    score: Input | None
    people: Sequence[PersonInput]

    @property
    def bureau(self) -> BureauInput:
        weight = sum((person.post_weight for person in self.people), Fraction(0))
        return BureauInput(self.key, self.score, weight)


@dataclass(frozen=True)
class PersonShare:
    """What a person gets in yuan; ``post_coefficient`` is the month-weighted mean over his ``months``.

    Someone out of post and without a grade has a ``grade_factor`` of zero here.
    """

    key: str
    amount: Decimal
    weight: Fraction
    months: int
    post_coefficient: Fraction
    grade_factor: Fraction
    trace: Step


@dataclass(frozen=True)
class PeopleShares:
    """``shares`` in roster order, and what is ``returned`` because nobody could take it: all or nothing."""

    shares: tuple[PersonShare, ...]
    returned: Decimal


@dataclass(frozen=True)
class BureauShare:
    """What a bureau gets in yuan; ``returned`` is what it would have got had anyone there a weight."""

    key: str
    amount: Decimal
    weight: Fraction
    coefficient: Fraction
    returned: Decimal
    trace: Step


@dataclass(frozen=True)
class BureauAllocation:
    """A bureau's share and what its people get of it, in roster order; they sum to ``share.amount``."""

    share: BureauShare
    people: tuple[PersonShare, ...]


def bureau_coefficients(bureaus: Sequence[BureauInput], lower: Decimal, upper: Decimal) -> list[Step]:
    """F14: K_d = S_d ÷ S̄, kept between ``lower`` and ``upper``, with S̄ the mean score weighted by W_d.

    When every score is zero they are all equal, so S_d ÷ S̄ is taken as 1 (note
    "mean_zero"). A bureau without weight needs no score and gets 1 (note
    "no_weight"); its share is zero whatever it says.

    Raises MissingScore, BadParameter (bounds) and BadInput (negative score or weight, key given twice).
    """
    bounds_of(lower, upper)
    _check_bureaus(bureaus)
    weights = points = Fraction(0)
    for bureau in bureaus:
        if bureau.weight and bureau.score is not None:
            weights += bureau.weight
            points += bureau.weight * input_value(bureau.score)
    mean = mean_score(points, weights)
    return [bureau_coefficient(bureau, mean, lower, upper) for bureau in bureaus]


def bureau_coefficient(bureau: BureauInput, mean: Step, lower: Decimal, upper: Decimal) -> Step:
    """K_d of one bureau, given the step "mean_score" of its unit."""
    if not bureau.weight or bureau.score is None:
        return Step("bureau_coefficient", ONE, unit="ratio", formula="F14", note="no_weight")
    low, high = exact(lower), exact(upper)
    free = input_value(bureau.score) / exact(mean.value) if mean.value else ONE
    note = "clamped_to_floor" if free < low else "clamped_to_cap" if free > high else ""
    written = f"{shown(input_value(bureau.score))} ÷ {shown(mean.value)}" if mean.value else "1"
    return Step(
        "bureau_coefficient",
        min(max(free, low), high),
        unit="ratio",
        formula="F14",
        expression=f"{written}; {shown(lower)}–{shown(upper)}",
        note=note or ("" if mean.value else "mean_zero"),
        parts=(bureau.score, mean),
    )


def mean_score(points: Fraction, weights: Fraction) -> Step:
    """S̄ as points ÷ weights. It stands in every bureau's trace, so it does not repeat all bureaus there."""
    mean = points / weights if weights else Fraction(0)
    return Step("mean_score", mean, unit="points", formula="F14", expression=f"{shown(points)} ÷ {shown(weights)}")


def bounds_of(lower: Decimal, upper: Decimal) -> None:
    bounds = []
    for field, value in (("bureau_floor", lower), ("bureau_cap", upper)):
        try:
            bounds.append(exact(value))
        except BadAmount as error:
            raise BadParameter(field, error.reason) from error
    low, high = bounds
    if low < 0:
        raise BadParameter("bureau_floor", "negative")
    if low > high:
        raise BadParameter("bureau_floor", "above_cap")
    if high == 0:
        raise BadParameter("bureau_cap", "zero")


def _no_key_twice(keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise BadInput(key, "given_twice")
        seen.add(key)


def _check_bureaus(bureaus: Sequence[BureauInput]) -> None:
    _no_key_twice(bureau.key for bureau in bureaus)
    missing = [bureau.key for bureau in bureaus if bureau.weight and bureau.score is None]
    if missing:
        raise MissingScore(missing)
    for bureau in bureaus:
        if bureau.weight < 0:
            raise BadInput(bureau.key, "negative_weight")
        if bureau.score is not None and input_value(bureau.score) < 0:
            raise BadInput(bureau.key, "negative_score")


def share_to_bureaus(
    pool: Decimal, bureaus: Sequence[BureauInput], lower: Decimal, upper: Decimal
) -> list[BureauShare]:
    """F14: ``pool`` (yuan, whole fen) shared in proportion to W_d × K_d, in the order given.

    A bureau without weight gets zero. Raises as ``bureau_coefficients`` does,
    and NothingToShareBy when no bureau has a weight.
    """
    return share_to_able(pool, bureaus, lower, upper, takes=[True] * len(bureaus))


def share_to_able(
    pool: Decimal, bureaus: Sequence[BureauInput], lower: Decimal, upper: Decimal, takes: Sequence[bool]
) -> list[BureauShare]:
    """As ``share_to_bureaus``, leaving out bureaus that cannot take; S̄ and K still count every bureau."""
    coefficients = bureau_coefficients(bureaus, lower, upper)
    steps = [weighted_coefficient(bureau, step) for bureau, step in zip(bureaus, coefficients, strict=True)]
    weights = [exact(step.value) for step in steps]
    taken = [weight if able else Fraction(0) for weight, able in zip(weights, takes, strict=True)]
    amounts = largest_remainder(pool, taken)
    # What each would have got with everybody able: shows the reader how much went back.
    first = amounts if all(takes) else largest_remainder(pool, weights)
    went_back = sum((was for was, able in zip(first, takes, strict=True) if not able), NOTHING)
    shares = []
    for at, bureau in enumerate(bureaus):
        gave = NOTHING if takes[at] else first[at]
        whole = WholeUnit(pool, sum(taken, Fraction(0)), sum(weights, Fraction(0)), went_back)
        trace = bureau_step(steps[at], amounts[at], None if takes[at] else gave, whole)
        coefficient = exact(coefficients[at].value)
        shares.append(BureauShare(bureau.key, amounts[at], bureau.weight, coefficient, gave, trace))
    return shares


@dataclass(frozen=True)
class WholeUnit:
    """What all bureaus of a unit share: ``pool`` by ``taken`` = Σ W_d × K_d of those that can take, ``all`` of all.

    ``went_back`` is what the others would have got, in yuan.
    """

    pool: Decimal
    taken: Fraction
    all: Fraction
    went_back: Decimal


def bureau_step(weighted: Step, amount: Decimal, gave: Decimal | None, whole: WholeUnit) -> Step:
    """The step "bureau_share"; ``gave`` is None for a bureau that can take, else what it gave back."""
    if gave is not None:
        back = share_step("returned_to_pool", "F14", whole.pool, weighted, whole.all, gave)
        return Step("bureau_share", NOTHING, "yuan", "F14", note="returned_to_pool", parts=(back,))
    trace = share_step("bureau_share", "F14", whole.pool, weighted, whole.taken, amount)
    if whole.went_back and amount:
        # The pool shared here includes what others could not take.
        part = Step("returned_to_pool", whole.went_back, unit="yuan")
        trace = replace(trace, parts=(*trace.parts, part))
    return trace


def weighted_coefficient(bureau: BureauInput, coefficient: Step) -> Step:
    """W_d × K_d, what a bureau's share is in proportion to."""
    weight = Step("bureau_weight", bureau.weight, formula="Σ post coefficient × months ÷ 12")
    return Step(
        "weighted_coefficient",
        bureau.weight * exact(coefficient.value),
        formula="F14",
        expression=f"{shown(bureau.weight)} × {shown(coefficient.value)}",
        parts=(weight, coefficient),
    )


def share_step(key: str, formula: str, whole: Decimal, weight: Step, total: Fraction | int, amount: Decimal) -> Step:
    """``whole`` × weight ÷ total; the note says when the share got one of the fen left over by cutting."""
    quota = exact(whole) * exact(weight.value) / total if total else Fraction(0)
    return Step(
        key,
        amount,
        unit="yuan",
        formula=formula,
        expression=f"{whole} × {shown(weight.value)} ÷ {shown(total)}",
        note="one_fen_left_over" if exact(amount) > quota else "",
        parts=(weight,),
    )


def share_to_people(amount: Decimal, people: Sequence[PersonInput]) -> PeopleShares:
    """F15: ``amount`` (yuan, whole fen) by Σ(post coefficient × months) ÷ 12 × grade factor, in roster order.

    Where nobody has a weight, everybody gets zero and the amount comes back as
    ``returned`` (edge case "all weights zero"). Raises MissingScore (noun
    "person") for people in post without a grade factor, and BadInput for a
    negative factor, a person given twice or more than 12 months.
    """
    _check_people(people)
    weights = [person_weight(person) for person in people]
    total = sum((exact(weight.value) for weight in weights), Fraction(0))
    returned = NOTHING if total else amount
    amounts = largest_remainder(amount - returned, [weight.value for weight in weights])
    return PeopleShares(
        tuple(
            PersonShare(
                key=person.key,
                amount=given,
                weight=exact(weight.value),
                months=person.months,
                post_coefficient=person.post_weight * 12 / person.months if person.months else Fraction(0),
                grade_factor=input_value(person.grade_factor) if person.grade_factor else Fraction(0),
                trace=share_step("person_share", "F15", amount, weight, total, given),
            )
            for person, weight, given in zip(people, weights, amounts, strict=True)
        ),
        returned,
    )


def _check_people(people: Sequence[PersonInput]) -> None:
    _no_key_twice(person.key for person in people)
    if missing := _without_grade(people):
        raise MissingScore(missing, "person")
    for person in people:
        if person.months > 12:
            raise BadInput(person.key, "more_than_12_months")
        if person.grade_factor is not None and input_value(person.grade_factor) < 0:
            raise BadInput(person.key, "negative_grade_factor")


def _without_grade(people: Iterable[PersonInput]) -> list[str]:
    return [person.key for person in people if person.post_weight and person.grade_factor is None]


def person_weight(person: PersonInput) -> Step:
    """Σ(coefficient × months) ÷ 12 × grade factor; out of post it is zero, with or without a grade."""
    if person.grade_factor is None:
        return Step("person_weight", Fraction(0), formula="F15", expression="0", note="not_in_post")
    rows = person.post_months
    held = " + ".join(f"{shown(coefficient_of(row.coefficient))} × {row.months}" for row in rows)
    posts = tuple(_coefficient_input(row) for row in rows)
    factor = input_value(person.grade_factor)
    return Step(
        "person_weight",
        person.post_weight * factor,
        formula="F15",
        expression=f"({held or '0'}) ÷ 12 × {shown(factor)}",
        parts=(*posts, person.grade_factor),
    )


def _coefficient_input(row: PostMonths) -> Input:
    if isinstance(row.coefficient, Input):
        return row.coefficient
    return Input("post_coefficient", row.coefficient, unit="ratio", source=str(row.post))


def allocate(pool: Decimal, rosters: Sequence[BureauRoster], lower: Decimal, upper: Decimal) -> list[BureauAllocation]:
    """F14 then F15: ``pool`` (yuan, whole fen) to bureaus and on to people, who sum to the pool exactly.

    A bureau where everybody's weight is zero cannot take: the pool is shared
    over the others in one rounding, and the trace says ``returned_to_pool``
    (edge cases "all weights zero", "incompetent grade"). Raises
    NothingToShareBy when no bureau can take, and as the two halves do; all
    people without a grade factor are named at once.
    """
    bureaus = [roster.bureau for roster in rosters]
    _check_bureaus(bureaus)
    if missing := _without_grade(person for roster in rosters for person in roster.people):
        raise MissingScore(dict.fromkeys(missing), "person")
    for roster in rosters:
        _check_people(roster.people)
    # A bureau without weight has nothing to give back, so it counts as able to take its zero.
    takes = [not bureau.weight or _can_take(roster) for bureau, roster in zip(bureaus, rosters, strict=True)]
    return [
        BureauAllocation(share, share_to_people(share.amount, roster.people).shares)
        for share, roster in zip(share_to_able(pool, bureaus, lower, upper, takes), rosters, strict=True)
    ]


def _can_take(roster: BureauRoster) -> bool:
    return any(exact(person_weight(person).value) > 0 for person in roster.people)

"""Stored runs computed again from their stored inputs, by the reference in exact fractions: what differs is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from common.money import NothingToShareBy
from common.trace import Input
from pay.formulas import PayError
from pay.models import Allocation, BureauShare, Run
from pay.reserve import reserve_of
from pay.sharing import BureauAllocation, BureauRoster, PersonShare, allocate
from pay.snapshots import pool_of
from pay.tracing import person_input

#: Runs read at a time: memory stays small, however many there are.
CHUNK = 20
#: Places of what is stored for showing: coefficients, weights, points.
SHOWN = Decimal(1).scaleb(-9)


@dataclass(frozen=True)
class Finding:
    """One value of a stored run that is not what its inputs give; ``who`` is a bureau's code or a staff number."""

    run: Run
    who: str
    what: str
    stored: Any
    computed: Any

    def __str__(self) -> str:
        place = f"{self.run.unit.code} {self.run.year} #{self.run.pk}"
        return " ".join([place, *filter(None, [self.who]), f"{self.what}: {self.stored} ≠ {self.computed}"])


def verify(runs: QuerySet[Run]) -> Iterator[tuple[Run, list[Finding]]]:
    """Each run that was ever computed, with what differs in it; read in blocks."""
    allocations = Allocation.objects.select_related("person").order_by("sequence")
    shares = BureauShare.objects.select_related("bureau").order_by("sequence")
    whole = (
        runs.filter(pool__isnull=False)
        .select_related("unit", "corrects")
        .prefetch_related(Prefetch("shares", shares), Prefetch("shares__allocations", allocations))
        .order_by("pk")
    )
    for run in whole.iterator(chunk_size=CHUNK):
        yield run, list(_findings(run))


def _findings(run: Run) -> Iterator[Finding]:
    shares = list(run.shares.all())
    try:
        pool = pool_of(run.inputs)
    except (PayError, KeyError, ArithmeticError) as error:
        yield Finding(run, "", "inputs", "", f"{type(error).__name__}: {error}")
        return
    for name in ("pool", "uncapped", "lapsed"):
        computed = getattr(pool, "amount" if name == "pool" else name)
        if getattr(run, name) != computed:
            yield Finding(run, "", name, getattr(run, name), computed)
    yield from _trace(run, pool.trace.as_json())
    kept = reserve_of(run.inputs, pool.amount) if run.returned == 0 else run.reserve
    if run.reserve != kept:
        yield Finding(run, "", "reserve", run.reserve, kept)
    made, returned = _shared(run, shares, pool.amount - run.reserve)
    if run.returned != returned:
        yield Finding(run, "", "returned", run.returned, returned)
    for share, given in zip(shares, made, strict=True):
        yield from _share(run, share, given)
    if run.corrects:
        yield from _differences(run, shares)


def _trace(run: Run, computed: dict[str, Any]) -> Iterator[Finding]:
    if run.trace != computed:
        yield Finding(run, "", "trace", run.trace.get("expression"), computed.get("expression"))


def _shared(run: Run, shares: list[BureauShare], amount: Decimal) -> tuple[list[BureauAllocation | None], Decimal]:
    """What the reference gives each bureau, and what it could give to nobody."""
    scheme = run.inputs["scheme"]
    scores = {row["bureau"]: row["score"] for row in run.inputs["bureaus"]}
    rosters = []
    for share in shares:
        people = list(share.allocations.all())
        for row in people:
            row.share = share  # read once, with its bureau
        score = scores.get(share.bureau_id)
        given = score and Input("score", Decimal(score["value"]), ref=score["ref"], example=score["example"])
        rosters.append(BureauRoster(str(share.bureau_id), given, [person_input(row) for row in people]))
    try:
        lower, upper = Decimal(scheme["bureau_floor"]), Decimal(scheme["bureau_cap"])
        return [*allocate(amount, rosters, lower, upper)], Decimal(0)
    except NothingToShareBy:
        return [None] * len(shares), amount


def _share(run: Run, share: BureauShare, given: BureauAllocation | None) -> Iterator[Finding]:
    code = share.bureau.code
    if given is None:
        if share.amount:
            yield Finding(run, code, "amount", share.amount, Decimal(0))
        return
    if share.amount != given.share.amount:
        yield Finding(run, code, "amount", share.amount, given.share.amount)
    for name in ("coefficient", "weight"):
        stored, computed = getattr(share, name), getattr(given.share, name)
        if abs(stored - Decimal(computed.numerator) / computed.denominator) > SHOWN:
            yield Finding(run, code, name, stored, computed)
    score = {row["bureau"]: Decimal(row["score"]["value"]) for row in run.inputs["bureaus"]}.get(share.bureau_id, 0)
    if share.score != score:
        yield Finding(run, code, "score", share.score, score)
    if "kind" not in share.terms and share.trace.get("expression") != given.share.trace.expression:
        yield Finding(run, code, "trace", share.trace.get("expression"), given.share.trace.expression)
    total = sum((row.points * row.grade_factor for row in share.allocations.all()), Decimal(0))
    if share.people_points != total:
        yield Finding(run, code, "people_points", share.people_points, total)
    for row, part in zip(share.allocations.all(), given.people, strict=True):
        yield from _person(run, row, part)


def _person(run: Run, row: Allocation, part: PersonShare) -> Iterator[Finding]:
    who = row.person.staff_no
    if row.amount != part.amount:
        yield Finding(run, who, "amount", row.amount, part.amount)
    if row.months != part.months:
        yield Finding(run, who, "months", row.months, part.months)
    points = sum((Decimal(post["coefficient"]) * post["months"] for post in row.posts), Decimal(0))
    if row.points != points:
        yield Finding(run, who, "points", row.points, points)
    factors = run.inputs["scheme"]["grade_factors"]
    if row.reason == Allocation.Reason.GRADE and row.grade_factor != Decimal(factors.get(row.rating, -1)):
        yield Finding(run, who, "grade_factor", row.grade_factor, factors.get(row.rating))


def _differences(run: Run, shares: list[BureauShare]) -> Iterator[Finding]:
    """A correction's differences are what stands now less what it corrects; who is gone has a row of his own."""
    before = {
        (bureau, person): (amount, staff_no)
        for bureau, person, amount, staff_no in run.corrects.allocations.values_list(
            "share__bureau", "person", "amount", "person__staff_no"
        )
    }
    for share in shares:
        for row in share.allocations.all():
            old, _who = before.pop((share.bureau_id, row.person_id), (Decimal(0), ""))
            if row.difference != row.amount - old:
                yield Finding(run, row.person.staff_no, "difference", row.difference, row.amount - old)
    for amount, staff_no in before.values():
        if amount:
            yield Finding(run, staff_no, "difference", None, -amount)

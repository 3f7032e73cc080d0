"""An amount explained: sentence, trace, inputs, and what it would be otherwise; for the page and for REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from common.access import Access
from kpi.judging.words import grade_word
from pay.models import Allocation, BureauShare, Run
from pay.names import latest_bureaus, unit_names
from pay.why import sentences, what_if
from pay.why.sources import Source, sources


@dataclass(frozen=True)
class Explanation:
    """Why ``amount`` (yuan) is what it is.

    ``sentence`` is in ``zh`` and ``en``; ``share_trace`` is that of the bureau's
    share a person's amount is part of. ``grades`` and ``scores`` say what it
    would be with another grade of the person or score of the bureau.
    """

    amount: Decimal
    sentence: Mapping[str, str]
    trace: Mapping[str, Any]
    inputs: Sequence[Source]
    share_trace: Mapping[str, Any] | None = None
    grades: Sequence[what_if.WhatIf] = ()
    scores: Sequence[what_if.Score] = ()


def of_allocation(row: Allocation, access: Access) -> Explanation:
    """A person's amount; ``row`` comes with its person, share, run and the run's scheme."""
    row.share.run = row.run
    bureau = latest_bureaus([row.share.bureau_id]).get(row.share.bureau_id)
    own = row.person_id == access.person_id
    trace, share_trace = row.trace, row.share.trace
    return Explanation(
        amount=row.amount,
        sentence=sentences.in_both(
            lambda: sentences.of_person(row, bureau.shown_name if bureau else "", own=own),
        ),
        trace=trace,
        inputs=sources([trace, share_trace], access),
        share_trace=share_trace,
        grades=other_grades(row),
    )


def of_share(share: BureauShare, access: Access) -> Explanation:
    """A bureau's share; it comes with its run and the run's scheme."""
    bureau = latest_bureaus([share.bureau_id]).get(share.bureau_id)
    trace = share.trace
    return Explanation(
        amount=share.amount,
        sentence=sentences.in_both(lambda: sentences.of_bureau(share, bureau.shown_name if bureau else "")),
        trace=trace,
        inputs=sources([trace], access),
        scores=other_scores(share),
    )


def of_pool(run: Run, access: Access) -> Explanation:
    """A unit's pool; ``run`` has been computed."""
    unit = unit_names([run.unit_id], run.year).get(run.unit_id)
    return Explanation(
        amount=run.pool,
        sentence=sentences.in_both(lambda: sentences.of_pool(run, unit.shown_name if unit else run.unit.code)),
        trace=run.trace,
        inputs=sources([run.trace], access),
    )


def other_grades(row: Allocation) -> list[what_if.WhatIf]:
    """What the person would get with each grade, worded for his kind of staff; one query."""
    colleagues = list(row.share.allocations.order_by("sequence"))
    for each in colleagues:
        each.share = row.share
    found = what_if.other_grades(row, colleagues, row.run.scheme.grade_factors)
    for answer in found:
        answer.word = grade_word(answer.grade, row.person.identity)
        answer.now = answer.stands and answer.grade == row.rating
    return found


def other_scores(share: BureauShare) -> list[what_if.Score]:
    """What the bureau would get with a few points more or less; two queries."""
    shares = list(share.run.shares.order_by("sequence"))
    sums = share.run.allocations.order_by().values("share").annotate(points=Sum("points"))
    points = {row["share"]: row["points"] for row in sums}
    scheme = share.run.scheme
    return what_if.other_scores(share, shares, points, (scheme.bureau_floor, scheme.bureau_cap))

"""Whose amount waits for a case: those whom the run that stands holds back, as long as the case is open."""

from __future__ import annotations

from decimal import Decimal

from pay import relation
from pay.life.services import latest_of_chain
from pay.models import Allocation, Run

#: What a person shares by, a bureau: his points and his factor.
Terms = dict[int, tuple[Decimal, Decimal | None]]


def held_people(run: Run) -> set[int]:
    """Who has an amount that waits in the run that stands for the unit's year.

    What was approved never changes, so a case that was settled is looked up as it
    is now. Whose case is over and who shares by the same as before need not wait;
    for whom it changed something (a sanction, a grade set since), the amount waits
    until a correction says how much it is.
    """
    latest = latest_of_chain(run) or run
    rows = Allocation.objects.filter(run=latest, person__in=_held_in(latest))
    stored: dict[int, Terms] = {}
    for person, bureau, points, factor in rows.values_list("person", "share__bureau", "points", "grade_factor"):
        stored.setdefault(person, {})[bureau] = points, factor
    if not stored:
        return set()
    now, still = _as_of_now(latest)
    return {person for person, terms in stored.items() if person in still or now.get(person) != terms}


def _held_in(run: Run):
    return Allocation.objects.filter(run=run, held=True).values("person")


def _as_of_now(run: Run) -> tuple[dict[int, Terms], set[int]]:
    """What everybody of the unit shares by under the run's scheme as things stand, and who would be held."""
    scheme = run.scheme
    if scheme is None:
        raise ValueError("a run that was computed has a scheme")
    ask = relation.asked(
        run.unit_id,
        scheme.zone_id,
        run.year,
        cutoff_day=scheme.cutoff_day,
        grade_factors=scheme.grade_factors,
        settings=scheme.settings,
    )
    now: dict[int, Terms] = {}
    still: set[int] = set()
    for row in relation.people([ask]):
        now.setdefault(row["person_id"], {})[row["bureau_id"]] = row["points"], row["factor"]
        if row["held"]:
            still.add(row["person_id"])
    return now, still

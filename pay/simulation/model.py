"""One simulation: a standing run's inputs under other parameters.

The pool is made by the reference (``pay/formulas``), the sharing by the same
SQL text that stores runs (``pay/sql/sharing.sql``), here only selected. With
nothing changed it gives the run's own amounts to the fen.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from common.trace import shown
from pay.formulas import Pool
from pay.models import Run
from pay.reserve import reserve_of
from pay.setwise import BureauResult, GivenBureau, GivenPool, PersonResult, share
from pay.sharing import bounds_of
from pay.snapshots import pool_of
from pay.spread import Paid, Spread, spread_of

#: The stored people of a run; a factor that a grade gave follows the scheme's table, any other stays.
PEOPLE = """
    select r.unit_id, s.bureau_id, a.person_id, (s.sequence * 100000 + a.sequence) as ord, a.points,
        case when a.reason = 'grade' then coalesce((%(factors)s::jsonb ->> a.rating)::numeric, a.grade_factor)
             else a.grade_factor end as factor
    from pay_allocation a join pay_bureaushare s on s.id = a.share_id join pay_run r on r.id = a.run_id
    where a.run_id = %(run)s"""
#: By person and bureau: the grade of the post held last, and its place; a post that is gone is told by its coefficient.
GRADES = """
    select a.person_id, s.bureau_id, coalesce(g.name, a.posts -> -1 ->> 'coefficient', '') as grade,
        coalesce(g.sequence, 0) as sequence
    from pay_allocation a join pay_bureaushare s on s.id = a.share_id
    left join staffing_post p on p.code = a.posts -> -1 ->> 'post'
    left join lateral (select grade_id from staffing_postversion v where v.post_id = p.id
        and lower(v.period) < make_date(%(year)s + 1, 1, 1) order by v.period desc limit 1) v on true
    left join staffing_postgrade g on g.id = v.grade_id
    where a.run_id = %(run)s"""


@dataclass(frozen=True)
class GradeSpread:
    """What people of one post grade get, in yuan."""

    grade: str
    spread: Spread


@dataclass(frozen=True)
class Outcome:
    """What a simulation gives: the pool with its trace, what is shared of it (yuan), bureaus, people, spread."""

    pool: Pool
    shared: Decimal
    bureaus: Sequence[BureauResult]
    people: Sequence[PersonResult]
    spreads: Sequence[GradeSpread]

    def summary(self) -> dict[str, Any]:
        """What a saved scenario keeps beside its parameters: text, so that no float comes near money."""
        return {
            "pool": str(self.pool.amount),
            "shared": str(self.shared),
            "link": "" if self.pool.link is None else shown(self.pool.link),
            "lapsed": str(self.pool.lapsed),
            "bureaus": {str(row.bureau): str(row.amount) for row in self.bureaus},
            "spread": {
                row.grade: [str(row.spread.least), shown(row.spread.median), str(row.spread.most)]
                for row in self.spreads
            },
        }


def changed(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The run's inputs with the changes put in.

    ``changes`` keys: ``bureau_floor``, ``bureau_cap``; ``rating``, the city's
    grade; ``rating_factors.first`` and ``grade_factors.excellent``; and
    ``rules.0.alpha`` for a parameter of the first formula.
    """
    found = copy.deepcopy(dict(values))
    scheme = found["scheme"]
    for path, value in changes.items():
        if path == "rating":
            found["rating"] = {**found["rating"], "value": value} if found["rating"] else found["rating"]
            continue
        head, _dot, rest = path.partition(".")
        if not rest:
            scheme[head] = value
        elif head == "rules":
            place, _dot, name = rest.partition(".")
            scheme["rules"][int(place)]["parameters"][name] = value
        else:
            scheme[head][rest] = value
    return found


def simulate(run: Run, changes: Mapping[str, Any]) -> Outcome:
    """What the run would give under the changes; raises PayError where a formula or a bound cannot be. Two queries."""
    values = changed(run.inputs, changes)
    scheme = values["scheme"]
    bounds_of(Decimal(scheme["bureau_floor"]), Decimal(scheme["bureau_cap"]))
    pool = pool_of(values)
    shared = pool.amount - reserve_of(values, pool.amount)
    given = GivenPool(run.unit_id, shared, Decimal(scheme["bureau_floor"]), Decimal(scheme["bureau_cap"]))
    bureaus = [
        GivenBureau(run.unit_id, row["bureau"], at, Decimal(row["score"]["value"]) if row["score"] else None)
        for at, row in enumerate(values["bureaus"], start=1)
    ]
    factors = orjson.dumps(scheme["grade_factors"]).decode()
    found = share([given], bureaus, PEOPLE, {"run": run.pk, "factors": factors})
    return Outcome(pool, shared, found.bureaus, found.people, spreads(run, found.people))


def spreads(run: Run, people: Sequence[PersonResult]) -> list[GradeSpread]:
    """The amounts by post grade, as the scheme of grades orders them; who moved counts in each bureau."""
    with connection.cursor() as cursor:
        cursor.execute(GRADES, {"run": run.pk, "year": run.year})
        grades = {(person, bureau): (order, grade) for person, bureau, grade, order in cursor.fetchall()}
    paid: dict[tuple[int, str], list[Paid]] = defaultdict(list)
    for row in people:
        paid[grades.get((row.person, row.bureau), (0, ""))].append(Paid(row.amount))
    return [GradeSpread(grade, spread_of(of)) for (_order, grade), of in sorted(paid.items())]

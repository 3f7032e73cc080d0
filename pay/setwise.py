"""The set-wise half of the money: one SQL text (``pay/sql/sharing.sql``) that serves what-if and batch alike.

``statement`` puts it between the relations that it reads and whatever is done
with what it gives, so that a simulation selects and a batch inserts from the
same text. ``pay/sharing.py`` is the reference that it agrees with to the fen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

SQL = Path(__file__).parent / "sql"
SET_WISE = """set local enable_nestloop = off; set local enable_mergejoin = off;
    set local jit = off; set local work_mem = '64MB'"""

#: A unit's pool and the bounds of its bureaus' coefficients, given as arrays.
POOLS = """
    select * from unnest(%(units)s::bigint[], %(amounts)s::numeric[], %(floors)s::numeric[], %(caps)s::numeric[])
        as given (unit_id, amount, bureau_floor, bureau_cap)"""
#: Bureaus in roster order with their scores, given as arrays.
BUREAUS = """
    select * from unnest(%(bureau_units)s::bigint[], %(bureaus)s::bigint[], %(sequences)s::int[], %(scores)s::numeric[],
        %(refs)s::text[], %(examples)s::boolean[]) as given (unit_id, bureau_id, seq, score, ref, is_example)"""
#: The people of a stored run, as they were when it was computed.
STORED_PEOPLE = """
    select r.unit_id, s.bureau_id, a.person_id, (s.sequence * 100000 + a.sequence) as ord, a.post_name, a.posts,
        a.months, a.months_cut, a.points, a.rating, a.grade_factor as factor, a.reason, a.result, a.is_example, a.held
    from pay_allocation a join pay_bureaushare s on s.id = a.share_id join pay_run r on r.id = a.run_id
    where a.run_id = any(%(runs)s)"""


@contextmanager
def set_wise() -> Iterator[CursorWrapper]:
    """A cursor whose statements are planned for sets.

    PostgreSQL takes a CTE to give a row or a hundred, and would look each of a
    unit's people up in all the others (for 260 people that is a thousand times
    slower), or merge them by unit alone and compare everybody with everybody.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SET_WISE)
        yield cursor
        cursor.execute("set local enable_nestloop = on; set local enable_mergejoin = on; reset work_mem")


@cache
def text(name: str) -> str:
    """A file of ``pay/sql``, read once."""
    return (SQL / name).read_text(encoding="utf-8")


def statement(*, people: str, final: str, pools: str = POOLS, bureaus: str = BUREAUS) -> str:
    """The sharing of ``people`` (a select), and ``final``: what is done with bureau_shares and person_shares."""
    return (
        f"with pools as materialized ({pools}\n), bureaus as materialized ({bureaus}\n), "
        f"people as materialized ({people}\n),\n{text('sharing.sql')}\n{final}"
    )


class GivenPool(NamedTuple):
    """What a unit shares out (yuan), and the bounds of its bureaus' coefficients."""

    unit: int
    amount: Decimal
    bureau_floor: Decimal
    bureau_cap: Decimal


class GivenBureau(NamedTuple):
    """A bureau to share to, with its score in points; ``sequence`` is its place in the unit's roster."""

    unit: int
    bureau: int
    sequence: int
    score: Decimal | None
    ref: str = ""
    example: bool = False


def as_arrays(pools: Sequence[GivenPool], bureaus: Sequence[GivenBureau]) -> dict[str, list[Any]]:
    """The parameters of POOLS and BUREAUS."""
    units, amounts, floors, caps = ([row[at] for row in pools] for at in range(4))
    of, ids, sequences, scores, refs, examples = ([row[at] for row in bureaus] for at in range(6))
    return {
        "units": units,
        "amounts": amounts,
        "floors": floors,
        "caps": caps,
        "bureau_units": of,
        "bureaus": ids,
        "sequences": sequences,
        "scores": scores,
        "refs": refs,
        "examples": examples,
    }


class BureauResult(NamedTuple):
    """F14's answer for a bureau in yuan: what it gets, and what it gave back because nobody there has a weight."""

    unit: int
    bureau: int
    amount: Decimal
    returned: Decimal
    weight: Decimal
    coefficient: Decimal
    people_points: Decimal


class PersonResult(NamedTuple):
    """F15's answer for a person in one bureau, in yuan; ``person`` is the id that the people relation gave."""

    unit: int
    bureau: int
    person: int
    amount: Decimal
    points: Decimal
    factor: Decimal | None


@dataclass(frozen=True)
class Shared:
    """What bureaus and people would get, in roster order; nothing is stored."""

    bureaus: list[BureauResult]
    people: list[PersonResult]


SELECT = """
    select s.unit_id, s.bureau_id, s.amount, s.returned, s.weight, s.coefficient, s.people_points,
        p.unit_id, p.bureau_id, p.person_id, p.amount, p.points, p.factor
    from bureau_shares s left join person_shares p using (unit_id, bureau_id)
    order by s.unit_id, s.seq, p.ord"""


def share(
    pools: Sequence[GivenPool], bureaus: Sequence[GivenBureau], people: str, parameters: Mapping[str, Any]
) -> Shared:
    """What if: ``people`` is a select of what sharing.sql reads, and person_id, with its ``parameters``."""
    with set_wise() as cursor:
        cursor.execute(statement(people=people, final=SELECT), {**as_arrays(pools, bureaus), **parameters})
        rows = cursor.fetchall()
    width = len(BureauResult._fields)
    found = dict.fromkeys(BureauResult(*row[:width]) for row in rows)
    return Shared(list(found), [PersonResult(*row[width:]) for row in rows if row[width] is not None])

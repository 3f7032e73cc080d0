"""Computing the runs of many units in one transaction: read together, decided a unit at a time, stored together.

People stay in the database: ``people.sql`` fills a temporary table, ``summary.sql``
says what must be known of them, ``sharing.sql`` and ``store.sql`` share the pools
out and write it down. A pool is one small formula, in Python. What a unit cannot
be computed for is found before anything is stored, so it fails alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from pay import relation
from pay.formulas import PayError, Pool
from pay.inputs import Gathered, Staff, gather_block
from pay.labels import explain
from pay.models import Run
from pay.problems import Problem
from pay.reserve import reserve_of
from pay.setwise import GivenBureau, GivenPool, as_arrays, set_wise, statement, text
from pay.snapshots import pool_of

#: A block's people: what sharing.sql reads them from.
BLOCK_PEOPLE = "select * from pay_block_people"
NOBODY: tuple[Any, ...] = ("", 0, "{}", False, [], [], [], "[]")
DRAFT = (Run.State.COMPUTED, Run.State.CHECKED)


@dataclass
class Work:
    """One run under way: what was gathered for it, and what comes of it."""

    run: Run
    gathered: Gathered
    pool: Pool | None = None
    fingerprint: str = ""
    shareable: bool = False
    reserve: Decimal = Decimal(0)
    corrects: Run | None = None

    @property
    def problems(self) -> list[Problem]:
        return self.gathered.problems


def compute_runs(runs: Sequence[Run], *, by: Actor) -> list[Run]:
    """Compute locked runs of one year, in their transaction; each comes back computed, confirmed or failed.

    Raises ValidationError when a rule refuses what was stored: then nothing is.
    """
    work = [
        Work(run, given) for run, given in zip(runs, gather_block([r.unit for r in runs], runs[0].year), strict=True)
    ]
    _read_people(work)
    for each in work:
        _find_pool(each)
    standing = _standing(runs)
    done = []
    to_store = []
    for each in work:
        if each.problems:
            done.append(fail(each.run, each.problems, by=by))
        elif found := _unchanged(each, standing.get(each.run.unit_id, []), by=by):
            done.append(found)
        else:
            to_store.append(each)
            done.append(each.run)
    if to_store:
        with hold_rules():
            _store(to_store)
        for each in to_store:
            after = {"pool": each.run.pool, "input_hash": each.run.input_hash}
            audit.record("compute_run" if each.corrects is None else "correct_run", each.run, by=by, after=after)
    return done


def _read_people(work: Sequence[Work]) -> None:
    """Fill the block's people, and tell each unit what was found: its hash, its staffed bureaus, who has no grade."""
    asks = [each.gathered.ask for each in work if each.gathered.ask]
    with set_wise() as cursor:
        cursor.execute("drop table if exists pg_temp.pay_block_people")
        cursor.execute(text("block.sql"))
        cursor.execute(
            f"insert into pay_block_people {relation.PEOPLE}",
            {"asked": orjson.dumps(asks).decode()},
        )
        cursor.execute("analyze pay_block_people (unit_id, bureau_id, person_id)")
        cursor.execute(text("summary.sql"))
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    for each in work:
        if each.gathered.ask:
            hashed, count, bureaus, each.shareable, *names, appeals = found.get(each.run.unit_id, NOBODY)
            sums = {int(bureau): tuple(pair) for bureau, pair in orjson.loads(bureaus).items()}
            people = {"count": count, "hash": hashed}
            each.gathered.staff(Staff(people, sums, *names, appeals=orjson.loads(appeals)))


def _find_pool(work: Work) -> None:
    if work.problems:
        return
    values = work.gathered.values
    try:
        work.pool = pool_of(values)
    except PayError as error:
        work.problems.append(Problem(type(error).__name__, explain(error)))
        return
    if work.shareable:
        work.reserve = reserve_of(values, work.pool.amount)
    if work.pool.amount and not work.shareable and values["scheme"]["settings"]["nobody"] == "refuse":
        work.problems.append(Problem("NothingToShareBy", _("没有可参与分配的部门或人员")))
    work.fingerprint = hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _standing(runs: Sequence[Run]) -> dict[int, list[Run]]:
    """What was computed of these units before, newest first: drafts, approved and superseded ones."""
    states = [*DRAFT, Run.State.APPROVED, Run.State.SUPERSEDED]
    rows = Run.objects.filter(unit__in=[run.unit_id for run in runs], year=runs[0].year, state__in=states)
    found: dict[int, list[Run]] = {}
    for row in rows.defer("inputs", "trace").order_by("-pk"):
        found.setdefault(row.unit_id, []).append(row)
    return found


def _unchanged(work: Work, earlier: Sequence[Run], *, by: Actor) -> Run | None:
    """The run that already says the same, in place of the asked-for one; None when there is something new.

    Says in ``work.corrects`` which approved run the new one corrects.
    """
    corrected = {run.corrects_id for run in earlier if run.state == Run.State.APPROVED}
    approved = next((run for run in earlier if run.state == Run.State.APPROVED and run.pk not in corrected), None)
    draft = next((run for run in earlier if run.state in DRAFT), None)
    work.corrects = approved

    def same(run: Run | None) -> bool:
        return bool(run and run.scheme_id == work.gathered.scheme.pk and run.input_hash == work.fingerprint)

    if draft and same(draft) and draft.corrects_id == (approved and approved.pk):
        return _confirm(draft, instead_of=work.run)
    if draft:
        draft.state, draft.checked_by, draft.checked_at = Run.State.SUPERSEDED, None, None
        draft.save(update_fields=["state", "checked_by", "checked_at"])
    if approved and same(approved):
        # What was approved is right as it is: a correction that was drafted falls away.
        return _confirm(approved, instead_of=work.run)
    for run in earlier:
        if (
            run.state == Run.State.SUPERSEDED
            and run is not draft
            and same(run)
            and run.corrects_id == (approved and approved.pk)
        ):
            # The inputs went back to what they were: so does the result.
            run.state = Run.State.COMPUTED
            restored = _confirm(run, instead_of=work.run)
            audit.record("restore_run", restored, by=by, after={"pool": restored.pool})
            return restored
    return None


def _confirm(standing: Run, *, instead_of: Run) -> Run:
    """Nothing changed: the asked-for run never was."""
    instead_of.delete()
    standing.confirmed_at = timezone.now()
    standing.save(update_fields=["state", "confirmed_at"])
    return standing


def _store(work: Sequence[Work]) -> None:
    """Shares and allocations of all of them in one statement, then each run's own row."""
    parameters = _gone(work)
    pools, bureaus = [], []
    for each in work:
        scheme = each.gathered.values["scheme"]
        bounds = Decimal(scheme["bureau_floor"]), Decimal(scheme["bureau_cap"])
        pools.append(GivenPool(each.run.unit_id, _shared(each), *bounds))
        bureaus += _given_bureaus(each)
    with set_wise() as cursor:
        cursor.execute(
            statement(people=BLOCK_PEOPLE, final=text("store.sql")), {**as_arrays(pools, bureaus), **parameters}
        )
        for each in work:
            _finish(each)
        cursor.execute(text("finish.sql"), {"runs": orjson.dumps([_as_row(each.run) for each in work]).decode()})


def _shared(work: Work) -> Decimal:
    """What people get together, in yuan; where nobody can take it, it is given back."""
    if work.pool is None:
        raise ValueError("a run is stored once its pool is known")
    return work.pool.amount - work.reserve if work.shareable else Decimal(0)


def _gone(work: Sequence[Work]) -> dict[str, list[Any]]:
    """Add who is in a corrected run and no longer here; the parameters that say which run is which."""
    parameters: dict[str, list[Any]] = {
        "run_units": [each.run.unit_id for each in work],
        "runs": [each.run.pk for each in work],
        "corrected": [each.corrects and each.corrects.pk for each in work],
    }
    if any(each.corrects for each in work):
        with connection.cursor() as cursor:
            cursor.execute(text("gone.sql"), parameters)
    return parameters


def _given_bureaus(work: Work) -> list[GivenBureau]:
    """The bureaus with their scores in roster order, and after them those that only the corrected run had."""
    unit = work.run.unit_id
    rows = work.gathered.values["bureaus"]
    given = [
        GivenBureau(
            unit, row["bureau"], at, Decimal(row["score"]["value"]), row["score"]["ref"], row["score"]["example"]
        )
        for at, row in enumerate(rows, start=1)
    ]
    if work.corrects:
        here = {row["bureau"] for row in rows}
        before = work.corrects.shares.filter(amount__gt=0).exclude(bureau__in=here).order_by("sequence")
        gone = before.values_list("bureau_id", flat=True)
        given += [GivenBureau(unit, bureau, at, None) for at, bureau in enumerate(gone, start=len(given) + 1)]
    return given


def _finish(work: Work) -> None:
    """What is now known of the run, on the run."""
    run, pool = work.run, work.pool
    if pool is None:
        raise ValueError("a run is stored once its pool is known")
    run.scheme, run.input_hash, run.inputs = work.gathered.scheme, work.fingerprint, work.gathered.values
    run.pool, run.uncapped, run.lapsed = pool.amount, pool.uncapped, pool.lapsed
    run.reserve = work.reserve
    run.returned = pool.amount - work.reserve - _shared(work)
    run.provisional, run.remarks = work.gathered.values["provisional"], work.gathered.values["remarks"]
    run.trace = pool.trace.as_json()
    run.corrects = work.corrects
    run.difference = work.corrects and _shared(work) - work.corrects.shared
    run.state, run.finished_at = Run.State.COMPUTED, timezone.now()


def _as_row(run: Run) -> dict[str, Any]:
    """The columns that ``finish.sql`` writes; amounts in yuan as text, since JSON's own numbers are floats."""
    amounts = ("pool", "uncapped", "lapsed", "reserve", "returned", "difference")
    plain = ("id", "scheme_id", "input_hash", "inputs", "provisional", "remarks", "trace", "corrects_id", "finished_at")
    row = {name: getattr(run, name) for name in plain}
    return row | {name: None if (value := getattr(run, name)) is None else str(value) for name in amounts}


def fail(run: Run, problems: Sequence[Problem], *, by: Actor) -> Run:
    """Write down why a run that is under way cannot be computed."""
    run.state, run.finished_at = Run.State.FAILED, timezone.now()
    run.error = ";".join(problem.message for problem in problems)
    run.error_details = [problem.as_json() for problem in problems]
    run.save(update_fields=["state", "finished_at", "error", "error_details"])
    audit.record("fail_run", run, by=by, after={"problems": run.error_details})
    return run

"""Verbs of pay: asking for a run, and computing it. A run is all or nothing."""

from __future__ import annotations

import uuid
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.money import NothingToShareBy
from common.periods import year_end
from common.trace import shown
from pay.engine import Calculation, calculate
from pay.formulas import PayError
from pay.inputs import CannotCompute, Problem, Snapshot, gather
from pay.labels import explain
from pay.models import Allocation, BureauShare, Run
from pay.sharing import PersonShare
from zones.models import Unit, UnitVersion


@transaction.atomic
def request_runs(*, units: list[Unit], year: int, by: Actor) -> list[Run]:
    """Queue a run for each unit; one that is already at work is handed back, not doubled.

    The task is sent on commit, and sent again for a run found waiting, so that
    a broker that lost it loses nothing. Raises ValidationError for a year that
    is no year of account.
    """
    if not 1978 <= year <= timezone.localdate().year:
        raise ValidationError({"year": _("年度 %(year)s 不能核算") % {"year": year}})
    batch = uuid.uuid4()
    runs = []
    for unit in sorted(units, key=lambda unit: unit.pk):
        # Locking the unit makes a second click wait here and then find the first one's run.
        Unit.objects.select_for_update().get(pk=unit.pk)
        run = Run.objects.filter(unit=unit, year=year, state__in=["queued", "running"]).first()
        if run is None:
            run = Run.objects.create(unit=unit, year=year, batch=batch, requested_by=by.user)
            audit.record("request_run", run, by=by, after={"unit": unit.code, "year": year})
        runs.append(run)
    keys = [run.pk for run in runs]
    # Robust: with the broker down the runs stay queued, visibly, and asking again sends them again.
    transaction.on_commit(lambda: _send(keys), robust=True)
    return runs


def _send(keys: list[int]) -> None:
    from pay.tasks import compute_run  # the task calls back into this module

    for key in keys:
        compute_run.delay(key)


def units_of_zone(zone: Unit, year: int) -> list[Unit]:
    """The zone and the parks that belonged to it at the end of the year, the zone first."""
    versions = UnitVersion.objects.on(year_end(year)).of_zone(zone.pk)
    return [version.unit for version in versions.select_related("unit")]


def compute(run_id: int, *, by: Actor) -> Run | None:
    """Compute a queued run in one transaction; what it cannot compute it says, and leaves nothing half done.

    Idempotent: a task delivered twice finds the run computed (or gone, when
    nothing had changed since the standing run) and changes nothing.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None or run.state not in (Run.State.QUEUED, Run.State.RUNNING):
            return run
        run.state, run.started_at = Run.State.RUNNING, timezone.now()
        run.save(update_fields=["state", "started_at"])
    try:
        with transaction.atomic():
            # The lock keeps a second delivery of this task waiting until we are done.
            run = Run.objects.select_for_update().select_related("unit").filter(pk=run_id).first()
            if run is None or run.state != Run.State.RUNNING:
                return run
            return _compute_locked(run, by=by)
    except CannotCompute as error:
        return _fail(run_id, error.problems, by=by)
    except (PayError, NothingToShareBy) as error:
        return _fail(run_id, [Problem(type(error).__name__, explain(error))], by=by)
    except ValidationError as error:
        return _fail(run_id, [Problem("refused", text) for text in error.messages], by=by)


def _compute_locked(run: Run, *, by: Actor) -> Run:
    snapshot = gather(run.unit, run.year)
    standing = Run.objects.filter(unit=run.unit, year=run.year, state=Run.State.COMPUTED).first()
    if standing and standing.scheme_id == snapshot.scheme.pk and standing.input_hash == snapshot.fingerprint:
        # Nothing changed since: the standing run is confirmed, the asked-for one never was.
        run.delete()
        standing.confirmed_at = timezone.now()
        standing.save(update_fields=["confirmed_at"])
        return standing
    earlier = Run.objects.filter(
        unit=run.unit, year=run.year, scheme=snapshot.scheme, input_hash=snapshot.fingerprint, state="superseded"
    ).first()
    if standing:
        standing.state = Run.State.SUPERSEDED
        standing.save(update_fields=["state"])
    if earlier:
        # The inputs went back to what they were: so does the result.
        run.delete()
        earlier.state, earlier.confirmed_at = Run.State.COMPUTED, timezone.now()
        earlier.save(update_fields=["state", "confirmed_at"])
        audit.record("restore_run", earlier, by=by, after={"pool": earlier.pool})
        return earlier
    with hold_rules():
        _store(run, snapshot, calculate(snapshot.values))
    audit.record("compute_run", run, by=by, after={"pool": run.pool, "input_hash": run.input_hash})
    return run


def as_decimal(value: Fraction) -> Decimal:
    """A ratio as stored for showing, to ten places; the exact one is in the trace."""
    return Decimal(shown(value))


def _store(run: Run, snapshot: Snapshot, result: Calculation) -> None:
    run.scheme, run.input_hash, run.inputs = snapshot.scheme, snapshot.fingerprint, snapshot.values
    run.pool, run.uncapped, run.lapsed = result.pool.amount, result.pool.uncapped, result.pool.lapsed
    run.trace = result.pool.trace.as_json()
    run.state, run.finished_at = Run.State.COMPUTED, timezone.now()
    rows = {row["key"]: row for row in snapshot.values["bureaus"]}
    shares = [
        BureauShare(
            run=run,
            bureau_id=rows[given.share.key]["bureau"],
            sequence=position,
            score=Decimal(rows[given.share.key]["score"]["value"]),
            coefficient=as_decimal(given.share.coefficient),
            weight=as_decimal(given.share.weight),
            people_points=sum((as_decimal(part.weight * 12) for part in given.people), Decimal(0)),
            amount=given.share.amount,
            terms=given.share.trace.as_json(),
        )
        for position, given in enumerate(result.bureaus, start=1)
    ]
    BureauShare.objects.bulk_create(shares)
    people = {(row["bureau"], row["key"]): row for row in snapshot.values["people"]}
    allocations = [
        _allocation(run, share, position, part, people[share.bureau_id, part.key])
        for share, given in zip(shares, result.bureaus, strict=True)
        for position, part in enumerate(given.people, start=1)
    ]
    Allocation.objects.bulk_create(allocations, batch_size=1000)
    run.save()


def _allocation(run: Run, share: BureauShare, position: int, part: PersonShare, row: dict) -> Allocation:
    return Allocation(
        run=run,
        share=share,
        person_id=row["person"],
        sequence=position,
        post_name="、".join(dict.fromkeys(post["name"] for post in row["posts"])),
        post_coefficient=as_decimal(part.post_coefficient),
        posts=row["posts"],
        points=sum((Decimal(post["coefficient"]) * post["months"] for post in row["posts"]), Decimal(0)),
        rating=row["rating"]["value"],
        reason=row["reason"],
        grade_factor=Decimal(row["factor"] or 0),
        result=int(row["rating"]["ref"].rpartition(":")[2]) if row["rating"]["ref"] else None,
        is_example=row["rating"]["example"],
        months=part.months,
        months_cut=row["months_cut"],
        held=row["held"],
        amount=part.amount,
    )


@transaction.atomic
def _fail(run_id: int, problems: list[Problem], *, by: Actor) -> Run | None:
    run = Run.objects.select_for_update().filter(pk=run_id, state=Run.State.RUNNING).first()
    if run is None:
        return None
    run.state, run.finished_at = Run.State.FAILED, timezone.now()
    run.error = ";".join(problem.message for problem in problems)
    run.error_details = [problem.as_json() for problem in problems]
    run.save(update_fields=["state", "finished_at", "error", "error_details"])
    audit.record("fail_run", run, by=by, after={"problems": run.error_details})
    return run


def give_up(run_id: int, *, by: Actor) -> None:
    """Called when a task ends with an error that was not foreseen: the run says so instead of hanging."""
    _fail(run_id, [Problem("error", _("核算程序出错，已记录，请联系管理员"))], by=by)

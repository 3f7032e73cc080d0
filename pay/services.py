"""Verbs of pay: asking for runs, sending them again, computing them. A run is all or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import ChannelError
from kombu.exceptions import OperationalError as BrokerError

from common import audit
from common.actors import Actor
from common.periods import year_end
from pay import blocks
from pay.inputs import Problem
from pay.models import Run
from zones.models import Unit, UnitVersion

TASK = "pay.compute_runs"
#: A run that nobody is at and no message speaks of is sent again after so long.
FORGOTTEN = dt.timedelta(seconds=5)


@transaction.atomic
def request_runs(*, units: list[Unit], year: int, by: Actor) -> list[Run]:
    """Queue a run for each unit; one that is already at work is handed back as ``asked_before``, not doubled.

    The task is sent on commit, and sent again for a run found waiting, so that
    a broker that lost it loses nothing. Raises ValidationError for a year that
    is no year of account.
    """
    if not 1978 <= year <= timezone.localdate().year:
        raise ValidationError({"year": _("年度 %(year)s 不能核算") % {"year": year}})
    keys = sorted(unit.pk for unit in units)
    # Locking the units makes a second click wait here and then find the first one's runs.
    codes = dict(Unit.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk", "code"))
    runs = {run.unit_id: run for run in Run.objects.at_work().filter(unit__in=keys, year=year).defer("inputs", "trace")}
    for run in runs.values():
        run.asked_before = True
    batch = uuid.uuid4()
    missing = [Run(unit_id=key, year=year, batch=batch, requested_by=by.user) for key in keys if key not in runs]
    entries = []
    for run in Run.objects.bulk_create(missing):
        runs[run.unit_id] = run
        told = {"unit": codes[run.unit_id], "year": year}
        entries.append(audit.entry("request_run", run, by=by, after=told))
    audit.record_many(entries)
    asked = [runs[key] for key in keys]
    # Robust: with the broker down the runs stay queued, visibly, and looking at them sends them again.
    transaction.on_commit(lambda: _send([run.pk for run in asked]), robust=True)
    return asked


def _send(keys: Sequence[int]) -> None:
    """Hand runs to the workers, a block a task: a zone is one block, a province is many."""
    ordered, size = sorted(keys), settings.PAY_BLOCK_UNITS
    for start in range(0, len(ordered), size):
        current_app.send_task(TASK, [ordered[start : start + size]])


def resume(*, after: dt.timedelta = FORGOTTEN) -> int:
    """Send again what is queued or under way and forgotten: no worker holds it, and no message waits in the broker.

    A worker that died takes its lock with it; a broker that died may have taken
    messages with it. Sent once too often, a run changes nothing. Gives how many.
    """
    if _messages_waiting():
        return 0
    with transaction.atomic():
        # Whoever computes a run holds its row.
        idle = Run.objects.at_work().filter(requested_at__lte=timezone.now() - after).order_by("pk")
        keys = list(idle.select_for_update(skip_locked=True, of=["self"]).values_list("pk", flat=True))
    _send(keys)
    return len(keys)


def _messages_waiting() -> int:
    with current_app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
            queue = current_app.conf.task_default_queue
            return connection.channel().queue_declare(queue=queue, passive=True).message_count
        except ChannelError:
            return 0  # no queue: nothing was ever sent, or all of it was lost
        except (BrokerError, *connection.connection_errors):
            return 1  # the broker is away: what it holds is not known, and nothing can be sent


def units_of_zone(zone: Unit, year: int) -> list[Unit]:
    """The zone and the parks that belonged to it at the end of the year, the zone first."""
    versions = UnitVersion.objects.on(year_end(year)).of_zone(zone.pk)
    return [version.unit for version in versions.select_related("unit")]


def compute(run_id: int, *, by: Actor) -> Run | None:
    """Compute one queued run; see ``compute_block``."""
    done = compute_block([run_id], by=by)
    return done[0] if done else None


def compute_block(run_ids: Sequence[int], *, by: Actor) -> list[Run]:
    """Compute queued runs in one transaction; what it cannot compute it says, and leaves nothing half done.

    Gives what stands for each afterwards, in the order of ``run_ids``; a run
    that is gone is left out. Idempotent: a task delivered twice finds the runs
    computed (or gone, when nothing had changed since the standing run) and
    changes nothing. A second worker waits until the first is done. Where a
    rule refuses what one unit came to, each is computed alone, so that the
    others are not kept from it.
    """
    begin(run_ids)
    try:
        found = _compute_together(run_ids, by=by)
    except ValidationError as error:
        if len(run_ids) > 1:
            return [run for each in run_ids for run in compute_block([each], by=by)]
        problems = [Problem("refused", text) for text in error.messages]
        found = {run.pk: run for run in _fail(run_ids, problems, by=by)}
    # What another worker did meanwhile, and what was cancelled, is as it stands now.
    found |= {run.pk: run for run in Run.objects.filter(pk__in=[key for key in run_ids if key not in found])}
    return [found[each] for each in run_ids if each in found]


@transaction.atomic
def begin(run_ids: Sequence[int]) -> None:
    """Say that the runs are under way; those that another worker has computed stay as they are."""
    waiting = Run.objects.filter(pk__in=run_ids, state__in=["queued", "running"])
    # Locked in one order, so that two workers with the same runs wait for each other, never both.
    keys = list(waiting.order_by("pk").select_for_update().values_list("pk", flat=True))
    Run.objects.filter(pk__in=keys, state=Run.State.QUEUED).update(state="running", started_at=timezone.now())


def _compute_together(run_ids: Sequence[int], *, by: Actor) -> dict[int, Run]:
    """What stands for each asked-for run, by its id."""
    with transaction.atomic(), audit.gathered() as entries:
        try:
            running = Run.objects.filter(pk__in=run_ids, state=Run.State.RUNNING).order_by("pk")
            runs = list(running.select_for_update(of=["self"]).select_related("unit"))
            done: dict[int, Run] = {}
            for year in {run.year for run in runs}:
                of_year = [run for run in runs if run.year == year]
                keys = [run.pk for run in of_year]
                done |= zip(keys, blocks.compute_runs(of_year, by=by), strict=True)
            return done
        except BaseException:
            entries.clear()
            raise


@transaction.atomic
def _fail(run_ids: Sequence[int], problems: list[Problem], *, by: Actor) -> list[Run]:
    running = Run.objects.filter(pk__in=run_ids, state=Run.State.RUNNING).order_by("pk").select_for_update()
    return [blocks.fail(run, problems, by=by) for run in running]


def give_up(run_ids: Sequence[int], *, by: Actor) -> None:
    """Called when a task ends with an error that was not foreseen: the runs say so instead of hanging."""
    _fail(run_ids, [Problem("error", _("核算程序出错，已记录，请联系管理员"))], by=by)

"""Long work in the background (design 9): a row that a page polls, a task that carries it out.

A room declares its work once, in its ``tasks.py`` (which the worker loads):

    @jobs.work("staffing.roster_import")
    def import_roster(job: Job, progress: Progress) -> Outcome: ...

and a view starts it with ``start("staffing.roster_import", …)``. The work runs in one transaction, in
which the job is marked done as well: a task that is delivered twice finds it
done, and one whose worker was killed finds nothing written. Who works on a job
holds an advisory lock on a connection of its own, over which progress is
written too; the lock goes with the worker, so a page can tell that nobody is at it.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from common.actors import Actor
from common.models import Job

log = logging.getLogger(__name__)

TASK = "common.run_job"
#: Progress is written at most so often, in seconds.
EVERY = 0.5
#: A job that nobody works on and that has not moved for so long is sent again, so many times in all.
SILENT = dt.timedelta(seconds=15)
ATTEMPTS = 3


@dataclass(frozen=True)
class Outcome:
    """What a work came to: plain values to keep with the job, what to say of it, and where to read on."""

    result: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    url: str = ""


class Cancelled(Exception):
    """The owner asked for an end; everything that the work wrote is rolled back."""


class Abandoned(Exception):
    """The work cannot be done, for a reason that its owner is told; nothing stays written."""

    def __init__(self, reason: str, url: str = "") -> None:
        self.url = url
        super().__init__(reason)


class Progress:
    """How far a work has come: call it often, it writes rarely. Raises Cancelled when the owner asked for that."""

    def __init__(self, job: Job, side: BaseDatabaseWrapper | None = None) -> None:
        self.job, self.side = job, side
        self._next = 0.0

    def __call__(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """``done`` of ``total`` steps; ``note`` says what is being done now, and is written at once."""
        job = self.job
        moved = note is not None and note != job.note
        job.done, job.total = done, job.total if total is None else total
        job.note = job.note if note is None else note[:200]
        if self.side is None or (not moved and time.monotonic() < self._next):
            return
        self._next = time.monotonic() + EVERY
        with self.side.cursor() as cursor:
            cursor.execute(
                "update common_job set done = %s, total = %s, note = %s, seen_at = now()"
                " where id = %s and state = 'running' returning cancel_requested",
                [job.done, job.total, job.note, job.pk],
            )
            row = cursor.fetchone()
        if row and row[0]:
            raise Cancelled


Work = Callable[[Job, Progress], Outcome]
WORKS: dict[str, Work] = {}


def work(kind: str) -> Callable[[Work], Work]:
    """Declares what a kind of job does; a kind is declared once."""

    def declare(function: Work) -> Work:
        if kind in WORKS:
            raise TypeError(f"work {kind} is declared twice")
        WORKS[kind] = function
        return function

    return declare


def start(kind: str, *, token: str, title: str, by: Actor, total: int = 0, **params: Any) -> Job:
    """Queue a job and send it on commit; asked for again with the same ``token``, the same job is handed back.

    One that failed or was cancelled is queued anew. ``params`` are plain values; a
    work reads its owner's rights as they are when it runs, so none are handed on.
    """
    if by.user is None:
        raise TypeError("a job belongs to the user who polls it")
    told = {"title": title[:200], "params": params, "total": total, "address": by.address}
    told["language"] = get_language() or "zh-hans"
    with transaction.atomic():
        job, fresh = Job.objects.select_for_update().get_or_create(by=by.user, kind=kind, token=token, defaults=told)
        if not fresh and job.state in (Job.State.FAILED, Job.State.CANCELLED):
            told |= {"state": Job.State.QUEUED, "attempts": 0, "done": 0, "cancel_requested": False, "note": ""}
            told |= {"started_at": None, "finished_at": None, "result": {}, "url": ""}
            for column, value in told.items():
                setattr(job, column, value)
            job.save()
        if job.state == Job.State.QUEUED:
            _send_on_commit(job.pk)
    return job


def _send_on_commit(job_id: int) -> None:
    # Robust: with the broker down the job stays queued, visibly, and looking at it sends it again.
    transaction.on_commit(lambda: send(job_id), robust=True)


def send(job_id: int) -> None:
    current_app.send_task(TASK, [job_id])


def cancel(job: Job) -> None:
    """Ask for an end: a waiting job ends at once, a running one at its next step; a finished one stays as it is."""
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        if row.state == Job.State.QUEUED:
            _end(row.pk, Job.State.CANCELLED, _("已取消，没有写入任何内容"))
        elif row.state == Job.State.RUNNING:
            Job.objects.filter(pk=row.pk).update(cancel_requested=True)


def run(job_id: int) -> None:
    """Carry out a queued job, or one whose worker died; returns at once where somebody else is at it.

    Raises OperationalError when the database is lost, for the task to be tried again.
    """
    with _held(job_id) as side:
        job = _begin(job_id) if side else None
        if job is None:
            return
        try:
            with transaction.atomic(), override(job.language):
                outcome = WORKS[job.kind](job, Progress(job, side))
                told = {"result": dict(outcome.result), "url": outcome.url, "done": job.total, "total": job.total}
                _end(job.pk, Job.State.DONE, outcome.note, **told)
        except Cancelled:
            with override(job.language):
                _end(job.pk, Job.State.CANCELLED, _("已取消，没有写入任何内容"))
        except Abandoned as reason:
            _end(job.pk, Job.State.FAILED, str(reason), url=reason.url)
        except ValidationError as error:
            _end(job.pk, Job.State.FAILED, "；".join(error.messages))
        except OperationalError:
            raise
        except Exception:
            log.exception("job %s could not be carried out", job_id)
            with override(job.language):
                _end(job.pk, Job.State.FAILED, _("程序出错，没有写入任何内容；已记入日志，请联系管理员"))


def _begin(job_id: int) -> Job | None:
    """The job, marked running; None when it is finished, or has died too often."""
    with transaction.atomic():
        job = Job.objects.select_for_update().select_related("by").filter(pk=job_id).first()
        if job is None or not job.running:
            return None
        if job.cancel_requested:
            _end(job_id, Job.State.CANCELLED, _("已取消，没有写入任何内容"))
            return None
        if job.attempts >= ATTEMPTS:
            _end(job_id, Job.State.FAILED, _("多次中断，已停止重试，没有写入任何内容"))
            return None
        job.state, job.attempts, job.done = Job.State.RUNNING, job.attempts + 1, 0
        job.started_at = job.seen_at = timezone.now()
        job.save(update_fields=["state", "attempts", "done", "started_at", "seen_at"])
    return job


def _end(job_id: int, state: str, note: str, **more: Any) -> None:
    Job.objects.filter(pk=job_id, state__in=[Job.State.QUEUED, Job.State.RUNNING]).update(
        state=state, note=note[:200], finished_at=timezone.now(), **more
    )


def revive(job: Job) -> Job:
    """Called when a page or the clock looks: a job that has fallen silent, and that nobody works on, is sent again."""
    since = job.seen_at or job.created_at
    if not job.running or timezone.now() - since < SILENT:
        return job
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        if row.running and (row.seen_at or row.created_at) == since and _is_free(job.pk):
            row.seen_at = timezone.now()
            row.save(update_fields=["seen_at"])
            _send_on_commit(row.pk)
    return row


def revive_silent() -> None:
    """Revive what nobody looks at."""
    unfinished = Job.objects.unfinished().annotate(since=Coalesce("seen_at", "created_at"))
    for job in unfinished.filter(since__lt=timezone.now() - SILENT).order_by("pk"):
        revive(job)


_LOCK = "hashtextextended('common_job ' || %s::text, 0)"


def _is_free(job_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_xact_lock({_LOCK})", [job_id])
        return cursor.fetchone()[0]


@contextmanager
def _held(job_id: int) -> Iterator[BaseDatabaseWrapper | None]:
    """A connection of its own that holds the job's lock for as long as the worker lives; None if another does."""
    side = connection.copy()
    try:
        with side.cursor() as cursor:
            # A page that looks whether the lock is free holds it for a moment: wait that long.
            cursor.execute("select set_config('lock_timeout', '2s', false)")
            try:
                cursor.execute(f"select pg_advisory_lock({_LOCK})", [job_id])
            except OperationalError:
                yield None
                return
        yield side
    finally:
        side.close()


def left(job: Job) -> dt.timedelta | None:
    """How long it will still take, going by what is done; None while nothing can be said."""
    if job.state != Job.State.RUNNING or not job.started_at or not 0 < job.done < job.total:
        return None
    return (timezone.now() - job.started_at) * (job.total - job.done) / job.done

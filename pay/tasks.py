"""One Celery task a block of runs (design 9): ids go in, the outcome is the runs' rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from celery.utils.log import get_task_logger
from django.db import InterfaceError, OperationalError

from common import jobs
from common.actors import Actor
from pay import services
from pay.life.account_import import PAGES

logger = get_task_logger(__name__)
WORKER = Actor(user=None, door="task", address="compute_run")
LOST = (OperationalError, InterfaceError)
jobs.work(PAGES.name)(PAGES.work)


@shared_task(
    bind=True, name=services.TASK, autoretry_for=LOST, retry_backoff=1, retry_backoff_max=30, retry_jitter=True,
    max_retries=20,
)  # fmt: skip
def compute_runs(self, run_ids: list[int]) -> None:
    """Compute a block of runs; a lost database connection is tried again, any other error is written on the runs."""
    try:
        services.compute_block(run_ids, by=WORKER)
    except LOST:
        raise
    except Exception:
        logger.exception("runs %s could not be computed together", run_ids)
        for run_id in run_ids:
            _compute_alone(run_id)


def _compute_alone(run_id: int) -> None:
    """Whoever made the block stumble is found, and keeps nobody else from being computed."""
    try:
        services.compute(run_id, by=WORKER)
    except LOST:
        raise
    except Exception:
        logger.exception("run %s could not be computed", run_id)
        services.give_up([run_id], by=WORKER)


@shared_task(name="pay.resume_runs", autoretry_for=LOST, retry_backoff=1, retry_backoff_max=30, max_retries=20)
def resume_runs(after: float = services.FORGOTTEN.total_seconds()) -> None:
    """Send again what was asked for ``after`` seconds ago or earlier and is lost; the clock asks for it."""
    services.resume(after=dt.timedelta(seconds=after))


@worker_ready.connect
def take_up_what_was_left(sender: Any, **_kwargs: Any) -> None:
    """A worker that starts asks for it; in a task, so that the consumer's process needs no database."""
    resume_runs.delay(after=0)

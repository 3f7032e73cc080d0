"""One Celery task a unit (design 9): the id goes in, the outcome is the run's row."""

from __future__ import annotations

from celery import shared_task
from celery.utils.log import get_task_logger
from django.db import OperationalError

from common.actors import Actor
from pay import services

logger = get_task_logger(__name__)
WORKER = Actor(user=None, door="task", address="compute_run")


@shared_task(bind=True, autoretry_for=(OperationalError,), retry_backoff=2, retry_jitter=True, max_retries=8)
def compute_run(self, run_id: int) -> None:
    """Compute one run; a lost database connection is tried again, any other error is written on the run."""
    try:
        services.compute(run_id, by=WORKER)
    except OperationalError:
        raise
    except Exception:
        logger.exception("run %s could not be computed", run_id)
        services.give_up(run_id, by=WORKER)

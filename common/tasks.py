"""The one task behind every job (``common/jobs.py``): the id goes in, the outcome is the job's row. And its guard."""

from __future__ import annotations

from celery import shared_task
from django.db import OperationalError

from common import jobs


@shared_task(name=jobs.TASK, autoretry_for=(OperationalError,), retry_backoff=2, retry_jitter=True, max_retries=8)
def run_job(job_id: int) -> None:
    """Carry out one job; a lost database connection is tried again."""
    jobs.run(job_id)


@shared_task(name="common.revive_jobs")
def revive_jobs() -> None:
    """Send again what fell silent, whether or not its owner looks."""
    jobs.revive_silent()

"""Long work of this room, for the worker (``common/jobs.py``), a webhook's message, and what the clock asks for."""

from __future__ import annotations

from celery import shared_task
from django.db import OperationalError

from common import jobs
from common.actors import Actor
from kpi.city import import_views
from kpi.entry import scorebook_views
from kpi.hooks import services
from kpi.promise import library_views, template_views, year_views
from kpi.raters import closing

CLOCK = Actor(user=None, door="task", address="clock")

for pages in (library_views.PAGES, template_views.PAGES, import_views.PAGES, scorebook_views.PAGES):
    jobs.work(pages.name)(pages.work)
jobs.work(year_views.OPEN_WORK)(year_views.open_work)
jobs.work(year_views.FILL_WORK)(year_views.fill_work)


@shared_task(name=services.TASK, autoretry_for=(OperationalError,), retry_backoff=2, retry_jitter=True, max_retries=8)
def deliver(delivery_id: int) -> None:
    """Send one message; the next try, where there is one, is a task of its own."""
    services.attempt(delivery_id)


@shared_task(name="kpi.send_lost_messages")
def send_lost_messages() -> None:
    """Hand out again what the broker lost; a message whose task does come finds itself delivered, or not yet due."""
    services.send_lost()


@shared_task(name="kpi.close_ended_panels")
def close_ended_panels() -> None:
    """Close every panel whose last day is over."""
    closing.close_ended(by=CLOCK)

"""The worker's heartbeat: how ``/healthz`` knows, cheaply, that somebody works.

Celery's consumer calls ``beat`` every two seconds from the loop that also takes
tasks: a worker that hangs or has lost the broker falls silent, and its key
expires. A ``control.ping`` would broadcast and wait on every request instead.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import redis
from celery.signals import heartbeat_sent
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

HEARTBEAT_KEY = "onezone:worker:heartbeat"
HEARTBEAT_SECONDS = 8


def broker(timeout: float = 0.5) -> redis.Redis:
    """A connection that gives up soon and does not try twice."""
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )


@heartbeat_sent.connect
def beat(**_kwargs: Any) -> None:
    with suppress(redis.RedisError), broker() as connection:
        connection.set(HEARTBEAT_KEY, 1, ex=HEARTBEAT_SECONDS)

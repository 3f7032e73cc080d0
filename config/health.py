"""``GET /healthz``: is the database, the broker and a worker there? For load balancers and ``make run``."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import psycopg
from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.tasks import HEARTBEAT_KEY, broker

#: The whole answer, whatever hangs: each check runs in a thread of its own.
PATIENCE_SECONDS = 1.2


def _database() -> bool:
    """On a connection of its own: the request's one may be what is broken."""
    wanted = ("dbname", "host", "port", "user", "password", "sslmode", "sslrootcert", "service")
    found = connections["default"].get_connection_params()
    parameters = {key: found[key] for key in wanted if found.get(key)}
    with psycopg.connect(**parameters, connect_timeout=2, options="-c statement_timeout=1000") as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def _broker() -> bool:
    with broker() as connection:
        return bool(connection.ping())


def _worker() -> bool:
    with broker() as connection:
        return bool(connection.exists(HEARTBEAT_KEY))


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "broker": _broker, "worker": _worker}


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=3 * len(CHECKS), thread_name_prefix="healthz")


def _timed(check: Callable[[], bool]) -> dict[str, Any]:
    start = time.monotonic()
    try:
        state = "ok" if check() else "down"
    except Exception:  # whatever it is, the answer is the same, and its text may hold a password
        state = "down"
    return {"state": state, "ms": round((time.monotonic() - start) * 1000)}


def _result(future: Future[dict[str, Any]], deadline: float) -> dict[str, Any]:
    try:
        return future.result(timeout=max(0, deadline - time.monotonic()))
    except TimeoutError:
        future.cancel()
        return {"state": "timeout", "ms": round(PATIENCE_SECONDS * 1000)}


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all three answer, 503 when one does not; never a reason, which is for the log."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    futures = {name: _pool().submit(_timed, check) for name, check in CHECKS.items()}
    found = {name: _result(future, deadline) for name, future in futures.items()}
    well = all(one["state"] == "ok" for one in found.values())
    return JsonResponse({"status": "ok" if well else "down", **found}, status=200 if well else 503)

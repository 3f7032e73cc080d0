"""What goes on beside a test: threads that start together, and waiting for another process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

PATIENCE_SECONDS = 60


def until(condition: Callable[[], object], what: str) -> None:
    """Return once ``condition`` holds; fail naming ``what`` when patience is over."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < patience:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that start together; what each returned or raised."""
    gate = threading.Barrier(len(jobs))
    outcome: list[Any] = [None] * len(jobs)

    def work(number: int, job: Callable[[], Any]) -> None:
        gate.wait()
        try:
            outcome[number] = job()
        except Exception as error:
            outcome[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome

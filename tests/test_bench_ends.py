"""A measurement that is cut off takes its servers and workers with it, however and whenever it is cut off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from config.benches.scratch import Scratch
from config.embedded import BASE_DIR
from config.servers import ServerError

PATIENCE_SECONDS = 60


class Bench:
    """``bench pools`` as a process of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "bench"
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "bench", "pools", "--zones", "1", "--people", "5", "--workers", "1"],
            cwd=BASE_DIR,
            env={**os.environ, "VAR_DIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Whoever starts the tests in the background has it ignored, and a process inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def left(self) -> list[str]:
        """What runs in its folder, or was started with it."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                inside = Path(process.cwd()).is_relative_to(self.home)
                if inside or process.environ().get("VAR_DIR") == str(self.home):
                    found.append(" ".join(process.cmdline()))
        return found

    def wait_for(self, sight: Callable[[], bool], what: str) -> None:
        patience = time.monotonic() + PATIENCE_SECONDS
        while not sight():
            if self.process.poll() is not None or time.monotonic() > patience:
                raise AssertionError(f"waited in vain for {what}: {self.process.communicate()[0]}")
            time.sleep(0.02)

    def reach(self, moment: str) -> None:
        file = {"starting": "postgres.new", "making tables": "valkey/server.json", "computing": "worker0.log"}[moment]
        self.wait_for((self.home / file).exists, moment)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.process.kill()
    found.process.wait()


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("starting", signal.SIGTERM),
        ("starting", signal.SIGINT),
        ("making tables", signal.SIGTERM),
        ("making tables", signal.SIGINT),
        ("computing", signal.SIGTERM),
    ],
)
def test_asked_to_end_it_leaves_nothing_running(bench: Bench, moment: str, number: signal.Signals) -> None:
    bench.reach(moment)
    bench.process.send_signal(number)
    bench.process.send_signal(number)  # impatience changes nothing
    said, _nothing = bench.process.communicate(timeout=PATIENCE_SECONDS)
    assert bench.process.returncode, said
    assert bench.left() == []
    assert not bench.home.exists()


def test_after_a_kill_the_next_one_clears_what_is_left(bench: Bench) -> None:
    bench.reach("computing")
    with pytest.raises(ServerError, match="another measurement is at work"):
        Scratch(bench.home)
    bench.process.kill()
    bench.process.wait()
    assert bench.left()
    Scratch(bench.home)
    assert bench.left() == []

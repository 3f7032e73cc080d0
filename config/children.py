"""The processes that ``make run`` starts: begun together, watched, ended in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from config.embedded import BASE_DIR, signals_wait

#: Ask to finish, then to drop everything (a worker gives its tasks back), then end it.
PATIENCE_SECONDS = ((signal.SIGTERM, 8.0), (signal.SIGQUIT, 4.0), (signal.SIGKILL, 4.0))
TAIL_LINES = 12


class ChildDied(BaseException):
    """A process ended that should run on; raised in the middle of whatever waits for it."""


@dataclass
class Child:
    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """End it and what it started; its session is its own, so the group is exactly that."""
        for number, seconds in PATIENCE_SECONDS:
            if self.process.poll() is None:
                with suppress(ProcessLookupError):
                    self.process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
            time.sleep(0.1)

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().split("\n")[-TAIL_LINES:]
        said = "\n".join(f"    {line}" for line in lines)
        return f"the {self.name} ended (status {self.process.returncode}); the end of {self.log}:\n{said}"


class Children:
    """Started in the order of use, ended in the reverse one."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.all: list[Child] = []

    def __enter__(self) -> Children:
        signal.signal(signal.SIGCHLD, self._notice)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with signals_wait():
            for child in reversed(self.all):
                child.end()

    def start(self, name: str, command: list[str]) -> None:
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with signals_wait(), log.open("wb") as out:  # known before a signal can ask for its end
            process = subprocess.Popen(
                command,
                cwd=BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
            self.all.append(Child(name, log, process))
        self._notice()

    def watch(self) -> None:
        """Wait for a signal: one to stop, or a child's death, which arrives as one too."""
        while True:
            self._notice()
            time.sleep(3600)

    def _notice(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        for child in self.all:
            if child.process.poll() is not None:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                raise ChildDied(child.last_words())

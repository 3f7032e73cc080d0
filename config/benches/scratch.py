"""Servers, a database and workers for one measurement or one crash, in a folder that is removed after it."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, LiteralString
from urllib.parse import quote

import psutil
import psycopg
from cryptography.fernet import Fernet

from config.embedded import BASE_DIR, exit_on_termination, signals_wait
from config.servers import Postgres, ServerError, Valkey
from config.servers.postgres import DATABASE


class Scratch:
    """A PostgreSQL, a Valkey and Celery workers of their own; nothing of it is shared with a running site.

    ``fast`` gives up durability, which is right for tests of anything but durability.
    ``like`` is the address of a migrated database: copying it is faster than migrating.
    """

    def __init__(self, home: Path, *, fast: bool = False, like: str = "") -> None:
        self.home = home.resolve()
        self.home.parent.mkdir(parents=True, exist_ok=True)
        self._claim = _claimed(self.home)
        _clear(self.home)
        self.home.mkdir()
        self.postgres = Postgres(self.home, secrets.token_hex(16), fast=fast)
        self.valkey = Valkey(self.home, secrets.token_hex(16))
        self.like = like
        self.extra: dict[str, str] = {}
        self.keys = {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": Fernet.generate_key().decode()}
        self.workers: list[subprocess.Popen[bytes]] = []
        self._stack = ExitStack()

    def __enter__(self) -> Scratch:
        with ExitStack() as stack:
            stack.enter_context(exit_on_termination())
            stack.callback(self._end)
            with signals_wait():  # a server cut off while it starts has not yet said how to end it
                self.postgres.ensure()
                self.valkey.ensure()
            self._make_tables()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stack.close()

    def _make_tables(self) -> None:
        if not self.like:
            self.manage("migrate", "--no-input")
            return
        programs = self.postgres.install / "bin"
        dump = [str(programs / "pg_dump"), "--no-owner", "--no-privileges", self.like]
        made = subprocess.run(dump, check=True, capture_output=True)
        fill = [str(programs / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-1", self.postgres.url]
        subprocess.run(fill, check=True, capture_output=True, input=made.stdout)

    def _end(self) -> None:
        with signals_wait():
            for worker in list(self.workers):
                self.stop_worker(worker, signal.SIGKILL)
            self.valkey.stop()
            self.postgres.stop()
            shutil.rmtree(self.home, ignore_errors=True)
            self._claim.close()

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are started with; ``extra`` may add to it."""
        addresses = {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.valkey.url, "VAR_DIR": str(self.home)}
        return {**os.environ, **self.keys, **addresses, **self.extra, "LOG_LEVEL": "WARNING"}

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One of Django's commands, within; its output is in the answer."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=BASE_DIR, env=self.environment, capture_output=True, text=True)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        return done

    def connect(self, *, owner: bool = True) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection as the application's role, or (``owner`` False) as the one that may pass every trigger."""
        if owner:
            return psycopg.connect(self.postgres.url, autocommit=True)
        folder = quote(str(self.postgres.socket_dir), safe="")
        url = f"postgres://postgres:{self.postgres.password}@/{DATABASE}?host={folder}"
        return psycopg.connect(url, autocommit=True)

    def row(self, query: LiteralString) -> tuple[Any, ...]:
        """The one row that a query gives."""
        with self.connect() as connection:
            found = connection.execute(query).fetchone()
        if found is None:
            raise LookupError(query)
        return found

    def start_worker(self, concurrency: int = 1, *, clock: bool = False) -> subprocess.Popen[bytes]:
        """A Celery worker in a session of its own, so that its group is exactly what it started; also a ``clock``."""
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", str(concurrency)]
        command += ["-B"] if clock else []
        # Known before a signal can ask for its end.
        with signals_wait(), (self.home / f"worker{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [*command, "-l", "WARNING", "--without-gossip", "--without-mingle"],
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self.workers.append(worker)
        return worker

    def stop_worker(self, worker: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
        """End a worker and the processes it made; with SIGKILL none of them gets to tidy up."""
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(worker.pid, number)
            else:
                worker.send_signal(number)
        worker.wait(30)
        self.workers.remove(worker)

    def restart_postgres(self) -> None:
        """As after a crash: nobody is asked, nothing is written, and the server recovers from its log."""
        server = psutil.Process(int((self.postgres.data / "postmaster.pid").read_text().split()[0]))
        server.send_signal(signal.SIGQUIT)
        server.wait(30)
        self.postgres.ensure()

    def restart_valkey(self) -> None:
        self.valkey.stop()
        self.valkey.ensure()


def _claimed(home: Path) -> IO[str]:
    """The folder is ours for as long as the file is open; the kernel lets go of it however we end."""
    claim = home.with_name(f"{home.name}.lock").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claim.close()
        raise ServerError(f"another measurement is at work in {home}") from None
    return claim


def _clear(home: Path) -> None:
    """Remove the folder and what runs there still: left by one that was killed and could not tidy up."""
    if not home.exists():
        return
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("VAR_DIR") == str(home) and "celery" in process.cmdline():
                process.kill()
    with suppress(OSError):
        password = re.search(r"^requirepass (.+)$", (home / "valkey" / "valkey.conf").read_text(), re.MULTILINE)
        Valkey(home, password[1] if password else "").stop()
    Postgres(home, "").stop()
    shutil.rmtree(home, ignore_errors=True)

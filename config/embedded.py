"""What a laptop lacks and production has: a database, a broker and secrets.

``services()`` stands around ``manage.py``, ``make run`` and the tests. Where
``DATABASE_URL`` or ``REDIS_URL`` is unset it starts the server of
``config/servers/`` under ``VAR_DIR``, or joins the one that another process
started there, and puts the address into the environment. Every user holds a
shared lock on one file; the kernel drops it however the process ends, so the
last to leave knows that it is the last, and stops the servers.

``python -m config.embedded COMMAND…`` runs a command with all that in place.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from config.servers import Postgres, ServerError, Valkey

BASE_DIR = Path(__file__).resolve().parent.parent
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OWN_SECRETS = ("SECRET_KEY", "FIELD_KEYS")


def var_dir() -> Path:
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").resolve()


@contextmanager
def services(*, fast: bool = False) -> Iterator[None]:
    """Database, broker and secrets in ``os.environ`` for as long as the block lasts.

    ``fast`` gives up durability (a test's database is not worth a disk flush).
    What cannot work ends the process with one line and status 2.
    """
    with ExitStack() as stack:
        try:
            if sys.version_info < (3, 11):  # noqa: UP036 - said before anything newer is imported
                raise ServerError("Python 3.11 or newer is needed")
            if os.environ.get("DATABASE_URL"):
                _demand_own_secrets()
            if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
                stack.enter_context(exit_on_termination())
                stack.enter_context(_shared_servers(fast))
        except ServerError as error:
            sys.stderr.write(f"onezone: {error}\n")
            raise SystemExit(2) from None
        yield


def _demand_own_secrets() -> None:
    """A database of your own outlives ``VAR_DIR``; so must the keys to what is in it."""
    for name in OWN_SECRETS:
        if not os.environ.get(name):
            raise ServerError(f"DATABASE_URL is set, so {name} must be set too")


@contextmanager
def _shared_servers(fast: bool) -> Iterator[None]:
    home = var_dir()
    users = _prepare(home)
    servers: list[Postgres | Valkey] = []
    owner = os.getpid()
    try:
        with signals_wait(), _mutex(home):
            fcntl.flock(users, fcntl.LOCK_SH)
            _join(home, servers, fast)
        yield
    finally:
        if os.getpid() == owner:  # a forked child that leaves is no user of its own
            with signals_wait(), _mutex(home):
                _leave(users, servers)


def _prepare(home: Path) -> int:
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "log").mkdir(exist_ok=True)
        return os.open(home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ServerError(f"VAR_DIR {home} cannot be written to: {error.strerror}") from None


def _join(home: Path, servers: list[Postgres | Valkey], fast: bool) -> None:
    """Start what does not run yet and put all addresses and secrets into the environment."""
    try:
        kept = _kept_secrets(home)
        if not os.environ.get("DATABASE_URL"):
            servers.append(Postgres(home, kept["POSTGRES_PASSWORD"], fast=fast))
        if not os.environ.get("REDIS_URL"):
            servers.append(Valkey(home, kept["VALKEY_PASSWORD"]))
        _start(servers)
    except PermissionError as error:
        raise ServerError(f"{error.filename} belongs to another user") from None
    os.environ["VAR_DIR"] = str(home)
    for server in servers:
        os.environ[server.setting] = server.url
    for name in OWN_SECRETS:
        if not os.environ.get(name):
            os.environ[name] = kept[name]


def _start(servers: list[Postgres | Valkey]) -> None:
    """Both at once: each waits for a process of its own."""
    failures: list[BaseException] = []

    def ensure(server: Postgres | Valkey) -> None:
        try:
            server.ensure()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ensure, args=[server]) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure


def _leave(users: int, servers: list[Postgres | Valkey]) -> None:
    fcntl.flock(users, fcntl.LOCK_UN)
    with suppress(BlockingIOError):  # somebody else is still at work
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for server in servers:
            server.stop()
    os.close(users)
    for server in servers:
        os.environ.pop(server.setting, None)


def _kept_secrets(home: Path) -> dict[str, str]:
    """Made once, kept with the data that they protect; losing them loses that data."""
    file = home / "secrets.json"
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if not kept and (home / "postgres").exists():
        raise ServerError(f"{file} is missing, and {home / 'postgres'} cannot be read without it")
    from cryptography.fernet import Fernet

    makers: dict[str, Callable[[], str]] = {
        "SECRET_KEY": lambda: secrets.token_urlsafe(50),
        "FIELD_KEYS": lambda: Fernet.generate_key().decode(),
        "POSTGRES_PASSWORD": lambda: secrets.token_hex(24),
        "VALKEY_PASSWORD": lambda: secrets.token_hex(24),
    }
    if missing := {name: make() for name, make in makers.items() if name not in kept}:
        kept |= missing
        draft = home / "secrets.json.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(kept, out)
        draft.replace(file)
    return kept


@contextmanager
def _mutex(home: Path) -> Iterator[None]:
    """One process at a time starts or stops servers under ``home``."""
    with (home / "embedded.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def signals_wait() -> Iterator[None]:
    """Starting and stopping take a second or two: a Ctrl-C in between is acted upon after.

    Handlers, not SIG_IGN: a server started meanwhile must not inherit deafness.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = {one: signal.signal(one, lambda number, _frame: heard.append(number)) for one in STOP_SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    for number in heard[:1]:
        signal.raise_signal(number)


@contextmanager
def exit_on_termination() -> Iterator[None]:
    """Leave through the ``finally`` blocks on SIGTERM and SIGHUP, whose default is to drop dead."""
    main = threading.current_thread() is threading.main_thread()
    mine = [n for n in STOP_SIGNALS if main and signal.getsignal(n) is signal.SIG_DFL]
    for number in mine:
        signal.signal(number, lambda n, _frame: sys.exit(128 + n))
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


def main(command: list[str]) -> int:
    with services(), suppress(KeyboardInterrupt):
        return subprocess.call(command)
    return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

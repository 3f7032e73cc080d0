"""``make run``: from an empty folder to ``ready``, and back to nothing on Ctrl-C.

A module and not a management command: the port is looked at and the servers
are started before there are settings to load. What Django's commands can do in
this one process they do here; worker and web server are processes of their
own, each in its own session, so that they end in the order decided here.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import signal
import socket
import sys
import time
import traceback
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType

from config import embedded, messages
from config.children import ChildDied, Children

LOAD_ZONE = ("load_zone", "fixtures/yizheng")
CREATE_PERSONAS = ("create_personas",)
COMPUTE_POOLS = ("compute_pools", "--missing", "--zone", "YZ", "--year", "2020")
HEALTH_PATIENCE_SECONDS = 30


class Stop(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal; not an Exception, so that nothing on the way swallows it."""


class Refused(Exception):
    """Said as one line."""


class CommandRefused(Refused):
    """A command of Django's could not do its work; ``lines`` say why."""

    def __init__(self, text: str, lines: list[str]) -> None:
        super().__init__(text)
        self.lines = lines


def main() -> int:
    for number in embedded.STOP_SIGNALS:
        signal.signal(number, _stop)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.chdir(embedded.BASE_DIR)
    try:
        _run()
    except Stop:
        print("stopped", flush=True)
        return 0
    except ChildDied as death:
        return _fail(str(death), 1)
    except Refused as refusal:
        return _fail(str(refusal), 2)
    return 0


def _run() -> None:
    began = time.monotonic()
    port = free_port(os.environ.get("PORT") or "8000")
    logs = _log_folder()
    with ExitStack() as stack:
        with step("database and broker"), _refusal_of_services():
            stack.enter_context(embedded.services())
        _prepare(logs)
        children = stack.enter_context(Children(logs))
        with step("worker and web server"):
            start(children, port)
        pools(logs / "setup.log")
        with step("health"):
            wait_until_healthy(port)
        _forget_connections()
        print(f"started in {time.monotonic() - began:.1f} s\n\n{sign_ins()}\n", flush=True)
        print(f"ready http://127.0.0.1:{port}/", flush=True)
        children.watch()


def _prepare(logs: Path) -> None:
    """Everything that the worker and the pages need to find in place."""
    log = logs / "setup.log"
    with step("translations"):
        messages.compile_catalogue(messages.Tree(embedded.BASE_DIR))
    with step("tables"):
        import django

        django.setup()
        logging.getLogger().setLevel(logging.WARNING)
        command("migrate", "--no-input", log=log)
    with step("static files"):
        collect_static(log)
    with step("the zone"):
        command(*LOAD_ZONE, log=log)
    with step("sign-ins"):
        command(*CREATE_PERSONAS, log=log)


def start(children: Children, port: int) -> None:
    python = [sys.executable, "-m"]
    # The one worker is the clock as well (-B); several would each send everything.
    worker = ["celery", "-A", "config", "worker", "-B", "--concurrency", "2", "-l", "INFO"]
    children.start("worker", [*python, *worker, "--without-gossip", "--without-mingle"])
    web = ["gunicorn", "config.wsgi", "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}"]
    quiet = ["--no-control-socket", "--graceful-timeout", "5", "--access-logfile", "-"]
    children.start("web", [*python, *web, *quiet])


def pools(log: Path) -> None:
    """Compute what has no result yet; what cannot be computed is said, and finance mends it in the running site."""
    unable: list[str] = []
    with step("pools of 2020"):
        try:
            command(*COMPUTE_POOLS, log=log)
        except CommandRefused as refusal:
            unable = refusal.lines
    for line in unable:
        print(f"warning: {line}", flush=True)


@contextmanager
def _refusal_of_services() -> Iterator[None]:
    """``services()`` says why and leaves; said by us, it does not run into the line of the step."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            yield
    except SystemExit as leaving:
        raise Refused(said.getvalue().strip().removeprefix("onezone: ")) from leaving


@contextmanager
def step(name: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"{name:<24}", end="", flush=True)
    try:
        yield
    except BaseException:
        print("–", flush=True)
        raise
    print(f"{time.monotonic() - began:5.1f} s", flush=True)


def command(name: str, *arguments: str, log: Path) -> None:
    """Run one of Django's commands here: a Python of its own would cost a second each."""
    from django.core.management import CommandError, call_command

    said, complaints = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            call_command(name, *arguments, stderr=complaints)
    except (Exception, SystemExit) as error:
        said.write(traceback.format_exc())
        text = f"{name}: {str(error) or type(error).__name__} (see {log})"
        if isinstance(error, CommandError):
            lines = [line.strip() for line in complaints.getvalue().splitlines() if line.strip()]
            raise CommandRefused(text, lines or [text]) from error
        raise Refused(text) from error
    finally:
        with log.open("a") as out:
            out.write(f"== {name}\n{said.getvalue()}{complaints.getvalue()}\n")


def free_port(wish: str) -> int:
    """Looked at before anything is started, so that a second start costs nothing."""
    if not wish.isdecimal() or not 0 < int(wish) < 65536:
        raise Refused(f"PORT is “{wish}”, not a port number")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(wish)))
            probe.listen()
        except OSError as error:
            raise Refused(f"port {wish} cannot be used ({error.strerror}); PORT=… chooses another") from None
    return int(wish)


def _log_folder() -> Path:
    """Looked at before anything is started, too; ``setup.log`` begins anew."""
    logs = embedded.var_dir() / "log"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        (logs / "setup.log").write_text("")
    except OSError as error:
        raise Refused(f"VAR_DIR {logs.parent} cannot be written to: {error.strerror}") from None
    return logs


def collect_static(log: Path) -> None:
    """Compressing takes longer than all the rest: only when a file has come, gone or changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    stamp = Path(settings.STATIC_ROOT) / ".collected"
    facts = [str(settings.STORAGES["staticfiles"])]
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            facts.append(f"{path} {found.st_size} {found.st_mtime_ns}")
    now = hashlib.sha256("\n".join(sorted(facts)).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != now:
        command("collectstatic", "--no-input", "--clear", log=log)
        stamp.write_text(now)


def wait_until_healthy(port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    patience = time.monotonic() + HEALTH_PATIENCE_SECONDS
    last = "no answer"
    while time.monotonic() < patience:
        try:
            opener.open(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            last = error.read(500).decode(errors="replace")
        except OSError as error:
            last = str(error)
        time.sleep(0.1)
    raise Refused(f"not healthy after {HEALTH_PATIENCE_SECONDS} s: {last}")


def _forget_connections() -> None:
    from django.db import connections

    connections.close_all()


def sign_ins() -> str:
    """The personas as a table; their passwords were made for this folder alone."""
    file = embedded.var_dir() / "personas.json"
    personas = json.loads(file.read_text()) if file.exists() else {}
    rows = [("user", "password", "role", "name")]
    rows += [(user, one["password"], one["role_zh"], one["name"]) for user, one in personas.items()]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop


def _fail(text: str, status: int) -> int:
    print(f"onezone: {text}", file=sys.stderr, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())

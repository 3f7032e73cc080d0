"""The ground that the rest stands on: embedded servers, the runner, health, translations."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.core.management import CommandError, call_command
from django.test import RequestFactory, override_settings

from config import embedded, health, runner, tasks
from tests import pay_builders

CLEAN = {
    name: value
    for name, value in os.environ.items()
    if name not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "VAR_DIR"}
}
HOLD = """
import os, sys
from config import embedded
with embedded.services(fast=True):
    print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process inside ``services()`` until it is told to leave."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            cwd=embedded.BASE_DIR,
            env={**CLEAN, "VAR_DIR": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        self.database, self.broker = self.process.stdout.readline().split()

    def answers(self) -> tuple[bool, bool]:
        try:
            psycopg.connect(self.database, connect_timeout=2).close()
            database = True
        except psycopg.OperationalError:
            database = False
        try:
            broker = bool(redis.Redis.from_url(self.broker, socket_timeout=2).ping())
        except redis.RedisError:
            broker = False
        return database, broker

    def leave(self) -> None:
        self.process.communicate(timeout=20)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=embedded.BASE_DIR,
        env={**CLEAN, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


class TestEmbedded:
    def test_the_last_user_stops_the_servers_even_if_another_started_them(self, tmp_path: Path) -> None:
        first = Holder(tmp_path)
        second = Holder(tmp_path)
        assert (first.database, first.broker) == (second.database, second.broker)
        first.leave()
        assert second.answers() == (True, True)
        second.leave()
        assert second.answers() == (False, False)

    def test_what_was_stored_is_there_at_the_next_start(self, tmp_path: Path) -> None:
        first = Holder(tmp_path)
        redis.Redis.from_url(first.broker).lpush("queue", "task")
        with psycopg.connect(first.database) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        first.leave()
        again = Holder(tmp_path)
        assert redis.Redis.from_url(again.broker).lrange("queue", 0, -1) == [b"task"]
        with psycopg.connect(again.database) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        again.leave()

    def test_a_killed_user_does_not_keep_the_servers_running(self, tmp_path: Path) -> None:
        killed = Holder(tmp_path)
        killed.process.kill()
        killed.process.wait()
        assert killed.answers() == (True, True)
        Holder(tmp_path).leave()
        assert killed.answers() == (False, False)

    def test_termination_stops_the_servers(self, tmp_path: Path) -> None:
        holder = Holder(tmp_path)
        holder.process.send_signal(signal.SIGTERM)
        assert holder.process.wait(20) == 128 + signal.SIGTERM
        assert holder.answers() == (False, False)

    def test_servers_ask_for_a_password_and_secrets_are_private(self, tmp_path: Path) -> None:
        holder = Holder(tmp_path)
        address = holder.broker.rsplit("@", 1)[1]
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(f"redis://{address}").ping()
        host = holder.database.split("host=")[1]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgres://onezone@/onezone?host={host}")
        with psycopg.connect(holder.database) as connection:
            row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        assert row == (False,)
        assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
        holder.leave()

    def test_a_path_too_long_for_a_socket_works(self, tmp_path: Path) -> None:
        holder = Holder(tmp_path / ("x" * 100))
        assert holder.answers() == (True, True)
        holder.leave()

    @pytest.mark.parametrize(
        ("environment", "said"),
        [
            ({"VAR_DIR": "/dev/null/var"}, "cannot be written to"),
            ({"DATABASE_URL": "postgres:///x", "REDIS_URL": "redis://x"}, "SECRET_KEY must be set"),
            ({"DATABASE_URL": "postgres:///x", "SECRET_KEY": "x"}, "FIELD_KEYS must be set"),
        ],
    )
    def test_what_cannot_work_is_one_line(self, environment: dict[str, str], said: str) -> None:
        done = run("config.embedded", "true", **environment)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_lost_secrets_are_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").mkdir()
        done = run("config.embedded", "true", VAR_DIR=str(tmp_path))
        assert done.returncode == 2
        assert "secrets.json is missing" in done.stderr


class TestRunner:
    def test_a_busy_port_is_one_line(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = run("config.runner", PORT=port, VAR_DIR="/dev/null/var")
        assert done.returncode == 2
        assert done.stderr == f"onezone: port {port} cannot be used (Address already in use); PORT=… chooses another\n"
        assert done.stdout == ""

    @pytest.mark.parametrize("wish", ["abc", "0", "70000", "-1"])
    def test_a_port_that_is_none_is_refused(self, wish: str) -> None:
        with pytest.raises(runner.Refused, match="not a port number"):
            runner.free_port(wish)

    def test_the_table_of_sign_ins_is_aligned(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VAR_DIR", str(tmp_path))
        people = {
            "hr": {"password": "aaaa", "role_zh": "组织人事", "name": "张三"},
            "bianban": {"password": "bbbbbb", "role_zh": "编办", "name": "欧阳小明"},
        }
        (tmp_path / "personas.json").write_text(json.dumps(people))
        header, *rows = runner.sign_ins().splitlines()
        assert header == "user     password  role      name"
        assert rows == ["hr       aaaa      组织人事  张三", "bianban  bbbbbb    编办      欧阳小明"]

    def test_a_folder_that_cannot_be_written_is_one_line(self) -> None:
        done = run("config.runner", PORT=free_port(), VAR_DIR="/dev/null/var")
        assert done.returncode == 2
        assert done.stderr == "onezone: VAR_DIR /dev/null/var cannot be written to: Not a directory\n"
        assert done.stdout == ""

    def test_what_the_servers_say_has_a_line_of_its_own(self, tmp_path: Path) -> None:
        done = run("config.runner", PORT=free_port(), VAR_DIR=str(tmp_path), DATABASE_URL="postgres:///x")
        assert done.returncode == 2
        assert done.stderr == "onezone: DATABASE_URL is set, so SECRET_KEY must be set too\n"
        assert done.stdout == "database and broker     –\n"


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.django_db
class TestPoolsAtAStart:
    """Somebody's figure must keep nobody out of the site, and nothing is computed that nobody asked for."""

    @pytest.fixture(autouse=True)
    def here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A zone of the test's, and its runs computed at once: no worker sees the test's transaction."""
        from pay import services
        from pay.management.commands import compute_pools

        def at_once(**asked: Any) -> list[Any]:
            runs = services.request_runs(**asked)
            for each in runs:
                services.compute(each.pk, by=asked["by"])
            return runs

        command = ("compute_pools", "--missing", "--zone", "TZ", "--year", "2020")
        monkeypatch.setattr(runner, "COMPUTE_POOLS", command)
        monkeypatch.setattr(compute_pools, "request_runs", at_once)

    def runs(self) -> list[tuple[int, str]]:
        from pay.models import Run

        return list(Run.objects.order_by("pk").values_list("pk", "state"))

    def test_a_pool_that_cannot_be_computed_is_a_warning(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pay_builders.small_zone(budget_revenue_before="0")
        (tmp_path / "log").mkdir()
        monkeypatch.setenv("VAR_DIR", str(tmp_path))
        monkeypatch.setattr(embedded, "services", nullcontext)
        for name in ("_prepare", "start", "wait_until_healthy"):
            monkeypatch.setattr(runner, name, lambda *_: None)
        monkeypatch.setattr(runner, "_forget_connections", lambda: None)
        monkeypatch.setattr(runner, "Children", Watched)
        monkeypatch.setenv("PORT", free_port())
        runner._run()
        lines = capsys.readouterr().out.splitlines()
        (warning,) = [line for line in lines if "warning" in line]
        assert warning.startswith("warning: TZ ")
        assert warning.endswith("增幅无定义")
        assert lines[-1].startswith("ready http://127.0.0.1:")
        assert warning.split(":", 1)[1].strip() in (tmp_path / "log" / "setup.log").read_text()

    def test_a_second_start_computes_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        zone = pay_builders.small_zone()["zone"]
        runner.pools(tmp_path / "setup.log")
        first = self.runs()
        assert [state for _pk, state in first] == ["computed"]
        pay_builders.figure(zone, "budget_revenue", 2019, "0", vintage=dt.date(2021, 6, 1))
        runner.pools(tmp_path / "setup.log")
        assert self.runs() == first
        assert "warning" not in capsys.readouterr().out

    def test_only_the_unit_without_a_result_is_computed(self) -> None:
        from pay.models import Run

        zone = pay_builders.small_zone()["zone"]
        call_command(*runner.COMPUTE_POOLS)
        pay_builders.unit("TZ-P", "park", zone)
        with pytest.raises(CommandError):
            call_command(*runner.COMPUTE_POOLS)
        assert list(Run.objects.order_by("pk").values_list("unit__code", "state")) == [
            ("TZ", "computed"),
            ("TZ-P", "failed"),
        ]

    def test_a_zone_that_is_not_there_is_a_warning(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(runner, "COMPUTE_POOLS", ("compute_pools", "--missing", "--zone", "NO", "--year", "2020"))
        runner.pools(tmp_path / "setup.log")
        assert "warning: compute_pools: 没有代码为 NO 的开发区" in capsys.readouterr().out

    def test_by_hand_it_fails_and_names_the_reason(self, capsys: pytest.CaptureFixture[str]) -> None:
        pay_builders.small_zone(budget_revenue_before="0")
        with pytest.raises(CommandError):
            call_command("compute_pools", "--zone", "TZ", "--year", "2020")
        said = capsys.readouterr()
        assert "增幅无定义" in said.err
        assert said.out == "█ 1/1\n"

    def test_who_moved_is_counted_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        from pay.models import Allocation

        pay_builders.small_zone()
        call_command("compute_pools", "--zone", "TZ", "--year", "2020")
        people = set(Allocation.objects.values_list("person", flat=True))
        assert len(people) < Allocation.objects.count()
        assert capsys.readouterr().out.endswith(f" {len(people)} 人\n")


class Watched:
    """In place of the processes: nothing to wait for."""

    def __init__(self, _logs: Path) -> None:
        pass

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def watch(self) -> None:
        pass


class TestHealth:
    @pytest.fixture
    def worker(self) -> Iterator[None]:
        tasks.beat()
        yield
        with tasks.broker() as connection:
            connection.delete(tasks.HEARTBEAT_KEY)

    def ask(self) -> tuple[int, dict[str, object], float]:
        began = time.monotonic()
        response = health.healthz(RequestFactory().get("/healthz"))
        assert "no-store" in response["Cache-Control"]
        return response.status_code, json.loads(response.content), time.monotonic() - began

    @pytest.mark.usefixtures("worker")
    def test_all_is_well(self) -> None:
        status, body, _seconds = self.ask()
        assert status == 200
        assert body["status"] == "ok"
        for name in ("database", "broker", "worker"):
            assert body[name]["state"] == "ok"
            assert body[name]["ms"] >= 0

    def test_no_worker(self) -> None:
        with tasks.broker() as connection:
            connection.delete(tasks.HEARTBEAT_KEY)
        status, body, _seconds = self.ask()
        assert (status, body["broker"]["state"], body["worker"]["state"]) == (503, "ok", "down")

    @pytest.mark.usefixtures("worker")
    @override_settings(CELERY_BROKER_URL="redis://:secret@127.0.0.1:1/0")
    def test_no_broker(self) -> None:
        status, body, seconds = self.ask()
        assert (status, body["database"]["state"], body["broker"]["state"]) == (503, "ok", "down")
        assert "secret" not in json.dumps(body)
        assert seconds < 1.5

    def test_a_broker_that_accepts_and_never_answers(self) -> None:
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen()
            with override_settings(CELERY_BROKER_URL=f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"):
                status, _body, seconds = self.ask()
        assert status == 503
        assert seconds < 1.5

    @pytest.mark.usefixtures("worker")
    def test_no_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def hang() -> bool:
            time.sleep(3)
            return True

        monkeypatch.setitem(health.CHECKS, "database", hang)
        status, body, seconds = self.ask()
        assert (status, body["database"]["state"], body["worker"]["state"]) == (503, "timeout", "ok")
        assert seconds < 1.5

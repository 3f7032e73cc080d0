"""A worker killed, Valkey restarted, PostgreSQL restarted in the middle: the province still ends complete and exact.

Real servers of their own and real Celery workers; whatever dies, dies without being asked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest
from django.db import connections

from config.benches.province import build
from config.benches.scratch import Scratch
from config.embedded import BASE_DIR
from tests.together import PATIENCE_SECONDS, until

# The test database is copied, not used: its mark has it made.
pytestmark = pytest.mark.django_db
ZONES, PEOPLE = 3, 40
UNITS = ZONES * 4


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Scratch]:
    home: Path = tmp_path_factory.mktemp("scratch")
    address = urlsplit(os.environ["DATABASE_URL"])
    like = urlunsplit(address._replace(path=f"/{connections['default'].settings_dict['NAME']}"))
    with Scratch(home, like=like) as servers:
        with servers.connect(owner=False) as connection:
            build(connection, zones=ZONES, people=PEOPLE)
        yield servers


@pytest.fixture
def asked(scratch: Scratch) -> Iterator[subprocess.Popen[str]]:
    """Every pool asked for and watched, as somebody at a terminal would."""
    with scratch.connect(owner=False) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("truncate pay_allocation, pay_bureaushare, pay_run, pay_pendingsum cascade")
    command = [sys.executable, "manage.py", "compute_pools", "--all", "--year", "2020", "--timeout", "60"]
    watcher = subprocess.Popen(
        command, cwd=BASE_DIR, env=scratch.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield watcher
    watcher.kill()
    watcher.wait()
    for worker in list(scratch.workers):
        scratch.stop_worker(worker, signal.SIGKILL)


def states(scratch: Scratch) -> dict[str, int]:
    with scratch.connect() as connection:
        return dict(connection.execute("select state, count(*) from pay_run group by state").fetchall())


def in_the_middle(scratch: Scratch, blow) -> None:
    """Do ``blow`` while a worker is inside its transaction: everything computed, nothing committed.

    A lock on pay_bureaushare holds it there: it has said that its runs are under way and cannot store them.
    """
    with scratch.connect() as holder:
        holder.execute("begin")
        holder.execute("lock table pay_bureaushare in exclusive mode")
        scratch.start_worker()
        waiting = "select count(*) from pg_locks where relation = 'pay_bureaushare'::regclass and not granted"
        with scratch.connect() as looker:
            until(lambda: looker.execute(waiting).fetchone()[0] > 0, "a worker that stores")
            assert "running" in states(scratch)
        blow()
        if not holder.closed:
            holder.close()


def ends_complete_and_exact(scratch: Scratch, watcher: subprocess.Popen[str]) -> None:
    said, complaints = watcher.communicate(timeout=PATIENCE_SECONDS)
    assert watcher.returncode == 0, complaints
    assert f"已核算 {UNITS} 个单位" in said
    assert states(scratch) == {"computed": UNITS}
    with scratch.connect() as connection:
        query = "select count(*), count(distinct (run_id, person_id)), sum(amount) from pay_allocation"
        rows, people, amount = connection.execute(query).fetchone()
        pools = connection.execute("select sum(pool) from pay_run").fetchone()[0]
    assert people == UNITS * PEOPLE
    assert rows > people  # who moved stands in two bureaus
    assert amount == pools
    assert f"{UNITS} 次核算全部相符" in scratch.manage("pay_verify").stdout


def test_a_worker_killed_in_the_middle(scratch, asked):
    """SIGKILL to the worker and all its processes: another one finds what it left, and nothing is there twice."""

    def kill():
        scratch.stop_worker(scratch.workers[0], signal.SIGKILL)

    in_the_middle(scratch, kill)
    scratch.start_worker()
    ends_complete_and_exact(scratch, asked)


def test_a_workers_child_killed_in_the_middle(scratch, asked):
    """SIGKILL to the process that computes: the worker gives its task to a new one."""

    def kill():
        children = psutil.Process(scratch.workers[0].pid).children(recursive=True)
        assert children
        for child in children:
            os.kill(child.pid, signal.SIGKILL)

    in_the_middle(scratch, kill)
    ends_complete_and_exact(scratch, asked)


def test_valkey_restarted_in_the_middle(scratch, asked):
    in_the_middle(scratch, scratch.restart_valkey)
    ends_complete_and_exact(scratch, asked)


def test_valkey_that_lost_everything(scratch, asked):
    """Asked for with nobody at work, and the broker forgets: the watcher sends what no message speaks of."""
    until(lambda: states(scratch) == {"queued": UNITS}, "runs that are asked for")
    scratch.valkey._client().flushall()
    scratch.start_worker()
    ends_complete_and_exact(scratch, asked)


def test_postgresql_restarted_in_the_middle(scratch, asked):
    """The server ends at once and recovers: the worker's transaction is gone, and its task is tried again."""
    in_the_middle(scratch, scratch.restart_postgres)
    # Who watches loses his connection too, and looks again.
    asked.communicate(timeout=PATIENCE_SECONDS)
    until(lambda: states(scratch) == {"computed": UNITS}, "the worker's next try")
    again = scratch.manage("compute_pools", "--all", "--year", "2020")
    assert f"已核算 {UNITS} 个单位" in again.stdout
    assert states(scratch) == {"computed": UNITS}
    assert f"{UNITS} 次核算全部相符" in scratch.manage("pay_verify").stdout

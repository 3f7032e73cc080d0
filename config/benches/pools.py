"""``manage.py bench pools``: a made-up province computed through real workers, beside what moving its rows costs.

Servers, database and workers are its own, in a folder that is removed. The floor
is measured in the same run on the same machine: everything that a run reads,
with COPY to a client, and as many allocations as wide, with COPY from one into
a bare table, over as many connections as there are workers. Beside it stands
what the same rows cost in a table with indexes and checks, by COPY and INSERT.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psutil
from django.core.management.base import OutputWrapper

from config.benches.province import YEAR, build
from config.benches.scratch import Scratch
from config.embedded import var_dir
from config.tasks import HEARTBEAT_KEY

MB = 1024 * 1024
#: What a run reads: everything of the year's people, posts, results, bureaus and figures. %s: which worker's share.
INPUTS = (
    "select person_id, post_id, kind, seat, period, decided_on, end_reason from staffing_appointment where {mine}",
    "select id, post_id, unit_id, bureau_id, grade_id, name, sequence, headcount, period from staffing_postversion"
    " where {mine}",
    "select id, staff_no, identity, home_unit_id from staffing_person where {mine}",
    "select id, cycle_id, kind, unit_id, bureau_id, person_id from kpi_scorecard where {mine}",
    "select id, scorecard_id, score, rating, undetermined, is_example from kpi_result where {mine}",
    "select bureau_id, unit_id, name, sequence, period from orgchart_bureauversion where {mine}",
    "select unit_id, metric_id, year, value, scope, source, vintage from zones_figure where {mine}",
)
WORK_IS_LEFT: LiteralString = "select exists (select from pay_run where state in ('queued', 'running'))"


@dataclass
class Peak:
    """The most that each process held in memory, by what it is; sampled until ``stop``."""

    pids: Callable[[], dict[int, str]]
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Peak:
        self.thread = threading.Thread(target=self._sample, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stopped.set()
        self.thread.join()

    def _sample(self) -> None:
        while not self.stopped.wait(0.1):
            for pid, name in self.pids().items():
                with suppress(psutil.Error):
                    memory = psutil.Process(pid).memory_info()
                    # A backend's shared buffers are the server's, once, whoever touched them.
                    held = memory.rss - (memory.shared if name == "postgres" else 0)
                    self.seen[name, pid] = max(self.seen.get((name, pid), 0), held)

    def most(self, name: str) -> int:
        return max((held for (kind, _pid), held in self.seen.items() if kind == name), default=0)


def run(out: OutputWrapper, *, zones: int, people: int, workers: int, block: int, verify: bool) -> None:
    with Scratch(var_dir() / "bench") as scratch:
        began = time.monotonic()
        with scratch.connect(owner=False) as connection:
            build(connection, zones=zones, people=people)
        out.write(f"province made in {time.monotonic() - began:.0f} s: {_sizes(scratch)}")
        reading = _in_parallel(scratch, workers, _read)
        wall, peak = _compute(scratch, workers, block)
        with scratch.connect() as connection:
            states = dict(connection.execute("select state, count(*) from pay_run group by state").fetchall())
        rows, paid, wide = scratch.row(
            "select count(*), count(distinct person_id), pg_relation_size('pay_allocation') / count(*)"
            " from pay_allocation"
        )
        writing = _in_parallel(scratch, workers, _write(""))
        indexed = _in_parallel(scratch, workers, _write("including indexes"))
        inserting = _in_parallel(scratch, workers, _insert)
        floor = reading + writing
        out.write(f"runs: {states}; {rows} allocations of {wide} bytes")
        out.write(f"{'computed, traces stored':<44}{wall:8.1f} s {paid / wall:10.0f} people/s")
        out.write(f"{'floor: read inputs with COPY':<44}{reading:8.1f} s")
        out.write(f"{'floor: as many rows as wide with COPY':<44}{writing:8.1f} s ({indexed:.1f} s with the indexes)")
        out.write(f"{'the same with INSERT, indexes and checks':<44}{inserting:8.1f} s")
        out.write(f"{'floor':<44}{floor:8.1f} s {paid / floor:10.0f} people/s")
        for words, base in (
            ("", floor),
            (", with the indexes", reading + indexed),
            (", with INSERT", reading + inserting),
        ):
            out.write(f"{'ratio to reading and writing' + words:<44}{wall / base:8.2f}")
        for name, words in (("worker", "peak memory of a worker process"), ("postgres", "and of a backend, its own")):
            out.write(f"{words:<44}{peak.most(name) / MB:8.0f} MB")
        if verify:
            began = time.monotonic()
            said = scratch.manage("pay_verify").stdout.strip()
            out.write(f"{'verified by the reference':<44}{time.monotonic() - began:8.1f} s {said}")


def _compute(scratch: Scratch, workers: int, block: int) -> tuple[float, Peak]:
    """Seconds from asking to the last run's end, through the broker and the workers."""
    scratch.extra["PAY_BLOCK_UNITS"] = str(block)
    worker = scratch.start_worker(workers)
    with scratch.valkey._client() as broker:
        while not broker.exists(HEARTBEAT_KEY):
            if worker.poll() is not None:
                raise RuntimeError((scratch.home / "worker0.log").read_text()[-2000:])
            time.sleep(0.1)

    def processes() -> dict[int, str]:
        found: dict[int, str] = {}
        with suppress(psutil.Error):
            found |= dict.fromkeys((child.pid for child in psutil.Process(worker.pid).children()), "worker")
        with suppress(psutil.Error, OSError, ValueError):
            server = int((scratch.postgres.data / "postmaster.pid").read_text().split()[0])
            found |= dict.fromkeys((child.pid for child in psutil.Process(server).children()), "postgres")
        return found

    ask = threading.Thread(
        target=scratch.manage, args=("compute_pools", "--all", "--year", str(YEAR), "--timeout", "7200")
    )
    with Peak(processes) as peak:
        ask.start()
        while not scratch.row("select exists (select from pay_run)")[0]:
            time.sleep(0.05)
        began = time.monotonic()
        while scratch.row(WORK_IS_LEFT)[0]:
            time.sleep(0.1)
        wall = time.monotonic() - began
    ask.join()
    scratch.stop_worker(worker)
    return wall, peak


def _in_parallel(scratch: Scratch, workers: int, deed: Callable[[Scratch, int, int], float]) -> float:
    """Seconds that the slowest of the connections took."""
    pool = ThreadPoolExecutor(workers)
    try:
        return max(pool.map(lambda number: deed(scratch, number, workers), range(workers)))
    finally:  # not waited for: once the servers are gone, so are the connections
        pool.shutdown(wait=False, cancel_futures=True)


def _read(scratch: Scratch, number: int, workers: int) -> float:
    with scratch.connect() as connection, connection.cursor() as cursor:
        began = time.monotonic()
        for query in INPUTS:
            with cursor.copy(
                f"copy ({query.format(mine=f'id % {workers} = {number}')}) to stdout (format binary)"
            ) as rows:
                for _block in rows:
                    pass
        return time.monotonic() - began


def _write(indexes: str) -> Callable[[Scratch, int, int], float]:
    def write(scratch: Scratch, number: int, workers: int) -> float:
        """Allocations from a client's memory into a table like theirs, which is made anew."""
        table = f"floor_{number}"
        mine = f"select * from pay_allocation where id % {workers} = {number}"  # noqa: S608 - two whole numbers
        with scratch.connect() as connection, connection.cursor() as cursor:
            with cursor.copy(f"copy ({mine}) to stdout (format binary)") as rows:
                held = [bytes(block) for block in rows]
            cursor.execute(f"drop table if exists {table}")
            cursor.execute(f"create table {table} (like pay_allocation {indexes})")
            began = time.monotonic()
            with cursor.copy(f"copy {table} from stdin (format binary)") as rows:
                for block in held:
                    rows.write(block)
            return time.monotonic() - began

    return write


def _insert(scratch: Scratch, number: int, workers: int) -> float:
    """Allocations from a table of the session into one with all that a table of allocations has, by INSERT."""
    with scratch.connect() as connection, connection.cursor() as cursor:
        mine = f"select * from pay_allocation where id % {workers} = {number}"  # noqa: S608 - two whole numbers
        cursor.execute(f"create temporary table held as {mine}")
        cursor.execute(f"drop table if exists floor_{number}")
        cursor.execute(f"create table floor_{number} (like pay_allocation including all)")
        began = time.monotonic()
        cursor.execute(f"insert into floor_{number} select * from held")  # noqa: S608 - two whole numbers
        return time.monotonic() - began


def _sizes(scratch: Scratch) -> str:
    counted = scratch.row(
        "select (select count(*) from zones_unit where kind = 'zone'),"
        " (select count(*) from zones_unit where kind <> 'city'), (select count(*) from orgchart_bureau),"
        " (select count(*) from staffing_person), (select count(*) from staffing_appointment),"
        " (select count(*) from kpi_line)"
    )
    names = ("zones", "units", "bureaus", "people", "appointments", "scores")
    return ", ".join(f"{count:,} {name}" for count, name in zip(counted, names, strict=True))

"""The clock (Celery beat): what is lost or over is taken up though nobody looks, and once only."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest
from celery import current_app
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils import timezone

from common import jobs
from common.actors import Actor
from common.models import AuditEntry, Job, User
from config.benches.province import build as build_province
from config.benches.scratch import Scratch
from kpi.hooks import services as hooks
from kpi.models import Delivery, Panel, Webhook
from kpi.raters import closing
from kpi.tasks import CLOCK
from tests import kpi_builders as build
from tests.together import until

pytestmark = pytest.mark.django_db

AN_ENDED_PANEL = """
from tests import kpi_builders as build
on = build.panel(build.small_year())
build.rate_all(on)
build.over(on)
"""
ASK = """
from common.actors import Actor
from pay.services import request_runs
from zones.models import Unit
zone = Unit.objects.filter(kind="zone").exclude(code="YZ").get()
request_runs(units=[zone], year=2020, by=Actor.command("test"))
"""


@pytest.fixture
def scratch(tmp_path: Path, django_db_setup: None) -> Iterator[Scratch]:
    """Servers of the test's own, with the tables of the test database and a small province."""
    address = urlsplit(os.environ["DATABASE_URL"])
    like = urlunsplit(address._replace(path=f"/{connections['default'].settings_dict['NAME']}"))
    with Scratch(tmp_path / "scratch", fast=True, like=like) as servers:
        with servers.connect(owner=False) as connection:
            build_province(connection, zones=1, people=5)
        servers.extra["CLOCK_SECONDS"] = "0.4"
        yield servers


def test_a_worker_that_is_a_clock_closes_a_panel_and_takes_up_the_run_of_a_killed_one(scratch: Scratch) -> None:
    """Nobody looks at a page, and no worker starts after the other has died."""
    scratch.manage("shell", "-c", AN_ENDED_PANEL)
    scratch.manage("shell", "-c", ASK)
    with scratch.connect() as holder, scratch.connect() as looker:
        holder.execute("begin")
        holder.execute("lock table pay_bureaushare in exclusive mode")
        computing = scratch.start_worker()
        waiting = "select count(*) from pg_locks where relation = 'pay_bureaushare'::regclass and not granted"
        until(lambda: looker.execute(waiting).fetchone()[0] > 0, "a worker that computes")
        clock = scratch.start_worker(clock=True)
        ended = "select count(*) from kpi_panel where closed_at is not null"
        until(lambda: looker.execute(ended).fetchone()[0] == 1, "the panel's end")
        scratch.stop_worker(computing, signal.SIGKILL)
    until(lambda: scratch.row("select state from pay_run")[0] == "computed", "the run that was lost")
    assert scratch.row("select count(*) from pay_run") == (1,)
    assert scratch.row("select count(*) from common_auditentry where verb = 'close' and address = 'clock'") == (1,)
    started = psutil.Process(clock.pid).children(recursive=True)
    assert len(started) >= 2, "the one that computes, and the clock"
    scratch.stop_worker(clock)
    assert clock.returncode == 0
    assert not psutil.wait_procs(started, timeout=5)[1], "the clock ends with its worker"
    assert not list(Path.cwd().glob("celerybeat*"))


def test_every_task_of_the_clock_is_one_that_a_worker_knows() -> None:
    current_app.loader.import_default_modules()
    schedule = current_app.conf.beat_schedule
    assert {entry["task"] for entry in schedule.values()} <= current_app.tasks.keys()
    assert all(entry["options"]["expires"] == entry["schedule"] for entry in schedule.values())


class TestPanels:
    @pytest.fixture
    def at(self):
        return build.small_year()

    def test_only_those_past_their_last_day_are_closed_and_once(self, at) -> None:
        over, today = build.panel(at, codes=("bureau",)), build.panel(at, "又一次", codes=("other_bureau",))
        build.over(over)
        Panel.objects.filter(pk=today.panel.pk).update(closes_on=timezone.localdate())
        assert [closing.close_ended(by=CLOCK) for _time in range(2)] == [1, 0]
        assert list(Panel.objects.filter(closed_at=None)) == [today.panel]
        (entry,) = AuditEntry.objects.filter(verb="close")
        assert (entry.user, entry.door, entry.address) == (None, "task", "clock")

    def test_one_that_somebody_has_just_closed_is_left_as_it_is(self, at) -> None:
        on = build.panel(at)
        build.over(on)
        with mock.patch.object(Panel.objects, "overdue", return_value=Panel.objects.all()):
            closing.close_panel(panel=on.panel, by=build.actor(at.users["hr"]))
            assert closing.close_ended(by=CLOCK) == 0
        assert AuditEntry.objects.filter(verb="close").get().user == at.users["hr"]

    @pytest.mark.parametrize("error", [ValidationError("不行"), ZeroDivisionError()])
    def test_one_that_cannot_be_closed_keeps_no_other_waiting(self, at, error) -> None:
        first, second = build.panel(at, codes=("bureau",)), build.panel(at, "又一次", codes=("other_bureau",))
        build.over(first)
        build.over(second)
        real = closing.of_lines

        def broken(panel: Panel):
            if panel.pk == first.panel.pk:
                raise error
            return real(panel)

        with mock.patch.object(closing, "of_lines", broken):
            assert closing.close_ended(by=CLOCK) == 1
        assert list(Panel.objects.filter(closed_at=None)) == [first.panel]


def test_messages_whose_task_was_lost_are_handed_out_again() -> None:
    at = build.small_year()
    hook = Webhook.objects.create(holder=at.zone.unit, url="https://example.org/", secret="x" * 20)
    now, made = timezone.now(), {}
    for name, state, minutes in (("lost", "waiting", -9), ("later", "waiting", 9), ("done", "delivered", None)):
        at_time = minutes and now + dt.timedelta(minutes=minutes)
        made[name] = Delivery.objects.create(
            webhook=hook, cycle=at.cycle, event=name, payload={}, state=state, next_at=at_time
        )
    with mock.patch.object(hooks.current_app, "send_task") as sent:
        assert hooks.send_lost() == 1
    sent.assert_called_once_with("kpi.deliver", (made["lost"].pk,))


def test_jobs_that_fell_silent_are_sent_again_though_nobody_looks(django_capture_on_commit_callbacks) -> None:
    by = Actor(User.objects.create_user("clerk"), "page")
    silent, lively, done = (jobs.start("test.work", token=token, title="导入", by=by) for token in ("1", "2", "3"))
    Job.objects.filter(pk__in=[silent.pk, done.pk]).update(created_at=timezone.now() - 2 * jobs.SILENT)
    Job.objects.filter(pk=done.pk).update(state=Job.State.DONE)
    assert lively.state == Job.State.QUEUED
    with mock.patch.object(jobs, "send") as sent:
        for _time in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                jobs.revive_silent()
    sent.assert_called_once_with(silent.pk)

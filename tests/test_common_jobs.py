"""Long work: a row that says how far it is, done once whatever is delivered, cut off, clicked or killed."""

import signal
import subprocess
import sys
import threading
from unittest import mock

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from common import jobs
from common.actors import Actor
from common.models import AuditEntry, Job, User
from tests.common_builders import ALL_APPS

committed = pytest.mark.django_db(transaction=True, available_apps=ALL_APPS)
pytestmark = pytest.mark.django_db


@pytest.fixture
def sent():
    """The ids that were sent to the broker."""
    with mock.patch.object(jobs, "send", side_effect=lambda job_id: numbers.append(job_id)):
        numbers: list[int] = []
        yield numbers


@pytest.fixture
def by(db) -> Actor:
    return Actor(User.objects.create_user("clerk"), "page", "192.0.2.7")


@pytest.fixture
def works():
    """Kinds declared for one test."""
    before = dict(jobs.WORKS)
    yield jobs.WORKS
    jobs.WORKS.clear()
    jobs.WORKS.update(before)


def write_one(job: Job, progress: jobs.Progress) -> jobs.Outcome:
    """A work that leaves one row behind, to count how often it was done."""
    AuditEntry.objects.create(user=job.by, door="task", verb="worked", noun="common.job", key=str(job.pk))
    return jobs.Outcome({"written": 1}, "写入 1 行", "/roster/")


def times_done() -> int:
    return AuditEntry.objects.filter(verb="worked").count()


def begin(by, number=1, **more) -> Job:
    return jobs.start("test.work", token=f"t{number}", title="导入", by=by, **more)


def test_it_is_sent_once_it_is_committed_and_the_same_token_is_the_same_job(
    by, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = begin(by, rows=3)
        assert sent == []
    assert sent == [first.pk]
    assert begin(by) == first
    assert begin(by, number=2) != first
    assert jobs.start("test.work", token="t1", title="x", by=Actor(User.objects.create_user("b"), "page")) != first
    assert first.params == {"rows": 3}
    assert first.address == "192.0.2.7"


def test_a_job_delivered_twice_is_done_once(by, sent, works):
    works["test.work"] = write_one
    job = begin(by)
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.note, job.url) == ("done", {"written": 1}, "写入 1 行", "/roster/")
    assert times_done() == 1
    assert begin(by).state == "done", "asked for again, what is done is handed back"


@pytest.mark.parametrize(
    ("error", "says"),
    [(jobs.Abandoned("文件已过期"), "文件已过期"), (RuntimeError("secret of the inside"), "程序出错")],
)
def test_a_failure_is_said_and_leaves_nothing(by, sent, works, error, says):
    def work(job, progress):
        write_one(job, progress)
        raise error

    works["test.work"] = work
    job = begin(by)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert says in job.note
    assert "secret" not in job.note
    assert times_done() == 0
    works["test.work"] = write_one
    again = begin(by)
    assert (again.pk, again.state) == (job.pk, "queued")
    jobs.run(again.pk)
    assert times_done() == 1


@committed
def test_progress_is_seen_from_outside_while_the_work_is_one_transaction(by, sent, works, monkeypatch):
    monkeypatch.setattr(jobs, "EVERY", 0)
    seen, halfway, go_on = [], threading.Event(), threading.Event()

    def work(job, progress):
        write_one(job, progress)
        progress(3, 10, "核对第 3 行")
        halfway.set()
        assert go_on.wait(20)
        return jobs.Outcome({"rows": 10})

    def worker():
        try:
            jobs.run(job.pk)
        finally:
            connections.close_all()

    works["test.work"] = work
    job = begin(by)
    thread = threading.Thread(target=worker)
    thread.start()
    assert halfway.wait(20)
    seen = Job.objects.values("state", "done", "total", "note").get(pk=job.pk)
    assert times_done() == 0, "what it wrote is not committed yet"
    # A second delivery meanwhile finds somebody at it and goes away.
    jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).attempts == 1
    go_on.set()
    thread.join(20)
    assert seen == {"state": "running", "done": 3, "total": 10, "note": "核对第 3 行"}
    assert times_done() == 1
    assert Job.objects.get(pk=job.pk).result == {"rows": 10}


@committed
def test_a_running_job_ends_at_its_next_step_when_its_owner_asks(by, sent, works, monkeypatch):
    monkeypatch.setattr(jobs, "EVERY", 0)

    def work(job, progress):
        write_one(job, progress)
        progress(1, 9)
        side = connection.copy()  # the owner's page, meanwhile
        with side.cursor() as cursor:
            cursor.execute("update common_job set cancel_requested = true where id = %s", [job.pk])
        side.close()
        progress(2)
        raise AssertionError("went on")

    works["test.work"] = work
    job = begin(by)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, times_done()) == ("cancelled", 0)
    assert "没有写入" in job.note


def test_a_waiting_job_is_cancelled_at_once_and_a_finished_one_not_at_all(by, sent, works):
    works["test.work"] = write_one
    waiting, finished = begin(by), begin(by, number=2)
    jobs.run(finished.pk)
    for job in (waiting, finished):
        jobs.cancel(job)
    jobs.run(waiting.pk)
    assert [Job.objects.get(pk=job.pk).state for job in (waiting, finished)] == ["cancelled", "done"]
    assert times_done() == 1


KILLED = """
import os, signal
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = "{database}"
django.setup()
from common import jobs
from common.models import AuditEntry
def work(job, progress):
    AuditEntry.objects.create(user=job.by, door="task", verb="worked", noun="common.job", key=str(job.pk))
    progress(1, 2)
    os.kill(os.getpid(), signal.SIGKILL)
jobs.WORKS["test.work"] = work
jobs.run({pk})
"""


@committed
def test_a_killed_workers_job_is_sent_again_when_looked_at_and_nothing_is_done_twice(by, sent, works):
    job = begin(by)
    script = KILLED.format(database=connection.settings_dict["NAME"], pk=job.pk)
    died = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    job.refresh_from_db()
    assert (job.state, job.attempts, times_done()) == ("running", 1, 0)
    sent.clear()
    assert jobs.revive(job).state == "running"
    assert sent == [], "it may still be at work"
    Job.objects.filter(pk=job.pk).update(seen_at=timezone.now() - 2 * jobs.SILENT)
    job.refresh_from_db()
    jobs.revive(job)
    assert sent == [job.pk]
    works["test.work"] = write_one
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, times_done()) == ("done", 2, 1)


@committed
def test_a_silent_job_that_somebody_holds_is_left_alone(by, sent, works):
    job = begin(by)
    Job.objects.filter(pk=job.pk).update(
        state="running", started_at=timezone.now(), seen_at=timezone.now() - 2 * jobs.SILENT
    )
    job.refresh_from_db()
    sent.clear()
    with jobs._held(job.pk) as side:
        assert side is not None
        jobs.revive(job)
        assert sent == []
    jobs.revive(job)
    assert sent == [job.pk]


def test_a_job_that_kills_its_worker_each_time_is_given_up(by, sent, works):
    works["test.work"] = write_one
    job = begin(by)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=jobs.ATTEMPTS)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, times_done()) == ("failed", 0)
    assert "停止重试" in job.note


def test_the_database_allows_one_job_a_token_and_known_states_only(by, sent):
    job = begin(by)
    for change in ({"pk": None}, {"state": "lost"}):
        with pytest.raises(Exception, match="common_job_"), transaction.atomic():
            if "pk" in change:
                Job.objects.create(by=by.user, kind=job.kind, token=job.token, title="again")
            else:
                Job.objects.filter(pk=job.pk).update(**change)


def test_a_kind_is_declared_once(works):
    jobs.work("test.work")(write_one)
    with pytest.raises(TypeError):
        jobs.work("test.work")(write_one)


# --- pages --------------------------------------------------------------------------------------------


def test_the_page_polls_while_it_runs_and_goes_on_to_the_result(by, sent, works, client):
    works["test.work"] = write_one
    job = begin(by, total=40)
    Job.objects.filter(pk=job.pk).update(
        state="running", done=10, note="核对", seen_at=timezone.now(), started_at=timezone.now() - jobs.SILENT
    )
    client.force_login(by.user)
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    poll = reverse("job_progress", args=[job.pk])
    assert f'hx-get="{poll}"' in page
    assert "10 / 40" in page
    assert "约剩 45 秒" in page
    assert 'value="10" max="40"' in client.get(poll).content.decode()
    assert client.post(reverse("job_cancel", args=[job.pk])).status_code == 302
    assert Job.objects.get(pk=job.pk).cancel_requested
    Job.objects.filter(pk=job.pk).update(cancel_requested=False)
    jobs.run(job.pk)
    assert client.get(poll)["HX-Redirect"] == reverse("job", args=[job.pk])
    Job.objects.filter(pk=job.pk).update(note="")
    assert client.get(poll)["HX-Redirect"] == "/roster/", "nothing to say: on to the result"
    Job.objects.filter(pk=job.pk).update(note="写入 1 行")
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    assert "写入 1 行" in page
    assert "hx-get" not in page.split("<main")[1]
    listed = client.get(reverse("jobs")).content.decode()
    assert "已完成" in listed


def test_nobody_sees_or_ends_anothers_job(by, sent, client):
    job = begin(by)
    other = User.objects.create_user("other")
    client.force_login(other)
    for name in ("job", "job_progress"):
        assert client.get(reverse(name, args=[job.pk])).status_code == 404
    assert client.post(reverse("job_cancel", args=[job.pk])).status_code == 404
    assert reverse("job", args=[job.pk]) not in client.get(reverse("jobs")).content.decode()
    assert client.get("/api/v1/jobs/").json()["results"] == []
    assert client.get(f"/api/v1/jobs/{job.pk}/").status_code == 404
    client.force_login(by.user)
    assert client.get(f"/api/v1/jobs/{job.pk}/").json()["state"] == "queued"

"""A larger file in a browser: uploaded, left to the background, come back to, confirmed."""

import threading

import pytest
from django.db import connections
from django.urls import reverse

from common import jobs
from common.imports import pages
from common.models import Job
from staffing import tasks  # noqa: F401 - declares the work, as the worker does
from staffing.models import Appointment
from tests import staffing_builders as build
from tests.roster_builders import book, line

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)]


@pytest.fixture
def worker(monkeypatch):
    """What is sent to the broker is carried out by a thread of its own, when ``go`` is set."""
    go, threads = threading.Event(), []

    def carry_out(job_id: int) -> None:
        go.wait(30)
        try:
            jobs.run(job_id)
        finally:
            connections.close_all()

    def send(job_id: int) -> None:
        threads.append(threading.Thread(target=carry_out, args=[job_id]))
        threads[-1].start()

    monkeypatch.setattr(jobs, "send", send)
    yield go
    go.set()
    for thread in threads:
        thread.join(30)


def test_a_file_is_checked_and_written_in_the_background(
    live_server, page, client, worker, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(pages, "IN_REQUEST_BYTES", 0)
    zone = build.small_zone()
    client.force_login(build.user("hr", role="hr", on=zone.unit))
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}{reverse('roster_import')}?on={build.DAY}")
    file = {"name": "花名册.xlsx", "mimeType": "application/octet-stream", "buffer": book(line(zone))}
    page.set_input_files("input[type=file]", [file])
    page.click("text=上传并预检")
    page.wait_for_url("**/jobs/**")
    assert page.locator("progress").count() == 1
    page.goto(f"{live_server.url}{reverse('jobs')}")  # left …
    page.click("text=导入花名册（预检）")  # … and come back to
    worker.set()
    page.wait_for_url("**/roster/import/**", timeout=20_000)
    assert page.locator("text=将写入：新录入 1 人").count() == 1
    page.click("form.confirm-line button")
    page.click("dialog button:has-text('写入花名册')")
    page.wait_for_selector("text=导入完成：新录入 1 人", timeout=20_000)
    assert Appointment.objects.get().person.name == "新人"
    assert list(Job.objects.values_list("state", flat=True)) == ["done", "done"]

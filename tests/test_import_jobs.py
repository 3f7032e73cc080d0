"""A larger file is dealt with in the background, by the same importer: left, come back to, done once."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from common import jobs, uploads
from common.imports import pages
from common.models import AuditEntry, Job
from staffing import tasks  # noqa: F401 - declares the work, as the worker does
from staffing.models import Appointment, Person
from tests import staffing_builders as build
from tests.roster_builders import book, line
from zones.models import Grant

pytestmark = pytest.mark.django_db
ON = build.DAY.isoformat()


@pytest.fixture
def zone():
    return build.small_zone()


@pytest.fixture
def hr(zone, client, settings, tmp_path, monkeypatch):
    """HR's browser; every file counts as large, and what is sent to the broker is run by hand."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(pages, "IN_REQUEST_BYTES", 0)
    monkeypatch.setattr(jobs, "send", lambda _job_id: None)
    client.force_login(build.user("hr", role="hr", on=zone.unit))
    return client


def upload(client, content: bytes) -> str:
    answer = client.post(f"{reverse('roster_import')}?on={ON}", {"file": SimpleUploadedFile("花名册.xlsx", content)})
    assert answer.status_code == 302
    return answer.url


def run_last() -> Job:
    job = Job.objects.order_by("pk").last()
    with TestCase.captureOnCommitCallbacks(execute=True):
        jobs.run(job.pk)
    job.refresh_from_db()
    return job


def confirm(client, address: str, page, **change):
    shown = page.context
    return client.post(address, {"sha256": shown["kept"].sha256, "outcome": shown["report"].outcome, **change})


def test_checked_then_written_by_jobs_and_the_result_is_the_same_page(zone, hr):
    address = upload(hr, book(line(zone)))
    waiting = hr.get(address)
    job = Job.objects.get()
    assert waiting.url == reverse("job", args=[job.pk])
    assert hr.get(address).url == waiting.url, "come back to, it is the same job"
    assert Job.objects.count() == 1
    done = run_last()
    assert (done.state, done.url, done.result) == ("done", address, {"new": 1})
    assert "身份证" not in str(done.result)
    assert Person.objects.count() == 0
    page = hr.get(address)
    assert page.context["report"].counts == {"new": 1}
    assert "新人" in page.content.decode()
    written = confirm(hr, address, page)
    assert confirm(hr, address, page).url == written.url, "a second click is the same job"
    done = run_last()
    assert (done.state, done.result["appointed"]) == ("done", 1)
    assert "新录入 1 人" in done.note
    assert Appointment.objects.get().person.name == "新人"
    # The file is used up: whatever is delivered or clicked again changes nothing.
    entries = AuditEntry.objects.count()
    jobs.run(done.pk)
    assert hr.get(address).status_code == 302
    assert AuditEntry.objects.count() == entries
    assert AuditEntry.objects.get(verb="import_roster").user.username == "hr"


def test_a_bad_file_is_listed_and_given_back_with_its_faults(zone, hr):
    address = upload(hr, book(line(zone, 档级="二"), line(zone, 工号="T-10", 身份证号=build.national_id(702))))
    hr.get(address)
    assert run_last().result == {"bad": 1, "new": 1}
    page = hr.get(address)
    assert "档级须为 1 至 99 的整数" in page.content.decode()
    answer = hr.get(address.replace("?", "errors/?"))
    assert answer["Content-Type"].endswith("sheet")
    assert answer.content.startswith(b"PK")
    assert Person.objects.count() == 0


def test_what_moved_since_the_check_is_not_written_and_shown_again(zone, hr):
    address = upload(hr, book(line(zone)))
    hr.get(address)
    run_last()
    page = hr.get(address)
    confirm(hr, address, page)
    build.person(zone, "别人", "T-9", national_id=build.national_id(701), birth_date=dt.date(1985, 3, 7))
    job = run_last()
    assert (job.state, job.url) == ("failed", address)
    assert "没有写入" in job.note
    assert Appointment.objects.count() == 0
    assert "预检之后情况有了变动" in hr.get(address).content.decode()


def test_rights_are_those_of_the_hour_in_which_it_runs(zone, hr):
    address = upload(hr, book(line(zone)))
    hr.get(address)
    Grant.objects.all().delete()
    job = run_last()
    assert (job.state, job.result) == ("failed", {})
    assert "没有办理这项导入的权限" in job.note


def test_a_file_that_is_gone_is_said(zone, hr, tmp_path):
    address = upload(hr, book(line(zone)))
    hr.get(address)
    for path in (tmp_path / "imports").iterdir():
        path.unlink()
    job = run_last()
    assert job.state == "failed"
    assert "重新上传" in job.note
    assert job.url == reverse("roster_import")


def test_what_is_kept_beside_a_file_is_encrypted_and_its_owners(zone, hr, tmp_path):
    address = upload(hr, book(line(zone)))
    hr.get(address)
    run_last()
    kept = [path.read_bytes() for path in (tmp_path / "imports").iterdir()]
    assert len(kept) == 2
    assert not any("新人".encode() in content or b"\\u65b0\\u4eba" in content for content in kept)
    token = address.split("?")[0].rstrip("/").rsplit("/", 1)[1]
    owner = Job.objects.get().by_id
    mine = uploads.fetch(owner, token)
    assert uploads.attached(mine, f"report-{ON}")
    stranger = uploads.Upload(owner + 1, mine.token, mine.name, mine.sha256, mine.content)
    assert uploads.attached(stranger, f"report-{ON}") is None

"""A round's files and its API, and what its pages cost."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Access
from reports import application_form
from staffing.models import Candidate, Score, Selection
from staffing.selection import announcing
from tests import selection_builders as build
from tests import staffing_builders as staff
from tests.selection_builders import ONE, today
from tests.selection_people import client, leader, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_round()


@pytest.fixture
def hr(at) -> Client:
    return client(at.hr.user)


# --- files -------------------------------------------------------------------------------------


def download(who: Client, kind: str, key: int, form: str):
    return who.get(reverse("report_download", args=[kind, key, form]))


def test_the_notice_as_a_file_has_the_forms_columns(at, hr):
    at.people[0].name = "=cmd|x"
    at.people[0].save()
    build.announced(at)
    assert download(member(at, 3), "selection-notice", at.row.pk, "pdf").content.startswith(b"%PDF")
    content = download(hr, "selection-notice", at.row.pk, "xlsx").content
    cells = [cell for line in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows() for cell in line]
    words = [str(cell.value) for cell in cells if cell.value is not None]
    for column in ("序号", "姓名", "性别", "出生年月", "学历", "现单位及职务", "拟聘岗位", "岗位等级", "公示起止日期"):
        assert column in words
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert at.people[0].national_id not in "".join(words)


def test_the_application_form_prints_for_himself_and_for_who_runs_the_round(at, hr):
    build.announced(at)
    own = at.candidates[0]
    person = at.people[0]
    person.ethnic_group, person.politics, person.joined_party_on = "回族", "member", dt.date(2010, 7, 1)
    person.full_time_education, person.full_time_school = "大学本科", "扬州大学化工"
    person.save()
    auditor = client(staff.user("sel-audit", role="auditor", on=at.zone.unit))
    for who in (member(at, 0), hr, auditor):
        assert download(who, "application-form", own.pk, "pdf").content.startswith(b"%PDF")
    sheet = openpyxl.load_workbook(io.BytesIO(download(hr, "application-form", own.pk, "xlsx").content)).active
    words = " ".join(str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value is not None)
    for said in ("回族", "中共党员", "2010.07", "全日制：大学本科", "全日制：扬州大学化工"):
        assert said in words


def test_the_application_form_tells_the_birth_month_only_to_who_may_read_papers(at, hr):
    build.announced(at)
    own, born = at.candidates[0], f"{at.people[0].birth_date:%Y.%m}"

    def words(user) -> list[str]:
        form, _unit = application_form.fetch(Access(user), str(own.pk), today())
        return [entry.value for line in form.lines for entry in line]

    member(at, 0)
    assert born in words(at.hr.user)
    assert born in words(at.people[0].user)
    assert born not in words(staff.user("sel-audit", role="auditor", on=at.zone.unit))
    assert any("总分 90.00" in word for word in words(at.people[0].user))


# --- the API -----------------------------------------------------------------------------------


def send(who: Client, address: str, **body):
    return who.post(address, body, content_type="application/json")


def test_a_whole_round_by_the_api(at, hr):
    boss = leader(at)
    told = {key: str(value) for key, value in build.plan().items()}
    row = send(hr, reverse("api-selections-list"), unit="YZ", **told).json()
    act = lambda name: reverse(f"api-selections-{name}", args=[row["id"]])  # noqa: E731
    assert send(hr, act("offer"), post=at.zone.clerk.code, seats=1).json()["posts"][0]["seats"] == 1
    assert send(hr, act("advance"), to="review").status_code == 400
    assert send(hr, act("advance"), to="published").json()["next_stage"] == "review"
    mine = send(member(at, 0), act("nominate"), first=at.zone.clerk.code)
    assert (mine.status_code, mine.json()["nominated"]) == (201, "self")
    send(hr, act("recommend"), first=at.zone.clerk.code, person=at.people[1].staff_no)
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=row["id"]).update(apply_from=today() - 2 * ONE, apply_until=today() - ONE)
    send(hr, act("advance"), to="review")
    people = list(Candidate.objects.filter(selection=row["id"]))
    for each in people:
        send(hr, reverse("api-candidates-check", args=[each.pk]), eligible=True)
    send(hr, act("advance"), to="assessment")
    for n, each in enumerate(people):
        for part in ("written", "interview", "peer"):
            score = reverse("api-candidates-score", args=[each.pk])
            assert send(hr, score, part=part, points=str(90 - n), version=0).status_code == 200
    assert send(hr, act("propose")).status_code == 200
    assert send(hr, act("confirm")).status_code == 403
    assert send(boss, act("confirm")).status_code == 200
    short = {"places": "栏", "contact": "王", "phone": "1", "first_day": str(today()), "last_day": str(today())}
    refused = send(hr, act("notice"), **short)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "last_day")
    last = announcing.earliest_last_day(Selection.objects.get(pk=row["id"]), today())
    notice = send(hr, act("notice"), **short | {"last_day": str(last)}).json()
    made = send(member(at, 1), reverse("api-notices-object", args=[notice["id"]]), text="不服").json()
    settle = reverse("api-objections-settle", args=[made["id"]])
    assert send(boss, settle, upheld=False, finding="不成立").json()["state"] == "dismissed"
    with build.backdated("staffing_notice", "staffing_notice_stands"):
        back = today() - 12 * ONE
        Selection.objects.get(pk=row["id"]).notices.update(published_on=back, first_day=back, last_day=today() - ONE)
    done = send(hr, act("appoint"), starts=str(today()), decided_on=str(today())).json()
    assert len(done["appointments"]) == 1
    assert done["waiting"] == [people[1].pk]
    assert send(hr, act("appoint"), starts=str(today()), decided_on=str(today())).json() == done


# --- what they cost ----------------------------------------------------------------------------


def test_no_page_costs_more_with_more_candidates(at, hr):
    build.published(at)
    addresses = [
        reverse(name, args=[at.row.pk])
        for name in ("selection", "selection_candidates", "selection_scores", "selection_outcome", "selection_notice")
    ] + [reverse("api-candidates-list"), reverse("selections"), reverse("home")]

    def costs() -> dict[str, int]:
        found = {}
        for address in addresses:
            hr.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert hr.get(address).status_code == 200
            found[address] = len(asked)
        return found

    def enter(first: int, last: int) -> None:
        people = [staff.person(at.zone, f"员{n}") for n in range(first, last)]
        Candidate.objects.bulk_create(
            Candidate(selection=at.row, person=who, number=n, first=at.posts[0], nominated="self")
            for n, who in enumerate(people, start=first)
        )

    enter(1, 4)
    few = costs()
    enter(4, 304)
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - 2 * ONE, apply_until=today() - ONE)
    many = costs()
    assert many == few
    Selection.objects.filter(pk=at.row.pk).update(stage="review")
    Candidate.objects.filter(selection=at.row).update(eligible=True)
    Selection.objects.filter(pk=at.row.pk).update(stage="assessment")
    Score.objects.bulk_create(
        Score(candidate=each, part=part, points=Decimal(60 + each.number % 40))
        for each in at.row.candidates.all()
        for part in at.row.weights
    )
    hr.post(reverse("selection_propose", args=[at.row.pk]))
    scored = costs()
    assert max(scored[address] - few[address] for address in addresses) <= 6
    assert len(hr.get(reverse("selection_scores", args=[at.row.pk])).content) < 900_000

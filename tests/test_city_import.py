"""Scores of a city's units from a file: checked whole, conflicts named, nothing beyond one's reach; and over REST."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common.access import Access
from common.actors import Actor
from common.imports import deeds
from common.models import AuditEntry
from kpi.city.importing import CELLS, ScoreImporter
from kpi.models import Cycle, Line, Result
from tests import city_builders as build
from tests import staffing_builders as staff

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 24)


@pytest.fixture
def at(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return build.city()


def sheet(*rows: tuple, columns: tuple[str, ...] = ("年度", "单位代码", "指标代码", "完成值")) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([columns, *rows])
    return out.getvalue().encode()


def importer(at, who: str = "one") -> ScoreImporter:
    user = at.users[who]
    return ScoreImporter(Access(user), Actor(user, "import"), DAY, "scores.csv")


def written(at, content: bytes, who: str = "one"):
    return deeds.carry_out(content, importer(at, who))


def actual(at, unit: str, code: str) -> Decimal | None:
    return Line.objects.get(scorecard=at.cards[2026][unit], indicator__code=code).actual


FULL = [
    (2026, unit, code, value)
    for unit, rating in (("CA-1", "90"), ("CA-2", "80"), ("CB-1", "７０"))
    for code, value in (("growth", rating), ("projects", rating), ("city-safety", "0"), ("city-party", rating))
]


def test_a_file_is_written_and_every_card_follows(at) -> None:
    report = written(at, sheet(*FULL))
    assert (report.faults, report.written) == ([], {"changed": 12})
    scores = dict(Result.objects.values_list("scorecard__unit__code", "score"))
    assert scores == {"CA-1": Decimal("91.00"), "CA-2": Decimal("82.00"), "CB-1": Decimal("73.00")}
    line = Line.objects.get(scorecard=at.cards[2026]["A-1"], indicator__code="growth")
    assert line.entered_by == at.users["one"]
    assert AuditEntry.objects.filter(verb="score").count() == 12
    again = written(at, sheet(*FULL))
    assert (again.written, dict(again.counts)) == ({"changed": 0}, {"unchanged": 12})


def test_one_bad_line_keeps_all_others_out(at) -> None:
    report = written(at, sheet(*FULL[:3], (2026, "CA-1", "city-party", "101")))
    assert [(fault.row, fault.column) for fault in report.faults] == [(5, "完成值")]
    assert not Line.objects.exclude(actual=None).exists()


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ((2026, "CA-1", "growth", "NaN"), "完成值", "NaN"),
        ((2026, "CA-1", "growth", "1e400"), "完成值", "科学计数法"),
        ((2026, "CA-1", "growth", "-1"), "完成值", "不能为负数"),
        ((2026, "CA-1", "growth", "=1+1"), "完成值", ""),
        ((2026, "CA-1", "city-safety", "0.5"), "完成值", "整数"),
        ((2026, "CA-1", "nonsense", "1"), "指标代码", "没有这项指标"),
        ((2026, "DA-1", "growth", "1"), "指标代码", "没有您可以录入的单位"),
        ((2025, "CA-1", "growth", "1"), "指标代码", "2025 年没有您可以录入的单位"),
        (("二〇二六", "CA-1", "growth", "1"), "年度", ""),
        ((2026, "", "growth", "1"), "单位代码", "须填写"),
    ],
)
def test_what_cannot_be_is_named_with_its_place(at, row, column, said) -> None:
    build.city("D")
    report = written(at, sheet(row))
    assert [(fault.row, fault.column) for fault in report.faults] == [(2, column)]
    assert said in report.faults[0].reason
    assert not Line.objects.exclude(actual=None).exists()


def test_the_same_cell_twice_and_a_missing_column_are_named(at) -> None:
    report = written(at, sheet(FULL[0], FULL[0]))
    assert report.faults[0].reason == "与第 2 行是同一项"
    report = written(at, sheet((2026, "CA-1", "growth"), columns=("年度", "单位代码", "指标代码")))
    assert [fault.column for fault in report.faults] == ["完成值"]


def test_a_value_that_somebody_changed_meanwhile_is_a_conflict_and_blank_says_nothing(at) -> None:
    written(at, sheet(FULL[0], FULL[1]))
    columns = ("年度", "单位代码", "指标代码", "在册值", "完成值")
    report = written(
        at, sheet((2026, "CA-1", "growth", "88", "95"), (2026, "CA-1", "projects", "90", ""), columns=columns)
    )
    assert [(fault.row, fault.column, fault.reason) for fault in report.faults] == [
        (2, "在册值", "已被他人改动，现为 90")
    ]
    assert actual(at, "A-1", "growth") == 90
    report = written(at, sheet((2026, "CA-1", "growth", "90", "95"), columns=columns))
    assert report.faults == []
    assert actual(at, "A-1", "growth") == 95


def test_a_settled_year_takes_nothing(at) -> None:
    at.cycle.published_on, at.cycle.state = DAY, Cycle.State.PUBLISHED
    at.cycle.save()
    assert "没有您可以录入的单位" in written(at, sheet(FULL[0])).faults[0].reason


def test_a_veto_of_a_unit_in_the_first_grade_is_refused_in_words(at) -> None:
    written(at, sheet(*FULL))
    Result.objects.filter(scorecard=at.cards[2026]["A-1"]).update(rating="first")
    report = written(at, sheet((2026, "CA-1", "city-safety", "1")))
    assert "有一票否决事项的单位不能评为第一等次" in report.faults[0].reason
    assert actual(at, "A-1", "city-safety") == 0


def test_the_page_previews_and_writes_the_very_file_and_the_sheet_reads_back(at) -> None:
    client = Client()
    client.force_login(at.users["one"])
    got = client.get(reverse("city_sheet_file", args=["xlsx"]))
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(got.content)).worksheets[0]]
    assert rows[0] == list(CELLS)
    assert len(rows) == 1 + 7 * 4
    file = SimpleUploadedFile("scores.csv", sheet(*FULL))
    check = client.post(reverse("city_import"), {"file": file}).url
    html = client.get(check).content.decode()
    assert "改动完成值 12 项" in html
    assert not Line.objects.exclude(actual=None).exists()
    told = {name: html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("sha256", "outcome")}
    assert client.post(check, told).status_code == 302
    assert actual(at, "A-1", "growth") == 90


def test_only_who_scores_imports(at) -> None:
    client = Client()
    client.force_login(at.users["hr"])
    assert client.get(reverse("city_import")).status_code == 403
    assert client.get(reverse("city_sheet_file", args=["csv"])).status_code == 403


# --- REST -------------------------------------------------------------------------------------------


def asked(at, who: str = "one", **query):
    client = Client()
    client.force_login(at.users[who])
    return client.get(reverse("api-city-assessments-list"), query)


def test_the_ranking_over_rest(at) -> None:
    build.year(at, 2025, only=("A-1", "A-2"))
    build.score(at.cards[2025]["A-1"], "70")
    build.score(at.cards[2025]["A-2"], "80")
    written(at, sheet(*FULL))
    body = asked(at, sort="park").json()
    assert (body["city"], body["year"], body["state"], body["previous_year"]) == ("C", 2026, "open", 2025)
    assert [(row["unit"], row["rank"], row["ranked"], row["score"], row["zone"]) for row in body["results"]] == [
        ("CA-1", 1, 3, "91.00", "CA"),
        ("CA-2", 2, 3, "82.00", "CA"),
        ("CB-1", 3, 3, "73.00", "CB"),
    ]
    first, _second, third = body["results"]
    assert (first["score_change"], first["rank_change"]) == ("18.00", 1)
    assert first["previous"] == {"year": 2025, "score": "73.00", "rank": 2, "ranked": 2, "rating": ""}
    assert third["previous"] is None
    assert asked(at, year="2025").json()["year"] == 2025
    assert asked(at, on="2025-06-30").json()["year"] == 2025


def test_over_rest_a_zone_meets_its_own_and_strangers_nothing(at) -> None:
    written(at, sheet(*FULL))
    assert [row["unit"] for row in asked(at, "hr", sort="park").json()["results"]] == ["CA-1", "CA-2"]
    at.users["stranger"] = build.city("D").users["one"]
    assert asked(at, "stranger").json()["city"] == "D"
    assert asked(at, "stranger", city="C").status_code == 404
    at.users["nobody"] = staff.user("nobody")
    assert asked(at, "nobody").status_code == 403


@pytest.mark.parametrize("query", [{"year": "x"}, {"year": "99999"}, {"sort": "city"}, {"on": "2026-13-01"}])
def test_bad_questions_are_told_so(at, query) -> None:
    assert asked(at, **query).status_code in (400, 404)
    assert asked(at, **query).status_code == 400 or "on" in query

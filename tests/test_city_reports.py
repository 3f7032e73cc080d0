"""Files of the city's assessment: what is in them, native charts and contents, for whom, and large ones as a job."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from common import jobs
from common.models import Job
from kpi.models import Cycle
from reports import building, city_book, tasks
from reports.models import IssuedReport
from tests import city_builders as build
from tests import staffing_builders as staff

pytestmark = pytest.mark.django_db
assert tasks  # the worker's own import: it declares the work


@pytest.fixture
def at():
    made = build.city()
    for name, rating in {"A": 90, "B": 80, "A-1": 90, "A-2": 80, "B-1": 70, "T-1": 95, "T-2": 60}.items():
        build.score(made.cards[2026][name], str(rating))
    return made


def get(at, kind: str, key: object, format: str, who: str = "one"):
    client = Client()
    client.force_login(at.users[who])
    return client.get(reverse("report_download", args=[kind, key, format]))


def book(at, kind: str, key: object, who: str = "one") -> openpyxl.Workbook:
    answer = get(at, kind, key, "xlsx", who)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def texts(sheet) -> list[list]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def pages(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def outline(content: bytes) -> list[str]:
    return [str(each.title) for each in PdfReader(io.BytesIO(content)).outline if not isinstance(each, list)]


def test_the_ranking_in_both_forms(at) -> None:
    rows = texts(book(at, "city-ranking", f"{at.cycle.pk}-park").active)
    head = next(row for row in rows if row[0] == "单位")
    body = [row[:4] for row in rows[rows.index(head) + 1 :] if row[1]]
    assert body == [
        ["C甲一园", 1, "C甲开发区", 91],
        ["C甲二园", 2, "C甲开发区", 82],
        ["C乙一园", 3, "C乙开发区", 73],
    ]
    said = pages(get(at, "city-ranking", f"{at.cycle.pk}-park", "pdf").content)
    assert "2026 年功能园区考核排名表" in said
    assert "2025 年没有考核记录" in said
    assert "91.00" in said


def test_the_table_has_each_line_s_points_and_the_means(at) -> None:
    rows = texts(book(at, "city-table", f"{at.cycle.pk}-park").active)
    head = next(row for row in rows if row[0] == "单位")
    assert head[4:8] == ["指标growth（50）", "指标projects（30）", "指标city-safety（10）", "指标city-party（10）"]
    body = rows[rows.index(head) + 1 :]
    assert [row[3:8] for row in body[:4]] == [
        [91, 45, 27, 10, 9],
        [82, 40, 24, 10, 8],
        [73, 35, 21, 10, 7],
        [82, 40, 24, 10, 8],
    ]
    assert "指标growth" in pages(get(at, "city-table", f"{at.cycle.pk}-park", "pdf").content).replace(" ", "")


def test_the_workbook_has_a_cover_its_sheets_and_native_charts(at) -> None:
    answer = get(at, "city-book", at.cycle.pk, "xlsx")
    found = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert found.sheetnames[0] == "封面"
    assert found.sheetnames[-1] == "数据"
    assert "功能园区排名" in found.sheetnames
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert sum("barChart" in chart for chart in charts) == 3  # a sort each
    assert sum("radarChart" in chart for chart in charts) == 7  # a unit each
    cover = dict(row[:2] for row in texts(found["封面"]) if row[0])
    issued = IssuedReport.objects.get()
    assert cover["出具编号"] == issued.code
    assert cover["内容校验码"] == issued.basis["content"]
    assert cover["截至"] == issued.as_of.isoformat()
    assert len(texts(found["数据"])) >= 7 * 4


def test_the_pdf_has_contents_bookmarks_and_the_same_numbers(at) -> None:
    content = get(at, "city-book", at.cycle.pk, "pdf").content
    assert "功能园区排名" in outline(content)
    assert "属地镇各方面得分率" in outline(content)
    said = pages(content)
    assert "目录" in said
    assert said.count("功能园区排名") >= 2  # in the contents and over its chapter
    assert "91.00" in said
    assert "C甲一园 2026 年各方面得分率" in said.replace("\n", "")


def test_the_letters_of_all_units_are_one_file(at) -> None:
    content = get(at, "city-letters", at.cycle.pk, "pdf").content
    assert [title for title in outline(content) if "责任书" in title] == [
        f"{name} 2026 年目标责任书"
        for name in ("C甲开发区", "C乙开发区", "C甲一园", "C甲二园", "C乙一园", "C东镇", "C西镇")
    ]
    assert "未签" in pages(content)


@pytest.mark.parametrize("kind", ["city-ranking", "city-table", "city-book", "city-letters"])
def test_every_file_can_be_verified_and_a_changed_one_is_not_ours(at, kind) -> None:
    key = f"{at.cycle.pk}-park"
    client = Client()
    client.force_login(at.users["one"])
    for format in ("xlsx", "pdf"):
        content = get(at, kind, key, format).content
        for sent, word in ((content, "出具后没有改动"), (content + b" ", "不是本系统出具")):
            answer = client.post(reverse("verify"), {"file": SimpleUploadedFile("f", sent)})
            assert word in answer.content.decode()


def test_formulas_in_names_stay_text(at) -> None:
    at.units["A-1"].versions.update(short_name='=HYPERLINK("http://x","y")')
    for kind in ("city-ranking", "city-table", "city-book", "city-letters"):
        for sheet in book(at, kind, f"{at.cycle.pk}-park").worksheets:
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_zone_gets_its_own_lines_and_the_others_names_only_after_publishing(at) -> None:
    key = f"{at.cycle.pk}-park"
    assert "C乙一园" not in str([texts(sheet) for sheet in book(at, "city-book", key, who="hr").worksheets])
    at.cycle.published_on, at.cycle.state = dt.date(2026, 11, 1), Cycle.State.PUBLISHED
    at.cycle.save()
    sheets = {sheet.title: str(texts(sheet)) for sheet in book(at, "city-book", key, who="hr").worksheets}
    assert "C乙一园" in sheets["功能园区排名"]
    assert not [title for title, said in sheets.items() if "C乙一园" in said and title != "功能园区排名"]
    assert "C乙一园" not in str(texts(book(at, "city-table", key, who="hr").active))
    assert IssuedReport.objects.filter(issued_by=at.users["hr"]).first().unit == at.units["A"]


@pytest.mark.parametrize("key", ["0", "999999", "x", "-park", "1-city", "9999999999"])
def test_a_key_of_nothing_finds_nothing(at, key) -> None:
    assert get(at, "city-ranking", key, "pdf").status_code == 404


def test_strangers_get_nothing(at) -> None:
    at.users["stranger"] = build.city("D").users["one"]
    at.users["nobody"] = staff.user("nobody")
    for kind in ("city-ranking", "city-table", "city-book", "city-letters"):
        assert get(at, kind, f"{at.cycle.pk}-park", "pdf", "stranger").status_code == 404
        assert get(at, kind, f"{at.cycle.pk}-park", "pdf", "nobody").status_code == 403
    assert not IssuedReport.objects.exists()


def test_a_large_book_is_drawn_by_a_job_once_and_only_its_owner_gets_it(at, monkeypatch, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(city_book, "HEAVY", 3)
    answer = get(at, "city-book", at.cycle.pk, "xlsx")
    job = Job.objects.get()
    assert answer.url == reverse("job", args=[job.pk])
    assert get(at, "city-book", at.cycle.pk, "xlsx").url == answer.url  # asked twice, drawn once
    outcome = building.build(job, jobs.Progress(job))
    assert re.search(IssuedReport.objects.get().code, outcome.note)
    client, other = Client(), Client()
    client.force_login(at.users["one"])
    other.force_login(at.users["two"])
    got = client.get(outcome.url)
    assert "封面" in openpyxl.load_workbook(io.BytesIO(got.content)).sheetnames
    assert other.get(outcome.url).status_code == 404
    # What changed since is another file.
    build.score(at.cards[2026]["B-1"], "75")
    assert get(at, "city-book", at.cycle.pk, "xlsx").url != answer.url

"""Scores given out as a file and taken in again: line by line, all or nothing, no newer value overwritten."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.imports import deeds
from common.models import AuditEntry
from kpi.entry import services
from kpi.entry.scorebook import ACTUAL, CELLS, CODE, FORM, INDICATOR, VERSION, WHO, ScoreImporter
from kpi.models import Line
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_year()


def given_out(client, format="xlsx", **query):
    return client.get(reverse("scores_export", args=[format]), {"kind": "person", **query})


def rows_in(answer) -> list[dict]:
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))[FORM.label]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def book_of(rows: list[dict]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = FORM.label
    book.active.append(list(CELLS))
    for row in rows:
        book.active.append([row.get(column) for column in CELLS])
    book.save(out)
    return out.getvalue()


def importer(at, role="head") -> ScoreImporter:
    user = at.users[role]
    return ScoreImporter(build.access(user), build.actor(user), "scores.xlsx")


def mine(at, rows, name="staff"):
    return [row for row in rows if row[CODE] == at.people[name].staff_no]


@pytest.fixture
def rows(at, client):
    client.force_login(at.users["head"])
    found = rows_in(given_out(client))
    for row in mine(at, found):
        row[ACTUAL] = build.FULL[row[INDICATOR]]
    return found


def test_what_is_given_out_is_taken_in_again(at, rows):
    content = book_of(mine(at, rows))
    report = deeds.preview(content, importer(at))
    assert report.clean
    assert report.written == {"scores": 4}
    assert not Line.objects.filter(actual__isnull=False).exists()  # only looked at
    report = deeds.carry_out(content, importer(at))
    assert report.written == {"scores": 4}
    assert at.cards["staff"].result.score == build.FULL_SCORE
    assert AuditEntry.objects.filter(verb="score").count() == 4
    assert AuditEntry.objects.get(verb="import_scores").after["scores"] == 4
    again = deeds.carry_out(content, importer(at))  # twice changes nothing
    assert (again.clean, again.written) == (True, {"scores": 0})


def test_a_row_left_blank_leaves_what_stands(at, rows):
    services.enter_score(
        line=build.line(at.cards["staff"], "party"), text="77", version=1, by=build.actor(at.users["head"])
    )
    for row in rows:
        row[ACTUAL] = None
    report = deeds.carry_out(book_of(rows), importer(at))
    assert (report.clean, report.written) == (True, {"scores": 0})
    assert build.line(at.cards["staff"], "party").actual == 77


def test_a_value_that_changed_since_is_a_conflict_and_nothing_is_written(at, rows):
    services.enter_score(
        line=build.line(at.cards["staff"], "party"), text="55", version=1, by=build.actor(at.users["head"])
    )
    report = deeds.carry_out(book_of(mine(at, rows)), importer(at))
    (fault,) = report.faults
    assert (fault.column, fault.value) == (ACTUAL, "90")
    assert "导出之后已被" in fault.reason
    assert "改为 55" in fault.reason
    assert [line.indicator.code for line in Line.objects.filter(actual__isnull=False)] == ["party"]


def test_every_wrong_cell_is_named_by_sheet_row_and_column_and_nothing_is_written(at, rows):
    found = mine(at, rows)
    found[0][ACTUAL] = "很多"
    found[1][ACTUAL] = "=1+1"
    found[2][INDICATOR] = "nothing-such"
    found[3][VERSION] = "x"
    found.append({**found[0], ACTUAL: "20"})
    report = deeds.carry_out(book_of(found), importer(at))
    places = {(fault.sheet, fault.row, fault.column) for fault in report.faults}
    assert places == {
        (FORM.label, 2, ACTUAL),
        (FORM.label, 3, ACTUAL),
        (FORM.label, 4, INDICATOR),
        (FORM.label, 5, VERSION),
        (FORM.label, 6, INDICATOR),
    }
    assert not Line.objects.filter(actual__isnull=False).exists()
    assert not AuditEntry.objects.filter(verb="import_scores").exists()


def test_his_own_card_and_another_bureaus_are_refused(at, rows, client):
    own = mine(at, rows, "head")[0] | {ACTUAL: "20"}
    client.force_login(at.users["hr"])
    other = mine(at, rows_in(given_out(client)), "other_head")[0] | {ACTUAL: "20"}
    report = deeds.carry_out(book_of([own, other]), importer(at))
    assert ["不能为自己评分" in report.faults[0].reason, "没有这张评分卡" in report.faults[1].reason] == [True, True]


def test_a_file_of_many_rows_costs_no_more_reads(at, rows, django_assert_max_num_queries):
    found = [row | {ACTUAL: build.FULL[row[INDICATOR]]} for row in mine(at, rows) + mine(at, rows, "colleague")]
    with django_assert_max_num_queries(3 * len(found) + 35):
        deeds.preview(book_of(found), importer(at))


def test_a_name_that_is_a_formula_is_text_in_every_format(at, client):
    at.people["staff"].name = '=HYPERLINK("http://x","y")'
    at.people["staff"].save(update_fields=["name"])
    client.force_login(at.users["head"])
    sheet = openpyxl.load_workbook(io.BytesIO(given_out(client).content))[FORM.label]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    text = given_out(client, "csv").content.decode("utf-8-sig")
    names = {row[WHO] for row in csv.DictReader(io.StringIO(text))}
    assert not [name for name in names if name.startswith("=")]
    assert given_out(client, "exe").status_code == 404


def test_the_head_uploads_looks_and_confirms(at, rows, client):
    file = SimpleUploadedFile("scores.xlsx", book_of(mine(at, rows)))
    check = client.post(reverse("scores_import"), {"file": file}, follow=True)
    shown = check.content.decode()
    assert "完成值 4 项" in shown
    address = check.redirect_chain[-1][0]
    told = {"sha256": check.context["kept"].sha256, "outcome": check.context["report"].outcome}
    for _click in range(2):  # a second click writes nothing twice
        assert client.post(address, told, follow=True).status_code == 200
    assert AuditEntry.objects.filter(verb="score").count() == 4
    client.force_login(at.users["hr"])
    assert client.get(reverse("scores_import")).status_code == 403

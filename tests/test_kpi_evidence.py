"""Evidence: known by its content, served to those who may see the card, withdrawn and never deleted."""

import io
import zipfile

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from common.actors import Actor
from common.models import AuditEntry
from kpi.entry import evidence
from kpi.entry.evidence import add_evidence, withdraw_evidence
from kpi.entry.evidence_files import DOCX, JPEG, PDF, PNG, XLSX, BadFile, clean_name, kind_of
from kpi.models import Evidence
from tests import kpi_builders as build

PDF_FILE = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG_FILE = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 20
JPEG_FILE = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 20 + b"\xff\xd9"
PROGRAM = b"MZ\x90\0\x03" + b"\0" * 200


def workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def packed(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, content)
    return out.getvalue()


WORD = ("[Content_Types].xml", "word/document.xml")


# --- by content and name ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "mime"),
    [(PDF_FILE, PDF), (PNG_FILE, PNG), (JPEG_FILE, JPEG), (workbook(), XLSX), (packed(*WORD), DOCX)],
)
def test_a_file_is_what_its_content_proves(content, mime):
    assert kind_of(content) == mime


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-" + b"0" * 10 * 1024 * 1024, "too_large"),
        (PROGRAM, "program"),
        (b"\x7fELF\x02\x01", "program"),
        (b"#!/bin/sh\nrm -rf /", "program"),
        (b"\xef\xbb\xbf  <SCRIPT>alert(1)</SCRIPT>", "program"),
        (b"<!DOCTYPE html><html>", "program"),
        (b"just text", "unknown"),
        (b"\x89PNG\r\n\x1a\nnot an image at all", "unknown"),
        (b"PK\x03\x04broken", "broken"),
        (packed("a.txt"), "unknown"),
        (packed(*WORD, "word/vbaProject.bin"), "macros"),
        (packed(*WORD, "word/embeddings/setup.exe"), "macros"),
        (packed(*WORD, "../../etc/passwd"), "broken"),
        (packed(*WORD, "xl/workbook.xml"), "unknown"),
    ],
)
def test_whatever_else_is_refused_by_its_reason(content, code):
    with pytest.raises(BadFile) as refused:
        kind_of(content)
    assert refused.value.code == code


def test_a_bomb_is_not_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in (*WORD, "a", "b", "c"):
            file.writestr(name, b"\0" * 50 * 1024 * 1024)
    with pytest.raises(BadFile, match="broken"):
        kind_of(out.getvalue())


@pytest.mark.parametrize(
    ("name", "mime", "clean"),
    [
        ("完成情况.pdf", PDF, "完成情况.pdf"),
        ("C:\\资料\\表 1.XLSX", XLSX, "表 1.XLSX"),
        ("../../照片.jpeg", JPEG, "照片.jpeg"),
        ("v1.2 汇总.docx", DOCX, "v1.2 汇总.docx"),
    ],
)
def test_a_name_keeps_no_path(name, mime, clean):
    assert clean_name(name, mime) == clean


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name"),
        (".pdf", "name"),
        ("a" * 120 + ".pdf", "name"),
        ("发票\u202efdp.exe", "name"),
        ("发\u200b票.pdf", "name"),
        ("发票\n.pdf", "name"),
        ("发票\0.pdf", "name"),
        ("发票.pdf.exe", "program"),
        ("发票.exe.pdf", "program"),
        ("发票.html.pdf", "program"),
        ("发票.png", "extension"),
        ("发票", "extension"),
    ],
)
def test_a_name_that_misleads_is_refused(name, code):
    with pytest.raises(BadFile) as refused:
        clean_name(name, PDF)
    assert refused.value.code == code


# --- on file ------------------------------------------------------------------------------------------


@pytest.fixture
def at(db):
    return build.small_year()


def put(at, name="完成情况.pdf", content=PDF_FILE, role="head", card="bureau", code="party"):
    return add_evidence(
        line=build.line(at.cards[card], code), name=name, content=content, by=build.actor(at.users[role])
    )


def test_a_file_is_kept_with_its_checksum_and_leaves_an_entry_without_its_content(at):
    row = put(at)
    row.refresh_from_db()
    assert (row.mime, row.size, bytes(row.content), row.added_by) == (PDF, len(PDF_FILE), PDF_FILE, at.users["head"])
    entry = AuditEntry.objects.get(verb="add_evidence")
    assert entry.after["sha256"] == row.sha256
    assert "content" not in entry.after


def test_a_program_called_pdf_is_refused_with_its_sentence(at):
    with pytest.raises(ValidationError) as refused:
        put(at, "成绩单.pdf", PROGRAM)
    assert refused.value.message_dict == {"file": ["「成绩单.pdf」是程序或脚本，不能作为佐证材料"]}
    assert not Evidence.objects.exists()


def test_the_same_file_again_is_refused_kindly_and_may_come_back_once_withdrawn(at):
    row = put(at)
    with pytest.raises(ValidationError, match=r"已在本项下：完成情况\.pdf"):
        put(at, "另一个名字.pdf")
    assert put(at, code="safety").pk  # under another line it may stand too
    by = build.actor(at.users["head"])
    withdraw_evidence(evidence=row, by=by)
    withdraw_evidence(evidence=row, by=by)
    assert AuditEntry.objects.filter(verb="withdraw_evidence").count() == 1
    assert put(at).pk != row.pk
    assert Evidence.objects.filter(line=row.line).count() == 2


def test_a_card_takes_no_more_than_its_share(at, monkeypatch):
    monkeypatch.setattr(evidence, "CARD_BYTES", 2 * len(PDF_FILE) + 1)
    put(at)
    put(at, content=PDF_FILE + b"2")
    with pytest.raises(ValidationError, match="请先撤回不用的"):
        put(at, content=PDF_FILE + b"3")


@pytest.mark.parametrize("role", ["other_head", "staff", "hr", "leader", "finance"])
def test_only_who_scores_the_card_adds_to_it(at, role):
    with pytest.raises(ValidationError, match="由评分人"):
        put(at, role=role)


@pytest.mark.parametrize("state", ["published", "closed"])
def test_a_year_that_is_over_takes_no_files_and_gives_none_up(at, state):
    row = put(at)
    build.ended(at.cycle, state)
    with pytest.raises(ValidationError):
        put(at, content=PDF_FILE + b"2")
    with pytest.raises(ValidationError):
        withdraw_evidence(evidence=row, by=Actor.command("test"))


@pytest.mark.parametrize(
    "change",
    [
        "delete from kpi_evidence",
        "update kpi_evidence set content = 'x'",
        "update kpi_evidence set name = 'x'",
        "update kpi_evidence set withdrawn_at = now(), sha256 = 'x'",
    ],
)
def test_raw_sql_neither_deletes_nor_changes_a_file(at, change):
    put(at)
    with pytest.raises(IntegrityError, match="只能撤回"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


# --- pages --------------------------------------------------------------------------------------------


def upload(client, at, name, content, code="party"):
    url = reverse("line_evidence", args=[build.line(at.cards["bureau"], code).pk])
    return client.post(url, {"file": SimpleUploadedFile(name, content, "application/pdf")})


def test_the_head_uploads_and_takes_back(at, client):
    client.force_login(at.users["head"])
    assert upload(client, at, "完成情况.pdf", PDF_FILE).status_code == 302
    refused = upload(client, at, "坏.pdf", PROGRAM)
    assert refused.status_code == 400
    assert "是程序或脚本" in refused.content.decode()
    row = Evidence.objects.defer("content").get()
    assert "佐证 1" in client.get(reverse("scorecard", args=[at.cards["bureau"].pk])).content.decode()
    client.post(reverse("evidence_withdraw", args=[row.pk]))
    row.refresh_from_db()
    assert row.withdrawn_at
    assert "撤回" in client.get(reverse("line_evidence", args=[row.line_id])).content.decode()


def test_who_adds_no_file_is_told_why_where_there_is_no_form(at, client):
    client.force_login(at.users["hr"])
    refused = upload(client, at, "完成情况.pdf", PDF_FILE)
    assert "由评分人" in client.get(refused["Location"]).content.decode()
    assert not Evidence.objects.exists()


def test_a_file_is_served_as_an_attachment_to_those_who_see_the_card(at, client):
    row = put(at, "<b>=1+1.pdf")
    url = reverse("evidence_file", args=[row.pk])
    for role, status in (("head", 200), ("hr", 200), ("leader", 200), ("staff", 404), ("other_head", 404)):
        client.force_login(at.users[role])
        answer = client.get(url)
        assert answer.status_code == status, role
    client.force_login(at.users["hr"])
    answer = client.get(url)
    assert answer.content == PDF_FILE
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", PDF)
    assert "no-store" in answer["Cache-Control"]
    assert "<b>" not in client.get(reverse("line_evidence", args=[row.line_id])).content.decode()
    assert client.post(reverse("evidence_withdraw", args=[row.pk])).status_code == 403
    other = build.small_year(code="XX")
    client.force_login(other.users["hr"])
    for address in (url, reverse("line_evidence", args=[row.line_id])):
        assert client.get(address).status_code == 404
    assert client.post(reverse("evidence_withdraw", args=[row.pk])).status_code == 404


def test_the_same_over_rest(at, client):
    client.force_login(at.users["head"])
    line = build.line(at.cards["bureau"], "party")
    url = f"/api/v1/scorecards/{at.cards['bureau'].pk}/lines/{line.pk}/evidence/"
    made = client.post(url, {"file": SimpleUploadedFile("完成情况.pdf", PDF_FILE)})
    assert made.status_code == 201, made.content
    refused = client.post(url, {"file": SimpleUploadedFile("完成情况.pdf", PROGRAM)})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "program"
    (listed,) = client.get(url).json()
    assert listed["sha256"] == made.json()["sha256"]
    assert "content" not in listed
    base = f"/api/v1/scorecards/{at.cards['bureau'].pk}/evidence/{listed['id']}/"
    assert client.get(base).content == PDF_FILE
    other = f"/api/v1/scorecards/{at.cards['other_bureau'].pk}/evidence/{listed['id']}/"
    assert client.get(other).status_code == 404
    assert client.post(f"{base}withdraw/").json()["withdrawn_at"]
    client.force_login(at.users["staff"])
    assert client.get(url).status_code == 404

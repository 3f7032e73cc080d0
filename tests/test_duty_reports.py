"""The responsibility lists and the handover protocol as files: what they say, to whom, and that text stays text."""

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from orgchart import transfers as services
from tests import duty_builders as duty

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return duty.world()


@pytest.fixture
def fetch(at, client):
    def fetch(who: str, kind: str, key: str, format: str, status: int = 200, **params) -> bytes:
        client.force_login(at.users[who])
        answer = client.get(reverse("report_download", args=[kind, key, format]), params)
        assert answer.status_code == status
        return answer.content

    return fetch


def cells(content: bytes) -> list[list[str]]:
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    return [[str(cell.value) for cell in row if cell.value is not None] for row in sheet.iter_rows()]


def words(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_the_lists_side_by_side(at, fetch):
    duty.moved(at, starts=dt.date(2021, 1, 1))
    rows = cells(fetch("office", "responsibility-lists", "YZ", "xlsx"))
    head = next(row for row in rows if row[:2] == ["类别", "职责"])
    assert head[2:] == ["YZ经开区（开发区）", "YZ化工园（功能园区）", "YZ青山镇（属地镇）"]
    assert ["社会事务", "公共服务", "本单位（YZ化工园）"] in rows
    assert ["合计", "1 项", "0 项", "2 项"] in rows
    text = words(fetch("office", "responsibility-lists", "YZ", "pdf", on="2020-06-30"))
    assert "YZ-P-B5" in text
    assert "2020-06-30" in text


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("town_hr", 404), ("auditor", 200)])
def test_who_may_have_the_lists(at, fetch, who, status):
    fetch(who, "responsibility-lists", "YZ", "xlsx", status)


@pytest.mark.parametrize("format", ["xlsx", "pdf"])
def test_the_protocol_with_signatures_and_disputes_as_of_its_day(at, fetch, format):
    with duty.today(dt.date(2026, 2, 1)):
        row = duty.started(at, note="=HYPERLINK(1)")
        dispute = services.raise_dispute(transfer=row, side="taker", text="经费不足", by=at.by["town_hr"])
    with duty.today(dt.date(2026, 2, 10)):
        services.settle_dispute(dispute=dispute, settlement="补足两万元", by=at.by["office"])
        duty.sign(at, row, "giver", "park_hr")

    def said(**params) -> str:
        content = fetch("town_hr", "duty-transfer", row.code, format, **params)
        return words(content) if format == "pdf" else "\n".join("\t".join(each) for each in cells(content))

    text = said(on="2026-02-10")
    for part in ("职责移交书", "公共服务", "120,000.50", "42", "park-hr", "补足两万元", "移交中"):
        assert part in text
    before = said(on="2026-02-09")
    assert "park-hr" not in before
    assert "未处理" in before
    assert "逾期 1 天" in said(on="2026-07-01").replace("\n", "")


def test_a_text_that_looks_like_a_formula_stays_text(at, fetch):
    row = duty.started(at, note="=HYPERLINK(1)")
    book = openpyxl.load_workbook(BytesIO(fetch("park_hr", "duty-transfer", row.code, "xlsx")))
    cell = next(cell for line in book.active.iter_rows() for cell in line if cell.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"


def test_the_protocol_is_no_strangers(at, fetch):
    row = duty.started(at)
    fetch("stranger", "duty-transfer", row.code, "pdf", 404)
    fetch("park_hr", "duty-transfer", "none", "pdf", 404)

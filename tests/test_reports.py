"""Reports: one dataset in two forms, sums that hold in both, and files that can be told from made-up ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from common.access import Access
from common.actors import Actor
from pay import services
from reports import allocation_plan, pdf, pool_determination, xlsx
from reports.models import IssuedReport
from reports.tables import Column, Entry, Form
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
FORM = [
    "部门",
    "部门得分",
    "部门系数",
    "部门权重",
    "部门额度",
    "姓名",
    "岗位",
    "岗位系数",
    "考核等次",
    "等次系数",
    "在岗月数",
    "出勤扣减",
    "应发",
]


@pytest.fixture
def world():
    own = build.small_zone()
    (run,) = services.request_runs(units=[own["zone"]], year=2020, by=Actor.command("test"))
    services.compute(run.pk, by=Actor.command("test"))
    run.refresh_from_db()
    return own | {"run": run}


def client_for(role: str, unit) -> Client:
    client = Client()
    client.force_login(build.granted(role, role, unit))
    return client


def fetch(client: Client, kind: str, run, format: str) -> bytes:
    response = client.get(reverse("report_download", args=[kind, run.pk, format]))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    return response.content


def cells(content: bytes) -> list[list]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(BytesIO(content)).active.iter_rows()]


def test_the_workbook_has_the_forms_columns_and_sums_to_the_fen(world):
    rows = cells(fetch(client_for("finance", world["zone"]), "allocation-plan", world["run"], "xlsx"))
    head = next(row for row in rows if row[0] == "部门")
    assert head[: len(FORM)] == FORM
    total = next(row for row in rows if row[0] == "合计")
    assert Decimal(str(total[head.index("应发")])) == world["run"].pool
    body = rows[rows.index(head) + 1 : rows.index(total)]
    assert sum(Decimal(str(row[head.index("应发")])) for row in body) == world["run"].pool
    now, later = head.index("当期发放(60%)"), head.index("递延(40%)")
    assert all(
        Decimal(str(row[now])) + Decimal(str(row[later])) == Decimal(str(row[head.index("应发")])) for row in body
    )


def test_the_pdf_says_the_same(world):
    text = "".join(
        page.extract_text()
        for page in PdfReader(
            BytesIO(fetch(client_for("hr", world["zone"]), "allocation-plan", world["run"], "pdf"))
        ).pages
    )
    assert "1,056,800.00" in text
    for row in world["run"].allocations.all():
        assert f"{row.amount:,.2f}" in text


def test_the_evaluator_gets_bureaus_and_no_people(world):
    city = world["zone"].versions.get().parent
    client = client_for("evaluator", city)
    for format in ("xlsx", "pdf"):
        content = fetch(client, "allocation-plan", world["run"], format)
        if format == "xlsx":
            text = str(cells(content))
        else:
            text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        assert "甲TZ" not in text.replace(" ", "")
        assert "581,552.66" in text or "581552.66" in text


def test_both_depths_of_the_table_sum_alike(world):
    finance = allocation_plan.build(world["run"], Access(build.granted("f", "finance", world["zone"])))
    evaluator = allocation_plan.build(world["run"], Access(build.granted("e", "evaluator", world["zone"])))
    for key in ("share", "current", "deferred"):
        assert finance.totals[key] == evaluator.totals[key]
    assert finance.totals["current"] + finance.totals["deferred"] == world["run"].pool


def test_the_pool_table_reads_the_trace(world):
    report = pool_determination.build([world["run"]], 2020)
    (row,) = report.rows
    assert (row["growth_tax"], row["growth_budget"], row["growth_gdp"]) == (
        Decimal("0.1"),
        Decimal("0.05"),
        Decimal("0.03"),
    )
    assert row["pool"] == Decimal("1056800.00")
    assert row["link"] == Decimal("1.0568")


def test_text_in_a_cell_is_never_a_formula(world):
    person = world["people"]["p2"]
    person.name = '=HYPERLINK("http://example.com","x")'
    person.save()
    report = allocation_plan.build(world["run"], Access(build.granted("f", "finance", world["zone"])))
    sheet = openpyxl.load_workbook(BytesIO(xlsx.render(report, code="X"))).active
    found = [cell for row in sheet.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert [cell.data_type for cell in found] == ["s"]


def test_a_name_with_markup_stays_text_in_the_pdf(world):
    person = world["people"]["p2"]
    person.name = '#text("x")[$1$]'
    person.save()
    content = fetch(client_for("finance", world["zone"]), "allocation-plan", world["run"], "pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert '#text("x")[$1$]' in text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(("kind", "format"), [("nothing", "xlsx"), ("allocation-plan", "exe")])
def test_what_is_no_report_is_not_there(world, kind, format):
    client = client_for("finance", world["zone"])
    assert client.get(f"/reports/{kind}/{world['run'].pk}.{format}").status_code == 404


def test_another_zones_report_is_not_there(world):
    other = build.small_zone("FZ")["zone"]
    client = client_for("finance", other)
    url = reverse("report_download", args=["allocation-plan", world["run"].pk, "xlsx"])
    assert client.get(url).status_code == 404


def test_staff_have_no_reports(world):
    from common.models import User

    person = world["people"]["p2"]
    person.user = User.objects.create_user("p2", password="correct horse battery")
    person.save()
    client = Client()
    client.force_login(person.user)
    assert client.get(reverse("reports")).status_code == 403
    url = reverse("report_download", args=["allocation-plan", world["run"].pk, "xlsx"])
    assert client.get(url).status_code == 404


def test_a_file_is_recognised_until_it_is_changed(world):
    client = client_for("finance", world["zone"])
    content = fetch(client, "pool-determination", world["run"], "xlsx")
    issued = IssuedReport.objects.get()
    assert issued.basis["runs"] == [world["run"].pk]

    def verify(data: bytes) -> str:
        return client.post(reverse("verify"), {"file": SimpleUploadedFile("x.xlsx", data)}).content.decode()

    assert issued.code in verify(content)
    assert "不是本系统出具的文件" in verify(content + b" ")
    assert "不是本系统出具的文件" in verify(b"anything")


def test_a_form_is_drawn_as_people_know_it_and_reads_no_markup():
    form = Form(
        "post-description",
        "岗位说明书",
        "仪征经开区",
        dt.date(2026, 1, 1),
        lines=[
            [Entry("单位名称", "仪征经开区"), Entry("内设机构", "招商局")],
            [Entry("岗位职责", "#set *重大*", tall=3)],
        ],
        tables=[("家庭主要成员", [Column("name", "姓名"), Column("who", "称谓")], [["张三", "父"]])],
    )
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.render(form, code="ABC"))).pages)
    for said in ("岗位说明书", "招商局", "#set *重大*", "张三", "ABC", form.checksum):
        assert said in text.replace("\n", "")

"""Plans over REST and as a file: the whole life, and the 三定 table as it is and as it would be."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client
from pypdf import PdfReader
from rest_framework.test import APIClient

from orgchart.models import Bureau, BureauVersion
from reports.models import IssuedReport
from tests import orgchart_builders as build
from tests import plan_builders as plan

pytestmark = pytest.mark.django_db
NEW = {"unit": "YZ", "name": "科技创新局", "functions": ["science"], "nature": "core", "code": "YZ-TECH"}
DRAFT = {
    "zone": "YZ",
    "title": "机构调整",
    "reason": "聚焦主责主业",
    "effective_on": plan.STARTS.isoformat(),
    "changes": [{"kind": "set_up", "payload": NEW}],
}


@pytest.fixture
def at():
    found = plan.zone(room=1)
    build.function("science")
    return found


def client(actor) -> APIClient:
    made = APIClient()
    made.force_authenticate(actor.user)
    made.force_login(actor.user)
    return made


def send(actor, path: str, body: dict, status: int = 200) -> dict:
    answer = client(actor).post(f"/api/v1/plans/{path}", body, format="json")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_a_plans_whole_life(at):
    made = send(at.drafter, "", DRAFT, 201)
    code = made["code"]
    checked = send(at.drafter, f"{code}/check/", {"version": made["version"]})
    assert (checked["checked_ok"], checked["findings"]) == (True, [])
    step = {"version": made["version"], "decided_on": plan.TODAY.isoformat()}
    send(at.drafter, f"{code}/steps/", step | {"stage": "reviewed"})
    send(at.drafter, f"{code}/steps/", step | {"stage": "decided"}, 403)
    send(at.decider, f"{code}/steps/", step | {"stage": "decided"})
    paper = {"number": "仪编〔2026〕3号", "issued_on": plan.TODAY.isoformat(), "issuer": "市委编委"}
    send(at.decider, f"{code}/approve/", paper | {"version": made["version"]}, 403)
    done = send(at.approver, f"{code}/approve/", paper | {"version": made["version"]})
    assert (done["stage"], done["state"], done["instrument"]) == ("approved", "approved", "仪编〔2026〕3号")
    assert [each["stage"] for each in done["steps"]] == ["draft", "reviewed", "decided", "approved"]
    then = client(at.approver).get(f"/api/v1/plans/{code}/?on={plan.STARTS.isoformat()}").json()
    assert then["state"] == "in_force"
    assert BureauVersion.objects.on(plan.STARTS).filter(bureau__code="YZ-TECH").exists()


def test_a_draft_with_a_change_that_cannot_be_is_not_drafted_at_all(at):
    bad = DRAFT | {"changes": [*DRAFT["changes"], {"kind": "rename", "payload": {"bureau": "XX", "name": "新名"}}]}
    answer = send(at.drafter, "", bad, 400)
    assert [each["field"] for each in answer["errors"]] == ["bureau"]
    assert client(at.drafter).get("/api/v1/plans/").json()["results"] == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_record_is_about_is_refused_at_its_field(at, day):
    answer = send(at.drafter, "", DRAFT | {"effective_on": day}, 400)
    assert [(each["field"], each["detail"]) for each in answer["errors"]] == [
        ("effective_on", "日期须在 1900 年至 2200 年之间")
    ]


def test_a_stale_version_is_refused(at):
    made = send(at.drafter, "", DRAFT, 201)
    change = {"kind": "rename", "payload": {"bureau": "YZ-B1", "name": "招商局"}}
    send(at.drafter, f"{made['code']}/changes/", change | {"version": made["version"]})
    answer = send(at.drafter, f"{made['code']}/changes/", DRAFT["changes"][0] | {"version": made["version"]}, 400)
    assert "您看到的是第 2 版，现为第 3 版" in answer["errors"][0]["detail"]


# --- the form -----------------------------------------------------------------------------------


def download(actor, key: str, kind: str) -> bytes:
    visitor = Client()
    visitor.force_login(actor.user)
    answer = visitor.get(f"/reports/three-fixes/{key}.{kind}")
    assert answer.status_code == 200
    return answer.content


def cells(content: bytes) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value not in (None, "")]


def test_the_form_of_a_unit_as_it_stands(at):
    said = cells(download(at.drafter, "YZ", "xlsx"))
    for label in ("发文机关", "机构规格", "主要职责", "领导职数（正/副）", "施行日期", "内设机构"):
        assert label in said
    assert [each for each in said if each.startswith("YZ-B")] == [f"YZ-B{n}局" for n in range(1, 6)]
    assert "1/0" in said
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(download(at.drafter, "YZ", "pdf"))).pages)
    assert "YZ-B1局" in text.replace(" ", "")
    assert IssuedReport.objects.filter(kind="three-fixes").count() == 2


def test_the_form_of_a_plan_as_it_would_be_leaves_nothing_behind(at):
    row = plan.draft(at, ("set_up", NEW | {"name": "=1+1局"}), ("abolish", {"bureau": "YZ-B2"}))
    said = cells(download(at.drafter, f"plan-{row.code}", "xlsx"))
    assert "=1+1局" in said  # text, and no formula
    assert "YZ-B2局" not in said
    assert f"方案 {row.code} 尚未批复，本表为按方案试行的结果。" in said
    assert not Bureau.objects.filter(code="YZ-TECH").exists()


def test_the_form_of_an_approved_plan_names_its_instrument(at):
    row = plan.approved(at, ("set_up", NEW))
    said = cells(download(at.approver, f"plan-{row.code}", "xlsx"))
    assert {"仪编〔2020〕9号", "市委编委", "科技创新局"} <= set(said)


def test_a_plan_that_cannot_be_carried_out_has_no_form(at):
    row = plan.draft(at, ("abolish", {"bureau": "YZ-B1"}))
    visitor = Client()
    visitor.force_login(at.drafter.user)
    assert visitor.get(f"/reports/three-fixes/plan-{row.code}.pdf").status_code == 404


def ask(actor, method: str, path: str, body: dict, status: int = 200) -> dict:
    answer = getattr(client(actor), method)(f"/api/v1/plans/{path}", body, format="json")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_a_draft_is_edited_change_by_change(at):
    other = {"kind": "rename", "payload": {"bureau": "YZ-B1", "name": "招商促进局"}}
    made = send(at.drafter, "", DRAFT | {"changes": [*DRAFT["changes"], other]}, 201)
    code, (first, second) = made["code"], made["changes"]
    named = ask(at.drafter, "patch", f"{code}/", {"version": made["version"], "title": "机构再调整"})
    assert (named["title"], named["reason"]) == ("机构再调整", DRAFT["reason"])
    stale = {"version": made["version"], "title": "晚到的名称"}
    assert ask(at.drafter, "patch", f"{code}/", stale, 400)["errors"]
    payload = NEW | {"name": "科技局"}
    edited = ask(
        at.drafter, "patch", f"{code}/changes/{first['id']}/", {"version": named["version"], "payload": payload}
    )
    assert edited["changes"][0]["payload"]["name"] == "科技局"
    moved = ask(at.drafter, "post", f"{code}/changes/{second['id']}/move/", {"version": edited["version"], "up": True})
    assert [each["id"] for each in moved["changes"]] == [second["id"], first["id"]]
    left = ask(at.drafter, "delete", f"{code}/changes/{second['id']}/", {"version": moved["version"]})
    assert [each["id"] for each in left["changes"]] == [first["id"]]
    copied = ask(at.drafter, "post", f"{code}/copy/", {"effective_on": plan.STARTS.isoformat()}, 201)
    assert copied["code"] != code
    assert [each["kind"] for each in copied["changes"]] == ["set_up"]


def test_whoever_drafts_no_plans_edits_none_over_rest(at):
    made = send(at.drafter, "", DRAFT, 201)
    change = made["changes"][0]["id"]
    body = {"version": made["version"], "payload": NEW}
    ask(at.approver, "patch", f"{made['code']}/changes/{change}/", body, 403)
    ask(at.approver, "delete", f"{made['code']}/changes/{change}/", {"version": made["version"]}, 403)
    ask(at.drafter, "patch", f"{made['code']}/changes/999999/", body, 404)

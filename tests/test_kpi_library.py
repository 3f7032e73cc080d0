"""The indicator library: added, revised, refused; its worked examples; its pages, files and API."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from knox.models import get_token_model

from common.models import AuditEntry
from kpi.models import Indicator, Scorecard, Signature
from kpi.points import PARAMETERS
from kpi.promise import indicators, worked
from kpi.scoring import UndefinedScore
from tests import kpi_builders as build
from zones.models import Metric

pytestmark = pytest.mark.django_db
TERMS = {
    "code": "new-firms",
    "name": "新增企业",
    "kind": "quantitative",
    "method": "completion",
    "parameters": {"cap": "1.1", "floor": "0.6"},
    "measure": "家",
}


@pytest.fixture
def at():
    return build.small_year()


def refused(deed, **given) -> ValidationError:
    with pytest.raises(ValidationError) as error:
        deed(**given)
    return error.value


def freeze(card: Scorecard, *users) -> None:
    for side, user in zip(("assessor", "assessed"), users, strict=True):
        Signature.objects.create(scorecard=card, side=side, user=user)
    Scorecard.objects.filter(pk=card.pk).update(frozen_at=timezone.now())


class TestService:
    def test_added_with_its_parameters_as_text(self, at):
        by = build.actor(at.users["hr"])
        row = indicators.create_indicator(by=by, **{**TERMS, "parameters": {"cap": Decimal("1.10"), "floor": 0}})
        assert row.parameters == {"cap": "1.10", "floor": "0"}
        assert AuditEntry.objects.get(noun="kpi.indicator", verb="add").user == at.users["hr"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"parameters": {"cap": "1.1"}}, "parameters"),
            ({"parameters": {"cap": "0.5", "floor": "0.6"}}, "parameters"),
            ({"parameters": {"cap": "nan", "floor": "0"}}, "parameters"),
            ({"parameters": {"cap": "1e400", "floor": "0"}}, "parameters"),
            ({"parameters": {"cap": "1.1", "floor": "0.6", "veto": True}}, "parameters"),
            ({"method": "efficacy", "parameters": {"x_min": "5", "x_sat": "5.0"}}, "parameters"),
            ({"method": "flat", "parameters": {**worked.USUAL["flat"], "step_percent": "0"}}, "parameters"),
            ({"method": "ranking", "parameters": {"top": "0.5", "bottom": "0.6"}}, "parameters"),
            ({"direction": "less"}, "direction"),
            ({"method": "efficacy", "parameters": {"x_min": "9", "x_sat": "2"}}, "direction"),
            ({"method": "ranking", "parameters": {"top": "1", "bottom": "0", "less_is_better": True}}, "direction"),
            ({"method": "magic"}, "method"),
            ({"code": "新"}, "code"),
            ({"per": Decimal(0)}, "__all__"),
            ({"reading": "value"}, "__all__"),
        ],
    )
    def test_what_gives_no_points_is_refused_in_words(self, at, changes, field):
        error = refused(indicators.create_indicator, by=build.actor(at.users["hr"]), **{**TERMS, **changes})
        assert field in error.message_dict
        assert not Indicator.objects.filter(name=TERMS["name"]).exists()

    def test_equal_ends_have_their_own_sentence(self, at):
        terms = {**TERMS, "method": "efficacy", "parameters": {"x_min": "5", "x_sat": "5"}}
        error = refused(indicators.create_indicator, by=build.actor(at.users["hr"]), **terms)
        assert error.message_dict["parameters"] == ["最低值与满分值相同，无法按功效系数法计分：两者须不同"]

    def test_less_is_better_where_the_ends_are_swapped(self, at):
        terms = {**TERMS, "method": "efficacy", "direction": "less", "parameters": {"x_min": "9", "x_sat": "2"}}
        assert indicators.create_indicator(by=build.actor(at.users["hr"]), **terms).direction == "less"

    def test_an_unused_one_may_change_its_method(self, at):
        by = build.actor(at.users["hr"])
        row = indicators.create_indicator(by=by, **TERMS)
        changed = indicators.revise_indicator(
            indicator=row, by=by, method="deduction", parameters={"per_event": "1", "veto": False}
        )
        assert (changed.method, changed.parameters) == ("deduction", {"per_event": "1", "veto": False})
        entry = AuditEntry.objects.get(verb="revise")
        assert (entry.before["method"], entry.after["method"]) == ("completion", "deduction")

    def test_said_again_it_changes_nothing(self, at):
        by = build.actor(at.users["hr"])
        row = indicators.create_indicator(by=by, **TERMS)
        indicators.revise_indicator(indicator=row, by=by, seen="long ago", **{**TERMS, "code": row.code})
        assert not AuditEntry.objects.filter(verb="revise").exists()

    def test_of_two_who_saw_the_same_the_second_is_told(self, at):
        by = build.actor(at.users["hr"])
        row = indicators.create_indicator(by=by, **TERMS)
        seen = indicators.stamp(row)
        indicators.revise_indicator(indicator=row, by=by, seen=seen, name="新设企业")
        assert refused(indicators.revise_indicator, indicator=row, by=by, seen=seen, name="企业").code == "stale"

    def test_under_a_signed_card_its_scoring_stays_and_its_name_may_change(self, at):
        row = Indicator.objects.get(code="new-projects")
        by = build.actor(at.users["hr"])
        freeze(at.cards["bureau"], at.users["leader"], at.users["head"])
        error = refused(indicators.revise_indicator, indicator=row, by=by, parameters={"cap": "2", "floor": "0"})
        assert error.code == "KPI-INDICATOR"
        assert indicators.revise_indicator(indicator=row, by=by, name="新签约项目").name == "新签约项目"

    def test_the_database_keeps_it_too(self, at):
        freeze(at.cards["bureau"], at.users["leader"], at.users["head"])
        with (
            pytest.raises(IntegrityError, match="另设代码"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("""update kpi_indicator set parameters = '{"cap": "9", "floor": "0"}'""")
        Indicator.objects.filter(code="new-projects").update(data_source="商务局")


class TestExamples:
    @pytest.mark.parametrize("method", PARAMETERS)
    def test_every_method_has_some(self, method):
        found = worked.examples(method, worked.USUAL[method])
        assert len({each.key for each in found}) == len(found) >= 3
        assert all(each.step.expression for each in found)

    def test_by_hand(self):
        found = {each.key: each.step.value for each in worked.examples("completion", {"cap": "1.2", "floor": "0.7"})}
        assert found == {"below_floor": 0, "floor": 7, "reached": 10, "cap": 12, "above_cap": 12}

    def test_broken_parameters_show_nothing(self):
        with pytest.raises(UndefinedScore):
            worked.examples("efficacy", {"x_min": "1", "x_sat": "1"})

    @given(low=st.decimals(-1000, 1000, places=2), high=st.decimals(-1000, 1000, places=2))
    def test_the_efficacy_example_meets_its_ends(self, low, high):
        if low == high:
            return
        found = {each.key: each.step.value for each in worked.examples("efficacy", {"x_min": low, "x_sat": high})}
        assert (found["x_min"], found["middle"], found["x_sat"]) == (6, 8, 10)


@pytest.fixture
def client_of(at):
    def client_of(who: str) -> Client:
        client = Client()
        client.force_login(at.users[who])
        return client

    return client_of


FORM = {
    "code": "new-firms", "name": "新增企业", "kind": "quantitative", "measure": "家", "direction": "more",
    "method": "completion", "p_cap": "１．１", "p_floor": "0.6", "per": "",
}  # fmt: skip


class TestPages:
    def test_the_list_filters_in_the_address(self, client_of):
        build.indicator("unused-one", name="没人用的")
        page = client_of("hr").get(reverse("indicators"), {"method": "deduction"}).content.decode()
        assert "指标safety" in page
        assert "指标party" not in page
        page = client_of("hr").get(reverse("indicators"), {"used": "0"}).content.decode()
        assert "没人用的" in page
        assert "指标safety" not in page
        assert "没有符合条件的指标" in client_of("hr").get(reverse("indicators"), {"q": "一个也没有"}).content.decode()

    def test_one_shows_how_it_is_scored(self, client_of):
        page = client_of("staff").get(reverse("indicator", args=["new-projects"])).content.decode()
        assert "F17" in page
        assert "10 × min(100 ÷ 100, 1.1)" in page
        assert "修改" not in page

    def test_added_with_full_width_digits(self, client_of):
        done = client_of("hr").post(reverse("indicator_add"), FORM)
        assert done.status_code == 302, done.context["form"].errors
        row = Indicator.objects.get(code="new-firms")
        assert (row.parameters, row.per) == ({"cap": "1.1", "floor": "0.6"}, 1)
        again = client_of("hr").post(reverse("indicator_add"), FORM)
        assert again.status_code == 200
        assert Indicator.objects.filter(code="new-firms").count() == 1

    def test_nothing_typed_is_lost_when_it_is_refused(self, client_of):
        page = client_of("hr").post(reverse("indicator_add"), {**FORM, "p_cap": "0.1"}).content.decode()
        assert "上限不能低于下限" in page
        assert 'value="0.1"' in page
        assert "新增企业" in page

    def test_only_the_parameters_of_the_method(self, client_of):
        page = client_of("hr").get(reverse("indicator_parameters"), {"method": "efficacy"}).content.decode()
        assert "p_x_min" in page
        assert "p_cap" not in page
        assert client_of("staff").get(reverse("indicator_parameters")).status_code == 403

    def test_a_stale_page_is_not_saved_over_a_newer_one(self, at, client_of):
        row = indicators.create_indicator(by=build.actor(at.users["hr"]), **TERMS)
        seen = indicators.stamp(row)
        indicators.revise_indicator(indicator=row, by=build.actor(at.users["evaluator"]), name="别人改的名")
        page = client_of("hr").post(
            reverse("indicator_edit", args=[row.code]), {**FORM, "name": "我的名", "seen": seen}
        )
        assert "刚被他人修改" in page.content.decode()
        row.refresh_from_db()
        assert row.name == "别人改的名"

    def test_a_name_is_text(self, at, client_of):
        indicators.create_indicator(by=build.actor(at.users["hr"]), **{**TERMS, "name": "<script>alert(1)</script>"})
        page = client_of("hr").get(reverse("indicators")).content.decode()
        assert "<script>alert(1)" not in page

    @pytest.mark.parametrize("who", ["staff", "head", "leader", "finance"])
    def test_others_only_look(self, client_of, who):
        assert client_of(who).get(reverse("indicators")).status_code == 200
        for name, args in (("indicator_add", []), ("indicator_edit", ["safety"]), ("indicators_import", [])):
            assert client_of(who).post(reverse(name, args=args), FORM).status_code == 403


def sheet(content: bytes) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)


def upload(client: Client, name: str, content: bytes, file: str = "t.csv"):
    sent = client.post(reverse(name), {"file": SimpleUploadedFile(file, content)})
    assert sent.status_code == 302, sent.context["form"].errors
    return sent["Location"], client.get(sent["Location"])


class TestFiles:
    def test_what_is_exported_reads_back_unchanged(self, client_of):
        Metric.objects.create(code="tax", name="税收", measure="yuan")
        client = client_of("hr")
        book = client.get(reverse("indicators_export", args=["xlsx"])).content
        assert sheet(book)[0][0] == "指标代码"
        _address, page = upload(client, "indicators_import", book, "library.xlsx")
        assert page.context["report"].nothing, page.context["report"]

    def test_a_line_is_added_and_one_revised_then_written_once(self, client_of):
        client = client_of("hr")
        text = (
            "指标代码,指标名称,指标性质,计分方法,上限,下限,每次扣分,一票否决\n"
            "firms,新增企业,定量,完成率法,1.2,0.5,,\n"
            "party,党建工作,定性,测评,,,,\n"
        )
        address, page = upload(client, "indicators_import", text.encode())
        report = page.context["report"]
        assert (report.counts, report.faults) == ({"new": 1, "changed": 1}, [])
        told = {"sha256": page.context["kept"].sha256, "outcome": report.outcome}
        assert not Indicator.objects.filter(code="firms").exists()
        assert client.post(address, told).status_code == 302
        assert client.post(address, told).status_code == 302
        assert Indicator.objects.get(code="firms").parameters == {"cap": "1.2", "floor": "0.5"}
        assert Indicator.objects.get(code="party").name == "党建工作"
        assert AuditEntry.objects.filter(noun="kpi.indicator", verb="add").count() == 1

    @pytest.mark.parametrize(
        ("line", "column", "words"),
        [
            ("firms,新增企业,定量,完成率法,1.2,,,", "", "下限"),
            ("firms,新增企业,定量,完成率法,1.2,0.5,3,", "", "没有参数"),
            ("firms,新增企业,定量,魔法,1.2,0.5,,", "计分方法", "须为"),
            ("firms,新增企业,定量,完成率法,1e400,0.5,,", "上限", "科学计数法"),
            ("新,新增企业,定量,完成率法,1.2,0.5,,", "指标代码", "英文字母"),
        ],
    )
    def test_a_bad_line_is_named_and_nothing_is_written(self, client_of, line, column, words):
        text = f"指标代码,指标名称,指标性质,计分方法,上限,下限,每次扣分,一票否决\nok,好的,定量,完成率法,1,0,,\n{line}\n"
        _address, page = upload(client_of("hr"), "indicators_import", text.encode())
        (fault,) = page.context["report"].faults
        assert fault.row == 3
        assert words in fault.reason
        assert column in fault.column
        assert not Indicator.objects.filter(code="ok").exists()

    def test_no_cell_becomes_a_formula(self, at, client_of):
        indicators.create_indicator(by=build.actor(at.users["hr"]), **{**TERMS, "name": "=1+1", "measure": "@x"})
        rows = sheet(client_of("hr").get(reverse("indicators_export", args=["xlsx"]), {"q": "=1"}).content)
        assert rows[1][1] == "'=1+1"


class TestApi:
    @pytest.fixture
    def api(self, at):
        def api(who: str, *scopes: str) -> Client:
            _row, token = get_token_model().objects.create(at.users[who], scopes=list(scopes) or ["*:read", "*:write"])
            return Client(headers={"Authorization": f"Token {token}"})

        return api

    def send(self, client: Client, method: str, path: str, body: dict):
        return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")

    def test_added_and_changed(self, api):
        made = self.send(api("hr"), "post", "indicators/", TERMS)
        assert made.status_code == 201, made.content
        changed = self.send(
            api("evaluator"), "patch", "indicators/new-firms/", {"name": "企业", "seen": made.json()["stamp"]}
        )
        assert (changed.status_code, changed.json()["name"]) == (200, "企业")
        stale = self.send(api("hr"), "patch", "indicators/new-firms/", {"name": "乙", "seen": made.json()["stamp"]})
        assert (stale.status_code, stale.json()["errors"][0]["code"]) == (400, "stale")

    def test_refused_with_a_code(self, api):
        answer = self.send(
            api("hr"), "post", "indicators/", {**TERMS, "method": "efficacy", "parameters": {"x_min": 1, "x_sat": 1}}
        )
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "parameters")
        assert self.send(api("staff"), "post", "indicators/", TERMS).status_code == 403
        assert self.send(api("hr", "indicator:read"), "post", "indicators/", TERMS).status_code == 403

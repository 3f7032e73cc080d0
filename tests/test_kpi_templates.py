"""Templates: weights of 100, edited like a sheet, copied, as files and over REST; a city's are not a zone's."""

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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from knox.models import get_token_model

from common.models import AuditEntry
from kpi.models import Template, TemplateLine
from kpi.promise import templates
from kpi.promise.templates import Item
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_year()


def items(*weights: str) -> list[Item]:
    return [Item(build.indicator(f"i{n}"), Decimal(weight), "经济") for n, weight in enumerate(weights)]


def make(at, *weights: str, by: str = "hr", **changes) -> Template:
    given = {"holder": at.zone.unit, "code": "bureaus", "name": "部门模板", "subject": "bureau", **changes}
    return templates.create_template(items=items(*(weights or ("60", "40"))), by=build.actor(at.users[by]), **given)


class TestService:
    def test_made_with_all_its_lines(self, at):
        row = make(at, "60", "25.5", "14.5")
        assert list(row.lines.values_list("sequence", "weight")) == [
            (1, Decimal(60)),
            (2, Decimal("25.5")),
            (3, Decimal("14.5")),
        ]
        assert AuditEntry.objects.get(noun="kpi.template").after["lines"][1] == ["i1", "经济", "25.5"]

    @pytest.mark.parametrize(
        ("weights", "words"), [(("60", "39.9"), "合计 99.9，还差 0.1"), (("60", "40.1"), "合计 100.1，超出 0.1")]
    )
    def test_the_refusal_says_by_how_much(self, at, weights, words):
        with pytest.raises(ValidationError, match=words) as error:
            make(at, *weights)
        assert error.value.code == "KPI-TEMPLATE-WEIGHTS"
        assert not Template.objects.exists()

    def test_the_database_refuses_it_at_commit(self, at):
        row = make(at)
        with pytest.raises(IntegrityError, match="100"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update kpi_templateline set weight = 39.9 where template_id = %s and weight = 40", [row.pk])
            cursor.execute("set constraints all immediate")

    @pytest.mark.parametrize("subject", ["zone", "park", "town"])
    def test_a_zones_templates_are_of_bureaus_and_people(self, at, subject):
        with pytest.raises(ValidationError) as error:
            make(at, subject=subject)
        assert "subject" in error.value.message_dict
        with pytest.raises(IntegrityError, match="市的模板"), transaction.atomic():
            Template.objects.create(holder=at.zone.unit, code="x", name="x", subject=subject)

    def test_the_same_code_twice_at_one_holder(self, at):
        make(at)
        with pytest.raises(ValidationError):
            make(at)
        assert Template.objects.count() == 1
        assert make(at, holder=at.zone.city, subject="park", by="evaluator").code == "bureaus"

    def test_saved_as_the_sheet_has_it(self, at):
        row = make(at, "60", "40")
        kept = row.lines.get(indicator__code="i0").pk
        new = Item(build.indicator("fresh"), Decimal(30), "民生")
        templates.save_template(
            template=row,
            items=[new, Item(build.indicator("i0"), Decimal(70))],
            name="新名",
            seen=templates.stamp(row),
            by=build.actor(at.users["hr"]),
        )
        assert list(row.lines.values_list("indicator__code", "sequence", "weight", "group")) == [
            ("fresh", 1, Decimal(30), "民生"),
            ("i0", 2, Decimal(70), ""),
        ]
        assert row.lines.get(indicator__code="i0").pk == kept

    def test_posted_twice_it_is_written_once_and_a_stale_one_not_at_all(self, at):
        row = make(at)
        seen, by = templates.stamp(row), build.actor(at.users["hr"])
        for _again in range(2):
            templates.save_template(template=row, items=items("50", "50"), name="部门模板", seen=seen, by=by)
        assert AuditEntry.objects.filter(noun="kpi.template", verb="revise").count() == 1
        with pytest.raises(ValidationError) as error:
            templates.save_template(template=row, items=items("10", "90"), name="部门模板", seen=seen, by=by)
        assert error.value.code == "stale"

    @given(st.lists(st.integers(1, 5000), min_size=1, max_size=12))
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_a_copy_has_the_same_weights(self, at, parts):
        """Weights in hundredths that sum to 100 in whatever way: the copy is the same sheet."""
        parts = [*parts, 10_000 - sum(parts)] if sum(parts) < 10_000 else [10_000]
        with transaction.atomic():
            row = make(at, *(str(Decimal(part).scaleb(-2)) for part in parts), code="from")
            copy = templates.copy_template(
                template=row, holder=at.zone.unit, code="to", name="副本", by=build.actor(at.users["hr"])
            )
            facts = ("indicator", "group", "sequence", "weight")
            assert list(copy.lines.values_list(*facts)) == list(row.lines.values_list(*facts))
            assert sum(copy.lines.values_list("weight", flat=True)) == 100
            transaction.set_rollback(True)


@pytest.fixture
def client_of(at):
    def client_of(who: str) -> Client:
        client = Client()
        client.force_login(at.users[who])
        return client

    return client_of


def form(*weights: str, **more) -> dict:
    for n in range(len(weights)):
        build.indicator(f"i{n}")
    return {
        "holder": "YZ", "code": "staff", "subject": "person", "name": "个人模板",
        "group": ["工作"] * len(weights) + [""],
        "indicator": [f"i{n}" for n in range(len(weights))] + [""],
        "weight": [*weights, ""],
        **more,
    }  # fmt: skip


class TestPages:
    def test_a_sheet_is_saved_full_width_digits_and_all(self, client_of):
        done = client_of("hr").post(reverse("card_template_add"), form("６０", "40"))
        assert done.status_code == 302, done.content.decode()
        row = Template.objects.get()
        assert [line.weight for line in row.lines.all()] == [60, 40]
        page = client_of("leader").get(reverse("card_template", args=[row.pk])).content.decode()
        assert "指标i1" in page
        assert "个人模板" in client_of("staff").get(reverse("card_templates")).content.decode()

    def test_at_99_9_it_says_so_and_keeps_what_was_typed(self, client_of):
        page = client_of("hr").post(reverse("card_template_add"), form("60", "39.9")).content.decode()
        assert "权重合计 99.9，还差 0.1，须为 100" in page
        assert 'value="39.9"' in page
        assert 'value="个人模板"' in page

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"weight": ["NaN", "40", ""]}, "不是有效的数值"),
            ({"weight": ["1e400", "40", ""]}, "科学计数法"),
            ({"weight": ["0", "100", ""]}, "大于 0"),
            ({"weight": ["60.001", "40", ""]}, "小数最多 2 位"),
            ({"indicator": ["nothing", "i1", ""]}, "指标库中没有"),
            ({"indicator": ["i1", "指标i1", ""]}, "出现两次"),
            ({"indicator": [""], "weight": [""], "group": [""]}, "至少填写一项"),
            ({"subject": "park"}, "开发区的模板"),
            ({"holder": "NOWHERE"}, "NOWHERE"),
            ({"group": ["工"] * 101, "indicator": ["i0"] * 101, "weight": ["1"] * 101}, "最多 100 行"),
        ],
    )
    def test_bad_input_gets_its_answer(self, client_of, changes, words):
        page = client_of("hr").post(reverse("card_template_add"), {**form("60", "40"), **changes})
        assert page.status_code == 200
        assert words in page.content.decode()
        assert not Template.objects.exists()

    def test_a_stale_page_is_not_saved_over_a_newer_one(self, at, client_of):
        row = make(at)
        seen = templates.stamp(row)
        templates.save_template(template=row, items=items("10", "90"), name="新", by=build.actor(at.users["hr"]))
        page = client_of("hr").post(reverse("card_template_edit", args=[row.pk]), form("50", "50", seen=seen))
        assert "刚被他人修改" in page.content.decode()
        assert row.lines.first().weight == 10

    def test_copied_for_the_same_kind_of_holder(self, at, client_of):
        row = make(at)
        told = {"holder": "YZ", "code": "again", "name": "再来一份"}
        assert client_of("hr").post(reverse("card_template_copy", args=[row.pk]), told).status_code == 302
        assert Template.objects.get(code="again").lines.count() == 2
        assert client_of("evaluator").get(reverse("card_template_copy", args=[row.pk])).status_code == 404

    def test_another_zones_is_not_there(self, at, client_of):
        there = build.small_year(code="XX")
        row = make(there, holder=there.zone.unit)
        for name in ("card_template", "card_template_edit", "card_template_copy"):
            assert client_of("hr").get(reverse(name, args=[row.pk])).status_code == 404
        page = client_of("hr").post(reverse("card_template_add"), form("60", "40", holder="XX"))
        assert page.status_code == 200
        assert not Template.objects.filter(code="staff").exists()

    def test_the_evaluator_keeps_the_citys_and_hr_the_zones(self, at, client_of):
        city = make(at, holder=at.zone.city, subject="park", by="evaluator")
        zone = make(at)
        assert client_of("evaluator").get(reverse("card_template_edit", args=[city.pk])).status_code == 200
        assert client_of("evaluator").get(reverse("card_template_edit", args=[zone.pk])).status_code == 404
        assert client_of("hr").get(reverse("card_template_edit", args=[city.pk])).status_code == 404
        assert client_of("staff").get(reverse("card_template_edit", args=[zone.pk])).status_code == 403


def upload(client: Client, content: bytes, file: str = "t.csv"):
    sent = client.post(reverse("card_templates_import"), {"file": SimpleUploadedFile(file, content)})
    return sent["Location"], client.get(sent["Location"])


HEAD = "使用单位,模板代码,模板名称,对象,一级指标,指标代码,指标名称,权重\n"


class TestFiles:
    def test_what_is_exported_reads_back_unchanged(self, at, client_of):
        make(at, "60", "25.5", "14.5")
        client = client_of("hr")
        book = client.get(reverse("card_templates_export", args=["xlsx"])).content
        rows = list(openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].values)
        assert rows[2][:8] == ("YZ", "bureaus", "部门模板", "单位对部门", "经济", "i1", "指标i1", 25.5)
        _address, page = upload(client, book, "templates.xlsx")
        assert page.context["report"].nothing, page.context["report"]

    def test_a_whole_template_at_once(self, at, client_of):
        items("60", "40")
        text = HEAD + "YZ,two,两项,部门对个人,工作,i0,,60\nYZ,two,两项,部门对个人,工作,i1,指标i1,40\n"
        address, page = upload(client_of("hr"), text.encode())
        report = page.context["report"]
        assert report.clean, report.faults
        told = {"sha256": page.context["kept"].sha256, "outcome": report.outcome}
        for _again in range(2):
            assert client_of("hr").post(address, told).status_code == 302
        assert Template.objects.get(code="two").lines.count() == 2

    @pytest.mark.parametrize(
        ("lines", "words"),
        [
            ("YZ,two,两项,部门对个人,,i0,,60\nYZ,two,两项,部门对个人,,i1,,39.9\n", "还差 0.1"),
            ("YZ,two,两项,部门对个人,,i0,,60\nYZ,two,两项,部门对个人,,i0,,40\n", "出现两次"),
            ("YZ,two,两项,部门对个人,,i0,,60\nYZ,two,三项,部门对个人,,i1,,40\n", "须一致"),
            ("YIZHENG,two,两项,市对园区,,i0,,100\n", "不能管理它的模板"),
            ("YZ,two,两项,市对园区,,i0,,100\n", "开发区的模板"),
            ("YZ,two,两项,部门对个人,,none,,100\n", "没有这个代码"),
        ],
    )
    def test_a_bad_one_is_named_and_nothing_is_written(self, at, client_of, lines, words):
        items("60", "40")
        _address, page = upload(client_of("hr"), (HEAD + lines).encode())
        faults = page.context["report"].faults
        assert faults
        assert words in faults[0].reason
        assert not Template.objects.exists()


class TestApi:
    @pytest.fixture
    def api(self, at):
        def api(who: str) -> Client:
            _row, token = get_token_model().objects.create(at.users[who], scopes=["*:read", "*:write"])
            return Client(headers={"Authorization": f"Token {token}"})

        return api

    def body(self, *weights: str, **more) -> dict:
        items(*weights)
        lines = [{"indicator": f"i{n}", "weight": weight, "group": "经济"} for n, weight in enumerate(weights)]
        return {"holder": "YZ", "code": "api", "name": "接口模板", "subject": "bureau", "lines": lines, **more}

    def send(self, client: Client, method: str, path: str, body: dict):
        return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")

    def test_made_and_put_anew(self, api):
        made = self.send(api("hr"), "post", "templates/", self.body("60", "40"))
        assert made.status_code == 201, made.content
        said = made.json()
        path = f"templates/{said['id']}/"
        put = self.send(api("hr"), "put", path, {**self.body("30", "70"), "seen": said["stamp"]})
        assert put.status_code == 200, put.content
        assert [line["weight"] for line in put.json()["lines"]] == ["30.00", "70.00"]
        stale = self.send(api("hr"), "put", path, {**self.body("20", "80"), "seen": said["stamp"]})
        assert stale.json()["errors"][0]["code"] == "stale"

    def test_refused_with_the_rules_id(self, api):
        answer = self.send(api("hr"), "post", "templates/", self.body("60", "39.9"))
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "KPI-TEMPLATE-WEIGHTS")

    def test_a_foreign_holder_is_not_there(self, api):
        build.small_year(code="XX")
        assert self.send(api("hr"), "post", "templates/", self.body("100", holder="XX")).status_code == 404
        assert self.send(api("staff"), "post", "templates/", self.body("100")).status_code == 403
        assert TemplateLine.objects.count() == 0

"""Pages, files and API of letters: the list, the sheet, signing one and many, changing targets, PDF and Excel."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from knox.models import get_token_model

from kpi.models import Line, Scorecard, Signature, TargetChange
from kpi.promise import letters
from kpi.promise.promising import lines_of, stamp
from tests import kpi_builders as build
from zones.models import Instrument

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    at = build.small_year(dt.date.today().year)  # noqa: DTZ011
    at.document = Instrument.objects.create(
        code="change", title="调整通知", number="仪开〔2026〕12号", issuer="管委会", issued_on=dt.date(2026, 7, 1)
    )
    return at


@pytest.fixture
def client_of(at):
    def client_of(who: str) -> Client:
        client = Client()
        client.force_login(at.users[who])
        return client

    return client_of


def sheet(card: Scorecard, **columns: list[str]) -> dict:
    """What the sheet of a card posts as it stands, with ``columns`` replaced."""
    lines = lines_of(card)
    told = {
        "group": [line.group for line in lines],
        "indicator": [line.indicator.code for line in lines],
        "weight": [f"{line.weight:f}" for line in lines],
        **{name: [f"{getattr(line, name) or '':}" for line in lines] for name in ("previous", "target", "challenge")},
        "serves": [str(line.serves_id or "") for line in lines],
        "seen": stamp(lines),
    }
    return told | columns


def signed(at, key: str = "bureau") -> Scorecard:
    for side, who in (("assessor", "leader"), ("assessed", "head")):
        letters.sign(scorecard=at.cards[key], side=side, by=build.actor(at.users[who]))
    return at.cards[key]


class TestSheet:
    def test_saved_full_width_digits_and_all(self, at, client_of):
        card = at.cards["bureau"]
        done = client_of("hr").post(reverse("letter_edit", args=[card.pk]), sheet(card, target=["２５.5", "", "", ""]))
        assert done.status_code == 302, re.findall(r"<li>(.*?)</li>", done.content.decode())
        assert build.line(card, "new-projects").target == Decimal("25.5")

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"target": ["0", "", "", ""]}, "目标值须大于 0"),
            ({"target": ["NaN", "", "", ""]}, "不是有效的数值"),
            ({"target": ["1e400", "", "", ""]}, "科学计数法"),
            ({"weight": ["39.9", "30", "20", "10"]}, "还差 0.1"),
            ({"weight": ["", "30", "20", "10"]}, "请填写权重"),
            ({"serves": ["999999", "", "", ""]}, "上级指标中选择"),
            ({"indicator": ["nothing", "budget-growth", "safety", "party"]}, "指标库中没有"),
        ],
    )
    def test_bad_input_gets_its_answer_and_is_not_lost(self, at, client_of, columns, words):
        card = at.cards["bureau"]
        page = client_of("hr").post(reverse("letter_edit", args=[card.pk]), sheet(card, **columns)).content.decode()
        assert words in page
        for typed in filter(None, next(iter(columns.values()))):
            assert f'value="{typed}"' in page or columns.get("serves")
        assert build.line(card, "new-projects").target == 20

    def test_a_stale_page(self, at, client_of):
        card = at.cards["bureau"]
        page = client_of("hr").post(
            reverse("letter_edit", args=[card.pk]), sheet(card, target=["25", "", "", ""], seen="0123456789abcdef")
        )
        assert "刚被他人修改" in page.content.decode()

    def test_once_signed_it_leads_back(self, at, client_of):
        card = signed(at)
        for method in ("get", "post"):
            answer = getattr(client_of("hr"), method)(reverse("letter_edit", args=[card.pk]))
            assert answer["Location"] == reverse("letter", args=[card.pk])

    def test_serves_is_chosen_among_the_units_lines(self, at, client_of):
        card, unit = at.cards["bureau"], build.line(at.cards["unit"], "new-projects")
        page = client_of("hr").get(reverse("letter_edit", args=[card.pk])).content.decode()
        assert f'<option value="{unit.pk}">' in page
        client_of("hr").post(reverse("letter_edit", args=[card.pk]), sheet(card, serves=[str(unit.pk), "", "", ""]))
        assert build.line(card, "new-projects").serves_id == unit.pk


class TestSigning:
    def test_both_on_their_pages(self, at, client_of):
        card = at.cards["staff"]
        for who, side in (("head", "assessor"), ("staff", "assessed")):
            page = client_of(who).get(reverse("letter", args=[card.pk])).content.decode()
            assert f'value="{side}"' in page
            told = {"side": side, "seen": stamp(lines_of(card))}
            for _again in range(2):
                client_of(who).post(reverse("letter_sign", args=[card.pk]), told)
        card.refresh_from_db()
        assert card.frozen_at
        assert Signature.objects.count() == 2

    def test_what_waits_is_on_the_home_page_and_in_the_list(self, at, client_of):
        assert "待签字的责任书" in client_of("leader").get(reverse("home")).content.decode()
        page = client_of("leader").get(reverse("letters"), {"state": "mine"})
        subjects = {row.subject for row in page.context["page"].object_list}
        assert {"王局长", "赵局长"} <= subjects
        assert "李主任" not in subjects - {"李主任"}
        assert {row.side for row in page.context["page"].object_list} == {"assessor", "assessed"}

    def test_a_leader_signs_many_at_once(self, at, client_of):
        client = client_of("leader")
        page = client.get(reverse("letters"), {"state": "mine"})
        tokens = re.findall(r'name="card" value="([^"]+)"', page.content.decode())
        assert len(tokens) == len(page.context["page"].object_list) >= 4
        answer = client.post(reverse("letters_sign"), {"card": tokens}, follow=True)
        assert f"已签 {len(tokens)} 份" in answer.content.decode()
        assert Signature.objects.filter(user=at.users["leader"]).count() == len(tokens)
        again = client.post(reverse("letters_sign"), {"card": tokens}, follow=True)
        assert "可能已经签过" in again.content.decode()

    def test_what_changed_since_is_named_and_not_signed(self, at, client_of):
        card = at.cards["bureau"]
        Line.objects.filter(scorecard=card, indicator__code="new-projects").update(target=77)
        answer = client_of("leader").post(reverse("letters_sign"), {"card": [f"{card.pk}:old"]}, follow=True)
        assert "刚有变动" in answer.content.decode()
        assert not Signature.objects.exists()

    def test_nobody_signs_a_foreign_card_by_its_number(self, at, client_of):
        there = build.small_year(at.cycle.year, code="XX")
        card = there.cards["bureau"]
        token = f"{card.pk}:{stamp(lines_of(card))}"
        client_of("leader").post(reverse("letters_sign"), {"card": [token, "x:y", "1" * 40, ""]})
        assert not Signature.objects.exists()
        for name in ("letter", "letter_edit", "letter_retarget"):
            assert client_of("leader").get(reverse(name, args=[card.pk])).status_code == 404
        assert client_of("leader").post(reverse("letter_sign", args=[card.pk])).status_code == 404

    def test_hr_sees_who_has_not_signed_unit_by_unit(self, at, client_of):
        signed(at)
        page = client_of("hr").get(reverse("letters"), {"kind": "bureau"})
        (row,) = [row for row in page.context["table"] if row.kind == "bureau"]
        assert (row.cards, row.assessor, row.assessed, row.frozen) == (2, 1, 1, 1)
        open_ones = client_of("hr").get(reverse("letters"), {"kind": "bureau", "state": "open"})
        assert [row.card.pk for row in open_ones.context["page"].object_list] == [at.cards["other_bureau"].pk]


class TestList:
    def test_a_units_card_then_its_bureaus_then_its_people(self, at, client_of):
        page = client_of("hr").get(reverse("letters"), {"unit": at.zone.unit.code})
        kinds = [row.card.kind for row in page.context["page"]]
        assert kinds == sorted(kinds, key=["unit", "bureau", "person"].index)
        assert [row.kind for row in page.context["table"]] == ["unit", "bureau", "person"]

    def test_next_years_are_promised_before_it_begins(self, at, client_of):
        soon = build.year(at.zone, at.cycle.year + 1)
        card = build.card(soon, "bureau", at.zone.unit, at.zone.invest)
        now = client_of("hr").get(reverse("letters"))
        assert now.context["year"] == at.cycle.year
        page = client_of("hr").get(reverse("letters"), {"year": soon.year})
        assert [row.card.pk for row in page.context["page"]] == [card.pk]
        assert client_of("hr").get(reverse("cascade"), {"year": soon.year}).context["year"] == soon.year

    def test_what_a_line_serves_is_a_link_only_for_those_who_may_follow_it(self, at, client_of):
        above = build.line(at.cards["bureau"], "new-projects")
        Line.objects.filter(pk=build.line(at.cards["staff"], "new-projects").pk).update(serves=above)
        address = reverse("letter", args=[at.cards["staff"].pk])
        link = f'href="{reverse("letter", args=[at.cards["bureau"].pk])}'
        assert link in client_of("head").get(address).content.decode()
        assert link not in client_of("staff").get(address).content.decode()


class TestTargets:
    def told(self, at, card, **columns) -> dict:
        lines = lines_of(card)
        told = {
            "line": [str(line.pk) for line in lines],
            "weight": [f"{line.weight:f}" for line in lines],
            "target": [f"{line.target or ''}" for line in lines],
            "challenge": [""] * len(lines),
            "not_applicable": [""] * len(lines),
            "instrument": "change", "reason": "任务调整", "seen": stamp(lines),
        }  # fmt: skip
        return told | columns

    def test_changed_once_and_shown_in_order(self, at, client_of):
        card = signed(at)
        told = self.told(at, card, target=["30", "", "", ""])
        address = reverse("letter_retarget", args=[card.pk])
        assert client_of("hr").post(address, told).status_code == 302
        again = client_of("hr").post(address, told)
        assert "刚被他人修改" in again.content.decode()
        assert TargetChange.objects.count() == 1
        page = client_of("head").get(reverse("letter", args=[card.pk])).content.decode()
        assert "仪开〔2026〕12号" in page
        assert "20 → <strong>30</strong>" in page

    def test_a_line_of_another_card_is_none(self, at, client_of):
        card = signed(at)
        other = build.line(at.cards["other_bureau"], "new-projects")
        told = self.told(at, card)
        told["line"][0], told["target"][0] = str(other.pk), "99"
        page = client_of("hr").post(reverse("letter_retarget", args=[card.pk]), told)
        assert page.status_code == 200
        other.refresh_from_db()
        assert (other.target, TargetChange.objects.count()) == (20, 0)

    @pytest.mark.parametrize(("who", "status"), [("head", 403), ("leader", 403), ("staff", 404), ("evaluator", 404)])
    def test_not_everybodys(self, at, client_of, who, status):
        card = signed(at)
        assert client_of(who).post(reverse("letter_retarget", args=[card.pk]), {}).status_code == status


def download(client: Client, kind: str, key, format: str):
    return client.get(reverse("report_download", args=[kind, key, format]))


class TestFiles:
    def test_a_letter_as_pdf_has_both_signatures_and_its_versions(self, at, client_of):
        card = signed(at)
        line = build.line(card, "new-projects")
        letters.retarget(
            scorecard=card, changes={line.pk: letters.Retarget(line.weight, Decimal(30))}, reason="任务调整",
            instrument=at.document, by=build.actor(at.users["hr"]),
        )  # fmt: skip
        content = download(client_of("head"), "kpi-letter", card.pk, "pdf").content
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
        for word in ("KPI责任书", "王局长", "YZ-leader", "YZ-head", "20→30", "仪开〔2026〕12号", "一票否决事项"):
            assert word in re.sub(r"\s", "", text), word

    def test_a_units_letters_in_one_file(self, at, client_of):
        key = f"{at.cycle.pk}-bureau-YZ"
        pdf = pypdf.PdfReader(io.BytesIO(download(client_of("hr"), "kpi-letters", key, "pdf").content))
        assert len(pdf.pages) == 4
        assert "目录" in pdf.pages[1].extract_text()
        book = openpyxl.load_workbook(io.BytesIO(download(client_of("hr"), "kpi-letters", key, "xlsx").content))
        assert len(book.sheetnames) == 3
        rows = [row for row in book.worksheets[1].values if row[2] == "指标new-projects"]
        assert rows[0][4] == 40

    def test_a_head_gets_only_his_bureaus(self, at, client_of):
        key = f"{at.cycle.pk}-bureau-YZ"
        book = openpyxl.load_workbook(io.BytesIO(download(client_of("head"), "kpi-letters", key, "xlsx").content))
        assert len(book.sheetnames) == 2

    @pytest.mark.parametrize("key", ["x-bureau-YZ", "1", "1-magic-YZ", "9" * 30 + "-bureau-YZ"])
    def test_what_is_no_key_is_not_found(self, at, client_of, key):
        assert download(client_of("hr"), "kpi-letters", key, "pdf").status_code == 404

    def test_strangers_and_colleagues_get_none(self, at, client_of):
        there = build.small_year(at.cycle.year, code="XX")
        assert download(client_of("hr"), "kpi-letter", there.cards["bureau"].pk, "pdf").status_code == 404
        assert download(client_of("hr"), "kpi-letters", f"{there.cycle.pk}-bureau-XX", "pdf").status_code == 404
        assert download(client_of("colleague"), "kpi-letter", at.cards["staff"].pk, "pdf").status_code == 404

    def test_a_name_is_never_a_formula(self, at, client_of):
        at.cards["bureau"].lines.first().indicator.__class__.objects.filter(code="party").update(name="=1+1")
        content = download(client_of("hr"), "kpi-letter", at.cards["bureau"].pk, "xlsx").content
        cells = [cell for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[1] for cell in row]
        cell, _again = [cell for cell in cells if cell.value == "=1+1"]
        assert cell.data_type == "s"


class TestApi:
    @pytest.fixture
    def api(self, at):
        def api(who: str) -> Client:
            _row, token = get_token_model().objects.create(at.users[who], scopes=["*:read", "*:write"])
            return Client(headers={"Authorization": f"Token {token}"})

        return api

    def send(self, client: Client, method: str, path: str, body: dict):
        return getattr(client, method)(f"/api/v1/letters/{path}", body, content_type="application/json")

    def test_promised_signed_and_changed(self, at, api):
        pk = at.cards["bureau"].pk
        said = api("hr").get(f"/api/v1/letters/{pk}/").json()
        lines = [{key: line[key] for key in ("indicator", "weight", "target")} for line in said["lines"]]
        lines[0]["target"] = "25"
        put = self.send(api("hr"), "put", f"{pk}/promise/", {"lines": lines, "seen": said["stamp"]})
        assert put.status_code == 200, put.content
        seen = put.json()["stamp"]
        for who, side in (("leader", "assessor"), ("head", "assessed")):
            assert self.send(api(who), "post", f"{pk}/sign/", {"side": side, "seen": seen}).status_code == 200
        line = put.json()["lines"][0]
        change = {"line": line["id"], "weight": line["weight"], "target": "30"}
        told = {"lines": [change], "instrument": "change", "reason": "任务调整", "seen": seen}
        done = self.send(api("hr"), "post", f"{pk}/targets/", told)
        assert done.status_code == 200, done.content
        assert [each["after"]["target"] for each in done.json()["versions"]] == ["30"]
        refused = self.send(api("hr"), "put", f"{pk}/promise/", {"lines": lines, "seen": seen})
        assert refused.json()["errors"][0]["code"] == "KPI-SIGNED"

    def test_what_it_serves_must_lie_above(self, at, api):
        pk, foreign = at.cards["bureau"].pk, build.line(at.cards["other_bureau"], "party").pk
        said = api("hr").get(f"/api/v1/letters/{pk}/").json()
        lines = [{"indicator": "party", "weight": "100", "serves": foreign}]
        answer = self.send(api("hr"), "put", f"{pk}/promise/", {"lines": lines, "seen": said["stamp"]})
        assert answer.status_code == 400
        assert self.send(api("staff"), "put", f"{pk}/promise/", {"lines": lines, "seen": "x"}).status_code in (403, 404)

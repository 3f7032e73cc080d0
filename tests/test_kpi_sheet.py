"""The sheet of many cards: a block saved at once, each cell answered for itself; nobody's cell is lost."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.actors import Actor
from common.models import AuditEntry
from kpi.entry import services
from kpi.entry.services import Cell, StaleLine, enter_scores
from kpi.models import Line, Panel, PanelLine, Result
from tests import kpi_builders as build
from tests import staffing_builders as staff
from tests.together import at_once

pytestmark = pytest.mark.django_db
SYSTEM = Actor.command("test")


@pytest.fixture
def at():
    return build.small_year()


def post(client, cells):
    body = json.dumps({"cells": cells})
    return client.post(reverse("score_cells"), body, content_type="application/json")


def cell(of, code, value, version=1):
    return {"line": build.line(of, code).pk, "value": value, "version": version}


def told(answer, of, code):
    return answer.json()["cells"][str(build.line(of, code).pk)]


# --- a block ------------------------------------------------------------------------------------------


def test_of_a_block_the_good_cells_are_saved_and_the_bad_ones_answered(at, client):
    client.force_login(at.users["head"])
    staff_card, colleague = at.cards["staff"], at.cards["colleague"]
    services.enter_score(line=build.line(colleague, "party"), text="70", version=1, by=SYSTEM)
    answer = post(
        client,
        [
            cell(staff_card, "new-projects", "１，０２０"),
            cell(staff_card, "party", "很好"),
            cell(staff_card, "safety", "1e400"),
            cell(colleague, "new-projects", "10"),
            cell(colleague, "party", "90"),  # somebody was faster
        ],
    )
    assert answer.status_code == 200
    assert told(answer, staff_card, "new-projects") == {"ok": True, "value": "1020", "score": "44.00", "version": 2}
    assert "不是数字" in told(answer, staff_card, "party")["error"]
    assert "科学计数法" in told(answer, staff_card, "safety")["error"]
    conflict = told(answer, colleague, "party")
    assert (conflict["conflict"], conflict["theirs"], conflict["version"]) == (True, "70", 2)
    assert build.line(staff_card, "new-projects").actual == 1020
    assert [build.line(staff_card, code).version for code in ("party", "safety")] == [1, 1]
    assert AuditEntry.objects.filter(verb="score", user=at.users["head"]).count() == 2
    cards = answer.json()["cards"]
    assert cards[str(staff_card.pk)]["total"] == "44.00"
    assert cards[str(staff_card.pk)]["rank"] == "1 / 2"


def test_a_block_fills_cards_and_their_results_follow(at):
    cells = [
        Cell(line.pk, build.FULL[line.indicator.code], 1)
        for name in ("staff", "colleague")
        for line in at.cards[name].lines.select_related("indicator")
    ]
    done = enter_scores(cells=cells, by=build.actor(at.users["head"]))
    assert all(outcome.line for outcome in done.outcomes)
    scores = Result.objects.filter(scorecard__in=[at.cards["staff"], at.cards["colleague"]])
    assert [row.score for row in scores] == [build.FULL_SCORE] * 2
    again = enter_scores(cells=cells, by=build.actor(at.users["head"]))
    assert not [outcome for outcome in again.outcomes if outcome.error]
    assert AuditEntry.objects.filter(verb="score").count() == len(cells)  # the second time nothing changed


def test_a_block_costs_no_more_queries_a_card(at, django_assert_max_num_queries):
    cells = [
        Cell(line.pk, build.FULL[line.indicator.code], 1)
        for line in Line.objects.filter(scorecard__in=[at.cards["staff"], at.cards["colleague"]]).select_related(
            "indicator"
        )
    ]
    with django_assert_max_num_queries(3 * len(cells) + 25):  # a savepoint and a write a cell
        enter_scores(cells=cells, by=build.actor(at.users["head"]))


def test_his_own_card_and_a_heads_are_refused_in_words_and_a_strangers_is_not_there(at, client):
    client.force_login(at.users["head"])
    answer = post(client, [cell(at.cards["head"], "party", "99"), cell(at.cards["staff"], "party", "80")])
    assert told(answer, at.cards["head"], "party")["error"] == "不能为自己评分"
    assert told(answer, at.cards["staff"], "party")["ok"]
    other = build.small_year(code="XX")
    stranger = post(client, [cell(other.cards["staff"], "party", "1"), cell(at.cards["staff"], "safety", "0")])
    assert stranger.status_code == 404
    assert build.line(at.cards["staff"], "safety").actual is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"cells": []}',
        '{"cells": [{"line": 1, "value": 5, "version": 1}]}',
        '{"cells": [{"line": "x", "value": "5", "version": 1}]}',
        '{"cells": [{"line": true, "value": "5", "version": 1}]}',
        '{"cells": [{"line": 1, "value": "5"}]}',
        '{"cells": [{"line": 1, "value": "5", "version": 1}, {"line": 1, "value": "6", "version": 1}]}',
        '{"cells": ' + "[" * 5000,
    ],
)
def test_what_no_page_sends_is_answered_and_changes_nothing(at, client, body):
    client.force_login(at.users["head"])
    answer = client.post(reverse("score_cells"), body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not Line.objects.exclude(version=1).exists()


def test_after_closing_every_cell_is_refused_in_words(at, client):
    build.closed(at.cycle)
    client.force_login(at.users["head"])
    answer = post(client, [cell(at.cards["staff"], "party", "80")])
    assert told(answer, at.cards["staff"], "party")["error"] == "2026 考核年度已关闭，不能再修改"


def test_an_actual_above_the_cap_is_recorded_and_capped(at, client):
    client.force_login(at.users["head"])
    answer = post(client, [cell(at.cards["staff"], "new-projects", "500")])
    assert told(answer, at.cards["staff"], "new-projects")["score"] == "44.00"  # 40 × 1.1
    assert build.line(at.cards["staff"], "new-projects").actual == 500


# --- the page -----------------------------------------------------------------------------------------


def test_the_head_gets_his_people_line_by_line_and_not_his_own_cells(at, client):
    client.force_login(at.users["head"])
    page = client.get(reverse("score_matrix"))
    sheet = page.context["sheet"]
    assert {row.card.subject: any(cell.editable for cell in row.cells) for row in sheet.rows} == {
        "张三": True,
        "钱四": True,
        "王局长": False,
    }
    assert [column.indicator.code for column in sheet.columns] == list(build.FULL)
    assert b"<script>" not in page.content
    assert b"style=" not in page.content


def test_who_only_looks_gets_no_cells(at, client):
    client.force_login(at.users["hr"])
    page = client.get(reverse("score_matrix"), {"kind": "person"})
    assert not page.context["sheet"].editable
    assert b"data-scoregrid" not in page.content
    past = client.get(reverse("score_matrix"), {"kind": "person", "on": "2026-06-30"})
    assert not past.context["sheet"].editable


def test_a_line_that_does_not_apply_has_no_cell(at, client):
    at.cards["staff"].lines.filter(indicator__code="safety").update(not_applicable="岗位不涉及")
    client.force_login(at.users["head"])
    page = client.get(reverse("score_matrix"))
    assert "岗位不涉及" in page.content.decode()
    assert f'id="line-{build.line(at.cards["staff"], "safety").pk}"' not in page.content.decode()


def queries_of_the_page(client) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse("score_matrix")).status_code == 200
    return len(seen)


def test_what_a_panel_rates_has_no_cell_and_is_not_typed_over(at, client):
    line = build.line(at.cards["staff"], "party")
    PanelLine.objects.create(panel=Panel.objects.create(cycle=at.cycle, name="测评组"), line=line)
    client.force_login(at.users["head"])
    assert f'id="line-{line.pk}"' not in client.get(reverse("score_matrix")).content.decode()
    answer = post(client, [cell(at.cards["staff"], "party", "80")])
    assert told(answer, at.cards["staff"], "party")["error"] == "本项由测评组评定，不能手工填写"


def test_the_sheet_costs_the_same_for_many_rows(at, client):
    client.force_login(at.users["head"])
    few = queries_of_the_page(client)
    for n in range(20):
        build.card(at.cycle, "person", at.zone.unit, at.zone.invest, staff.person(at.zone, f"新人{n}"))
    assert queries_of_the_page(client) == few


# --- many at once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_27_heads_who_enter_at_once_lose_no_cell():
    at = build.small_year()
    heads = []
    for n in range(27):
        bureau = staff.bureau(at.zone, at.zone.unit, f"YZ-N{n}", f"部门{n}", 10 + n)
        person = staff.person(at.zone, f"局长{n}")
        staff.seat(person, staff.post(at.zone, f"N{n}", "局长", bureau=bureau, grade="H1", tier="head", headcount=1), 1)
        heads.append((staff.user(f"head-{n}", linked=person), build.card(at.cycle, "bureau", at.zone.unit, bureau)))

    def job(n, user, card):
        def enter():
            client = Client()
            client.force_login(user)
            values = build.FULL | {"party": str(60 + n)}
            for code, value in values.items():
                answer = post(client, [cell(card, code, value)])
                assert told(answer, card, code)["ok"], answer.content
            return True

        return enter

    outcome = at_once(*(job(n, *head) for n, head in enumerate(heads)))
    assert outcome == [True] * 27
    for n, (user, card) in enumerate(heads):
        lines = card.lines.all()
        assert [line.version for line in lines] == [2] * 4
        assert {line.entered_by_id for line in lines} == {user.pk}
        assert Result.objects.get(scorecard=card).score == Decimal(84) + Decimal(60 + n) / 10
    assert AuditEntry.objects.filter(verb="score").count() == 27 * 4


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_two_who_paste_the_same_block_at_once_agree_on_what_stands():
    at = build.small_year()
    lines = list(at.cards["staff"].lines.select_related("indicator"))

    def job(values):
        return lambda: enter_scores(cells=[Cell(line.pk, values[line.indicator.code], 1) for line in lines], by=SYSTEM)

    first, second = at_once(job(build.FULL), job(dict.fromkeys(build.FULL, "1")))
    won, lost = (first, second) if first.outcomes[0].line else (second, first)
    assert all(outcome.line for outcome in won.outcomes)
    assert all(isinstance(outcome.error, StaleLine) for outcome in lost.outcomes)

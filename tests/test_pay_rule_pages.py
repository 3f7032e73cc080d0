"""The rules of pay where people meet them: the page of the rules, the page of a run, the form of approval."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from pay.life import payouts
from pay.life import services as life
from pay.models import Run
from staffing.models import Person
from tests import pay_builders as build
from tests.test_pay_rules import state

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = build.small_zone(terms={"grade_factors": {"incompetent": "0.5"}})
    for rule, values in (
        ("PAY-01", {"cap_multiple": "1.1"}),
        ("PAY-07", {"now": "0.7"}),
        ("PAY-08", {"incompetent_zero": "1"}),
    ):
        state(made["zone"], rule, **values)
    build.regrade(made["people"]["p2"], "incompetent")
    users = {role: build.granted(role, role, made["zone"]) for role in ("hr", "finance", "evaluator", "establishment")}
    return made | {"run": build.computed(made["zone"]), "users": users}


def text(world, who: str, address: str) -> str:
    client = Client()
    client.force_login(world["users"][who])
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_rules_page_names_and_links_what_is_broken(world):
    page = text(world, "finance", reverse("rules", args=["TZ"]))
    assert all(f'id="PAY-{n:02}"' in page for n in range(1, 11))
    assert f'href="{reverse("run", args=[world["run"].pk])}"' in page
    assert "元的 1.1 倍（990,000.00 元）" in page
    then = text(world, "finance", reverse("rules", args=["TZ"]) + "?on=2020-06-30")
    assert "当期兑现 60%，规定为 70%" in then  # in the days of that scheme
    assert "990,000.00" not in then
    assert f'href="{reverse("person", args=["TZ-p2"])}"' in page
    assert "2020 年度不胜任" in page


def test_who_may_not_see_pay_is_told_that_there_is_something(world):
    """The city's evaluator sees pools and no one's pay; the establishment office sees neither."""
    page = text(world, "evaluator", reverse("rules", args=["TZ"]))
    assert "元的 1.1 倍（990,000.00 元）" in page
    assert "年度不胜任，核算" not in page
    assert "TZ-p2" not in page
    page = text(world, "establishment", reverse("rules", args=["TZ"]))
    assert "990,000.00" not in page
    assert "一处：内容限有权查看的人员" in page


def test_the_runs_page_says_what_will_refuse_it(world):
    page = text(world, "finance", reverse("run", args=[world["run"].pk]))
    assert "规则核查" in page
    assert "元的 1.1 倍（990,000.00 元）（PAY-01 绩效总额上限）" in page
    assert "甲TZ-p2：2020 年度不胜任" in page
    assert "年度不胜任，核算" not in text(world, "evaluator", reverse("run", args=[world["run"].pk]))


def test_the_form_of_approval_says_which_rule_refuses(world):
    run = life.check_run(run=world["run"], seen=life.stamp(world["run"]), by=build.acting("checker"))
    leader = build.signer("leader")
    Person.objects.filter(pk=world["people"]["p0"].pk).update(user=leader)  # he leads by the roster
    client = Client()
    client.force_login(leader)
    data = {"seen": life.stamp(run), "instrument": build.instrument().code}
    answer = client.post(reverse("run_approve", args=[run.pk]), data)
    assert answer.status_code == 200
    assert "（PAY-01）" in answer.content.decode()
    assert Run.objects.get(pk=run.pk).state == "checked"


def test_the_list_of_terms_shows_each_cap(world):
    terms = {"unit": world["zone"], "first_year": 2018, "last_year": 2020, "instrument": build.instrument()}
    result = payouts.record_term(
        qualified=True, ratio=Decimal("0.5"), cap=Decimal("0.35"), by=build.acting("assessor"), **terms
    )
    assert result.cap == Decimal("0.35")
    page = text(world, "hr", reverse("terms"))
    assert "任期激励上限" in page
    assert "35" in page

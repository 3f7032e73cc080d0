"""A whole year in a real browser: scored, adjusted, graded, published, appealed against, closed, by their own hands."""

import pytest
from django.urls import reverse

from kpi.entry import services
from kpi.models import Cycle, Result, Scorecard
from tests import judging_builders as judge
from tests import kpi_builders as build
from tests.browsing import complaints_of, give_session

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS),
]


@pytest.fixture
def at():
    at = build.small_year()
    judge.another_leader(at)
    return at


@pytest.fixture
def sit(at, page, live_server):
    """Puts somebody before the browser; at the end nothing was complained of."""
    complaints = complaints_of(page)

    def sit(role, name, *args):
        give_session(page.context, live_server.url, at.users[role])
        page.goto(live_server.url + reverse(name, args=args))
        return page

    yield sit
    assert complaints == []


def confirm(page):
    page.locator("dialog[open] button[value=yes]").click()


def score_the_rest(at):
    for card in Scorecard.objects.filter(cycle=at.cycle).exclude(pk=at.cards["bureau"].pk):
        for line in card.lines.select_related("indicator"):
            text = build.FULL[line.indicator.code]
            services.enter_score(line=line, text=text, version=line.version, by=judge.SYSTEM)


def test_the_whole_year(at, sit):
    # The head enters his bureau's score from the keyboard.
    page = sit("head", "scorecard", at.cards["bureau"].pk)
    page.locator(f"#line-{build.line(at.cards['bureau'], 'new-projects').pk}").focus()
    for text in build.FULL.values():
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.get_by_text("各项已评完").wait_for()
    score_the_rest(at)

    # The office proposes a bonus, a leader approves it, and the score follows.
    page = sit("hr", "adjustment_add", at.cards["bureau"].pk)
    page.locator("[name=points]").fill("2")
    page.locator("[name=reason]").fill("省级表彰")
    page.locator("[name=evidence]").fill("苏表〔2026〕1号")
    page.get_by_role("button", name="提出").click()
    page.get_by_text("已提出，等待审定").wait_for()
    page = sit("leader", "adjustments")
    page.get_by_role("link", name="审定", exact=True).click()
    page.locator("[name=verdict][value=approve]").check()
    page.get_by_role("button", name="保存审定结果").click()
    page.get_by_text("已通过，得分已重新计算").wait_for()
    assert str(Result.objects.get(scorecard=at.cards["bureau"]).score) == "95.00"

    # The office checks everybody of the unit and sets the grades at once; then the leaders.
    page = sit("hr", "assessment_grades", at.cycle.pk)
    for box in page.locator("[data-check-all]").all():
        box.check()
    page.locator("[name=bulk]").select_option("competent")
    page.get_by_role("button", name="勾选人员定为此等次").click()
    page.get_by_text("已保存 4 人的等次").wait_for()
    page.locator("#f-unit").select_option("leaders")
    page.get_by_role("heading", name="领导班子").wait_for()
    page.locator(".grade-pick").select_option("competent")
    page.get_by_role("button", name="保存勾选人员的等次").click()
    page.get_by_text("已保存 1 人的等次").wait_for()

    # Before it is published nobody of the staff sees a grade; a leader publishes.
    page = sit("staff", "my_assessment")
    page.get_by_text("公布后可以看到").wait_for()
    page = sit("leader", "year_publish", at.cycle.pk)
    page.get_by_role("button", name="公布结果").click()
    confirm(page)
    page.get_by_text("考核结果已公布，复核期限自今天起算").wait_for()

    # Whoever was graded asks for a review, another leader changes the grade.
    page = sit("staff", "my_assessment")
    page.get_by_text("合格", exact=True).wait_for()
    page.get_by_role("link", name="申请复核").click()
    page.locator("[name=text]").fill("漏计一项")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("已提出复核").wait_for()
    page = sit("leader2", "appeals")
    page.get_by_role("link", name="张三").click()
    page.get_by_role("link", name="作出决定").click()
    page.locator("[name=outcome][value=changed]").check()
    page.locator("[name=new_rating]").select_option("basic")
    page.locator("[name=decision]").fill("核减")
    page.get_by_role("button", name="保存决定").click()
    confirm(page)
    page.get_by_text("决定已保存").wait_for()
    assert Result.objects.get(scorecard=at.cards["staff"]).rating == "basic"

    # The office closes the year, once nobody may ask for a review any more.
    with judge.days_later(31):
        page = sit("hr", "year_close", at.cycle.pk)
        page.get_by_role("button", name="关闭年度").click()
        confirm(page)
        page.get_by_text("考核年度已关闭").first.wait_for()
    assert Cycle.objects.get(pk=at.cycle.pk).state == "closed"

"""A whole year in a real browser, by their own hands: promised, signed, changed, entered, rated, judged, closed."""

import datetime as dt

import pytest
from django.urls import reverse

from kpi.entry import services
from kpi.models import Cycle, Line, Result, Scorecard, TargetChange
from tests import judging_builders as judge
from tests import kpi_builders as build
from tests.browsing import complaints_of, give_session, paste
from zones.models import Instrument

TODAY = dt.date.today()  # noqa: DTZ011
THIS_YEAR = TODAY.year
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS),
]


@pytest.fixture
def at():
    """Last year with its actuals; one bureau had no card in it."""
    at = build.small_year(THIS_YEAR - 1)
    judge.another_leader(at)
    at.cards.pop("other_bureau").delete()
    score_the_rest(at)
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
    """Say yes, and wait until what was asked for is done: whoever sits down next takes the session along."""
    with page.expect_navigation():
        page.locator("dialog[open] button[value=yes]").click()


def score_the_rest(at):
    """What no page of this test enters: every open line that no panel rates."""
    open_lines = Line.objects.filter(scorecard__cycle=at.cycle, actual=None, panel_line=None)
    for line in open_lines.select_related("indicator").order_by("pk"):
        text = build.FULL[line.indicator.code]
        services.enter_score(line=line, text=text, version=line.version, by=judge.SYSTEM)


def make_a_template(sit):
    page = sit("hr", "card_template_add")
    page.locator("[name=subject]").select_option("bureau")
    page.locator("[name=code]").fill("bureau")
    page.locator("[name=name]").first.fill("部门模板")
    page.locator("table[data-sheet] tbody [name=group]").first.focus()
    paste(page, "".join(f"实绩\t{code}\t{weight}\r\n" for code, _method, weight, _target in build.LINES))
    page.get_by_role("button", name="增加模板").click()
    page.get_by_text("已增加模板").wait_for()


def open_the_year(at, sit):
    """Copied from last year, looked at first; the bureau that had no card gets one from the template."""
    page = sit("hr", "year_open")
    page.locator("[name=year]").first.fill(str(THIS_YEAR))
    page.locator("[name=raise_percent]").first.fill("0")
    page.get_by_role("button", name="看看会生成什么").click()
    page.get_by_role("button", name="确认建立").click()
    page.get_by_role("button", name="看看会为谁生成").wait_for()
    at.cycle = Cycle.objects.get(year=THIS_YEAR)
    page.locator("[name=template]").select_option(label="部门模板")
    page.locator("[name=within]").select_option(at.zone.unit.code)
    page.get_by_role("button", name="看看会为谁生成").click()
    page.get_by_role("button", name="确认生成").click()
    page.get_by_text("已生成 1 张评分卡").wait_for()
    cards = at.cycle.scorecards
    at.cards = {
        "bureau": cards.get(kind="bureau", bureau=at.zone.invest),
        "other_bureau": cards.get(kind="bureau", bureau=at.zone.economy),
        **{role: cards.get(kind="person", person=person) for role, person in at.people.items()},
    }


def promise_the_new_card(at, sit):
    """What came from a template has no targets yet."""
    page = sit("hr", "letter_edit", at.cards["other_bureau"].pk)
    page.locator("table[data-sheet] tbody [name=target]").first.fill("20")
    page.get_by_role("button", name="保存责任书").click()
    page.get_by_text("责任书已保存").wait_for()


def sign_on_both_sides(at, sit):
    for role in ("leader", "head", "other_head", "staff", "colleague"):
        page = sit(role, "letters")
        page.get_by_role("button", name="签署选中的责任书").click()
        confirm(page)
        page.get_by_text("已签", exact=False).first.wait_for()
    frozen = {name for name, card in at.cards.items() if Scorecard.objects.get(pk=card.pk).frozen_at}
    assert frozen == {"bureau", "other_bureau", "head", "other_head", "staff", "colleague"}


def change_a_target(at, sit):
    Instrument.objects.create(
        code="change", number="示例〔2026〕9号", title="关于调整目标的批复", issuer="管委会", issued_on=TODAY
    )
    page = sit("hr", "letter_retarget", at.cards["bureau"].pk)
    page.locator("[name=instrument]").select_option("change")
    page.locator("[name=reason]").fill("任务调整")
    page.locator("tbody [name=target]").first.fill("25")
    page.get_by_role("button", name="调整目标").click()
    confirm(page)
    page.get_by_text("任务调整").first.wait_for()
    change = TargetChange.objects.get()
    assert (change.before["target"], change.after["target"]) == ("20", "25")


def enter_in_the_grid(at, sit):
    """A block from Excel; each cell saves itself."""
    page = sit("head", "score_matrix")
    page.locator(f"#line-{build.line(at.cards['staff'], 'new-projects').pk}").focus()
    paste(page, "20\t7\t0\t90\r\n18\t6\t0\t85\r\n")
    page.locator(f'[data-card-total="{at.cards["staff"].pk}"]').get_by_text("93.00").wait_for()
    page.locator(f'[data-card-rank="{at.cards["colleague"].pk}"]').get_by_text("2 / 2").wait_for()


def rate_in_a_panel(at, sit):
    on = build.panel(at)
    page = sit("leader", "rating", on.panel.pk)
    for code, points in (("bureau", "90"), ("other_bureau", "81.5")):
        page.locator(f"#rating-{on.lines[code].pk}").fill(points)
        page.locator(f"#rating-{on.lines[code].pk}").press("Enter")
    page.locator("[data-total]").get_by_text("2", exact=True).wait_for()
    for who, code, points in build.RATINGS[2:]:
        build.rate(on, who, code, points)
    page = sit("hr", "panel", on.panel.pk)
    page.get_by_role("button", name="结束测评").click()
    confirm(page)
    page.get_by_text("已结束").first.wait_for()
    assert build.line(at.cards["bureau"], "party").actual is not None


def adjust(at, sit):
    """The office proposes a bonus, a leader approves it, and the score follows."""
    before = Result.objects.get(scorecard=at.cards["bureau"]).score
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
    assert Result.objects.get(scorecard=at.cards["bureau"]).score == before + 2


def grade(at, sit):
    """The office checks everybody of the unit and sets the grades at once; then the leaders."""
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


def publish(at, sit):
    """Before it is published nobody of the staff sees a grade; a leader publishes."""
    page = sit("staff", "my_assessment")
    page.get_by_text("公布后可以看到").first.wait_for()
    page = sit("leader", "year_publish", at.cycle.pk)
    page.get_by_role("button", name="公布结果").click()
    confirm(page)
    page.get_by_text("考核结果已公布，复核期限自今天起算").wait_for()


def ask_for_a_review(at, sit):
    """Whoever was graded asks for a review, another leader changes the grade."""
    page = sit("staff", "my_assessment")
    page.get_by_text("合格", exact=True).first.wait_for()
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


def close(at, sit):
    """The office closes the year, once nobody may ask for a review any more."""
    with judge.days_later(31):
        page = sit("hr", "year_close", at.cycle.pk)
        page.get_by_role("button", name="关闭年度").click()
        confirm(page)
        page.get_by_text("考核年度已关闭").first.wait_for()
    assert Cycle.objects.get(pk=at.cycle.pk).state == "closed"


def test_the_whole_year(at, sit):
    make_a_template(sit)
    open_the_year(at, sit)
    promise_the_new_card(at, sit)
    sign_on_both_sides(at, sit)
    change_a_target(at, sit)
    enter_in_the_grid(at, sit)
    rate_in_a_panel(at, sit)
    score_the_rest(at)
    for step in (adjust, grade, publish, ask_for_a_review, close):
        step(at, sit)

"""A whole round in a real browser: HR runs it, a member of staff enters it, the leader decides."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from staffing.models import Appointment, Candidate, Selection
from tests import selection_builders as build
from tests import staffing_builders as staff
from tests.browsing import give_session
from tests.selection_builders import ONE, today

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS),
]


@pytest.fixture
def at():
    made = build.small_round()
    made.users = {"hr": made.hr.user, "staff": staff.user("sel-me"), "leader": staff.user("sel-boss")}
    made.people[0].user = made.users["staff"]
    made.people[0].save()
    staff.seat(staff.person(made.zone, "主任", user=made.users["leader"]), made.zone.leader)
    return made


@pytest.fixture
def visitor(at, browser, live_server):
    """A page signed in as one of the three; scripts that fail or are blocked fail the test."""
    complaints, contexts = [], []

    def sign_in(who: str):
        context = browser.new_context(
            viewport={"width": 390 if who == "staff" else 1440, "height": 900}, locale="zh-CN"
        )
        give_session(context, live_server.url, at.users[who])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        page.goto(f"{live_server.url}/selections/{at.row.pk}/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


def confirm(page) -> None:
    page.locator("dialog[open] button[value=yes]").click()


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_whole_round_with_three_personas(at, visitor, live_server):
    hr = visitor("hr")
    round_ = f"{live_server.url}/selections/{at.row.pk}/"
    me, own = nominate(at, hr, visitor)
    judge(at, hr, own, round_)
    decide(at, hr, visitor("leader"), me, round_)
    appoint(at, hr, me, round_)


def nominate(at, hr, visitor):
    """The round is opened, and somebody nominates himself."""
    hr.get_by_role("button", name="公布报名").click()
    confirm(hr)
    expect(hr.locator("main")).to_contain_text("已进入「公布报名」")

    me = visitor("staff")
    me.get_by_role("link", name="我要报名").click()
    assert fits(me)
    me.get_by_label("第一志愿").select_option(index=1)
    me.get_by_label("服从调剂").check()
    me.get_by_role("button", name="提交报名").click()
    expect(me.locator("main")).to_contain_text("报名已提交")
    assert fits(me)
    own = Candidate.objects.get()
    assert (own.person, own.nominated) == (at.people[0], "self")
    return me, own


def judge(at, hr, own, round_):
    """Qualified, scored, and matched to the first choice."""
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - 2 * ONE, apply_until=today() - ONE)
    hr.reload()
    hr.get_by_role("button", name="结束报名，进入资格审查").click()
    hr.get_by_role("link", name="去审查").click()
    hr.get_by_role("link", name="审查", exact=True).click()
    hr.get_by_label("通过", exact=True).check()
    hr.get_by_role("button", name="保存结论").click()
    hr.goto(round_)
    hr.get_by_role("button", name="进入考评").click()
    hr.get_by_role("link", name="录入得分").click()
    hr.wait_for_load_state()  # the cells listen once the script has run
    for part, mark in (("written", "90"), ("interview", "80"), ("peer", "70")):
        cell = hr.locator(f"#score-{own.pk}-{part}")
        cell.fill(mark)
        cell.press("Enter")
    expect(hr.locator(f"[data-line-score='{own.pk}']")).to_have_text("82.00")
    hr.get_by_role("link", name="匹配与决定").click()
    hr.get_by_role("button", name="生成匹配建议").click()
    expect(hr.locator("main")).to_contain_text("名列第 1；按总分录入第一志愿")
    assert fits(hr)


def decide(at, hr, boss, me, round_):
    """The leader takes the suggestion, and HR publishes whom it falls on."""
    boss.goto(f"{round_}outcome/")
    boss.get_by_role("button", name="其余按建议决定").click()
    confirm(boss)
    expect(boss.locator("main")).to_contain_text("已按建议决定 1 人")

    hr.goto(f"{round_}notice/publish/")
    hr.get_by_label("公示地点、网址").fill("管委会公告栏")
    hr.get_by_role("button", name="发布公示").click()
    confirm(hr)
    expect(hr.locator("main")).to_contain_text("拟聘公示名单")
    me.goto(f"{round_}notice/")
    expect(me.locator("main")).to_contain_text("赵一")
    assert fits(me)


def appoint(at, hr, me, round_):
    """The notice has stood its days: he is appointed."""
    with build.backdated("staffing_notice", "staffing_notice_stands"):
        back = today() - 12 * ONE
        at.row.notices.update(published_on=back, first_day=back, last_day=today() - ONE)
    hr.goto(f"{round_}appoint/")
    hr.get_by_role("button", name="办理聘任").click()
    confirm(hr)
    expect(hr.locator("main")).to_contain_text("已聘任 1 人")
    made = Appointment.objects.get(person=at.people[0])
    assert made.post == at.zone.clerk
    me.goto(round_)
    expect(me.locator("main")).to_contain_text("拟聘 招商专员")

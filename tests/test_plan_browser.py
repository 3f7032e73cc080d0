"""A plan's whole life in a real browser, by three people: drafted, checked, decided, approved, in force on its day."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils.formats import date_format
from playwright.sync_api import Page, expect

from orgchart.models import BureauVersion, Plan
from tests import orgchart_builders as build
from tests import plan_builders as plan
from tests.browsing import give_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)]


@pytest.fixture
def at():
    with transaction.atomic():
        return plan.zone(room=1)


def kind(page: Page, name: str) -> None:
    """Open the form of a kind of change."""
    page.locator(".change-kinds").get_by_text(name, exact=True).click()
    expect(page.locator(".change-form h3")).to_have_text(name)


def add(page: Page, changes: int) -> None:
    page.locator(".change-form").get_by_role("button", name="添加").click()
    expect(page.locator(".change")).to_have_count(changes)


def step(page: Page, button: str, **fields: str) -> None:
    page.get_by_role("link", name=button, exact=True).click()
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator(".form-actions button[type=submit]").click()


def test_a_plans_whole_life(live_server, page, at):
    refused: list[str] = []
    page.on("console", lambda message: message.type == "error" and refused.append(message.text))
    give_session(page.context, live_server.url, at.drafter.user)
    page.goto(f"{live_server.url}/zones/YZ/plans/")
    page.get_by_role("link", name="起草方案").first.click()
    page.locator("[name=title]").fill("优化机构设置")
    page.locator("[name=effective_on]").fill(plan.STARTS.isoformat())
    page.locator("[name=reason]").fill("聚焦主责主业")
    page.get_by_role("button", name="起草", exact=True).click()
    # The first attempt would leave two people without a bureau: said at once, by name.
    kind(page, "撤销机构")
    page.locator("[name=bureau]").select_option("YZ-B1")
    add(page, 1)
    expect(page.locator("#trial")).to_contain_text("有 2 人在岗，须写明划入何处：张专员、王局长")
    page.get_by_role("button", name="校核", exact=True).click()
    expect(page.locator("#plan-work")).to_contain_text("校核未通过")
    expect(page.get_by_role("button", name="登记论证")).to_be_disabled()
    # Mended: they go to another bureau, and a new one is set up.
    page.locator(".change-acts a").click()
    page.locator("[name=to]").select_option("YZ-B2")
    page.locator(".change-form").get_by_role("button", name="保存").click()
    expect(page.locator(".change-words")).to_contain_text("划入YZ经开区 YZ-B2局")
    kind(page, "设立机构")
    page.locator("[name=unit]").select_option("YZ")
    page.locator(".change-form [name=name]").fill("科技创新局")
    page.locator("[name=functions][value='f-yz-b1']").check()
    page.locator("[name=nature]").select_option("core")
    page.locator("[name=code]").fill("YZ-TECH")
    add(page, 2)
    page.get_by_role("button", name="重新校核").click()
    expect(page.locator("#plan-work")).to_contain_text("校核通过")
    expect(page.locator("#trial svg.orgchart")).to_have_count(2)
    expect(page.locator("#trial tfoot")).to_contain_text("2")
    step(page, "登记论证", opinion="可行")
    expect(page.get_by_role("link", name="审议决定")).to_have_count(0)
    address = page.url
    give_session(page.context, live_server.url, at.decider.user)
    page.goto(address)
    step(page, "审议决定", opinion="同意", document="党工委会议纪要 9 号")
    give_session(page.context, live_server.url, at.approver.user)
    page.goto(address)
    expect(page.locator("#trial")).to_contain_text("2 人")
    assert "张专员" not in page.content()  # who sits where is not the establishment office's to know
    page.get_by_role("link", name="批复", exact=True).click()
    page.locator("[name=number]").fill("仪编〔2026〕9号")
    page.locator("[name=issuer]").fill("市委编委")
    page.locator(".form-actions button[type=submit]").click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator(".timeline")).to_contain_text("仪编〔2026〕9号")
    found = Plan.objects.get()
    assert (found.stage, found.instrument.number) == ("approved", "仪编〔2026〕9号")
    assert BureauVersion.objects.on(plan.STARTS).filter(bureau__code="YZ-TECH").exists()
    page.goto(f"{address}?on={plan.STARTS.isoformat()}")
    expect(page.locator(".page-head")).to_contain_text("已生效")
    expect(page.locator(".page-head")).to_contain_text(date_format(plan.STARTS))
    assert [text for text in refused if "favicon" not in text] == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_plan_fits_without_scrolling_sideways(live_server, page, at, width):
    with transaction.atomic():
        row = plan.draft(at, ("merge", {"sources": ["YZ-B1"], "into": "YZ-B2"}))
    give_session(page.context, live_server.url, at.drafter.user)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/plans/{row.code}/")
    sides = page.locator("#trial .side")
    expect(sides).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    one, two = (sides.nth(n).bounding_box() for n in range(2))
    beside = one["y"] == two["y"]
    assert beside == (width == 1440)

"""What is promised, in a real browser: a template's sheet with a block from Excel, and a letter signed by two."""

import pytest

from kpi.models import Scorecard
from kpi.promise import templates
from kpi.promise.templates import Item
from tests import kpi_builders as build
from tests.browsing import complaints_of, give_session, paste

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS),
]


@pytest.fixture
def at():
    return build.small_year()


@pytest.fixture
def sign_in(page, live_server):
    """Be somebody in the browser; no script may fail or be refused on the way."""
    complaints = complaints_of(page)

    def be(user, path):
        give_session(page.context, live_server.url, user)
        page.goto(f"{live_server.url}{path}")

    yield be
    assert complaints == []


def template(at):
    items = [Item(build.indicator("new-projects"), 60), Item(build.indicator("safety", "deduction"), 40)]
    return templates.create_template(
        holder=at.zone.unit, code="t", name="部门模板", subject="bureau", items=items, by=build.actor(at.users["hr"])
    )


def column(page, name):
    return page.locator(f'table[data-sheet] tbody [name="{name}"]')


def test_weights_are_edited_as_a_sheet_and_a_block_from_excel_is_taken(at, page, sign_in):
    row = template(at)
    sign_in(at.users["hr"], f"/templates/{row.pk}/edit/")
    total = page.locator("output[data-sum-of=weight]")
    column(page, "weight").first.fill("59.9")
    assert (total.text_content(), total.get_attribute("class")) == ("99.9", "off")
    page.get_by_role("button", name="保存模板").click()
    page.get_by_text("权重合计 99.9，还差 0.1").wait_for()
    assert column(page, "weight").first.input_value() == "59.9"
    column(page, "group").first.focus()
    paste(page, "实绩\tnew-projects\t５０\t多余\r\n实绩\tsafety\t30\r\n作风\tparty\t20\r\n")
    assert (total.text_content(), total.get_attribute("class")) == ("100", "whole")
    page.get_by_text("超出表格的 1 个值没有粘贴").wait_for()
    assert "指标party" in page.locator("tbody tr").nth(2).text_content()
    column(page, "weight").nth(0).press("Enter")
    assert page.evaluate("document.activeElement.value") == "30"
    page.get_by_role("button", name="保存模板").click()
    page.get_by_text("已保存模板").wait_for()
    lines = row.lines.order_by("sequence").values_list("group", "indicator__code", "weight")
    assert list(lines) == [("实绩", "new-projects", 50), ("实绩", "safety", 30), ("作风", "party", 20)]


def test_a_block_longer_than_a_sheet_stops_at_its_end_and_says_so(at, page, sign_in):
    sign_in(at.users["hr"], f"/templates/{template(at).pk}/edit/")
    column(page, "indicator").first.focus()
    paste(page, "x\n" * 130)
    page.get_by_text("超出表格的 30 个值没有粘贴").wait_for()
    assert column(page, "indicator").count() == 100
    page.get_by_role("button", name="加一行").click()
    page.get_by_text("一张表最多 100 行").wait_for()


def test_both_sides_sign_a_letter_and_it_is_frozen(at, page, sign_in):
    card = at.cards["bureau"]
    for who in ("leader", "head"):
        sign_in(at.users[who], f"/scorecards/{card.pk}/letter/")
        page.get_by_role("button", name="签字").click()
        page.locator("#confirm").get_by_role("button", name="签字").click()
        page.get_by_text("已签字").wait_for()
    page.get_by_text("已签订").wait_for()
    assert page.get_by_role("button", name="签字").count() == 0
    assert Scorecard.objects.get(pk=card.pk).frozen_at


@pytest.mark.parametrize("path", ["/templates/{t}/", "/templates/{t}/edit/", "/scorecards/{c}/letter/edit/", "/years/"])
def test_nothing_scrolls_sideways_on_a_telephone(at, page, sign_in, path):
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(at.users["hr"], path.format(t=template(at).pk, c=at.cards["bureau"].pk))
    wide = (
        "[...document.querySelectorAll('.table-wrap')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
    )
    assert (page.evaluate("document.documentElement.scrollWidth"), page.evaluate(wide)) == (390, 0)

"""A bureau head enters scores in a real browser: saved as he goes, refused in words, conflicts shown."""

import pytest

from common.actors import Actor
from kpi.entry import services
from tests import kpi_builders as build
from tests.browsing import complaints_of, give_session

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS),
]


@pytest.fixture
def at():
    return build.small_year()


@pytest.fixture
def head(at, page, live_server):
    """The page of the head's bureau card, with no complaint of the browser along the way."""
    give_session(page.context, live_server.url, at.users["head"])
    complaints = complaints_of(page)
    page.goto(f"{live_server.url}/scorecards/{at.cards['bureau'].pk}/")
    yield page
    assert complaints == []


def cell(page, at, code):
    return page.locator(f"#line-{build.line(at.cards['bureau'], code).pk}")


def test_the_head_fills_his_card_from_the_keyboard(at, head):
    cell(head, at, "new-projects").focus()
    for text in build.FULL.values():
        head.keyboard.type(text)
        head.keyboard.press("Enter")
    head.locator("tfoot [data-total]").get_by_text("93.00").wait_for()
    head.get_by_text("各项已评完").wait_for()
    head.reload()
    assert cell(head, at, "budget-growth").input_value() == "7"
    assert head.locator("#card-picture svg").first.is_visible()


def test_a_bad_number_stays_where_it_was_typed_and_says_why(at, head):
    cell(head, at, "new-projects").fill("很多")
    cell(head, at, "new-projects").press("Enter")
    head.get_by_text("「很多」不是数字").first.wait_for()
    assert cell(head, at, "new-projects").input_value() == "很多"
    cell(head, at, "new-projects").fill("１９")
    cell(head, at, "new-projects").press("Enter")
    head.locator("tfoot [data-total]").get_by_text("38.00").wait_for()
    assert cell(head, at, "new-projects").input_value() == "19"


def test_when_somebody_else_was_faster_both_values_show_and_he_chooses(at, head):
    line = build.line(at.cards["bureau"], "new-projects")
    services.enter_score(line=line, text="12", version=1, by=Actor.command("test"))
    cell(head, at, "new-projects").fill("19")
    cell(head, at, "new-projects").press("Enter")
    head.get_by_role("button", name="用我的").click()
    head.locator("tfoot [data-total]").get_by_text("38.00").wait_for()
    line.refresh_from_db()
    assert (line.actual, line.version) == (19, 3)


def test_the_fold_tells_how_a_line_is_scored_and_then_why(at, head):
    row = head.locator("tr", has=cell(head, at, "budget-growth"))
    row.get_by_text("怎么算").click()
    row.get_by_text("尚未录入完成值").wait_for()
    cell(head, at, "budget-growth").fill("7")
    cell(head, at, "budget-growth").press("Enter")
    row.get_by_text("((7 − 2) ÷ (12 − 2) × 40 + 60) ÷ 100").wait_for()


def test_nothing_scrolls_sideways_on_a_telephone(at, head):
    head.set_viewport_size({"width": 390, "height": 844})
    head.reload()
    assert head.evaluate("document.documentElement.scrollWidth") == 390
    assert cell(head, at, "party").is_visible()

"""The sheet in a real browser: keys, blocks from Excel, undo, a lost connection, two people on one cell."""

import pytest

from common.actors import Actor
from kpi.entry import services
from kpi.models import Line
from tests import kpi_builders as build
from tests.browsing import complaints_of, give_session, paste

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS),
]
CODES = list(build.FULL)


@pytest.fixture
def at():
    return build.small_year()


@pytest.fixture
def sheet(at, page, live_server):
    """The head's sheet of his people, with no complaint of the browser along the way."""
    give_session(page.context, live_server.url, at.users["head"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    complaints = complaints_of(page)
    page.goto(f"{live_server.url}/scorecards/matrix/")
    yield page
    assert complaints == []


def cell(page, at, name, code):
    return page.locator(f"#line-{build.line(at.cards[name], code).pk}")


def focused(page) -> str:
    return page.evaluate("document.activeElement.id")


def actual(at, name, code):
    return Line.objects.get(pk=build.line(at.cards[name], code).pk).actual


def total(page, at, name):
    return page.locator(f'[data-card-total="{at.cards[name].pk}"]')


def test_keys_move_as_in_a_spreadsheet_and_every_cell_saves_itself(at, sheet):
    first = cell(sheet, at, "staff", CODES[0])
    first.focus()
    sheet.keyboard.type("20")
    sheet.keyboard.press("Tab")
    assert focused(sheet) == cell(sheet, at, "staff", CODES[1]).get_attribute("id")
    sheet.keyboard.type("7")
    sheet.keyboard.press("Enter")
    assert focused(sheet) == cell(sheet, at, "colleague", CODES[1]).get_attribute("id")
    sheet.keyboard.press("Shift+Enter")
    sheet.keyboard.press("ArrowLeft")  # the whole value is selected: to the cell beside
    assert focused(sheet) == first.get_attribute("id")
    sheet.keyboard.press("ArrowDown")
    sheet.keyboard.press("Shift+Tab")
    assert focused(sheet) == cell(sheet, at, "staff", CODES[3]).get_attribute("id")
    sheet.keyboard.type("55")
    sheet.keyboard.press("Escape")
    assert cell(sheet, at, "staff", CODES[3]).input_value() == ""
    total(sheet, at, "staff").get_by_text("64.00").wait_for()
    sheet.locator(f'[data-card-rank="{at.cards["staff"].pk}"]').get_by_text("1 / 1").wait_for()
    assert (actual(at, "staff", CODES[0]), actual(at, "staff", CODES[1]), actual(at, "staff", CODES[3])) == (
        20,
        7,
        None,
    )


def test_a_block_from_excel_fills_the_sheet_bad_cells_stay_and_what_is_outside_is_said(at, sheet):
    cell(sheet, at, "staff", CODES[0]).focus()
    paste(sheet, "20\t7\t0\t90\t5\r\n１，０００\t很多\t1\t80\r\n1\t2\r\n")
    sheet.get_by_text("「很多」不是数字").first.wait_for()
    total(sheet, at, "staff").get_by_text("93.00").wait_for()
    assert cell(sheet, at, "colleague", CODES[1]).input_value() == "很多"
    assert cell(sheet, at, "colleague", CODES[0]).input_value() == "1000"
    assert "粘贴了 8 格；另有 3 个值" in sheet.locator(".grid-pasted").text_content()
    assert actual(at, "colleague", CODES[3]) == 80
    sheet.locator("#sheet-foot").get_by_text("7/12").wait_for()


def test_undo_and_redo_save_too(at, sheet):
    cell(sheet, at, "staff", CODES[0]).focus()
    paste(sheet, "20\t7\n10\t3\n")
    total(sheet, at, "staff").get_by_text("64.00").wait_for()
    sheet.keyboard.press("Control+z")
    total(sheet, at, "staff").get_by_text("—").wait_for()
    assert [actual(at, name, CODES[0]) for name in ("staff", "colleague")] == [None, None]
    sheet.keyboard.press("Control+y")
    total(sheet, at, "staff").get_by_text("64.00").wait_for()
    assert actual(at, "colleague", CODES[1]) == 3


def test_a_lost_connection_keeps_what_was_typed_over_a_reload_and_saves_it_when_it_is_back(at, sheet):
    sheet.context.set_offline(True)
    one = cell(sheet, at, "staff", CODES[0])
    one.fill("20")
    one.press("Enter")
    sheet.get_by_text("连接中断").first.wait_for()
    assert actual(at, "staff", CODES[0]) is None
    sheet.context.set_offline(False)
    total(sheet, at, "staff").get_by_text("40.00").wait_for()
    sheet.context.set_offline(True)
    two = cell(sheet, at, "staff", CODES[3])
    two.fill("90")
    two.press("Enter")
    sheet.get_by_text("连接中断").first.wait_for()
    sheet.goto("about:blank")
    sheet.context.set_offline(False)
    sheet.go_back()
    total(sheet, at, "staff").get_by_text("49.00").wait_for()
    assert cell(sheet, at, "staff", CODES[3]).input_value() == "90"
    assert actual(at, "staff", CODES[3]) == 90


def test_two_on_one_cell_both_values_and_the_name_show_and_he_chooses(at, sheet):
    line = build.line(at.cards["staff"], CODES[0])
    services.enter_score(line=line, text="12", version=1, by=Actor.command("test"))
    mine = cell(sheet, at, "staff", CODES[0])
    mine.fill("19")
    mine.press("Enter")
    sheet.get_by_text("他人已改为 12").first.wait_for()
    sheet.get_by_role("button", name="用对方的").click()
    assert mine.input_value() == "12"
    assert actual(at, "staff", CODES[0]) == 12
    mine.fill("18")
    mine.press("Enter")
    total(sheet, at, "staff").get_by_text("36.00").wait_for()
    assert actual(at, "staff", CODES[0]) == 18


def test_on_a_telephone_each_row_is_a_card_and_nothing_scrolls_sideways(at, sheet):
    sheet.set_viewport_size({"width": 390, "height": 844})
    sheet.reload()
    assert sheet.evaluate("document.documentElement.scrollWidth") == 390
    last = cell(sheet, at, "colleague", CODES[3])
    last.scroll_into_view_if_needed()
    last.fill("90")
    last.press("Enter")
    total(sheet, at, "colleague").get_by_text("9.00").wait_for()

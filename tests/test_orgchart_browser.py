"""The org chart in a real browser: walked by keys, read on a telephone, silent towards the rest of the world."""

import pytest
from django.db import transaction
from pypdf import PdfReader

from tests import orgchart_builders as build
from tests.browsing import give_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)]


@pytest.fixture
def chart(live_server, page):
    """The chart of a small zone, opened as HR; what the console complains of is collected."""
    with transaction.atomic():
        at = build.full_zone()
        build.state(at.charter, "ORG-05", "sublevel_allowed", "1")
        build.bureau(at, at.zone, "YZ-B1-S", parent=at.bureaus[0], holds="f-yz-b1")
        build.staff(at)
        user = build.user("hr", "hr", at.zone)
    give_session(page.context, live_server.url, user)
    page.refused = []
    page.on("console", lambda message: message.type == "error" and page.refused.append(message.text))
    page.on("request", lambda request: request.url.startswith(live_server.url) or page.refused.append(request.url))
    page.goto(f"{live_server.url}/zones/YZ/chart/")
    return page


def focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('href')")


def test_arrow_keys_walk_the_picture_and_enter_opens(chart):
    picture = chart.locator("svg.orgchart")
    picture.locator("a").first.focus()
    assert focused(chart) == "/units/YZ/"
    chart.keyboard.press("ArrowDown")
    chart.keyboard.press("Home")
    assert focused(chart) == "/units/YZ/"
    chart.keyboard.press("ArrowDown")
    first_row = focused(chart)
    assert first_row.startswith("/bureaus/YZ-B")
    chart.keyboard.press("ArrowRight")
    assert focused(chart) != first_row
    chart.keyboard.press("ArrowLeft")
    assert focused(chart) == first_row
    chart.keyboard.press("ArrowDown")
    assert focused(chart) == "/units/YZ-P/"
    chart.keyboard.press("ArrowDown")
    bureau = focused(chart)
    assert bureau.startswith("/bureaus/YZ-P-B")
    chart.keyboard.press("Enter")
    chart.wait_for_url(f"**{bureau}")
    assert [text for text in chart.refused if "favicon" not in text] == []


def test_down_and_up_pass_by_what_hangs_under_another_bureau(chart):
    picture = chart.locator("svg.orgchart")
    picture.locator('a[href="/bureaus/YZ-B1/"]').focus()
    chart.keyboard.press("ArrowDown")
    assert focused(chart) == "/bureaus/YZ-B1-S/"
    chart.keyboard.press("ArrowUp")
    assert focused(chart) == "/bureaus/YZ-B1/"
    chart.keyboard.press("ArrowRight")
    chart.keyboard.press("ArrowDown")
    assert focused(chart) == "/units/YZ-P/"


def test_a_unit_folds_and_unfolds_by_keys_and_the_focus_stays(chart):
    chart.locator("svg.orgchart a").first.focus()
    chart.keyboard.press("ArrowRight")
    assert focused(chart).endswith("fold=YZ#fold-YZ")
    chart.keyboard.press("Enter")
    chart.wait_for_url("**fold=YZ#fold-YZ")
    chart.wait_for_function("document.activeElement.id === 'fold-YZ'")
    assert chart.locator('svg.orgchart a[href="/bureaus/YZ-B1/"]').count() == 0
    assert chart.locator('svg.orgchart a[href="/bureaus/YZ-P-B1/"]').count() == 1
    # From the folded unit straight down to the park.
    chart.keyboard.press("ArrowDown")
    assert focused(chart) in ("/units/YZ-P/", "?fold=YZ%2CYZ-P#fold-YZ-P")
    chart.locator("#fold-YZ").focus()
    chart.keyboard.press("Enter")
    chart.wait_for_function("document.querySelector('svg.orgchart a[href=\"/bureaus/YZ-B1/\"]')")
    assert [text for text in chart.refused if "favicon" not in text] == []


def test_it_prints_on_one_sheet_of_a3_across(chart, tmp_path):
    for name, address in (("today", chart.url), ("then", f"{chart.url}?on=2020-06-30")):
        chart.goto(address)
        chart.pdf(path=tmp_path / f"{name}.pdf", prefer_css_page_size=True)
        pages = PdfReader(tmp_path / f"{name}.pdf").pages
        assert len(pages) == 1
        _left, _low, width, height = pages[0].mediabox
        assert (round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) == (420, 297)
        said = pages[0].extract_text()
        assert "机构图" in said
        assert "上次变动" not in said


def test_a_click_on_the_timeline_moves_the_day(chart):
    chart.locator("svg.oc-time circle").first.click()
    chart.wait_for_url("**on=2019-10-01")
    assert chart.locator("#asof-day").input_value() == "2019-10-01"


@pytest.mark.parametrize("width", [1440, 390])
def test_two_days_fit_side_by_side_or_as_a_list(chart, width):
    chart.set_viewport_size({"width": width, "height": 900})
    chart.goto(chart.url.replace("/chart/", "/compare/?from=2019-10-01&to=2020-06-30"))
    assert chart.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert chart.locator("svg.orgchart").first.is_visible() == (width == 1440)


def test_one_tab_leaves_the_picture(chart):
    chart.locator("svg.orgchart a").first.focus()
    chart.keyboard.press("Tab")
    assert chart.evaluate("!document.activeElement.closest('svg')")


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_without_scrolling_sideways(chart, width):
    chart.set_viewport_size({"width": width, "height": 900})
    chart.wait_for_timeout(200)
    assert chart.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert chart.locator("svg.orgchart").is_visible() == (width == 1280)
    assert chart.locator(".oc-list").first.is_visible() == (width == 390)
    if width == 1280:
        assert chart.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('.picture-scroll'))")

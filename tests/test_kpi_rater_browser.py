"""A rater on his telephone: big inputs and words to pick, saved as he goes, and nothing of it left on the machine."""

import pytest

from kpi.models import PanelRating
from tests import kpi_builders as build
from tests.browsing import complaints_of, give_session

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS),
]


@pytest.fixture
def on():
    return build.panel(build.small_year())


@pytest.fixture
def phone(on, page, live_server):
    """The leader's page of the panel, 390 px wide, with no complaint of the browser along the way."""
    give_session(page.context, live_server.url, on.users["leader"])
    page.set_viewport_size({"width": 390, "height": 800})
    complaints = complaints_of(page)
    page.goto(f"{live_server.url}/ratings/{on.panel.pk}/")
    yield page
    assert complaints == []


def cell(page, on, code):
    return page.locator(f"#rating-{on.lines[code].pk}")


def test_rates_by_a_word_and_by_a_number_and_sees_how_far_he_is(on, phone):
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    box = cell(phone, on, "bureau").bounding_box()
    assert box["height"] >= 40
    word = phone.locator(f'[data-for="rating-{on.lines["bureau"].pk}"]', has_text="较好")
    assert word.bounding_box()["height"] >= 40
    word.click()
    phone.locator("[data-total]").get_by_text("1", exact=True).wait_for()
    assert word.get_attribute("aria-pressed") == "true"
    phone.locator("[data-rating-next]").click()
    phone.keyboard.type("77.5")
    phone.keyboard.press("Enter")
    phone.locator("[data-total]").get_by_text("2", exact=True).wait_for()
    phone.reload()
    assert cell(phone, on, "bureau").input_value() == "85"
    assert cell(phone, on, "other_bureau").input_value() == "77.5"
    assert sorted(PanelRating.objects.values_list("points", flat=True)) == [77.5, 85]


def test_what_is_no_rating_is_said_at_its_field(on, phone):
    cell(phone, on, "bureau").fill("101")
    cell(phone, on, "bureau").press("Enter")
    phone.get_by_text("测评分须在 0 与 100 之间").first.wait_for()
    assert not PanelRating.objects.exists()


def test_nothing_of_a_rating_stays_on_the_machine(on, phone, live_server):
    cell(phone, on, "bureau").fill("101")
    cell(phone, on, "bureau").press("Enter")
    phone.get_by_text("测评分须在 0 与 100 之间").first.wait_for()
    assert phone.evaluate("localStorage.length") == 0
    cell(phone, on, "bureau").fill("91")
    cell(phone, on, "bureau").press("Enter")
    phone.locator("[data-total]").get_by_text("1", exact=True).wait_for()
    kept = phone.evaluate("Object.entries(localStorage).concat(Object.entries(sessionStorage)).flat().join()")
    assert "91" not in kept

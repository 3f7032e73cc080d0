"""Posts, roster and HR's home in a real browser: what is typed and chosen stays, and every page fits a telephone."""

import pytest
from django.db import transaction

from tests import staffing_builders as build
from tests.browsing import give_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)]
ON = "on=2020-06-30"


@pytest.fixture
def hr(live_server, page):
    """A browser signed in as HR of a small zone; what the console complains of is collected."""
    with transaction.atomic():
        zone = build.small_zone()
        build.seat(build.person(zone, "张三丰", "T-1"), zone.head)
        build.seat(build.person(zone, "李四", "T-2"), zone.clerk)
        user = build.user("hr", role="hr", on=zone.unit)
    give_session(page.context, live_server.url, user)
    page.refused = []
    page.on("console", lambda message: message.type == "error" and page.refused.append(message.text))
    page.on("request", lambda request: request.url.startswith(live_server.url) or page.refused.append(request.url))
    page.site = live_server.url
    return page


def test_columns_are_chosen_and_kept(hr):
    hr.goto(f"{hr.site}/roster/?{ON}&unit=YZ")
    assert not hr.get_by_role("columnheader", name="原身份").is_visible()
    hr.get_by_text("选择列").click()
    hr.get_by_label("原身份", exact=True).last.check()
    hr.get_by_role("button", name="保存列").click()
    hr.wait_for_load_state()
    assert f"{ON}&unit=YZ" in hr.url
    assert hr.get_by_role("columnheader", name="原身份").is_visible()
    # The list is swapped when a choice changes; the columns stay.
    hr.get_by_label("姓名、工号").fill("李")
    hr.wait_for_url("**q=%E6%9D%8E**")
    assert hr.get_by_role("columnheader", name="原身份").is_visible()
    assert hr.locator("#roster tbody tr").count() == 1
    assert [text for text in hr.refused if "favicon" not in text] == []


def test_a_refused_post_keeps_what_was_typed(hr):
    hr.goto(f"{hr.site}/add/post/?{ON}")
    hr.get_by_label("岗位编号").fill("N1")
    hr.get_by_label("单位、部门").select_option("bureau:YZ-INV")
    hr.get_by_label("岗位名称").fill("项目专员")
    for label, text in (("职责任务", "跟踪项目"), ("工作标准", "按期"), ("任职条件", "本科")):
        hr.get_by_label(label).fill(text)
    hr.get_by_label("岗位类别").select_option("GL")
    hr.get_by_label("岗位等级").select_option("ZJ10")
    hr.get_by_label("管理层级").select_option("staff")
    hr.get_by_label("岗级").select_option("S2")
    submit = hr.get_by_role("button", name="设立岗位")
    submit.click()
    hr.get_by_text("PST-04").first.wait_for()
    assert hr.get_by_label("职责任务").input_value() == "跟踪项目"
    hr.get_by_label("岗位等级").select_option("GL09")
    submit.click()
    hr.wait_for_url("**/posts/N1/**")
    assert hr.get_by_text("GL09 管理九级").is_visible()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    "path",
    [
        "hr/", "roster/", "roster/changes/?since=2019-10-15&until=2020-06-30", "posts/", "posts/YZ-INV-C/", "grades/",
        "posts/YZ-INV-C/revise/", "units/YZ/post-plan/",
    ],
)  # fmt: skip
def test_every_page_fits(hr, path, width):
    hr.set_viewport_size({"width": width, "height": 900})
    hr.goto(f"{hr.site}/{path}{'&' if '?' in path else '?'}{ON}")
    assert hr.locator("h1").is_visible()
    assert hr.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [text for text in hr.refused if "favicon" not in text] == []

"""The four things people come to do, in a real Chromium against a real site: servers, worker and all."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config import embedded

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("site")]
READY_SECONDS = 180
PICTURES = Path(os.environ.get("SCREENSHOTS", embedded.BASE_DIR / "var" / "screenshots"))


@dataclass(frozen=True)
class Site:
    url: str
    passwords: dict[str, str]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``make run`` as a newcomer has it, in a folder and on a port of its own."""
    folder, port = tmp_path_factory.mktemp("site"), _free_port()
    own = {"VAR_DIR": str(folder), "PORT": str(port)}
    outside = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS")
    env = {key: value for key, value in os.environ.items() if key not in outside} | own
    log = (folder / "run.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "config.runner"], cwd=embedded.BASE_DIR, env=env, stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + READY_SECONDS
        while "ready http" not in (said := (folder / "run.log").read_text()):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"the site did not come up:\n{said[-3000:]}")
            time.sleep(0.3)
        kept = json.loads((folder / "personas.json").read_text())
        yield Site(f"http://127.0.0.1:{port}", {name: facts["password"] for name, facts in kept.items()})
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        log.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A Chinese reader's browser that reports every request that leaves the site, and every script error."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def visitor(context: BrowserContext, site: Site):
    """Signs somebody in and gives his page; strangers' hosts and script errors fail the test at its end."""
    foreign: list[str] = []
    errors: list[str] = []

    def sign_in(username: str) -> Page:
        page = context.new_page()
        page.on("request", lambda request: foreign.append(request.url) if not _ours(request.url, site) else None)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return _signed_in(page, site, username)

    yield sign_in
    assert foreign == []
    assert errors == []


def _signed_in(page: Page, site: Site, username: str) -> Page:
    page.goto(f"{site.url}/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", site.passwords[username])
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(f"{site.url}/")
    page.wait_for_load_state()  # keys that are pressed before the page listens are lost
    return page


@pytest.fixture
def desks(browser: Browser, site: Site):
    """Signs several people in side by side, each in a browser of his own."""
    made: list[BrowserContext] = []

    def sign_in(username: str) -> Page:
        made.append(browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", accept_downloads=True))
        return _signed_in(made[-1].new_page(), site, username)

    yield sign_in
    for each in made:
        each.close()


def _ours(url: str, site: Site) -> bool:
    return url.startswith((site.url, "data:", "blob:"))


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for the README and for whoever reviews."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def fits(page: Page) -> bool:
    """The page itself does not scroll sideways; wide tables do so in their own box."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_hr_finds_a_person(visitor, site):
    page = visitor("hr")
    page.keyboard.press("/")
    page.keyboard.type("招商局")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="招商局", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("招商局")
    page.goto(f"{site.url}/roster/")
    total = page.locator("tbody tr").count()
    assert total > 10
    name = page.locator("tbody tr a").first.inner_text()
    page.goto(f"{site.url}/roster/?q={name}")
    page.locator("tbody tr a", has_text=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_a_bureau_head_enters_a_score(visitor, site):
    page = visitor("head")
    page.get_by_role("link", name=re.compile("去评分")).click()
    page.locator("tbody tr a").first.click()
    cell = page.locator("input[data-save-url]").first
    cell.fill("88")
    cell.press("Enter")
    expect(page.locator(".cell[data-state=saved]").first).to_be_visible()
    page.reload()
    value = page.locator("input[data-save-url]").first.input_value()
    assert float(value) == 88


def test_finance_computes_a_pool_and_opens_a_trace(visitor, site):
    page = visitor("finance")
    page.goto(f"{site.url}/pools/?year=2020")
    before = page.locator("tfoot").inner_text()
    page.get_by_role("button", name="核算 2020 年").click()
    page.locator("dialog[open] button[value]:not([value=''])").last.click()
    expect(page.locator("#pools progress")).to_have_count(0, timeout=30_000)
    assert page.locator("tfoot").inner_text() == before
    page.locator("tbody tr a").first.click()
    picture(page, "pool")
    page.get_by_text("逐步看").click()
    steps = page.locator("table.steps").first
    expect(steps).to_contain_text("税收增幅")
    expect(steps).to_contain_text("当年税收")
    page.locator("table.data:not(.steps) tbody tr a").last.click()
    page.locator("table.data[data-sortable] tbody tr a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("绩效为什么是这么多")
    picture(page, "why")


def test_an_evaluator_downloads_the_report_without_people(visitor, site):
    page = visitor("evaluator")
    page.goto(f"{site.url}/reports/")
    row = page.locator("tr", has_text="绩效分配方案表").first
    with page.expect_download() as download:
        row.get_by_role("link", name="Excel").click()
    content = Path(download.value.path()).read_bytes()
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    words = [str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert "部门额度" in words
    assert "姓名" not in words
    page.goto(f"{site.url}/reports/verify/")
    page.set_input_files("input[type=file]", {"name": "x.xlsx", "mimeType": "application/zip", "buffer": content})
    page.locator("main form.form button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("是本系统出具的文件")
    with page.expect_download() as download:
        page.goto(f"{site.url}/reports/")
        page.locator("tr", has_text="绩效总额核定表").first.get_by_role("link", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_the_chart_is_a_picture_on_any_day(visitor, site):
    page = visitor("leader")
    page.goto(f"{site.url}/zones/YZ/chart/")
    expect(page.locator("main svg").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("招商局")
    picture(page, "chart")
    page.goto(f"{site.url}/zones/YZ/chart/?on=2019-06-30")
    expect(page.locator("main")).not_to_contain_text("高新产业促进局")


@pytest.mark.parametrize(
    ("username", "path"), [("hr", "/"), ("hr", "/roster/"), ("hr", "/zones/YZ/chart/"), ("staff", "/my/pay/")]
)
def test_pages_hold_on_a_telephone(visitor, site, username, path):
    page = visitor(username)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}{path}")
    assert fits(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_english_by_a_switch(visitor, site):
    page = visitor("finance")
    page.get_by_role("button", name=re.compile("^EN|English")).first.click()
    page.goto(f"{site.url}/pools/?year=2020")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2020")
    assert not re.search(r"[\u4e00-\u9fff]", page.locator("h1").inner_text())


def confirmed(page: Page) -> None:
    """Say yes to what the page asks before it does something."""
    page.locator("dialog[open] button[value]:not([value=''])").last.click()


def test_a_pool_is_checked_approved_paid_and_told_to_each_by_three_people(desks, site):
    """From finance's draft to everybody's slip: each step by another, the archive by the real worker."""
    finance = desks("finance")
    finance.goto(f"{site.url}/pools/?year=2020")
    finance.locator("tbody tr a", has_text="仪征").first.click()
    address = finance.url
    expect(finance.locator("main")).to_contain_text("待复核")
    hr = desks("hr")
    hr.goto(address)
    hr.get_by_role("button", name="复核通过").click()
    confirmed(hr)
    expect(hr.locator("main")).to_contain_text("待审批")
    expect(hr.get_by_role("link", name="审批", exact=True)).to_have_count(0)
    leader = desks("leader")
    leader.goto(address)
    leader.get_by_role("link", name="审批", exact=True).click()
    for field, text in (("title", "关于核定绩效总额的批复"), ("number", "示例〔2021〕1号"), ("issuer", "示例人社局")):
        leader.fill(f"[name=new_{field}]", text)
    leader.fill("[name=new_issued_on]", "2021-03-01")
    leader.locator("form.form button.btn-primary").click()
    confirmed(leader)
    expect(leader.locator("main")).to_contain_text("示例〔2021〕1号")
    picture(leader, "approved")
    finance.goto(f"{site.url}/payouts/?year=2020")
    finance.get_by_role("button", name="制当期发放单").first.click()
    expect(finance.locator("main")).to_contain_text("待另一名")
    payout = finance.url
    hr.goto(payout)
    if hr.locator("[name=leave_out]").count():
        hr.check("[name=leave_out]")
    hr.get_by_role("button", name="审核并发放").click()
    confirmed(hr)
    expect(hr.locator("main")).to_contain_text("已发放")
    finance.goto(payout)
    picture(finance, "payout")
    with finance.expect_download() as download:
        finance.get_by_role("link", name="银行代发文件").click()
    lines = Path(download.value.path()).read_bytes().decode("gbk").splitlines()
    assert lines[0].startswith("序号,账号,户名")
    assert len(lines) > 50
    hr.goto(address)
    hr.get_by_role("button", name="全部工资条").click()
    done = hr.get_by_role("link", name="查看结果")
    expect(done).to_be_visible(timeout=180_000)
    with hr.expect_download() as download:
        done.click()
    slips = zipfile.ZipFile(download.value.path())
    assert len(slips.namelist()) >= len(lines) - 1
    assert slips.read(slips.namelist()[0]).startswith(b"%PDF")


def test_a_moved_dial_moves_the_picture_and_the_fourth_scenario_is_refused(visitor):
    """Finance moves α: pool, pictures and table follow live; nothing is stored until asked, and then three at most."""
    page = visitor("finance")
    page.goto(f"{page.url}pools/simulate/YZ/2020/")
    expect(page.locator("#outcome .stats")).to_contain_text("9,807,177.75")
    before = page.locator("#outcome svg").first.inner_html()
    alpha = page.get_by_role("spinbutton", name="联动系数 α")
    alpha.fill("0.4")
    expect(page.locator("#outcome .stats")).to_contain_text("9,534,588.87")
    assert page.locator("#outcome svg").first.inner_html() != before
    assert page.get_by_role("slider", name="联动系数 α").input_value() == "0.4"
    alpha.fill("-1")
    expect(page.locator("#simulation-errors")).to_contain_text("联动系数 α")
    expect(page.locator("#outcome .stats")).to_contain_text("9,534,588.87")
    for at, name in enumerate(("甲案", "乙案", "丙案", "丁案"), start=1):
        alpha.fill(f"0.{at}")
        save = page.get_by_role("button", name="保存这次测算")
        expect(page.locator(f'#outcome input[type=hidden][value="0.{at}"]')).to_have_count(1)
        expect(page.locator("#simulation-errors")).to_be_empty()
        page.get_by_placeholder("测算方案的名称").fill(name)
        save.click()
        expect(page.locator("body")).to_contain_text("已保存测算方案" if at < 4 else "最多保存三个测算方案")
    for name in ("甲案", "乙案", "丙案"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

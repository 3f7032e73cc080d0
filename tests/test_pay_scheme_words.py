"""A scheme's version as a file, and the versions side by side: what each says, what changed to the next."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from common.actors import Actor
from pay.models import Scheme
from pay.schemes import services
from pay.schemes.saying import changes, points
from pay.schemes.services import Terms
from pay.schemes.timeline import picture, turns
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
BY = Actor.command("test")


@pytest.fixture
def world():
    found = build.small_zone()
    return found | {"park": build.unit("TZ-P", "park", found["zone"])}


@pytest.fixture
def finance(world) -> Client:
    client = Client()
    client.force_login(build.granted("finance", "finance", world["zone"]))
    return client


def new(world, starts: dt.date, **changed) -> Scheme:
    last = world["zone"].schemes.order_by("-version")[0]
    terms = Terms(**{**vars(Terms.of(last)), **changed})
    given = {"starts": starts, "instrument": build.instrument(), "name": "测试方案", "terms": terms}
    return services.new_version(zone=world["zone"], by=BY, **given)


def second(world) -> Scheme:
    """A version with a higher floor, another answer, and a formula of the park's own."""
    own = {"unit": world["park"].pk, "role": "term", "method": "F13", "parameters": build.COMPOSITE | {"alpha": "0.3"}}
    last = Terms.of(world["zone"].schemes.get())
    return new(
        world,
        dt.date(2021, 1, 1),
        bureau_floor=Decimal("0.9"),
        settings={**last.settings, "sanction": "by_grade"},
        rules=[*last.rules, own],
    )


def versions() -> list[Scheme]:
    return list(Scheme.objects.select_related("instrument").prefetch_related("rules"))


def cells(content: bytes) -> list[str]:
    sheets = load_workbook(io.BytesIO(content)).worksheets
    return [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_what_changed_from_a_version_to_the_next_and_nothing_else(world):
    second(world)
    (turn,) = turns(versions(), {world["park"].pk: "甲园"}, {})
    told = {(each.heading, each.name): (each.before, each.after) for each in turn.changes}
    assert told.pop(("部门与发放", "部门系数下限")) == ("0.8", "0.9")
    assert told.pop(("请假与处分", "受记过以上处分")) == ("全年不参加分配；警告按等次", "按考核结果计")
    # The park's own formula comes without a limit: the zone's is not its own any more.
    assert told.pop(("总额怎样核定：甲园", "上限")) == ("", "没有另定上限，各单位的上限不适用于本单位")
    ((heading, name), (before, after)) = told.popitem()
    assert (heading, before) == ("总额怎样核定：甲园", "")
    assert "F13" in name
    assert "1 + 0.3 ×" in after
    assert not told


def test_what_a_version_says_no_more_is_told_too(world):
    made = second(world)
    first, later = (points(row, {world["park"].pk: "甲园"}, {}) for row in sorted(versions(), key=lambda s: s.version))
    assert made.version == 2
    gone = [each for each in changes(later, first) if not each.after]
    assert [each.heading for each in gone] == ["总额怎样核定：甲园"] * 2
    assert changes(first, first) == []


def test_the_picture_has_a_bar_a_version_in_proportion_with_its_table(world):
    new(world, dt.date(2021, 1, 1))
    new(world, dt.date(2022, 1, 1))
    chart = picture(versions(), dt.date(2022, 6, 30), "测试区")
    assert [row[0] for row in chart.rows] == ["第 1 版", "第 2 版", "第 3 版"]
    lanes = {bar.href: 0.0 for bar in chart.bars}
    for bar in chart.bars:
        lanes[bar.href] += bar.w
        assert 0 <= bar.x <= bar.x + bar.w <= chart.width
    first, second_, third = lanes.values()
    assert abs(second_ - third) < 1  # a year each
    assert [bar.ink for bar in chart.bars] == ["core", "core", "core", "track"]
    assert first > second_


def test_the_page_shows_the_versions_and_their_changes(world, finance):
    second(world)
    page = finance.get(reverse("schemes")).content.decode()
    assert "测试方案" in page or "TZ名称绩效方案各版本" in page
    assert "第 1 版到第 2 版：4 处改动" in page
    assert "<svg" in page


def test_a_zone_with_one_version_has_no_changes(world, finance):
    page = finance.get(reverse("schemes")).content.decode()
    assert "<svg" in page
    assert "处改动" not in page


def test_queries_of_the_list_do_not_grow_with_versions(world, finance):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            finance.get(reverse("schemes"))
        return len(queries)

    second(world)
    cost()
    before = cost()
    for year in range(2022, 2030):
        new(world, dt.date(year, 1, 1), bureau_floor=Decimal(f"0.{year - 2021}"))
    assert cost() == before


def test_the_workbook_says_what_the_page_says(world, finance):
    made = second(world)
    answer = finance.get(reverse("report_download", args=["scheme-version", made.pk, "xlsx"]))
    assert answer.status_code == 200
    found = cells(answer.content)
    assert "第 2 版" in found
    assert any("1 + 0.3 ×" in text for text in found)
    assert any("TZ-P名称" in text for text in found)
    assert "按考核结果计" in found
    assert "测试批文" in found
    assert found.count("示例") >= 20  # customary answers, each with its mark
    stored = found.index("就高，只按一个岗位计")
    assert found[stored + 1] != "示例"  # read in a document


def test_the_pdf_is_one_and_both_are_registered(world, finance):
    made = second(world)
    answer = finance.get(reverse("report_download", args=["scheme-version", made.pk, "pdf"]))
    assert answer.content[:5] == b"%PDF-"
    page = finance.get(reverse("scheme", args=[made.pk])).content.decode()
    for kind in ("pdf", "xlsx"):
        assert reverse("report_download", args=["scheme-version", made.pk, kind]) in page


def test_a_formula_in_a_name_stays_text(world, finance):
    made = second(world)
    Scheme.objects.filter(pk=made.pk).update(name='=HYPERLINK("http://x","y")')
    answer = finance.get(reverse("report_download", args=["scheme-version", made.pk, "xlsx"]))
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_a_stranger_gets_no_file(world):
    made = second(world)
    client = Client()
    client.force_login(build.granted("other", "finance", build.zone("FZ")))
    for kind in ("pdf", "xlsx"):
        assert client.get(reverse("report_download", args=["scheme-version", made.pk, kind])).status_code == 404

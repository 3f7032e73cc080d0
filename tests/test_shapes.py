"""Radar, clusters and courses: where marks lie, and what is said of what is not known (pure)."""

from __future__ import annotations

from decimal import Decimal

from common.drawing import MARGIN, Caption
from common.shapes import Series, Stage, clusters, course, radar

CAPTION = Caption("题", "分")
AXES = ["甲", "乙", "丙", "丁"]


def corners(points: str) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in points.split()]


def test_a_radar_puts_the_full_value_on_the_rim_and_beyond_it_no_further() -> None:
    chart = radar(AXES, [Series("一", [Decimal(100), Decimal(50), Decimal(0), Decimal(140)])], CAPTION, most=100)
    rim = corners([shape for shape in chart.shapes if shape.ink == "grid"][-1].points)
    own = corners(chart.shapes[-1].points)
    middle = (chart.width / 2, sum(y for _x, y in rim) / 4)
    assert own[0] == rim[0]
    assert own[3] == rim[3]  # 140 is drawn on the rim, and told as it is
    assert abs(own[1][0] - (middle[0] + rim[1][0]) / 2) <= 0.1
    assert abs(own[2][1] - middle[1]) <= 0.1
    assert chart.rows[3] == ("丁", "140")


def test_a_radar_needs_three_axes() -> None:
    assert radar(AXES[:2], [Series("一", [1, 2])], CAPTION).rows == ()


def test_members_are_told_apart_by_colour_and_stroke_and_named() -> None:
    chart = radar(AXES, [Series(name, [10, 20, 30, None]) for name in "一二三四"], CAPTION)
    drawn = [shape for shape in chart.shapes if shape.title]
    assert len({shape.ink for shape in drawn}) == len({shape.dash for shape in drawn}) == 4
    assert {"一", "二", "三", "四"} <= {label.text for label in chart.labels}
    assert chart.heads == ("", "一", "二", "三", "四")
    assert chart.rows[3] == ("丁", "—", "—", "—", "—")


def test_everything_stays_on_the_paper() -> None:
    for narrow in (False, True):
        names = ["一个很长的一级指标名称", *AXES]
        charts = [
            radar(names, [Series("一", [90] * 5)], CAPTION, narrow=narrow),
            clusters(names, [Series("本年", [90] * 5), Series("上年", [None] * 5)], CAPTION, narrow=narrow),
            course([Stage(2019, 1, 3), Stage(2020, 3, 3)], CAPTION, heads=("年", "名次", ""), narrow=narrow),
        ]
        for chart in charts:
            for bar in chart.bars:
                assert 0 <= bar.x <= bar.x + bar.w <= chart.width
                assert 0 <= bar.y <= bar.y + bar.h <= chart.height
            for label in chart.labels:
                assert 0 <= label.x <= chart.width
                assert 0 <= label.y <= chart.height


def test_clustered_bars_start_at_zero_and_are_in_proportion() -> None:
    chart = clusters(["甲"], [Series("本年", [Decimal(80)]), Series("上年", [Decimal(40)])], CAPTION)
    one, two = chart.bars
    assert one.x == two.x
    assert abs(one.w - 2 * two.w) <= 0.2
    assert one.x >= MARGIN


def test_the_first_place_is_on_top_and_a_missing_year_breaks_the_line() -> None:
    stages = [Stage(2019, 2, 3), Stage(2020, 1, 3), Stage(2024, 3, 3), Stage(2025, None)]
    chart = course(stages, CAPTION, heads=("年", "名次", ""))
    heights = [bar.y for bar in chart.bars]
    assert heights[1] < heights[0] < heights[2]
    assert [rule.dashed for rule in chart.rules] == [False, True]
    assert chart.rows[3] == ("2025", "—", "")

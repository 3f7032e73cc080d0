"""Pictures: where bars lie, what they say, and what is written out. No database."""

import xml.etree.ElementTree as ET
from decimal import Decimal
from fractions import Fraction

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from common.charts import Row, Step, bins_of, distribution, hbars, sparkline, waterfall
from common.drawing import MARGIN, WIDTHS, Caption, breadth, wrapped

CAPTION = Caption("绩效总额", "万元", "财政局", "2020年12月31日")
STEPS = [
    Step("基数", Decimal("3120.00"), "total"),
    Step("税收增长", Decimal("186.40"), note="权重 40%"),
    Step("留抵退税", Decimal("-41.20")),
    Step("封顶", Decimal("-62.00"), "adjust"),
    Step("总额", Decimal("3203.20"), "total"),
]
SVG = "{http://www.w3.org/2000/svg}"


def axis_of(chart):
    return chart.rules[0].y1


class TestWaterfall:
    def test_totals_stand_on_zero_and_effects_where_the_last_one_ended(self):
        chart = waterfall(STEPS, CAPTION)
        base, tax, refund, _cap, result = chart.bars
        assert base.y + base.h == pytest.approx(axis_of(chart), abs=0.2)
        assert result.y + result.h == pytest.approx(axis_of(chart), abs=0.2)
        assert tax.y + tax.h == pytest.approx(base.y, abs=0.2)
        assert refund.y == pytest.approx(tax.y, abs=0.2)

    def test_bars_are_in_proportion(self):
        base, tax, *_rest = waterfall(STEPS, CAPTION).bars
        assert tax.h / base.h == pytest.approx(186.4 / 3120, rel=0.02)

    def test_signs_and_inks(self):
        chart = waterfall(STEPS, CAPTION)
        assert [bar.ink for bar in chart.bars] == ["total", "gain", "loss", "adjust", "total"]
        assert [row[1] for row in chart.rows] == ["3,120.00", "+186.40", "-41.20", "-62.00", "3,203.20"]
        assert chart.bars[1].title == "税收增长 +186.40 权重 40%"

    def test_below_zero(self):
        chart = waterfall([Step("基数", -30, "total"), Step("增", 80), Step("减", -120)], CAPTION)
        base, up, down = chart.bars
        assert base.y == pytest.approx(axis_of(chart), abs=0.2)
        assert up.y < axis_of(chart) < up.y + up.h
        assert down.y + down.h > axis_of(chart)

    def test_a_zero_step_can_still_be_seen(self):
        assert waterfall([Step("基数", 5, "total"), Step("无", 0)], CAPTION).bars[1].h == 1.5

    def test_many_steps_make_it_wider_not_smaller(self):
        assert waterfall(STEPS, CAPTION).width == WIDTHS[0]
        assert waterfall(STEPS * 3, CAPTION).width in WIDTHS[1:]

    def test_nothing_to_draw(self):
        assert waterfall([], CAPTION).bars == ()

    def test_what_is_no_number_is_refused(self):
        with pytest.raises(ValueError, match="not a number"):
            waterfall([Step("基数", Decimal("NaN"), "total")], CAPTION)

    @given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=12))
    def test_every_mark_stays_on_the_paper(self, values):
        chart = waterfall([Step(f"第{i}步", value) for i, value in enumerate(values)], CAPTION)
        for bar in chart.bars:
            assert bar.x >= 0
            assert bar.x + bar.w <= chart.width
            assert bar.y >= 0
            assert bar.y + bar.h <= chart.height
        assert all(0 < label.y < chart.height for label in chart.labels)


class TestBars:
    ROWS = (Row("税收", Decimal("27.5"), Decimal("30"), href="/l/1/"), Row("外资", Decimal("18.2"), Decimal("25")))

    def test_from_zero_in_proportion_over_their_track(self):
        track, bar, _track, second = hbars(self.ROWS, CAPTION).bars
        assert track.ink == "track"
        assert bar.x == track.x == second.x
        assert bar.w / track.w == pytest.approx(27.5 / 30, rel=0.01)
        assert second.w / bar.w == pytest.approx(18.2 / 27.5, rel=0.01)

    def test_the_number_stands_on_the_bar(self):
        chart = hbars(self.ROWS, CAPTION)
        assert chart.rows[0] == ("税收", "27.5 / 30", "")
        assert "27.5 / 30" in {label.text for label in chart.labels}

    def test_negative_values_go_left(self):
        up, down = hbars([Row("甲", 8), Row("乙", -4, ink="social")], CAPTION).bars
        assert down.x + down.w == pytest.approx(up.x, abs=0.2)
        assert down.x > MARGIN

    def test_reference_line(self):
        chart = hbars(self.ROWS, CAPTION, line=Decimal("15"), line_label="平均")
        line = next(rule for rule in chart.rules if rule.dashed)
        assert line.title == "平均 15"
        assert chart.bars[0].x < line.x1 < chart.bars[0].x + chart.bars[0].w

    def test_narrow_fits_a_telephone(self):
        assert hbars(self.ROWS, CAPTION, narrow=True).width == 360


class TestDistribution:
    def test_every_value_is_counted_once_between_round_edges(self):
        bins = bins_of([Decimal("81.2"), 85, 90, Decimal("99.9"), 100])
        assert sum(each.count for each in bins) == 5
        assert bins[0].low <= Fraction(812, 10)
        assert bins[-1].high >= 100

    def test_an_edge_belongs_to_the_bin_above_it(self):
        bins = bins_of([0, 10, 20], most=2)
        assert [each.count for each in bins] == [1, 2]

    def test_all_alike_and_none(self):
        assert [each.count for each in bins_of([7, 7, 7])] == [3]
        assert bins_of([]) == []
        assert distribution([], CAPTION).bars == ()

    @given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=60))
    def test_counts_conserve(self, values):
        bins = bins_of(values)
        assert sum(each.count for each in bins) == len(values)
        assert len(bins) <= 14

    def test_marker(self):
        chart = distribution([1, 2, 3, 4], CAPTION, marker=3, marker_label="平均")
        assert any(label.text == "平均 3" for label in chart.labels)


def test_sparkline_goes_through_every_value():
    chart = sparkline([("2018", 3), ("2019", 1), ("2020", 2)], title="税收")
    assert chart.path.count("L") == 2
    assert chart.desc == "2018 3; 2019 1; 2020 2"
    assert sparkline([], title="税收").path == ""


class TestText:
    def test_chinese_is_an_em_wide(self):
        assert breadth("税收", 10) == 20
        assert breadth("tax", 10) < 20

    def test_wrapping_breaks_chinese_anywhere_and_english_at_spaces(self):
        assert wrapped("一般公共预算收入", 13 * 5) == ["一般公共预", "算收入"]
        assert wrapped("general public budget", 80) == ["general", "public", "budget"]
        assert wrapped("一二三四五六七八", 26, most=2)[-1].endswith("…")


class TestSvg:
    @pytest.fixture
    def linked(self):
        return hbars(TestBars.ROWS, CAPTION)

    def test_caption_source_and_date_are_in_the_picture(self):
        svg = render_to_string("charts/_svg.html", {"chart": waterfall(STEPS, CAPTION), "standalone": True})
        words = " ".join(ET.fromstring(svg).itertext())  # noqa: S314
        for word in ("绩效总额", "万元", "财政局", "2020年12月31日", "+186.40"):
            assert word in words

    def test_every_bar_has_a_title(self, linked):
        tree = ET.fromstring(render_to_string("charts/_svg.html", {"chart": linked, "standalone": True}))  # noqa: S314
        bars = [node for node in tree.iter(f"{SVG}rect") if "class" in node.attrib]
        assert len(bars) == 4
        assert all(bar.find(f"{SVG}title").text for bar in bars)

    def test_standalone_needs_no_stylesheet_and_has_no_links(self, linked):
        svg = render_to_string("charts/_svg.html", {"chart": linked, "standalone": True})
        tree = ET.fromstring(svg)  # noqa: S314
        assert tree.get("width")
        assert all(node.get("fill") for node in tree.iter() if node.tag in (f"{SVG}rect", f"{SVG}text"))
        assert "<a " not in svg

    def test_no_inline_style_and_text_is_escaped(self):
        chart = hbars([Row('<script>alert("1")</script>', 3)], CAPTION)
        html = render_to_string("charts/hbars.svg.html", {"chart": chart})
        assert "<script" not in html
        assert "style=" not in html

    def test_a_picture_with_links_is_not_an_image_to_screen_readers(self, linked):
        assert 'role="group"' in render_to_string("charts/_svg.html", {"chart": linked})
        assert 'role="img"' in render_to_string("charts/_svg.html", {"chart": waterfall(STEPS, CAPTION)})

    def test_the_same_numbers_stand_in_the_table(self, linked):
        html = render_to_string("charts/hbars.svg.html", {"chart": linked})
        table = html[html.index("<details") :]
        assert "27.5 / 30" in table
        assert "万元" in table

    def test_an_empty_picture_says_so(self):
        assert "还没有" in render_to_string("charts/waterfall.svg.html", {"chart": waterfall([], CAPTION)})

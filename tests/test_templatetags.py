"""What templates may say: numbers, dates, links and small parts. No database."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.db.backends.postgresql.psycopg_any import DateRange
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import NoReverseMatch
from django.utils import translation

from common.periods import period
from common.templatetags import onezone as tags


def request(address="/roster/", on=None):
    made = RequestFactory().get(address)
    made.on = on or dt.date(2020, 12, 31)
    made.on_is_today = on is None
    return made


def render(source, **context):
    return Template(source).render(Context(context)).strip()


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (Decimal("12345.67"), "12,345.67"),
            (Decimal("0.005"), "0.01"),
            (Decimal("-0.005"), "-0.01"),
            (Decimal("-0.004"), "0.00"),
            (Decimal("-1234567.8"), "-1,234,567.80"),
            ("1234.5", "1,234.50"),
            (0, "0.00"),
            (None, "—"),
            ("", "—"),
            ("abc", "—"),
            (Decimal("NaN"), "—"),
            ("1e400", "—"),
            (True, "—"),
        ],
    )
    def test_yuan(self, value, shown):
        assert tags.yuan(value) == shown

    def test_yuan_keeps_every_fen_of_a_large_sum(self):
        # A float would make …789.02 of this.
        assert tags.yuan(Decimal("98765432123456789.01")) == "98,765,432,123,456,789.01"

    def test_wan_and_yi(self):
        assert tags.wan(Decimal("33526000")) == "3,352.60"
        assert tags.yi(Decimal("4800000000")) == "48.00"
        assert tags.wan(Decimal("149.99")) == "0.01"

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (Decimal("0.035"), "+3.5%"),
            (Fraction(-1, 24), "-4.2%"),
            (0, "0.0%"),
            (Decimal("0.0004"), "0.0%"),
            (None, "—"),
        ],
    )
    def test_growth(self, value, shown):
        assert tags.growth(value) == shown

    def test_percent(self):
        assert tags.percent(Decimal("0.6")) == "60.0%"
        assert tags.percent(Fraction(2, 3), 2) == "66.67%"

    def test_number(self):
        assert tags.number(Decimal("1234.50")) == "1,234.5"
        assert tags.number(1000) == "1,000"
        assert tags.number(Decimal("2.4"), 2) == "2.40"
        assert tags.number(Fraction(1, 3), 4) == "0.3333"


class TestDates:
    def test_zhdate_follows_the_language(self):
        day = dt.date(2020, 11, 17)
        assert tags.zhdate(day) == "2020年11月17日"
        with translation.override("en"):
            assert tags.zhdate(day) == "17 Nov 2020"

    def test_zhdate_of_a_moment_is_the_day_in_china(self):
        assert tags.zhdate(dt.datetime(2020, 11, 16, 17, 0, tzinfo=dt.UTC)) == "2020年11月17日"

    def test_zhdate_of_nothing(self):
        assert tags.zhdate(None) == "—"
        assert tags.zhdate("") == "—"

    def test_daterange_shows_the_last_day_included(self):
        assert tags.daterange(period(dt.date(2019, 9, 1), dt.date(2020, 12, 31))) == "2019年9月1日至2020年12月31日"

    def test_daterange_open_and_of_one_day(self):
        assert tags.daterange(period(dt.date(2019, 9, 1))) == "2019年9月1日至今"
        assert tags.daterange(DateRange(None, dt.date(2019, 9, 2))) == "截至2019年9月1日"
        assert tags.daterange(period(dt.date(2019, 9, 1), dt.date(2019, 9, 1))) == "2019年9月1日"
        assert tags.daterange(None) == "—"
        assert tags.daterange(DateRange(None, None)) == "—"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("321081199001011233", "321*************33"), ("张建国", "张**"), ("王", "王*"), ("", "—"), (None, "—")],
)
def test_masked(value, shown):
    assert tags.masked(value) == shown


class TestLinks:
    def test_url_on_keeps_a_day_that_is_not_today(self):
        source = "{% url_on 'search' %}"
        assert render(source, request=request(on=dt.date(2019, 6, 30))) == "/search/?on=2019-06-30"
        assert render(source, request=request()) == "/search/"
        assert render(source) == "/search/"

    def test_url_on_says_when_there_is_no_such_page(self):
        with pytest.raises(NoReverseMatch):
            render("{% url_on 'nowhere' %}", request=request())

    def test_query_changes_one_key_and_keeps_the_rest(self):
        here = request("/roster/?unit=YZ&q=%E9%99%88&page=3")
        assert render("{% query sort='name' %}", request=here) == "?unit=YZ&amp;q=%E9%99%88&amp;sort=name"
        assert render("{% query page=4 %}", request=here).endswith("page=4")
        assert render("{% query unit='' %}", request=here) == "?q=%E9%99%88"

    def test_query_escapes_what_a_visitor_typed(self):
        assert "<" not in render("{% query page=2 %}", request=request('/?q="><script>'))

    def test_kept_query_leaves_out_the_day_and_the_page(self):
        html = render("{% kept_query 'on' %}", request=request("/?unit=YZ&unit=HX&on=2019-06-30&page=2"))
        assert html.count("<input") == 2
        assert 'value="HX"' in html
        assert "2019-06-30" not in html

    def test_sort_by_turns_round(self):
        up = render("{% sort_by 'name' '姓名' %}", request=request("/?sort=name"))
        assert 'aria-sort="ascending"' in up
        assert "sort=-name" in up
        assert "aria-sort" not in render("{% sort_by 'no' '工号' %}", request=request("/?sort=name"))


class TestParts:
    def test_example_badge_only_on_examples(self):
        source = "{% example_badge row %}"
        assert "示例" in render(source, row=SimpleNamespace(is_example=True))
        assert render(source, row=SimpleNamespace(is_example=False)) == ""
        assert render(source, row=None) == ""

    def test_a_state_has_a_word_and_a_sign(self):
        html = render("{% status_badge 'failed' '未完成' %}")
        assert "badge-bad" in html
        assert "未完成" in html
        assert "✕" in html

    def test_an_unknown_state_is_quiet(self):
        assert "badge-quiet" in render("{% status_badge 'brand-new' '新' %}")

    def test_stat_draws_its_part_without_inline_style(self):
        html = render("{% stat '席位' '3/5' part=3 whole=5 href='/x/' %}")
        assert '<progress class="stat-bar" value="3" max="5"' in html
        assert 'href="/x/"' in html
        assert "style=" not in html

    def test_stat_escapes(self):
        assert "<b>" not in render("{% stat label '1' %}", label="<b>")

    def test_empty_state_says_what_to_do(self):
        html = render("{% empty_state '还没有人' '先导入' action='去导入' href='/roster/import/' %}")
        assert "去导入" in html
        assert "/roster/import/" in html

    def test_page_of_counts_and_links(self):
        page = Paginator(range(312), 25).get_page(3)
        html = render("{% page_of page '人' %}", page=page, request=request("/roster/?unit=YZ&page=3"))
        assert "第 51–75 人，共 312 人" in html
        assert 'href="?unit=YZ&amp;page=4"' in html
        assert 'aria-current="page">3<' in html

    def test_page_of_a_single_page_has_no_links(self):
        html = render("{% page_of page %}", page=Paginator([1], 25).get_page(1), request=request())
        assert "<a" not in html


class Form(forms.Form):
    name = forms.CharField(label="岗位名称", help_text="写全称")
    seats = forms.IntegerField(label="席位数", required=False, widget=forms.NumberInput(attrs={"class": "num"}))
    open_ = forms.BooleanField(label="公开", required=False)


class TestForms:
    def test_label_above_help_below_and_error_at_the_field(self):
        html = render("{% field form.name %}", form=Form({}))
        assert html.index("岗位名称") < html.index("<input") < html.index("field-errors") < html.index("写全称")
        assert 'aria-invalid="true"' in html
        assert 'id="id_name_error"' in html

    def test_a_widget_keeps_its_own_class_beside_bootstraps(self):
        html = render("{% field form.seats %}", form=Form())
        assert html.count('class="form-control num"') == 1
        assert "选填" in html

    def test_a_checkbox_stands_before_its_label(self):
        html = render("{% field form.open_ %}", form=Form())
        assert "form-check-input" in html
        assert html.index("<input") < html.index("公开")

    def test_the_summary_links_to_the_fields(self):
        html = render("{{ form }}", form=Form({"seats": "x"}))
        assert 'href="#id_name"' in html
        assert 'href="#id_seats"' in html
        assert 'role="alert"' in html

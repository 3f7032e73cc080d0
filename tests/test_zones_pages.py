"""The figures page: what is shown to whom, growth like for like, and entering a figure."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from tests import orgchart_builders as build
from zones.models import Figure
from zones.tables import blocks, shown_value

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    at = build.full_zone()
    at.users = {role: build.user(role, role, at.zone) for role in ("hr", "finance", "auditor")}
    return at


@pytest.fixture
def client_of(at, client):
    def client_of(role: str):
        client.force_login(at.users[role])
        return client

    return client_of


def page(client, **params) -> str:
    answer = client.get(reverse("figures"), params)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("value", "measure", "shown"),
    [
        ("81900000000", "yuan", ("819.00", "亿元")),
        ("100000000", "yuan", ("1.00", "亿元")),
        ("99999999.99", "yuan", ("10,000.00", "万元")),
        ("-12345678", "yuan", ("-1,234.57", "万元")),
        ("9999.99", "yuan", ("9,999.99", "元")),
        ("81.3", "percent", ("81.3", "%")),
        ("1200", "count", ("1,200", "个")),
    ],
)
def test_amounts_in_the_unit_people_read(value, measure, shown):
    assert shown_value(Decimal(value), measure) == shown


def test_growth_only_meets_its_own_scope_and_the_vintage_that_holds(at):
    build.figure(at.zone, 2019, "100")
    build.figure(at.zone, 2019, "80", vintage=dt.date(2020, 9, 1))
    build.figure(at.zone, 2019, "10", scope="本级")
    build.figure(at.zone, 2020, "88")
    build.figure(at.zone, 2020, "7", scope="剔除留抵")
    found = {(block.scope, row.figure.year): row for block in blocks(Figure.objects.all()) for row in block.years}
    assert found["全口径", 2020].growth.ratio == Decimal("0.1")
    assert found["剔除留抵", 2020].growth.reason == "unlike_scope"
    assert [old.value for old in found["全口径", 2019].replaced] == [Decimal(100)]


def test_the_page_as_of_a_day(at, client_of):
    build.figure(at.zone, 2019, "500000000")
    build.figure(at.zone, 2020, "450000000", is_example=True)
    text = page(client_of("hr"), unit="YZ")
    for words in ("税收收入", "5.00", "4.50", "-10.0%", "示例", "财政决算", "2021年2月1日"):
        assert words in text
    then = page(client_of("hr"), unit="YZ", on="2020-06-30")
    assert "5.00" in then
    assert "4.50" not in then


def test_a_base_of_nothing_says_so(at, client_of):
    build.figure(at.zone, 2019, "0")
    build.figure(at.zone, 2020, "5")
    assert "基数非正，不计算" in page(client_of("hr"))


def test_a_year_alone_keeps_its_growth(at, client_of):
    build.figure(at.zone, 2019, "100")
    build.figure(at.zone, 2020, "110")
    text = page(client_of("hr"), year="2020")
    assert "+10.0%" in text
    assert "110.00" in text
    assert "100.00" not in text
    assert "100.00" in page(client_of("hr"), year="x")


def test_an_empty_unit_says_what_to_do(at, client_of):
    assert "还没有数据" in page(client_of("hr"), unit="YZ-P")


def test_another_zone_is_not_offered(at, client_of):
    other = build.full_zone("XX")
    build.figure(other.zone, 2019, "777")
    text = page(client_of("hr"), unit="XX")
    assert "XX经开区" not in text
    assert "777" not in text


def test_staff_of_no_office_may_not_look(at, client):
    client.force_login(build.user("nobody"))
    assert client.get(reverse("figures")).status_code == 403


class TestEntering:
    GIVEN = {
        "unit": "YZ",
        "metric": "tax",
        "year": "2020",
        "through": "12",
        "value": "１2,345.67",
        "scale": "10000",
        "scope": "全口径",
        "source": "财政决算",
        "vintage": "2021-02-01",
    }

    @pytest.fixture(autouse=True)
    def metrics(self):
        build.metric()
        build.metric("tax_share", "税收占比", "percent")

    def post(self, client, **changes):
        return client.post(reverse("figures"), {**self.GIVEN, **changes})

    def test_finance_enters_in_wan_and_it_is_kept_in_yuan(self, at, client_of):
        answer = client_of("finance").post(reverse("figures"), self.GIVEN, follow=True)
        assert answer.redirect_chain == [("/figures/?unit=YZ", 302)]
        assert Figure.objects.get().value == Decimal("123456700")
        assert "已录入 2020 年税收收入 1.23 亿元" in answer.content.decode()

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"value": "九"}, "value"),
            ({"value": ""}, "value"),
            ({"value": "NaN"}, "value"),
            ({"value": "1e400"}, "value"),
            ({"year": "1900"}, "year"),
            ({"metric": "luck"}, "metric"),
            ({"metric": "tax_share"}, "scale"),
            ({"source": " "}, "source"),
            ({"vintage": "2199-01-01"}, "vintage"),
            ({"vintage": "20210201x"}, "vintage"),
            ({"unit": "XX"}, "unit"),
        ],
    )
    def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(self, at, client_of, changes, said):
        build.full_zone("XX")
        answer = self.post(client_of("finance"), **changes)
        assert answer.status_code == 200
        assert list(answer.context["form"].errors) == [said]
        text = answer.content.decode()
        assert "field-errors" in text
        assert (changes.get("source") or "财政决算") in text
        assert not Figure.objects.exists()

    def test_the_same_vintage_twice_is_said_at_its_date(self, at, client_of):
        self.post(client_of("finance"))
        answer = self.post(client_of("finance"))
        assert list(answer.context["form"].errors) == ["vintage"]

    @pytest.mark.parametrize("role", ["hr", "auditor"])
    def test_nobody_else_enters(self, at, client_of, role):
        assert "录入这条数据" not in page(client_of(role))
        assert self.post(client_of(role)).status_code == 403
        assert not Figure.objects.exists()


def test_the_page_costs_the_same_for_few_and_many(at, client_of, django_assert_max_num_queries):
    client = client_of("finance")

    def queries() -> int:
        with django_assert_max_num_queries(40) as counted:
            page(client, unit="YZ")
        return len(counted)

    build.figure(at.zone, 2018, "1")
    page(client)
    few = queries()
    for number in range(8):
        build.figure(at.zone, 2019, "1", metric=build.metric(f"m{number}", f"指标{number}"))
    assert queries() == few

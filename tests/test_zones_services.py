"""Figures and grants: what the verbs write, what they refuse, and at which field."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from common.access import Access
from common.models import AuditEntry
from tests import orgchart_builders as build
from zones import services
from zones.growth import growth
from zones.models import Figure

pytestmark = pytest.mark.django_db
FEB = dt.date(2021, 2, 1)


@pytest.fixture
def zone():
    return build.unit("YZ", "zone", "经开区", build.unit("CITY", "city", "仪征市"))


@pytest.fixture
def by():
    return build.actor(build.user("finance-clerk"))


def record(unit, by, **changes) -> Figure:
    given = {
        "metric": build.metric(),
        "year": 2020,
        "value": Decimal("123456789.01"),
        "scope": "全口径",
        "source": "财政决算",
        "vintage": FEB,
        **changes,
    }
    return services.record_figure(unit=unit, by=by, **given)


def refused(error) -> dict[str, list[str]]:
    return error.value.message_dict


def test_a_figure_is_entered_with_who_and_an_audit_entry(zone, by):
    figure = record(zone, by)
    assert (figure.value, figure.entered_by) == (Decimal("123456789.01"), by.user)
    entry = AuditEntry.objects.get(verb="record_figure")
    assert (entry.user, entry.key, entry.after["value"]) == (by.user, str(figure.pk), "123456789.01")


def test_a_restated_figure_stands_beside_the_first(zone, by):
    record(zone, by)
    record(zone, by, value=Decimal(2), vintage=dt.date(2021, 6, 1))
    known = [Figure.objects.known_on(day).get().value for day in (FEB, dt.date(2021, 6, 1))]
    assert known == [Decimal("123456789.01"), Decimal(2)]
    assert not Figure.objects.known_on(dt.date(2021, 1, 31)).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vintage": dt.date(2019, 12, 31)}, "vintage"),  # before the year it is about
        ({"vintage": dt.date(2199, 1, 1)}, "vintage"),
        ({"year": 1977, "vintage": FEB}, "vintage"),
        ({"source": "  "}, "source"),
        ({"scope": ""}, "scope"),
        ({"value": Decimal("NaN")}, "value"),
        ({"value": Decimal("1e30")}, "value"),
        ({"value": Decimal("0.00001")}, "value"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(zone, by, changes, field):
    with pytest.raises(ValidationError) as error:
        record(zone, by, **changes)
    assert list(refused(error)) == [field]
    assert not Figure.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_same_vintage_twice_is_refused(zone, by):
    record(zone, by)
    with pytest.raises(ValidationError) as error:
        record(zone, by, value=Decimal(2))
    assert refused(error) == {"vintage": ["同一天已录入过该数据；更正请用新的发布日期"]}


class TestGrowth:
    def test_growth_is_exact(self):
        assert growth(Decimal("103.5"), Decimal("100")).ratio == Fraction(35, 1000)
        assert growth(Decimal("90"), Decimal("100")).ratio == Fraction(-1, 10)

    @pytest.mark.parametrize("base", [Decimal(0), Decimal("-0.01")])
    def test_no_growth_over_a_base_that_is_not_positive(self, base):
        found = growth(Decimal(5), base)
        assert (found.ratio, found.reason) == (None, "base_not_positive")

    def test_no_base_no_growth(self):
        assert growth(Decimal(5), None).reason == "no_base"

    def test_a_share_moves_by_points(self):
        found = growth(Decimal("81.3"), Decimal("80.0"), in_percent=True)
        assert (found.points, found.ratio) == (Decimal("1.3"), None)


class TestGrants:
    def give(self, zone, by, user, **changes):
        given = {"role": "finance", "starts": dt.date(2020, 1, 1), "reason": "仪人〔2020〕1号", **changes}
        return services.grant_role(user=user, unit=zone, by=by, **given)

    def test_a_role_is_given_and_reaches_its_unit(self, zone, by):
        user = build.user("new-clerk")
        self.give(zone, by, user)
        assert Access(user).can_in(zone.pk, "add", "figure")
        assert AuditEntry.objects.get(verb="grant_role").reason == "仪人〔2020〕1号"

    def test_a_role_ended_is_a_right_ended(self, zone, by):
        user = build.user("new-clerk")
        grant = self.give(zone, by, user)
        services.end_grant(grant=grant, on=dt.date(2020, 12, 31), reason="转岗", by=by)
        assert Access(user, day=dt.date(2020, 12, 31)).can("add", "figure")
        assert not Access(user, day=dt.date(2021, 1, 1)).can("add", "figure")
        entry = AuditEntry.objects.get(verb="end_grant")
        assert entry.before["period"] == ["2020-01-01", None]
        assert entry.after["period"] == ["2020-01-01", "2021-01-01"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"role": "head"}, "role"),  # follows from the roster
            ({"role": "king"}, "role"),
            ({"ends": dt.date(2019, 12, 31)}, "ends"),
            ({"reason": " "}, "reason"),
        ],
    )
    def test_what_cannot_be_given(self, zone, by, changes, field):
        with pytest.raises(ValidationError) as error:
            self.give(zone, by, build.user("new-clerk"), **changes)
        assert list(refused(error)) == [field]

    def test_nobody_gives_or_ends_his_own_role(self, zone, by):
        with pytest.raises(ValidationError) as error:
            self.give(zone, by, by.user)
        assert list(refused(error)) == ["user"]
        grant = self.give(zone, build.actor(build.user("another")), by.user)
        with pytest.raises(ValidationError):
            services.end_grant(grant=grant, on=dt.date(2020, 12, 31), reason="", by=by)

    def test_the_same_role_twice_is_refused(self, zone, by):
        user = build.user("new-clerk")
        grant = self.give(zone, by, user)
        with pytest.raises(ValidationError) as error:
            self.give(zone, by, user, starts=dt.date(2021, 1, 1))
        assert refused(error) == {"starts": ["该授权在此期间已存在"]}
        services.end_grant(grant=grant, on=dt.date(2020, 12, 31), reason="", by=by)
        self.give(zone, by, user, starts=dt.date(2021, 1, 1))

    @pytest.mark.parametrize("day", [dt.date(2019, 12, 31), dt.date(2020, 12, 31), dt.date(2021, 1, 1)])
    def test_a_grant_is_only_ever_shortened(self, zone, by, day):
        grant = self.give(zone, by, build.user("new-clerk"), ends=dt.date(2020, 12, 31))
        with pytest.raises(ValidationError) as error:
            services.end_grant(grant=grant, on=day, reason="", by=by)
        assert list(refused(error)) == ["on"]

"""The law of a day stays what it was: raw SQL may close it, and neither rewrite nor remove it."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from common.databases import broken_rule
from orgchart.models import BureauFunction, Charter, CharterParameter, Quota, RuleException
from tests import orgchart_builders as build

pytestmark = pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
LAW = ("orgchart_charter", "orgchart_quota", "orgchart_tier", "orgchart_ruleexception")


@pytest.fixture
def at():
    with transaction.atomic():
        zone = build.full_zone(room=9)
        zone.exception = RuleException.objects.create(
            zone=zone.zone,
            unit=zone.zone,
            rule="ORG-05",
            measure="bureaus",
            allowed=1,
            instrument=zone.instrument,
            period=build.SINCE,
        )
        return zone


def run(statement: str, *params) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def refused(statement: str, *params) -> str:
    with pytest.raises(IntegrityError) as error:
        run(statement, *params)
    return broken_rule(error.value).rule


@pytest.mark.parametrize("table", LAW)
def test_law_in_force_is_not_removed(at, table):
    assert refused(f"delete from {table}") == "LAW-KEPT"


@pytest.mark.parametrize(
    "change",
    [
        "orgchart_charter set name = '另一名称'",
        "orgchart_charter set limited_kinds = '{leaders}'",
        'orgchart_quota set "limit" = 99',
        "orgchart_quota set kind = 'staff'",
        "orgchart_tier set number = 2 where number = 3",
        "orgchart_ruleexception set allowed = 9",
        "orgchart_ruleexception set measure = 'tiers'",
        *(f"{table} set period = daterange('2018-01-01', null)" for table in LAW),
        *(f"{table} set period = daterange('2019-10-02', null)" for table in LAW),
    ],
)
def test_law_in_force_is_not_rewritten(at, change):
    assert refused(f"update {change}") == "LAW-KEPT"


@pytest.mark.parametrize("table", LAW[1:])
def test_it_is_closed_once(at, table):
    """Its end may be set while it has not ended, and never again after."""
    assert run(f"update {table} set period = daterange('2019-10-01', '2035-01-01')")
    assert run(f"update {table} set period = daterange('2019-10-01', '2021-01-01')")
    assert refused(f"update {table} set period = daterange('2019-10-01', '2022-01-01')") == "LAW-KEPT"
    assert refused(f"update {table} set period = daterange('2019-10-01', null)") == "LAW-KEPT"


def test_what_is_saved_unchanged_is_let_through(at):
    Charter.objects.get(pk=at.charter.pk).save()
    Quota.objects.get(unit=at.zone).save()


def test_law_of_a_day_to_come_may_still_change(at):
    ahead = timezone.localdate() + dt.timedelta(days=30)
    with transaction.atomic():
        Charter.objects.filter(pk=at.charter.pk).update(period=DateRange(build.REFORM, ahead))
        coming = build.limits(at, at.zone, period=DateRange(ahead, None))
    with transaction.atomic():
        CharterParameter.objects.filter(charter=coming, name="max_levels").update(value=4)
        CharterParameter.objects.create(charter=coming, rule="ORG-10", name="cap", value=13)
        Charter.objects.filter(pk=coming.pk).update(name="改名")
    assert Charter.objects.get(pk=coming.pk).parameter("ORG-05", "max_levels") == 4


class TestParameters:
    def test_they_come_with_their_charter_or_never(self, at):
        assert (
            refused(
                "insert into orgchart_charterparameter (charter_id, rule, name, value)"
                " values (%s, 'ORG-10', 'cap', 13)",
                at.charter.pk,
            )
            == "LAW-KEPT"
        )

    def test_they_are_not_changed_nor_removed_nor_moved(self, at):
        assert refused("update orgchart_charterparameter set value = 0") == "LAW-KEPT"
        assert refused("delete from orgchart_charterparameter") == "LAW-KEPT"
        ahead = DateRange(timezone.localdate() + dt.timedelta(days=30), None)
        with transaction.atomic():
            other = Charter.objects.create(zone=at.park, name="x", instrument=at.instrument, period=ahead)
        assert (
            refused(
                "update orgchart_charterparameter set charter_id = %s where name = 'cap' or name = 'min_ratio'",
                other.pk,
            )
            == "LAW-KEPT"
        )


class TestWhatStood:
    def test_a_bureau_that_stood_is_not_deleted(self, at):
        BureauFunction.objects.all().delete()
        assert refused("delete from orgchart_bureauversion where bureau_id = %s", at.bureaus[3].pk) == "BUREAU-KEPT"

    def test_a_duty_that_was_borne_is_not_deleted(self, at):
        assert refused("delete from orgchart_dutyassignment where area_id = %s", at.zone.pk) == "DUTY-KEPT"

    def test_one_that_is_yet_to_be_may_be(self, at):
        ahead = DateRange(timezone.localdate() + dt.timedelta(days=30), None)
        with transaction.atomic():
            build.bureau(at, at.zone, "COMING", "core", period=ahead)
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from orgchart_bureaufunction f using orgchart_bureauversion v "
                "where v.id = f.version_id and v.name = 'COMING局'"
            )
        assert run("delete from orgchart_bureauversion where name = 'COMING局'") == 1

"""Each rule of structure by its id: at the boundary it is silent, one past it it names the offender."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from common.databases import broken_rule
from common.rules import Rule, violations
from orgchart.models import Bureau, BureauFunction, BureauVersion, Charter, Quota, Tier
from orgchart.rules import ORG05, ORG06, ORG07, CharterInForce
from tests import orgchart_builders as build
from tests.orgchart_builders import BEFORE, DAY, SINCE
from zones.models import Instrument

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    """The zone; what a test does to it is taken back, for a test may not end with a broken rule pending."""
    zone = build.full_zone()
    before = transaction.savepoint()
    yield zone
    transaction.savepoint_rollback(before)


def found(rule: type[Rule], at, day: dt.date = DAY) -> list[tuple[str, str]]:
    return [(each.subject, each.detail) for each in rule.violations(at.zone.pk, day)]


def refused_at_commit() -> str:
    """The rule that refuses what this test has done, were it committed."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    broken = broken_rule(error.value)
    assert broken is not None
    return broken.rule


def test_the_catalogue_says_what_each_rule_wants_and_whence():
    for rule in (CharterInForce, ORG05, ORG06, ORG07):
        assert Rule.registry[rule.id] is rule
        assert rule.__doc__
        assert rule.severity == "hard"
    assert {rule.id: rule.basis for rule in (ORG05, ORG06, ORG07)} == dict.fromkeys(
        ("ORG-05", "ORG-06", "ORG-07"), "stored"
    )
    # Only what was read in a document may be cited.
    assert CharterInForce.basis == "plausible"


def hard(*, beyond: bool) -> set[tuple[str, str, str, bool]]:
    """What must be held, by the catalogue: rule, measure, finder, and whether it finds spans of days."""
    return {
        (rule.id, measure, finder, measure in rule.spans)
        for rule in Rule.registry.values()
        if rule.severity == "hard" and rule.beyond is beyond
        for measure, finder in rule.finders.items()
        if measure not in rule.warnings
    }


def test_the_catalogue_and_the_hold_name_the_same_functions():
    with connection.cursor() as cursor:
        cursor.execute("select rule_id, measure, finder, spans from orgchart_hardrule")
        assert set(cursor.fetchall()) == hard(beyond=False)


def test_what_lies_beyond_the_structure_is_held_where_it_is_done():
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(prosrc, '') from pg_proc where proname like 'pay\\_judge%'")
        (held,) = cursor.fetchone()
    assert {found for found in hard(beyond=True) if "'{}', '{}', '{}'".format(*found[:3]) not in held} == set()


def test_a_zone_exactly_at_its_limits_breaks_nothing(at):
    assert violations(at.zone.pk, DAY) == []
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def test_before_there_is_a_structure_nothing_is_broken(at):
    assert violations(at.zone.pk, BEFORE) == []


class TestCharter:
    def test_CHARTER_bureaus_without_a_charter(self, at):
        Charter.objects.filter(pk=at.charter.pk).update(period=DateRange(build.REFORM, DAY))
        assert found(CharterInForce, at) == [
            ("YZ经开区", "5 个职能机构没有可依据的机构编制规定"),
            ("YZ化工园", "5 个职能机构没有可依据的机构编制规定"),
        ]
        assert refused_at_commit() == "CHARTER"

    def test_CHARTER_one_day_is_one_day_too_many(self, at):
        Charter.objects.filter(pk=at.charter.pk).update(period=DateRange(build.REFORM, DAY))
        build.limits(at, at.zone, period=DateRange(DAY + dt.timedelta(days=1), None))
        assert [len(found(CharterInForce, at, DAY + dt.timedelta(days=days))) for days in (-1, 0, 1)] == [0, 2, 0]
        assert refused_at_commit() == "CHARTER"


class TestOrg05:
    def test_ORG_05_a_fourth_tier(self, at):
        Tier.objects.create(zone=at.zone, number=4, kind="staff", name="二级机构负责人", period=SINCE)
        assert found(ORG05, at) == [("二级机构负责人", "第 4 层，上限 3 层")]
        assert refused_at_commit() == "ORG-05"

    def test_ORG_05_a_fourth_tier_by_another_number(self, at):
        Tier.objects.create(zone=at.zone, number=0, kind="leader", name="党工委", period=SINCE)
        assert found(ORG05, at) == [("工作人员", "第 4 层，上限 3 层")]
        assert refused_at_commit() == "ORG-05"

    def test_ORG_05_a_second_level_unit(self, at):
        BureauVersion.objects.filter(bureau=at.bureaus[4]).update(parent=at.bureaus[0])
        assert found(ORG05, at) == [("YZ经开区 YZ-B5局", "下设于 YZ-B1局")]
        assert refused_at_commit() == "ORG-05"

    def test_ORG_05_one_bureau_over_the_quota(self, at):
        build.bureau(at, at.park, "YZ-P-B6")
        assert found(ORG05, at) == [("YZ化工园", "职能机构 6 个，限额 5 个")]
        assert refused_at_commit() == "ORG-05"

    def test_ORG_05_a_quota_cut_under_what_stands(self, at):
        build.requota(at, at.zone, 4)
        assert found(ORG05, at) == [("YZ经开区", "职能机构 5 个，限额 4 个")]
        assert refused_at_commit() == "ORG-05"


class TestOrg06:
    def test_ORG_06_three_core_of_five_is_enough_and_two_are_not(self, at):
        assert found(ORG06, at) == []
        BureauVersion.objects.filter(bureau=at.park_bureaus[0]).update(nature="support")
        assert found(ORG06, at) == [
            ("YZ化工园", "主责主业机构 2/5，低于 60%"),
            ("全区", "主责主业机构 5/10，低于 60%"),
        ]
        assert refused_at_commit() == "ORG-06"

    def test_ORG_06_another_share_by_another_charter(self, at):
        build.state(at.charter, "ORG-06", "min_ratio", "0.6001")
        assert {subject for subject, _detail in found(ORG06, at)} == {"YZ经开区", "YZ化工园", "全区"}
        assert found(ORG06, at)[0][1] == "主责主业机构 3/5，低于 60.01%"


class TestOrg07:
    def test_ORG_07_a_park_bureau_for_what_the_zone_does(self, at):
        held = BureauFunction.objects.get(version__bureau=at.park_bureaus[0])
        BureauFunction.objects.filter(pk=held.pk).update(function=build.function("f-yz-b1"))
        assert found(ORG07, at) == [("YZ化工园 YZ-P-B1局", "职能「职能f-yz-b1」已由开发区 YZ-B1局 承担")]
        assert refused_at_commit() == "ORG-07"

    def test_ORG_07_two_parks_may_do_the_same(self, at):
        other = build.unit("YZ-Q", "park", "YZ汽车园", at.zone)
        build.bureau(at, other, "YZ-Q-B1", holds="f-yz-p-b1")
        assert found(ORG07, at) == []

    def test_ORG_07_not_where_the_charter_allows_it(self, at):
        build.state(at.charter, "ORG-07", "duplicates_allowed", "1")
        BureauFunction.objects.filter(version__bureau=at.park_bureaus[0]).update(function=build.function("f-yz-b1"))
        assert found(ORG07, at) == []


class TestAnotherCharterBefore:
    """What stood before the reform is judged by the law of its day."""

    @pytest.fixture
    def old(self, at):
        span = DateRange(dt.date(2010, 1, 1), build.REFORM)
        at.earlier = Instrument.objects.create(
            code="i-old", title="旧方案", number="仪编〔2009〕9号", issuer="市委编委", issued_on=dt.date(2009, 12, 1)
        )
        for each in (at.zone, at.park):
            version = each.versions.get()
            version.instrument = at.earlier
            parent = at.city if each is at.zone else at.zone
            version.pk, version.period, version.parent = None, span, parent
            version.save()
        at.city.versions.update(period=DateRange(dt.date(1986, 1, 1), None))
        terms = {
            ("ORG-05", "max_levels"): "5",
            ("ORG-05", "sublevel_allowed"): "1",
            ("ORG-06", "min_ratio"): "0.3",
            ("ORG-07", "duplicates_allowed"): "1",
        }
        build.limits(at, at.zone, terms, period=span)
        papers = {"period": span, "instrument": at.earlier, "closed_by": at.instrument}
        at.old = [
            build.bureau(at, at.zone, "OLD-1", **papers),
            build.bureau(at, at.zone, "OLD-2", "social", **papers),
            build.bureau(at, at.zone, "OLD-3", **papers),
        ]
        at.section = build.bureau(at, at.zone, "OLD-1-1", "support", parent=at.old[0], **papers)
        return at

    def test_the_old_structure_stands(self, old):
        assert violations(old.zone.pk, BEFORE) == []
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")

    def test_and_would_not_under_the_new_charter(self, old):
        BureauVersion.objects.filter(bureau=old.section).update(
            period=DateRange(dt.date(2010, 1, 1), dt.date(2019, 10, 2))
        )
        BureauVersion.objects.filter(bureau=old.old[0]).update(
            period=DateRange(dt.date(2010, 1, 1), dt.date(2019, 10, 2))
        )
        assert refused_at_commit() == "ORG-05"

    def test_bureaus_make_no_circle(self, old):
        BureauVersion.objects.filter(bureau=old.old[0]).update(parent=old.section)
        assert refused_at_commit() == "BUREAU-CIRCLE"

    def test_a_superior_stands_in_the_same_unit(self, old):
        papers = {"instrument": old.earlier, "closed_by": old.instrument}
        other = build.bureau(old, old.park, "OLD-P", period=DateRange(dt.date(2010, 1, 1), build.REFORM), **papers)
        BureauVersion.objects.filter(bureau=old.section).update(parent=other)
        assert refused_at_commit() == "BUREAU-PARENT"


def test_one_charter_quota_tier_and_version_at_a_time(at):
    version = BureauVersion.objects.get(bureau=at.bureaus[0])
    twice = [
        (Charter, at.charter, "orgchart_charter_one"),
        (Quota, Quota.objects.get(unit=at.zone), "orgchart_quota_one"),
        (Tier, at.tiers[0], "orgchart_tier_one"),
        (BureauVersion, version, "orgchart_bureau_one_version"),
    ]
    for model, row, constraint in twice:
        again = model.objects.get(pk=row.pk)
        again.pk, again.period = None, DateRange(DAY, None)
        again._state.adding = True
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            again.save()
        assert broken_rule(error.value).rule == constraint


def test_a_duty_has_one_bearer(at):
    assignment = at.duty.assignments.get(area=at.park)
    assignment.pk, assignment.unit, assignment.bureau = None, None, at.park_bureaus[4]
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        assignment.save()
    assert broken_rule(error.value).rule == "orgchart_duty_one_bearer"


def test_a_bureau_that_bears_a_duty_is_not_abolished(at):
    BureauVersion.objects.filter(bureau=at.bureaus[4]).update(
        period=DateRange(build.REFORM, DAY), closed_by=at.instrument
    )
    build.bureau(at, at.zone, "YZ-B6", "social", period=DateRange(DAY, None))
    assert refused_at_commit() == "DUTY-BEARER"


def test_a_bureau_ends_with_its_unit(at):
    at.park.versions.update(period=DateRange(build.REFORM, DAY))
    assert refused_at_commit() == "BUREAU-IN-UNIT"


def test_every_finder_answers_for_a_zone_that_does_not_exist():
    assert violations(0, DAY) == []
    assert Bureau.objects.count() == 0

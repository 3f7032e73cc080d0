"""Each rule of establishment by its id: silent at the boundary, one step past it named, through raw SQL as well."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation

from common.databases import broken_rule
from common.rules import Rule
from orgchart.models import Bureau, BureauFunction, BureauVersion, Charter, CharterParameter, Quota
from orgchart.rules import (
    ORG01,
    ORG02,
    ORG03,
    ORG04,
    ORG05,
    ORG08,
    ORG09,
    ORG10,
    ORG11,
    ORG12,
    ORG13,
    CharterInForce,
)
from staffing.models import Appointment, Person, PostVersion
from tests import orgchart_builders as build
from tests.orgchart_builders import DAY, REFORM, SINCE
from zones.models import Industry, Instrument, Positioning, UnitVersion
from zones.rules import POS01

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


def judged() -> str:
    """The rule that refuses what this test has done, were it committed; "" when none does."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
    except IntegrityError as error:
        return broken_rule(error).rule
    return ""


def sql(statement: str, *params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def quota(at, kind: str, limit: int, unit=None) -> Quota:
    terms = {"instrument": at.instrument, "period": SINCE}
    return Quota.objects.create(unit=unit or at.zone, kind=kind, limit=limit, **terms)


def later_instrument(days: int = 1) -> Instrument:
    return Instrument.objects.create(
        code=f"later-{days}",
        title="补发文件",
        number="仪编〔2019〕9号",
        issuer="市委编委",
        issued_on=REFORM + dt.timedelta(days=days),
    )


def test_CHARTER_every_kind_that_it_limits_is_stated_for_each_unit(at):
    Charter.objects.filter(pk=at.charter.pk).update(period=DateRange(REFORM, DAY))
    quota(at, "leaders", 5)
    charter = build.limits(at, at.zone, period=DateRange(DAY, None), limited_kinds=["bureaus", "leaders"])
    assert found(CharterInForce, at) == [("YZ化工园", "没有核定领导职数")]
    assert found(CharterInForce, at, DAY - dt.timedelta(days=1)) == []
    assert judged() == "CHARTER"
    quota(at, "leaders", 3, at.park)
    assert (charter.limited_kinds, found(CharterInForce, at), judged()) == (["bureaus", "leaders"], [], "")


class TestORG01:
    @pytest.fixture
    def people(self, at):
        """Two people of institution establishment and one of administrative, in post since the reform."""
        clerk = build.post(at, "C1", at.zone, at.bureaus[0], 2, seats=9)
        at.people = [build.seat(clerk, name, number) for number, name in enumerate(("甲", "乙", "丙"), start=1)]
        Person.objects.filter(pk=at.people[2].pk).update(category="administrative")
        at.clerk = clerk
        return at

    def test_ORG_01_people_in_post_by_category(self, people):
        quota(people, "institution", 2)
        quota(people, "administrative", 1)
        assert (found(ORG01, people), judged()) == ([], "")
        sql("update staffing_person set category = 'institution' where id = %s", people.people[2].pk)
        assert found(ORG01, people) == [("YZ经开区", "事业编制 2 名，实有 3 人")]
        assert judged() == "ORG-01"

    def test_ORG_01_the_whole_staff(self, people):
        quota(people, "staff", 3)
        assert judged() == ""
        build.seat(people.clerk, "丁", 4)
        assert found(ORG01, people) == [("YZ经开区", "人员控制数 3 名，实有 4 人")]
        assert judged() == "ORG-01"

    def test_ORG_01_one_goes_as_the_other_comes(self, people):
        """The day on which one leaves is the first of the other; a day's overlap is one too many."""
        quota(people, "staff", 3)
        Appointment.objects.filter(person=people.people[0]).update(period=DateRange(REFORM, DAY))
        build.seat(people.clerk, "丁", 4, period=DateRange(DAY, None))
        assert judged() == ""
        Appointment.objects.filter(person=people.people[0]).update(period=DateRange(REFORM, DAY + dt.timedelta(days=1)))
        assert found(ORG01, people) == [("YZ经开区", "人员控制数 3 名，实有 4 人")]
        assert found(ORG01, people, DAY + dt.timedelta(days=1)) == []
        assert judged() == "ORG-01"

    def test_ORG_01_a_person_on_two_posts_counts_once_and_whoever_is_seconded_at_home(self, people):
        quota(people, "staff", 3)
        head = build.post(people, "H1", people.zone, people.bureaus[1], 1)
        terms = {"decided_on": REFORM, "period": SINCE}
        Appointment.objects.create(person=people.people[0], post=head, seat=1, kind="acting", **terms)
        build.seat(people.clerk, "借", 5, kind="seconded")
        assert judged() == ""

    def test_ORG_01_raw_sql_that_cuts_the_quota(self, people):
        row = quota(people, "staff", 3)
        assert judged() == ""
        sql(
            'insert into orgchart_quota (is_example, period, kind, "limit", instrument_id, unit_id) select false,'
            " daterange(%s, null), 'contract', 0, instrument_id, unit_id from orgchart_quota where id = %s",
            REFORM,
            row.pk,
        )
        assert judged() == ""
        sql("update staffing_person set category = 'contract' where id = %s", people.people[0].pk)
        assert judged() == "ORG-01"


class TestORG02:
    def test_ORG_02_an_instrument_no_later_than_it_takes_effect(self, at):
        late = later_instrument()
        sql("update orgchart_bureauversion set instrument_id = %s where bureau_id = %s", late.pk, at.bureaus[0].pk)
        assert found(ORG02, at) == [("YZ经开区 YZ-B1局", "2019-10-01 起实施，批文 2019-10-02 才印发")]
        assert judged() == "ORG-02"
        sql("update zones_instrument set issued_on = %s where id = %s", REFORM, late.pk)
        assert found(ORG02, at) == []

    def test_ORG_02_an_abolition_has_an_instrument_too(self, at):
        span = DateRange(REFORM, DAY)
        BureauVersion.objects.filter(bureau=at.bureaus[3]).update(period=span)
        assert found(ORG02, at, DAY - dt.timedelta(days=1)) == []
        assert found(ORG02, at) == [("YZ经开区 YZ-B4局", "2020-06-30 撤销，没有不晚于此日的撤销批文")]
        assert judged() == "ORG-02"
        late = Instrument.objects.create(code="close", title="撤", issuer="编委", issued_on=DAY + dt.timedelta(days=1))
        sql("update orgchart_bureauversion set closed_by_id = %s where bureau_id = %s", late.pk, at.bureaus[3].pk)
        assert judged() == "ORG-02"
        sql("update zones_instrument set issued_on = %s where id = %s", DAY, late.pk)
        sql("update orgchart_bureauversion set sequence = 8 where bureau_id = %s", at.bureaus[3].pk)
        assert (found(ORG02, at), judged()) == ([], "")

    def test_ORG_02_a_renaming_is_no_abolition(self, at):
        version = BureauVersion.objects.get(bureau=at.bureaus[0])
        BureauVersion.objects.filter(pk=version.pk).update(period=DateRange(REFORM, DAY))
        version.pk, version.period, version.name = None, DateRange(DAY, None), "新名局"
        version.save()
        assert (found(ORG02, at), judged()) == ([], "")

    def test_ORG_02_a_missing_number_is_only_reported(self, at):
        Instrument.objects.filter(pk=at.instrument.pk).update(number="")
        breaches = ORG02.violations(at.zone.pk, DAY)
        assert {(each.measure, each.severity) for each in breaches} == {("number", "warning")}
        assert breaches[0].detail == "5 个机构所依据的“体制调整方案”没有登记文号"
        assert judged() == ""


class TestORG03:
    def test_ORG_03_an_organ_has_establishment_of_its_own_kind(self, at):
        quota(at, "institution", 9)
        assert (found(ORG03, at), judged()) == ([], "")  # what kind of organ it is was not published
        sql("update zones_unitversion set organ = 'institution' where unit_id = %s", at.zone.pk)
        assert (found(ORG03, at), judged()) == ([], "")
        sql("update zones_unitversion set organ = 'administrative' where unit_id = %s", at.zone.pk)
        assert found(ORG03, at) == [("YZ经开区", "单位为行政机构，却核有事业编制 9 名")]
        assert judged() == "ORG-03"
        with translation.override("en"):
            assert found(ORG03, at)[0][1] == "Administrative organ, but 9 of: Public-institution establishment"

    def test_ORG_03_people_in_an_organ_of_another_kind(self, at):
        clerk = build.post(at, "C1", at.zone, at.bureaus[0], 2)
        person = build.seat(clerk, "甲")
        sql("update zones_unitversion set organ = 'administrative' where unit_id = %s", at.zone.pk)
        assert found(ORG03, at) == [("甲", "事业编制人员，在行政机构YZ经开区任职")]
        assert ORG03.violations(at.zone.pk, DAY)[0].ref == f"person:{person.staff_no}"
        assert judged() == "ORG-03"
        sql("update staffing_person set category = 'administrative' where id = %s", person.pk)
        assert (found(ORG03, at), judged()) == ([], "")

    def test_ORG_03_posts_on_an_establishment_of_another_kind(self, at):
        build.post(at, "C1", at.zone, at.bureaus[0], 2, establishment="institution")
        sql("update zones_unitversion set organ = 'institution' where unit_id = %s", at.zone.pk)
        assert (found(ORG03, at), judged()) == ([], "")
        sql("update zones_unitversion set organ = 'administrative' where unit_id = %s", at.zone.pk)
        assert found(ORG03, at) == [("C1岗", "行政机构YZ经开区的岗位，用的是事业编制")]
        assert judged() == "ORG-03"

    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("update staffing_person set category = '自定编制'", "staffing_person_category"),
            (
                'insert into orgchart_quota (is_example, period, kind, "limit", instrument_id, unit_id)'
                " select false, period, '自定编制', 1, instrument_id, unit_id from orgchart_quota limit 1",
                "orgchart_quota_kind",
            ),
        ],
    )
    def test_ORG_03_no_category_is_invented(self, at, statement, constraint):
        build.seat(build.post(at, "C1", at.zone, at.bureaus[0], 2), "甲")
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            sql(statement)
        assert broken_rule(error.value).rule == constraint


class TestORG04:
    def test_ORG_04_leaders_and_heads_in_post(self, at):
        leaders = build.post(at, "L", at.zone, None, 0, seats=2)
        build.seat(leaders, "甲", 1)
        quota(at, "leaders", 2)
        build.seat(leaders, "乙", 2)
        assert (found(ORG04, at), judged()) == ([], "")
        PostVersion.objects.filter(post=leaders).update(headcount=3)
        assert found(ORG04, at) == [("YZ经开区", "领导职数 2 名，设岗 3 个")]
        assert judged() == "ORG-04"
        build.seat(leaders, "丙", 3)
        assert found(ORG04, at) == [("YZ经开区", "领导职数 2 名，实有 3 人"), ("YZ经开区", "领导职数 2 名，设岗 3 个")]
        assert judged() == "ORG-04"

    def test_ORG_04_heads_of_bureaus(self, at):
        quota(at, "heads", 1)
        build.post(at, "H1", at.zone, at.bureaus[0], 1)
        assert judged() == ""
        build.post(at, "H2", at.zone, at.bureaus[1], 1)
        assert found(ORG04, at) == [("YZ经开区", "部门负责人职数 1 名，设岗 2 个")]
        assert judged() == "ORG-04"


class TestORG08:
    def test_ORG_08_a_rank_rests_on_an_instrument(self, at):
        sql("update zones_unitversion set instrument_id = null where unit_id = %s", at.park.pk)
        assert found(ORG08, at) == [("YZ化工园", "机构规格（副处级）或派出机关没有不晚于生效日的批文")]
        assert judged() == "ORG-08"
        sql("update zones_unitversion set rank = '', dispatched_by = '' where unit_id = %s", at.park.pk)
        assert judged() == ""
        assert found(ORG08, at) == [("YZ化工园", "机构规格：未公布；派出机关：未公布")]
        assert ORG08.violations(at.zone.pk, DAY)[0].severity == "warning"

    def test_ORG_08_and_on_one_that_is_no_later(self, at):
        sql("update zones_unitversion set instrument_id = %s where unit_id = %s", later_instrument().pk, at.park.pk)
        assert judged() == "ORG-08"


def test_ORG_09_leaders_by_rank(at):
    quota(at, "leaders_section", 1)
    first = build.post(at, "L1", at.zone, None, 0, rank="full_section")
    second = build.post(at, "L2", at.zone, None, 0, rank="deputy_division")
    build.seat(first, "甲")
    build.seat(second, "乙")
    assert (found(ORG09, at), judged()) == ([], "")
    sql("update staffing_postversion set rank = 'full_section' where post_id = %s", second.pk)
    assert found(ORG09, at) == [("YZ经开区", "科级领导职数 1 名，实有 2 人")]
    assert judged() == "ORG-09"


def adopt(at, rule: str, name: str, value: str) -> None:
    sql(
        "insert into orgchart_charterparameter (charter_id, rule, name, value) values (%s, %s, %s, %s)",
        at.charter.pk,
        rule,
        name,
        value,
    )


def change(at, rule: str, name: str, value: str) -> None:
    assert CharterParameter.objects.filter(charter=at.charter, rule=rule, name=name).update(value=value) == 1


def test_ORG_10_bureaus_of_the_managing_organ_and_nothing_below_them(at):
    assert found(ORG10, at) == []
    adopt(at, "ORG-10", "cap", "5")
    change(at, "ORG-05", "sublevel_allowed", "1")
    assert (found(ORG10, at), judged()) == ([], "")
    change(at, "ORG-10", "cap", "4")
    assert found(ORG10, at) == [("YZ经开区", "职能机构 5 个，限额 4 个")]
    assert judged() == "ORG-10"
    change(at, "ORG-10", "cap", "5")
    BureauVersion.objects.filter(bureau=at.bureaus[4]).update(parent=at.bureaus[0])
    assert (found(ORG10, at), judged()) == ([("YZ经开区 YZ-B5局", "下设于 YZ-B1局")], "ORG-10")


def test_ORG_11_bureaus_for_nothing_but_the_economy(at):
    adopt(at, "ORG-11", "min_ratio", "0.6")
    assert (found(ORG11, at), judged()) == ([], "")
    # A core bureau that also does other work is not purely economic.
    version = BureauVersion.objects.get(bureau=at.bureaus[0])
    BureauFunction.objects.create(version=version, function=build.function("f-also", "support"))
    assert found(ORG11, at) == [("YZ经开区", "专门承担经济发展职责的机构 2/5，低于 60%")]
    assert judged() == "ORG-11"


def test_ORG_12_economic_bureaus(at):
    adopt(at, "ORG-12", "min_ratio", "0.6")
    assert judged() == ""
    change(at, "ORG-12", "min_ratio", "0.8")
    assert found(ORG12, at) == [
        ("YZ经开区", "经济发展部门 3/5，低于 80%"),
        ("YZ化工园", "经济发展部门 3/5，低于 80%"),
    ]
    assert judged() == "ORG-12"


def test_ORG_05_the_quota_of_a_bureau_abolished_is_free_again(at):
    BureauVersion.objects.filter(bureau=at.bureaus[3]).update(period=DateRange(REFORM, DAY), closed_by=at.instrument)
    build.bureau(at, at.zone, "NEW", "support", period=DateRange(DAY, None))
    assert (found(ORG05, at), judged()) == ([], "")


def test_ORG_13_is_recalled_and_not_cited():
    assert (ORG13.basis, ORG13.severity) == ("memory", "hard")


class TestPOS01:
    def positioned(self, unit, *codes: str) -> None:
        for code in codes:
            industry, _new = Industry.objects.get_or_create(code=code, defaults={"name": f"产业{code}"})
            Positioning.objects.create(unit=unit, industry=industry, period=SINCE)

    def test_POS_01_two_parks_of_a_zone(self, at):
        other = build.unit("YZ-Q", "park", "YZ汽车园", at.zone)
        self.positioned(at.park, "steel", "cars")
        self.positioned(other, "data")
        assert found(POS01, at) == []
        self.positioned(other, "cars", "steel")
        assert found(POS01, at) == [("YZ化工园", "与YZ汽车园的产业定位重叠：产业cars、产业steel")]
        assert judged() == ""

    def test_POS_01_another_zones_park_is_named_only_to_who_may_see_it(self, at):
        there = build.full_zone("XZ", city=at.city)
        self.positioned(at.park, "cars")
        self.positioned(there.park, "cars")
        (breach,) = POS01.violations(at.zone.pk, DAY)
        assert breach.as_seen({at.park.pk, there.park.pk}).detail == "与XZ化工园的产业定位重叠：产业cars"
        hidden = breach.as_seen({at.park.pk})
        assert hidden.detail == "与另一单位的产业定位重叠：产业cars"
        assert "XZ" not in str(hidden.facts)

    def test_POS_01_parks_of_another_city_do_not_matter(self, at):
        there = build.full_zone("XZ")
        self.positioned(at.park, "cars")
        self.positioned(there.park, "cars")
        assert found(POS01, at) == []

    def test_POS_01_nor_parks_of_another_day(self, at):
        other = build.unit("YZ-Q", "park", "YZ汽车园", at.zone)
        self.positioned(at.park, "cars")
        self.positioned(other, "cars")
        Positioning.objects.filter(unit=other).update(period=DateRange(REFORM, DAY))
        assert found(POS01, at) == []
        assert len(POS01.violations(at.zone.pk, DAY - dt.timedelta(days=1))) == 1


def test_units_of_the_builder_are_approved(at):
    """The zone of these tests is without a breach, so that each test's own is the only one."""
    assert UnitVersion.objects.filter(unit__in=[at.zone, at.park], instrument=None).count() == 0
    assert Bureau.objects.count() == 10

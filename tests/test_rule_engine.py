"""The engine of the rules: exceptions, who is judged as a zone, what a refusal says, what a charter does not state."""

import datetime as dt
from decimal import Decimal

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation

from common.databases import broken_rule, hold_rules
from common.rules import Rule, verdict, violations
from orgchart.models import BureauVersion, Charter, RuleException, Tier
from orgchart.rules import ORG05, ORG06
from tests import orgchart_builders as build
from tests.orgchart_builders import DAY, REFORM, SINCE
from zones.models import Instrument

pytestmark = pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)


@pytest.fixture
def at():
    with transaction.atomic():
        return build.full_zone()


def exception(at, allowed: int, measure: str = "bureaus", rule: str = "ORG-05", period=SINCE, **more) -> RuleException:
    return RuleException.objects.create(
        zone=at.zone,
        unit=more.pop("unit", at.zone),
        rule=rule,
        measure=measure,
        allowed=allowed,
        instrument=at.instrument,
        period=period,
        **more,
    )


def refused(deed) -> str:
    """The rule that refuses the deed at COMMIT, with its sentence."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        deed()
    broken = broken_rule(error.value)
    assert broken is not None
    return broken.text


def more_bureaus(at, *codes: str, since: dt.date = REFORM) -> None:
    for code in codes:
        build.bureau(at, at.zone, code, period=DateRange(since, None))


class TestExceptions:
    """A structure over its limits that is real: loaded with an exception, reported until cured, never made worse."""

    def over(self, at) -> None:
        """Seven bureaus where five are allowed, and an exception for the two."""
        with transaction.atomic():
            exception(at, 2)
            more_bureaus(at, "X1", "X2")

    def test_it_loads_up_to_what_is_allowed_and_is_reported(self, at):
        self.over(at)
        (found,) = violations(at.zone.pk, DAY)
        assert (found.rule, found.exempt, found.excess) == (ORG05, True, Decimal(2))
        told = verdict(at.zone.pk, DAY)
        assert (told.broken, told.tolerated) == ([], [found])

    def test_without_the_exception_it_does_not(self, at):
        assert "ORG-05" in refused(lambda: more_bureaus(at, "X1"))

    def test_one_more_is_refused(self, at):
        self.over(at)
        assert refused(lambda: more_bureaus(at, "X3")) == "2019-10-01 YZ经开区：职能机构 8 个，限额 5 个（ORG-05）"

    def test_one_more_on_a_later_day_is_refused(self, at):
        self.over(at)
        assert refused(lambda: more_bureaus(at, "X3", since=DAY)).startswith("2020-06-30 YZ经开区：职能机构 8 个")

    def test_a_cure_is_not_undone(self, at):
        """One is abolished; setting up another later would be within what was allowed, and is refused."""
        self.over(at)
        with transaction.atomic():
            BureauVersion.objects.filter(bureau__code="X2").update(
                period=DateRange(REFORM, DAY), closed_by=at.instrument
            )
        assert refused(lambda: more_bureaus(at, "X3", since=DAY + dt.timedelta(days=1))).startswith("2020-07-01")
        # In its place on the same day is no worse than before.
        with transaction.atomic():
            more_bureaus(at, "X3", since=DAY)

    def test_cured_altogether_it_stays_cured(self, at):
        self.over(at)
        with transaction.atomic():
            BureauVersion.objects.filter(bureau__code__in=["X1", "X2"]).update(
                period=DateRange(REFORM, DAY), closed_by=at.instrument
            )
        assert violations(at.zone.pk, DAY) == []
        assert "ORG-05" in refused(lambda: more_bureaus(at, "X3", since=dt.date(2021, 1, 1)))

    def test_it_ends_with_its_period(self, at):
        def over_for_a_year():
            exception(at, 1, period=DateRange(REFORM, dt.date(2020, 10, 1)))
            more_bureaus(at, "X1")

        assert refused(over_for_a_year).startswith("2020-10-01 ")

    def test_it_tolerates_no_other_measure_rule_or_unit(self, at):
        for wrong in ({"measure": "tiers"}, {"rule": "ORG-06", "measure": "unit"}, {"unit": at.park}):

            def over(wrong=wrong):
                exception(at, 2, **wrong)
                more_bureaus(at, "X1")

            assert "ORG-05" in refused(over)

    def test_many_small_breaches_of_one_unit_are_added_up(self, at):
        """Two second-level units break one measure twice."""

        def sections(count: int):
            exception(at, 1, "second_level")
            for bureau in at.bureaus[3 : 3 + count]:
                BureauVersion.objects.filter(bureau=bureau).update(parent=at.bureaus[0])

        assert "ORG-05" in refused(lambda: sections(2))
        with transaction.atomic():
            sections(1)

    def test_a_share_is_short_by_so_many_core_bureaus(self, at):
        with transaction.atomic():
            exception(at, 1, "unit", "ORG-06", unit=at.park)
            exception(at, 1, "zone", "ORG-06")
            BureauVersion.objects.filter(bureau=at.park_bureaus[0]).update(nature="support")
        assert {(each.measure, each.excess, each.exempt) for each in ORG06.violations(at.zone.pk, DAY)} == {
            ("unit", Decimal(1), True),
            ("zone", Decimal(1), True),
        }


class TestStandalonePark:
    """Before a reform a park reports to the city: it is its own head, with charter and tiers of its own."""

    EARLIER = DateRange(dt.date(2010, 1, 1), REFORM)

    @pytest.fixture
    def park(self, at):
        with transaction.atomic():
            at.city.versions.update(period=DateRange(dt.date(1986, 1, 1), None))
            version = at.park.versions.get()
            version.pk, version.period, version.parent = None, self.EARLIER, at.city
            version.rank, version.dispatched_by, version.instrument = "", "", None
            version.save()
            old = Instrument.objects.create(code="i-old", title="旧方案", issuer="市", issued_on=dt.date(2009, 1, 1))
            build.limits(at, at.park, {("ORG-05", "max_levels"): "2"}, period=self.EARLIER)
            papers = {"instrument": old, "closed_by": at.instrument}
            at.old = build.bureau(at, at.park, "OLD", period=self.EARLIER, **papers)
        return at

    def test_it_is_judged_by_its_own_charter(self, park):
        assert verdict(park.park.pk, dt.date(2015, 1, 1)).broken == []
        fewer = "2010-01-01 三级：第 3 层，上限 2 层（ORG-05）"

        def third_tier():
            for number, name in enumerate(("一级", "二级", "三级"), start=1):
                Tier.objects.create(zone=park.park, number=number, kind="staff", name=name, period=self.EARLIER)

        assert refused(third_tier) == fewer

    def test_without_a_charter_its_bureaus_do_not_stand(self, park):
        longer = DateRange(dt.date(2009, 1, 1), REFORM)

        def sooner():
            park.park.versions.filter(parent=park.city).update(period=longer)
            BureauVersion.objects.filter(bureau=park.old).update(period=longer)

        assert "CHARTER" in refused(sooner)

    def test_under_its_zone_its_own_charter_says_nothing(self, park):
        assert violations(park.park.pk, DAY) == []
        assert violations(park.zone.pk, DAY) == []

    def test_its_head_is_itself_and_then_the_zone(self, park):
        heads = [version.head_id for version in park.park.versions.order_by("period")]
        assert heads == [park.park.pk, park.zone.pk]
        assert park.zone.versions.get().head_id == park.zone.pk
        assert park.town.versions.get().head_id is None


class TestWhatIsSaid:
    def test_psql_gets_a_sentence_and_the_facts(self, at):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            build.requota(at, at.zone, 4)
        diagnosis = error.value.__cause__.diag
        assert isinstance(error.value.__cause__, psycopg.errors.CheckViolation)
        assert (diagnosis.constraint_name, diagnosis.message_primary) == ("ORG-05", "职能机构数超过限额（ORG-05）")
        refusal = broken_rule(error.value).refusal
        assert (refusal.day, refusal.violation.ref, refusal.violation.facts) == (
            build.NEXT_YEAR,
            "unit:YZ",
            {"count": 5, "limit": 4},
        )

    def test_a_service_says_it_in_the_readers_language(self, at):
        def said() -> ValidationError:
            with pytest.raises(ValidationError) as error, hold_rules():
                build.requota(at, at.zone, 4)
            return error.value

        assert (said().code, said().messages) == ("ORG-05", ["2020-01-01 YZ经开区：职能机构 5 个，限额 4 个（ORG-05）"])
        with translation.override("en"):
            assert said().messages == ["2020-01-01 YZ经开区: 5 bureaus; 4 allowed (ORG-05)"]

    def test_names_in_english_where_there_are_any(self, at):
        BureauVersion.objects.filter(bureau=at.bureaus[0]).update(name_en="Investment Bureau")
        with transaction.atomic():
            exception(at, 1, "second_level")
            BureauVersion.objects.filter(bureau=at.bureaus[4]).update(parent=at.bureaus[0])
        (found,) = ORG05.violations(at.zone.pk, DAY)
        assert found.detail == "下设于 YZ-B1局"
        with translation.override("en"):
            assert found.detail == "below Investment Bureau"


def recharter(at, terms: dict, since: dt.date = DAY, **changes) -> None:
    """Another charter from a day on."""
    Charter.objects.filter(pk=at.charter.pk).update(period=DateRange(REFORM, since))
    build.limits(at, at.zone, terms, period=DateRange(since, None), **changes)


def test_what_the_charter_does_not_state_is_not_judged(at):
    with transaction.atomic():
        recharter(at, {("ORG-06", "min_ratio"): None})
        build.requota(at, at.park, 9, since=DAY)
        build.bureau(at, at.park, "X1", "social", period=DateRange(DAY, None))
    assert ORG06.violations(at.zone.pk, DAY) == []


def test_a_change_of_a_parameter_is_judged(at):
    assert refused(lambda: recharter(at, {("ORG-05", "max_levels"): "2"})).startswith("2020-06-30 ")


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [("ORG-06", "min_ratio", "1.1"), ("ORG-07", "duplicates_allowed", "2"), ("ORG-05", "max_levels", "-1")],
)
def test_a_parameter_out_of_its_range(at, rule, name, value):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        recharter(at, {(rule, name): value})
    assert broken_rule(error.value).rule == "orgchart_parameter_range"


def test_a_rule_says_all_that_it_finds():
    with pytest.raises(TypeError, match="no sentence"):
        type("Bad", (Rule,), {"id": "X-01", "finders": {"a": "f"}, "__doc__": "x"})
    with pytest.raises(TypeError, match="defined twice"):
        type("Again", (Rule,), {"id": "ORG-05", "__doc__": "x"})
    with pytest.raises(TypeError, match="of its own"):
        ORG05.add_finders({"tiers": "f"}, {"tiers": "x"})


def test_every_hard_measure_has_its_words_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from orgchart_hardrule where sentence = '' or sentence like '%%（%%'")
        assert cursor.fetchone() == (0,)

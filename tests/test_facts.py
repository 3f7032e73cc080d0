"""Dated facts about people: what the services record and refuse, and what other rooms are told of them."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from common.models import AuditEntry
from common.periods import calendar_year, period
from staffing import facts
from staffing.appointing.tenure import settle_probation
from staffing.models import Absence, Appointment, Kinship, Secondment
from staffing.recording import fact_services as services
from tests import staffing_builders as build
from tests.staffing_builders import TERM

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def zone():
    return build.small_zone()


@pytest.fixture
def by(zone):
    return build.clerk(zone=zone)


@pytest.fixture
def who(zone):
    return build.person(zone, "张三")


def away(who, first, last, kind="sick", **more):
    return services.record_absence(person=who, kind=kind, starts=first, ends=last, **more)


def told(error) -> str:
    return " ".join(error.value.messages)


class TestAbsence:
    def test_it_is_recorded_with_an_entry(self, who, by):
        row = away(who, D(2020, 3, 2), D(2020, 3, 6), by=by)
        assert (row.starts, row.last_day) == (D(2020, 3, 2), D(2020, 3, 6))
        entry = AuditEntry.objects.get(verb="record_absence")
        assert (entry.user, entry.key, entry.after["kind"]) == (by.user, str(row.pk), "sick")

    def test_a_second_one_on_a_day_of_the_first_is_refused(self, who, by):
        away(who, D(2020, 3, 2), D(2020, 3, 6), by=by)
        with pytest.raises(ValidationError, match="已有请假或缺勤记录"):
            away(who, D(2020, 3, 6), D(2020, 3, 9), "annual", by=by)
        assert away(who, D(2020, 3, 7), D(2020, 3, 9), "annual", by=by).pk

    def test_the_same_refusal_binds_raw_sql(self, who, by):
        away(who, D(2020, 3, 2), D(2020, 3, 6), by=by)
        with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "insert into staffing_absence (person_id, kind, period, document_number, note, annulled, is_example)"
                " values (%s, 'sick', '[2020-03-06,2020-03-08)', '', '', false, false)",
                [who.pk],
            )
        assert broken_rule(error.value).rule == "staffing_absence_once"

    def test_it_does_not_end_before_it_begins(self, who, by):
        with pytest.raises(ValidationError, match="结束日期不能早于开始日期"):
            away(who, D(2020, 3, 2), D(2020, 3, 1), by=by)

    def test_an_annulled_one_makes_room_and_counts_no_more(self, who, by):
        row = away(who, D(2020, 3, 2), D(2020, 3, 6), by=by)
        services.annul_fact(fact=row, reason="登记错人", by=by)
        assert facts.leave_days(who, 2020).days == {}
        assert away(who, D(2020, 3, 2), D(2020, 3, 6), by=by).pk
        with pytest.raises(ValidationError, match="已作废"):
            services.annul_fact(fact=row, reason="再次", by=by)

    def test_annulling_and_correcting_take_a_reason(self, who, by):
        row = away(who, D(2020, 3, 2), D(2020, 3, 6), by=by)
        with pytest.raises(ValidationError, match="作废理由"):
            services.annul_fact(fact=row, reason=" ", by=by)
        with pytest.raises(ValidationError, match="更正理由"):
            services.correct_fact(fact=row, seen=services.stamp(row), reason="", by=by, starts=row.starts)

    def test_nothing_is_deleted(self, who, by):
        row = away(who, D(2020, 3, 2), D(2020, 3, 6), by=by)
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            Absence.objects.filter(pk=row.pk).delete()
        assert broken_rule(error.value).rule == "FACT-KEPT"

    def test_a_correction_from_a_stale_page_is_refused(self, who, by):
        row = away(who, D(2020, 3, 2), D(2020, 3, 6), by=by)
        seen = services.stamp(row)
        services.correct_fact(
            fact=row, seen=seen, reason="抄错", by=by, starts=D(2020, 3, 2), ends=D(2020, 3, 5), kind="personal"
        )
        with pytest.raises(ValidationError) as error:
            services.correct_fact(fact=row, seen=seen, reason="抄错", by=by, starts=D(2020, 3, 1))
        assert error.value.code == "stale"
        assert facts.leave_days(who, 2020).days == {"personal": 4}

    def test_an_open_one_is_closed_once(self, who, by):
        row = away(who, D(2020, 3, 2), None, by=by)
        services.close_fact(fact=row, on=D(2020, 4, 1), by=by)
        with pytest.raises(ValidationError, match="已于此前结束"):
            services.close_fact(fact=row, on=D(2020, 5, 1), by=by)
        assert facts.leave_days(who, 2020).days == {"sick": 31}

    def test_nobody_records_about_himself(self, zone, by):
        own = build.person(zone, "经办人", user=by.user)
        with pytest.raises(ValidationError) as error:
            away(own, D(2020, 3, 2), D(2020, 3, 6), by=by)
        assert error.value.code == "own_case"
        row = Absence.objects.create(person=own, kind="sick", period=period(D(2020, 3, 2), D(2020, 3, 6)))
        for act in (
            lambda: services.annul_fact(fact=row, reason="不要", by=by),
            lambda: services.correct_fact(fact=row, seen=services.stamp(row), reason="改", by=by, starts=row.starts),
        ):
            with pytest.raises(ValidationError, match="本人"):
                act()


class TestLeaveOfAYear:
    def test_over_a_years_end_each_year_has_its_own_days(self, who, by):
        away(who, D(2020, 12, 30), D(2021, 1, 4), by=by)
        away(who, D(2021, 6, 1), D(2021, 6, 1), "personal", by=by)
        assert facts.leave_days(who, 2020).days == {"sick": 2}
        assert facts.leave_days(who, 2021).days == {"sick": 4, "personal": 1}
        assert facts.leave_days(who, 2021).unsettling == 5
        assert facts.leave_days(who, 2022).days == {}

    def test_an_open_one_counts_to_the_years_end(self, who, by):
        away(who, D(2020, 7, 1), None, by=by)
        assert facts.leave_days(who, 2020).days == {"sick": 184}  # one more than half: ASM-07
        assert facts.leave_days(who, 2021).days == {"sick": 365}

    def test_annual_maternity_and_injury_leave_unsettle_no_grade(self, who, by):
        for month, kind in enumerate(sorted(facts.PROTECTED), start=1):
            away(who, D(2020, month, 1), D(2020, month, 10), kind, by=by)
        assert facts.leave_days(who, 2020).unsettling == 0
        assert facts.leave_days(who, 2020).of(facts.PROTECTED) == 30

    def test_many_people_cost_one_query(self, zone, by, django_assert_num_queries):
        people = [build.person(zone, f"甲{n}") for n in range(5)]
        for one in people:
            away(one, D(2020, 3, 2), D(2020, 3, 3), by=by)
        with django_assert_num_queries(1):
            found = facts.leave_of([one.pk for one in people], 2020)
        assert {row.unsettling for row in found.values()} == {2}


class TestMonthsInPost:
    """A month counts to the post held on the 15th (F12; edge cases part-year and mid-year post change)."""

    @pytest.mark.parametrize(
        ("starts", "months"),
        [(D(2020, 6, 15), 7), (D(2020, 6, 16), 6), (D(2020, 1, 1), 12), (D(2019, 11, 1), 12), (D(2021, 1, 1), 0)],
    )
    def test_joining_on_the_15th_counts_and_on_the_16th_does_not(self, zone, who, starts, months):
        build.seat(who, zone.clerk, starts=starts, term_ends=None)
        assert facts.months_in_post_of(who, 2020) == months

    @pytest.mark.parametrize(("last", "months"), [(D(2020, 6, 14), 5), (D(2020, 6, 15), 6)])
    def test_leaving_on_the_15th_still_counts(self, zone, who, last, months):
        build.seat(who, zone.clerk, ends=last, end_reason="resignation")
        assert facts.months_in_post_of(who, 2020) == months

    def test_leave_cuts_no_month_and_another_cutoff_is_asked_for(self, zone, who, by):
        build.seat(who, zone.clerk, starts=D(2020, 6, 16), term_ends=None)
        away(who, D(2020, 7, 1), D(2020, 9, 30), "maternity", by=by)
        assert facts.months_in_post_of(who, 2020) == 6
        assert facts.months_in_post_of(who, 2020, cutoff_day=16) == 7

    def test_a_concurrent_post_adds_no_months_and_the_higher_one_counts(self, zone, who):
        build.seat(who, zone.clerk)
        build.seat(who, zone.head, kind="concurrent")
        (only,) = facts.months_of([who.pk], 2020)[who.pk]
        assert (only.post, only.months) == (zone.head.pk, 12)


class TestProbation:
    def test_until_its_last_day(self, zone, who):
        build.seat(who, zone.clerk, probation_ends=D(2020, 1, 31))
        assert facts.is_on_probation(who, D(2020, 1, 31))
        assert not facts.is_on_probation(who, D(2020, 2, 1))

    def test_passed_early_it_is_over_from_the_next_day_on(self, zone, who, by):
        row = build.seat(who, zone.clerk, probation_ends=D(2020, 1, 31))
        settle_probation(appointment=row, outcome="passed", decided_on=D(2020, 1, 10), by=by)
        assert facts.is_on_probation(who, D(2020, 1, 10))
        assert not facts.is_on_probation(who, D(2020, 1, 11))
        with pytest.raises(ValidationError, match="已有结论"):
            settle_probation(appointment=row, outcome="failed", decided_on=D(2020, 1, 20), by=by)

    def test_extended_it_runs_on(self, zone, who, by):
        row = build.seat(who, zone.clerk, probation_ends=D(2020, 1, 31))
        settle_probation(
            appointment=row, outcome="extended", decided_on=D(2020, 1, 30), extended_to=D(2020, 4, 30), by=by
        )
        row.refresh_from_db()
        assert row.probation_ends == D(2020, 4, 30)
        assert facts.is_on_probation(who, D(2020, 4, 30))
        with pytest.raises(ValidationError, match="延长"):
            settle_probation(appointment=row, outcome="extended", decided_on=D(2020, 4, 1), by=by)

    def test_failed_it_ends_the_appointment(self, zone, who, by):
        row = build.seat(who, zone.clerk, probation_ends=D(2020, 1, 31))
        settle_probation(appointment=row, outcome="failed", decided_on=D(2020, 1, 20), by=by, note="不能胜任")
        row.refresh_from_db()
        assert (row.last_day, row.end_reason) == (D(2020, 1, 20), "trial_failed")

    def test_there_must_be_one_and_it_is_not_ones_own(self, zone, who, by):
        row = build.seat(who, zone.clerk)
        with pytest.raises(ValidationError, match="没有试用期"):
            settle_probation(appointment=row, outcome="passed", decided_on=TERM, by=by)
        own = build.seat(build.person(zone, "经办人", user=by.user), zone.eco_clerk, probation_ends=D(2020, 1, 31))
        with pytest.raises(ValidationError, match="本人"):
            settle_probation(appointment=own, outcome="passed", decided_on=TERM, by=by)


class TestSecondment:
    def lend(self, who, by, first, last=None, **more):
        return services.record_secondment(person=who, kind="experience", starts=first, ends=last, by=by, **more)

    def test_APT_16_the_home_unit_is_kept_with_it(self, zone, who, by):
        row = self.lend(who, by, D(2020, 3, 1), host_unit=zone.park)
        assert row.home_unit == zone.unit
        who.refresh_from_db()
        assert who.home_unit == zone.unit

    def test_a_host_is_one_of_ours_or_named_and_never_both_or_home(self, zone, who, by):
        for host in ({}, {"host_unit": zone.park, "host_name": "市发改委"}, {"host_unit": zone.unit}):
            with pytest.raises(ValidationError, match="接收单位"):
                self.lend(who, by, D(2020, 3, 1), **host)
        assert not Secondment.objects.exists()

    @pytest.mark.parametrize(("last", "away"), [(D(2020, 8, 15), True), (D(2020, 8, 14), False)])
    def test_ASM_06_six_months_away_and_the_host_assesses(self, zone, who, by, last, away):
        self.lend(who, by, D(2020, 3, 1), last, host_unit=zone.park)
        found = facts.assessing_units([who], 2020)[who.pk]
        assert (found.away, found.home, found.host) == (away, zone.unit, zone.park)
        assert facts.assessing_units([who], 2021)[who.pk].months_away == 0

    def test_months_with_one_host_in_two_spells_add_up(self, zone, who, by):
        self.lend(who, by, D(2020, 1, 1), D(2020, 3, 31), host_name="市发改委")
        self.lend(who, by, D(2020, 7, 1), D(2020, 9, 30), host_name="市发改委")
        assert facts.assessing_units([who], 2020)[who.pk].months_away == 6
        assert facts.seconded_during([who.pk], calendar_year(2020)).count() == 2


class TestInquiry:
    def test_it_is_open_until_its_outcome(self, who, by):
        row = services.open_inquiry(person=who, starts=D(2020, 12, 1), by=by)
        assert facts.open_cases_on([who.pk], D(2021, 2, 1)) == {who.pk}
        with pytest.raises(ValidationError, match="结案结果"):
            services.close_fact(fact=row, on=D(2021, 2, 1), by=by)
        services.close_fact(fact=row, on=D(2021, 2, 1), outcome="cleared", by=by)
        assert facts.open_cases_on([who.pk], D(2021, 2, 1)) == {who.pk}
        assert facts.open_cases_on([who.pk], D(2021, 2, 2)) == set()
        assert facts.open_cases_during([who.pk], calendar_year(2020)).count() == 1


class TestKinship:
    def kin(self, one, other, by, **more):
        return services.record_kinship(
            person=one, relative=other, relation="spouse", starts=D(2010, 5, 1), by=by, **more
        )

    def test_the_pair_is_kept_once_whoever_is_named_first(self, zone, who, by):
        other = build.person(zone, "李四")
        row = self.kin(other, who, by)
        assert (row.person, row.relative) == (who, other)
        with pytest.raises(ValidationError, match="已有登记"):
            self.kin(who, other, by)
        with pytest.raises(ValidationError, match="不同的两人"):
            self.kin(who, who, by)

    def test_which_way_is_encrypted_at_rest_and_in_no_trail(self, zone, who, by):
        row = self.kin(who, build.person(zone, "李四"), by)
        with connection.cursor() as cursor:
            cursor.execute("select relation from staffing_kinship where id = %s", [row.pk])
            (stored,) = cursor.fetchone()
        assert "spouse" not in stored
        assert Kinship.objects.get(pk=row.pk).relation == "spouse"
        entry = AuditEntry.objects.get(verb="record_kinship")
        assert "spouse" not in str(entry.after)
        assert str(entry.after["person"]).startswith("***")

    def test_neither_of_the_two_records_it(self, zone, who, by):
        own = build.person(zone, "经办人", user=by.user)
        for one, other in ((who, own), (own, who)):
            with pytest.raises(ValidationError, match="本人"):
                self.kin(one, other, by)


class TestPaid:
    """Of several posts one pays, and the appointment says which (公务员法 44; edge case concurrent)."""

    @staticmethod
    def paid(day=build.DAY) -> set[str]:
        rows = Appointment.objects.on(day).with_paid(day).filter(paid=True)
        return set(rows.values_list("post__code", flat=True))

    def test_the_higher_post_pays_and_the_months_count_to_it(self, zone, who):
        build.seat(who, zone.clerk)
        build.seat(who, zone.head, kind="concurrent")
        assert self.paid() == {"YZ-INV-H"}
        rows = facts.months_of([who.pk], 2020)[who.pk]
        assert [(row.post, row.months) for row in rows] == [(zone.head.pk, 12)]

    def test_of_equal_posts_the_primary_one_pays(self, zone, who):
        build.seat(who, zone.eco_clerk, kind="concurrent")
        build.seat(who, zone.clerk)
        assert self.paid() == {"YZ-INV-C"}

    @pytest.mark.parametrize(("identity", "pays"), [("civil_servant", "YZ-INV-C"), ("institution", "XX-INV-H")])
    def test_a_civil_servant_takes_no_pay_for_a_post_outside(self, zone, identity, pays):
        other = build.small_zone("XX", zone.city)
        who = build.person(zone, "李四", identity=identity)
        build.seat(who, zone.clerk)
        build.seat(who, other.head, kind="concurrent")
        assert self.paid() == {pays}
        (row,) = facts.months_of([who.pk], 2020)[who.pk]
        assert {zone.clerk.pk: "YZ-INV-C", other.head.pk: "XX-INV-H"}[row.post] == pays

    def test_the_parks_of_his_zone_are_not_outside(self, zone):
        who = build.person(zone, "李四", identity="civil_servant")
        build.seat(who, zone.clerk)
        build.seat(who, zone.park_clerk, kind="concurrent", starts=D(2020, 1, 1))
        where = Appointment.objects.paying().filter(person=who)
        assert where.count() == 2

    def test_nobody_is_paid_on_a_day_without_a_post(self, zone, who):
        build.seat(who, zone.clerk, ends=D(2020, 5, 31), end_reason="resignation")
        assert self.paid(D(2020, 5, 31)) == {"YZ-INV-C"}
        row = Appointment.objects.with_paid(D(2020, 6, 1)).get()
        assert row.paid is False

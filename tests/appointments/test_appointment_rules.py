"""Each rule of appointments by its id: silent at the boundary, one past it refused by the service and in raw SQL."""

import pytest
from django.core.exceptions import ValidationError

from common.periods import ONE_DAY, period
from common.rules import verdict
from common.workdays import count_workdays
from staffing import services
from staffing.appointing import tenure
from staffing.appointing.terms import months_after
from staffing.models import Absence, Appointment, RetirementAge
from staffing.recording import fact_services
from staffing.rules.appointments import APT03, APT07, APT08, APT17, APT18
from tests import staffing_builders as build
from tests.appointment_builders import (
    DAY,
    START,
    D,
    appoint,
    forget,
    refused,
    refused_raw,
    until,
    warned,
)
from zones.models import Unit

pytestmark = pytest.mark.django_db


class TestUnexcused:
    """APT-08: absence without leave in working days. 2020-06-25 and 26 were holidays, the 28th made up for one."""

    @pytest.fixture(autouse=True)
    def seat(self, zone, who, by):
        return appoint(who, zone.clerk, by)

    @staticmethod
    def gone(who, by, *spans):
        for first, last in spans:
            fact_services.record_absence(person=who, kind="unexcused", starts=first, ends=last, by=by)

    @pytest.mark.parametrize(("last", "found"), [(D(2020, 6, 22), []), (D(2020, 6, 23), ["连续旷工 16 个工作日"])])
    def test_APT_08_fifteen_in_a_row_are_not_over(self, zone, who, by, last, found):
        self.gone(who, by, (D(2020, 6, 2), last))
        assert [text.partition("，")[0] for text in warned(APT08, zone)] == found

    def test_APT_08_a_run_goes_on_over_a_holiday_and_counts_the_day_that_makes_up(self, zone, who, by):
        self.gone(who, by, (D(2020, 6, 8), D(2020, 6, 24)), (D(2020, 6, 27), D(2020, 6, 28)))
        assert warned(APT08, zone) == []
        assert count_workdays(D(2020, 6, 8), D(2020, 6, 28)) == 14
        self.gone(who, by, (D(2020, 6, 29), D(2020, 6, 30)))
        assert warned(APT08, zone) == ["连续旷工 16 个工作日，超过 15 个，可解除聘用"]

    def test_APT_08_a_day_at_work_breaks_the_run(self, zone, who, by):
        self.gone(who, by, (D(2020, 6, 1), D(2020, 6, 12)), (D(2020, 6, 16), D(2020, 6, 30)))
        assert warned(APT08, zone) == []

    @pytest.mark.parametrize(("last", "found"), [(D(2020, 6, 19), 0), (D(2020, 6, 20), 0), (D(2020, 6, 22), 1)])
    def test_APT_08_thirty_in_a_year_are_not_over(self, zone, who, by, last, found):
        spans = [(D(2020, 4, 7), D(2020, 4, 20)), (D(2020, 5, 11), D(2020, 5, 22)), (D(2020, 6, 8), last)]
        assert sum(count_workdays(*span) for span in spans) == 30 + found
        self.gone(who, by, *spans)
        assert len(warned(APT08, zone)) == found
        assert warned(APT08, zone, D(2021, 6, 30)) == []

    def test_APT_08_leave_annulled_facts_and_what_lies_ahead_do_not_count(self, zone, who, by):
        self.gone(who, by, (D(2020, 6, 2), D(2020, 6, 23)))
        assert warned(APT08, zone, D(2020, 6, 22)) == []
        row = Absence.objects.get()
        Absence.objects.filter(pk=row.pk).update(kind="sick")
        assert warned(APT08, zone) == []
        Absence.objects.filter(pk=row.pk).update(kind="unexcused")
        assert len(warned(APT08, zone)) == 1
        fact_services.annul_fact(fact=row, reason="登记错人", by=by)
        assert warned(APT08, zone) == []

    def test_APT_08_a_charter_that_is_silent_flags_nothing(self, zone, who, by):
        self.gone(who, by, (D(2020, 4, 1), None))
        assert len(warned(APT08, zone)) == 2
        forget("APT-08")
        assert warned(APT08, zone) == []


class TestTerms:
    @pytest.mark.parametrize(("months", "short"), [(36, False), (48, False)])
    def test_APT_03_of_three_years_is_long_enough(self, zone, who, by, months, short):
        appoint(who, zone.clerk, by, term_ends=until(months))
        assert bool(warned(APT03, zone)) is short

    def test_APT_03_a_day_short_is_warned_of(self, zone, who, by):
        appoint(who, zone.clerk, by, term_ends=until(36) - ONE_DAY)
        assert warned(APT03, zone) == ["聘期至 2023-02-27，不足 36 个月"]
        forget("APT-03")
        assert warned(APT03, zone) == []

    def test_APT_03_a_transfer_runs_on_with_the_old_term(self, zone, who, by):
        row = appoint(who, zone.clerk, by, term_ends=until(36))
        services.transfer(
            appointment=row, post=zone.eco_clerk, starts=D(2021, 1, 1), decided_on=D(2021, 1, 1), by=by,
            term_ends=until(36),
        )  # fmt: skip
        assert warned(APT03, zone, D(2021, 6, 1)) == []

    @pytest.mark.parametrize(
        ("ends", "found"),
        [(until(36), 0), (until(60), 0), (until(36) - ONE_DAY, 1), (until(60) + ONE_DAY, 1)],
    )
    def test_APT_18_three_to_five_years(self, zone, who, by, ends, found):
        appoint(who, zone.clerk, by, term_ends=ends)
        assert len(warned(APT18, zone)) == found

    @pytest.mark.parametrize(("ends", "found"), [(until(36), 0), (until(36) + ONE_DAY, 1), (until(24), 1)])
    def test_APT_17_a_term_is_three_years(self, zone, who, by, ends, found):
        appoint(who, zone.clerk, by, term_ends=ends)
        assert len(warned(APT17, zone)) == found

    def test_APT_17_a_leaders_fourth_term_in_a_row(self, zone, who, by):
        starts = [months_after(D(2019, 11, 1), 36 * n) for n in range(4)]
        row = appoint(who, zone.leader, by, starts=starts[0], decided_on=starts[0], term_ends=until(36, starts[0]))
        for start in starts[1:]:
            row = services.renew(appointment=row, starts=start, decided_on=start, by=by, term_ends=until(36, start))
        assert warned(APT17, zone, starts[2]) == []
        assert warned(APT17, zone, starts[3]) == ["同一岗位第 4 个任期，一般不超过 3 个"]

    def test_APT_17_a_break_starts_the_count_again(self, zone, who, by):
        for n, start in enumerate(months_after(D(2019, 11, 1), 36 * n) for n in range(4)):
            begin = start + ONE_DAY if n == 2 else start
            appoint(
                who, zone.leader, by, starts=begin, decided_on=begin, term_ends=until(36, start),
                ends=until(36, start), end_reason="term",
            )  # fmt: skip
        assert [each for each in warned(APT17, zone, D(2029, 1, 1)) if "任期，" in each] == []

    def test_APT_17_staff_may_stay_as_long_as_they_like(self, zone, who, by):
        row = appoint(who, zone.clerk, by, term_ends=until(36))
        for n in range(1, 4):
            start = months_after(START, 36 * n)
            row = services.renew(appointment=row, starts=start, decided_on=start, by=by, term_ends=until(36, start))
        assert warned(APT17, zone, D(2029, 6, 1)) == []


class TestProbation:
    @pytest.mark.parametrize("hire", ["first_job", "promotion"])
    @pytest.mark.parametrize("ends", [until(12) - ONE_DAY, until(12) + ONE_DAY, None])
    def test_APT_04_and_APT_11_twelve_months_to_the_day(self, zone, who, by, hire, ends):
        rule, post = {"first_job": ("APT-04", zone.clerk), "promotion": ("APT-11", zone.head)}[hire]
        told = {"hire": hire, "term_ends": until(36)}
        assert refused(lambda: appoint(who, post, by, probation_ends=ends, **told)) == rule
        row = appoint(who, post, by, probation_ends=until(12), **told)
        sql = "update staffing_appointment set probation_ends = %s where id = %s"
        assert refused_raw(sql, [ends, row.pk]) == rule

    def test_APT_04_not_for_a_contract_under_three_years(self, zone, who, by):
        assert appoint(who, zone.clerk, by, hire="first_job", term_ends=until(36) - ONE_DAY, probation_ends=until(3))

    def test_APT_11_only_for_posts_that_lead(self, zone, who, by):
        assert appoint(who, zone.clerk, by, hire="promotion", term_ends=until(36))

    @pytest.mark.parametrize(("hire", "months"), [("general", 3), ("special", 6), ("graduate", 12), ("", 12)], ids=str)
    def test_APT_05_at_most_by_the_way_of_entry(self, zone, who, by, hire, months):
        too_long = until(months) + ONE_DAY
        assert refused(lambda: appoint(who, zone.clerk, by, hire=hire, probation_ends=too_long)) == "APT-05"
        row = appoint(who, zone.clerk, by, hire=hire, probation_ends=until(months))
        sql = "update staffing_appointment set probation_ends = %s where id = %s"
        assert refused_raw(sql, [too_long, row.pk]) == "APT-05"

    def test_APT_05_an_extension_is_bound_too(self, zone, who, by):
        row = appoint(who, zone.clerk, by, hire="special", probation_ends=until(3))
        told = {"appointment": row, "outcome": "extended", "decided_on": until(3), "by": by}
        assert refused(lambda: tenure.settle_probation(extended_to=until(6) + ONE_DAY, **told)) == "APT-05"
        assert tenure.settle_probation(extended_to=until(6), **told).extended_to == until(6)

    def test_APT_05_what_no_charter_states_binds_nobody(self, zone, who, by):
        forget("APT-05")
        assert appoint(who, zone.clerk, by, hire="general", probation_ends=until(9))


class TestEntitlement:
    def test_APT_07_ten_years_served_and_less_than_ten_to_go(self, zone, who, by):
        RetirementAge.objects.create(
            group="men", period=period(D(1978, 6, 2)), base_months=720, source="试验", basis="memory"
        )
        who = build.person(zone, "老王", birth_date=D(1972, 6, 1))
        appoint(who, zone.clerk, by, starts=D(2019, 11, 1), decided_on=D(2019, 11, 1))
        assert warned(APT07, zone, D(2029, 10, 31)) == []
        assert warned(APT07, zone, D(2029, 11, 1)) == ["已连续工作 10 年，可要求订立聘用至退休的合同"]
        young = build.person(zone, "小王", birth_date=D(1989, 6, 1))
        appoint(young, zone.clerk, by, starts=D(2019, 11, 1), decided_on=D(2019, 11, 1))
        assert len(warned(APT07, zone, D(2029, 11, 1))) == 1


class TestRetirement:
    """Nobody's term runs past the day of retiring (APT-07)."""

    RETIRES = D(2032, 6, 1)

    @pytest.fixture
    def old(self, zone):
        RetirementAge.objects.create(
            group="men", period=period(D(1978, 6, 2)), base_months=720, source="试验", basis="memory"
        )
        return build.person(zone, "老王", birth_date=D(1972, 6, 1))

    def test_to_the_day_and_not_a_day_more(self, zone, old, by):
        assert refused(lambda: appoint(old, zone.clerk, by, term_ends=self.RETIRES + ONE_DAY)) == "APT-07"
        row = appoint(old, zone.clerk, by, term_ends=self.RETIRES)
        longer = "update staffing_appointment set term_ends = term_ends + 1 where id = %s"
        assert refused_raw(longer, [row.pk]) == "APT-07"

    def test_the_sentence_says_both_days(self, zone, old, by):
        with pytest.raises(ValidationError, match=r"聘期至 2032-06-02，晚于退休日期 2032-06-01"):
            appoint(old, zone.clerk, by, term_ends=self.RETIRES + ONE_DAY)

    def test_a_birth_date_that_is_corrected_is_judged_too(self, zone, old, by):
        appoint(old, zone.clerk, by, term_ends=self.RETIRES)
        earlier = "update staffing_person set birth_date = birth_date - 1 where id = %s"
        assert refused_raw(earlier, [old.pk]) == "APT-07"

    def test_what_ended_is_past(self, zone, old, by):
        assert appoint(old, zone.clerk, by, term_ends=D(2033, 1, 1), ends=D(2032, 6, 1), end_reason="retirement")


class TestEnding:
    @pytest.mark.parametrize(("told", "fine"), [(D(2020, 5, 31), True), (D(2020, 6, 1), False)])
    def test_APT_08_thirty_days_after_the_written_notice(self, zone, who, by, told, fine):
        row = appoint(who, zone.clerk, by)

        def end():
            return services.end_appointment(appointment=row, on=D(2020, 6, 30), reason="unfit", notified_on=told, by=by)

        assert end().notified_on == told if fine else refused(end) == "APT-08"

    def test_APT_08_no_notice_no_end(self, zone, who, by):
        row = appoint(who, zone.clerk, by)
        with pytest.raises(ValidationError, match="书面通知日期"):
            services.end_appointment(appointment=row, on=DAY, reason="unfit", by=by)
        sql = "update staffing_appointment set end_reason = 'unfit', period = %s where id = %s"
        assert refused_raw(sql, [period(START, DAY), row.pk]) == "APT-08"

    @pytest.mark.parametrize("reason", ["death", "not_selected", "retirement", "abolished", "removal"])
    def test_other_reasons_need_none(self, zone, who, by, reason):
        row = appoint(who, zone.clerk, by)
        assert services.end_appointment(appointment=row, on=DAY, reason=reason, by=by).end_reason == reason


class TestDecision:
    def test_APT_12_nobody_takes_office_before_the_decision(self, zone, who, by):
        assert refused(lambda: appoint(who, zone.clerk, by, decided_on=START + ONE_DAY)) == "APT-12"
        row = appoint(who, zone.clerk, by)
        sql = "update staffing_appointment set decided_on = %s where id = %s"
        assert refused_raw(sql, [START + ONE_DAY, row.pk]) == "APT-12"

    def test_APT_13_where_there_is_no_seat_nobody_sits(self, zone, who, by):
        row = appoint(who, zone.head, by)
        assert refused_raw("update staffing_appointment set seat = 2 where id = %s", [row.pk]) == "APT-13"


def test_the_fixture_breaks_no_rule_of_appointments(yizheng):
    found = verdict(Unit.objects.get(code="YZ").pk, D(2026, 11, 1))
    assert [each for each in found.broken if each.rule.id[:3] in ("APT", "ASM")] == []
    assert Appointment.objects.filter(hire="promotion").exists()

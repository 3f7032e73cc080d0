"""What bars somebody from a post: the law, kinship, a secondment, a sanction."""

import pytest
from django.core.exceptions import ValidationError

from common.periods import ONE_DAY, period
from staffing import services
from staffing.models import Kinship, Sanction, Secondment
from staffing.recording import fact_services
from staffing.rules.appointments import APT03, APT18
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

pytestmark = pytest.mark.django_db


class TestStatutory:
    TOLD = {"regime": "statutory", "approval_number": "苏公〔2020〕1号"}

    @pytest.mark.parametrize(
        ("term", "probation", "fine"),
        [
            (until(12), until(1), True),
            (until(60), until(12), True),
            (until(12) - ONE_DAY, until(1), False),
            (until(60) + ONE_DAY, until(12), False),
            (until(36), until(1) - ONE_DAY, False),
            (until(36), until(12) + ONE_DAY, False),
            (until(36), None, False),
        ],
    )
    def test_APT_14_one_to_five_years_and_one_to_twelve_months(self, zone, who, by, term, probation, fine):
        def act():
            return appoint(who, zone.clerk, by, term_ends=term, probation_ends=probation, **self.TOLD)

        assert act().pk if fine else refused(act) == "APT-14"

    def test_APT_14_not_without_an_approval_and_none_without_a_contract(self, zone, who, by):
        for told in ({"regime": "statutory"}, {"approval_number": "苏公〔2020〕1号"}):
            with pytest.raises(ValidationError, match="APT-14"):
                appoint(who, zone.clerk, by, term_ends=until(36), probation_ends=until(6), **told)

    def test_APT_14_the_rules_of_other_terms_are_not_for_it(self, zone, who, by):
        appoint(who, zone.clerk, by, term_ends=until(24), probation_ends=until(12), hire="general", **self.TOLD)
        assert warned(APT03, zone) == warned(APT18, zone) == []


class TestKinship:
    def kin(self, one, other, by=None):
        first, second = sorted((one, other), key=lambda row: row.pk)
        return Kinship.objects.create(person=first, relative=second, relation="spouse", period=period(D(2010, 1, 1)))

    def test_APT_15_not_under_ones_kin(self, zone, who, by):
        head = build.person(zone, "李四")
        appoint(head, zone.head, by)
        self.kin(who, head)
        assert refused(lambda: appoint(who, zone.clerk, by)) == "APT-15"
        assert appoint(who, zone.eco_clerk, by), "another bureau is no matter"

    def test_APT_15_nor_above_them(self, zone, who, by):
        appoint(build.person(zone, "甲"), zone.clerk, by)
        clerk = build.person(zone, "李四")
        appoint(clerk, zone.clerk, by)
        self.kin(who, clerk)
        assert refused(lambda: appoint(who, zone.head, by)) == "APT-15"

    def test_APT_15_a_leader_is_over_heads_and_not_over_their_staff(self, zone, who, by):
        leader = build.person(zone, "李四")
        appoint(leader, zone.leader, by)
        self.kin(who, leader)
        assert refused(lambda: appoint(who, zone.head, by)) == "APT-15"
        assert appoint(who, zone.clerk, by)

    def test_APT_15_a_kinship_that_is_recorded_later_is_refused(self, zone, who, by):
        head = build.person(zone, "李四")
        appoint(head, zone.head, by)
        appoint(who, zone.clerk, by)

        def record():
            return fact_services.record_kinship(
                person=who, relative=head, relation="spouse", starts=D(2021, 1, 1), by=by
            )

        assert refused(record) == "APT-15"
        sql = (
            "insert into staffing_kinship (person_id, relative_id, relation, period, annulled, is_example)"
            " values (%s, %s, 'x', '[2021-01-01,)', false, false)"
        )
        assert refused_raw(sql, [who.pk, head.pk]) == "APT-15"

    def test_APT_15_when_one_has_left_the_other_may_come(self, zone, who, by):
        head = build.person(zone, "李四")
        row = appoint(head, zone.head, by)
        self.kin(who, head)
        services.end_appointment(appointment=row, on=DAY, reason="retirement", by=by)
        assert refused(lambda: appoint(who, zone.clerk, by, starts=DAY, decided_on=DAY)) == "APT-15"
        assert appoint(who, zone.clerk, by, starts=DAY + ONE_DAY, decided_on=DAY + ONE_DAY)

    def test_APT_15_an_annulled_kinship_is_none(self, zone, who, by):
        head = build.person(zone, "李四")
        appoint(head, zone.head, by)
        row = self.kin(who, head)
        fact_services.annul_fact(fact=row, reason="登记错人", by=by)
        assert appoint(who, zone.clerk, by)


class TestSecondment:
    def test_APT_16_no_post_of_ones_own_elsewhere_meanwhile(self, zone, who, by):
        row = appoint(who, zone.clerk, by)
        fact_services.record_secondment(
            person=who, kind="experience", starts=D(2020, 4, 1), ends=D(2020, 9, 30), host_unit=zone.park, by=by
        )
        told = {"appointment": row, "post": zone.park_clerk, "by": by}
        move = {"starts": D(2020, 9, 30), "decided_on": D(2020, 9, 30)}
        assert refused(lambda: services.transfer(**told, **move)) == "APT-16"
        assert services.transfer(**told, starts=D(2020, 10, 1), decided_on=D(2020, 10, 1))

    def test_APT_16_within_ones_unit_one_may_move(self, zone, who, by):
        row = appoint(who, zone.clerk, by)
        fact_services.record_secondment(person=who, kind="loan", starts=D(2020, 4, 1), host_name="市发改委", by=by)
        move = {"starts": D(2020, 9, 1), "decided_on": D(2020, 9, 1)}
        assert services.transfer(appointment=row, post=zone.eco_clerk, by=by, **move)

    def test_APT_16_a_seat_held_on_loan_binds_as_well(self, zone, who, by):
        row = appoint(who, zone.clerk, by)
        appoint(who, zone.park_clerk, by, kind="seconded", starts=D(2020, 4, 1), decided_on=D(2020, 4, 1))
        move = {"starts": D(2020, 9, 1), "decided_on": D(2020, 9, 1)}
        assert refused(lambda: services.transfer(appointment=row, post=zone.park_clerk, by=by, **move)) == "APT-16"

    def test_APT_16_raw_sql(self, zone, who, by):
        appoint(who, zone.clerk, by)
        values = [who.pk, zone.park.pk, zone.city.pk]
        sql = (
            "insert into staffing_secondment (person_id, kind, home_unit_id, host_unit_id, host_name, period,"
            " document_number, note, annulled, is_example)"
            " values (%s, 'loan', %s, %s, '', '[2020-04-01,)', '', '', false, false)"
        )
        assert refused_raw(sql, values) == "APT-16"
        assert not Secondment.objects.exists()


class TestSanctions:
    @pytest.mark.parametrize(
        ("identity", "kind", "months"),
        [
            ("institution", "warning", 6), ("institution", "demerit", 12), ("institution", "lower_post", 24),
            ("contract", "removal", 24), ("civil_servant", "warning", 6), ("civil_servant", "demerit", 12),
            ("civil_servant", "serious_demerit", 18), ("managed", "demotion", 24), ("managed", "removal", 24),
        ],
    )  # fmt: skip
    def test_ASM_13_and_ASM_14_each_lasts_as_the_law_says(self, zone, by, identity, kind, months):
        who = build.person(zone, "张三", identity=identity)
        row = fact_services.record_sanction(person=who, kind=kind, starts=START, document_number="处〔2020〕1号", by=by)
        assert row.last_day == until(months)
        rule = "ASM-14" if identity in ("civil_servant", "managed") else "ASM-13"
        longer = period(START, until(months) + ONE_DAY)
        assert refused_raw("update staffing_sanction set period = %s where id = %s", [longer, row.pk]) == rule

    @pytest.mark.parametrize(("identity", "kind"), [("institution", "serious_demerit"), ("managed", "lower_post")])
    def test_a_kind_that_the_status_does_not_know(self, zone, by, identity, kind):
        who = build.person(zone, "张三", identity=identity)
        with pytest.raises(ValidationError, match="不适用"):
            fact_services.record_sanction(person=who, kind=kind, starts=START, document_number="1号", by=by)

    def test_a_length_that_no_charter_states_is_not_guessed(self, zone, who, by):
        forget("ASM-13")
        with pytest.raises(ValidationError, match="没有载明"):
            fact_services.record_sanction(person=who, kind="warning", starts=START, document_number="1号", by=by)
        assert not Sanction.objects.exists()

    def test_a_corrected_day_moves_the_end_and_a_document_is_needed(self, zone, who, by):
        row = fact_services.record_sanction(person=who, kind="warning", starts=START, document_number="1号", by=by)
        seen = fact_services.stamp(row)
        row = fact_services.correct_fact(fact=row, seen=seen, reason="抄错", starts=START + ONE_DAY, by=by)
        assert row.last_day == until(6, START + ONE_DAY)
        with pytest.raises(ValidationError, match="处分决定文号"):
            fact_services.record_sanction(person=who, kind="demerit", starts=START, document_number=" ", by=by)

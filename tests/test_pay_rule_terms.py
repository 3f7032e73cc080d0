"""The rules of pay about terms and people (PAY-08 … PAY-10): kept, broken, refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.periods import period
from pay.life import payouts
from pay.models import Scheme
from pay.rules.shares import PAY09, PAY10
from pay.rules.terms import PAY08
from staffing.models import Absence, Appointment
from tests import pay_builders as build
from tests.test_pay_rules import found, refused, said, state, without_triggers

pytestmark = pytest.mark.django_db


class TestTerm:
    """40 % of each year is deferred; a term may release 30 % of what it gave."""

    @pytest.fixture
    def tz(self):
        return build.small_zone()["zone"]

    def term(self, tz, ratio: str, cap: str | None = None):
        return payouts.record_term(
            unit=tz, first_year=2020, last_year=2021, qualified=True, ratio=Decimal(ratio),
            instrument=build.instrument(), by=build.acting("assessor"), cap=cap and Decimal(cap),
        )  # fmt: skip

    def test_the_charters_cap_where_the_instrument_sets_none(self, tz):
        build.approved(build.computed(tz))
        state(tz, "PAY-08", cap="0.3")
        with pytest.raises(ValidationError) as error:
            self.term(tz, "0.7501")
        assert "任期绩效的 30%（317,040.00 元）" in error.value.message_dict["ratio"][0]
        assert self.term(tz, "0.75").cap is None
        assert found(PAY08, tz) == []

    def test_the_instruments_cap_comes_first(self, tz):
        build.approved(build.computed(tz))
        state(tz, "PAY-08", cap="0.3")
        assert self.term(tz, "1", "0.4").cap == Decimal("0.4")
        assert found(PAY08, tz) == []

    def test_a_later_run_of_the_term_is_asked_when_it_is_approved(self, tz):
        """Registered before anything of the term was approved, the cap is asked of the first run."""
        result = self.term(tz, "1", "0.3")
        assert found(PAY08, tz) == [("unknown", f"term:{result.pk}")]
        run = build.computed(tz)
        assert "超过任期绩效的 30%" in refused("PAY-08", run)

    def test_a_correction_is_asked_too(self, tz):
        """The scheme defers more than it did: what is measured against grew no less than what is measured."""
        first = build.approved(build.computed(tz))
        self.term(tz, "0.75", "0.3")
        without_triggers("pay_scheme", "update pay_scheme set current_ratio = 0.5")
        row = first.allocations.order_by("pk").first()
        refused("PAY-08", build.correction(first, {row.pk: row.amount + 1}))

    def test_the_deferred_part_is_not_drawn_up_above_it(self, tz):
        run = build.approved(build.computed(tz))
        result = self.term(tz, "0.75", "0.3")
        without_triggers("pay_termresult", f"update pay_termresult set ratio = 0.9 where id = {result.pk}")
        with pytest.raises(ValidationError) as error:
            payouts.draft_payout(run=run, part="deferred", by=build.acting("clerk"))
        assert error.value.code == "PAY-08"
        assert found(PAY08, tz) == [("cap", f"term:{result.pk}")]
        assert not run.payouts.exists()

    def test_raw_sql_is_refused_too(self, tz):
        build.approved(build.computed(tz))
        result = self.term(tz, "0.75", "0.3")
        with pytest.raises(IntegrityError, match="PAY-08"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update pay_termresult set ratio = 0.8 where id = %s", [result.pk])
            cursor.execute("set constraints all immediate")

    def test_within_it_the_deferred_part_is_drawn_up(self, tz):
        run = build.approved(build.computed(tz))
        self.term(tz, "0.75", "0.3")
        assert payouts.draft_payout(run=run, part="deferred", by=build.acting("clerk")).total == Decimal("317040.00")


class TestIncompetent:
    def test_nobody_found_incompetent_is_paid(self):
        world = build.small_zone(terms={"grade_factors": {"incompetent": "0.5"}})
        tz = world["zone"]
        build.regrade(world["people"]["p2"], "incompetent")
        run = build.computed(tz)
        assert found(PAY08, tz) == []
        state(tz, "PAY-08", incompetent_zero="1")
        assert found(PAY08, tz) == [("zero", "person:TZ-p2")]
        assert f"2020 年度不胜任，核算 {run.pk} 仍应发" in said(PAY08, tz)
        refused("PAY-08", run)

    def test_kept(self):
        world = build.small_zone()
        state(world["zone"], "PAY-08", incompetent_zero="1")
        build.regrade(world["people"]["p2"], "incompetent")
        build.approved(build.computed(world["zone"]))
        assert found(PAY08, world["zone"]) == []


class TestMonths:
    def test_kept_by_whoever_came_and_moved(self):
        tz = build.small_zone()["zone"]
        build.approved(build.computed(tz))
        assert (found(PAY09, tz), found(PAY10, tz)) == ([], [])

    def test_a_run_from_before_the_roster_was_put_right_is_refused(self):
        world = build.small_zone()
        run = build.computed(world["zone"])
        # p2 left at the end of May, as it turned out.
        Appointment.objects.filter(person=world["people"]["p2"]).update(
            period=period(build.ON, dt.date(2020, 5, 31)), end_reason="resignation"
        )
        assert found(PAY09, world["zone"]) == [("months", "person:TZ-p2")]
        assert said(PAY09, world["zone"]) == f"2020 年计发 12 个月，任职涉及 5 个月（核算 {run.pk}）"
        refused("PAY-09", run)

    def test_paid_leave_cuts_nothing(self):
        """What was entered as absence without leave turned out to be annual leave, after the run was computed."""
        world = build.small_zone(terms={"cutting_leave": ["unexcused"]})
        month = period(dt.date(2020, 3, 1), dt.date(2020, 3, 31))
        wrong = Absence.objects.create(person=world["people"]["p2"], kind="unexcused", period=month)
        run = build.computed(world["zone"])
        assert run.allocations.get(person=world["people"]["p2"]).months_cut == 1
        assert found(PAY10, world["zone"]) == []
        Absence.objects.filter(pk=wrong.pk).update(annulled=True)
        Absence.objects.create(person=world["people"]["p2"], kind="annual", period=month)
        assert found(PAY10, world["zone"]) == [("cut", "person:TZ-p2")]
        assert "扣减 1 个月，其他原因至多 0 个月" in said(PAY10, world["zone"])
        refused("PAY-10", run)

    @pytest.mark.parametrize("kind", ["annual", "maternity", "injury"])
    def test_no_scheme_may_name_it(self, kind):
        tz = build.zone()
        scheme = build.scheme(tz)
        with pytest.raises(IntegrityError, match="pay_scheme_paid_leave"), transaction.atomic():
            Scheme.objects.filter(pk=scheme.pk).update(settings=scheme.settings | {"cutting_leave": [kind]})

"""What waits in a payout (an open case, no account), until when, and that each is paid once; what comes first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from common.periods import period
from pay.life import payouts
from pay.life.waiting import held_people
from pay.models import BankAccount, Run
from staffing.models import Inquiry, Sanction
from tests import pay_builders as build
from tests.test_pay_payouts import account, draft, refused, refused_by_database, release, term

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = build.small_zone()
    run = build.approved(build.computed(made["zone"]))
    for number, person in enumerate(made["people"].values()):
        account(person, f"62220000000000{number:02d}")
    return made | {"run": run}


class TestWaiting:
    def held(self, world) -> tuple[Run, int]:
        """An approved correction of the zone's run in which p2's case is open."""
        person = world["people"]["p2"].pk
        Inquiry.objects.create(person_id=person, period=period(dt.date(2020, 6, 1)), outcome="")
        return build.approved(build.correction(world["run"], {}, held=(person,))), person

    def settle(self, outcome: str = "cleared") -> None:
        Inquiry.objects.update(outcome=outcome, period=period(dt.date(2020, 6, 1), dt.date(2021, 3, 1)))

    def test_a_case_settled_without_a_change_needs_no_correction(self, world):
        """The approved run still says held, and never changes: that the case is over is looked up."""
        second, person = self.held(world)
        line = release(draft(world["run"])).lines.get(person=person)
        refused("没有可以补发的", payouts.draft_held, run=second, by=build.acting("clerk"))
        self.settle()
        assert second.allocations.get(person=person).held
        later = release(payouts.draft_held(run=second, by=build.acting("clerk")))
        assert [(each.settles_id, each.amount) for each in later.lines.all()] == [(line.pk, line.amount)]
        # What is drawn up from now on holds nothing back.
        term(second)
        assert not release(draft(world["run"], "deferred")).lines.filter(held=True).exists()

    def test_a_case_that_ended_with_a_sanction_waits_for_the_correction(self, world):
        second, person = self.held(world)
        release(draft(world["run"]))
        facts = {"kind": "demerit", "document_number": "测试〔2020〕1号"}
        Sanction.objects.create(person_id=person, period=period(dt.date(2020, 7, 1), dt.date(2021, 6, 30)), **facts)
        self.settle("sanctioned")
        refused("没有可以补发的", payouts.draft_held, run=second, by=build.acting("clerk"))
        assert held_people(second) == {person}

    def test_the_list_offers_no_correction_before_what_it_corrects(self, world):
        first, second = world["run"], build.approved(build.correction(world["run"], {}))
        client = Client()
        client.force_login(build.granted("pays", "finance", world["zone"]))
        address = reverse("payouts")
        offer = reverse("payout_draft", args=[second.pk])

        def page() -> str:
            return client.get(address, {"year": "2020"}).content.decode()

        assert offer not in page()
        assert f"当期发放：先发放被更正的核算 {first.pk}" in page()
        made = draft(first)
        assert offer not in page()
        release(made)
        assert offer in page()
        assert "先发放被更正的核算" not in page()

    def test_an_open_case_waits_and_is_paid_once_it_is_closed(self, world):
        first = world["run"]
        _second, person = self.held(world)
        now = release(draft(first))
        line = now.lines.get(person=person)
        assert (line.held, line.why) == (True, "case")
        assert now.total == Decimal("634080.00")
        refused("没有可以补发的", payouts.draft_held, run=first, by=build.acting("clerk"))
        self.settle()
        latest = build.approved(build.correction(_second, {}))
        later = release(payouts.draft_held(run=latest, by=build.acting("clerk")))
        assert [(each.settles_id, each.amount) for each in later.lines.all()] == [(line.pk, line.amount)]
        refused("没有可以补发的", payouts.draft_held, run=latest, by=build.acting("clerk"))

    def test_a_line_is_settled_once_in_raw_sql_too(self, world):
        first, (second, _person) = world["run"], self.held(world)
        release(draft(first))
        self.settle()
        latest = build.approved(build.correction(second, {}))
        release(payouts.draft_held(run=latest, by=build.acting("clerk")))
        again = (
            "insert into pay_payout (run_id, part, state, total, drafted_at) values"
            f" ({latest.pk}, 'held', 'drafted', (select amount from pay_payoutline where held), now())"
        )
        line = (
            "insert into pay_payoutline (payout_id, person_id, sequence, amount, held, why, settles_id)"
            " select (select max(id) from pay_payout), person_id, 1, amount, false, '', id from pay_payoutline"
            " where held"
        )
        refused_by_database("settles_id", again, line)
        refused_by_database("须是本单位本年度", again, line.replace("'', id", "'', null"))

    def test_whoever_has_no_account_blocks_until_it_is_decided(self, world):
        person = world["people"]["p2"]
        BankAccount.objects.filter(person=person).delete()
        payout = draft(world["run"])
        error = refused(person.name, release, payout)
        assert error.code == "no_account"
        done = release(payout, leave_out=True)
        line = done.lines.get(person=person)
        assert (line.held, line.why, line.account) == (True, "account", None)
        refused("没有可以补发的", payouts.draft_held, run=world["run"], by=build.acting("clerk"))
        account(person, "6222000000000099")
        later = release(payouts.draft_held(run=world["run"], by=build.acting("clerk")))
        assert later.total == line.amount
        assert later.lines.get().account.last4 == "0099"

    def test_what_a_correction_took_back_meanwhile_waits_with_it(self, world):
        first, (second, person) = world["run"], self.held(world)
        release(draft(first))
        row = second.allocations.get(person=person)
        other = second.allocations.exclude(person=person).first()
        third = build.correction(second, {row.pk: Decimal(0), other.pk: other.amount + row.amount}, held=(person,))
        third = build.approved(third)
        release(draft(second))
        release(draft(third))
        waiting = payouts.waiting_lines(third).filter(person=person)
        assert sum(waiting.values_list("amount", flat=True)) == 0
        self.settle()
        latest = build.approved(build.correction(third, {}))
        later = release(payouts.draft_held(run=latest, by=build.acting("clerk")))
        assert (later.lines.count(), later.total) == (2, Decimal(0))

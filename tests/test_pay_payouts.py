"""Payouts: parts that sum to the fen, by two people, lines that never change, and what waits is paid once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.models import AuditEntry
from pay.life import accounts, payouts
from pay.models import BankAccount, Payout, PayoutLine, Run, TermResult
from pay.parts import BadRatio, current_parts, deferred_parts, released_parts
from tests import pay_builders as build

fen = st.integers(0, 10**9).map(lambda n: Decimal(n) / 100)
ratios = st.integers(0, 10**4).map(lambda n: Decimal(n) / 10**4)
database = pytest.mark.django_db
OPEN = dt.date(2020, 1, 1)


# --- parts, pure ------------------------------------------------------------------------------------


@given(st.lists(fen, max_size=40), ratios, ratios)
def test_parts_sum_to_every_amount_and_to_the_ratio_of_the_whole(amounts, ratio, term):
    now, later = current_parts(amounts, ratio), deferred_parts(amounts, ratio)
    assert [a + b for a, b in zip(now, later, strict=True)] == amounts
    assert all(part >= 0 for part in (*now, *later))
    whole = sum(amounts, Decimal(0))
    assert abs(sum(now) - whole * ratio) <= Decimal("0.005")
    freed = released_parts(later, term)
    assert all(0 <= part <= of for part, of in zip(freed, later, strict=True))
    assert abs(sum(freed) - sum(later) * term) <= Decimal("0.005")


@given(st.lists(st.lists(fen, min_size=5, max_size=5), min_size=1, max_size=5), ratios, ratios)
def test_a_chain_of_corrections_pays_what_its_last_one_gives(chain, ratio, term):
    """Differences telescope: whatever was corrected in between, everybody ends with the latest parts to the fen."""
    for part in (
        lambda amounts: current_parts(amounts, ratio),
        lambda amounts: released_parts(deferred_parts(amounts, ratio), term),
    ):
        paid = [Decimal(0)] * 5
        before = [Decimal(0)] * 5
        for amounts in chain:
            now = part(amounts)
            paid = [have + new - old for have, new, old in zip(paid, now, before, strict=True)]
            before = now
        assert paid == part(chain[-1])


def test_parts_by_hand():
    amounts = [Decimal("0.01"), Decimal("0.01"), Decimal("0.03")]
    # 60 % of 0.05 is 0.03: quotas 0.006, 0.006, 0.018 → 0.01 to the third, then to the largest remainders.
    assert current_parts(amounts, Decimal("0.6")) == [Decimal("0.01"), Decimal("0.00"), Decimal("0.02")]


@pytest.mark.parametrize("ratio", ["-0.1", "1.01"])
def test_a_ratio_that_is_none(ratio):
    with pytest.raises(BadRatio):
        current_parts([Decimal(1)], Decimal(ratio))


# --- payouts ----------------------------------------------------------------------------------------


@pytest.fixture
def world(db):
    made = build.small_zone()
    run = build.approved(build.computed(made["zone"]))
    for number, person in enumerate(made["people"].values()):
        account(person, f"62220000000000{number:02d}")
    return made | {"run": run}


def account(person, number: str, starts: dt.date = OPEN, **more) -> BankAccount:
    by = build.acting("clerk")
    return accounts.set_account(person=person, bank="示例银行", number=number, starts=starts, by=by, **more)


def draft(run: Run, part: str = "current", who: str = "clerk") -> Payout:
    return payouts.draft_payout(run=run, part=part, by=build.acting(who))


def release(payout: Payout, who: str = "releaser", **more) -> Payout:
    return payouts.release_payout(payout=payout, by=build.acting(who), **more)


def term(run: Run, ratio: str = "1", years=(2020, 2020), cap: Decimal | None = None) -> TermResult:
    return payouts.record_term(
        unit=run.unit,
        first_year=years[0],
        last_year=years[1],
        qualified=ratio != "0",
        ratio=Decimal(ratio),
        instrument=build.instrument(),
        by=build.acting("assessor"),
        cap=cap,
    )


def refused(word: str, act, *args, **kwargs) -> ValidationError:
    with pytest.raises(ValidationError) as error:
        act(*args, **kwargs)
    assert word in "".join(error.value.messages)
    return error.value


def refused_by_database(word: str, *statements: str) -> None:
    with pytest.raises(IntegrityError, match=word), transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("set constraints all immediate")


def sums(payout: Payout) -> Decimal:
    return sum(payout.lines.values_list("amount", flat=True), Decimal(0))


def test_current_and_deferred_sum_to_what_was_shared(world):
    run = world["run"]
    now = release(draft(run))
    term(run)
    later = release(draft(run, "deferred"))
    assert sums(now) == now.total == Decimal("634080.00")  # 60 % of 1 056 800
    assert now.total + later.total == run.shared
    per_person = {line.person_id: line.amount for line in now.lines.all()}
    for line in later.lines.all():
        per_person[line.person_id] += line.amount
    shared: dict[int, Decimal] = {}
    for row in run.allocations.all():
        shared[row.person_id] = shared.get(row.person_id, Decimal(0)) + row.amount
    assert per_person == shared


@pytest.mark.parametrize(("ratio", "total"), [("1", "422720.00"), ("0.5", "211360.00"), ("0", "0.00")])
def test_the_term_releases_what_it_says(world, ratio, total):
    term(world["run"], ratio)
    later = draft(world["run"], "deferred")
    assert (later.total, sums(later)) == (Decimal(total), Decimal(total))


def test_without_the_terms_result_nothing_deferred_is_paid(world):
    refused("任期的结果尚未登记", draft, world["run"], "deferred")
    term(world["run"], years=(2018, 2019))
    refused("任期的结果尚未登记", draft, world["run"], "deferred")


def test_terms_do_not_overlap_and_a_failed_one_releases_nothing(world):
    term(world["run"], years=(2018, 2020))
    refused("重叠", term, world["run"], years=(2020, 2022))
    refused("任期尚未结束", term, world["run"], years=(2021, 2199))
    with pytest.raises(ValidationError, match="兑现比例为 0"):
        payouts.record_term(
            unit=world["zone"], first_year=2021, last_year=2022, qualified=False, ratio=Decimal(1),
            instrument=build.instrument(), by=build.acting("assessor"),
        )  # fmt: skip


def test_a_term_is_capped_where_its_instrument_says_so(world):
    refused("任期绩效的 30%", term, world["run"], cap=Decimal("0.3"))
    assert term(world["run"], "0.75", cap=Decimal("0.3")).ratio == Decimal("0.75")


def test_only_an_approved_run_is_paid():
    run = build.computed(build.small_zone("NZ")["zone"])
    refused("只有已审批", draft, run)


test_only_an_approved_run_is_paid = database(test_only_an_approved_run_is_paid)


def test_drawn_up_twice_it_is_one_and_its_drafter_does_not_release_it(world):
    first = draft(world["run"])
    assert draft(world["run"]).pk == first.pk
    refused("制单人不能审核", release, first, "clerk")
    done = release(first)
    assert release(first).released_at == done.released_at
    assert refused("已由", release, first, "another").code == "stale"
    assert AuditEntry.objects.filter(verb="release_payout").count() == 1


def test_a_draft_is_taken_back_and_a_release_is_not(world):
    payouts.discard_payout(payout=draft(world["run"]), by=build.acting("clerk"))
    assert not PayoutLine.objects.exists()
    done = release(draft(world["run"]))
    refused("不能修改或删除", payouts.discard_payout, payout=done, by=build.acting("clerk"))


class TestRawSql:
    def test_what_was_released_never_changes(self, world):
        release(draft(world["run"]))
        for statement in (
            "update pay_payoutline set amount = amount + 1",
            "update pay_payoutline set held = true, why = 'case'",
            "delete from pay_payoutline",
            "insert into pay_payoutline (payout_id, person_id, sequence, amount, held, why)"
            " select payout_id, person_id, 99, 1, false, '' from pay_payoutline limit 1",
            "update pay_payout set total = 1",
            "update pay_payout set state = 'drafted', released_at = null",
            "delete from pay_payout",
        ):
            refused_by_database("不能修改或删除", statement)

    def test_a_payout_is_the_runs_ratio_to_the_fen(self, world):
        draft(world["run"])
        refused_by_database("合计与发放总额不符", "update pay_payout set total = total + 0.01")
        refused_by_database(
            "与核算应发不符",
            "update pay_payoutline set amount = amount + 0.01 where id = (select min(id) from pay_payoutline)",
            "update pay_payout set total = total + 0.01",
        )

    def test_its_drafter_does_not_release_it_here_either(self, world):
        draft(world["run"])
        refused_by_database(
            "pay_payout_two_people",
            "update pay_payout set state = 'released', released_at = now(), released_by_id = drafted_by_id",
        )

    def test_a_draft_run_has_no_payout(self, world):
        run = build.computed(build.small_zone("NZ")["zone"])
        refused_by_database(
            "只有已审批",
            f"insert into pay_payout (run_id, part, state, total, drafted_at) values ({run.pk}, 'current', 'drafted',"
            " 0, now())",
        )

    def test_the_term_and_the_account_by_which_was_paid_stay(self, world):
        term(world["run"])
        release(draft(world["run"]))
        release(draft(world["run"], "deferred"))
        refused_by_database("任期考核结果不能修改", "update pay_termresult set ratio = 0.5")
        refused_by_database("任期考核结果不能修改", "delete from pay_termresult")
        refused_by_database("已向该账户发放过", "update pay_bankaccount set number = 'x'")

    def test_another_units_term_releases_nothing(self, world):
        other = build.approved(build.computed(build.small_zone("NZ")["zone"]))
        result = term(other)
        refused_by_database(
            "不是本单位本年度的",
            "insert into pay_payout (run_id, part, state, term_result_id, total, drafted_at)"
            f" values ({world['run'].pk}, 'deferred', 'drafted', {result.pk}, 0, now())",
        )


class TestCorrections:
    def corrected(self, world, change: Decimal = Decimal("100.01")) -> tuple[Run, Run]:
        first = world["run"]
        row = first.allocations.order_by("pk").first()
        return first, build.approved(build.correction(first, {row.pk: row.amount + change}))

    @pytest.mark.parametrize("change", ["100.01", "-55.55", "0.01"])
    def test_a_correction_pays_the_difference_and_all_sums_to_the_latest(self, world, change):
        first, second = self.corrected(world, Decimal(change))
        paid = release(draft(first)).total + release(draft(second)).total
        term(second)
        paid += release(draft(first, "deferred")).total + release(draft(second, "deferred")).total
        assert paid == second.shared
        per_person: dict[int, Decimal] = {}
        for line in PayoutLine.objects.all():
            per_person[line.person_id] = per_person.get(line.person_id, Decimal(0)) + line.amount
        shared: dict[int, Decimal] = {}
        for row in second.allocations.all():
            shared[row.person_id] = shared.get(row.person_id, Decimal(0)) + row.amount
        assert per_person == shared

    def test_what_it_corrects_is_paid_first(self, world):
        first, second = self.corrected(world)
        refused("请先发放", draft, second)
        draft(first)
        refused("请先发放", draft, second)


class TestAccounts:
    pytestmark = database

    @pytest.mark.parametrize(
        ("typed", "word"),
        [("6222 0000 abcd", "只能是数字"), ("123456789", "10 至 30 位"), ("1" * 31, "10 至 30 位"), ("", "只能是数字")],
    )
    def test_a_number_that_is_none(self, typed, word):
        refused(word, accounts.read_number, typed)

    def test_a_number_as_people_type_it(self):
        assert accounts.read_number("６２２２-0000 1111\u30002222") == "6222000011112222"

    @pytest.mark.parametrize(
        ("number", "odd"),
        [("4539578763621486", False), ("4539578763621487", True), ("8223372036854775", True), ("1234567890", False)],
    )
    def test_a_cards_check_digit_warns(self, number, odd):
        assert accounts.doubtful(number) is odd

    def test_it_is_encrypted_and_the_audit_has_no_number(self, world):
        with connection.cursor() as cursor:
            cursor.execute("select number from pay_bankaccount")
            assert not any("622200000000" in row[0] for row in cursor.fetchall())
        told = list(AuditEntry.objects.filter(noun="pay.bankaccount").values_list("after", flat=True))
        assert told
        assert "622200000000" not in str(told)

    def test_a_new_account_ends_the_old_one_and_the_same_changes_nothing(self, world):
        person = world["people"]["p1"]
        old = BankAccount.objects.get(person=person)
        assert account(person, old.number, dt.date(2021, 1, 1)).pk == old.pk
        new = account(person, "6222000000000088", dt.date(2021, 1, 1))
        old.refresh_from_db()
        assert (old.last_day, new.starts) == (dt.date(2020, 12, 31), dt.date(2021, 1, 1))
        refused("更晚的日期", account, person, "6222000000000077", dt.date(2020, 6, 1))

    def test_a_slip_is_corrected_until_something_was_paid_there(self, world):
        person = world["people"]["p1"]
        assert account(person, "6222000000000088").number == "6222000000000088"
        release(draft(world["run"]))
        refused("已向该账户发放过", account, person, "6222000000000089")

    def test_reading_somebody_elses_leaves_an_entry(self, world):
        rows = list(BankAccount.objects.all())
        person = world["people"]["p1"]
        person.user = build.signer("p1")
        person.save()
        accounts.record_reading(rows, by=build.acting("p1"), place="account")
        assert AuditEntry.objects.filter(verb="read_account").count() == len(rows) - 1

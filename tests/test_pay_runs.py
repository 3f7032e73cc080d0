"""Runs: from rows to every fen, all or nothing, and the same again when nothing changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from common.actors import Actor
from pay import services
from pay.engine import calculate
from pay.inputs import gather
from pay.models import Allocation, BureauShare, Run
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
BY = Actor.command("test")


def compute(zone, year: int = 2020) -> Run:
    (run,) = services.request_runs(units=[zone], year=year, by=BY)
    return services.compute(run.pk, by=BY)


def problems(run: Run) -> set[str]:
    return {problem["code"] for problem in run.error_details}


def test_a_pool_by_hand():
    """1 000 000 × (1 + 0.8 × (0.5 × 10 % + 0.3 × 5 % + 0.2 × 3 %)) × 1.0 = 1 056 800."""
    world = build.small_zone()
    run = compute(world["zone"])
    assert run.state == Run.State.COMPUTED
    assert run.pool == Decimal("1056800.00")
    shares = {share.bureau: share for share in run.shares.all()}
    # W_A = 1.6 + 1.0 + 0.5, W_B = 0.5 + 1.6 + 0.75 (p5 joined after the 15th of April? no: on the 10th, 9 months)
    assert shares[world["a"]].weight == Decimal("3.1")
    assert shares[world["b"]].weight == Decimal("2.85")
    mean = (Decimal(90) * Decimal("3.1") + Decimal(80) * Decimal("2.85")) / Decimal("5.95")
    by_hand = Decimal("1056800") * (3 * Decimal(90) / mean + Decimal("0.1") * Decimal(90) / mean)
    by_hand /= Decimal("3.1") * 90 / mean + Decimal("2.85") * 80 / mean
    assert abs(shares[world["a"]].amount - by_hand) < Decimal("0.01")


def test_people_sum_to_bureaus_and_bureaus_to_the_pool():
    run = compute(build.small_zone()["zone"])
    assert sum(row.amount for row in run.allocations.all()) == run.pool
    for share in run.shares.all():
        assert sum(row.amount for row in share.allocations.all()) == share.amount


def test_who_moved_carries_his_months_in_both_bureaus():
    world = build.small_zone()
    run = compute(world["zone"])
    rows = run.allocations.filter(person=world["people"]["p3"]).order_by("share__sequence")
    assert [(row.share.bureau, row.months) for row in rows] == [(world["a"], 6), (world["b"], 6)]


def test_leaders_are_left_to_the_dispatching_city():
    world = build.small_zone()
    run = compute(world["zone"])
    assert not run.allocations.filter(person=world["people"]["p0"]).exists()


def test_computing_twice_changes_nothing():
    zone = build.small_zone()["zone"]
    first = compute(zone)
    before = list(Allocation.objects.values()), list(BureauShare.objects.values())
    again = compute(zone)
    assert again.pk == first.pk
    assert Run.objects.count() == 1
    assert (list(Allocation.objects.values()), list(BureauShare.objects.values())) == before


def test_a_task_delivered_twice_changes_nothing():
    zone = build.small_zone()["zone"]
    run = compute(zone)
    finished = run.finished_at
    assert services.compute(run.pk, by=BY).finished_at == finished


def test_asking_twice_asks_once():
    zone = build.small_zone()["zone"]
    first = services.request_runs(units=[zone], year=2020, by=BY)
    second = services.request_runs(units=[zone], year=2020, by=BY)
    assert first == second
    assert Run.objects.count() == 1


def test_a_restated_figure_supersedes_the_run_and_keeps_it():
    world = build.small_zone()
    first = compute(world["zone"])
    build.figure(world["zone"], "tax", 2020, "1200", vintage=dt.date(2021, 6, 1))
    second = compute(world["zone"])
    first.refresh_from_db()
    assert first.state == Run.State.SUPERSEDED
    assert second.pool > first.pool
    assert first.allocations.exists()


def test_inputs_that_went_back_bring_the_old_result_back():
    world = build.small_zone()
    first = compute(world["zone"])
    result = world["cycle"].scorecards.get(bureau=world["a"]).result
    result.score = Decimal(70)
    result.save()
    compute(world["zone"])
    result.score = Decimal(90)
    result.save()
    third = compute(world["zone"])
    assert third.pk == first.pk
    assert third.state == Run.State.COMPUTED
    assert Run.objects.filter(state="computed").count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tax": None}, "missing_figure:tax:2020"),
        ({"gdp_before": None}, "missing_figure:gdp:2019"),
        ({"pool_base": None}, "missing_figure:pool_base:2020"),
        ({"budget_revenue_before": "0"}, "undefined_growth:budget_revenue"),
        ({"tax_before": "-5"}, "undefined_growth:tax"),
    ],
)
def test_a_missing_or_impossible_figure_is_named_and_nothing_is_written(changes, code):
    run = compute(build.small_zone(**changes)["zone"])
    assert run.state == Run.State.FAILED
    assert code in problems(run)
    assert run.pool is None
    assert not BureauShare.objects.filter(run=run).exists()
    assert not Allocation.objects.filter(run=run).exists()


def test_unlike_scopes_are_refused():
    zone = build.small_zone(scopes=("全口径", "原口径"))["zone"]
    assert {"unlike_scopes:tax", "unlike_scopes:gdp", "unlike_scopes:budget_revenue"} <= problems(compute(zone))


def test_an_unscored_bureau_and_ungraded_people_are_named_at_once():
    world = build.small_zone()
    world["cycle"].scorecards.get(bureau=world["b"], kind="bureau").result.delete()
    world["cycle"].scorecards.get(person=world["people"]["p5"]).result.delete()
    run = compute(world["zone"])
    assert problems(run) == {"unscored_bureau:TZ-B", "unrated_people"}
    assert "TZ-B局" in run.error
    assert "TZ-p5" in run.error


def test_negative_growth_gives_the_floor_never_a_negative_pool():
    world = build.small_zone()
    for metric in ("tax", "budget_revenue", "gdp"):
        build.figure(world["zone"], metric, 2020, "-999", vintage=dt.date(2021, 2, 1))
    run = compute(world["zone"])
    assert run.pool == Decimal("850000.00")
    link = next(part for part in run.trace["parts"][0]["parts"] if part["key"] == "link")
    assert link["note"] == "clamped_to_floor"


def test_the_cap_of_pay_01_cuts_and_shows_what_lapsed():
    world = build.small_zone()
    build.figure(world["zone"], "reference_income", 2020, "400000", vintage=dt.date(2021, 2, 1))
    run = compute(world["zone"])
    assert (run.pool, run.uncapped, run.lapsed) == (Decimal("800000"), Decimal("1056800"), Decimal("256800"))
    assert sum(row.amount for row in run.allocations.all()) == run.pool


def test_no_scheme_in_force_is_said():
    world = build.small_zone()
    assert problems(compute(world["zone"], 2019)) == {"no_scheme"}


def test_every_amount_opens_to_inputs_with_their_sources():
    run = compute(build.small_zone()["zone"])

    def leaves(node):
        parts = node.get("parts", [])
        return [leaf for part in parts for leaf in leaves(part)] if parts else [node]

    named = {leaf["key"]: leaf for leaf in leaves(run.trace)}
    assert named["tax_now"]["source"] == "测试（全口径）"
    assert named["tax_now"]["ref"].startswith("zones.figure:")
    for row in run.allocations.all():
        assert {"post_coefficient", "grade_factor"} <= {leaf["key"] for leaf in leaves(row.trace)}


class TestRawSQL:
    """What PostgreSQL refuses whoever asks."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def refused(self, constraint: str, *statements: str) -> None:
        with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        assert refusal.value.__cause__.diag.constraint_name == constraint

    def test_a_run_whose_people_do_not_sum_to_the_pool(self):
        run = compute(build.small_zone()["zone"])
        share = run.shares.first()
        person = Allocation.objects.filter(share=share).first().person_id
        Run.objects.filter(pk=run.pk).update(state="superseded")
        self.refused(
            "PAY-SUM",
            "insert into pay_run (unit_id, year, scheme_id, input_hash, state, error, error_details, pool, inputs,"
            " trace, batch, requested_at) select unit_id, year, scheme_id, 'x', 'running', '', '[]', 100.00, '{}',"
            f" '{{}}', gen_random_uuid(), now() from pay_run where id = {run.pk}",
            "insert into pay_bureaushare (run_id, bureau_id, sequence, score, coefficient, weight, people_points,"
            f" amount, terms) select max(id), {share.bureau_id}, 1, 90, 1, 1, 12, 100.00, '{{}}' from pay_run",
            "insert into pay_allocation (run_id, share_id, person_id, sequence, post_name, post_coefficient, rating,"
            " grade_factor, points, months, amount) select max(run_id), max(id),"
            f" {person}, 1, '', 1, 'competent', 1, 12, 12, 99.99 from pay_bureaushare",
            "update pay_run set state = 'computed' where id = (select max(id) from pay_run)",
        )

    def test_taking_a_fen_from_a_computed_run(self):
        run = compute(build.small_zone()["zone"])
        row = run.allocations.first()
        self.refused("PAY-KEPT", f"update pay_allocation set amount = amount - 0.01 where id = {row.pk}")
        self.refused("PAY-KEPT", f"delete from pay_allocation where id = {row.pk}")
        self.refused("PAY-KEPT", f"update pay_run set pool = pool + 1 where id = {run.pk}")
        self.refused("PAY-KEPT", f"update pay_run set state = 'failed' where id = {run.pk}")

    def test_adding_a_person_to_a_computed_run(self):
        world = build.small_zone()
        run = compute(world["zone"])
        share = run.shares.first()
        self.refused(
            "PAY-KEPT",
            "insert into pay_allocation (run_id, share_id, person_id, sequence, post_name, post_coefficient, rating,"
            f" grade_factor, points, months, amount) values ({run.pk}, {share.pk}, {world['people']['p0'].pk}, 99, '',"
            " 1, 'competent', 1, 12, 12, 0.01)",
        )

    def test_sums_judged_early_are_judged_again(self):
        """Asking for the judgement before COMMIT takes nothing off the one at COMMIT."""
        world = build.small_zone()
        Run.objects.create(unit=world["zone"], year=2019, state="running", pool=100, scheme=world["zone"].schemes.get())
        row = (
            "insert into pay_allocation (run_id, share_id, person_id, sequence, post_name, post_coefficient, rating,"
            " grade_factor, points, months, amount) select s.run_id, s.id, {person}, {n}, '', 1, 'competent', 1,"
            " 12, 12, {amount} from pay_bureaushare s"
        )
        self.refused(
            "PAY-SUM",
            "insert into pay_bureaushare (run_id, bureau_id, sequence, score, coefficient, weight, people_points,"
            f" amount, terms) select id, {world['a'].pk}, 1, 90, 1, 1, 12, 100, '{{}}' from pay_run",
            row.format(person=world["people"]["p1"].pk, n=1, amount=100),
            "set constraints all immediate",
            row.format(person=world["people"]["p2"].pk, n=2, amount=50),
            "update pay_run set state = 'computed'",
        )

    def test_a_scheme_whose_floor_is_above_its_cap_or_whose_weights_are_not_one(self):
        build.small_zone()
        change = "update pay_poolrule set parameters = parameters || '{}' where method = 'F13'"
        self.refused("PAY-FLOOR-CAP", change.format('{"floor": "1.3"}'))
        self.refused("PAY-WEIGHTS", change.format('{"weight_tax": "0.6"}'))
        self.refused("PAY-PARAMETER", change.format('{"alpha": "-1"}'))
        self.refused("pay_scheme_bureau_bounds", "update pay_scheme set bureau_floor = 1.3")
        self.refused("PAY-TERM", "delete from pay_poolrule where role = 'term'")

    def test_a_scheme_by_which_a_pool_was_computed(self):
        compute(build.small_zone()["zone"])
        self.refused("PAY-SCHEME-KEPT", "update pay_scheme set current_ratio = 1")
        self.refused("PAY-SCHEME-KEPT", 'update pay_poolrule set parameters = parameters || \'{"alpha": "0.9"}\'')
        self.refused("PAY-SCHEME-KEPT", "delete from pay_poolrule")

    def test_a_person_who_is_not_there_or_a_share_of_another_run(self):
        world = build.small_zone()
        run = compute(world["zone"])
        other = Run.objects.create(unit=world["zone"], year=2018)
        columns = (
            "insert into pay_allocation (run_id, share_id, person_id, sequence, post_name, post_coefficient, rating,"
            " grade_factor, points, months, amount) values "
        )
        values = "({run}, {share}, {person}, 99, '', 1, 'competent', 1, 12, 12, 0)"
        share, person = run.shares.first().pk, world["people"]["p0"].pk
        self.refused("PAY-SHARE", columns + values.format(run=other.pk, share=share, person=person))
        self.refused("pay_allocation_share", columns + values.format(run=other.pk, share=0, person=person))
        own = (
            "insert into pay_bureaushare (run_id, bureau_id, sequence, score, coefficient, weight, people_points,"
            f" amount, terms) values ({other.pk}, {world['a'].pk}, 1, 90, 1, 1, 12, 0, '{{}}')"
        )
        with_own = columns + values.format(run=other.pk, share="(select max(id) from pay_bureaushare)", person=person)
        self.refused("pay_allocation_person", own, with_own.replace(f", {person}, 99", ", 0, 99"))
        self.refused("pay_allocation_share", own, with_own, f"delete from pay_bureaushare where run_id = {other.pk}")
        self.refused("pay_allocation_share", f"update pay_bureaushare set id = id + 1000 where id = {share}")

    def test_a_person_with_an_allocation_stays(self):
        """The foreign key is held from his side too: deleted, renumbered or emptied with the table."""
        world = build.small_zone()
        compute(world["zone"])
        person = world["people"]["p2"].pk
        appointments = f"delete from staffing_appointment where person_id = {person}"
        cards = (
            f"delete from kpi_result where scorecard_id in (select id from kpi_scorecard where person_id = {person})"
        )
        card = f"delete from kpi_scorecard where person_id = {person}"
        deleted = f"delete from staffing_person where id = {person}"
        self.refused("pay_allocation_person", appointments, cards, card, deleted)
        self.refused("pay_allocation_person", f"update staffing_person set id = id + 1000 where id = {person}")
        self.refused("pay_allocation_person", "truncate staffing_person cascade")

    def test_a_whole_run_deleted_from_under_its_rows(self):
        run = compute(build.small_zone()["zone"])
        self.refused("PAY-KEPT", f"delete from pay_allocation where run_id = {run.pk}")
        self.refused("pay_allocation_share", f"delete from pay_bureaushare where run_id = {run.pk}")
        self.refused("PAY-KEPT", f"update pay_bureaushare set amount = amount where run_id = {run.pk}")


def test_what_is_stored_set_wise_is_what_the_reference_computes(django_assert_num_queries):
    """Every amount, and every bureau's trace that is drawn from stored terms."""
    world = build.small_zone()
    run = compute(world["zone"])
    again = calculate(gather(world["zone"], 2020).values)
    assert again.pool.amount == run.pool
    stored = {(row.share.bureau.code, row.person.staff_no): row.amount for row in run.allocations.all()}
    assert {(b.share.key, p.key): p.amount for b in again.bureaus for p in b.people} == stored
    shares = list(run.shares.select_related("bureau").order_by("sequence"))
    with django_assert_num_queries(0):
        assert [share.trace for share in shares] == [given.share.trace.as_json() for given in again.bureaus]

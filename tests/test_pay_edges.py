"""Every edge case that touches money, by its name, decided by its setting and pinned by numbers worked by hand.

The small zone: A has p1 (1.6, excellent), p2 (1.0), p3 (1.0, January to June); B has p3 (July to December),
p4 (1.6), p5 (1.0 from 10 April, basic). Points are coefficient × months.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection

from common.periods import period
from kpi.models import Appeal, Cycle, Result
from orgchart.models import BureauVersion
from pay import relation
from pay.inputs import CannotCompute, gather
from pay.models import Run
from staffing.models import Absence, Appointment, Inquiry, PostVersion, Sanction, Secondment
from tests import pay_builders as build
from tests.test_pay_runs import compute

pytestmark = pytest.mark.django_db
JAN, DEC = dt.date(2020, 1, 1), dt.date(2020, 12, 31)


def rows(world, unit=None) -> dict[tuple[str, str], dict]:
    """The people relation of the zone (or a park of it), by (person, bureau)."""
    scheme = world["zone"].schemes.get()
    ask = relation.asked(
        (unit or world["zone"]).pk,
        world["zone"].pk,
        2020,
        cutoff_day=scheme.cutoff_day,
        grade_factors=scheme.grade_factors,
        settings=scheme.settings,
    )
    who = {person.pk: key for key, person in world["people"].items()}
    where = {world["a"].pk: "A", world["b"].pk: "B"}
    return {
        (who.get(row["person_id"], row["staff_no"]), where.get(row["bureau_id"], str(row["bureau_id"]))): row
        for row in relation.people([ask])
    }


def ungraded(world, key: str, undetermined: str = "") -> None:
    """His result without a grade; with a reason, it says why."""
    Result.objects.filter(scorecard__person=world["people"][key]).update(
        rating="undetermined" if undetermined else "", undetermined=undetermined
    )


def absent(world, key: str, kind: str, first: dt.date, last: dt.date) -> None:
    Absence.objects.create(person=world["people"][key], kind=kind, period=period(first, last))


def beside(world, key: str, post: str, first: dt.date = build.ON, **extra) -> None:
    """Put him on a second seat of a post that has one, as only data from before the rule (APT-13) can be."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table staffing_appointment disable trigger user")
        decided = extra.pop("decided_on", first)
        made = build.appoint(world["people"][key], world["posts"][post], first, **extra)
        Appointment.objects.filter(pk=made.pk).update(decided_on=decided)
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table staffing_appointment enable trigger user")
        cursor.execute("set constraints all deferred")


def zone(**settings) -> dict:
    return build.small_zone(terms=settings)


class TestMonths:
    def test_part_year(self):
        """p5 came on 10 April: by the 15th that is nine months, by the 5th eight."""
        assert rows(zone())["p5", "B"]["months"] == 9
        world = build.small_zone("TY")
        world["zone"].schemes.update(cutoff_day=5)
        assert rows(world)["p5", "B"]["months"] == 8

    def test_mid_year_post_change(self):
        """p3 changed bureaus in July: six months in each, or twelve in the last."""
        split = rows(zone(post_change="by_month"))
        assert (split["p3", "A"]["points"], split["p3", "B"]["points"]) == (6, 6)
        last = rows(build.small_zone("TY", {"post_change": "last_post"}))
        assert ("p3", "A") not in last
        assert last["p3", "B"]["points"] == 12

    def test_concurrent(self):
        """p2 (1.0) also heads B (1.6) beside his post: 1.6 for the year, or 1.0 by the primary post; never both."""
        for code, setting, points, bureau in (("TZ", "higher", D("19.2"), "B"), ("TY", "primary", 12, "A")):
            world = build.small_zone(code, {"concurrent": setting})
            beside(world, "p2", "b_head", kind="concurrent")
            found = {key: row for key, row in rows(world).items() if key[0] == "p2"}
            assert set(found) == {("p2", bureau)}
            assert found["p2", bureau]["points"] == points

    def test_acting(self):
        """p2 (1.0) acts as head (1.6), decided on 10 March, half the way: 2 × 1.0 + 10 × 1.3 = 15."""
        world = zone(acting_share="0.5")
        beside(world, "p2", "a_head", JAN, kind="acting", decided_on=dt.date(2020, 3, 10))
        row = rows(world)["p2", "A"]
        assert row["points"] == 15
        assert [(post["coefficient"], post["months"], post.get("why")) for post in row["posts"]] == [
            ("1", 2, None),
            ("1.3", 10, "acting"),
        ]

    def test_secondment_one_payer_only(self):
        """p2 is lent to the park from July: home pays twelve months and the park none, or each six."""
        for code, setting, home, host in (("TZ", "home", 12, 0), ("TY", "host", 6, 6)):
            world = build.small_zone(code, {"secondment": setting})
            park = build.unit(f"{code}-P", "park", world["zone"])
            there = build.bureau(f"{code}-PB", park)
            person = world["people"]["p2"]
            build.appoint(person, build.post(f"{code}-P1", park, there), dt.date(2020, 7, 1), kind="seconded")
            away = {"kind": "loan", "home_unit": world["zone"], "host_unit": park}
            Secondment.objects.create(person=person, period=period(dt.date(2020, 7, 1)), **away)
            assert rows(world)["p2", "A"]["months"] == home
            assert [row["months"] for row in rows(world, park).values()] == ([host] if host else [])

    def test_secondment_to_others_leaves_months_that_say_so(self):
        world = zone(secondment="host")
        away = {"kind": "loan", "home_unit": world["zone"], "host_name": "省厅"}
        Secondment.objects.create(person=world["people"]["p2"], period=period(dt.date(2020, 7, 1)), **away)
        row = rows(world)["p2", "A"]
        assert (row["months"], row["months_cut"], row["points"]) == (6, 6, 6)

    @pytest.mark.parametrize(("setting", "months"), [("through", 6), ("cutoff", 5)])
    @pytest.mark.parametrize("reason", ["retirement", "death", "moved_away"])
    def test_retirement_death_transfer(self, setting, months, reason):
        """p2 left on 10 June, without a grade: June counts whole or not; the factor is the scheme's."""
        world = zone(leaver_month=setting, leaver_factor="0.9")
        Appointment.objects.filter(person=world["people"]["p2"]).update(
            period=period(build.ON, dt.date(2020, 6, 10)), end_reason=reason
        )
        ungraded(world, "p2")
        row = rows(world)["p2", "A"]
        assert (row["months"], row["factor"], row["reason"]) == (months, D("0.9"), "leaver")


class TestLeave:
    @pytest.mark.parametrize("kind", ["annual", "maternity", "injury"])
    def test_annual_maternity_work_injury_leave(self, kind):
        """Never cuts months in post, however long (PAY-10)."""
        world = zone(cutting_leave=["sick", "personal", "unexcused"])
        absent(world, "p2", kind, dt.date(2020, 2, 1), dt.date(2020, 9, 30))
        assert rows(world)["p2", "A"]["months"] == 12

    def test_leave_over_half_a_year(self):
        """Sick from 20 February to 20 September, 214 of 366 days: March to September go (20 of 30 days is more than
        half), February (10 of 29) stays; the rest of the months count by the scheme's factor."""
        world = zone(long_leave="months", long_leave_factor="0.6", cutting_leave=[])
        absent(world, "p2", "sick", dt.date(2020, 2, 20), dt.date(2020, 9, 20))
        ungraded(world, "p2", "ASM-07")
        row = rows(world)["p2", "A"]
        assert (row["months"], row["months_cut"], row["factor"], row["reason"]) == (5, 7, D("0.6"), "long_leave")
        other = build.small_zone("TY", {"long_leave": "zero_year"})
        absent(other, "p2", "sick", dt.date(2020, 2, 20), dt.date(2020, 9, 20))
        assert rows(other)["p2", "A"]["factor"] == 0

    def test_shorter_leave_cuts_only_the_kinds_that_the_scheme_names(self):
        for code, kinds, months in (("TZ", ["personal"], 11), ("TY", [], 12)):
            world = build.small_zone(code, {"cutting_leave": kinds})
            absent(world, "p2", "personal", dt.date(2020, 5, 1), dt.date(2020, 5, 20))
            absent(world, "p2", "sick", dt.date(2020, 8, 1), dt.date(2020, 8, 31))
            assert rows(world)["p2", "A"]["months"] == months


class TestGrades:
    def test_probation(self):
        world = zone(probation_factor="0.95")
        ungraded(world, "p2", "ASM-05")
        row = rows(world)["p2", "A"]
        assert (row["factor"], row["reason"]) == (D("0.95"), "probation")

    def test_probation_is_found_on_file_where_the_assessment_is_silent(self):
        world = zone(probation_factor="0.95")
        ungraded(world, "p2")
        Appointment.objects.filter(person=world["people"]["p2"]).update(probation_ends=dt.date(2021, 3, 31))
        assert rows(world)["p2", "A"]["reason"] == "probation"

    @pytest.mark.parametrize(
        ("kind", "setting", "factor", "reason"),
        [
            ("warning", "zero_year", 1, "grade"),
            ("demerit", "zero_year", 0, "sanction"),
            ("removal", "zero_year", 0, "sanction"),
            ("demerit", "by_grade", 1, "grade"),
        ],
    )
    def test_sanction(self, kind, setting, factor, reason):
        world = zone(sanction=setting)
        span = period(dt.date(2020, 5, 1), dt.date(2021, 4, 30))
        Sanction.objects.create(person=world["people"]["p2"], kind=kind, period=span, document_number="测试〔2020〕1号")
        row = rows(world)["p2", "A"]
        assert (row["factor"], row["reason"]) == (factor, reason)

    def test_an_open_case_holds_the_amount(self):
        """Computed as if nothing were, and not paid yet; when the case closes, it is free."""
        world = zone(open_case="hold", open_case_factor="1")
        case = Inquiry.objects.create(person=world["people"]["p2"], period=period(dt.date(2020, 11, 1)), outcome="")
        ungraded(world, "p2", "ASM-08")
        run = compute(world["zone"])
        row = run.allocations.get(person=world["people"]["p2"])
        assert (row.held, row.reason, row.grade_factor) == (True, "open_case", 1)
        assert row.amount > 0
        Inquiry.objects.filter(pk=case.pk).update(
            outcome="cleared", period=period(dt.date(2020, 11, 1), dt.date(2021, 1, 20))
        )
        assert not compute(world["zone"]).allocations.get(person=world["people"]["p2"]).held

    def test_incompetent_stays_in_the_bureau_or_returns_to_the_pool(self):
        """A has 19.2 + 12 + 6 = 37.2 points; without p2's twelve its weight is 25.2 ÷ 12 = 2.1 instead of 3.1."""
        for code, setting, weight in (("TZ", "bureau", D("3.1")), ("TY", "pool", D("2.1"))):
            world = build.small_zone(code, {"incompetent": setting})
            Result.objects.filter(scorecard__person=world["people"]["p2"]).update(rating="incompetent")
            run = compute(world["zone"])
            assert run.shares.get(bureau=world["a"]).weight == weight
            assert run.allocations.get(person=world["people"]["p2"]).amount == 0
            assert sum(row.amount for row in run.allocations.all()) == run.pool

    def test_missing_score(self):
        """Without B's score: refused; or B counts at A's 90, the run is provisional and cannot be approved."""
        world = zone(missing="block")
        Result.objects.filter(scorecard__bureau=world["b"], scorecard__kind="bureau").delete()
        assert compute(world["zone"]).state == Run.State.FAILED
        other = build.small_zone("TY", {"missing": "provisional"})
        Result.objects.filter(scorecard__bureau=other["b"], scorecard__kind="bureau").delete()
        run = compute(other["zone"])
        assert (run.provisional, run.shares.get(bureau=other["b"]).score) == (True, D("90.00"))
        assert [remark["code"] for remark in run.remarks] == ["mean_score:TY-B"]

    def test_missing_grade(self):
        """p2 at the mean: (19.2 × 1.2 + 6 × 1 + 6 × 1 + 19.2 × 1 + 9 × 0.8) ÷ 59.4 = 61.44 ÷ 59.4 = 1.0343."""
        world = zone(missing="provisional")
        ungraded(world, "p2")
        row = rows(world)["p2", "A"]
        assert (row["factor"], row["reason"]) == (D("1.0343"), "provisional")
        assert compute(world["zone"]).provisional

    def test_new_bureau_mid_year(self):
        """B stands since July: its months weigh; it counts by its own 80, or at the mean, A's 90."""
        for code, setting, score in (("TZ", "own", D("80")), ("TY", "mean", D("90"))):
            world = build.small_zone(code, {"new_bureau": setting})
            since = period(dt.date(2020, 7, 1))
            BureauVersion.objects.filter(bureau=world["b"]).update(period=since)
            PostVersion.objects.filter(bureau=world["b"]).update(period=since)
            Appointment.objects.filter(post__versions__bureau=world["b"]).update(period=since)
            run = compute(world["zone"])
            share = run.shares.get(bureau=world["b"])
            # p3 6 × 1.0, p4 6 × 1.6, p5 6 × 1.0 = 21.6 points
            assert (share.score, share.weight, run.provisional) == (score, D("1.8"), False)

    def test_all_weights_zero(self):
        """Nobody has a factor above zero: refused, or the whole pool comes back."""
        nothing = dict.fromkeys(("excellent", "competent", "basic"), "0")
        refused = build.small_zone(terms={"nobody": "refuse", "grade_factors": nothing})
        assert compute(refused["zone"]).state == Run.State.FAILED
        given_back = build.small_zone("TY", {"nobody": "return", "grade_factors": nothing})
        run = compute(given_back["zone"])
        assert (run.state, run.returned) == (Run.State.COMPUTED, run.pool)
        assert not run.allocations.filter(amount__gt=0).exists()


class TestFigures:
    def refusal(self, world) -> set[str]:
        with pytest.raises(CannotCompute) as refused:
            gather(world["zone"], 2020)
        return {problem.code for problem in refused.value.problems}

    def test_merged_units(self):
        """Two scopes are refused until the base year is restated on the new one; or each counts as reported."""
        scopes = {"scopes": ("新口径", "原口径")}
        strict = build.small_zone("TZ", {"perimeter": "like_for_like"}, **scopes)
        assert "unlike_scopes:tax" in self.refusal(strict)
        for metric, value in (("tax", "1000"), ("budget_revenue", "500"), ("gdp", "2000")):
            build.figure(strict["zone"], metric, 2019, value, scope="新口径")
        assert compute(strict["zone"]).pool == D("1056800.00")
        loose = build.small_zone("TY", {"perimeter": "as_reported"}, **scopes)
        run = compute(loose["zone"])
        assert run.pool == D("1056800.00")
        assert {"unlike_scopes:tax", "unlike_scopes:gdp"} <= {remark["code"] for remark in run.remarks}

    def test_restated_tax(self):
        """A figure of June 2021 counts, or, with the data frozen on 31 March, does not."""
        for code, setting, pool in (("TZ", "latest", D("1096800.00")), ("TY", "frozen", D("1056800.00"))):
            world = build.small_zone(code, {"figures": setting, "frozen_day": "03-31"})
            build.figure(world["zone"], "tax", 2020, "1200", vintage=dt.date(2021, 6, 1))
            assert compute(world["zone"]).pool == pool

    def test_negative_growth(self):
        """Tax −50 %, the rest level: 1 + 0.8 × 0.5 × (−0.5) = 0.8; the floor says 0.85, or it passes through."""
        fall = {"tax": "500", "budget_revenue": "500", "gdp": "2000"}
        assert compute(build.small_zone("TZ", {"negative_growth": "clamp"}, **fall)["zone"]).pool == D("850000.00")
        through = {"negative_growth": "pass_through"}
        assert compute(build.small_zone("TY", through, **fall)["zone"]).pool == D("800000.00")

    def test_a_fall_beyond_everything_gives_nothing_and_never_less(self):
        world = build.small_zone("TY", {"negative_growth": "pass_through"}, tax="-99999")
        assert compute(world["zone"]).pool == 0

    def test_zero_or_negative_base_year(self):
        """Budget revenue of 0 in 2019: refused; or 525 against a target of 500 counts as 5 %, as in the small zone."""
        strict = build.small_zone("TZ", {"undefined_growth": "refuse"}, budget_revenue_before="0")
        assert "undefined_growth:budget_revenue" in self.refusal(strict)
        world = build.small_zone("TY", {"undefined_growth": "completion"}, budget_revenue_before="0")
        assert "missing_figure:budget_revenue_target:2020" in self.refusal(world)
        build.figure(world["zone"], "budget_revenue_target", 2020, "500", source="测试〔2020〕9号")
        run = compute(world["zone"])
        assert run.pool == D("1056800.00")
        assert "by_completion:budget_revenue" in {remark["code"] for remark in run.remarks}

    def test_pool_cap_hit(self):
        run = compute(build.small_zone(reference_income="400000")["zone"])
        assert (run.uncapped, run.pool, run.lapsed) == (D("1056800.00"), D("800000.00"), D("256800.00"))

    def test_a_pool_of_fewer_fen_than_people(self):
        """Three fen, five people: whole fen all the same, and they sum to three."""
        run = compute(build.small_zone(pool_base="0.03", reference_income="900000")["zone"])
        amounts = [row.amount for row in run.allocations.all()]
        assert run.pool == sum(amounts) == D("0.03")
        assert {amount % D("0.01") for amount in amounts} == {D("0.00")}
        assert D("0.00") in amounts

    def test_a_negative_base_is_refused_by_name(self):
        run = compute(build.small_zone(pool_base="-1")["zone"])
        assert (run.state, run.error) == (Run.State.FAILED, "上年总额（基数）：不能为负")


class TestAppeals:
    def appealed(self, code: str, **settings) -> dict:
        world = build.small_zone(code, settings)
        Cycle.objects.filter(pk=world["cycle"].pk).update(state="published", published_on=dt.date(2021, 1, 20))
        result = Result.objects.get(scorecard__person=world["people"]["p2"])
        due = {"raised_on": dt.date(2021, 2, 1), "due_on": dt.date(2021, 3, 1)}
        Appeal.objects.create(result=result, stage="review", text="理由", **due)
        return world

    def test_no_reserve(self):
        assert compute(self.appealed("TZ", appeal_reserve="none")["zone"]).reserve == 0

    def test_a_reserve_by_ratio(self):
        """5 % of 1 056 800 is 52 840; the rest is shared out."""
        run = compute(self.appealed("TZ", appeal_reserve="ratio", reserve_ratio="0.05")["zone"])
        assert run.reserve == D("52840.00")
        assert sum(row.amount for row in run.allocations.all()) == run.pool - run.reserve
        assert compute(build.small_zone("TY", {"appeal_reserve": "ratio"})["zone"]).reserve == 0

    def test_a_reserve_by_difference(self):
        """p2 from 1.0 to 1.2: his 12 of A's 41.04 points become 14.4 of 43.44.

        A: 3.1 × 90 = 279, B: 2.85 × 80 = 228, so A has 279 ÷ 507 of the pool (both within the bounds).
        """
        run = compute(self.appealed("TZ", appeal_reserve="difference")["zone"])
        share = D("1056800") * 279 / 507
        by_hand = share * (D("14.4") / D("43.44") - 12 / D("41.04"))
        assert abs(run.reserve - by_hand) <= D("0.005")
        assert sum(row.amount for row in run.allocations.all()) == run.pool - run.reserve

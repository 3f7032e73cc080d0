"""The rules of pay (PAY-01 … PAY-10): each kept, broken, without data; those that must refuse, refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from common.rules import Rule, violations
from orgchart.models import Charter, CharterParameter, RuleException
from pay.life import services as life
from pay.models import PoolRule, Run, Scheme
from pay.rules.asking import breaches_of
from pay.rules.pools import PAY01, PAY03, PAY04
from pay.rules.schemes import PAY02, PAY07
from tests import pay_builders as build
from zones.models import Figure, Instrument, Metric

pytestmark = pytest.mark.django_db
IDS = [f"PAY-{n:02}" for n in range(1, 11)]


def state(zone, rule: str, **values: str) -> None:
    """What the zone's charter states for a rule."""
    charter = Charter.objects.get(zone=zone)
    for name, value in values.items():
        CharterParameter.objects.create(charter=charter, rule=rule, name=name, value=Decimal(value))


def found(rule: type[Rule], zone, day: dt.date | None = None) -> list[tuple[str, str]]:
    return [(each.measure, each.ref) for each in rule.violations(zone.pk, day or timezone.localdate())]


def said(rule: type[Rule], zone) -> str:
    (breach,) = rule.violations(zone.pk, timezone.localdate())
    return breach.detail


def refused(rule: str, run: Run) -> str:
    """The sentence by which the rule refuses that the run is approved; nothing of it stays."""
    with pytest.raises(ValidationError) as error:
        build.approved(run)
    assert error.value.code == rule
    assert Run.objects.get(pk=run.pk).state == "checked"
    return error.value.messages[0]


def paper(issuer: str) -> Instrument:
    return Instrument.objects.create(
        code=f"i-{issuer}", title="绩效批复", number="1号", issuer=issuer, issued_on=build.ON
    )


def without_triggers(table: str, statement: str) -> None:
    """Data as only times before a rule can have left it."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(statement)
        cursor.execute("set constraints all immediate")
        cursor.execute(f"alter table {table} enable trigger user")
        cursor.execute("set constraints all deferred")


class TestCatalogue:
    def test_all_ten_are_there_with_their_source(self):
        assert [rule for rule in sorted(Rule.registry) if rule.startswith("PAY")] == IDS
        assert all(Rule.registry[rule].basis == "stored" and Rule.registry[rule].source for rule in IDS)
        # What cannot be judged is on record without a finder.
        assert [rule for rule in IDS if not Rule.registry[rule].finders] == ["PAY-05", "PAY-06"]

    def test_no_plan_or_import_of_structure_is_judged_by_them(self):
        tz = build.small_zone(terms={"reference_multiple": "2"})["zone"]
        state(tz, "PAY-01", cap_multiple="0.5")
        build.computed(tz)
        day = timezone.localdate()
        assert not [each for each in violations(tz.pk, day) if each.rule.beyond]
        assert [each.rule for each in violations(tz.pk, day, beyond=True) if each.rule.beyond] == [PAY01]


class TestCap:
    """The small zone's pool is 1,056,800.00; its reference income 900,000."""

    def test_kept_and_unadopted(self):
        tz = build.small_zone()["zone"]
        build.approved(build.computed(tz))
        assert found(PAY01, tz) == []
        state(tz, "PAY-01", cap_multiple="2")
        assert found(PAY01, tz) == []

    def test_broken_it_is_named_and_its_approval_refused(self):
        tz = build.small_zone()["zone"]
        state(tz, "PAY-01", cap_multiple="1.1")
        run = build.computed(tz)
        assert found(PAY01, tz) == [("cap", f"run:{run.pk}")]
        assert said(PAY01, tz) == "绩效总额 1,056,800.00 元，超过参照收入 900,000.00 元的 1.1 倍（990,000.00 元）"
        assert "1,056,800.00" in refused("PAY-01", run)
        with translation.override("en"):
            assert "1,056,800.00" in said(PAY01, tz)

    def test_to_the_fen_at_the_limit(self):
        tz = build.small_zone(reference_income="528400")["zone"]
        state(tz, "PAY-01", cap_multiple="2")
        build.approved(build.computed(tz))
        assert found(PAY01, tz) == []

    def test_raw_sql_is_refused_too(self):
        tz = build.small_zone()["zone"]
        state(tz, "PAY-01", cap_multiple="1.1")
        run = life.check_run(run=(run := build.computed(tz)), seen=life.stamp(run), by=build.acting("checker"))
        with pytest.raises(IntegrityError, match="PAY-01"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "update pay_run set state = 'approved', approved_at = now(), approved_by_id = %s, instrument_id = %s",
                [build.signer("approver").pk, build.instrument().pk],
            )
            cursor.execute("set constraints all immediate")
        assert Run.objects.get(pk=run.pk).state == "checked"

    @pytest.mark.parametrize(("allowed", "passes"), [(66799, False), (66800, True)])
    def test_an_exception_lets_as_much_pass_as_it_allows(self, allowed, passes):
        tz = build.small_zone()["zone"]
        state(tz, "PAY-01", cap_multiple="1.1")
        terms = {"zone": tz, "unit": tz, "rule": "PAY-01", "measure": "cap", "instrument": build.instrument()}
        RuleException.objects.create(allowed=allowed, period=build.SINCE, **terms)
        run = build.computed(tz)
        if passes:
            build.approved(run)
        else:
            refused("PAY-01", run)
        assert [each.exempt for each in PAY01.violations(tz.pk, timezone.localdate())] == [passes]

    def test_without_the_figure_it_says_so(self):
        tz = build.small_zone(terms={"rules": [("F13", "term", build.COMPOSITE)]}, reference_income=None)["zone"]
        state(tz, "PAY-01", cap_multiple="2")
        run = build.approved(build.computed(tz))
        assert found(PAY01, tz) == [("unknown", f"run:{run.pk}")]
        assert said(PAY01, tz) == "没有 2020 年的参照收入，无数据可核查"

    def test_a_figure_restated_later_breaks_what_stood_from_its_day_on(self):
        tz = build.small_zone()["zone"]
        state(tz, "PAY-01", cap_multiple="2")
        run = build.approved(build.computed(tz))
        build.figure(tz, "reference_income", 2020, "500000", scope="全口径", vintage=timezone.localdate())
        assert found(PAY01, tz) == [("cap", f"run:{run.pk}")]
        # What stands is reported; confirming it again changes nothing and is no approval.
        assert build.computed(tz).pk != run.pk


class TestMultiple:
    SPLIT = {"base_part": "0.3", "post_part": "0.3", "performance_part": "0.4"}

    def scheme(self, zone, rule: PoolRule | None = None, **parameters: str) -> Scheme:
        terms = {"multiple": "2.5", **self.SPLIT, "part": "whole"} | parameters
        return build.scheme(zone, rules=[("F01", "term", terms)])

    def test_kept(self):
        tz = build.zone()
        self.scheme(tz)
        state(tz, "PAY-02", multiple="2.5", **self.SPLIT)
        assert found(PAY02, tz, dt.date(2020, 6, 1)) == []

    @pytest.mark.parametrize(
        ("changes", "measure", "words"),
        [({"multiple": "2"}, "multiple", "按参照收入 2 倍核定，规定为 2.5 倍"),
         ({"base_part": "0.4", "post_part": "0.2"}, "split", "基础、岗位、绩效为 40:20:40，规定为 30:30:40")],
    )  # fmt: skip
    def test_broken(self, changes, measure, words):
        tz = build.zone()
        scheme = self.scheme(tz, **changes)
        state(tz, "PAY-02", multiple="2.5", **self.SPLIT)
        (breach,) = PAY02.violations(tz.pk, dt.date(2020, 6, 1))
        assert (breach.measure, breach.ref, breach.detail) == (measure, f"scheme:{scheme.pk}", words)
        assert breach.severity == "warning"
        # Only in the days of the scheme, and only where the charter states it.
        assert found(PAY02, tz, dt.date(2021, 1, 1)) == []

    def test_a_scheme_by_other_formulas_cannot_be_held_against_it(self):
        tz = build.zone()
        build.scheme(tz)
        assert found(PAY02, tz, dt.date(2020, 6, 1)) == []
        state(tz, "PAY-02", multiple="2.5")
        assert [measure for measure, _ref in found(PAY02, tz, dt.date(2020, 6, 1))] == ["unknown"]


class TestGrowth:
    """F13 as the term; a limit by F03 names the tax as what counts: it grew from 1000 to 1100."""

    LOOSE = {"benefit": "tax", "rate": "1", "falling": "freeze", "preservation": "no", "last_pool": "figure"}

    def world(self, base: str = "1000000", **figures: str | None):
        rules = [("F13", "term", build.COMPOSITE), ("F03", "limit", self.LOOSE)]
        tz = build.small_zone(terms={"rules": rules}, pool_base=base, **figures)["zone"]
        state(tz, "PAY-03", applies="1")
        return tz

    def assets(self, tz, value: str = "101") -> None:
        build.figure(tz, "asset_preservation", 2020, value, scope="全口径")

    def test_kept(self):
        tz = self.world()
        self.assets(tz)
        build.approved(build.computed(tz))
        assert found(PAY03, tz) == []

    def test_a_figure_restated_before_the_approval_refuses_it(self):
        tz = self.world()
        self.assets(tz)
        run = build.computed(tz)
        # 1,056,800 is 5.68 % more; the tax, as it is known now, grew by 5 %.
        build.figure(tz, "tax", 2020, "1050", scope="全口径", vintage=dt.date(2021, 3, 1))
        assert found(PAY03, tz) == [("growth", f"run:{run.pk}")]
        assert said(PAY03, tz) == "绩效总额 1,056,800.00 元，增长 5.68%；效益增长 5%，最高 1,050,000.00 元"
        assert "1,050,000.00" in refused("PAY-03", run)

    def test_none_while_results_fall(self):
        tz = self.world()
        self.assets(tz)
        run = build.computed(tz)
        build.figure(tz, "tax", 2020, "900", scope="全口径", vintage=dt.date(2021, 3, 1))
        assert "最高 1,000,000.00 元" in said(PAY03, tz)
        refused("PAY-03", run)

    def test_none_while_assets_are_lost(self):
        tz = self.world()
        self.assets(tz, "99.9")
        run = build.computed(tz)
        assert found(PAY03, tz) == [("preserved", f"run:{run.pk}")]
        assert said(PAY03, tz) == "保值增值率 99.9%，绩效总额却增加 56,800.00 元"
        refused("PAY-03", run)

    def test_last_years_approved_run_comes_before_the_figure(self):
        tz = self.world()
        self.assets(tz)
        run = build.computed(tz)
        last = Run.objects.get(pk=run.pk)
        last.pk, last.year, last.state, last.pool, last.approved_at = (
            None,
            2019,
            "failed",
            Decimal(900000),
            timezone.now(),
        )
        last.checked_by, last.checked_at = build.signer("checker"), timezone.now()
        last.approved_by, last.instrument = build.signer("approver"), build.instrument()
        last.save()
        without_triggers("pay_run", f"update pay_run set state = 'approved' where id = {last.pk}")
        assert ("growth", f"run:{run.pk}") in found(PAY03, tz)

    @pytest.mark.parametrize(
        ("missing", "words"),
        [("assets", "绩效总额增长，没有资产保值增值率"), ("figures", "效益指标缺少同口径的两年数据"),
         ("last_pool", "没有上年绩效总额"), ("metric", "绩效方案没有写明效益指标（F03）"),
         ("undefined", "效益指标上年为零或负数，增幅无定义")],
    )  # fmt: skip
    def test_without_data_it_says_what_is_missing(self, missing, words):
        tz = self.world()
        if missing != "assets":
            self.assets(tz)
        run = build.approved(build.computed(tz))
        gone = {"figures": "tax", "last_pool": "pool_base"}.get(missing)
        if gone:
            metric = Metric.objects.get(code=gone).pk
            without_triggers("zones_figure", f"delete from zones_figure where metric_id = {metric}")
        if missing == "metric":
            without_triggers("pay_poolrule", "delete from pay_poolrule where method = 'F03'")
        if missing == "undefined":
            tax = Figure.objects.get(metric__code="tax", year=2019).pk
            without_triggers("zones_figure", f"update zones_figure set value = 0 where id = {tax}")
        assert found(PAY03, tz) == [("unknown", f"run:{run.pk}")]
        assert said(PAY03, tz) == f"{words}，无数据可核查"

    def test_where_the_charter_does_not_adopt_it_nothing_is_said(self):
        tz = build.small_zone()["zone"]
        build.approved(build.computed(tz))
        assert found(PAY03, tz) == []


class TestInstrument:
    def approve(self, tz, issuer: str) -> Run:
        run = build.computed(tz)
        run = life.check_run(run=run, seen=life.stamp(run), by=build.acting("checker"))
        return life.approve_run(run=run, instrument=paper(issuer), seen=life.stamp(run), by=build.acting("approver"))

    def test_of_the_offices_that_the_charter_names(self):
        tz = build.small_zone()["zone"]
        state(tz, "PAY-04", personnel="1", finance="1", organisation="1")
        with pytest.raises(ValidationError) as error:
            self.approve(tz, "某市农业农村局")
        assert error.value.code == "PAY-04"
        assert "“1号”由某市农业农村局印发" in error.value.messages[0]

    @pytest.mark.parametrize("issuer", ["某市人力资源和社会保障局", "某市人社局", "某市财政局", "中共某市委组织部"])
    def test_kept(self, issuer):
        tz = build.small_zone()["zone"]
        state(tz, "PAY-04", personnel="1", finance="1", organisation="1", government="0")
        assert self.approve(tz, issuer).state == "approved"
        assert found(PAY04, tz) == []

    def test_the_government_where_the_charter_says_so(self):
        tz = build.small_zone()["zone"]
        state(tz, "PAY-04", finance="1", government="1")
        assert self.approve(tz, "某市人民政府").state == "approved"

    def test_an_instrument_there_must_be_in_any_case(self):
        run = build.computed(build.small_zone()["zone"])
        run = life.check_run(run=run, seen=life.stamp(run), by=build.acting("checker"))
        with pytest.raises(IntegrityError, match="pay_run_approved"), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(
                state="approved", approved_at=timezone.now(), approved_by=build.signer("approver")
            )


class TestParts:
    def test_the_schemes_ratio_against_the_charters(self):
        tz = build.zone()
        scheme = build.scheme(tz, current_ratio="0.7")
        day = dt.date(2020, 6, 1)
        assert found(PAY07, tz, day) == []
        state(tz, "PAY-07", now="0.6")
        (breach,) = PAY07.violations(tz.pk, day)
        assert (breach.ref, breach.severity) == (f"scheme:{scheme.pk}", "warning")
        assert breach.detail == "当期兑现 70%，规定为 60%，其余与任期考核挂钩"

    def test_kept(self):
        tz = build.zone()
        build.scheme(tz)
        state(tz, "PAY-07", now="0.6")
        assert found(PAY07, tz, dt.date(2020, 6, 1)) == []


def test_what_one_run_breaks_is_what_the_hold_asks():
    world = build.small_zone()
    tz = world["zone"]
    state(tz, "PAY-01", cap_multiple="1.1")
    run = build.computed(tz)
    other = build.small_zone("TY")["zone"]
    state(other, "PAY-01", cap_multiple="1")
    build.computed(other)
    assert [(each.rule, each.ref) for each in breaches_of(run)] == [(PAY01, f"run:{run.pk}")]


def test_what_was_corrected_stands_no_more():
    tz = build.small_zone()["zone"]
    first = build.approved(build.computed(tz))
    row = first.allocations.order_by("pk").first()
    second = build.approved(build.correction(first, {row.pk: row.amount + 1}))
    state(tz, "PAY-01", cap_multiple="1.1")
    assert found(PAY01, tz) == [("cap", f"run:{second.pk}")]
    assert found(PAY01, tz, dt.date(2019, 12, 1)) == []

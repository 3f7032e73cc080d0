"""Panels of raters: who may rate what and when, what may still change, and what the ratings come to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.models import AuditEntry
from kpi.explain import why
from kpi.models import Cycle, Panel, PanelGroup, PanelLine, PanelRating, Rater
from kpi.raters import closing, rating, results, services
from kpi.raters.querysets import turnout
from kpi.raters.services import GroupPlan
from kpi.reckoning import set_actual
from tests import kpi_builders as build
from tests import staffing_builders as staff

pytestmark = pytest.mark.django_db
TOMORROW = dt.timedelta(days=1)


@pytest.fixture
def at(db):
    return build.small_year()


@pytest.fixture
def on(at):
    return build.panel(at)


def hr(at):
    return build.actor(at.users["hr"])


def plans(*weights: str) -> list[GroupPlan]:
    return [GroupPlan(f"第{n}组", Decimal(weight)) for n, weight in enumerate(weights, start=1)]


def refused(rule: str):
    return pytest.raises(ValidationError, check=lambda error: rule in codes(error))


def codes(error: ValidationError) -> set[str]:
    rows = error.error_dict.values() if hasattr(error, "error_dict") else [error.error_list]
    return {str(each.code) for row in rows for each in row}


def raw(rule: str, sql: str, *values) -> None:
    """Raw SQL is bound as well."""
    with pytest.raises(IntegrityError) as broken, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("set constraints all immediate")
    assert broken.value.__cause__.diag.constraint_name == rule


class TestSettingUp:
    def test_a_panel_with_its_groups(self, at):
        panel = services.create_panel(cycle=at.cycle, name="满意度", trim=1, groups=plans("50", "30", "20"), by=hr(at))
        assert list(panel.groups.values_list("name", "weight")) == [
            ("第1组", Decimal(50)),
            ("第2组", Decimal(30)),
            ("第3组", Decimal(20)),
        ]
        entry = AuditEntry.objects.get(verb="add", noun="kpi.panel")
        assert entry.after["groups"] == [["第1组", "50"], ["第2组", "30"], ["第3组", "20"]]

    @pytest.mark.parametrize(
        ("weights", "words"),
        [
            (("50", "49.9"), "权重合计 99.9，还差 0.1"),
            (("50", "50.5"), "权重合计 100.5，多 0.5"),
            ((), "至少要有一个评价主体"),
            (("100", "0"), "权重须大于 0"),
        ],
    )
    def test_weights_that_miss_say_by_how_much(self, at, weights, words):
        with pytest.raises(ValidationError, match=words):
            services.create_panel(cycle=at.cycle, name="满意度", groups=plans(*weights), by=hr(at))

    def test_the_database_holds_the_weights_too(self, at, on):
        raw("KPI-PANEL-WEIGHTS", "update kpi_panelgroup set weight = 39.9 where id = %s", on.groups["领导"].pk)

    def test_a_stale_page_does_not_overwrite(self, at, on):
        seen = services.fingerprint(on.panel)
        services.change_panel(panel=on.panel, name="新名", seen=seen, by=hr(at))
        with refused("stale"):
            services.change_panel(panel=on.panel, name="旧名", seen=seen, by=hr(at))

    def test_a_last_day_of_yesterday_is_refused(self, at):
        past = timezone.localdate() - TOMORROW
        with refused("past"):
            services.create_panel(cycle=at.cycle, name="晚", closes_on=past, groups=plans("100"), by=hr(at))

    def test_two_panels_of_one_name_are_refused(self, at, on):
        with pytest.raises(ValidationError):
            services.create_panel(cycle=at.cycle, name="作风测评", groups=plans("100"), by=hr(at))

    def test_only_rating_lines_without_a_value_of_the_same_year(self, at, on):
        other = build.year(at.zone, 2027)
        late = build.card(other, "bureau", at.zone.unit, at.zone.invest)
        for line in (build.line(at.cards["bureau"], "safety"), build.line(late, "party")):
            with refused("KPI-PANEL-LINE"):
                services.add_lines(panel=on.panel, lines=[line], by=hr(at))
        filled = build.line(at.cards["staff"], "party")
        set_actual(line=filled, value=Decimal(80), by=hr(at))
        with refused("KPI-PANEL-LINE"):
            services.add_lines(panel=on.panel, lines=[filled], by=hr(at))

    def test_lines_of_an_indicator_join_in_one_go_and_once(self, at, on):
        indicator = build.indicator("party", "rating")
        fresh = list(services.open_lines(on.panel, indicator).filter(scorecard__kind="person"))
        assert len(fresh) == 5
        assert services.add_lines(panel=on.panel, lines=fresh, by=hr(at)) == 5
        assert services.add_lines(panel=on.panel, lines=fresh, by=hr(at)) == 0

    def test_nobody_is_in_two_groups(self, at, on):
        with refused("KPI-RATER-ONCE"):
            services.add_raters(group=on.groups["领导"], users=[at.users["head"]], by=hr(at))
        sql = "insert into kpi_rater (group_id, user_id) values (%s, %s)"
        raw("KPI-RATER-ONCE", sql, on.groups["领导"].pk, at.users["head"].pk)

    def test_the_same_rater_twice_joins_once(self, at, on):
        users = [at.users["finance"], at.users["finance"]]
        assert services.add_raters(group=on.groups["领导"], users=users, by=hr(at)) == 1
        assert services.add_raters(group=on.groups["领导"], users=users, by=hr(at)) == 0

    def test_while_a_panel_rates_a_line_nobody_fills_it_in(self, at, on):
        line = build.line(at.cards["bureau"], "party")
        with refused("KPI-PANEL-LINE"):
            set_actual(line=line, value=Decimal(99), by=hr(at))
        raw("KPI-PANEL-LINE", "update kpi_line set actual = 99, points = 9.9 where id = %s", line.pk)


class TestAfterTheFirstRating:
    @pytest.fixture(autouse=True)
    def begun(self, on):
        build.rate(on, "leader", "bureau", "90")

    def test_weights_groups_trimming_and_lines_stay(self, at, on):
        wanted = [GroupPlan("领导", Decimal(50)), GroupPlan("部门", Decimal(20)), GroupPlan("服务对象", Decimal(30))]
        for change in ({"groups": wanted}, {"groups": plans("100")}, {"trim": 1}, {"shown_from": 2}):
            with pytest.raises(ValidationError):
                services.change_panel(panel=on.panel, by=hr(at), **change)
        with refused("KPI-PANEL-BEGUN"):
            services.add_lines(panel=on.panel, lines=[build.line(at.cards["staff"], "party")], by=hr(at))
        with refused("KPI-PANEL-BEGUN"):
            services.remove_lines(panel=on.panel, lines=on.panel.lines.all(), by=hr(at))
        with refused("KPI-PANEL-BEGUN"):
            services.remove_panel(panel=on.panel, by=hr(at))

    @pytest.mark.parametrize(
        "sql",
        [
            "update kpi_panelgroup set weight = case name when '领导' then 50 when '部门' then 20 else 30 end",
            "update kpi_panel set trim = 1",
            "update kpi_panel set shown_from = 2",
            "delete from kpi_panelline",
        ],
    )
    def test_nor_by_raw_sql(self, sql):
        raw("KPI-PANEL-BEGUN", sql)

    def test_raters_join_the_day_moves_and_the_protection_grows(self, at, on):
        later = timezone.localdate() + 30 * TOMORROW
        services.change_panel(panel=on.panel, closes_on=later, shown_from=4, by=hr(at))
        assert services.add_raters(group=on.groups["领导"], users=[at.users["finance"]], by=hr(at)) == 1

    def test_who_has_rated_stays_and_who_has_not_may_go(self, at, on):
        with refused("KPI-RATER"):
            services.remove_rater(rater=on.raters["leader"], by=hr(at))
        services.remove_rater(rater=on.raters["served1"], by=hr(at))
        assert not Rater.objects.filter(pk=on.raters["served1"].pk).exists()


class TestRating:
    def test_given_changed_and_taken_back(self, on):
        first = build.rate(on, "leader", "bureau", "90")
        assert (first.points, first.version, first.done, first.of) == (Decimal("90.00"), 1, 1, 2)
        second = build.rate(on, "leader", "bureau", "８５．５", 1)
        assert (second.points, second.version) == (Decimal("85.50"), 2)
        gone = build.rate(on, "leader", "bureau", "", 2)
        assert (gone.points, gone.version, gone.done) == (None, 0, 0)
        assert not PanelRating.objects.exists()

    def test_said_twice_it_is_given_once(self, on):
        build.rate(on, "leader", "bureau", "90")
        assert build.rate(on, "leader", "bureau", "90").version == 1
        assert PanelRating.objects.count() == 1
        assert AuditEntry.objects.filter(verb="rated").count() == 1

    def test_another_window_is_told_what_stands(self, on):
        build.rate(on, "leader", "bureau", "90")
        with pytest.raises(rating.StaleRating) as stale:
            build.rate(on, "leader", "bureau", "70", 0)
        assert (stale.value.points, stale.value.version) == (Decimal("90.00"), 1)

    @pytest.mark.parametrize("text", ["-1", "100.01", "99.999", "NaN", "1e400", "9%", "好", "1,2", "∞"])
    def test_what_is_no_rating_is_refused_at_its_field(self, on, text):
        with pytest.raises(ValidationError) as bad:
            build.rate(on, "leader", "bureau", text)
        assert "value" in bad.value.message_dict
        assert not PanelRating.objects.exists()

    def test_outside_the_group(self, at, on):
        with refused("KPI-RATER"):
            rating.rate(line=on.lines["bureau"], text="90", version=0, by=hr(at))
        with refused("KPI-RATER"):
            rating.rate(line=on.lines["bureau"], text="90", version=0, by=build.Actor(None, "page"))

    def test_a_rater_of_another_panel_is_outside_too_also_in_raw_sql(self, at, on):
        other = build.panel(at, "另一测评", codes=("staff",))
        sql = "insert into kpi_panelrating (line_id, rater_id, points, version, rated_at) values (%s, %s, 9, 1, now())"
        raw("KPI-RATER", sql, other.lines["staff"].pk, on.raters["leader"].pk)

    def test_nobody_rates_the_bureau_he_heads(self, on):
        with refused("KPI-RATER-OWN"):
            build.rate(on, "head", "bureau", "100")
        assert build.rate(on, "head", "other_bureau", "77").of == 1
        sql = "insert into kpi_panelrating (line_id, rater_id, points, version, rated_at) values (%s, %s, 9, 1, now())"
        raw("KPI-RATER-OWN", sql, on.lines["bureau"].pk, on.raters["head"].pk)

    def test_nobody_rates_himself_nor_the_unit_he_leads(self, at):
        people = build.panel(at, "个人测评", codes=("leader", "head", "staff"))
        for who in ("leader", "head"):
            with refused("KPI-RATER-OWN"):
                build.rate(people, who, who, "100")
        assert build.rate(people, "head", "staff", "80").of == 2
        at.cycle = Cycle.objects.create(holder=at.zone.city, year=2026)
        at.cards["unit2"] = build.card(build.year(at.zone, 2028), "unit", at.zone.unit)
        at.cycle = at.cards["unit2"].cycle
        units = build.panel(at, "单位测评", codes=("unit2",))
        with refused("KPI-RATER-OWN"):
            build.rate(units, "leader", "unit2", "100")
        assert build.rate(units, "head", "unit2", "80").of == 1

    def test_a_move_within_the_panel_is_refused(self, on):
        build.rate(on, "served1", "bureau", "90")
        raw("KPI-RATER", "update kpi_panelrating set rater_id = %s", on.raters["served2"].pk)
        raw("KPI-RATER", "update kpi_panelrating set line_id = %s", on.lines["other_bureau"].pk)

    def test_after_the_last_day(self, on):
        build.rate(on, "leader", "bureau", "90")
        build.over(on)
        with refused("KPI-PANEL-CLOSED"):
            build.rate(on, "leader", "bureau", "91", 1)
        raw("KPI-PANEL-CLOSED", "update kpi_panelrating set points = 91")
        raw("KPI-PANEL-CLOSED", "delete from kpi_panelrating")

    def test_on_the_last_day_itself(self, at, on):
        services.change_panel(panel=on.panel, closes_on=timezone.localdate(), by=hr(at))
        assert build.rate(on, "leader", "bureau", "90").points == 90

    def test_after_the_year_is_closed(self, at, on):
        build.closed(at.cycle)
        with pytest.raises(ValidationError, match="已关闭"):
            build.rate(on, "leader", "bureau", "90")


class TestClosing:
    def test_before_the_last_day_only_when_everybody_has_rated(self, at, on):
        build.rate(on, "leader", "bureau", "90")
        with refused("unfinished"):
            closing.close_panel(panel=on.panel, by=hr(at))
        build.rate_all_but_first(on)
        assert closing.close_panel(panel=on.panel, by=hr(at)) == 2

    def test_the_lines_get_the_panels_score(self, at, on):
        build.rate_all(on)
        assert closing.close_panel(panel=on.panel, by=hr(at)) == 2
        line = build.line(at.cards["bureau"], "party")
        # 0.4 × 90 + 0.3 × 68 + 0.3 × (83.25 + 91 + 72 + 88) ÷ 4, and 10 % of it.
        assert line.actual == Decimal("81.4688")
        assert line.points == Decimal("8.1469")
        assert line.entered_by is None  # nobody's entry: who closed it may still grade the card

    def test_a_closed_panel_takes_nothing_more(self, at, on):
        build.rate_all(on)
        closing.close_panel(panel=on.panel, by=hr(at))
        with refused("KPI-PANEL-CLOSED"):
            build.rate(on, "leader", "bureau", "10", 1)
        with refused("KPI-PANEL-CLOSED"):
            closing.close_panel(panel=on.panel, by=hr(at))
        with refused("KPI-PANEL-CLOSED"):
            services.add_raters(group=on.groups["领导"], users=[at.users["finance"]], by=hr(at))
        raw("KPI-PANEL-CLOSED", "update kpi_panel set closed_at = null")
        raw("KPI-PANEL-CLOSED", "insert into kpi_rater (group_id, user_id) values (%s, %s)",
            on.groups["领导"].pk, at.users["finance"].pk)  # fmt: skip

    def test_an_open_panel_tells_no_result(self, on):
        build.rate_all(on)
        assert results.of_lines(on.panel) == {}
        assert results.of_card_lines([on.lines["bureau"].line_id]) == {}

    def test_a_line_that_too_few_rated_stays_open(self, at, on):
        for who in ("served1", "served2"):
            build.rate(on, who, "bureau", "80")
        build.over(on)
        assert closing.close_panel(panel=on.panel, by=hr(at)) == 0
        line = build.line(at.cards["bureau"], "party")
        assert line.actual is None
        on.panel.refresh_from_db()
        found = results.of_lines(on.panel)
        assert found[on.lines["bureau"].pk].notes == ("评分不足 3 人，不计分",)
        assert found[on.lines["other_bureau"].pk].notes == ("无人评分",)

    def test_what_groups_said_and_how_it_counted(self, at, on):
        for n, points in enumerate(("80", "85", "90", "95"), start=1):
            build.rate(on, f"served{n}", "bureau", points)
        build.over(on)
        closing.close_panel(panel=on.panel, by=hr(at))
        on.panel.refresh_from_db()
        found = results.of_lines(on.panel)[on.lines["bureau"].pk]
        (said,) = found.groups
        assert (said.name, said.mean, said.least, said.most, said.count) == ("服务对象", Fraction(175, 2), 80, 95, 4)
        assert (said.weight, said.share) == (Decimal(30), 100)
        assert found.notes == ("领导、部门 无人评分，权重按比例分给其他评价主体",)

    def test_small_groups_are_told_together_only(self, at, on):
        build.rate_all(on)
        closing.close_panel(panel=on.panel, by=hr(at))
        on.panel.refresh_from_db()
        found = results.of_lines(on.panel)[on.lines["bureau"].pk]
        # One leader and one head: with the four they would be two, so the four go with them.
        assert found.groups == ()
        assert found.count == 6
        assert found.notes == ("领导、部门、服务对象 合并计入，共 6 人；评分不足 3 人的不单独列示",)

    def test_a_lines_reasons_tell_its_groups(self, at, on):
        for n, points in enumerate(("80", "85", "90", "95"), start=1):
            build.rate(on, f"served{n}", "bureau", points)
        build.over(on)
        closing.close_panel(panel=on.panel, by=hr(at))
        reason = why(build.line(at.cards["bureau"], "party"))
        assert reason.panel == (
            "服务对象（权重 100%）：平均 87.5 分，最低 80、最高 95，4 人",
            "领导、部门 无人评分，权重按比例分给其他评价主体",
        )

    def test_turnout_leaves_ones_own_case_out(self, on):
        build.rate(on, "head", "other_bureau", "77")
        rows = {row.user: row for row in turnout([on.panel.pk], timezone.localdate())}
        head, leader = rows[on.users["head"].pk], rows[on.users["leader"].pk]
        assert (head.expected, head.given, head.finished) == (1, 1, True)
        assert (leader.expected, leader.given, leader.silent) == (2, 0, True)

    def test_many_raters_cost_no_more_queries(self, at, on, django_assert_max_num_queries):
        build.rate_all(on)
        build.over(on)
        Panel.objects.filter(pk=on.panel.pk).update(closed_at=timezone.now())
        on.panel.refresh_from_db()
        with django_assert_max_num_queries(3):
            assert len(results.of_lines(on.panel)) == 2


def test_the_groups_of_one_panel_are_not_anothers(at, on):
    other = build.panel(at, "另一测评", codes=("staff",))
    assert set(PanelGroup.objects.filter(panel=other.panel)) == set(other.groups.values())
    assert not PanelLine.objects.filter(panel=other.panel, line=on.lines["bureau"].line).exists()


def test_an_outsider_with_an_account_may_be_asked(at, on):
    outside = staff.user("enterprise")
    services.add_raters(group=on.groups["服务对象"], users=[outside], by=hr(at))
    done = rating.rate(line=on.lines["bureau"], text="95", version=0, by=build.actor(outside))
    assert (done.done, done.of) == (1, 2)

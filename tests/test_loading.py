"""The Yizheng zone from its files: all of it, twice without a trace, and never over somebody's work."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from django.db import connection

from common.models import AuditEntry
from common.periods import DateRange, period
from common.rules import verdict
from config.management.commands.load_zone import load
from config.synthetic.__main__ import files
from kpi.models import Cycle, Line, Result, Scorecard
from orgchart.models import BureauVersion, DutyAssignment, Tier
from pay.engine import calculate
from pay.inputs import gather
from pay.models import Scheme
from staffing.models import Appointment, Person, PostVersion
from staffing.personnel.identity import read_national_id
from tests.loading_builders import YIZHENG, rows_as_stored
from zones.models import Figure, Project, Unit, UnitVersion

REFORM = dt.date(2019, 10, 1)
TODAY = dt.date(2026, 11, 24)
UNITS = ["YZ", "YZ-CHEM", "YZ-AUTO", "YZ-DATA"]
#: The zone of ``conftest.py``; what a test changes is rolled back.
pytestmark = [pytest.mark.usefixtures("yizheng"), pytest.mark.django_db]


class TestWhatTheArticleSays:
    def test_ten_seven_five_and_five_bureaus(self) -> None:
        for day in (REFORM, TODAY):
            standing = BureauVersion.objects.on(day).values_list("unit__code", flat=True)
            assert Counter(standing) == {"YZ": 10, "YZ-CHEM": 7, "YZ-AUTO": 5, "YZ-DATA": 5}

    def test_the_bureaus_it_names_are_no_examples(self) -> None:
        named = BureauVersion.objects.filter(is_example=False).values_list("name", flat=True)
        assert set(named) == {
            *("招商局", "经济发展局", "高新产业促进局", "港口发展局"),
            *("高新材料产业促进局", "安全生产和生态环境管理局", "应急响应办公室"),
            *("招商部", "汽车产业促进部", "经济运行部", "科技创新部"),
        }

    def test_before_the_reform_zone_and_parks_head_themselves_and_all_of_it_is_an_example(self) -> None:
        day = dt.date(2019, 6, 30)
        bureaus = BureauVersion.objects.on(day)
        assert {bureau.unit.code for bureau in bureaus.select_related("unit")} == {"YZ", "YZ-CHEM", "YZ-AUTO"}
        assert not bureaus.filter(is_example=False).exists()
        assert not PostVersion.objects.on(day).exists()
        for code in ("YZ", "YZ-CHEM", "YZ-AUTO"):
            tiers = Tier.objects.on(day).filter(zone__code=code)
            assert [tier.name for tier in tiers] == [
                *("管委会主任", "分管副主任", "职能机构负责人", "分管负责人", "二级内设机构负责人", "工作人员")
            ]
            # The article's complaint: social bureaus of their own, each with second-level units.
            own = bureaus.filter(unit__code=code)
            assert own.filter(nature="social", parent=None).count() >= 3
            assert own.filter(parent__isnull=False).count() > own.filter(parent=None).count() / 2
            assert verdict(Unit.objects.get(code=code).pk, day).broken == []

    def test_what_the_reform_ended_names_the_plan_that_ended_it(self) -> None:
        ended = BureauVersion.objects.filter(period__endswith=REFORM)
        gone = ended.exclude(bureau__versions__period__contains=REFORM)
        assert {version.closed_by.code for version in gone.select_related("closed_by")} == {"reform-plan-2019"}
        assert not BureauVersion.objects.on(REFORM).filter(parent__isnull=False).exists()
        goes_on = ended.filter(bureau__versions__period__contains=REFORM)
        assert {"YZ-INVEST", "CHEM-INVEST", "AUTO-OFFICE"} <= {each.bureau.code for each in goes_on}

    def test_before_the_reform_the_units_stood_apart(self) -> None:
        day = dt.date(2019, 6, 30)
        parents = dict(UnitVersion.objects.on(day).values_list("unit__code", "parent__code"))
        assert parents["YZ-CHEM"] == "YIZHENG"
        assert "YZ-DATA" not in parents

    def test_rank_and_dispatching_body(self) -> None:
        standing = UnitVersion.objects.on(TODAY)
        told = {each.unit.code: (each.rank, each.dispatched_by) for each in standing.select_related("unit")}
        assert told["YZ"] == ("full_division", "扬州市委、市政府")
        assert told["YZ-CHEM"] == ("deputy_division", "仪征市政府")
        assert told["YZ-AUTO"] == told["YZ-DATA"] == ("", "")

    @pytest.mark.parametrize(
        ("area", "before", "after"),
        [
            ("YZ", {"YZ-AGRI", "YZ-SOCIAL"}, {"YZ-SOCIAL"}),
            ("YZ-CHEM", {"CHEM-AGRI", "CHEM-SOCIAL"}, {"QINGSHAN"}),
            ("YZ-AUTO", {"AUTO-AGRI", "AUTO-SOCIAL"}, {"XINCHENG"}),
        ],
    )
    def test_social_duties_are_shed(self, area: str, before: set[str], after: set[str]) -> None:
        for day, bearers in ((dt.date(2019, 9, 30), before), (REFORM, after)):
            borne = DutyAssignment.objects.on(day).filter(area__code=area, duty__kind="social")
            assert {each.unit.code if each.unit else each.bureau.code for each in borne} == bearers
            assert borne.count() == 3

    def test_no_project_has_an_investment_of_its_own(self) -> None:
        assert list(Project.objects.filter(is_example=False).values_list("investment", flat=True)) == [None] * 3

    def test_published_figures_are_no_examples_and_the_others_are(self) -> None:
        assert set(Figure.objects.filter(is_example=False).values_list("unit__code", flat=True)) == {"YIZHENG"}
        gdp = Figure.objects.get(unit__code="YIZHENG", metric__code="gdp", year=2020)
        assert (gdp.value, gdp.is_example) == (Decimal(81_900_000_000), False)
        assert not Figure.objects.filter(unit__code="YIZHENG", year=2019).exists()


class TestRoster:
    def test_nobody_can_be_taken_for_a_real_person(self) -> None:
        people = list(Person.objects.all())
        assert 280 <= len(people) <= 320
        for person in people:
            assert person.is_example
            told = read_national_id(person.national_id)
            assert (told.birth_date, told.gender) == (person.birth_date, person.gender)
            assert person.national_id.startswith("999999")
            assert person.phone.startswith("0514-0")
        assert len({person.national_id_digest for person in people}) == len(people)

    def test_it_is_alive_in_2020_and_today(self) -> None:
        for day in (dt.date(2020, 6, 30), TODAY):
            seats = PostVersion.objects.seats(day)
            assert seats["seats"] == 308
            assert 270 <= seats["taken"] < 308

    def test_the_cases_that_months_are_counted_by(self) -> None:
        within = Appointment.objects.during(DateRange(dt.date(2020, 1, 1), dt.date(2021, 1, 1)))
        assert set(within.values_list("kind", flat=True)) == {"primary", "concurrent", "acting", "seconded"}
        assert within.filter(end_reason="transfer", period__endswith__lt=dt.date(2020, 12, 31)).count() == 3
        assert within.filter(end_reason="retirement").count() == 3
        assert within.filter(period__startswith__gt=dt.date(2020, 1, 15), kind="primary").count() == 7

    def test_some_terms_and_probations_end_within_ninety_days(self) -> None:
        serving = Appointment.objects.on(TODAY)
        soon = (TODAY, TODAY + dt.timedelta(days=90))
        assert serving.filter(term_ends__range=soon).count() == 2
        assert serving.filter(probation_ends__range=soon).count() == 2

    def test_one_bureau_has_an_acting_head_today_and_one_has_none(self) -> None:
        heads = Appointment.objects.on(TODAY).filter(post__code__endswith="-H1")
        assert heads.count() == 26
        assert heads.get(kind="acting").post.code == "DATA-TECH-H1"
        assert not heads.filter(post__code="AUTO-UTIL-H1").exists()


class TestAssessments:
    def test_2020_is_complete_and_closed(self) -> None:
        assert set(Cycle.objects.filter(year=2020).values_list("state", flat=True)) == {"closed"}
        cards = Scorecard.objects.filter(cycle__year=2020)
        assert Counter(cards.values_list("kind", flat=True))["bureau"] == 27
        assert not Line.objects.filter(scorecard__in=cards, points=None).exists()
        assert not cards.filter(result__score=None).exists()
        assert not cards.filter(result__rating="").exists()

    def test_a_score_is_the_sum_of_its_points(self) -> None:
        results = Result.objects.exclude(score=None).select_related("scorecard").prefetch_related("scorecard__lines")
        for result in results:
            points = [line.points for line in result.scorecard.lines.all() if not line.not_applicable]
            signs = {"bonus": 1, "deduction": -1}
            points += [signs.get(row.kind, 0) * row.points for row in result.scorecard.adjustments.effective()]
            # Points are kept to four places, so the exact sum may differ by half a fen of points at most.
            assert abs(sum(points) - result.score) <= Decimal("0.006")

    @pytest.mark.parametrize("unit", UNITS)
    def test_at_most_a_fifth_of_a_unit_is_excellent(self, unit: str) -> None:
        people = Result.objects.filter(scorecard__cycle__year=2020, scorecard__kind="person")
        grades = Counter(people.filter(scorecard__unit__code=unit).values_list("rating", flat=True))
        assert 0 < grades["excellent"] * 5 <= grades.total()

    def test_every_grade_occurs(self) -> None:
        people = Result.objects.filter(scorecard__cycle__year=2020, scorecard__kind="person")
        grades = Counter(people.values_list("rating", flat=True))
        assert (grades["incompetent"], grades["undetermined"]) == (1, 1)
        assert 3 <= grades["basic"] <= 8
        scores = {rating: people.filter(rating=rating).order_by("score") for rating in grades}
        assert scores["incompetent"].last().score < scores["basic"].first().score
        assert scores["basic"].last().score < scores["excellent"].first().score

    def test_in_2026_every_head_has_something_to_enter(self) -> None:
        cards = Scorecard.objects.filter(cycle__year=2026, cycle__state="open").with_progress()
        invest = cards.get(kind="bureau", bureau__code="YZ-INVEST")
        assert 0 < invest.scored_count < invest.line_count
        assert {card.scored_count for card in cards.filter(kind="person")} == {0, 1, 3, 4}


class TestPools:
    def link_of(self, unit: str) -> tuple[Decimal, str]:
        run = calculate(gather(Unit.objects.get(code=unit), 2020).values)
        rating_step = run.pool.trace.parts[0]
        link = next(part for part in rating_step.parts if part.key == "link")
        return Decimal(run.pool.link.numerator) / run.pool.link.denominator, link.note

    def test_every_unit_of_2020_can_be_computed_to_a_pool_of_sensible_size(self) -> None:
        for unit in UNITS:
            run = calculate(gather(Unit.objects.get(code=unit), 2020).values)
            people = {person.key for bureau in run.bureaus for person in bureau.people}
            assert 50_000 < run.pool.amount / len(people) < 95_000
            assert run.pool.lapsed == 0

    def test_falling_revenue_gets_the_floor_and_a_boom_the_cap(self) -> None:
        assert self.link_of("YZ-AUTO") == (Decimal("0.85"), "clamped_to_floor")
        assert self.link_of("YZ-DATA") == (Decimal("1.25"), "clamped_to_cap")
        for unit in ("YZ", "YZ-CHEM"):
            link, note = self.link_of(unit)
            assert 1 < link < Decimal("1.25")
            assert note == ""


class TestLoadingAgain:
    def test_changes_no_row_at_all(self, django_assert_max_num_queries) -> None:
        before = rows_as_stored()
        with django_assert_max_num_queries(140):
            tally = load(YIZHENG)
        assert tally.created.total() == 0
        assert tally.unchanged["kpi.Line"] == Line.objects.count()
        assert tally.unchanged["staffing.Appointment"] == Appointment.objects.count()
        assert rows_as_stored() == before

    def test_what_people_changed_stays_as_they_left_it(self) -> None:
        moved = Appointment.objects.on(TODAY).filter(post__code="YZ-ECON-S2").first()
        moved.period = DateRange(moved.period.lower + dt.timedelta(days=40), None)
        moved.save()
        ended = Appointment.objects.on(TODAY).filter(post__code="YZ-FIN-S2").first()
        ended.period, ended.end_reason = period(ended.starts, TODAY), "resignation"
        ended.save()
        Scheme.objects.update(current_ratio="0.7", period=period(dt.date(2020, 2, 1)))
        Person.objects.filter(staff_no="S0010").update(name="改过的名字")
        # What a panel has scored nobody clears.
        Line.objects.filter(scorecard__cycle__year=2026, panel_line__isnull=True).update(actual=None, points=None)
        before = rows_as_stored()
        tally = load(YIZHENG)
        assert tally.created.total() == 0
        assert rows_as_stored() == before

    def test_what_is_gone_comes_back_alone(self) -> None:
        gone = Figure.objects.get(unit__code="YZ", metric__code="gdp", year=2019)
        with connection.cursor() as cursor:
            cursor.execute("alter table zones_figure disable trigger zones_figure_kept")
            cursor.execute("delete from zones_figure where id = %s", [gone.pk])
            cursor.execute("set constraints all immediate")
            cursor.execute("alter table zones_figure enable trigger zones_figure_kept")
            cursor.execute("set constraints all deferred")
        tally = load(YIZHENG)
        assert +tally.created == Counter({"zones.Figure": 1})
        assert Figure.objects.filter(unit=gone.unit, metric=gone.metric, year=2019, value=gone.value).exists()
        entry = AuditEntry.objects.filter(verb="load_zone").first()
        assert entry.after == {"zones.Figure": 1}

    def test_leaves_one_entry_for_the_first_load_and_none_for_nothing(self) -> None:
        load(YIZHENG)
        entry = AuditEntry.objects.get(verb="load_zone")
        assert (entry.noun, entry.label, entry.door) == ("zones.unit", "YZ", "command")
        assert entry.after["staffing.Person"] == Person.objects.count()


def test_the_committed_files_are_what_the_maker_writes() -> None:
    for name, rows in files(YIZHENG).items():
        with (YIZHENG / name).open(encoding="utf-8", newline="") as committed:
            as_text = [{key: str(value) for key, value in row.items()} for row in rows]
            assert list(csv.DictReader(committed)) == as_text, name

"""What parks are for: positioning with its overlaps, projects by stage, and figures cumulative within a year."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.models import AuditEntry
from pay.figures import Reading
from pay.formulas import PoolScheme, Rule
from pay.settings import EXAMPLE, Settings
from tests import orgchart_builders as build
from tests.pay_builders import COMPOSITE
from tests.purpose_builders import refusal, zone_and_users
from zones import purpose
from zones.growth import Span, like_for_like
from zones.models import Figure, Industry, Positioning, Project, ProjectStage
from zones.projects import fields, heaps
from zones.services import record_figure
from zones.tables import blocks, shown_period

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 1, 1)


@pytest.fixture
def at():
    return zone_and_users()


@pytest.fixture
def look(at, client):
    def look(who: str, page: str, *args, status: int = 200, **params) -> str:
        client.force_login(at.users[who])
        answer = client.get(reverse(page, args=args), params)
        assert answer.status_code == status, answer.status_code
        return answer.content.decode()

    return look


@pytest.fixture
def press(at, client):
    def press(who: str, page: str, *args, **data):
        client.force_login(at.users[who])
        return client.post(reverse(page, args=args), data, follow=True)

    return press


class TestPositioning:
    def set(self, at, **changes) -> Positioning:
        return purpose.set_positioning(**{"unit": at.park, "industry": at.steel, "starts": DAY, "by": at.by} | changes)

    def test_set_and_closed_with_audit(self, at):
        row = self.set(at)
        purpose.close_positioning(positioning=row, ends=dt.date(2021, 6, 30), by=at.by)
        row.refresh_from_db()
        assert (row.starts, row.last_day) == (DAY, dt.date(2021, 6, 30))
        verbs = AuditEntry.objects.filter(verb__endswith="positioning").order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["set_positioning", "close_positioning"]
        assert self.set(at, starts=dt.date(2021, 7, 1)).pk

    @pytest.mark.parametrize(
        ("changes", "field"), [({"starts": DAY}, "industry"), ({"ends": DAY - dt.timedelta(1)}, "ends")]
    )
    def test_what_is_wrong_is_said_at_its_field(self, at, changes, field):
        self.set(at)
        with pytest.raises(ValidationError) as error:
            self.set(at, **changes)
        assert list(error.value.message_dict) == [field]

    def test_only_a_park_is_positioned(self, at):
        with pytest.raises(ValidationError) as error:
            self.set(at, unit=at.town)
        assert list(error.value.message_dict) == ["unit"]

    @pytest.mark.parametrize("ends", [DAY - dt.timedelta(1), dt.date(2022, 1, 1)])
    def test_closing_before_it_began_or_after_its_end(self, at, ends):
        row = self.set(at, ends=dt.date(2021, 6, 30))
        with pytest.raises(ValidationError) as error:
            purpose.close_positioning(positioning=row, ends=ends, by=at.by)
        assert list(error.value.message_dict) == ["ends"]

    def test_an_overlap_is_marked_on_its_days_and_names_the_industry(self, at, look):
        self.set(at)
        self.set(at, unit=at.second, starts=dt.date(2021, 3, 1), ends=dt.date(2021, 6, 30))
        Positioning.objects.create(
            unit=at.second, industry=Industry.objects.create(code="toys", name="玩具"), period=build.SINCE
        )
        text = look("hr", "positioning", "YZ", on="2021-03-01")
        assert "产业重叠：钢铁" in text
        assert "产业重叠：玩具" not in text
        assert "产业重叠" not in look("hr", "positioning", "YZ", on="2021-07-01")

    def test_parks_of_another_city_do_not_overlap_and_are_not_shown(self, at, look):
        self.set(at)
        other = build.full_zone("XX")
        Positioning.objects.create(unit=other.park, industry=at.steel, period=build.SINCE)
        everything = frozenset({at.park.pk, at.second.pk, other.park.pk})
        assert fields(at.zone, DAY, everything).overlaps == []
        assert "XX化工园" not in look("hr", "positioning", "YZ")

    def test_pages_write_for_hr_alone(self, at, look, press):
        assert "登记产业定位" not in look("auditor", "positioning", "YZ")
        given_ = {"unit": "YZ-P", "industry": "steel", "starts": "2021-01-01"}
        assert press("auditor", "positioning_set", "YZ", **given_).status_code == 403
        assert "已登记产业定位：钢铁" in press("hr", "positioning_set", "YZ", **given_).content.decode()
        row = Positioning.objects.get()
        assert press("stranger", "positioning_close", row.pk, ends="2021-02-01").status_code == 404
        press("hr", "positioning_close", row.pk, ends="2021-02-01")
        row.refresh_from_db()
        assert row.last_day == dt.date(2021, 2, 1)
        look("stranger", "positioning", "YZ", status=404)

    def test_another_zones_park_is_not_on_offer(self, at, press):
        build.full_zone("XX")
        answer = press("hr", "positioning_set", "YZ", unit="XX-P", industry="steel", starts="2021-01-01")
        assert list(answer.context["form"].errors) == ["unit"]


class TestProjects:
    def record(self, at, **changes) -> Project:
        terms = {"unit": at.park, "code": "p1", "name": "数据中心", "stage": "signed", "as_of": DAY, "by": at.by}
        return purpose.record_project(**terms | changes)

    def test_a_project_and_where_it_stood_on_each_day(self, at):
        row = self.record(at, investment=Decimal("1200000000"), partner="某公司", town=at.town)
        purpose.advance_project(project=row, stage="building", as_of=dt.date(2021, 6, 1), by=at.by)
        then = {
            day: Project.objects.on(day).values_list("stage_then", flat=True).first()
            for day in (DAY - dt.timedelta(1), DAY, dt.date(2021, 5, 31), dt.date(2021, 6, 1))
        }
        assert list(then.values()) == [None, "signed", "signed", "building"]
        verbs = AuditEntry.objects.filter(noun__startswith="zones.project").order_by("pk")
        assert list(verbs.values_list("verb", flat=True)) == ["record_project", "advance_project", "advance_project"]

    @pytest.mark.parametrize(
        ("stage", "as_of"),
        [("talks", dt.date(2021, 6, 1)), ("building", dt.date(2020, 6, 1))],
    )
    def test_no_step_goes_back(self, at, stage, as_of):
        row = self.record(at)
        with pytest.raises(ValidationError) as error:
            purpose.advance_project(project=row, stage=stage, as_of=as_of, by=at.by)
        assert error.value.code == "PROJECT-STAGE"

    @pytest.mark.parametrize("last", ["producing", "dropped"])
    def test_nothing_follows_the_end(self, at, last):
        row = self.record(at, stage=last)
        with pytest.raises(ValidationError):
            purpose.advance_project(project=row, stage="dropped", as_of=dt.date(2021, 6, 1), by=at.by)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"investment": Decimal(0)}, "investment"),
            ({"investment": Decimal("NaN")}, "investment"),
            ({"name": " "}, "name"),
            ({"code": "有 空"}, "code"),
            ({"as_of": dt.date(2199, 1, 1)}, "as_of"),
            ({"stage": "flying"}, "stage"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(self, at, changes, field):
        with pytest.raises(ValidationError) as error:
            self.record(at, **changes)
        assert list(error.value.message_dict) == [field]
        assert not Project.objects.exists()

    def test_history_is_kept_in_sql_too(self, at):
        self.record(at)
        assert refusal("update zones_projectstage set stage = 'done'") == "PROJECT-STAGE"
        assert refusal("delete from zones_projectstage") == "PROJECT-STAGE"
        back = (
            "insert into zones_projectstage (project_id, stage, as_of, note, source, is_example)"
            " select project_id, 'talks', as_of + 1, '', '', false from zones_projectstage"
        )
        assert refusal(back) == "PROJECT-STAGE"

    def test_heaps_count_sum_and_say_what_was_not_published(self, at):
        self.record(at, investment=Decimal("1200000000"))
        self.record(at, code="p2")
        self.record(at, code="p3", stage="talks")
        found = {heap.stage: heap for heap in heaps(Project.objects.on(DAY))}
        signed = found["signed"]
        assert (signed.count, signed.investment, signed.unpublished) == (2, Decimal("1200000000"), 1)
        assert signed.said == "2 个 · 12.00 亿元 · 1 个未公布投资额"
        assert found["talks"].said == "1 个 · 1 个未公布投资额"
        assert "dropped" not in found

    def test_the_page_with_picture_table_and_totals(self, at, look):
        self.record(at, investment=Decimal("1200000000"), name="<b>数据</b>")
        self.record(at, code="p2", unit=at.second)
        text = look("hr", "projects")
        assert "<title>签约 2 个 · 12.00 亿元 · 1 个未公布投资额</title>" in text
        assert "&lt;b&gt;数据&lt;/b&gt;" in text
        assert "其中 1 个未公布投资额，未计入合计" in text
        only = look("hr", "projects", unit="YZ-Q")
        assert "共 1 个项目" in only
        assert "12.00" not in only
        assert "没有符合条件的项目" in look("hr", "projects", stage="done")
        assert "这一天还没有项目的记载" in look("hr", "projects", on="2020-12-31")
        assert "&lt;b&gt;数据&lt;/b&gt;" not in look("stranger", "projects")
        look("stranger", "project", "p1", status=404)

    def test_entering_and_advancing_by_page(self, at, look, press):
        given_ = {
            "unit": "YZ-P",
            "code": "p9",
            "name": "新项目",
            "investment": "1,000",
            "stage": "talks",
            "as_of": "2021-01-01",
            "town": "YZ-TOWN",
        }
        assert press("auditor", "project_add", **given_).status_code == 403
        assert "已录入项目 新项目" in press("finance", "project_add", **given_).content.decode()
        row = Project.objects.get()
        assert (row.investment, row.town) == (Decimal(10000000), at.town)
        press("hr", "project_advance", "p9", stage="signed", as_of="2021-02-01")
        assert "签约" in look("hr", "project", "p9", on="2021-02-01")
        answer = press("hr", "project_advance", "p9", stage="talks", as_of="2021-03-01")
        assert answer.context["form"].errors == {"as_of": ["该阶段已有记录"]}
        assert ProjectStage.objects.count() == 2


class TestCumulativeFigures:
    def test_half_years_meet_half_years_and_never_whole_ones(self, at):
        build.figure(at.zone, 2020, "100")
        build.figure(at.zone, 2019, "40", through=6)
        build.figure(at.zone, 2020, "50", through=6)
        found = {(block.through, row.figure.year): row for block in blocks(Figure.objects.all()) for row in block.years}
        assert found[6, 2020].growth.ratio == Fraction(1, 4)
        assert found[12, 2020].growth.reason == "no_base"
        assert found[6, 2020].period == "2020 年 1–6 月"

    def test_another_scope_is_no_base_and_says_so(self, at):
        build.figure(at.zone, 2019, "100", scope="全口径")
        build.figure(at.zone, 2020, "100", scope="剔除留抵")
        found = {block.scope: block.latest for block in blocks(Figure.objects.all())}
        assert found["剔除留抵"].growth.reason == "unlike_scope"
        assert found["剔除留抵"].why_none == "口径不同，不计算"

    def test_a_restated_half_year_stands_beside_the_first(self, at):
        for value, day in (("50", 20), ("52", 25)):
            record_figure(
                unit=at.zone,
                metric=build.metric(),
                year=2020,
                through=6,
                value=Decimal(value),
                scope="全口径",
                source="快报",
                vintage=dt.date(2020, 7, day),
                by=at.by,
            )
        (block,) = blocks(Figure.objects.all())
        assert block.latest.figure.value == 52
        assert [old.value for old in block.latest.replaced] == [50]

    def test_not_before_its_last_month(self, at):
        with pytest.raises(ValidationError) as error:
            record_figure(
                unit=at.zone,
                metric=build.metric(),
                year=2020,
                through=6,
                value=Decimal(1),
                scope="全口径",
                source="快报",
                vintage=dt.date(2020, 5, 31),
                by=at.by,
            )
        assert list(error.value.message_dict) == ["vintage"]

    @pytest.mark.parametrize("through", [0, 13])
    def test_a_year_has_twelve_months(self, at, through):
        assert (
            refusal(
                "insert into zones_figure"
                " (unit_id, metric_id, year, through, value, scope, source, vintage, is_example)"
                " values (%s, %s, 2020, %s, 1, 'x', 'x', '2021-01-01', false)",
                at.zone.pk,
                build.metric().pk,
                through,
            )
            == "zones_figure_through"
        )

    def test_pools_read_whole_years_only(self, at):
        """A half year of a later vintage, and none of the whole year: the pool has nothing to read."""
        for year in (2019, 2020):
            for code in ("tax", "budget_revenue", "gdp"):
                build.figure(at.zone, year, "100", metric=build.metric(code, code), through=6)
        rows = Figure.objects.whole_years().filter(unit=at.zone).select_related("metric")
        composite = Rule.read({"role": "term", "method": "F13", "parameters": COMPOSITE})
        scheme = PoolScheme([composite], {"first": Decimal(1)}, "clamp")
        found = Reading(2020, scheme, Settings.read(EXAMPLE), str).read(rows, None)
        assert "tax_now" not in found.values
        assert {"missing_figure:tax:2019", "missing_figure:tax:2020"} <= {problem.code for problem in found.problems}

    def test_entering_a_half_year_by_page(self, at, press):
        build.metric()
        given_ = {
            "unit": "YZ",
            "metric": "tax",
            "year": "2020",
            "through": "6",
            "value": "12345.67",
            "scale": "10000",
            "scope": "全口径",
            "source": "快报",
            "vintage": "2020-07-20",
        }
        text = press("finance", "figures", **given_).content.decode()
        assert "已录入 2020 年 1–6 月税收收入 1.23 亿元" in text
        assert "1–6 月累计" in text
        assert Figure.objects.get().through == 6

    @pytest.mark.parametrize(("through", "said"), [(12, "2020 年"), (1, "2020 年 1 月"), (9, "2020 年 1–9 月")])
    def test_a_period_in_words(self, through, said):
        assert shown_period(2020, through) == said


SPANS = st.builds(Span, st.integers(2018, 2022), st.integers(1, 12), st.sampled_from(["全口径", "本级"]))
VALUES = st.integers(-100000, 100000).map(lambda fen: Decimal(fen) / 100)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(now=st.tuples(VALUES, SPANS), before=st.tuples(VALUES, SPANS))
def test_growth_is_computed_like_for_like_or_not_at_all(now, before):
    found = like_for_like(now, before)
    alike = before[1] == Span(now[1].year - 1, now[1].through, now[1].scope)
    assert (found.ratio is not None) == (alike and before[0] > 0)
    if found.ratio is not None:
        assert Fraction(before[0]) * (1 + found.ratio) == Fraction(now[0])
    else:
        assert found.reason in ("unlike_period", "unlike_scope", "base_not_positive")


class TestApi:
    @pytest.fixture
    def call(self, at, client):
        def call(who: str, path: str, data: dict | None = None):
            client.force_login(at.users[who])
            address = f"/api/v1/{path}"
            return client.get(address) if data is None else client.post(address, data, content_type="application/json")

        return call

    def test_positionings(self, at, call):
        made = call("hr", "positionings/", {"unit": "YZ-P", "industry": "steel", "starts": "2021-01-01"})
        assert made.status_code == 201
        assert [row["industry"] for row in call("hr", "positionings/?on=2021-01-01").json()["results"]] == ["steel"]
        assert call("hr", "positionings/?on=2020-12-31").json()["results"] == []
        closed = call("hr", f"positionings/{made.json()['id']}/close/", {"ends": "2021-03-31"})
        assert closed.json()["ends"] == "2021-03-31"
        assert call("stranger", "positionings/").json()["results"] == []
        assert call("auditor", "positionings/", {}).status_code == 403
        assert (
            call("stranger", "positionings/", {"unit": "YZ-P", "industry": "steel", "starts": "2021-01-01"}).status_code
            == 404
        )

    def test_projects(self, at, call):
        given_ = {"unit": "YZ-P", "code": "p1", "name": "项目", "stage": "talks", "as_of": "2021-01-01"}
        assert call("finance", "projects/", given_).status_code == 201
        call("finance", "projects/p1/advance/", {"stage": "signed", "as_of": "2021-02-01"})
        assert call("hr", "projects/p1/?on=2021-01-31").json()["stage"] == "talks"
        now = call("hr", "projects/p1/").json()
        assert (now["stage"], now["investment"], len(now["stages"])) == ("signed", None, 2)
        assert call("hr", "projects/?stage=talks").json()["results"] == []
        assert call("stranger", "projects/p1/").status_code == 404
        back = call("finance", "projects/p1/advance/", {"stage": "talks", "as_of": "2021-03-01"})
        assert back.status_code == 400

    def test_figures_by_months(self, at, call):
        build.metric()
        given_ = {
            "unit": "YZ",
            "metric": "tax",
            "year": 2020,
            "through": 6,
            "value": "50",
            "source": "快报",
            "vintage": "2020-07-20",
        }
        assert call("finance", "figures/", given_).json()["through"] == 6
        assert len(call("finance", "figures/?through=6").json()["results"]) == 1
        assert call("finance", "figures/?through=12").json()["results"] == []

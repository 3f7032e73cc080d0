"""Assessment years: the next one copied from the last, cards from templates, the year's rules."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import jobs
from common.models import AuditEntry, Job
from common.periods import cut
from kpi.models import Cycle, Line, Scorecard
from kpi.promise import letters, templates, year_views, years
from kpi.reckoning import reckon_all
from orgchart.models import BureauVersion
from staffing.models import Appointment, PostVersion
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db
YEAR = dt.date.today().year  # noqa: DTZ011


@pytest.fixture
def at():
    return build.small_year(YEAR)


def by(at, who: str = "hr"):
    return build.actor(at.users[who])


def opened(at, **more) -> years.Made:
    return years.open_year(holder=at.zone.unit, year=YEAR + 1, by=by(at), **more)


def new_card(at, key: str) -> Scorecard:
    old = at.cards[key]
    return Scorecard.objects.get(cycle__year=YEAR + 1, kind=old.kind, bureau=old.bureau, person=old.person)


def leave(at, who: str) -> None:
    """He leaves his post today."""
    for seat in Appointment.objects.filter(person=at.people[who]):
        seat.period = cut(seat.period, timezone.localdate())
        seat.save(update_fields=["period"])


class TestOpening:
    def test_lines_weights_and_what_was_delivered_go_along(self, at):
        line = build.line(at.cards["bureau"], "new-projects")
        Line.objects.filter(pk=line.pk).update(actual=98, points=40)
        opened(at, raise_percent=Decimal(5))
        new = new_card(at, "bureau")
        assert [(each.indicator_id, each.weight, each.sequence) for each in new.lines.order_by("sequence")] == [
            (each.indicator_id, each.weight, each.sequence) for each in at.cards["bureau"].lines.order_by("sequence")
        ]
        copy = build.line(new, "new-projects")
        assert (copy.previous, copy.target, copy.challenge, copy.actual) == (98, Decimal("102.9"), None, None)
        assert build.line(new, "budget-growth").target is None
        assert new.frozen_at is None

    def test_without_a_percentage_targets_are_empty(self, at):
        Line.objects.filter(indicator__code="new-projects").update(actual=98, points=40)
        opened(at)
        assert build.line(new_card(at, "bureau"), "new-projects").target is None

    def test_who_left_and_what_was_closed_is_named(self, at):
        leave(at, "staff")
        leave(at, "other_head")
        for post in PostVersion.objects.filter(bureau=at.zone.economy):
            PostVersion.objects.filter(pk=post.pk).update(period=cut(post.period, timezone.localdate()))
        version = BureauVersion.objects.get(bureau=at.zone.economy)
        ended = {"period": cut(version.period, timezone.localdate()), "closed_by": at.zone.instrument}
        BureauVersion.objects.filter(pk=version.pk).update(**ended)
        Cycle.objects.filter(pk=at.cycle.pk).update(bureau_weight="0.3", small_bureau=5)
        made = opened(at)
        told = dict(made.left_out)
        assert told[f"张三（{at.zone.invest.versions.get().name}）"] == "已不在岗"
        assert "部门已撤销" in told.values()
        assert (made.cycle.bureau_weight, made.cycle.small_bureau) == (Decimal("0.3"), 5)
        assert not Scorecard.objects.filter(cycle=made.cycle, person=at.people["staff"]).exists()

    def test_what_serves_what_goes_along(self, at):
        bureau, person = (build.line(at.cards[key], "new-projects") for key in ("bureau", "staff"))
        Line.objects.filter(pk=person.pk).update(serves=bureau)
        served_unit = build.line(at.cards["bureau"], "party")
        Line.objects.filter(pk=served_unit.pk).update(serves=build.line(at.cards["unit"], "party"))
        at.cards["unit"].lines.all()
        made = opened(at)
        copy = build.line(new_card(at, "staff"), "new-projects")
        assert copy.serves == build.line(new_card(at, "bureau"), "new-projects")
        # The unit's card is of the same year here only when the city's year is there: it is not.
        assert made.unserved == 1

    def test_once(self, at):
        opened(at)
        with pytest.raises(ValidationError) as error:
            opened(at)
        assert error.value.error_dict["year"][0].code == "exists"
        assert Cycle.objects.filter(holder=at.zone.unit, year=YEAR + 1).count() == 1

    def test_only_what_the_preview_showed(self, at):
        leave(at, "staff")
        with pytest.raises(years.OtherOutcome):
            opened(at, outcome="0123456789abcdef")

    def test_every_card_leaves_its_entry(self, at):
        made = opened(at)
        assert AuditEntry.objects.filter(noun="kpi.scorecard", verb="add").count() == len(made.cards)
        entry = AuditEntry.objects.get(verb="open_year")
        assert (entry.after["copied_from"], entry.after["cards"]) == (YEAR, len(made.cards))

    @given(st.lists(st.integers(1, 4000), min_size=1, max_size=8), st.integers(-99, 1000))
    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_copying_conserves_weights(self, at, parts, percent):
        whole = [*parts, 10_000 - sum(parts)] if sum(parts) < 10_000 else [10_000]
        with transaction.atomic():
            card = at.cards["bureau"]
            card.lines.all().delete()
            Line.objects.bulk_create(
                Line(
                    scorecard=card, indicator=build.indicator(f"h{n}"), sequence=n, weight=Decimal(part).scaleb(-2),
                    target=1, actual=part, points=0,
                )
                for n, part in enumerate(whole)
            )  # fmt: skip
            opened(at, raise_percent=Decimal(percent))
            weights = new_card(at, "bureau").lines.order_by("sequence").values_list("weight", flat=True)
            assert list(weights) == [Decimal(part).scaleb(-2) for part in whole]
            assert sum(weights) == 100
            transaction.set_rollback(True)

    @given(
        st.one_of(st.none(), st.decimals(-(10**6), 10**6, places=4)),
        st.one_of(st.none(), st.decimals(-99, 1000, places=2)),
    )
    def test_a_raised_target_is_positive_or_empty(self, actual, percent):
        target = years.raised(actual, percent)
        assert target is None or target > 0


class TestFilling:
    def template(self, at, subject: str = "person"):
        items = [templates.Item(build.indicator("filled"), Decimal(70), "工作"),
                 templates.Item(build.indicator("rated", "rating"), Decimal(30), "作风")]  # fmt: skip
        return templates.create_template(
            holder=at.zone.unit, code=subject, name="模板", subject=subject, items=items, by=by(at)
        )

    def test_for_everybody_without_a_card_and_never_twice(self, at):
        cycle = years.start_year(holder=at.zone.unit, year=YEAR + 1, by=by(at))
        template = self.template(at)
        made = years.fill_cards(cycle=cycle, template=template, by=by(at))
        assert {name for _kind, name, _n in made.cards} == {"王局长", "赵局长", "张三", "钱四"}
        card = cycle.scorecards.get(person=at.people["staff"])
        assert (card.bureau, card.template) == (at.zone.invest, template)
        assert [(line.group, line.weight) for line in card.lines.all()] == [("工作", 70), ("作风", 30)]
        assert years.fill_cards(cycle=cycle, template=template, by=by(at)).cards == []

    def test_only_heads_or_only_the_rest(self, at):
        cycle = years.start_year(holder=at.zone.unit, year=YEAR + 1, by=by(at))
        template = self.template(at)
        heads = {each.name for each in years.candidates(cycle, template, who="heads")}
        staff = {each.name for each in years.candidates(cycle, template, who="staff")}
        assert (heads, staff) == ({"王局长", "赵局长"}, {"张三", "钱四"})

    def test_for_bureaus_and_for_parks(self, at):
        cycle = years.start_year(holder=at.zone.unit, year=YEAR + 1, by=by(at))
        made = years.fill_cards(cycle=cycle, template=self.template(at, "bureau"), by=by(at))
        assert len(made.cards) == made.count("bureau") >= 2
        city = years.start_year(holder=at.zone.city, year=YEAR + 1, by=by(at, "evaluator"))
        items = [templates.Item(build.indicator("filled"), Decimal(100))]
        parks = templates.create_template(
            holder=at.zone.city, code="parks", name="园区", subject="park", items=items, by=by(at, "evaluator")
        )
        years.fill_cards(cycle=city, template=parks, by=by(at, "evaluator"))
        assert {card.unit.code for card in city.scorecards.select_related("unit")} == {"YZ-P"}

    def test_refused_with_anothers_template_and_in_a_published_year(self, at):
        cycle = years.start_year(holder=at.zone.city, year=YEAR + 1, by=by(at, "evaluator"))
        with pytest.raises(ValidationError):
            years.fill_cards(cycle=cycle, template=self.template(at), by=by(at))
        Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on=dt.date(2027, 1, 1))
        with pytest.raises(ValidationError) as error:
            years.fill_cards(cycle=at.cycle, template=self.template(at, "bureau"), by=by(at))
        assert error.value.code == "KPI-CLOSED"


class TestRules:
    def score(self, at, key: str) -> None:
        for code, value in build.FULL.items():
            line = build.line(at.cards[key], code)
            Line.objects.filter(pk=line.pk).update(actual=value, points=0)

    def test_a_bureaus_weight_weighs_anew(self, at):
        for key in ("bureau", "staff"):
            self.score(at, key)
        reckon_all([at.cards["bureau"].pk, at.cards["staff"].pk])
        Line.objects.filter(scorecard=at.cards["staff"], indicator__code="party").update(actual=0)
        reckon_all([at.cards["staff"].pk])
        years.change_year(cycle=at.cycle, bureau_weight=Decimal("0.5"), by=by(at), seen=years.stamp(at.cycle))
        result = at.cards["staff"].result
        result.refresh_from_db()
        assert (result.own_score, result.bureau_score, result.score) == (84, 93, Decimal("88.5"))

    def test_out_of_range_stale_and_published(self, at):
        with pytest.raises(ValidationError):
            years.change_year(cycle=at.cycle, bureau_weight=Decimal("1.5"), by=by(at))
        with pytest.raises(ValidationError) as error:
            years.change_year(cycle=at.cycle, small_bureau=3, by=by(at), seen="x")
        assert error.value.code == "stale"
        Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on=dt.date(2027, 1, 1))
        with pytest.raises(ValidationError) as error:
            years.change_year(cycle=at.cycle, small_bureau=3, by=by(at))
        assert error.value.code == "KPI-CLOSED"


@pytest.fixture
def client_of(at):
    def client_of(who: str) -> Client:
        client = Client()
        client.force_login(at.users[who])
        return client

    return client_of


class TestPages:
    def test_looked_at_then_opened_once(self, at, client_of):
        client, address = client_of("hr"), reverse("year_open")
        told = {"holder": "YZ", "year": str(YEAR + 1), "raise_percent": "５"}
        page = client.post(address, told)
        made = page.context["made"]
        assert len(made.cards) == 7
        assert not Cycle.objects.filter(year=YEAR + 1).exists(), "a preview writes nothing"
        assert not AuditEntry.objects.filter(verb="open_year").exists()
        moved = client.post(address, told | {"outcome": "0123456789abcdef"})
        assert "没有建立" in moved.content.decode()
        done = client.post(address, told | {"outcome": made.outcome})
        assert done.status_code == 302
        again = client.post(address, told | {"outcome": made.outcome})
        assert "已经建立" in again.content.decode()
        assert Cycle.objects.filter(year=YEAR + 1).count() == 1
        page = client_of("staff").get(reverse("year", args=[Cycle.objects.get(year=YEAR + 1).pk]))
        assert "由模板生成" not in page.content.decode()

    def test_a_large_one_is_a_job_with_progress(self, at, client_of, monkeypatch):
        monkeypatch.setattr(year_views, "IN_REQUEST", 3)
        monkeypatch.setattr(jobs, "send", lambda pk: None)
        client, told = client_of("hr"), {"holder": "YZ", "year": str(YEAR + 1), "raise_percent": ""}
        outcome = client.post(reverse("year_open"), told).context["made"].outcome
        for _again in range(2):
            answer = client.post(reverse("year_open"), told | {"outcome": outcome})
        job = Job.objects.get()
        assert answer["Location"] == reverse("job", args=[job.pk])
        steps = []
        done = year_views.open_work(job, lambda done, total, note: steps.append((done, total)))
        assert done.result == {"cards": 7}
        assert steps[-1] == (7, 7)

    def test_a_job_needs_the_right_when_it_runs(self, at):
        job = Job(by=at.users["staff"], params={"holder": "YZ", "year": YEAR + 1, "raise_percent": None, "outcome": ""})
        with pytest.raises(jobs.Abandoned):
            year_views.open_work(job, lambda *_told: None)

    def test_filled_from_a_template(self, at, client_of):
        template = TestFilling().template(at)
        Scorecard.objects.filter(person=at.people["colleague"]).delete()
        address = reverse("year_fill", args=[at.cycle.pk])
        told = {"template": template.pk, "within": "", "who": "staff"}
        page = client_of("hr").post(address, told)
        assert [each.name for each in page.context["found"]] == ["钱四"]
        assert not Scorecard.objects.filter(person=at.people["colleague"]).exists()
        moved = client_of("hr").post(address, told | {"outcome": "of another day"})
        assert "情况刚有变动" in moved.content.decode()
        assert not Scorecard.objects.filter(person=at.people["colleague"]).exists()
        shown = told | {"outcome": page.context["outcome"]}
        assert client_of("hr").post(address, shown).status_code == 302
        again = client_of("hr").post(address, shown)
        assert "都已有评分卡" in again.content.decode()

    def test_rules_on_their_page(self, at, client_of):
        address = reverse("year_edit", args=[at.cycle.pk])
        told = {"bureau_weight": "０.３", "bonus_cap": "", "small_bureau": "5", "seen": years.stamp(at.cycle)}
        assert client_of("hr").post(address, told).status_code == 302
        at.cycle.refresh_from_db()
        assert (at.cycle.bureau_weight, at.cycle.small_bureau) == (Decimal("0.3"), 5)
        stale = client_of("hr").post(address, told | {"small_bureau": "6"})
        assert "刚被他人修改" in stale.content.decode()
        bad = client_of("hr").post(address, told | {"bureau_weight": "3", "seen": years.stamp(at.cycle)})
        assert "0 与 1 之间" in bad.content.decode()

    def test_whose_year_it_is(self, at, client_of):
        there = build.small_year(YEAR, code="XX")
        for name in ("year", "year_edit", "year_fill"):
            assert client_of("hr").get(reverse(name, args=[there.cycle.pk])).status_code == 404
            assert client_of("evaluator").get(reverse(name, args=[at.cycle.pk])).status_code == 404
        assert client_of("leader").get(reverse("year_edit", args=[at.cycle.pk])).status_code == 403
        assert client_of("leader").get(reverse("year_open")).status_code == 403
        foreign = client_of("hr").post(reverse("year_open"), {"holder": "XX", "year": str(YEAR + 1)})
        assert foreign.status_code == 200
        assert not Cycle.objects.filter(year=YEAR + 1).exists()

    def test_a_signed_year_is_copied_unsigned(self, at):
        for side, who in (("assessor", "leader"), ("assessed", "head")):
            letters.sign(scorecard=at.cards["bureau"], side=side, by=by(at, who))
        opened(at)
        assert not new_card(at, "bureau").signatures.exists()

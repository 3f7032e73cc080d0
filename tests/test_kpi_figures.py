"""Lines that figures fill, and lines that do not apply: what is taken, what is said, what is never guessed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from common.models import AuditEntry
from kpi.entry import figures, services
from kpi.entry.applying import set_applies
from kpi.explain import why
from kpi.models import Cycle, Indicator, Line, Result, Scorecard, Signature, TargetChange
from tests import kpi_builders as build
from zones.models import Figure, Instrument, Metric

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 1)


@pytest.fixture
def at():
    at = build.small_year()
    at.tax = Metric.objects.create(code="tax", name="税收收入", measure="yuan")
    bind(at, "new-projects", "value", "100000000")
    bind(at, "budget-growth", "growth")
    return at


def bind(at, code, reading, per="1"):
    Indicator.objects.filter(code=code).update(metric=at.tax, reading=reading, per=per)


def figure(at, year, value, vintage=TODAY, scope="全口径", through=12):
    about = {"year": year, "value": value, "vintage": vintage, "scope": scope, "through": through}
    return Figure.objects.create(unit=at.zone.unit, metric=at.tax, source="统计公报", **about)


def refill(at, role="evaluator", card="unit"):
    return figures.refill(cards=[at.cards[card]], by=build.actor(at.users[role]))


def actual(at, code):
    return build.line(at.cards["unit"], code).actual


def test_a_bound_line_fills_itself_in_the_indicators_measure_and_says_from_where(at):
    now = figure(at, 2026, "1950000000")
    figure(at, 2025, "1800000000")
    done = refill(at)
    assert (done.changed, done.unchanged, done.missing) == (2, 0, 0)
    assert actual(at, "new-projects") == Decimal("19.5")
    assert actual(at, "budget-growth") == Decimal("8.3333")
    line = build.line(at.cards["unit"], "new-projects")
    assert (line.figure, line.points) == (now, 39)
    part = why(line).parts[0]
    assert part.source == "统计公报（全口径），2026-11-01 发布"
    assert AuditEntry.objects.filter(verb="score", reason="统计数据更新").count() == 2


def test_a_later_vintage_is_news_and_is_taken_once(at):
    figure(at, 2026, "1950000000")
    refill(at)
    cards = Scorecard.objects.filter(pk=at.cards["unit"].pk)
    assert figures.news(cards, TODAY + dt.timedelta(days=9)) == 0
    figure(at, 2026, "2000000000", TODAY + dt.timedelta(days=5))
    assert figures.news(cards, TODAY + dt.timedelta(days=9)) == 1
    assert figures.news(cards, TODAY) == 0  # nobody knew it then
    assert refill(at).changed == 1
    assert refill(at).changed == 0
    assert actual(at, "new-projects") == 20


def test_what_growth_is_undefined_is_said_and_never_guessed(at):
    figure(at, 2026, "1950000000")
    lines = Line.objects.filter(scorecard=at.cards["unit"], indicator__code="budget-growth")

    def told():
        (reading,) = figures.readings(figures.bound(lines), TODAY).values()
        assert reading.value is None
        return reading.why_none

    assert "没有上年" in told()
    figure(at, 2025, "1800000000", scope="园区口径")
    assert "口径不一致" in told()
    figure(at, 2025, "0")
    assert "零或负数" in told()
    assert refill(at).missing == 1
    assert actual(at, "budget-growth") is None


def test_the_first_months_of_a_year_fill_nothing(at):
    figure(at, 2026, "900000000", through=6)
    assert refill(at).missing == 2


def test_a_loss_is_taken_as_it_is(at):
    bind(at, "budget-growth", "value", "100000000")
    figure(at, 2026, "-300000000")
    Indicator.objects.filter(code="new-projects").update(metric=None, reading="")
    refill(at)
    assert actual(at, "budget-growth") == -3


def test_nobody_types_what_a_figure_fills_and_where_there_is_none_he_may(at):
    by = build.actor(at.users["evaluator"])
    line = build.line(at.cards["unit"], "new-projects")
    assert services.enter_score(line=line, text="18", version=1, by=by).line.actual == 18
    figure(at, 2026, "1950000000")
    with pytest.raises(ValidationError, match="取自统计数据"):
        services.enter_score(line=line, text="19", version=2, by=by)
    refill(at)
    assert actual(at, "new-projects") == Decimal("19.5")


@pytest.mark.parametrize(("role", "may"), [("evaluator", True), ("leader", False), ("head", False), ("hr", False)])
def test_who_may_refill_a_units_card(at, role, may):
    figure(at, 2026, "1950000000")
    if may:
        assert refill(at, role).changed == 1
    else:
        with pytest.raises(ValidationError, match="没有更新"):
            refill(at, role)


def test_the_pages_say_there_is_news_and_fill_on_a_click(at, client):
    figure(at, 2026, "1950000000", dt.date(2026, 1, 5))
    client.force_login(at.users["evaluator"])
    page = client.get(reverse("scorecard", args=[at.cards["unit"].pk])).content.decode()
    assert "有新数据" in page
    assert f'id="line-{build.line(at.cards["unit"], "new-projects").pk}"' not in page
    assert "有 1 项指标的统计数据已更新" in client.get(reverse("scorecards")).content.decode()
    client.post(reverse("scorecards_refill"), {"year": "2026"})
    assert actual(at, "new-projects") == Decimal("19.5")
    assert "有新数据" not in client.get(reverse("scorecard", args=[at.cards["unit"].pk])).content.decode()
    figure(at, 2026, "2100000000", dt.date(2026, 1, 6))
    client.force_login(at.users["finance"])
    told = client.post(reverse("scorecard_refill", args=[at.cards["unit"].pk]), follow=True)
    assert "没有更新这些评分卡的权限" in told.content.decode()
    assert actual(at, "new-projects") == Decimal("19.5")


# --- lines that do not apply --------------------------------------------------------------------------


def exempt(at, code="safety", reason="本年无此项工作", role="hr", card="bureau", version=None, **more):
    line = build.line(at.cards[card], code)
    by = build.actor(at.users[role])
    return set_applies(line=line, not_applicable=reason, version=version or line.version, by=by, **more)


def test_a_line_is_said_not_to_apply_and_to_apply_again(at):
    for code, value in {"new-projects": "20", "budget-growth": "12", "party": "100"}.items():
        line = build.line(at.cards["bureau"], code)
        services.enter_score(line=line, text=value, version=1, by=build.actor(at.users["head"]))
    assert not Result.objects.filter(scorecard=at.cards["bureau"]).exists()
    exempt(at)
    assert Result.objects.get(scorecard=at.cards["bureau"]).score == 100
    assert AuditEntry.objects.get(verb="exempt").reason == "本年无此项工作"
    exempt(at, reason=" ")
    assert Result.objects.get(scorecard=at.cards["bureau"]).score is None


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"role": "head"}, "没有调整"),
        ({"role": "evaluator"}, "没有调整"),
        ({"role": "hr", "card": "unit"}, "没有调整"),
        ({"version": 7}, "已被他人改动"),
    ],
)
def test_who_may_not_say_so_or_comes_late_is_refused(at, more, says):
    with pytest.raises(ValidationError, match=says):
        exempt(at, **more)


def test_what_is_scored_or_the_last_of_a_card_stays(at):
    party = build.line(at.cards["bureau"], "party")
    services.enter_score(line=party, text="90", version=1, by=build.actor(at.users["head"]))
    with pytest.raises(ValidationError, match="已有完成值"):
        exempt(at, "party")
    services.enter_score(line=party, text="", version=2, by=build.actor(at.users["head"]))
    for code in ("safety", "party", "budget-growth"):
        exempt(at, code)
    with pytest.raises(ValidationError, match="至少要有一项"):
        exempt(at, "new-projects")


def test_on_a_signed_card_only_by_an_instrument_and_written_down(at):
    card = at.cards["bureau"]
    for side, role in (("assessor", "leader"), ("assessed", "head")):
        Signature.objects.create(scorecard=card, side=side, user=at.users[role])
    Scorecard.objects.filter(pk=card.pk).update(frozen_at="2026-02-01T00:00:00Z")
    with pytest.raises(ValidationError, match="须注明批文"):
        exempt(at)
    exempt(at, instrument=Instrument.objects.first())
    change = TargetChange.objects.get()
    assert (change.before["not_applicable"], change.after["not_applicable"]) == ("", "本年无此项工作")


def test_a_year_that_is_over_is_left_as_it_is(at):
    Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on="2027-01-20")
    with pytest.raises(ValidationError, match="已公布"):
        exempt(at)


def test_hr_says_so_on_a_page_and_the_head_cannot(at, client):
    line = build.line(at.cards["bureau"], "safety")
    url = reverse("line_applies", args=[line.pk])
    client.force_login(at.users["hr"])
    assert client.get(url).status_code == 200
    assert client.post(url, {"not_applicable": "本年无此项工作", "version": 1}).status_code == 302
    page = client.get(reverse("scorecard", args=[at.cards["bureau"].pk])).content.decode()
    assert "权重已分摊给" in page
    assert "本年无此项工作" in page
    told = client.get(f"/api/v1/scorecards/{at.cards['bureau'].pk}/").json()["lines"]
    assert [each["not_applicable"] for each in told] == ["", "", "本年无此项工作", ""]
    client.force_login(at.users["head"])
    assert client.get(url).status_code == 403
    client.force_login(build.small_year(code="XX").users["hr"])
    assert client.get(url).status_code == 404

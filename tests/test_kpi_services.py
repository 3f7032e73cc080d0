"""Entering scores, grading, closing a year: what happens, what is refused, in whose words."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from common.actors import Actor
from common.models import AuditEntry
from kpi.entry import services
from kpi.entry.services import StaleLine
from kpi.judging import grading
from kpi.models import Indicator, Result, Scorecard
from kpi.promise.indicators import create_indicator
from kpi.rights import scorable
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_year()


def enter(at, card, code, text, role="head", version=None):
    line = build.line(at.cards[card], code)
    return services.enter_score(
        line=line,
        text=text,
        version=line.version if version is None else version,
        by=build.actor(at.users[role]),
    )


def fill(at, card, role="head", values=build.FULL):
    for code, text in values.items():
        done = enter(at, card, code, text, role)
    return done


def told(error) -> str:
    return " ".join(error.value.messages)


# --- entering -----------------------------------------------------------------------------------------


def test_a_score_sets_points_version_who_and_leaves_an_entry(at):
    done = enter(at, "bureau", "new-projects", "19")
    line = build.line(at.cards["bureau"], "new-projects")
    assert (line.actual, line.points, line.version) == (Decimal("19"), Decimal("38"), 2)
    assert (line.entered_by, bool(line.entered_at)) == (at.users["head"], True)
    assert (done.total, done.score) == (Decimal("38.00"), None)
    entry = AuditEntry.objects.get(verb="score")
    assert (entry.user, entry.before["actual"], entry.after["actual"]) == (at.users["head"], None, "19")
    assert "weight" not in entry.after


def test_the_card_gets_its_score_with_the_last_line_and_loses_it_when_one_is_cleared(at):
    done = fill(at, "bureau")
    assert done.score == Result.objects.get(scorecard=at.cards["bureau"]).score == build.FULL_SCORE
    cleared = enter(at, "bureau", "party", " ")
    line = build.line(at.cards["bureau"], "party")
    assert (line.actual, line.points, line.version) == (None, None, 3)
    assert (cleared.score, cleared.total) == (None, Decimal("84.00"))
    assert Result.objects.get(scorecard=at.cards["bureau"]).score is None


def test_the_score_is_the_exact_sum_rounded_once(at):
    thirds = [(f"third-{n}", "completion", weight, "3") for n, weight in enumerate(("33", "33", "34"))]
    card = build.card(at.cycle, "bureau", at.zone.park, at.zone.park_invest, lines=thirds)
    for line in card.lines.all():
        done = services.enter_score(line=line, text="2", version=1, by=Actor.command("test"))
    assert done.score == Decimal("66.67")  # 22 + 22 + 22.666…, not 22.67
    assert card.lines.get(weight=34).points == Decimal("22.6667")


@pytest.mark.parametrize(("text", "points"), [("１９", "38"), ("1 9", None), ("　１９．５　", "39"), ("19,0", None)])
def test_full_width_digits_are_taken_and_broken_groups_are_not(at, text, points):
    if points is None:
        with pytest.raises(ValidationError):
            enter(at, "bureau", "new-projects", text)
    else:
        assert enter(at, "bureau", "new-projects", text).line.points == Decimal(points)


@pytest.mark.parametrize(
    ("code", "text", "says"),
    [
        ("new-projects", "NaN", "不是有效的数值"),
        ("new-projects", "Infinity", "不是有效的数值"),
        ("new-projects", "1e400", "科学计数法"),
        ("new-projects", "-1", "不能为负数"),
        ("new-projects", "95%", "百分号"),
        ("new-projects", "很好", "不是数字"),
        ("new-projects", "9" * 17, "16 位"),
        ("new-projects", "9" * 100, "16 位"),
        ("new-projects", "1.00001", "小数最多 4 位"),
        ("safety", "1.5", "不小于 0 的整数"),
        ("party", "101", "0 与 100 之间"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_changes(at, code, text, says):
    with pytest.raises(ValidationError, match=says):
        enter(at, "bureau", code, text)
    assert build.line(at.cards["bureau"], code).version == 1
    assert not AuditEntry.objects.exists()


def test_growth_may_be_negative(at):
    assert enter(at, "bureau", "budget-growth", "-3.2").line.points == Decimal("11.76")


def test_a_completion_without_target_says_so(at):
    card = build.card(
        at.cycle, "bureau", at.zone.park, at.zone.park_invest, lines=[("bare", "completion", "100", None)]
    )
    with pytest.raises(ValidationError, match="没有目标值"):
        services.enter_score(line=card.lines.get(), text="5", version=1, by=Actor.command("test"))


def test_a_stale_version_is_refused_with_the_other_value(at):
    enter(at, "bureau", "new-projects", "18")
    with pytest.raises(StaleLine) as stale:
        enter(at, "bureau", "new-projects", "12", version=1)
    assert (stale.value.theirs, stale.value.version) == (Decimal("18"), 2)
    assert stale.value.who == str(at.users["head"])
    assert build.line(at.cards["bureau"], "new-projects").actual == 18


def test_the_same_value_again_is_no_conflict_and_no_change(at):
    enter(at, "bureau", "new-projects", "18")
    again = enter(at, "bureau", "new-projects", "18.0", version=1)
    assert (again.line.version, again.total) == (2, Decimal("36.00"))
    assert AuditEntry.objects.filter(verb="score").count() == 1


# --- places -------------------------------------------------------------------------------------------


def test_a_place_compares_what_could_be_got_so_far_within_the_unit(at):
    fill(at, "bureau")  # 93 of 100
    done = services.enter_score(
        line=build.line(at.cards["other_bureau"], "new-projects"),
        text="20",
        version=1,
        by=build.actor(at.users["other_head"]),
    )
    assert (done.standing.rank, done.standing.of, done.standing.rate) == (1, 2, Decimal("100.00"))
    park = build.card(at.cycle, "bureau", at.zone.park, at.zone.park_invest)
    services.enter_score(line=build.line(park, "party"), text="99", version=1, by=Actor.command("test"))
    assert enter(at, "bureau", "party", "91").standing.rank == 2
    assert enter(at, "bureau", "party", "91").standing.of == 2


def test_ties_share_the_better_place(at):
    for person in ("staff", "colleague", "head"):
        done = services.enter_score(
            line=build.line(at.cards[person], "party"),
            text="80" if person != "head" else "70",
            version=1,
            by=Actor.command("test"),
        )
    assert done.standing.rank == 3
    assert services.standings([at.cards["colleague"].pk])[at.cards["colleague"].pk].rank == 1


def test_parks_are_placed_among_parks(at):
    services.enter_score(
        line=build.line(at.cards["unit"], "party"), text="99", version=1, by=build.actor(at.users["evaluator"])
    )
    done = services.enter_score(
        line=build.line(at.cards["park"], "party"), text="50", version=1, by=build.actor(at.users["evaluator"])
    )
    assert (done.standing.rank, done.standing.of) == (1, 1)


# --- who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "cards"),
    [
        ("head", {"bureau", "staff", "colleague"}),
        ("other_head", {"other_bureau"}),
        ("leader", {"head", "other_head"}),
        ("evaluator", {"unit", "park"}),
        ("staff", set()),
        ("hr", set()),
        ("finance", set()),
    ],
)
def test_who_scores_which_cards(at, role, cards):
    mine = scorable(build.access(at.users[role]), Scorecard.objects.all())
    assert {name for name, card in at.cards.items() if card in mine} == cards


def test_a_bureau_without_a_head_is_scored_by_the_leader(at):
    at.people["head"].appointments.all().delete()
    mine = scorable(build.access(at.users["leader"]), Scorecard.objects.all())
    assert at.cards["staff"] in mine


@pytest.mark.parametrize(
    ("card", "role", "says"),
    [
        ("head", "head", "不能为自己评分"),
        ("head", "other_head", "部门负责人由园区领导评分"),
        ("staff", "leader", "工作人员由部门负责人评分"),
        ("leader", "leader", "不能为自己评分"),
        ("unit", "leader", "没有为这张评分卡评分的权限"),
    ],
)
def test_the_service_refuses_whoever_may_not(at, card, role, says):
    with pytest.raises(ValidationError, match=says):
        enter(at, card, "party", "90", role)


def test_an_acting_head_scores_and_stops_when_his_appointment_ends(at):
    seat = at.people["head"].appointments.get()
    assert enter(at, "bureau", "party", "90").line.points == 9
    seat.delete()
    with pytest.raises(ValidationError):
        enter(at, "bureau", "party", "95")


# --- grades -------------------------------------------------------------------------------------------


def test_a_leader_grades_what_another_scored(at):
    fill(at, "staff")
    card = at.cards["staff"]
    result = grading.set_rating(scorecard=card, rating="competent", by=build.actor(at.users["leader"]))
    assert (result.rating, result.score) == ("competent", build.FULL_SCORE)
    entry = AuditEntry.objects.get(verb="rate")
    assert (entry.user, entry.before["rating"], entry.after["rating"]) == (at.users["leader"], "", "competent")


@pytest.mark.parametrize(
    ("card", "role", "rating", "says"),
    [
        ("staff", "head", "excellent", "不能评定"),  # no right to grade, and he scored it
        ("head", "leader", "excellent", "不能评定"),  # the leader scored it himself
        ("leader", "leader", "excellent", "不能评定"),
        ("staff", "leader", "first", "列出的等次"),
    ],
)
def test_nobody_grades_his_own_case(at, card, role, rating, says):
    if card in ("staff", "head"):
        fill(at, card, "leader" if card == "head" else "head")
    with pytest.raises(ValidationError, match=says):
        grading.set_rating(scorecard=at.cards[card], rating=rating, by=build.actor(at.users[role]))


def test_without_a_score_only_undetermined(at):
    by = build.actor(at.users["hr"])
    with pytest.raises(ValidationError, match="评完后"):
        grading.set_rating(scorecard=at.cards["staff"], rating="competent", by=by)
    assert grading.set_rating(scorecard=at.cards["staff"], rating="undetermined", by=by).score is None


# --- the library --------------------------------------------------------------------------------------


def test_an_indicator_keeps_its_numbers_exact_and_is_audited(at):
    row = create_indicator(
        code="n",
        name="新指标",
        kind="quantitative",
        method="completion",
        parameters={"cap": 1.1, "floor": "0.6"},
        by=build.actor(at.users["hr"]),
    )
    assert Indicator.objects.get(pk=row.pk).parameters == {"cap": "1.1", "floor": "0.6"}
    assert AuditEntry.objects.filter(verb="add", noun="kpi.indicator").exists()


@pytest.mark.parametrize("parameters", [{}, {"cap": "1.1"}, {"cap": "0.5", "floor": "0.6"}, {"cap": "x", "floor": "0"}])
def test_an_indicator_its_method_cannot_compute_with_is_refused(at, parameters):
    with pytest.raises(ValidationError) as refused:
        create_indicator(
            code="n",
            name="新指标",
            kind="quantitative",
            method="completion",
            parameters=parameters,
            by=build.actor(at.users["hr"]),
        )
    assert "parameters" in refused.value.message_dict

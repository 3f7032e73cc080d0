"""From actuals to results: weights that are spread, ranks among peers, people weighed with their bureaus."""

import random
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from common.actors import Actor
from common.models import AuditEntry
from kpi.explain import why
from kpi.models import Adjustment, Cycle, Line, Result
from kpi.querysets import standings
from kpi.reckoning import reckon, reckon_all, set_actual
from orgchart.models import Bureau
from tests import kpi_builders as build
from tests.together import at_once

pytestmark = pytest.mark.django_db
SYSTEM = Actor.command("test")
RANKED = (("investment", "ranking", "60", None), ("party", "rating", "40", None))


@pytest.fixture
def at():
    return build.small_year()


def put(card, code, value):
    return set_actual(line=build.line(card, code), value=None if value is None else Decimal(value), by=SYSTEM)


def fill(card, values):
    for code, value in values.items():
        done = put(card, code, value)
    return done


def spare(card, *codes):
    """Lines that do not apply, as they come with a card."""
    card.lines.filter(indicator__code__in=codes).update(not_applicable="本年无此项工作")


def ranked_bureaus(at, *actuals):
    """Two bureaus of the zone whose investment is ranked."""
    at.cards["bureau"].delete()
    at.cards["other_bureau"].delete()
    cards = [
        build.card(at.cycle, "bureau", at.zone.unit, bureau, lines=RANKED)
        for bureau in (at.zone.invest, at.zone.economy)
    ]
    for card, actual in zip(cards, actuals, strict=False):
        put(card, "investment", actual)
    return cards


# --- weights that are spread --------------------------------------------------------------------------


def test_a_weight_that_does_not_apply_goes_to_the_others_and_the_score_is_of_100(at):
    card = at.cards["bureau"]
    spare(card, "safety")  # 20 of 100
    done = fill(card, {"new-projects": "20", "budget-growth": "12", "party": "100"})
    assert done.score == Decimal("100.00")
    assert [line.points for line in done.lines] == [Decimal("50.0000"), Decimal("37.5000"), None, Decimal("12.5000")]
    assert "指标safety" in done.notes[0]
    assert why(build.line(card, "safety")).spread == "权重已分摊给指标new-projects、指标budget-growth、指标party"
    assert why(build.line(card, "party")).spread.endswith("按 12.5 计")


def test_siblings_of_the_same_group_inherit_first(at):
    card = at.cards["bureau"]
    card.lines.filter(indicator__code__in=["safety", "party"]).update(group="保障")
    card.lines.exclude(group="保障").update(group="发展")
    spare(card, "safety")
    done = fill(card, {"new-projects": "20", "budget-growth": "12", "party": "90"})
    assert done.score == Decimal("97.00")  # 40 + 30 + 90 % of 10 + 20
    assert why(build.line(card, "safety")).spread == "权重已分摊给指标party"


def test_a_half_entered_card_is_placed_by_the_weights_that_count(at):
    card = at.cards["bureau"]
    spare(card, "safety", "budget-growth")  # 80 and 20 remain
    fill(card, {"new-projects": "10"})
    put(at.cards["other_bureau"], "new-projects", "15")
    places = standings([card.pk, at.cards["other_bureau"].pk])
    assert places[card.pk].rate == Decimal("0.00")  # half of the target is under the floor
    put(card, "new-projects", "14")
    assert standings([card.pk])[card.pk].rate == Decimal("70.00")


def test_what_does_not_apply_takes_no_actual(at):
    spare(at.cards["bureau"], "safety")
    with pytest.raises(ValidationError) as refused:
        put(at.cards["bureau"], "safety", "0")
    assert refused.value.message_dict == {"value": ["本项不适用，不能填写完成值"]}


# --- ranks --------------------------------------------------------------------------------------------


def test_a_ranking_line_is_scored_among_its_circle_and_the_peers_follow(at):
    first, second = ranked_bureaus(at, "500", "300")
    assert build.line(first, "investment").points == 60
    assert build.line(second, "investment").points == 36  # 60 × 0.6
    before = build.line(first, "investment").version
    put(second, "investment", "900")
    assert build.line(first, "investment").points == 36
    assert build.line(second, "investment").points == 60
    assert build.line(first, "investment").version == before  # his value is still his


def test_a_peers_score_follows_and_the_reason_names_the_rank(at):
    first, second = ranked_bureaus(at, "500", "300")
    for card in (first, second):
        put(card, "party", "100")
    assert Result.objects.get(scorecard=first).score == 100
    put(second, "investment", "500")  # equal: both first
    assert [Result.objects.get(scorecard=card).score for card in (first, second)] == [100, 100]
    put(second, "investment", "501")
    assert Result.objects.get(scorecard=first).score == 76
    reason = why(build.line(first, "investment"))
    assert {"名次": "2", "参加排名数": "2"}.items() <= {part.label: part.value for part in reason.parts}.items()


def test_a_cleared_peer_leaves_the_ranking(at):
    first, second = ranked_bureaus(at, "300", "500")
    put(second, "investment", None)
    assert build.line(first, "investment").points == 60
    assert why(build.line(first, "investment")).note == "只有一个对象，按第一名计"


def test_parks_are_not_ranked_among_zones(at):
    for name in ("unit", "park"):
        at.cards[name].lines.all().delete()
    zone, park = (build.card(build.year(at.zone, 2025), "unit", at.zone.unit, lines=RANKED), None)
    park = build.card(zone.cycle, "unit", at.zone.park, lines=RANKED)
    put(zone, "investment", "900")
    put(park, "investment", "1")
    assert [build.line(card, "investment").points for card in (zone, park)] == [60, 60]


# --- a person and his bureau --------------------------------------------------------------------------


@pytest.fixture
def weighed(at):
    Cycle.objects.filter(pk=at.cycle.pk).update(bureau_weight="0.4")
    return at


def test_a_person_is_weighed_with_his_bureau_and_follows_it(weighed):
    at = weighed
    fill(at.cards["staff"], build.FULL)
    row = Result.objects.get(scorecard=at.cards["staff"])
    assert (row.own_score, row.bureau_score, row.score) == (build.FULL_SCORE, None, None)
    fill(at.cards["bureau"], build.FULL | {"party": "50"})  # 89
    row.refresh_from_db()
    assert (row.bureau_score, row.score) == (Decimal("89.00"), Decimal("91.40"))  # 0.4 × 89 + 0.6 × 93
    put(at.cards["bureau"], "party", None)
    row.refresh_from_db()
    assert (row.own_score, row.bureau_score, row.score) == (build.FULL_SCORE, None, None)
    assert not Result.objects.filter(scorecard=at.cards["colleague"]).exists()


def test_of_another_bureau_nobody_follows(weighed):
    at = weighed
    fill(at.cards["bureau"], build.FULL)
    fill(at.cards["staff"], build.FULL)
    fill(at.cards["other_bureau"], build.FULL | {"party": "0"})
    assert Result.objects.get(scorecard=at.cards["staff"]).score == build.FULL_SCORE


def test_who_has_no_bureau_is_judged_by_his_own_score(weighed):
    assert fill(weighed.cards["leader"], build.FULL).score == build.FULL_SCORE


def test_a_rank_that_moves_a_bureau_moves_its_people(weighed):
    at = weighed
    first, second = ranked_bureaus(at, "500", "300")
    for card in (first, second):
        put(card, "party", "100")
    fill(at.cards["staff"], build.FULL)
    assert Result.objects.get(scorecard=at.cards["staff"]).score == Decimal("95.80")  # 0.4 × 100 + 0.6 × 93
    put(second, "investment", "900")
    assert Result.objects.get(scorecard=at.cards["staff"]).score == Decimal("86.20")  # 0.4 × 76 + 0.6 × 93


def test_a_year_whose_rule_changed_is_reckoned_as_a_whole(at):
    fill(at.cards["bureau"], build.FULL | {"party": "50"})
    fill(at.cards["staff"], build.FULL)
    Cycle.objects.filter(pk=at.cycle.pk).update(bureau_weight="0.5")
    reckon_all(at.cycle.scorecards.values_list("pk", flat=True))
    assert Result.objects.get(scorecard=at.cards["staff"]).score == Decimal("91.00")


# --- adjustments --------------------------------------------------------------------------------------


def adjust(card, kind, points, state="approved"):
    row = Adjustment.objects.create(scorecard=card, kind=kind, points=points, reason="示例")
    Adjustment.objects.filter(pk=row.pk).exclude(state=state).update(state=state)
    return reckon(card).score


def test_approved_adjustments_count_within_the_years_cap_and_never_below_zero(at):
    card = at.cards["bureau"]
    fill(card, build.FULL)
    assert adjust(card, "bonus", 3) == 96
    assert adjust(card, "bonus", 9, "proposed") == 96
    assert adjust(card, "deduction", "1.5") == Decimal("94.50")
    Cycle.objects.filter(pk=at.cycle.pk).update(bonus_cap=2)
    assert reckon(card).score == Decimal("93.50")
    assert adjust(card, "deduction", 500) == 0


# --- writing ------------------------------------------------------------------------------------------


def test_an_actual_written_leaves_who_version_and_an_entry(at):
    by = build.actor(at.users["head"])
    set_actual(line=build.line(at.cards["bureau"], "party"), value=Decimal(90), by=by, note="测评汇总")
    line = build.line(at.cards["bureau"], "party")
    assert (line.version, line.entered_by, line.points) == (2, at.users["head"], 9)
    entry = AuditEntry.objects.get(verb="score")
    assert (entry.user, entry.reason, entry.after["actual"]) == (at.users["head"], "测评汇总", "90")


@pytest.mark.parametrize(("state", "says"), [("published", "已公布"), ("closed", "已关闭")])
def test_a_year_that_is_over_takes_no_actual(at, state, says):
    build.ended(at.cycle, state)
    with pytest.raises(ValidationError, match=says):
        put(at.cards["bureau"], "party", "90")


def test_reckoning_again_writes_nothing(at, django_assert_num_queries):
    fill(at.cards["bureau"], build.FULL)
    decided = Result.objects.get(scorecard=at.cards["bureau"]).decided_at
    with django_assert_num_queries(8):  # savepoint, cards, lock, years, lines, results, adjustments, release
        reckon(at.cards["bureau"])
    assert Result.objects.get(scorecard=at.cards["bureau"]).decided_at == decided


# --- many at once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_heads_of_ranked_bureaus_at_once_neither_deadlock_nor_end_inconsistent():
    at = build.small_year()
    Cycle.objects.filter(pk=at.cycle.pk).update(bureau_weight="0.4")
    bureaus = [Bureau.objects.create(code=f"B{n}") for n in range(6)]
    cards = [build.card(at.cycle, "bureau", at.zone.unit, bureau, lines=RANKED) for bureau in bureaus]
    worth = [
        [(card, code, random.Random(n).randint(1, 100)) for code in ("investment", "party")]
        for n, card in enumerate(cards)
    ]

    def job(mine):
        def enter():
            for card, code, value in mine:
                put(card, code, str(value))

        return enter

    outcome = at_once(*(job(mine) for mine in worth))
    assert outcome == [None] * 6
    settled = {card.pk: Result.objects.get(scorecard=card).score for card in cards}
    with transaction.atomic():
        again = reckon_all(settled)
    assert {pk: again[pk].score for pk in settled} == settled
    points = [build.line(card, "investment").points for card in cards]
    actuals = [build.line(card, "investment").actual for card in cards]
    assert sorted(range(6), key=lambda n: -actuals[n]) == sorted(range(6), key=lambda n: (-points[n], -actuals[n]))
    assert max(points) == 60


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_a_bureau_and_its_people_at_once_end_as_if_one_after_the_other():
    at = build.small_year()
    Cycle.objects.filter(pk=at.cycle.pk).update(bureau_weight="0.4")
    for name in ("bureau", "staff", "colleague"):
        fill(at.cards[name], {code: value for code, value in build.FULL.items() if code != "party"})
    jobs = [lambda name=name: put(at.cards[name], "party", "90") and None for name in ("staff", "bureau", "colleague")]
    assert at_once(*jobs) == [None] * 3
    for name in ("staff", "colleague"):
        row = Result.objects.get(scorecard=at.cards[name])
        assert (row.bureau_score, row.score) == (build.FULL_SCORE, build.FULL_SCORE)


# --- for all values -----------------------------------------------------------------------------------

ACTUALS = st.fixed_dictionaries(
    {
        "new-projects": st.decimals(0, 1000, places=2),
        "budget-growth": st.decimals(-100, 100, places=2),
        "safety": st.integers(0, 60).map(Decimal),
        "party": st.decimals(0, 100, places=2),
    }
)
GROUPS = st.lists(st.sampled_from(["", "发展", "保障"]), min_size=4, max_size=4)
SPARED = st.sets(st.sampled_from(sorted(build.FULL)), max_size=3)


@settings(max_examples=25, deadline=None)
@given(actuals=ACTUALS, groups=GROUPS, spared=SPARED, more=st.decimals("0.01", 50, places=2))
def test_whatever_is_entered_scores_stay_within_bounds_monotone_and_weights_are_conserved(
    django_db_blocker, actuals, groups, spared, more
):
    with transaction.atomic():
        mark = transaction.savepoint()
        card = build.small_year(code=f"H{random.randrange(10**8)}").cards["bureau"]
        for line, group in zip(card.lines.all(), groups, strict=True):
            Line.objects.filter(pk=line.pk).update(group=group)
        spare(card, *spared)
        kept = {code: value for code, value in actuals.items() if code not in spared}
        done = fill(card, kept)
        assert 0 <= done.score <= 110  # completion is rewarded up to 110 %
        assert sum(Decimal(line.weight) for line in done.lines) == 100
        best = fill(
            card,
            dict.fromkeys(kept, None)
            | {c: {"new-projects": "20", "budget-growth": "12", "safety": "0", "party": "100"}[c] for c in kept},
        )
        assert best.score == 100  # whatever was spread, all of it can still be had
        if "new-projects" in kept:
            fill(card, kept)
            up = put(card, "new-projects", kept["new-projects"] + more)
            assert up.score >= done.score
        transaction.savepoint_rollback(mark)

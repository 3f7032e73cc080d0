"""The quota of 优秀: as arithmetic, at its edges, by raw SQL and by many at once (ASM-03, ASM-04)."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.judging import grading, quotas
from kpi.models import Result, Scorecard
from tests import judging_builders as judge
from tests import kpi_builders as build

LISTED = pytest.mark.django_db


def excellent(cards):
    return {card.pk: grading.Grade("excellent") for card in cards}


def unit_quota(at):
    return quotas.quotas(at.cycle, [at.zone.unit.pk])[at.zone.unit.pk]


@LISTED
def test_asm_03_a_fifth_of_those_who_count_cut_down():
    at = judge.many(19)  # and four of the small year: 23
    quota = unit_quota(at)
    assert (quota.heads, quota.base, quota.places) == (23, 23, 4)
    assert quota.arithmetic == "23 × 20% = 4.6，取 4"
    by = build.actor(at.users["hr"])
    grading.set_ratings(cycle=at.cycle, wanted=excellent(at.many[:4]), by=by)
    with pytest.raises(ValidationError, match=r"超过名额：应参加考核 23 人 × 20% = 4\.6，取 4 人") as told:
        grading.set_rating(scorecard=at.many[4], rating="excellent", by=by)
    assert told.value.code == "ASM-03"
    assert unit_quota(at).left == 0


@LISTED
def test_asm_03_raw_sql_is_judged_at_commit():
    at = judge.many(11)
    rows = Result.objects.filter(scorecard__in=[card.pk for card in at.many[:4]])
    with pytest.raises(IntegrityError, match="超过名额"), transaction.atomic():
        rows.update(rating="excellent")
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


@LISTED
def test_asm_03_whoever_is_not_to_be_assessed_makes_the_base_smaller():
    at = judge.many(11)  # 15 in all: 3 places
    by = build.actor(at.users["hr"])
    grading.set_ratings(cycle=at.cycle, wanted=excellent(at.many[:3]), by=by)
    with pytest.raises(ValidationError, match="应参加考核 14 人"):
        grading.set_rating(scorecard=at.many[10], rating="undetermined", reason="new", by=by)


@LISTED
def test_asm_03_leaders_are_a_circle_of_their_own():
    at = judge.many(1)
    assert quotas.quotas(at.cycle, [None])[None].base == 1
    with pytest.raises(ValidationError, match="应参加考核 1 人"):
        grading.set_rating(scorecard=at.cards["leader"], rating="excellent", by=build.actor(at.users["hr"]))


@LISTED
def test_asm_03_a_raise_needs_an_instrument_and_ends_at_the_ceiling():
    at = judge.many(16)  # 20 in all
    by = build.actor(at.users["hr"])
    terms = {"cycle": at.cycle, "unit": at.zone.unit, "instrument": at.zone.instrument, "by": by}
    for ratio in ("0.2", "0.2501"):
        with pytest.raises(ValidationError, match="不超过 25%"):
            quotas.raise_quota(ratio=Decimal(ratio), **terms)
    quotas.raise_quota(ratio=Decimal("0.25"), **terms)
    grading.set_ratings(cycle=at.cycle, wanted=excellent(at.many[:5]), by=by)
    with pytest.raises(ValidationError, match="超过名额"):
        quotas.raise_quota(ratio=Decimal("0.21"), **terms)
    with pytest.raises(IntegrityError, match="最高 25%"), transaction.atomic():
        at.cycle.raises.update(ratio="0.3")


@LISTED
def test_asm_04_where_the_charter_states_it_public_institutions_are_counted_apart(monkeypatch):
    monkeypatch.setattr(build, "LAW", {**build.LAW, ("ASM-04", "base_ratio"): "0.1"})
    monkeypatch.setattr(build.law, "__defaults__", (build.LAW,))
    at = judge.many(11)
    with pytest.raises(ValidationError) as told:
        grading.set_ratings(cycle=at.cycle, wanted=excellent(at.many[:2]), by=build.actor(at.users["hr"]))
    assert told.value.code == "ASM-04"


@LISTED
def test_small_bureaus_are_pooled_and_circles_never_pass_the_unit():
    at = judge.many(11)
    at.cycle.small_bureau = 5
    by_bureau = quotas.bases(at.cycle, [at.zone.unit.pk])[at.zone.unit.pk]
    found = quotas.circles(at.cycle, unit_quota(at), by_bureau)
    assert {(each.bureaus, each.base, each.places, each.pooled) for each in found} == {
        ((at.zone.invest.pk,), 14, 2, False),
        ((at.zone.economy.pk,), 1, 0, True),
    }
    assert sum(each.places for each in found) <= unit_quota(at).places


@LISTED
def test_grading_a_page_is_all_or_none():
    at = judge.many(11)
    wanted = {at.many[0].pk: grading.Grade("competent"), at.many[1].pk: grading.Grade("first")}
    with pytest.raises(ValidationError, match="列出的等次"):
        grading.set_ratings(cycle=at.cycle, wanted=wanted, by=build.actor(at.users["hr"]))
    assert not Result.objects.exclude(rating="").exists()


@LISTED
def test_a_stale_page_is_refused():
    at = judge.many(1)
    by, card = build.actor(at.users["hr"]), at.many[0]
    seen = grading.stamp(Result.objects.get(scorecard=card))
    grading.set_rating(scorecard=card, rating="basic", by=build.actor(at.users["leader"]))
    with pytest.raises(ValidationError) as told:
        grading.set_rating(scorecard=card, rating="competent", seen=seen, by=by)
    assert told.value.code == "stale"


@pytest.fixture(scope="module")
def big(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield judge.many(19)
        transaction.set_rollback(True)


@settings(max_examples=25)
@given(wanted=st.sets(st.integers(0, 18)), away=st.sets(st.integers(0, 18), max_size=6))
def test_asm_03_is_never_exceeded_whatever_is_tried(big, django_db_blocker, wanted, away):
    grades = {card.pk: grading.Grade("undetermined", "new") for n, card in enumerate(big.many) if n in away}
    grades |= {card.pk: grading.Grade("excellent") for n, card in enumerate(big.many) if n in wanted - away}
    with django_db_blocker.unblock(), transaction.atomic():
        try:
            grading.set_ratings(cycle=big.cycle, wanted=grades, by=judge.SYSTEM)
        except ValidationError:
            assert len(wanted - away) > (23 - len(away)) // 5
        else:
            assert len(wanted - away) <= (23 - len(away)) // 5
            quota = unit_quota(big)
            assert quota.excellent <= quota.places
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_two_who_take_the_last_place_at_once_do_not_both_get_it():
    at = judge.many(2)  # 6 in all: one place
    gate, told = threading.Barrier(2), []

    def take(card):
        gate.wait()
        try:
            with transaction.atomic():
                Result.objects.filter(scorecard=card).update(rating="excellent")
            told.append("done")
        except IntegrityError as error:
            told.append(error.__cause__.diag.constraint_name)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[card]) for card in at.many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["ASM-03", "done"]
    assert Scorecard.objects.filter(result__rating="excellent").count() == 1

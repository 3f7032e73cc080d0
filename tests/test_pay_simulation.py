"""Simulation: what stands when nothing is moved, what the reference says when it is, and nothing stored unasked."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.actors import Actor
from common.models import AuditEntry
from pay import services
from pay.formulas import BadParameter
from pay.models import Allocation, Run, Scenario
from pay.sharing import BureauRoster, PersonInput, allocate
from pay.simulation import services as keeping
from pay.simulation.model import changed, simulate
from pay.snapshots import pool_of
from pay.tracing import person_input
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
BY = Actor.command("test")


def computed(zone) -> Run:
    (run,) = services.request_runs(units=[zone], year=2020, by=BY)
    return services.compute(run.pk, by=BY)


@pytest.fixture
def world():
    own = build.small_zone()
    return own | {"run": computed(own["zone"])}


@pytest.fixture
def client(world):
    signed_in = Client()
    signed_in.force_login(build.granted("finance", "finance", world["zone"]))
    return signed_in


def address(**query) -> str:
    return reverse("simulation", args=["TZ", 2020], query=query)


def live(client: Client, **query):
    return client.get(address(**query), headers={"HX-Request": "true"})


def by_reference(run: Run, changes: dict[str, str]) -> dict[tuple[int, int], Decimal]:
    """What each person gets by the reference in exact fractions, under the changes."""
    values = changed(run.inputs, changes)
    factors = values["scheme"]["grade_factors"]
    rows = Allocation.objects.filter(run=run).select_related("share").order_by("share__sequence", "sequence")
    people: dict[int, list[PersonInput]] = {}
    keys: dict[int, list[int]] = {}
    for row in rows:
        if row.reason == "grade":
            row.grade_factor = Decimal(factors[row.rating])
        people.setdefault(row.share.bureau_id, []).append(person_input(row))
        keys.setdefault(row.share.bureau_id, []).append(row.person_id)
    rosters = [
        BureauRoster(str(row["bureau"]), build.score_input(row["score"]["value"]), people.get(row["bureau"], []))
        for row in values["bureaus"]
    ]
    bounds = Decimal(values["scheme"]["bureau_floor"]), Decimal(values["scheme"]["bureau_cap"])
    given = allocate(pool_of(values).amount, rosters, *bounds)
    return {
        (int(each.share.key), person): part.amount
        for each in given
        for person, part in zip(keys[int(each.share.key)], each.people, strict=True)
    }


class TestModel:
    def test_nothing_moved_gives_what_stands_to_the_fen(self, world):
        run = world["run"]
        found = simulate(run, {})
        stored = {(row.share.bureau_id, row.person_id): row.amount for row in run.allocations.select_related("share")}
        assert {(row.bureau, row.person): row.amount for row in found.people} == stored
        assert (found.pool.amount, found.shared) == (run.pool, run.shared)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        alpha=st.decimals("0", "3", places=2),
        excellent=st.decimals("0.5", "2", places=2),
        floor=st.decimals("0", "1", places=2),
        rating=st.sampled_from(["first", "second", "third"]),
    )
    def test_whatever_is_moved_agrees_with_the_reference(self, world, alpha, excellent, floor, rating):
        changes = {
            "rules.0.alpha": str(alpha),
            "grade_factors.excellent": str(excellent),
            "bureau_floor": str(floor),
            "rating": rating,
        }
        found = simulate(world["run"], changes)
        assert {(row.bureau, row.person): row.amount for row in found.people} == by_reference(world["run"], changes)
        assert sum((row.amount for row in found.people), Decimal(0)) == found.shared

    def test_a_floor_above_its_cap_is_refused_by_the_formula(self, world):
        with pytest.raises(BadParameter) as refusal:
            simulate(world["run"], {"rules.0.floor": "2", "rules.0.cap": "1"})
        assert refusal.value.field == "floor"

    def test_the_run_is_left_as_it_was(self, world):
        before = dict(world["run"].inputs)
        simulate(world["run"], {"bureau_cap": "3", "rules.0.alpha": "2"})
        assert world["run"].inputs == before

    def test_the_spread_counts_everybody(self, world):
        found = simulate(world["run"], {})
        assert sum(each.spread.count for each in found.spreads) == len(found.people)


class TestPage:
    def test_it_opens_with_what_stands(self, world, client):
        page = client.get(address()).content.decode()
        assert f"{world['run'].pool:,.2f}" in page
        assert "没有变化" in page

    def test_a_moved_dial_moves_the_picture_and_stores_nothing(self, world, client):
        entries = AuditEntry.objects.count()
        answer = live(client, **{"rules.0.alpha": "0"})
        text = answer.content.decode()
        assert f"{simulate(world['run'], {'rules.0.alpha': '0'}).pool.amount:,.2f}" in text
        assert 'id="outcome"' in text
        assert (Scenario.objects.count(), Run.objects.count(), AuditEntry.objects.count()) == (0, 1, entries)

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ({"rules.0.floor": "2", "rules.0.cap": "1"}, "下限高于上限"),
            ({"rules.0.alpha": "-1"}, "大于或等于"),
            ({"rules.0.alpha": "NaN"}, "输入一个数"),
            ({"rules.0.weight_tax": "0.9"}, "权重之和不为 1"),
            ({"bureau_floor": "3"}, "下限高于上限"),
        ],
    )
    def test_a_bad_dial_is_answered_and_the_picture_stays(self, client, query, words):
        answer = live(client, **query)
        assert answer["HX-Retarget"] == "#simulation-errors"
        assert words in answer.content.decode()
        assert "svg" not in answer.content.decode()
        whole = client.get(address(**query)).content.decode()
        assert words in whole
        assert "chart" in whole

    def test_who_may_not(self, world):
        other = build.small_zone("FZ")
        computed(other["zone"])
        for name, role, of in (("e", "evaluator", world["zone"]), ("f", "finance", other["zone"])):
            visitor = Client()
            visitor.force_login(build.granted(name, role, of))
            assert visitor.get(address()).status_code in (403, 404)
            assert visitor.post(reverse("scenario_save", args=["TZ", 2020]), {"name": "x"}).status_code in (403, 404)

    def test_queries(self, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(24):
            live(client, **{"rules.0.alpha": "1"})


class TestKeeping:
    def save(self, client: Client, name: str, alpha: str):
        return client.post(
            reverse("scenario_save", args=["TZ", 2020]), {"name": name, "rules.0.alpha": alpha}, follow=True
        )

    def test_three_and_no_fourth(self, client):
        for at, name in enumerate(("甲", "乙", "丙")):
            self.save(client, name, f"0.{at + 1}")
        fourth = self.save(client, "丁", "0.9").content.decode()
        assert "最多保存三个测算方案" in fourth
        assert [row.name for row in Scenario.objects.order_by("slot")] == ["甲", "乙", "丙"]
        page = client.get(address()).content.decode()
        assert all(name in page for name in ("甲", "乙", "丙"))

    def test_the_database_keeps_no_fourth(self, world, client):
        self.save(client, "甲", "0.1")
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "insert into pay_scenario (unit_id, year, user_id, slot, name, parameters, outcome, saved_at)"
                " select unit_id, year, user_id, 4, 'x', '{}', '{}', now() from pay_scenario"
            )

    def test_the_same_name_again_replaces(self, client):
        self.save(client, "甲", "0.1")
        self.save(client, "甲", "0.2")
        row = Scenario.objects.get()
        assert row.parameters == {"rules.0.alpha": "0.2"}

    def test_rename_and_delete_are_the_makers_alone(self, world, client):
        self.save(client, "甲", "0.1")
        row = Scenario.objects.get()
        stranger = Client()
        stranger.force_login(build.granted("leader2", "finance", world["zone"]))
        assert stranger.post(reverse("scenario_delete", args=[row.pk])).status_code == 404
        assert "甲" not in stranger.get(address()).content.decode()
        client.post(reverse("scenario_rename", args=[row.pk]), {"name": "=乙"})
        row.refresh_from_db()
        assert row.name == "=乙"
        client.post(reverse("scenario_delete", args=[row.pk]))
        assert not Scenario.objects.exists()

    def test_it_says_when_the_inputs_have_changed(self, world, client):
        self.save(client, "甲", "0.1")
        build.rescore(world["a"], "70")
        computed(world["zone"])
        assert "数据已变" in client.get(address()).content.decode()

    def test_a_name_is_wanted(self, world):
        with pytest.raises(ValidationError) as refusal:
            keeping.save_scenario(
                run=world["run"], name="  ", changes={}, outcome=simulate(world["run"], {}), by=Actor.command("t")
            )
        assert "name" in refusal.value.error_dict

"""After an approval, computing again makes a correction: the new pool whole, and each one's difference to the old."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.actors import Actor
from common.databases import hold_rules
from pay import services
from pay.models import Run
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
BY = Actor.command("test")
D = Decimal


def compute(zone) -> Run:
    (run,) = services.request_runs(units=[zone], year=2020, by=BY)
    return services.compute(run.pk, by=BY)


def approve(run: Run) -> Run:
    users = [build.granted(f"{role}{run.pk}", "finance", run.unit) for role in ("checks", "approves")]
    run.refresh_from_db()
    run.state, run.checked_by, run.checked_at = "checked", users[0], timezone.now()
    run.save()
    run.state, run.approved_by, run.approved_at, run.instrument = (
        "approved",
        users[1],
        timezone.now(),
        build.instrument(),
    )
    with hold_rules():  # judged by the roster of now, not of what a test makes of it
        run.save()
    return run


@pytest.fixture
def world():
    made = build.small_zone()
    return made | {"first": approve(compute(made["zone"]))}


def restate(world, value: str = "1200", day: dt.date = dt.date(2021, 6, 1)) -> Run:
    build.figure(world["zone"], "tax", 2020, value, vintage=day)
    return compute(world["zone"])


def test_nothing_changed_confirms_what_was_approved(world):
    again = compute(world["zone"])
    assert again.pk == world["first"].pk
    assert again.confirmed_at
    assert Run.objects.count() == 1


def test_a_restated_figure_is_corrected_person_by_person(world):
    found = restate(world)
    assert (found.state, found.corrects_id) == (Run.State.COMPUTED, world["first"].pk)
    assert found.difference == found.pool - world["first"].pool == D("40000.00")
    before = {(row.share.bureau_id, row.person_id): row.amount for row in world["first"].allocations.all()}
    for row in found.allocations.all():
        assert row.difference == row.amount - before[row.share.bureau_id, row.person_id]
    assert sum(row.difference for row in found.shares.all()) == found.difference
    assert Run.objects.standing().get(unit=world["zone"]) == world["first"]  # until the correction is approved


def test_a_correction_that_fell_away(world):
    """The score goes back before anybody signed: what was approved is right as it is."""
    result = world["cycle"].scorecards.get(bureau=world["a"]).result
    result.score = D(70)
    result.save()
    drafted = compute(world["zone"])
    assert drafted.corrects_id == world["first"].pk
    assert drafted.difference == 0  # the same pool, shared otherwise
    result.score = D(90)
    result.save()
    assert compute(world["zone"]).pk == world["first"].pk
    drafted.refresh_from_db()
    assert drafted.state == Run.State.SUPERSEDED


def test_a_correction_is_corrected_by_another_one_of_the_latest(world):
    second = approve(restate(world))
    third = restate(world, "1300", dt.date(2021, 8, 1))
    assert third.corrects_id == second.pk
    assert third.difference == third.pool - second.pool == D("40000.00")


def test_an_amount_that_was_corrected_says_so_and_leads_to_the_one_that_stands(world):
    client = Client()
    client.force_login(build.granted("looks", "finance", world["zone"]))
    first = world["first"]
    row, share = first.allocations.first(), first.shares.first()
    places = [reverse("allocation", args=[row.pk]), reverse("share", args=[share.pk])]
    assert not any("已被新的核算取代或更正" in client.get(place).content.decode() for place in places)
    second = approve(restate(world))
    now = [
        reverse("allocation", args=[second.allocations.get(person=row.person_id).pk]),
        reverse("share", args=[second.shares.get(bureau=share.bureau_id).pk]),
    ]
    for place, instead in zip(places, now, strict=True):
        page = client.get(place).content.decode()
        assert "已被新的核算取代或更正" in page
        assert instead in page
        assert "已被新的核算取代或更正" not in client.get(instead).content.decode()


def test_who_is_gone_has_a_row_of_zero_for_his_difference(world):
    gone = world["people"]["p5"]
    gone.appointments.all().delete()
    found = compute(world["zone"])
    (row,) = found.allocations.filter(person=gone)
    (old,) = world["first"].allocations.filter(person=gone)
    assert (row.amount, row.reason, row.months, row.difference) == (D(0), "gone", 0, -old.amount)
    assert found.difference == 0
    assert sum(each.difference for each in found.allocations.all()) == 0


def test_a_bureau_that_is_gone_gives_up_its_share(world):
    for key in ("p3", "p4", "p5"):
        world["people"][key].appointments.filter(post__versions__bureau=world["b"]).delete()
    found = compute(world["zone"])
    share = found.shares.get(bureau=world["b"])
    old = world["first"].shares.get(bureau=world["b"])
    assert (share.amount, share.weight, share.difference) == (D(0), D(0), -old.amount)
    assert {row.reason for row in share.allocations.all()} == {"gone"}
    assert share.trace["parts"][0]["parts"][1]["note"] == "no_weight"

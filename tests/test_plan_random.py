"""Random plans against the database: a trial is right about what would happen, and nothing that stays breaks a rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from common.rules import violations
from orgchart.models import BureauVersion, DutyAssignment, Stage
from orgchart.structure import turning_days
from staffing.models import Appointment, PostVersion
from tests import orgchart_builders as build
from tests import plan_builders as plan

pytestmark = pytest.mark.django_db

NEW = st.sampled_from(["YZ-N1", "YZ-N2"])
BUREAUS = st.sampled_from([f"YZ-B{n}" for n in range(1, 6)] + [f"YZ-P-B{n}" for n in range(1, 4)] + ["YZ-N1", "YZ-N2"])
FUNCTIONS = st.sampled_from(["f-yz-b1", "f-yz-b4", "f-yz-p-b1", "science", "logistics"])
NATURES = st.sampled_from(["core", "support", "social"])
UNITS = st.sampled_from(["YZ", "YZ-P"])
POSTS = st.sampled_from(["H1", "C1", "H2", "H3"])
NAMES = st.sampled_from(["科技局", "服务局", "招商局"])


def of(kind: str, **fields: st.SearchStrategy) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.fixed_dictionaries(fields).map(lambda payload: (kind, {k: v for k, v in payload.items() if v}))


def some(values: st.SearchStrategy) -> st.SearchStrategy[list[str]]:
    return st.lists(values, min_size=1, max_size=2, unique=True)


CHANGES = st.one_of(
    of("set_up", unit=UNITS, name=NAMES, functions=some(FUNCTIONS), nature=NATURES, code=NEW),
    of("merge", sources=some(BUREAUS), into=BUREAUS),
    of("split", bureau=BUREAUS, name=NAMES, functions=some(FUNCTIONS), nature=NATURES, code=NEW, posts=some(POSTS)),
    of("rename", bureau=BUREAUS, name=NAMES),
    of("regrade", bureau=BUREAUS, rank=st.just("副科级")),
    of("redefine", bureau=BUREAUS, functions=some(FUNCTIONS), nature=NATURES),
    of("abolish", bureau=BUREAUS, to=st.one_of(st.just(""), BUREAUS)),
    of("move", bureau=BUREAUS, unit=UNITS),
    of("move_posts", posts=some(POSTS), bureau=BUREAUS),
    of("move_duty", duty=st.just("farming-yz"), area=UNITS, to_bureau=BUREAUS),
    of("set_quota", unit=UNITS, quota=st.just("bureaus"), limit=st.integers(4, 8)),
)
PLANS = st.lists(st.lists(CHANGES, min_size=1, max_size=4), min_size=1, max_size=3)


@pytest.fixture
def at():
    found = plan.zone(room=1)
    for code, nature in (("science", "core"), ("logistics", "support")):
        build.function(code, nature)
    return found


def drafted(at, number: int, planned: list) -> Any:
    """A plan of those changes that can be meant at all."""
    row = plan.draft(at, title=f"方案 {number}", effective_on=plan.STARTS + dt.timedelta(days=30 * number))
    for kind, payload in planned:
        try:
            plan.add(row, kind, payload, by=at.drafter)
        except ValidationError:
            row.refresh_from_db()
    return row


def committed(at, row) -> bool:
    """Take the plan all the way, with the verdict of COMMIT; whether it stands."""
    try:
        with transaction.atomic():
            row = plan.step(plan.step(row, Stage.REVIEWED, at.drafter), Stage.DECIDED, at.decider)
            plan.approve(at, row, number=f"文 {row.pk}")
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
    except ValidationError as error:
        note(f"refused: {error.messages}")
        return False
    return True


def assert_sound(at) -> None:
    """On every day that turns: no rule is broken, whoever sits somewhere sits in a bureau that stands."""
    for day in turning_days(at.zone.pk):
        assert violations(at.zone.pk, day) == [], day
        standing = set(BureauVersion.objects.on(day).values_list("bureau", flat=True))
        posts = {row.post_id: row for row in PostVersion.objects.on(day)}
        assert {row.bureau_id for row in posts.values()} - {None} <= standing
        for held in Appointment.objects.on(day):
            assert held.seat <= posts[held.post_id].headcount
        bearers = DutyAssignment.objects.on(day)
        assert {row.bureau_id for row in bearers} - {None} <= standing
        assert bearers.count() == (2 if day >= build.REFORM else 0)
    assert Appointment.objects.filter(period__endswith__isnull=True).count() == 4


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(PLANS)
def test_no_plan_that_stands_breaks_a_rule_on_any_day_and_its_trial_said_so(at, wanted):
    with transaction.atomic():
        for number, planned in enumerate(wanted):
            row = drafted(at, number, planned)
            trial = plan.check(at, row)
            note(f"{list(row.changes.values_list('kind', 'payload'))}: {trial.obstacle or trial.blocking or 'ok'}")
            event("stands" if trial.ok else "refused")
            assert committed(at, row) == trial.ok
            assert_sound(at)
        transaction.set_rollback(True)

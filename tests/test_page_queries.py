"""What every page and list costs in queries: constant in its rows, and written down where reviews can see it.

``tests/query_baseline.json`` is the baseline. A page that got dearer fails here;
``UPDATE_BASELINE=1 make test TESTS=tests/test_page_queries.py`` writes it anew,
and the change of the file is then part of the review.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from unittest import mock

import pytest

from common.actors import Actor
from common.models import User
from config.benches.scale import enlarge
from config.benches.tour import Reading, stops, visit
from orgchart import plans
from pay import services
from staffing.plans.reorganising import site_of
from zones.models import Unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("yizheng")]
BASELINE = Path(__file__).parent / "query_baseline.json"
PAGE_KB = 200


def readings(zone: Unit) -> dict[str, Reading]:
    clients: dict = {}
    return {stop.name: visit(stop, clients) for stop in stops(zone)}


@pytest.fixture
def zone() -> Unit:
    """Yizheng with its 2020 pools computed."""
    found = Unit.objects.get(code="YZ")
    with mock.patch.object(services, "_send"):
        runs = services.request_runs(units=services.units_of_zone(found, 2020), year=2020, by=Actor.command("test"))
    for run in runs:
        services.compute(run.pk, by=Actor.command("test"))
    _draft(found)
    return found


def _draft(zone: Unit) -> None:
    """A plan to look at. It moves no posts: carrying them costs deeds, each of its own, and not reads."""
    by = Actor(user=User.objects.get(username="hr"), door="page")
    terms = {"title": "机构调整", "reason": "聚焦主责主业", "effective_on": dt.date(2040, 1, 1)}
    plan = plans.draft_plan(zone=zone, by=by, **terms)
    for kind, payload in (
        ("rename", {"bureau": "YZ-INVEST", "name": "投资促进局"}),
        ("regrade", {"bureau": "YZ-HR", "rank": "副科级"}),
    ):
        plan.refresh_from_db()
        given = {"version": plan.version, "kind": kind, "payload": payload, "site": site_of(plan)}
        plans.add_change(plan=plan, by=by, **given)


def test_every_page_opens_and_costs_what_the_baseline_says(zone):
    found = readings(zone)
    assert {name: reading.status for name, reading in found.items() if reading.status != 200} == {}
    assert {name: reading.size for name, reading in found.items() if reading.size > PAGE_KB * 1024} == {}
    queries = {name: reading.queries for name, reading in sorted(found.items())}
    if os.environ.get("UPDATE_BASELINE") == "1":
        BASELINE.write_text(json.dumps(queries, indent=1, ensure_ascii=False) + "\n")
    assert queries == json.loads(BASELINE.read_text())


def test_no_page_costs_more_with_more_people(zone):
    before = readings(zone)
    enlarge(zone, 420)
    after = readings(zone)
    dearer = {name: (before[name].queries, after[name].queries) for name in before}
    assert {name: pair for name, pair in dearer.items() if pair[0] != pair[1]} == {}

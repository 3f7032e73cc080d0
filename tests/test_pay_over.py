"""Edge case "over-establishment": decided by a setting, by the post's seats and by the unit's quota, worked by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection

from common.periods import period
from orgchart.models import Quota
from pay.inputs import gather
from tests import pay_builders as build
from tests.test_pay_edges import JAN, beside, rows, zone
from tests.test_pay_runs import compute

pytestmark = pytest.mark.django_db


def limit(world, most: int, first: dt.date, last: dt.date | None = None, kind: str = "staff") -> None:
    """The zone's establishment; over it as only data from before the rule (ORG-01), or with an exception, can be."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table orgchart_quota disable trigger user")
        facts = {"instrument": build.instrument(), "period": period(first, last)}
        Quota.objects.create(unit=world["zone"], kind=kind, limit=most, **facts)
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table orgchart_quota enable trigger user")
        cursor.execute("set constraints all deferred")


class TestOverEstablishment:
    def test_by_seat(self):
        """Two on A's one head's seat: flagged for the checker, or the one beyond the headcount counts no month."""
        for code, setting, months in (("TZ", "flag", 12), ("TY", "exclude", 0)):
            world = build.small_zone(code, {"over_establishment": setting})
            beside(world, "p2", "a_head", kind="concurrent")
            assert rows(world)["p2", "A"]["months"] == months
        assert any(
            remark["code"] == "over_establishment" and "TY-p2" in remark["message"]
            for remark in gather(world["zone"], 2020).values["remarks"]
        )

    @pytest.mark.parametrize(("setting", "months"), [("flag", 9), ("exclude", 3)])
    def test_by_quota(self, setting, months):
        """Six may be in post; p5 came last, on 10 April, when there were five besides: within. In July the limit goes
        down to five: the months April to June count, or all nine by the setting."""
        world = zone(over_establishment=setting)
        limit(world, 6, JAN, dt.date(2020, 6, 30))
        limit(world, 5, dt.date(2020, 7, 1))
        found = rows(world)
        assert (found["p5", "B"]["months"], found["p5", "B"]["months_cut"]) == (months, 9 - months)
        others = {key: row["months"] + row["months_cut"] for key, row in found.items() if key[0] != "p5"}
        assert all(row["months_cut"] == 0 for key, row in found.items() if key in others)
        # Nobody's pool grows by him: what he is not given, the others share.
        assert any(
            remark["code"] == "over_establishment" and "TZ-p5" in remark["message"]
            for remark in gather(world["zone"], 2020).values["remarks"]
        )

    def test_by_category(self):
        """All are 事业编制: of five places the sixth has none; a limit of another category is not theirs."""
        world = zone(over_establishment="exclude")
        limit(world, 5, JAN, kind="institution")
        limit(world, 0, JAN, kind="administrative")
        assert {key for key, row in rows(world).items() if row["months_cut"]} == {("p5", "B")}

    @pytest.mark.parametrize(("setting", "same"), [("flag", False), ("exclude", True)])
    def test_it_leaves_the_pool_as_it_is(self, setting, same):
        """增人不增: the pool is the same with him and without; left out all year, he gets nothing of it."""
        world = zone(over_establishment=setting)
        limit(world, 5, JAN)
        run = compute(world["zone"])
        assert run.pool == D("1056800.00")
        amount = sum(row.amount for row in run.allocations.filter(person=world["people"]["p5"]))
        assert (amount == 0) is same

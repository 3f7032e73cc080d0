"""``manage.py pay_verify``: the reference computes every stored run again and names what was tampered with."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common.actors import Actor
from pay import services
from pay.models import Run
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
BY = Actor.command("test")


@pytest.fixture
def run() -> Run:
    world = build.small_zone()
    (asked,) = services.request_runs(units=[world["zone"]], year=2020, by=BY)
    return services.compute(asked.pk, by=BY)


def verify(**options) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("pay_verify", stdout=out, stderr=err, **options)
    except CommandError as error:
        return str(error), err.getvalue()
    return out.getvalue(), err.getvalue()


def tamper(statement: str) -> None:
    """As somebody with the database's own rights could: past every trigger."""
    tables = ("pay_run", "pay_bureaushare", "pay_allocation")
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in tables:
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(statement)
        for table in tables:
            cursor.execute(f"alter table {table} enable trigger user")


def test_what_was_stored_agrees(run):
    assert verify() == ("1 次核算全部相符\n", "")
    assert verify(zone="TZ", year=2020) == ("1 次核算全部相符\n", "")
    assert verify(zone="TZ") == ("1 次核算全部相符\n", "")
    assert verify(run=run.pk) == ("1 次核算全部相符\n", "")


def test_nothing_to_verify_is_said(run):
    assert verify(year=2019)[0] == "没有可验证的核算"
    assert "NOWHERE" in verify(zone="NOWHERE")[0]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update pay_run set pool = pool + 0.01", ["pool: 1056800.01 ≠ 1056800.00"]),
        ("update pay_run set lapsed = 1", ["lapsed: 1.00 ≠ 0.00"]),
        ("update pay_run set returned = 1", ["returned: 1.00 ≠ 0"]),
        ("update pay_run set trace = '{}'", ["trace:"]),
        ("update pay_bureaushare set amount = amount + 1 where sequence = 2", ["TZ-B amount:"]),
        ("update pay_bureaushare set score = 99 where sequence = 1", ["TZ-A score: 99.00 ≠ 90.00"]),
        ("update pay_bureaushare set coefficient = 1.1 where sequence = 1", ["TZ-A coefficient: 1.1"]),
        ("update pay_bureaushare set weight = 9", ["TZ-A weight: 9.0", "TZ-B weight: 9.0"]),
        ("update pay_bureaushare set people_points = 1 where sequence = 1", ["TZ-A people_points: 1.0"]),
        ("""update pay_bureaushare set terms = terms || '{"sum_points": "7"}' where sequence = 1""", ["TZ-A trace:"]),
        (
            "update pay_allocation set amount = amount + case share_id % 2 when 0 then 0.01 else -0.01 end"
            " where person_id = (select id from staffing_person where staff_no = 'TZ-p3')",
            ["TZ-p3 amount:", "TZ-p3 amount:"],
        ),
        ("update pay_allocation set months = 1 where sequence = 1", ["TZ-p1 months: 1 ≠ 12", "TZ-p4 months: 1 ≠ 12"]),
        ("update pay_allocation set grade_factor = 2 where rating = 'basic'", ["TZ-p5 grade_factor: 2", "p5 amount"]),
        ("update pay_allocation set points = 1 where rating = 'basic'", ["TZ-p5 points: 1.0"]),
        (
            """update pay_run set inputs = jsonb_set(inputs, '{figures,tax_now,value}', '"1200"')""",
            ["pool: 1056800.00 ≠ 1096800.00"],
        ),
    ],
)  # fmt: skip
def test_whatever_was_tampered_with_is_named_with_both_values(run, statement, named):
    tamper(statement)
    said, found = verify()
    assert said == "1/1 次核算与输入不符"
    assert found.startswith(f"TZ 2020 #{run.pk} ")
    for each in named:
        assert each in found


def test_a_correction_is_held_to_what_it_corrects(run):
    """A person's difference that is not what he gets now less what he got before is named."""
    world = {"zone": run.unit}
    users = [build.granted(name, "finance", run.unit) for name in ("drafts", "checks", "approves")]
    Run.objects.filter(pk=run.pk).update(requested_by=None)
    run.refresh_from_db()
    run.state, run.checked_by, run.checked_at = "checked", users[1], dt.datetime.now(dt.UTC)
    run.save()
    run.state, run.approved_by, run.approved_at = "approved", users[2], dt.datetime.now(dt.UTC)
    run.instrument = build.instrument()
    run.save()
    build.figure(world["zone"], "tax", 2020, "1200", vintage=dt.date(2021, 6, 1))
    (asked,) = services.request_runs(units=[run.unit], year=2020, by=BY)
    correction = services.compute(asked.pk, by=BY)
    assert (correction.corrects_id, correction.difference) == (run.pk, Decimal("40000.00"))
    assert verify()[0] == "2 次核算全部相符\n"
    tamper(f"update pay_allocation set difference = difference + 1 where run_id = {correction.pk} and rating = 'basic'")
    said, found = verify()
    assert said == "1/2 次核算与输入不符"
    assert f"#{correction.pk} TZ-p5 difference:" in found

"""What of a year PostgreSQL itself refuses, and what comes of many who enter at once."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.actors import Actor
from common.models import AuditEntry
from kpi.entry import services
from kpi.entry.services import StaleLine
from kpi.models import Line, Result, Scorecard
from tests import kpi_builders as build
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_year()


# --- what PostgreSQL refuses --------------------------------------------------------------------------


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def committed(text, *values):
    """Run it as its own transaction would: with everything deferred checked at its end."""
    with transaction.atomic():
        sql(text, *values)
        sql("set constraints all immediate")


@pytest.mark.parametrize(
    "change",
    [
        "update kpi_line set weight = weight - 0.1 where id = %s",
        "delete from kpi_line where id = %s",
        'insert into kpi_line (scorecard_id, indicator_id, sequence, weight, version, "group", not_applicable) '
        "select scorecard_id, (select max(id) from kpi_indicator), 9, 0.1, 1, '', '' from kpi_line where id = %s",
    ],
)
def test_weights_that_do_not_sum_to_100_are_refused_at_commit(at, change):
    build.indicator("zz-last")
    line = build.line(at.cards["bureau"], "party")
    with pytest.raises(IntegrityError, match="权重之和须为 100"):
        committed(change, line.pk)


def test_a_line_moved_away_leaves_a_card_that_is_judged_too(at):
    card = build.card(
        at.cycle,
        "bureau",
        at.zone.park,
        at.zone.park_invest,
        lines=[("a", "rating", "60", None), ("b", "rating", "40", None)],
    )
    empty = Scorecard.objects.create(cycle=build.year(at.zone, 2025), kind="unit", unit=at.zone.unit)
    moving = "update kpi_line set scorecard_id = %s where scorecard_id = %s and weight = 60"
    with pytest.raises(IntegrityError, match="权重之和须为 100"):
        committed(moving, empty.pk, card.pk)


@pytest.mark.parametrize(
    "change",
    [
        "update kpi_line set actual = 1, points = 1 where scorecard_id = %(card)s",
        "delete from kpi_line where scorecard_id = %(card)s",
        "insert into kpi_result (scorecard_id, score, rating, decided_at, is_example) "
        "values (%(card)s, 90, '', now(), false)",
        "update kpi_scorecard set kind = 'unit', bureau_id = null where id = %(card)s",
        "insert into kpi_scorecard (cycle_id, kind, unit_id, is_example) "
        "select cycle_id, 'unit', unit_id, false from kpi_scorecard where id = %(card)s",
    ],
)
def test_a_closed_year_refuses_raw_sql(at, change):
    build.closed(at.cycle)
    with pytest.raises(IntegrityError, match="考核年度已关闭"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, {"card": at.cards["bureau"].pk})


def test_an_actual_without_points_is_refused(at):
    with pytest.raises(IntegrityError, match="kpi_line_actual_with_points"), transaction.atomic():
        sql("update kpi_line set actual = 1 where scorecard_id = %s", at.cards["bureau"].pk)


# --- many at once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_eight_people_entering_different_lines_lose_nothing_and_the_score_is_there():
    at = build.small_year()
    lines = [(f"eight-{n}", "completion", "12.5", "10") for n in range(8)]
    card = build.card(at.cycle, "bureau", at.zone.park, at.zone.park_invest, lines=lines)

    def job(line):
        return lambda: services.enter_score(line=line, text="9", version=1, by=Actor.command("test"))

    outcome = at_once(*(job(line) for line in card.lines.all()))
    assert not [got for got in outcome if isinstance(got, Exception)]
    assert card.lines.filter(actual=9, points=Decimal("11.25"), version=2).count() == 8
    assert Result.objects.get(scorecard=card).score == Decimal("90.00")
    assert AuditEntry.objects.filter(verb="score").count() == 8


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_of_two_on_one_line_one_is_told_what_the_other_wrote():
    at = build.small_year()
    line = build.line(at.cards["bureau"], "party")

    def job(text):
        return lambda: services.enter_score(line=line, text=text, version=1, by=Actor.command("test"))

    outcome = at_once(job("80"), job("90"))
    stale = next(got for got in outcome if isinstance(got, StaleLine))
    kept = next(got for got in outcome if not isinstance(got, Exception))
    assert stale.theirs == kept.line.actual == Line.objects.get(pk=line.pk).actual


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_a_score_waits_for_the_closing_of_its_year_and_is_refused():
    at = build.small_year()
    line = build.line(at.cards["bureau"], "party")
    entered = threading.Event()
    outcome = []

    def score():
        entered.wait()
        try:
            services.enter_score(line=line, text="80", version=1, by=Actor.command("test"))
        except ValidationError as error:
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=score)
    thread.start()
    with transaction.atomic():
        build.closed(at.cycle)
        entered.set()
        thread.join(timeout=0.5)
        assert thread.is_alive()  # it saw an open year, and waits at the trigger
    thread.join()
    assert "考核年度已关闭" in outcome[0].messages[0]
    assert Line.objects.get(pk=line.pk).actual is None


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_two_who_fill_one_empty_card_at_once_cannot_make_it_200():
    at = build.small_year()
    card = Scorecard.objects.create(cycle=build.year(at.zone, 2025), kind="unit", unit=at.zone.unit)
    gate = threading.Barrier(2)

    def job(code):
        row = build.indicator(code)

        def fill_it():
            with transaction.atomic():
                Line.objects.create(scorecard=card, indicator=row, sequence=1, weight=100)
                gate.wait()

        return fill_it

    outcome = at_once(job("one"), job("two"))
    assert len([got for got in outcome if isinstance(got, IntegrityError)]) == 1
    assert card.lines.count() == 1

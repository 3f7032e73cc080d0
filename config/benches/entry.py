"""``manage.py bench entry``: a head's sheet of 40 people and 12 indicators.

What the page costs, each cell's save, and a pasted block.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import ceil
from statistics import median
from time import perf_counter, process_time

from django.core.management.base import OutputWrapper
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.models import User
from config.benches import chart
from config.benches.tour import Stop, visit
from kpi.models import Cycle, Indicator, Line, Scorecard
from staffing.models import Appointment

HEAD = "bench-head"
#: Of the posts that the zone is made of, four in five are taken.
SEATS_A_PERSON = Decimal("1.25")


def run(out: OutputWrapper, *, rows: int, columns: int) -> None:
    """Print what the page costs, and what a cell's save costs over every cell; all of it is undone."""
    with transaction.atomic():
        build(rows, columns)
        page = visit(Stop("score_matrix", f"{reverse('score_matrix')}?kind=person", HEAD), {})
        out.write(
            f"page: status {page.status}, {page.queries} queries, {page.size / 1000:.1f} kB, {page.milliseconds:.1f} ms"
        )
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=HEAD))
        mine = list(Line.objects.filter(scorecard__cycle__holder__code=chart.ZONE).order_by("scorecard", "sequence"))
        queries = _queries(lambda: _save(client, mine[:1], "90"))
        started = process_time()
        times = sorted(_save(client, [line], "90") for line in mine[1:])
        of_python = (process_time() - started) * 1000 / len(times)
        out.write(
            f"cell: {len(times)} saves of {queries} queries, {of_python:.1f} ms of Python's own time each;"
            f" median {median(times):.1f} ms, 95th percentile {_late(times):.1f} ms,"
            f" slowest {times[-1]:.1f} ms"
        )
        out.write(f"block: {len(mine)} cells in one request, {_save(client, mine, '95', version=2):.1f} ms")
        transaction.set_rollback(True)


def _late(times: Sequence[float]) -> float:
    return times[ceil(0.95 * len(times)) - 1]


def _queries(deed: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        deed()
    return len(seen)


def _save(client: Client, lines: Sequence[Line], value: str, version: int = 1) -> float:
    """Milliseconds of server time of one request; an answer that refuses a cell is an error of the bench."""
    cells = [{"line": line.pk, "value": value, "version": version} for line in lines]
    body = json.dumps({"cells": cells})
    started = perf_counter()
    answer = client.post(reverse("score_cells"), body, content_type="application/json")
    taken = (perf_counter() - started) * 1000
    refused = [told for told in answer.json()["cells"].values() if not told["ok"]]
    if refused:
        raise RuntimeError(refused[0])
    return taken


def build(rows: int, columns: int) -> None:
    """A zone with one bureau of ``rows`` people and its head, each person's card with ``columns`` indicators."""
    zone = chart.build(1, int((rows + 1) * SEATS_A_PERSON) + 1)
    seats = Appointment.objects.filter(post__versions__unit=zone).select_related("person").order_by("pk")
    head, *people = [seat.person for seat in seats]
    head.user = User.objects.create_user(username=HEAD, password=None)
    head.save(update_fields=["user"])
    bureau = seats[0].post.versions.get().bureau
    cycle = Cycle.objects.create(holder=zone, year=timezone.localdate().year)
    indicators = Indicator.objects.bulk_create(
        Indicator(
            code=f"bench-{n}",
            name=f"量测指标{n}",
            kind="quantitative",
            method="completion",
            measure="%",
            parameters={"cap": "1.1", "floor": "0.6"},
        )
        for n in range(columns)
    )
    cards = Scorecard.objects.bulk_create(
        Scorecard(cycle=cycle, kind="person", unit=zone, bureau=bureau, person=person) for person in people[:rows]
    )
    share = (Decimal(100) / columns).quantize(Decimal("0.01"))
    Line.objects.bulk_create(
        Line(
            scorecard=card,
            indicator=indicator,
            sequence=n,
            weight=share if n < columns - 1 else 100 - share * (columns - 1),
            target=Decimal(100),
        )
        for card in cards
        for n, indicator in enumerate(indicators)
    )
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
        cursor.execute("analyze kpi_scorecard, kpi_line, kpi_result")

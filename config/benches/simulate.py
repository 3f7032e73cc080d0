"""``manage.py bench simulate``: what a moved dial costs, for a unit of a few hundred people."""

from __future__ import annotations

from statistics import median, quantiles
from time import perf_counter

from django.core.management.base import OutputWrapper
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import User
from config.benches.scale import enlarge
from pay.models import Run
from pay.simulation.model import simulate
from zones.models import Unit

YEAR = 2020


def run(out: OutputWrapper, *, zone: str, people: int, repeat: int) -> None:
    """Print the server time of the arithmetic alone and of the whole live answer. The people are rolled back."""
    with transaction.atomic():
        unit = Unit.objects.get(code=zone)
        enlarge(unit, people)
        run = Run.objects.standing().get(unit=unit, year=YEAR)
        with connection.cursor() as cursor:
            cursor.execute("analyze")
        count = run.allocations.values("person").distinct().count()
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username="finance"))
        page = reverse("simulation", args=[zone, YEAR])
        live = {"HX-Request": "true"}
        client.get(page, headers=live)
        out.write(f"{zone} {YEAR}: {count} people, {run.shares.count()} bureaus, {repeat} answers each")
        out.write(f"{'what':<34}{'queries':>9}{'kB':>9}{'median ms':>11}{'95 % ms':>10}")
        sums, answers, size = [], [], 0
        for at in range(repeat):
            changes = {"rules.0.alpha": f"{0.3 + at / repeat:.2f}"}
            begun = perf_counter()
            simulate(run, changes)
            sums.append((perf_counter() - begun) * 1000)
            begun = perf_counter()
            answer = client.get(page, changes, headers=live)
            answers.append((perf_counter() - begun) * 1000)
            size = len(answer.content)
        _row(out, "pool, sharing and spread alone", sums, "", "")
        _row(out, "the live answer with its pictures", answers, str(_queries(client, page, live)), f"{size / 1024:.1f}")
        transaction.set_rollback(True)


def _queries(client: Client, page: str, live: dict[str, str]) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(page, {"rules.0.alpha": "0.77"}, headers=live)
    return len(asked)


def _row(out: OutputWrapper, name: str, times: list[float], queries: str, size: str) -> None:
    out.write(f"{name:<34}{queries:>9}{size:>9}{median(times):>11.1f}{quantiles(times, n=20)[-1]:>10.1f}")

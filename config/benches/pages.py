"""``manage.py bench pages``: queries, bytes and server time of every page, with a zone of two sizes."""

from __future__ import annotations

from statistics import median

from django.core.management.base import OutputWrapper
from django.db import transaction

from config.benches.scale import enlarge
from config.benches.tour import Reading, stops, visit
from zones.models import Unit


def run(out: OutputWrapper, *, zone: str, sizes: list[int], repeat: int) -> None:
    """Print one row a page; the added people are rolled back."""
    readings: dict[str, dict[int, Reading]] = {}
    for size in sizes:
        with transaction.atomic():
            unit = Unit.objects.get(code=zone)
            enlarge(unit, size)
            clients: dict = {}
            for stop in stops(unit):
                visits = [visit(stop, clients) for _ in range(repeat)]
                middle = median(each.milliseconds for each in visits)
                last = visits[-1]
                readings.setdefault(stop.name, {})[size] = Reading(last.status, last.queries, last.size, middle)
            transaction.set_rollback(True)
    out.write(f"{'page':<18}" + "".join(f"{f'{size} people':>36}" for size in sizes))
    out.write(f"{'':<18}" + f"{'status':>8}{'queries':>9}{'kB':>8}{'ms':>11}" * len(sizes))
    for name, by_size in readings.items():
        cells = "".join(
            f"{r.status:>8}{r.queries:>9}{r.size / 1024:>8.1f}{r.milliseconds:>11.1f}" for r in by_size.values()
        )
        out.write(f"{name:<18}{cells}")

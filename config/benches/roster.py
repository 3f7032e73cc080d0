"""``manage.py bench roster``: what the roster's pages cost with thousands of people, opened again and again."""

from __future__ import annotations

from statistics import median, quantiles

from django.core.management.base import OutputWrapper
from django.db import transaction
from django.urls import reverse

from config.benches.scale import enlarge
from config.benches.tour import Stop, visit
from zones.models import Unit

#: The roster as people use it: plain, narrowed, sorted, searched, far down; and what is drawn from all of it.
VIEWS = {
    "roster": ("roster", ""),
    "roster, one unit": ("roster", "unit={unit}"),
    "roster, by term": ("roster", "sort=-term"),
    "roster, ending": ("roster", "ending=365&category=institution"),
    "roster, search": ("roster", "q=量测4"),
    "roster, page 90": ("roster", "page=90"),
    "roster, vacant": ("roster", "state=vacant"),
    "changes of a year": ("roster_changes", "since=2019-12-31&until=2020-12-31"),
    "HR's home": ("hr_home", ""),
    "posts": ("posts", ""),
    "roster XLSX": ("roster_file xlsx", ""),
    "roster PDF": ("roster_file pdf", ""),
}


def run(out: OutputWrapper, *, zone: str, people: int, repeat: int) -> None:
    """Print one row a view: median and 95th percentile of server time, queries, bytes. The people are rolled back."""
    with transaction.atomic():
        unit = Unit.objects.get(code=zone)
        enlarge(unit, people)
        clients: dict = {}
        out.write(f"{'view':<20}{'status':>8}{'queries':>9}{'kB':>9}{'median ms':>11}{'95 % ms':>10}")
        for name, (page, query) in VIEWS.items():
            url, *args = page.split()
            stop = Stop(name, f"{reverse(url, args=args)}?{query.format(unit=zone)}", "hr")
            visits = [visit(stop, clients) for _ in range(3 if args else repeat)]
            times = [each.milliseconds for each in visits]
            late = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
            last = visits[-1]
            cost = f"{last.status:>8}{last.queries:>9}{last.size / 1024:>9.1f}{median(times):>11.1f}{late:>10.1f}"
            out.write(f"{name:<20}{cost}")
        transaction.set_rollback(True)

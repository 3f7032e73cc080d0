"""How far the computing of a year's pools has come, and how long it will still take, counted from the runs' rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django.utils import timezone

from pay.models import Run
from pay.querysets import RunQuerySet


@dataclass(frozen=True)
class Progress:
    """Units of one year that were asked for together: ``queued``, ``running``, ``done``, of these ``failed``.

    ``left`` is how long the rest takes at the pace so far; None while none is done.
    """

    since: dt.datetime
    queued: int
    running: int
    done: int
    failed: int
    left: dt.timedelta | None

    @property
    def total(self) -> int:
        return self.queued + self.running + self.done

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total


def progress(runs: RunQuerySet, year: int) -> Progress | None:
    """Of those among ``runs`` that are at work, with what was done since they were asked for; None when none is.

    Done counts what was computed, failed or confirmed as it stood: an asked-for
    run that found nothing new leaves no row of its own.
    """
    of_year = runs.filter(year=year)
    work = of_year.at_work().aggregate(
        since=Min("requested_at"), queued=Count("pk", Q(state=Run.State.QUEUED)), all=Count("pk")
    )
    if not work["all"]:
        return None
    since = work["since"]
    finished = of_year.filter(Q(finished_at__gte=since) | Q(confirmed_at__gte=since)).exclude(state=Run.State.CANCELLED)
    count = finished.aggregate(
        done=Count("unit", distinct=True), failed=Count("unit", Q(state=Run.State.FAILED), distinct=True)
    )
    done = count["done"]
    left = (timezone.now() - since) * work["all"] / done if done else None
    return Progress(since, work["queued"], work["all"] - work["queued"], done, count["failed"], left)

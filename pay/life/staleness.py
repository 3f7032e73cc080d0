"""Which runs rest on what is no longer so (待更正): a figure restated, a grade settled anew, an appeal decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from kpi.models import Appeal, Result
from pay.models import Run
from zones.models import Figure


def outdated(runs: Sequence[Run]) -> dict[int, list[str]]:
    """For each run that should be computed again, why; computing again tells whether any amount changes.

    The same number of queries for one run and for a hundred.
    """
    keys = [run.pk for run in runs]
    if not keys:
        return {}
    found: dict[int, list[str]] = {}
    for words, rows in ((_("有更新的基础数据"), _figures(keys)), (_("有更新的考核结果"), _results(keys))):
        for key in rows:
            found.setdefault(key, []).append(words)
    for key in _appeals(keys):
        found.setdefault(key, []).append(_("有申诉已作出变更决定"))
    return found


def _known(keys: Sequence[int]):
    """The runs with ``known``: when their inputs were last read."""
    return Run.objects.filter(pk__in=keys).annotate(known=Coalesce("confirmed_at", "started_at", "finished_at"))


def _figures(keys: Sequence[int]) -> set[int]:
    years = Q(year=OuterRef("year")) | Q(year=OuterRef("year") - 1)
    newest = Figure.objects.filter(years, unit=OuterRef("unit")).order_by("-vintage").values("vintage")[:1]
    rows = _known(keys).annotate(newest=Subquery(newest), day=TruncDate("known"))
    found = list(rows.filter(newest__gte=F("day")).values_list("pk", "newest", "day", "inputs__figures"))
    later = {key for key, came, day, _read in found if came > day}
    return later | _restated((key, read) for key, came, day, read in found if came == day)


def _restated(read: Iterable[tuple[int, dict[str, Any] | None]]) -> set[int]:
    """Of runs computed on the day of a new figure, those that had read the figure which it restates.

    A figure bears the day on which it came, not the hour: what a run read tells which of them came later.
    """
    mine: dict[int, set[int]] = {}
    for key, figures in read:
        refs = [str(each.get("ref", "")) for each in (figures or {}).values()]
        mine[key] = {int(ref.partition(":")[2]) for ref in refs if ref.startswith("zones.figure:")}
    if not mine:
        return set()
    same = {name: OuterRef(name) for name in ("unit", "metric", "year", "through", "scope")}
    newer = Figure.objects.filter(**same, vintage__gt=OuterRef("vintage"))
    replaced = set(
        Figure.objects.filter(Exists(newer), pk__in=set().union(*mine.values())).values_list("pk", flat=True)
    )
    return {key for key, figures in mine.items() if figures & replaced}


def _results(keys: Sequence[int]) -> set[int]:
    """Each run is held against its own unit's cards."""
    newest = (
        Result.objects.filter(scorecard__unit=OuterRef("unit"), scorecard__cycle__year=OuterRef("year"))
        .order_by("-decided_at")
        .values("decided_at")[:1]
    )
    rows = _known(keys).annotate(newest=Subquery(newest))
    return set(rows.filter(newest__gt=F("known")).values_list("pk", flat=True))


def _appeals(keys: Sequence[int]) -> set[int]:
    newest = (
        Appeal.objects.filter(
            outcome=Appeal.Outcome.CHANGED,
            result__scorecard__unit=OuterRef("unit"),
            result__scorecard__cycle__year=OuterRef("year"),
        )
        .order_by("-decided_on")
        .values("decided_on")[:1]
    )
    rows = _known(keys).annotate(newest=Subquery(newest), day=TruncDate("known"))
    return set(rows.filter(newest__gt=F("day")).values_list("pk", flat=True))

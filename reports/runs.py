"""The runs on which a report may be drawn."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from common.access import Access
from pay.models import Run


def standing_runs(access: Access) -> QuerySet[Run]:
    """For this visitor, the latest year first, the zone before its parks."""
    runs = access.scope(Run.objects.standing(), "view", "report")
    return runs.select_related("unit", "scheme", "instrument").order_by("-year", "unit__sequence", "unit__code")


def standing_run(access: Access, key: str) -> Run:
    """One of them by its key; raises Http404 when there is none for this visitor."""
    run = standing_runs(access).filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    if run is None:
        raise Http404
    return run

"""REST resources of this room, collected from its packages; config/urls.py puts ``ROUTES`` under /api/v1/."""

from __future__ import annotations

import kpi.city.api
import kpi.entry.api
import kpi.hooks.api
import kpi.judging.api
import kpi.promise.api
import kpi.raters.api

ROUTES: list[tuple[str, type]] = [
    *kpi.promise.api.ROUTES,
    *kpi.entry.api.ROUTES,
    *kpi.raters.api.ROUTES,
    *kpi.hooks.api.ROUTES,
    *kpi.city.api.ROUTES,
    *kpi.judging.api.ROUTES,
]

"""The last days of panels, for the calendars of those who rate in them and of whoever keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from kpi.models import Panel
from kpi.raters.reading import panels_of
from staffing.agenda import Entry


def deadlines(access: Access, first: dt.date, last: dt.date) -> Iterator[Entry]:
    """Panels that end from ``first`` to ``last``: where the user rates, and those that he keeps."""
    asked = set(panels_of(access.user.pk).order_by().values_list("pk", flat=True))
    keeps = access.scope(Panel.objects.all(), "change").values("pk")
    rows = Panel.objects.filter(Q(pk__in=asked) | Q(pk__in=keeps), closed_at__isnull=True)
    for panel in rows.filter(closes_on__range=(first, last), cycle__state="open").order_by("closes_on", "pk"):
        if panel.closes_on is None:  # the range leaves none
            continue
        yield Entry(
            key=f"panel-{panel.pk}",
            day=panel.closes_on,
            title=_("测评截止：%(name)s") % {"name": panel.name},
            path=reverse("rating" if panel.pk in asked else "panel", args=[panel.pk]),
            kind="panel",
            group=_("测评截止"),
        )

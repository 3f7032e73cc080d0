"""KPI责任书: all letters of one kind in one unit, in one file with a table of contents."""

from __future__ import annotations

import datetime as dt

from django.http import Http404

from common.access import Access
from kpi.models import Scorecard
from reports.books import Book
from reports.kpi_letter import book, cards
from zones.models import Unit

KIND = "kpi-letters"
FORMATS = ("pdf", "xlsx")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Book, Unit]:
    """Of a year, a kind and a unit (``12-bureau-YZ``): those of them that the visitor may see."""
    cycle, _first, rest = key.partition("-")
    kind, _second, code = rest.partition("-")
    if not (cycle.isascii() and cycle.isdigit() and len(cycle) < 18) or kind not in Scorecard.Kind.values:
        raise Http404
    found = access.scope(cards(on), "view", f"{kind}_card").filter(cycle=cycle, kind=kind, unit__code=code)
    found = found.bureau_ordered(on).order_by("bureau_order", "bureau", "person__staff_no", "pk")
    letters = [card for card in found if card.lines.all()]
    if not letters:
        raise Http404
    return book(KIND, letters, letters[0].unit, on), letters[0].unit

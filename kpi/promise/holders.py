"""Who holds templates and years: a city (over its zones, parks and towns) or a zone (over its bureaus and people)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from common.access import Access
from zones.models import Unit


def holders(access: Access, action: str, what: str) -> Q:
    """The units for which this user may do ``action`` to their ``what`` (``cycle``, ``template``)."""
    city, zone = (access.units(action, f"{held}_{what}") for held in ("city", "zone"))
    return Q(pk__in=city, kind=Unit.Kind.CITY) | Q(pk__in=zone, kind=Unit.Kind.ZONE)


def holder_choices(access: Access, action: str, what: str, on: dt.date) -> list[tuple[str, str]]:
    """Those units by code, as they are called on the day."""
    units = Unit.objects.filter(holders(access, action, what)).named_on(on)
    return [(unit.code, unit.name) for unit in units]

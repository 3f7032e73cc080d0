"""Roles given by a grant on a unit (see ``ROLE_SOURCES``)."""

import datetime as dt

from common.access import Hold
from common.rights import Role
from zones.models import Grant, Unit


def granted(user, day: dt.date) -> list[Hold]:
    """The grants in force on the day, each reaching its unit's tree of that day."""
    grants = Grant.objects.filter(user=user, period__contains=day).values_list("role", "unit")
    return [Hold(role=Role(role), units=Unit.objects.subtree_ids(unit, day=day)) for role, unit in grants]

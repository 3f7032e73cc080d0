"""Roles that follow from the roster (see ``ROLE_SOURCES``): end the appointment, and the right ends."""

import datetime as dt

from django.db.models import F

from common.access import Hold
from common.rights import Role
from staffing.models import Appointment, Person
from zones.models import Unit


def by_roster(user, day: dt.date) -> list[Hold]:
    """Staff of his zone, and head or leader by the posts he holds on the day."""
    person = Person.objects.filter(user=user).only("pk", "home_unit").first()
    if person is None:
        return []
    posts = list(
        Appointment.objects.on(day)
        .filter(person=person, post__versions__period__contains=day)
        .values_list(
            F("post__versions__tier__kind"),
            F("post__versions__is_head"),
            F("post__versions__unit"),
            F("post__versions__bureau"),
        )
    )
    home = posts[0][2] if posts else person.home_unit_id
    zone_units = Unit.objects.zone_ids(home, day=day)
    holds = [Hold(role=Role.STAFF, zone_units=zone_units, person=person.pk)]
    for tier, is_head, unit, bureau in posts:
        if tier == "leader":
            units = Unit.objects.subtree_ids(unit, day=day)
            holds.append(Hold(role=Role.LEADER, units=units, zone_units=zone_units, person=person.pk))
        elif is_head:
            holds.append(Hold(role=Role.HEAD, zone_units=zone_units, bureau=bureau, person=person.pk))
    return holds

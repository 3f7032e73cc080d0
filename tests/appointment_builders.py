"""What the rules of appointments say: refused by a service, by raw SQL, or only warned of."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from common.periods import ONE_DAY
from common.rules import Rule
from orgchart.models import Charter, CharterParameter
from staffing import services
from staffing.appointing.terms import months_after
from tests import staffing_builders as build

D = dt.date

START = D(2020, 3, 1)

DAY = D(2020, 6, 30)

#: The catalogue's examples, which a charter may state.
STATED = {
    (rule.id, name): parameter.example
    for rule in Rule.registry.values()
    if rule.id[:3] in ("APT", "ASM")
    for name, parameter in rule.parameters.items()
}


def appoint(who, post, by, **more):
    return services.appoint(person=who, post=post, by=by, **{"starts": START, "decided_on": START, **more})


def until(months: int, start: dt.date = START) -> dt.date:
    return months_after(start, months) - ONE_DAY


def refused(act) -> str:
    """The id of the rule by which the service refuses."""
    with pytest.raises(ValidationError) as error:
        act()
    return error.value.error_list[0].code


def refused_raw(sql: str, params: list) -> str:
    """The id of the rule by which PostgreSQL refuses the statement at COMMIT."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")
    return broken_rule(error.value).rule


def warned(rule, zone, day=DAY) -> list[str]:
    return [each.detail for each in rule.violations(zone.unit.pk, day)]


def forget(rule: str) -> None:
    """The charter states nothing for this rule any more."""
    CharterParameter.objects.filter(rule=rule).delete()


def zone_of_every_rule():
    """A zone whose charter states every rule of appointments."""
    made = build.small_zone()
    charter = Charter.objects.get(zone=made.unit)
    CharterParameter.objects.bulk_create(
        CharterParameter(charter=charter, rule=rule, name=name, value=value) for (rule, name), value in STATED.items()
    )
    return made

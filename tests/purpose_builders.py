"""A zone with a second park, and who keeps its positionings, projects and figures or only reads them."""

import pytest
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from tests import orgchart_builders as build
from zones.models import Industry


def zone_and_users():
    at = build.full_zone()
    at.second = build.unit("YZ-Q", "park", "汽车园", at.zone, sequence=4)
    at.users = {
        "hr": build.user("hr", "hr", at.zone),
        "finance": build.user("finance", "finance", at.zone),
        "auditor": build.user("auditor", "auditor", at.zone),
        "stranger": build.user("stranger", "hr", build.unit("ELSE", "city", "别处")),
    }
    at.by = build.actor(at.users["hr"])
    at.steel = Industry.objects.create(code="steel", name="钢铁")
    return at


def refusal(sql: str, *params) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")
    return broken_rule(error.value).rule

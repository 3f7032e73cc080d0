"""A duty that went from the zone to the town, and its handover, for the tests of the ledger."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from unittest import mock

from django.utils import timezone

from orgchart import transfers
from orgchart.models import Duty, DutyAssignment, DutyTransfer
from orgchart.services import move_duty
from orgchart.transfers import Terms
from tests import orgchart_builders as build

MOVED = dt.date(2026, 1, 1)
DEADLINE = dt.date(2026, 6, 30)


def world() -> SimpleNamespace:
    """``orgchart_builders.full_zone`` with a duty that the park's bureau bore until the town took it over."""
    at = build.full_zone()
    at.care = Duty.objects.create(code="care", name="公共服务", kind="social")
    DutyAssignment.objects.create(
        duty=at.care, area=at.park, bureau=at.park_bureaus[4], period=build.SINCE, instrument=at.instrument
    )
    at.users = {
        "zone_hr": build.user("zone-hr", "hr", at.zone),
        "park_hr": build.user("park-hr", "hr", at.park),
        "town_hr": build.user("town-hr", "hr", at.town),
        "office": build.user("office", "establishment", at.city),
        "auditor": build.user("auditor", "auditor", at.zone),
        "stranger": build.user("stranger", "hr", build.unit("ELSE", "city", "别处")),
    }
    at.by = {name: build.actor(user) for name, user in at.users.items()}
    return at


def moved(at: SimpleNamespace, **changes) -> DutyAssignment:
    given = {"duty": at.care, "area": at.park, "to_unit": at.town, "starts": MOVED, "instrument": at.instrument}
    return move_duty(by=at.by["office"], **given | changes)


def terms(at: SimpleNamespace, **changes) -> Terms:
    given = {
        "from_unit": at.park,
        "from_bureau": at.park_bureaus[4],
        "to_unit": at.town,
        "lines": [(at.care, at.park)],
        "instrument": at.instrument,
        "effective_on": MOVED,
        "deadline": DEADLINE,
        "staff_count": 3,
        "funds": Decimal("120000.50"),
        "archive_volumes": 42,
        **changes,
    }
    return Terms(**given)


def drafted(at: SimpleNamespace, **changes) -> DutyTransfer:
    """The change of bearer and its draft."""
    moved(at)
    return transfers.draft_transfer(terms=terms(at, **changes), by=at.by["park_hr"])


def started(at: SimpleNamespace, **changes) -> DutyTransfer:
    return transfers.start_transfer(transfer=drafted(at, **changes), by=at.by["park_hr"])


def sign(at: SimpleNamespace, row: DutyTransfer, side: str, who: str):
    row.refresh_from_db()
    return transfers.sign_transfer(transfer=row, side=side, capacity="负责人", version=row.version, by=at.by[who])


def signed(at: SimpleNamespace, **changes) -> DutyTransfer:
    row = started(at, **changes)
    sign(at, row, "giver", "park_hr")
    sign(at, row, "taker", "town_hr")
    return row


def on(row: DutyTransfer, day: dt.date) -> DutyTransfer:
    """The handover as it stood on a day."""
    return DutyTransfer.objects.on(day).get(pk=row.pk)


def today(day: dt.date):
    """Within it, the services take this day for today's."""
    return mock.patch.object(timezone, "localdate", return_value=day)

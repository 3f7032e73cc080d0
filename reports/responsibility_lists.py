"""责任清单: what zone, parks and towns each answer for, side by side, on a day."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from common.access import Access
from orgchart import ledger
from reports.tables import Column, Report
from zones.models import Unit, UnitVersion

KIND = "responsibility-lists"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of the zone with that code."""
    zone = access.get(Unit.objects.filter(kind=Unit.Kind.ZONE), "view", "duty", code=key)
    if not access.can_in(zone.pk, "export", "duty"):
        raise PermissionDenied
    return build(zone, on, access), zone


def build(zone: Unit, on: dt.date, access: Access) -> Report:
    """One row a duty, one column a unit; a cell names the bureau, and the area where it is not the unit's own."""
    lists = ledger.responsibility_lists(zone, on, access)
    name = UnitVersion.objects.filter(unit=zone).order_by("period").last()
    named = next((unit for unit in lists.units if unit.unit_id == zone.pk), name)
    keys = [f"unit{unit.unit_id}" for unit in lists.units]
    report = Report(
        kind=KIND,
        title=_("责任清单"),
        subject=named.shown_name if named else zone.code,
        as_of=on,
        columns=[
            Column("kind", _("类别"), width=10),
            Column("duty", _("职责"), width=14),
            *(
                Column(key, f"{unit.shown_short_name}（{unit.unit.get_kind_display()}）", width=24)
                for key, unit in zip(keys, lists.units, strict=True)
            ),
        ],
        grouped=["kind"],
        example=lists.examples,
    )
    for kind, rows in lists.groups:
        report.groups[len(report.rows)] = len(rows)
        for duty, cells in rows:
            said = {key: "\n".join(map(_said, items)) for key, items in zip(keys, cells, strict=True)}
            report.rows.append({"kind": kind, "duty": duty.shown_name, **said})
    report.totals = {key: _("%(n)s 项") % {"n": n} for key, n in zip(keys, lists.totals, strict=True)}
    report.notes = [_("每格为该单位承担的职责：承担机构，括号内为区域；本单位区域不另注明。")]
    return report


def _said(item: ledger.Item) -> str:
    bearer = item.bureau.name if item.bureau else _("本单位")
    return bearer if item.own else f"{bearer}（{item.area.name}）"

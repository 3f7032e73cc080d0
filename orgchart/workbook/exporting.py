"""Writing a structure out, as of a day, in the sheets in which it is read: it comes back without a change."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.books import add_notes, add_table, new_book
from orgchart.workbook.sheet import Sheet
from orgchart.workbook.sheets import SHEETS
from zones.models import Instrument, Unit, UnitVersion

WIDTHS = {"名称": 24, "标题": 36, "职能": 28, "英文名称": 24, "说明": 30, "出处": 24, "批文": 18, "依据": 18}


def structure_book(zone: Unit, day: dt.date, units: Collection[int]) -> bytes:
    """The structure of a zone (or of a park that stands by itself) and what lies below it, of ``units`` alone."""
    with override("zh-hans"):
        rows = rows_of(zone, day, units)
        out = io.BytesIO()
        book = new_book(out)
        for sheet in SHEETS:
            titles = [column.title for column in sheet.columns.values()]
            lines = [_cells(sheet, row) for row in rows[sheet.name]]
            add_table(book, sheet.title, titles, lines, widths=WIDTHS, frozen=1)
        notes = [
            ("开发区", zone.code),
            ("截至日期", f"{day:%Y-%m-%d}"),
            ("导出时间", f"{timezone.localtime():%Y-%m-%d %H:%M}"),
            (
                "再次导入",
                "变更一行：在「自」填写新的生效日期，并填写批文；终止一行：填写「至」和终止批文。没有写的行不变。",
            ),
        ]
        add_notes(book, notes)
        book.close()
    return out.getvalue()


def _cells(sheet: Sheet, row: models.Model) -> list[Any]:
    values = sheet.plain(row)
    return [column.cell.render(values[attribute]) for attribute, column in sheet.columns.items()]


def rows_of(zone: Unit, day: dt.date, units: Collection[int]) -> dict[str, list[models.Model]]:
    """The rows of every sheet, in the order of the chart; what they refer to comes with them."""
    by_name = {sheet.name: sheet.rows() for sheet in SHEETS}
    inside = Unit.objects.subtree_ids(zone.pk, day=day) & frozenset(units)
    found: dict[str, list[Any]] = {}
    assigned = by_name["assignments"].filter(period__contains=day, area__in=inside)
    found["assignments"] = list(assigned.order_by("duty__sequence", "duty__code", "area__code"))
    bearers = {row.unit_id for row in found["assignments"] if row.unit_id}
    spoken_of = inside | bearers | _above(zone, day)
    standing = Q(period__contains=day)
    order = ("unit__sequence", "unit__code")
    found["units"] = list(by_name["units"].filter(standing, unit__in=spoken_of).order_by(*order))
    for name in ("charters", "tiers"):
        found[name] = list(by_name[name].filter(standing, zone__in=inside))
    stated = by_name["parameters"].filter(charter__in=[row.pk for row in found["charters"]])
    found["parameters"] = list(stated.order_by("charter", "rule", "name"))
    for name in ("quotas", "exceptions"):
        found[name] = list(by_name[name].filter(standing, unit__in=inside).order_by(*order, "pk"))
    bureaus = by_name["bureaus"].filter(standing, unit__in=inside)
    found["bureaus"] = list(bureaus.order_by(*order, "sequence", "bureau__code"))
    functions = {function.pk for row in found["bureaus"] for function in row.functions.all()}
    found["functions"] = list(by_name["functions"].filter(pk__in=functions))
    found["duties"] = list(by_name["duties"].filter(pk__in={row.duty_id for row in found["assignments"]}))
    found["instruments"] = list(by_name["instruments"].filter(pk__in=_papers(found.values())))
    return found


def _above(zone: Unit, day: dt.date) -> set[int]:
    """Whom the unit reports to, up to the top: so that the file can be read where there is nothing yet."""
    parents = dict(UnitVersion.objects.on(day).values_list("unit", "parent"))
    above: set[int] = set()
    step = parents.get(zone.pk)
    while step and step not in above:
        above.add(step)
        step = parents.get(step)
    return above


def _papers(kinds: Iterable[list[Any]]) -> set[int]:
    keys = set()
    for row in (row for rows in kinds for row in rows):
        for field in row._meta.concrete_fields:
            if field.related_model is Instrument and getattr(row, field.attname):
                keys.add(getattr(row, field.attname))
    return keys


def file_name(zone: Unit, day: dt.date) -> str:
    return _("机构编制") + f"_{zone.code}_{day:%Y-%m-%d}.xlsx"

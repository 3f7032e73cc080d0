"""What a structure workbook may refer to: by code, and where the clerk may act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext as _

from orgchart.models import Bureau, BureauVersion, Duty, DutyAssignment, Function
from zones.models import Instrument, Unit, UnitVersion


class Missing(Exception):
    """A cell refers to something that is not there; ``attribute`` is its column."""

    def __init__(self, attribute: str, reason: str) -> None:
        self.attribute, self.reason = attribute, reason
        super().__init__(reason)


def _superiors(units: Collection[int]) -> set[int]:
    """All whom the units ever reported to, up to the top: whoever works in a unit knows them."""
    above: dict[int, set[int]] = defaultdict(set)
    for unit, parent in UnitVersion.objects.filter(parent__isnull=False).values_list("unit", "parent"):
        above[unit].add(parent)
    found: set[int] = set()
    waiting = list(units)
    while waiting:
        fresh = above[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


class Register:
    """Every code that a file may name, and the units that it may change (``reach``) or refer to (``seen``)."""

    def __init__(self, reach: Collection[int] | None, seen: Collection[int] | None) -> None:
        self.anywhere = reach is None
        self.reach, self.seen = set(reach or ()), set(seen or ()) | set(reach or ())
        self.seen |= _superiors(self.seen)
        # Whoever sees an area sees who bears its duties (a town, for a park).
        bearers = DutyAssignment.objects.filter(area__in=self.seen, unit__isnull=False)
        self.seen |= set(bearers.values_list("unit", flat=True))
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.bureaus = {bureau.code: bureau for bureau in Bureau.objects.all()}
        self.functions = {function.code: function for function in Function.objects.all()}
        self.duties = {duty.code: duty for duty in Duty.objects.all()}
        self.instruments = {one.code: one for one in Instrument.objects.all()}
        self._numbers: dict[str, list[Instrument]] = defaultdict(list)
        for one in self.instruments.values():
            self._numbers[one.number].append(one)
        self._function_names = {function.name: function for function in self.functions.values()}
        self._unit_names: dict[str, set[str]] = defaultdict(set)
        for version in UnitVersion.objects.select_related("unit"):
            self._unit_names[version.short_name].add(version.unit.code)
            self._unit_names[version.name].add(version.unit.code)
        self._units_of: dict[int, set[int]] = defaultdict(set)
        for bureau, unit in BureauVersion.objects.values_list("bureau", "unit"):
            self._units_of[bureau].add(unit)

    def learn(self, row: models.Model) -> None:
        """Take in what the file itself sets up, so that later lines may refer to it."""
        if isinstance(row, Unit):
            self.units[row.code] = row
            self.reach.add(row.pk)
            self.seen.add(row.pk)
        elif isinstance(row, Bureau):
            self.bureaus[row.code] = row
        elif isinstance(row, BureauVersion):
            self._units_of[row.bureau_id].add(row.unit_id)
        elif isinstance(row, Function):
            self.functions[row.code] = self._function_names[row.name] = row
        elif isinstance(row, Duty):
            self.duties[row.code] = row
        elif isinstance(row, Instrument):
            self.instruments[row.code] = row
            self._numbers[row.number].append(row)

    # --- looking up; each raises Missing --------------------------------------------------------------

    def unit(self, attribute: str, text: str, *, acting: bool = False) -> Unit:
        """A unit by code or by its name; ``acting`` where the line would change something of it."""
        named = self._unit_names.get(text, set())
        found = self.units.get(text) or (self.units[next(iter(named))] if len(named) == 1 else None)
        if found is None or not (self.anywhere or found.pk in (self.reach if acting else self.seen)):
            raise Missing(attribute, _("单位不存在，或不在您的管理范围"))
        return found

    def bureau(self, attribute: str, code: str) -> Bureau:
        found = self.bureaus.get(code)
        if found is None or not (self.anywhere or self._units_of[found.pk] & self.seen):
            raise Missing(attribute, _("职能机构不存在，或不在您的管理范围"))
        return found

    def own_bureau(self, attribute: str, code: str) -> Bureau | None:
        """The bureau of that code where the line may change it; None when the code is still free."""
        found = self.bureaus.get(code)
        if found is not None and not self.anywhere and not self._units_of[found.pk] & self.reach:
            raise Missing(attribute, _("代码已被使用，或不在您的管理范围"))
        return found

    def instrument(self, attribute: str, text: str) -> Instrument:
        """A document by its code, or by its number where only one bears it."""
        numbered = self._numbers.get(text, [])
        found = self.instruments.get(text) or (numbered[0] if len(numbered) == 1 else None)
        if found is None:
            raise Missing(attribute, _("没有这份批文，请先在「批文」表中登记"))
        return found

    def function(self, attribute: str, text: str) -> Function:
        found = self.functions.get(text) or self._function_names.get(text)
        if found is None:
            raise Missing(attribute, _("没有职能「%(code)s」，请先在「职能」表中登记") % {"code": text})
        return found

    def duty(self, attribute: str, code: str) -> Duty:
        found = self.duties.get(code)
        if found is None:
            raise Missing(attribute, _("没有职责「%(code)s」，请先在「职责」表中登记") % {"code": code})
        return found

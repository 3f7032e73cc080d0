"""The sheets of a structure workbook, each with its columns and the rows that it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.imports.columns import Cell, Choice, DayCell, WholeCell
from common.sheets import SheetForm
from orgchart.models import (
    Bureau,
    BureauFunction,
    BureauVersion,
    Charter,
    CharterParameter,
    Duty,
    DutyAssignment,
    Function,
    Nature,
    Quota,
    RuleException,
    Tier,
)
from orgchart.workbook.cells import ChoicesCell, CodeCell, ListCell, NumberCell
from orgchart.workbook.register import Missing, Register
from orgchart.workbook.sheet import (
    EXAMPLE,
    FROM_TO,
    NAMES,
    SEQUENCE,
    Column,
    Sheet,
    Values,
    from_catalogue,
    paper_column,
    unit_column,
)
from zones.models import Instrument, Unit, UnitVersion


class Instruments(Sheet):
    name, title, model = "instruments", "批文", Instrument
    columns = {
        "code": Column("编号", CodeCell(60), True),
        "title": Column("标题", Cell(200), True),
        "number": Column("文号", Cell(100)),
        "issuer": Column("发文机关", Cell(100), True),
        "issued_on": Column("发文日期", DayCell(), True, default=None),
        "source": Column("出处", Cell(300)),
        **EXAMPLE,
    }


class Units(Sheet):
    name, title, model, ref = "units", "单位", UnitVersion, "unit"
    related = ("unit", "parent", "instrument")
    identity = ("kind", "sequence")
    acts_on = ("code", "parent")
    columns = {
        "code": Column("单位代码", CodeCell(20), True, path="unit.code"),
        "kind": Column("类别", Choice(Unit.Kind), True, path="unit.kind"),
        **NAMES,
        "short_name": Column("简称", Cell(40), True),
        "short_name_en": Column("英文简称", Cell(80)),
        "parent": unit_column("上级单位", needed=False, path="parent.code"),
        "rank": Column("机构规格", Choice(UnitVersion.Rank, empty="")),
        "dispatched_by": Column("派出机关", Cell(100)),
        "sequence": Column("序号", WholeCell(0, 32767, empty=0), path="unit.sequence", default=0),
        "instrument": paper_column(needed=False),
        **FROM_TO,
        "note": Column("说明", Cell(1000)),
        **EXAMPLE,
    }

    def guard(self, values: Values, register: Register) -> None:
        if values["code"] in register.units:
            register.unit("code", values["code"])

    def make(self, values: Values, found: Mapping[str, Any], register: Register) -> list[models.Model]:
        unit = register.units.get(values["code"])
        if unit is None:
            unit = Unit(code=values["code"], kind=values["kind"], sequence=values["sequence"])
            self._insert(unit)
            register.learn(unit)
        version = UnitVersion(unit=unit, **self.fields(values, found))
        self._insert(version)
        return [version]

    def fields(self, values: Values, found: Mapping[str, Any]) -> Values:
        own = super().fields(values, found)
        return {name: value for name, value in own.items() if name not in ("code", *self.identity)}


class Charters(Sheet):
    name, title, model = "charters", "规定", Charter
    subject, related, acts_on = ("zone",), ("zone", "instrument"), ("zone",)
    columns = {
        "zone": unit_column(path="zone.code"),
        "name": Column("名称", Cell(100), True),
        "limited_kinds": Column("实行限额的种类", ChoicesCell(Quota.Kind), default=()),
        "instrument": paper_column(),
        **FROM_TO,
        **EXAMPLE,
    }

    def plain(self, row: Any) -> Values:
        return super().plain(row) | {"limited_kinds": tuple(sorted(row.limited_kinds))}

    def fields(self, values: Values, found: Mapping[str, Any]) -> Values:
        return super().fields(values, found) | {"limited_kinds": list(values["limited_kinds"])}


class Parameters(Sheet):
    """What a charter states comes with it, in the same file: it has no days of its own."""

    name, title, model = "parameters", "规定参数", CharterParameter
    subject, acts_on = ("zone", "since", "rule", "parameter"), ("zone",)
    related = ("charter__zone",)
    columns = {
        "zone": unit_column(path="charter.zone.code"),
        "since": Column("规定自", DayCell(), True, path="charter.starts", default=None),
        "rule": Column("规则", Cell(20), True),
        "parameter": Column("参数", Cell(40), True, path="name"),
        "value": Column("数值", NumberCell(), True),
    }

    def plain(self, row: Any) -> Values:
        return super().plain(row) | {"value": row.value.normalize()}

    def check(self, values: Values, found: Mapping[str, Any], register: Register) -> None:
        from_catalogue(values["rule"], "rule", values["parameter"], "parameter", "parameters")

    def make(self, values: Values, found: Mapping[str, Any], register: Register) -> list[models.Model]:
        charter = Charter.objects.filter(zone=found["zone"], period__startswith=values["since"]).first()
        if charter is None:
            raise Missing("since", _("该单位没有自这一天起的规定"))
        row = CharterParameter(charter=charter, rule=values["rule"], name=values["parameter"], value=values["value"])
        self._insert(row)
        return [row]


class Tiers(Sheet):
    name, title, model = "tiers", "层级", Tier
    subject, related, acts_on = ("zone", "number"), ("zone",), ("zone",)
    columns = {
        "zone": unit_column(path="zone.code"),
        "number": Column("层级", WholeCell(1, 99), True),
        **NAMES,
        "kind": Column("性质", Choice(Tier.Kind), True),
        **FROM_TO,
        **EXAMPLE,
    }


class Quotas(Sheet):
    name, title, model = "quotas", "限额", Quota
    subject, related, acts_on = ("unit", "kind"), ("unit", "instrument"), ("unit",)
    columns = {
        "unit": unit_column(),
        "kind": Column("限额种类", Choice(Quota.Kind), True),
        "limit": Column("限额", WholeCell(0, 1_000_000), True),
        "instrument": paper_column(),
        **FROM_TO,
        **EXAMPLE,
    }


class Exceptions(Sheet):
    name, title, model = "exceptions", "例外", RuleException
    subject, related = ("unit", "rule", "measure"), ("zone", "unit", "instrument")
    acts_on = ("zone", "unit")
    columns = {
        "zone": unit_column("开发区", path="zone.code"),
        "unit": unit_column(),
        "rule": Column("规则", Cell(20), True),
        "measure": Column("事项", Cell(40), True),
        "allowed": Column("容许超出", WholeCell(1, 1_000_000), True),
        "instrument": paper_column(),
        **FROM_TO,
        "note": Column("说明", Cell(200)),
        **EXAMPLE,
    }

    def check(self, values: Values, found: Mapping[str, Any], register: Register) -> None:
        from_catalogue(values["rule"], "rule", values["measure"], "measure", "finders")


class Functions(Sheet):
    name, title, model = "functions", "职能", Function
    columns = {
        "code": Column("职能代码", CodeCell(40), True),
        **NAMES,
        "nature": Column("性质", Choice(Nature), True),
        **SEQUENCE,
        **EXAMPLE,
    }


class Bureaus(Sheet):
    name, title, model, ref = "bureaus", "职能机构", BureauVersion, "bureau"
    related = ("bureau", "unit", "parent", "instrument", "closed_by")
    acts_on = ("unit",)
    columns = {
        "code": Column("机构代码", CodeCell(30), True, path="bureau.code"),
        **NAMES,
        "unit": unit_column(),
        "parent": Column("上级机构", CodeCell(30), refers="bureau", path="parent.code"),
        "nature": Column("性质", Choice(Nature), True),
        "rank": Column("机构规格", Cell(40)),
        "functions": Column("职能", ListCell(500), True, "function", default=()),
        **SEQUENCE,
        "instrument": paper_column(),
        **FROM_TO,
        "closed_by": paper_column("终止批文", needed=False, path="closed_by.code"),
        **EXAMPLE,
    }

    def rows(self) -> QuerySet:
        return super().rows().prefetch_related("functions")

    def _value(self, row: Any, attribute: str, column: Column) -> Any:
        if attribute == "functions":
            return tuple(sorted(function.code for function in row.functions.all()))
        return super()._value(row, attribute, column)

    def guard(self, values: Values, register: Register) -> None:
        if values["code"] in register.bureaus:
            register.bureau("code", values["code"])

    def check(self, values: Values, found: Mapping[str, Any], register: Register) -> None:
        register.own_bureau("code", values["code"])
        if values["nature"] not in {function.nature for function in found["functions"]}:
            raise Missing("nature", _("机构性质须与其某一项职能的性质一致"))

    def make(self, values: Values, found: Mapping[str, Any], register: Register) -> list[models.Model]:
        bureau = register.own_bureau("code", values["code"])
        if bureau is None:
            bureau = Bureau(code=values["code"])
            self._insert(bureau)
            register.learn(bureau)
        version = BureauVersion(bureau=bureau, **self.fields(values, found))
        self._insert(version)
        register.learn(version)
        BureauFunction.objects.bulk_create(BureauFunction(version=version, function=one) for one in found["functions"])
        return [version]

    def fields(self, values: Values, found: Mapping[str, Any]) -> Values:
        own = super().fields(values, found)
        return {name: value for name, value in own.items() if name not in ("code", "functions")}


class Duties(Sheet):
    name, title, model = "duties", "职责", Duty
    columns = {
        "code": Column("职责代码", CodeCell(40), True),
        **NAMES,
        "kind": Column("类别", Choice(Duty.Kind), True),
        **SEQUENCE,
        **EXAMPLE,
    }


class Assignments(Sheet):
    name, title, model, ref = "assignments", "职责分工", DutyAssignment, "duty"
    subject, acts_on = ("duty", "area"), ("area",)
    related = ("duty", "area", "bureau", "unit", "instrument", "closed_by")
    columns = {
        "duty": Column("职责代码", CodeCell(40), True, "duty", "duty.code"),
        "area": unit_column("区域", path="area.code"),
        "bureau": Column("承担机构", CodeCell(30), refers="bureau", path="bureau.code"),
        "unit": unit_column("承担单位", needed=False),
        "instrument": paper_column("依据"),
        **FROM_TO,
        "closed_by": paper_column("终止依据", needed=False, path="closed_by.code"),
        "note": Column("说明", Cell(200)),
        **EXAMPLE,
    }

    def check(self, values: Values, found: Mapping[str, Any], register: Register) -> None:
        if bool(values["bureau"]) == bool(values["unit"]):
            raise Missing("bureau", _("职责须且只能由一个机构或一个单位承担"))


#: In the order in which they lean on each other.
SHEETS: Sequence[Sheet] = (
    Instruments(),
    Units(),
    Charters(),
    Parameters(),
    Tiers(),
    Quotas(),
    Exceptions(),
    Functions(),
    Bureaus(),
    Duties(),
    Assignments(),
)
FORMS: Sequence[SheetForm] = tuple(sheet.form for sheet in SHEETS)

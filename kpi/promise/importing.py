"""Imports of the library and of templates: declared columns, each line through the services (``common/imports``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.imports.deeds import Told
from common.imports.report import BAD, CHANGED, NEW, UNCHANGED, Change, Line, Report
from common.sheets import Fault, SheetForm, Table
from kpi import points
from kpi.models import Indicator, Template
from kpi.promise import columns, indicators, templates
from kpi.promise.numbers import shown
from zones.models import Metric, Unit

#: A service's refusal of a field, at the column that says it.
COLUMN_OF = {name: column for column, name in columns.FIELDS.items()} | {"code": "指标代码"}


@dataclass
class IndicatorImporter:
    """Lines of the library: one that is there is revised, a new code is added."""

    by: Actor
    source: str = ""
    metrics: dict[str, Metric] = field(default_factory=dict)

    verb = "import_indicators"
    forms: Sequence[SheetForm] = (columns.INDICATORS,)

    def carry(self, tables: dict[str, Table], told: Told) -> Report:
        table = tables[columns.INDICATORS.name]
        report = Report(faults=columns.missing_columns(table, ("指标代码", "指标名称", "指标性质", "计分方法")))
        if report.faults:
            return report
        self.metrics = {metric.code: metric for metric in Metric.objects.all()}
        there = {row.code: row for row in Indicator.objects.select_related("metric")}
        seen: dict[str, int] = {}
        for index in range(len(table.rows)):
            told(index, len(table.rows), _("核对指标"))
            report.take(self._line(table, index, there, seen))
        counts = report.counts
        report.written = {"added": counts[NEW], "revised": counts[CHANGED]}
        return report

    def _line(self, table: Table, index: int, there: dict[str, Indicator], seen: dict[str, int]) -> Line:
        sheet, number = table.places[index]
        said, faults = columns.read_line(table, index, columns.INDICATOR_CELLS)
        code = said.get("指标代码", "")
        line = Line(sheet, number, BAD, key=code, name=said.get("指标名称", ""), faults=faults)
        if code in seen:
            faults.append(Fault(_("与第 %(n)s 行的指标代码相同") % {"n": seen[code]}, sheet, number, "指标代码", code))
        if faults:
            return line
        seen[code] = number
        try:
            with transaction.atomic():
                self._write(line, there.get(code), self._values(said))
        except ValidationError as error:
            line.kind, line.changes = BAD, []
            line.faults = [Fault(text, sheet, number, column) for column, text in _said(error)]
        return line

    def _values(self, said: dict[str, Any]) -> dict[str, Any]:
        values = {name: said[column] for column, name in columns.FIELDS.items() if column in said}
        if metric := values.get("metric"):
            if metric not in self.metrics:
                raise ValidationError({"metric": _("没有统计指标「%(code)s」") % {"code": metric}})
            values["metric"] = self.metrics[metric]
        elif "metric" in values:
            values["metric"] = None
        if values.get("per", 1) is None:
            values["per"] = 1
        given = {name: said.get(column) for name, column in columns.PARAMETER_COLUMNS.items() if column in said}
        own = points.PARAMETERS[values["method"]]
        # A blank cell of another method's parameter says nothing; one that is filled is a mistake to be named.
        values["parameters"] = {
            name: value
            for name, value in given.items()
            if (name in own and value is not None) or value not in (None, False)
        }
        return values | {"code": said["指标代码"]}

    def _write(self, line: Line, there: Indicator | None, values: dict[str, Any]) -> None:
        if there is None:
            indicators.create_indicator(by=self.by, **values)
            line.kind, line.deed = NEW, "add"
            return
        before = indicators.facts(there)
        values.pop("code")
        row = indicators.revise_indicator(indicator=there, by=self.by, **values)
        after = indicators.facts(row)
        line.changes = [
            Change(COLUMN_OF.get(key.removesuffix("_id"), "计分参数"), _word(before[key]), _word(after[key]))
            for key in after
            if before[key] != after[key]
        ]
        line.kind, line.deed = (CHANGED, "revise") if line.changes else (UNCHANGED, "")


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return "；".join(f"{columns.PARAMETER_COLUMNS.get(name, name)}={each}" for name, each in value.items())
    return "" if value is None else str(value)


def _said(error: ValidationError) -> list[tuple[str, str]]:
    if not hasattr(error, "error_dict"):
        return [("", text) for text in error.messages]
    return [(COLUMN_OF.get(name, ""), text) for name, texts in error.message_dict.items() for text in texts]


@dataclass
class TemplateImporter:
    """Whole templates: all lines of one code become it, as the sheet of its page does."""

    by: Actor
    add_for: dict[str, Unit]
    change_for: dict[str, Unit]
    source: str = ""

    verb = "import_templates"
    forms: Sequence[SheetForm] = (columns.TEMPLATES,)

    def carry(self, tables: dict[str, Table], told: Told) -> Report:
        table = tables[columns.TEMPLATES.name]
        needed = ("使用单位", "模板代码", "模板名称", "对象", "指标代码", "权重")
        report = Report(faults=columns.missing_columns(table, needed))
        if report.faults:
            return report
        library = {row.code: row for row in Indicator.objects.all()}
        wholes: dict[tuple[str, str], list[tuple[Line, dict[str, Any]]]] = {}
        for index in range(len(table.rows)):
            line, said = self._line(table, index, library)
            wholes.setdefault((said.get("使用单位", ""), said.get("模板代码", "")), []).append((line, said))
        for done, (key, of) in enumerate(wholes.items()):
            told(done, len(wholes), _("核对模板"))
            if not any(line.faults for line, _told in of):
                self._template(key, of, library)
        for of in wholes.values():
            for line, _told in of:
                report.take(line)
        kinds = [of[0][0].kind for of in wholes.values()]
        report.written = {"added": kinds.count(NEW), "revised": kinds.count(CHANGED)}
        return report

    def _line(self, table: Table, index: int, library: dict[str, Indicator]) -> tuple[Line, dict[str, Any]]:
        sheet, number = table.places[index]
        said, faults = columns.read_line(table, index, columns.TEMPLATE_CELLS)
        code = said.get("指标代码", "")
        if code and code not in library:
            faults.append(Fault(_("指标库中没有这个代码"), sheet, number, "指标代码", code))
        elif said.get("指标名称") and said["指标名称"] != library[code].name:
            faults.append(Fault(_("与指标库中的名称不符"), sheet, number, "指标名称", said["指标名称"]))
        unit = said.get("使用单位", "")
        if unit and unit not in self.add_for and unit not in self.change_for:
            faults.append(Fault(_("没有这个单位，或您不能管理它的模板"), sheet, number, "使用单位", unit))
        name, about = said.get("模板名称", ""), library[code].name if code in library else ""
        return Line(sheet, number, BAD, key=said.get("模板代码", ""), name=name, about=about, faults=faults), said

    def _template(self, key: tuple[str, str], of: list, library: dict[str, Indicator]) -> None:
        first, said = of[0]
        for line, other in of[1:]:
            for column in ("模板名称", "对象"):
                if other[column] != said[column]:
                    line.faults.append(Fault(_("同一模板各行须一致"), line.sheet, line.row, column, str(other[column])))
        if any(line.faults for line, _told in of):
            return
        items = [
            templates.Item(library[each["指标代码"]], each["权重"], each.get("一级指标", "")) for _line, each in of
        ]
        there = Template.objects.filter(holder__code=key[0], code=key[1]).first()
        try:
            with transaction.atomic():
                kind, changes = self._write(key[0], there, said, items)
        except ValidationError as error:
            first.faults += [Fault(text, first.sheet, first.row, "", first.name) for text in error.messages]
            return
        for line, _told in of:
            line.kind = kind
        first.changes = changes

    def _write(self, unit: str, there: Template | None, said: dict[str, Any], items: list) -> tuple[str, list[Change]]:
        counted = Counter(item.indicator.name for item in items)
        if repeated := [name for name, n in counted.items() if n > 1]:
            raise ValidationError(_("「%(name)s」出现两次") % {"name": repeated[0]})
        if there is None:
            if unit not in self.add_for:
                raise ValidationError(_("您不能为该单位增加模板"))
            templates.create_template(
                holder=self.add_for[unit],
                code=said["模板代码"],
                name=said["模板名称"],
                subject=said["对象"],
                items=items,
                by=self.by,
            )
            return NEW, []
        if unit not in self.change_for:
            raise ValidationError(_("您不能修改该单位的模板"))
        if there.subject != said["对象"]:
            raise ValidationError(_("模板的对象不能改；请另设代码"))
        before = _sheet(templates.items_of(there))
        templates.save_template(template=there, items=items, name=said["模板名称"], name_en=there.name_en, by=self.by)
        after = _sheet(items)
        renamed = there.name != said["模板名称"]
        if before == after and not renamed:
            return UNCHANGED, []
        changes = [Change("权重", before, after)] if before != after else []
        return CHANGED, changes + ([Change("模板名称", there.name, said["模板名称"])] if renamed else [])


def _sheet(items: Sequence[templates.Item]) -> str:
    return "；".join(f"{item.group} {item.indicator.name} {shown(item.weight)}".strip() for item in items)

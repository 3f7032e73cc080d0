"""The columns of the files of the library and the templates: read strictly, written so that they read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from common.cells import text_of
from common.imports.columns import Cell, Choice, FlagCell
from common.sheets import Fault, SheetForm, Table
from kpi.models import Indicator, Template
from kpi.promise.numbers import read_number, read_weight, shown


class NumberCell(Cell):
    """A number, exactly; blank is None."""

    def read(self, value: Any) -> Decimal | None:
        return read_number(text_of(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class WeightCell(NumberCell):
    def read(self, value: Any) -> Decimal:
        return read_weight(text_of(value))


class CodeCell(Cell):
    """A code that never changes: letters, digits and hyphens."""

    def read(self, value: Any) -> str:
        text = super().read(value)
        try:
            models.SlugField().run_validators(text)
        except ValidationError:
            raise ValidationError(_("只能用英文字母、数字和连字符")) from None
        return text


#: A parameter's column by its name. The words are those of the file: Chinese, whatever language the page is in.
PARAMETER_COLUMNS = {
    "cap": "上限",
    "floor": "下限",
    "x_min": "最低值",
    "x_sat": "满分值",
    "flat": "持平得分比例",
    "step_percent": "每档增幅",
    "step_points": "每档分值",
    "per": "每档数量",
    "top": "第一名计分比例",
    "bottom": "末名计分比例",
    "less_is_better": "数值小的在前",
    "per_event": "每次扣分",
    "veto": "一票否决",
}
PARAMETER_CELLS: dict[str, Cell] = {
    column: FlagCell() if name in ("less_is_better", "veto") else NumberCell()
    for name, column in PARAMETER_COLUMNS.items()
}
INDICATOR_CELLS: dict[str, Cell] = {
    "指标代码": CodeCell(40, needed=True),
    "指标名称": Cell(100, needed=True),
    "英文名称": Cell(200),
    "指标性质": Choice(Indicator.Kind),
    "计分方法": Choice(Indicator.Method),
    "方向": Choice(Indicator.Direction, empty=Indicator.Direction.MORE),
    "计量单位": Cell(20),
    "数据来源部门": Cell(60),
    "统计指标": Cell(40),
    "取数": Choice(Indicator.Reading, empty=""),
    "换算": NumberCell(),
    **PARAMETER_CELLS,
}
FIELDS = {
    "指标名称": "name",
    "英文名称": "name_en",
    "指标性质": "kind",
    "计分方法": "method",
    "方向": "direction",
    "计量单位": "measure",
    "数据来源部门": "data_source",
    "统计指标": "metric",
    "取数": "reading",
    "换算": "per",
}
TEMPLATE_CELLS: dict[str, Cell] = {
    "使用单位": Cell(20, needed=True),
    "模板代码": CodeCell(40, needed=True),
    "模板名称": Cell(100, needed=True),
    "对象": Choice(Template.Subject),
    "一级指标": Cell(60),
    "指标代码": CodeCell(40, needed=True),
    "指标名称": Cell(100),
    "权重": WeightCell(),
}
INDICATORS = SheetForm("indicators", "指标库", tuple(INDICATOR_CELLS), titles=("指标库",), anywhere=True)
TEMPLATES = SheetForm("templates", "考核模板", tuple(TEMPLATE_CELLS), titles=("考核模板",), anywhere=True)


def read_line(table: Table, index: int, cells: Mapping[str, Cell]) -> tuple[dict[str, Any], list[Fault]]:
    """What a line says by column, and what is wrong with its cells."""
    sheet, number = table.places[index]
    faults = list(table.unread.get(index, []))
    unread = {fault.column for fault in faults}
    said: dict[str, Any] = {}
    for column, cell in zip(table.columns, table.rows[index], strict=True):
        if column in unread:
            continue
        try:
            said[column] = cells[column].read(cell)
        except ValidationError as error:
            faults.append(Fault(" ".join(error.messages), sheet, number, column, force_str(cell or "")[:60]))
    return said, faults


def missing_columns(table: Table, needed: Iterable[str]) -> list[Fault]:
    return [Fault(_("缺少这一列"), column=column) for column in needed if column not in table.columns]


def indicator_cells(rows: Iterable[Indicator]) -> list[list[Any]]:
    """The library's lines under ``INDICATOR_CELLS``."""
    out = []
    for row in rows:
        values: dict[str, Any] = {column: getattr(row, name) for column, name in FIELDS.items()}
        values |= {"指标代码": row.code, "统计指标": row.metric.code if row.metric else "", "换算": row.per.normalize()}
        for name, column in PARAMETER_COLUMNS.items():
            value = row.parameters.get(name)
            values[column] = value if isinstance(value, bool) or value is None else Decimal(str(value))
        out.append([cell.render(values[column]) for column, cell in INDICATOR_CELLS.items()])
    return out


def template_cells(rows: Iterable[Template]) -> list[list[Any]]:
    """The lines of templates (read with holder and lines) under ``TEMPLATE_CELLS``."""
    out = []
    for row in rows:
        for line in row.lines.all():
            values: list[Any] = [row.holder.code, row.code, row.name, row.subject, line.group, line.indicator.code]
            values += [line.indicator.name, Decimal(shown(line.weight))]
            out.append([cell.render(value) for cell, value in zip(TEMPLATE_CELLS.values(), values, strict=True)])
    return out


def text_rows(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [["" if cell is None else force_str(cell) for cell in row] for row in rows]

"""What every sheet of a workbook has: columns, a subject, rows that it stands for, and how one is set up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.imports.columns import Cell, DayCell, FlagCell, WholeCell
from common.periods import Dated, period
from common.rules import Rule
from common.sheets import SheetForm
from orgchart.workbook.register import Missing, Register
from zones.models import Instrument

Values = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: its title, how its cells are read, and what it refers to by code.

    ``refers`` is the register's word for it: unit, bureau, instrument, function,
    duty. ``path`` leads from a row to the value, where that is not its own attribute.
    """

    title: str
    cell: Cell
    needed: bool = False
    refers: str = ""
    path: str = ""
    default: Any = ""


def unit_column(title: str = "单位代码", *, needed: bool = True, path: str = "unit.code") -> Column:
    return Column(title, Cell(40), needed, "unit", path)


def paper_column(title: str = "批文", *, needed: bool = True, path: str = "instrument.code") -> Column:
    return Column(title, Cell(100), needed, "instrument", path)


NAMES = {"name": Column("名称", Cell(100), True), "name_en": Column("英文名称", Cell(200))}
FROM_TO = {"starts": Column("自", DayCell(), True, default=None), "ends": Column("至", DayCell(), default=None)}
EXAMPLE = {"is_example": Column("示例", FlagCell(), default=False)}
SEQUENCE = {"sequence": Column("序号", WholeCell(0, 32767, empty=0), default=0)}


class Sheet:
    """A kind of row. ``subject`` are the columns that say what a line is about; dated rows follow one another."""

    name: ClassVar[str]
    title: ClassVar[str]
    model: ClassVar[type[models.Model]]
    columns: ClassVar[Mapping[str, Column]]
    subject: ClassVar[tuple[str, ...]] = ("code",)
    related: ClassVar[tuple[str, ...]] = ()
    #: Columns that belong to the thing itself, and so do not change with its dated rows.
    identity: ClassVar[tuple[str, ...]] = ()
    #: The kind of reference that a rule's offender has to such a row: ``unit:YZ``.
    ref: ClassVar[str] = ""
    #: The columns that hold the units that a line acts on.
    acts_on: ClassVar[tuple[str, ...]] = ()

    @property
    def dated(self) -> bool:
        return issubclass(self.model, Dated)

    @property
    def form(self) -> SheetForm:
        titles = [column.title for column in self.columns.values()]
        return SheetForm(self.name, f"「{self.title}」表", titles, titles=(self.title,))

    def rows(self) -> QuerySet:
        return self.model._base_manager.select_related(*self.related)

    def about(self, first: Iterable[str]) -> QuerySet:
        """The rows on file about the subjects that a file names, by the first column of the subject."""
        path = (self.columns[self.subject[0]].path or self.subject[0]).replace(".", "__")
        return self.rows().filter(**{f"{path}__in": set(first)})

    def plain(self, row: Any) -> Values:
        """A row on file in the words of a line: references by code, the last day inclusive."""
        return {attribute: self._value(row, attribute, column) for attribute, column in self.columns.items()}

    def _value(self, row: Any, attribute: str, column: Column) -> Any:
        if attribute == "ends":
            return row.last_day
        value = row
        for step in (column.path or attribute).split("."):
            value = getattr(value, step) if value is not None else None
        return column.default if value is None else value

    def key(self, values: Values) -> tuple:
        return tuple(values[attribute] for attribute in self.subject)

    def guard(self, values: Values, register: Register) -> None:
        """Raise Missing where the subject is there and the clerk may not see it: nothing more is said of it then."""

    def check(self, values: Values, found: Mapping[str, Any], register: Register) -> None:
        """Raise Missing for what the columns cannot say by themselves."""

    def make(self, values: Values, found: Mapping[str, Any], register: Register) -> list[models.Model]:
        """Save the rows of a line that is new; ``found`` has the rows that its references lead to."""
        row = self.model(**self.fields(values, found))
        self._insert(row)
        register.learn(row)
        return [row]

    def fields(self, values: Values, found: Mapping[str, Any]) -> Values:
        own = {name: found.get(name, value) for name, value in values.items() if name not in ("starts", "ends")}
        own = {name: (None if self.columns[name].refers and value == "" else value) for name, value in own.items()}
        if self.dated:
            own["period"] = period(values["starts"], values["ends"])
        return own

    def _insert(self, row: models.Model) -> None:
        row.clean_fields(exclude=[field.name for field in row._meta.concrete_fields if field.is_relation])
        row.save(force_insert=True)


def from_catalogue(rule_id: str, of_rule: str, name: str, of_name: str, where: str) -> None:
    """Raise Missing unless the catalogue of rules has the rule, and it the parameter or measure."""
    rule = Rule.registry.get(rule_id)
    if rule is None:
        raise Missing(of_rule, _("规则目录中没有「%(rule)s」") % {"rule": rule_id})
    known = getattr(rule, where)
    if name not in known:
        text = _("规则 %(rule)s 只有：%(known)s") % {"rule": rule_id, "known": "、".join(known) or "—"}
        raise Missing(of_name, text)


def issued_too_late(values: Values, found: Mapping[str, Any]) -> bool:
    """ORG-02: what an instrument sets in force begins on its day or later."""
    paper: Instrument | None = found.get("instrument")
    starts: dt.date | None = values.get("starts")
    return bool(paper and starts and paper.issued_on > starts)

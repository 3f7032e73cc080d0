"""A sheet of lines as a page posts it: read cell by cell, refused in place, and shown again as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from kpi.models import Indicator

#: More lines than this are on nobody's card.
MAX_LINES = 100


@dataclass
class SheetRow:
    """One line: its cells as they were typed, what they say, and what is wrong with them by column."""

    cells: dict[str, str]
    said: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    indicator: Indicator | None = None


@dataclass
class Sheet:
    """The lines, and what is wrong with them together."""

    rows: list[SheetRow]
    errors: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.errors and not any(row.errors for row in self.rows)

    @property
    def faults(self) -> list[str]:
        """Everything that is wrong, in words that name the line."""
        told = [
            _("第 %(n)s 行：%(reason)s") % {"n": number, "reason": reason}
            for number, row in enumerate(self.rows, start=1)
            for reason in row.errors.values()
        ]
        return [*self.errors, *told]

    def take(self, error: ValidationError) -> None:
        """A service's refusal: at the line that ``params`` names, else of the sheet."""
        each: ValidationError
        for each in error.error_list if hasattr(error, "error_list") else _flat(error):
            place = (each.params or {}).get("line") if isinstance(each.params, Mapping) else None
            words = " ".join(each.messages)
            if isinstance(place, int) and place < len(self.rows):
                self.rows[place].errors.setdefault("", words)
            else:
                self.errors.append(words)


def _flat(error: ValidationError) -> list[ValidationError]:
    return [one for errors in error.error_dict.values() for one in errors]


def sheet_of(data: QueryDict, columns: Sequence[str]) -> Sheet:
    """The posted lines, those that are empty left out; more than anybody has are all shown again and refused."""
    lists = [data.getlist(name) for name in columns]
    rows = [
        {name: (cell or "").replace("\x00", "").strip()[:200] for name, cell in zip(columns, cells, strict=True)}
        for cells in zip_longest(*lists, fillvalue="")
    ]
    sheet = Sheet([SheetRow(cells) for cells in rows if any(cells.values())])
    if len(sheet.rows) > MAX_LINES:
        sheet.errors.append(_("一张表最多 %(n)s 行") % {"n": MAX_LINES})
    return sheet


def find_indicators(rows: Sequence[SheetRow]) -> None:
    """The indicator of each line, by its code or its exact name; two lines of one are refused."""
    wanted = {row.cells["indicator"] for row in rows}
    by_code = {each.code: each for each in Indicator.objects.filter(code__in=wanted)}
    by_name = {each.name: each for each in Indicator.objects.filter(name__in=wanted)}
    seen: set[int] = set()
    for row in rows:
        typed = row.cells["indicator"]
        found = by_code.get(typed) or by_name.get(typed)
        if not typed:
            row.errors["indicator"] = _("请选择指标")
        elif found is None:
            row.errors["indicator"] = _("指标库中没有「%(text)s」") % {"text": typed[:40]}
        elif found.pk in seen:
            row.errors["indicator"] = _("「%(name)s」出现两次") % {"name": found.shown_name}
        else:
            seen.add(found.pk)
            row.indicator = found


def read_cell(row: SheetRow, column: str, reader, label: str) -> None:
    """One cell by its reader; its refusal stays at the cell."""
    try:
        row.said[column] = reader(row.cells[column])
    except ValidationError as error:
        row.said[column] = None
        row.errors[column] = f"{label}：{' '.join(error.messages)}"

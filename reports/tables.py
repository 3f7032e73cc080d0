"""One report as one dataset, from which the workbook and the PDF are both drawn."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import orjson
from django.utils.translation import gettext as _

Kind = Literal["text", "yuan", "ratio", "percent", "growth", "integer", "points"]


@dataclass(frozen=True)
class Column:
    """A column: ``width`` in characters; ``summed`` ones have a total."""

    key: str
    title: str
    kind: Kind = "text"
    width: int = 10
    summed: bool = False


@dataclass
class Report:
    """A table with its heading, notes and provenance.

    ``rows`` hold values by column key; ``groups`` gives, for a row that begins
    a group, how many rows it spans in the columns named by ``grouped``.
    """

    kind: str
    title: str
    subject: str
    as_of: dt.date
    columns: list[Column]
    rows: list[dict[str, Any]] = field(default_factory=list)
    grouped: list[str] = field(default_factory=list)
    groups: dict[int, int] = field(default_factory=dict)
    totals: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    basis: dict[str, Any] = field(default_factory=dict)
    example: bool = False
    #: The bars of the workbook's chart: (title, key of labels, key of values).
    chart: tuple[str, str, str] | None = None

    def sum_up(self) -> None:
        """Fill ``totals`` from the rows; a group's value counts once."""
        for column in self.columns:
            if column.summed:
                values = [
                    row.get(column.key)
                    for index, row in enumerate(self.rows)
                    if column.key not in self.grouped or index in self.groups
                ]
                self.totals[column.key] = sum((value for value in values if value is not None), Decimal(0))

    @property
    def checksum(self) -> str:
        """Of the content, printed in the file: two files of the same content bear the same one."""
        content = {"title": self.title, "rows": self.rows, "totals": self.totals, "basis": self.basis}
        return hashlib.sha256(orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    def provenance(self, code: str) -> str:
        """The line at a file's foot: which file it is, of what content, computed from what."""
        labels = {"run": _("核算"), "runs": _("核算"), "scheme_version": _("方案版本"), "input_hash": _("输入指纹")}
        said = []
        for key, label in labels.items():
            value = self.basis.get(key)
            if value is not None:
                said.append(f"{label} {'、'.join(map(str, value)) if isinstance(value, list) else value}")
        return " · ".join([f"{_('出具编号')} {code}", f"{_('内容校验码')} {self.checksum}", *said])

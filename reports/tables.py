"""One report as one dataset, drawn as workbook and PDF: a table, or a form of labelled fields."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import orjson
from django.utils.translation import gettext as _

from common.actors import Actor

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
class Document:
    """What every file we hand out says of itself, whatever its shape: its heading, notes and provenance."""

    kind: str
    title: str
    subject: str
    as_of: dt.date
    notes: list[str] = field(default_factory=list, kw_only=True)
    basis: dict[str, Any] = field(default_factory=dict, kw_only=True)
    example: bool = field(default=False, kw_only=True)
    #: What is to be recorded of whoever is handed the file, in the transaction that registers it.
    handed_to: Callable[[Actor], None] | None = field(default=None, kw_only=True)

    @property
    def content(self) -> dict[str, Any]:
        """What the checksum is of."""
        raise NotImplementedError

    @property
    def checksum(self) -> str:
        """Of the content, printed in the file: two files of the same content bear the same one."""
        content = {"title": self.title, **self.content, "basis": self.basis}
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


@dataclass
class Report(Document):
    """A table.

    ``rows`` hold values by column key; ``groups`` gives, for a row that begins
    a group, how many rows it spans in the columns named by ``grouped``.
    """

    columns: list[Column] = field(default_factory=list, kw_only=True)
    rows: list[dict[str, Any]] = field(default_factory=list, kw_only=True)
    grouped: list[str] = field(default_factory=list, kw_only=True)
    groups: dict[int, int] = field(default_factory=dict, kw_only=True)
    totals: dict[str, Any] = field(default_factory=dict, kw_only=True)
    #: The bars of the workbook's chart: (title, key of labels, key of values).
    chart: tuple[str, str, str] | None = field(default=None, kw_only=True)
    #: Where the rows themselves make no bars: totals by name, a small table with its chart below the workbook's own.
    summary: tuple[str, list[tuple[str, Decimal]]] | None = field(default=None, kw_only=True)

    @property
    def content(self) -> dict[str, Any]:
        return {"rows": self.rows, "totals": self.totals}

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


@dataclass(frozen=True)
class Entry:
    """A field of a form: its label, what is filled in, and how many of the line's shares it takes.

    ``tall`` keeps that many lines of room, for a text or a signature.
    """

    label: str
    value: str = ""
    share: int = 1
    tall: int = 1


@dataclass
class Form(Document):
    """A form of labelled fields, line by line, as people know it on paper; ``tables`` may follow.

    A table is (heading, columns, rows of text).
    """

    lines: list[list[Entry]] = field(default_factory=list, kw_only=True)
    tables: list[tuple[str, list[Column], list[list[str]]]] = field(default_factory=list, kw_only=True)

    @property
    def content(self) -> dict[str, Any]:
        lines = [[(entry.label, entry.value) for entry in line] for line in self.lines]
        return {"lines": lines, "tables": [(heading, rows) for heading, _columns, rows in self.tables]}

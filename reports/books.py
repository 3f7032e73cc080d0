"""A report of several chapters: cover, contents, tables and pictures; one workbook with native charts, one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from common.drawing import Chart
from reports.tables import Column, Document

#: A page has room for so many columns beside the first; more go on in a further table.
ACROSS = 9


@dataclass(frozen=True)
class Native:
    """A chart of the workbook over a block's own cells.

    Of a ``bar`` the rows are the bars and ``keys`` name its one column of values;
    of a ``radar`` each row is a line through the columns ``keys``, on a chart of its own.
    """

    kind: Literal["bar", "radar"]
    title: str
    keys: tuple[str, ...]


@dataclass
class Block:
    """A table under its heading; the first column names the rows. ``chart`` is drawn beside it in the workbook."""

    heading: str
    columns: list[Column]
    rows: list[dict[str, Any]]
    totals: dict[str, Any] = field(default_factory=dict)
    chart: Native | None = None

    @property
    def pages(self) -> list[list[Column]]:
        """The columns in parts that a page has room for, each beginning with the first."""
        first, *rest = self.columns
        parts = [rest[at : at + ACROSS] for at in range(0, len(rest), ACROSS)] or [[]]
        return [[first, *part] for part in parts]


@dataclass
class Chapter:
    """One part of a book, on a sheet and from a page of its own: facts, tables, pictures, notes."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    pictures: list[Chart] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: Left free at the foot, for signatures.
    signatures: list[str] = field(default_factory=list)
    #: Tables of raw rows are for the workbook alone.
    sheet_only: bool = False


@dataclass
class Book(Document):
    """Chapters under one cover; ``cover`` are the facts on its first page."""

    chapters: list[Chapter] = field(default_factory=list, kw_only=True)
    cover: list[tuple[str, str]] = field(default_factory=list, kw_only=True)

    @property
    def content(self) -> dict[str, Any]:
        return {
            "cover": self.cover,
            "chapters": [
                [
                    chapter.title,
                    chapter.facts,
                    [[block.heading, _plain(block.rows), _plain([block.totals])] for block in chapter.blocks],
                ]
                for chapter in self.chapters
            ],
        }


def _plain(rows: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    return [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]


def two(value: Decimal | Fraction | None) -> Decimal | None:
    """A value to two places, as files hold it."""
    return None if value is None else Decimal(round(Fraction(value) * 100)) / 100

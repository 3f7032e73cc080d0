"""How a figure came about: named steps over inputs that say where they come from.

Pure: imports nothing of Django, so that formulas can build traces and a trace
can be read back from JSON by any program. Labels are not stored; a page looks
them up by ``key``, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

Number = Decimal | Fraction | int

#: Places kept when an exact ratio is shown as a decimal; money is never rounded this way.
SHOWN_PLACES = 10


def shown(value: Number) -> str:
    """The value as a plain decimal string, exact where a decimal can be."""
    if isinstance(value, Fraction):
        scaled = round(value * 10**SHOWN_PLACES)
        value = Decimal(scaled).scaleb(-SHOWN_PLACES).normalize()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True)
class Input:
    """A value that came from outside the calculation.

    ``unit`` is ``yuan``, ``ratio``, ``points``, ``months`` or a rating's word;
    ``source`` is the document or form it was read from, ``vintage`` the day it
    was recorded, ``ref`` the row (``zones.figure:12``) and ``example`` whether
    it is an example value rather than a published one.
    """

    key: str
    value: Number | str
    unit: str = ""
    source: str = ""
    vintage: str = ""
    ref: str = ""
    example: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": "input",
            "key": self.key,
            "value": self.value if isinstance(self.value, str) else shown(self.value),
            "unit": self.unit,
            "source": self.source,
            "vintage": self.vintage,
            "ref": self.ref,
            "example": self.example,
        }


@dataclass(frozen=True)
class Step:
    """One named step: what came out, by which formula, from which parts.

    ``expression`` is the formula with the numbers put in, as a reader would
    write it on paper; ``note`` is a key for a remark (``clamped_to_floor``).
    """

    key: str
    value: Number
    unit: str = ""
    formula: str = ""
    expression: str = ""
    note: str = ""
    parts: tuple[Step | Input, ...] = ()

    def as_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "kind": "step",
            "key": self.key,
            "value": shown(self.value),
            "unit": self.unit,
            "formula": self.formula,
            "expression": self.expression,
            "note": self.note,
            "parts": [part.as_json() for part in self.parts],
        }
        if isinstance(self.value, Fraction) and self.value.denominator != 1:
            out["exact"] = f"{self.value.numerator}/{self.value.denominator}"
        return out

    def walk(self) -> Iterator[Step | Input]:
        """This step and everything under it, parents first."""
        yield self
        for part in self.parts:
            if isinstance(part, Step):
                yield from part.walk()
            else:
                yield part


def walk_json(trace: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """A stored trace as (depth, node) rows, parents first, for a page to lay out."""
    yield depth, trace
    for part in trace.get("parts", ()):
        yield from walk_json(part, depth + 1)

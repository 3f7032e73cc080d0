"""What the sheets of all reports share: how a kind of value is written, and the colours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

FORMATS: dict[str, dict[str, object]] = {
    "text": {"text_wrap": True},
    "yuan": {"num_format": "#,##0.00"},
    "ratio": {"num_format": "0.0000"},
    "percent": {"num_format": "0.0%"},
    "growth": {"num_format": "+0.0%;-0.0%;0.0%"},
    "integer": {"num_format": "0"},
    "points": {"num_format": "0.00"},
}
INK, GREY = "#1f4e8c", "#f1f4f8"


def write_value(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    """One cell: a number as a number, anything else as text, whatever it looks like."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, Decimal | int):
        # Excel holds a double: 15 digits, enough for every amount to the fen below 10^13 yuan.
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)

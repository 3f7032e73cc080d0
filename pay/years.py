"""Years of account as people type them."""

from __future__ import annotations


def asked_year(text: str) -> int | None:
    """A year of account as typed, or None: four plain digits within the years that figures may have."""
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    return year if 1978 <= year <= 2200 else None

"""Fields that money shares."""

from __future__ import annotations

from typing import Any

from django.db import models


def money(name, *, null: bool = False, **options: Any) -> models.DecimalField:
    """An amount in yuan, to the fen; fits 9,999,999,999,999.99."""
    return models.DecimalField(name, max_digits=15, decimal_places=2, null=null, blank=null, **options)

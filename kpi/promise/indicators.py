"""The library of indicators: what may be measured, and how points follow from it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from common.actors import Actor
from common.audit import record
from kpi import explain, points, scoring
from kpi.models import Indicator
from kpi.points import Delivered


@transaction.atomic
def create_indicator(*, by: Actor, **values) -> Indicator:
    """Add an indicator to the library; its parameters must be those that its method computes with."""
    indicator = Indicator(**values)
    indicator.parameters = {
        # Kept as text: JSON's own numbers would come back as floats.
        name: value if isinstance(value, bool) else str(value)
        for name, value in (values.get("parameters") or {}).items()
    }
    indicator.full_clean()
    try:
        points.score_line(indicator.method, 100, Delivered(1, 1, 1), indicator.parameters)
    except scoring.UndefinedScore as error:
        raise ValidationError({"parameters": explain.undefined(error)}, code="undefined") from error
    indicator.save(force_insert=True)
    record("add", indicator, by=by)
    return indicator

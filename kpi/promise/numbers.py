"""Numbers of what is promised: weights, targets and parameters as people type them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kpi import typed
from kpi.numbers import BAD_NUMBERS, DECIMAL_PLACES, WHOLE_DIGITS

HUNDRED = Decimal(100)
WEIGHT_PLACES = 2


def read_number(text: str, *, places: int = DECIMAL_PLACES) -> Decimal | None:
    """The number typed, full-width digits and all; None for nothing. ValidationError says what is wrong with it."""
    try:
        value = typed.parse_number(text)
    except typed.NotANumber as error:
        if error.code == "empty":
            return None
        message = str(BAD_NUMBERS.get(error.code, BAD_NUMBERS["not_a_number"])) % {"text": text.strip()[:20]}
        raise ValidationError(message, code=error.code) from error
    if abs(value) >= 10**WHOLE_DIGITS:
        raise ValidationError(str(BAD_NUMBERS["too_long"]), code="too_long")
    if value != round(value, places):
        raise ValidationError(_("小数最多 %(n)s 位") % {"n": places}, code="too_precise")
    return value


def read_weight(text: str) -> Decimal:
    """A weight of more than 0 and at most 100, in percent."""
    value = read_number(text, places=WEIGHT_PLACES)
    if value is None:
        raise ValidationError(_("请填写权重"), code="required")
    if not 0 < value <= HUNDRED:
        raise ValidationError(_("权重须大于 0 且不超过 100"), code="weight")
    return value


def shown(value: Decimal | None) -> str:
    """As it is typed: without grouping, so that it can be edited."""
    return "" if value is None else f"{value.normalize():f}"


def refuse_unless_hundred(weights: Iterable[Decimal], code: str) -> None:
    """Weights sum to 100 exactly; ValidationError says by how much they do not."""
    total = sum(weights, Decimal(0))
    if total == HUNDRED:
        return
    told = {"total": shown(total), "gap": shown(abs(HUNDRED - total))}
    if total < HUNDRED:
        raise ValidationError(_("权重合计 %(total)s，还差 %(gap)s，须为 100") % told, code=code)
    raise ValidationError(_("权重合计 %(total)s，超出 %(gap)s，须为 100") % told, code=code)

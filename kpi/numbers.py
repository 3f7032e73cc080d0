"""Numbers typed into cells and forms, taken exactly or refused in words."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpi import typed
from kpi.models import Indicator

#: What an actual may have: the column's digits. More is refused, never rounded away in silence.
WHOLE_DIGITS, DECIMAL_PLACES = 16, 4
#: Methods whose results may fall below zero: growth rates, and what is ranked by them.
SIGNED_METHODS = frozenset({Indicator.Method.EFFICACY, Indicator.Method.RANKING})
BAD_NUMBERS = {
    "not_a_number": gettext_lazy("「%(text)s」不是数字"),
    "not_finite": gettext_lazy("「%(text)s」不是有效的数值"),
    "percent": gettext_lazy("请去掉百分号，按本项的计量单位填写"),
    "exponent": gettext_lazy("「%(text)s」是科学计数法，请写出完整的数字"),
    "grouping": gettext_lazy("「%(text)s」的千分位有误，请检查逗号"),
    "too_long": gettext_lazy("数字过长：整数部分最多 16 位"),
}


def parse_actual(text: str, indicator: Indicator) -> Decimal | None:
    """The number typed, None for an empty cell; ValidationError at ``value`` says what is wrong with it."""
    try:
        actual = typed.parse_number(text)
    except typed.NotANumber as error:
        if error.code == "empty":
            return None
        message = str(BAD_NUMBERS.get(error.code, BAD_NUMBERS["not_a_number"])) % {"text": text.strip()[:20]}
        raise ValidationError({"value": ValidationError(message, code=error.code)}) from error
    check_actual(actual, indicator)
    return actual


def check_actual(actual: Decimal, indicator: Indicator) -> None:
    """Refuse, at ``value``, a number that the column cannot hold or the indicator cannot have."""
    if abs(actual) >= 10**WHOLE_DIGITS:
        raise ValidationError({"value": ValidationError(str(BAD_NUMBERS["too_long"]), code="too_long")})
    if actual != round(actual, DECIMAL_PLACES):
        raise ValidationError({"value": ValidationError(_("小数最多 4 位"), code="too_precise")})
    if actual < 0 and not may_be_negative(indicator):
        raise ValidationError({"value": ValidationError(_("本项不能为负数"), code="negative")})


def may_be_negative(indicator: Indicator) -> bool:
    """Growth may fall, and a figure may be a loss; a count of things done may not."""
    return bool(indicator.metric_id) or indicator.method in SIGNED_METHODS


def typed_form(value: Decimal | None) -> str:
    """A number as it is typed: without grouping, so that it can be edited; empty for none."""
    return "" if value is None else f"{value.normalize():f}"

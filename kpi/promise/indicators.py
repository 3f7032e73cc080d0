"""The library of indicators: what may be measured, and how points follow from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi import explain, points, scoring
from kpi.models import Cycle, Indicator, Line
from kpi.points import Delivered

#: What points are worked out by: it stays as it is once somebody has signed for it, or has been scored by it.
SCORING = ("method", "direction", "measure", "parameters", "metric", "reading", "per")
#: Methods that know only "more is better"; where less is, another method says so.
UPWARD = frozenset({Indicator.Method.COMPLETION, Indicator.Method.FLAT, Indicator.Method.PLUS_MINUS})


def stamp(indicator: Indicator) -> str:
    """What a page about the indicator was made from: a later one tells whether somebody changed it since."""
    return hashlib.sha256(orjson.dumps(facts(indicator), default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


@transaction.atomic
def create_indicator(*, by: Actor, **values: Any) -> Indicator:
    """Add an indicator to the library; its parameters must be those that its method computes with."""
    indicator = Indicator(**values)
    indicator.parameters = plain_parameters(values.get("parameters") or {})
    _check(indicator)
    with hold_rules():
        indicator.save(force_insert=True)
    indicator.refresh_from_db()  # numbers as the columns have them: the stamp is of those
    record("add", indicator, by=by)
    return indicator


@transaction.atomic
def revise_indicator(*, indicator: Indicator, by: Actor, seen: str | None = None, **values: Any) -> Indicator:
    """Change an indicator. How it is scored stays once it was signed for or scored: that takes a new code.

    Raises ValidationError when it is not as ``seen`` any more (a ``stamp``), and
    for a change that would alter what people signed or were given points for.
    Saying again what stands changes nothing.
    """
    row = Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)
    if "parameters" in values:
        values["parameters"] = plain_parameters(values["parameters"] or {})
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return row
    if seen is not None and seen != stamp(row):
        raise ValidationError(_("该指标刚被他人修改，请核对后重新保存"), code="stale")
    if changed & set(SCORING):
        refuse_used(row)
    before = facts(row)
    for name, value in values.items():
        setattr(row, name, value)
    _check(row)
    with hold_rules():
        row.save(update_fields=sorted(changed))
    record("revise", row, by=by, before=before, after=facts(row))
    return row


def refuse_used(indicator: Indicator) -> None:
    """KPI-INDICATOR: nobody's promise or points may come to mean something else."""
    bound = Q(scorecard__frozen_at__isnull=False) | Q(points__isnull=False) | ~Q(scorecard__cycle__state="open")
    if count := Line.objects.filter(bound, indicator=indicator).count():
        message = _("该指标已用于 %(n)s 项签订或已计分的内容，计分办法不能再改；请另设代码增加新指标")
        raise ValidationError(message % {"n": count}, code="KPI-INDICATOR")


def plain_parameters(given: Mapping[str, Any]) -> dict[str, str | bool]:
    """As they are stored: flags, and numbers as text, for JSON's own numbers would come back as floats."""
    return {
        name: value if isinstance(value, bool) else f"{value:f}" if isinstance(value, Decimal) else str(value)
        for name, value in given.items()
    }


def _check(indicator: Indicator) -> None:
    indicator.full_clean()
    try:
        points.score_line(indicator.method, 100, Delivered(1, 1, 1), indicator.parameters)
    except scoring.UndefinedScore as error:
        raise ValidationError({"parameters": parameter_fault(error)}, code=error.reason) from error
    _check_direction(indicator)


def parameter_fault(error: scoring.UndefinedScore) -> str:
    """What is wrong with a parameter, for whoever types it."""
    label = {"name": explain.PARTS.get(error.field, error.field)}
    known = {
        "equal_ends": _("最低值与满分值相同，无法按功效系数法计分：两者须不同"),
        "missing": _("请填写「%(name)s」"),
        "not_positive": _("「%(name)s」须大于 0"),
        "negative": _("「%(name)s」不能为负数"),
        "unknown": _("该计分方法没有参数「%(name)s」"),
        "not_a_flag": _("「%(name)s」须为是或否"),
        "below_floor": _("上限不能低于下限"),
    }
    return str(known.get(error.reason, _("「%(name)s」不是有效的数值"))) % label


def _check_direction(indicator: Indicator) -> None:
    """The direction that people read is the one that the method computes with."""
    less = indicator.direction == Indicator.Direction.LESS
    if less and indicator.method in UPWARD:
        message = _("「%(method)s」按越高越好计分；越低越好的指标请用功效系数法、排名赋分法或扣分")
        raise ValidationError({"direction": message % {"method": indicator.get_method_display()}}, code="direction")
    computed = _COMPUTED_LESS.get(indicator.method)
    if computed is None or computed(indicator.parameters) == less:
        return
    said = {
        Indicator.Method.EFFICACY: _("满分值低于最低值表示越低越好，请使方向与之一致"),
        Indicator.Method.RANKING: _("「越低越好」的排名须与方向一致"),
    }
    raise ValidationError({"direction": said[Indicator.Method(indicator.method)]}, code="direction")


def _falls(given: Mapping[str, Any]) -> bool:
    return scoring.number(given["x_min"], "x_min") > scoring.number(given["x_sat"], "x_sat")


#: Whether a method, with its parameters, gives more points for less.
_COMPUTED_LESS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    Indicator.Method.EFFICACY: _falls,
    Indicator.Method.RANKING: lambda given: bool(given.get("less_is_better", False)),
}


def used_by(indicator: Indicator) -> dict[str, int]:
    """Where an indicator is used: in how many templates, cards of open years, and all cards."""
    lines = Line.objects.filter(indicator=indicator)
    return {
        "templates": indicator.template_lines.count(),
        "open": lines.filter(scorecard__cycle__state=Cycle.State.OPEN).count(),
        "signed": lines.filter(scorecard__frozen_at__isnull=False).count(),
        "all": lines.count(),
    }

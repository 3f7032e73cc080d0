"""A scheme's formulas as sentences with the numbers put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.numerals import plain
from pay.formulas import BadParameter, Rule
from pay.formulas.composite import CompositeParameters
from pay.formulas.increment import IncrementParameters
from pay.formulas.linked import LinkedParameters
from pay.formulas.reference import ReferenceCapParameters, ReferenceParameters
from pay.labels import explain
from zones.models import Metric


def metric_names() -> dict[str, str]:
    return {metric.code: metric.shown_name for metric in Metric.objects.all()}


def of_rule(row: Mapping[str, Any], metrics: Mapping[str, str]) -> str:
    """What one formula says; of parameters that cannot be, what is wrong with them."""
    try:
        rule = Rule.read(row)
    except BadParameter as error:
        return explain(error)
    match rule.parameters:
        case CompositeParameters() as one:
            return _(
                "上年总额 × 联动系数；联动系数 = 1 + %(alpha)s ×（%(tax)s × 税收增幅 + "
                "%(budget)s × 一般公共预算收入增幅 + %(gdp)s × GDP 增幅），不低于 %(floor)s，不高于 %(cap)s"
            ) % {
                "alpha": plain(one.alpha),
                "tax": plain(one.weight_tax),
                "budget": plain(one.weight_budget),
                "gdp": plain(one.weight_gdp),
                "floor": plain(one.floor),
                "cap": plain(one.cap),
            }
        case ReferenceParameters() as one:
            return _reference(one)
        case ReferenceCapParameters() as one:
            return _("不超过参照收入的 %(multiple)s 倍，超出部分核减，不结转") % {
                "multiple": plain(one.reference_multiple)
            }
        case LinkedParameters() as one:
            return _linked(one, metrics.get(one.benefit, one.benefit), rule.role)
        case IncrementParameters() as one:
            return _(
                "%(metric)s比上年增长 %(target)s 以上的，按当年数的 %(rate)s 提成；未达到的，按 %(missed)s 提成"
            ) % {
                "metric": metrics.get(one.source, one.source),
                "target": f"{plain(one.target_growth * 100)}%",
                "rate": f"{plain(one.rate * 100)}%",
                "missed": f"{plain(one.rate_missed * 100)}%",
            }
    raise TypeError(type(rule.parameters))


def _reference(one: ReferenceParameters) -> str:
    words = {
        "multiple": plain(one.multiple),
        "base": plain(one.base_part),
        "post": plain(one.post_part),
        "performance": plain(one.performance_part),
    }
    if one.part == "whole":
        text = _("参照收入的 %(multiple)s 倍；基础、岗位、绩效三部分为 %(base)s:%(post)s:%(performance)s，全部参加分配")
    else:
        text = _(
            "参照收入的 %(multiple)s 倍；基础、岗位、绩效三部分为 %(base)s:%(post)s:%(performance)s，绩效部分参加分配"
        )
    return text % words


def _linked(one: LinkedParameters, metric: str, role: str) -> str:
    words = {"metric": metric, "rate": plain(one.rate)}
    text = (
        _("上年总额按%(metric)s增幅的 %(rate)s 倍增长")
        if role == "term"
        else _("不超过上年总额按%(metric)s增幅的 %(rate)s 倍增长后的数")
    )
    falling = _("效益下降时总额不变") if one.falling == "freeze" else _("效益下降时总额随之下降")
    kept = [_("资产未保值增值的不得增长")] if one.preservation == "yes" else []
    last = _("上年总额以批复的核算为准") if one.last_pool == "run" else _("上年总额以基础数据为准")
    return "；".join([text % words, falling, *kept, _("增人不增、减人不减"), last])

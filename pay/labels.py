"""What the keys of a trace are called in the reader's language (the glossary's words)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.numerals import grouped, in_percent, plain
from kpi.models import Rating
from pay.formulas import BadInput, BadParameter, MissingInput, UndefinedGrowth
from pay.sharing import MissingScore
from pay.words import NAMES as SETTING_NAMES

STEPS = {
    "pool": _("绩效总额"),
    "uncapped_pool": _("封顶前总额"),
    "capped_to": _("总额上限（参照收入倍数）"),
    "link": _("联动系数"),
    "composite_growth": _("综合增幅"),
    "growth_tax": _("税收增幅"),
    "growth_budget": _("一般公共预算收入增幅"),
    "growth_gdp": _("GDP 增幅"),
    "rating_factor": _("考核等次系数"),
    "rating_factors": _("各等次系数"),
    "rating": _("市考核等次"),
    "base": _("上年总额（基数）"),
    "reference_income": _("参照收入合计"),
    "reference_multiple": _("参照收入倍数"),
    "tax_now": _("当年税收"),
    "tax_before": _("上年税收"),
    "budget_now": _("当年一般公共预算收入"),
    "budget_before": _("上年一般公共预算收入"),
    "gdp_now": _("当年 GDP"),
    "gdp_before": _("上年 GDP"),
    "alpha": _("联动系数 α"),
    "weight_tax": _("税收增幅权重"),
    "weight_budget": _("预算收入增幅权重"),
    "weight_gdp": _("GDP 增幅权重"),
    "floor": _("联动下限"),
    "cap": _("联动上限"),
    "bureau_share": _("部门额度"),
    "bureau_coefficient": _("部门系数"),
    "bureau_floor": _("部门系数下限"),
    "bureau_cap": _("部门系数上限"),
    "mean_score": _("部门平均得分（加权）"),
    "score": _("部门得分"),
    "bureau_weight": _("部门权重"),
    "weighted_coefficient": _("部门权重 × 部门系数"),
    "person_share": _("应发"),
    "person_weight": _("个人权数"),
    "post_coefficient": _("岗位系数"),
    "grade_factor": _("等次系数"),
    "returned_to_pool": _("退回总额"),
    "reference_pool": _("按参照收入核定"),
    "linked_pool": _("按增幅联动"),
    "increment_pool": _("增量提成"),
    "composite_pool": _("按复合增长联动"),
    "linked_limit": _("总额上限（效益增幅）"),
    "pool_growth": _("总额增幅"),
    "last_pool": _("上年总额"),
    "asset_preservation": _("资产保值增值率"),
    "increment_target": _("提成目标"),
    "multiple": _("参照收入倍数"),
    "base_part": _("基础部分"),
    "post_part": _("岗位部分"),
    "performance_part": _("绩效部分"),
    "part": _("参加分配的部分"),
    "rate": _("联动或提成比例"),
    "rate_missed": _("未达目标的提成比例"),
    "target_growth": _("目标增幅"),
    "benefit": _("效益指标"),
    "source": _("提成指标"),
    "falling": _("效益下降时"),
    "preservation": _("是否看资产保值增值"),
    "tax_target": _("税收目标"),
    "budget_target": _("一般公共预算收入目标"),
    "gdp_target": _("GDP 目标"),
    "rules": _("总额公式"),
    "method": _("公式"),
    "role": _("作用"),
    "current_ratio": _("当期发放比例"),
}

NOTES = {
    "clamped_to_floor": _("低于下限，取下限"),
    "clamped_to_cap": _("高于上限，取上限"),
    "cut_to_cap": _("超过上限，超出部分核减"),
    "returned_to_pool": _("无人可分，退回总额重新分配"),
    "shares_what_was_returned": _("含其他部门退回的部分"),
    "one_fen_left_over": _("按最大余额法补一分"),
    "mean_zero": _("各部门得分均为零，部门系数取 1"),
    "no_weight": _("本年无人在岗"),
    "not_in_post": _("本年不在岗"),
    "passed_through": _("增幅为负，不设下限，全额联动"),
    "by_completion": _("上年为零或负数，按目标完成情况计算"),
    "no_growth_results_fell": _("效益下降，总额不增长"),
    "no_growth_assets_lost": _("资产未保值，总额不增长"),
    "target_reached": _("达到目标，按全额比例提成"),
    "target_missed": _("未达目标，按较低比例提成"),
    "nothing_brought_in": _("当年为负，不提成"),
}

#: Formulas that are written out rather than named by their id.
FORMULAS = {
    "Σ post coefficient × months ÷ 12": _("Σ 岗位系数 × 在岗月数 ÷ 12"),
    "now ÷ before − 1": _("当年 ÷ 上年 − 1"),
    "now ÷ target − 1": _("当年 ÷ 目标 − 1"),
}

REASONS = {
    "negative": _("不能为负"),
    "not_positive": _("须大于零"),
    "above_cap": _("下限高于上限"),
    "weights_not_one": _("权重之和不为 1"),
    "zero": _("不能为零"),
    "empty": _("不能为空"),
    "more_than_12_months": _("在岗月数超过 12 个月"),
    "given_twice": _("重复"),
    "no_term": _("至少要有一个构成项"),
    "above_rate": _("不能高于达到目标的比例"),
    "missing": _("未作规定"),
    "unknown": _("没有这一项"),
    "not_offered": _("不是可选的答案"),
    "not_exact": _("须为数字"),
    "above_one": _("须在 0 与 1 之间"),
    "four_places": _("须小于 100，最多四位小数"),
    "eight_places": _("须小于 1 亿，最多八位小数，不用科学记数法"),
    "no_day": _("须为月-日，如 03-31"),
    "protected_leave": _("年休假、产假、工伤假不得扣减在岗月数"),
}


#: Everything that a key may name: steps, inputs, parameters, settings.
NAMED = {**STEPS, **SETTING_NAMES, "grade_factors": _("考核系数")}

UNITS = {"yuan": _("元"), "percent": "%", "points": _("分"), "months": _("个月")}


def shown_value(node: Mapping[str, Any]) -> str:
    """A node's value as people read it: amounts grouped, growth signed, ratings by their word."""
    value = str(node["value"])
    if node["key"] == "rating":
        return str(Rating(value).label) if value in Rating.values else value
    if node["key"] == "rating_factors":
        return ""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if node["key"].startswith(("growth_", "composite_")):
        return in_percent(number, 2, signed=True)
    if node.get("unit") == "yuan":
        return grouped(number, 2)
    return plain(round(number, 6))


def source(node: Mapping[str, Any]) -> str:
    """Where an input came from, in words; a step has none of its own."""
    text = str(node.get("source", ""))
    if node["key"] == "grade_factor" and text in Rating.values:
        return str(Rating(text).label)
    if text == "scheme":
        return gettext("绩效方案")
    if node["key"] == "score":
        return gettext("部门评分卡")
    return text


def label(node: Mapping[str, Any]) -> str:
    """A node's name; a key without one is shown as it is, so that nothing is hidden."""
    return str(STEPS.get(node["key"], node["key"]))


def formula(node: Mapping[str, Any]) -> str:
    """The formula's id, or the formula in words where it has none."""
    text = str(node.get("formula", ""))
    return str(FORMULAS.get(text, text))


def note(node: Mapping[str, Any]) -> str:
    return str(NOTES.get(node.get("note", ""), node.get("note", "")))


def reason(error: BadParameter) -> str:
    """What is wrong with a parameter, where its name stands beside the words."""
    return str(REASONS.get(error.reason, error.reason))


def explain(error: Exception) -> str:
    """What kept an amount from being computed, as a sentence."""
    match error:
        case MissingInput(keys=keys):
            return gettext("缺少：%(what)s") % {"what": "、".join(str(STEPS.get(key, key)) for key in keys)}
        case UndefinedGrowth(key=key):
            return gettext("%(what)s：基年为零或负数，增幅无定义") % {"what": STEPS.get(key, key)}
        case MissingScore(keys=keys, noun="bureau"):
            return gettext("部门尚未评分：%(who)s") % {"who": "、".join(keys)}
        case MissingScore(keys=keys):
            return gettext("人员的等次没有对应的系数：%(who)s") % {"who": "、".join(keys[:10])}
        case BadInput(key=key, reason=reason) | BadParameter(field=key, reason=reason):
            what, why = NAMED.get(key, key), REASONS.get(reason, reason)
            return gettext("%(what)s：%(why)s") % {"what": what, "why": why}
    return gettext("没有可参与分配的部门或人员")

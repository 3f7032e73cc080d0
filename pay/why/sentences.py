"""An amount in one sentence, in the reader's language; the API gives it in both."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import override

from common.numerals import grouped, in_percent, plain
from pay.models import Allocation, BureauShare, Run
from pay.pictures import nodes, number

LANGUAGES = {"zh": "zh-hans", "en": "en"}


def in_both(sentence: Callable[[], str]) -> dict[str, str]:
    """The sentence in Chinese and in English."""
    found = {}
    for key, language in LANGUAGES.items():
        with override(language):
            found[key] = sentence()
    return found


def of_person(row: Allocation, bureau: str, *, own: bool) -> str:
    """Why a person gets what he gets; ``own`` when the reader is the person himself."""
    words = {
        "who": _("您") if own else row.person.name,
        "bureau": bureau,
        "share": grouped(row.share.amount, 2),
        "post": plain(round(row.post_coefficient, 4)),
        "months": row.months,
        "grade": plain(row.grade_factor),
        "amount": grouped(row.amount, 2),
    }
    told = (
        _(
            "%(bureau)s的部门额度 %(share)s 元，按每人「岗位系数 × 在岗月数 ÷ 12 × 等次系数」分配；"
            "%(who)s的岗位系数 %(post)s、在岗 %(months)s 个月、等次系数 %(grade)s，分得 %(amount)s 元。"
        )
        % words
    )
    return told + "".join(_particulars(row))


def _particulars(row: Allocation) -> list[str]:
    """What is not as usual about him: months taken off, a factor that no grade gave, money that waits."""
    found = []
    if row.months_cut:
        found.append(_("其中 %(months)s 个月按方案不计。") % {"months": row.months_cut})
    if row.reason != Allocation.Reason.GRADE:
        found.append(_("等次系数的依据：%(reason)s。") % {"reason": row.get_reason_display()})
    if row.held:
        found.append(_("这笔钱暂缓发放，待案件办结后结清。"))
    if row.difference is not None and row.difference:
        more = _("比原批复多 %(sum)s 元。") if row.difference > 0 else _("比原批复少 %(sum)s 元。")
        found.append(more % {"sum": grouped(abs(row.difference), 2)})
    return found


def of_bureau(share: BureauShare, bureau: str) -> str:
    """Why a bureau gets what it gets."""
    clamped = {"clamped_to_floor": _("，已取下限"), "clamped_to_cap": _("，已取上限")}
    noted = nodes(share.trace).get("bureau_coefficient", {}).get("note", "")
    return _(
        "%(bureau)s得分 %(score)s 分，与各部门加权平均分之比即部门系数 %(coefficient)s%(clamped)s；"
        "按「部门权重 %(weight)s × 部门系数」占全单位的比例，分得 %(amount)s 元。"
    ) % {
        "bureau": bureau,
        "score": plain(share.score),
        "coefficient": plain(round(share.coefficient, 4)),
        "clamped": clamped.get(noted, ""),
        "weight": plain(round(share.weight, 4)),
        "amount": grouped(share.amount, 2),
    }


def of_pool(run: Run, name: str) -> str:
    """Why a unit's pool is what it is: base, link, grade, cap, as far as its formulas have them."""
    found = nodes(run.trace)
    parts = []
    if "base" in found:
        parts.append(_("上年总额 %(sum)s 元") % {"sum": grouped(number(found["base"]), 2)})
    if "composite_growth" in found:
        growth = in_percent(number(found["composite_growth"]), 2, signed=True)
        parts.append(
            _("综合增幅 %(growth)s，联动系数 %(link)s")
            % {"growth": growth, "link": plain(round(number(found["link"]), 4))}
        )
    if "rating_factor" in found:
        parts.append(_("考核等次系数 %(factor)s") % {"factor": plain(number(found["rating_factor"]))})
    if run.lapsed:
        parts.append(_("超过上限核减 %(sum)s 元") % {"sum": grouped(run.lapsed, 2)})
    if run.reserve:
        parts.append(_("为申诉预留 %(sum)s 元") % {"sum": grouped(run.reserve, 2)})
    told = _("，").join(parts)
    return _("%(name)s %(year)s 年：%(parts)s，绩效总额 %(pool)s 元。") % {
        "name": name,
        "year": run.year,
        "parts": told,
        "pool": grouped(run.pool, 2),
    }

"""What a scheme's own numbers are held against: examples of other zones, binding where the charter states them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pay.rules.base import SCHEME, PayRule, ratio, times


class PAY02(PayRule):
    """按区直机关对应公务员年度总收入2.5倍核定薪酬总额;基础:岗位:绩效=3:3:4"""

    id = "PAY-02"
    title = _("参照收入倍数与构成")
    source = "宜秀2018"
    severity = "warning"
    finders = {
        "multiple": "pay_pay_02_multiple",
        "split": "pay_pay_02_split",
        "unknown": "pay_pay_02_unknown",
    }
    spans = frozenset(finders)
    sentences = {
        "multiple": _("按参照收入 %(multiple)s 倍核定，规定为 %(limit)s 倍"),
        "split": _("基础、岗位、绩效为 %(split)s，规定为 %(limit)s"),
        "unknown": _("方案不按参照收入倍数核定（没有公式 F01），无数据可核查"),
    }
    parameters = {
        "multiple": times(_("核定总额为参照收入的倍数"), "2.5"),
        "base_part": ratio(_("基础部分"), "0.3"),
        "post_part": ratio(_("岗位部分"), "0.3"),
        "performance_part": ratio(_("绩效部分"), "0.4"),
    }
    seen_by = dict.fromkeys(finders, SCHEME)


class PAY05(PayRule):
    """全额:基础性70/奖励性30;差额60/40(非官方来源)"""

    # Only on record: what is paid here is incentive pay; basic performance pay, and whether a unit's budget is met
    # in full or in part, are kept in the payroll, and nothing of them is known.
    id = "PAY-05"
    title = _("基础性与奖励性绩效")
    source = "事业单位绩效工资"
    severity = "warning"
    parameters = {
        "full_basic": ratio(_("全额拨款单位的基础性部分"), "0.7"),
        "partial_basic": ratio(_("差额拨款单位的基础性部分"), "0.6"),
    }


class PAY06(PayRule):
    """每月首发工资不超过过去的80%"""

    # Only on record: monthly salaries, and what somebody earned before, are kept in the payroll.
    id = "PAY-06"
    title = _("每月首发工资")
    source = "曲阜开发区"
    severity = "warning"
    parameters = {"max": ratio(_("每月首发工资占过去工资的上限"), "0.8")}


class PAY07(PayRule):
    """绩效薪酬60%当期兑现,40%与任期考核挂钩"""

    # That payouts keep to the scheme's ratio to the fen is held on each of them (PAY-PAYOUT); here, the ratio itself.
    id = "PAY-07"
    title = _("当期与递延")
    source = "国资"
    severity = "warning"
    finders = {"split": "pay_pay_07"}
    spans = frozenset(finders)
    sentences = {"split": _("当期兑现 %(now)s%%，规定为 %(limit)s%%，其余与任期考核挂钩")}
    parameters = {"now": ratio(_("当期兑现比例"), "0.6")}
    seen_by = dict.fromkeys(finders, SCHEME)

"""How large a unit's pool may be, how it may grow, and who may approve it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pay.rules.base import RUN, PayRule, flag, times


class PAY01(PayRule):
    """薪酬总额与经济发展、税收增长、辐射带动挂钩,一般不超过当地同条件机关收入2倍"""

    # Of a year whose reference income is not on file nothing is guessed: that is only told.
    id = "PAY-01"
    title = _("绩效总额上限")
    source = "山东2019意见"
    finders = {"cap": "pay_pay_01", "unknown": "pay_pay_01_unknown"}
    spans = frozenset(finders)
    warnings = frozenset({"unknown"})
    sentences = {
        "cap": _("绩效总额 %(pool)s 元，超过参照收入 %(income)s 元的 %(multiple)s 倍（%(limit)s 元）"),
        "unknown": _("没有 %(year)s 年的参照收入，无数据可核查"),
    }
    parameters = {"cap_multiple": times(_("绩效总额不超过参照收入的倍数"), "2")}
    seen_by = dict.fromkeys(finders, RUN)


class PAY03(PayRule):
    """工资总额增幅不超过经济效益增幅;未保值增值不得增长;增人不增、减人不减"""

    # Written for state enterprises: a zone says in its charter whether it keeps to it. Which results count is what
    # the scheme's F03 names; that headcount changes nothing is in that formula, which knows of no headcount.
    id = "PAY-03"
    title = _("绩效总额增幅")
    source = "国发〔2018〕16号(国企)"
    finders = {
        "growth": "pay_pay_03_growth",
        "preserved": "pay_pay_03_preserved",
        "unknown": "pay_pay_03_unknown",
    }
    spans = frozenset(finders)
    warnings = frozenset({"unknown"})
    sentences = {
        "growth": _("绩效总额 %(pool)s 元，增长 %(grown)s%%；效益增长 %(benefit)s%%，最高 %(limit)s 元"),
        "preserved": _("保值增值率 %(kept)s%%，绩效总额却增加 %(more)s 元"),
        "unknown": _("%(what)s，无数据可核查"),
    }
    labels = {
        "what": {
            "last_pool": _("没有上年绩效总额"),
            "metric": _("绩效方案没有写明效益指标（F03）"),
            "figures": _("效益指标缺少同口径的两年数据"),
            "undefined": _("效益指标上年为零或负数，增幅无定义"),
            "assets": _("绩效总额增长，没有资产保值增值率"),
        }
    }
    parameters = {"applies": flag(_("绩效总额增幅不得超过效益增幅"))}
    seen_by = dict.fromkeys(finders, RUN)


class PAY04(PayRule):
    """任何机关不得违反国家规定自行更改公务员工资、福利、保险政策"""

    # That an approved run has an instrument at all is a check of its row (pay_run_approved); here, whose it is.
    id = "PAY-04"
    title = _("绩效总额的批准机关")
    source, article = "公务员法", "84"
    finders = {"issuer": "pay_pay_04"}
    spans = frozenset(finders)
    sentences = {"issuer": _("批文“%(title)s”由%(issuer)s印发，不是规定的批准机关")}
    parameters = {
        "personnel": flag(_("人社部门可批准绩效总额")),
        "finance": flag(_("财政部门可批准绩效总额")),
        "organisation": flag(_("组织部门可批准绩效总额")),
        "government": flag(_("党委、政府及其派出机构可批准绩效总额"), 0),
    }
    seen_by = dict.fromkeys(finders, RUN)

"""What a term of office may release, and what nobody who was found incompetent may have."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pay.rules.base import PEOPLE, TERM, PayRule, flag, ratio


class PAY08(PayRule):
    """任期激励收入不超过任期内年薪总水平的30%;年度不胜任不得领绩效年薪"""

    # The instrument of a term's result may set another cap; without one, the charter's counts.
    id = "PAY-08"
    title = _("任期激励上限与不胜任")
    source = "河南国资"
    finders = {"cap": "pay_pay_08_cap", "zero": "pay_pay_08_zero", "unknown": "pay_pay_08_unknown"}
    spans = frozenset(finders)
    warnings = frozenset({"unknown"})
    sentences = {
        "cap": _("任期兑现递延 %(later)s 元，超过任期绩效的 %(cap)s%%（%(most)s 元）"),
        "zero": _("%(year)s 年度不胜任，核算 %(run)s 仍应发 %(amount)s 元"),
        "unknown": _("任期内没有已审批的核算，无数据可核查"),
    }
    parameters = {
        "cap": ratio(_("任期激励占任期绩效的上限"), "0.3"),
        "incompetent_zero": flag(_("年度不胜任的不得领取绩效")),
    }
    seen_by = {"cap": TERM, "unknown": TERM, "zero": PEOPLE}

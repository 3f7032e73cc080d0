"""For how many months somebody is paid."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pay.rules.base import PEOPLE, PayRule


class PAY09(PayRule):
    """任期不满一年的按实际任期月数兑现"""

    id = "PAY-09"
    title = _("按任职月数兑现")
    source = "国资"
    finders = {"months": "pay_pay_09"}
    spans = frozenset(finders)
    sentences = {"months": _("%(year)s 年计发 %(months)s 个月，任职涉及 %(held)s 个月（核算 %(run)s）")}
    seen_by = dict.fromkeys(finders, PEOPLE)


class PAY10(PayRule):
    """年休假5/10/15天;年休假期间工资照发,不得折减"""

    # That a scheme cannot name paid leave among what cuts is a check of its row (pay_scheme_paid_leave). How many
    # days somebody may have is not judged: years of work before the zone are not on file.
    id = "PAY-10"
    title = _("带薪休假不扣减月数")
    source, article = "职工带薪年休假条例", "3,5"
    finders = {"cut": "pay_pay_10"}
    spans = frozenset(finders)
    sentences = {"cut": _("%(year)s 年休过带薪假，扣减 %(cut)s 个月，其他原因至多 %(other)s 个月（核算 %(run)s）")}
    seen_by = dict.fromkeys(finders, PEOPLE)

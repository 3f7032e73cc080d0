"""How long a sanction lasts (处分期), and which there are, by the person's status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from common.rules import Rule
from staffing.rules.appointments import REGULATION, SERVANTS, months

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_SENTENCES: dict[str, StrOrPromise] = {
    "period": _("处分期须为 %(months)s 个月，现至 %(ends)s"),
    "kind": _("该处分种类不适用于此人的身份"),
}
_WARNING, _DEMERIT, _REMOVAL = (
    months(_("警告的处分期"), 6),
    months(_("记过的处分期"), 12),
    months(_("撤职的处分期"), 24),
)


class ASM13(Rule):
    """处分期：警告6个月，记过12个月，降低岗位等级或撤职24个月"""

    id = "ASM-13"
    title = _("事业单位工作人员处分期")
    source, article, basis = REGULATION, "29", "stored"
    finders = {"period": "staffing_asm_13_period", "kind": "staffing_asm_13_kind"}
    spans = frozenset(finders)
    sentences = _SENTENCES
    parameters = {
        "warning_months": _WARNING,
        "demerit_months": _DEMERIT,
        "lower_post_months": months(_("降低岗位等级的处分期"), 24),
        "removal_months": _REMOVAL,
    }


class ASM14(Rule):
    """处分期：警告6个月，记过12个月，记大过18个月，降级、撤职24个月"""

    id = "ASM-14"
    title = _("公务员处分期")
    source, article, basis = SERVANTS, "64", "stored"
    finders = {"period": "staffing_asm_14_period", "kind": "staffing_asm_14_kind"}
    spans = frozenset(finders)
    sentences = _SENTENCES
    parameters = {
        "warning_months": _WARNING,
        "demerit_months": _DEMERIT,
        "serious_demerit_months": months(_("记大过的处分期"), 18),
        "demotion_months": months(_("降级的处分期"), 24),
        "removal_months": _REMOVAL,
    }

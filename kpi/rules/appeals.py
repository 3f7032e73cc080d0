"""The clocks of review and appeal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule
from kpi.rules.grades import SERVANTS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def days(label: StrOrPromise, example: int) -> Parameter:
    return Parameter(label, _("天"), Decimal(example))


class ASM12(Rule):
    """自知道之日起30日内申请复核；复核决定30日内作出；对复核不服的15日内申诉"""

    id = "ASM-12"
    title = _("复核和申诉的期限")
    source, article, basis = SERVANTS, "95", "stored"
    parameters = {
        "review_apply": days(_("申请复核的期限"), 30),
        "review_decide": days(_("作出复核决定的期限"), 30),
        "appeal": days(_("对复核不服的申诉期限"), 15),
        "appeal_decide": days(_("作出申诉决定的期限"), 60),
    }

"""How many may be 优秀, and, where a zone has adopted it, how many must be at the end."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule
from kpi.rules.grades import ASSESSMENT

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def ratio(label: StrOrPromise, example: str) -> Parameter:
    return Parameter(label, "%", Decimal(example), "ratio")


class ASM03(Rule):
    """优秀等次一般不超过应参加考核人数的20%，经审核同意最高25%"""

    id = "ASM-03"
    title = _("优秀名额")
    source, basis = ASSESSMENT, "stored"
    parameters = {"base_ratio": ratio(_("优秀比例"), "0.2"), "max_ratio": ratio(_("经批准提高后的最高比例"), "0.25")}


class ASM04(Rule):
    """优秀等次一般不超过20%，符合条件的经审核一般掌握在25%"""

    id = "ASM-04"
    title = _("事业单位优秀名额")
    source, basis = "事业单位工作人员考核规定", "memory"
    parameters = {"base_ratio": ratio(_("优秀比例"), "0.2"), "raised_ratio": ratio(_("经审核提高后的比例"), "0.25")}


class ASM15(Rule):
    """末位人员比例不少于5%，强制分布"""

    id = "ASM-15"
    title = _("末位比例")
    source, basis = "济南高新区", "stored"
    parameters = {"min_ratio": ratio(_("末位比例下限"), "0.05")}


class ASM16(Rule):
    """每年淘汰比例2%至5%"""

    id = "ASM-16"
    title = _("淘汰比例")
    source, basis = "金普新区", "stored"
    parameters = {"low_ratio": ratio(_("淘汰比例下限"), "0.02"), "high_ratio": ratio(_("淘汰比例上限"), "0.05")}

"""Who may have which grade. What is on file decides; PostgreSQL refuses the rest on every path (``judging.sql``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule
from kpi.models import Undetermined
from staffing.models import Sanction

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REGULATION = "事业单位人事管理条例"
SERVANTS = "公务员法"
ASSESSMENT = "公务员考核规定"


class ASM01(Rule):
    """年度考核：优秀、合格、基本合格、不合格；聘期考核：合格、不合格"""

    id = "ASM-01"
    title = _("事业单位工作人员的考核等次")
    source, article, basis = REGULATION, "21", "stored"


class ASM02(Rule):
    """公务员：优秀、称职、基本称职、不称职"""

    id = "ASM-02"
    title = _("公务员的考核等次")
    source, article, basis = SERVANTS, "38", "stored"


class Barring(Rule):
    """Base of the rules by which somebody has no grade, or not the best one; ``reason`` is how a result says so."""

    id = "ASM"
    title = _("考核等次")
    source, basis = ASSESSMENT, "stored"
    reason: ClassVar[Undetermined]
    said: ClassVar[StrOrPromise] = ""
    #: The noun whose rows are the facts: who may not see those is told the rule alone.
    noun: ClassVar[str] = ""

    @classmethod
    def sentence(cls, facts: Mapping[str, Any]) -> str:
        """What on file says so, in the reader's language."""
        return str(cls.said) % {name: _shown(value) for name, value in facts.items()}


# The base is no rule of the catalogue.
del Rule.registry[Barring.id]


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return "、".join(str(dict(Sanction.Kind.choices).get(each, each)) for each in value)
    if isinstance(value, str):
        try:
            return date_format(dt.date.fromisoformat(value), "DATE_FORMAT")
        except ValueError:
            return value
    return value


class ASM05(Barring):
    """试用期内参加考核，只写评语，不确定等次"""

    id = "ASM-05"
    title = _("试用期内")
    article = "25"
    reason, noun = Undetermined.PROBATION, "appointment"
    said = _("试用期至 %(ends)s，当年年底仍在试用期内")


class ASM06(Barring):
    """调任转任由现单位考核；挂职援派一般由当年工作半年以上的单位考核；专项工作由派出单位考核"""

    id = "ASM-06"
    title = _("由谁考核")
    article = "26"
    reason, noun = Undetermined.SECONDED, "secondment"
    said = _("当年 %(months)s 个月在%(host)s工作，由该单位考核")


class ASM07(Barring):
    """病、事假累计超过考核年度半年，参加考核，不确定等次"""

    id = "ASM-07"
    title = _("病假、事假超过半年")
    article = "27"
    reason, noun = Undetermined.LONG_LEAVE, "absence"
    said = _("病假、事假累计 %(days)s 天，超过 %(limit)s 天")
    parameters: ClassVar = {"days": Parameter(_("病假、事假累计上限"), _("天"), Decimal(183))}


class ASM08(Barring):
    """被立案审查调查未结案，参加考核不写评语、不定等次；结案后无处分或受警告的补定"""

    id = "ASM-08"
    title = _("立案未结案")
    article = "28"
    reason, noun = Undetermined.OPEN_CASE, "inquiry"
    said = _("%(since)s立案，尚未结案；结案后补定")


class ASM09(Barring):
    """受警告当年不得确定为优秀；受记过当年和受记大过、降级、撤职期间，只写评语，不确定等次"""

    id = "ASM-09"
    title = _("受处分")
    article = "29"
    reason, noun = Undetermined.SANCTION, "sanction"
    said = _("%(since)s受%(kinds)s处分")


BARRING: dict[str, type[Barring]] = {rule.id: rule for rule in (ASM05, ASM06, ASM07, ASM08, ASM09)}

"""The rules of selection rounds: their steps, and how long a public notice stands."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule
from staffing.rules.appointments import APT05


class APT01(Rule):
    """新聘用应面向社会公开招聘;7步:方案、公布信息、资格审查、考试考察、体检、公示、合同"""

    # Held by the triggers of migrations/sql/selections.sql: no step of a round is skipped or gone back to.
    id = "APT-01"
    title = _("公开招聘程序")
    source = "事业单位人事管理条例"
    article = "8-9"
    basis = "stored"


class APT02(Rule):
    """竞聘上岗6步:方案、公布岗位资格聘期、资格审查、考评、公示、聘任"""

    # Held by the same triggers.
    id = "APT-02"
    title = _("竞聘上岗程序")
    source = "事业单位人事管理条例"
    article = "10"
    basis = "stored"


# APT-05 is of probation first (staffing/rules/appointments.py); of a notice it says seven days.
APT05.parameters = {**APT05.parameters, "notice_days": Parameter(_("拟聘公示不少于"), _("日"), Decimal(7))}
APT05.add_finders(
    {"notice": "staffing_apt_05_notice"},
    {"notice": _("公示 %(days)s 日，少于 %(limit)s 日")},
    warnings=["notice"],
)


class APT06(Rule):
    """公示期7至15日"""

    id = "APT-06"
    title = _("公开招聘公示期")
    source = "事业单位公开招聘人员暂行规定"
    basis = "memory"
    severity = "warning"
    finders = {"notice": "staffing_apt_06"}
    sentences = {"notice": _("公示 %(days)s 日，应为 %(least)s 至 %(most)s 日")}
    parameters = {
        "min_days": Parameter(_("公示期下限"), _("日"), Decimal(7)),
        "max_days": Parameter(_("公示期上限"), _("日"), Decimal(15)),
    }


class APT09(Rule):
    """拟录用公示期不少于五个工作日"""

    id = "APT-09"
    title = _("拟录用公示期")
    source = "公务员法"
    article = "32"
    basis = "stored"
    severity = "warning"
    finders = {"notice": "staffing_apt_09"}
    sentences = {"notice": _("公示 %(days)s 个工作日，少于 %(limit)s 个")}
    parameters = {"working_days": Parameter(_("公示不少于"), _("工作日"), Decimal(5))}


class APT10(Rule):
    """提拔厅局级以下领导职务,公示期不少于五个工作日"""

    id = "APT-10"
    title = _("任职公示期")
    source = "党政领导干部选拔任用工作条例"
    article = "41"
    basis = "stored"
    severity = "warning"
    finders = {"notice": "staffing_apt_10"}
    sentences = {"notice": _("公示 %(days)s 个工作日，少于 %(limit)s 个")}
    parameters = {"working_days": Parameter(_("任职公示不少于"), _("工作日"), Decimal(5))}

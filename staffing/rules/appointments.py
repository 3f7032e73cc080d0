"""The rules of appointments (聘任); what they compare with stands in the charter in force when a term begins.

The functions that find offenders are in ``migrations/sql/appointment_rules.sql``.
A hard measure is judged over all days at once, at COMMIT, when the roster or a
fact about its people changes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REGULATION = "事业单位人事管理条例"
CADRES = "党政领导干部选拔任用工作条例"
SERVANTS = "公务员法"


def months(label: StrOrPromise, example: int) -> Parameter:
    return Parameter(label, _("个月"), Decimal(example))


def years(label: StrOrPromise, example: int) -> Parameter:
    return Parameter(label, _("年"), Decimal(example))


class APT03(Rule):
    """聘用合同期限一般不低于3年"""

    id = "APT-03"
    title = _("聘期下限")
    source, article, basis = REGULATION, "12", "stored"
    severity = "warning"
    finders = {"term": "staffing_apt_03"}
    spans = frozenset(finders)
    sentences = {"term": _("聘期至 %(ends)s，不足 %(least)s 个月")}
    parameters = {"min_months": months(_("聘期下限"), 36)}


class APT04(Rule):
    """初次就业且合同3年以上，试用期12个月"""

    id = "APT-04"
    title = _("初次就业的试用期")
    source, article, basis = REGULATION, "13", "stored"
    finders = {"probation": "staffing_apt_04"}
    spans = frozenset(finders)
    sentences = {"probation": _("初次就业的试用期须为 %(months)s 个月，现至 %(ends)s")}
    parameters = {
        "months": months(_("试用期"), 12),
        "contract_months": months(_("适用的合同期限"), 36),
    }


class APT05(Rule):
    """试用期一般不超过3个月，特殊最长6个月；应届可延至12个月；拟聘公示7日"""

    id = "APT-05"
    title = _("试用期上限")
    source, basis = "聘用制（国办发〔2002〕35号）", "stored"
    finders = {"probation": "staffing_apt_05"}
    spans = frozenset(finders)
    sentences = {"probation": _("试用期至 %(ends)s，超过 %(most)s 个月")}
    parameters = {
        "general": months(_("一般聘用的试用期上限"), 3),
        "special": months(_("特殊岗位的试用期上限"), 6),
        "fresh_graduate": months(_("应届毕业生及其他的试用期上限"), 12),
    }


class APT07(Rule):
    """连续工作满10年且距退休不足10年，可要求订立聘用至退休的合同"""

    id = "APT-07"
    title = _("聘用至退休")
    source, article, basis = REGULATION, "14", "stored"
    # As far as until he retires, and no farther; that he may ask for it is only told.
    finders = {"entitled": "staffing_apt_07", "past": "staffing_apt_07_past"}
    warnings = frozenset({"entitled"})
    spans = frozenset({"past"})
    sentences = {
        "entitled": _("已连续工作 %(years)s 年，可要求订立聘用至退休的合同"),
        "past": _("聘期至 %(ends)s，晚于退休日期 %(retires)s"),
    }
    parameters = {
        "service_years": years(_("连续工作年限"), 10),
        "before_years": years(_("距退休年限"), 10),
    }


class APT08(Rule):
    """连续旷工超过15个工作日或1年累计超过30个工作日可解除；年度考核不合格且不同意调岗，或连续两年不合格，提前30日书面通知可解除"""

    id = "APT-08"
    title = _("解除聘用")
    source, article, basis = REGULATION, "15-17", "stored"
    # Whoever was absent too long may be dismissed, and need not be: that is only reported, for a year.
    finders = {
        "notice": "staffing_apt_08_notice",
        "run": "staffing_apt_08_run",
        "year": "staffing_apt_08_year",
    }
    spans = frozenset({"notice"})
    warnings = frozenset({"run", "year"})
    sentences = {
        "notice": _("考核不合格解聘须提前 %(days)s 日书面通知，在岗最后一天为 %(last)s"),
        "run": _("连续旷工 %(days)s 个工作日，超过 %(most)s 个，可解除聘用"),
        "year": _("一年内累计旷工 %(days)s 个工作日，超过 %(most)s 个，可解除聘用"),
    }
    parameters = {
        "notice": Parameter(_("书面通知提前日数"), _("日"), Decimal(30)),
        "unexcused_run": Parameter(_("连续旷工上限"), _("个工作日"), Decimal(15)),
        "unexcused_year": Parameter(_("一年内累计旷工上限"), _("个工作日"), Decimal(30)),
    }


class APT11(Rule):
    """提拔担任内设机构领导职务等，试用期为一年"""

    id = "APT-11"
    title = _("提拔任职的试用期")
    source, article, basis = CADRES, "42", "stored"
    finders = {"probation": "staffing_apt_11"}
    spans = frozenset(finders)
    sentences = {"probation": _("提拔任职的试用期须为 %(months)s 个月，现至 %(ends)s")}
    parameters = {"months": months(_("试用期"), 12)}


class APT12(Rule):
    """由党委（党组）决定任职的，自决定之日起计算任职时间"""

    id = "APT-12"
    title = _("任职自决定之日起")
    source, article, basis = CADRES, "44", "stored"
    finders = {"early": "staffing_apt_12"}
    spans = frozenset(finders)
    sentences = {"early": _("决定日期为 %(decided)s，任职不能早于此日（现自 %(starts)s 起）")}


class APT13(Rule):
    """任职应在编制限额和职数内并有相应职位空缺"""

    # Held seat by seat by the trigger staffing_seats and by staffing_seat_once: nobody sits where there is no seat.
    id = "APT-13"
    title = _("有空缺方可任职")
    source, article, basis = SERVANTS, "43", "stored"


class APT14(Rule):
    """聘任制公务员须省级以上公务员主管部门批准；合同1-5年；试用1-12个月；协议工资；争议60日内申请仲裁"""

    # The approval's number is a check of the row: staffing_statutory_approved.
    id = "APT-14"
    title = _("聘任制公务员")
    source, article, basis = SERVANTS, "100-105", "stored"
    finders = {"term": "staffing_apt_14_term", "probation": "staffing_apt_14_probation"}
    spans = frozenset(finders)
    sentences = {
        "term": _("合同期限须为 %(least)s 至 %(most)s 年，现至 %(ends)s"),
        "probation": _("试用期须为 %(least)s 至 %(most)s 个月"),
    }
    parameters = {
        "min_years": years(_("合同期限下限"), 1),
        "max_years": years(_("合同期限上限"), 5),
        "min_probation_months": months(_("试用期下限"), 1),
        "max_probation_months": months(_("试用期上限"), 12),
    }


class APT15(Rule):
    """夫妻、直系血亲、三代以内旁系血亲、近姻亲不得有直接上下级领导关系等"""

    id = "APT-15"
    title = _("任职回避")
    source, article, basis = SERVANTS, "74", "stored"
    finders = {"direct": "staffing_apt_15"}
    spans = frozenset(finders)
    sentences = {"direct": _("与直接上级 %(superior)s 有应当回避的亲属关系")}


class APT16(Rule):
    """挂职期间不改变与原机关的人事关系"""

    id = "APT-16"
    title = _("借调挂职不改变人事关系")
    source, article, basis = SERVANTS, "72", "stored"
    finders = {"home": "staffing_apt_16"}
    spans = frozenset(finders)
    sentences = {"home": _("借调挂职期间人事关系在%(home)s，不能自 %(starts)s 起任他单位的主岗")}


class APT17(Rule):
    """除领导班子外全员聘任，聘期3年；班子任期3年，同一岗位一般不超过3个任期"""

    id = "APT-17"
    title = _("聘期与连任")
    source, basis = "山西三化三制", "stored"
    severity = "warning"
    finders = {"term": "staffing_apt_17_term", "terms": "staffing_apt_17_terms"}
    spans = frozenset(finders)
    sentences = {
        "term": _("聘期至 %(ends)s，不是 %(months)s 个月"),
        "terms": _("同一岗位第 %(number)s 个任期，一般不超过 %(most)s 个"),
    }
    parameters = {
        "term_months": months(_("聘期"), 36),
        "max_terms": Parameter(_("班子成员同一岗位连任上限"), _("个任期"), Decimal(3)),
    }


class APT18(Rule):
    """每个任期一般为三至五年"""

    id = "APT-18"
    title = _("任期长短")
    source, basis = "聊城经开区", "stored"
    severity = "warning"
    finders = {"term": "staffing_apt_18"}
    spans = frozenset(finders)
    sentences = {"term": _("聘期至 %(ends)s，不在 %(least)s 至 %(most)s 年之内")}
    parameters = {
        "min_years": years(_("任期下限"), 3),
        "max_years": years(_("任期上限"), 5),
    }

"""The rules of structure: each names its requirement and source, and the SQL functions that find offenders.

What they compare with (tiers, share, quotas) stands in the charter in force on
the day; the functions themselves are in ``migrations/sql/finders.sql`` and ``law.sql``.
What is counted of people (ORG-01, 03, 04, 09) is added by ``staffing/rules.py``.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule
from orgchart.models import QuotaKind
from zones.models import UnitVersion

#: The regulation that most rules of establishment come from.
REGULATION = "地方各级人民政府机构设置和编制管理条例"
KINDS = dict(QuotaKind.choices)


class CharterInForce(Rule):
    """设有职能机构的开发区，须有生效的机构编制规定；规定实行限额管理的种类，各单位均须有限额"""

    id = "CHARTER"
    title = _("机构编制规定")
    source = "设计约定"
    basis = "plausible"
    finders = {"missing": "orgchart_charter_missing", "quotas": "orgchart_charter_quotas"}
    sentences = {
        "missing": _("%(count)s 个职能机构没有可依据的机构编制规定"),
        "quotas": _("没有核定%(kind)s"),
    }
    labels = {"kind": KINDS}


class ORG01(Rule):
    """机构实有人员不得突破规定的编制；禁止擅自设置机构和增加编制"""

    id = "ORG-01"
    title = _("编制与人数")
    source = REGULATION
    article = "6"
    basis = "stored"
    labels = {"kind": KINDS}


class ORG02(Rule):
    """内设机构的设立、撤销、合并或者变更规格、名称，报本级机构编制管理机关审批"""

    id = "ORG-02"
    title = _("机构变动须有批文")
    source = REGULATION
    article = "13"
    basis = "stored"
    finders = {
        "late": "orgchart_org_02_late",
        "closing": "orgchart_org_02_closing",
        "number": "orgchart_org_02_number",
    }
    sentences = {
        "late": _("%(starts)s 起实施，批文 %(issued)s 才印发"),
        "closing": _("%(ends)s 撤销，没有不晚于此日的撤销批文"),
        "number": _("%(count)s 个机构所依据的“%(title)s”没有登记文号"),
    }
    warnings = frozenset({"number"})


class ORG03(Rule):
    """行政机构用行政编制，事业单位用事业编制，不得混用、挤占、挪用或自行设定其他类别"""

    id = "ORG-03"
    title = _("编制类别不混用")
    source = REGULATION
    article = "15"
    basis = "stored"
    finders = {"quota": "orgchart_org_03_quota"}
    sentences = {"quota": _("单位为%(organ)s，却核有%(kind)s %(limit)s 名")}
    labels = {"kind": KINDS, "organ": dict(UnitVersion.Organ.choices)}


class ORG04(Rule):
    """超职数、超规格配备领导成员属违规"""

    id = "ORG-04"
    title = _("领导与负责人职数")
    source = REGULATION
    article = "26"
    basis = "stored"
    labels = {"kind": KINDS}


class ORG05(Rule):
    """园区领导、部门负责人、工作人员三级管理框架；职能机构不再下设二级内设机构"""

    id = "ORG-05"
    title = _("管理层级与机构数")
    source = "仪征方案"
    basis = "stored"
    finders = {
        "tiers": "orgchart_org_05_tiers",
        "second_level": "orgchart_org_05_second_level",
        "bureaus": "orgchart_org_05_bureaus",
    }
    sentences = {
        "tiers": _("第 %(place)s 层，上限 %(limit)s 层"),
        "second_level": _("下设于 %(superior)s"),
        "bureaus": _("职能机构 %(count)s 个，限额 %(limit)s 个"),
    }
    parameters = {
        "max_levels": Parameter(_("管理层级上限"), _("级"), Decimal(3)),
        "sublevel_allowed": Parameter(_("可设二级内设机构"), "", Decimal(0), "flag"),
    }


class ORG06(Rule):
    """聚焦主责主业的职能机构比例不低于60%"""

    id = "ORG-06"
    title = _("主责主业比例")
    source = "仪征方案"
    basis = "stored"
    finders = {"unit": "orgchart_org_06_unit", "zone": "orgchart_org_06_zone"}
    sentences = dict.fromkeys(finders, _("主责主业机构 %(core)s/%(total)s，低于 %(least)s%%"))
    parameters = {"min_ratio": Parameter(_("主责主业机构比例下限"), "%", Decimal("0.6"), "ratio")}


class ORG07(Rule):
    """经济开发区已设置的管理机构，3个功能园区不再另行设立"""

    id = "ORG-07"
    title = _("不重复设置")
    source = "仪征方案"
    basis = "stored"
    finders = {"duplicate": "orgchart_org_07"}
    sentences = {"duplicate": _("职能「%(function)s」已由开发区 %(bureau)s 承担")}
    parameters = {"duplicates_allowed": Parameter(_("园区可重复设置"), "", Decimal(0), "flag")}


class ORG08(Rule):
    """经开区党工委管委会正处级，扬州市委市政府派出机关；化工园管理办公室副处级，仪征市政府派出机关"""

    id = "ORG-08"
    title = _("机构规格与派出机关")
    source = "省委编办批复2019"
    basis = "stored"
    finders = {"instrument": "orgchart_org_08_instrument", "unpublished": "orgchart_org_08_unpublished"}
    sentences = {
        "instrument": _("机构规格（%(rank)s）或派出机关没有不晚于生效日的批文"),
        "unpublished": _("机构规格：%(rank)s；派出机关：%(body)s"),
    }
    labels = {"rank": dict(UnitVersion.Rank.choices), "body": {"": _("未公布")}}
    warnings = frozenset({"unpublished"})


class ORG09(Rule):
    """正处级领导职数不超过7名，副处级5名，科级3名"""

    id = "ORG-09"
    title = _("按职务层次核定领导职数")
    source = "某市开发区机构整合"
    basis = "stored"
    labels = {"kind": KINDS}


class ORG10(Rule):
    """代管镇街的厅级开发区管理机构内设机构限额13个，内设机构不再下设管理层级"""

    id = "ORG-10"
    title = _("管理机构内设机构限额")
    source = "惠州"
    basis = "stored"
    finders = {"cap": "orgchart_org_10_cap", "sublevel": "orgchart_org_10_sublevel"}
    sentences = {"cap": _("职能机构 %(count)s 个，限额 %(limit)s 个"), "sublevel": _("下设于 %(superior)s")}
    parameters = {"cap": Parameter(_("管理机构内设机构限额"), _("个"), Decimal(13))}


class ORG11(Rule):
    """专门承担经济发展职责的内设机构不低于50%"""

    id = "ORG-11"
    title = _("专门承担经济发展职责的机构比例")
    source = "丽水"
    basis = "stored"
    finders = {"share": "orgchart_org_11"}
    sentences = {"share": _("专门承担经济发展职责的机构 %(core)s/%(total)s，低于 %(least)s%%")}
    parameters = {"min_ratio": Parameter(_("专门承担经济发展职责的机构比例下限"), "%", Decimal("0.5"), "ratio")}


class ORG12(Rule):
    """经济发展部门占全部内设机构80%以上"""

    id = "ORG-12"
    title = _("经济发展部门比例")
    source = "唐山"
    basis = "stored"
    finders = {"share": "orgchart_org_12"}
    sentences = {"share": _("经济发展部门 %(core)s/%(total)s，低于 %(least)s%%")}
    parameters = {"min_ratio": Parameter(_("经济发展部门比例下限"), "%", Decimal("0.8"), "ratio")}


class ORG13(Rule):
    """动议、论证、审议决定、组织实施;三定规定是机构编制法定化载体,不得擅自变更"""

    id = "ORG-13"
    title = _("机构调整程序")
    source = "中国共产党机构编制工作条例（2019）"
    basis = "memory"
    finders = {"steps": "orgchart_org_13"}
    sentences = {"steps": _("已批复，但只办理了 %(steps)s 个环节，应办 4 个")}


class DUTY01(Rule):
    """职责一经承担不能中断：同一区域同一职责始终有且只有一个承担者，终止须有依据"""

    id = "DUTY-01"
    title = _("职责不落空")
    source = "设计约定"
    basis = "plausible"
    finders = {"dropped": "orgchart_duty_01"}
    sentences = {"dropped": _("%(area)s范围内曾有承担者，此后无人承担，也没有终止依据")}
    spans = frozenset({"dropped"})

"""The rules of structure: each names its requirement and source, and the SQL functions that find offenders.

What they compare with (tiers, share, quotas) stands in the charter in force on
the day; the functions themselves are in ``migrations/sql/finders.sql``.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule


class CharterInForce(Rule):
    """设有职能机构的开发区，须有生效的机构编制规定"""

    id = "CHARTER"
    title = _("机构编制规定")
    source = "设计约定"
    basis = "plausible"
    finders = {"missing": "orgchart_charter_missing"}
    sentences = {"missing": _("%(count)s 个职能机构没有可依据的机构编制规定")}


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


class ORG13(Rule):
    """动议、论证、审议决定、组织实施;三定规定是机构编制法定化载体,不得擅自变更"""

    id = "ORG-13"
    title = _("机构调整程序")
    source = "中国共产党机构编制工作条例（2019）"
    basis = "memory"
    finders = {"steps": "orgchart_org_13"}
    sentences = {"steps": _("已批复，但只办理了 %(steps)s 个环节，应办 4 个")}

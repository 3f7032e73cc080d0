"""The rules of structure: each names its requirement and source, and the SQL functions that find offenders.

What they compare with (tiers, share, quotas) stands in the charter in force on
the day; the functions themselves are in ``migrations/sql/rules.sql``.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.rules import Rule


class CharterInForce(Rule):
    """设有职能机构的开发区，须有生效的机构编制规定"""

    id = "CHARTER"
    title = _("机构编制规定")
    source = "设计约定"
    basis = "plausible"
    finders = ("orgchart_charter_missing",)


class ORG05(Rule):
    """园区领导、部门负责人、工作人员三级管理框架；职能机构不再下设二级内设机构"""

    id = "ORG-05"
    title = _("管理层级与机构数")
    source = "仪征方案"
    basis = "stored"
    finders = ("orgchart_org_05_tiers", "orgchart_org_05_second_level", "orgchart_org_05_bureaus")


class ORG06(Rule):
    """聚焦主责主业的职能机构比例不低于60%"""

    id = "ORG-06"
    title = _("主责主业比例")
    source = "仪征方案"
    basis = "stored"
    finders = ("orgchart_org_06",)


class ORG07(Rule):
    """经济开发区已设置的管理机构，3个功能园区不再另行设立"""

    id = "ORG-07"
    title = _("不重复设置")
    source = "仪征方案"
    basis = "stored"
    finders = ("orgchart_org_07",)

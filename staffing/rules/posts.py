"""The rules of posts (岗位设置). What each post must meet by itself is a check of its row, named in its class."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.rules import Parameter, Rule


class PST01(Rule):
    """岗位应当具有明确的名称、职责任务、工作标准和任职条件"""

    # Held on every row by staffing_post_pst_01: no post without the four can be stored.
    id = "PST-01"
    title = _("岗位四要素")
    source = "事业单位人事管理条例"
    article = "6"
    basis = "stored"


class PST02(Rule):
    """岗位设置方案报人事综合管理部门备案"""

    # A filing's number and date come before its use by staffing_filing_pst_02; here, the units that have none.
    id = "PST-02"
    title = _("岗位设置方案备案")
    source = "事业单位人事管理条例"
    article = "7"
    basis = "stored"
    severity = "warning"
    finders = {"unfiled": "staffing_pst_02"}
    sentences = {"unfiled": _("已设岗位 %(seats)s 席，岗位设置方案尚未备案")}
    parameters = {"filing_required": Parameter(_("岗位设置方案须备案"), "", Decimal(1), "flag")}


_BANDS = {
    "senior": (_("高级岗位"), 1), "middle": (_("中级岗位"), 3), "junior": (_("初级岗位"), 6),
    "level_02": (_("二级岗位"), 1), "level_03": (_("三级岗位"), 3), "level_04": (_("四级岗位"), 6),
    "level_05": (_("五级岗位"), 2), "level_06": (_("六级岗位"), 4), "level_07": (_("七级岗位"), 4),
    "level_08": (_("八级岗位"), 3), "level_09": (_("九级岗位"), 4), "level_10": (_("十级岗位"), 3),
    "level_11": (_("十一级岗位"), 5), "level_12": (_("十二级岗位"), 5),
}  # fmt: skip


class PST03(Rule):
    """专业技术高:中:初=1:3:6;2-4级1:3:6;5-7级2:4:4;8-10级3:4:3;11-12级5:5"""

    # Read as ceilings from the top: of each group, the upper levels may have no more than their part.
    id = "PST-03"
    title = _("专业技术岗位结构比例")
    source = "岗位设置"
    basis = "stored"
    severity = "warning"
    finders = {"ratio": "staffing_pst_03"}
    sentences = {"ratio": _("%(levels)s %(count)s 席，占 %(total)s 席的 %(share)s%%，高于 %(limit)s%%")}
    parameters = {name: Parameter(label, _("份"), Decimal(part)) for name, (label, part) in _BANDS.items()}


class PST04(Rule):
    """专技13级(正高1-4,副高5-7,中级8-10,初级11-13);管理岗位10级(省以下通常三至十级)"""

    # Held on every row by staffing_post_pst_04: a level is one of those of its category (staffing/posting/levels.py).
    id = "PST-04"
    title = _("岗位等级")
    source = "岗位设置"
    basis = "stored"


class PST05(Rule):
    """以专业技术为主体的事业单位专技岗位不低于70%"""

    # Asked of the units whose filed plan says that they mainly are professional.
    id = "PST-05"
    title = _("专业技术岗位比例")
    source = "岗位设置"
    basis = "stored"
    severity = "warning"
    finders = {"share": "staffing_pst_05"}
    sentences = {"share": _("专业技术岗位 %(count)s/%(total)s 席，低于 %(least)s%%")}
    parameters = {"min_ratio": Parameter(_("专业技术岗位比例下限"), "%", Decimal("0.7"), "ratio")}


class PST06(Rule):
    """岗位代码: GL05 / ZJ12 / GQ03, 普通工 GQ06"""

    # The form of a code is held on every row by staffing_post_pst_06; here, the posts that have none.
    id = "PST-06"
    title = _("岗位代码")
    source = "岗位说明书"
    basis = "stored"
    severity = "warning"
    finders = {"missing": "staffing_pst_06"}
    sentences = {"missing": _("%(seats)s 席，尚未确定岗位等级代码")}
    parameters = {"code_required": Parameter(_("岗位须有等级代码"), "", Decimal(1), "flag")}

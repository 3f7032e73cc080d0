"""How a scheme's decisions of edge cases read to people: what each is about, and each answer as a sentence."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from common.numerals import plain
from pay.settings import CHOICES, FACTORS, STORED, Settings
from staffing.models import Absence

Words = str | Promise

#: What the settings are about, in the order of the page: heading → fields.
GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (
        _("任职与月数"),
        ("post_change", "concurrent", "acting_share", "secondment", "leaver_month", "over_establishment"),
    ),
    (
        _("请假与处分"),
        ("cutting_leave", "long_leave", "long_leave_factor", "sanction", "open_case", "open_case_factor"),
    ),
    (
        _("没有等次的人"),
        ("probation_factor", "seconded_factor", "newcomer_factor", "leaver_factor", "missing", "incompetent"),
    ),
    (_("部门与总额"), ("new_bureau", "nobody", "appeal_reserve", "reserve_ratio")),
    (_("数据与增幅"), ("perimeter", "figures", "frozen_day", "negative_growth", "undefined_growth")),
)

NAMES: dict[str, Words] = {
    "post_change": _("年内换岗"),
    "concurrent": _("兼任"),
    "acting_share": _("主持工作的加成"),
    "secondment": _("借调、挂职由谁发放"),
    "seconded_factor": _("由接收单位考核的系数"),
    "probation_factor": _("试用期的系数"),
    "newcomer_factor": _("到岗时间不足的系数"),
    "leaver_factor": _("年内离岗、无等次的系数"),
    "leaver_month": _("退休、去世、调出的当月"),
    "cutting_leave": _("扣减月数的请假缺勤"),
    "long_leave": _("病、事假累计超过半年"),
    "long_leave_factor": _("病、事假超过半年者其余月份的系数"),
    "sanction": _("受记过以上处分"),
    "open_case": _("立案未结"),
    "open_case_factor": _("立案未结、无等次的系数"),
    "incompetent": _("不称职者的份额"),
    "over_establishment": _("超岗位数或超编在岗"),
    "new_bureau": _("年内新设部门的得分"),
    "missing": _("缺得分或等次"),
    "nobody": _("无人可分"),
    "perimeter": _("合并、分设后的口径"),
    "figures": _("数据更正"),
    "frozen_day": _("数据截止日（次年）"),
    "negative_growth": _("增幅为负"),
    "undefined_growth": _("上年为零或负数"),
    "appeal_reserve": _("申诉预留"),
    "reserve_ratio": _("申诉预留比例"),
}

ANSWERS: dict[str, dict[str, Words]] = {
    "post_change": {
        "by_month": _("按各岗位的月数分别计，两个部门各计各的月数"),
        "last_post": _("全年按最后一个岗位计"),
    },
    "concurrent": {"higher": _("就高，只按一个岗位计"), "primary": _("只按主岗计")},
    "secondment": {"home": _("由人事关系所在单位发放"), "host": _("由接收单位发放，原单位不计月数")},
    "leaver_month": {"through": _("计满当月"), "cutoff": _("按在岗月认定日计")},
    "long_leave": {"months": _("请假的月份不计，其余月份照计"), "zero_year": _("全年不参加分配")},
    "sanction": {"zero_year": _("全年不参加分配；警告按等次"), "by_grade": _("按考核结果计")},
    "open_case": {"hold": _("照算，结案前暂缓发放"), "zero": _("全年不参加分配")},
    "incompetent": {"bureau": _("留在本部门"), "pool": _("退回总额")},
    "over_establishment": {
        "flag": _("照计，在同一总额内分配（增人不增），并提示复核"),
        "exclude": _("超出席位或编制的月份不计，后到者为超编"),
    },
    "new_bureau": {"own": _("按本部门已有指标的得分"), "mean": _("按平均分")},
    "missing": {"block": _("不能核算"), "provisional": _("按平均数暂算，不能审批")},
    "nobody": {"refuse": _("不能核算"), "return": _("总额退回")},
    "perimeter": {
        "like_for_like": _("基年按新口径重列，口径不一致不能核算"),
        "as_reported": _("按各自口径，并提示复核"),
    },
    "figures": {"latest": _("按最新数据；批复后更正的，另作更正核算"), "frozen": _("以截止日为准，差额次年清算")},
    "negative_growth": {"clamp": _("不低于联动下限"), "pass_through": _("全额联动，减到零为止")},
    "undefined_growth": {"refuse": _("不能核算"), "completion": _("按当年目标的完成情况计")},
    "appeal_reserve": {
        "none": _("不预留"),
        "ratio": _("有未结申诉的，按总额的比例预留"),
        "difference": _("按申诉人等次变更后的差额预留"),
    },
}

KINDS = dict(Absence.Kind.choices)


def options(name: str) -> list[tuple[str, Words]]:
    """The answers of a setting with what they mean, for a form."""
    return [(answer, ANSWERS[name][answer]) for answer in CHOICES[name]]


def sentence(settings: Settings, name: str) -> str:
    """What the scheme says about one case, in words."""
    value = getattr(settings, name)
    if name in CHOICES:
        return str(ANSWERS[name][value])
    if name == "cutting_leave":
        kinds = "、".join(str(KINDS[kind]) for kind in value)
        return _now("%(kinds)s超过当月一半天数的，当月不计") % {"kinds": kinds} if kinds else _now("都不扣减")
    if name == "acting_share":
        return _now("本人岗位系数与所主持岗位系数之差的 %(share)s 倍") % {"share": plain(value)}
    return plain(value) if name in FACTORS or name == "reserve_ratio" else str(value)


def decided(settings: Settings) -> list[dict[str, Any]]:
    """Every decision by group; ``example`` where no document that was read says so."""
    return [
        {
            "title": title,
            "rows": [
                {
                    "key": name,
                    "name": NAMES[name],
                    "said": sentence(settings, name),
                    "example": STORED.get(name) != getattr(settings, name),
                }
                for name in names
            ],
        }
        for title, names in GROUPS
    ]

"""岗位说明书: what a post is, asks and answers for (fields of the form), as a PDF."""

from __future__ import annotations

import datetime as dt

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import NOTHING
from kpi.models import Line, Scorecard
from reports.tables import Entry, Form
from staffing.models import Post, PostVersion
from staffing.posting.post_line import below, superior
from zones.models import Unit

KIND = "post-description"
FORMATS = ("pdf",)


def fetch(access: Access, key: str, on: dt.date) -> tuple[Form, Unit]:
    """Of the post with that code, as it stands on the day. Raises Http404 when it does not stand then."""
    post = access.get(Post.objects.all(), code=key)
    version = PostVersion.objects.placed(on).select_related("unit").filter(post=post).first()
    if version is None:
        raise Http404
    return build(version, on, access), version.unit


def build(version: PostVersion, on: dt.date, access: Access) -> Form:
    above = superior(version, on)
    under = "、".join(f"{row.post_name}（{row.headcount}）" for row in below(version, on))
    code = version.level or NOTHING
    return Form(
        kind=KIND,
        title=_("岗位说明书"),
        subject=version.unit_name,
        as_of=on,
        example=version.is_example,
        lines=[
            [Entry(_("单位名称"), version.unit_name), Entry(_("内设机构"), version.bureau_name or _("单位领导"))],
            [Entry(_("岗位名称"), version.post_name), Entry(_("岗位编号"), version.post_code)],
            [Entry(_("岗位代码"), code), Entry(_("岗位类别"), version.get_category_display())],
            [
                Entry(_("岗位等级"), version.level_name or _("未定")),
                Entry(_("岗级"), f"{version.grade_name}  {version.coefficient or ''}".strip()),
            ],
            [Entry(_("直接上级"), above.post_name if above else NOTHING), Entry(_("岗位数"), str(version.headcount))],
            [Entry(_("下级岗位"), under or NOTHING)],
            [Entry(_("岗位职责"), version.duties)],
            [Entry(_("工作标准"), version.standards)],
            [Entry(_("任职条件"), version.requirements)],
            [Entry(_("聘期"), _term(version)), Entry(_("招聘范围"), _open(version))],
            [Entry(_("考核指标"), indicators(version, on, access) or NOTHING)],
            [Entry(_("编制日期"), version.starts.isoformat()), Entry(_("审核人"), "", tall=2)],
        ],
        notes=[_("岗位应当具有明确的名称、职责任务、工作标准和任职条件（事业单位人事管理条例第六条，PST-01）。")],
        basis={"post": version.post_code, "version": version.pk},
    )


def _term(version: PostVersion) -> str:
    return _("%(n)s 个月") % {"n": version.term_months} if version.term_months else _("不指定")


def _open(version: PostVersion) -> str:
    return _("面向社会公开招聘") if version.is_open else _("本区内部聘任")


def indicators(version: PostVersion, on: dt.date, access: Access) -> str:
    """What the post's bureau (or, for leaders, its unit) is scored on that year, as far as the reader may see it."""
    year = Scorecard.objects.filter(cycle__year=on.year, unit=version.unit_id)
    cards = year.filter(kind="bureau", bureau=version.bureau_id) if version.bureau_id else year.filter(kind="unit")
    lines = Line.objects.filter(scorecard__in=access.scope(cards)).select_related("indicator").order_by("sequence")
    return "；".join(f"{line.indicator.shown_name}（{line.weight.normalize():f}%）" for line in lines)

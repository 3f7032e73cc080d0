"""绩效方案: one version in words: how pools are made and shared, how each case at the edge is decided."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from django.utils.translation import gettext as _

from common.access import Access
from common.templatetags.onezone import daterange
from pay.models import Scheme
from pay.schemes.saying import Point, points
from pay.schemes.sentences import metric_names
from reports.tables import Column, Entry, Form
from zones.models import Unit, UnitVersion

KIND = "scheme-version"
FORMATS = ("pdf", "xlsx")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Form, Unit]:
    """Of the version with that key, for whoever may see it."""
    rows = Scheme.objects.select_related("zone", "instrument").prefetch_related("rules")
    found = access.get(rows, pk=key)
    return build(found, on), found.zone


def build(scheme: Scheme, on: dt.date) -> Form:
    """The version as on its page; what no document says is marked as an example."""
    ids = [scheme.zone_id, *(rule.unit_id for rule in scheme.rules.all() if rule.unit_id)]
    versions = UnitVersion.objects.on(on).filter(unit__in=ids)
    names = {version.unit_id: version.shown_name for version in versions}
    subject = names.get(scheme.zone_id, scheme.zone.code)
    document = scheme.instrument
    return Form(
        kind=KIND,
        title=_("绩效方案（第 %(version)s 版）") % {"version": scheme.version},
        subject=subject,
        as_of=on,
        basis={"scheme": scheme.pk, "scheme_version": scheme.version},
        example=scheme.is_example,
        lines=[
            [Entry(_("名称"), scheme.shown_name, 2)],
            [Entry(_("开发区"), subject), Entry(_("版本"), _("第 %(version)s 版") % {"version": scheme.version})],
            [Entry(_("起止"), daterange(scheme.period)), Entry(_("批文号"), document.number or document.code)],
            [Entry(_("批文"), document.title, 2)],
            [Entry(_("发文机关"), document.issuer), Entry(_("发文日期"), document.issued_on.isoformat())],
        ],
        tables=[
            (heading, _columns(), [_row(point) for point in group])
            for heading, group in groupby(points(scheme, names, metric_names()), key=lambda point: point.heading)
        ],
        notes=[
            _("各构成项相加，乘以单位考核等次系数，再取不超过各上限的数。"),
            _("部门额度按部门权重 × 部门系数分配（F14）；个人按岗位系数 × 在岗月数 ÷ 12 × 等次系数分配（F15）。"),
            _("标“示例”的为惯常做法，尚无文件依据，由开发区确认。"),
        ],
    )


def _columns() -> list[Column]:
    return [
        Column("name", _("情形"), width=26),
        Column("said", _("规定"), width=60),
        Column("mark", _("标注"), width=8),
    ]


def _row(point: Point) -> list[str]:
    return [point.name, point.said, _("示例") if point.example else ""]

"""责任书汇编: the letters of responsibility of a city's units in one file, one chapter each, as signed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import plain
from common.templatetags.onezone import zhdate
from kpi.city import lines
from kpi.city.reading import Entrant
from kpi.models import Line, Signature
from reports.books import Block, Book, Chapter
from reports.city import Asked, asked, weight_of
from reports.tables import Column
from zones.models import Unit

KIND = "city-letters"
FORMATS = ("pdf", "xlsx")
HEAVY = 300
heaviness = weight_of


def fetch(access: Access, key: str, on: dt.date) -> tuple[Book, Unit]:
    """Of a year (``12``) or of one sort of it: the units whose cards the visitor may open."""
    found = asked(access, key, on)
    rows = [row for row in found.rows if row.own]
    if not rows:
        raise Http404
    by_card = lines.lines_of(row.card.pk for row in rows)
    signed = _signatures(list(by_card))
    book = Book(
        kind=KIND,
        title=_("%(year)s 年目标责任书汇编") % {"year": found.cycle.year},
        subject=found.name,
        as_of=found.day,
        basis=found.basis,
        example=found.example,
        cover=[
            (_("考核年度"), str(found.cycle.year)),
            (_("责任书"), _("%(n)s 份") % {"n": len(rows)}),
            (_("双方已签"), _("%(n)s 份") % {"n": sum(row.card.frozen_at is not None for row in rows)}),
        ],
        chapters=[_letter(found, row, by_card[row.card.pk], signed.get(row.card.pk, [])) for row in rows],
        notes=[_("签订后的目标只凭批文调整。")],
    )
    return book, found.unit


def _signatures(cards: list[int]) -> dict[int, list[Signature]]:
    found: dict[int, list[Signature]] = defaultdict(list)
    for row in Signature.objects.filter(scorecard__in=cards).select_related("user").order_by("pk"):
        found[row.scorecard_id].append(row)
    return found


def _letter(found: Asked, row: Entrant, own: list[Line], signed: list[Signature]) -> Chapter:
    columns = [
        Column("number", _("序号"), "integer", 5),
        Column("group", _("一级指标"), width=12),
        Column("indicator", _("指标"), width=26),
        Column("weight", _("权重（%）"), "points", 8),
        Column("measure", _("计量单位"), width=8),
        Column("previous", _("上年实绩"), width=10),
        Column("target", _("目标值"), width=10),
        Column("challenge", _("挑战值"), width=10),
        Column("method", _("计分方法"), width=12),
        Column("source", _("数据来源部门"), width=14),
    ]
    by_side = {each.side: each for each in signed}
    facts = [
        (_("责任单位"), row.name),
        (_("考核年度"), str(found.cycle.year)),
        *((str(side.label), _signed(by_side.get(side.value))) for side in Signature.Side),
    ]
    block = Block(_("目标与权重"), columns, [_line(line, place) for place, line in enumerate(own, start=1)])
    block.totals = {"number": None, "group": _("合计"), "weight": sum(line.weight for line in own)}
    labels = [str(side.label) for side in Signature.Side]
    return Chapter(
        _("%(name)s %(year)s 年目标责任书") % {"name": row.name, "year": found.cycle.year},
        [block],
        facts=facts,
        signatures=[] if row.card.frozen_at else labels,
    )


def _signed(row: Signature | None) -> str:
    if row is None:
        return _("未签")
    return _("%(who)s，%(day)s签") % {
        "who": row.user.get_full_name() or row.user.username,
        "day": zhdate(row.signed_at),
    }


def _line(line: Line, place: int) -> dict:
    return {
        "number": place,
        "group": line.group,
        "indicator": line.indicator.shown_name,
        "weight": line.weight,
        "measure": line.indicator.measure,
        **{
            key: "" if getattr(line, key) is None else plain(getattr(line, key))
            for key in ("previous", "target", "challenge")
        },
        "method": str(line.indicator.get_method_display()),
        "source": line.indicator.data_source,
    }

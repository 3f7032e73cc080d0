"""KPI责任书: one card as a letter of responsibility, with both signatures and every version of its targets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Prefetch
from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.money import exact
from common.numerals import in_percent, plain
from kpi.entry import pages
from kpi.models import Adjustment, Evidence, Indicator, Line, Scorecard, Signature, TargetChange
from reports.books import Block, Book, Chapter
from reports.tables import Column
from staffing.models import Appointment
from zones.models import Unit, UnitVersion

KIND = "kpi-letter"
FORMATS = ("pdf", "xlsx")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Book, Unit]:
    """Of one card, for whoever may see it."""
    card = access.get(cards(on), pk=key)
    if not card.lines.all():
        raise Http404
    return book(KIND, [card], card.unit, on), card.unit


def cards(on: dt.date):
    """Cards with all that a letter says, in a number of queries that does not grow with them."""
    lines = Line.objects.select_related("indicator").order_by("sequence", "pk")
    evidence = Evidence.objects.filter(withdrawn_at=None).defer("content")
    return (
        Scorecard.objects.named(on)
        .select_related("cycle", "unit", "bureau", "person", "result")
        .prefetch_related(
            Prefetch("lines", lines),
            Prefetch("lines__evidence", evidence),
            Prefetch("lines__target_changes", TargetChange.objects.select_related("instrument").order_by("pk")),
            Prefetch("signatures", Signature.objects.select_related("user")),
            Prefetch("adjustments", Adjustment.objects.filter(state=Adjustment.State.APPROVED)),
        )
    )


def book(kind: str, found: Sequence[Scorecard], unit: Unit, on: dt.date) -> Book:
    """The letters of these cards, each a chapter of its own."""
    first = found[0]
    version = UnitVersion.objects.on(min(on, dt.date(first.cycle.year, 12, 31))).filter(unit=unit).first()
    heads = _heads(found)
    return Book(
        kind=kind,
        title=_("%(year)s 年 KPI 责任书") % {"year": first.cycle.year},
        subject=version.shown_name if version else unit.code,
        as_of=on,
        basis={"cards": [card.pk for card in found]},
        example=any(card.is_example for card in found),
        cover=[
            (_("年度"), str(first.cycle.year)),
            (_("责任书"), _("%(n)s 份") % {"n": len(found)}),
            (_("双方已签"), _("%(n)s 份") % {"n": sum(card.frozen_at is not None for card in found)}),
        ],
        chapters=[_chapter(card, heads.get(card.bureau_id or 0, "")) for card in found],
    )


def _heads(found: Iterable[Scorecard]) -> dict[int, str]:
    """Who heads each bureau on the day of its card."""
    bureaus = {card.bureau_id: card.subject_day for card in found if card.kind == Scorecard.Kind.BUREAU}
    if not bureaus:
        return {}
    day = max(bureaus.values())
    seats = Appointment.objects.on(day).filter(
        post__versions__period__contains=day, post__versions__bureau__in=bureaus, post__versions__is_head=True
    )
    rows = seats.order_by("-post__versions__sequence").values_list("post__versions__bureau", "person__name")
    return dict(rows)


def promised_columns() -> list[Column]:
    return [
        Column("number", _("序号"), "integer", 5),
        Column("group", _("一级指标"), width=11),
        Column("name", _("二级指标"), width=22),
        Column("kind", _("指标性质"), width=8),
        Column("weight", _("权重"), "points", 8),
        Column("measure", _("计量单位"), width=9),
        Column("previous", _("上年实绩"), width=10),
        Column("target", _("目标值"), width=10),
        Column("challenge", _("挑战值"), width=10),
        Column("method", _("计分方法"), width=11),
    ]


def delivered_columns() -> list[Column]:
    return [
        Column("number", _("序号"), "integer", 5),
        Column("name", _("二级指标"), width=22),
        Column("source", _("数据来源部门"), width=14),
        Column("actual", _("完成值"), width=10),
        Column("rate", _("完成率"), width=9),
        Column("points", _("得分"), "points", 8),
        Column("evidence", _("佐证材料"), width=26),
    ]


def _chapter(card: Scorecard, head: str) -> Chapter:
    name = pages.subject(card)
    lines = list(card.lines.all())
    rows = [_row(line) for line in lines]
    result = pages.result_of(card)
    bureau = card.kind == Scorecard.Kind.BUREAU
    promised = Block(_("目标与权重"), promised_columns(), rows)
    promised.totals = {"group": _("合计"), "weight": sum((line.weight for line in lines), Decimal(0))}
    delivered = Block(_("完成情况"), delivered_columns(), rows)
    if result and result.score is not None:
        delivered.totals = {"name": _("合计"), "points": result.score}
    return Chapter(
        " ".join(part for part in (name, pages.belongs(card)) if part),
        [promised, delivered],
        facts=[
            (_("被考核部门") if bureau else _("被考核对象"), name),
            (_("责任人"), name if card.kind == Scorecard.Kind.PERSON else head),
            (_("年度"), str(card.cycle.year)),
            *_adjusted(card),
            *_signatures(card),
        ],
        notes=_versions(lines),
        signatures=[] if card.frozen_at else [str(side.label) for side in Signature.Side],
    )


def _row(line: Line) -> dict[str, object]:
    indicator = line.indicator
    rated = indicator.method == Indicator.Method.COMPLETION and line.target and line.actual is not None
    return {
        "number": line.sequence,
        "group": line.group,
        "name": indicator.shown_name,
        "kind": str(indicator.get_kind_display()),
        "weight": line.weight,
        "measure": indicator.measure,
        "previous": _number(line.previous),
        "target": _number(line.target) if not line.not_applicable else _("不适用"),
        "challenge": _number(line.challenge),
        "method": str(indicator.get_method_display()),
        "source": indicator.data_source,
        "actual": _number(line.actual),
        "rate": in_percent(exact(line.actual) / exact(line.target)) if rated else "",
        "points": line.points,
        "evidence": "、".join(each.name for each in line.evidence.all()),
    }


def _number(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _adjusted(card: Scorecard) -> list[tuple[str, str]]:
    """The approved adjustments, by kind."""
    rows = list(card.adjustments.all())

    def told(kind: str) -> str:
        said = [(each.reason, each.points) for each in rows if each.kind == kind]
        return "；".join(f"{reason}（{plain(points)}）" if points else reason for reason, points in said) or _("无")

    kinds = Adjustment.Kind
    named = ((_("加分"), kinds.BONUS), (_("扣分"), kinds.DEDUCTION), (_("一票否决事项"), kinds.VETO))
    return [(label, told(kind)) for label, kind in named]


def _signatures(card: Scorecard) -> list[tuple[str, str]]:
    """Both sides with who signed and when (双方签字日期)."""
    there = {row.side: row for row in card.signatures.all()}

    def told(side: str) -> str:
        row = there.get(side)
        return f"{row.user}　{date_format(row.signed_at, 'DATE_FORMAT')}" if row else _("未签")

    return [
        (_("考核方签字、日期"), told(Signature.Side.ASSESSOR)),
        (_("责任方签字、日期"), told(Signature.Side.ASSESSED)),
    ]


def _versions(lines: Iterable[Line]) -> list[str]:
    """Each change of a target in a line: what it was, what it is, by which instrument."""
    told = []
    for line in lines:
        for change in line.target_changes.all():
            was, now = (change.before.get("target") or _("无"), change.after.get("target") or _("无"))
            words = {
                "day": date_format(change.made_at, "DATE_FORMAT"),
                "name": line.indicator.shown_name,
                "was": was,
                "now": now,
                "by": str(change.instrument),
                "why": change.reason,
            }
            told.append(_("%(day)s调整「%(name)s」目标值：%(was)s → %(now)s（%(by)s；%(why)s）") % words)
    return told

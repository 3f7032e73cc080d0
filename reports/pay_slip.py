"""绩效工资条: what one person gets for a year, from which posts, months and grade, and what of it is paid when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import grouped, plain
from common.periods import year_end
from kpi.models import Rating
from orgchart.models import BureauVersion
from pay.models import Allocation, PayoutLine, Run
from pay.parts import current_parts
from reports.tables import Column, Entry, Form
from staffing.models import Person
from zones.models import Unit, UnitVersion

KIND = "pay-slip"
FORMATS = ("pdf",)


@dataclass
class Slip:
    """What stands on one person's slip; amounts in yuan."""

    person: Person
    rows: list[Allocation] = field(default_factory=list)
    amount: Decimal = Decimal(0)
    current: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    held: Decimal = Decimal(0)

    @property
    def deferred(self) -> Decimal:
        return self.amount - self.current


def fetch(access: Access, key: str, on: dt.date) -> tuple[Form, Unit]:
    """Of a run's and a person's key (``12-345``): the person himself, and whoever sees everybody's pay there."""
    parts = key.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise Http404
    run = slip_runs().filter(pk=parts[0]).first()
    person = int(parts[1])
    if run is None or not (person == access.person_id or access.can_in(run.unit_id, "export", "allocation")):
        raise Http404
    slip = next((each for each in slips(run) if each.person.pk == person), None)
    if slip is None or not access.scope(Allocation.objects.filter(pk=slip.rows[0].pk)).exists():
        raise Http404
    return build(run, slip, Names.of(run)), run.unit


def slip_runs():
    """The runs that slips are made of: approved, and not corrected since."""
    runs = Run.objects.standing().filter(state=Run.State.APPROVED)
    return runs.select_related("unit", "scheme", "instrument").defer("inputs", "trace")


def slips(run: Run) -> Iterator[Slip]:
    """Everybody's, in roster order; the same number of queries for five people and for five hundred."""
    rows = list(
        Allocation.objects.filter(run=run).select_related("person", "share").order_by("share__sequence", "sequence")
    )
    current = current_parts([row.amount for row in rows], run.scheme.current_ratio)  # type: ignore[union-attr]
    found: dict[int, Slip] = {}
    for row, now in zip(rows, current, strict=True):
        slip = found.setdefault(row.person_id, Slip(row.person))
        slip.rows.append(row)
        slip.amount += row.amount
        slip.current += now
    lines = PayoutLine.objects.filter(
        payout__run__unit=run.unit_id, payout__run__year=run.year, payout__state="released", settled_by=None
    )
    for person, amount, held in lines.values_list("person", "amount", "held"):
        if person in found:
            if held:
                found[person].held += amount
            else:
                found[person].paid += amount
    yield from found.values()


@dataclass(frozen=True)
class Names:
    """What the unit and its bureaus are called."""

    unit: str
    bureaus: dict[int, str]

    @classmethod
    def of(cls, run: Run) -> Names:
        version = UnitVersion.objects.on(year_end(run.year)).filter(unit=run.unit_id).first()
        bureaus: Iterable[BureauVersion] = BureauVersion.objects.filter(bureau__in=run.shares.values("bureau"))
        named = {each.bureau_id: each.shown_name for each in bureaus.order_by("period")}  # type: ignore[attr-defined]
        return cls(version.shown_name if version else run.unit.code, named)


def build(run: Run, slip: Slip, names: Names) -> Form:
    """One slip, as a page."""
    money = lambda value: f"{grouped(value)} {_('元')}"  # noqa: E731
    months = sum(row.months for row in slip.rows)
    return Form(
        kind=KIND,
        title=_("%(year)s 年度绩效工资条") % {"year": run.year},
        subject=names.unit,
        as_of=run.approved_at.date(),  # type: ignore[union-attr]  # slips are of approved runs
        lines=[
            [Entry(_("姓名"), slip.person.name), Entry(_("工号"), slip.person.staff_no)],
            [Entry(_("在岗月数"), str(months)), Entry(_("考核等次"), _rating(slip.rows[-1]))],
            [Entry(_("应发合计"), money(slip.amount)), Entry(_("已发放"), money(slip.paid))],
            [Entry(_("当期部分"), money(slip.current)), Entry(_("递延部分"), money(slip.deferred))],
            [Entry(_("暂缓发放"), money(slip.held) if slip.held else "—"), Entry(_("批复文号"), str(run.instrument))],
        ],
        tables=[
            (
                _("逐部门明细"),
                [
                    Column("bureau", _("部门"), width=20),
                    Column("post", _("岗位"), width=18),
                    Column("coefficient", _("岗位系数"), width=9),
                    Column("months", _("月数"), width=6),
                    Column("factor", _("等次系数"), width=9),
                    Column("amount", _("应发（元）"), width=13),
                ],
                [
                    [
                        names.bureaus.get(row.share.bureau_id, ""),
                        row.post_name,
                        plain(round(row.post_coefficient, 4)),
                        str(row.months),
                        plain(row.grade_factor),
                        grouped(row.amount),
                    ]
                    for row in slip.rows
                ],
            )
        ],
        notes=[
            _("应发＝部门额度 × 本人（岗位系数 × 月数 ÷ 12 × 等次系数）÷ 部门合计；每一步见系统“我的绩效”。"),
            _("递延部分凭任期考核结果兑现。对考核等次有异议的，可在规定期限内申请复核。"),
        ],
        basis={"run": run.pk, "scheme_version": run.scheme.version, "input_hash": run.input_hash[:16]},  # type: ignore[union-attr]
        example=run.scheme.is_example,  # type: ignore[union-attr]
    )


def _rating(row: Allocation) -> str:
    if row.rating in Rating.values:
        return str(Rating(row.rating).label)
    return str(row.get_reason_display())

"""绩效发放清册: the lines of one payout, with what waits and why."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Access
from common.periods import year_end
from pay.models import Payout
from reports.tables import Column, Report
from zones.models import Unit, UnitVersion

KIND = "payout-list"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of a payout by its key; accounts by their last four digits."""
    payout = payout_of(access, key)
    return build(payout), payout.run.unit


def payout_of(access: Access, key: str) -> Payout:
    rows = Payout.objects.select_related("run__unit", "run__scheme", "run__instrument", "drafted_by", "released_by")
    return access.get(rows.defer("run__inputs", "run__trace"), pk=key)


def subject_of(payout: Payout) -> str:
    version = UnitVersion.objects.on(year_end(payout.run.year)).filter(unit=payout.run.unit_id).first()
    return version.shown_name if version else payout.run.unit.code


def build(payout: Payout) -> Report:
    when = payout.released_at or payout.drafted_at
    report = Report(
        kind=KIND,
        title=_("%(year)s 年度绩效发放清册（%(part)s）") % {"year": payout.run.year, "part": payout.get_part_display()},
        subject=subject_of(payout),
        as_of=timezone.localdate(when),
        columns=[
            Column("number", _("序号"), "integer", 6),
            Column("staff_no", _("工号"), width=12),
            Column("name", _("姓名"), width=10),
            Column("amount", _("金额"), "yuan", 14, summed=True),
            Column("paid", _("本次发放"), "yuan", 14, summed=True),
            Column("held", _("暂缓"), "yuan", 14, summed=True),
            Column("account", _("开户行及账号后四位"), width=26),
            Column("note", _("备注"), width=14),
            Column("signature", _("签字"), width=10),
        ],
        basis={"run": payout.run_id, "payout": payout.pk, "scheme_version": payout.run.scheme.version},
        example=payout.run.scheme.is_example,
    )
    for line in payout.lines.select_related("person", "account"):
        note = line.get_why_display() if line.held else _("扣回") if line.amount < 0 else ""
        report.rows.append(
            {
                "number": line.sequence,
                "staff_no": line.person.staff_no,
                "name": line.person.name,
                "amount": line.amount,
                "paid": Decimal(0) if line.held else line.amount,
                "held": line.amount if line.held else Decimal(0),
                "account": f"{line.account.bank} *{line.account.last4}" if line.account else "",
                "note": str(note),
            }
        )
    report.sum_up()
    report.notes = [
        _("制单：%(who)s；审核发放：%(other)s")
        % {"who": payout.drafted_by or "—", "other": payout.released_by or _("待审核")}
    ]
    if payout.run.instrument:
        report.notes.append(_("批复文号：%(number)s") % {"number": payout.run.instrument})
    return report

"""职责移交书: the protocol of one handover of duties, with both signatures and its disputes, as of a day."""

from __future__ import annotations

import datetime as dt

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from common.access import Access
from common.templatetags.onezone import zhdate
from orgchart.ledger import Names
from orgchart.models import DutyTransfer, Side, TransferLine
from reports.tables import Column, Entry, Form
from staffing.handover.transfers import staff_rows
from zones.models import Unit

KIND = "duty-transfer"
FORMATS = ("xlsx", "pdf")
LINES = Prefetch("lines", TransferLine.objects.select_related("duty"))


def fetch(access: Access, key: str, on: dt.date) -> tuple[Form, Unit]:
    """Of the handover with that code, for whoever may see it; it is issued by the side that hands over."""
    rows = DutyTransfer.objects.on(on).select_related("instrument", "from_unit").prefetch_related(LINES)
    row = access.get(rows, code=key)
    return build(row, on, access), row.from_unit


def build(row: DutyTransfer, on: dt.date, access: Access) -> Form:
    """The form: what is handed over, by whom to whom, and who signed up to the day."""
    units = [row.from_unit_id, row.to_unit_id, *(line.area_id for line in row.lines.all())]
    names = Names(units, [row.from_bureau_id, row.to_bureau_id], row.effective_on, access)
    sides = {
        Side.GIVER: _side(names, row.from_unit_id, row.from_bureau_id),
        Side.TAKER: _side(names, row.to_unit_id, row.to_bureau_id),
    }
    form = Form(
        kind=KIND,
        title=_("职责移交书"),
        subject=names.unit(row.from_unit_id).name,
        as_of=on,
        basis={"transfer": row.code, "version": row.version},
        example=row.is_example,
        lines=[
            [Entry(_("移交编号"), row.code), Entry(_("状态"), str(DutyTransfer.State(row.state_then).label))],
            [Entry(_("移交方"), sides[Side.GIVER]), Entry(_("接收方"), sides[Side.TAKER])],
            [Entry(_("依据"), _document(row))],
            [Entry(_("职责调整日期"), zhdate(row.effective_on)), Entry(_("移交期限"), zhdate(row.deadline))],
            [Entry(_("移交人员"), _amount(row.staff_count, _("人"), row.staff_note))],
            [Entry(_("移交经费"), _amount(row.funds, _("元"), row.funds_note))],
            [Entry(_("移交项目"), "、".join(project.shown_name for project in row.projects.all()) or _("无"))],
            [Entry(_("移交档案"), _amount(row.archive_volumes, _("卷"), row.archive_note))],
            [Entry(_("说明"), row.note, tall=2)],
            *_signatures(row, on),
        ],
    )
    form.tables = _tables(row, on, access, names)
    if row.late:
        form.notes.append(
            _("期限为 %(day)s，截至出具日已逾期 %(n)s 天。") % {"day": row.deadline, "n": (on - row.deadline).days}
        )
    form.notes.append(_("同一人不能代表双方签字；一方签字后内容不能再改。"))
    return form


def _side(names: Names, unit: int, bureau: int | None) -> str:
    return " ".join([names.unit(unit).name, *([names.bureau(bureau).name] if bureau else [])])


def _document(row: DutyTransfer) -> str:
    return " ".join(part for part in (row.instrument.number, row.instrument.title) if part)


def _amount(value, unit: str, note: str) -> str:
    said = _("未约定") if value is None else f"{value:,} {unit}"
    return f"{said}；{note}" if note else said


def _signatures(row: DutyTransfer, on: dt.date) -> list[list[Entry]]:
    signed = {each.side: each for each in row.signatures.filter(signed_on__lte=on)}

    def entry(side: Side) -> Entry:
        one = signed.get(side)
        said = f"{one.signer_name}（{one.capacity}） {zhdate(one.signed_on)}" if one else ""
        return Entry(_("%(side)s签字") % {"side": side.label}, said, tall=3)

    return [[entry(Side.GIVER), entry(Side.TAKER)]]


def _tables(
    row: DutyTransfer, on: dt.date, access: Access, names: Names
) -> list[tuple[str, list[Column], list[list[str]]]]:
    duties = [[line.duty.shown_name, names.unit(line.area_id).name] for line in row.lines.all()]
    tables = [(_("移交的职责"), [Column("duty", _("职责"), width=20), Column("area", _("区域"), width=20)], duties)]
    if staff := [[each.code, each.name] for each in staff_rows(row, access) if each.name]:
        tables.append(
            (_("人员名单"), [Column("code", _("编号"), width=12), Column("name", _("姓名或岗位"), width=28)], staff)
        )
    disputes = [
        [
            str(Side(each.side).label),
            zhdate(each.raised_on),
            each.text,
            _("未处理") if each.is_open(on) else each.settlement,
        ]
        for each in row.disputes.filter(raised_on__lte=on)
    ]
    if disputes:
        columns = [
            Column("side", _("提出方"), width=8),
            Column("day", _("提出日期"), width=12),
            Column("text", _("争议事项"), width=30),
            Column("settlement", _("处理结果"), width=30),
        ]
        tables.append((_("争议与处理"), columns, disputes))
    return tables

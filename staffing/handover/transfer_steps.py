"""What is done to a handover of duties: start, sign, dispute, settle, complete, withdraw. Each a form or a button."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.forms import carry_out
from orgchart import transfers
from orgchart.models import DutyTransfer, Side
from staffing.handover.transfer_forms import DisputeForm, SettleForm, SignForm, WithdrawForm
from staffing.handover.transfer_views import page_of, sides_in_reach, transfer_of
from staffing.personnel.people_views import on_day

form_view = require_http_methods(["GET", "POST"])


def _context(request, row: DutyTransfer, title: str, lede: str, submit: str) -> dict[str, Any]:
    back = page_of(request, row)
    return {
        "crumbs": [(_("职责移交"), on_day(request, reverse("transfers"))), (row.code, back), (title, None)],
        "title": title,
        "lede": lede,
        "submit": submit,
        "back": back,
        "facts": [(_("移交编号"), row.code), (_("移交期限"), row.deadline.isoformat())],
    }


def _press(request, row: DutyTransfer, act, done: str) -> HttpResponse:
    """A step that needs nothing typed."""
    try:
        act(transfer=row, by=request.actor)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, done)
    return redirect(page_of(request, row))


@require_POST
def transfer_start(request, code: str):
    """The draft goes out to both sides."""
    return _press(
        request, transfer_of(request, code, "change"), transfers.start_transfer, _("移交已启动，等待双方签字")
    )


@require_POST
def transfer_complete(request, code: str):
    """Everything has changed hands."""
    return _press(request, transfer_of(request, code, "change"), transfers.complete_transfer, _("移交已完成"))


def _labelled(sides: list[str]) -> list[tuple[str, str]]:
    return [(side, str(Side(side).label)) for side in sides]


@form_view
def transfer_sign(request, code: str):
    """Sign for one side."""
    row = transfer_of(request, code, "sign")
    sides = transfers.sides_to_sign(row, request.access) or sides_in_reach(request.access, row, "sign")
    form = SignForm(request.POST or None, sides=_labelled(sides), initial={"version": row.version})

    def act(data: dict[str, Any]) -> str:
        signature = transfers.sign_transfer(transfer=row, by=request.actor, **data)
        return _("已代表%(side)s签字") % {"side": signature.get_side_display()}

    lede = _("签字后移交内容不能再改；双方须由不同的人签字")
    context = _context(request, row, _("签字"), lede, _("确认签字"))
    return carry_out(request, form, act, context | {"confirm": _("确认签字？签字后不能撤销。")})


@form_view
def transfer_dispute(request, code: str):
    """Object to something."""
    row = transfer_of(request, code, "dispute")
    sides = sides_in_reach(request.access, row, "dispute")
    form = DisputeForm(request.POST or None, sides=_labelled(sides))

    def act(data: dict[str, Any]) -> str:
        transfers.raise_dispute(transfer=row, by=request.actor, **data)
        return _("已提出争议，处理前不能签字或完成移交")

    return carry_out(
        request, form, act, _context(request, row, _("提出争议"), _("由编办处理；处理结果记录在案"), _("提出争议"))
    )


@form_view
def transfer_settle(request, code: str, pk: int):
    """Say how a dispute was settled."""
    row = transfer_of(request, code, "settle")
    dispute = get_object_or_404(row.disputes, pk=pk)
    if dispute.raised_by_id == request.user.pk:
        raise PermissionDenied
    form = SettleForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        transfers.settle_dispute(dispute=dispute, by=request.actor, **data)
        return _("争议已处理")

    context = _context(request, row, _("处理争议"), dispute.text, _("记录处理结果"))
    return carry_out(request, form, act, context)


@form_view
def transfer_withdraw(request, code: str):
    """Take a handover back before both have signed."""
    row = transfer_of(request, code, "change")
    form = WithdrawForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        transfers.withdraw_transfer(transfer=row, by=request.actor, **data)
        return _("已撤回职责移交 %(code)s") % {"code": row.code}

    context = _context(request, row, _("撤回移交"), _("记录保留；相关职责可另行起草移交"), _("撤回移交"))
    return carry_out(request, form, act, context | {"confirm": _("撤回后不能恢复，须另行起草。")})

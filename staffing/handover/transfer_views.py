"""Pages of the handovers of duties: the list, one handover with its people, drafting it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.forms import carry_out
from orgchart import ledger
from orgchart.due import to_sign
from orgchart.ledger import Change, Names
from orgchart.models import Bureau, DutyTransfer, Side, TransferLine
from orgchart.transfers import Terms, sides_to_sign
from staffing.handover import transfers
from staffing.handover.transfer_forms import ChangeForm, HandoverForm, TransferFilters
from staffing.personnel.people_views import on_day
from zones.models import Project, Unit, UnitVersion

PAGE_SIZE = 50
form_view = require_http_methods(["GET", "POST"])
LINES = Prefetch("lines", TransferLine.objects.select_related("duty", "area"))


def named(rows: Iterable[DutyTransfer], request) -> list[DutyTransfer]:
    """The handovers with ``from_name`` and ``to_name`` as the sides were called on the day of the change,
    and ``days_late``. Two queries."""
    rows = list(rows)
    units = [pk for row in rows for pk in (row.from_unit_id, row.to_unit_id)]
    units += [line.area_id for row in rows for line in row.lines.all()]
    names = Names(
        units, [pk for row in rows for pk in (row.from_bureau_id, row.to_bureau_id)], request.on, request.access
    )
    for row in rows:
        day = row.effective_on
        row.from_name, row.to_name = names.unit(row.from_unit_id, day), names.unit(row.to_unit_id, day)
        row.from_bureau_name = names.bureau(row.from_bureau_id, day) if row.from_bureau_id else None
        row.to_bureau_name = names.bureau(row.to_bureau_id, day) if row.to_bureau_id else None
        row.days_late = (request.on - row.deadline).days if row.late else 0
        row.named_lines = [(line.duty, names.unit(line.area_id, day)) for line in row.lines.all()]
    return rows


@require_GET
def transfer_list(request):
    """The handovers of the visitor's units as of the day, late ones first."""
    request.access.demand("view", "transfer")
    units = UnitVersion.objects.on(request.on).filter(unit__in=request.access.units("view", "transfer"))
    order = units.select_related("unit").order_by("unit__sequence", "unit__code")
    form = TransferFilters(request.GET, units=[(each.unit.code, each.shown_short_name) for each in order])
    found = _filtered(request, form.chosen())
    rows = found.select_related("from_unit", "to_unit").prefetch_related(LINES)
    page = Paginator(rows.order_by("-late", "deadline", "code"), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = named(page.object_list, request)
    everything = list(found.values_list("staff_count", "funds", "archive_volumes", "late"))
    context = {
        "crumbs": [(_("职责移交"), None)],
        "title": _("职责移交"),
        "lede": _("谁把什么职责连同人员、经费、项目、档案交给谁，何时交清"),
        "form": form,
        "page": page,
        "filtered": bool(form.chosen()),
        "late": sum(row[3] for row in everything),
        "totals": {
            "staff": sum(row[0] or 0 for row in everything),
            "funds": sum((row[1] or Decimal(0) for row in everything), Decimal(0)),
            "volumes": sum(row[2] or 0 for row in everything),
        },
        "drafts": request.access.can("add", "transfer"),
    }
    return render(request, "staffing/transfers.html", context)


def _filtered(request, chosen: dict[str, str]):
    found = request.access.scope(DutyTransfer.objects.on(request.on))
    state, unit = chosen.get("state"), chosen.get("unit")
    if state == "to_sign":
        found = found.filter(pk__in=to_sign(request.access, request.on).values("pk"))
    elif state in ("late", "disputed"):
        found = found.filter(**{state: True})
    elif state:
        found = found.filter(state_then=state)
    return found.filter(Q(from_unit__code=unit) | Q(to_unit__code=unit)) if unit else found


def transfer_of(request, code: str, action: str = "view") -> DutyTransfer:
    """The handover of that code, for somebody who may do that to it."""
    rows = DutyTransfer.objects.on(request.on).select_related("instrument", "from_unit", "to_unit", "drafted_by")
    return request.access.get(rows.prefetch_related(LINES, "signatures"), action, code=code)


def page_of(request, transfer: DutyTransfer) -> str:
    return on_day(request, reverse("transfer", args=[transfer.code]))


@require_GET
def transfer(request, code: str):
    """One handover: what goes with it, who signed, what is disputed, and what this visitor may do next."""
    row = transfer_of(request, code)
    named([row], request)
    disputes = [each for each in row.disputes.select_related("raised_by", "settled_by") if each.raised_on <= request.on]
    for each in disputes:
        each.open = each.is_open(request.on)
    signatures = {each.side: each for each in row.signatures.all() if each.signed_on <= request.on}
    context = {
        "crumbs": [(_("职责移交"), on_day(request, reverse("transfers"))), (row.code, None)],
        "title": _("%(giver)s向%(taker)s移交职责") % {"giver": row.from_name.name, "taker": row.to_name.name},
        "lede": _("移交编号 %(code)s") % {"code": row.code},
        "transfer": row,
        "steps": [_("拟订"), _("移交中"), _("双方签字"), _("移交完成")],
        "now": _step_of(row),
        "sides": [(side, Side(side).label, signatures.get(side)) for side in Side.values],
        "disputes": disputes,
        "staff": transfers.staff_rows(row, request.access),
        "projects": list(row.projects.all()),
        "may": _may(request, row) if request.on_is_today else set(),
    }
    return render(request, "staffing/transfer.html", context)


def _step_of(row: DutyTransfer) -> int:
    """Which of the four steps it is at; past the last when it is done."""
    order = [*DutyTransfer.State.values][:4]
    return order.index(row.state_then) + (2 if row.state_then == "handed_over" else 1) if row.state_then in order else 0


def _may(request, row: DutyTransfer) -> set[str]:
    """What this visitor may do to it next."""
    access, state = request.access, row.state_then
    may = set()
    if access.scope(DutyTransfer.objects.filter(pk=row.pk), "change").exists():
        may |= {"drafted": {"start", "edit", "withdraw"}, "handing": {"withdraw"}, "both_signed": {"complete"}}.get(
            state, set()
        )
        if state == "handing" and not row.signed_then:
            may.add("edit")
        if row.disputed:
            may.discard("complete")
    if state == "handing" and not row.disputed and sides_to_sign(row, access):
        may.add("sign")
    if state in ("handing", "both_signed") and sides_in_reach(access, row, "dispute"):
        may.add("dispute")
    if row.disputed and access.scope(DutyTransfer.objects.filter(pk=row.pk), "settle").exists():
        may.add("settle")
    return may


def sides_in_reach(access, row: DutyTransfer, action: str) -> list[str]:
    """The sides for which this visitor may do that."""
    return [side for side in Side.values if access.can_in(row.unit_of(side).pk, action, "transfer")]


# --- drafting ---------------------------------------------------------------------------------


@form_view
def transfer_add(request):
    """Choose the change of bearer, then say what goes with it."""
    request.access.demand("add", "transfer")
    found = {change.key: change for change in ledger.changes(request.access)}
    change = found.get(request.GET.get("change", ""))
    if change is None:
        return _choose(request, list(found.values()))
    form = HandoverForm(
        request.POST or None,
        change=change,
        projects=_projects(request, change),
        initial={"lines": [f"{row.duty.code}@{row.area.code}" for row, _name in change.lines]},
    )

    def act(data: dict[str, Any]) -> str:
        row = transfers.draft(**_given(request, change, data), by=request.actor)
        context["back"] = reverse("transfer", args=[row.code])
        return _("已拟订职责移交 %(code)s") % {"code": row.code}

    context = _about(request, change) | {
        "title": _("起草职责移交"),
        "submit": _("保存草稿"),
        "back": on_day(request, reverse("transfers")),
        "crumbs": [(_("职责移交"), on_day(request, reverse("transfers"))), (_("起草"), None)],
    }
    return carry_out(request, form, act, context)


def _choose(request, found: list[Change]) -> HttpResponse:
    """The changes on offer; the choice goes on in the address."""
    form = ChangeForm(request.POST or None, choices=[(change.key, _said(change)) for change in found])
    if request.method == "POST" and form.is_valid():
        return redirect(f"{reverse('transfer_add')}?{urlencode({'change': form.cleaned_data['change']})}")
    context = {
        "crumbs": [(_("职责移交"), on_day(request, reverse("transfers"))), (_("起草"), None)],
        "title": _("起草职责移交"),
        "lede": _("先选职责台账中已登记的变动"),
        "form": form,
        "found": found,
    }
    return render(request, "staffing/transfer_choose.html", context)


def _said(change: Change) -> str:
    told = {
        "day": change.starts.isoformat(),
        "giver": change.from_name.name,
        "taker": change.to_name.name,
        "duties": "、".join(dict.fromkeys(row.duty.shown_name for row, _area in change.lines)),
    }
    return _("%(day)s %(giver)s → %(taker)s：%(duties)s") % told


def _projects(request, change: Change):
    """The projects of the units concerned that the visitor may see."""
    areas = {row.area_id for row, _name in change.lines} & request.access.units("view", "unit")
    return Project.objects.filter(unit__in=areas | ({change.from_unit} & request.access.units("view", "unit")))


def _about(request, change: Change) -> dict[str, Any]:
    return {
        "lede": _said(change),
        "facts": [
            (_("移交方"), change.from_name.name),
            (_("接收方"), change.to_name.name),
            (_("职责调整日期"), change.starts.isoformat()),
            (_("依据"), change.lines[0][0].instrument),
        ],
    }


def _given(request, change: Change, data: dict[str, Any]) -> dict[str, Any]:
    """What the services want of a form's data."""
    sides = {"from": (change.from_unit, change.giver[0]), "to": (change.to_unit, change.taker[0])}
    units = Unit.objects.in_bulk([unit for unit, _bureau in sides.values()])
    bureaus = Bureau.objects.in_bulk([bureau for _unit, bureau in sides.values() if bureau])
    own = {name: data[name] for name in Terms.__dataclass_fields__ if name in data and name != "projects"}
    sided: dict[str, Any] = {}
    for side, (unit, bureau) in sides.items():
        sided |= {f"{side}_unit": units[unit], f"{side}_bureau": bureaus.get(bureau)}
    terms = Terms(
        **own,
        **sided,
        projects=list(data.get("projects", ())),
        instrument=change.lines[0][0].instrument,
        effective_on=change.starts,
        is_example=any(row.is_example for row, _name in change.lines),
    )
    return {"terms": terms, "staff": transfers.resolve(data["staff"], request.access)}


@form_view
def transfer_edit(request, code: str):
    """Change what a handover says, until somebody signs it."""
    row = transfer_of(request, code, "change")
    change = _change_of(request, row)
    form = HandoverForm(
        request.POST or None, change=change, projects=_projects(request, change), initial=_initial(row, request)
    )

    def act(data: dict[str, Any]) -> str:
        version = data.pop("version") or 0
        transfers.revise(transfer=row, version=version, by=request.actor, **_given(request, change, data))
        return _("已保存对职责移交 %(code)s 的修改") % {"code": row.code}

    back = page_of(request, row)
    context = _about(request, change) | {
        "title": _("修改职责移交"),
        "submit": _("保存修改"),
        "back": back,
        "crumbs": [(_("职责移交"), on_day(request, reverse("transfers"))), (row.code, back), (_("修改"), None)],
    }
    return carry_out(request, form, act, context)


def _change_of(request, row: DutyTransfer) -> Change:
    """The change of bearer that a handover goes with, for somebody who may keep handovers."""
    for change in ledger.changes(request.access, besides=row):
        if (change.starts, change.giver, change.taker) == (row.effective_on, row.giver, row.taker):
            return change
    raise Http404


def _initial(row: DutyTransfer, request) -> dict[str, Any]:
    names = (
        "deadline",
        "staff_count",
        "staff_note",
        "funds",
        "funds_note",
        "archive_volumes",
        "archive_note",
        "note",
        "version",
    )
    return {name: getattr(row, name) for name in names} | {
        "lines": [f"{line.duty.code}@{line.area.code}" for line in row.lines.all()],
        "projects": [project.code for project in row.projects.all()],
        "staff": "\n".join(each.code for each in transfers.staff_rows(row, request.access) if each.code),
    }

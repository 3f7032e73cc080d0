"""Pages of payouts: the list of a year, one payout with its lines, drawing up, releasing; terms of office."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pay.life import payouts
from pay.life.forms import ReleaseForm, TermForm, papers, part_of
from pay.life.views import run_of, unit_name
from pay.models import Payout, Run, TermResult
from zones.models import Unit, UnitVersion

form_view = require_http_methods(["GET", "POST"])
Part = Payout.Part


def _year(request) -> int | None:
    text = request.GET.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


@require_GET
def payout_list(request) -> HttpResponse:
    """Every payout of a year, and which approved runs wait for one."""
    access = request.access
    access.demand("view", "payout")
    visible = access.scope(Payout.objects.all())
    approved = Run.objects.filter(unit__in=access.units("view", "payout"), state=Run.State.APPROVED)
    years = sorted({*approved.values_list("year", flat=True)}, reverse=True)
    year = _year(request) or (years[0] if years else request.on.year - 1)
    paid = Sum("lines__amount", filter=Q(lines__held=False))
    waits = Sum("lines__amount", filter=Q(lines__held=True, lines__settled_by=None))
    rows = list(
        visible.filter(run__year=year)
        .select_related("run__unit", "drafted_by", "released_by")
        .annotate(paid=paid, waits=waits, people=Count("lines__person", distinct=True))
        .order_by("run__unit__sequence", "run__unit__code", "pk")
    )
    runs = list(approved.filter(year=year).select_related("unit", "scheme").defer("inputs", "trace"))
    names = _names([run.unit_id for run in runs])
    for row in rows:
        row.name = names.get(row.run.unit_id, row.run.unit.code)
    context = {
        "title": _("%(year)s 年绩效发放") % {"year": year},
        "lede": _("已审批的核算分当期与递延两部分发放；一人制单，另一人审核后发放"),
        "crumbs": [(_("绩效发放"), None)],
        "year": year,
        "years": sorted({*years, year}, reverse=True),
        "rows": rows,
        "total": sum((row.total for row in rows), Decimal(0)),
        "paid": sum((row.paid or Decimal(0) for row in rows if row.state == "released"), Decimal(0)),
        "waits": sum((row.waits or Decimal(0) for row in rows if row.state == "released"), Decimal(0)),
        "waiting": _waiting_runs(request, runs, names),
    }
    return render(request, "pay/life/payouts.html", context)


def _names(unit_ids: list[int]) -> dict[int, str]:
    versions = UnitVersion.objects.filter(unit__in=unit_ids).order_by("period")
    return {version.unit_id: version.shown_name for version in versions}


def _waiting_runs(request, runs: list[Run], names: dict[int, str]) -> list[dict[str, Any]]:
    """Runs with a part that nobody has drawn up yet, and whether this visitor may.

    Of a correction a part is offered once what it corrects was paid; ``after`` says which run comes first.
    """
    there: dict[int, set[str]] = {}
    paid: set[tuple[int, str]] = set()
    corrected = [run.corrects_id for run in runs if run.corrects_id]
    payouts_of = Payout.objects.filter(run__in=[*(run.pk for run in runs), *corrected])
    for key, part, state in payouts_of.values_list("run", "part", "state"):
        there.setdefault(key, set()).add(part)
        if state == Payout.State.RELEASED:
            paid.add((key, part))
    terms = list(TermResult.objects.filter(unit__in=[run.unit_id for run in runs]))
    found = []
    for run in runs:
        term = any(t.unit_id == run.unit_id and t.first_year <= run.year <= t.last_year for t in terms)
        parts = [Part.CURRENT, Part.DEFERRED] if term else [Part.CURRENT]
        missing = [part for part in parts if part not in there.get(run.pk, set())]
        offered = [part for part in missing if not run.corrects_id or (run.corrects_id, part) in paid]
        if missing or not term:
            found.append(
                {
                    "run": run,
                    "name": names.get(run.unit_id, ""),
                    "parts": offered,
                    "after": [part.label for part in missing if part not in offered],
                    "may": request.access.can_in(run.unit_id, "add", "payout"),
                    "no_term": not term,
                }
            )
    return found


@require_POST
def draft(request, pk: int) -> HttpResponse:
    """Draw up a payout of a run's part."""
    run = run_of(request, pk)
    if not request.access.can_in(run.unit_id, "add", "payout"):
        raise PermissionDenied
    try:
        part = part_of(request.POST.get("part", ""), Part)
        if part == Part.HELD:
            made = payouts.draft_held(run=run, by=request.actor)
        else:
            made = payouts.draft_payout(run=run, part=part, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"{reverse('payouts')}?year={run.year}")
    messages.success(request, _("已制单，请另一人审核后发放。"))
    return redirect("payout", made.pk)


def _payout(request, pk: int, action: str = "view") -> Payout:
    rows = Payout.objects.select_related(
        "run__unit", "run__scheme", "drafted_by", "released_by", "term_result__instrument"
    )
    return request.access.get(rows.defer("run__inputs", "run__trace"), action, pk=pk)


@require_GET
def payout_page(request, pk: int) -> HttpResponse:
    """One payout: its lines with totals, who waits and why, and what may be done with it."""
    found = _payout(request, pk)
    lines = list(found.lines.select_related("person", "account", "settles__payout", "settled_by"))
    drafted = found.state == Payout.State.DRAFTED
    net = payouts.net_of(line for line in lines if not line.held)
    accounts = payouts.accounts_of(net) if drafted else {}
    for line in lines:
        line.to = accounts.get(line.person_id) if drafted else line.account
    without = [line for line in lines if drafted and not line.held and net[line.person_id] > 0 and line.to is None]
    name = unit_name(found.run)
    can = lambda action: request.access.can_in(found.run.unit_id, action, "payout")  # noqa: E731
    waiting = [line for line in lines if line.held and not hasattr(line, "settled_by")]
    context = {
        "title": f"{name} {found.run.year} · {found.get_part_display()}",
        "lede": _("核算 %(run)s 的发放批次 %(pk)s") % {"run": found.run_id, "pk": found.pk},
        "crumbs": [(_("绩效发放"), f"{reverse('payouts')}?year={found.run.year}"), (name, None)],
        "payout": found,
        "lines": lines,
        "paid": sum((line.amount for line in lines if not line.held), Decimal(0)),
        "held": sum((line.amount for line in lines if line.held), Decimal(0)),
        "back": [line for line in lines if line.amount < 0],
        "without": without,
        "waiting": waiting,
        "may_release": drafted and can("release") and request.user.pk != found.drafted_by_id,
        "may_discard": drafted and can("add"),
        "may_settle": bool(waiting) and not drafted and can("add"),
        "may_file": not drafted and can("add"),
    }
    return render(request, "pay/life/payout.html", context)


@require_POST
def release(request, pk: int) -> HttpResponse:
    """Release a payout that another drew up."""
    found = _payout(request, pk, "release")
    form = ReleaseForm(request.POST)
    leave_out = form.is_valid() and form.cleaned_data["leave_out"]
    try:
        payouts.release_payout(payout=found, by=request.actor, leave_out=leave_out)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已发放。明细从此不能再改。"))
    return redirect("payout", pk)


@require_POST
def discard(request, pk: int) -> HttpResponse:
    """Take back a payout that was not released."""
    found = _payout(request, pk, "add")
    try:
        payouts.discard_payout(payout=found, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("payout", pk)
    messages.success(request, _("已撤销制单。"))
    return redirect(f"{reverse('payouts')}?year={found.run.year}")


@require_GET
def term_list(request) -> HttpResponse:
    """How terms of office were judged, and what each releases."""
    request.access.demand("view", "term_result")
    rows = list(request.access.scope(TermResult.objects.select_related("unit", "instrument", "decided_by")))
    names = _names([row.unit_id for row in rows])
    for row in rows:
        row.name = names.get(row.unit_id, row.unit.code)
    context = {
        "title": _("任期考核结果"),
        "lede": _("递延部分凭任期考核结果兑现：合格的兑现，不合格的不兑现"),
        "crumbs": [(_("绩效发放"), reverse("payouts")), (_("任期考核结果"), None)],
        "rows": rows,
        "may_add": request.access.can("add", "term_result"),
    }
    return render(request, "pay/life/terms.html", context)


@form_view
def term_add(request) -> HttpResponse:
    """Put a term's result on file."""
    units = request.access.units("add", "term_result")
    request.access.demand("add", "term_result")
    kinds = Unit.objects.filter(pk__in=units, kind__in=["zone", "park"])
    names = _names([unit.pk for unit in kinds])
    form = TermForm(request.POST or None, documents=papers(units))
    choices = [(unit.code, names.get(unit.pk, unit.code)) for unit in kinds]
    form.fields["unit"] = forms.ChoiceField(label=_("单位"), choices=choices)
    form.order_fields(["unit", *TermForm.field_order])
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("first_year", "last_year", "qualified", "ratio", "cap")}
        unit = kinds.get(code=form.cleaned_data["unit"])
        try:
            # A new document goes on file with the result, or not at all.
            with transaction.atomic():
                payouts.record_term(unit=unit, instrument=form.paper(request.actor), by=request.actor, **data)
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, _("已登记任期考核结果。"))
            return redirect("terms")
    context = {
        "title": _("登记任期考核结果"),
        "lede": _("登记后财政即可制作递延部分的发放批次"),
        "crumbs": [(_("任期考核结果"), reverse("terms")), (_("登记"), None)],
        "form": form,
        "submit": _("登记"),
        "back": reverse("terms"),
    }
    return render(request, "form.html", context)

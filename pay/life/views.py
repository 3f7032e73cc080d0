"""Pages of a run's life: checking, sending back, approving, cancelling, correcting; and what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pay.life import comparing, services
from pay.life.forms import ApproveForm, SeenForm, SendBackForm, papers
from pay.models import Run
from pay.names import unit_names
from pay.run_views import tell_asked

form_view = require_http_methods(["GET", "POST"])


def run_of(request, pk: int, action: str = "view") -> Run:
    """A run without its snapshot, for somebody who may do this to it."""
    rows = Run.objects.with_signers().select_related("unit", "scheme")
    return request.access.get(rows.defer("inputs", "trace"), action, pk=pk)


def unit_name(run: Run) -> str:
    version = unit_names([run.unit_id], run.year).get(run.unit_id)
    return version.shown_name if version else run.unit.code


def crumbs(run: Run, name: str, *more: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    pools = f"{reverse('pools')}?year={run.year}"
    return [(_("绩效总额"), pools), (name, reverse("run", args=[run.pk])), *more]


def _done(request, run: Run, act: Callable[[], Any], said: str) -> HttpResponse:
    """Carry out an act without a form of its own, and go back to the run with what came of it."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("run", run.pk)


def _seen(request) -> str:
    form = SeenForm(request.POST)
    return form.cleaned_data["seen"] if form.is_valid() else ""


@require_POST
def check(request, pk: int) -> HttpResponse:
    """Check a draft (复核)."""
    run = run_of(request, pk, "check")
    act = lambda: services.check_run(run=run, seen=_seen(request), by=request.actor)  # noqa: E731
    return _done(request, run, act, _("已复核，等待审批。"))


@form_view
def send_back(request, pk: int) -> HttpResponse:
    """Take a check back, with the reason: whoever may approve, and whoever checked."""
    run = run_of(request, pk)
    may_check = request.access.can_in(run.unit_id, "check", "run") and run.checked_by_id in (None, request.user.pk)
    if not request.access.can_in(run.unit_id, "approve", "run") and not may_check:
        raise PermissionDenied
    form = SendBackForm(request.POST or None, initial={"seen": services.stamp(run)})
    act = lambda data: services.send_back(run=run, by=request.actor, **data)  # noqa: E731
    words = {"title": _("退回"), "submit": _("退回重新复核"), "done": _("已退回，等待重新复核。")}
    return _formed(request, run, form, act, words)


@form_view
def approve(request, pk: int) -> HttpResponse:
    """Approve what was checked, with the instrument that closes it."""
    run = run_of(request, pk, "approve")
    form = ApproveForm(request.POST or None, documents=papers([run.unit_id]), initial={"seen": services.stamp(run)})

    @transaction.atomic
    def act(data: dict[str, Any]) -> None:
        # A new document goes on file with the approval, or not at all.
        services.approve_run(run=run, instrument=form.paper(request.actor), seen=data["seen"], by=request.actor)

    words = {
        "title": _("审批"),
        "lede": _("凭批文审批：选一份已登记的批文，或登记新批文，四项都要填"),
        "submit": _("审批"),
        "done": _("已审批。内容从此不能再改，变动另作更正。"),
        "confirm": _("审批后不能修改或撤回，确认审批？"),
    }
    return _formed(request, run, form, act, words)


def _formed(request, run: Run, form: Any, act: Callable[[dict[str, Any]], Any], words: dict[str, str]) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ValidationError as error:
            _take(form, error)
        else:
            messages.success(request, words["done"])
            return redirect("run", run.pk)
    name = unit_name(run)
    facts: list[tuple[str, Any]] = [(_("绩效总额（元）"), f"{run.pool:,.2f}")] if run.pool is not None else []
    if run.difference is not None:
        facts.append((_("与原批复的差额（元）"), f"{run.difference:+,.2f}"))
    facts += [(_("起草"), run.requested_by), (_("复核"), run.checked_by)]
    context = {
        "title": f"{words['title']} · {name} {run.year}",
        "lede": words.get("lede", ""),
        "crumbs": crumbs(run, name, (words["title"], None)),
        "form": form,
        "facts": facts,
        "submit": words["submit"],
        "confirm": words.get("confirm", ""),
        "back": reverse("run", args=[run.pk]),
    }
    return render(request, "form.html", context)


def _take(form: Any, error: ValidationError) -> None:
    if hasattr(form, "take"):
        form.take(error)
        return
    found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in found.items():
        form.add_error(name if name in form.fields else None, [text for each in errors for text in each.messages])


@require_POST
def cancel(request, pk: int) -> HttpResponse:
    """Take back a run that still waits."""
    run = run_of(request, pk, "cancel")
    return _done(request, run, lambda: services.cancel_run(run=run, by=request.actor), _("已取消。"))


@require_POST
def correct(request, pk: int) -> HttpResponse:
    """Ask for an approved run to be computed again; whoever asks second is told that it is at work."""
    run = run_of(request, pk, "compute")
    try:
        asked = services.request_correction(run=run, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if asked.asked_before:
            tell_asked(request, [asked])
        else:
            messages.success(request, _("已提交重新核算：结果有变动的生成更正，没有变动的以原核算为准。"))
    return redirect("run", run.pk)


def _with_people(request, pk: int) -> Run:
    run = run_of(request, pk)
    if not request.access.can_in(run.unit_id, "export", "allocation"):
        raise PermissionDenied
    return run


@require_GET
def compare(request, pk: int) -> HttpResponse:
    """A run beside what stands for the year before: the pool, and everybody whose pay moved a lot."""
    run = _with_people(request, pk)
    earlier = comparing.last_year(run)
    found = comparing.pairs(earlier, run) if earlier else []
    shown = comparing.explained(comparing.notable(found))
    name = unit_name(run)
    context = {
        "title": _("%(name)s %(year)s 年与上年比较") % {"name": name, "year": run.year},
        "lede": _("按在岗月折算的人均月绩效，升降超过 30% 的逐人列出"),
        "crumbs": crumbs(run, name, (_("与上年比较"), None)),
        "run": run,
        "earlier": earlier,
        "rows": shown,
        "both": sum(1 for pair in found if pair.before and pair.after),
        "came": [pair for pair in found if pair.before is None],
        "left": [pair for pair in found if pair.after is None],
        "pool_change": (run.pool - earlier.pool) / earlier.pool if earlier and earlier.pool and run.pool else None,
    }
    return render(request, "pay/life/compare.html", context)


@require_GET
def differences(request, pk: int) -> HttpResponse:
    """A correction beside what it corrects: which inputs changed, and what each person gets more or less."""
    run = _with_people(request, pk)
    if run.corrects is None or run.pool is None:
        raise Http404
    rows = comparing.explained(pair for pair in comparing.pairs(run.corrects, run) if pair.difference)
    name = unit_name(run)
    context = {
        "title": _("%(name)s %(year)s 年更正差额") % {"name": name, "year": run.year},
        "lede": _("核算 %(new)s 更正核算 %(old)s") % {"new": run.pk, "old": run.corrects_id},
        "crumbs": crumbs(run, name, (_("更正差额"), None)),
        "run": run,
        "inputs": comparing.changed_inputs(run.corrects.inputs, run.inputs),
        "rows": rows,
        "before": run.corrects.shared,
        "total": sum(pair.difference for pair in rows),
        "same": run.allocations.values("person").distinct().count() - len([pair for pair in rows if pair.after]),
    }
    return render(request, "pay/life/differences.html", context)

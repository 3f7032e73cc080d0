"""What is done to a plan on its page: changes added, edited, moved, removed; the check; the steps.

With htmx the part of the page that an edit changes comes back; without, the
page is opened again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.forms import take_errors
from orgchart import plans
from orgchart.changes import Change
from orgchart.models import Plan, PlanChange, Stage
from staffing.plans.plan_forms import ApproveForm, ChangeForm, CopyForm, StepForm, VersionForm, first_day
from staffing.plans.plan_views import RIGHTS, TITLES, crumbs, form_view, plan_of, work, zone_of
from staffing.plans.reorganising import approve_plan, site_of
from staffing.plans.trials import check_plan


def _again(request, plan: Plan, form: ChangeForm | None = None, editing: PlanChange | None = None) -> HttpResponse:
    """The plan after an edit: the part that changed, or its page."""
    plan.refresh_from_db()
    if request.htmx:
        return render(request, "orgchart/_plan_work.html", work(request, plan, form, editing))
    if form is None:
        return redirect(reverse("plan", args=[plan.code]) + "#plan-work")
    _zone, version = zone_of(request, plan.zone.code)
    context = {
        "title": form.change.label,
        "lede": form.change.hint,
        "crumbs": crumbs(request, version, (plan.title, reverse("plan", args=[plan.code])), (form.change.label, None)),
        "form": form,
        "submit": _("保存") if editing else _("添加"),
        "back": reverse("plan", args=[plan.code]),
    }
    return render(request, "staffing/form.html", context)


def _kind(name: str) -> type[Change]:
    if name not in Change.registry:
        raise Http404
    return Change.registry[name]


@form_view
def change_add(request, code: str, kind: str):
    """The form of a kind of change, and adding one."""
    plan = plan_of(request, code, "change")
    cls, site = _kind(kind), site_of(plan)
    form = ChangeForm(request.POST or None, change=cls, site=site, initial={"version": plan.version})
    form.action = reverse("plan_change_add", args=[code, kind])
    if request.method == "POST" and form.is_valid():
        given = {"version": form.cleaned_data["version"], "payload": form.payload()}
        try:
            plans.add_change(plan=plan, kind=kind, site=site, by=request.actor, **given)
        except ValidationError as error:
            take_errors(form, error)
        else:
            return _again(request, plan)
    return _again(request, plan, form)


@form_view
def change_edit(request, code: str, pk: int):
    """One change of a plan, and saving what it says now."""
    plan = plan_of(request, code, "change")
    row = get_object_or_404(plan.changes, pk=pk)
    cls, site = _kind(row.kind), site_of(plan)
    first = {**row.payload, "version": plan.version}
    form = ChangeForm(request.POST or None, change=cls, site=site, initial=first)
    form.action = reverse("plan_change", args=[code, pk])
    if request.method == "POST" and form.is_valid():
        given = {"version": form.cleaned_data["version"], "payload": form.payload()}
        try:
            plans.edit_change(change=row, site=site, by=request.actor, **given)
        except ValidationError as error:
            take_errors(form, error)
        else:
            return _again(request, plan)
    return _again(request, plan, form, row)


def _try(request, plan: Plan, act: Callable[[int], Any]) -> HttpResponse:
    """Do something small to the version that was looked at, and say what stood in the way."""
    form = VersionForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("提交的内容有误"))
        act(form.cleaned_data["version"])
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return _again(request, plan)


@require_POST
def change_remove(request, code: str, pk: int):
    plan = plan_of(request, code, "change")
    row = plan.changes.filter(pk=pk).first()
    if row is None:
        return _again(request, plan)
    return _try(request, plan, lambda version: plans.remove_change(change=row, version=version, by=request.actor))


@require_POST
def change_move(request, code: str, pk: int, way: str):
    """One place up or down."""
    plan = plan_of(request, code, "change")
    row = get_object_or_404(plan.changes, pk=pk)
    if way not in ("up", "down"):
        raise Http404
    return _try(
        request,
        plan,
        lambda version: plans.move_change(change=row, version=version, up=way == "up", by=request.actor),
    )


@require_POST
def plan_check(request, code: str):
    """Check the plan against the structure and the rules as they are now, and put the outcome on record."""
    plan = plan_of(request, code, "check")
    return _try(request, plan, lambda version: check_plan(plan=plan, version=version, by=request.actor))


@form_view
def plan_step(request, code: str, stage: str):
    """The form of a step, and taking it."""
    if stage not in RIGHTS:
        raise Http404
    plan = plan_of(request, code, RIGHTS[Stage(stage)])
    initial = first_day(plan, timezone.localdate())
    approving = stage == Stage.APPROVED
    form = (
        ApproveForm(request.POST or None, initial=initial)
        if approving
        else StepForm(request.POST or None, stage=stage, initial=initial)
    )
    if request.method == "POST" and form.is_valid():
        try:
            if approving:
                approve_plan(plan=plan, by=request.actor, **form.cleaned_data)
            else:
                plans.take_step(plan=plan, stage=stage, by=request.actor, **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已办理「%(stage)s」") % {"stage": Stage(stage).label})
            return redirect("plan", code)
    _zone, version = zone_of(request, plan.zone.code)
    title = TITLES[Stage(stage)]
    context = {
        "title": f"{title} · {plan.title}",
        "lede": _("方案 %(code)s 第 %(version)s 版") % {"code": plan.code, "version": plan.version},
        "crumbs": crumbs(request, version, (plan.title, reverse("plan", args=[code])), (title, None)),
        "form": form,
        "submit": title,
        "back": reverse("plan", args=[code]),
        "facts": [(_("生效日期"), plan.effective_on), (_("调整事项"), plan.changes.count())],
        "confirm": _("批复后，调整自生效日期起写入机构设置，不能撤回。确定批复？") if approving else "",
    }
    return render(request, "staffing/form.html", context)


@require_POST
def plan_copy(request, code: str):
    """A new draft with the same changes."""
    plan = plan_of(request, code, "add")
    form = CopyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请填写生效日期"))
        return redirect("plan", code)
    try:
        fresh = plans.copy_plan(plan=plan, by=request.actor, **form.cleaned_data)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect("plan", code)
    messages.success(request, _("已另起方案 %(code)s") % {"code": fresh.code})
    return redirect("plan", fresh.code)

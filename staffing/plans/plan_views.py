"""Pages of plans: the list, a plan, drafting and editing one. Its changes and steps: ``plan_deeds.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from common.forms import take_errors
from orgchart import plans
from orgchart.changes import Change, sentence
from orgchart.models import Plan, PlanChange, Stage, StructureRevision
from orgchart.models.plans import PATH
from staffing.personnel.people_views import on_day
from staffing.plans.plan_forms import ChangeForm, CopyForm, EditPlanForm, PlanForm
from staffing.plans.reorganising import site_of
from staffing.structure.reading import nearest
from zones.models import Unit, UnitVersion

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

form_view = require_http_methods(["GET", "POST"])

#: The steps open at each stage: the stage it leads to, the right that it needs, what the button says.
OPEN = {
    Stage.DRAFT: (
        (Stage.REVIEWED, "review", gettext_lazy("登记论证")),
        (Stage.WITHDRAWN, "withdraw", gettext_lazy("撤回")),
    ),
    Stage.REVIEWED: (
        (Stage.DECIDED, "decide", gettext_lazy("审议决定")),
        (Stage.REFUSED, "refuse", gettext_lazy("不予批准")),
        (Stage.WITHDRAWN, "withdraw", gettext_lazy("撤回")),
    ),
    Stage.DECIDED: (
        (Stage.APPROVED, "approve", gettext_lazy("批复")),
        (Stage.REFUSED, "refuse", gettext_lazy("不予批准")),
        (Stage.WITHDRAWN, "withdraw", gettext_lazy("撤回")),
    ),
}
TITLES = {stage: action for steps in OPEN.values() for stage, _right, action in steps}
RIGHTS = {stage: right for steps in OPEN.values() for stage, right, _action in steps}
#: Steps that go forward want a check that still holds.
FORWARD = (Stage.REVIEWED, Stage.DECIDED, Stage.APPROVED)


def zone_of(request, code: str) -> tuple[Unit, UnitVersion]:
    """The zone, for somebody who may see its plans, and what it is called on the day."""
    zone = request.access.get(Unit.objects.filter(kind=Unit.Kind.ZONE), code=code)
    if not request.access.can_in(zone.pk, "view", "plan"):
        raise Http404
    return zone, nearest(list(zone.versions.select_related("unit").order_by("period")), request.on)


def plan_of(request, code: str, action: str = "view") -> Plan:
    rows = Plan.objects.select_related("zone", "drafted_by", "instrument")
    return request.access.get(rows, action, code=code)


def crumbs(
    request, version: UnitVersion, *more: tuple[StrOrPromise, str | None]
) -> list[tuple[StrOrPromise, str | None]]:
    own = on_day(request, reverse("unit", args=[version.unit.code]))
    listed = on_day(request, reverse("plans", args=[version.unit.code]))
    return [(_("组织"), None), (version.shown_short_name, own), (_("方案"), listed if more else None), *more]


@require_GET
def plans_page(request, code: str):
    """The plans of a zone by state, the youngest first."""
    zone, version = zone_of(request, code)
    rows = request.access.scope(Plan.objects.filter(zone=zone).listed())
    wanted = request.GET.get("stage", "")
    seen = request.access.scope(Plan.objects.filter(zone=zone))
    counts = dict(seen.values_list("stage").annotate(Count("pk")).order_by())
    found = list(rows.filter(stage=wanted) if wanted in Stage.values else rows)
    for row in found:
        row.state_code, row.state_said = row.state(request.on), row.state_words(request.on)
    context = {
        "title": _("方案"),
        "lede": _("%(zone)s的机构调整方案：起草、校核、审批，生效后自动执行") % {"zone": version.shown_short_name},
        "crumbs": crumbs(request, version),
        "zone": zone,
        "rows": found,
        "wanted": wanted,
        "tabs": [("", _("全部"), sum(counts.values()))]
        + [(stage.value, stage.label, counts[stage]) for stage in Stage if counts.get(stage)],
        "drafts": request.access.can_in(zone.pk, "add", "plan"),
    }
    return render(request, "orgchart/plans.html", context)


@form_view
def plan_add(request, code: str):
    """Move a plan: its name, day and reason; the changes come on its own page."""
    zone, version = zone_of(request, code)
    if not request.access.can_in(zone.pk, "add", "plan"):
        raise PermissionDenied
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = plans.draft_plan(zone=zone, by=request.actor, **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已起草方案 %(code)s，请添加调整事项") % {"code": plan.code})
            return redirect("plan", plan.code)
    context = {
        "title": _("起草方案"),
        "lede": _("先写明名称、生效日期和理由，再逐项添加调整"),
        "crumbs": crumbs(request, version, (_("起草方案"), None)),
        "form": form,
        "submit": _("起草"),
        "back": on_day(request, reverse("plans", args=[code])),
    }
    return render(request, "staffing/form.html", context)


@form_view
def plan_edit(request, code: str):
    """Change a plan's name, day or reason; a page that is stale is told what both versions say."""
    plan = plan_of(request, code, "change")
    names = ("title", "effective_on", "reason", "version")
    form = EditPlanForm(request.POST or None, initial={name: getattr(plan, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            plans.edit_plan(plan=plan, by=request.actor, **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已保存方案"))
            return redirect("plan", plan.code)
    _zone, version = zone_of(request, plan.zone.code)
    context = {
        "title": _("修改方案"),
        "lede": plan.code,
        "crumbs": crumbs(request, version, (plan.title, reverse("plan", args=[code])), (_("修改"), None)),
        "form": form,
        "submit": _("保存"),
        "back": reverse("plan", args=[code]),
    }
    return render(request, "staffing/form.html", context)


@require_GET
def plan_page(request, code: str):
    """A plan: what it changes in words, its check, its steps, what this visitor may do. The trial is fetched by it."""
    plan = plan_of(request, code)
    _zone, version = zone_of(request, plan.zone.code)
    context = {
        "title": plan.title,
        "lede": _("方案 %(code)s") % {"code": plan.code},
        "crumbs": crumbs(request, version, (plan.title, None)),
        "zone_name": version.shown_short_name,
        # Offered once it is known that there is something to print.
        "fixes": f"plan-{plan.code}" if plan.stage == Stage.APPROVED or check_state(plan) == "ok" else "",
        **work(request, plan),
    }
    return render(request, "orgchart/plan.html", context)


def work(request, plan: Plan, form: ChangeForm | None = None, editing: PlanChange | None = None) -> dict[str, Any]:
    """What changes with every edit of a plan: its changes, check, steps, and the buttons."""
    site = site_of(plan)
    edits = plan.editable and request.access.can_in(plan.zone_id, "change", "plan")
    return {
        "plan": plan,
        "state_code": plan.state(request.on),
        "state_said": plan.state_words(request.on),
        "changes": [
            (row, Change.registry[row.kind].label, sentence(row.kind, row.payload, site)) for row in plan.changes.all()
        ],
        "kinds": [(kind, cls.label, cls.hint) for kind, cls in Change.registry.items()],
        "edits": edits,
        "form": form,
        "editing": editing,
        "check": check_state(plan),
        "may_check": not plan.final and request.access.can_in(plan.zone_id, "check", "plan"),
        "copies": not plan.editable and request.access.can_in(plan.zone_id, "add", "plan"),
        "copy_form": CopyForm(initial={"effective_on": max(plan.effective_on, timezone.localdate())}),
        "steps": plan.steps.select_related("by", "instrument"),
        "actions": _actions(request, plan),
        "stepper": [*(stage.label for stage in PATH), _("生效")],
        "stepper_now": _place(plan, request.on),
    }


def check_state(plan: Plan) -> str:
    """What a check is worth: ``none``, ``ok``, ``bad``, ``old`` (edited since) or ``moved`` (structure too)."""
    if plan.checked_version is None:
        return "none"
    if plan.final:
        return "ok" if plan.checked_ok else "bad"
    if plan.checked_version != plan.version:
        return "old"
    if plan.checked_revision != StructureRevision.of(plan.zone_id):
        return "moved"
    return "ok" if plan.checked_ok else "bad"


def _actions(request, plan: Plan) -> list[dict[str, Any]]:
    """The steps that this visitor may take now; those that need a check say so."""
    held = check_state(plan) == "ok"
    own = request.user.pk == plan.drafted_by_id
    decided = {step.by_id for step in plan.steps.all() if step.stage == Stage.DECIDED}
    found = []
    for stage, right, label in OPEN.get(Stage(plan.stage), ()):
        if not request.access.can_in(plan.zone_id, right, "plan"):
            continue
        if stage in (Stage.DECIDED, Stage.APPROVED, Stage.REFUSED) and own:
            continue
        if stage == Stage.APPROVED and request.user.pk in decided:
            continue
        forward = stage in FORWARD
        found.append({"stage": stage, "label": label, "ready": held or not forward, "forward": forward})
    return found


def _place(plan: Plan, day: Any) -> int:
    """Which circle of the stepper is lit; past the last one when the plan is in force."""
    if plan.in_force(day):
        return len(PATH) + 2
    if plan.stage == Stage.APPROVED:
        return len(PATH) + 1
    reached = [step.stage for step in plan.steps.all() if step.stage in PATH]
    return len(reached) + (0 if plan.final else 1)

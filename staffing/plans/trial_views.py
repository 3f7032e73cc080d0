"""What a plan would do, as a page: what breaks a rule, before and after side by side, posts and people touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orgchart import chart
from orgchart.changes import Change
from orgchart.differences import counted, marks
from orgchart.models import Stage
from orgchart.tree import HALF
from staffing.models import Appointment, Person
from staffing.plans.plan_views import crumbs, plan_of, zone_of
from staffing.plans.trials import Touched, Trial, as_approved, try_out
from staffing.structure.chart_views import address_on


@require_GET
def plan_trial(request, code: str):
    """A plan done for real and taken back; of an approved one, what it did. Ended ones are not tried any more."""
    plan = plan_of(request, code)
    trial = None
    if plan.stage == Stage.APPROVED:
        trial = as_approved(plan)
    elif not plan.final:
        trial = try_out(plan, request.actor)
    context: dict[str, Any] = {"plan": plan, "trial": trial}
    if trial:
        context |= _pictures(request, trial) | _posts(request, trial) | _obstacle(request, trial)
    if request.htmx:
        return render(request, "orgchart/_trial.html", context)
    _zone, version = zone_of(request, plan.zone.code)
    context |= {
        "title": _("试行结果 · %(plan)s") % {"plan": plan.title},
        "lede": _("按方案实际执行一遍后撤销，所见即批复后的结果"),
        "crumbs": crumbs(request, version, (plan.title, reverse("plan", args=[code])), (_("试行结果"), None)),
    }
    return render(request, "orgchart/trial.html", context)


def _pictures(request, trial: Trial) -> dict[str, Any]:
    """Before and after with what changed marked in both, and the differences in words."""
    if trial.after is None:
        return {}
    found = trial.differences
    marked, address = marks(found), address_on(request)
    sides = [(_("调整前"), trial.before), (_("调整后"), trial.after)]
    return {
        "differences": found,
        "counted": counted(found),
        "sides": [
            {
                "title": title,
                "day": date_format(structure.day),
                "tree": chart.draw(structure, None, {}, address, marks=marked, paper=HALF),
                "summary": _summary(structure),
                "total": structure.total,
            }
            for title, structure in sides
        ],
    }


def _summary(structure: chart.Structure) -> str:
    total = structure.total
    limit = f" / {total['limit']}" if total["limit"] is not None else ""
    return _("职能机构 %(n)s%(limit)s 个 · 主责主业 %(core)s 个") % {
        "n": total["count"],
        "limit": limit,
        "core": total["core"],
    }


@dataclass
class PostLine:
    """A post that the plan touches, with those of its holders whom the visitor may know, and how many he may not."""

    touched: Touched
    names: list[str]

    @property
    def unnamed(self) -> int:
        return max(self.touched.at.taken - len(self.names), 0)

    @property
    def what(self) -> str:
        """In a word, what becomes of it."""
        before, after = self.touched.before, self.touched.after
        if after is None:
            return _("撤销")
        if before is None:
            return _("新设")
        if (before.unit, before.bureau) != (after.unit, after.bureau):
            return _("划转")
        return _("随机构调整")


def _posts(request, trial: Trial) -> dict[str, Any]:
    """The posts touched in a table with its totals. Two queries, however many there are."""
    people = request.access.scope(Person.objects.all())
    held = Appointment.objects.on(trial.plan.effective_on).filter(post__in=[each.post for each in trial.touched])
    names: dict[int, list[str]] = {}
    for post, name in held.filter(person__in=people).order_by("post", "seat").values_list("post", "person__name"):
        names.setdefault(post, []).append(name)
    lines = [PostLine(each, names.get(each.post, [])) for each in trial.touched]
    return {"lines": lines, "totals": trial.totals}


def _obstacle(request, trial: Trial) -> dict[str, Any]:
    """What stops the plan, naming people only to whoever may know them; and the change at which it does."""
    met = trial.stopped
    if met is None:
        return {}
    named = request.access.can_in(trial.plan.zone_id, "view", "person")
    row = trial.plan.changes.filter(order=met.order).first() if met.order else None
    return {
        "obstacle": met,
        "obstacle_said": met.said if named else met.discreet,
        "obstacle_change": Change.registry[row.kind].label if row and row.kind in Change.registry else "",
    }

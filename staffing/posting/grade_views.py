"""Pages of post grades and their coefficients (岗级与系数), and of a unit's plan of posts (岗位设置方案)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Sum
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from staffing import services
from staffing.models import GradeCoefficient, PostGrade, PostPlanFiling, PostVersion
from staffing.personnel.people_views import on_day
from staffing.posting import levels
from staffing.posting.grades import coefficient_stamp, may_set
from staffing.posting.post_forms import CoefficientForm, FilingForm, GradeForm
from staffing.posting.post_plan import UnitPlan, grades_in_use, plans
from staffing.posting.post_views import deed, form_view
from zones.models import Unit


@require_GET
def grades(request):
    """Every grade with what it is worth on the day, what it was, and how many seats bear it."""
    request.access.demand("view", "grade")
    history = GradeCoefficient.objects.select_related("instrument").order_by("-period")
    found = list(PostGrade.objects.prefetch_related(Prefetch("coefficients", history, to_attr="history")))
    posts = PostVersion.objects.on(request.on).filter(unit__in=request.access.units("view", "post")).order_by()
    seats = dict(posts.values_list("grade").annotate(n=Sum("headcount")))
    for grade in found:
        grade.seats = seats.get(grade.pk, 0)
        grade.now = next((row for row in grade.history if row.in_force(request.on)), None)
        grade.next = next((row for row in reversed(grade.history) if row.starts > request.on), None)
    context = {
        "crumbs": [(_("岗级与系数"), None)],
        "title": _("岗级与系数"),
        "lede": _("以岗定薪：每个岗级自何日起值多少，依据什么"),
        "grades": found,
        "seats": sum(grade.seats for grade in found),
        "all_examples": bool(found) and all(grade.is_example for grade in found),
        "keeps": request.access.can("add", "grade"),
    }
    return render(request, "staffing/grades.html", context)


def _back(request) -> str:
    return on_day(request, reverse("grades"))


@form_view
def coefficient_add(request, code: str):
    """A new coefficient of a grade from a day on."""
    request.access.demand("view", "grade")
    grade = get_object_or_404(PostGrade, code=code)
    request.access.demand("add", "grade")
    now = grade.coefficients.on(request.on).first()
    start = {"starts": request.on, "seen": coefficient_stamp(grade)}
    form = CoefficientForm(request.POST or None, initial=start)

    def act() -> tuple[str, str]:
        data = form.cleaned_data
        if not may_set(request.access, grade, data["starts"]):
            raise PermissionDenied(_("其他单位的岗位也在用此岗级，须由管理全部有关单位的人员调整"))
        services.set_coefficient(grade=grade, by=request.actor, **data)
        return _("已调整「%(name)s」的岗位系数") % {"name": grade.shown_name}, reverse("grades")

    facts = [
        (_("岗级"), grade.shown_name),
        (_("现行系数"), f"{now.value:f}" if now else ""),
        (_("依据"), now.instrument if now and now.instrument else ""),
    ]
    context = {
        "crumbs": [(_("岗级与系数"), _back(request)), (_("调整系数"), None)],
        "title": _("调整系数 · %(name)s") % {"name": grade.shown_name},
        "lede": _("现行系数于生效日期的前一日止；已核定的绩效不受影响"),
        "facts": facts,
        "submit": _("保存系数"),
        "back": _back(request),
    }
    return deed(request, form, act, context)


@form_view
def grade_add(request):
    """A new grade with its first coefficient."""
    request.access.demand("add", "grade")
    form = GradeForm(request.POST or None, initial={"starts": request.on})

    def act() -> tuple[str, str]:
        made = services.create_grade(by=request.actor, **form.cleaned_data)
        return _("已增加岗级「%(name)s」") % {"name": made.shown_name}, reverse("grades")

    context = {
        "crumbs": [(_("岗级与系数"), _back(request)), (_("增加岗级"), None)],
        "title": _("增加岗级"),
        "lede": _("岗级须同时确定系数和依据"),
        "submit": _("增加岗级"),
        "back": _back(request),
    }
    return deed(request, form, act, context)


# --- the plan of posts ----------------------------------------------------------------------------------


def _matrix(found: Sequence[UnitPlan]) -> list[dict[str, Any]]:
    """A row for each category and grade in use: its seats by unit, and their sum."""
    kinds = PostVersion.Category
    return [
        {
            "category": kinds(category).label,
            "level": level,
            "name": levels.NAMES.get(level, _("未定等级")),
            "cells": [plan.seats.get((category, level), 0) for plan in found],
            "sum": sum(plan.seats.get((category, level), 0) for plan in found),
        }
        for category, level in grades_in_use(found)
    ]


@require_GET
def post_plan(request, code: str):
    """A unit's plan of posts: its own and those of the units below it, grade by grade, and how it was filed."""
    unit = request.access.get(Unit.objects.all(), code=code)
    request.access.demand("view", "post")
    reach = Unit.objects.subtree_ids(unit.pk, day=request.on) & request.access.units("view", "post")
    found = plans(reach, request.on)
    name = next((plan.name for plan in found if plan.unit_id == unit.pk), unit.code)
    filings = PostPlanFiling.objects.filter(unit=unit).order_by("-period")
    context = {
        "crumbs": [(_("岗位"), on_day(request, reverse("posts"))), (_("岗位设置方案"), None)],
        "title": _("岗位设置方案 · %(name)s") % {"name": name},
        "lede": _("各类各级岗位的数量、现有人数和备案情况"),
        "unit": unit,
        "plans": found,
        "matrix": _matrix(found),
        "total": {name: sum(getattr(plan, name) for plan in found) for name in ("total", "taken", "free", "special")},
        "filings": filings,
        "example": any(plan.is_example for plan in found),
        "keeps": request.access.can_in(unit.pk, "change", "post"),
    }
    return render(request, "staffing/post_plan.html", context)


@form_view
def filing_add(request, code: str):
    """Register the filing of a unit's plan of posts."""
    unit = request.access.get(Unit.objects.all(), code=code)
    if not request.access.can_in(unit.pk, "change", "post"):
        raise PermissionDenied
    form = FilingForm(request.POST or None, initial={"starts": request.on, "filed_on": request.on})
    back = on_day(request, reverse("post_plan", args=[code]))

    def act() -> tuple[str, str]:
        made = services.file_post_plan(unit=unit, by=request.actor, **form.cleaned_data)
        return _("已登记备案 %(number)s") % {"number": made.number}, reverse("post_plan", args=[code])

    context = {
        "crumbs": [(_("岗位设置方案"), back), (_("登记备案"), None)],
        "title": _("登记岗位设置方案备案"),
        "lede": _("岗位设置方案须报人事综合管理部门备案后使用（PST-02）"),
        "submit": _("登记备案"),
        "back": back,
    }
    return deed(request, form, act, context)

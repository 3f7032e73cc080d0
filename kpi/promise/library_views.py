"""Pages of the indicator library: the list, one indicator with a worked example, adding and revising, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from common.access import Access
from common.actors import Actor
from common.imports.pages import ImportPages
from common.numerals import plain
from kpi.explain import FORMULAS, METHOD_FORMULAS, NOTES
from kpi.models import Indicator, Line, TemplateLine
from kpi.promise import indicators, worked
from kpi.promise.columns import INDICATOR_CELLS, indicator_cells
from kpi.promise.files import table_file
from kpi.promise.forms import FLAGS, IndicatorFilters, IndicatorForm, parameter_label
from kpi.promise.importing import IndicatorImporter
from kpi.scoring import UndefinedScore
from staffing.personnel.people_views import on_day

PAGE_SIZE = 50
form_view = require_http_methods(["GET", "POST"])
CASES = {
    "below_floor": gettext_lazy("低于下限"),
    "floor": gettext_lazy("恰为下限"),
    "reached": gettext_lazy("恰好完成"),
    "cap": gettext_lazy("恰为上限"),
    "above_cap": gettext_lazy("超过上限"),
    "far_below": gettext_lazy("远差于最低值"),
    "worse": gettext_lazy("有所下降"),
    "x_min": gettext_lazy("恰为最低值"),
    "middle": gettext_lazy("居中"),
    "x_sat": gettext_lazy("恰为满分值"),
    "same": gettext_lazy("与上年持平"),
    "part_step": gettext_lazy("不足一档"),
    "one_step": gettext_lazy("一档"),
    "five_steps": gettext_lazy("五档"),
    "short": gettext_lazy("少两档"),
    "many_steps": gettext_lazy("多出十档"),
    "first": gettext_lazy("第一名"),
    "tied": gettext_lazy("并列第二"),
    "last": gettext_lazy("末名"),
    "alone": gettext_lazy("只有一个对象"),
    "lowest": gettext_lazy("最低"),
    "highest": gettext_lazy("满分"),
    "none": gettext_lazy("没有发生"),
    "one_event": gettext_lazy("发生一次"),
    "many_events": gettext_lazy("发生二十次"),
}


def library() -> Any:
    """The library with ``cards`` and ``in_templates``: on how many cards and in how many templates each stands."""
    lines = Line.objects.filter(indicator=OuterRef("pk")).order_by().values("indicator")
    templates = TemplateLine.objects.filter(indicator=OuterRef("pk")).order_by().values("indicator")
    return Indicator.objects.select_related("metric").annotate(
        cards=Coalesce(Subquery(lines.annotate(n=Count("pk")).values("n")), 0),
        in_templates=Coalesce(Subquery(templates.annotate(n=Count("pk")).values("n")), 0),
    )


def filtered(query: Mapping[str, Any]) -> tuple[Any, IndicatorFilters, dict[str, str]]:
    """The indicators that the address asks for."""
    form = IndicatorFilters(query)
    chosen = form.chosen()
    found = library()
    if text := chosen.get("q"):
        found = found.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__icontains=text))
    for name in ("kind", "method"):
        if name in chosen:
            found = found.filter(**{name: chosen[name]})
    if "bound" in chosen:
        found = found.filter(metric__isnull=chosen["bound"] == "0")
    if "used" in chosen:
        used = Exists(Line.objects.filter(indicator=OuterRef("pk"))) | Exists(
            TemplateLine.objects.filter(indicator=OuterRef("pk"))
        )
        found = found.filter(used if chosen["used"] == "1" else ~used)
    return found, form, chosen


@require_GET
def indicators_page(request):
    """The library: what is measured, how it is scored, and where it is used."""
    request.access.demand("view", "indicator")
    found, form, chosen = filtered(request.GET)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    context = {
        "crumbs": [(_("指标库"), None)],
        "title": _("指标库"),
        "lede": _("考核什么、怎样计分、用在哪里"),
        "form": form,
        "filtered": bool(chosen),
        "page": page,
        "all_examples": bool(shown) and all(row.is_example for row in shown),
        "adds": request.access.can("add", "indicator"),
    }
    return render(request, "kpi/promise/indicators.html", context)


def _worked(indicator: Indicator) -> list[dict[str, Any]]:
    try:
        found = worked.examples(indicator.method, indicator.parameters)
    except UndefinedScore:
        return []
    return [
        {
            "case": CASES[each.key],
            "actual": plain(each.given.actual),
            "expression": each.step.expression,
            "points": plain(each.step.value) if each.step.value.denominator == 1 else plain(round(each.step.value, 4)),
            "note": str(NOTES.get(each.step.note, "")),
        }
        for each in found
    ]


def parameters_of(indicator: Indicator) -> list[tuple[str, str]]:
    """Its parameters as people read them."""
    return [
        (parameter_label(name), (_("是") if value else _("否")) if name in FLAGS else plain(value))
        for name, value in indicator.parameters.items()
    ]


def _get(request, code: str) -> Indicator:
    return request.access.get(library(), code=code)


@require_GET
def indicator_page(request, code: str):
    """One indicator: how it is scored, worked out at its boundaries, and where it is used."""
    row = _get(request, code)
    lines = Line.objects.filter(indicator=row)
    years = lines.order_by().values("scorecard__cycle__year", "scorecard__kind").annotate(n=Count("pk"))
    kinds = dict(Line.scorecard.field.related_model.Kind.choices)
    context = {
        "crumbs": [(_("指标库"), reverse("indicators")), (row.shown_name, None)],
        "title": row.shown_name,
        "lede": row.get_method_display(),
        "row": row,
        "parameters": parameters_of(row),
        "formula": FORMULAS[METHOD_FORMULAS[row.method]],
        "formula_id": METHOD_FORMULAS[row.method],
        "worked": _worked(row),
        "weight": worked.WEIGHT,
        "base": worked.BASE,
        "templates": row.template_lines.filter(
            template__in=request.access.scope(TemplateLine.template.field.related_model.objects.all())
        ).select_related("template"),
        "years": [
            (each["scorecard__cycle__year"], kinds[each["scorecard__kind"]], each["n"])
            for each in years.order_by("-scorecard__cycle__year", "scorecard__kind")
        ],
        "changes": request.access.can("change", "indicator"),
        "used": indicators.used_by(row),
    }
    return render(request, "kpi/promise/indicator.html", context)


def _method(request, default: str) -> str:
    method = request.POST.get("method") or request.GET.get("method") or default
    return method if method in Indicator.Method.values else default


@require_GET
def indicator_parameters(request):
    """The fields of one method's parameters: fetched when another method is chosen."""
    if not (request.access.can("add", "indicator") or request.access.can("change", "indicator")):
        raise PermissionDenied
    form = IndicatorForm(method=_method(request, Indicator.Method.COMPLETION), initial=request.GET.dict())
    return render(request, "kpi/promise/_parameters.html", {"form": form})


def _saved(request, form: IndicatorForm, act) -> HttpResponse | None:
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        row, words = act(form.values())
    except ValidationError as error:
        form.take(error)
        return None
    messages.success(request, words % {"name": row.shown_name})
    return redirect(on_day(request, reverse("indicator", args=[row.code])))


@form_view
def indicator_add(request):
    """A new indicator."""
    request.access.demand("add", "indicator")
    method = _method(request, Indicator.Method.COMPLETION)
    form = IndicatorForm(request.POST or None, method=method, initial={"method": method, "per": "1"})

    def act(values: dict[str, Any]) -> tuple[Indicator, str]:
        values["code"] = values["code"].lower()
        return indicators.create_indicator(by=request.actor, **values), _("已增加指标「%(name)s」")

    if done := _saved(request, form, act):
        return done
    context = {
        "crumbs": [(_("指标库"), reverse("indicators")), (_("增加指标"), None)],
        "title": _("增加指标"),
        "lede": _("选定计分方法后填写它的参数"),
        "form": form,
        "submit": _("增加指标"),
        "back": reverse("indicators"),
    }
    return render(request, "kpi/promise/indicator_form.html", context)


@form_view
def indicator_edit(request, code: str):
    """Change an indicator; how a used one is scored stays."""
    row = request.access.get(Indicator.objects.select_related("metric"), "change", code=code)
    start = IndicatorForm.initial_of(row, indicators.stamp(row))
    form = IndicatorForm(request.POST or None, method=_method(request, row.method), fixed=True, initial=start)

    def act(values: dict[str, Any]) -> tuple[Indicator, str]:
        values.pop("code")
        seen = form.cleaned_data["seen"]
        return indicators.revise_indicator(indicator=row, by=request.actor, seen=seen, **values), _(
            "已保存「%(name)s」"
        )

    if done := _saved(request, form, act):
        return done
    used = indicators.used_by(row)
    back = on_day(request, reverse("indicator", args=[code]))
    context = {
        "crumbs": [(_("指标库"), reverse("indicators")), (row.shown_name, back), (_("修改"), None)],
        "title": _("修改指标 · %(name)s") % {"name": row.shown_name},
        "lede": _("名称和数据来源随时可改"),
        "form": form,
        "warning": _("已有 %(n)s 张评分卡用到本指标：签订或计分之后，计分办法不能再改。") % {"n": used["all"]}
        if used["all"]
        else "",
        "submit": _("保存指标"),
        "back": back,
    }
    return render(request, "kpi/promise/indicator_form.html", context)


@require_GET
def indicators_export(request, format: str):
    """The library as the page lists it, as a file that can be imported again."""
    request.access.demand("view", "indicator")
    found, _form, _chosen = filtered(request.GET)
    return table_file("指标库", list(INDICATOR_CELLS), indicator_cells(found), format, request.on)


class IndicatorPages(ImportPages):
    """The library's import."""

    name = "indicators_import"
    back = "indicators"
    template = "imports/check.html"
    how = "kpi/promise/_indicators_how.html"

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> IndicatorImporter:
        if not (access.can("add", "indicator") and access.can("change", "indicator")):
            raise PermissionDenied
        return IndicatorImporter(by, source)

    def words(self) -> dict[str, str]:
        return {
            "crumb": _("指标库"),
            "title": _("导入指标"),
            "lede": _("代码相同的修改，新代码的增加；先预检，有一行有误就全部不写"),
            "write": _("写入指标库"),
            "same": _("与指标库完全一致"),
            "back": _("返回指标库"),
        }

    def told(self, written: Mapping[str, int]) -> str:
        counts = {name: written.get(name, 0) for name in ("added", "revised")}
        return _("增加指标 %(added)s 个，修改 %(revised)s 个。") % counts

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(_("指标库"), list(INDICATOR_CELLS))]


PAGES = IndicatorPages()

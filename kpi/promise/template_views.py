"""Pages of templates: the list per holder, one as a sheet, copying, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.access import Access
from common.actors import Actor
from common.forms import carry_out, take_errors
from common.imports.pages import ImportPages
from kpi.models import Indicator, Template
from kpi.promise import templates
from kpi.promise.columns import TEMPLATE_CELLS, template_cells
from kpi.promise.files import table_file
from kpi.promise.forms import CopyTemplateForm, NewTemplateForm, TemplateForm
from kpi.promise.holders import holder_choices, holders
from kpi.promise.importing import TemplateImporter
from kpi.promise.library_views import form_view
from kpi.promise.numbers import HUNDRED, read_weight, shown
from kpi.promise.sheet import MAX_LINES, Sheet, SheetRow, find_indicators, read_cell, sheet_of
from staffing.personnel.people_views import on_day
from zones.models import Unit, UnitVersion

COLUMNS = ("group", "indicator", "weight")
SPARE_ROWS = 3


def unit_names(ids, on: dt.date) -> dict[int, str]:
    """What units are called on the day, by id."""
    return {row.unit_id: row.shown_short_name for row in UnitVersion.objects.on(on).filter(unit__in=ids)}


@require_GET
def card_templates(request):
    """The templates that the visitor may see, by holder and subject."""
    if not any(request.access.can("view", noun) for noun in Template.nouns):
        raise PermissionDenied
    rows = list(
        request.access.scope(Template.objects.all())
        .select_related("holder")
        .annotate(n=Count("lines"), total=Sum("lines__weight"))
        .order_by("holder__sequence", "holder__code", "subject", "code")
    )
    cards = dict(
        request.access.scope(Template.objects.all())
        .order_by()
        .annotate(cards=Count("scorecards"))
        .values_list("pk", "cards")
    )
    names = unit_names({row.holder_id for row in rows}, request.on)
    for row in rows:
        row.holder_name, row.cards = names.get(row.holder_id, row.holder.code), cards.get(row.pk, 0)
    context = {
        "crumbs": [(_("考核模板"), None)],
        "title": _("考核模板"),
        "lede": _("各类对象考核哪些指标、各占多少权重"),
        "rows": rows,
        "all_examples": bool(rows) and all(row.is_example for row in rows),
        "adds": bool(holder_choices(request.access, "add", "template", request.on)),
    }
    return render(request, "kpi/promise/templates.html", context)


@require_GET
def card_template(request, pk: int):
    """One template with its lines by first-level indicator."""
    row = request.access.get(Template.objects.select_related("holder"), pk=pk)
    lines = list(row.lines.select_related("indicator"))
    context = {
        "crumbs": [(_("考核模板"), reverse("card_templates")), (row.shown_name, None)],
        "title": row.shown_name,
        "lede": f"{row.get_subject_display()} · {unit_names([row.holder_id], request.on).get(row.holder_id, '')}",
        "row": row,
        "lines": lines,
        "total": sum((line.weight for line in lines), Decimal(0)),
        "cards": row.scorecards.count(),
        "changes": request.access.scope(Template.objects.filter(pk=pk), "change").exists(),
        "copies": bool(holder_choices(request.access, "add", "template", request.on)),
        "all_examples": all(line.indicator.is_example for line in lines),
    }
    return render(request, "kpi/promise/template.html", context)


def read_sheet(request) -> Sheet:
    """The posted lines, each read and judged by itself."""
    sheet = sheet_of(request.POST, COLUMNS)
    find_indicators(sheet.rows)
    for row in sheet.rows:
        read_cell(row, "weight", read_weight, _("权重"))
        if len(row.cells["group"]) > 60:
            row.errors["group"] = _("一级指标不超过 60 个字")
    if not sheet.rows:
        sheet.errors.append(_("请至少填写一项指标"))
    return sheet


def items_of(sheet: Sheet) -> list[templates.Item]:
    return [
        templates.Item(row.indicator, row.said["weight"], row.cells["group"]) for row in sheet.rows if row.indicator
    ]


def _sheet_of(row: Template | None) -> Sheet:
    lines = [] if row is None else templates.items_of(row)
    return Sheet(
        [
            SheetRow(
                {"group": item.group, "indicator": item.indicator.code, "weight": shown(item.weight)},
                {"weight": item.weight},
                indicator=item.indicator,
            )
            for item in lines
        ]
    )


def _sheet_context(sheet: Sheet) -> dict[str, Any]:
    read = [row.said.get("weight") for row in sheet.rows]
    total = sum((weight for weight in read if weight is not None), Decimal(0))
    return {
        "sheet": sheet,
        "spare": range(max(SPARE_ROWS if sheet.rows else 8, 0)),
        "total": shown(total) or "0",
        "whole": total == HUNDRED,
        "most": MAX_LINES,
        "library": Indicator.objects.order_by("code"),
    }


@form_view
def card_template_add(request):
    """A new template: what it is, and its lines as a sheet."""
    choices = holder_choices(request.access, "add", "template", request.on)
    if not choices:
        raise PermissionDenied
    form = NewTemplateForm(request.POST or None, holders=choices)
    sheet = read_sheet(request) if request.method == "POST" else _sheet_of(None)
    if request.method == "POST" and form.is_valid() and sheet.clean:
        data = form.cleaned_data
        try:
            row = templates.create_template(
                holder=Unit.objects.get(code=data["holder"]),
                code=data["code"].lower(),
                name=data["name"],
                name_en=data["name_en"],
                subject=data["subject"],
                items=items_of(sheet),
                by=request.actor,
            )
        except ValidationError as error:
            _take(form, sheet, error)
        else:
            messages.success(request, _("已增加模板「%(name)s」") % {"name": row.shown_name})
            return redirect(on_day(request, reverse("card_template", args=[row.pk])))
    context = {
        "crumbs": [(_("考核模板"), reverse("card_templates")), (_("增加模板"), None)],
        "title": _("增加模板"),
        "lede": _("各项权重之和须为 100"),
        "form": form,
        "submit": _("增加模板"),
        "back": reverse("card_templates"),
        **_sheet_context(sheet),
    }
    return render(request, "kpi/promise/template_form.html", context)


def _take(form: TemplateForm, sheet: Sheet, error: ValidationError) -> None:
    """What concerns a field of the form goes there; what is of the lines, to the sheet."""
    if hasattr(error, "error_dict"):
        take_errors(form, error)
    else:
        sheet.take(error)


@form_view
def card_template_edit(request, pk: int):
    """A template's lines edited like a sheet."""
    row = request.access.get(Template.objects.select_related("holder"), "change", pk=pk)
    start = {"name": row.name, "name_en": row.name_en, "seen": templates.stamp(row)}
    form = TemplateForm(request.POST or None, initial=start)
    sheet = read_sheet(request) if request.method == "POST" else _sheet_of(row)
    back = on_day(request, reverse("card_template", args=[pk]))
    if request.method == "POST" and form.is_valid() and sheet.clean:
        data = form.cleaned_data
        try:
            templates.save_template(
                template=row,
                items=items_of(sheet),
                name=data["name"],
                name_en=data["name_en"],
                seen=data["seen"],
                by=request.actor,
            )
        except ValidationError as error:
            _take(form, sheet, error)
        else:
            messages.success(request, _("已保存模板「%(name)s」") % {"name": row.name})
            return redirect(back)
    context = {
        "crumbs": [(_("考核模板"), reverse("card_templates")), (row.shown_name, back), (_("修改"), None)],
        "title": _("修改模板 · %(name)s") % {"name": row.shown_name},
        "lede": _("已由本模板生成的评分卡不随之改变"),
        "form": form,
        "submit": _("保存模板"),
        "back": back,
        **_sheet_context(sheet),
    }
    return render(request, "kpi/promise/template_form.html", context)


@form_view
def card_template_copy(request, pk: int) -> HttpResponse:
    """A copy under another name."""
    row = request.access.get(Template.objects.select_related("holder"), pk=pk)
    city = row.noun == "city_template"
    units = holders(request.access, "add", "template")
    kind = Unit.Kind.CITY if city else Unit.Kind.ZONE
    choices = [(unit.code, unit.name) for unit in Unit.objects.filter(units, kind=kind).named_on(request.on)]
    if not choices:
        raise PermissionDenied
    start = {
        "holder": row.holder.code,
        "code": f"{row.code[:35]}-copy",
        "name": _("%(name)s（副本）") % {"name": row.name},
    }
    form = CopyTemplateForm(request.POST or None, holders=choices, initial=start)
    context = {
        "crumbs": [(_("考核模板"), reverse("card_templates")), (row.shown_name, None), (_("复制"), None)],
        "title": _("复制模板 · %(name)s") % {"name": row.shown_name},
        "lede": _("指标和权重照抄，可再修改"),
        "submit": _("复制模板"),
        "back": on_day(request, reverse("card_template", args=[pk])),
    }

    def act(data: dict[str, Any]) -> str:
        data["holder"] = Unit.objects.get(code=data["holder"])
        made = templates.copy_template(template=row, by=request.actor, **data)
        context["back"] = on_day(request, reverse("card_template", args=[made.pk]))
        return _("已复制为「%(name)s」") % {"name": made.shown_name}

    return carry_out(request, form, act, context)


@require_GET
def card_templates_export(request, format: str):
    """The templates that the visitor may see, as a file that can be imported again."""
    if not any(request.access.can("view", noun) for noun in Template.nouns):
        raise PermissionDenied
    rows = request.access.scope(Template.objects.all()).select_related("holder").prefetch_related("lines__indicator")
    return table_file("考核模板", list(TEMPLATE_CELLS), template_cells(rows), format, request.on)


def template_importer(access: Access, by: Actor, source: str) -> TemplateImporter:
    """The import for the holders whose templates this user keeps; PermissionDenied where there is none."""
    add, change = (
        {unit.code: unit for unit in Unit.objects.filter(holders(access, action, "template"))}
        for action in ("add", "change")
    )
    if not (add and change):
        raise PermissionDenied
    return TemplateImporter(by, add, change, source)


class TemplatePages(ImportPages):
    """The templates' import."""

    name = "card_templates_import"
    back = "card_templates"
    template = "imports/check.html"
    how = "kpi/promise/_templates_how.html"

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> TemplateImporter:
        return template_importer(access, by, source)

    def words(self) -> dict[str, str]:
        return {
            "crumb": _("考核模板"),
            "title": _("导入模板"),
            "lede": _("一个模板的各行一起写入，权重之和须为 100；有一行有误就全部不写"),
            "write": _("写入模板"),
            "same": _("与在册的模板完全一致"),
            "back": _("返回模板列表"),
        }

    def told(self, written: Mapping[str, int]) -> str:
        counts = {name: written.get(name, 0) for name in ("added", "revised")}
        return _("增加模板 %(added)s 个，修改 %(revised)s 个。") % counts

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(_("考核模板"), list(TEMPLATE_CELLS))]


PAGES = TemplatePages()

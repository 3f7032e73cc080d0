"""The pages of the law: what a zone is held to on a day, and how the establishment office changes it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.actors import Actor
from common.forms import carry_out
from orgchart import lawgiving
from orgchart.law import quota_table, stated
from orgchart.law_forms import CharterForm, EndExceptionForm, ExceptionForm, WithDocument, documents_of
from orgchart.models import Charter, RuleException
from zones.models import Instrument, Unit, UnitVersion
from zones.services import record_instrument

form_view = require_http_methods(["GET", "POST"])


def _head(request, code: str, action: str = "view") -> Unit:
    """The zone, or the park that reports to a city, whose law the visitor may see (``add``: may make)."""
    unit = request.access.get(Unit.objects.filter(kind__in=[Unit.Kind.ZONE, Unit.Kind.PARK]), code=code)
    if unit.kind == Unit.Kind.PARK and not Charter.objects.filter(zone=unit).exists():
        version = unit.versions.on(request.on).select_related("unit", "parent").first()
        if version is None or version.head_id != unit.pk:
            raise Http404
    if action != "view" and not request.access.can_in(unit.pk, action, "charter"):
        raise PermissionDenied
    return unit


def _versions(unit: Unit, day: dt.date) -> list[UnitVersion]:
    """The head and its parks on the day, the head first."""
    rows = UnitVersion.objects.on(day).of_zone(unit.pk).select_related("unit")
    return sorted(rows, key=lambda version: version.unit_id != unit.pk)


def _there(request, page: str, code: str) -> str:
    query = "" if request.on_is_today else f"?{urlencode({'on': request.on.isoformat()})}"
    return reverse(page, args=[code]) + query


def _name(unit: Unit, versions: list[UnitVersion]) -> str:
    return next((each.shown_short_name for each in versions if each.unit_id == unit.pk), unit.code)


@require_GET
def charter_page(request, code: str):
    """The law of the day, what the one before it said, the quotas of each unit, exceptions, and all charters."""
    unit = _head(request, code)
    day = request.on
    charters = list(unit.charters.select_related("instrument").prefetch_related("parameters").order_by("period"))
    charter = next((each for each in charters if each.in_force(day)), None)
    place = charters.index(charter) if charter else 0
    before = charters[place - 1] if place else None
    versions = _versions(unit, day)
    name = _name(unit, versions)
    context = {
        "unit": unit,
        "charter": charter,
        "before": before,
        "charters": charters[::-1],
        "stated": stated(charter, before),
        "table": quota_table(versions, day),
        "tiers": list(unit.tiers.on(day)),
        "exceptions": RuleException.objects.on(day).filter(zone=unit).select_related("unit", "instrument"),
        "may_change": request.access.can_in(unit.pk, "add", "charter"),
        "title": _("%(unit)s机构编制规定") % {"unit": name},
        "lede": charter.name if charter else _("这一天没有生效的机构编制规定"),
        "crumbs": [(_("组织"), None), (name, _there(request, "unit", code)), (_("机构编制规定"), None)],
    }
    return render(request, "orgchart/charter.html", context)


def _document(form: WithDocument, by: Actor) -> Instrument:
    new = form.new_document
    return record_instrument(by=by, **new) if new else form.cleaned_data["instrument"]


def _form_context(request, unit: Unit, name: str, title: str) -> dict[str, Any]:
    back = _there(request, "charter", unit.code)
    crumbs = [(_("组织"), None), (_("%(unit)s机构编制规定") % {"unit": name}, back), (title, None)]
    return {"unit": unit, "title": title, "back": back, "crumbs": crumbs}


@form_view
def charter_new(request, code: str):
    """A new charter, with parameters, quotas and tiers; what stays as it is keeps its document."""
    unit = _head(request, code, "add")
    day = request.on
    versions = _versions(unit, day)
    charter = unit.charters.on(day).prefetch_related("parameters").first()
    form = CharterForm(
        request.POST or None,
        charter=charter,
        table=quota_table(versions, day),
        versions=versions,
        tiers=list(unit.tiers.on(day)),
        documents=documents_of([version.unit_id for version in versions]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                saved = lawgiving.record_charter(
                    zone=unit,
                    name=form.cleaned_data["name"],
                    instrument=_document(form, request.actor),
                    starts=form.cleaned_data["starts"],
                    parameters=form.parameters,
                    limited_kinds=form.cleaned_data["limited_kinds"],
                    limits=form.limits,
                    tiers=form.tiers,
                    replacing=Charter.objects.filter(pk=form.cleaned_data["replacing"], zone=unit).first(),
                    by=request.actor,
                )
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, _("已录入“%(name)s”") % {"name": saved.name})
            return redirect(f"{reverse('charter', args=[code])}?{urlencode({'on': saved.starts.isoformat()})}")
    context = _form_context(request, unit, _name(unit, versions), _("录入新规定"))
    context |= {"form": form, "versions": versions, "charter": charter}
    return render(request, "orgchart/charter_form.html", context)


@form_view
def exception_new(request, code: str):
    """An exception for what is real and over-full."""
    unit = _head(request, code, "add")
    versions = _versions(unit, request.on)
    documents = documents_of([version.unit_id for version in versions])
    form = ExceptionForm(request.POST or None, versions=versions, documents=documents)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                saved = lawgiving.record_exception(
                    zone=unit,
                    terms=form.terms,
                    instrument=_document(form, request.actor),
                    starts=form.cleaned_data["starts"],
                    by=request.actor,
                )
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, _("已录入例外 %(rule)s") % {"rule": saved.rule})
            return redirect(_there(request, "charter", code))
    context = _form_context(request, unit, _name(unit, versions), _("录入例外"))
    context |= {
        "form": form,
        "submit": _("录入例外"),
        "lede": _("实际已超限的，凭批文暂时保留，只减不增，消化前一直列示"),
    }
    return render(request, "orgchart/exception_form.html", context)


@form_view
def exception_end(request, code: str, pk: int):
    """End an exception that was cured; refused by the rule itself while it is not."""
    unit = _head(request, code)
    exception = get_object_or_404(RuleException.objects.select_related("unit"), pk=pk, zone=unit)
    if not request.access.can_in(unit.pk, "add", "charter"):
        raise PermissionDenied
    form = EndExceptionForm(request.POST or None, initial={"on": request.on})
    context = _form_context(request, unit, _name(unit, _versions(unit, request.on)), _("终止例外"))
    context |= {
        "submit": _("终止例外"),
        "lede": _("%(unit)s · %(rule)s：容许超出 %(allowed)s，%(note)s")
        % {
            "unit": exception.unit.code,
            "rule": exception.rule,
            "allowed": exception.allowed,
            "note": exception.note or _("没有说明"),
        },
    }

    def act(given: dict[str, Any]) -> str:
        lawgiving.end_exception(exception=exception, by=request.actor, **given)
        return _("已终止例外 %(rule)s，最后一天 %(day)s") % {"rule": exception.rule, "day": given["on"]}

    return carry_out(request, form, act, context)

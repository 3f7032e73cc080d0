"""Pages of a holder's years: the list, opening the next (looked at before it is done), filling cards, its rules."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from common import audit, jobs
from common.access import Access
from common.actors import Actor
from common.forms import carry_out, take_errors
from common.models import Job
from kpi.models import Cycle, Scorecard, Template
from kpi.promise import years
from kpi.promise.forms import FillForm, OpenYearForm, YearRulesForm
from kpi.promise.holders import holder_choices, holders
from kpi.promise.library_views import form_view
from kpi.promise.reading import BY_KIND
from kpi.promise.subjects import Subject
from kpi.promise.template_views import unit_names
from staffing.personnel.people_views import on_day
from zones.models import Unit

#: More cards than this are made in the background.
IN_REQUEST = 60
OPEN_WORK, FILL_WORK = "kpi.open_year", "kpi.fill_cards"
WHO = {"": "", "heads": "heads", "staff": "staff"}


def _sees(request) -> None:
    if not any(request.access.can("view", noun) for noun in Cycle.nouns):
        raise PermissionDenied


@require_GET
def year_list(request):
    """The years of every holder that the visitor may see, the latest first."""
    _sees(request)
    rows = list(
        request.access.scope(Cycle.objects.filter(year__lte=request.on.year + 1))
        .select_related("holder")
        .annotate(
            cards=Count("scorecards", distinct=True),
            signed=Count("scorecards", filter=Q(scorecards__frozen_at__isnull=False), distinct=True),
            done=Count("scorecards", filter=Q(scorecards__result__score__isnull=False), distinct=True),
        )
        .order_by("holder__sequence", "holder__code", "-year")
    )
    names = unit_names({row.holder_id for row in rows}, request.on)
    for row in rows:
        row.holder_name = names.get(row.holder_id, row.holder.code)
    context = {
        "crumbs": [(_("考核年度"), None)],
        "title": _("考核年度"),
        "lede": _("每年考核谁、签了多少、评完多少"),
        "rows": rows,
        "adds": bool(holder_choices(request.access, "add", "cycle", request.on)),
    }
    return render(request, "kpi/promise/years.html", context)


@require_GET
def year_page(request, pk: int):
    """One year: its rules, its cards by kind, and whom no card was made for yet."""
    row = request.access.get(Cycle.objects.select_related("holder"), pk=pk)
    kinds = dict(Scorecard.Kind.choices)
    counted = (
        row.scorecards.order_by()
        .values("kind")
        .annotate(
            n=Count("pk"),
            signed=Count("pk", filter=Q(frozen_at__isnull=False)),
            done=Count("pk", filter=Q(result__score__isnull=False)),
        )
        .order_by(BY_KIND)
    )
    name = unit_names([row.holder_id], request.on).get(row.holder_id, row.holder.code)
    changes = row.state == Cycle.State.OPEN and request.access.scope(Cycle.objects.filter(pk=pk), "change").exists()
    rows = [each | {"label": kinds[each["kind"]]} for each in counted]
    context = {
        "crumbs": [(_("考核年度"), reverse("years")), (f"{name} {row.year}", None)],
        "title": _("%(name)s %(year)s 考核年度") % {"name": name, "year": row.year},
        "lede": _("本年度的规则和评分卡"),
        "row": row,
        "kinds": rows,
        "sums": {column: sum(each[column] for each in rows) for column in ("n", "signed", "done")},
        "changes": changes,
        "fill_form": FillForm(**_fill_choices(row, request.on)) if changes else None,
    }
    return render(request, "kpi/promise/year.html", context)


def _fill_choices(row: Cycle, on: dt.date) -> dict[str, Any]:
    units = Unit.objects.subtree_ids(row.holder_id, day=on)
    named = Unit.objects.filter(pk__in=units).named_on(on)
    return {
        "templates": Template.objects.filter(holder=row.holder_id).order_by("subject", "code"),
        "units": [(unit.code, unit.short_name) for unit in named],
    }


@form_view
def year_edit(request, pk: int) -> HttpResponse:
    """The year's own rules."""
    row = request.access.get(Cycle.objects.select_related("holder"), "change", pk=pk)
    start = {name: getattr(row, name) for name in years.RULES}
    start = {name: f"{value.normalize():f}" if isinstance(value, Decimal) else value for name, value in start.items()}
    form = YearRulesForm(request.POST or None, initial=start | {"seen": years.stamp(row)})
    back = on_day(request, reverse("year", args=[pk]))
    context = {
        "crumbs": [(_("考核年度"), reverse("years")), (str(row.year), back), (_("年度规则"), None)],
        "title": _("%(year)s 年度规则") % {"year": row.year},
        "lede": _("改动部门得分比重或加分上限后，已有得分随即重算"),
        "submit": _("保存规则"),
        "back": back,
    }

    def act(data: dict[str, Any]) -> str:
        years.change_year(cycle=row, by=request.actor, **data)
        return _("年度规则已保存")

    return carry_out(request, form, act, context)


# --- opening the next year ------------------------------------------------------------------------------


@form_view
def year_open(request):
    """Open a holder's next year: first what it would make, done and rolled back; then for real."""
    choices = holder_choices(request.access, "add", "cycle", request.on)
    if not choices:
        raise PermissionDenied
    start = {"holder": request.GET.get("holder") or choices[0][0], "year": timezone.localdate().year + 1}
    form = OpenYearForm(request.POST or None, holders=choices, initial=start)
    context = {
        "crumbs": [(_("考核年度"), reverse("years")), (_("建立年度"), None)],
        "title": _("建立年度"),
        "lede": _("沿用上一年度的评分卡、指标和权重；先看会生成什么，再确认"),
        "form": form,
        "back": reverse("years"),
    }
    if request.method == "POST" and form.is_valid():
        holder = Unit.objects.get(code=form.cleaned_data["holder"])
        told = {
            "holder": holder,
            "year": form.cleaned_data["year"],
            "raise_percent": form.cleaned_data["raise_percent"],
        }
        try:
            if not Cycle.objects.filter(holder=holder, year__lt=told["year"]).exists():
                return _started(request, holder, told["year"])
            made = _previewed(request.actor, told)
            if request.POST.get("outcome") == made.outcome:
                return _opened(request, told, made)
        except ValidationError as error:
            take_errors(form, error)
        else:
            context |= {"made": made, "moved": bool(request.POST.get("outcome"))}
    return render(request, "kpi/promise/year_open.html", context)


def _previewed(by: Actor, told: dict[str, Any]) -> years.Made:
    """The deed itself, looked at and rolled back (design 4)."""
    with transaction.atomic(), audit.gathered() as entries:
        made = years.open_year(by=by, **told)
        entries.clear()
        transaction.set_rollback(True)
    return made


def _started(request, holder: Unit, year: int) -> HttpResponse:
    """The first year of a holder has nothing to copy."""
    cycle = years.start_year(holder=holder, year=year, by=request.actor)
    messages.success(request, _("已建立 %(year)s 年度，可由模板生成评分卡") % {"year": year})
    return redirect(on_day(request, reverse("year", args=[cycle.pk])))


def _opened(request, told: dict[str, Any], made: years.Made) -> HttpResponse:
    if len(made.cards) > IN_REQUEST:
        job = jobs.start(
            OPEN_WORK,
            token=f"{told['holder'].code}:{told['year']}:{made.outcome}",
            title=_("建立 %(year)s 考核年度") % {"year": told["year"]},
            by=request.actor,
            total=len(made.cards),
            holder=told["holder"].code,
            year=told["year"],
            raise_percent=None if told["raise_percent"] is None else str(told["raise_percent"]),
            outcome=made.outcome,
        )
        return redirect("job", pk=job.pk)
    try:
        made = years.open_year(by=request.actor, outcome=made.outcome, **told)
    except years.OtherOutcome:
        messages.warning(request, _("情况刚有变动，没有建立；请重新核对"))
        return redirect("year_open")
    messages.success(request, _made_words(made))
    return redirect(on_day(request, reverse("year", args=[made.cycle.pk])))


def _made_words(made: years.Made) -> str:
    n = len(made.cards)
    return ngettext("已生成 %(n)s 张评分卡", "已生成 %(n)s 张评分卡", n) % {"n": n}


def open_work(job: Job, progress: jobs.Progress) -> jobs.Outcome:
    """Opening a large zone's year; the owner's rights are those of now."""
    told = job.params
    holder = Unit.objects.filter(holders(Access(job.by), "add", "cycle"), code=told["holder"]).first()
    if holder is None:
        raise jobs.Abandoned(_("您已没有建立这一年度的权限"))
    percent = told["raise_percent"]
    try:
        made = years.open_year(
            holder=holder,
            year=told["year"],
            raise_percent=None if percent is None else Decimal(percent),
            by=Actor(job.by, "task", job.address),
            outcome=told["outcome"],
            told=lambda done, total: progress(done, total, _("生成评分卡")),
        )
    except years.OtherOutcome:
        raise jobs.Abandoned(_("情况刚有变动，没有建立；请重新核对"), reverse("year_open")) from None
    return jobs.Outcome({"cards": len(made.cards)}, _made_words(made), reverse("year", args=[made.cycle.pk]))


# --- filling cards from a template ---------------------------------------------------------------------------


@form_view
def year_fill(request, pk: int):
    """Cards from a template for all who have none: whom it would be for, then for real."""
    row = request.access.get(Cycle.objects.select_related("holder"), "change", pk=pk)
    back = on_day(request, reverse("year", args=[pk]))
    form = FillForm(request.POST or None, **_fill_choices(row, request.on))
    context = {
        "crumbs": [(_("考核年度"), reverse("years")), (str(row.year), back), (_("生成评分卡"), None)],
        "title": _("由模板生成评分卡"),
        "lede": _("只为本年度还没有评分卡的对象生成；已有的不动"),
        "form": form,
        "row": row,
        "back": back,
    }
    if request.method == "POST" and form.is_valid():
        told = {"template": form.cleaned_data["template"], "unit": form.unit(), "who": form.cleaned_data["who"]}
        found = years.candidates(row, **told)
        outcome, seen = _digest(found), request.POST.get("outcome")
        context |= {
            "found": found,
            "asked": True,
            "outcome": outcome,
            "moved": bool(seen and found) and seen != outcome,
        }
        if seen == outcome and found:
            try:
                return _filled(request, row, told, found)
            except ValidationError as error:
                take_errors(form, error)
    return render(request, "kpi/promise/year_fill.html", context)


def _digest(found: Sequence[Subject]) -> str:
    """Whom the preview showed: the deed is for exactly these."""
    return hashlib.sha256(orjson.dumps([each.key for each in found])).hexdigest()[:16]


def _filled(request, row: Cycle, told: dict[str, Any], found: Sequence[Subject]) -> HttpResponse:
    if len(found) > IN_REQUEST:
        job = jobs.start(
            FILL_WORK,
            token=f"{row.pk}:{told['template'].pk}:{told['unit'] and told['unit'].code}:{told['who']}:{_digest(found)}",
            title=_("由「%(name)s」生成评分卡") % {"name": told["template"].shown_name},
            by=request.actor,
            total=len(found),
            outcome=_digest(found),
            cycle=row.pk,
            template=told["template"].pk,
            unit=told["unit"] and told["unit"].code,
            who=told["who"],
        )
        return redirect("job", pk=job.pk)
    made = years.fill_cards(cycle=row, by=request.actor, subjects={each.key for each in found}, **told)
    messages.success(request, _made_words(made))
    return redirect(on_day(request, reverse("year", args=[row.pk])))


def fill_work(job: Job, progress: jobs.Progress) -> jobs.Outcome:
    """Making many cards from a template; the owner's rights are those of now."""
    told = job.params
    row = Access(job.by).scope(Cycle.objects.select_related("holder"), "change").filter(pk=told["cycle"]).first()
    if row is None:
        raise jobs.Abandoned(_("您已没有管理这一年度的权限"))
    chosen = {
        "template": Template.objects.get(pk=told["template"]),
        "unit": Unit.objects.get(code=told["unit"]) if told["unit"] else None,
        "who": told["who"],
    }
    found = years.candidates(row, **chosen)
    if _digest(found) != told["outcome"]:
        raise jobs.Abandoned(_("情况刚有变动，没有生成；请重新核对"), reverse("year", args=[row.pk]))
    made = years.fill_cards(
        cycle=row,
        **chosen,
        subjects={each.key for each in found},
        by=Actor(job.by, "task", job.address),
        told=lambda done, total: progress(done, total, _("生成评分卡")),
    )
    return jobs.Outcome({"cards": len(made.cards)}, _made_words(made), reverse("year", args=[row.pk]))

"""Pages that end a city's year: publishing its results, and closing it."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kpi.city import pages, reading
from kpi.judging import years
from kpi.judging.forms import PublishForm
from kpi.judging.years import Check
from kpi.models import Cycle
from staffing.personnel.people_views import on_day


def _held(request, pk: int, action: str) -> Cycle:
    cycle = reading.year(request.access, pk, request.on)
    if not request.access.can_in(cycle.holder_id, action, "city_cycle"):
        raise PermissionDenied
    return cycle


def _home(request, cycle: Cycle) -> str:
    return on_day(request, reverse("city_year", args=[cycle.pk]))


def _checks(request, cycle: Cycle, found: list[Check]) -> list[Check]:
    """The checklist; grades of units are decided on the city's own pages."""
    return [replace(each, url=_home(request, cycle)) if each.key == "ungraded" else each for each in found]


@require_http_methods(["GET", "POST"])
def publish(request, pk: int):
    """Publish a city's year: from then on everybody who is assessed knows how the others did."""
    cycle = _held(request, pk, "publish")
    form = PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            years.publish(cycle=cycle, by=request.actor, notice=form.cleaned_data["notice"])
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("考核结果已公布"))
            return redirect(_home(request, cycle))
    checks = years.before_publishing(cycle) if cycle.state == Cycle.State.OPEN else []
    words = {
        "title": _("公布 %(year)s 年市考核结果") % {"year": cycle.year},
        "lede": _("公布后分数和等次不能再改，各开发区可以看到全部单位的得分、名次和等次"),
        "submit": _("公布结果"),
        "confirm": _("公布后分数和等次不能再改。公布 %(year)s 年市考核结果？") % {"year": cycle.year},
    }
    return _shown(request, cycle, words, _checks(request, cycle, checks), ready=Cycle.State.OPEN, form=form)


@require_http_methods(["GET", "POST"])
def close(request, pk: int):
    """Close a city's year; the database then refuses every change to it."""
    cycle = _held(request, pk, "close")
    if request.method == "POST":
        try:
            years.close_cycle(cycle=cycle, by=request.actor)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("考核年度已关闭"))
            return redirect(_home(request, cycle))
    checks = years.before_closing(cycle) if cycle.state != Cycle.State.CLOSED else []
    words = {
        "title": _("关闭 %(year)s 年市考核") % {"year": cycle.year},
        "lede": _("关闭后该年度的任何内容都不能再改"),
        "submit": _("关闭年度"),
        "confirm": _("关闭后不能恢复。关闭 %(year)s 年市考核？") % {"year": cycle.year},
    }
    return _shown(request, cycle, words, _checks(request, cycle, checks), ready=Cycle.State.PUBLISHED)


def _shown(request, cycle: Cycle, words: dict[str, str], checks: list[Check], *, ready: str, form=None):
    context = pages.frame(request, cycle, words["title"]) | words
    context |= {
        "checks": checks,
        "form": form,
        "ready": cycle.state == ready and not any(check.blocking and check.count for check in checks),
        "back": _home(request, cycle),
    }
    return render(request, "kpi/judging/year_step.html", context)

"""Pages of grades: the board on which they are weighed, who has none, the quota raised by an instrument."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.forms import carry_out
from kpi.judging import calibrating, determining, grading, quotas
from kpi.judging.adjust_views import form_view
from kpi.judging.forms import RaiseForm, RatingForm
from kpi.judging.words import choices_for
from kpi.models import Cycle, Scorecard, Undetermined
from zones.models import Unit


def cycle_of(request, pk: int, action: str = "view") -> Cycle:
    """A zone's year, for who may do ``action`` to it. Http404 for a city's: its grades have pages of their own."""
    cycle = request.access.get(Cycle.objects.select_related("holder"), action, pk=pk)
    if cycle.noun != "zone_cycle":
        raise Http404
    return cycle


def crumbs(cycle: Cycle, last: str) -> list[tuple[str, str | None]]:
    told = _("%(year)s 年考核") % {"year": cycle.year}
    return [(told, reverse("overview", args=[cycle.pk])), (last, None)]


@require_POST
def scorecard_rating(request, pk: int):
    """Set a card's grade."""
    card = request.access.get(Scorecard.objects.select_related("cycle", "person"), "rate", pk=pk)
    form = RatingForm(request.POST, card=card)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["rating"].as_data())
        grading.set_rating(scorecard=card, rating=form.cleaned_data["rating"], by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("等次已保存"))
    return redirect("scorecard", pk=pk)


@form_view
def grades(request, pk: int):
    """The board: people in their circles with scores, the proposed cut, the quota left, and how scorers differ."""
    cycle = cycle_of(request, pk)
    if not request.access.can_in(cycle.holder_id, "rate", "person_card"):
        raise PermissionDenied
    if request.method == "POST":
        _save(request, cycle)
        return redirect(f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path)
    board = calibrating.read(request.access, cycle, request.GET, request.on)
    context = {
        "crumbs": crumbs(cycle, _("评定等次")),
        "title": _("%(year)s 年等次评定") % {"year": cycle.year},
        "lede": _("按公布的次序提出建议，由评定人决定"),
        "cycle": cycle,
        "board": board,
        "open": cycle.state == Cycle.State.OPEN and request.on_is_today,
        "bulk": [(each.value, str(each.label)) for each in grading.PERSON_RATINGS[:4]],
        "by_hand": [(each.value, str(each.label)) for each in grading.BY_HAND],
        "manages": request.access.can_in(cycle.holder_id, "change", "zone_cycle"),
    }
    return render(request, "kpi/judging/grades.html", context)


def _save(request, cycle: Cycle) -> None:
    """The chosen rows get the grade of the button, their proposal, or each what its own choice says."""
    wanted: dict[int, grading.Grade] = {}
    posted, action = request.POST, request.POST.get("set", "each")
    chosen = [key for key in posted.getlist("card") if key.isascii() and key.isdigit() and len(key) < 18]
    for key in chosen:
        names = {"each": f"rating-{key}", "proposal": f"proposal-{key}"}
        rating = posted.get(names.get(action, "bulk"), "")
        if action == "proposal" and rating in ("", grading.Rating.UNDETERMINED):
            continue  # without a score, or left to what is on file
        reason = ""
        if rating in grading.BY_HAND:
            rating, reason = grading.Rating.UNDETERMINED, rating
        wanted[int(key)] = grading.Grade(rating, reason, posted.get(f"seen-{key}", ""))
    if not wanted:
        messages.warning(request, _("请先勾选人员"))
        return
    known = set(
        request.access.scope(cycle.scorecards.filter(pk__in=wanted, kind="person"), "rate").values_list("pk", flat=True)
    )
    if known != wanted.keys():
        raise Http404
    try:
        grading.set_ratings(cycle=cycle, wanted=wanted, by=request.actor, decision=posted.get("decision", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已保存 %(n)s 人的等次") % {"n": len(wanted)})


@form_view
def undetermined(request, pk: int):
    """Who has no grade and why, by what is on file: looked at, then applied."""
    cycle = cycle_of(request, pk, "change")
    if request.method == "POST":
        try:
            done = determining.determine(cycle=cycle, by=request.actor)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("已更新 %(n)s 人") % {"n": len(done)})
        return redirect(request.path)
    cards = Scorecard.objects.filter(cycle=cycle, result__rating="undetermined").named(request.on)
    rows = list(cards.select_related("person", "result").order_by("unit__sequence", "bureau", "person__staff_no"))
    cases = determining.bars([card.pk for card in rows if card.result.undetermined == Undetermined.OPEN_CASE])
    for card in rows:
        card.said = calibrating.determined(card, request.access)
        waits = card.result.undetermined == Undetermined.OPEN_CASE and cycle.state == Cycle.State.PUBLISHED
        card.settles = waits and not any(bar.rule == "ASM-08" for bar in cases.get(card.pk, []))
        card.choices = choices_for(card, grading.PERSON_RATINGS[:4])
    context = {
        "crumbs": crumbs(cycle, _("不定等次")),
        "title": _("%(year)s 年不定等次人员") % {"year": cycle.year},
        "lede": _("按登记的试用、借调、请假、立案、处分认定，说明依据"),
        "cycle": cycle,
        "rows": rows,
        "proposals": determining.preview(cycle) if cycle.state == Cycle.State.OPEN else [],
        "open": cycle.state == Cycle.State.OPEN,
    }
    return render(request, "kpi/judging/undetermined.html", context)


@require_POST
def grade_settle(request, pk: int):
    """Set the grade that a case kept open, once it is closed (补定)."""
    card = request.access.get(Scorecard.objects.select_related("cycle", "person"), "rate", pk=pk)
    try:
        determining.settle(card=card, rating=request.POST.get("rating", ""), by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("等次已补定"))
    return redirect("undetermined" if request.access.can("change", "zone_cycle") else "overview", pk=card.cycle_id)


@form_view
def quota_raise(request, pk: int):
    """Raise a unit's quota of 优秀 by the instrument that agreed to it."""
    cycle = cycle_of(request, pk, "change")
    held = cycle.scorecards.filter(kind="person").order_by().values("unit")
    units = {unit.code: unit for unit in Unit.objects.filter(pk__in=held).named_on(request.on)}
    form = RaiseForm(request.POST or None, units=[(unit.code, unit.short_name) for unit in units.values()])

    def act(data: dict[str, Any]) -> str:
        try:
            quotas.raise_quota(
                cycle=cycle,
                unit=units[data["unit"]],
                ratio=data["percent"] / 100,
                instrument=data["instrument"],
                by=request.actor,
            )
        except ValidationError as error:
            if hasattr(error, "error_dict") and "ratio" in error.error_dict:
                raise ValidationError({"percent": error.error_dict["ratio"]}) from error
            raise
        return _("优秀比例已提高")

    base, most = (quotas.stated(cycle, "ASM-03", name) for name in ("base_ratio", "max_ratio"))
    context = {
        "crumbs": crumbs(cycle, _("提高优秀比例")),
        "title": _("提高优秀比例"),
        "lede": _("须有同意提高的批文（ASM-03）"),
        "facts": [
            (_("一般比例"), f"{base * 100:.0f}%" if base is not None else _("机构编制规定未载明")),
            (_("最高比例"), f"{most * 100:.0f}%" if most is not None else _("机构编制规定未载明")),
        ],
        "submit": _("保存"),
        "back": reverse("assessment_grades", args=[cycle.pk]),
    }
    return carry_out(request, form, act, context)

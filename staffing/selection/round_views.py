"""Pages of rounds: the list, a round with its steps, drafting it, moving it on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.forms import take_errors
from common.periods import ONE_DAY
from staffing.models import Candidate, Post, PostVersion, Selection, SelectionPost
from staffing.personnel.people_views import on_day
from staffing.selection import rounds
from staffing.selection.forms import ExtendForm, OfferForm, PlanForm, ReasonForm
from staffing.selection.pages import frame, next_of
from staffing.selection.reading import Offer, Standing, candidates_of, offers, progress, standings
from zones.models import Unit, UnitVersion

PAGE_SIZE = 50
form_view = require_http_methods(["GET", "POST"])
Stage = Selection.Stage
OVER = (Stage.APPOINTED, Stage.CANCELLED)


def told_form(request, form, act, context: dict[str, Any]) -> HttpResponse:
    """Show the form, or act on it: ``act`` calls the service and says what happened."""
    if request.method == "POST" and form.is_valid():
        try:
            done = act(form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, done)
            return redirect(context["back"])
    return render(request, "staffing/selections/form.html", {"form": form, **context})


@require_GET
def selections(request):
    """Rounds under way, and those that are over."""
    request.access.demand("view", "selection")
    over = request.GET.get("state") == "over"
    rows = request.access.scope(Selection.objects.all())
    rows = rows.filter(stage__in=OVER) if over else rows.exclude(stage__in=OVER)
    if unit := request.GET.get("unit", ""):
        rows = rows.filter(unit__code=unit)
    running = Q(candidates__withdrawn=False)
    rows = rows.select_related("unit").annotate(people=Count("candidates", filter=running, distinct=True))
    rows = rows.order_by("-apply_from", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    seats = dict(
        SelectionPost.objects.filter(selection__in=found).order_by().values_list("selection").annotate(n=Sum("seats"))
    )
    names = dict(
        UnitVersion.objects.on(request.on)
        .filter(unit__in=[row.unit_id for row in found])
        .values_list("unit", "short_name")
    )
    for row in found:
        row.seats, row.unit_name = seats.get(row.pk, 0), names.get(row.unit_id, row.unit.code)
        row.oversees = request.access.can_in(row.unit_id, "oversee", "selection")
    page.object_list = found
    context = {
        "crumbs": [(_("竞聘"), None)],
        "title": _("竞聘"),
        "lede": _("岗位公布、报名、审查、考评、公示、聘任，依次办理"),
        "page": page,
        "over": over,
        "adds": request.access.can("add", "selection"),
    }
    return render(request, "staffing/selections/list.html", context)


def _first_plan(request) -> dict[str, Any]:
    today = timezone.localdate()
    return {"apply_from": today, "apply_until": today + 7 * ONE_DAY, "written": 40, "interview": 40, "peer": 20,
            "term_months": 36, "notice_workdays": 5, "contact": str(request.user)}  # fmt: skip


@form_view
def selection_add(request):
    """Begin a plan."""
    request.access.demand("add", "selection")
    units = Unit.objects.filter(pk__in=request.access.units("add", "selection")).named_on(request.on)
    form = PlanForm(request.POST or None, units=[(u.code, u.name) for u in units], initial=_first_plan(request))
    if request.method == "POST" and form.is_valid():
        unit = Unit.objects.get(code=form.cleaned_data["unit"])
        if not request.access.can_in(unit.pk, "add", "selection"):
            raise PermissionDenied
        try:
            made = rounds.draft_selection(unit=unit, by=request.actor, **form.plan())
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("方案已起草，请加入竞聘岗位"))
            return redirect("selection", pk=made.pk)
    context = {
        "crumbs": [(_("竞聘"), on_day(request, reverse("selections"))), (_("起草方案"), None)],
        "title": _("起草竞聘方案"),
        "lede": _("权重合计 100；公布以前都可以修改"),
        "form": form,
        "submit": _("保存方案"),
        "back": on_day(request, reverse("selections")),
    }
    return render(request, "staffing/selections/form.html", context)


@require_GET
def selection(request, pk: int):
    """A round: its steps, what to do next, the posts on offer; for staff, their own nomination."""
    found = request.access.get(Selection.objects.select_related("unit", "instrument"), pk=pk)
    posts = offers(found, request.on)
    context = frame(request, found)
    person = request.access.person_id
    own = candidates_of(found).filter(person=person).first() if person else None
    if context["oversees"]:
        rows = standings(found, candidates_of(found), {})
        context["done"] = progress(found, rows)
        posts = _with_demand(found, posts)
        context["next"] = next_of(found, context["done"], len(posts))
    context |= {
        "lede": found.get_kind_display(),
        "posts": posts,
        "seats": sum(offer.row.seats for offer in posts),
        "own": own,
        "own_row": _own(found, own, posts),
        "nominates": found.stage == Stage.PUBLISHED and request.access.can_in(found.unit_id, "nominate", "selection"),
        "open_now": found.apply_from <= timezone.localdate() <= found.apply_until,
        "notice": found.notices.first(),
        "unit_name": UnitVersion.objects.on(request.on).filter(unit=found.unit_id).first(),
        "offer_form": OfferForm(posts=_posts_of(found, request))
        if context["runs"] and found.stage == "draft"
        else None,
        "log": found.log.select_related("entered_by") if context["oversees"] else (),
    }
    return render(request, "staffing/selections/selection.html", context)


def _own(found: Selection, own: Candidate | None, posts) -> Standing | None:
    """What a candidate may see of his own result: what the round makes public, and why."""
    if own is None or not found.passed(Stage.NOTICE):
        return None
    return standings(found, [own], {offer.pk: offer.name for offer in posts})[0]


def _with_demand(found: Selection, posts: list[Offer]) -> list[Offer]:
    """The posts with how many chose each first, and second: one query."""
    chosen = found.candidates.filter(withdrawn=False).values_list("first", "second")
    firsts, seconds = Counter(first for first, _s in chosen), Counter(second for _f, second in chosen)
    return [replace(offer, firsts=firsts[offer.pk], seconds=seconds[offer.pk]) for offer in posts]


def _posts_of(found: Selection, request) -> list:
    """The posts of the round's units as grouped choices."""
    units = Unit.objects.subtree_ids(found.unit_id, day=request.on)
    groups: dict[str, list[tuple[str, str]]] = {}
    for version in PostVersion.objects.placed(request.on).filter(unit__in=units):
        place = " · ".join(part for part in (version.unit_name, version.bureau_name) if part)
        text = _("%(post)s（共 %(n)s 席，空 %(free)s 席）")
        free = max(version.headcount - version.taken, 0)
        label = text % {"post": version.shown_name, "n": version.headcount, "free": free}
        groups.setdefault(place, []).append((version.post_code, label))
    return list(groups.items())


@form_view
def selection_edit(request, pk: int):
    """Change the plan; once it is published, only the deadline."""
    found = request.access.get(Selection.objects.all(), "change", pk=pk)
    published = found.stage == Stage.PUBLISHED
    initial = {"apply_until": found.apply_until}
    form = (
        ExtendForm(request.POST or None, initial=initial)
        if published
        else PlanForm(request.POST or None, instance=found)
    )

    def act(data: dict[str, Any]) -> str:
        plan = data if published else form.plan()
        rounds.revise_selection(selection=found, by=request.actor, **plan)
        return _("方案已保存")

    title = _("延长报名") if published else _("修改方案")
    context = frame(request, found, title) | {"submit": _("保存"), "lede": found.title}
    return told_form(request, form, act, context)


@require_POST
def selection_offer(request, pk: int):
    """Put a post on offer with its seats, or (``off``) take it off the plan."""
    found = request.access.get(Selection.objects.all(), "change", pk=pk)
    try:
        if off := request.POST.get("off"):
            offered = found.posts.filter(pk=off).first() if off.isdecimal() else None
            if offered:
                rounds.take_off_post(offered=offered, by=request.actor)
        else:
            form = OfferForm(request.POST, posts=_posts_of(found, request))
            if not form.is_valid():
                raise ValidationError(_("请选择岗位并填写拟聘人数"))
            post = Post.objects.get(code=form.cleaned_data["post"])
            rounds.offer_post(selection=found, post=post, seats=form.cleaned_data["seats"], by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(f"{reverse('selection', args=[pk])}#posts")


@require_POST
def selection_step(request, pk: int):
    """Enter the next step."""
    found = request.access.get(Selection.objects.all(), "change", pk=pk)
    try:
        row = rounds.advance(selection=found, to=request.POST.get("to", ""), by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已进入「%(step)s」") % {"step": row.get_stage_display()})
    return redirect("selection", pk=pk)


@form_view
def selection_cancel(request, pk: int):
    """End a round without appointments."""
    found = request.access.get(Selection.objects.all(), "change", pk=pk)
    form = ReasonForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        rounds.cancel(selection=found, reason=data["reason"], by=request.actor)
        return _("竞聘已终止")

    ask = _("终止「%(title)s」？终止后不能恢复，已有的记录保留。") % {"title": found.title}
    context = frame(request, found, _("终止竞聘")) | {"submit": _("终止竞聘"), "confirm": ask, "lede": found.title}
    return told_form(request, form, act, context)

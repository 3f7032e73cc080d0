"""Pages of whoever keeps panels: the list, a panel with its progress or its results, setting it up, ending it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.forms import take_errors
from kpi.models import Cycle, Indicator, Panel, PanelGroup, Rater
from kpi.raters import closing, pages, reminding, roster, services
from kpi.raters.forms import LinesForm, PanelForm, RatersForm, as_text
from kpi.raters.querysets import has_begun
from kpi.rights import holders
from zones.models import Unit

form_view = require_http_methods(["GET", "POST"])


def _panel(request, pk: int, action: str = "view") -> Panel:
    return request.access.get(Panel.objects.select_related("cycle__holder"), action, pk=pk)


def open_cycles(request, action: str = "add"):
    """The open years in whose panels the visitor may do this."""
    cycles = Cycle.objects.filter(state=Cycle.State.OPEN, year__lte=request.on.year).select_related("holder")
    return list(cycles.filter(holder__in=holders(request.access, action, "panel")).order_by("-year", "holder"))


def trail(*crumbs: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [(_("测评组"), reverse("panels")), *crumbs]


@require_GET
def panels(request):
    """The panels of a year, open ones first, with how far they are."""
    if not any(request.access.can("view", noun) for noun in Panel.nouns):
        raise PermissionDenied
    rows = request.access.scope(Panel.objects.filter(cycle__year__lte=request.on.year))
    listed = pages.panel_rows(rows, request.on)
    context = {
        "crumbs": [(_("测评组"), None)],
        "title": _("测评组"),
        "lede": _("由领导、同级、服务对象等分组评分的指标：谁来评、评什么、评到哪里"),
        "rows": listed,
        "sums": pages.sums(listed),
        "adds": bool(open_cycles(request)),
    }
    return render(request, "kpi/raters/panels.html", context)


@require_GET
def panel(request, pk: int):
    """A panel: groups with their progress, and what it rates; once it is closed, what came out."""
    found = _panel(request, pk)
    today = timezone.localdate()
    keeps = request.access.can_in(found.cycle.holder_id, "change", found.noun) and found.cycle.state == "open"
    groups = pages.group_rows(found, today)
    context = {
        "crumbs": trail((found.name, None)),
        "title": found.name,
        "lede": pages.about(found),
        "panel": found,
        "keeps": keeps and found.closed_at is None,
        "begun": has_begun(found.pk),
        "bar": services.bar_to_closing(found, today),
        "groups": groups,
        "sums": {name: sum(getattr(row, name) for row in groups) for name in ("weight", "raters", "finished")},
        "subjects": pages.subject_rows(found, request.on),
        "raters": pages.raters(found) if keeps and found.closed_at is None else [],
        "state": pages.state(found, today),
    }
    return render(request, "kpi/raters/panel.html", context)


def _form(request, form: PanelForm, context: dict[str, Any]) -> HttpResponse:
    return render(request, "kpi/raters/panel_form.html", {"form": form, **context})


@form_view
def panel_add(request):
    """Begin a panel in one of the open years that the visitor runs."""
    cycles = open_cycles(request)
    if not cycles:
        raise PermissionDenied
    choices = [
        (row.pk, _("%(unit)s %(year)s 年") % {"unit": pages.holder_name(row), "year": row.year}) for row in cycles
    ]
    words = as_text(Panel().words)
    form = PanelForm(request.POST or None, cycles=choices, initial={"trim": 0, "shown_from": 3, "words": words})
    if request.method == "POST" and form.is_valid():
        cycle = next(row for row in cycles if row.pk == form.cleaned_data["cycle"])
        try:
            made = services.create_panel(cycle=cycle, groups=form.groups(), by=request.actor, **form.settings())
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("测评组已建立，请加入测评指标和评价人"))
            return redirect("panel", pk=made.pk)
    context = {
        "crumbs": trail((_("新建"), None)),
        "title": _("新建测评组"),
        "lede": _("评价主体的权重合计须为 100；第一个评分之前都可以修改"),
        "submit": _("建立"),
        "back": reverse("panels"),
    }
    return _form(request, form, context)


@form_view
def panel_edit(request, pk: int):
    """Change a panel; once somebody has rated only its name, its last day, its words, and more protection."""
    found = _panel(request, pk, "change")
    initial = {name: getattr(found, name) for name in services.SETTINGS}
    initial |= {"words": as_text(found.words), "seen": services.fingerprint(found)}
    form = PanelForm(request.POST or None, panel=found, initial=initial)
    back = reverse("panel", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"] or None
        try:
            services.change_panel(panel=found, groups=form.groups(), seen=seen, by=request.actor, **form.settings())
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("测评组已保存"))
            return redirect(back)
    lede = _("已有人评分：评价主体、权重和计分办法不能再改，截止日期可以延长") if has_begun(found.pk) else found.name
    context = {
        "crumbs": trail((found.name, back), (_("修改"), None)),
        "title": _("修改测评组"),
        "lede": lede,
        "submit": _("保存"),
        "back": back,
    }
    return _form(request, form, context)


@form_view
def panel_lines(request, pk: int):
    """Let a panel rate an indicator, across the cards of a kind in one go."""
    found = _panel(request, pk, "change")
    back = reverse("panel", args=[found.pk])
    indicators = [(row.code, f"{row.shown_name}（{row.lines_open}）") for row in pages.open_indicators(found)]
    units = Unit.objects.filter(scorecards__cycle=found.cycle_id).distinct().named_on(request.on)
    form = LinesForm(request.POST or None, indicators=indicators, units=[(row.code, row.short_name) for row in units])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        lines = services.open_lines(found, Indicator.objects.get(code=data["indicator"]))
        lines = lines.filter(scorecard__kind=data["kind"])
        lines = lines.filter(scorecard__unit__code=data["unit"]) if data["unit"] else lines
        try:
            count = services.add_lines(panel=found, lines=lines, by=request.actor)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已加入 %(count)s 项") % {"count": count})
            return redirect(back)
    context = {
        "crumbs": trail((found.name, back), (_("加入测评指标"), None)),
        "title": _("加入测评指标"),
        "lede": found.name,
        "form": form,
        "submit": _("加入"),
        "back": back,
    }
    if not indicators:
        return render(request, "kpi/raters/no_lines.html", context)
    return render(request, "form.html", context)


@require_POST
def panel_line_remove(request, pk: int):
    """Take the lines of one indicator out of a panel in which nobody has rated yet."""
    found = _panel(request, pk, "change")
    code = request.POST.get("indicator", "")
    return _done(request, found, lambda: _removed(found, code, request.actor))


def _removed(found: Panel, code: str, by) -> str:
    rows = found.lines.filter(line__indicator__code=code)
    return _("已移出 %(count)s 项") % {"count": services.remove_lines(panel=found, lines=rows, by=by)}


@form_view
def panel_raters(request, pk: int):
    """Add raters: by preset, from the roster, or by user name."""
    found = _panel(request, pk, "change")
    back = reverse("panel", args=[found.pk])
    groups = [(group.pk, group.name) for group in found.groups.order_by("sequence", "pk")]
    text = request.GET.get("q", "").strip()[:60]
    people = roster.search(request.access, text)
    choices = [(person.user_id or 0, f"{person.name} · {person.staff_no}") for person in people]
    first = request.GET.get("group", "")
    form = RatersForm(request.POST or None, groups=groups, people=choices, initial={"group": first})
    if request.method == "POST" and form.is_valid():
        try:
            count = _add_raters(request, found, form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已加入 %(count)s 人") % {"count": count})
            return redirect(back)
    context = {
        "crumbs": trail((found.name, back), (_("加入评价人"), None)),
        "title": _("加入评价人"),
        "lede": _("每人只在一个评价主体；本人的、本人负责的部门的、本人任领导的单位的评分卡不由本人评"),
        "form": form,
        "panel": found,
        "text": text,
        "searches": request.access.can("view", "person"),
        "submit": _("加入"),
        "back": back,
    }
    return render(request, "kpi/raters/raters_form.html", context)


def _add_raters(request, found: Panel, data: dict[str, Any]) -> int:
    users = [*roster.by_names(data["usernames"])]
    if data["preset"]:
        users += roster.preset(found, data["preset"], request.access)
    users += [person.user for person in roster.search(request.access, request.GET.get("q", "").strip()[:60])
              if person.user_id in data["people"]]  # fmt: skip
    if not users:
        raise ValidationError(_("请选择评价人，或填写用户名"), code="nobody")
    group = get_object_or_404(PanelGroup, panel=found, pk=data["group"])
    if data["preset"]:  # those who rate elsewhere in the panel already are passed over
        taken = set(Rater.objects.filter(group__panel=found).values_list("user_id", flat=True))
        users = [user for user in users if user.pk not in taken]
    return services.add_raters(group=group, users=users, by=request.actor)


@require_POST
def rater_remove(request, pk: int):
    """Take out a rater who has rated nothing."""
    found = request.access.get(Panel.objects.select_related("cycle__holder"), "change", groups__raters=pk)
    rater = get_object_or_404(Rater.objects.select_related("group__panel"), pk=pk)
    return _done(request, found, lambda: _gone(rater, request.actor))


def _gone(rater: Rater, by) -> str:
    services.remove_rater(rater=rater, by=by)
    return _("评价人已移出")


@require_POST
def panel_close(request, pk: int):
    """End a panel and count its ratings."""
    found = _panel(request, pk, "change")

    def act() -> str:
        count = closing.close_panel(panel=found, by=request.actor)
        return _("测评已结束，%(count)s 项已计入评分卡") % {"count": count}

    return _done(request, found, act)


@require_POST
def panel_remove(request, pk: int):
    """Take back a panel in which nobody has rated."""
    found = _panel(request, pk, "change")
    try:
        services.remove_panel(panel=found, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("panel", pk=found.pk)
    messages.success(request, _("测评组已删除"))
    return redirect("panels")


@require_POST
def panel_remind(request, pk: int):
    """Remind those raters who have not finished."""
    found = _panel(request, pk, "change")

    def act() -> str:
        about = reminding.About.RATING
        sent = reminding.remind(cycle=found.cycle, about=about, panel=found, by=request.actor)
        return told_reminders(sent)

    return _done(request, found, act)


def told_reminders(sent: int) -> str:
    return _("已提醒 %(count)s 人") % {"count": sent} if sent else _("今天都已提醒过，不再重复")


def _done(request, found: Panel, act) -> HttpResponse:
    try:
        messages.success(request, act())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("panel", pk=found.pk)

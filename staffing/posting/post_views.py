"""Pages of posts: the list, a post, and what is done to one: set up, copy, revise, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.forms import take_errors
from orgchart.hands import chain_to, longest_before
from orgchart.models import BureauVersion
from staffing import services
from staffing.models import Post, PostVersion
from staffing.personnel.people_views import on_day
from staffing.posting import post_listing, posts
from staffing.posting.post_forms import ClosePostForm, PostForm, initial_of, places
from zones.models import Unit, UnitVersion

PAGE_SIZE = 50
form_view = require_http_methods(["GET", "POST"])


@require_GET
def post_list(request):
    """The posts of the day: filters in the address, totals of what is seen."""
    request.access.demand("view", "post")
    found = post_listing.read(request.access, request.GET, request.on)
    page = Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    for row in page.object_list:
        row.free = max(row.headcount - row.taken, 0)
    context = {
        "crumbs": [(_("岗位"), None)],
        "title": _("岗位"),
        "lede": _("设了哪些岗位，什么等级，多少席位，空缺多少"),
        "list": found,
        "page": page,
        "all_examples": all(row.is_example for row in page.object_list),
        "keeps": request.access.can("add", "post"),
    }
    return render(request, "staffing/posts.html", context)


@require_GET
def post(request, code: str):
    """A post: the four things the law wants of it (PST-01), its seats, and who holds them."""
    found = request.access.get(Post.objects.all(), code=code)
    history = list(found.versions.select_related("grade", "tier", "instrument", "unit", "bureau").order_by("-period"))
    now = next((version for version in history if version.in_force(request.on)), None)
    shown = now or history[0]
    day = request.on if now else (shown.last_day or shown.starts)
    visible = request.access.scope(found.appointments.on(day))
    holders = {row.seat: row for row in visible.select_related("person").order_by("seat")}
    taken = set(found.appointments.on(day).values_list("seat", flat=True))
    unit = UnitVersion.objects.on(day).filter(unit=shown.unit_id).select_related("unit", "parent").first()
    bureau = BureauVersion.objects.on(day).filter(bureau=shown.bureau_id).first()
    place = PostVersion.objects.placed(day).filter(pk=shown.pk).first()
    context = {
        "crumbs": [(_("岗位"), on_day(request, reverse("posts"))), *_place_crumbs(request, shown, unit, bureau)],
        "title": shown.shown_name,
        "lede": _("岗位编号 %(code)s") % {"code": found.code},
        "post": found,
        "version": shown,
        "standing": now is not None,
        "day": day,
        "unit": unit,
        "bureau": bureau,
        "coefficient": place.coefficient if place else None,
        "seats": [(n, holders.get(n), n in taken) for n in range(1, shown.headcount + 1)],
        "taken": len(taken),
        "free": max(shown.headcount - len(taken), 0),
        "history": history,
        "hands": chain_to(unit, shown.bureau_id, day, tier=shown.tier.number) if unit else None,
        "hands_before": longest_before(unit, day, kind=shown.tier.kind, near=shown.bureau_id) if unit else None,
        "keeps": now is not None and request.access.can_in(shown.unit_id, "add", "appointment"),
        "changes": now is not None and request.access.can_in(shown.unit_id, "change", "post"),
        "plans_of": _zone_of(unit) if unit and request.access.can_in(shown.unit_id, "view", "plan") else None,
    }
    return render(request, "staffing/post.html", context)


def _zone_of(unit: UnitVersion) -> Unit | None:
    """The zone whose plans move the unit's posts: itself, or the one it reports to."""
    around = (unit.unit, unit.parent)
    return next((each for each in around if each and each.kind == Unit.Kind.ZONE), None)


def _place_crumbs(request, version: PostVersion, unit: UnitVersion | None, bureau: BureauVersion | None) -> list:
    crumbs: list[tuple[str, str | None]] = []
    if unit:
        crumbs.append((unit.shown_short_name, on_day(request, reverse("unit", args=[version.unit.code]))))
    if bureau and version.bureau:
        crumbs.append((bureau.shown_name, on_day(request, reverse("bureau", args=[version.bureau.code]))))
    return [*crumbs, (version.shown_name, None)]


def _changeable(request, code: str) -> tuple[Post, PostVersion]:
    """The post and its version of the day, for somebody who may change it."""
    found = request.access.get(Post.objects.all(), "change", code=code)
    rows = found.versions.select_related("grade", "tier", "unit", "bureau", "instrument")
    version = rows.on(request.on).first() or rows.order_by("-period").first()
    if not request.access.can_in(version.unit_id, "change", "post"):
        raise PermissionDenied
    return found, version


def deed(request, form: forms.Form, act: Callable[[], tuple[str, str]], context: dict[str, Any]) -> HttpResponse:
    """Show the form, or act on it: ``act`` calls the service and gives what to say and where to go."""
    if request.method == "POST" and form.is_valid():
        try:
            said, address = act()
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, said)
            return redirect(on_day(request, address))
    return render(request, "staffing/form.html", {"form": form, **context})


def _set_up(request, form: PostForm, create: Callable[..., Post]) -> tuple[str, str]:
    """Call a service that sets up a post, in a place that this user keeps."""
    unit, bureau = form.where()
    if not request.access.can_in(unit.pk, "add", "post"):
        raise PermissionDenied
    data = form.cleaned_data
    made = create(
        code=data["code"],
        starts=data["starts"],
        reason=data["reason"],
        by=request.actor,
        unit=unit,
        bureau=bureau,
        tier=posts.tier_of(unit, data["tier"], data["starts"]),
        **form.version(),
    )
    said = _("已设立岗位「%(name)s」，%(n)s 席") % {"name": data["name"], "n": data["headcount"]}
    return said, reverse("post", args=[made.code])


@form_view
def post_add(request):
    """Set up a post."""
    request.access.demand("add", "post")
    form = PostForm(request.POST or None, offered=places(request.access, request.on), initial={"starts": request.on})
    back = on_day(request, reverse("posts"))
    context = {
        "crumbs": [(_("岗位"), back), (_("设立岗位"), None)],
        "title": _("设立岗位"),
        "lede": _("岗位须有名称、职责任务、工作标准和任职条件（PST-01）"),
        "submit": _("设立岗位"),
        "back": back,
    }
    return deed(request, form, lambda: _set_up(request, form, services.create_post), context)


def _about(request, found: Post, version: PostVersion, title: str, lede: str) -> dict[str, Any]:
    back = on_day(request, reverse("post", args=[found.code]))
    return {
        "crumbs": [(_("岗位"), on_day(request, reverse("posts"))), (version.shown_name, back), (title, None)],
        "title": f"{title} · {version.shown_name}",
        "lede": lede,
        "back": back,
    }


@form_view
def post_copy(request, code: str):
    """Set up another post like this one."""
    found, version = _changeable(request, code)
    start = {"starts": request.on, **initial_of(version)}
    form = PostForm(request.POST or None, offered=places(request.access, request.on), initial=start)

    def create(**told: Any) -> Post:
        return services.copy_post(source=found, **told)

    context = _about(request, found, version, _("复制岗位"), _("以此岗位为样本设立新岗位；只须填写新的编号和不同之处"))
    return deed(request, form, lambda: _set_up(request, form, create), context | {"submit": _("设立岗位")})


@form_view
def post_revise(request, code: str):
    """Change a post from a day on."""
    found, version = _changeable(request, code)
    start = {"starts": request.on, "seen": posts.stamp(found), **initial_of(version)}
    form = PostForm(request.POST or None, initial=start, without=["code", "place"])

    def act() -> tuple[str, str]:
        data = form.cleaned_data
        services.revise_post(
            post=found,
            starts=data["starts"],
            by=request.actor,
            reason=data["reason"],
            seen=data["seen"],
            tier=posts.tier_of(version.unit, data["tier"], data["starts"]),
            **form.version(),
        )
        return _("已调整岗位「%(name)s」") % {"name": data["name"]}, reverse("post", args=[found.code])

    lede = _("自生效日期起按新内容，此前的记录保留；划转到其他单位或部门须通过机构调整方案办理")
    context = _about(request, found, version, _("调整岗位"), lede)
    return deed(request, form, act, context | {"submit": _("保存调整")})


@form_view
def post_close(request, code: str):
    """Close a post that nobody sits in."""
    found, version = _changeable(request, code)
    form = ClosePostForm(request.POST or None, initial={"on": request.on, "seen": posts.stamp(found)})

    def act() -> tuple[str, str]:
        services.close_post(post=found, by=request.actor, **form.cleaned_data)
        return _("已撤销岗位「%(name)s」") % {"name": version.shown_name}, reverse("post", args=[found.code])

    asks = _("撤销岗位「%(name)s」？撤销后不能再聘任，记录保留。") % {"name": version.shown_name}
    context = _about(request, found, version, _("撤销岗位"), _("有人在岗的岗位不能撤销，须先转岗或结束聘任"))
    return deed(request, form, act, context | {"submit": _("撤销岗位"), "confirm": asks})

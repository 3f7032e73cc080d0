"""The shell's own data: where a visitor may go, which unit he looks at, what he is here.

Everything is lazy: a fragment that draws no shell asks nothing of the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext

from common.access import Access
from config.menu import SECTIONS
from zones.models import Unit, UnitVersion

#: Pages with a filter ``?unit=``: switching the unit stays on them.
FILTERED = {
    "roster",
    "posts",
    "selections",
    "scorecards",
    "adjustments",
    "appeals",
    "figures",
    "pools",
    "runs",
    "reports",
    "transfers",
    "projects",
    "accounts",
}
#: Pages of one zone each, or of a park that heads itself: switching the unit stays on them.
CHARTS = ("chart", "chart_compare")
#: All pages of one zone each.
OF_ZONE = (*CHARTS, "duties", "duty_lists", "charter", "rules", "positioning", "plans", "plan_add")

#: The page of one zone or park each, for whoever sees everybody's pay there.
SPREAD = "differentiation"


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for every page: ``nav``, ``switcher`` and ``persona``; nothing for a stranger."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    units = SimpleLazyObject(lambda: _units(request, access))
    return {
        "nav": SimpleLazyObject(lambda: _sections(request, access, units)),
        "switcher": SimpleLazyObject(lambda: _switcher(request, access, units)),
        "persona": SimpleLazyObject(lambda: [role.label for role in access.roles]),
    }


def _units(request: HttpRequest, access: Access) -> list[UnitVersion]:
    """The units a visitor may see, as they are called on the page's day, superiors first."""
    day = request.on  # type: ignore[attr-defined]  # AsOfMiddleware put it there
    shown = UnitVersion.objects.on(day).filter(unit__in=access.units())
    rank = {kind: place for place, kind in enumerate(Unit.Kind.values)}
    return sorted(
        shown.select_related("unit"),
        key=lambda version: (rank[version.unit.kind], version.unit.sequence, version.unit.code),
    )


def _here(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    match = getattr(request, "resolver_match", None)
    return (match.url_name or "", match.kwargs) if match else ("", {})


def _address(request: HttpRequest, page: str, *args: str, **params: str) -> str | None:
    """The page's address on the request's day, or None while there is no such page."""
    try:
        address = reverse(page, args=args)
    except NoReverseMatch:
        return None
    if not getattr(request, "on_is_today", True):
        params["on"] = request.on.isoformat()  # type: ignore[attr-defined]
    return f"{address}?{urlencode(params)}" if params else address


def _sections(request: HttpRequest, access: Access, units: Iterable[UnitVersion]) -> list[dict[str, Any]]:
    here, _kwargs = _here(request)
    places = _places(request, access, units)
    sections = []
    for title, items in SECTIONS:
        shown = []
        for item in items:
            if not item.open_to(access) or (item.of and not places[item.of]):
                continue
            url = _address(request, item.page, *([places[item.of]] if item.of else []))
            if url:
                active = here in (item.page, *item.pages)
                shown.append({"title": item.title, "url": url, "icon": item.icon, "active": active, "count": None})
        if shown:
            sections.append({"title": title, "items": shown})
    return sections


def _current(request: HttpRequest, units: Iterable[UnitVersion]) -> UnitVersion | None:
    """The unit that the page is about, where its address says so."""
    page, kwargs = _here(request)
    code = kwargs.get("code") if page in (*OF_ZONE, SPREAD, "unit", "post_plan") else request.GET.get("unit")
    return next((version for version in units if version.unit.code == code), None)


def _places(request: HttpRequest, access: Access, units: Iterable[UnitVersion]) -> dict[str, str]:
    """Codes of the zone around the unit in view, else of the first zone; of the unit to start at; of one with pay."""
    units = list(units)
    now = _current(request, units)
    zones = [version for version in units if version.unit.kind == Unit.Kind.ZONE]
    around = {now.unit_id, now.parent_id} if now else set()
    zone = next((version for version in zones if version.unit_id in around), next(iter(zones), None))
    start = zone or next(iter(units), None)
    paid = [version for version in units if _sees_pay(access, version)]
    pay = next((version for version in (now, zone) if version in paid), next(iter(paid), None))
    found = {"zone": zone, "unit": start, "pay": pay}
    return {name: version.unit.code if version else "" for name, version in found.items()}


def _sees_pay(access: Access, version: UnitVersion) -> bool:
    """Whether everybody's pay there is open to him: a leader of one park sees that park's, and no other's."""
    heads = (Unit.Kind.ZONE, Unit.Kind.PARK)
    return version.unit.kind in heads and access.can_in(version.unit_id, "export", "allocation")


def _switcher(request: HttpRequest, access: Access, units: Iterable[UnitVersion]) -> list[dict[str, Any]]:
    here, _kwargs = _here(request)
    now = _current(request, units)
    kinds = {str(Unit.Kind.ZONE): here in OF_ZONE, str(Unit.Kind.PARK): here in CHARTS}
    choices = []
    for version in units:
        code = version.unit.code
        if here in FILTERED:
            url = _address(request, here, unit=code)
        elif kinds.get(version.unit.kind) or (here == SPREAD and _sees_pay(access, version)):
            url = _address(request, here, code)
        else:
            url = _address(request, "unit", code)
        if url:
            choices.append(
                {
                    "code": code,
                    "name": version.shown_short_name,
                    "kind": version.unit.get_kind_display() or gettext("单位"),
                    "url": url,
                    "current": version is now,
                }
            )
    return choices

"""The pages of a unit and of a bureau: what it is, what it may have, what it does, and who is there."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orgchart.chart import Manned, UnitRow
from orgchart.hands import chain_to, longest_before
from orgchart.ledger import duty_rows
from orgchart.models import Bureau, BureauVersion, Nature
from staffing.models import Person, PostVersion
from staffing.structure.chart import Staffing, heads_of, manned, staffing_of
from staffing.structure.chart_views import address_on
from staffing.structure.reading import nearest, post_rows, post_totals, quota_rows
from zones.models import Figure, Unit, UnitVersion
from zones.projects import shown_stages
from zones.tables import blocks


@require_GET
def unit_page(request, code: str):
    """A city, zone, park or town as it stands on the day."""
    unit = request.access.get(Unit.objects.all(), code=code)
    day = request.on
    history = list(unit.versions.select_related("unit", "parent", "instrument").order_by("period"))
    if not history:
        raise Http404
    version = nearest(history, day)
    found = staffing_of([unit.pk], day)
    row = UnitRow(version, list(BureauVersion.objects.on(day).of_unit(unit.pk).select_related("bureau")))
    row.manned = Manned(found.units[unit.pk].seats, found.units[unit.pk].filled)
    quotas = quota_rows(unit, day, row.count, found)
    context = {
        "unit": unit,
        "version": version,
        "standing": version.in_force(day),
        "history": history[::-1],
        "row": row,
        "quotas": quotas,
        "bureau_limit": next((each.quota.limit for each in quotas if each.quota.kind == "bureaus"), None),
        "bureaus": _bureau_rows(request, row, found),
        "leaders": post_rows(PostVersion.objects.filter(unit=unit, bureau=None), day, request.access),
        "positionings": unit.positionings.filter(period__contains=day).select_related("industry"),
        "projects": shown_stages(unit.projects.on(day)),
        "first_bureau": unit.bureau_versions.order_by("period").first(),
        **_around(request, version),
        **_duties(request, unit, row),
        **_figures(request, unit),
    }
    context |= {
        "bureau_totals": _totals(context["bureaus"]),
        "leader_totals": post_totals(context["leaders"]),
        "title": version.shown_name,
        "lede": _lede(version),
        "crumbs": _crumbs(request, context["superior"], version.shown_short_name),
    }
    return render(request, "orgchart/unit.html", context)


def _bureau_rows(request, row: UnitRow, found: Staffing) -> list[tuple[BureauVersion, Manned]]:
    people = request.access.scope(Person.objects.all())
    heads, _leaders = heads_of([row.version.unit_id], request.on, people)
    by_bureau = manned(found, heads)
    return [(bureau, by_bureau.get(bureau.bureau_id, Manned())) for bureau in row.bureaus]


def _totals(rows: Sequence[tuple[BureauVersion, Manned]]) -> Manned:
    """What the bureaus come to; the leaders' seats are not among them."""
    return Manned(sum(manned.seats for _b, manned in rows), sum(manned.filled for _b, manned in rows))


def _lede(version: UnitVersion) -> str:
    said = [version.unit.get_kind_display()]
    if version.rank:
        said.append(version.get_rank_display())
    if version.dispatched_by:
        said.append(_("%(body)s派出机关") % {"body": version.dispatched_by})
    return " · ".join(said)


def _around(request, version: UnitVersion) -> dict:
    """What stands above the unit and below it on the day, as far as the visitor may see; and the chart to open."""
    day, seen = request.on, request.access.units()
    below = UnitVersion.objects.on(day).filter(parent=version.unit_id, unit__in=seen).select_related("unit")
    superior = None
    if version.parent_id:
        superior = UnitVersion.objects.on(day).filter(unit=version.parent_id).select_related("unit").first()
    own = version.unit.kind in (Unit.Kind.ZONE, Unit.Kind.PARK)
    above = superior and superior.unit.kind == Unit.Kind.ZONE and superior.unit_id in seen
    return {
        "superior": superior,
        "superior_seen": bool(superior) and superior.unit_id in seen,
        "below": below.order_by("unit__sequence", "unit__code"),
        "chart_code": version.unit.code if own else superior.unit.code if superior and above else "",
    }


def _duties(request, unit: Unit, row: UnitRow) -> dict:
    """Duties of the unit's own area, and those that it bears in others' (a town in a park's)."""
    bureaus = [bureau.bureau_id for bureau in row.bureaus]
    rows = duty_rows(Q(area=unit) | Q(unit=unit) | Q(bureau__in=bureaus), request.on, request.access)
    return {
        "own_duties": [duty for duty in rows if duty.assignment.area_id == unit.pk],
        "taken_duties": [duty for duty in rows if duty.assignment.area_id != unit.pk],
    }


def _figures(request, unit: Unit) -> dict:
    sees = request.access.can_in(unit.pk, "view", "figure")
    known = Figure.objects.filter(unit=unit, vintage__lte=request.on).select_related("metric") if sees else []
    return {"sees_figures": sees, "figures": blocks(known)}


def _crumbs(request, superior: UnitVersion | None, own: str) -> list[tuple[str, str | None]]:
    crumbs: list[tuple[str, str | None]] = [(_("组织"), None)]
    if superior and superior.unit_id in request.access.units():
        crumbs.append((superior.shown_short_name, address_on(request)("unit", superior.unit.code)))
    return [*crumbs, (own, None)]


@require_GET
def bureau_page(request, code: str):
    """A bureau with its functions, posts and holders, its duties, and the hands that a matter passes."""
    bureau = request.access.get(Bureau.objects.all(), code=code)
    day = request.on
    versions = bureau.versions.select_related("bureau", "unit", "parent", "instrument").prefetch_related("functions")
    history = list(versions.order_by("period"))
    if not history:
        raise Http404
    version = nearest(history, day)
    unit = nearest(list(version.unit.versions.select_related("unit", "parent").order_by("period")), day)
    posts = post_rows(PostVersion.objects.filter(bureau=bureau), day, request.access)
    context = {
        "bureau": bureau,
        "version": version,
        "standing": version.in_force(day),
        "unit": unit,
        "history": history[::-1],
        "functions": [(each, Nature(each.nature).label) for each in version.functions.all()],
        "posts": posts,
        "totals": post_totals(posts),
        "head": next((row for row in posts if row.post.is_head), None),
        "duties": duty_rows(Q(bureau=bureau), day, request.access),
        "hands": chain_to(unit, bureau.pk, day),
        "hands_before": longest_before(unit, day, near=bureau.pk),
        "title": version.shown_name,
        "lede": f"{unit.shown_name} · {version.get_nature_display()}",
        "crumbs": _bureau_crumbs(request, unit, version.shown_name),
    }
    return render(request, "orgchart/bureau.html", context)


def _bureau_crumbs(request, unit: UnitVersion, own: str) -> list[tuple[str, str | None]]:
    return [(_("组织"), None), (unit.shown_short_name, address_on(request)("unit", unit.unit.code)), (own, None)]

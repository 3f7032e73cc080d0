"""The page of simulation: dials, what they give, and what was kept to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.charts import Row, hbars
from common.drawing import Caption, Chart
from common.money import NothingToShareBy
from common.numerals import grouped, plain
from common.ranges import Range, ranges
from common.templatetags.onezone import zhdate
from pay import pictures
from pay.formulas import BadParameter, PayError
from pay.labels import explain
from pay.models import Run, Scenario
from pay.names import bureau_names, unit_names
from pay.simulation import services
from pay.simulation.fields import SimulationForm
from pay.simulation.model import Outcome, simulate
from zones.models import Unit


@dataclass(frozen=True)
class Column:
    """One column of the comparison: what stands, what is tried, or a saved scenario."""

    title: str
    summary: dict[str, Any]
    scenario: Scenario | None = None
    query: str = ""
    outdated: bool = False


def _run_of(request, code: str, year: int) -> Run:
    """The standing run of a unit's year, which the visitor may simulate; 404 for whom it is not there."""
    unit = request.access.get(Unit.objects.filter(kind__in=[Unit.Kind.ZONE, Unit.Kind.PARK]), code=code)
    request.access.demand("simulate", "run")
    runs = request.access.scope(Run.objects.standing().filter(unit=unit, year=year), "simulate")
    found = runs.select_related("unit", "scheme").first()
    if found is None:
        raise Http404
    return found


@require_GET
def simulation(request, code: str, year: int):
    """Move the parameters; the picture, the shares and the spread follow. Nothing is stored."""
    run = _run_of(request, code, year)
    form = SimulationForm(request.GET if request.GET.keys() - {"on"} else None, values=run.inputs)
    outcome = _outcome(run, form)
    if request.htmx and outcome is None:
        # The last good picture stays: only the answer is put in.
        answer = render(request, "pay/simulation/_errors.html", {"form": form})
        answer["HX-Retarget"] = "#simulation-errors"
        answer["HX-Reswap"] = "outerHTML"
        return answer
    context = _shown(request, run, form, outcome or simulate(run, {}))
    if request.htmx:
        return render(request, "pay/simulation/_outcome.html", context)
    return render(request, "pay/simulation/simulation.html", context)


def _outcome(run: Run, form: SimulationForm) -> Outcome | None:
    """What the form asks for; None, with the errors in the form, when no formula follows from it."""
    if form.is_bound and not form.is_valid():
        return None
    try:
        return simulate(run, form.changes if form.is_bound else {})
    except BadParameter as error:
        form.take_parameter(error)
    except (PayError, NothingToShareBy) as error:
        form.add_error(None, explain(error))
    return None


def _shown(request, run: Run, form: SimulationForm, outcome: Outcome) -> dict[str, Any]:
    version = unit_names([run.unit_id], run.year).get(run.unit_id)
    name = version.shown_name if version else run.unit.code
    # The pictures stand in a narrow column under the unit's full name.
    short = version.shown_short_name if version else run.unit.code
    shares = list(run.shares.order_by("sequence"))
    bureaus = bureau_names([share.bureau_id for share in shares])
    stands = {share.bureau_id: share.amount for share in shares}
    changes = form.changes if form.is_bound and form.is_valid() else {}
    tried = Run(
        pk=run.pk,
        unit=run.unit,
        year=run.year,
        scheme=run.scheme,
        pool=outcome.pool.amount,
        lapsed=outcome.pool.lapsed,
        reserve=outcome.pool.amount - outcome.shared,
        returned=0,
        trace=outcome.pool.trace.as_json(),
        finished_at=run.finished_at,
    )
    return {
        "crumbs": [
            (_("绩效总额"), f"{reverse('pools')}?year={run.year}"),
            (name, reverse("run", args=[run.pk])),
            (_("测算"), None),
        ],
        "title": _("%(name)s %(year)s 年绩效测算") % {"name": name, "year": run.year},
        "lede": _("改动参数，总额、部门额度和各岗级差距随之变化；不保存就不留任何痕迹"),
        "run": run,
        "form": form,
        "groups": _groups(form),
        "outcome": outcome,
        "changes": changes,
        "changed": outcome.pool.amount - (run.pool or Decimal(0)),
        "waterfall": pictures.pool_picture(tried, short),
        "bars": _bars(run, short, outcome, bureaus, stands),
        "rows": [
            {
                "name": bureaus.get(row.bureau, ""),
                "row": row,
                "stands": stands.get(row.bureau),
                "difference": row.amount - stands[row.bureau] if row.bureau in stands else None,
            }
            for row in outcome.bureaus
        ],
        "spread": _spread(run, short, outcome),
        "shared_changed": outcome.shared - (run.shared or Decimal(0)),
        "columns": (columns := _columns(request, run, outcome, bool(changes))),
        "comparison": comparison(columns, bureaus),
        "can_save": bool(changes),
    }


def _groups(form: SimulationForm) -> list[tuple[str, list[tuple[Any, Any]]]]:
    """The dials with their bound fields, by group."""
    found: dict[str, list[tuple[Any, Any]]] = {}
    for dial in form.dials:
        found.setdefault(dial.group, []).append((dial, form[dial.path]))
    return list(found.items())


def _bars(run: Run, name: str, outcome: Outcome, bureaus: dict[int, str], stands: dict[int, Decimal]) -> Chart:
    caption = Caption(
        title=_("%(name)s %(year)s 年部门额度（测算）") % {"name": name, "year": run.year},
        unit=_("万元"),
        source=_("核算 %(run)s，F14") % {"run": run.pk},
        as_of=zhdate(run.finished_at),
    )
    rows = [
        Row(
            bureaus.get(row.bureau, ""),
            row.amount,
            note=_("现行 %(sum)s") % {"sum": pictures.in_wan(stands.get(row.bureau, Decimal(0)))},
        )
        for row in outcome.bureaus
    ]
    return hbars(rows, caption, show=pictures.in_wan)


def _spread(run: Run, name: str, outcome: Outcome) -> Chart:
    caption = Caption(
        title=_("%(name)s %(year)s 年各岗级应发：最低、中位、最高（测算）") % {"name": name, "year": run.year},
        unit=_("万元"),
        source=_("核算 %(run)s，F15") % {"run": run.pk},
        as_of=zhdate(run.finished_at),
    )
    rows = [
        Range(
            each.grade or _("未定岗级"),
            each.spread.least,
            each.spread.median,
            each.spread.most,
            _("%(count)s 人") % {"count": each.spread.count},
        )
        for each in outcome.spreads
    ]
    return ranges(rows, caption, show=pictures.in_wan, middle_word=_("中位"))


def _columns(request, run: Run, outcome: Outcome, tried: bool) -> list[Column]:
    found = [Column(_("现行"), _standing(run) if tried else outcome.summary())]
    if tried:
        found.append(Column(_("正在测算"), outcome.summary()))
    kept = Scenario.objects.filter(unit=run.unit_id, year=run.year, user=request.user)
    found += [Column(row.name, row.outcome, row, urlencode(row.parameters), _outdated(row, run)) for row in kept]
    return found


def _standing(run: Run) -> dict[str, Any]:
    """What stands, as a summary: made once and kept for an hour, since a run with these inputs never changes."""
    key = f"pay.simulation.{run.pk}.{run.input_hash}"
    found = cache.get(key)
    if found is None:
        found = simulate(run, {}).summary()
        cache.set(key, found, 3600)
    return dict(found)


def _outdated(row: Scenario, run: Run) -> bool:
    """Whether the run's inputs are others than those that the scenario was made from."""
    return bool(row.outcome.get("input_hash") != run.input_hash)


def comparison(columns: list[Column], bureaus: dict[int, str]) -> list[tuple[str, list[str]]]:
    """The columns' totals as rows of a table: label, and one cell a column."""
    told = [column.summary for column in columns]
    rows = [
        (_("绩效总额（元）"), [grouped(Decimal(each["pool"])) for each in told]),
        (_("联动系数"), [each["link"] and plain(round(Decimal(each["link"]), 4)) for each in told]),
        (_("封顶核减（元）"), [grouped(Decimal(each["lapsed"])) for each in told]),
        (_("可分配（元）"), [grouped(Decimal(each["shared"])) for each in told]),
        (_("额度最高的部门"), [_extreme(each["bureaus"], bureaus, max) for each in told]),
        (_("额度最低的部门"), [_extreme(each["bureaus"], bureaus, min) for each in told]),
    ]
    for grade in dict.fromkeys(name for each in told for name in each["spread"]):
        label = _("%(grade)s：中位（最低–最高），万元") % {"grade": grade or _("未定岗级")}
        rows.append((label, [_range(each["spread"].get(grade)) for each in told]))
    return rows


def _extreme(amounts: dict[str, str], names: dict[int, str], pick) -> str:
    if not amounts:
        return "—"
    key = pick(amounts, key=lambda each: Decimal(amounts[each]))
    return f"{names.get(int(key), key)} {grouped(Decimal(amounts[key]))}"


def _range(found: list[str] | None) -> str:
    if not found:
        return "—"
    least, middle, most = (pictures.in_wan(Decimal(value)) for value in found)
    return f"{middle}（{least}–{most}）"


@require_POST
def scenario_save(request, code: str, year: int):
    """Keep what is tried under a name."""
    run = _run_of(request, code, year)
    form = SimulationForm(request.POST, values=run.inputs)
    outcome = _outcome(run, form)
    back = reverse("simulation", args=[code, year])
    if outcome is None:
        messages.error(request, _("参数有误，没有保存"))
        return redirect(f"{back}?{urlencode(_typed(request.POST, form))}")
    query = urlencode(form.changes)
    try:
        services.save_scenario(
            run=run, name=request.POST.get("name", ""), changes=form.changes, outcome=outcome, by=request.actor
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("已保存测算方案"))
    return redirect(f"{back}?{query}")


def _typed(data, form: SimulationForm) -> dict[str, str]:
    return {name: data[name] for name in form.fields if data.get(name)}


def _own(request, pk: int) -> Scenario:
    """A scenario is its maker's alone."""
    return get_object_or_404(Scenario.objects.select_related("unit"), pk=pk, user=request.user)


def _back(row: Scenario) -> HttpResponse:
    return redirect("simulation", code=row.unit.code, year=row.year)


@require_POST
def scenario_rename(request, pk: int):
    row = _own(request, pk)
    try:
        services.rename_scenario(scenario=row, name=request.POST.get("name", ""), by=request.actor)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return _back(row)


@require_POST
def scenario_delete(request, pk: int):
    row = _own(request, pk)
    services.delete_scenario(scenario=row, by=request.actor)
    messages.success(request, _("已删除测算方案“%(name)s”") % {"name": row.name})
    return _back(row)

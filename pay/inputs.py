"""Gathering what a run is computed from: one snapshot of plain values, each with its source.

The snapshot is what a run stores and what its hash is taken of; computing from
it needs no database (``pay/engine.py``). Whatever is missing is collected, so
that finance is told everything at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _

from common.periods import calendar_year, year_end
from kpi.models import Result, Scorecard
from orgchart.models import BureauVersion
from pay import relation
from pay.formulas import BadParameter
from pay.labels import explain
from pay.models import Scheme
from pay.settings import Settings
from zones.models import Figure, Metric, Unit, UnitVersion

#: Figures that F13 grows by: metric code → the names of its two inputs.
GROWN = {"tax": "tax", "budget_revenue": "budget", "gdp": "gdp"}
#: Figures that F13 takes as they stand for the year.
PLAIN = {"pool_base": "base", "reference_income": "reference_income"}
SCHEME_NUMBERS = (
    "alpha",
    "weight_tax",
    "weight_budget",
    "weight_gdp",
    "floor",
    "cap",
    "reference_multiple",
    "bureau_floor",
    "bureau_cap",
)


@dataclass(frozen=True)
class Problem:
    """Something that keeps a run from being computed, said to people; ``code`` is for programs."""

    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


class CannotCompute(Exception):
    """A run lacks inputs; ``problems`` names every one of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass
class Snapshot:
    """A run's inputs as plain JSON, and the scheme they go with."""

    scheme: Scheme
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A hash of everything that can change an amount."""
        return hashlib.sha256(orjson.dumps(self.values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def gather(unit: Unit, year: int) -> Snapshot:
    """The snapshot for a unit's pool of a year; raises CannotCompute naming all that is missing."""
    problems: list[Problem] = []
    zone_id = _zone_of(unit, year)
    scheme = Scheme.objects.on(year_end(year)).filter(zone=zone_id).first()
    if scheme is None:
        raise CannotCompute([Problem("no_scheme", _("%(year)s 年末没有生效的绩效方案") % {"year": year})])
    snapshot = Snapshot(scheme)
    _read_settings(scheme)
    bureaus = _bureaus(unit, year)
    people = _people(unit, zone_id, year, scheme)
    results = _results(zone_id, year)
    snapshot.values = {
        "unit": unit.code,
        "year": year,
        "scheme": _scheme_values(scheme),
        "figures": _figures(unit, year, problems),
        "rating": _rating(unit, year, results, problems),
        "bureaus": _with_scores(bureaus, people, results, problems),
        "people": _refuse_ungraded(people, problems),
    }
    if problems:
        raise CannotCompute(problems)
    return snapshot


def _read_settings(scheme: Scheme) -> Settings:
    """The scheme's decisions of the edge cases; CannotCompute names one that it left open."""
    try:
        return Settings.read(scheme.settings)
    except BadParameter as error:
        raise CannotCompute([Problem(f"setting:{error.field}", explain(error))]) from error


def _zone_of(unit: Unit, year: int) -> int:
    if unit.kind == Unit.Kind.ZONE:
        return unit.pk
    version = UnitVersion.objects.on(year_end(year)).filter(unit=unit, parent__kind="zone").first()
    if version is None:
        raise CannotCompute([Problem("no_zone", _("该单位在 %(year)s 年末不属于任何开发区") % {"year": year})])
    return version.parent_id


def _scheme_values(scheme: Scheme) -> dict[str, Any]:
    values: dict[str, Any] = {name: f"{getattr(scheme, name).normalize():f}" for name in SCHEME_NUMBERS}
    return values | {
        "id": scheme.pk,
        "version": scheme.version,
        "rating_factors": scheme.rating_factors,
        "grade_factors": scheme.grade_factors,
        "cutoff_day": scheme.cutoff_day,
        "settings": scheme.settings,
    }


def _figure_value(figure: Figure) -> dict[str, Any]:
    return {
        "value": f"{figure.value.normalize():f}",
        "source": f"{figure.source}（{figure.scope}）",
        "vintage": figure.vintage.isoformat(),
        "ref": f"zones.figure:{figure.pk}",
        "example": figure.is_example,
    }


def _figures(unit: Unit, year: int, problems: list[Problem]) -> dict[str, Any]:
    """The figures of the year and, for those that grow, of the year before in the same scope."""
    known: dict[tuple[str, int], dict[str, Figure]] = {}
    wanted = (
        Figure.objects.known_on(timezone.localdate())
        .whole_years()
        .filter(unit=unit, year__in=(year - 1, year), metric__code__in=[*GROWN, *PLAIN])
    )
    for figure in wanted.select_related("metric"):
        known.setdefault((figure.metric.code, figure.year), {})[figure.scope] = figure
    names = {metric.code: metric.shown_name for metric in Metric.objects.filter(code__in=[*GROWN, *PLAIN])}
    out: dict[str, Any] = {}

    def missing(metric: str, of_year: int) -> None:
        name = names.get(metric, metric)
        message = _("缺少 %(year)s 年%(name)s") % {"year": of_year, "name": name}
        problems.append(Problem(f"missing_figure:{metric}:{of_year}", message))

    for metric, name in PLAIN.items():
        if rows := known.get((metric, year)):
            out[name] = _figure_value(min(rows.values(), key=lambda row: row.scope))
        else:
            missing(metric, year)
    for metric, name in GROWN.items():
        now, before = known.get((metric, year)), known.get((metric, year - 1))
        if not now or not before:
            for of_year, rows in ((year, now), (year - 1, before)):
                if not rows:
                    missing(metric, of_year)
            continue
        if not (alike := sorted(now.keys() & before.keys())):
            message = _("%(name)s 两年口径不一致，不能计算增幅") % {"name": names.get(metric, metric)}
            problems.append(Problem(f"unlike_scopes:{metric}", message))
            continue
        out[f"{name}_now"] = _figure_value(now[alike[0]])
        out[f"{name}_before"] = _figure_value(before[alike[0]])
        if before[alike[0]].value <= 0:
            message = _("%(year)s 年%(name)s为零或负数，增幅无定义") % {
                "year": year - 1,
                "name": names.get(metric, metric),
            }
            problems.append(Problem(f"undefined_growth:{metric}", message))
    return out


def _results(zone_id: int, year: int) -> dict[tuple[str, int], Result]:
    """Every result of the zone's year and of its city's, by kind of card and its subject's id.

    A unit that both have judged counts by what the city says.
    """
    of_zone = Q(scorecard__cycle__holder=zone_id)
    of_city = Q(scorecard__cycle__holder__kind=Unit.Kind.CITY, scorecard__kind=Scorecard.Kind.UNIT)
    rows = Result.objects.filter(of_zone | of_city, scorecard__cycle__year=year)
    subject: dict[str, Callable[[Scorecard], int | None]] = {
        Scorecard.Kind.UNIT: lambda card: card.unit_id,
        Scorecard.Kind.BUREAU: lambda card: card.bureau_id,
        Scorecard.Kind.PERSON: lambda card: card.person_id,
    }
    return {
        (row.scorecard.kind, subject[row.scorecard.kind](row.scorecard)): row
        for row in rows.select_related("scorecard").order_by(Case(When(of_city, then=1), default=0))
    }


def _rating(unit: Unit, year: int, results, problems: list[Problem]) -> dict[str, Any] | None:
    result = results.get(("unit", unit.pk))
    if result is None or not result.rating:
        problems.append(Problem("missing_rating", _("缺少 %(year)s 年市对本单位的考核等次") % {"year": year}))
        return None
    return {
        "value": result.rating,
        "source": _("%(year)s 年度高质量考核") % {"year": year},
        "ref": f"kpi.result:{result.pk}",
        "example": result.is_example,
    }


def _bureaus(unit: Unit, year: int) -> list[dict[str, Any]]:
    """Bureaus that stood in the unit during the year, in roster order, by their latest name."""
    versions = BureauVersion.objects.during(calendar_year(year)).filter(unit=unit).select_related("bureau")
    latest: dict[int, BureauVersion] = {}
    for version in versions.order_by("period"):
        latest[version.bureau_id] = version
    ordered = sorted(latest.values(), key=lambda version: (version.sequence, version.pk))
    return [{"bureau": row.bureau_id, "key": row.bureau.code, "name": row.name} for row in ordered]


def _with_scores(bureaus, people, results, problems: list[Problem]) -> list[dict[str, Any]]:
    out = []
    staffed = {row["bureau"] for row in people}
    for row in bureaus:
        if row["bureau"] not in staffed:
            continue  # nobody was in post there: nothing to share, nothing to score
        result = results.get(("bureau", row["bureau"]))
        if result is None or result.score is None:
            message = _("部门「%(name)s」尚未评分") % {"name": row["name"]}
            problems.append(Problem(f"unscored_bureau:{row['key']}", message))
            continue
        score = {"value": f"{result.score}", "ref": f"kpi.result:{result.pk}", "example": result.is_example}
        out.append({**row, "score": score})
    return out


def _people(unit: Unit, zone_id: int, year: int, scheme: Scheme) -> list[dict[str, Any]]:
    """Who shares, in roster order, with months, coefficients and factor (``pay/relation.py``)."""
    ask = relation.asked(
        unit.pk,
        zone_id,
        year,
        cutoff_day=scheme.cutoff_day,
        grade_factors=scheme.grade_factors,
        settings=scheme.settings,
    )
    return [
        {
            "person": row["person_id"],
            "key": row["staff_no"],
            "bureau": row["bureau_id"],
            "posts": row["posts"],
            "months_cut": row["months_cut"],
            "rating": {
                "value": row["rating"],
                "ref": f"kpi.result:{row['result']}" if row["result"] else "",
                "example": row["is_example"],
            },
            "factor": None if row["factor"] is None else relation.as_text(row["factor"]),
            "reason": row["reason"],
            "held": row["held"],
        }
        for row in relation.people([ask])
    ]


def _refuse_ungraded(people: list[dict[str, Any]], problems: list[Problem]) -> list[dict[str, Any]]:
    """The rows as they are; those without a grade, and without what stands in for one, are named together."""
    ungraded = dict.fromkeys(row["key"] for row in people if row["factor"] is None and not row["rating"]["value"])
    if ungraded:
        message = _("%(count)s 人尚未评定等次：%(who)s") % {
            "count": len(ungraded),
            "who": "、".join(list(ungraded)[:10]) + ("…" if len(ungraded) > 10 else ""),
        }
        problems.append(Problem("unrated_people", message))
    return people

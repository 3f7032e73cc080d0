"""Gathering what a run is computed from: one snapshot of plain values, each with its source.

The snapshot is what a run stores and what its hash is taken of; computing from
it needs no database (``pay/engine.py``). Whatever is missing is collected, so
that finance is told everything at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from pay import relation
from pay.formulas import BadParameter
from pay.labels import explain
from pay.models import Scheme
from pay.reading import Book
from pay.settings import Settings
from zones.models import Figure, Unit

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
class Gathered:
    """What one unit's run is computed from, and what is missing of it.

    ``values`` is what the run stores. ``ask`` is how the people relation is
    asked for the unit (None: cannot be asked); ``staff`` says what it answered.
    """

    unit: Unit
    year: int
    problems: list[Problem] = field(default_factory=list)
    scheme: Scheme | None = None
    values: dict[str, Any] = field(default_factory=dict)
    ask: dict[str, Any] | None = None
    book: Book | None = field(default=None, repr=False)

    def staff(self, people: Any, bureaus: Collection[int], ungraded: Sequence[str], unmatched: Sequence[str]) -> None:
        """Who shares: ``people`` to store, the bureaus they were in, who has no grade or one without a factor."""
        if self.book is None:
            raise ValueError("gathered without its book")
        self.values["bureaus"] = _with_scores(self.book, self.unit, bureaus, self.problems)
        self.values["people"] = people
        for who, words in (
            (ungraded, _("%(count)s 人尚未评定等次：%(who)s")),
            (unmatched, _("%(count)s 人的等次没有对应的系数：%(who)s")),
        ):
            if who := list(dict.fromkeys(who)):
                named = "、".join(who[:10]) + ("…" if len(who) > 10 else "")
                self.problems.append(Problem("unrated_people", words % {"count": len(who), "who": named}))


def gather_block(units: Sequence[Unit], year: int) -> list[Gathered]:
    """What the units' runs are computed from, without their people: a handful of queries for all units."""
    book = Book(units, year, [*GROWN, *PLAIN])
    return [_gather(book, unit) for unit in units]


def _gather(book: Book, unit: Unit) -> Gathered:
    found = Gathered(unit, book.year, book=book)
    words = {"year": book.year}
    zone_id = book.zones.get(unit.pk)
    if zone_id is None:
        found.problems.append(Problem("no_zone", _("该单位在 %(year)s 年末不属于任何开发区") % words))
        return found
    found.scheme = scheme = book.schemes.get(zone_id)
    if scheme is None:
        found.problems.append(Problem("no_scheme", _("%(year)s 年末没有生效的绩效方案") % words))
        return found
    try:
        settings = Settings.read(scheme.settings)
    except BadParameter as error:
        found.problems.append(Problem(f"setting:{error.field}", explain(error)))
        return found
    found.values = {
        "unit": unit.code,
        "year": book.year,
        "scheme": _scheme_values(scheme),
        "figures": _figures(book, unit, settings, found.problems),
        "rating": _rating(book, unit, found.problems),
    }
    found.ask = relation.asked(
        unit.pk,
        zone_id,
        book.year,
        cutoff_day=scheme.cutoff_day,
        grade_factors=scheme.grade_factors,
        settings=scheme.settings,
    )
    return found


def gather(unit: Unit, year: int) -> Gathered:
    """One unit with its people, as the reference reads them; raises CannotCompute naming all that is missing."""
    (found,) = gather_block([unit], year)
    if found.ask:
        rows = relation.people([found.ask])
        lacking = [row for row in rows if row["factor"] is None]
        found.staff(
            [_person(row) for row in rows],
            {row["bureau_id"] for row in rows},
            [row["staff_no"] for row in lacking if not row["rating"]],
            [row["staff_no"] for row in lacking if row["rating"] and row["points"]],
        )
    if found.problems:
        raise CannotCompute(found.problems)
    return found


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


def _figures(book: Book, unit: Unit, settings: Settings, problems: list[Problem]) -> dict[str, Any]:
    """The figures of the year and, for those that grow, of the year before in the same scope."""
    year = book.year
    known: dict[tuple[str, int], dict[str, Figure]] = {}
    for figure in book.figures(unit.pk, settings.figures_known_on(year, timezone.localdate())):
        known.setdefault((figure.metric.code, figure.year), {})[figure.scope] = figure
    out: dict[str, Any] = {}

    def missing(metric: str, of_year: int) -> None:
        message = _("缺少 %(year)s 年%(name)s") % {"year": of_year, "name": book.metric_name(metric)}
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
            message = _("%(name)s 两年口径不一致，不能计算增幅") % {"name": book.metric_name(metric)}
            problems.append(Problem(f"unlike_scopes:{metric}", message))
            continue
        out[f"{name}_now"] = _figure_value(now[alike[0]])
        out[f"{name}_before"] = _figure_value(before[alike[0]])
        if before[alike[0]].value <= 0:
            message = _("%(year)s 年%(name)s为零或负数，增幅无定义") % {
                "year": year - 1,
                "name": book.metric_name(metric),
            }
            problems.append(Problem(f"undefined_growth:{metric}", message))
    return out


def _rating(book: Book, unit: Unit, problems: list[Problem]) -> dict[str, Any] | None:
    year = book.year
    result = book.unit_result(unit.pk)
    if result is None or not result.rating:
        problems.append(Problem("missing_rating", _("缺少 %(year)s 年市对本单位的考核等次") % {"year": year}))
        return None
    return {
        "value": result.rating,
        "source": _("%(year)s 年度高质量考核") % {"year": year},
        "ref": f"kpi.result:{result.pk}",
        "example": result.is_example,
    }


def _with_scores(book: Book, unit: Unit, staffed: Collection[int], problems: list[Problem]) -> list[dict[str, Any]]:
    """The unit's bureaus in roster order, each with its score."""
    out = []
    for version in book.bureaus[unit.pk]:
        if version.bureau_id not in staffed:
            continue  # nobody was in post there: nothing to share, nothing to score
        result = book.bureau_result(unit.pk, version.bureau_id)
        if result is None or result.score is None:
            message = _("部门「%(name)s」尚未评分") % {"name": version.name}
            problems.append(Problem(f"unscored_bureau:{version.bureau.code}", message))
            continue
        score = {"value": f"{result.score}", "ref": f"kpi.result:{result.pk}", "example": result.is_example}
        out.append({"bureau": version.bureau_id, "key": version.bureau.code, "name": version.name, "score": score})
    return out


def _person(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the people relation as plain JSON."""
    return {
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

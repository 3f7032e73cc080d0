"""Gathering what a run is computed from: one snapshot of plain values, each with its source.

The snapshot is what a run stores and what its hash is taken of; computing from
it needs no database (``pay/engine.py``). Whatever is missing is collected, so
that finance is told everything at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kpi.models import Appeal
from pay import figures, relation, reserve
from pay.formulas import BadParameter, PoolScheme
from pay.labels import explain
from pay.models import Scheme
from pay.problems import CannotCompute, Problem
from pay.reading import Book
from pay.scores import Scores
from pay.settings import Settings
from pay.snapshots import pool_scheme
from zones.models import Unit

SCHEME_NUMBERS = ("bureau_floor", "bureau_cap")


@dataclass(frozen=True)
class Staff:
    """Who shares, summed up: ``people`` to store; each bureau's Σ points and Σ points × factor, as text.

    Staff numbers of those without a grade, with one that has no factor, and
    counted as the mean; ``appeals`` are the open ones.
    """

    people: Any
    bureaus: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    ungraded: Sequence[str] = ()
    unmatched: Sequence[str] = ()
    provisional: Sequence[str] = ()
    appeals: Sequence[dict[str, Any]] = ()


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

    def staff(self, found: Staff) -> None:
        """Take in who shares, and say what is missing of it or stands in for what is missing."""
        if self.book is None:
            raise ValueError("gathered without its book")
        scores = Scores(self.book, self.unit, Settings.read(self.values["scheme"]["settings"]))
        self.values["bureaus"] = scores.of(found.bureaus)
        self.problems += scores.problems
        self.values["people"] = found.people
        factors = self.values["scheme"]["grade_factors"]
        self.values["appeals"] = [
            {**row, "may_win": factors.get(reserve.NEXT_GRADE[row["rating"]], row["factor"])} for row in found.appeals
        ]
        self.values["provisional"] = bool(found.provisional or scores.provisional)
        self.values["remarks"] += [remark.as_json() for remark in [*scores.remarks, *self._said(found)]]
        for code, who, words in (
            ("unrated_people", found.ungraded, _("%(count)s 人尚未评定等次：%(who)s")),
            ("unrated_people", found.unmatched, _("%(count)s 人的等次没有对应的系数：%(who)s")),
        ):
            self.problems += named(code, who, words)

    def _said(self, found: Staff) -> list[Problem]:
        """What a checker must see of the people."""
        over = self.book.over_establishment.get(self.unit.pk, []) if self.book else []
        appeals = [str(row["person"]) for row in found.appeals]
        return [
            *named("provisional_grades", found.provisional, _("%(count)s 人暂缺等次，按平均数暂算：%(who)s")),
            *named("over_establishment", over, _("年末超岗位数或超编在岗 %(count)s 人：%(who)s")),
            *(Problem("open_appeals", _("%(count)s 件申诉未结") % {"count": len(appeals)}) for _one in appeals[:1]),
        ]


def named(code: str, who: Sequence[str], words: str) -> list[Problem]:
    """One sentence that counts people and names the first ten; none for nobody."""
    people = list(dict.fromkeys(who))
    if not people:
        return []
    names = "、".join(people[:10]) + ("…" if len(people) > 10 else "")
    return [Problem(code, words % {"count": len(people), "who": names})]


def gather_block(units: Sequence[Unit], year: int, *, scheme: Scheme | None = None) -> list[Gathered]:
    """What the units' runs are computed from, without their people: a handful of queries for all units.

    ``scheme`` is one to try in place of that in force.
    """
    book = Book(units, year, scheme)
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
    values = _scheme_values(scheme, unit)
    try:
        settings, formulas = Settings.read(scheme.settings), pool_scheme(values)
    except BadParameter as error:
        found.problems.append(Problem(f"parameter:{error.field}", explain(error)))
        return found
    reading = _figures(book, unit, formulas, settings)
    found.problems += reading.problems
    found.values = {
        "unit": unit.code,
        "year": book.year,
        "scheme": values,
        "figures": reading.values,
        "remarks": [remark.as_json() for remark in reading.remarks],
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
        bureaus: dict[int, tuple[str, str]] = {}
        for row in rows:
            points, weighted = (Decimal(each) for each in bureaus.get(row["bureau_id"], ("0", "0")))
            sums = points + row["points"], weighted + row["points"] * (row["factor"] or 0)
            bureaus[row["bureau_id"]] = relation.as_text(sums[0]), relation.as_text(sums[1])
        found.staff(
            Staff(
                [_person(row) for row in rows],
                bureaus,
                [row["staff_no"] for row in lacking if not row["rating"]],
                [row["staff_no"] for row in lacking if row["rating"] and row["points"]],
                [row["staff_no"] for row in rows if row["reason"] == "provisional"],
                _appeals(rows),
            )
        )
    if found.problems:
        raise CannotCompute(found.problems)
    return found


def _scheme_values(scheme: Scheme, unit: Unit) -> dict[str, Any]:
    values: dict[str, Any] = {name: f"{getattr(scheme, name).normalize():f}" for name in SCHEME_NUMBERS}
    return values | {
        "id": scheme.pk,
        "version": scheme.version,
        "rules": [rule.as_json() for rule in scheme.rules_of(unit.pk)],
        "rating_factors": scheme.rating_factors,
        "grade_factors": scheme.grade_factors,
        "cutoff_day": scheme.cutoff_day,
        "settings": scheme.settings,
    }


def _figures(book: Book, unit: Unit, scheme: PoolScheme, settings: Settings) -> figures.Reading:
    """The figures that the unit's formulas read, as known on the day that the scheme says."""
    day = settings.figures_known_on(book.year, timezone.localdate())
    reading = figures.Reading(book.year, scheme, settings, book.metric_name)
    return reading.read(book.figures(unit.pk, day), book.approved_before.get(unit.pk))


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


def _appeals(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the rows whose grade is under appeal."""
    results = [row["result"] for row in rows if row["result"]]
    appealed = set(Appeal.objects.filter(result__in=results, outcome="").values_list("result", flat=True))
    return [
        {
            "person": row["person_id"],
            "bureau": row["bureau_id"],
            "points": relation.as_text(row["points"]),
            "rating": row["rating"],
            "factor": relation.as_text(row["factor"]),
        }
        for row in rows
        if row["result"] in appealed and row["factor"] is not None
    ]


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

"""The figures that a unit's formulas read, each with its source and vintage; whatever is missing is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from pay.formulas import INPUT_NAMES, BadParameter, PoolScheme, Rule
from pay.formulas.linked import LinkedParameters
from pay.models import PoolRule, Run
from pay.problems import Problem
from pay.settings import Settings
from zones.models import Figure

#: Inputs that are a figure of the year as it stands, and its metric.
PLAIN = {
    "base": "pool_base",
    "reference_income": "reference_income",
    "asset_preservation": "asset_preservation",
}
#: Formulas that cannot do without growth; F06 can tell a base year of zero from a target of zero.
NEED_GROWTH = ("F03", "F13")


def target_of(metric: str) -> str:
    """The metric that holds a metric's target of the year (edge case "zero/negative base year")."""
    return f"{metric}_target"


def metrics_of(rules: Iterable[PoolRule]) -> set[str]:
    """Every metric that pools under these formulas may read, by code; parameters that cannot be are left to others."""
    grown: set[str] = set()
    for rule in rules:
        try:
            grown |= set(Rule.read(rule.as_json()).parameters.grows())
        except BadParameter:
            continue
    return {*PLAIN.values(), *grown, *(target_of(code) for code in grown)}


def of_figure(figure: Figure) -> dict[str, Any]:
    """A figure as a snapshot keeps it."""
    return {
        "value": f"{figure.value.normalize():f}",
        "source": f"{figure.source}（{figure.scope}）",
        "vintage": figure.vintage.isoformat(),
        "unit": figure.metric.measure,
        "ref": f"zones.figure:{figure.pk}",
        "example": figure.is_example,
    }


def of_run(run: Run) -> dict[str, Any]:
    """An approved pool as a snapshot keeps it: last year's, to grow from."""
    number = run.instrument.number if run.instrument else ""
    return {
        "value": f"{run.pool.normalize():f}",
        "source": _("%(year)s 年绩效总额批复 %(number)s") % {"year": run.year, "number": number},
        "vintage": run.approved_at.date().isoformat() if run.approved_at else "",
        "ref": f"pay.run:{run.pk}",
        "example": bool(run.scheme and run.scheme.is_example),
    }


@dataclass
class Reading:
    """What was found for a unit and a year: ``values`` by input name, and what is to be said about it."""

    year: int
    scheme: PoolScheme
    settings: Settings
    name_of: Callable[[str], str]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    known: dict[tuple[str, int], dict[str, Figure]] = field(default_factory=dict)

    def read(self, figures: Iterable[Figure], last_run: Run | None) -> Reading:
        """Take what the formulas need from the unit's figures of this year and the last, as known on the day."""
        for figure in figures:
            self.known.setdefault((figure.metric.code, figure.year), {})[figure.scope] = figure
        needed = self.scheme.needs()
        for name, metric in PLAIN.items():
            if name in needed:
                self._take(name, metric)
        if "last_pool" in needed:
            self._last_pool(last_run)
        for metric in self.scheme.grows():
            self._growth(metric)
        return self

    def _missing(self, metric: str, year: int) -> None:
        message = _("缺少 %(year)s 年%(name)s") % {"year": year, "name": self.name_of(metric)}
        self.problems.append(Problem(f"missing_figure:{metric}:{year}", message))

    def _latest(self, metric: str, year: int) -> Figure | None:
        rows = self.known.get((metric, year))
        return min(rows.values(), key=lambda row: row.scope) if rows else None

    def _take(self, name: str, metric: str) -> None:
        if found := self._latest(metric, self.year):
            self.values[name] = of_figure(found)
        else:
            self._missing(metric, self.year)

    def _last_pool(self, run: Run | None) -> None:
        """Last year's pool: the figure on file, or the approved run unless a figure was restated after it."""
        wanted = {
            rule.parameters.last_pool for rule in self.scheme.rules if isinstance(rule.parameters, LinkedParameters)
        }
        figure = self._latest("pool_base", self.year)
        if "run" in wanted and run and run.approved_at:
            if figure is None or figure.vintage <= run.approved_at.date():
                self.values["last_pool"] = of_run(run)
                return
            message = _("上年总额采用批复之后重新核定的数")
            self.remarks.append(Problem("restated_base", message))
        if figure:
            self.values["last_pool"] = of_figure(figure)
        else:
            self._missing("pool_base", self.year)

    def _growth(self, metric: str) -> None:
        """This year's figure and last year's, like for like."""
        now, before = self.known.get((metric, self.year)), self.known.get((metric, self.year - 1))
        if not now or not before:
            for year, rows in ((self.year, now), (self.year - 1, before)):
                if not rows:
                    self._missing(metric, year)
            return
        words = {"name": self.name_of(metric), "year": self.year - 1}
        alike = sorted(now.keys() & before.keys())
        if alike:
            pair = now[alike[0]], before[alike[0]]
        elif self.settings.perimeter == "as_reported":
            pair = now[min(now)], before[min(before)]
            message = _("%(name)s 两年口径不一致，按各自口径计算增幅") % words
            self.remarks.append(Problem(f"unlike_scopes:{metric}", message))
        else:
            message = _("%(name)s 两年口径不一致，不能计算增幅") % words
            self.problems.append(Problem(f"unlike_scopes:{metric}", message))
            return
        name = INPUT_NAMES.get(metric, metric)
        self.values[f"{name}_now"], self.values[f"{name}_before"] = (of_figure(one) for one in pair)
        if pair[1].value <= 0 and self._needs_growth(metric):
            self._undefined(metric, name, words)

    def _needs_growth(self, metric: str) -> bool:
        return any(rule.method in NEED_GROWTH and metric in rule.parameters.grows() for rule in self.scheme.rules)

    def _undefined(self, metric: str, name: str, words: dict[str, Any]) -> None:
        """Growth over nothing: by the target, where the scheme says so; else refused."""
        if self.settings.undefined_growth == "completion":
            self._take(f"{name}_target", target_of(metric))
            message = _("%(year)s 年%(name)s为零或负数，按目标完成情况计算") % words
            self.remarks.append(Problem(f"by_completion:{metric}", message))
        else:
            message = _("%(year)s 年%(name)s为零或负数，增幅无定义") % words
            self.problems.append(Problem(f"undefined_growth:{metric}", message))

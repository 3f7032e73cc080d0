"""The score that each of a unit's bureaus counts with, and what stands in for one that is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from orgchart.models import BureauVersion
from pay.problems import Problem
from pay.reading import Book
from pay.settings import Settings
from zones.models import Unit

HUNDREDTH = Decimal("0.01")


@dataclass
class Scores:
    """Reads the scores of a unit's bureaus; says what is missing, and what was taken as the mean."""

    book: Book
    unit: Unit
    settings: Settings
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    provisional: bool = False

    def of(self, staffed: Mapping[int, tuple[str, str]]) -> list[dict[str, Any]]:
        """The bureaus where somebody was in post, in roster order, each with its score and its people's sums."""
        rows = []
        for version in self.book.bureaus[self.unit.pk]:
            if version.bureau_id in staffed:
                points, weighted = staffed[version.bureau_id]
                row = {"bureau": version.bureau_id, "key": version.bureau.code, "name": version.name}
                rows.append((version, {**row, "points": points, "weighted": weighted, "score": self._own(version)}))
        mean = self._mean([row for _version, row in rows])
        for version, row in rows:
            if row["score"] is None:
                row["score"] = self._instead(version, mean)
        return [row for _version, row in rows if row["score"] is not None]

    def _own(self, version: BureauVersion) -> dict[str, Any] | None:
        """The bureau's own score; None where it has none, or is new and the scheme takes the mean for it."""
        if self._is_new(version) and self.settings.new_bureau == "mean":
            return None
        result = self.book.bureau_result(self.unit.pk, version.bureau_id)
        if result is None or result.score is None:
            return None
        return {"value": f"{result.score}", "ref": f"kpi.result:{result.pk}", "example": result.is_example}

    def _is_new(self, version: BureauVersion) -> bool:
        """Set up within the year (edge case "new bureau mid-year")."""
        return self.book.set_up[version.bureau_id] > dt.date(self.book.year, 1, 1)

    def _mean(self, rows: list[dict[str, Any]]) -> Decimal | None:
        """The mean of the scores that are there, weighted by people's points, as a score is kept: two places."""
        scored = [(Decimal(row["points"]), Decimal(row["score"]["value"])) for row in rows if row["score"]]
        weight = sum((points for points, _score in scored), Decimal(0))
        if not weight:
            return None
        return (sum(points * score for points, score in scored) / weight).quantize(HUNDREDTH, ROUND_HALF_UP)

    def _instead(self, version: BureauVersion, mean: Decimal | None) -> dict[str, Any] | None:
        words = {"name": version.name, "mean": mean}
        new = self._is_new(version) and self.settings.new_bureau == "mean"
        if mean is not None and (new or self.settings.missing == "provisional"):
            self.provisional |= not new
            text = (
                _("新设部门「%(name)s」按平均分 %(mean)s 计")
                if new
                else _("部门「%(name)s」暂缺得分，按平均分 %(mean)s 暂算")
            )
            self.remarks.append(Problem(f"mean_score:{version.bureau.code}", text % words))
            return {"value": f"{mean}", "ref": "", "example": False}
        self.problems.append(Problem(f"unscored_bureau:{version.bureau.code}", _("部门「%(name)s」尚未评分") % words))
        return None

"""What changed: against last year, and between a correction and what it corrects. Amounts in yuan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from common.numerals import plain
from kpi.models import Rating
from pay.labels import STEPS
from pay.models import Allocation, Run
from zones.models import Metric

#: A change of somebody's pay a month that a checker must see: more than this part of last year's.
NOTABLE = Fraction(3, 10)


@dataclass
class Side:
    """What one person has in one run, over all his bureaus."""

    amount: Decimal = Decimal(0)
    months: int = 0
    rating: str = ""
    factor: Decimal = Decimal(0)
    coefficient: str = ""
    held: bool = False
    allocation: int | None = None
    difference: Decimal = Decimal(0)


@dataclass
class Pair:
    """A person in two runs; ``None`` where he is in one of them only."""

    person: Any
    before: Side | None = None
    after: Side | None = None
    why: list[str] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        return (self.after.amount if self.after else Decimal(0)) - (self.before.amount if self.before else Decimal(0))

    @property
    def change(self) -> Fraction | None:
        """By how much his pay a month in post moved, as a ratio; None without months in both."""
        if not (self.before and self.after and self.before.months and self.after.months and self.before.amount):
            return None
        before = Fraction(self.before.amount) / self.before.months
        return (Fraction(self.after.amount) / self.after.months - before) / before


def pairs(before: Run, after: Run) -> list[Pair]:
    """Everybody who is in either run, in the roster's order of the later one."""
    earlier, later = sides(before), sides(after)
    people = {key: person for key, (person, _side) in (earlier | later).items()}
    found = []
    for key in [*later, *(key for key in earlier if key not in later)]:
        old, new = earlier.get(key), later.get(key)
        found.append(Pair(people[key], old[1] if old else None, new[1] if new else None))
    return found


def sides(run: Run) -> dict[int, tuple[Any, Side]]:
    """Each person of a run with what he has there."""
    rows = Allocation.objects.filter(run=run).select_related("person").order_by("share__sequence", "sequence")
    found: dict[int, tuple[Any, Side]] = {}
    for row in rows:
        _person, side = found.setdefault(row.person_id, (row.person, Side()))
        side.amount += row.amount
        side.months += row.months
        side.held = side.held or row.held
        side.difference += row.difference or Decimal(0)
        side.rating, side.factor = row.rating, row.grade_factor
        side.coefficient = "、".join(part for part in (side.coefficient, plain(round(row.post_coefficient, 4))) if part)
        side.allocation = row.pk
    return found


def last_year(run: Run) -> Run | None:
    """What stands for the unit's year before."""
    rows = Run.objects.standing().filter(unit=run.unit_id, year=run.year - 1)
    return rows.select_related("unit", "scheme").defer("inputs").first()


def notable(found: Iterable[Pair]) -> list[Pair]:
    """Whose pay a month moved by more than ``NOTABLE``, the greatest change first."""
    moved = [(pair.change, pair) for pair in found if pair.change is not None and abs(pair.change) > NOTABLE]
    return [pair for _change, pair in sorted(moved, key=lambda each: -abs(each[0]))]


def explained(found: Iterable[Pair]) -> list[Pair]:
    """Each pair with what of its own terms changed; nothing of them where only the pool or the bureau moved."""
    rows = list(found)
    for pair in rows:
        pair.why = _why(pair)
    return rows


def _why(pair: Pair) -> list[str]:
    before, after = pair.before, pair.after
    if before is None or after is None:
        return [_("新增") if before is None else _("不再参加分配")]
    told = []
    if before.rating != after.rating or before.factor != after.factor:
        words = {"before": _grade(before), "after": _grade(after)}
        told.append(_("等次 %(before)s → %(after)s") % words)
    if before.months != after.months:
        told.append(_("在岗月数 %(before)s → %(after)s") % {"before": before.months, "after": after.months})
    if before.coefficient != after.coefficient:
        words = {"before": before.coefficient, "after": after.coefficient}
        told.append(_("岗位系数 %(before)s → %(after)s") % words)
    if before.held != after.held:
        told.append(_("暂缓发放") if after.held else _("不再暂缓"))
    return told


def _grade(side: Side) -> str:
    word = str(Rating(side.rating).label) if side.rating in Rating.values else _("无等次")
    return f"{word}（{plain(side.factor)}）"


@dataclass(frozen=True)
class Changed:
    """An input of a run that is another one now."""

    what: str
    before: str
    after: str
    note: str = ""


def changed_inputs(before: dict[str, Any], after: dict[str, Any]) -> list[Changed]:
    """Where two snapshots differ: the scheme, the figures with their vintage, the city's grade, bureaus' scores."""
    found = []
    versions = [(each.get("scheme") or {}).get("version") for each in (before, after)]
    if versions[0] != versions[1]:
        found.append(Changed(_("方案版本"), *(_said(each) for each in versions)))
    elif before.get("scheme") != after.get("scheme"):
        found.append(Changed(_("方案参数"), _("原参数"), _("新参数")))
    for key in _keys(before, after, "figures"):
        found += _figure(key, *((each.get("figures") or {}).get(key) for each in (before, after)))
    ratings = [(each.get("rating") or {}).get("value", "") for each in (before, after)]
    if ratings[0] != ratings[1]:
        found.append(Changed(_("市考核等次"), *(_rating(each) for each in ratings)))
    return found + _bureaus(before, after)


def _figure(key: str, old: dict | None, new: dict | None) -> list[Changed]:
    values = [each and each.get("value") for each in (old, new)]
    if values[0] == values[1]:
        return []
    note = _("%(day)s 发布，%(source)s") % {"day": new.get("vintage"), "source": new.get("source")} if new else ""
    name = str(STEPS.get(key, key))
    shown = [_figured(each) for each in (old, new)]
    return [Changed(name, shown[0], shown[1], note)]


def _figured(read: dict[str, Any] | None) -> str:
    """A figure of a snapshot with its measure, unrounded: a restatement may be of the last digit."""
    if read is None:
        return "—"
    measure = read.get("unit", "yuan")
    unit = str(Metric.Measure(measure).label) if measure in Metric.Measure.values else ""
    return f"{plain(read['value'])} {unit}".rstrip()


def _bureaus(before: dict[str, Any], after: dict[str, Any]) -> list[Changed]:
    rows: dict[str, list[dict | None]] = defaultdict(lambda: [None, None])
    for side, snapshot in enumerate((before, after)):
        for row in snapshot.get("bureaus") or []:
            rows[row["key"]][side] = row
    found = []
    for old, new in rows.values():
        name = (new or old or {}).get("name", "")
        scores = [((row or {}).get("score") or {}).get("value") for row in (old, new)]
        if scores[0] != scores[1]:
            told = [plain(each) if each is not None else "—" for each in scores]
            found.append(Changed(_("%(bureau)s得分") % {"bureau": name}, *told))
    return found


def _keys(before: dict[str, Any], after: dict[str, Any], section: str) -> list[str]:
    return list(dict.fromkeys([*(before.get(section) or {}), *(after.get(section) or {})]))


def _rating(value: str) -> str:
    return str(Rating(value).label) if value in Rating.values else "—"


def _said(value: Any) -> str:
    return "—" if value is None else str(value)

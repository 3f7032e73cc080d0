"""What a closed panel came to: of each line the score and what its groups said, told so that nobody is found out.

Ratings are read here without their raters. While a panel is open nothing is
told but how many have rated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from common.numerals import plain, rounded
from kpi import panels
from kpi.models import Panel, PanelLine, PanelRating

#: What a line's actual keeps.
PLACES = 4


@dataclass(frozen=True)
class Said:
    """What a group said of a line: ``weight`` as set, ``share`` as it counted, both in percent."""

    name: str
    weight: Decimal
    share: Fraction
    mean: Fraction | None
    least: Fraction
    most: Fraction
    count: int


@dataclass(frozen=True)
class LineResult:
    """A line's panel score (None: too few rated), the groups told apart, and in words what was merged or missing."""

    score: Fraction | None
    count: int
    groups: tuple[Said, ...]
    notes: tuple[str, ...]

    @property
    def actual(self) -> Decimal | None:
        """The score as a line keeps it: four places, half-up."""
        return None if self.score is None else Decimal(rounded(self.score, PLACES)).scaleb(-PLACES)


NOTHING = LineResult(None, 0, (), ())


def of_lines(panel: Panel, lines: Iterable[int] | None = None) -> dict[int, LineResult]:
    """The results of a closed panel by panel line, of ``lines`` or of all. An open panel has none."""
    if panel.closed_at is None:
        return {}
    groups = list(panel.groups.order_by("sequence", "pk"))
    wanted = panel.lines.all() if lines is None else panel.lines.filter(pk__in=lines)
    # Of a rating: its line, its group, its points. Sorted by points, so that the order in which they came is lost.
    ratings = PanelRating.objects.filter(line__in=wanted).order_by("line", "rater__group", "points")
    scores: dict[tuple[int, int], list[Decimal]] = defaultdict(list)
    for line, group, points in ratings.values_list("line_id", "rater__group_id", "points"):
        scores[line, group].append(points)
    return {
        pk: _result(panel, [(group.name, group.weight, scores[pk, group.pk]) for group in groups])
        for pk in wanted.values_list("pk", flat=True)
    }


def of_card_lines(lines: Iterable[int]) -> dict[int, LineResult]:
    """The results of scorecards' lines, by line; those that no closed panel rated have none."""
    found: dict[Panel, dict[int, int]] = defaultdict(dict)
    rated = PanelLine.objects.filter(line__in=lines, panel__closed_at__isnull=False).select_related("panel")
    for row in rated:
        found[row.panel][row.pk] = row.line_id
    return {rows[pk]: result for panel, rows in found.items() for pk, result in of_lines(panel, list(rows)).items()}


def sentences(result: LineResult) -> list[str]:
    """A result in words, a group a sentence: for a line's reasons and for files."""
    said = [
        _("%(name)s（权重 %(share)s%%）：平均 %(mean)s 分，最低 %(least)s、最高 %(most)s，%(count)s 人")
        % {
            "name": each.name,
            "share": shown(each.share),
            "mean": shown(each.mean) or "—",
            "least": shown(each.least),
            "most": shown(each.most),
            "count": each.count,
        }
        for each in result.groups
    ]
    return [*said, *result.notes]


def _result(panel: Panel, groups: list[tuple[str, Decimal, list[Decimal]]]) -> LineResult:
    if not any(scores for _name, _weight, scores in groups):
        return LineResult(None, 0, (), (_("无人评分"),))
    weights = {name: weight for name, weight, _scores in groups}
    drawn = [panels.Group(name, weight, scores, panel.trim) for name, weight, scores in groups]
    try:
        told = panels.disclosed(panels.panel(drawn), panel.shown_from)
    except panels.UndefinedScore:
        return LineResult(None, 0, (), (_("评价人太少，去掉最高、最低分后没有剩余，不计分"),))
    said = tuple(
        Said(each.key, weights[each.key], 100 * each.share, each.mean, each.least, each.most, each.count)
        for each in told.shown
        if each.least is not None and each.most is not None
    )
    return LineResult(told.score, told.count, said, tuple(_notes(panel, told)))


def _notes(panel: Panel, told: panels.Disclosure) -> Iterable[str]:
    if told.score is None:
        yield _("评分不足 %(n)s 人，不计分") % {"n": panel.shown_from}
        return
    if panel.trim:
        yield _("各评价主体去掉最高、最低分各 %(n)s 个后取平均") % {"n": panel.trim}
    if told.merged:
        names = "、".join(told.merged)
        words = _("%(names)s 合并计入，共 %(count)s 人；评分不足 %(n)s 人的不单独列示")
        yield words % {"names": names, "count": told.merged_count, "n": panel.shown_from}
    if told.silent:
        yield _("%(names)s 无人评分，权重按比例分给其他评价主体") % {"names": "、".join(told.silent)}
    if told.trimmed:
        words = _("%(names)s 去掉最高、最低分后没有剩余，权重按比例分给其他评价主体")
        yield words % {"names": "、".join(told.trimmed)}


def shown(value: Fraction | Decimal | None) -> str:
    """Points of a rating as people read them: two places at most."""
    return "" if value is None else plain(Decimal(rounded(Fraction(value), 2)).scaleb(-2))

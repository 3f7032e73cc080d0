"""Why a line has its points: its step computed anew, and laid out for a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.money import exact
from common.numerals import plain, rounded
from common.trace import Input, Number, Step
from kpi import points, scoring
from kpi.basis import Basis, bases
from kpi.models import Indicator, Line
from kpi.raters.results import of_card_lines, sentences

POINT_PLACES = 4

METHOD_FORMULAS: dict[str, str] = {
    Indicator.Method.COMPLETION: "F17",
    Indicator.Method.EFFICACY: "F16",
    Indicator.Method.FLAT: "F08",
    Indicator.Method.PLUS_MINUS: "F09",
    Indicator.Method.RANKING: "F18",
    Indicator.Method.RATING: "rating",
    Indicator.Method.DEDUCTION: "deduction",
}
FORMULAS = {
    "F17": gettext_lazy("完成率法：权重 × 完成值 ÷ 目标值，完成率以上限计，低于下限不得分"),
    "F16": gettext_lazy("功效系数法：权重 ×（完成值在最低值与满分值之间的位置 × 40 + 60）÷ 100"),
    "F08": gettext_lazy("持平计分：与上年持平得权重的一定比例，每增长一档加分，每下降一档减分，加分有上限"),
    "F09": gettext_lazy("分段加扣：达到目标值得权重分，每多或少一个计量单位加分或扣分，加扣有上限"),
    "F18": gettext_lazy("排名赋分法：第一名按最高比例、末名按最低比例计分，中间按名次等差；并列取较高名次"),
    "rating": gettext_lazy("测评：权重 × 测评分 ÷ 100"),
    "deduction": gettext_lazy("扣分：权重减去每次扣分 × 次数，扣完为止"),
}
PARTS = {
    "actual": gettext_lazy("完成值"),
    "target": gettext_lazy("目标值"),
    "cap": gettext_lazy("上限"),
    "floor": gettext_lazy("下限"),
    "x_min": gettext_lazy("最低值"),
    "x_sat": gettext_lazy("满分值"),
    "per_event": gettext_lazy("每次扣分"),
    "previous": gettext_lazy("上年实绩"),
    "flat": gettext_lazy("持平得分比例"),
    "step_percent": gettext_lazy("每档增幅（%）"),
    "step_points": gettext_lazy("每档分值"),
    "per": gettext_lazy("每档数量"),
    "rank": gettext_lazy("名次"),
    "peers": gettext_lazy("参加排名数"),
    "top": gettext_lazy("第一名计分比例"),
    "bottom": gettext_lazy("末名计分比例"),
}
NOTES = {
    "below_floor": gettext_lazy("完成率低于下限，不得分"),
    "clamped_to_cap": gettext_lazy("超过上限，按上限计分"),
    "clamped_to_floor": gettext_lazy("已到下限，不再扣"),
    "alone": gettext_lazy("只有一个对象，按第一名计"),
    "veto": gettext_lazy("一票否决，本项不得分"),
}
#: What is wrong with a value that no points follow from, by (field, reason); a field's None is any reason.
UNDEFINED = {
    ("target", "missing"): gettext_lazy("本项没有目标值，无法按完成率计分"),
    ("target", None): gettext_lazy("目标值须大于 0，才能按完成率计分"),
    ("previous", "missing"): gettext_lazy("本项没有上年实绩，无法按持平计分"),
    ("previous", None): gettext_lazy("上年实绩须大于 0，才能按持平计分"),
    ("actual", "out_of_range"): gettext_lazy("测评分须在 0 与 100 之间"),
    ("actual", "not_a_count"): gettext_lazy("扣分项请填次数，须为不小于 0 的整数"),
}


@dataclass(frozen=True)
class Part:
    """One value that went into a line's points, and where it comes from."""

    label: str
    value: str
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Why:
    """A line's points in words: the method, the sum with its numbers, the values behind it.

    Before there is an actual, ``expression`` and ``points`` are empty: how the line will be scored.
    ``spread`` says what became of a weight that was spread: this line's, or others' that came to it;
    ``panel`` what the groups of raters said, never who.
    """

    formula: str
    parts: tuple[Part, ...]
    expression: str = ""
    points: str = ""
    note: str = ""
    spread: str = ""
    panel: tuple[str, ...] = ()


def as_points(value: Number) -> Decimal:
    """Points as a line keeps them: four places, half-up."""
    return Decimal(rounded(exact(value), POINT_PLACES)).scaleb(-POINT_PLACES)


def step_of(line: Line, actual: Decimal, basis: Basis) -> Step:
    """The points that ``actual`` earns on the line; ValidationError, at ``value``, when none follow."""
    indicator = line.indicator
    promised = {
        key: None if value is None else Input(key, value, indicator.measure, _("责任书"))
        for key, value in (("target", line.target), ("previous", line.previous))
    }
    entered = _entered(line, actual)
    try:
        return points.score_line(
            indicator.method,
            basis.weight,
            points.Delivered(entered, **promised, peers=basis.peers),
            indicator.parameters,
        )
    except scoring.UndefinedScore as error:
        raise ValidationError({"value": undefined(error)}, code="undefined") from error


def _entered(line: Line, actual: Decimal) -> Input:
    """The actual with where it comes from: the figure in its vintage, or the office that tells it."""
    measure, figure = line.indicator.measure, line.figure
    if figure is None:
        return Input("actual", actual, measure, line.indicator.data_source, ref=f"kpi.line:{line.pk}")
    source = f"{figure.source}（{figure.scope}）"
    return Input(
        "actual", actual, measure, source, figure.vintage.isoformat(), f"zones.figure:{figure.pk}", figure.is_example
    )


def undefined(error: scoring.UndefinedScore) -> str:
    """Why no points follow, for a reader."""
    known = UNDEFINED.get((error.field, error.reason)) or UNDEFINED.get((error.field, None))
    return str(known) if known else _("计分参数「%(name)s」有误，请联系组织人事") % {"name": _part(error.field)}


def steps_of(lines: Sequence[Line], known: Mapping[int, Basis] | None = None) -> dict[int, Step]:
    """The step of every scored line of one card, by the line's key."""
    known = bases(lines) if known is None else known
    return {line.pk: step_of(line, line.actual, known[line.pk]) for line in lines if line.actual is not None}


def points_so_far(lines: Sequence[Line], known: Mapping[int, Basis] | None = None) -> Step | None:
    """The scored lines of one card summed exactly; None while no line is scored."""
    steps = steps_of(lines, known)
    return points.total(list(steps.values())) if steps else None


def why_all(lines: Sequence[Line]) -> dict[int, Why]:
    """Of every line of one card the explanation of its points, or how it will be scored."""
    known = bases(lines)
    rated = [line.pk for line in lines if line.indicator.method == Indicator.Method.RATING]
    said = of_card_lines(rated) if rated else {}
    found = {line.pk: _why(line, known[line.pk], lines) for line in lines}
    return found | {pk: replace(found[pk], panel=tuple(sentences(result))) for pk, result in said.items()}


def why(line: Line) -> Why:
    """Of one line: as ``why_all`` says it among its siblings."""
    return why_all(list(Line.objects.filter(scorecard=line.scorecard_id).select_related("indicator", "figure")))[
        line.pk
    ]


def _why(line: Line, basis: Basis, siblings: Sequence[Line]) -> Why:
    spread = _spread(line, basis, siblings)
    if line.actual is None:
        return _how(line, spread)
    step = step_of(line, line.actual, basis)
    return Why(
        formula=str(FORMULAS.get(step.formula, step.formula)),
        parts=tuple(_row(part) for part in step.parts if isinstance(part, Input)),
        expression=step.expression,
        points=plain(as_points(step.value)),
        note=str(NOTES.get(step.note, step.note)),
        spread=spread,
    )


def _spread(line: Line, basis: Basis, siblings: Sequence[Line]) -> str:
    if line.not_applicable:
        heirs = [each.indicator.shown_name for each in _heirs(line, siblings)]
        if not heirs:
            return _("本卡没有适用的指标，权重无处分摊")
        return _("权重已分摊给%(names)s") % {"names": _("、").join(heirs)}
    if basis.weight == exact(line.weight):
        return ""
    return _("权重 %(own)s，加上不适用指标分摊来的，按 %(weight)s 计") % {
        "own": plain(line.weight),
        "weight": plain(as_points(basis.weight)),
    }


def _heirs(line: Line, siblings: Sequence[Line]) -> list[Line]:
    """Who took over a weight: the applying lines of its group, or all others when the group has none."""
    applying = [each for each in siblings if not each.not_applicable]
    return [each for each in applying if each.group == line.group] or applying


def _how(line: Line, spread: str) -> Why:
    indicator = line.indicator
    given = [] if line.target is None else [Part(_part("target"), plain(line.target), indicator.measure, _("责任书"))]
    for name, value in indicator.parameters.items():
        if value is True:
            given.append(Part(_("一票否决"), _("发生即不得分"), source=_("指标库")))
        elif not isinstance(value, bool):
            given.append(Part(_part(name), plain(value), source=_("指标库")))
    return Why(str(FORMULAS[METHOD_FORMULAS[indicator.method]]), tuple(given), spread=spread)


def _row(part: Input) -> Part:
    source = _("指标库") if part.source == "indicator" else part.source
    if part.vintage:
        source = _("%(source)s，%(day)s 发布") % {"source": source, "day": part.vintage}
    return Part(_part(part.key), plain(part.value), part.unit, source)


def _part(key: str) -> str:
    return str(PARTS.get(key, key))

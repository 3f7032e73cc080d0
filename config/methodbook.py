"""The scoring methods as a document: ``docs/methods.md`` is written from the functions that score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.utils import translation

from common.trace import shown
from kpi.explain import FORMULAS, METHOD_FORMULAS, NOTES
from kpi.judgement import Weighted, combined, effective_weights
from kpi.models import Indicator
from kpi.panels import Group, panel
from kpi.points import PARAMETERS
from kpi.promise.forms import parameter_label
from kpi.promise.library_views import CASES
from kpi.promise.worked import USUAL, WEIGHT, examples

HEAD = f"""\
# How points are worked out

Written by `manage.py methods_doc`; every example here is computed by the function that scores, in `kpi/scoring.py`,
`kpi/panels.py` and `kpi/judgement.py`. Arithmetic is exact: nothing is rounded before a card's score, which has two
places, halves away from zero. The parameters below are examples; an indicator without one is refused, never given a
default. Each example has a weight of {WEIGHT} points.
"""
#: What each method takes and gives: the formula, then its bounds.
METHODS: dict[str, tuple[str, str]] = {
    "completion": (
        "weight × min(actual ÷ target, cap); 0 where actual ÷ target < floor",
        "The target is more than 0, or the line is refused when it is promised. 0 ≤ floor ≤ cap. The floor itself"
        " still scores. An actual above the cap is recorded as it is, and scores as the cap.",
    ),
    "efficacy": (
        "weight × ((x − x_min) ÷ (x_sat − x_min) × 40 + 60) ÷ 100, kept between 0 and the weight",
        "x_min and x_sat differ. Where less is better the ends are swapped: x_min > x_sat. x_min earns 60 % of the"
        " weight, x_sat all of it. Negative values are taken.",
    ),
    "flat": (
        "weight × flat + min(whole steps × step_points, weight × cap), never below 0;"
        " whole steps = ⌊(actual − previous) ÷ previous × 100 ÷ step_percent⌋",
        "Last year's figure is more than 0; a part of a step counts nothing upwards, and a whole step downwards.",
    ),
    "plus_minus": (
        "weight ± min(whole steps × step_points, cap), never below 0; whole steps = (actual − target) ÷ per, cut",
        "per is more than 0, step_points and cap are not negative; a part of a step counts nothing either way.",
    ),
    "ranking": (
        "weight × (top − (top − bottom) × (rank − 1) ÷ (n − 1))",
        "Equal actuals share the better place. Parks rank among parks, towns among towns, bureaus and people within"
        " their unit. Who is alone is first. 0 ≤ bottom ≤ top.",
    ),
    "rating": (
        "weight × rating ÷ 100",
        "A rating is 0 to 100 points; a panel's (below) is the weighted mean of its groups.",
    ),
    "deduction": (
        "weight − per_event × events, never below 0; with veto (一票否决) the first event takes all",
        "Events are counted: a whole number that is not negative. A vetoed line scores 0 and says so.",
    ),
}


def path() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "methods.md"


def text() -> str:
    """The whole document, the same on every machine."""
    with translation.override("zh-hans"):
        parts = [HEAD, *(line for method in PARAMETERS for line in _method(method))]
        return "\n".join([*parts, *_panel(), *_spread(), *_combined()]) + "\n"


def _method(method: str) -> Iterator[str]:
    formula, bounds = METHODS[method]
    label, number = Indicator.Method(method).label, METHOD_FORMULAS[method]
    yield f"## {label} (`{method}`{'' if number == method else f', {number}'})\n"
    yield f"{FORMULAS[number]}\n"
    yield f"- Formula: {formula}"
    names = "; ".join(
        f"`{name}` {parameter_label(name)} = {_said(USUAL[method].get(name))}" for name in PARAMETERS[method]
    )
    yield f"- Parameters: {names or 'none'}"
    yield f"- Bounds: {bounds}\n"
    yield from _table(
        ("Case", "Actual", "Sum", "Points"),
        [
            (
                CASES[each.key],
                shown(each.given.actual),  # type: ignore[arg-type]  # the examples are bare numbers
                each.step.expression + (f" ({NOTES[each.step.note]})" if each.step.note else ""),
                shown(each.step.value),
            )
            for each in examples(method, USUAL[method])
        ],
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"
    yield ""


def _panel() -> Iterator[str]:
    """Ratings by groups, with one group trimmed and one silent."""
    groups = [
        Group("leaders", 40, [Decimal(95), Decimal(90)]),
        Group("peers", 30, [Decimal(60), Decimal(80), Decimal(85), Decimal(100)], trim=1),
        Group("those served", 30, []),
    ]
    result = panel(groups)
    yield "## 测评 by groups of raters (`panel`)\n"
    yield "The mean of each group, weighted; of each the `trim` highest and lowest ratings are left out where asked. A"
    yield "group that says nothing gives its weight to the others, and the page says so. Only means, spreads and counts"
    yield "are shown, never who rated how.\n"
    yield "- Formula: Σ weight × mean ÷ Σ weight, over the groups that rated"
    yield "- Bounds: each rating is 0 to 100; nobody rated, or no group that rated has a weight: no score\n"
    rows = [
        (
            group.key,
            str(group.weight),
            "、".join(map(str, group.scores)) or "none",
            str(group.trim),
            "—" if each.mean is None else shown(each.mean),
            shown(each.share),
        )
        for group, each in zip(groups, result.groups, strict=True)
    ]
    yield from _table(("Group", "Weight", "Ratings", "Trim", "Mean", "Share"), rows)
    yield f"Score: {shown(result.score)}\n"


def _spread() -> Iterator[str]:
    """Weights of what does not apply."""
    lines = [("A", 30, "economy", True), ("B", 20, "economy", False), ("C", 50, "service", True)]
    spread = effective_weights([Weighted(weight, group, applies) for _name, weight, group, applies in lines])
    yield "## Indicators that do not apply\n"
    yield "Their weight goes to their siblings of the same first-level indicator, in proportion; a group of which"
    yield "nothing applies goes to all other lines. The sum is conserved, and the card says which were spread.\n"
    rows = [
        (name, group, str(weight), "yes" if applies else "no", shown(out))
        for (name, weight, group, applies), out in zip(lines, spread, strict=True)
    ]
    yield from _table(("Line", "Group", "Weight", "Applies", "Counts for"), rows)


def _combined() -> Iterator[str]:
    yield "## A person's score\n"
    yield "w × bureau + (1 − w) × own, where the year sets w (0 to 1); without it, the own score alone.\n"
    rows = [(w, "90", "80", shown(combined(90, 80, bureau_weight=Decimal(w)))) for w in ("0", "0.3", "1")]
    yield from _table(("w", "Bureau", "Own", "Score"), rows)

"""Pictures of numbers: waterfall, lying bars, distribution, sparkline.

Pure: imports nothing of Django. Values go in, marks with coordinates come out;
``templates/charts/`` writes them as SVG, the same for page, print and PDF.
Bars start at zero and bear their numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from common.drawing import (
    FOOT,
    HEAD,
    LINE,
    MARGIN,
    NARROW,
    WIDTHS,
    Bar,
    Caption,
    Chart,
    Label,
    Number,
    Rule,
    Scale,
    Sheet,
    amount,
    breadth,
    width_for,
    wrapped,
)
from common.numerals import grouped, plain

Show = Callable[[Number], str]

# --- waterfall --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A bar of a waterfall: a ``total`` stands on zero, anything else is added to what came before.

    ``kind`` is ``total``, ``effect`` or ``adjust`` (a clamp, a cap, a rounding).
    """

    label: str
    value: Number
    kind: str = "effect"
    note: str = ""
    href: str = ""


def waterfall(steps: Sequence[Step], caption: Caption, *, show: Show = grouped) -> Chart:
    """From a base over effects and adjustments to a result; negative values welcome."""
    spans = _spans(steps)
    width = width_for(2 * MARGIN + 96 * len(steps))
    slot = (width - 2 * MARGIN) / max(len(steps), 1)
    names = [wrapped(step.label, slot - 10) for step in steps]
    top, bottom = HEAD + 26.0, HEAD + 246.0
    scale = Scale.over([edge for span in spans for edge in span], bottom, top)
    sheet = Sheet()
    sheet.rules.append(Rule(MARGIN, scale.at(Fraction(0)), width - MARGIN, scale.at(Fraction(0))))
    below = bottom + (20 if scale.low < 0 else 4)
    for i, (step, (begin, end), lines) in enumerate(zip(steps, spans, names, strict=True)):
        middle = round(MARGIN + slot * (i + 0.5), 1)
        text = _shown_step(step, show)
        _draw_step(sheet, step, (scale.at(begin), scale.at(end)), (middle, min(60.0, slot * 0.58)), text)
        if i + 1 < len(steps):
            level = scale.at(end)
            sheet.rules.append(Rule(middle, level, round(middle + slot, 1), level, "grid", dashed=True))
        sheet.labels += [Label(middle, below + LINE * (n + 1), line, "muted") for n, line in enumerate(lines)]
        sheet.rows.append((step.label, text, step.note))
    height = below + LINE * max((len(lines) for lines in names), default=0) + FOOT + 8
    return sheet.chart(caption, width, height)


def _spans(steps: Sequence[Step]) -> list[tuple[Fraction, Fraction]]:
    """From where to where each bar goes."""
    level = Fraction(0)
    spans = []
    for step in steps:
        value = amount(step.value)
        begin, end = (Fraction(0), value) if step.kind == "total" else (level, level + value)
        spans.append((begin, end))
        level = end
    return spans


def _shown_step(step: Step, show: Show) -> str:
    plus = step.kind != "total" and amount(step.value) > 0
    return f"+{show(step.value)}" if plus else show(step.value)


def _draw_step(sheet: Sheet, step: Step, ends: tuple[float, float], place: tuple[float, float], text: str) -> None:
    (begin, end), (middle, broad) = ends, place
    upper, tall = min(begin, end), max(abs(begin - end), 1.5)
    ink = {"total": "total", "adjust": "adjust"}.get(step.kind, "loss" if amount(step.value) < 0 else "gain")
    title = " ".join(part for part in (step.label, text, step.note) if part)
    sheet.bars.append(Bar(round(middle - broad / 2, 1), upper, broad, round(tall, 1), ink, title, step.href))
    # Under zero the number hangs below its bar; the place above belongs to the axis.
    hangs = step.kind == "total" and end > begin
    sheet.labels.append(Label(middle, round(upper + tall + 15 if hangs else upper - 7, 1), text, strong=True))


# --- horizontal bars --------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A labelled bar; ``whole`` draws the track that it could fill (points of a weight)."""

    label: str
    value: Number
    whole: Number | None = None
    ink: str = "core"
    note: str = ""
    href: str = ""


def hbars(
    rows: Sequence[Row],
    caption: Caption,
    *,
    show: Show = plain,
    line: Number | None = None,
    line_label: str = "",
    narrow: bool = False,
) -> Chart:
    """Bars that lie, one a row; ``line`` draws a reference across all. ``narrow`` suits a telephone."""
    width = NARROW if narrow else WIDTHS[0]
    texts = [f"{show(row.value)} / {show(row.whole)}" if row.whole is not None else show(row.value) for row in rows]
    values = [amount(v) for row in rows for v in (row.value, row.whole) if v is not None]
    if line is not None:
        values.append(amount(line))
    tail = max((breadth(text) for text in texts), default=0) + 10
    under = tail if any(value < 0 for value in values) else 0
    names = 0 if narrow else min(max((breadth(row.label) for row in rows), default=0) + 12, 240)
    scale = Scale.over(values, MARGIN + names + under, width - MARGIN - tail)
    top, pitch, tall = (
        HEAD + (22.0 if line is not None else 6.0),
        (48 if narrow else 32),
        (14 if narrow else 18),
    )
    sheet = Sheet()
    for i, (row, text) in enumerate(zip(rows, texts, strict=True)):
        y = top + pitch * i + (22 if narrow else 4)
        _draw_row(sheet, row, text, scale, (y, tall, names))
    bottom = top + pitch * len(rows)
    zero = scale.at(Fraction(0))
    sheet.rules.append(Rule(zero, top - 2, zero, bottom))
    if line is not None:
        x = scale.at(amount(line))
        words = f"{line_label} {show(line)}".strip()
        sheet.rules.append(Rule(x, top - 6, x, bottom, "text", dashed=True, title=words))
        sheet.labels.append(Label(x, top - 11, words, "muted", _anchor(x, words, width)))
    return sheet.chart(caption, width, bottom + FOOT + 4)


def _draw_row(sheet: Sheet, row: Row, text: str, scale: Scale, place: tuple[float, float, float]) -> None:
    y, tall, names = place
    zero, end = scale.at(Fraction(0)), scale.at(amount(row.value))
    sheet.rows.append((row.label, text, row.note))
    title = " ".join(part for part in (row.label, text, row.note) if part)
    reach = max(zero, end)
    if row.whole is not None:
        whole = scale.at(amount(row.whole))
        sheet.bars.append(Bar(zero, y, round(max(whole - zero, 0), 1), tall, "track", title))
        reach = max(reach, whole)
    long = round(max(abs(end - zero), 1.5), 1)
    sheet.bars.append(Bar(min(zero, end), y, long, tall, row.ink, title, row.href))
    middle = y + tall / 2 + 4.5
    if end < zero:
        sheet.labels.append(Label(end - 6, middle, text, anchor="end", strong=True))
    else:
        sheet.labels.append(Label(reach + 6, middle, text, anchor="start", strong=True))
    if names:
        name = wrapped(row.label, names - 12, most=1)[0]
        sheet.labels.append(Label(MARGIN + names - 12, middle, name, anchor="end"))
    else:
        sheet.labels.append(Label(MARGIN, y - 7, row.label, anchor="start"))


def _anchor(x: float, text: str, width: float) -> str:
    """Where a text at ``x`` must hang so that it stays on the paper."""
    half = breadth(text) / 2
    return "start" if x - half < MARGIN else "end" if x + half > width - MARGIN else "middle"


# --- distribution -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Bin:
    """How many values lie from ``low`` up to, but not including, ``high`` (the last one includes it)."""

    low: Fraction
    high: Fraction
    count: int


def bins_of(values: Sequence[Number], most: int = 12) -> list[Bin]:
    """The values in at most about ``most`` bins whose edges are round numbers."""
    exactly = [amount(value) for value in values]
    if not exactly:
        return []
    low, high = min(exactly), max(exactly)
    step = _round_step((high - low) / most) if high > low else Fraction(1)
    first = math.floor(low / step)
    count = max(math.ceil(high / step) - first, 1)
    tally = [0] * count
    for value in exactly:
        tally[min(math.floor(value / step) - first, count - 1)] += 1
    return [Bin((first + i) * step, (first + i + 1) * step, n) for i, n in enumerate(tally)]


def _round_step(rough: Fraction) -> Fraction:
    """The next of 1, 2, 5 × 10^n at or above ``rough``."""
    power = Fraction(1)
    while power > rough:
        power /= 10
    while power * 10 < rough:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def distribution(
    values: Sequence[Number],
    caption: Caption,
    *,
    show: Show = plain,
    marker: Number | None = None,
    marker_label: str = "",
    ink: str = "core",
) -> Chart:
    """How values spread: one bar a bin with its count; ``marker`` is one value drawn across (a mean)."""
    bins = bins_of(values)
    width = WIDTHS[0]
    slot = (width - 2 * MARGIN) / max(len(bins), 1)
    top, bottom = HEAD + 40.0, HEAD + 210.0
    scale = Scale.over([Fraction(each.count) for each in bins], bottom, top)
    sheet = Sheet()
    for i, each in enumerate(bins):
        x, y = MARGIN + slot * i, scale.at(Fraction(each.count))
        span = f"{show(each.low)}–{show(each.high)}"
        if each.count:
            box = Bar(round(x + 1, 1), y, round(slot - 2, 1), round(bottom - y, 1), ink, f"{span}: {each.count}")
            sheet.bars.append(box)
            sheet.labels.append(Label(round(x + slot / 2, 1), y - 6, str(each.count), strong=True))
        sheet.labels.append(Label(round(x, 1), bottom + LINE, show(each.low), "muted", "start" if i == 0 else "middle"))
        sheet.rows.append((span, str(each.count)))
    if bins:
        sheet.labels.append(Label(width - MARGIN, bottom + LINE, show(bins[-1].high), "muted", "end"))
    sheet.rules.append(Rule(MARGIN, bottom, width - MARGIN, bottom))
    if marker is not None and bins:
        across = Scale(bins[0].low, bins[-1].high, MARGIN, width - MARGIN)
        x, words = across.at(amount(marker)), f"{marker_label} {show(marker)}".strip()
        sheet.rules.append(Rule(x, top - 22, x, bottom, "text", dashed=True, title=words))
        sheet.labels.append(Label(x, top - 27, words, "muted", _anchor(x, words, width)))
    return sheet.chart(caption, width, bottom + LINE + FOOT + 8)


# --- standing bars ----------------------------------------------------------------------------


def month_bars(rows: Sequence[Row], caption: Caption, *, show: Show = plain) -> Chart:
    """Bars that stand side by side on one line, such as a count a month; a zero keeps its place."""
    width = WIDTHS[0]
    slot = (width - 2 * MARGIN) / max(len(rows), 1)
    top, bottom = HEAD + 24.0, HEAD + 134.0
    scale = Scale.over([amount(row.value) for row in rows], bottom, top)
    sheet = Sheet()
    for i, row in enumerate(rows):
        text, middle = show(row.value), round(MARGIN + slot * (i + 0.5), 1)
        sheet.rows.append((row.label, text, row.note))
        sheet.labels.append(Label(middle, bottom + LINE, row.label, "muted"))
        if amount(row.value):
            y, broad = scale.at(amount(row.value)), round(min(slot * 0.6, 48), 1)
            title = " ".join(part for part in (row.label, text, row.note) if part)
            bar = Bar(round(middle - broad / 2, 1), y, broad, round(bottom - y, 1), row.ink, title, row.href)
            sheet.bars.append(bar)
            sheet.labels.append(Label(middle, y - 6, text, strong=True))
    sheet.rules.append(Rule(MARGIN, bottom, width - MARGIN, bottom))
    return sheet.chart(caption, width, bottom + LINE + FOOT + 8)


# --- sparkline --------------------------------------------------------------------------------


def sparkline(points: Sequence[tuple[str, Number]], *, title: str, show: Show = plain) -> Chart:
    """A line a word high: labelled values over time, the last one dotted."""
    width, height, edge = 120, 32, 4
    values = [amount(value) for _label, value in points]
    low, high = (min(values), max(values)) if values else (Fraction(0), Fraction(1))
    scale = Scale(low, high if high > low else low + 1, height - edge, edge)
    step = (width - 2 * edge) / max(len(values) - 1, 1)
    places = [(round(edge + step * i, 1), scale.at(value)) for i, value in enumerate(values)]
    path = " ".join(f"{'L' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(places))
    dot = (
        [Bar(places[-1][0] - 2.5, places[-1][1] - 2.5, 5, 5, "total", " ".join(map(str, points[-1])))] if places else []
    )
    rows = tuple((label, show(value)) for label, value in points)
    return Chart(title, width, height, bars=tuple(dot), path=path, rows=rows)

"""A career as a picture: one lane a post, years along the top, the day of the page as a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from common.drawing import FOOT, HEAD, LETTER, MARGIN, Bar, Caption, Chart, Label, Rule, Sheet, breadth, wrapped
from staffing.careers import Spell
from staffing.models import Appointment
from staffing.seats import said, said_period

At = Callable[[dt.date], float]

WIDTH = 900
LANE = 46
THICK = 14
#: Between two terms of one post, so that each is seen.
GAP = 1.5
INK_OF: dict[str, str] = {
    Appointment.Kind.PRIMARY: "core",
    Appointment.Kind.CONCURRENT: "support",
    Appointment.Kind.ACTING: "social",
    Appointment.Kind.SECONDED: "adjust",
}


def timeline(spells: Sequence[Spell], day: dt.date, *, name: str) -> Chart:
    """The posts held, the oldest above; terms of one post follow each other in its lane.

    What lies after the day, to the end of the term, is drawn pale.
    """
    lanes = _lanes(spells)
    first = dt.date(min(spell.appointment.starts for spell in spells).year, 1, 1)
    last = dt.date(max(_end(spell, day) for spell in spells).year + 1, 1, 1)
    sheet = Sheet()
    bottom = HEAD + 22 + LANE * len(lanes)

    def at(when: dt.date) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (when - first).days / (last - first).days, 1)

    _years(sheet, first, last, at, bottom)
    for number, lane in enumerate(lanes):
        top = HEAD + 24 + LANE * number
        _lane(sheet, lane, top, at, day)
        if first <= day < last:  # broken where the words stand
            sheet.rules.append(Rule(at(day), top + 15, at(day), top + 35, "text", dashed=True, title=said(day)))
    caption = Caption(_("%(name)s 的任职经历") % {"name": name}, "", _("花名册"), said(day))
    return sheet.chart(caption, WIDTH, bottom + FOOT)


def _lanes(spells: Sequence[Spell]) -> list[list[Spell]]:
    """The spells by post and kind, in the order in which each was first taken up."""
    lanes: dict[tuple[int, str], list[Spell]] = {}
    for spell in sorted(spells, key=lambda spell: spell.appointment.starts):
        lanes.setdefault((spell.appointment.post_id, spell.appointment.kind), []).append(spell)
    return list(lanes.values())


def _end(spell: Spell, day: dt.date) -> dt.date:
    """The last day that the bar covers."""
    row = spell.appointment
    return row.last_day or max(day, row.starts, row.term_ends or row.starts)


def _years(sheet: Sheet, first: dt.date, last: dt.date, at: At, bottom: float) -> None:
    """A line a year; as many are named as there is room for."""
    every = max(1, round((last.year - first.year) * 46 / (WIDTH - 2 * MARGIN)))
    for year in range(first.year, last.year + 1):
        x = at(dt.date(year, 1, 1))
        sheet.rules.append(Rule(x, HEAD + 14, x, bottom, "grid"))
        if (year - first.year) % every == 0 and year < last.year:
            sheet.labels.append(Label(x, HEAD + 6, str(year), "muted", "start"))


def _lane(sheet: Sheet, lane: Sequence[Spell], top: float, at: At, day: dt.date) -> None:
    spell = lane[-1]
    kind = "" if spell.appointment.kind == Appointment.Kind.PRIMARY else spell.appointment.get_kind_display()
    label = " · ".join(part for part in (spell.post_name, spell.where, kind) if part)
    for each in lane:
        _bar(sheet, each, label, top, at, day)
    # The words begin where the first bar does, unless they would run off the paper.
    (text,) = wrapped(label, WIDTH - 2 * MARGIN, most=1)
    room = WIDTH - MARGIN - breadth(text, LETTER)
    x = max(MARGIN, min(at(lane[0].appointment.starts), room))
    sheet.labels.append(Label(round(x, 1), top + 12, text, anchor="start", strong=any(s.current for s in lane)))


def _bar(sheet: Sheet, spell: Spell, label: str, top: float, at: At, day: dt.date) -> None:
    row = spell.appointment
    x, end = at(row.starts), at(_end(spell, day) + dt.timedelta(days=1)) - GAP
    now = min(max(at(day), x), end) if row.last_day is None else end
    title = f"{label} {said_period(row.period)}"
    href = reverse("post", args=[row.post.code])
    if now > x:
        sheet.bars.append(Bar(x, top + 18, round(max(now - x, 3), 1), THICK, INK_OF[row.kind], title, href))
    if end > now:
        until = _("%(post)s 聘期至 %(day)s") % {"post": label, "day": said(_end(spell, day))}
        sheet.bars.append(Bar(now, top + 18, round(end - now, 1), THICK, "track", until, href))
    sheet.rows.append((label, said_period(row.period), row.document_number))

"""A career as a picture: one lane a post, years along the top, the day of the page as a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from common.drawing import FOOT, HEAD, LETTER, MARGIN, Bar, Caption, Chart, Label, Rule, Sheet, breadth, wrapped
from common.periods import period
from staffing.appointing.careers import Spell
from staffing.appointing.seats import said, said_period
from staffing.models import Appointment
from staffing.recording.fact_listing import INK_OF as INK_OF_FACT
from staffing.recording.fact_listing import FactLine

At = Callable[[dt.date], float]

WIDTH = 900
LANE = 46
THICK = 14
#: A lane of facts, and a bar in it.
SHORT = 30
THIN = 8
#: How many years after all else the day of retiring may lie and still be drawn.
NEAR = 3
#: Between two terms of one post, so that each is seen.
GAP = 1.5
INK_OF: dict[str, str] = {
    Appointment.Kind.PRIMARY: "core",
    Appointment.Kind.CONCURRENT: "support",
    Appointment.Kind.ACTING: "social",
    Appointment.Kind.SECONDED: "adjust",
}


def timeline(
    spells: Sequence[Spell],
    day: dt.date,
    *,
    name: str,
    facts: Sequence[FactLine] = (),
    retires_on: dt.date | None = None,
) -> Chart:
    """The posts held, the oldest above, then probations and facts; terms of one post follow each other in its lane.

    What lies after the day, to the end of the term, is drawn pale. The day of
    retiring is a line of its own where it is near enough to be on the paper.
    """
    lanes, below = _lanes(spells), _stretches(spells, facts, day)
    starts = [spell.appointment.starts for spell in spells] + [line.row.starts for line in facts]
    ends = [_end(spell, day) for spell in spells] + [piece.last for row in below for piece in row.pieces]
    first, last = dt.date(min(starts).year, 1, 1), dt.date(max(ends).year + 1, 1, 1)
    if retires_on and first <= retires_on < dt.date(last.year + NEAR, 1, 1):
        last = max(last, dt.date(retires_on.year + 1, 1, 1))
    sheet = Sheet()
    bottom = HEAD + 22 + LANE * len(lanes) + SHORT * len(below)

    def at(when: dt.date) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (when - first).days / (last - first).days, 1)

    _years(sheet, first, last, at, bottom)
    for number, lane in enumerate(lanes):
        top = HEAD + 24 + LANE * number
        _lane(sheet, lane, top, at, day)
        if first <= day < last:  # broken where the words stand
            sheet.rules.append(Rule(at(day), top + 15, at(day), top + 35, "text", dashed=True, title=said(day)))
    for number, row in enumerate(below):
        _stretch_lane(sheet, row, HEAD + 24 + LANE * len(lanes) + SHORT * number, at)
    if retires_on and first <= retires_on < last:
        words = _("退休 %(day)s") % {"day": said(retires_on)}
        x = at(retires_on)
        sheet.rules.append(Rule(x, HEAD + 14, x, bottom, "loss", dashed=True, title=words))
        sheet.labels.append(Label(x - 4, bottom + 12, words, "loss", "end"))
        sheet.rows.append((words, "", ""))
    caption = Caption(_("%(name)s 的任职经历") % {"name": name}, "", _("花名册"), said(day))
    return sheet.chart(caption, WIDTH, bottom + FOOT + (10 if retires_on else 0))


@dataclass(frozen=True)
class Piece:
    """A stretch of a lane, with what it is and which document says so."""

    first: dt.date
    last: dt.date
    words: str
    span: str
    document: str


@dataclass(frozen=True)
class Stretches:
    """A narrow lane under the posts: probations, or facts of one kind."""

    label: str
    ink: str
    pieces: list[Piece]


def _stretches(spells: Sequence[Spell], facts: Sequence[FactLine], day: dt.date) -> list[Stretches]:
    """The lanes under the posts that have anything in them; what is open runs to the day."""
    trials = [
        Piece(row.starts, row.probation_ends, _("试用期"), said_period(period(row.starts, row.probation_ends)), "")
        for row in sorted((spell.appointment for spell in spells), key=lambda row: row.starts)
        if row.probation_ends
    ]
    found = [Stretches(_("试用期"), "track", trials)] if trials else []
    for noun, ink in INK_OF_FACT.items():
        lines = sorted((line for line in facts if line.noun == noun), key=lambda line: line.row.starts)
        if lines:
            found.append(Stretches(lines[0].title, ink, [_piece(line, day) for line in lines]))
    return found


def _piece(line: FactLine, day: dt.date) -> Piece:
    row = line.row
    words = " · ".join(part for part in (line.title, line.what) if part)
    document = getattr(row, "document_number", "")
    return Piece(row.starts, row.last_day or max(day, row.starts), words, said_period(row.period), document)


def _stretch_lane(sheet: Sheet, lane: Stretches, top: float, at: At) -> None:
    x = at(lane.pieces[0].first)
    room = WIDTH - MARGIN - breadth(lane.label, LETTER)
    sheet.labels.append(Label(round(max(MARGIN, min(x, room)), 1), top + 10, lane.label, "muted", "start"))
    for piece in lane.pieces:
        begin, end = at(piece.first), at(piece.last + dt.timedelta(days=1))
        title = f"{piece.words} {piece.span}"
        sheet.bars.append(Bar(begin, top + 14, round(max(end - begin, 2), 1), THIN, lane.ink, title))
        sheet.rows.append((piece.words, piece.span, piece.document))


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

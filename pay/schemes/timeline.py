"""The versions of a zone's scheme over time, and what changed from each to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.drawing import FOOT, HEAD, LETTER, MARGIN, Bar, Caption, Chart, Label, Rule, Sheet, breadth
from common.templatetags.onezone import daterange, zhdate
from pay.models import Scheme
from pay.schemes.saying import Change, changes, points

WIDTH = 720
LANE = 44
THICK = 14


@dataclass(frozen=True)
class Turn:
    """A version and what it changed against the one before it; of the first there is nothing to compare."""

    scheme: Scheme
    before: Scheme
    changes: Sequence[Change]


def turns(schemes: Sequence[Scheme], units: Mapping[int, str], metrics: Mapping[str, str]) -> list[Turn]:
    """From version to version of one zone, the newest first; they come with their rules prefetched."""
    ordered = sorted(schemes, key=lambda row: row.period.lower)
    told = [points(row, units, metrics) for row in ordered]
    found = [
        Turn(after, before, changes(was, now))
        for before, after, was, now in zip(ordered, ordered[1:], told, told[1:], strict=False)
    ]
    return found[::-1]


def picture(schemes: Sequence[Scheme], day: dt.date, zone: str) -> Chart:
    """A bar a version on the years, the oldest above; what lies after the day is drawn pale."""
    ordered = sorted(schemes, key=lambda row: row.period.lower)
    last = max(day, *(row.last_day or row.starts for row in ordered))
    first, end = dt.date(ordered[0].starts.year, 1, 1), dt.date(last.year + 1, 1, 1)
    sheet, bottom = Sheet(), HEAD + 22 + LANE * len(ordered)

    def at(when: dt.date) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (when - first).days / (end - first).days, 1)

    every = max(1, round((end.year - first.year) * 46 / (WIDTH - 2 * MARGIN)))
    for year in range(first.year, end.year + 1):
        x = at(dt.date(year, 1, 1))
        sheet.rules.append(Rule(x, HEAD + 14, x, bottom, "grid"))
        if (year - first.year) % every == 0 and year < end.year:
            sheet.labels.append(Label(x, HEAD + 6, str(year), "muted", "start"))
    for place, row in enumerate(ordered):
        _lane(sheet, row, HEAD + 24 + LANE * place, at, (day, end))
    if first <= day < end:
        sheet.rules.append(Rule(at(day), HEAD + 14, at(day), bottom, "text", dashed=True, title=zhdate(day)))
    caption = Caption(_("%(zone)s绩效方案各版本") % {"zone": zone}, "", _("绩效方案登记"), zhdate(day))
    return sheet.chart(caption, WIDTH, bottom + FOOT)


def _lane(sheet: Sheet, row: Scheme, top: float, at: Any, ends: tuple[dt.date, dt.date]) -> None:
    day, end = ends
    words = _("第 %(version)s 版") % {"version": row.version}
    span = daterange(row.period)
    number = row.instrument.number or row.instrument.title
    until = row.last_day + dt.timedelta(days=1) if row.last_day else end
    begin, stop = at(row.starts), at(until)
    now = min(max(at(day), begin), stop)
    href, title = reverse("scheme", args=[row.pk]), f"{words} {span}"
    if now > begin:
        sheet.bars.append(Bar(begin, top + 18, round(max(now - begin, 3), 1), THICK, "core", title, href))
    if stop > now:
        sheet.bars.append(Bar(now, top + 18, round(max(stop - now, 3), 1), THICK, "track", title, href))
    text = f"{words} · {number}"
    room = WIDTH - MARGIN - breadth(text, LETTER)
    x = round(max(MARGIN, min(begin, room)), 1)
    sheet.labels.append(Label(x, top + 12, text, anchor="start", strong=row.in_force(day)))
    sheet.rows.append((words, span, number))

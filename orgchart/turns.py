"""The timeline under the chart: the days on which a structure turned, and the law in bands. Pure: no Django.

Time runs from left to right. Days stand apart as they lie in time, but never
closer than a finger's breadth, so that each can be hit.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.drawing import breadth, wrapped

WIDTH = 1040
EDGE = 12
APART = 26
BAND_TOP, BAND_HEIGHT = 6, 20
AXIS, LABEL = 46, 70
HEIGHT = 80
SIZE = 12


@dataclass(frozen=True)
class Span:
    """A charter as given: its name, its first day, and the first day after it (None: still in force)."""

    name: str
    starts: dt.date
    ends: dt.date | None = None


@dataclass(frozen=True)
class Band:
    """A charter's place; ``words`` is as much of its name as there is room for."""

    span: Span
    x: float
    w: float
    words: str

    @property
    def words_x(self) -> float:
        return self.x + 8


@dataclass(frozen=True)
class Turn:
    """A turning day's mark; ``label`` is empty where its neighbours leave no room for the date."""

    day: dt.date
    x: float
    label: str
    now: bool
    href: str = ""

    @property
    def col(self) -> int:
        return round(self.x)

    @property
    def label_x(self) -> float:
        """The middle of the label, which stays on the paper."""
        half = breadth(self.label, SIZE) / 2 + 6
        return round(min(max(self.x, half), WIDTH - half), 1)

    @property
    def box_x(self) -> float:
        return round(self.x - APART / 2, 1)


@dataclass(frozen=True)
class Timeline:
    bands: tuple[Band, ...]
    turns: tuple[Turn, ...]
    #: Where the day stands that the page is about.
    here: float
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def pointer(self) -> str:
        return f"M{self.here:.1f} {AXIS - 9}l-5 -8h10z"

    @property
    def now(self) -> Turn | None:
        return next((turn for turn in self.turns if turn.now), None)


def lay_out(
    days: Sequence[dt.date],
    spans: Sequence[Span],
    on: dt.date,
    today: dt.date,
    address: Callable[[dt.date], str] = dt.date.isoformat,
) -> Timeline:
    """The timeline of turning ``days`` (in order, at least one), with ``on`` on it; ``address`` leads to a day."""
    end = max(today, on, days[-1])
    begin = min(days[0], on)
    places = _places(days, begin, end)
    scale = _Scale(
        [*([begin] if begin < days[0] else []), *days, end],
        [*([float(EDGE)] if begin < days[0] else []), *places, float(WIDTH - EDGE)],
    )
    now = max((day for day in days if day <= on), default=None)
    labels = _labels(days, places, now)
    bands = []
    for span in spans:
        left = scale.at(span.starts)
        right = scale.at(span.ends) if span.ends else WIDTH - EDGE
        room = right - left - 16
        words = wrapped(span.name, room - SIZE, SIZE, most=1)[0] if room > 3 * SIZE else ""
        bands.append(Band(span, left, round(right - left, 1), words))
    turns = tuple(
        Turn(day, x, labels.get(day, ""), day == now, address(day)) for day, x in zip(days, places, strict=True)
    )
    return Timeline(tuple(bands), turns, scale.at(on))


def _places(days: Sequence[dt.date], begin: dt.date, end: dt.date) -> list[float]:
    """Where each day stands: as in time, then pushed right until none is too close, then back from the edge."""
    whole = max((end - begin).days, 1)
    room = WIDTH - 2 * EDGE
    apart = min(APART, room / max(len(days), 1))
    places: list[float] = []
    for day in days:
        wanted = EDGE + room * (day - begin).days / whole
        places.append(max(wanted, places[-1] + apart) if places else wanted)
    limit = float(WIDTH - EDGE)
    for n in range(len(places) - 1, -1, -1):
        places[n] = round(min(places[n], limit), 1)
        limit = places[n] - apart
    return places


@dataclass(frozen=True)
class _Scale:
    """Days between those that have a place stand between them in proportion."""

    days: list[dt.date]
    places: list[float]

    def at(self, day: dt.date) -> float:
        after = bisect_right(self.days, day)
        if after == 0:
            return self.places[0]
        if after == len(self.days):
            return self.places[-1]
        first, last = self.days[after - 1], self.days[after]
        share = (day - first).days / max((last - first).days, 1)
        left, right = self.places[after - 1], self.places[after]
        return round(left + share * (right - left), 1)


def _labels(days: Sequence[dt.date], places: Sequence[float], now: dt.date | None) -> dict[dt.date, str]:
    """The dates that fit: the one in view first, then the others from the left."""
    order = sorted(range(len(days)), key=lambda n: (days[n] != now, n))
    taken: list[tuple[float, float]] = []
    labels = {}
    for n in order:
        text = days[n].isoformat()
        half = breadth(text, SIZE) / 2 + 8
        left, right = places[n] - half, places[n] + half
        if left < 0 or right > WIDTH:
            left, right = (0, 2 * half) if left < 0 else (WIDTH - 2 * half, WIDTH)
        if all(right <= a or left >= b for a, b in taken):
            taken.append((left, right))
            labels[days[n]] = text
    return labels

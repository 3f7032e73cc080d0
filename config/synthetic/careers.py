"""Who sat where, from when to when: terms of three years, and what came between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from config.synthetic.events import ACTING, BEGIN, BORN, EMPTY, EVENTS, HORIZON, LENT, Event
from config.synthetic.people import Makers
from config.synthetic.posts import Post

ONE_DAY = dt.timedelta(days=1)


@dataclass
class Stint:
    """A person on a seat from ``start`` to ``end``, his last day there (None: still)."""

    person: dict[str, Any]
    post: Post
    seat: int
    start: dt.date
    anchor: dt.date
    kind: str = "primary"
    end: dt.date | None = None
    reason: str = ""
    probation: dt.date | None = None


@dataclass
class Careers:
    """Everybody's stints; ``on`` finds who holds a seat."""

    posts: dict[str, Post]
    makers: Makers
    stints: list[Stint] = field(default_factory=list)

    def on(self, post: str, seat: int, day: dt.date) -> Stint:
        for stint in self.stints:
            held = stint.start <= day and (stint.end is None or day <= stint.end)
            if (stint.post.code, stint.seat, stint.kind) == (post, seat, "primary") and held:
                return stint
        raise LookupError(f"nobody sits on {post} {seat} on {day}")

    def begin(self, person: dict[str, Any], post: str, seat: int, start: dt.date, **more: Any) -> Stint:
        anchor = more.pop("anchor", start)
        stint = Stint(person, self.posts[post], seat, start, anchor, **more)
        self.stints.append(stint)
        if stint.kind == "primary":
            person["home_unit"] = stint.post.unit
        return stint


def careers(posts: list[Post], makers: Makers) -> Careers:
    """The first appointment of everybody on one day, then event by event."""
    told = Careers({post.code: post for post in posts}, makers)
    order = list(dict.fromkeys(post.bureau for post in posts if post.bureau))
    for post in posts:
        for seat in range(1, post.seats + 1):
            if not _left_empty(post, seat, order):
                person = makers.make(post.grade, post.unit, BEGIN, BORN.get((post.code, seat)))
                told.begin(person, post.code, seat, BEGIN)
    for event in sorted(EVENTS, key=lambda event: event.day):
        _tell(told, event)
    for own, own_seat, to, to_seat, start, end, kind in LENT + ACTING:
        lent = told.on(own, own_seat, start)
        reason = "term" if end else ""
        told.begin(lent.person, to, to_seat, start, anchor=lent.anchor, kind=kind, end=end, reason=reason)
    return told


def _left_empty(post: Post, seat: int, order: list[str]) -> bool:
    """Every second bureau lacks its last specialist, every third its last assistant."""
    if (post.code, seat) in EMPTY:
        return True
    every = {"S2": 2, "S3": 3}.get(post.grade)
    return every is not None and seat == post.seats and order.index(post.bureau) % every == 0


def _tell(told: Careers, event: Event) -> None:
    if event.what == "joins":
        post = told.posts[event.post]
        person = told.makers.make(post.grade, post.unit, event.day, event.born)
        told.begin(person, event.post, event.seat, event.day, probation=event.probation)
        return
    stint = told.on(event.post, event.seat, event.day)
    if event.what == "moves":
        stint.end, stint.reason = event.day - ONE_DAY, "transfer"
        told.begin(stint.person, event.to, event.to_seat, event.day, anchor=stint.anchor, probation=event.probation)
    else:
        stint.end, stint.reason = event.day, event.what


def rows(told: Careers) -> list[dict[str, Any]]:
    """An appointment for each term of each stint, in the order of staff numbers."""
    ordered = sorted(told.stints, key=lambda stint: (stint.person["staff_no"], stint.start, stint.kind))
    found = [_row(stint, *term) for stint in ordered for term in _terms(stint)]
    orders: dict[str, int] = {}
    for start in sorted({row["starts"] for row in found}):
        # One order a day, numbered through the year.
        orders[start] = 1 + sum(other[:4] == start[:4] for other in orders)
    for row in found:
        row["document_number"] = f"示例聘〔{row['starts'][:4]}〕{orders[row['starts']]}号"
    return found


def _row(stint: Stint, start: dt.date, end: dt.date | None, term: dt.date) -> dict[str, Any]:
    reason = "" if end is None else stint.reason if end == stint.end else "term"
    return {
        "staff_no": stint.person["staff_no"],
        "post": stint.post.code,
        "seat": stint.seat,
        "kind": stint.kind,
        "step": _step(stint.anchor, start),
        "starts": start.isoformat(),
        "ends": end.isoformat() if end else "",
        "end_reason": reason,
        "decided_on": start.isoformat(),  # the term counts from the decision (APT-12)
        "document_number": "",
        "term_ends": term.isoformat(),
        "probation_ends": stint.probation.isoformat() if stint.probation and start == stint.start else "",
        "hire": _hire(stint) if start == stint.start else "",
        "example": "1",
    }


def _hire(stint: Stint) -> str:
    """How he came: heads and leaders with a probation were promoted, the youngest came from school."""
    if stint.probation is None:
        return ""
    if stint.post.grade[0] in "LH":
        return "promotion"
    a_year = stint.start.replace(year=stint.start.year + 1) - ONE_DAY
    return "first_job" if stint.probation == a_year else "special"


def _terms(stint: Stint) -> Iterator[tuple[dt.date, dt.date | None, dt.date]]:
    """(first day, last day in post, last day of the term); the last term of all is open."""
    start = stint.start
    while stint.end is None or start <= stint.end:
        term = _term_end(stint.anchor, start)
        left = stint.end if stint.end and stint.end <= term else term
        if stint.end is None and term > HORIZON:
            yield start, None, term
            return
        yield start, left, term
        start = left + ONE_DAY


def _term_end(anchor: dt.date, day: dt.date) -> dt.date:
    """The last day of the three-year term, counted from ``anchor``, that ``day`` lies in."""
    end = anchor
    while end <= day:
        end = end.replace(year=end.year + 3)
    return end - ONE_DAY


def _step(anchor: dt.date, day: dt.date) -> int:
    return 1 + sum(anchor.replace(year=anchor.year + 3 * n) <= day for n in range(1, 4))

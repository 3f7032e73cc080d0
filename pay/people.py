"""The reference of who shares in a unit's pool, and with what: months, coefficient, factor. Pure: no Django.

``pay/sql/people.sql`` is the same for many units at once; a test compares the
two on random rosters. Months are F12 (``staffing/headcount.py``); the settings
of the scheme decide the edge cases.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pay.settings import Settings

ZERO = Decimal(0)
FOUR_PLACES = Decimal("0.0001")
#: Assessed by the host when he worked there for half of the year or more (ASM-06).
HALF_A_YEAR = 6
LAST_MONTH_PAID = ("retirement", "death", "moved_away")
LEAVING = (*LAST_MONTH_PAID, "resignation", "dismissal", "unfit", "unexcused", "trial_failed")
#: Why a result has no grade → the setting that stands in for it, and what the allocation says.
UNGRADED = {
    "ASM-05": ("probation_factor", "probation"),
    "ASM-06": ("seconded_factor", "seconded"),
    "ASM-07": ("long_leave_factor", "long_leave"),
    "ASM-08": ("open_case_factor", "open_case"),
    "new": ("newcomer_factor", "undetermined"),
    "left": ("leaver_factor", "leaver"),
}


@dataclass(frozen=True)
class Piece:
    """An appointment while its post's version and its grade's coefficient stay the same; ``end`` is excluded.

    ``ends_by`` is why the appointment ended, "" when this piece is not its last.
    """

    appointment: int
    kind: str
    unit: int
    bureau: int | None
    post: str
    name: str
    sequence: int
    seat: int
    headcount: int
    coefficient: Decimal
    start: dt.date
    end: dt.date | None
    decided_on: dt.date
    ends_by: str = ""

    @property
    def over(self) -> bool:
        """On a seat beyond those that the post has (over-establishment)."""
        return self.seat > self.headcount


@dataclass(frozen=True)
class Absence:
    kind: str
    start: dt.date
    end: dt.date | None


@dataclass(frozen=True)
class Person:
    """A person's year as it is on file; spans exclude their end. ``rating`` and ``undetermined`` are of his result.

    ``beyond`` are the months in which the unit asked for was over its establishment by him (``beyond_establishment``).
    """

    key: int
    staff_no: str
    pieces: Sequence[Piece]
    rating: str = ""
    undetermined: str = ""
    result: int | None = None
    is_example: bool = False
    absences: Sequence[Absence] = ()
    secondments: Sequence[tuple[dt.date, dt.date | None]] = ()
    sanctioned: bool = False
    open_case: bool = False
    on_probation: bool = False
    beyond: Collection[int] = ()


@dataclass(frozen=True)
class Present:
    """Somebody who counts on a unit's establishment on a day; ``since`` is when he first came to the unit."""

    person: int
    staff_no: str
    category: str
    since: dt.date


def beyond_establishment(present: Collection[Present], limits: Mapping[str, int]) -> set[int]:
    """Of those present, who came after a limit was full: of the ``staff`` all count, of another kind its category."""
    found: set[int] = set()
    for kind, limit in limits.items():
        counted = [one for one in present if kind in ("staff", one.category)]
        counted.sort(key=lambda one: (one.since, one.staff_no))
        found |= {one.person for one in counted[limit:]}
    return found


@dataclass(frozen=True)
class Terms:
    """What a scheme says about people in a year."""

    year: int
    cutoff_day: int
    settings: Settings
    grade_factors: Mapping[str, Decimal]


@dataclass(frozen=True)
class Row:
    """What F15 reads of a person in a bureau, as ``pay/sql/people.sql`` yields it."""

    unit_id: int
    bureau_id: int
    person_id: int
    ord: int
    staff_no: str
    post_name: str
    posts: tuple[Mapping[str, Any], ...]
    months: int
    months_cut: int
    points: Decimal
    rating: str
    factor: Decimal | None
    reason: str
    result: int | None
    is_example: bool
    held: bool


@dataclass(frozen=True)
class _Month:
    """The post that one month counts to, what it is worth there, and whether something cut the month."""

    number: int
    piece: Piece
    worth: Decimal
    why: str
    cut: bool


def people_of(people: Iterable[Person], unit: int, bureaus: Iterable[int], terms: Terms) -> list[Row]:
    """The rows of a unit: everybody who had a month in one of its ``bureaus``, in roster order."""
    known = set(bureaus)
    found: list[tuple[tuple[Any, ...], Row]] = []
    for person in people:
        factor, reason, held = _factor(person, terms)
        months = _months(person, terms)
        if person.rating == "incompetent" and factor == 0 and terms.settings.incompetent == "pool":
            months = [replace(month, worth=ZERO, why="to_pool") for month in months]
        here = [month for month in months if month.piece.unit == unit and month.piece.bureau in known]
        for bureau in dict.fromkeys(month.piece.bureau for month in here):
            own = [month for month in here if month.piece.bureau == bureau]
            place, row = _row(person, unit, own, (factor, reason, held))
            found.append(((*place, person.staff_no, row.bureau_id), row))
    found.sort(key=lambda pair: pair[0])
    rows = [replace(row, ord=position) for position, (_place, row) in enumerate(found, start=1)]
    return _provisional(rows) if terms.settings.missing == "provisional" else rows


def _row(
    person: Person, unit: int, months: Sequence[_Month], factor: tuple[Decimal | None, str, bool]
) -> tuple[tuple[Any, ...], Row]:
    """One person in one bureau, and the place of his first post in roster order."""
    posts: dict[tuple[str, Decimal, str], dict[str, Any]] = {}
    for month in months:
        post = posts.setdefault(
            (month.piece.post, month.worth, month.why),
            {"post": month.piece.post, "name": "", "coefficient": f"{month.worth.normalize():f}", "months": 0},
        )
        post["name"] = month.piece.name
        post["months"] += not month.cut
        if month.why:
            post["why"] = month.why
    cut = sum(month.cut for month in months)
    bureau = months[0].piece.bureau
    return min((month.piece.sequence, month.piece.post, month.piece.seat) for month in months), Row(
        unit_id=unit,
        bureau_id=bureau or 0,
        person_id=person.key,
        ord=0,
        staff_no=person.staff_no,
        post_name="、".join(dict.fromkeys(post["name"] for post in posts.values()))[:200],
        posts=tuple(posts.values()),
        months=len(months) - cut,
        months_cut=cut,
        points=sum((month.worth for month in months if not month.cut), ZERO),
        rating=person.rating,
        factor=factor[0],
        reason=factor[1],
        result=person.result,
        is_example=person.is_example,
        held=factor[2],
    )


def _provisional(rows: Sequence[Row]) -> list[Row]:
    """Those without a factor at the mean of the others, weighted by points; nobody has one, nobody gets one."""
    graded = [row for row in rows if row.factor is not None]
    points = sum((row.points for row in graded), ZERO)
    if not points:
        return list(rows)
    mean = _four(sum((row.points * (row.factor or ZERO) for row in graded), ZERO) / points)
    return [replace(row, factor=mean, reason="provisional") if row.factor is None else row for row in rows]


def _four(value: Decimal) -> Decimal:
    return value.quantize(FOUR_PLACES, ROUND_HALF_UP)


def _factor(person: Person, terms: Terms) -> tuple[Decimal | None, str, bool]:
    """What stands for his grade, why, and whether the amount is held back."""
    settings = terms.settings
    if person.sanctioned and settings.sanction == "zero_year":
        return ZERO, "sanction", False
    if person.open_case and settings.open_case == "zero":
        return ZERO, "open_case", False
    held = person.open_case
    if _long_leave(person, terms.year) and settings.long_leave == "zero_year":
        return ZERO, "long_leave", held
    if person.rating and person.rating != "undetermined":
        return terms.grade_factors.get(person.rating), "open_case" if held else "grade", held
    cause = person.undetermined or _cause(person, terms)
    if cause in UNGRADED:
        field, reason = UNGRADED[cause]
        return getattr(settings, field), "open_case" if held else reason, held
    if cause == "ASM-09" or person.rating == "undetermined":
        reason = "open_case" if held else "sanction" if cause == "ASM-09" else "undetermined"
        return terms.grade_factors.get("undetermined"), reason, held
    return None, "", held


def _cause(person: Person, terms: Terms) -> str:
    """Why he has no grade, from what is on file, where the assessment does not say."""
    causes = (
        ("ASM-09", person.sanctioned),
        ("ASM-08", person.open_case),
        ("ASM-07", _long_leave(person, terms.year)),
        ("ASM-06", len(_away(person, terms)) >= HALF_A_YEAR),
        ("ASM-05", person.on_probation),
        ("left", _left(person, terms.year)),
    )
    return next((cause for cause, so in causes if so), "")


def _left(person: Person, year: int) -> bool:
    """He holds no post on the year's last day, and one of his posts ended in the year with his leaving for good."""
    last = dt.date(year, 12, 31)
    if any(piece.start <= last and (piece.end is None or piece.end > last) for piece in person.pieces):
        return False
    return any(piece.ends_by in LEAVING for piece in person.pieces)


def _days(start: dt.date, end: dt.date | None, first: dt.date, last: dt.date) -> int:
    """Days that a span has in common with ``first`` to ``last``, both included."""
    upper = min(end, last + dt.timedelta(days=1)) if end else last + dt.timedelta(days=1)
    return max((upper - max(start, first)).days, 0)


def _long_leave(person: Person, year: int) -> bool:
    """Sick and personal leave of more than half of the year's days (ASM-07)."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    taken = sum(_days(row.start, row.end, first, last) for row in person.absences if row.kind in ("sick", "personal"))
    return 2 * taken > (last - first).days + 1


def _leave_months(person: Person, terms: Terms) -> set[int]:
    """Months of which leave that counts took more than half of the days."""
    kinds = set(terms.settings.cutting_leave)
    if _long_leave(person, terms.year):
        kinds |= {"sick", "personal"}
    found = set()
    for month in range(1, 13):
        length = calendar.monthrange(terms.year, month)[1]
        first, last = dt.date(terms.year, month, 1), dt.date(terms.year, month, length)
        taken = sum(_days(row.start, row.end, first, last) for row in person.absences if row.kind in kinds)
        if 2 * taken > length:
            found.add(month)
    return found


def _away(person: Person, terms: Terms) -> set[int]:
    """Months on whose cut-off day he was seconded."""
    days = {month: dt.date(terms.year, month, terms.cutoff_day) for month in range(1, 13)}
    return {
        month
        for month, day in days.items()
        if any(start <= day and (end is None or day < end) for start, end in person.secondments)
    }


def _span(piece: Piece, terms: Terms) -> range:
    """The months that a piece holds the cut-off day of; a last month by retirement, death or transfer counts too."""

    def first_from(day: dt.date) -> int:
        if day.year != terms.year:
            return 1 if day.year < terms.year else 13
        return day.month + (day.day > terms.cutoff_day)

    start = max(piece.start, piece.decided_on) if piece.kind == "acting" else piece.start
    first = first_from(start)
    last = first_from(piece.end) if piece.end else 13
    if terms.settings.leaver_month == "through" and piece.ends_by in LAST_MONTH_PAID and piece.end:
        final = piece.end - dt.timedelta(days=1)
        last = max(last, final.month + 1 if final.year == terms.year else last)
    return range(first, last)


def _months(person: Person, terms: Terms) -> list[_Month]:
    settings = terms.settings
    pieces = [piece for piece in person.pieces if piece.kind != "seconded" or settings.secondment == "host"]
    spans = [(piece, _span(piece, terms)) for piece in pieces]
    away, leave = _away(person, terms), _leave_months(person, terms)
    months = []
    for number in range(1, 13):
        held = [piece for piece, span in spans if number in span]
        abroad = False
        if settings.secondment == "host":
            there = [piece for piece in held if piece.kind == "seconded"]
            abroad = number in away and not there
            held = there or held
        if held:
            piece, worth = _paying(held, settings)
            beyond = piece.over or number in person.beyond
            excluded = beyond and settings.over_establishment == "exclude"
            why = "acting" if piece.kind == "acting" and worth != piece.coefficient else ""
            months.append(_Month(number, piece, worth, why, number in leave or abroad or excluded))
    if settings.post_change == "last_post" and (kept := [month for month in months if not month.cut]):
        last = kept[-1]
        months = [replace(month, piece=last.piece, worth=last.worth, why=last.why) for month in months]
    return months


def _paying(held: Sequence[Piece], settings: Settings) -> tuple[Piece, Decimal]:
    """The one post that pays, and its worth: the highest, then the primary, then the earliest."""
    own = max((piece.coefficient for piece in held if piece.kind != "acting"), default=None)

    def worth(piece: Piece) -> Decimal:
        if piece.kind != "acting" or own is None:
            return piece.coefficient
        return _four(own + settings.acting_share * max(piece.coefficient - own, ZERO))

    def order(piece: Piece) -> tuple[Any, ...]:
        side = settings.concurrent == "primary" and piece.kind == "concurrent"
        return side, -worth(piece), piece.kind != "primary", piece.start, piece.appointment

    paid = min(held, key=order)
    return paid, worth(paid)

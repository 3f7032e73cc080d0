"""Putting file rows into the database: what is missing is added, what is there is left as it is.

A zone's files are where its records begin; from then on people change them on
pages. Loading again must lose nothing of that, so a row that is already there,
by its natural key, is never touched. For a dated row the key is its subject in
time: when the database has anything about the same subject (a post's seat, a
bureau, a quota) on any of its days, the file's row gives way, even when
somebody since moved its first day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange

from common.files import LoadError, Row
from common.periods import Dated, period

M = TypeVar("M", bound=models.Model)
D = TypeVar("D", bound=Dated)
BATCH = 1000


class Tally:
    """How many rows of each kind were added, and how many were there already."""

    def __init__(self) -> None:
        self.created: Counter[str] = Counter()
        self.unchanged: Counter[str] = Counter()

    def count(self, model: type[models.Model], created: int, unchanged: int) -> None:
        self.created[model._meta.label] += created
        self.unchanged[model._meta.label] += unchanged

    def lines(self) -> list[str]:
        """One line a model, then the sum."""
        rows = [(name, self.created[name], self.unchanged[name]) for name in self.created]
        rows.append(("total", self.created.total(), self.unchanged.total()))
        return [f"{name:<28}{created:>6} created{unchanged:>7} unchanged" for name, created, unchanged in rows]


class Index(dict[str, int]):
    """Code → primary key of the rows that a file may refer to."""

    def __init__(self, model: type[models.Model], key: str = "code") -> None:
        super().__init__(model._base_manager.values_list(key, "pk"))
        self.noun = model._meta.model_name

    def find(self, row: Row, field: str) -> int:
        """The row that a cell refers to; LoadError when there is none."""
        return self.of(row, field, row.text(field))

    def maybe(self, row: Row, field: str) -> int | None:
        return self.find(row, field) if row.text(field) else None

    def of(self, row: Row, field: str, code: str) -> int:
        if code not in self:
            raise row.error(f"there is no {self.noun} “{code}”", field)
        return self[code]


def span(row: Row) -> DateRange:
    """The period of a row's ``starts`` and ``ends`` (the last day; empty: until further notice)."""
    first, last = row.day("starts"), row.maybe_day("ends")
    if last and last < first:
        raise row.error("lies before starts", "ends")
    return period(first, last)


def add_missing(
    model: type[M], wanted: Iterable[tuple[Row, Hashable, M]], known: Iterable[Hashable], tally: Tally
) -> list[M]:
    """Insert the rows whose natural key is not ``known``; returns those it inserted."""
    there, fresh, unchanged = set(known), [], 0
    seen: dict[Hashable, str] = {}
    for row, key, instance in wanted:
        if key in seen:
            raise row.error(f"says again what stands in {seen[key]}")
        seen[key] = row.place
        if key in there:
            unchanged += 1
        else:
            fresh.append(checked(row, instance))
    tally.count(model, len(fresh), unchanged)
    return model._base_manager.bulk_create(fresh, batch_size=BATCH)


def add_missing_dated(
    model: type[D], wanted: Iterable[tuple[Row, D]], subjects: Callable[[D], list[Hashable]], tally: Tally
) -> list[D]:
    """Insert the rows about whose ``subjects`` nothing is on file during their period.

    Two rows of the files that overlap in a subject are an error that names both.
    """
    there: dict[Hashable, list[tuple[DateRange, str]]] = {}
    for known in model._base_manager.all():
        for subject in subjects(known):
            there.setdefault(subject, []).append((known.period, ""))
    fresh, unchanged = [], 0
    for row, instance in wanted:
        about = subjects(instance)
        clashes = [place for each in about for held, place in there.get(each, ()) if overlap(held, instance.period)]
        if rival := next(filter(None, clashes), None):
            raise row.error(f"overlaps what stands in {rival}")
        if clashes:
            unchanged += 1
            continue
        for each in about:
            there.setdefault(each, []).append((instance.period, row.place))
        fresh.append(checked(row, instance))
    tally.count(model, len(fresh), unchanged)
    return model._base_manager.bulk_create(fresh, batch_size=BATCH)


def overlap(one: DateRange, other: DateRange) -> bool:
    """Whether two periods, neither of them empty, share a day."""
    return (one.upper is None or other.lower < one.upper) and (other.upper is None or one.lower < other.upper)


def checked(row: Row, instance: M) -> M:
    """The instance, when its own columns are ones a form would take; references were found already."""
    references = [field.name for field in instance._meta.concrete_fields if field.is_relation]
    try:
        instance.clean_fields(exclude=references)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise LoadError(row.place, f"{field}: {messages[0]}") from error
    return instance

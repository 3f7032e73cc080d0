"""What the services read and write through: row by row, or a whole file together.

A service asks ``store.now()`` for what it has to know (who sits where, which
versions a post has) and hands it what it writes. Row by row, that is a
query each, and every rule is judged at once. Inside ``together`` the same
questions are answered from rows read and locked beforehand, with what the file
has written so far among them, and everything is written in a few statements at
the end, where every rule is judged once. The services are the same.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from common.databases import broken_rule, hold_rules
from common.loading import overlap
from common.rules import Refusal
from staffing.intake.blame import breaches
from staffing.models import Appointment, Person, Post, PostVersion
from staffing.personnel.numbering import last_number, number_of
from zones.models import Unit


class Store:
    """Row by row: every question is a query, every write is judged where it is made."""

    def person(self, person: Person) -> Person:
        """The person's row as it stands now, locked until the end of the transaction."""
        return Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)

    def lock(self, posts: Iterable[Post]) -> None:
        """Lock posts, by key, so that two clerks wait for each other and never deadlock."""
        keys = {post.pk for post in posts}
        list(Post.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk"))

    def appointment(self, row: Appointment) -> Appointment:
        """The appointment as it stands now, with its person and post."""
        return Appointment.objects.select_related("person", "post").get(pk=row.pk)

    def versions(self, post: Post, span: DateRange) -> list[PostVersion]:
        """The post's versions that touch the period, the earliest first."""
        return list(post.versions.during(span).order_by("period"))

    def on_post(self, post: Post, span: DateRange) -> list[Appointment]:
        """Who holds a seat of the post on a day of the period, by seat."""
        rows = post.appointments.during(span).select_related("person").defer("person__national_id", "person__phone")
        return list(rows.order_by("seat", "period"))

    def of_person(self, person: Person, span: DateRange) -> list[Appointment]:
        """What the person holds on a day of the period, the earliest first."""
        return list(person.appointments.during(span).select_related("post").order_by("period"))

    def is_taken(self, staff_no: str) -> bool:
        return Person.objects.filter(staff_no=staff_no).exists()

    def next_staff_no(self, unit: Unit) -> str:
        return number_of(unit, last_number(unit) + 1)

    def save(self, row: models.Model, *columns: str) -> None:
        """Write a row (``columns`` of it, else all), with every rule told at once, here and not at COMMIT."""
        with hold_rules():
            row.save(update_fields=columns or None)


P = ParamSpec("P")
R = TypeVar("R")


def deed(service: Callable[P, R]) -> Callable[P, R]:
    """A service's transaction: all of one deed or nothing; within ``together``, all of the file or nothing."""

    @wraps(service)
    def done(*args: P.args, **kwargs: P.kwargs) -> R:
        if isinstance(now(), Gathering):
            return service(*args, **kwargs)
        with transaction.atomic():
            return service(*args, **kwargs)

    return done


_at_work: ContextVar[Store] = ContextVar("store", default=Store())  # noqa: B039 - it holds no rows of its own


def now() -> Store:
    return _at_work.get()


class Refused(Exception):
    """Something that only the database saw when all was written together.

    ``breaches`` are those of the roster's rules, each with what it refers to; of
    anything else it is not said which line it was.
    """

    def __init__(self, reason: ValidationError, breaches: Sequence[Refusal] = ()) -> None:
        self.reason, self.breaches = reason, breaches
        super().__init__(str(reason))


#: In the order in which rows lean on each other.
_INSERTED: tuple[type[models.Model], ...] = (Post, PostVersion, Person, Appointment)
#: Ends before beginnings, so that a seat is free for whoever comes next.
_UPDATED: tuple[type[models.Model], ...] = (Appointment, PostVersion, Person)
BATCH = 1000


class Gathering(Store):
    """A whole file together; see ``together``.

    ``people`` are the rows that the file speaks of, locked by whoever read
    them; ``posts`` the keys of the posts that it names.
    """

    def __init__(self, people: Iterable[Person], posts: Iterable[int]) -> None:
        self._people = {person.pk: person for person in people}
        self._posts: dict[int, Post] = {}
        self._versions: dict[int, list[PostVersion]] = defaultdict(list)
        self._on_post: dict[int, dict[int, Appointment]] = defaultdict(dict)
        self._of_person: dict[int, dict[int, Appointment]] = defaultdict(dict)
        self._rows: dict[int, Appointment] = {}
        self._fresh: dict[type[models.Model], dict[int, models.Model]] = defaultdict(dict)
        self._changed: dict[type[models.Model], dict[int, models.Model]] = defaultdict(dict)
        self._columns: dict[type[models.Model], set[str]] = defaultdict(set)
        self._keys: dict[type[models.Model], list[int]] = defaultdict(list)
        self._numbers: set[str] | None = None
        self._last_number: dict[int, int] = {}
        self._take(set(posts))

    def _take(self, keys: set[int]) -> None:
        """Lock and read what the file may touch: its people's appointments, and everybody's on its posts."""
        own = list(self._people)
        keys |= set(Appointment.objects.filter(person__in=own).values_list("post", flat=True))
        locked = Post.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
        self._posts = {post.pk: post for post in locked}
        for version in PostVersion.objects.filter(post__in=keys).order_by("period"):
            version.post = self._posts[version.post_id]
            self._versions[version.post_id].append(version)
        rows = list(Appointment.objects.filter(post__in=keys).order_by("period"))
        # Others are only named; what identifies them is not even read.
        others = {row.person_id for row in rows} - self._people.keys()
        named = Person.objects.defer("national_id", "phone").in_bulk(others)
        for row in rows:
            row.person = self._people.get(row.person_id) or named[row.person_id]
            row.post = self._posts[row.post_id]
            self._keep(row)

    def _keep(self, row: Appointment) -> None:
        self._rows[row.pk] = self._on_post[row.post_id][row.pk] = self._of_person[row.person_id][row.pk] = row

    # --- questions: a copy of the row is handed out, as a query would --------------------------------

    def person(self, person: Person) -> Person:
        return copy.copy(self._people[person.pk])

    def lock(self, posts: Iterable[Post]) -> None:
        if unknown := {post.pk for post in posts} - self._posts.keys():
            raise KeyError(f"posts {sorted(unknown)} were not locked beforehand")

    def appointment(self, row: Appointment) -> Appointment:
        return copy.copy(self._rows[row.pk])

    def versions(self, post: Post, span: DateRange) -> list[PostVersion]:
        return [version for version in self._versions[post.pk] if overlap(version.period, span)]

    def on_post(self, post: Post, span: DateRange) -> list[Appointment]:
        found = [row for row in self._on_post[post.pk].values() if overlap(row.period, span)]
        return sorted(found, key=lambda row: (row.seat, row.period.lower))

    def of_person(self, person: Person, span: DateRange) -> list[Appointment]:
        found = [row for row in self._of_person[person.pk].values() if overlap(row.period, span)]
        return sorted(found, key=lambda row: row.period.lower)

    def is_taken(self, staff_no: str) -> bool:
        if self._numbers is None:
            self._numbers = set(Person.objects.values_list("staff_no", flat=True))
        return staff_no in self._numbers

    def next_staff_no(self, unit: Unit) -> str:
        last = self._last_number.get(unit.pk)
        number = (last_number(unit) if last is None else last) + 1
        while self.is_taken(number_of(unit, number)):
            number += 1
        self._last_number[unit.pk] = number
        return number_of(unit, number)

    # --- what is written ------------------------------------------------------------------------------

    def save(self, row: models.Model, *columns: str) -> None:
        """Take a row in: from now on it is what the questions are answered from."""
        model = type(row)
        if row.pk is None:
            row.pk = self._next_key(model)
        if row._state.adding or row.pk in self._fresh[model]:
            self._fresh[model][row.pk] = row
        else:
            self._changed[model][row.pk] = row
            self._columns[model] |= set(columns) or {
                field.name for field in model._meta.concrete_fields if not (field.primary_key or field.is_relation)
            }
        if isinstance(row, Appointment):
            self._keep(row)
        elif isinstance(row, Person):
            self._people[row.pk] = row
            if self._numbers is not None:
                self._numbers.add(row.staff_no)

    def _next_key(self, model: type[models.Model]) -> int:
        """A key from the table's own sequence, so that what refers to the row can be made before it is written."""
        if not self._keys[model]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)",
                    [model._meta.db_table, BATCH],
                )
                self._keys[model] = [key for (key,) in cursor.fetchall()][::-1]
        return self._keys[model].pop()

    def write(self) -> None:
        """Write everything, and have every rule judged on the whole. Raises Refused."""
        try:
            with transaction.atomic():
                self._put()
                self._judge()
        except IntegrityError as error:
            broken = broken_rule(error)
            if broken is None:
                raise
            raise Refused(ValidationError(broken.text, code=broken.rule or "constraint")) from error

    def _judge(self) -> None:
        """In a savepoint of its own: where it refuses, what was refused still stands, and is looked at."""
        try:
            with hold_rules():
                """Every deferred rule is judged at the end of this block."""
        except ValidationError as reason:
            raise Refused(reason, breaches(reason)) from reason

    def _put(self) -> None:
        for model in _UPDATED:
            if rows := self._changed[model]:
                columns = sorted(self._columns[model])
                model._base_manager.bulk_update(rows.values(), columns, batch_size=BATCH // 2)
        for model in _INSERTED:
            model._base_manager.bulk_create(self._fresh[model].values(), batch_size=BATCH)


@contextmanager
def together(people: Iterable[Person], posts: Iterable[int]) -> Iterator[Gathering]:
    """Within it, the services read and write through one ``Gathering``; whoever opened it calls ``write``."""
    gathering = Gathering(people, posts)
    token = _at_work.set(gathering)
    try:
        yield gathering
    finally:
        _at_work.reset(token)

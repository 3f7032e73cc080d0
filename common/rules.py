"""The form of a rule: one class each, found by id, judged as of a day.

A hard rule's ``finders`` are functions in PostgreSQL, and the trigger that holds
it at COMMIT calls the same functions: the page that reports and the gate that
refuses cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from django.db import connection

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Basis = Literal["stored", "memory", "plausible"]
Severity = Literal["hard", "warning"]


@dataclass(frozen=True)
class Violation:
    """One breach: which rule, in which unit, by what, and how."""

    rule: type[Rule]
    unit_id: int
    subject: str
    detail: str


class Rule:
    """Base of all rules; a subclass's docstring is the requirement, in Chinese as the source has it."""

    id: ClassVar[str]
    title: ClassVar[StrOrPromise]
    source: ClassVar[str]
    article: ClassVar[str] = ""
    basis: ClassVar[Basis]
    severity: ClassVar[Severity] = "hard"
    requirement: ClassVar[str]
    finders: ClassVar[tuple[str, ...]]

    registry: ClassVar[dict[str, type[Rule]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.id in Rule.registry:
            raise TypeError(f"rule {cls.id} is defined twice")
        cls.requirement = (cls.__doc__ or "").strip()
        Rule.registry[cls.id] = cls

    @classmethod
    def violations(cls, zone_id: int, on: dt.date) -> list[Violation]:
        """Who breaks this rule in the zone on that day, under the charter of that day."""
        found: list[Violation] = []
        with connection.cursor() as cursor:
            for finder in cls.finders:
                # A finder's name is a class attribute, never a visitor's text.
                cursor.execute(f"select unit_id, subject, detail from {finder}(%s, %s)", [zone_id, on])  # noqa: S608
                found += [Violation(cls, *row) for row in cursor.fetchall()]
        return found


def violations(zone_id: int, on: dt.date) -> list[Violation]:
    """Every breach of every rule in the zone on that day, in the order of the rules' ids."""
    found: list[Violation] = []
    for _, rule in sorted(Rule.registry.items()):
        found += rule.violations(zone_id, on)
    return found

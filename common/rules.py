"""The form of a rule: one class each, found by id, judged as of a day.

A rule's finders are functions in PostgreSQL, and the trigger that holds a hard
rule at COMMIT calls the same ones: the page that reports and the gate that
refuses cannot disagree. A finder gives facts, a sentence is made of them here,
in the reader's language.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Basis = Literal["stored", "memory", "plausible"]
Severity = Literal["hard", "warning"]


@dataclass(frozen=True)
class Parameter:
    """A value that a charter may state for a rule; ``example`` is what the source of the rule has, never a default.

    ``kind`` says what the number means: a count in ``unit``, a ratio (0.6 = 60 %)
    or a flag (1 yes, 0 no).
    """

    label: StrOrPromise
    unit: StrOrPromise
    example: Decimal
    kind: Literal["count", "ratio", "flag"] = "count"

    def shown(self, value: Decimal) -> str:
        """The value as people read it, without its unit (a ratio in percent)."""
        if self.kind == "flag":
            return _("是") if value else _("否")
        return f"{plain(value * 100 if self.kind == 'ratio' else value)}"


def plain(value: Decimal) -> str:
    """A number without noughts at its end: 60.00 is 60."""
    return f"{value.normalize():f}"


class _Facts(dict):
    """Facts for a sentence: ``name_en`` stands in for ``name`` where the reader reads English."""

    def __missing__(self, key: str) -> str:
        return ""

    def __getitem__(self, key: str) -> Any:
        english = (get_language() or "").startswith("en") and self.get(f"{key}_en")
        return english or super().__getitem__(key)


@dataclass(frozen=True)
class Violation:
    """One breach: which rule by which measure, in which unit, by what (``ref`` is ``kind:code``), and by how much.

    ``exempt`` says that an exception in force tolerates it (reported until cured),
    ``withheld`` that the reader may not see what it is about.
    """

    rule: type[Rule]
    measure: str
    unit_id: int
    ref: str
    subject: str
    facts: Mapping[str, Any]
    excess: Decimal
    exempt: bool = False
    withheld: bool = False

    @property
    def detail(self) -> str:
        """What is wrong, as a sentence in the reader's language."""
        if self.withheld:
            return _("内容限有权查看的人员")
        said = {
            key: labels.get(self.facts.get(key), "") for key, labels in self.rule.labels.items() if key in self.facts
        }
        said = {key: label for key, label in said.items() if label}
        return str(self.rule.sentences[self.measure]) % _Facts({**self.facts, **said})

    def as_seen(self, units: Collection[int]) -> Violation:
        """The same for a reader who may see these units: of others, which ``names_of`` lists, no name is said."""
        hidden = [key for key, unit in self.facts.get("names_of", {}).items() if unit not in units]
        if not hidden:
            return self
        facts = {key: value for key, value in self.facts.items() if key.removesuffix("_en") not in hidden}
        return replace(self, facts={**facts, **dict.fromkeys(hidden, _("另一单位"))})

    def unnamed(self, subject: str) -> Violation:
        """The same with ``subject`` in place of whoever offends, and no way to him."""
        return replace(self, ref="", subject=subject, facts={**self.facts, "subject_en": ""})

    def closed(self, subject: str) -> Violation:
        """That there is a breach, for a reader who may not see what it is about: no name, no number, no way to it."""
        return replace(self, ref="", subject=subject, facts={}, withheld=True)

    @property
    def seen_by(self) -> tuple[str, str] | None:
        """The right (action, noun) in the unit that its facts are for; None: whoever sees the unit may see them."""
        return self.rule.seen_by.get(self.measure)

    @property
    def shown_subject(self) -> str:
        return _Facts({"subject": self.subject, "subject_en": self.facts.get("subject_en", "")})["subject"]

    @property
    def severity(self) -> Severity:
        return "warning" if self.measure in self.rule.warnings else self.rule.severity

    @property
    def kind(self) -> str:
        return self.ref.partition(":")[0]

    @property
    def code(self) -> str:
        return self.ref.partition(":")[2]


class Rule:
    """Base of all rules; a subclass's docstring is the requirement, in Chinese as the source has it.

    ``finders`` maps a measure (one way to break the rule) to the SQL function
    that finds its offenders: ``(zone, day) → (unit_id, ref, subject, facts,
    excess)``; those in ``spans`` are ``(zone) → (…, period)``, all days at once.
    ``warnings`` are measures that are only reported, in a rule that is hard otherwise.
    ``labels`` say of which facts the value is a code, and what people call it.
    ``beyond`` marks a rule that judges what was done with the organisation (money), not
    how it is set up and staffed: no plan or import of structure is judged by it.
    ``seen_by`` says of a measure which right (action, noun) in the unit its facts are for.
    """

    id: ClassVar[str]
    title: ClassVar[StrOrPromise]
    source: ClassVar[str]
    article: ClassVar[str] = ""
    basis: ClassVar[Basis]
    severity: ClassVar[Severity] = "hard"
    requirement: ClassVar[str]
    finders: ClassVar[dict[str, str]] = {}
    sentences: ClassVar[dict[str, StrOrPromise]] = {}
    parameters: ClassVar[dict[str, Parameter]] = {}
    labels: ClassVar[dict[str, Mapping[Any, StrOrPromise]]] = {}
    warnings: ClassVar[frozenset[str]] = frozenset()
    spans: ClassVar[frozenset[str]] = frozenset()
    beyond: ClassVar[bool] = False
    seen_by: ClassVar[Mapping[str, tuple[str, str]]] = {}

    registry: ClassVar[dict[str, type[Rule]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.id in Rule.registry:
            raise TypeError(f"rule {cls.id} is defined twice")
        if missing := cls.finders.keys() ^ cls.sentences.keys():
            raise TypeError(f"rule {cls.id}: no finder or no sentence for {', '.join(sorted(missing))}")
        cls.requirement = (cls.__doc__ or "").strip()
        Rule.registry[cls.id] = cls

    @classmethod
    def add_finders(
        cls,
        finders: Mapping[str, str],
        sentences: Mapping[str, StrOrPromise],
        *,
        spans: bool = False,
        warnings: Iterable[str] = (),
    ) -> None:
        """Let a room above judge what it alone can see, by further measures of this rule.

        Raises TypeError for a measure that the rule has already, or one without a sentence.
        """
        if finders.keys() != sentences.keys() or finders.keys() & cls.finders.keys():
            raise TypeError(f"rule {cls.id}: every new measure needs a finder and a sentence of its own")
        cls.finders = {**cls.finders, **finders}
        cls.sentences = {**cls.sentences, **sentences}
        cls.warnings = cls.warnings | frozenset(warnings)
        cls.spans = cls.spans | (frozenset(finders) if spans else frozenset())

    @classmethod
    def violations(cls, zone_id: int, on: dt.date) -> list[Violation]:
        """Who breaks this rule in the zone on that day, under the charter of that day."""
        return _found([cls], zone_id, on)


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a zone on a day: what is broken, what an exception tolerates, what is only warned of."""

    broken: list[Violation]
    tolerated: list[Violation]
    warned: list[Violation]

    @classmethod
    def of(cls, found: Iterable[Violation]) -> Verdict:
        """The breaches by how grave they are."""
        said = cls([], [], [])
        for each in found:
            kept = said.tolerated if each.exempt else said.broken if each.severity == "hard" else said.warned
            kept.append(each)
        return said


def verdict(zone_id: int, on: dt.date, *, roster: bool = True) -> Verdict:
    """What the rules say of the zone on that day; ``roster`` as in ``violations``."""
    return Verdict.of(violations(zone_id, on, roster=roster))


def violations(zone_id: int, on: dt.date, *, roster: bool = True, beyond: bool = False) -> list[Violation]:
    """Every breach of every rule in the zone on that day, in the order of the rules' ids.

    Without ``roster``, only what is judged day by day: how the structure is set up,
    not who sits in it. Who sits there is judged over all days at once, too dear for
    a page that is about something else. With ``beyond``, also by the rules of what is
    done with the organisation.
    """
    rules = [rule for _id, rule in sorted(Rule.registry.items()) if beyond or not rule.beyond]
    return _found(rules, zone_id, on, roster=roster)


def structural_rules() -> int:
    """How many rules have something to say of how the structure is set up."""
    return sum(bool(rule.finders.keys() - rule.spans) for rule in Rule.registry.values())


def _found(rules: Iterable[type[Rule]], zone_id: int, on: dt.date, *, roster: bool = True) -> list[Violation]:
    """All finders of the rules in one statement; then what the exceptions of the day tolerate of it."""
    asked: list[str] = []
    params: list[int | dt.date] = []
    places = [
        (rule, measure, finder)
        for rule in rules
        for measure, finder in sorted(rule.finders.items())
        if roster or measure not in rule.spans
    ]
    for place, (rule, measure, finder) in enumerate(places):
        # A finder's name is a class attribute, never a visitor's text.
        call = f"{finder}(%s) where period @> %s::date" if measure in rule.spans else f"{finder}(%s, %s)"
        asked.append(f"select {place}, unit_id, ref, subject, facts, excess from {call}")  # noqa: S608
        params += [zone_id, on]
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{' union all '.join(asked)} order by 1, 2, 3", params)
        rows = cursor.fetchall()
    found = []
    for place, unit_id, ref, subject, facts, excess in rows:
        rule, measure, _finder = places[place]
        known = json.loads(facts) if isinstance(facts, str) else facts
        found.append(Violation(rule, measure, unit_id, ref, subject, known, excess))
    return _tolerated(found, zone_id, on)


#: What an exception is about: a rule, its measure, the unit.
Place = tuple[str, str, int]


def _tolerated(found: list[Violation], zone_id: int, on: dt.date) -> list[Violation]:
    """The breaches, those marked that an exception tolerates; ``settings.RULE_TOLERANCES`` knows the exceptions."""
    allowed: Mapping[Place, Decimal] = import_string(settings.RULE_TOLERANCES)(zone_id, on)
    total: Counter[Place] = Counter()
    for each in found:
        total[_place(each)] += each.excess  # type: ignore[assignment]  # a Counter of decimals
    return [
        replace(each, exempt=True) if _place(each) in allowed and total[_place(each)] <= allowed[_place(each)] else each
        for each in found
    ]


def _place(of: Violation) -> Place:
    return of.rule.id, of.measure, of.unit_id


@dataclass(frozen=True)
class Refusal:
    """A breach that the database refused to commit, and the first day on which it would have been one."""

    day: dt.date
    violation: Violation = field(repr=False)

    @property
    def sentence(self) -> str:
        broken = self.violation
        return _("%(day)s %(subject)s：%(detail)s（%(rule)s）") % {
            "day": self.day.isoformat(),
            "subject": broken.shown_subject,
            "detail": broken.detail,
            "rule": broken.rule.id,
        }


def read_refusal(rule_id: str, detail: str) -> Refusal | None:
    """What the hold at COMMIT wrote into an error's detail; None when the error is another's."""
    rule = Rule.registry.get(rule_id)
    if rule is None or not detail.startswith("{"):
        return None
    said = json.loads(detail)
    if said.get("measure") not in rule.sentences:
        return None
    excess = Decimal(str(said["excess"]))
    violation = Violation(rule, said["measure"], said["unit"], said["ref"], said["subject"], said["facts"], excess)
    return Refusal(dt.date.fromisoformat(said["day"]), violation)

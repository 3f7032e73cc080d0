"""Everything that a version says, point by point in words; and what is said otherwise in the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from common.numerals import in_percent, plain
from kpi.models import Rating
from pay import words
from pay.models import PoolRule, Scheme
from pay.schemes.sentences import of_rule
from pay.schemes.services import PERSON_GRADES, UNIT_GRADES
from pay.settings import Settings


@dataclass(frozen=True)
class Point:
    """One thing that a version says: under which heading, about what, and how; ``example`` as no document says so.

    Points of two versions with the same ``key`` are about the same thing.
    """

    key: tuple[str, ...]
    heading: str
    name: str
    said: str
    example: bool = False


@dataclass(frozen=True)
class Change:
    """What is said otherwise than in the version before; empty where only one of the two says anything."""

    heading: str
    name: str
    before: str
    after: str


def points(scheme: Scheme, units: Mapping[int, str], metrics: Mapping[str, str]) -> list[Point]:
    """What the version says, in the order of its page; ``units`` and ``metrics`` are names.

    The scheme comes with its rules prefetched.
    """
    return [*_rules(scheme, units, metrics), *_factors(scheme), *_sharing(scheme), *_cases(scheme)]


def without_limit(rules: Sequence[PoolRule]) -> set[int]:
    """Units whose own formulas hold nothing down, though everybody's do: those limits are not theirs."""
    limited = {rule.unit_id for rule in rules if rule.role == PoolRule.Role.LIMIT}
    if None not in limited:
        return set()
    return {rule.unit_id for rule in rules if rule.unit_id and rule.unit_id not in limited}


def no_limit_said() -> str:
    return _("没有另定上限，各单位的上限不适用于本单位")


def _rules(scheme: Scheme, units: Mapping[int, str], metrics: Mapping[str, str]) -> list[Point]:
    rows = sorted(scheme.rules.all(), key=lambda rule: (rule.unit_id or 0, rule.role != "term", rule.sequence))
    said = [
        Point(
            ("rule", str(rule.unit_id or ""), rule.role, rule.method),
            _("总额怎样核定：%(unit)s") % {"unit": units.get(rule.unit_id, "") if rule.unit_id else _("各单位")},
            f"{rule.get_role_display()} · {rule.get_method_display()}（{rule.method}）",
            of_rule(rule.as_json(), metrics),
            scheme.is_example,
        )
        for rule in rows
    ]
    said += [
        Point(
            ("rule", str(unit), PoolRule.Role.LIMIT.value, ""),
            _("总额怎样核定：%(unit)s") % {"unit": units.get(unit, "")},
            str(PoolRule.Role.LIMIT.label),
            no_limit_said(),
            scheme.is_example,
        )
        for unit in without_limit(rows)
    ]
    # Sorted by unit only: what is said of a unit stays together.
    return sorted(said, key=lambda point: int(point.key[1] or 0))


def _factors(scheme: Scheme) -> list[Point]:
    tables = (
        ("rating_factors", _("单位考核等次系数"), UNIT_GRADES, scheme.rating_factors),
        ("grade_factors", _("个人考核等次系数"), PERSON_GRADES, scheme.grade_factors),
    )
    return [
        Point(
            (name, grade.value),
            heading,
            str(Rating(grade).label),
            plain(Decimal(given[grade.value])),
            scheme.is_example,
        )
        for name, heading, grades, given in tables
        for grade in grades
        if grade.value in given
    ]


def _sharing(scheme: Scheme) -> list[Point]:
    heading = _("部门与发放")
    said = (
        ("bureau_floor", _("部门系数下限"), plain(scheme.bureau_floor)),
        ("bureau_cap", _("部门系数上限"), plain(scheme.bureau_cap)),
        ("cutoff_day", _("在岗月认定日"), _("当月 %(day)s 日在岗的，计满当月") % {"day": scheme.cutoff_day}),
        ("current_ratio", _("当期发放比例"), in_percent(scheme.current_ratio, 0)),
    )
    return [Point((key,), heading, name, text, scheme.is_example) for key, name, text in said]


def _cases(scheme: Scheme) -> list[Point]:
    settings = Settings.read(scheme.settings)
    return [
        Point(("case", row["key"]), str(group["title"]), str(row["name"]), row["said"], row["example"])
        for group in words.decided(settings)
        for row in group["rows"]
    ]


def changes(before: Sequence[Point], after: Sequence[Point]) -> list[Change]:
    """What the later version says otherwise, in its order; then what it says no more."""
    was = {point.key: point for point in before}
    now = {point.key for point in after}
    found = [
        Change(point.heading, point.name, was[point.key].said if point.key in was else "", point.said)
        for point in after
        if point.key not in was or was[point.key].said != point.said
    ]
    return found + [Change(gone.heading, gone.name, gone.said, "") for gone in before if gone.key not in now]

"""Whose fault it is when the rules of the roster refuse a whole file: every breach, and what it refers to."""

from __future__ import annotations

import json

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from common.databases import broken_rule
from common.rules import Refusal, Rule, Violation
from orgchart.models import RuleException


def breaches(reason: ValidationError) -> list[Refusal]:
    """All breaches of the rules that look at every day at once, where such a rule refused; else none.

    Call it while what was refused still stands in the transaction.
    """
    cause = reason.__cause__
    broken = broken_rule(cause) if isinstance(cause, IntegrityError) else None
    if broken is None or broken.refusal is None:
        return []
    found = [broken.refusal]
    for zone in _zones(broken.refusal.violation.unit_id):
        found += _of_zone(zone)
    once = {(each.violation.rule.id, each.violation.measure, each.violation.ref): each for each in reversed(found)}
    return list(reversed(once.values()))


def _zones(unit_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select orgchart_zones_of(%s)", [unit_id])
        return [zone for (zone,) in cursor.fetchall()]


def _of_zone(zone: int) -> list[Refusal]:
    tolerated = set(RuleException.objects.filter(zone=zone).values_list("rule", "measure", "unit"))
    found = []
    for _id, rule in sorted(Rule.registry.items()):
        for measure in sorted(rule.spans - rule.warnings):
            if rule.severity == "hard":
                found += _of_measure(rule, measure, zone)
    places = {id(each): (each.violation.rule.id, each.violation.measure, each.violation.unit_id) for each in found}
    return [each for each in found if places[id(each)] not in tolerated]


def _of_measure(rule: type[Rule], measure: str, zone: int) -> list[Refusal]:
    # A finder's name is a class attribute, never a visitor's text.
    sql = f"select unit_id, ref, subject, facts, excess, lower(period) from {rule.finders[measure]}(%s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} order by 2, 6", [zone])
        rows = cursor.fetchall()
    found = []
    for unit_id, ref, subject, facts, excess, day in rows:
        known = json.loads(facts) if isinstance(facts, str) else facts
        found.append(Refusal(day, Violation(rule, measure, unit_id, ref, subject, known, excess)))
    return found

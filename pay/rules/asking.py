"""What one run breaks now, for whoever is about to sign it: the finders that the hold asks, for that run alone."""

from __future__ import annotations

import json

from django.db import connection
from django.utils import timezone

from common.rules import Rule, Violation
from pay.models import Run
from pay.rules.base import PayRule


def breaches_of(run: Run) -> list[Violation]:
    """Every breach and warning that is about this run, its people or its term, in the order of the rules. One query."""
    places = [
        (rule, measure, finder)
        for _id, rule in sorted(Rule.registry.items())
        if issubclass(rule, PayRule)
        for measure, finder in sorted(rule.finders.items())
    ]
    # A finder's name is a class attribute, never a visitor's text.
    asked = [
        f"select {place}, f.unit_id, f.ref, f.subject, f.facts, f.excess"  # noqa: S608
        f" from orgchart_zones_of(%(unit)s) z, lateral {finder}(z, %(run)s) f where f.period @> %(day)s::date"
        for place, (_rule, _measure, finder) in enumerate(places)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{' union all '.join(asked)} order by 1, 2, 3",
            {"unit": run.unit_id, "run": run.pk, "day": timezone.localdate()},
        )
        rows = cursor.fetchall()
    found = []
    for place, unit, ref, subject, facts, excess in rows:
        rule, measure, _finder = places[place]
        known = json.loads(facts) if isinstance(facts, str) else facts
        found.append(Violation(rule, measure, unit, ref, subject, known, excess))
    return found

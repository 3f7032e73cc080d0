"""What the facts on file say against a candidate: proposed to whoever checks, never decided here.

Each check reads all candidates of a round in one query, so that a round of the
whole staff costs what a small one does. ``CHECKS`` is the seam: a room that keeps
further facts about people adds a check of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.periods import ONE_DAY
from staffing import facts
from staffing.models import Appointment, Candidate


@dataclass(frozen=True)
class Finding:
    """One fact that speaks against a candidate: ``code`` says which, ``facts`` what its sentence needs."""

    code: str
    sentence: str | Promise
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        shown = {key: date_format(value) if isinstance(value, dt.date) else value for key, value in self.facts.items()}
        return str(self.sentence) % shown


Found = dict[int, list[Finding]]
Check = Callable[[list[Candidate], dt.date], Found]


def _on_probation(candidates: list[Candidate], on: dt.date) -> Found:
    """Whoever is on probation in his post (试用期内)."""
    people = [each.person_id for each in candidates if each.person_id]
    rows = Appointment.objects.on(on).filter(person__in=people, kind="primary", probation_ends__gte=on)
    until = dict(rows.values_list("person", "probation_ends"))
    return {
        each.pk: [Finding("probation", _("试用期未满，至 %(day)s"), {"day": until[each.person_id]})]
        for each in candidates
        if each.person_id in until
    }


def _holds_the_post(candidates: list[Candidate], on: dt.date) -> Found:
    """Whoever competes for the post that he holds: it is his to renew, and worth a look."""
    people = [each.person_id for each in candidates if each.person_id]
    held = set(Appointment.objects.on(on).filter(person__in=people, kind="primary").values_list("person", "post"))
    return {
        each.pk: [Finding("own_post", _("第一志愿就是现任岗位"))]
        for each in candidates
        if not each.selection.whole_staff and (each.person_id, each.first.post_id) in held
    }


def _elsewhere(candidates: list[Candidate], on: dt.date) -> Found:
    """Whoever applies from outside and is on file as staff already."""
    digests = [each.applicant.national_id_digest for each in candidates if each.applicant]
    if not digests:
        return {}
    rows = (
        Appointment.objects.on(on).filter(person__national_id_digest__in=digests).exclude(person__national_id_digest="")
    )
    known = dict(rows.values_list("person__national_id_digest", "person__staff_no"))
    return {
        each.pk: [Finding("on_staff", _("已是在岗人员（工号 %(no)s）"), {"no": no})]
        for each in candidates
        if each.applicant and (no := known.get(each.applicant.national_id_digest))
    }


def _under_sanction(candidates: list[Candidate], on: dt.date) -> Found:
    """Whoever stands under a sanction, or has a case open against him."""
    people = [each.person_id for each in candidates if each.person_id]
    until = {row.person_id: row.last_day for row in facts.sanctions_during(people, DateRange(on, on + ONE_DAY))}
    cases = facts.open_cases_on(people, on)
    out: Found = defaultdict(list)
    for each in candidates:
        if each.person_id in until:
            told = {"day": until[each.person_id]}
            out[each.pk].append(Finding("sanction", _("处分影响期未满，至 %(day)s"), told))
        if each.person_id in cases:
            out[each.pk].append(Finding("case", _("有未结案的审查调查")))
    return out


CHECKS: list[Check] = [_on_probation, _under_sanction, _holds_the_post, _elsewhere]


def findings(candidates: Iterable[Candidate], on: dt.date) -> Found:
    """What speaks against each candidate on that day; read with ``person``, ``applicant``, ``first``, ``selection``."""
    rows = list(candidates)
    out: Found = defaultdict(list)
    for each in CHECKS:
        for pk, found in each(rows, on).items():
            out[pk] += found
    return out

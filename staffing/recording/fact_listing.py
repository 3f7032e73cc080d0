"""A person's facts as lines of one table, as far as a visitor may see each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from common.access import Access
from staffing.models import Absence, Inquiry, Kinship, Person, Sanction, Secondment
from staffing.recording.fact_services import FACTS

FactRow = Absence | Secondment | Sanction | Inquiry | Kinship
#: The colour of each kind in the picture; a word stands beside it.
INK_OF = {"absence": "support", "secondment": "social", "sanction": "breach", "inquiry": "breach"}


@dataclass
class FactLine:
    """A fact with its words: what it is of (``title``), which one (``what``), and what more there is to it."""

    row: FactRow
    title: str
    what: str
    more: str
    changeable: bool
    #: Whether it is in force on the day of the page.
    current: bool = False

    @property
    def noun(self) -> str:
        return self.row.noun

    @property
    def days(self) -> int | None:
        """Calendar days, both ends counted; None while it is open."""
        last = self.row.last_day
        return (last - self.row.starts).days + 1 if last else None

    @property
    def closes(self) -> bool:
        return self.changeable and self.row.last_day is None and not self.row.annulled

    def in_force(self, day: dt.date) -> bool:
        return not self.row.annulled and self.row.in_force(day)


def fact_lines(access: Access, person: Person, *, own: bool) -> list[FactLine]:
    """What is on file about a person, newest first: a query or two a kind.

    Annulled ones are shown to whoever keeps them.
    """
    found: list[FactLine] = []
    for noun, model in FACTS.items():
        about = models.Q(person=person)
        asked = model.objects.select_related("person")
        if model is Kinship:
            about |= models.Q(relative=person)
            asked = asked.select_related("person", "relative")
        elif model is Secondment:
            asked = asked.prefetch_related("host_unit__versions")
        keeps = not own and access.can_in(person.home_unit_id, "change", noun)
        rows = access.scope(asked.filter(about))
        found += [_line(row, person, keeps) for row in rows if keeps or not row.annulled]
    return sorted(found, key=lambda line: (line.row.starts, line.row.pk), reverse=True)


def _line(row: Any, person: Person, keeps: bool) -> FactLine:
    what, more = row.get_kind_display() if hasattr(row, "get_kind_display") else "", getattr(row, "note", "")
    if isinstance(row, Secondment):
        more = " ".join(part for part in (_host(row), more) if part)
    elif isinstance(row, Inquiry):
        what = row.get_outcome_display()
    elif isinstance(row, Kinship):
        what = dict(Kinship.Relation.choices).get(row.relation, "")
        other = row.relative if row.person_id == person.pk else row.person
        more = _("%(name)s（%(no)s）") % {"name": other.name, "no": other.staff_no}
    return FactLine(row, str(row._meta.verbose_name), str(what), str(more), keeps and not row.annulled)


def _host(row: Secondment) -> str:
    if row.host_unit is None:
        return row.host_name
    names = sorted(row.host_unit.versions.all(), key=lambda version: version.starts)
    return names[-1].shown_short_name if names else row.host_unit.code


def drawn(lines: Iterable[FactLine]) -> list[FactLine]:
    """Those that the picture has a lane for: kinship is no stretch of work."""
    return [line for line in lines if line.noun in INK_OF and not line.row.annulled]

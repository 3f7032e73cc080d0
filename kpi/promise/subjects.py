"""Whom cards may be made for on a day: units, bureaus and people as they stand, with where they stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from kpi.models import Scorecard, Template
from orgchart.models import BureauVersion
from staffing.models import Appointment
from zones.models import Unit, UnitVersion

#: What is read of a seat: the parts of a Subject.
SEAT = ("post__versions__unit", "post__versions__bureau", "person", "person__name", "post__versions__is_head")


@dataclass(frozen=True)
class Subject:
    """Somebody a card can be of. ``is_head`` tells heads of bureaus from the rest, for people."""

    kind: str
    unit_id: int
    bureau_id: int | None
    person_id: int | None
    name: str
    is_head: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return subject_key(self.kind, self.unit_id, self.bureau_id, self.person_id)

    def card(self, **more) -> Scorecard:
        return Scorecard(
            kind=self.kind, unit_id=self.unit_id, bureau_id=self.bureau_id, person_id=self.person_id, **more
        )


def subject_key(kind: str, unit_id: int, bureau_id: int | None, person_id: int | None) -> tuple[str, int]:
    """What a card is of, within its year: its kind and the id of the subject."""
    return kind, {"unit": unit_id, "bureau": bureau_id, "person": person_id}[kind] or 0


def key_of(card: Scorecard) -> tuple[str, int]:
    return subject_key(card.kind, card.unit_id, card.bureau_id, card.person_id)


def day_of(year: int) -> dt.date:
    """The day as of which a year's subjects are taken: today, kept within the year."""
    return min(max(timezone.localdate(), dt.date(year, 1, 1)), dt.date(year, 12, 31))


def standing(kinds: Collection[str], unit_ids: Collection[int], day: dt.date) -> dict[tuple[str, int], Subject]:
    """Those who stand in these units on the day, of the wanted kinds of card, in the order of the roster."""
    found: list[Subject] = []
    if "unit" in kinds:
        units = UnitVersion.objects.on(day).filter(unit__in=unit_ids).order_by("unit__sequence", "unit__code")
        found += [Subject("unit", row.unit_id, None, None, row.shown_short_name) for row in units]
    if "bureau" in kinds:
        bureaus = BureauVersion.objects.on(day).filter(unit__in=unit_ids).order_by("unit", "sequence", "pk")
        found += [Subject("bureau", row.unit_id, row.bureau_id, None, row.shown_name) for row in bureaus]
    if "person" in kinds:
        seats = (
            Appointment.objects.on(day)
            .filter(kind="primary", post__versions__period__contains=day, post__versions__unit__in=unit_ids)
            .order_by("post__versions__unit", "post__versions__sequence", "person__staff_no")
            .values_list(
                "post__versions__unit", "post__versions__bureau", "person", "person__name", "post__versions__is_head"
            )
        )
        found += [Subject("person", unit, bureau, person, name, head) for unit, bureau, person, name, head in seats]
    return {subject.key: subject for subject in found}


def kinds_of(holder: Unit) -> tuple[str, ...]:
    """A city's year has cards of units, a zone's of bureaus and people."""
    return ("unit",) if holder.kind == Unit.Kind.CITY else ("bureau", "person")


def of_template(template: Template, holder: Unit, day: dt.date) -> list[Subject]:
    """All subjects of a template's sort in the holder's tree on the day."""
    units = Unit.objects.subtree_ids(holder.pk, day=day)
    subject = Template.Subject(template.subject)
    if subject in (Template.Subject.BUREAU, Template.Subject.PERSON):
        return [each for each in standing((subject.value,), units, day).values() if each.bureau_id]
    sort = Unit.objects.filter(pk__in=units, kind=subject.value).values_list("pk", flat=True)
    return list(standing(("unit",), set(sort), day).values())

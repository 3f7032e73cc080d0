"""The verbs of dated facts about people: record, close, correct, annul. Nobody does it about himself."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import Dated, period
from common.stamps import refuse_stale, stamp_of
from staffing.models import Absence, Fact, Inquiry, Kinship, Person, Sanction, Secondment
from staffing.personnel.people import refuse_own_case
from staffing.recording.sanctions import sanction_ends
from zones.models import Unit

F = TypeVar("F", bound=Dated)

#: What a correction may touch besides the days, by fact.
CORRECTABLE: dict[type[Dated], tuple[str, ...]] = {
    Absence: ("kind", "document_number", "note"),
    Secondment: ("kind", "host_unit", "host_name", "document_number", "note"),
    Sanction: ("kind", "document_number", "note"),
    Inquiry: ("outcome", "document_number", "note"),
    Kinship: ("relation",),
}


def stamp(fact: Dated) -> str:
    """What a page showed of a fact; sent back with a change of it."""
    return stamp_of(fact, (*CORRECTABLE[type(fact)], "period", "annulled"))


def _span(starts: dt.date, ends: dt.date | None) -> Any:
    if ends and ends < starts:
        raise ValidationError({"ends": _("结束日期不能早于开始日期")})
    return period(starts, ends)


def _save(fact: F) -> F:
    fact.full_clean(validate_constraints=False)
    with hold_rules():
        fact.save()
    return fact


def _people(fact: Dated) -> list[Person]:
    return [fact.person, fact.relative] if isinstance(fact, Kinship) else [fact.person]  # type: ignore[attr-defined]


def _locked(people: list[Person], by: Actor) -> list[Person]:
    """The people as they stand now, locked by key; raises ValidationError for one's own case."""
    keys = {person.pk for person in people}
    rows = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    found = {person.pk: person for person in rows}
    for person in found.values():
        refuse_own_case(person, by)
    return [found[person.pk] for person in people]


def _record(fact: F, *, by: Actor, reason: str = "") -> F:
    (person, *_others) = _people(fact)
    fact.is_example = person.is_example  # type: ignore[attr-defined]
    _save(fact)
    audit.record(f"record_{fact._meta.model_name}", fact, by=by, reason=reason)
    return fact


@transaction.atomic
def record_absence(
    *,
    person: Person,
    kind: str,
    starts: dt.date,
    by: Actor,
    ends: dt.date | None = None,
    document_number: str = "",
    note: str = "",
) -> Absence:
    """Record leave or an absence from ``starts`` to ``ends``, both included; open while he has not come back.

    Raises ValidationError for one's own case, or when another absence stands on one of the days.
    """
    (person,) = _locked([person], by)
    row = Absence(
        person=person, kind=kind, period=_span(starts, ends), document_number=document_number.strip(), note=note
    )
    return _record(row, by=by)


@transaction.atomic
def record_secondment(
    *,
    person: Person,
    kind: str,
    starts: dt.date,
    by: Actor,
    ends: dt.date | None = None,
    host_unit: Unit | None = None,
    host_name: str = "",
    document_number: str = "",
    note: str = "",
) -> Secondment:
    """Record that somebody works for another unit while he stays with his own (APT-16)."""
    (person,) = _locked([person], by)
    row = Secondment(
        person=person,
        kind=kind,
        home_unit=person.home_unit,
        host_unit=host_unit,
        host_name=host_name.strip(),
        period=_span(starts, ends),
        document_number=document_number.strip(),
        note=note,
    )
    return _record(row, by=by)


@transaction.atomic
def record_sanction(
    *,
    person: Person,
    kind: str,
    starts: dt.date,
    document_number: str,
    by: Actor,
    note: str = "",
) -> Sanction:
    """Record a sanction from the day of its decision on; how long it lasts is the charter's (ASM-13, ASM-14).

    Raises ValidationError for a kind that does not exist for the person's status, or a length that no
    charter states.
    """
    (person,) = _locked([person], by)
    span = period(starts, sanction_ends(person, kind, starts))
    row = Sanction(person=person, kind=kind, period=span, document_number=document_number.strip(), note=note)
    return _record(row, by=by)


@transaction.atomic
def open_inquiry(*, person: Person, starts: dt.date, by: Actor, document_number: str = "", note: str = "") -> Inquiry:
    """Record that a case was opened against somebody (立案); until it is closed he gets no grade (ASM-08)."""
    (person,) = _locked([person], by)
    row = Inquiry(person=person, period=period(starts), document_number=document_number.strip(), note=note)
    return _record(row, by=by)


@transaction.atomic
def record_kinship(
    *, person: Person, relative: Person, relation: str, by: Actor, starts: dt.date, ends: dt.date | None = None
) -> Kinship:
    """Record that two people of the roster are kin; refused where one is then the other's superior (APT-15)."""
    if relation not in Kinship.Relation.values:
        raise ValidationError({"relation": _("请选择亲属关系")})
    if person.pk == relative.pk:
        raise ValidationError({"relative": _("亲属关系须登记在不同的两人之间")})
    first, second = _locked(sorted([person, relative], key=lambda one: one.pk), by)
    row = Kinship(person=first, relative=second, relation=relation, period=_span(starts, ends))
    return _record(row, by=by)


def _fresh(fact: F, seen: str | None, by: Actor) -> F:
    """The fact as it stands now, its people locked; refused when it is stale, annulled, or one's own."""
    _locked(_people(fact), by)
    row: F = type(fact)._default_manager.get(pk=fact.pk)  # type: ignore[assignment]  # of the same class
    if seen is not None:
        refuse_stale(stamp(row), seen)
    if row.annulled:  # type: ignore[attr-defined]
        raise ValidationError(_("该记录已作废"), code="annulled")
    return row


@transaction.atomic
def close_fact(*, fact: F, on: dt.date, by: Actor, reason: str = "", **told: Any) -> F:
    """End an open fact: ``on`` is its last day. An inquiry takes its ``outcome``.

    Raises ValidationError when it has ended already, or would end before it began.
    """
    row = _fresh(fact, None, by)
    if row.period.upper is not None:
        raise ValidationError({"on": _("该记录已于此前结束")}, code="closed")
    if on < row.starts:
        raise ValidationError({"on": _("结束日期不能早于开始日期")})
    before = audit.facts(row)
    row.period = period(row.starts, on)
    if isinstance(row, Inquiry):
        row.outcome = told.get("outcome", "")
        if row.outcome not in (Inquiry.Outcome.CLEARED, Inquiry.Outcome.SANCTIONED):
            raise ValidationError({"outcome": _("请选择结案结果")})
    _save(row)
    audit.record(f"close_{row._meta.model_name}", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


@transaction.atomic
def correct_fact(
    *, fact: F, seen: str, reason: str, by: Actor, starts: dt.date, ends: dt.date | None = None, **changes: Any
) -> F:
    """Mend what was entered wrongly; ``seen`` is the ``stamp`` that the caller looked at.

    A sanction's length follows from its kind and first day, whatever ``ends`` says.
    """
    if unknown := changes.keys() - set(CORRECTABLE[type(fact)]):
        raise TypeError(f"cannot be corrected: {sorted(unknown)}")
    if not reason.strip():
        raise ValidationError({"reason": _("请填写更正理由")})
    row = _fresh(fact, seen, by)
    before = audit.facts(row)
    for field, value in changes.items():
        setattr(row, field, value)
    if isinstance(row, Sanction):
        ends = sanction_ends(row.person, row.kind, starts)
    row.period = _span(starts, ends)
    _save(row)
    audit.record(f"correct_{row._meta.model_name}", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


@transaction.atomic
def annul_fact(*, fact: F, reason: str, by: Actor, seen: str | None = None) -> F:
    """Take back what never was so; the row stays on file and counts no more."""
    if not reason.strip():
        raise ValidationError({"reason": _("请填写作废理由")})
    row = _fresh(fact, seen, by)
    before = audit.facts(row)
    row.annulled = True  # type: ignore[attr-defined]
    _save(row)
    audit.record(f"annul_{row._meta.model_name}", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


#: Models of facts by their noun, which is also their word in addresses.
FACTS: dict[str, type[Fact] | type[Kinship]] = {
    model.noun: model for model in (Absence, Secondment, Sanction, Inquiry, Kinship)
}

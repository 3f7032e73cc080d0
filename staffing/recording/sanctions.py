"""Which sanctions there are for whom, and how long they last (ASM-13, ASM-14), by the charter of the day."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.periods import ONE_DAY
from orgchart.models import Charter
from staffing.appointing.terms import months_after
from staffing.models import Person, Sanction
from zones.models import Unit

Kind = Sanction.Kind
#: The kinds that exist under each rule: of public institutions, and of civil servants.
KINDS: dict[str, tuple[str, ...]] = {
    "ASM-13": (Kind.WARNING, Kind.DEMERIT, Kind.LOWER_POST, Kind.REMOVAL),
    "ASM-14": (Kind.WARNING, Kind.DEMERIT, Kind.SERIOUS_DEMERIT, Kind.DEMOTION, Kind.REMOVAL),
}
SERVANTS = (Person.Identity.CIVIL_SERVANT, Person.Identity.MANAGED)


def rule_for(person: Person) -> str:
    """The rule whose sanctions apply to the person: ASM-14 for civil servants, ASM-13 for all others."""
    return "ASM-14" if person.identity in SERVANTS else "ASM-13"


def charter_of(unit_id: int, day: dt.date) -> Charter | None:
    """The charter under which a unit's people live on the day."""
    return Charter.objects.on(day).filter(zone__in=Unit.objects.zone_ids(unit_id, day=day)).first()


def sanction_ends(person: Person, kind: str, starts: dt.date) -> dt.date:
    """The last day of a sanction's effect; raises ValidationError where none is provided for."""
    rule = rule_for(person)
    if kind not in KINDS[rule]:
        text = _("「%(kind)s」不适用于%(identity)s") % {
            "kind": dict(Kind.choices).get(kind, kind),
            "identity": person.get_identity_display(),
        }
        raise ValidationError({"kind": text}, code=rule)
    charter = charter_of(person.home_unit_id, starts)
    months = charter.parameter(rule, f"{kind}_months") if charter else None
    if months is None:
        text = _("本区规定没有载明该处分的期限（%(rule)s），请先在规定中补充") % {"rule": rule}
        raise ValidationError({"kind": text}, code=rule)
    return months_after(starts, int(months)) - ONE_DAY

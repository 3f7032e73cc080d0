"""The verbs of the structure. What breaks a rule is refused at once, in the rule's own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import period
from orgchart.models import Bureau, BureauFunction, BureauVersion, Function
from zones.models import Instrument, Unit


@transaction.atomic
def set_up_bureau(
    *,
    unit: Unit,
    code: str,
    name: str,
    functions: Collection[Function],
    nature: str,
    instrument: Instrument,
    starts: dt.date,
    by: Actor,
    name_en: str = "",
    rank: str = "",
    parent: Bureau | None = None,
    reason: str = "",
) -> Bureau:
    """Set up a bureau in a unit from ``starts`` on, holding ``functions``, by the instrument that approved it.

    It stands last in its unit's order. Raises ValidationError keyed by field,
    and without a field when a rule forbids it (the rule's id is the error's
    code): quota and levels ORG-05, core share ORG-06, duplicate functions ORG-07.
    """
    if not functions:
        raise ValidationError({"functions": _("请至少选择一项职能")})
    if nature not in {function.nature for function in functions}:
        raise ValidationError({"nature": _("机构性质须与其某一项职能的性质一致")})
    if instrument.issued_on > starts:
        raise ValidationError({"starts": _("设立日期不能早于批文日期")})
    bureau = Bureau(code=code)
    bureau.full_clean()
    last = BureauVersion.objects.filter(unit=unit).aggregate(last=Max("sequence"))["last"]
    version = BureauVersion(
        unit=unit,
        name=name.strip(),
        name_en=name_en.strip(),
        nature=nature,
        rank=rank,
        parent=parent,
        sequence=(last or 0) + 1,
        instrument=instrument,
        period=period(starts),
    )
    version.full_clean(exclude=["bureau"], validate_constraints=False)
    with hold_rules():
        bureau.save(force_insert=True)
        version.bureau = bureau
        version.save(force_insert=True)
        BureauFunction.objects.bulk_create(BureauFunction(version=version, function=each) for each in functions)
    after = {**audit.facts(version), "functions": sorted(function.code for function in functions)}
    audit.record("set_up_bureau", version, by=by, after=after, reason=reason)
    return bureau

"""The verbs of the structure. What breaks a rule is refused at once, in the rule's own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import ONE_DAY, cut, period
from orgchart.models import Bureau, BureauFunction, BureauVersion, Duty, DutyAssignment, Function
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


@transaction.atomic
def move_duty(
    *,
    duty: Duty,
    area: Unit,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    to_bureau: Bureau | None = None,
    to_unit: Unit | None = None,
    reason: str = "",
    note: str = "",
) -> DutyAssignment:
    """From ``starts`` on, a bureau or a unit as a whole bears the duty in the area, by the instrument that says so.

    Whoever bore it until then bears it up to the day before; a change that is
    on file for a later day still takes place. Where nobody bore it yet, this is
    its first bearer. Raises ValidationError: by field, or with DUTY-01,
    DUTY-BEARER as its code.
    """
    if (to_bureau is None) == (to_unit is None):
        raise ValidationError(_("职责须且只能由一个机构或一个单位承担"), code="orgchart_duty_bureau_or_unit")
    if instrument.issued_on > starts:
        raise ValidationError({"starts": _("生效日期不能早于批文日期")})
    # One at a time for a duty in an area: where there is no row yet, there is none to lock.
    Duty.objects.select_for_update().get(pk=duty.pk)
    rows = list(DutyAssignment.objects.filter(duty=duty, area=area).order_by("period"))
    now = next((row for row in rows if row.in_force(starts)), None)
    following = next((row.starts for row in rows if row.starts > starts), None)
    moved = DutyAssignment(
        duty=duty,
        area=area,
        bureau=to_bureau,
        unit=to_unit,
        period=DateRange(starts, now.period.upper if now else following),
        note=note.strip(),
        instrument=instrument,
    )
    before = audit.facts(now) if now else None
    if now:
        if now.bearer == moved.bearer:
            raise ValidationError({"starts": _("这一天已由其承担该职责")})
        if now.starts == starts:
            raise ValidationError({"starts": _("原承担者自这一天起才承担该职责，请另定生效日期")})
        # What ends the duty later ends it with its new bearer.
        moved.closed_by, now.closed_by = now.closed_by, None
        now.period = cut(now.period, starts)
    moved.full_clean(exclude=["duty", "area", "bureau", "unit", "instrument"], validate_constraints=False)
    with hold_rules():
        if now:
            now.save(update_fields=["period", "closed_by"])
        moved.save(force_insert=True)
    audit.record("move_duty", moved, by=by, before=before, after=audit.facts(moved), reason=reason)
    return moved


@transaction.atomic
def close_duty(
    *, duty: Duty, area: Unit, ends: dt.date, instrument: Instrument, by: Actor, reason: str = ""
) -> DutyAssignment:
    """The duty ends in the area, ``ends`` being its last day there, by the instrument that says so (DUTY-01).

    Raises ValidationError when nobody bears it on that day, or somebody is to take it up later.
    """
    if instrument.issued_on > ends + ONE_DAY:
        raise ValidationError({"ends": _("终止日期不能早于批文日期")})
    rows = list(DutyAssignment.objects.select_for_update().filter(duty=duty, area=area).order_by("period"))
    now = next((row for row in rows if row.in_force(ends)), None)
    if now is None:
        raise ValidationError({"ends": _("这一天没有人承担该职责")})
    if now is not rows[-1]:
        raise ValidationError({"ends": _("该职责此后已定由他人承担")})
    before = audit.facts(now)
    now.period, now.closed_by = cut(now.period, ends + ONE_DAY), instrument
    with hold_rules():
        now.save(update_fields=["period", "closed_by"])
    audit.record("close_duty", now, by=by, before=before, after=audit.facts(now), reason=reason)
    return now

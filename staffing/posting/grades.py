"""The verbs of post grades: a new grade, a new coefficient from a day on, a unit's filed plan of posts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from common import audit
from common.access import Access
from common.actors import Actor
from common.databases import hold_rules
from common.periods import period
from staffing.appointing.seats import said
from staffing.models import GradeCoefficient, PostGrade, PostPlanFiling, PostVersion
from zones.models import Instrument, Unit


def may_set(access: Access, grade: PostGrade, starts: dt.date) -> bool:
    """May this user change what the grade is worth from ``starts`` on?

    A grade is shared by every unit whose posts bear it, and so may be changed
    only by somebody who keeps the posts of all of them.
    """
    if not access.can("add", "grade"):
        return False
    bearing = PostVersion.objects.during(DateRange(starts, None)).filter(grade=grade).order_by()
    return set(bearing.values_list("unit", flat=True).distinct()) <= access.units("change", "post")


@transaction.atomic
def create_grade(
    *,
    code: str,
    name: str,
    value: Decimal,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    sequence: int = 0,
    name_en: str = "",
) -> PostGrade:
    """Set up a post grade (岗级) with its first coefficient, a ratio. Raises ValidationError keyed by field."""
    grade = PostGrade(code=code, name=name.strip(), name_en=name_en.strip(), sequence=sequence)
    grade.full_clean()
    with hold_rules():
        grade.save()
    audit.record("create_grade", grade, by=by)
    set_coefficient(grade=grade, value=value, starts=starts, instrument=instrument, by=by)
    return grade


@transaction.atomic
def set_coefficient(
    *,
    grade: PostGrade,
    value: Decimal,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    seen: str | None = None,
    reason: str = "",
) -> GradeCoefficient:
    """What the grade is worth from ``starts`` on (以岗定薪); the one in force ends the day before.

    A coefficient already set for a later day stays, and ends the new one. Raises
    ValidationError when one begins on that very day, when the value does not
    change, or when the grade is not as ``seen`` (a ``coefficient_stamp``) any more.
    """
    PostGrade.objects.select_for_update(of=("self",), no_key=True).get(pk=grade.pk)
    if seen is not None and seen != coefficient_stamp(grade):
        raise ValidationError(_("该岗级的系数刚被他人调整，请核对后重新填写"), code="stale")
    old = grade.coefficients.on(starts).first()
    later = grade.coefficients.filter(period__startswith__gt=starts).order_by("period").first()
    if old and old.starts == starts:
        raise ValidationError({"starts": _("现行系数正是自该日起生效，请选择以后的日期")})
    if old and old.value == value:
        raise ValidationError({"value": _("与现行系数相同")})
    ends = old.period.upper if old else later.starts if later else None
    new = GradeCoefficient(grade=grade, value=value, instrument=instrument, period=DateRange(starts, ends))
    new.full_clean(validate_constraints=False)
    before = audit.facts(old) if old else None
    with hold_rules():
        if old:
            old.period = DateRange(old.starts, starts)
            old.save(update_fields=["period"])
        new.save()
    audit.record("set_coefficient", new, by=by, before=before, after=audit.facts(new), reason=reason)
    return new


def coefficient_stamp(grade: PostGrade) -> str:
    """What a page about the grade was made from: its coefficients, how many and until when."""
    rows = grade.coefficients.order_by("period").values_list("pk", "period")
    return " ".join(f"{pk}:{span.upper or ''}" for pk, span in rows)


@transaction.atomic
def file_post_plan(*, unit: Unit, starts: dt.date, by: Actor, reason: str = "", **filing: Any) -> PostPlanFiling:
    """Register the filing of a unit's plan of posts (备案) from ``starts`` on; an earlier one ends the day before.

    ``filing`` are ``number``, ``filed_on``, ``main_category`` and the two
    opinions. Raises ValidationError for a filing used before it was filed (PST-02).
    """
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)
    old = unit.post_plan_filings.on(starts).first()
    later = unit.post_plan_filings.filter(period__startswith__gte=starts).order_by("period").first()
    if later:
        raise ValidationError({"starts": _("自 %(day)s 起已有备案") % {"day": said(later.starts)}})
    row = PostPlanFiling(unit=unit, period=period(starts), **filing)
    row.full_clean(validate_constraints=False)
    if row.filed_on > starts:
        raise ValidationError({"filed_on": _("备案日期不能晚于启用日期（PST-02）")}, code="PST-02")
    before = audit.facts(old) if old else None
    with hold_rules():
        if old:
            old.period = DateRange(old.starts, starts)
            old.save(update_fields=["period"])
        row.save()
    audit.record("file_post_plan", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row

"""The verbs of what parks are for: position a park on an industry, enter a project, take it to its next stage."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import ONE_DAY, cut, period
from zones.models import Industry, Positioning, Project, ProjectStage, Unit
from zones.services import checked


@transaction.atomic
def set_positioning(
    *, unit: Unit, industry: Industry, starts: dt.date, by: Actor, ends: dt.date | None = None, reason: str = ""
) -> Positioning:
    """From ``starts`` on the industry is one of the park's leading ones; ``ends`` is the last day, if that is known.

    Raises ValidationError when it is already, or the unit is no park. An overlap
    with another park of the city is no error: it is reported.
    """
    if unit.kind != Unit.Kind.PARK:
        raise ValidationError({"unit": _("产业定位只登记到功能园区")})
    if ends and ends < starts:
        raise ValidationError({"ends": _("结束日期不能早于开始日期")})
    row = Positioning(unit=unit, industry=industry, period=period(starts, ends))
    checked(row, "industry")
    with hold_rules():
        row.save(force_insert=True)
    audit.record("set_positioning", row, by=by, reason=reason)
    return row


@transaction.atomic
def close_positioning(*, positioning: Positioning, ends: dt.date, by: Actor, reason: str = "") -> Positioning:
    """``ends`` is the last day on which the industry is one of the park's; that it was one stays on record."""
    row = Positioning.objects.select_for_update().get(pk=positioning.pk)
    before = audit.facts(row)
    try:
        row.period = cut(row.period, ends + ONE_DAY)
    except ValueError as error:
        raise ValidationError({"ends": str(error)}) from error
    with hold_rules():
        row.save(update_fields=["period"])
    audit.record("close_positioning", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


@transaction.atomic
def record_project(
    *,
    unit: Unit,
    code: str,
    name: str,
    stage: str,
    as_of: dt.date,
    by: Actor,
    name_en: str = "",
    town: Unit | None = None,
    partner: str = "",
    investment: Decimal | None = None,
    note: str = "",
    source: str = "",
) -> Project:
    """Enter a project with the stage it is known to be at; ``investment`` in yuan, None where it was not published."""
    if town is not None and town.kind != Unit.Kind.TOWN:
        raise ValidationError({"town": _("属地须是镇")})
    row = Project(
        unit=unit,
        code=code,
        name=name.strip(),
        name_en=name_en.strip(),
        town=town,
        partner=partner.strip(),
        investment=investment,
        note=note.strip(),
        source=source.strip(),
    )
    checked(row, "investment")
    with hold_rules():
        row.save(force_insert=True)
    audit.record("record_project", row, by=by)
    advance_project(project=row, stage=stage, as_of=as_of, by=by, source=source)
    return row


@transaction.atomic
def advance_project(
    *, project: Project, stage: str, as_of: dt.date, by: Actor, note: str = "", source: str = ""
) -> ProjectStage:
    """Say that the project has reached a later stage by ``as_of``. Stages go forward, and earlier ones stay on record.

    Raises ValidationError keyed by field, and PROJECT-STAGE for a step back.
    """
    if as_of > timezone.localdate():
        raise ValidationError({"as_of": _("日期不能晚于今天")})
    Project.objects.select_for_update().get(pk=project.pk)
    row = ProjectStage(project=project, stage=stage, as_of=as_of, note=note.strip(), source=source.strip())
    checked(row, "as_of")
    with hold_rules():
        row.save(force_insert=True)
    audit.record("advance_project", row, by=by)
    return row

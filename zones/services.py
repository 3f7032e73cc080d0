"""The verbs of the territory: enter a figure, put a document on file, give a role, take it back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.models import User
from common.periods import ONE_DAY, cut, period
from zones.models import Figure, Grant, Instrument, Metric, Unit
from zones.querysets import WHOLE_YEAR


def checked(row: models.Model, general: str) -> None:
    """Validate a row; what concerns no field in particular is said at the field ``general``."""
    try:
        row.full_clean()
    except ValidationError as error:
        said = error.message_dict
        if NON_FIELD_ERRORS in said:
            said.setdefault(general, []).extend(said.pop(NON_FIELD_ERRORS))
        raise ValidationError(said) from error


@transaction.atomic
def record_figure(
    *,
    unit: Unit,
    metric: Metric,
    year: int,
    value: Decimal,
    scope: str,
    source: str,
    vintage: dt.date,
    by: Actor,
    through: int = WHOLE_YEAR,
    is_example: bool = False,
) -> Figure:
    """Enter a unit's figure for a year, in the metric's measure (yuan, percent, count).

    ``through`` is the last month it counts: 6 for 1–6月累计, 12 for the whole year.

    A figure that is there already stays: a restated one is a row of a later
    ``vintage``, the day on which it was published or entered. Raises
    ValidationError keyed by field.
    """
    if vintage > timezone.localdate():
        raise ValidationError({"vintage": _("发布日期不能晚于今天")})
    if vintage.year < year:
        raise ValidationError({"vintage": _("%(year)s 年的数据不能早于该年发布") % {"year": year}})
    if 1 <= through < WHOLE_YEAR and vintage < dt.date(year, through, 1):
        raise ValidationError({"vintage": _("累计至 %(month)s 月的数据不能早于该月发布") % {"month": through}})
    figure = Figure(
        unit=unit,
        metric=metric,
        year=year,
        through=through,
        value=value,
        scope=scope.strip(),
        source=source.strip(),
        vintage=vintage,
        entered_by=by.user,
        is_example=is_example,
    )
    checked(figure, "vintage")
    with hold_rules():
        figure.save(force_insert=True)
    audit.record("record_figure", figure, by=by)
    return figure


def _refuse_own_case(user: User, by: Actor) -> None:
    if by.user is not None and by.user.pk == user.pk:
        raise ValidationError({"user": _("不能给自己授权或撤销自己的授权")}, code="own_case")


@transaction.atomic
def grant_role(
    *, user: User, role: str, unit: Unit, starts: dt.date, reason: str, by: Actor, ends: dt.date | None = None
) -> Grant:
    """Give a user a role on a unit and all below it; ``ends`` is the last day, none means until further notice.

    Raises ValidationError when he gives it to himself, has it already in that
    period, or when the role follows from the roster and cannot be given.
    """
    _refuse_own_case(user, by)
    if ends and ends < starts:
        raise ValidationError({"ends": _("结束日期不能早于开始日期")})
    if not reason.strip():
        raise ValidationError({"reason": _("请写明授权依据")})
    grant = Grant(user=user, role=role, unit=unit, period=period(starts, ends), reason=reason.strip())
    checked(grant, "starts")
    with hold_rules():
        grant.save(force_insert=True)
    audit.record("grant_role", grant, by=by, reason=reason)
    return grant


@transaction.atomic
def end_grant(*, grant: Grant, on: dt.date, reason: str, by: Actor) -> Grant:
    """End a grant: ``on`` is its last day. What it allowed in its time stays on record."""
    _refuse_own_case(grant.user, by)
    row = Grant.objects.select_for_update().get(pk=grant.pk)
    if on < row.starts:
        raise ValidationError({"on": _("结束日期不能早于授权开始日期")})
    if row.last_day and on >= row.last_day:
        raise ValidationError({"on": _("该授权在此日已结束")})
    before = audit.facts(row)
    row.period = cut(row.period, on + ONE_DAY)
    row.save(update_fields=["period"])
    audit.record("end_grant", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


@transaction.atomic
def record_instrument(
    *,
    title: str,
    issuer: str,
    issued_on: dt.date,
    by: Actor,
    number: str = "",
    source: str = "",
    code: str = "",
    is_example: bool = False,
) -> Instrument:
    """Put a document on file; without a ``code`` it gets one of its day. Raises ValidationError keyed by field."""
    if issued_on > timezone.localdate():
        raise ValidationError({"issued_on": _("发文日期不能晚于今天")})
    if number.strip() and Instrument.objects.filter(number=number.strip(), issuer=issuer.strip()).exists():
        raise ValidationError({"number": _("该发文机关的这一文号已登记，请从已有批文中选择")})
    if not code:
        day = f"doc-{issued_on:%Y%m%d}"
        taken = Instrument.objects.filter(code__startswith=day).count()
        code = f"{day}-{taken + 1}"
    instrument = Instrument(
        code=code,
        title=title.strip(),
        number=number.strip(),
        issuer=issuer.strip(),
        issued_on=issued_on,
        source=source.strip(),
        is_example=is_example,
    )
    checked(instrument, "number")
    with hold_rules():
        instrument.save(force_insert=True)
    audit.record("record_instrument", instrument, by=by)
    return instrument

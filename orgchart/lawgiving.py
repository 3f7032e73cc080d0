"""The verbs of the law: a charter with all that comes with it, quotas, exceptions. The establishment office's alone.

Nothing in force is rewritten: the law before ends on the day on which the new
one begins, and PostgreSQL holds that too (LAW-KEPT).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import ONE_DAY, cut, period
from common.rules import Rule
from orgchart.models import Charter, CharterParameter, Quota, QuotaKind, RuleException, Tier
from zones.models import Instrument, Unit, UnitVersion


@dataclass(frozen=True)
class TierTerms:
    """A management level as a charter sets it up."""

    number: int
    kind: str
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class ExceptionTerms:
    """By how much a unit may break a measure of a rule; ``ends`` is the last day, none means until cured."""

    unit: Unit
    rule: str
    measure: str
    allowed: int
    ends: dt.date | None = None
    note: str = ""


#: A unit and a kind → its limit from now on; None takes the limit away.
Limits = Mapping[tuple[Unit, str], int | None]
Parameters = Mapping[tuple[str, str], Decimal]


@transaction.atomic
def record_charter(
    *,
    zone: Unit,
    name: str,
    instrument: Instrument,
    starts: dt.date,
    parameters: Parameters,
    by: Actor,
    limited_kinds: Collection[str] = (),
    limits: Limits | None = None,
    tiers: Collection[TierTerms] | None = None,
    exceptions: Collection[ExceptionTerms] = (),
    replacing: Charter | None = None,
    reason: str = "",
) -> Charter:
    """A zone's law from ``starts`` on; ``replacing`` is the charter that the author saw in force that day.

    Quotas and tiers that stay as they are keep their instrument; ``tiers`` None
    leaves all of them. Raises ValidationError: by field; "stale" when another
    charter is in force by now; with a rule's id when what stands would break it.
    """
    _approved(instrument, starts)
    _lock(zone)
    now = zone.charters.on(starts).first()
    if now != replacing:
        raise ValidationError(_("机构编制规定已有变动，请重新打开页面再填"), code="stale")
    unknown = [
        key for key in parameters if key[0] not in Rule.registry or key[1] not in Rule.registry[key[0]].parameters
    ]
    if unknown:
        raise ValidationError(
            {"parameters": _("没有这一参数：%(rule)s %(name)s") % dict(zip(("rule", "name"), unknown[0], strict=True))}
        )
    charter = Charter(
        zone=zone,
        name=name.strip(),
        limited_kinds=[kind for kind in QuotaKind.values if kind in set(limited_kinds)],
        instrument=instrument,
        period=_from(starts, now, zone.charters.all()),
    )
    charter.full_clean(exclude=["zone", "instrument", "recorded_at"], validate_constraints=False)
    rows = [CharterParameter(rule=rule, name=key, value=value) for (rule, key), value in sorted(parameters.items())]
    before = _facts(now) if now else None
    with hold_rules():
        if now:
            _close(now, starts)
        charter.save(force_insert=True)
        for row in rows:
            row.charter = charter
        CharterParameter.objects.bulk_create(rows)
        changed = _set_limits(limits or {}, instrument, starts)
        tiered = _set_tiers(zone, tiers, starts) if tiers is not None else []
        excepted = [_except(zone, terms, instrument, starts) for terms in exceptions]
    after = _facts(charter) | {
        "limits": [_limit_facts(quota) for quota in changed],
        "tiers": [audit.facts(tier) for tier in tiered],
        "exceptions": [audit.facts(exception) for exception in excepted],
    }
    audit.record("record_charter", charter, by=by, before=before, after=after, reason=reason)
    return charter


@transaction.atomic
def set_limits(
    *, zone: Unit, limits: Limits, instrument: Instrument, starts: dt.date, by: Actor, reason: str = ""
) -> list[Quota]:
    """Other quotas from ``starts`` on, within the charter in force. Raises ValidationError as ``record_charter``."""
    _approved(instrument, starts)
    _lock(zone)
    within = set(UnitVersion.objects.on(starts).of_zone(zone.pk).values_list("unit", flat=True))
    if any(unit.pk not in within for unit, _kind in limits):
        raise ValidationError({"limits": _("只能为本区及其功能园区核定限额")})
    with hold_rules():
        changed = _set_limits(limits, instrument, starts)
    for quota in changed:
        audit.record("set_limit", quota, by=by, after=_limit_facts(quota), reason=reason)
    return changed


@transaction.atomic
def record_exception(
    *, zone: Unit, terms: ExceptionTerms, instrument: Instrument, starts: dt.date, by: Actor, reason: str = ""
) -> RuleException:
    """Tolerate what is real and over-full, up to ``terms.allowed``, by an instrument; reported until cured.

    Raises ValidationError keyed by field, and without a field where a rule is
    broken all the same.
    """
    _approved(instrument, starts)
    _lock(zone)
    with hold_rules():
        exception = _except(zone, terms, instrument, starts)
    audit.record("record_exception", exception, by=by, reason=reason)
    return exception


@transaction.atomic
def end_exception(*, exception: RuleException, on: dt.date, by: Actor, reason: str) -> RuleException:
    """End an exception: ``on`` is its last day. Refused by the rule itself while it is not cured by then."""
    _lock(exception.zone)
    row = RuleException.objects.select_for_update().get(pk=exception.pk)
    before = audit.facts(row)
    try:
        row.period = cut(row.period, on + ONE_DAY)
    except ValueError as error:
        raise ValidationError({"on": str(error)}) from error
    with hold_rules():
        row.save(update_fields=["period"])
    audit.record("end_exception", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


# --- parts of these ---------------------------------------------------------------------------


def _approved(instrument: Instrument, starts: dt.date) -> None:
    if instrument.issued_on > starts:
        raise ValidationError({"starts": _("生效日期不能早于批文日期")})


def _lock(zone: Unit) -> None:
    """One lawgiver at a time for a zone: of two who saw the same charter, the second is told that it has changed."""
    Unit.objects.select_for_update().get(pk=zone.pk)


Row = TypeVar("Row", Charter, Quota, Tier, RuleException)


def _from(starts: dt.date, now: Row | None, rows: models.QuerySet) -> DateRange:
    """From ``starts`` to where the row in force would have ended, else up to the next that is on file."""
    if now:
        return DateRange(starts, now.period.upper)
    return DateRange(starts, min((row.starts for row in rows if row.starts > starts), default=None))


def _close(row: Row, end: dt.date) -> None:
    if row.starts == end:
        raise ValidationError({"starts": _("“%(row)s”自这一天起才生效，请另定生效日期") % {"row": row}})
    row.period = cut(row.period, end)
    row.save(update_fields=["period"])


def _set_limits(limits: Limits, instrument: Instrument, starts: dt.date) -> list[Quota]:
    """The quotas that change; those with the same limit stay as they are."""
    changed = []
    for (unit, kind), limit in limits.items():
        rows = Quota.objects.filter(unit=unit, kind=kind)
        now = rows.on(starts).first()
        if (now.limit if now else None) == limit:
            continue
        span = _from(starts, now, rows)
        if now:
            _close(now, starts)
        if limit is not None:
            quota = Quota(unit=unit, kind=kind, limit=limit, instrument=instrument, period=span)
            quota.full_clean(exclude=["unit", "instrument"], validate_constraints=False)
            quota.save(force_insert=True)
            changed.append(quota)
        elif now:
            changed.append(now)
    return changed


def _set_tiers(zone: Unit, tiers: Collection[TierTerms], starts: dt.date) -> list[Tier]:
    """The tiers that are new; one that stays keeps its row, for posts hang on it."""
    wanted = {terms.number: terms for terms in tiers}
    standing = {tier.number: tier for tier in zone.tiers.on(starts)}
    kept = {
        n for n, tier in standing.items() if n in wanted and (tier.kind, tier.name) == (wanted[n].kind, wanted[n].name)
    }
    for number in standing.keys() - kept:
        _close(standing[number], starts)
    added = []
    for number in sorted(wanted.keys() - kept):
        terms = wanted[number]
        tier = Tier(
            zone=zone, number=number, kind=terms.kind, name=terms.name, name_en=terms.name_en, period=period(starts)
        )
        tier.full_clean(exclude=["zone"], validate_constraints=False)
        tier.save(force_insert=True)
        added.append(tier)
    return added


def _except(zone: Unit, terms: ExceptionTerms, instrument: Instrument, starts: dt.date) -> RuleException:
    rule = Rule.registry.get(terms.rule)
    if rule is None or terms.measure not in rule.finders or rule.severity != "hard" or terms.measure in rule.warnings:
        raise ValidationError({"measure": _("该规则没有可以设例外的这一事项")})
    if terms.ends and terms.ends < starts:
        raise ValidationError({"ends": _("结束日期不能早于开始日期")})
    if not UnitVersion.objects.on(starts).of_zone(zone.pk).filter(unit=terms.unit).exists():
        raise ValidationError({"unit": _("该单位这一天不属于本区")})
    exception = RuleException(
        zone=zone,
        unit=terms.unit,
        rule=terms.rule,
        measure=terms.measure,
        allowed=terms.allowed,
        instrument=instrument,
        note=terms.note.strip(),
        period=period(starts, terms.ends),
    )
    exception.full_clean(exclude=["zone", "unit", "instrument"], validate_constraints=False)
    exception.save(force_insert=True)
    return exception


def _facts(charter: Charter) -> dict[str, Any]:
    stated = {f"{rule} {name}": value for (rule, name), value in sorted(charter.stated.items())}
    return {**audit.facts(charter), "parameters": stated}


def _limit_facts(quota: Quota) -> dict[str, Any]:
    return {"unit": quota.unit.code, "kind": quota.kind, "limit": quota.limit, "period": quota.period}

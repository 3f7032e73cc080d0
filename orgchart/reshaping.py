"""The verbs that reshape a structure: rename, regrade, redefine, move, abolish, merge, split, set a quota.

Each takes effect from a day on, by an instrument of that day or earlier. The
past is closed, never rewritten; what is on file for later days stays. What one
instrument orders for one day is one version, however many verbs it takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules, judged_together
from common.periods import cut
from orgchart.models import Bureau, BureauFunction, BureauVersion, DutyAssignment, Function, Quota
from orgchart.services import move_duty, set_up_bureau
from zones.models import Instrument, Unit


def _refuse_early(instrument: Instrument, starts: dt.date) -> None:
    """ORG-02: what an instrument sets in force begins on its day or later."""
    if instrument.issued_on > starts:
        raise ValidationError({"starts": _("生效日期不能早于批文日期")})


def _standing(bureau: Bureau, day: dt.date) -> BureauVersion:
    """The bureau's version of the day, with the bureau locked; raises ValidationError when it does not stand."""
    Bureau.objects.select_for_update(no_key=True).get(pk=bureau.pk)
    version = bureau.versions.on(day).select_related("bureau").first()
    if version is None:
        raise ValidationError({"bureau": _("机构 %(code)s 在该日不存在") % {"code": bureau.code}})
    return version


def _refuse_wrong_nature(nature: str, functions: Collection[Function]) -> None:
    if not functions:
        raise ValidationError({"functions": _("请至少选择一项职能")})
    if nature not in {function.nature for function in functions}:
        raise ValidationError({"nature": _("机构性质须与其某一项职能的性质一致")})


@transaction.atomic
def _reshape(
    verb: str,
    *,
    bureau: Bureau,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    reason: str,
    functions: Collection[Function] | None = None,
    **changes: Any,
) -> BureauVersion:
    """The bureau's version from ``starts`` on, with the changes; what they do not name is carried over."""
    _refuse_early(instrument, starts)
    old = _standing(bureau, starts)
    held = list(old.functions.all())
    before = audit.facts(old) | {"functions": sorted(each.code for each in held)}
    new, fresh = old, old.starts < starts
    if fresh:
        new = BureauVersion.objects.get(pk=old.pk)
        new.pk, new._state.adding = None, True
        new.period = DateRange(starts, old.period.upper)
    elif old.instrument_id != instrument.pk:
        raise ValidationError({"starts": _("该机构的现行记录正是自该日起生效，请另定生效日期")})
    for field, value in changes.items():
        setattr(new, field, value.strip() if isinstance(value, str) else value)
    new.instrument = instrument
    wanted = held if functions is None else list(functions)
    _refuse_wrong_nature(new.nature, wanted)
    new.full_clean(exclude=["bureau", "unit", "parent", "instrument"], validate_constraints=False)
    with hold_rules():
        if fresh:
            # What ends the bureau later ends it in its new shape.
            old.period, old.closed_by = cut(old.period, starts), None
            old.save(update_fields=["period", "closed_by"])
        new.save()
        if fresh or functions is not None:
            BureauFunction.objects.filter(version=new).delete()
            BureauFunction.objects.bulk_create(BureauFunction(version=new, function=each) for each in wanted)
    after = audit.facts(new) | {"functions": sorted(each.code for each in wanted)}
    audit.record(verb, new, by=by, before=before, after=after, reason=reason)
    return new


def rename_bureau(
    *,
    bureau: Bureau,
    name: str,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    name_en: str = "",
    reason: str = "",
) -> BureauVersion:
    """Call the bureau by another name (更名); posts and people do not notice. Raises ValidationError (ORG-02)."""
    if _standing(bureau, starts).name == name.strip():
        raise ValidationError({"name": _("新名称与现名称相同")})
    names: dict[str, Any] = {"name": name, "name_en": name_en}
    return _reshape("rename_bureau", bureau=bureau, starts=starts, instrument=instrument, by=by, reason=reason, **names)


def regrade_bureau(
    *, bureau: Bureau, rank: str, starts: dt.date, instrument: Instrument, by: Actor, reason: str = ""
) -> BureauVersion:
    """Give the bureau another rank (机构规格调整); empty where none is published. Raises ValidationError (ORG-02)."""
    if _standing(bureau, starts).rank == rank.strip():
        raise ValidationError({"rank": _("新规格与现规格相同")})
    return _reshape(
        "regrade_bureau", bureau=bureau, starts=starts, instrument=instrument, by=by, reason=reason, rank=rank
    )


def redefine_bureau(
    *,
    bureau: Bureau,
    functions: Collection[Function],
    nature: str,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    reason: str = "",
) -> BureauVersion:
    """Give the bureau other functions and the nature that goes with them (职能调整): ORG-06, ORG-07."""
    return _reshape(
        "redefine_bureau",
        bureau=bureau,
        starts=starts,
        instrument=instrument,
        by=by,
        reason=reason,
        functions=functions,
        nature=nature,
    )


def move_bureau(
    *, bureau: Bureau, unit: Unit, starts: dt.date, instrument: Instrument, by: Actor, reason: str = ""
) -> BureauVersion:
    """Put the bureau under another unit (隶属调整), last in its order. Its posts have to follow on the same day."""
    if _standing(bureau, starts).unit_id == unit.pk:
        raise ValidationError({"unit": _("机构已在该单位")})
    last = BureauVersion.objects.filter(unit=unit).aggregate(last=Max("sequence"))["last"]
    return _reshape(
        "move_bureau",
        bureau=bureau,
        starts=starts,
        instrument=instrument,
        by=by,
        reason=reason,
        unit=unit,
        parent=None,
        sequence=(last or 0) + 1,
    )


@transaction.atomic
def abolish_bureau(
    *, bureau: Bureau, starts: dt.date, instrument: Instrument, by: Actor, reason: str = ""
) -> BureauVersion:
    """Close the bureau (撤销): ``starts`` is the first day without it, the instrument is what closes it.

    Raises ValidationError when it bears duties from then on (they are named), when
    something is on file for it later, and through the database when it has posts.
    """
    _refuse_early(instrument, starts)
    version = _standing(bureau, starts)
    if version.starts == starts or bureau.versions.filter(period__startswith__gt=starts).exists():
        raise ValidationError({"bureau": _("%(name)s在该日或以后另有变动，不能自该日起撤销") % {"name": version.name}})
    borne = DutyAssignment.objects.during(DateRange(starts, None)).filter(bureau=bureau).select_related("duty")
    if names := "、".join(sorted({row.duty.name for row in borne})):
        text = _("%(bureau)s仍承担职责，须先移交：%(duties)s") % {"bureau": version.name, "duties": names}
        raise ValidationError({"bureau": ValidationError(text, code="DUTY-BEARER")})
    before = audit.facts(version)
    version.period, version.closed_by = cut(version.period, starts), instrument
    with hold_rules():
        version.save(update_fields=["period", "closed_by"])
    audit.record("abolish_bureau", version, by=by, before=before, after=audit.facts(version), reason=reason)
    return version


@transaction.atomic
def hand_over_duties(
    *, bureau: Bureau, to: Bureau, starts: dt.date, instrument: Instrument, by: Actor, reason: str = ""
) -> list[DutyAssignment]:
    """Whatever duty the bureau bears on the day, another bears from then on."""
    borne = DutyAssignment.objects.on(starts).filter(bureau=bureau).select_related("duty", "area")
    return [
        move_duty(
            duty=row.duty,
            area=row.area,
            to_bureau=to,
            starts=starts,
            instrument=instrument,
            by=by,
            reason=reason,
            note=row.note,
        )
        for row in borne
    ]


@transaction.atomic
def merge_bureaus(
    *,
    sources: Sequence[Bureau],
    into: Bureau,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    name: str = "",
    name_en: str = "",
    nature: str = "",
    reason: str = "",
) -> BureauVersion:
    """Merge bureaus into one that goes on (合并): it takes their functions and duties, they are abolished.

    ``name`` and ``nature`` are what it is from then on, where they change. It is
    judged as a whole. Posts are not moved here: they stand above this room.
    """
    if not sources or into in sources:
        raise ValidationError({"sources": _("请选择并入的机构，且不能是合并后的机构本身")})
    now = _standing(into, starts)
    functions = {each.pk: each for each in now.functions.all()}
    for source in sources:
        functions |= {each.pk: each for each in _standing(source, starts).functions.all()}
    changes: dict[str, Any] = {"name": name, "name_en": name_en} if name.strip() else {}
    common: dict[str, Any] = {"starts": starts, "instrument": instrument, "by": by, "reason": reason}
    with hold_rules(), judged_together():
        merged = _reshape(
            "merge_bureaus",
            bureau=into,
            functions=list(functions.values()),
            nature=nature or now.nature,
            **changes,
            **common,
        )
        for source in sources:
            hand_over_duties(bureau=source, to=into, **common)
            abolish_bureau(bureau=source, **common)
    return merged


@transaction.atomic
def split_bureau(
    *,
    bureau: Bureau,
    code: str,
    name: str,
    functions: Collection[Function],
    nature: str,
    starts: dt.date,
    instrument: Instrument,
    by: Actor,
    name_en: str = "",
    remaining_nature: str = "",
    reason: str = "",
) -> Bureau:
    """Set up a new bureau beside the old with some of its functions (分设); the old one keeps the others.

    Raises ValidationError for functions that it does not hold, or when none is left to it.
    """
    old = _standing(bureau, starts)
    held = {each.pk: each for each in old.functions.all()}
    taken = {each.pk for each in functions}
    if not taken <= held.keys():
        raise ValidationError({"functions": _("只能分出该机构现有的职能")})
    if taken == held.keys():
        raise ValidationError({"functions": _("原机构须保留至少一项职能")})
    common: dict[str, Any] = {"starts": starts, "instrument": instrument, "by": by, "reason": reason}
    with hold_rules(), judged_together():
        _reshape(
            "split_bureau",
            bureau=bureau,
            functions=[each for pk, each in held.items() if pk not in taken],
            nature=remaining_nature or old.nature,
            **common,
        )
        return set_up_bureau(
            unit=old.unit,
            code=code,
            name=name,
            name_en=name_en,
            functions=functions,
            nature=nature,
            rank=old.rank,
            parent=old.parent,
            **common,
        )


@transaction.atomic
def set_quota(
    *, unit: Unit, kind: str, limit: int, starts: dt.date, instrument: Instrument, by: Actor, reason: str = ""
) -> Quota:
    """Limit a kind (bureaus, leaders, heads, establishment) in a unit from ``starts`` on.

    The old limit ends the day before; one that is on file for a later day still takes its place.
    """
    _refuse_early(instrument, starts)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    rows = list(Quota.objects.filter(unit=unit, kind=kind).order_by("period"))
    now = next((row for row in rows if row.in_force(starts)), None)
    following = next((row.starts for row in rows if row.starts > starts), None)
    if now and now.limit == limit:
        raise ValidationError({"limit": _("新限额与现行限额相同")})
    if now and now.starts == starts:
        raise ValidationError({"starts": _("现行限额正是自该日起生效，请另定生效日期")})
    quota = Quota(
        unit=unit,
        kind=kind,
        limit=limit,
        instrument=instrument,
        period=DateRange(starts, now.period.upper if now else following),
    )
    quota.full_clean(exclude=["unit", "instrument"], validate_constraints=False)
    before = audit.facts(now) if now else None
    with hold_rules():
        if now:
            now.period = cut(now.period, starts)
            now.save(update_fields=["period"])
        quota.save(force_insert=True)
    audit.record("set_quota", quota, by=by, before=before, after=audit.facts(quota), reason=reason)
    return quota

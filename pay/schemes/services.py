"""Verbs of schemes: a new version from a day on, and what it would do to last year's pools."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import cut, period
from kpi.models import Rating
from pay.formulas import PayError, PoolScheme, Rule
from pay.formulas.errors import BadParameter
from pay.inputs import gather_block
from pay.labels import explain
from pay.models import PoolRule, Run, Scheme
from pay.services import units_of_zone
from pay.settings import Settings
from pay.snapshots import pool_of
from zones.models import Instrument, Unit

UNIT_GRADES = (Rating.FIRST, Rating.SECOND, Rating.THIRD)
PERSON_GRADES = (Rating.EXCELLENT, Rating.COMPETENT, Rating.BASIC, Rating.INCOMPETENT, Rating.UNDETERMINED)


@dataclass(frozen=True)
class Terms:
    """What a version says; ``rules`` hold role, method, parameters, and for one unit's own the ``unit`` id.

    ``own_units`` are ids of units that must have rules of their own, whether or not ``rules`` has any of them.
    """

    rules: Sequence[Mapping[str, Any]]
    rating_factors: Mapping[str, Any]
    grade_factors: Mapping[str, Any]
    settings: Mapping[str, Any]
    bureau_floor: Decimal
    bureau_cap: Decimal
    cutoff_day: int
    current_ratio: Decimal
    own_units: Sequence[int] = ()

    @classmethod
    def of(cls, scheme: Scheme) -> Terms:
        """The terms of a version that there is: what a new one begins with."""
        return cls(
            rules=[rule.as_json() | {"unit": rule.unit_id} for rule in scheme.rules.all()],
            rating_factors=scheme.rating_factors,
            grade_factors=scheme.grade_factors,
            settings=scheme.settings,
            bureau_floor=scheme.bureau_floor,
            bureau_cap=scheme.bureau_cap,
            cutoff_day=scheme.cutoff_day,
            current_ratio=scheme.current_ratio,
        )


@dataclass(frozen=True)
class Effect:
    """What a version would make of a unit's pool of a year, in yuan; ``problems`` say why not."""

    unit: Unit
    before: Decimal | None
    after: Decimal | None
    problems: list[str] = field(default_factory=list)

    @property
    def difference(self) -> Decimal | None:
        return None if self.before is None or self.after is None else self.after - self.before


@transaction.atomic
def new_version(
    *, zone: Unit, starts: dt.date, instrument: Instrument, name: str, terms: Terms, by: Actor, name_en: str = ""
) -> Scheme:
    """Put a new version in force from a day on; the one in force until then ends the day before.

    Raises ValidationError at the field that cannot be: formulas, factors and
    settings are checked by name; a day before the version in force began, or an
    instrument issued after it, is refused.
    """
    # Locking the zone makes a second click wait here, and then find the day taken.
    Unit.objects.select_for_update().get(pk=zone.pk)
    checked = check(terms)
    if instrument.issued_on > starts:
        raise ValidationError({"instrument": _("批文晚于生效日期")})
    last = Scheme.objects.filter(zone=zone).order_by("-period").first()
    if last and starts <= last.starts:
        raise ValidationError({"starts": _("须晚于现行方案的生效日期 %(day)s") % {"day": last.starts.isoformat()}})
    number = Scheme.objects.filter(zone=zone).aggregate(n=Max("version"))["n"] or 0
    made = Scheme(
        zone=zone,
        version=number + 1,
        period=period(starts),
        instrument=instrument,
        name=name,
        name_en=name_en,
        rating_factors=checked.rating_factors,
        grade_factors=checked.grade_factors,
        settings=checked.settings,
        bureau_floor=terms.bureau_floor,
        bureau_cap=terms.bureau_cap,
        cutoff_day=terms.cutoff_day,
        current_ratio=terms.current_ratio,
    )
    with hold_rules():
        if last and (last.period.upper is None or last.period.upper > starts):
            last.period = cut(last.period, starts)
            last.save(update_fields=["period"])
        made.full_clean()
        made.save()
        PoolRule.objects.bulk_create(
            PoolRule(scheme=made, sequence=at, unit_id=row.get("unit"), **Rule.read(row).as_json())
            for at, row in enumerate(checked.rules, start=1)
        )
    after = {"version": made.version, "starts": starts, "instrument": instrument.code, "rules": list(checked.rules)}
    audit.record("new_scheme", made, by=by, after=after)
    return made


def effects(*, year: int, zone: Unit, **version: Any) -> list[Effect]:
    """What a new version would make of the year's pools: done for real, looked at, and taken back."""
    with transaction.atomic():
        made = new_version(zone=zone, **version)
        units = units_of_zone(zone, year)
        standing = dict(Run.objects.standing().filter(unit__in=units, year=year).values_list("unit", "pool"))
        found = [_effect(each, standing) for each in gather_block(units, year, scheme=made)]
        transaction.set_rollback(True)
    return found


def _effect(gathered, standing: Mapping[int, Decimal]) -> Effect:
    before = standing.get(gathered.unit.pk)
    if gathered.problems:
        return Effect(gathered.unit, before, None, [problem.message for problem in gathered.problems])
    try:
        return Effect(gathered.unit, before, pool_of(gathered.values).amount)
    except PayError as error:
        return Effect(gathered.unit, before, None, [explain(error)])


@dataclass(frozen=True)
class Checked:
    rules: list[Mapping[str, Any]]
    rating_factors: dict[str, str]
    grade_factors: dict[str, str]
    settings: dict[str, Any]


def check(terms: Terms) -> Checked:
    """The terms as they are stored; ValidationError names every field that cannot be; a unit's as ``CODE.field``."""
    errors: dict[str, str] = {}

    def attempt(read, *given: Any, code: str = "") -> Any:
        try:
            return read(*given)
        except BadParameter as error:
            name, said = (
                (f"{code}.{error.field}", f"{code}：{explain(error)}") if code else (error.field, explain(error))
            )
            errors.setdefault(name, said)
        return None

    settings = attempt(Settings.read, terms.settings)
    ratings = attempt(_factors, "rating_factors", terms.rating_factors, UNIT_GRADES)
    grades = attempt(_factors, "grade_factors", terms.grade_factors, PERSON_GRADES)
    units = dict.fromkeys([None, *terms.own_units, *(row.get("unit") for row in terms.rules)])
    codes = dict(Unit.objects.filter(pk__in=[unit for unit in units if unit]).values_list("pk", "code"))
    for unit in units:
        own = [row for row in terms.rules if row.get("unit") == unit]
        code = codes.get(unit, "") if unit else ""
        rules = attempt(lambda rows: [Rule.read(row) for row in rows], own, code=code)
        if rules is not None and ratings is not None:
            factors = {grade: Decimal(factor) for grade, factor in ratings.items()}
            attempt(PoolScheme, rules, factors, "clamp", code=code)
    if errors:
        raise ValidationError(errors)
    return Checked(list(terms.rules), ratings, grades, settings.as_json())


def _factors(name: str, given: Mapping[str, Any], grades: Sequence[Rating]) -> dict[str, str]:
    """A factor of at least 0 for each grade, none left out and none unknown, kept as text."""
    if set(given) - {grade.value for grade in grades}:
        raise BadParameter(name, "unknown")
    found = {}
    for grade in grades:
        try:
            number = Decimal(str(given[grade.value]))
        except (KeyError, InvalidOperation):
            raise BadParameter(name, "missing" if grade.value not in given else "not_exact") from None
        if not number.is_finite() or number < 0:
            raise BadParameter(name, "negative" if number.is_finite() else "not_exact")
        if number >= 100 or number != number.quantize(Decimal("0.0001")):
            raise BadParameter(name, "four_places")
        found[grade.value] = f"{abs(number).normalize():f}"
    return found

"""The quota of 优秀 as arithmetic, circle by circle, and the raise that an instrument allows (ASM-03)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from common.numerals import plain
from kpi.judgement import allotments
from kpi.models import Cycle, QuotaRaise, Rating, Scorecard, Undetermined
from zones.models import Instrument, Unit

#: Who has a card and is not 应参加考核: on probation, assessed elsewhere, too new, gone.
APART = (Undetermined.PROBATION, Undetermined.SECONDED, Undetermined.NEWCOMER, Undetermined.LEFT)


def stated(cycle: Cycle, rule: str, name: str) -> Decimal | None:
    """What the charter of the year's end states; None when it does not."""
    with connection.cursor() as cursor:
        cursor.execute("select kpi_stated(%s, %s, %s)", [cycle.pk, rule, name])
        return cursor.fetchone()[0]


@dataclass(frozen=True)
class Quota:
    """A unit's staff, or all leaders (``unit`` None): how many have cards, count, may be 优秀, and are."""

    unit: int | None
    heads: int
    base: int
    ratio: Decimal | None
    places: int | None
    excellent: int

    @property
    def left(self) -> int | None:
        return None if self.places is None else self.places - self.excellent

    @property
    def arithmetic(self) -> str:
        """23 × 20% = 4.6，取 4; what is missing where the charter states no ratio."""
        if self.ratio is None or self.places is None:
            return _("机构编制规定未载明优秀比例（ASM-03）")
        told = {
            "base": self.base,
            "ratio": plain(self.ratio * 100),
            "exact": plain(self.base * self.ratio),
            "places": self.places,
        }
        return _("%(base)s × %(ratio)s%% = %(exact)s，取 %(places)s") % told


def quotas(cycle: Cycle, units: Iterable[int | None]) -> dict[int | None, Quota]:
    """The quotas of these units' staff and (None) of the leaders, as PostgreSQL holds them at COMMIT."""
    wanted = list(dict.fromkeys(units))
    with connection.cursor() as cursor:
        cursor.execute(
            "select u.unit, q.* from unnest(%s::bigint[]) u(unit), lateral kpi_quota(%s, u.unit) q",
            [wanted, cycle.pk],
        )
        return {row[0]: Quota(*row) for row in cursor.fetchall()}


@dataclass(frozen=True)
class Circle:
    """Who is compared with whom: a bureau, the small bureaus of a unit together, or a unit's leaders."""

    key: str
    unit: int
    bureaus: tuple[int | None, ...]
    base: int
    ratio: Fraction
    places: int
    pooled: bool = False

    @property
    def arithmetic(self) -> str:
        told = {
            "base": self.base,
            "ratio": plain(self.ratio * 100),
            "exact": plain(self.base * self.ratio),
            "places": self.places,
        }
        return _("%(base)s × %(ratio)s%% = %(exact)s，取 %(places)s") % told


def circles(cycle: Cycle, quota: Quota, bases: Counter[int | None]) -> list[Circle]:
    """A unit's circles from its bureaus' bases (V03); what the unit has beyond them is its own to give."""
    if quota.unit is None or quota.ratio is None:
        return []
    ratio = Fraction(quota.ratio)
    found = allotments({pk: n for pk, n in bases.items() if pk is not None}, ratio, small=cycle.small_bureau or 0)
    rows = []
    for each in found:
        held = tuple(pk for pk in bases if pk in each.bureaus)
        key = f"{quota.unit}-{each.circle}"
        rows.append(Circle(key, quota.unit, held, each.base, ratio, each.places, each.circle == "small"))
    return rows


def bases(cycle: Cycle, units: Iterable[int]) -> dict[int, Counter[int | None]]:
    """How many count (应参加考核人数) by unit and bureau."""
    found: dict[int, Counter[int | None]] = defaultdict(Counter)
    cards = Scorecard.objects.filter(cycle=cycle, kind="person", unit__in=units)
    counted = cards.exclude(result__undetermined__in=APART).order_by()
    for unit, bureau in counted.values_list("unit", "bureau"):
        found[unit][bureau] += 1
    return found


@transaction.atomic
def raise_quota(*, cycle: Cycle, unit: Unit, ratio: Decimal, instrument: Instrument, by: Actor) -> QuotaRaise:
    """Raise a unit's quota of 优秀 for the year, by the instrument that agreed to it.

    Raises ValidationError beyond the ceiling that the charter states, or where it states none.
    """
    held = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    if held.state != Cycle.State.OPEN:
        raise ValidationError(_("%(year)s 考核结果已公布，不能再调整名额") % {"year": held.year}, code="KPI-CLOSED")
    base, most = stated(held, "ASM-03", "base_ratio"), stated(held, "ASM-03", "max_ratio")
    if base is None or most is None:
        raise ValidationError(_("机构编制规定未载明优秀比例（ASM-03）"), code="ASM-03")
    if not base < ratio <= most:
        text = _("提高后的比例须高于 %(base)s%%，不超过 %(most)s%%（ASM-03）")
        told = {"base": plain(base * 100), "most": plain(most * 100)}
        raise ValidationError({"ratio": text % told}, code="ASM-03")
    if not Scorecard.objects.filter(cycle=held, unit=unit, kind="person").exists():
        raise ValidationError({"unit": _("该单位本年度没有个人评分卡")})
    row = QuotaRaise.objects.filter(cycle=held, unit=unit).first()
    before = facts(row) if row else None
    row = row or QuotaRaise(cycle=held, unit=unit)
    row.ratio, row.instrument = ratio, instrument
    with hold_rules():
        row.save()
    record("raise_quota", row, by=by, before=before, after=facts(row), reason=str(instrument))
    return row


def excellent(cards) -> int:
    return cards.filter(result__rating=Rating.EXCELLENT).count()

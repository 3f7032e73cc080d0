"""Trying a plan out: done for real in a transaction, looked at, and taken back.

What a trial says is what would happen: it runs the code of the approval, asks
the rules on every day that turns from the plan's day on, and then asks the
database for its verdict.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import ONE_DAY
from common.rules import Violation, violations
from orgchart import chart
from orgchart.chart import Structure
from orgchart.differences import Difference, differences
from orgchart.models import Plan, StructureRevision
from orgchart.plans import locked, refuse_stale
from staffing.models import PostVersion
from staffing.plans.reorganising import Work, perform, site_of
from zones.models import Instrument, UnitVersion


@dataclass(frozen=True)
class Breach:
    """A rule that the plan would break, and the first of the turning days on which it would."""

    day: dt.date
    violation: Violation

    @property
    def blocks(self) -> bool:
        """A hard rule, and no exception tolerates it."""
        return self.violation.severity == "hard" and not self.violation.exempt


@dataclass(frozen=True)
class Obstacle:
    """What stops the plan outright: the change at which it did (None: the outcome as a whole), rule, and sentence.

    ``discreet`` names nobody, for whoever may not know who sits where.
    """

    order: int | None
    rule: str
    said: str
    discreet: str

    @classmethod
    def of(cls, error: ValidationError) -> Obstacle:
        leaf = _first(error)
        said = "；".join(error.messages)
        told = leaf.params or {}
        names = _("%(bureau)s有 %(n)s 人在岗，须写明划入何处")
        discreet = names % told if leaf.code == "BUREAU-MANNED" else said
        return cls(getattr(error, "change_order", None), leaf.code or "", said, discreet)


def _first(error: ValidationError) -> ValidationError:
    leaves = [leaf for each in error.error_dict.values() for leaf in each] if hasattr(error, "error_dict") else []
    return leaves[0] if leaves else error.error_list[0]


@dataclass(frozen=True)
class Place:
    """Where a post stands, in words and as keys: its unit and bureau."""

    unit: int
    bureau: int | None
    words: str
    name: str
    seats: int
    taken: int
    is_head: bool


@dataclass(frozen=True)
class Touched:
    """A post that the plan touches; ``before`` or ``after`` is None where there was or will be none."""

    code: str
    post: int
    before: Place | None
    after: Place | None

    @property
    def at(self) -> Place:
        found = self.before or self.after
        assert found is not None  # noqa: S101  # one of them is always there
        return found


@dataclass
class Trial:
    """What became of the plan when it was tried on a structure of ``revision``."""

    plan: Plan
    revision: int
    before: Structure
    after: Structure | None = None
    breaches: list[Breach] = field(default_factory=list)
    obstacle: Obstacle | None = None
    touched: list[Touched] = field(default_factory=list)
    seen: Any = None

    @property
    def blocking(self) -> list[Breach]:
        return [each for each in self.breaches if each.blocks]

    @property
    def stopped(self) -> Obstacle | None:
        """The obstacle, unless it only says again what is among the breaches."""
        met = self.obstacle
        if met and met.order is None and any(met.rule == each.violation.rule.id for each in self.blocking):
            return None
        return met

    @property
    def ok(self) -> bool:
        return self.obstacle is None and not self.blocking

    @property
    def differences(self) -> list[Difference]:
        return differences(self.before, self.after) if self.after else []

    @property
    def totals(self) -> dict[str, int]:
        """How many posts, seats and people the plan touches."""
        return {
            "posts": len(self.touched),
            "seats": sum(each.at.seats for each in self.touched),
            "people": sum(each.at.taken for each in self.touched),
        }


def try_out(plan: Plan, by: Actor, look: Callable[[], Any] | None = None) -> Trial:
    """Do the plan, look, and take it back; nothing stays, no audit entry either.

    ``look`` is called with the plan carried out, on its day; what it returns is ``Trial.seen``.
    """
    day, zone = plan.effective_on, plan.zone
    trial = Trial(plan, StructureRevision.of(zone.pk), chart.read(zone, day, judged=False))
    if not plan.changes.exists():
        nothing = _("还没有调整事项")
        trial.obstacle = Obstacle(None, "PLAN-EMPTY", nothing, nothing)
        return trial
    places = _places(zone.pk, day)
    with transaction.atomic(), audit.gathered() as entries:
        try:
            with transaction.atomic():
                perform(plan, Work(zone, day, _stand_in(plan), by, site_of(plan), plan.title))
            _look_around(trial, places, look)
            with hold_rules():
                pass  # what the database would say at COMMIT, said now
        except ValidationError as error:
            trial.obstacle = Obstacle.of(error)
        entries.clear()
        transaction.set_rollback(True)
    return trial


def _look_around(trial: Trial, places: dict[int, tuple[str, Place]], look: Callable[[], Any] | None) -> None:
    """Read what the plan made of the zone."""
    plan = trial.plan
    trial.after = chart.read(plan.zone, plan.effective_on, judged=False)
    said: set[tuple] = set()
    days = [plan.effective_on, *(day for day in chart.turning_days(plan.zone_id) if day > plan.effective_on)]
    for day in days:
        for found in violations(plan.zone_id, day):
            key = (found.rule.id, found.measure, found.unit_id, found.ref)
            if key not in said:
                said.add(key)
                trial.breaches.append(Breach(day, found))
    trial.touched = _compared(places, _places(plan.zone_id, plan.effective_on))
    trial.seen = look() if look else None


def _stand_in(plan: Plan) -> Instrument:
    """The instrument that a trial goes by: of the day before, and gone with it."""
    made = Instrument(
        code=f"trial-{plan.pk}",
        title=plan.title,
        # An approval always has a number: without one the trial would warn of what cannot be (ORG-02).
        number=plan.code,
        issued_on=plan.effective_on - ONE_DAY,
    )
    made.save(force_insert=True)
    return made


def as_approved(plan: Plan) -> Trial:
    """Of an approved plan, what it did: the eve of its day against the day itself."""
    day, eve = plan.effective_on, plan.effective_on - ONE_DAY
    trial = Trial(plan, StructureRevision.of(plan.zone_id), chart.read(plan.zone, eve, judged=False))
    trial.after = chart.read(plan.zone, day, judged=False)
    trial.touched = _compared(_places(plan.zone_id, eve), _places(plan.zone_id, day))
    return trial


# --- posts and people -------------------------------------------------------------------------


def _places(zone_id: int, day: dt.date) -> dict[int, tuple[str, Place]]:
    """Every post of the zone on the day: its code and where it stands."""
    units = UnitVersion.objects.on(day).of_zone(zone_id).values("unit")
    found = {}
    for row in PostVersion.objects.placed(day).filter(unit__in=units):
        words = " · ".join(name for name in (row.unit_name, row.bureau_name) if name)
        place = Place(row.unit_id, row.bureau_id, words, row.shown_name, row.headcount, row.taken, row.is_head)
        found[row.post_id] = (row.post_code, place)
    return found


def _compared(before: dict[int, tuple[str, Place]], after: dict[int, tuple[str, Place]]) -> list[Touched]:
    found = []
    for post in [*before, *(each for each in after if each not in before)]:
        was, now = before.get(post), after.get(post)
        if was is None or now is None or was != now:
            code = (was or now or ("",))[0]
            found.append(Touched(code, post, was and was[1], now and now[1]))
    return found


# --- the check on record ----------------------------------------------------------------------


@transaction.atomic
def check_plan(*, plan: Plan, version: int, by: Actor) -> Trial:
    """Try the plan out and put on record whether it holds (校核); without that it takes no further step.

    The record is of this version and this revision of the structure: when
    either changes it is worth nothing. Raises ValidationError (``stale``).
    """
    row = locked(plan)
    refuse_stale(row, version)
    trial = try_out(row, by)
    if row.final:
        return trial
    before = {"checked_version": row.checked_version, "checked_ok": row.checked_ok}
    row.checked_version, row.checked_revision = row.version, trial.revision
    row.checked_ok, row.checked_at = trial.ok, timezone.now()
    row.findings = findings(trial)
    row.save(update_fields=["checked_version", "checked_revision", "checked_ok", "checked_at", "findings"])
    after = {"checked_version": row.checked_version, "checked_ok": row.checked_ok}
    audit.record("check_plan", row, by=by, before=before, after=after)
    return trial


def findings(trial: Trial) -> list[dict[str, Any]]:
    """What the check found, to keep: the obstacle first, then each breach; nobody is named."""
    found: list[dict[str, Any]] = []
    if trial.obstacle:
        found.append(
            {
                "rule": trial.obstacle.rule,
                "order": trial.obstacle.order,
                "said": trial.obstacle.discreet,
                "blocks": True,
            }
        )
    for each in trial.breaches:
        broken = each.violation
        found.append(
            {
                "rule": broken.rule.id,
                "measure": broken.measure,
                "day": each.day,
                "ref": broken.ref,
                "said": f"{broken.shown_subject}：{broken.detail}",
                "blocks": each.blocks,
            }
        )
    return found

"""The one table of rights, and the one gate that reads it (design 6).

Pages, API, import, export and reports ask an ``Access``: what a user may do
*today*. The day a page is about never widens that: a former head who opens
``?on=2020-06-30`` sees what his roles of today allow him to see of that day.

A right is role × noun × action → reach. ``UNITS`` reaches the unit of the role
and all below it, ``ZONE`` the whole zone the role lies in, ``BUREAU`` the
head's own bureau, ``SELF`` the person himself, ``ANY`` rows that belong to
nobody in particular (the indicator library). What is not in the table is
refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    HR = "hr", _("组织人事")
    ESTABLISHMENT = "establishment", _("编办")
    HEAD = "head", _("部门负责人")
    LEADER = "leader", _("园区领导")
    FINANCE = "finance", _("财政")
    EVALUATOR = "evaluator", _("市考核办")
    AUDITOR = "auditor", _("审计")
    STAFF = "staff", _("工作人员")


class Reach(StrEnum):
    UNITS = "units"
    ZONE = "zone"
    BUREAU = "bureau"
    SELF = "self"
    ANY = "any"


HR, ESTABLISHMENT, HEAD, LEADER, FINANCE, EVALUATOR, AUDITOR, STAFF = Role
Rights = dict[Role, Reach]
Rows = TypeVar("Rows", bound=models.QuerySet)


def _units(*roles: Role) -> Rights:
    return dict.fromkeys(roles, Reach.UNITS)


def _zone(*roles: Role) -> Rights:
    return dict.fromkeys(roles, Reach.ZONE)


def _any(*roles: Role) -> Rights:
    return dict.fromkeys(roles, Reach.ANY)


_OFFICES = (HR, ESTABLISHMENT, LEADER, FINANCE, EVALUATOR, AUDITOR)
_STRUCTURE = _units(*_OFFICES) | _zone(HEAD, LEADER, STAFF)
_BUREAU: Rights = {HEAD: Reach.BUREAU}
_SELF: Rights = {STAFF: Reach.SELF}

#: noun → action → role → reach. The nouns are the REST resources and the pages' subjects.
TABLE: dict[str, dict[str, Rights]] = {
    "unit": {"view": _STRUCTURE},
    "figure": {"view": _units(*_OFFICES), "add": _units(FINANCE)},
    "charter": {"view": _STRUCTURE},
    "bureau": {"view": _STRUCTURE, "add": _units(HR)},
    "duty": {"view": _STRUCTURE},
    "post": {"view": _STRUCTURE, "add": _units(HR), "change": _units(HR)},
    "person": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "add": _units(HR),
        "change": _units(HR),
        "import": _units(HR),
        "export": _units(HR, LEADER, AUDITOR),
    },
    # National ID, birth date and telephone: the columns of a person that identify him.
    "identity": {"view": _units(HR) | _SELF, "export": _units(HR)},
    "appointment": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "add": _units(HR),
        "change": _units(HR),
    },
    "indicator": {"view": _any(*Role), "add": _any(HR)},
    # A unit's card is the city's to score, a bureau's and its people's the head's. A leader
    # scores the heads' own cards and no others: kpi/rights.py narrows his reach to those.
    "unit_card": {
        "view": _units(*_OFFICES) | _zone(HEAD),
        "score": _units(EVALUATOR),
        "rate": _units(EVALUATOR),
    },
    "bureau_card": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU,
        "score": _BUREAU,
        "rate": _units(HR, LEADER),
    },
    "person_card": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "score": _BUREAU | _units(LEADER),
        "rate": _units(HR, LEADER),
    },
    "scheme": {"view": _units(HR, LEADER, FINANCE, EVALUATOR, AUDITOR) | _zone(HEAD, STAFF)},
    # What a unit's pool is and why; what each bureau got of it; what each person got.
    "run": {
        "view": _units(HR, LEADER, FINANCE, EVALUATOR, AUDITOR) | _zone(HEAD),
        "compute": _units(FINANCE),
    },
    "share": {"view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU},
    "allocation": {
        "view": _units(HR, LEADER, FINANCE, AUDITOR) | _BUREAU | _SELF,
        "export": _units(HR, LEADER, FINANCE, AUDITOR),
    },
    "report": {"view": _units(HR, LEADER, FINANCE, EVALUATOR, AUDITOR)},
    "audit": {"view": _units(HR, AUDITOR)},
}


@dataclass(frozen=True)
class Hold:
    """A role that somebody holds today, with what it reaches.

    ``units`` are the ids of the unit it was given on and all below it,
    ``zone_units`` those of the whole zone around it.
    """

    role: Role
    units: frozenset[int] = frozenset()
    zone_units: frozenset[int] = frozenset()
    bureau: int | None = None
    person: int | None = None

    def ids(self, reach: Reach) -> frozenset[int]:
        if reach is Reach.UNITS:
            return self.units
        if reach is Reach.ZONE:
            return self.zone_units
        one = self.bureau if reach is Reach.BUREAU else self.person
        return frozenset() if one is None else frozenset({one})


@dataclass
class Access:
    """What one user may do today, and so which rows he meets.

    ``narrowed`` is a REST token's ``allows``: a token never does more than its
    owner may, and less when its scopes say so.
    """

    user: models.Model
    day: dt.date = field(default_factory=timezone.localdate)
    narrowed: Callable[..., bool] | None = None

    @cached_property
    def holds(self) -> list[Hold]:
        found: list[Hold] = []
        for source in settings.ROLE_SOURCES:
            found += import_string(source)(self.user, self.day)
        return found

    @property
    def roles(self) -> list[Role]:
        held = {hold.role for hold in self.holds}
        return [role for role in Role if role in held]

    @property
    def person_id(self) -> int | None:
        return next((hold.person for hold in self.holds if hold.person), None)

    def reaches(self, action: str, noun: str) -> dict[Reach, frozenset[int]]:
        """How far this user's ``action`` on ``noun`` goes: ids by kind of reach."""
        if self.narrowed and not self.narrowed(noun, write=action not in ("view", "export")):
            return {}
        rights = TABLE[noun].get(action, {})
        out: dict[Reach, frozenset[int]] = {}
        for hold in self.holds:
            reach = rights.get(hold.role)
            if reach is Reach.ANY:
                out[reach] = frozenset()
            elif reach and (ids := hold.ids(reach)):
                out[reach] = out.get(reach, frozenset()) | ids
        return out

    def can(self, action: str, noun: str) -> bool:
        """May he do this to at least something?"""
        return bool(self.reaches(action, noun))

    def can_in(self, unit_id: int, action: str, noun: str) -> bool:
        """May he do this to everything of that noun in the unit?"""
        reached = self.reaches(action, noun)
        return Reach.ANY in reached or any(unit_id in reached.get(reach, ()) for reach in (Reach.UNITS, Reach.ZONE))

    def units(self, action: str = "view", noun: str = "unit") -> frozenset[int]:
        reached = self.reaches(action, noun)
        return reached.get(Reach.UNITS, frozenset()) | reached.get(Reach.ZONE, frozenset())

    def scope(self, queryset: Rows, action: str = "view", noun: str = "") -> Rows:
        """The rows of ``queryset`` on which he may do ``action``.

        The model says where it lies through ``within(reach, ids, day)``.
        """
        model = queryset.model
        nouns = (noun,) if noun else getattr(model, "nouns", None) or (model.noun,)
        where = models.Q()
        for each in nouns:
            reached = self.reaches(action, each)
            if Reach.ANY in reached:
                return queryset
            # A model with several nouns (a card of a unit, a bureau, a person) tells them apart.
            kind = model.of_noun(each) if hasattr(model, "of_noun") else models.Q()
            for reach, ids in reached.items():
                where |= kind & model.within(reach, ids, self.day)
        if not where:
            return queryset.none()
        return queryset.filter(pk__in=model._base_manager.filter(where).values("pk"))

    def get(self, queryset: models.QuerySet, action: str = "view", noun: str = "", **lookup):
        """Fetch one row and the right to it in one call.

        Raises Http404 when he may not even see it, PermissionDenied when he may
        see it and not do ``action``.
        """
        try:
            row = self.scope(queryset, "view", noun).filter(**lookup).first()
        except ValueError as error:  # a key that no row can have, such as letters for a number
            raise Http404 from error
        if row is None:
            raise Http404
        if action != "view" and not self.scope(queryset, action, noun).filter(pk=row.pk).exists():
            raise PermissionDenied
        return row

    def demand(self, action: str, noun: str) -> None:
        """Raise PermissionDenied unless he may do this to at least something."""
        if not self.can(action, noun):
            raise PermissionDenied


def nouns_for(roles: Iterable[Role], action: str) -> set[str]:
    """The nouns on which any of ``roles`` may do ``action``: for documentation and tests."""
    wanted = set(roles)
    return {noun for noun, actions in TABLE.items() if wanted & actions.get(action, {}).keys()}

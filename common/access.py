"""The one gate (design 6): what a user may do, read from the table in ``common/rights.py``.

Pages, API, import, export and reports ask an ``Access``: what a user may do
*today*. The day a page is about never widens that: a former head who opens
``?on=2020-06-30`` sees what his roles of today allow him to see of that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from common.rights import TABLE, Reach, Role

Rows = TypeVar("Rows", bound=models.QuerySet)


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

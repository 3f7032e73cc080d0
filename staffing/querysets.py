"""Reads of posts and people, each as of a day.

Names of units, bureaus, posts and grades are joined as they stood on the day,
in the reader's language, so that a list of any length is one query.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, Count, Exists, F, FilteredRelation, Min, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import Exact
from django.utils.translation import get_language

from common.periods import ONE_DAY, DatedQuerySet, Intersection
from zones.models import UnitVersion


def shown(path: str) -> F | Coalesce:
    """The name at ``path`` in the reader's language, as ``Bilingual.shown_name`` gives it for a row."""
    if not (get_language() or "").startswith("en"):
        return F(path)
    return Coalesce(NullIf(F(f"{path}_en"), Value("")), F(path))


def joined(relation: str, day: dt.date) -> FilteredRelation:
    """The one row of a dated relation that is in force on the day."""
    return FilteredRelation(relation, condition=Q(**{f"{relation}__period__contains": day}))


def _place(prefix: str = "") -> dict[str, models.expressions.Combinable]:
    """What a list says of a post: ``prefix`` leads to its version, "" when it is the row itself."""
    return {
        "unit_id": F(f"{prefix}unit"),
        "unit_code": F(f"{prefix}unit__code"),
        "unit_name": shown("unit_then__short_name"),
        "bureau_id": F(f"{prefix}bureau"),
        "bureau_code": F(f"{prefix}bureau__code"),
        "bureau_name": shown("bureau_then__name"),
        "post_code": F("post__code"),
        "post_name": shown(f"{prefix}name"),
        "tier_kind": F(f"{prefix}tier__kind"),
        "tier_name": shown(f"{prefix}tier__name"),
        "post_level": F(f"{prefix}level"),
        "post_category": F(f"{prefix}category"),
        "grade_code": F(f"{prefix}grade__code"),
        "grade_name": shown(f"{prefix}grade__name"),
        "coefficient": F("worth__value"),
        "is_head": F(f"{prefix}is_head"),
    }


def _zone_of(path: str) -> Coalesce:
    """The zone of the unit at ``path`` while the row's period runs: its superior where that is one, else itself."""
    superior = UnitVersion.objects.filter(
        unit=OuterRef(path), parent__kind="zone", period__overlap=OuterRef("period")
    ).order_by("-period")
    return Coalesce(Subquery(superior.values("parent")[:1]), F(path), output_field=models.BigIntegerField())


def _roster_order(prefix: str = "") -> list:
    """Zone before parks, leaders before bureaus, then bureaus and posts in their set order."""
    return [
        F(f"{prefix}unit__sequence"),
        F(f"{prefix}unit__code"),
        F("bureau_then__sequence").asc(nulls_first=True),
        F(f"{prefix}bureau__code").asc(nulls_first=True),
        F(f"{prefix}sequence"),
        F("post__code"),
    ]


class PostVersionQuerySet(DatedQuerySet):
    def with_taken(self, day: dt.date):
        """With ``taken``: how many seats are filled on the day."""
        filled = Q(post__appointments__period__contains=day)
        return self.annotate(taken=Count("post__appointments", filter=filled, distinct=True))

    def placed(self, day: dt.date):
        """The posts of the day in roster order, with ``taken`` and the names of what they lie in."""
        own = ("unit_id", "bureau_id", "is_head")  # columns of the row itself
        names = {key: value for key, value in _place().items() if key not in own}
        return (
            self.on(day)
            .alias(
                unit_then=joined("unit__versions", day),
                bureau_then=joined("bureau__versions", day),
                worth=joined("grade__coefficients", day),
            )
            .with_taken(day)
            .annotate(**names)
            .select_related("post", "grade", "tier", "instrument")
            .order_by(*_roster_order())
        )

    def vacant(self, day: dt.date):
        """Of the posts of the day, those with a free seat; ``free`` says how many."""
        return self.placed(day).annotate(free=F("headcount") - F("taken")).filter(free__gt=0)

    def choices(self):
        """The places of a placed set, once each, in roster order: what a filter offers."""
        names = ("unit_code", "unit_name", "bureau_code", "bureau_name", "grade_code", "grade_name")
        return self.order_by(*_roster_order()).values(*names)

    def seats(self, day: dt.date) -> dict[str, int]:
        """``seats`` set up and ``taken`` on the day, over the whole set."""
        headcount = self.on(day).aggregate(n=Sum("headcount", default=0))["n"]
        filled = Q(post__appointments__period__contains=day)
        taken = self.on(day).aggregate(n=Count("post__appointments", filter=filled, distinct=True))["n"]
        return {"seats": headcount, "taken": taken, "free": max(headcount - taken, 0)}


class PostQuerySet(models.QuerySet):
    def standing(self, day: dt.date):
        """The posts that are set up on the day."""
        return self.filter(versions__period__contains=day)


class RetiresOn(models.Func):
    """The day of retiring for a birth date and a group of ``RetirementAge``; null where no law is on file."""

    function = "staffing_retires_on"
    output_field = models.DateField()


def retiring(birth: Any, gender: Any, worker: Exists) -> RetiresOn:
    """The day of retiring by birth date and gender; women by whether theirs is a post of workers (工勤技能)."""
    group = Case(
        When(Exact(gender, Value("M")), then=Value("men")),
        When(worker, then=Value("worker_women")),
        default=Value("cadre_women"),
    )
    return RetiresOn(birth, group)


class PersonQuerySet(models.QuerySet):
    def with_retirement(self, day: dt.date):
        """With ``retires_on``, by the law on file (``RetirementAge``); women by the kind of post held on the day."""
        worker = Q(appointments__period__contains=day, appointments__post__versions__period__contains=day)
        held = self.model.objects.filter(worker, appointments__post__versions__category="GQ", pk=OuterRef("pk"))
        return self.annotate(retires_on=retiring(F("birth_date"), F("gender"), Exists(held)))

    def in_post(self, day: dt.date):
        """Those who hold a post of any kind on the day."""
        held = self.model._meta.get_field("appointments").related_model.objects.on(day)
        return self.filter(pk__in=held.values("person"))

    def without_post(self, day: dt.date):
        """Those who hold none on the day, with the first day after their last post and why that ended.

        Somebody whose first post begins later had not come yet, and is not among them.
        """
        appointments = self.model._meta.get_field("appointments").related_model.objects
        own = appointments.filter(person=OuterRef("pk"))
        before = own.filter(period__startswith__lte=day).order_by("-period")
        return (
            self.exclude(pk__in=appointments.on(day).values("person"))
            .annotate(
                left_on=Subquery(before.values("period__endswith")[:1]),
                left_why=Subquery(before.values("end_reason")[:1]),
            )
            .filter(Q(left_on__isnull=False) | ~Exists(own))
        )

    def waiting(self, day: dt.date):
        """Of those without a post, whoever is still on the staff (待岗)."""
        return self.without_post(day).exclude(left_on__isnull=False, left_why__in=self._leaving())

    def gone(self, day: dt.date):
        """Of those without a post, whoever has left for good: retired, resigned, dismissed, moved away."""
        return self.without_post(day).filter(left_why__in=self._leaving())

    def _leaving(self) -> tuple[str, ...]:
        return self.model._meta.get_field("appointments").related_model.LEAVING


class AppointmentQuerySet(DatedQuerySet):
    def during_from(self, day: dt.date):
        """In force on the day or on any later one."""
        return self.during(DateRange(day, None))

    def placed(self, day: dt.date):
        """With the names of the unit, bureau, post and grade as they stand on ``day``.

        The post's version is the one in force on the day: an appointment of
        another time keeps its row, with those names empty.
        """
        return (
            self.alias(place=joined("post__versions", day))
            .alias(
                unit_then=joined("place__unit__versions", day),
                bureau_then=joined("place__bureau__versions", day),
                worth=joined("place__grade__coefficients", day),
            )
            .annotate(**_place("place__"))
            .select_related("person", "post")
        )

    def roster(self, day: dt.date):
        """The roster (花名册) of the day: every appointment in force, in roster order, in one query."""
        return self.on(day).placed(day).order_by(*_roster_order("place__"), "seat", "pk")

    def paying(self):
        """Without those that never pay: a civil servant's concurrent post outside his own zone (公务员法 44)."""
        person = self.model._meta.get_field("person").related_model
        outside = (
            self.model.objects.filter(
                kind=self.model.Kind.CONCURRENT,
                person__identity__in=(person.Identity.CIVIL_SERVANT, person.Identity.MANAGED),
                post__versions__period__overlap=F("period"),
            )
            .annotate(there=_zone_of("post__versions__unit"), home=_zone_of("person__home_unit"))
            .exclude(there=F("home"))
        )
        return self.exclude(pk__in=outside.values("pk"))

    def with_paid(self, day: dt.date):
        """With ``paid``: whether its post is the one that pays on the day, of all that the person holds then.

        The highest coefficient, then the primary post: as ``headcount.months_in_post`` counts them.
        """
        held = self.model.objects.paying().cut_by_worth(DateRange(day, day + ONE_DAY))
        primary = Case(When(kind=self.model.Kind.PRIMARY, then=0), default=1)
        pays = held.filter(cut__contains=day, person=OuterRef("person")).order_by("-cut_worth", primary, "cut", "pk")
        return self.annotate(paid=Case(When(pk=Subquery(pays.values("pk")[:1]), then=True), default=False))

    def cut_by_worth(self, span: DateRange):
        """Each appointment of the span cut along its post's versions and its grade's coefficients: a row a piece.

        Adds ``cut`` (the piece's period), ``cut_bureau`` and ``cut_worth`` (the coefficient).
        """
        version = "post__versions"
        worth = f"{version}__grade__coefficients"
        return (
            self.during(span)
            # One call, so that both conditions and the annotations speak of the same version.
            .filter(**{f"{version}__period__overlap": F("period"), f"{worth}__period__overlap": F("period")})
            .annotate(
                cut=Intersection("period", f"{version}__period", f"{worth}__period"),
                cut_bureau=F(f"{version}__bureau"),
                cut_worth=F(f"{worth}__value"),
            )
            .exclude(cut__isempty=True)
            .order_by("person", "cut", "pk")
        )

    def totals(self) -> dict[str, Any]:
        """Of a roster: appointments and people, and people by 编制类别 and by tier.

        Takes the set filtered as the list is, so that totals are of what is seen.
        Each person is counted once, by the primary post that is seen of him or else
        by the highest of the others: so both ways of dividing add up to the people.
        """
        plain = self.order_by()
        people = Count("person", distinct=True)
        secondary = Case(When(kind=self.model.Kind.PRIMARY, then=0), default=1)
        in_turn = self.order_by(F("person"), secondary, F("place__tier__number").asc(nulls_last=True), "pk")
        counted = plain.filter(pk__in=in_turn.distinct("person").values("pk"))
        kinds: dict[str, int] = {}
        tiers: dict[str, tuple[int | None, int]] = {}
        parts = counted.values_list("person__category", "tier_name").annotate(
            n=people, number=Min("place__tier__number")
        )
        for category, tier, n, number in parts.order_by("number"):
            kinds[category] = kinds.get(category, 0) + n
            tiers[tier] = number, tiers.get(tier, (number, 0))[1] + n
        return {
            **plain.aggregate(rows=Count("pk"), people=people),
            "by_category": kinds,
            "by_tier": [{"tier_name": tier, "number": number, "n": n} for tier, (number, n) in tiers.items()],
        }

"""The roster as a list: who is in it by the choices in the address, in which order, and what it adds up to.

Page and export read the same choices, so that what is exported is what is seen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import Access
from common.fields import digest
from common.numerals import NOTHING
from common.rights import Reach
from staffing.forms import RosterFilters
from staffing.models import Appointment, Person, PostVersion
from staffing.personnel.identity import read_national_id
from staffing.querysets import AppointmentQuerySet, PostVersionQuerySet

#: What a heading sorts by; the default is the order of the roster.
SORTS = {
    "name": ["person__name"],
    "staff_no": ["person__staff_no"],
    "grade": ["place__grade__sequence"],
    "coefficient": ["coefficient"],
    "starts": ["period__startswith"],
    "term": ["term_ends"],
    "probation": ["probation_ends"],
    "tier": ["place__tier__number"],
    "level": ["post_level"],
}
STATES = {
    "": gettext_lazy("在岗"),
    "vacant": gettext_lazy("空缺席位"),
    "waiting": gettext_lazy("待岗人员"),
    "gone": gettext_lazy("已离开"),
}


@dataclass(frozen=True)
class Tab:
    state: str
    label: str
    count: int
    current: bool


@dataclass
class Listing:
    """What the roster page shows; ``rows`` is not read until it is paged."""

    form: RosterFilters
    state: str
    rows: QuerySet
    sort: str
    filtered: bool
    tabs: list[Tab]
    totals: dict[str, Any] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)

    @property
    def by_category(self) -> list[tuple[str, int]]:
        """How many people of each 编制类别, those that occur."""
        found = self.totals["by_category"]
        return [(str(kind.label), found[kind.value]) for kind in Person.Category if found.get(kind.value)]

    @property
    def by_tier(self) -> list[tuple[str, int]]:
        """How many people of each tier: each counted once, by his primary post."""
        return [(row["tier_name"] or NOTHING, row["n"]) for row in self.totals["by_tier"]]

    @property
    def about(self) -> str:
        """The choices in words, for the head of an export."""
        return self.form.in_words()


def posts_in_reach(access: Access, day: dt.date) -> PostVersionQuerySet:
    """The posts of the day whose holders this user may see."""
    reached = access.reaches("view", "appointment")
    where = Q(unit__in=reached.get(Reach.UNITS, ())) | Q(bureau__in=reached.get(Reach.BUREAU, ()))
    if Reach.SELF in reached:
        held = Appointment.objects.on(day).filter(person__in=reached[Reach.SELF])
        where |= Q(post__in=held.values("post"))
    return PostVersion.objects.on(day).filter(where)


def read(access: Access, query: QueryDict, day: dt.date) -> Listing:
    """The list that an address asks for. A choice that does not exist gives an empty list, never the whole."""
    posts = posts_in_reach(access, day)
    form = RosterFilters(query, places=list(posts.placed(day).choices()))
    chosen = form.chosen()
    places = _of_posts(posts, chosen)
    roster = _narrowed(access, access.scope(Appointment.objects.roster(day)), chosen, day)
    waiting = _of_people(access, access.scope(Person.objects.waiting(day)), chosen)
    gone = _of_people(access, access.scope(Person.objects.gone(day)), chosen)
    if form.errors:
        places, roster, waiting, gone = places.none(), roster.none(), waiting.none(), gone.none()
    state = query.get("state", "") if query.get("state", "") in STATES else ""
    seats, totals = places.seats(day), roster.totals()
    rows: dict[str, QuerySet] = {
        "": roster,
        "vacant": places.vacant(day),
        "waiting": waiting.order_by("staff_no"),
        "gone": gone.order_by("-left_on", "staff_no"),
    }
    counts: dict[str, int] = {"": totals["rows"], "vacant": seats["free"]}
    counts |= {name: rows[name].count() for name in ("waiting", "gone")}
    sort = query.get("sort", "")
    return Listing(
        form=form,
        state=state,
        rows=_ordered(rows[state], sort) if not state else rows[state],
        sort=sort,
        filtered=bool(chosen or form.errors),
        tabs=[Tab(key, str(label), counts[key], key == state) for key, label in STATES.items()],
        totals=totals,
        seats=seats,
    )


def rows(access: Access, query: QueryDict, day: dt.date) -> AppointmentQuerySet:
    """The lines alone, as a program asks for them; raises ValidationError naming a choice that does not exist."""
    form = RosterFilters(query, places=list(posts_in_reach(access, day).placed(day).choices()))
    chosen = form.chosen()
    if form.errors:
        raise ValidationError(dict(form.errors.as_data()))
    return _narrowed(access, access.scope(Appointment.objects.roster(day)), chosen, day)


def _of_posts(posts: PostVersionQuerySet, chosen: dict[str, Any]) -> PostVersionQuerySet:
    lookups = {
        "unit": "unit__code",
        "bureau": "bureau__code",
        "grade": "grade__code",
        "tier": "tier__kind",
        "post_category": "category",
    }
    return posts.filter(**{path: chosen[name] for name, path in lookups.items() if name in chosen})


def _narrowed(access: Access, roster: AppointmentQuerySet, chosen: dict[str, Any], day: dt.date) -> AppointmentQuerySet:
    lookups = {
        "unit": "unit_code",
        "bureau": "bureau_code",
        "grade": "grade_code",
        "tier": "tier_kind",
        "post_category": "post_category",
        "category": "person__category",
        "identity": "person__identity",
        "kind": "kind",
    }
    roster = roster.filter(**{path: chosen[name] for name, path in lookups.items() if name in chosen})
    for name, column in (("ending", "term_ends"), ("probation", "probation_ends")):
        if name in chosen:
            roster = roster.filter(**{f"{column}__range": (day, day + dt.timedelta(days=chosen[name]))})
    if "standing" in chosen:
        roster = roster.filter(_standing(chosen["standing"], day))
    if "q" in chosen:
        roster = roster.filter(_spoken_of(access, chosen["q"], "person__"))
    return roster


def _standing(state: str, day: dt.date) -> Q:
    """Those in that state on the day (``forms.STANDINGS``)."""
    if state == "probation":
        return Q(probation_ends__gte=day)
    if state == "overdue":
        return Q(term_ends__lt=day, period__endswith__isnull=True)
    return Q(period__endswith__isnull=False)


def _of_people(access: Access, people: QuerySet[Person], chosen: dict[str, Any]) -> QuerySet[Person]:
    """People without a post have no place: of the choices, those about the person apply, and the unit."""
    people = people.filter(**{name: chosen[name] for name in ("category", "identity") if name in chosen})
    if "unit" in chosen:
        people = people.filter(home_unit__code=chosen["unit"])
    if "q" in chosen:
        people = people.filter(_spoken_of(access, chosen["q"], ""))
    return people.select_related("home_unit")


def _spoken_of(access: Access, text: str, path: str) -> Q:
    """Name or staff number in part; a national ID in full, for those who may read it."""
    where = Q(**{f"{path}name__icontains": text}) | Q(**{f"{path}staff_no__icontains": text})
    try:
        number = read_national_id(text).number
    except ValidationError:
        return where
    known = access.scope(Person.objects.filter(national_id_digest=digest(number)), "view", "identity")
    return where | Q(**{f"{path}pk__in": known.values("pk")})


def _ordered(roster: QuerySet, sort: str) -> QuerySet:
    columns = SORTS.get(sort.removeprefix("-"))
    if not columns:
        return roster
    down = sort.startswith("-")
    order = [F(column).desc(nulls_last=True) if down else F(column).asc(nulls_last=True) for column in columns]
    return roster.order_by(*order, "pk")


def no_rows(listing: Listing) -> str:
    """Why the list is empty, in a sentence."""
    if listing.form.errors:
        return _("筛选条件无效")
    if listing.filtered:
        return _("没有符合条件的记录")
    why = {"vacant": _("没有空缺席位"), "waiting": _("没有待岗人员"), "gone": _("没有人离开")}
    return why.get(listing.state, _("这一天还没有人在岗"))

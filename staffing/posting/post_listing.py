"""The posts of a day as a list: by the choices in the address, with what they add up to.

Page, file and API read the same choices, so that what is exported is what is seen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import F, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from common.access import Access
from orgchart.models import Tier
from staffing.forms import ANY, Places
from staffing.models import PostVersion
from staffing.posting import levels
from staffing.querysets import PostVersionQuerySet

SORTS = {
    "name": F("name"),
    "code": F("post__code"),
    "grade": F("grade__sequence"),
    "level": F("level"),
    "headcount": F("headcount"),
    "taken": F("taken"),
}
VACANT = (("vacant", _("有空缺")), ("full", _("已满员")))
#: What a choice of the address asks of a post version.
LOOKUPS = {
    "unit": "unit__code",
    "bureau": "bureau__code",
    "tier": "tier__kind",
    "grade": "grade__code",
    "category": "category",
    "level": "level",
}


class PostFilters(Places):
    """The choices over the posts, all in the address."""

    q = forms.CharField(label=_("岗位名称、编号"), required=False, max_length=60)
    unit = forms.ChoiceField(label=_("单位"), required=False)
    bureau = forms.ChoiceField(label=_("部门"), required=False)
    tier = forms.ChoiceField(label=_("层级"), required=False, choices=[ANY, *Tier.Kind.choices])
    grade = forms.ChoiceField(label=_("岗级"), required=False)
    category = forms.ChoiceField(label=_("岗位类别"), required=False, choices=[ANY, *PostVersion.Category.choices])
    level = forms.ChoiceField(label=_("岗位等级"), required=False, choices=[ANY, *levels.CHOICES])
    seats = forms.ChoiceField(label=_("席位"), required=False, choices=[ANY, *VACANT])
    open = forms.ChoiceField(label=_("公开招聘"), required=False, choices=[ANY, ("1", _("面向社会公开"))])


@dataclass
class PostListing:
    form: PostFilters
    rows: PostVersionQuerySet
    sort: str
    totals: dict[str, int]

    @property
    def filtered(self) -> bool:
        return bool(self.form.chosen() or self.form.errors)

    @property
    def about(self) -> str:
        return self.form.in_words()


def narrowed(rows: PostVersionQuerySet, chosen: dict[str, Any]) -> PostVersionQuerySet:
    """The placed versions that the choices ask for."""
    rows = rows.filter(**{path: chosen[name] for name, path in LOOKUPS.items() if name in chosen})
    if "q" in chosen:
        named = Q(name__icontains=chosen["q"]) | Q(name_en__icontains=chosen["q"])
        rows = rows.filter(named | Q(post__code__icontains=chosen["q"]))
    if chosen.get("open"):
        rows = rows.filter(is_open=True)
    if "seats" in chosen:
        vacant = Q(headcount__gt=F("taken"))
        rows = rows.filter(vacant if chosen["seats"] == "vacant" else ~vacant)
    return rows


def read(access: Access, query: QueryDict, day: dt.date) -> PostListing:
    """The posts that an address asks for. A choice that does not exist gives an empty list, never the whole."""
    units = access.units("view", "post")
    posts = PostVersion.objects.filter(unit__in=units).placed(day)
    form = PostFilters(query, places=list(posts.choices()))
    chosen = form.chosen()
    rows = narrowed(posts, chosen)
    if form.errors:
        rows = rows.none()
    sort = query.get("sort", "")
    column = SORTS.get(sort.removeprefix("-"))
    if column is not None:
        rows = rows.order_by(column.desc() if sort.startswith("-") else column.asc(), "post__code")
    return PostListing(form, rows, sort if column is not None else "", totals(rows))


def totals(rows: PostVersionQuerySet) -> dict[str, int]:
    """Posts, seats, filled and free seats of the set; a post's free seats never make up for another's excess."""
    found = list(rows.order_by().values_list("headcount", "taken"))
    return {
        "posts": len(found),
        "seats": sum(seats for seats, _taken in found),
        "taken": sum(taken for _seats, taken in found),
        "free": sum(max(seats - taken, 0) for seats, taken in found),
    }

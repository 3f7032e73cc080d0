"""What changed in the roster between two days: who joined, left, moved, rose, was renewed; what was renamed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.access import Access
from common.forms import DayInput
from staffing.forms import ANY
from staffing.models import Appointment


class Kind(models.TextChoices):
    JOINED = "joined", gettext_lazy("新到岗")
    LEFT = "left", gettext_lazy("离岗")
    MOVED = "moved", gettext_lazy("转岗")
    PROMOTED = "promoted", gettext_lazy("岗级上升")
    DEMOTED = "demoted", gettext_lazy("岗级下降")
    RENEWED = "renewed", gettext_lazy("续聘")
    RENAMED = "renamed", gettext_lazy("机构或岗位更名")
    REVALUED = "revalued", gettext_lazy("岗位系数调整")


#: What is read of an appointment on a day; names as they stood then.
FIELDS = (
    "pk", "person_id", "kind", "person__staff_no", "person__name", "person__is_example", "post_code", "post_name",
    "unit_code", "unit_name", "bureau_code", "bureau_name", "grade_code", "grade_name", "place__grade__sequence",
    "coefficient", "term_ends",
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """Where somebody stood on one of the two days, by his primary post or else the highest of the others."""

    appointment: int
    post: str
    post_name: str
    unit: str
    unit_name: str
    bureau: str
    bureau_name: str
    grade: str
    grade_name: str
    rank: int
    coefficient: Decimal | None
    term_ends: dt.date | None

    @property
    def where(self) -> str:
        return " · ".join(name for name in (self.unit_name, self.bureau_name, self.post_name) if name)


@dataclass
class Change:
    """One person who stands otherwise on the second day, and in which ways."""

    person: int
    staff_no: str
    name: str
    is_example: bool
    before: Standing | None
    after: Standing | None
    kinds: list[Kind] = field(default_factory=list)
    #: Why somebody left, and his last day in a post.
    reason: str = ""
    last_day: dt.date | None = None

    @property
    def labels(self) -> list[str]:
        return [str(kind.label) for kind in self.kinds]


def kinds_of(before: Standing | None, after: Standing | None) -> list[Kind]:
    """In which ways the two differ, in the order of ``Kind``; none when nothing changed."""
    if before is None or after is None:
        return [Kind.JOINED] if after else [Kind.LEFT] if before else []
    same_post = before.post == after.post
    renamed = (
        (same_post and before.post_name != after.post_name)
        or (before.bureau == after.bureau and before.bureau_name != after.bureau_name)
        or (before.unit == after.unit and before.unit_name != after.unit_name)
    )
    found = {
        Kind.MOVED: not same_post,
        # Grades are numbered from the highest down.
        Kind.PROMOTED: after.rank < before.rank,
        Kind.DEMOTED: after.rank > before.rank,
        Kind.RENEWED: same_post and before.appointment != after.appointment,
        Kind.RENAMED: renamed,
        Kind.REVALUED: before.grade == after.grade and before.coefficient != after.coefficient,
    }
    return [kind for kind, so in found.items() if so]


def _standings(access: Access, day: dt.date) -> dict[int, tuple[dict[str, Any], Standing]]:
    """Everybody in the reader's reach who holds a post on the day."""
    rows = access.scope(Appointment.objects.roster(day)).order_by("person_id", "place__tier__number", "pk")
    found: dict[int, tuple[dict[str, Any], Standing]] = {}
    for row in rows.values(*FIELDS):
        primary = row["kind"] == Appointment.Kind.PRIMARY
        if row["person_id"] not in found or primary:
            found[row["person_id"]] = row, _standing(row)
    return found


def _standing(row: dict[str, Any]) -> Standing:
    return Standing(
        appointment=row["pk"],
        post=row["post_code"] or "",
        post_name=row["post_name"] or "",
        unit=row["unit_code"] or "",
        unit_name=row["unit_name"] or "",
        bureau=row["bureau_code"] or "",
        bureau_name=row["bureau_name"] or "",
        grade=row["grade_code"] or "",
        grade_name=row["grade_name"] or "",
        rank=row["place__grade__sequence"] or 0,
        coefficient=row["coefficient"],
        term_ends=row["term_ends"],
    )


def changes(access: Access, since: dt.date, until: dt.date) -> list[Change]:
    """Everybody in the reader's reach who stands otherwise on ``until`` than on ``since``, by staff number."""
    first, second = _standings(access, since), _standings(access, until)
    found = []
    for person in first.keys() | second.keys():
        before, after = first.get(person), second.get(person)
        kinds = kinds_of(before and before[1], after and after[1])
        if kinds:
            row = (after or before)[0]  # type: ignore[index]  # one of the two is there
            found.append(
                Change(
                    person=person,
                    staff_no=row["person__staff_no"],
                    name=row["person__name"],
                    is_example=row["person__is_example"],
                    before=before and before[1],
                    after=after and after[1],
                    kinds=kinds,
                )
            )
    _say_why(access, [each for each in found if each.after is None], since, until)
    return sorted(found, key=lambda each: each.staff_no)


def _say_why(access: Access, left: Sequence[Change], since: dt.date, until: dt.date) -> None:
    """Give those who left the reason and the last day of their last post."""
    ended = Appointment.objects.filter(
        person__in=[each.person for each in left], period__endswith__gt=since, period__endswith__lte=until
    )
    last = {row.person_id: row for row in access.scope(ended).order_by("period__endswith", "pk")}
    for each in left:
        if row := last.get(each.person):
            each.reason, each.last_day = row.get_end_reason_display() if row.end_reason else "", row.last_day


# --- as a page asks for it ----------------------------------------------------------------------------------


class ChangeFilters(forms.Form):
    """The two days, and which changes are wanted."""

    since = forms.DateField(label=gettext_lazy("从"), widget=DayInput())
    until = forms.DateField(label=gettext_lazy("到"), widget=DayInput())
    q = forms.CharField(label=gettext_lazy("姓名、工号"), required=False, max_length=60)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("变动"), required=False, choices=[ANY, *Kind.choices])

    def __init__(self, data: Any, *, units: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["unit"].choices = [ANY, *units]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "since" in told and "until" in told and told["until"] <= told["since"]:
            self.add_error("until", _("须晚于起始日期"))
        return told


@dataclass
class ChangeList:
    """What the page shows: those that were asked for, and how many of each kind there are among them."""

    form: ChangeFilters
    since: dt.date
    until: dt.date
    rows: list[Change]

    @property
    def totals(self) -> list[tuple[str, str, int]]:
        """Each kind with how many people it befell; one person may be in several."""
        return [(kind.value, str(kind.label), sum(1 for row in self.rows if kind in row.kinds)) for kind in Kind]

    @property
    def net(self) -> int:
        """By how many people the roster grew."""
        return sum((row.before is None) - (row.after is None) for row in self.rows)


def first_of_year(day: dt.date) -> dt.date:
    """The day before the year began: what the year's changes are counted from."""
    return dt.date(day.year - 1, 12, 31)


def read(access: Access, query: QueryDict, on: dt.date, units: Iterable[tuple[str, str]]) -> ChangeList:
    """The changes that an address asks for: by default those of the year up to the day."""
    data = query.copy()
    for name, day in (("since", first_of_year(on)), ("until", on)):
        if not data.get(name):
            data[name] = day.isoformat()
    form = ChangeFilters(data, units=units)
    if not form.is_valid():
        return ChangeList(form, first_of_year(on), on, [])
    told = form.cleaned_data
    rows = changes(access, told["since"], told["until"])
    return ChangeList(form, told["since"], told["until"], [row for row in rows if _wanted(row, told)])


def _wanted(row: Change, told: dict[str, Any]) -> bool:
    units = {side.unit for side in (row.before, row.after) if side}
    text = told["q"].casefold()
    return (
        (not told["kind"] or told["kind"] in row.kinds)
        and (not told["unit"] or told["unit"] in units)
        and (not text or text in row.name.casefold() or text in row.staff_no.casefold())
    )

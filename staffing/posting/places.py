"""Finding a post by the names that people write: unit, bureau, post, grade."""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from orgchart.models import BureauVersion
from staffing.models import GradeCoefficient, Post, PostVersion
from zones.models import Unit, UnitVersion


@dataclass(frozen=True)
class Place:
    """A post during one of its versions, with the names that the roster's columns give it."""

    post_id: int
    unit_id: int
    unit: str
    bureau: str
    name: str
    grade: str
    grade_id: int
    span: DateRange


def key(text: str) -> str:
    """A name as it is compared: brackets, digits and blanks of either width count as the same."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _touch(span: DateRange, since: dt.date | None) -> bool:
    return since is None or span.upper is None or span.upper > since


class Places:
    """Every post of the units that the clerk may reach, found by name. A handful of queries, whatever the file."""

    def __init__(self, unit_ids: Iterable[int], day: dt.date) -> None:
        ids = list(unit_ids)
        self.day = day
        self._units: dict[str, set[int]] = defaultdict(set)
        self._unit_names: dict[int, str] = {}
        self._bureaus: dict[tuple[int, str], set[int]] = defaultdict(set)
        self._bureau_names: dict[int, str] = {}
        self._posts: dict[tuple[int, int | None, str], list[Place]] = defaultdict(list)
        self.by_post: dict[int, list[Place]] = defaultdict(list)
        self.posts: dict[int, Post] = {}
        self.units: dict[int, Unit] = {}
        self._take_names(ids)
        self._take_posts(ids)
        self._worth: dict[int, set[Decimal]] = defaultdict(set)
        for grade, value in GradeCoefficient.objects.values_list("grade", "value"):
            self._worth[grade].add(value)

    def _take_names(self, ids: list[int]) -> None:
        # Oldest first, the one of the day last: it is the name that stays.
        def in_turn(rows):
            return sorted(rows, key=lambda row: (row.in_force(self.day), row.period.lower))

        for unit in in_turn(UnitVersion.objects.filter(unit__in=ids)):
            self._units[key(unit.name)].add(unit.unit_id)
            self._units[key(unit.short_name)].add(unit.unit_id)
            self._unit_names[unit.unit_id] = unit.short_name
        for bureau in in_turn(BureauVersion.objects.filter(unit__in=ids)):
            self._bureaus[bureau.unit_id, key(bureau.name)].add(bureau.bureau_id)
            self._bureau_names[bureau.bureau_id] = bureau.name

    def _take_posts(self, ids: list[int]) -> None:
        rows = PostVersion.objects.filter(unit__in=ids).select_related("grade", "post", "unit").order_by("period")
        for row in rows:
            self.posts[row.post_id], self.units[row.unit_id] = row.post, row.unit
            place = Place(
                post_id=row.post_id,
                unit_id=row.unit_id,
                unit=self._unit_names[row.unit_id],
                bureau=self._bureau_names.get(row.bureau_id or 0, ""),
                name=row.name,
                grade=row.grade.name,
                grade_id=row.grade_id,
                span=row.period,
            )
            self._posts[row.unit_id, row.bureau_id, key(row.name)].append(place)
            self.by_post[row.post_id].append(place)

    def during(self, post_id: int, span: DateRange) -> Place | None:
        """The post as it stands on the day, or at the end of ``span`` when that was over by then."""
        places = self.by_post.get(post_id, [])
        last = [place for place in places if span.upper is None or place.span.lower < span.upper]
        now = [place for place in last if place.span.lower <= self.day and _touch(place.span, self.day)]
        found = now or last
        return found[-1] if found else None

    def worth(self, grade_id: int) -> set[Decimal]:
        """The coefficients that a grade has or had."""
        return self._worth[grade_id]

    def find(
        self, unit: str, bureau: str, post: str, grade: str, since: dt.date | None
    ) -> tuple[set[int], dict[str, str]]:
        """The posts so named that stand at ``since`` or later; or, by column, why there are none.

        Several are left only where two posts of one bureau bear one name and grade.
        """
        units = self._units.get(key(unit), set())
        if len(units) != 1:
            text = _("单位不存在，或不在您的管理范围") if not units else _("单位名称不唯一，请写全称")
            return set(), {"unit": text if unit else _("单位须填写")}
        (unit_id,) = units
        bureaus: set[int | None] = {None}
        if bureau:
            bureaus = set(self._bureaus.get((unit_id, key(bureau)), ()))
            if not bureaus:
                known = [
                    self._bureau_names[b] for (u, _k), all_b in self._bureaus.items() if u == unit_id for b in all_b
                ]
                return set(), {"bureau": _("该单位没有这个部门") + _like(bureau, known)}
        if not post:
            return set(), {"post": _("聘任岗位须填写")}
        return self._among(unit_id, bureaus, post, grade, since)

    def _among(
        self, unit_id: int, bureaus: set[int | None], post: str, grade: str, since: dt.date | None
    ) -> tuple[set[int], dict[str, str]]:
        named = [place for b in bureaus for place in self._posts.get((unit_id, b, key(post)), [])]
        if not named:
            known = [
                p.name for (u, b, _k), all_p in self._posts.items() if u == unit_id and b in bureaus for p in all_p
            ]
            return set(), {"post": _("该部门没有这个岗位") + _like(post, known)}
        standing = [place for place in named if _touch(place.span, since)]
        if not standing:
            return set(), {"post": _("该岗位在聘期起之前已撤销")}
        graded = [place for place in standing if not grade or key(place.grade) == key(grade)]
        if not graded:
            right = "、".join(dict.fromkeys(place.grade for place in standing))
            return set(), {"grade": _("与岗位的岗级不符，应为「%(grade)s」") % {"grade": right}}
        return {place.post_id for place in graded}, {}


def _like(text: str, known: list[str]) -> str:
    """「,是否为「招商局」」 when something known is spelt nearly so."""
    close = difflib.get_close_matches(text, known, n=1, cutoff=0.5)
    return _("，是否为「%(name)s」") % {"name": close[0]} if close else ""

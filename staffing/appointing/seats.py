"""Which seat of a post is free during a period, and who sits on those that are not (APT-13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.periods import last_day
from staffing import store
from staffing.models import Appointment, Person, Post, PostVersion


def said(day: dt.date | None) -> str:
    """A day as people read it; an open end as 至今."""
    return date_format(day) if day else _("至今")


def said_period(span: DateRange) -> str:
    return f"{said(span.lower)}—{said(last_day(span))}"


def said_holder(appointment: Appointment) -> str:
    """「1 席 张三（2019年11月1日—至今）」."""
    return _("%(seat)s 席 %(name)s（%(period)s）") % {
        "seat": appointment.seat,
        "name": appointment.person.name,
        "period": said_period(appointment.period),
    }


def versions_during(post: Post, span: DateRange) -> list[PostVersion]:
    """The post's versions that touch the period; raises ValidationError unless they cover it."""
    versions = store.now().versions(post, span)
    if not versions:
        text = _("岗位 %(post)s 在 %(day)s 尚未设置或已撤销")
        raise ValidationError({"post": text % _at(post, span.lower)})
    if versions[0].starts > span.lower:
        text = _("岗位 %(post)s 自 %(day)s 起设置，聘任不能早于此日")
        raise ValidationError({"starts": text % _at(post, versions[0].starts)})
    end = versions[-1].period.upper
    if end and (span.upper is None or end < span.upper):
        text = _("岗位 %(post)s 设置至 %(day)s 为止，聘任不能超过此日")
        raise ValidationError({"post": text % _at(post, versions[-1].last_day)})
    return versions


def _at(post: Post, day: dt.date | None) -> dict[str, str]:
    return {"post": post.code, "day": said(day)}


def free_seat(post: Post, versions: Sequence[PostVersion], span: DateRange, wanted: int | None = None) -> int:
    """The seat asked for, or else the lowest one that nobody holds on any day of the period.

    ``versions`` are those of ``versions_during``. Call with the post locked (``services``
    does), or two callers may be given the same seat; the exclusion constraint would then
    refuse the second. Raises ValidationError naming the holders.
    """
    headcount = min(version.headcount for version in versions)
    name = versions[0].shown_name
    during = store.now().on_post(post, span)
    held = {row.seat for row in during}
    if wanted is not None:
        if not 1 <= wanted <= headcount:
            text = _("「%(post)s」共 %(n)s 席，没有第 %(seat)s 席")
            numbers = {"post": name, "n": headcount, "seat": wanted}
            raise ValidationError({"seat": text % numbers}, code="APT-13")
        if wanted in held:
            text = _("该席位已有人：%(holder)s") % {
                "holder": _said_holders([row for row in during if row.seat == wanted])
            }
            raise ValidationError({"seat": text}, code="APT-13")
        return wanted
    free = next((seat for seat in range(1, headcount + 1) if seat not in held), None)
    if free is None:
        text = _("「%(post)s」共 %(n)s 席，已无空缺：%(holders)s")
        full = {"post": name, "n": headcount, "holders": _said_holders(during)}
        raise ValidationError({"post": text % full}, code="APT-13")
    return free


#: So many holders of a full post are named; of the others only the number.
NAMED = 8


def _said_holders(rows: Sequence[Appointment]) -> str:
    names = "、".join(said_holder(row) for row in rows[:NAMED])
    return names if len(rows) <= NAMED else _("%(names)s 等 %(n)s 人") % {"names": names, "n": len(rows)}


def refuse_second_primary(person: Person, span: DateRange) -> None:
    """Raise ValidationError when the person holds a primary post on a day of the period, naming it."""
    held = store.now().of_person(person, span)
    other = next((row for row in held if row.kind == Appointment.Kind.PRIMARY), None)
    if other is None:
        return
    version = other.post.versions.during(other.period).order_by("-period").first()
    raise ValidationError(
        {
            "person": _("%(name)s 在此期间已有主岗：%(post)s（%(period)s）；请办理转岗或先结束原聘任")
            % {
                "name": person.name,
                "post": version.shown_name if version else other.post.code,
                "period": said_period(other.period),
            }
        },
        code="one_primary_post",
    )

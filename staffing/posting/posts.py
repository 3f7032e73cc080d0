"""The verbs of posts: create, copy, revise, close. A post's past is closed, never rewritten."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.fields import digest
from common.periods import ONE_DAY, cut, period
from orgchart.models import Bureau, Tier
from staffing import store
from staffing.appointing.seats import said, said_holder
from staffing.models import Post, PostVersion
from staffing.store import deed
from zones.models import Instrument, Unit

#: The four things that the law wants of a post (PST-01), with what a refusal calls them.
MANDATORY = {
    "name": gettext_lazy("岗位名称"),
    "duties": gettext_lazy("职责任务"),
    "standards": gettext_lazy("工作标准"),
    "requirements": gettext_lazy("任职条件"),
}


def _save_version(version: PostVersion) -> PostVersion:
    missing = {
        field: _("%(what)s须填写（PST-01）") % {"what": what}
        for field, what in MANDATORY.items()
        if not (getattr(version, field) or "").strip()
    }
    if missing:
        raise ValidationError(missing)
    version.clean_fields(exclude=[field.name for field in PostVersion._meta.concrete_fields if field.is_relation])
    store.now().save(version)
    return version


@deed
def create_post(
    *, code: str, starts: dt.date, by: Actor, ends: dt.date | None = None, reason: str = "", **version: Any
) -> Post:
    """Set up a post from ``starts`` on. ``version`` holds what it is: see PostVersion.

    Raises ValidationError keyed by field: PST-01, the bureau's and unit's
    periods, a tier of another zone.
    """
    post = Post(code=code)
    post.full_clean(exclude=["id"])
    store.now().save(post)
    row = _save_version(PostVersion(post=post, period=period(starts, ends), **version))
    audit.record("create_post", row, by=by, reason=reason)
    return post


def tier_of(unit: Unit, kind: str, day: dt.date) -> Tier:
    """The tier of that kind in the unit's zone on the day; raises ValidationError when it has none."""
    found = Tier.objects.on(day).filter(zone__in=Unit.objects.zone_ids(unit.pk, day=day), kind=kind).first()
    if found is None:
        raise ValidationError({"tier": _("该日本区没有这一管理层级")})
    return found


def stamp(post: Post) -> str:
    """What a page about the post was made from: it changes with every change to any of its versions."""
    rows = post.versions.order_by("period").values_list("pk", "period")
    return digest(" ".join(f"{pk}:{span.lower}:{span.upper}" for pk, span in rows))[:16]


def _locked(post: Post, seen: str | None) -> Post:
    """The post, locked until the end of the transaction; refuses a page that has grown stale."""
    fresh = Post.objects.select_for_update(of=("self",), no_key=True).get(pk=post.pk)
    if seen is not None and seen != stamp(fresh):
        raise ValidationError(_("此岗位刚被他人调整，请核对后重新填写"), code="stale")
    return fresh


@transaction.atomic
def copy_post(*, source: Post, code: str, starts: dt.date, by: Actor, reason: str = "", **changes: Any) -> Post:
    """Set up another post like ``source`` as it stands on ``starts``; ``changes`` say what differs.

    Raises ValidationError when the source does not stand that day, and what ``create_post`` raises.
    """
    like = source.versions.on(starts).first()
    if like is None:
        raise ValidationError({"starts": _("该日没有生效的岗位记录可供复制")})
    return create_post(code=code, starts=starts, by=by, reason=reason, **{**_carried(like), **changes})


#: What a version says of a post besides which post it is and when.
_OWN = {"id", "post", "period"}


def _carried(version: PostVersion) -> dict[str, Any]:
    names = [field.name for field in PostVersion._meta.concrete_fields if field.name not in _OWN]
    return {name: getattr(version, name) for name in names}


@transaction.atomic
def revise_post(
    *, post: Post, starts: dt.date, by: Actor, reason: str = "", seen: str | None = None, **changes: Any
) -> PostVersion:
    """Change a post from ``starts`` on: the version in force ends the day before, a new one follows.

    What ``changes`` does not name is carried over. Raises ValidationError when
    no version is in force that day, when one begins on that very day, when
    people sit on seats that would go, or when the post is not as ``seen`` (a
    ``stamp``) any more. Its unit and bureau change only through a plan.
    """
    if moved := changes.keys() & {"unit", "bureau", "post", "period"}:
        raise TypeError(f"cannot be revised: {sorted(moved)}")
    _locked(post, seen)
    return _next_version("revise_post", post, starts, by, reason, changes)


@transaction.atomic
def place_post(
    *,
    post: Post,
    bureau: Bureau,
    unit: Unit,
    is_head: bool,
    instrument: Instrument,
    starts: dt.date,
    by: Actor,
    reason: str = "",
) -> PostVersion:
    """Put a post into another bureau from ``starts`` on, as an approved plan orders; its holders keep their seats.

    Raises ValidationError as ``revise_post`` does.
    """
    _locked(post, None)
    where = {"bureau": bureau, "unit": unit, "is_head": is_head, "instrument": instrument}
    return _next_version("place_post", post, starts, by, reason, where)


def _next_version(
    verb: str, post: Post, starts: dt.date, by: Actor, reason: str, changes: dict[str, Any]
) -> PostVersion:
    """End the version in force on the eve of ``starts`` and let a changed one follow."""
    old = post.versions.on(starts).first()
    if old is None:
        raise ValidationError({"starts": _("该日没有生效的岗位记录可供调整")})
    if old.starts == starts:
        raise ValidationError({"starts": _("现行记录正是自该日起生效，请选择以后的日期")})
    new = PostVersion.objects.get(pk=old.pk)
    new.pk, new._state.adding = None, True
    new.period = type(old.period)(starts, old.period.upper)
    for field, value in changes.items():
        setattr(new, field, value)
    _refuse_lost_seats(post, new)
    before = audit.facts(old)
    old.period = type(old.period)(old.starts, starts)
    old.save(update_fields=["period"])
    _save_version(new)
    audit.record(verb, new, by=by, before=before, after=audit.facts(new), reason=reason)
    return new


@transaction.atomic
def close_post(*, post: Post, on: dt.date, by: Actor, reason: str = "", seen: str | None = None) -> PostVersion:
    """Close a post: ``on`` is its last day. Returns its last version.

    Raises ValidationError when somebody holds or is to hold a seat after that
    day (each is named), when it does not stand that day, or when a change to it
    is already set for a later day.
    """
    _locked(post, seen)
    last = post.versions.on(on).first()
    if last is None:
        raise ValidationError({"on": _("该日没有生效的岗位记录，无从撤销")})
    later = post.versions.filter(period__startswith__gt=on).order_by("period").first()
    if later:
        raise ValidationError({"on": _("该岗位已定自 %(day)s 起调整，不能在此之前撤销") % {"day": said(later.starts)}})
    if last.last_day == on:
        raise ValidationError({"on": _("该岗位已定于该日撤销")})
    sitting = post.appointments.during(DateRange(on + ONE_DAY, None)).select_related("person").order_by("seat")
    if names := "、".join(said_holder(row) for row in sitting):
        raise ValidationError(
            {"on": _("撤销前须先安排在岗人员：%(names)s") % {"names": names}}, code="APPOINTMENT-IN-POST"
        )
    before = audit.facts(last)
    last.period = cut(last.period, on + ONE_DAY)
    with hold_rules():
        last.save(update_fields=["period"])
    audit.record("close_post", last, by=by, before=before, after=audit.facts(last), reason=reason)
    return last


def _refuse_lost_seats(post: Post, new: PostVersion) -> None:
    """Raise ValidationError naming whoever sits on a seat that the new version no longer has."""
    beyond = post.appointments.during(new.period).filter(seat__gt=new.headcount).select_related("person")
    if names := "、".join(row.person.name for row in beyond.order_by("seat")):
        raise ValidationError(
            {"headcount": _("减少席位前须先安排在岗人员：%(names)s") % {"names": names}}, code="APT-13"
        )

"""The verbs of posts: create, revise. A post's past is closed, never rewritten."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import period
from staffing.models import Post, PostVersion

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
    version.full_clean(validate_constraints=False)
    with hold_rules():
        version.save()
    return version


@transaction.atomic
def create_post(
    *, code: str, starts: dt.date, by: Actor, ends: dt.date | None = None, reason: str = "", **version: Any
) -> Post:
    """Set up a post from ``starts`` on. ``version`` holds what it is: see PostVersion.

    Raises ValidationError keyed by field: PST-01, the bureau's and unit's
    periods, a tier of another zone.
    """
    post = Post(code=code)
    post.full_clean()
    post.save()
    row = _save_version(PostVersion(post=post, period=period(starts, ends), **version))
    audit.record("create_post", row, by=by, reason=reason)
    return post


@transaction.atomic
def revise_post(*, post: Post, starts: dt.date, by: Actor, reason: str = "", **changes: Any) -> PostVersion:
    """Change a post from ``starts`` on: the version in force ends the day before, a new one follows.

    What ``changes`` does not name is carried over. Raises ValidationError when
    no version is in force that day, when one begins on that very day, or when
    people sit on seats that would go.
    """
    Post.objects.select_for_update(of=("self",), no_key=True).get(pk=post.pk)
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
    audit.record("revise_post", new, by=by, before=before, after=audit.facts(new), reason=reason)
    return new


def _refuse_lost_seats(post: Post, new: PostVersion) -> None:
    """Raise ValidationError naming whoever sits on a seat that the new version no longer has."""
    beyond = post.appointments.during(new.period).filter(seat__gt=new.headcount).select_related("person")
    if names := "、".join(row.person.name for row in beyond.order_by("seat")):
        raise ValidationError(
            {"headcount": _("减少席位前须先安排在岗人员：%(names)s") % {"names": names}}, code="APT-13"
        )

"""The verbs of appointments: appoint, transfer, renew, correct, end.

Every path (page, API, import) comes through here. Locks are taken person first,
then posts by key, so that two clerks wait for each other and never deadlock; the
database's constraints hold besides (design 5).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.periods import ONE_DAY, cut, period
from staffing import store
from staffing.appointing.seats import free_seat, refuse_second_primary, said, versions_during
from staffing.models import Appointment, Person, Post
from staffing.personnel.people import add_person, correct_person, refuse_own_case, stamp
from staffing.posting.grades import create_grade, file_post_plan, set_coefficient
from staffing.posting.posts import close_post, copy_post, create_post, revise_post
from staffing.store import deed

__all__ = [
    "add_person",
    "appoint",
    "close_post",
    "copy_post",
    "correct_appointment",
    "correct_person",
    "create_grade",
    "create_post",
    "end_appointment",
    "file_post_plan",
    "renew",
    "revise_post",
    "set_coefficient",
    "stamp",
    "transfer",
]


#: Columns of an appointment that may be corrected besides its first day.
TERMS = (
    "term_ends",
    "probation_ends",
    "document_number",
    "step",
    "decided_on",
    "hire",
    "regime",
    "approval_number",
)


def locked(person: Person, *posts: Post) -> Person:
    """The person's row as it stands now, locked together with the posts until the end of the transaction."""
    fresh = store.now().person(person)
    store.now().lock(posts)
    return fresh


def save(row: Appointment) -> Appointment:
    """Check the row's own columns, then hand it to the store, which has every rule told."""
    row.clean_fields(exclude=["person", "post"])
    store.now().save(row)
    return row


def _refuse_bad_days(starts: dt.date, **later: dt.date | None) -> None:
    """Raise ValidationError for a day that lies before the appointment begins; keyed by field."""
    labels = {"term_ends": _("聘期止"), "probation_ends": _("试用期止"), "ends": _("离岗日期")}
    for field, day in later.items():
        if day and day < starts:
            raise ValidationError({field: _("%(what)s不能早于聘期起") % {"what": labels[field]}})
    if (probation := later.get("probation_ends")) and (term := later.get("term_ends")) and probation > term:
        raise ValidationError({"probation_ends": _("试用期不能长于聘期")})


@deed
def appoint(
    *,
    person: Person,
    post: Post,
    starts: dt.date,
    decided_on: dt.date,
    by: Actor,
    kind: str = Appointment.Kind.PRIMARY,
    seat: int | None = None,
    ends: dt.date | None = None,
    end_reason: str = "",
    reason: str = "",
    **terms: Any,
) -> Appointment:
    """Put a person on a seat of a post from ``starts`` on; without ``seat`` on the lowest free one.

    ``terms`` are ``term_ends``, ``probation_ends``, ``document_number``, ``step``,
    ``hire``, ``regime`` and ``approval_number``. ``ends`` is the last day of an appointment that is already over,
    as when history is loaded. Raises ValidationError when the person acts for
    himself, has another primary post, or no seat is free (the holders are named).
    """
    person = locked(person, post)
    refuse_own_case(person, by)
    days = {field: terms.get(field) for field in ("term_ends", "probation_ends")}
    _refuse_bad_days(starts, ends=ends, **days)
    span = period(starts, ends)
    versions = versions_during(post, span)
    seat = free_seat(post, versions, span, seat)
    if kind == Appointment.Kind.PRIMARY:
        refuse_second_primary(person, span)
    row = save(
        Appointment(
            person=person,
            post=post,
            seat=seat,
            kind=kind,
            period=span,
            decided_on=decided_on,
            end_reason=end_reason,
            is_example=person.is_example,
            **terms,
        )
    )
    _follow_post(person, row, versions[0].unit_id)
    audit.record("appoint", row, by=by, reason=reason)
    return row


def _follow_post(person: Person, row: Appointment, unit_id: int) -> None:
    """A primary post takes the personnel relation (人事关系) to its unit; secondment does not (APT-16).

    ``home_unit`` has no dates, so history loaded afterwards leaves it alone.
    """
    over = row.period.upper and row.period.upper <= timezone.localdate()
    if over or row.kind != Appointment.Kind.PRIMARY:
        return
    if unit_id != person.home_unit_id:
        person.home_unit_id = unit_id
        store.now().save(person, "home_unit", "national_id_digest")


@deed
def end_appointment(
    *,
    appointment: Appointment,
    on: dt.date,
    reason: str,
    by: Actor,
    note: str = "",
    notified_on: dt.date | None = None,
) -> Appointment:
    """End an appointment: ``on`` is his last day in the post, ``reason`` one of ``Appointment.End``.

    ``notified_on`` is the day of the written notice, which an end for failing
    grades needs so long before (APT-08). Raises ValidationError when it has ended
    already, or would end before it began.
    """
    person = locked(appointment.person, appointment.post)
    refuse_own_case(person, by)
    row = store.now().appointment(appointment)
    if reason not in Appointment.End.values or not reason:
        raise ValidationError({"reason": _("请选择离岗原因")})
    if row.end_reason or (row.last_day and on > row.last_day):
        raise ValidationError({"on": _("该聘任已于 %(day)s 结束") % {"day": said(row.last_day)}})
    if on < row.starts:
        raise ValidationError({"on": _("离岗日期不能早于到岗日期 %(day)s") % {"day": said(row.starts)}})
    if reason == Appointment.End.UNFIT and notified_on is None:
        raise ValidationError({"notified_on": _("考核不合格解聘须填写书面通知日期")}, code="APT-08")
    if notified_on and notified_on > on:
        raise ValidationError({"notified_on": _("书面通知日期不能晚于离岗日期")}, code="APT-08")
    before = audit.facts(row)
    row.period = cut(row.period, on + ONE_DAY)
    row.end_reason = reason
    row.notified_on = notified_on
    save(row)
    audit.record("end_appointment", row, by=by, before=before, after=audit.facts(row), reason=note)
    return row


@deed
def transfer(
    *, appointment: Appointment, post: Post, starts: dt.date, decided_on: dt.date, by: Actor, **terms: Any
) -> Appointment:
    """Move a person to another post (转岗) from ``starts`` on; the old appointment ends the day before.

    ``terms`` as in ``appoint``, ``seat`` and ``reason`` too. Both happen, or neither.
    """
    if post.pk == appointment.post_id:
        raise ValidationError({"post": _("拟转岗位就是现任岗位")})
    locked(appointment.person, appointment.post, post)
    note = terms.get("reason", "")
    _end_before(appointment, starts, Appointment.End.TRANSFER, by, note)
    return appoint(
        person=appointment.person,
        post=post,
        starts=starts,
        decided_on=decided_on,
        by=by,
        kind=appointment.kind,
        **terms,
    )


@deed
def renew(*, appointment: Appointment, starts: dt.date, decided_on: dt.date, by: Actor, **terms: Any) -> Appointment:
    """A new term on the same seat (续聘) from ``starts`` on; the old one ends the day before."""
    _end_before(appointment, starts, Appointment.End.TERM, by, terms.get("reason", ""))
    terms.setdefault("step", appointment.step)
    terms.setdefault("regime", appointment.regime)
    return appoint(
        person=appointment.person,
        post=appointment.post,
        seat=appointment.seat,
        starts=starts,
        decided_on=decided_on,
        by=by,
        kind=appointment.kind,
        **terms,
    )


def _end_before(appointment: Appointment, starts: dt.date, reason: str, by: Actor, note: str) -> None:
    """End an appointment on the eve of ``starts``, saying the trouble in the words of the new one."""
    if starts <= appointment.starts:
        raise ValidationError({"starts": _("新聘任须晚于原聘任的到岗日期 %(day)s") % {"day": said(appointment.starts)}})
    end_appointment(appointment=appointment, on=starts - ONE_DAY, reason=reason, by=by, note=note)


@deed
def correct_appointment(
    *, appointment: Appointment, by: Actor, reason: str = "", starts: dt.date | None = None, **changes: Any
) -> Appointment:
    """Mend what was entered wrongly: ``starts`` and ``TERMS``.

    Whoever holds it, and which post, is never corrected but ended.
    """
    if unknown := changes.keys() - set(TERMS):
        raise TypeError(f"cannot be corrected: {sorted(unknown)}")
    person = locked(appointment.person, appointment.post)
    refuse_own_case(person, by)
    row = store.now().appointment(appointment)
    before = audit.facts(row)
    for field, value in changes.items():
        setattr(row, field, value)
    if starts and starts != row.starts:
        _refuse_bad_days(starts, ends=row.last_day)
        row.period = period(starts, row.last_day)
        versions_during(row.post, row.period)
    _refuse_bad_days(row.starts, term_ends=row.term_ends, probation_ends=row.probation_ends)
    save(row)
    audit.record("correct_appointment", row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row

"""The verbs of a nomination: nominate, change, withdraw; and checking eligibility (资格审查)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.fields import digest
from staffing.appointing.seats import said
from staffing.models import Applicant, Candidate, Person, Selection, SelectionPost
from staffing.personnel.identity import read_national_id
from staffing.personnel.people import clean_name, refuse_own_case
from staffing.selection.rounds import Stage, locked
from zones.models import Unit


def is_own(candidate: Candidate, by: Actor) -> bool:
    person = candidate.person
    return bool(by.user and person and person.user_id is not None and person.user_id == by.user.pk)


def refuse_own(candidate: Candidate, by: Actor) -> None:
    """Nobody checks, scores, decides or appoints himself (design 6)."""
    if candidate.person is not None:
        refuse_own_case(candidate.person, by)


def fresh(candidate: Candidate) -> Candidate:
    """The candidate's row, locked, with whoever it is."""
    rows = Candidate.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("person", "applicant", "selection").get(pk=candidate.pk)


def _wishes(row: Selection, first: SelectionPost, second: SelectionPost | None) -> None:
    if first.selection_id != row.pk or (second and second.selection_id != row.pk):
        raise ValidationError({"first": _("志愿须是本次竞聘的岗位")})
    if second and second.pk == first.pk:
        raise ValidationError({"second": _("两个志愿不能是同一岗位")})


def _refuse_closed(row: Selection) -> None:
    today = timezone.localdate()
    if today < row.apply_from:
        raise ValidationError(_("报名自 %(day)s 开始") % {"day": said(row.apply_from)}, code="stage")
    if today > row.apply_until:
        raise ValidationError(_("报名已于 %(day)s 截止") % {"day": said(row.apply_until)}, code="stage")


@transaction.atomic
def nominate(
    *,
    selection: Selection,
    first: SelectionPost,
    by: Actor,
    person: Person | None = None,
    applicant: Applicant | None = None,
    second: SelectionPost | None = None,
    accepts_another: bool = False,
    resume: str = "",
    honours: str = "",
    version: int | None = None,
) -> Candidate:
    """Nominate somebody, or change a nomination until the deadline; whoever withdrew may come back.

    Who acts for himself is 个人自荐, anybody else 组织推荐. ``version`` is that of the
    nomination as the page showed it: an older one is refused. Raises ValidationError
    for a closed round, somebody from outside the zone, and a round that is for others.
    """
    row = locked(selection, Stage.PUBLISHED)
    _refuse_closed(row)
    _wishes(row, first, second)
    _refuse_misplaced(row, person, applicant)
    own = bool(by.user and person and person.user_id == by.user.pk)
    found = row.candidates.filter(person=person, applicant=applicant).first()
    before = audit.facts(found) if found else None
    if found and not found.withdrawn and version is not None and version != found.version:
        raise ValidationError(_("报名内容刚被他人修改，请核对最新内容后再提交"), code="stale")
    if found is None:
        last = row.candidates.aggregate(last=Max("number"))["last"] or 0
        found = Candidate(selection=row, person=person, applicant=applicant, number=last + 1)
        found.is_example = bool(person and person.is_example)
    else:
        found.version += 1
    found.first, found.second, found.accepts_another = first, second, accepts_another
    found.resume, found.honours = resume.strip(), honours.strip()
    found.nominated = Candidate.Nominated.SELF if own else Candidate.Nominated.ORGANISATION
    found.withdrawn, found.withdrawal_reason = False, ""
    found.clean_fields()
    with hold_rules():
        found.save()
    audit.record("nominate", found, by=by, before=before, after=audit.facts(found))
    return found


def _refuse_misplaced(row: Selection, person: Person | None, applicant: Applicant | None) -> None:
    if (person is None) == (applicant is None):
        raise TypeError("a candidate is a person or an applicant")
    if row.kind == Selection.Kind.INTERNAL and person is None:
        raise ValidationError(_("竞聘上岗只接受在册人员报名"))
    zone = Unit.objects.zone_ids(row.unit_id, day=timezone.localdate())
    home = person.home_unit_id if person else applicant.unit_id  # type: ignore[union-attr]
    if home not in zone:
        raise ValidationError(_("此人不属于本开发区"))


@transaction.atomic
def withdraw(*, candidate: Candidate, by: Actor, reason: str = "") -> Candidate:
    """Take a nomination back. After the deadline a reason is asked for; once decided for a post it is too late."""
    row = locked(candidate.selection, Stage.PUBLISHED, Stage.REVIEW, Stage.ASSESSMENT, Stage.MEDICAL)
    found = fresh(candidate)
    if found.withdrawn:
        return found
    if row.stage != Stage.PUBLISHED and not reason.strip():
        raise ValidationError({"reason": _("报名截止后撤回须写明原因")})
    before = audit.facts(found)
    found.withdrawn, found.withdrawal_reason = True, reason.strip()
    found.version += 1
    found.clean_fields()
    with hold_rules():
        found.save()
    audit.record("withdraw", found, by=by, before=before, after=audit.facts(found), reason=reason)
    return found


@transaction.atomic
def add_applicant(*, unit: Unit, by: Actor, name: str, national_id: str, **about: Any) -> Applicant:
    """Enter somebody from outside; birth date and sex are read from the number. The same number gives the same row."""
    try:
        told = read_national_id(national_id)
    except ValidationError as error:
        raise ValidationError({"national_id": error}) from error
    known = Applicant.objects.filter(unit=unit, national_id_digest=digest(told.number)).first()
    if known:
        return known
    row = Applicant(
        unit=unit,
        name=clean_name(name),
        national_id=told.number,
        birth_date=told.birth_date,
        gender=told.gender,
        **about,
    )
    row.clean_fields(exclude=["national_id_digest"])
    with hold_rules():
        row.save()
    audit.record("add_applicant", row, by=by)
    return row


@transaction.atomic
def check(
    *,
    candidate: Candidate,
    eligible: bool,
    by: Actor,
    note: str = "",
    barred: Iterable[SelectionPost] = (),
    findings: int = 0,
) -> Candidate:
    """Say whether somebody may go on, and for which posts he does not meet the conditions.

    A refusal needs its reason, and so does passing somebody against what the facts
    say (``findings``: how many stand against him).
    """
    row = locked(candidate.selection, Stage.REVIEW)
    found = fresh(candidate)
    refuse_own(found, by)
    if found.withdrawn:
        raise ValidationError(_("此人已撤回报名"))
    posts = list(barred)
    if any(post.selection_id != row.pk for post in posts):
        raise ValidationError({"barred": _("须是本次竞聘的岗位")})
    if not note.strip() and (not eligible or findings):
        raise ValidationError({"note": _("须写明原因：不通过，或有系统提示仍予通过")})
    before = audit.facts(found)
    found.eligible, found.eligibility_note = eligible, note.strip()
    found.checked_by = by.user
    found.clean_fields()
    with hold_rules():
        found.save()
    found.barred.set(posts)
    after = audit.facts(found) | {"barred": [post.pk for post in posts]}
    audit.record("check_eligibility", found, by=by, before=before, after=after)
    return found

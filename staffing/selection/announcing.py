"""The public notice, objections to it, and the appointments that follow (公示、聘任)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.periods import ONE_DAY
from common.workdays import add_workdays, count_workdays
from staffing import services
from staffing.appointing.seats import said
from staffing.appointing.terms import months_after
from staffing.models import (
    Applicant,
    Appointment,
    Candidate,
    Notice,
    Objection,
    Outcome,
    Person,
    PostVersion,
    Selection,
)
from staffing.querysets import retiring
from staffing.selection.candidacy import fresh, refuse_own
from staffing.selection.rounds import Stage, locked, move


def earliest_last_day(selection: Selection, first_day: dt.date) -> dt.date:
    """The last day that a notice must at least have; raises UnknownYear."""
    return add_workdays(first_day, selection.notice_workdays)


@transaction.atomic
def publish_notice(
    *, selection: Selection, first_day: dt.date, last_day: dt.date, places: str, by: Actor, contact: str, phone: str
) -> Notice:
    """Put the round on notice (公示), or, after a grave mistake, on notice anew.

    Raises ValidationError for fewer working days than the plan says, UnknownYear for
    days that no calendar knows, and whatever the step still lacks.
    """
    row = locked(selection, Stage.ASSESSMENT, Stage.MEDICAL, Stage.NOTICE)
    today = timezone.localdate()
    if row.stage != Stage.NOTICE and row.next_stage != Stage.NOTICE:
        raise ValidationError(_("公开招聘须先体检，再公示"), code="APT-01")
    if first_day < today:
        raise ValidationError({"first_day": _("公示不能早于今天开始")})
    if last_day < first_day:
        raise ValidationError({"last_day": _("公示截止不能早于开始")})
    n = count_workdays(first_day, last_day)
    if n < row.notice_workdays:
        until = earliest_last_day(row, first_day)
        text = _("公示须不少于 %(least)s 个工作日，现为 %(n)s 个；最早可到 %(day)s")
        told = {"least": row.notice_workdays, "n": n, "day": said(until)}
        raise ValidationError({"last_day": text % told}, code="APT-10")
    if row.stage != Stage.NOTICE:
        _refuse_undecided(row)
    notice = Notice(
        selection=row,
        first_day=first_day,
        last_day=last_day,
        places=places,
        contact=contact,
        phone=phone,
        published_on=today,
        published_by=by.user,
    )
    notice.clean_fields()
    if row.stage != Stage.NOTICE:
        move(row, Stage.NOTICE, by, along=notice.save)
    else:
        with hold_rules():
            notice.save()
    audit.record("publish_notice", notice, by=by)
    return notice


def _refuse_undecided(row: Selection) -> None:
    left = row.candidates.filter(withdrawn=False, eligible=True).exclude(outcome__decided_at__isnull=False).count()
    if left:
        raise ValidationError(_("还有 %(n)s 人未作出决定") % {"n": left})


@transaction.atomic
def raise_objection(
    *,
    notice: Notice,
    text: str,
    by: Actor,
    candidate: Candidate | None = None,
    raised_by: Person | None = None,
    raised_name: str = "",
    raised_on: dt.date | None = None,
) -> Objection:
    """Enter what somebody says against a notice while it is up. Nobody is appointed until it is settled.

    ``raised_by`` is the member of staff who says it himself; for a letter or a call,
    whoever registers it names the writer, who may wish to stay unnamed.
    """
    row = locked(notice.selection, Stage.NOTICE)
    day = raised_on or timezone.localdate()
    if not notice.first_day <= day <= notice.last_day or day > timezone.localdate():
        raise ValidationError({"raised_on": _("异议须在公示期内提出")})
    if candidate and candidate.selection_id != row.pk:
        raise ValidationError({"candidate": _("不在本次公示中")})
    if not text.strip():
        raise ValidationError({"text": _("请写明异议的内容")})
    made = Objection(
        notice=notice,
        candidate=candidate,
        raised_on=day,
        raised_by=raised_by,
        raised_name=raised_name.strip(),
        text=text.strip()[:4000],
        entered_by=by.user,
    )
    made.clean_fields()
    with hold_rules():
        made.save()
    audit.record("raise_objection", made, by=by)
    return made


@transaction.atomic
def settle_objection(*, objection: Objection, upheld: bool, finding: str, by: Actor) -> Objection:
    """Settle an objection. One that is upheld takes the post from the candidate it is about.

    Neither he nor whoever raised it settles it.
    """
    row = locked(objection.notice.selection, Stage.NOTICE)
    found = Objection.objects.select_for_update(no_key=True, of=("self",)).get(pk=objection.pk)
    if found.state != Objection.State.OPEN:
        raise ValidationError(_("该异议已处理：%(state)s") % {"state": found.get_state_display()}, code="stale")
    if found.candidate:
        refuse_own(fresh(found.candidate), by)
    if by.user and found.raised_by and found.raised_by.user_id == by.user.pk:
        raise ValidationError(_("不能处理本人提出的异议"), code="own_case")
    if not finding.strip():
        raise ValidationError({"finding": _("请写明调查核实情况")})
    before = audit.facts(found)
    found.state = Objection.State.UPHELD if upheld else Objection.State.DISMISSED
    found.finding, found.settled_on, found.settled_by = finding.strip(), timezone.localdate(), by.user
    found.clean_fields()
    with hold_rules():
        found.save()
        if upheld and found.candidate_id:
            _take_back(row, found, by)
    audit.record("settle_objection", found, by=by, before=before, after=audit.facts(found))
    return found


def _take_back(row: Selection, objection: Objection, by: Actor) -> None:
    outcome = Outcome.objects.filter(candidate=objection.candidate, candidate__selection=row).first()
    if outcome is None or outcome.decided_id is None:
        return
    before = audit.facts(outcome)
    outcome.decided, outcome.decided_at, outcome.decided_by = None, timezone.now(), by.user
    outcome.deviation = outcome.deviation or _("异议成立")
    outcome.save()
    audit.record("decide", outcome, by=by, before=before, after=audit.facts(outcome), reason=objection.finding)


def last_day_of_term(selection: Selection, starts: dt.date) -> dt.date:
    """The last day of a term that is as long as the plan says."""
    return months_after(starts, selection.term_months) - ONE_DAY


@dataclass(frozen=True)
class Appointed:
    """What a round came to: the appointments made, and who is left over."""

    appointments: list[Appointment]
    waiting: list[Candidate]


def why_not_yet(row: Selection, today: dt.date) -> str:
    """What keeps the appointments of a round on notice from taking effect; "" when nothing does."""
    notice = row.notices.first()
    if notice is None or row.stage != Stage.NOTICE:
        return str(_("竞聘尚未公示"))
    if n := Objection.objects.filter(notice__selection=row, state=Objection.State.OPEN).count():
        return str(_("还有 %(n)s 件异议未处理，处理前不能聘任") % {"n": n})
    if notice.last_day >= today:
        return str(_("公示至 %(day)s，期满后方可聘任") % {"day": said(notice.last_day)})
    return ""


@transaction.atomic
def appoint_round(
    *,
    selection: Selection,
    starts: dt.date,
    decided_on: dt.date,
    by: Actor,
    term_ends: dt.date | None = None,
    probation_ends: dt.date | None = None,
    document_number: str = "",
    category: str = "",
    identity: str = "",
) -> Appointed:
    """Have the appointments of the whole round take effect, all or none. Asked again, it tells what was done.

    ``category`` and ``identity`` are those of newcomers from outside. Without ``term_ends``
    the term is as long as the plan says.

    Posts are first left, then taken, so that people may change places; each goes
    through the verbs of appointments and their rules. In a round of the whole staff
    whoever got none leaves his post too, and waits for one.
    """
    row = locked(selection)
    if row.stage == Stage.APPOINTED:
        return _done(row)
    if words := why_not_yet(row, timezone.localdate()):
        raise ValidationError(words, code="APT-01" if row.kind == Selection.Kind.OPEN else "APT-02")
    if row.kind == Selection.Kind.OPEN and not (category and identity):
        raise ValidationError({"category": _("请选择新聘人员的编制类别和身份")})
    people = list(_people(row, starts))
    chosen = [each for each in people if each.outcome.decided_id]
    for each in people:
        if each.outcome.decided_id or row.whole_staff:
            refuse_own(each, by)
    term_ends = term_ends or last_day_of_term(row, starts)
    terms = {"term_ends": term_ends, "probation_ends": probation_ends, "document_number": document_number}
    with audit.gathered() as entries:
        try:
            _leave_posts(row, people, starts, by)
            for each in chosen:
                person = _employ(row, each, by, category=category, identity=identity)
                _take_post(row, each, person, {**terms, "starts": starts, "decided_on": decided_on}, by)
        except BaseException:
            entries.clear()
            raise
    move(row, Stage.APPOINTED, by)
    return _done(row)


def _people(row: Selection, starts: dt.date) -> QuerySet[Candidate]:
    """Everybody who competed, by rank; ``retires_on`` by the post that he is to take."""
    post = PostVersion.objects.on(starts).filter(post=OuterRef("outcome__decided__post"), category="GQ")
    birth, gender = (Coalesce(F(f"person__{name}"), F(f"applicant__{name}")) for name in ("birth_date", "gender"))
    return (
        row.candidates.filter(withdrawn=False, eligible=True)
        .select_related("person", "applicant", "outcome__decided__post")
        .annotate(retires_on=retiring(birth, gender, Exists(post)))
        .order_by("outcome__rank")
    )


def _leave_posts(row: Selection, people: list[Candidate], starts: dt.date, by: Actor) -> None:
    leaving = {each.person_id: each for each in people if each.outcome.decided_id or row.whole_staff}
    held = Appointment.objects.during_from(starts).filter(person__in=leaving, kind=Appointment.Kind.PRIMARY)
    for each in held.select_related("person", "post").order_by("person"):
        if each.starts >= starts:
            text = _("%(name)s 的现聘任自 %(day)s 起，新聘期须晚于此日")
            told = {"name": each.person.name, "day": said(each.starts)}
            raise ValidationError({"starts": text % told})
        decided = leaving[each.person_id].outcome.decided
        moved = decided is not None and decided.post_id != each.post_id
        reason = Appointment.End.TRANSFER if moved else Appointment.End.TERM
        services.end_appointment(appointment=each, on=starts - ONE_DAY, reason=reason, by=by, note=row.title)


def _take_post(row: Selection, each: Candidate, person: Person, terms: dict[str, Any], by: Actor) -> None:
    """His term is that of the round, but ends when he retires (APT-07)."""
    last = each.retires_on  # type: ignore[attr-defined]  # annotated by _people
    if last and last < terms["term_ends"]:
        terms = {**terms, "term_ends": last}
    made = services.appoint(
        person=person,
        post=each.outcome.decided.post,
        by=by,
        reason=row.title,
        **{name: value for name, value in terms.items() if value},
    )
    each.outcome.appointment = made
    with hold_rules():
        each.outcome.save(update_fields=["appointment"])


def _employ(row: Selection, each: Candidate, by: Actor, **kind: str) -> Person:
    """The member of staff: an applicant becomes one, unless he is on file already."""
    told = each.who
    if not isinstance(told, Applicant):
        return told
    known = Person.objects.filter(national_id_digest=told.national_id_digest).first()
    return known or services.add_person(
        by=by,
        home_unit=row.unit,
        name=told.name,
        national_id=told.national_id,
        phone=told.phone,
        education=told.education,
        reason=row.title,
        **kind,
    )


def _done(row: Selection) -> Appointed:
    made = Appointment.objects.filter(outcome__candidate__selection=row).select_related("person", "post")
    left = row.candidates.filter(withdrawn=False, eligible=True, outcome__decided__isnull=True)
    return Appointed(list(made.order_by("outcome__rank")), list(left.select_related("person", "applicant")))

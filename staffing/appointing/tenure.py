"""The verbs within a term: what came of a probation, and a change of the pay step."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from staffing import store
from staffing.appointing.seats import said
from staffing.models import Appointment, StepChange, Trial
from staffing.personnel.people import refuse_own_case
from staffing.services import correct_appointment, end_appointment, locked, save
from staffing.store import deed


@deed
def settle_probation(
    *,
    appointment: Appointment,
    outcome: str,
    decided_on: dt.date,
    by: Actor,
    extended_to: dt.date | None = None,
    document_number: str = "",
    note: str = "",
) -> Trial:
    """Decide on a probation: passed, extended to a later day, or failed, which ends the appointment that day.

    Raises ValidationError when there is none, or when it was decided on before.
    """
    person = locked(appointment.person, appointment.post)
    refuse_own_case(person, by)
    row = store.now().appointment(appointment)
    if row.probation_ends is None:
        raise ValidationError(_("该聘任没有试用期"), code="no_probation")
    if row.trials.exclude(outcome=Trial.Outcome.EXTENDED).exists():
        raise ValidationError(_("该试用期已有结论"), code="settled")
    if decided_on < row.starts:
        raise ValidationError({"decided_on": _("决定日期不能早于到岗日期 %(day)s") % {"day": said(row.starts)}})
    trial = Trial(
        appointment=row,
        outcome=outcome,
        decided_on=decided_on,
        due_on=row.probation_ends,
        extended_to=extended_to,
        document_number=document_number.strip(),
        note=note,
    )
    trial.full_clean()
    with hold_rules():
        trial.save()
    audit.record("settle_probation", trial, by=by, reason=note)
    if outcome == Trial.Outcome.EXTENDED:
        correct_appointment(appointment=row, by=by, reason=note, probation_ends=extended_to)
    elif outcome == Trial.Outcome.FAILED:
        end_appointment(appointment=row, on=decided_on, reason=Appointment.End.TRIAL_FAILED, by=by, note=note)
    return trial


@deed
def change_step(
    *, appointment: Appointment, starts: dt.date, step: int, by: Actor, document_number: str = "", note: str = ""
) -> StepChange:
    """Change the pay step (档级) from ``starts`` on, which is not after today; what it was before stays on file.

    Raises ValidationError for a day outside the appointment, or before an earlier change.
    """
    person = locked(appointment.person, appointment.post)
    refuse_own_case(person, by)
    row = store.now().appointment(appointment)
    if not row.in_force(starts) or starts > timezone.localdate():
        raise ValidationError({"starts": _("执行日期须在聘任期间，且不晚于今天")})
    last = row.step_changes.order_by("starts").last()
    if last and starts <= last.starts:
        raise ValidationError({"starts": _("执行日期须晚于上一次变动 %(day)s") % {"day": said(last.starts)}})
    change = StepChange(
        appointment=row,
        starts=starts,
        before=row.step,
        step=step,
        document_number=document_number.strip(),
        note=note,
    )
    change.full_clean()
    change.save()
    before = audit.facts(row)
    row.step = step
    save(row)
    audit.record("change_step", row, by=by, before=before, after=audit.facts(row), reason=note)
    return change

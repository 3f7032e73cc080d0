"""Verbs of a run's life: checked by a second person, approved by a third with an instrument (PAY-04), or sent back.

Who may do what is the table's (``common/rights.py``) and asked at the door;
that they are three different people is held here and by the database.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.stamps import refuse_stale, stamp_of
from pay import services
from pay.models import Run
from zones.models import Instrument

#: What a page shows of a run's standing: an act that rests on an older one is refused.
SEEN = ("state", "input_hash", "finished_at", "requested_by_id", "checked_by_id", "checked_at", "approved_by_id")


def stamp(run: Run) -> str:
    """What an act on this run must bear, so that it is about what its doer saw."""
    return stamp_of(run, SEEN)


@transaction.atomic
def check_run(*, run: Run, seen: str, by: Actor) -> Run:
    """Check a draft (复核). Not by whoever drafted it; done twice by the same person, it is done once.

    Raises ValidationError, with code ``stale`` when the run moved since it was seen.
    """
    row = _locked(run)
    if row.state == Run.State.CHECKED and by.user is not None and row.checked_by_id == by.user.pk:
        return row
    refuse_stale(stamp(row), seen)
    if row.state != Run.State.COMPUTED:
        raise ValidationError(_("只有已核算、未复核的可以复核；现为「%(state)s」") % {"state": row.get_state_display()})
    user = _somebody(by)
    if row.requested_by_id == user.pk:
        raise ValidationError(_("发起人不能复核自己发起的核算"), code="own_case")
    row.state, row.checked_by, row.checked_at = Run.State.CHECKED, user, timezone.now()
    with hold_rules():
        row.save(update_fields=["state", "checked_by", "checked_at"])
    audit.record("check_run", row, by=by, before={"state": "computed"}, after={"state": "checked"})
    return row


@transaction.atomic
def send_back(*, run: Run, reason: str, seen: str, by: Actor) -> Run:
    """Take a check back (退回): the draft waits for a check again, and ``reason`` says why."""
    row = _locked(run)
    refuse_stale(stamp(row), seen)
    if row.state != Run.State.CHECKED:
        raise ValidationError(_("只有已复核、未审批的可以退回；现为「%(state)s」") % {"state": row.get_state_display()})
    if not reason.strip():
        raise ValidationError({"reason": _("须写明退回的理由")})
    before = {"state": row.state, "checked_by": row.checked_by_id}
    row.state, row.checked_by, row.checked_at = Run.State.COMPUTED, None, None
    with hold_rules():
        row.save(update_fields=["state", "checked_by", "checked_at"])
    after = {"state": row.state, "checked_by": None}
    audit.record("send_back_run", row, by=by, before=before, after=after, reason=reason.strip())
    return row


@transaction.atomic
def approve_run(*, run: Run, instrument: Instrument, seen: str, by: Actor) -> Run:
    """Approve what was checked (审批), with the instrument that closes it (PAY-04); from then on it never changes.

    Not by whoever drafted or checked it. Of two who approve at once the second
    is told. Raises ValidationError, keyed by field where it is about one, or with a
    rule of pay as its code where it breaks one (``pay/rules/``).
    """
    row = _locked(run)
    user = _somebody(by)
    if row.state == Run.State.APPROVED and (row.approved_by_id, row.instrument_id) == (user.pk, instrument.pk):
        return row
    refuse_stale(stamp(row), seen)
    _refuse_unready(row)
    if user.pk in (row.requested_by_id, row.checked_by_id):
        raise ValidationError(_("发起人和复核人不能审批；发起、复核、审批须是三个不同的人"), code="own_case")
    if instrument.issued_on > timezone.localdate():
        raise ValidationError({"instrument": _("批文日期不能晚于今天")})
    row.state, row.approved_by, row.approved_at = Run.State.APPROVED, user, timezone.now()
    row.instrument = instrument
    with hold_rules():
        row.save(update_fields=["state", "approved_by", "approved_at", "instrument"])
    after = {"state": "approved", "instrument": instrument.code, "pool": row.pool, "difference": row.difference}
    audit.record("approve_run", row, by=by, before={"state": "checked"}, after=after)
    return row


def _refuse_unready(row: Run) -> None:
    if row.state == Run.State.APPROVED:
        raise ValidationError(_("已由 %(who)s 审批") % {"who": row.approved_by}, code="stale")
    if row.state != Run.State.CHECKED:
        raise ValidationError(_("须先复核再审批；现为「%(state)s」") % {"state": row.get_state_display()})
    if row.provisional:
        raise ValidationError(_("有得分或等次暂按平均数计，属暂算，不能审批；补齐后重新核算"), code="provisional")
    latest = latest_of_chain(row)
    if row.corrects_id and latest and latest.pk != row.corrects_id:
        text = _("核算 %(old)s 已被核算 %(new)s 更正，请重新核算，更正最新一次")
        raise ValidationError(text % {"old": row.corrects_id, "new": latest.pk}, code="PAY-CORRECTS")


@transaction.atomic
def cancel_run(*, run: Run, by: Actor) -> Run:
    """Take back a run that still waits for a worker; one at work ends by itself."""
    row = _locked(run)
    if row.state == Run.State.CANCELLED:
        return row
    if row.state != Run.State.QUEUED:
        raise ValidationError(_("只能取消排队中的核算；现为「%(state)s」") % {"state": row.get_state_display()})
    row.state, row.finished_at = Run.State.CANCELLED, timezone.now()
    row.save(update_fields=["state", "finished_at"])
    audit.record("cancel_run", row, by=by, before={"state": "queued"}, after={"state": "cancelled"})
    return row


@transaction.atomic
def request_correction(*, run: Run, by: Actor) -> Run:
    """Ask for what stands approved to be computed again: what comes out differently is a correction of it.

    Raises ValidationError for a run that is not approved, or that was corrected already (name the latest).
    """
    row = _locked(run)
    if row.state != Run.State.APPROVED:
        raise ValidationError(_("只更正已审批的核算；未审批的直接重新核算"))
    latest = latest_of_chain(row)
    if latest and latest.pk != row.pk:
        text = _("核算 %(old)s 已被核算 %(new)s 更正，请更正最新一次")
        raise ValidationError(text % {"old": row.pk, "new": latest.pk}, code="PAY-CORRECTS")
    (asked,) = services.request_runs(units=[row.unit], year=row.year, by=by)
    return asked


def latest_of_chain(run: Run) -> Run | None:
    """The approved run of the unit's year that nothing approved corrects."""
    rows = Run.objects.filter(unit=run.unit_id, year=run.year, state=Run.State.APPROVED)
    return rows.standing().order_by("-pk").first()


def _locked(run: Run) -> Run:
    # "of self": who signed is joined by an outer join, which cannot be locked.
    rows = Run.objects.select_for_update(of=("self",)).select_related("unit", "scheme", "approved_by")
    row = rows.defer("inputs", "trace").filter(pk=run.pk).first()
    if row is None:
        raise ValidationError(_("该核算已不存在：输入没有变化，以原核算为准"), code="stale")
    return row


def _somebody(by: Actor):
    """Whoever signs is a person: the system signs nothing."""
    if by.user is None:
        raise ValidationError(_("须由本人办理"))
    return by.user

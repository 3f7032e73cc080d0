"""Pages of the public notice, of objections to it, and of the appointments that follow."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.workdays import UnknownYear, count_workdays
from staffing.appointing.seats import said
from staffing.models import Notice, Objection, Person, Selection
from staffing.personnel.people_views import on_day
from staffing.selection import announcing
from staffing.selection.forms import NoticeForm, ObjectForm, SettleForm, TakeEffectForm
from staffing.selection.pages import frame
from staffing.selection.reading import announced
from staffing.selection.round_views import form_view, told_form
from zones.models import UnitVersion

Stage = Selection.Stage


@require_GET
def selection_notice(request, pk: int):
    """The public notice: who is proposed for which post, until when, and where objections go."""
    found = request.access.get(Selection.objects.all(), pk=pk)
    notices = list(found.notices.all())
    notice = notices[0] if notices else None
    today = timezone.localdate()
    objections = Objection.objects.filter(notice__selection=found).select_related("candidate__person", "settled_by")
    seen = list(request.access.scope(objections.select_related("candidate__applicant", "raised_by")))
    context = frame(request, found, _("公示")) | {
        "lede": found.title,
        "notice": notice,
        "earlier": notices[1:],
        "rows": announced(found, request.on) if notice else [],
        "workdays": _workdays(notice),
        "running": bool(notice and notice.first_day <= today <= notice.last_day and found.stage == Stage.NOTICE),
        "bar": announcing.why_not_yet(found, today) if found.stage == Stage.NOTICE else "",
        "objections": seen,
        "objects": request.access.can_in(found.unit_id, "object", "notice"),
        "settles": request.access.can_in(found.unit_id, "settle", "objection"),
        "unit_name": UnitVersion.objects.on(request.on).filter(unit=found.unit_id).first(),
    }
    return render(request, "staffing/selections/notice.html", context)


def _workdays(notice: Notice | None) -> int | None:
    try:
        return count_workdays(notice.first_day, notice.last_day) if notice else None
    except UnknownYear:  # a calendar that was taken back since: the page of an old notice still opens
        return None


@form_view
def notice_publish(request, pk: int):
    """Put the round on notice; its last day is proposed by the working calendar."""
    found = request.access.get(Selection.objects.all(), "change", pk=pk)
    today = timezone.localdate()
    initial: dict[str, Any] = {"first_day": today, "contact": found.contact, "phone": found.phone}
    try:
        initial["last_day"] = announcing.earliest_last_day(found, today)
    except UnknownYear as unknown:
        if request.method == "GET":
            messages.warning(request, " ".join(unknown.messages))
    form = NoticeForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> str:
        notice = announcing.publish_notice(selection=found, by=request.actor, **data)
        return _("公示已发布，至 %(day)s") % {"day": said(notice.last_day)}

    ask = _("发布后公示不能修改，得分和决定不能再改。发布公示？")
    context = frame(request, found, _("发布公示")) | {
        "lede": _("不少于 %(n)s 个工作日") % {"n": found.notice_workdays},
        "submit": _("发布公示"),
        "confirm": ask,
        "back": on_day(request, reverse("selection_notice", args=[pk])),
    }
    return told_form(request, form, act, context)


@form_view
def notice_object(request, pk: int):
    """Say something against a notice; the office takes down letters and calls."""
    notice = request.access.get(Notice.objects.select_related("selection"), "object", pk=pk)
    found = notice.selection
    registers = request.access.can_in(found.unit_id, "change", "selection")
    people = [(row.candidate.pk, f"{row.candidate.name} · {row.decided}") for row in announced(found, request.on)]
    initial = {"raised_on": timezone.localdate()}
    form = ObjectForm(request.POST or None, people=people, registers=registers, initial=initial)

    def act(data: dict[str, Any]) -> str:
        about = found.candidates.filter(pk=data["candidate"]).first() if data["candidate"] else None
        own = None if registers else Person.objects.filter(pk=request.access.person_id).first()
        announcing.raise_objection(
            notice=notice,
            candidate=about,
            text=data["text"],
            raised_by=own,
            raised_name=data.get("raised_name", ""),
            raised_on=data.get("raised_on"),
            by=request.actor,
        )
        return _("异议已登记，处理前不办理聘任")

    context = frame(request, found, _("提出异议")) | {
        "lede": _("公示至 %(day)s") % {"day": said(notice.last_day)},
        "submit": _("提交异议"),
        "back": on_day(request, reverse("selection_notice", args=[found.pk])),
    }
    return told_form(request, form, act, context)


@form_view
def objection_settle(request, pk: int):
    """Say what came of looking into an objection."""
    rows = Objection.objects.select_related("notice__selection", "candidate__person", "candidate__applicant")
    row = request.access.get(rows, "settle", pk=pk)
    found = row.notice.selection
    form = SettleForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        announcing.settle_objection(objection=row, by=request.actor, **data)
        return _("异议已处理")

    context = frame(request, found, _("处理异议")) | {
        "lede": found.title,
        "facts": [
            (_("提出日期"), said(row.raised_on)),
            (_("所涉人员"), row.candidate.name if row.candidate else _("不针对某一人")),
            (_("异议内容"), row.text),
        ],
        "submit": _("保存处理结果"),
        "back": on_day(request, reverse("selection_notice", args=[found.pk])),
    }
    return told_form(request, form, act, context)


@form_view
def selection_appoint(request, pk: int):
    """Have the appointments of the round take effect, all at once."""
    found = request.access.get(Selection.objects.all(), "appoint", pk=pk)
    today = timezone.localdate()
    rows = announced(found, request.on)
    initial = {"starts": today, "decided_on": today, "term_ends": announcing.last_day_of_term(found, today)}
    form = TakeEffectForm(request.POST or None, newcomers=found.kind == Selection.Kind.OPEN, initial=initial)
    bar = announcing.why_not_yet(found, today) if found.stage != Stage.APPOINTED else ""

    def act(data: dict[str, Any]) -> str:
        done = announcing.appoint_round(selection=found, by=request.actor, **data)
        told = {"n": len(done.appointments), "left": len(done.waiting)}
        return _("已聘任 %(n)s 人，未聘任 %(left)s 人") % told

    ask = _("办理 %(n)s 人的聘任？全部同时生效，或全部不生效。") % {"n": len(rows)}
    context = frame(request, found, _("办理聘任")) | {
        "lede": found.title,
        "facts": [(_("拟聘人员"), "、".join(f"{row.candidate.name}（{row.decided}）" for row in rows))],
        "bar": bar,
        "submit": _("办理聘任"),
        "confirm": ask,
        "back": on_day(request, reverse("selection_outcome", args=[pk])),
    }
    return told_form(request, form, act, context)

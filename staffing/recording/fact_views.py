"""What is recorded about a person: add, correct, close, annul; and what came of his probation and step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from staffing.appointing import tenure
from staffing.appointing.deed_views import about, carry_out, spell_of
from staffing.models import Inquiry, Kinship, Person
from staffing.personnel.people_views import on_day
from staffing.recording import fact_services
from staffing.recording.fact_forms import FORMS, AnnulForm, CloseForm, CloseInquiryForm, StepForm, TrialForm
from staffing.recording.fact_services import CORRECTABLE, FACTS, stamp
from zones.models import Unit

form_view = require_http_methods(["GET", "POST"])
#: The verb that records each fact.
RECORD: dict[str, Callable[..., Any]] = {
    "absence": fact_services.record_absence,
    "secondment": fact_services.record_secondment,
    "sanction": fact_services.record_sanction,
    "inquiry": fact_services.open_inquiry,
    "kinship": fact_services.record_kinship,
}


def _model(noun: str):
    if noun not in FACTS:
        raise Http404
    return FACTS[noun]


def _units(request) -> list[tuple[str, str]]:
    """The units of the visitor's zone, as hosts of a secondment."""
    found = Unit.objects.filter(pk__in=request.access.units("view", "unit")).named_on(request.on)
    return [(unit.code, unit.short_name) for unit in found]


def _taken(request, data: dict[str, Any]) -> dict[str, Any]:
    """The form's values as the services take them: a unit by its code, a relative by his staff number."""
    if "host_unit" in data:
        code = data["host_unit"]
        data["host_unit"] = Unit.objects.get(code=code) if code else None
    if "relative" in data:
        people = request.access.scope(Person.objects.all())
        data["relative"] = people.filter(staff_no=data["relative"].strip()).first()
        if data["relative"] is None:
            raise ValidationError({"relative": _("没有这个工号，或此人不在您的管理范围")})
    return data


def _page(request, person: Person, title: str, lede: str, submit: str) -> dict[str, Any]:
    back = on_day(request, reverse("person", args=[person.staff_no]))
    return {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (person.name, back), (title, None)],
        "title": f"{title} · {person.name}",
        "lede": lede,
        "submit": submit,
        "back": back,
    }


@form_view
def fact_add(request, staff_no: str, noun: str):
    """Record a fact about a person."""
    model = _model(noun)
    person = request.access.get(Person.objects.all(), staff_no=staff_no)
    if not request.access.can_in(person.home_unit_id, "add", noun):
        raise PermissionDenied
    form = FORMS[noun](request.POST or None, initial={"starts": request.on}, units=_units(request))

    def act(data: dict[str, Any]) -> str:
        RECORD[noun](person=person, by=request.actor, **_taken(request, data))
        return _("已登记 %(name)s 的%(what)s") % {"name": person.name, "what": model._meta.verbose_name}

    title = _("登记%(what)s") % {"what": model._meta.verbose_name}
    return carry_out(
        request, form, act, _page(request, person, title, _("登记后记入操作记录，有误可更正或作废"), title)
    )


def _fact(request, noun: str, pk: int):
    row = request.access.get(_model(noun).objects.select_related("person"), "change", pk=pk)
    if row.annulled:
        raise Http404
    return row


def _whose(request, row) -> Person:
    """On whose page the fact was met: of two who are kin, the one in the address."""
    if isinstance(row, Kinship) and request.GET.get("of") == row.relative.staff_no:
        return row.relative
    return row.person


@form_view
def fact_edit(request, noun: str, pk: int):
    """Mend what was entered wrongly of a fact."""
    row = _fact(request, noun, pk)
    initial = {name: getattr(row, name) for name in CORRECTABLE[type(row)]}
    if "host_unit" in initial:
        initial["host_unit"] = row.host_unit.code if row.host_unit else ""
    initial |= {"starts": row.starts, "ends": row.last_day, "seen": stamp(row)}
    form = FORMS[noun](request.POST or None, initial=initial, units=_units(request), correcting=True)
    person = _whose(request, row)

    def act(data: dict[str, Any]) -> str:
        if isinstance(row, Inquiry):
            data |= {"ends": row.last_day}
        fact_services.correct_fact(fact=row, by=request.actor, **_taken(request, data))
        return _("已更正 %(name)s 的%(what)s") % {"name": person.name, "what": row._meta.verbose_name}

    title = _("更正%(what)s") % {"what": row._meta.verbose_name}
    return carry_out(request, form, act, _page(request, person, title, _("只更正登记有误的内容"), _("保存更正")))


@form_view
def fact_close(request, noun: str, pk: int):
    """End an open fact."""
    row = _fact(request, noun, pk)
    shape = CloseInquiryForm if isinstance(row, Inquiry) else CloseForm
    form = shape(request.POST or None, initial={"on": request.on})
    person = _whose(request, row)

    def act(data: dict[str, Any]) -> str:
        fact_services.close_fact(fact=row, by=request.actor, **data)
        return _("已结束 %(name)s 的%(what)s") % {"name": person.name, "what": row._meta.verbose_name}

    title = _("结束%(what)s") % {"what": row._meta.verbose_name}
    return carry_out(request, form, act, _page(request, person, title, _("记录保留，次日起不再计算"), title))


@form_view
def fact_annul(request, noun: str, pk: int):
    """Take back what never was so."""
    row = _fact(request, noun, pk)
    form = AnnulForm(request.POST or None, initial={"seen": stamp(row)})
    person = _whose(request, row)

    def act(data: dict[str, Any]) -> str:
        fact_services.annul_fact(fact=row, by=request.actor, **data)
        return _("已作废 %(name)s 的%(what)s") % {"name": person.name, "what": row._meta.verbose_name}

    title = _("作废%(what)s") % {"what": row._meta.verbose_name}
    asks = _("作废 %(name)s 的这条%(what)s？作废后不再计算，记录保留。") % {
        "name": person.name,
        "what": row._meta.verbose_name,
    }
    page = _page(request, person, title, _("从未发生、登记错人等情形用作废；已结束的用结束"), title)
    return carry_out(request, form, act, page | {"confirm": asks})


@form_view
def appointment_probation(request, pk: int):
    """Decide on a probation."""
    spell = spell_of(request, pk)
    row = spell.appointment
    form = TrialForm(request.POST or None, initial={"decided_on": request.on})

    def act(data: dict[str, Any]) -> str:
        tenure.settle_probation(appointment=row, by=request.actor, **data)
        return _("已登记 %(name)s 的试用结果") % {"name": row.person.name}

    page = about(request, spell, _("试用结果"), _("转正、延长试用或试用不合格"))
    return carry_out(request, form, act, page | {"submit": _("登记试用结果")})


@form_view
def appointment_step(request, pk: int):
    """Change the pay step within the term."""
    spell = spell_of(request, pk)
    row = spell.appointment
    form = StepForm(request.POST or None, initial={"starts": request.on, "step": row.step})

    def act(data: dict[str, Any]) -> str:
        tenure.change_step(appointment=row, by=request.actor, **data)
        return _("已变动 %(name)s 的档级") % {"name": row.person.name}

    page = about(request, spell, _("变动档级"), _("原档级留存在聘任记录中"))
    return carry_out(request, form, act, page | {"submit": _("变动档级")})

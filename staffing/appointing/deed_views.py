"""What is done to an appointment: appoint, transfer, renew, correct, end. Each is a form and a service."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.forms import carry_out
from common.periods import ONE_DAY
from staffing import services
from staffing.appointing.careers import Spell, career
from staffing.appointing.seats import said_period
from staffing.forms import (
    AppointForm,
    CorrectTermsForm,
    EndForm,
    Terms,
    TransferForm,
    first_terms,
    seats_on_offer,
)
from staffing.models import Appointment, Person, Post, PostVersion
from staffing.personnel.people_views import on_day

form_view = require_http_methods(["GET", "POST"])


def _offers(request) -> list:
    """The free seats of the day in the units whose posts this visitor fills."""
    units = request.access.units("add", "appointment")
    return seats_on_offer(list(PostVersion.objects.vacant(request.on).filter(unit__in=units)))


def _post(request, code: str) -> Post:
    """The post of that code, for somebody who may fill it on this day."""
    found = request.access.get(Post.objects.all(), code=code)
    version = found.versions.on(request.on).first() or found.versions.order_by("-period").first()
    if version is None or not request.access.can_in(version.unit_id, "add", "appointment"):
        raise PermissionDenied
    return found


def spell_of(request, pk: int) -> Spell:
    """The appointment, for somebody who may change it, with the names of its place."""
    row = request.access.get(Appointment.objects.select_related("person", "post"), "change", pk=pk)
    (spell,) = career([row], request.on)
    return spell


def about(request, spell: Spell, title: str, lede: str) -> dict[str, Any]:
    person = spell.appointment.person
    back = on_day(request, reverse("person", args=[person.staff_no]))
    return {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (person.name, back), (title, None)],
        "title": f"{title} · {person.name}",
        "lede": lede,
        "back": back,
        "facts": [
            (_("现岗位"), spell.post_name),
            (_("单位、部门"), spell.where),
            (_("席位"), spell.appointment.seat),
            (_("任职方式"), spell.appointment.get_kind_display()),
            (_("起止"), said_period(spell.appointment.period)),
        ],
    }


@form_view
def appoint(request, staff_no: str):
    """Give a person a post."""
    person = request.access.get(Person.objects.all(), staff_no=staff_no)
    request.access.demand("add", "appointment")
    form = AppointForm(request.POST or None, offers=_offers(request), initial=first_terms(request.on))
    back = on_day(request, reverse("person", args=[person.staff_no]))

    def act(data: dict[str, Any]) -> str:
        services.appoint(person=person, by=request.actor, **data | {"post": _post(request, data["post"])})
        return _("已聘任 %(name)s") % {"name": person.name}

    context = {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (person.name, back), (_("聘任"), None)],
        "title": _("聘任 · %(name)s") % {"name": person.name},
        "lede": _("选择有空缺的岗位；席位由系统从低到高安排"),
        "submit": _("聘任"),
        "back": back,
    }
    return carry_out(request, form, act, context)


@form_view
def post_appoint(request, code: str):
    """Give a post to a person."""
    post = _post(request, code)
    name = post.versions.order_by("-period").first().shown_name
    form = AppointForm(request.POST or None, initial=first_terms(request.on))

    def act(data: dict[str, Any]) -> str:
        person = request.access.scope(Person.objects.all()).filter(staff_no=data.pop("staff_no")).first()
        if person is None:
            raise ValidationError({"staff_no": _("没有这个工号，或此人不在您的管理范围")})
        services.appoint(person=person, post=post, by=request.actor, **data)
        return _("已聘任 %(name)s 为 %(post)s") % {"name": person.name, "post": name}

    back = on_day(request, reverse("post", args=[post.code]))
    context = {
        "crumbs": [(name, back), (_("聘任"), None)],
        "title": _("聘任到「%(post)s」") % {"post": name},
        "lede": _("席位由系统从低到高安排"),
        "submit": _("聘任"),
        "back": back,
    }
    return carry_out(request, form, act, context)


def _kept(row: Appointment) -> dict[str, Any]:
    """What a new term begins with of the old one."""
    return {"step": row.step, "regime": row.regime, "approval_number": row.approval_number}


@form_view
def appointment_transfer(request, pk: int):
    """Move somebody to another post; the old appointment ends the day before."""
    spell = spell_of(request, pk)
    row = spell.appointment
    form = TransferForm(
        request.POST or None,
        offers=_offers(request),
        initial=first_terms(request.on)
        | {"step": row.step, "regime": row.regime, "approval_number": row.approval_number},
    )

    def act(data: dict[str, Any]) -> str:
        services.transfer(appointment=row, by=request.actor, **data | {"post": _post(request, data["post"])})
        return _("已为 %(name)s 办理转岗") % {"name": row.person.name}

    context = about(request, spell, _("转岗"), _("原聘任结束与新聘任开始同时办理")) | {"submit": _("办理转岗")}
    return carry_out(request, form, act, context)


@form_view
def appointment_renew(request, pk: int):
    """A new term on the same seat."""
    spell = spell_of(request, pk)
    row = spell.appointment
    starts = row.term_ends + ONE_DAY if row.term_ends else request.on
    form = Terms(
        request.POST or None,
        initial=first_terms(starts) | _kept(row),
    )

    def act(data: dict[str, Any]) -> str:
        services.renew(appointment=row, by=request.actor, **data)
        return _("已为 %(name)s 办理续聘") % {"name": row.person.name}

    context = about(request, spell, _("续聘"), _("同一席位的新聘期；原聘期于前一日结束")) | {"submit": _("办理续聘")}
    return carry_out(request, form, act, context)


@form_view
def appointment_edit(request, pk: int):
    """Correct the days and numbers of an appointment."""
    spell = spell_of(request, pk)
    row = spell.appointment
    names = ("starts", *services.TERMS)
    form = CorrectTermsForm(request.POST or None, initial={name: getattr(row, name) for name in names})

    def act(data: dict[str, Any]) -> str:
        services.correct_appointment(appointment=row, by=request.actor, **data)
        return _("已更正 %(name)s 的聘任") % {"name": row.person.name}

    context = about(request, spell, _("更正聘任"), _("只更正登记有误的内容；转岗、续聘请另行办理"))
    return carry_out(request, form, act, context | {"submit": _("保存更正")})


@form_view
def appointment_end(request, pk: int):
    """End an appointment, with its reason and last day."""
    spell = spell_of(request, pk)
    row = spell.appointment
    form = EndForm(request.POST or None, initial={"on": request.on})

    def act(data: dict[str, Any]) -> str:
        services.end_appointment(appointment=row, by=request.actor, **data)
        return _("已结束 %(name)s 的聘任，席位自次日空出") % {"name": row.person.name}

    asks = _("结束 %(name)s 在「%(post)s」的聘任?席位自次日空出。") % {"name": row.person.name, "post": spell.post_name}
    context = about(request, spell, _("结束聘任"), _("离岗后席位自次日空出，记录保留"))
    return carry_out(request, form, act, context | {"submit": _("结束聘任"), "confirm": asks})

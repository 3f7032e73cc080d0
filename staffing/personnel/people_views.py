"""A person's page, entering a person, and correcting what is on file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.forms import take_errors
from staffing import services
from staffing.appointing.careers import career, main_spell
from staffing.appointing.timeline import timeline
from staffing.forms import IDENTIFYING, NewPersonForm, PersonForm
from staffing.models import Person
from staffing.personnel.identity import mask, mask_phone
from staffing.personnel.people import record_reading
from staffing.recording.fact_listing import drawn, fact_lines
from staffing.recording.fact_services import FACTS
from zones.models import Unit, UnitVersion


def on_day(request, address: str) -> str:
    """The address on the day that this page is about."""
    return address if request.on_is_today else f"{address}?on={request.on.isoformat()}"


def may_read_identity(request, person: Person) -> bool:
    return request.access.scope(Person.objects.filter(pk=person.pk), "view", "identity").exists()


def _identity(request, person: Person) -> dict[str, Any]:
    """The columns that identify a person, masked unless the visitor may read them; a reading is recorded."""
    readable = may_read_identity(request, person)
    if readable:
        record_reading([person], by=request.actor, place="person")
    return {
        "readable": readable,
        "national_id": person.national_id if readable else mask(person.national_id),
        "phone": person.phone if readable else mask_phone(person.phone),
        "birth_date": person.birth_date if readable else None,
        # The day of retiring tells the birth date.
        "retires_on": person.retires_on if readable else None,  # type: ignore[attr-defined]  # with_retirement
    }


def _may_add(request, person: Person) -> list[tuple[str, str]]:
    """The facts that this visitor may record about the person, with what the link to each says."""
    return [
        (noun, _("登记%(what)s") % {"what": model._meta.verbose_name})
        for noun, model in FACTS.items()
        if request.access.can_in(person.home_unit_id, "add", noun)
    ]


@require_GET
def person(request, staff_no: str):
    """A person: who he is, what he holds on the day, what he has held."""
    people = Person.objects.with_retirement(request.on).select_related("home_unit")
    found = request.access.get(people, staff_no=staff_no)
    rows = request.access.scope(found.appointments.select_related("person", "post"))
    spells = career(rows, request.on)
    main = main_spell(spells)
    changes = request.access.scope(Person.objects.filter(pk=found.pk), "change").exists()
    own = found.user_id is not None and found.user_id == request.user.pk
    changeable = set(request.access.scope(found.appointments.all(), "change").values_list("pk", flat=True))
    identity = _identity(request, found)
    facts = fact_lines(request.access, found, own=own)
    for line in facts:
        line.current = line.in_force(request.on)
    context = {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (found.name, None)],
        "title": found.name,
        "lede": _("工号 %(no)s") % {"no": found.staff_no},
        "person": found,
        "spells": spells,
        "current": [spell for spell in spells if spell.current],
        "main": main,
        "identity": identity,
        "facts": facts,
        "adds": [] if own else _may_add(request, found),
        "audits": request.access.can_in(found.home_unit_id, "view", "audit"),
        "home": UnitVersion.objects.on(request.on).filter(unit=found.home_unit).first(),
        "picture": timeline(spells, request.on, name=found.name, facts=drawn(facts), retires_on=identity["retires_on"])
        if spells
        else None,
        "keeps": changes and not own,
        "changeable": set() if own else changeable,
        "own": own,
    }
    return render(request, "staffing/person.html", context)


def _unit_choices(request) -> list[tuple[str, str]]:
    units = Unit.objects.filter(pk__in=request.access.units("add", "person")).named_on(request.on)
    return [(unit.code, unit.name) for unit in units]


@require_http_methods(["GET", "POST"])
def person_add(request):
    """Enter a person; a post is given to him afterwards."""
    request.access.demand("add", "person")
    form = NewPersonForm(request.POST or None, units=_unit_choices(request))
    if request.method == "POST" and form.is_valid():
        unit = Unit.objects.get(code=form.cleaned_data["home_unit"])
        told = {name: form.cleaned_data[name] for name in ("staff_no", "reason")}
        if not request.access.can_in(unit.pk, "add", "person"):
            raise PermissionDenied
        try:
            made = services.add_person(by=request.actor, home_unit=unit, **told, **form.changes())
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已录入 %(name)s，工号 %(no)s") % {"name": made.name, "no": made.staff_no})
            return redirect(on_day(request, reverse("appoint", args=[made.staff_no])))
    context = {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (_("录入人员"), None)],
        "title": _("录入人员"),
        "lede": _("先登记基本情况，下一步安排岗位"),
        "form": form,
        "submit": _("录入并安排岗位"),
        "back": on_day(request, reverse("roster")),
    }
    return render(request, "staffing/form.html", context)


@require_http_methods(["GET", "POST"])
def person_edit(request, staff_no: str):
    """Correct what is on file; a page that has grown stale is refused and keeps what was typed."""
    found = request.access.get(Person.objects.all(), "change", staff_no=staff_no)
    readable = may_read_identity(request, found)
    form = PersonForm(request.POST or None, instance=found, initial={"seen": services.stamp(found)})
    if not readable:
        form.without(IDENTIFYING)
    if request.method == "POST" and form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("seen", "reason", "document_number")}
        try:
            services.correct_person(person=found, by=request.actor, **told, **form.changes())
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("已保存 %(name)s 的资料") % {"name": form.cleaned_data["name"]})
            return redirect(on_day(request, reverse("person", args=[found.staff_no])))
    elif readable:
        record_reading([found], by=request.actor, place="person_edit")
    context = {
        "crumbs": [(found.name, on_day(request, reverse("person", args=[found.staff_no]))), (_("更正资料"), None)],
        "title": _("更正 %(name)s 的资料") % {"name": found.name},
        "lede": _("更正登记有误的内容；岗位变动请在人员页办理"),
        "form": form,
        "submit": _("保存更正"),
        "back": on_day(request, reverse("person", args=[found.staff_no])),
    }
    return render(request, "staffing/form.html", context)

"""Pages of nominations: one's own, the organisation's, the check of eligibility."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from staffing.appointing.seats import said
from staffing.models import Candidate, Person, Selection
from staffing.personnel.people_views import on_day
from staffing.selection import assessing, candidacy, eligibility
from staffing.selection.forms import ApplicantForm, CheckForm, MedicalForm, ReasonForm, RecommendForm, WishesForm
from staffing.selection.pages import frame
from staffing.selection.reading import candidates_of, offers
from staffing.selection.round_views import PAGE_SIZE, form_view, told_form

Stage = Selection.Stage
#: A candidate with whatever a deed of his needs to be told.
CANDIDATES = Candidate.objects.select_related("selection", "person", "applicant", "first", "second")
FILTERS = {
    "unchecked": {"withdrawn": False, "eligible__isnull": True},
    "fit": {"withdrawn": False, "eligible": True},
    "unfit": {"withdrawn": False, "eligible": False},
    "withdrawn": {"withdrawn": True},
}


@form_view
def selection_nominate(request, pk: int):
    """A member of staff nominates himself, or changes his nomination until the deadline."""
    found = request.access.get(Selection.objects.all(), "nominate", pk=pk)
    person = Person.objects.get(pk=request.access.person_id)
    own = found.candidates.filter(person=person).first()
    form = WishesForm(request.POST or None, offers=offers(found, request.on), initial=_as_told(own))
    context = frame(request, found, _("报名")) | {
        "lede": _("报名至 %(day)s；截止前可以修改、撤回") % {"day": said(found.apply_until)},
        "submit": _("保存修改") if own and not own.withdrawn else _("提交报名"),
    }

    def act(data: dict[str, Any]) -> str:
        candidacy.nominate(selection=found, person=person, by=request.actor, version=data["version"], **form.wishes())
        return _("报名已提交") if own is None else _("报名已修改")

    return told_form(request, form, act, context)


def _as_told(own: Candidate | None) -> dict[str, Any]:
    if own is None:
        return {}
    names = ("accepts_another", "resume", "honours", "version")
    return {"first": own.first_id, "second": own.second_id, **{name: getattr(own, name) for name in names}}


@form_view
def candidate_add(request, pk: int):
    """The organisation nominates: a member of staff, or somebody who applies from outside."""
    found = request.access.get(Selection.objects.select_related("unit"), "recommend", pk=pk)
    outside = found.kind == Selection.Kind.OPEN
    form = (ApplicantForm if outside else RecommendForm)(request.POST or None, offers=offers(found, request.on))

    def act(data: dict[str, Any]) -> str:
        who: dict[str, Any] = {"person": None, "applicant": None}
        if outside:
            who["applicant"] = candidacy.add_applicant(unit=found.unit, by=request.actor, **form.about())
        else:
            people = request.access.scope(Person.objects.all())
            who["person"] = people.filter(staff_no=data["staff_no"].strip()).first()
            if who["person"] is None:
                raise ValidationError({"staff_no": _("没有这个工号，或此人不在您的管理范围")})
        made = candidacy.nominate(selection=found, by=request.actor, **who, **form.wishes())
        return _("%(name)s 已报名，序号 %(n)s") % {"name": made.name, "n": made.number}

    here = _("登记应聘人员") if outside else _("组织推荐")
    context = frame(request, found, here) | {"submit": here, "lede": found.title}
    context["back"] = on_day(request, reverse("selection_candidates", args=[pk]))
    return told_form(request, form, act, context)


@require_GET
def selection_candidates(request, pk: int):
    """Everybody who was nominated, with what the facts say and what was found (资格审查)."""
    found = request.access.get(Selection.objects.all(), "oversee", pk=pk)
    state = request.GET.get("state", "")
    rows = candidates_of(found).filter(**FILTERS.get(state, {}))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    told = eligibility.findings(page.object_list, timezone.localdate())
    names = {offer.pk: offer.name for offer in offers(found, request.on)}
    for row in page.object_list:
        row.findings = told.get(row.pk, [])
        row.first_name, row.second_name = names.get(row.first_id, ""), names.get(row.second_id, "")
        row.is_mine = candidacy.is_own(row, request.actor)
    context = frame(request, found, _("报名与资格审查")) | {
        "lede": found.title,
        "page": page,
        "state": state,
        "recommends": found.stage == Stage.PUBLISHED and request.access.can_in(found.unit_id, "recommend", "selection"),
        "checks": found.stage == Stage.REVIEW,
    }
    return render(request, "staffing/selections/candidates.html", context)


def _shown(row: Candidate, request) -> list[tuple[str, str]]:
    names = {offer.pk: offer.label for offer in offers(row.selection, request.on)}
    return [
        (_("报名序号"), str(row.number)),
        (_("报名方式"), row.get_nominated_display()),
        (_("第一志愿"), names.get(row.first_id, "")),
        (_("第二志愿"), names.get(row.second_id or 0, "")),
        (_("服从调剂"), _("是") if row.accepts_another else _("否")),
        (_("简历"), row.resume),
        (_("奖惩情况"), row.honours),
    ]


@form_view
def candidate_check(request, pk: int):
    """Check one candidate's eligibility."""
    row = request.access.get(CANDIDATES, "change", pk=pk)
    found = row.selection
    told = eligibility.findings([row], timezone.localdate()).get(row.pk, [])
    initial = {"note": row.eligibility_note, "barred": [each.pk for each in row.barred.all()]}
    if row.eligible is not None:
        initial["eligible"] = "yes" if row.eligible else "no"
    form = CheckForm(request.POST or None, offers=offers(found, request.on), initial=initial)

    def act(data: dict[str, Any]) -> str:
        candidacy.check(
            candidate=row,
            eligible=data["eligible"],
            note=data["note"],
            barred=[form.offers[each] for each in data["barred"]],
            findings=len(told),
            by=request.actor,
        )
        return _("%(name)s 的资格审查已保存") % {"name": row.name}

    context = frame(request, found, _("资格审查")) | {
        "title": _("资格审查 · %(name)s") % {"name": row.name},
        "lede": found.title,
        "facts": _shown(row, request),
        "findings": told,
        "submit": _("保存结论"),
        "back": on_day(request, f"{reverse('selection_candidates', args=[found.pk])}?state=unchecked"),
    }
    return told_form(request, form, act, context)


@form_view
def candidate_withdraw(request, pk: int):
    """Take a nomination back: one's own, or another's on his word."""
    row = request.access.get(CANDIDATES, "withdraw", pk=pk)
    form = ReasonForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        candidacy.withdraw(candidate=row, reason=data["reason"], by=request.actor)
        return _("%(name)s 的报名已撤回") % {"name": row.name}

    context = frame(request, row.selection, _("撤回报名")) | {
        "title": _("撤回报名 · %(name)s") % {"name": row.name},
        "lede": row.selection.title,
        "submit": _("撤回报名"),
        "confirm": _("撤回 %(name)s 的报名？") % {"name": row.name},
    }
    return told_form(request, form, act, context)


@require_POST
def candidate_medical(request, pk: int) -> HttpResponse:
    """The result of a medical examination."""
    row = request.access.get(CANDIDATES, "change", pk=pk)
    form = MedicalForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("请选择体检结果"))
        assessing.record_medical(candidate=row, result=form.cleaned_data["result"], by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("selection_outcome", pk=row.selection_id)

"""Why an amount is what it is: a bureau's share, a person's amount, and one's own over the years."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Sum
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.access import Access
from kpi.judging.words import grade_word
from pay import pictures
from pay.life.payouts import entitled
from pay.models import Allocation, BureauShare, Payout, Run
from pay.names import bureau_names, trace_rows, unit_names
from pay.why import explanations, sentences
from pay.why.sources import sources
from pay.why.years import years_of


@require_GET
def share(request, pk: int):
    """One bureau's share: why it is this much, and what each of its people gets."""
    stands = Exists(Run.objects.standing().filter(pk=OuterRef("run")))
    shares = BureauShare.objects.select_related("run__unit", "run__scheme").annotate(stands=stands)
    found = request.access.get(shares.defer("run__inputs", "run__trace"), pk=pk)
    name = bureau_names([found.bureau_id]).get(found.bureau_id, "")
    allocations = list(request.access.scope(found.allocations.select_related("person")).order_by("sequence"))
    for row in allocations:
        row.rating_label = grade_word(row.rating, row.person.identity) or row.get_reason_display()
    unit = unit_names([found.run.unit_id], found.run.year).get(found.run.unit_id)
    context = {
        "crumbs": [
            (_("绩效总额"), f"{reverse('pools')}?year={found.run.year}"),
            (unit.shown_name if unit else "", reverse("run", args=[found.run_id])),
            (name, None),
        ],
        "title": _("%(name)s %(year)s 年部门额度") % {"name": name, "year": found.run.year},
        "lede": unit.shown_name if unit else "",
        "sentence": sentences.of_bureau(found, name),
        "share": found,
        "name": name,
        "allocations": allocations,
        "total": sum((row.amount for row in allocations), Decimal(0)),
        "correction": found.run.corrects_id is not None,
        "trace": trace_rows(found.trace),
        "sources": sources([found.trace], request.access),
        "scores": explanations.other_scores(found),
        "replaced": None if found.stands else _now(request.access, found, bureau=found.bureau_id),
    }
    return render(request, "pay/why/share.html", context)


def _now(access: Access, row: BureauShare | Allocation, **whose: int) -> dict[str, Any]:
    """Where the same bureau's or person's amount stands now, for an amount of a run that was replaced or corrected."""
    standing = Run.objects.standing().filter(unit=row.run.unit_id, year=row.run.year)
    same = type(row).objects.filter(run__in=standing.values("pk"), **whose)
    return {"row": access.scope(same).first()}


@require_GET
def allocation(request, pk: int):
    """Why one person's pay is this much: from the pool to the bureau to him."""
    rows = Allocation.objects.select_related("person", "run__unit", "run__scheme", "share")
    found = request.access.get(rows, pk=pk)
    found.share.run = found.run
    unit = unit_names([found.run.unit_id], found.run.year).get(found.run.unit_id)
    bureau = bureau_names([found.share.bureau_id]).get(found.share.bureau_id, "")
    others = found.run.allocations.filter(person=found.person).exclude(pk=found.pk).aggregate(sum=Sum("amount"))
    sees_pool = request.access.scope(Run.objects.filter(pk=found.run_id)).exists()
    own = found.person_id == request.access.person_id
    current = entitled(found.run, Payout.Part.CURRENT).get(found.person_id, Decimal(0))
    whole = found.amount + (others["sum"] or Decimal(0))
    trace = found.trace
    stands = Run.objects.standing().filter(pk=found.run_id).exists()
    context = {
        "crumbs": [
            (_("我的绩效"), reverse("my_pay")) if own else (_("绩效总额"), reverse("pools") if sees_pool else None),
            (found.person.name, None),
        ],
        "title": _("%(name)s的 %(year)s 年绩效为什么是这么多") % {"name": found.person.name, "year": found.run.year},
        "lede": f"{unit.shown_name if unit else ''} · {bureau}",
        "sentence": sentences.of_person(found, bureau, own=own),
        "factor_note": _("等次系数 %(factor)s") % {"factor": f"{found.grade_factor.normalize():f}"},
        "allocation": found,
        "bureau": bureau,
        "rating": grade_word(found.rating, found.person.identity) or found.get_reason_display(),
        "elsewhere": others["sum"],
        "current": current,
        "deferred": whole - current,
        "approved": found.run.state == Run.State.APPROVED,
        "replaced": None if stands else _now(request.access, found, person=found.person_id),
        "slip": _slip(found, request.access) if stands and found.run.state == Run.State.APPROVED else "",
        "picture": pictures.person_picture(found, bureau),
        "what_if": explanations.other_grades(found),
        "trace": trace_rows(trace),
        "share_trace": trace_rows(found.share.trace),
        "sources": sources([trace, found.share.trace], request.access),
        "sees_pool": sees_pool,
        "sees_share": request.access.scope(BureauShare.objects.filter(pk=found.share_id)).exists(),
    }
    return render(request, "pay/why/allocation.html", context)


def _slip(row: Allocation, access: Access) -> str:
    """What the person's slip is called in its address; "" for who may not have it."""
    may = row.person_id == access.person_id or access.can_in(row.run.unit_id, "export", "allocation")
    return f"{row.run_id}-{row.person_id}" if may else ""


@require_GET
def my_pay(request):
    """What a member of staff got over the years: what is paid now, what later, and why; or that there is none yet."""
    years = years_of(request.access.person_id) if request.access.person_id else []
    context: dict[str, Any] = {"title": _("我的绩效"), "crumbs": [(_("我的绩效"), None)]}
    if not years:
        return render(request, "pay/why/no_pay_yet.html", context)
    names = bureau_names({row.share.bureau_id for year in years for row in year.rows})
    for year in years:
        for row in year.rows:
            row.bureau_name = names.get(row.share.bureau_id, "")
            row.rating_label = grade_word(row.rating, row.person.identity) or row.get_reason_display()
    context |= {
        "lede": _("每年应发多少、已发多少、为什么是这么多"),
        "years": years,
        "newest": years[0],
        "total": sum((year.amount for year in years), Decimal(0)),
        "paid": sum((year.paid for year in years), Decimal(0)),
    }
    return render(request, "pay/why/my_pay.html", context)

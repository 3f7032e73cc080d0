"""Pages of the grades: the year's rule for a sort, what follows from it, and confirming it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kpi.city import pages, reading, services, words
from kpi.city.forms import GradesForm, RuleForm
from kpi.models import Cycle, GradeRule, Scorecard
from kpi.rights import ratable
from staffing.personnel.people_views import on_day


def _mine(request, pk: int, sort: str, action: str, noun: str) -> Cycle:
    """A year whose grades the visitor has a hand in; whoever only looks at it is refused."""
    cycle = reading.year(request.access, pk, request.on)
    if sort not in GradeRule.Sort.values:
        raise Http404
    if not request.access.can_in(cycle.holder_id, action, noun):
        raise PermissionDenied
    return cycle


@require_http_methods(["GET", "POST"])
def grades(request, pk: int, sort: str):
    """What the rule gives each unit, with its arithmetic; and confirming it, or deciding otherwise with a reason."""
    cycle = _mine(request, pk, sort, "rate", "unit_card")
    found = reading.rankings(request.access, cycle, request.on)
    ranking = pages.units_of(found, sort)
    if ranking is None:
        raise Http404
    proposed = {each.key: each for each in services.proposals(cycle, sort)}
    rows = [(row, proposed.get(row.card.pk)) for row in ranking.rows]
    allowed = _allowed(request, ranking)
    form = GradesForm(
        request.POST or None,
        rows=[
            (row.card.pk, row.name, row.rating or (each.rating or "" if each else ""), _reason(row))
            for row, each in rows
            if row.card.pk in allowed
        ],
        initial={"seen": services.fingerprint(list(proposed.values()))},
    )
    settled = reading.is_public(cycle)
    if request.method == "POST" and form.is_valid() and _confirmed(request, cycle, sort, form):
        return redirect(on_day(request, reverse("city_grades", args=[pk, sort])))
    context = pages.frame(request, cycle, _("%(sort)s等次") % {"sort": ranking.label}) | {
        "lede": _("按本年度公布的规则得出建议，由没有录入过分数的考核人员确认"),
        "ranking": ranking,
        "tabs": found,
        "sort": sort,
        "rules": [(rule, words.rule(rule)) for rule in cycle.grade_rules.filter(sort=sort)],
        "rows": [
            (row, each, words.arithmetic(each) if each else [], *_fields(form, row.card.pk, allowed))
            for row, each in rows
        ],
        "form": form,
        "ready": ranking.complete and bool(proposed) and not settled,
        "allowed": bool(allowed),
        "left": [row.name for row in ranking.rows if row.score is None],
        "settled": settled,
        "graded": any(row.rating for row in ranking.rows),
    }
    return render(request, "kpi/city/grades.html", context)


def _reason(row: reading.Entrant) -> str:
    result = reading.result_of(row.card)
    return result.comment if result else ""


def _allowed(request, ranking: reading.Ranking) -> set[int]:
    """The cards that this visitor may grade today: none that he scored himself."""
    cards = Scorecard.objects.filter(pk__in=[row.card.pk for row in ranking.rows])
    return set(ratable(request.access, cards).values_list("pk", flat=True))


def _fields(form: GradesForm, card: int, allowed: set[int]) -> tuple:
    return (form[f"grade_{card}"], form[f"reason_{card}"]) if card in allowed else (None, None)


def _confirmed(request, cycle: Cycle, sort: str, form: GradesForm) -> bool:
    try:
        n = services.confirm_grades(
            cycle=cycle, sort=sort, chosen=form.chosen(), seen=form.cleaned_data["seen"], by=request.actor
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _("已确认 %(n)s 个单位的等次") % {"n": n} if n else _("等次没有变动"))
    return True


@require_http_methods(["GET", "POST"])
def rules(request, pk: int, sort: str):
    """Lay down the rule of grades of one sort."""
    cycle = _mine(request, pk, sort, "change", "city_cycle")
    label = str(GradeRule.Sort(sort).label)
    back = on_day(request, reverse("city_grades", args=[pk, sort]))
    standing = list(cycle.grade_rules.filter(sort=sort))
    form = RuleForm(request.POST or None, initial=RuleForm.initial_of(standing))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_grade_rules(cycle=cycle, sort=sort, rules=form.wanted(), by=request.actor)
        except ValidationError as error:
            form.add_error(None, error.messages if hasattr(error, "error_dict") else error)
        else:
            messages.success(request, _("等次规则已保存"))
            return redirect(back)
    context = pages.frame(request, cycle, _("%(sort)s等次规则") % {"sort": label}) | {
        "lede": _("两项条件至少填一项；都不满足的为第三等次。名额按比例取整，不进位"),
        "form": form,
        "facts": [(_("考核年度"), str(cycle.year)), (_("类别"), label)],
        "submit": _("保存规则"),
        "back": back,
    }
    return render(request, "form.html", context)

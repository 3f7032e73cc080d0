"""One address of every page and list, each with somebody who may see it: for the bench and for the query baseline."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.models import User
from kpi.models import Panel, Scorecard, Template
from orgchart.models import DutyTransfer, Plan
from pay.models import Allocation, BureauShare, Run
from staffing.models import Appointment, Person
from zones.models import Project, Unit

#: The name of an address, its arguments, and the user who opens it.
Page = tuple[str, list[Any], str]


@dataclass(frozen=True)
class Stop:
    """A page by a short name, its address, and the user who opens it."""

    name: str
    url: str
    user: str


@dataclass(frozen=True)
class Reading:
    """What one request cost: status, queries, bytes, milliseconds of server time."""

    status: int
    queries: int
    size: int
    milliseconds: float


def stops(zone: Unit) -> list[Stop]:
    """The tour of a zone that has a computed run; the personas of ``create_personas`` open it."""
    run = Run.objects.standing().filter(unit=zone).order_by("-year")[0]
    share = run.shares.order_by("sequence")[0]
    allocation = Allocation.objects.filter(share=share).order_by("sequence")[0]
    card = Scorecard.objects.filter(kind="bureau", unit=zone).order_by("-cycle__year", "pk")[0]
    pages = [
        *_structure(zone, share.bureau.code),
        *_staff(zone, allocation.person),
        *_judging(card),
        *_promises(zone, card),
        *_city(run.year),
        *_money(zone, run, share, allocation),
    ]
    tour = [
        Stop(f"{name} ({user})" if name == "home" else name, reverse(name, args=args), user)
        for name, args, user in pages
    ]
    search = Stop("search", f"{reverse('search')}?q=招商", "hr")
    return [*tour, *_plans(zone), *_panels(), search, *_api(), *_explanations(run, share, allocation)]


def _structure(zone: Unit, bureau: str) -> list[Page]:
    """The homes, the zone and what it is made of."""
    return [
        ("home", [], "hr"),
        ("home", [], "head"),
        ("home", [], "finance"),
        ("chart", [zone.code], "hr"),
        ("chart_compare", [zone.code], "hr"),
        ("charter", [zone.code], "hr"),
        ("rules", [zone.code], "hr"),
        ("positioning", [zone.code], "hr"),
        ("projects", [], "hr"),
        ("project", [Project.objects.order_by("code").values_list("code", flat=True)[0]], "hr"),
        ("duties", [zone.code], "hr"),
        ("duty_lists", [zone.code], "hr"),
        ("duty_move", [zone.code], "hr"),
        ("transfers", [], "hr"),
        ("transfer", [_transfer(zone)], "hr"),
        ("unit", [zone.code], "hr"),
        ("bureau", [bureau], "hr"),
        ("structure_import", [], "bianban"),
        ("figures", [], "finance"),
    ]


def _staff(zone: Unit, person: Person) -> list[Page]:
    """Posts and people."""
    holder = Appointment.objects.filter(person=person).order_by("-period")[0]
    return [
        ("roster", [], "hr"),
        ("roster_changes", [], "hr"),
        ("hr_home", [], "hr"),
        ("roster_import", [], "hr"),
        ("person", [person.staff_no], "hr"),
        ("person_find", [], "hr"),
        ("readings", [person.staff_no], "hr"),
        ("fact_add", [person.staff_no, "secondment"], "hr"),
        ("appointment_step", [holder.pk], "hr"),
        ("posts", [], "hr"),
        ("post", [holder.post.code], "hr"),
        ("post_revise", [holder.post.code], "hr"),
        ("grades", [], "hr"),
        ("selections", [], "hr"),
        ("selection_add", [], "hr"),
        ("post_plan", [zone.code], "hr"),
    ]


def _judging(card: Scorecard) -> list[Page]:
    """The zone's year: scores, grades, its end."""
    line = card.lines.order_by("sequence")[0]
    return [
        ("scorecards", [], "hr"),
        ("scorecard", [card.pk], "hr"),
        ("score_matrix", [], "head"),
        ("line_evidence", [line.pk], "hr"),
        ("line_applies", [line.pk], "hr"),
        ("scores_import", [], "head"),
        ("assessment", [], "leader"),
        ("overview", [card.cycle_id], "hr"),
        ("assessment_grades", [card.cycle_id], "hr"),
        ("undetermined", [card.cycle_id], "hr"),
        ("year_publish", [card.cycle_id], "leader"),
        ("year_close", [card.cycle_id], "hr"),
        ("year_consequences", [card.cycle_id], "hr"),
        ("adjustment_add", [card.pk], "hr"),
        ("adjustments", [], "hr"),
        ("appeals", [], "hr"),
        ("my_assessment", [], "staff"),
        ("ratings", [], "head"),
        ("panels", [], "hr"),
        ("kpi_progress", [], "hr"),
        ("webhooks", [], "hr"),
    ]


def _city(year: int) -> list[Page]:
    """The city's year: parks among parks."""
    card = Scorecard.objects.filter(kind="unit", unit__kind="park", cycle__year=year).order_by("pk")[0]
    return [
        ("city_year", [card.cycle_id], "evaluator"),
        ("city_sheet", [card.cycle_id, "park"], "evaluator"),
        ("city_compare", [card.cycle_id, "park"], "evaluator"),
        ("city_grades", [card.cycle_id, "park"], "evaluator"),
        ("city_subject", [card.pk], "evaluator"),
    ]


def _money(zone: Unit, run: Run, share: BureauShare, allocation: Allocation) -> list[Page]:
    """Schemes, runs, payouts, and what is drawn from them."""
    return [
        ("schemes", [], "finance"),
        ("scheme", [run.scheme_id], "finance"),
        ("scheme_new", [zone.code], "finance"),
        ("pools", [], "finance"),
        ("runs", [], "finance"),
        ("run", [run.pk], "finance"),
        ("share", [share.pk], "finance"),
        ("allocation", [allocation.pk], "finance"),
        ("payouts", [], "finance"),
        ("terms", [], "hr"),
        ("accounts", [], "finance"),
        ("account_edit", [allocation.person.staff_no], "finance"),
        ("simulation", [zone.code, run.year], "finance"),
        ("differentiation", [zone.code], "hr"),
        ("run_compare", [run.pk], "hr"),
        ("reports", [], "evaluator"),
        ("verify", [], "evaluator"),
        ("jobs", [], "hr"),
    ]


def _plans(zone: Unit) -> list[Stop]:
    plan = Plan.objects.filter(zone=zone).first()
    if plan is None:
        return []
    return [
        Stop("plans", reverse("plans", args=[zone.code]), "hr"),
        Stop("plan", reverse("plan", args=[plan.code]), "hr"),
        Stop("plan trial", reverse("plan_trial", args=[plan.code]), "hr"),
    ]


def _panels() -> list[Stop]:
    """One that is open, as its keeper and as a rater see it, and one that is closed."""
    tour = []
    for panel in Panel.objects.order_by("closed_at")[:2]:
        name = "panel open" if panel.closed_at is None else "panel closed"
        tour.append(Stop(name, reverse("panel", args=[panel.pk]), "hr"))
        if panel.closed_at is None:
            tour.append(Stop("rating", reverse("rating", args=[panel.pk]), "head"))
    return tour


def _api() -> list[Stop]:
    nouns = (
        "units figures charters bureaus duties transfers positionings projects posts grades people appointments"
        " absences secondments sanctions inquiries kinships probations step-changes indicators scorecards schemes runs"
        " adjustments appeals assessment-years templates panels my-ratings webhooks allocations city-assessments jobs"
        " selections candidates notices objections shares"
    )
    return [Stop(f"api {noun}", reverse(f"api-{noun}-list"), "hr") for noun in nouns.split()]


def _explanations(run: Run, share: BureauShare, allocation: Allocation) -> list[Stop]:
    rows = (("runs", run), ("shares", share), ("allocations", allocation))
    return [
        Stop(f"api {noun} explanation", reverse(f"api-{noun}-explanation", args=[row.pk]), "finance")
        for noun, row in rows
    ]


def _promises(zone: Unit, card: Scorecard) -> list[Page]:
    """What is promised in the zone: the library, templates, years, letters."""
    template = Template.objects.filter(holder=zone).order_by("code")[0]
    return [
        ("indicators", [], "hr"),
        ("indicator", [card.lines.first().indicator.code], "hr"),
        ("card_templates", [], "hr"),
        ("card_template", [template.pk], "hr"),
        ("card_template_edit", [template.pk], "hr"),
        ("letters", [], "hr"),
        ("cascade", [], "hr"),
        ("years", [], "hr"),
        ("year", [card.cycle_id], "hr"),
        ("letter", [card.pk], "hr"),
        ("letter_edit", [card.pk], "hr"),
    ]


def _transfer(zone: Unit) -> str:
    """The first handover of duties of the zone."""
    units = Unit.objects.subtree_ids(zone.pk, day=timezone.localdate())
    return DutyTransfer.objects.filter(from_unit__in=units).order_by("code").values_list("code", flat=True)[0]


def visit(stop: Stop, clients: dict[str, Client]) -> Reading:
    """Open a page once warm, counting what the second opening costs."""
    if stop.user not in clients:
        clients[stop.user] = client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=stop.user))
    client = clients[stop.user]
    client.get(stop.url)
    queries = 0

    def counting(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counting):
        begun = perf_counter()
        response = client.get(stop.url)
        spent = (perf_counter() - begun) * 1000
    return Reading(response.status_code, queries, len(response.content), spent)

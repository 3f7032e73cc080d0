"""Every row of every noun that the gate knows, with where it lies: told from codes and staff numbers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db import models

from kpi.models import Appeal, Cycle, Indicator, Panel, Scorecard, Template, Webhook
from orgchart.models import Bureau, Charter, Duty, DutyTransfer, Plan
from pay.models import Allocation, BankAccount, BureauShare, Payout, Run, Scheme, TermResult
from reports.models import IssuedReport
from staffing.models import (
    Absence,
    Appointment,
    Candidate,
    Inquiry,
    Kinship,
    Notice,
    Objection,
    Person,
    Post,
    PostGrade,
    Sanction,
    Secondment,
    Selection,
)
from zones.models import Figure, Positioning, Project, Unit

OWN, FOREIGN = "TZ", "XZ"

MODELS: dict[str, type[models.Model]] = {
    "unit": Unit,
    "figure": Figure,
    "charter": Charter,
    "bureau": Bureau,
    "duty": Duty,
    "positioning": Positioning,
    "project": Project,
    "plan": Plan,
    "transfer": DutyTransfer,
    "post": Post,
    "grade": PostGrade,
    "selection": Selection,
    "candidate": Candidate,
    "notice": Notice,
    "objection": Objection,
    "person": Person,
    "identity": Person,
    "appointment": Appointment,
    "absence": Absence,
    "secondment": Secondment,
    "sanction": Sanction,
    "inquiry": Inquiry,
    "kinship": Kinship,
    "indicator": Indicator,
    "city_cycle": Cycle,
    "zone_cycle": Cycle,
    "city_template": Template,
    "zone_template": Template,
    "unit_card": Scorecard,
    "bureau_card": Scorecard,
    "person_card": Scorecard,
    "city_panel": Panel,
    "zone_panel": Panel,
    "appeal": Appeal,
    "city_webhook": Webhook,
    "zone_webhook": Webhook,
    "scheme": Scheme,
    "run": Run,
    "share": BureauShare,
    "allocation": Allocation,
    "payout": Payout,
    "bank_account": BankAccount,
    "term_result": TermResult,
    "report": IssuedReport,
}


@dataclass(frozen=True)
class Row:
    """A row and where it lies: the units it belongs to, its bureau and its person, where it has any."""

    pk: int
    units: frozenset[str] = frozenset()
    bureaus: frozenset[str] = frozenset()
    person: str = ""
    key: str = ""


def rows() -> dict[str, list[Row]]:
    """Every row of every noun with where it lies, told from codes and staff numbers."""
    found: dict[str, list[Row]] = defaultdict(list)

    def add(noun: str, row, *units: str, bureaus=(), person: str = "", key: str = "") -> None:
        found[noun].append(Row(row.pk, frozenset(units), frozenset(bureaus), person, str(key or row.pk)))

    for unit in Unit.objects.all():
        add("unit", unit, unit.code, key=unit.code)
    for code in (OWN, FOREIGN):
        _zone_rows(code, add)
        for unit in (code, f"{code}-P"):
            _unit_rows(unit, add)
    for held in Positioning.objects.select_related("unit"):
        add("positioning", held, held.unit.code)
    for project in Project.objects.select_related("unit"):
        add("project", project, project.unit.code, key=project.code)
    for transfer in DutyTransfer.objects.all():
        code = transfer.code.split("-")[0]
        add("transfer", transfer, code, f"{code}-P", key=transfer.code)
    for noun, model in (("cycle", Cycle), ("template", Template), ("webhook", Webhook)):
        for row in model.objects.select_related("holder"):
            city = row.holder.code == "TCITY"
            add(f"{'city' if city else 'zone'}_{noun}", row, row.holder.code)
    for panel in Panel.objects.select_related("cycle__holder"):
        add(panel.noun, panel, panel.cycle.holder.code)
    for indicator in Indicator.objects.all():
        add("indicator", indicator, key=indicator.code)
    for grade in PostGrade.objects.all():
        add("grade", grade, key=grade.code)
    return found


def _zone_rows(code: str, add) -> None:
    """What is the zone's law reaches its park too; the duty is one in the park's area."""
    zone = Unit.objects.get(code=code)
    for noun, related in (("charter", zone.charters), ("scheme", zone.schemes)):
        for row in related.all():
            add(noun, row, code, f"{code}-P")
    for plan in zone.plans.all():
        add("plan", plan, code, key=plan.code)
    duty = Duty.objects.get(code=f"duty-{code.lower()}")
    add("duty", duty, f"{code}-P", key=duty.code)


def _unit_rows(code: str, add) -> None:
    unit = Unit.objects.get(code=code)
    for figure in unit.figures.all():
        add("figure", figure, code)
    for version in unit.bureau_versions.select_related("bureau"):
        add("bureau", version.bureau, code, bureaus=[version.bureau.code], key=version.bureau.code)
    for version in unit.post_versions.select_related("post", "bureau"):
        add("post", version.post, code, bureaus=_codes(version.bureau), key=version.post.code)
    for person in unit.people.all():
        seats = Appointment.objects.on(dt.date.today()).filter(person=person)  # noqa: DTZ011
        bureaus = [version.bureau.code for seat in seats for version in seat.post.versions.all() if version.bureau]
        for noun in ("person", "identity"):
            add(noun, person, code, bureaus=bureaus, person=person.staff_no, key=person.staff_no)
        _fact_rows(person, add, code, bureaus)
        for seat in person.appointments.all():
            add("appointment", seat, code, bureaus=_codes(seat.post.versions.get().bureau), person=person.staff_no)
    for card in unit.scorecards.all():
        add(card.noun, card, code, bureaus=_codes(card.bureau), person=card.person.staff_no if card.person else "")
        for appeal in Appeal.objects.filter(result__scorecard=card):
            add("appeal", appeal, code, person=card.person.staff_no)
    for run in unit.runs.all():
        add("run", run, code)
    for share in BureauShare.objects.filter(run__unit=unit):
        add("share", share, code, bureaus=[share.bureau.code])
    for row in Allocation.objects.filter(run__unit=unit):
        add("allocation", row, code, bureaus=[row.share.bureau.code], person=row.person.staff_no)
    for payout in Payout.objects.filter(run__unit=unit):
        add("payout", payout, code)
    for account in BankAccount.objects.filter(person__home_unit=unit).select_related("person"):
        add("bank_account", account, code, person=account.person.staff_no)
    for term in TermResult.objects.filter(unit=unit):
        add("term_result", term, code)
    for selection in unit.selections.all():
        add("selection", selection, code)
        for each in selection.candidates.all():
            add("candidate", each, code, person=each.person.staff_no)
        for notice in selection.notices.all():
            add("notice", notice, code)
            for objection in notice.objections.all():
                add("objection", objection, code, person=objection.raised_by.staff_no)
    for report in unit.reports.all():
        add("report", report, code)


def _fact_rows(person: Person, add, code: str, bureaus: list[str]) -> None:
    """A person's facts lie where he does; a kinship is entered by the first of the two, and belongs to both."""
    for noun in ("absence", "secondment", "sanction", "inquiry"):
        for row in getattr(person, f"{noun}_rows").all():
            add(noun, row, code, bureaus=bureaus, person=person.staff_no)
    for row in person.kin_after.all():
        add("kinship", row, code, bureaus=bureaus, person=person.staff_no)


def _codes(bureau) -> list[str]:
    return [bureau.code] if bureau else []

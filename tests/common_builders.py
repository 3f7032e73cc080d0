"""Two zones side by side, each with a park, people, cards and pay; a user for every role in the first.

What each row belongs to is written down here by hand (``Row``), and so is how
far each persona's roles go (``PERSONAS``): what may be seen is worked out from
these, never by asking the gate under test.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.apps import apps
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from common.actors import Actor
from common.models import User
from common.periods import ONE_DAY
from common.rights import Reach, Role
from common.workdays import add_workdays
from kpi.models import Adjustment, Appeal, Cycle, Indicator, Line, Panel, Result, Scorecard, Template, Webhook
from orgchart import plans
from orgchart.models import Bureau, Duty, DutyAssignment, DutyTransfer, TransferDispute, TransferLine
from pay import services
from pay.life import accounts, payouts
from pay.models import Run
from reports.models import IssuedReport
from staffing.models import (
    Absence,
    Inquiry,
    Kinship,
    Person,
    Post,
    Sanction,
    Secondment,
    Selection,
)
from staffing.personnel.identity import check_digit
from staffing.plans.reorganising import site_of
from staffing.selection import announcing, assessing, candidacy, rounds
from tests import pay_builders as build
from tests.common_rows import FOREIGN, OWN, Row, rows
from zones.models import Industry, Positioning, Project, ProjectStage, Unit

#: For tests that really commit: everything is emptied afterwards.
ALL_APPS = [config.name for config in apps.get_app_configs()]


@dataclass(frozen=True)
class Persona:
    """A user's roles, each with the units it was given on or comes from; his bureau and himself."""

    roles: dict[Role, frozenset[str]] = field(default_factory=dict)
    bureau: str = ""
    person: str = ""


ZONE, PARK = frozenset({OWN, f"{OWN}-P"}), frozenset({f"{OWN}-P"})
CITY = frozenset({"TCITY", OWN, f"{OWN}-P", FOREIGN, f"{FOREIGN}-P"})
ELSEWHERE = frozenset({FOREIGN, f"{FOREIGN}-P"})
PERSONAS = {
    "hr": Persona({Role.HR: ZONE}),
    "bianban": Persona({Role.ESTABLISHMENT: ZONE}),
    "finance": Persona({Role.FINANCE: ZONE}),
    "evaluator": Persona({Role.EVALUATOR: ZONE}),
    "auditor": Persona({Role.AUDITOR: ZONE}),
    "park_hr": Persona({Role.HR: PARK}),
    "city_evaluator": Persona({Role.EVALUATOR: CITY}),
    "leader": Persona({Role.LEADER: ZONE, Role.STAFF: ZONE}, person=f"{OWN}-p0"),
    "park_leader": Persona({Role.LEADER: PARK, Role.STAFF: ZONE}, person=f"{OWN}-P-q0"),
    "head": Persona({Role.HEAD: ZONE, Role.STAFF: ZONE}, bureau=f"{OWN}-A", person=f"{OWN}-p1"),
    "staff": Persona({Role.STAFF: ZONE}, person=f"{OWN}-p2"),
    "foreign_hr": Persona({Role.HR: ELSEWHERE}),
    "norole": Persona(),
}
#: Who sees nothing of the other zone: all but those given a role on it.
AT_HOME = [name for name in PERSONAS if name not in ("city_evaluator", "foreign_hr")]
GRANTS = {
    "hr": ("hr", OWN),
    "bianban": ("establishment", OWN),
    "finance": ("finance", OWN),
    "evaluator": ("evaluator", OWN),
    "auditor": ("auditor", OWN),
    "park_hr": ("hr", f"{OWN}-P"),
    "city_evaluator": ("evaluator", "TCITY"),
    "foreign_hr": ("hr", FOREIGN),
}


def reached(persona: Persona, role: Role, reach: Reach, row: Row) -> bool:
    """Does a role with this reach touch the row? By the notes of this file alone."""
    if reach is Reach.ANY:
        return True
    if reach is Reach.SELF:
        return bool(persona.person) and row.person == persona.person
    if reach is Reach.BUREAU:
        return persona.bureau in row.bureaus
    # A whole zone: that around the unit, which for every persona here is the first one.
    units = ZONE if reach is Reach.ZONE else persona.roles[role]
    return bool(units & row.units)


def may(name: str, rights: dict[Role, Reach], row: Row) -> bool:
    persona = PERSONAS[name]
    return any(role in persona.roles and reached(persona, role, reach, row) for role, reach in rights.items())


@dataclass
class World:
    users: dict[str, User]
    rows: dict[str, list[Row]]
    parts: dict[str, dict]

    def of(self, noun: str, zone: str) -> list[Row]:
        """The noun's rows that lie in one of the two zones."""
        return [row for row in self.rows[noun] if row.units & {zone, f"{zone}-P"}]


def _line(card: Scorecard, code: str = "projects") -> Line:
    indicator, _ = Indicator.objects.get_or_create(
        code=code,
        defaults={
            "name": "新签项目",
            "kind": "quantitative",
            "method": "completion",
            "parameters": {"cap": "1.1", "floor": "0.6"},
        },
    )
    return Line.objects.create(scorecard=card, indicator=indicator, sequence=1, weight=Decimal(100), target=Decimal(20))


def _park(code: str, zone: dict) -> dict:
    """A park with a leader, a bureau, its head and a clerk, ready to compute."""
    park = build.unit(f"{code}-P", "park", zone["zone"])
    bureau = build.bureau(f"{code}-PB", park)
    posts = {
        "lead": build.post(f"{code}-PL", park, None, "2.0", tier="leader"),
        "head": build.post(f"{code}-P1", park, bureau, "1.6", tier="head", is_head=True, headcount=1),
        "clerk": build.post(f"{code}-P2", park, bureau, "1.0"),
    }
    people = {key: build.person(f"{code}-P-{key}", park) for key in ("q0", "q1", "q2")}
    for person, post in zip(people.values(), posts.values(), strict=True):
        build.appoint(person, post)
    build.figures(park, pool_base="765432" if code == OWN else "654321")
    build.result(zone["cycle"], park, rating="first")
    build.result(zone["cycle"], park, score="85", bureau=bureau)
    for key in ("q1", "q2"):
        build.result(zone["cycle"], park, rating="competent", person=people[key])
    return {"unit": park, "bureau": bureau, "posts": posts, "people": people}


def _identify(code: str) -> None:
    """A national ID and a telephone for everybody, unlike any other text on a page."""
    for number, person in enumerate(Person.objects.filter(staff_no__startswith=code).order_by("pk")):
        first = f"{'990000' if code == OWN else '990011'}19850505{number * 2 + 1:03d}"
        person.national_id, person.phone = first + check_digit(first), f"139{code == OWN:d}77{number:05d}"
        person.save()


def _round(unit: Unit, post: Post, people: dict[str, Person]) -> None:
    """A selection round on notice: everybody competes for one post, and everybody objects."""
    by, today = Actor.command("test"), timezone.localdate()
    plan = {"title": f"{unit.code}竞聘", "written": 100, "term_months": 36, "notice_workdays": 5, "contact": "某"}
    row = rounds.draft_selection(
        unit=unit, by=by, **plan, phone="0514-1", apply_from=today - 9 * ONE_DAY, apply_until=today
    )
    offer = rounds.offer_post(selection=row, post=post, seats=1, by=by)
    rounds.advance(selection=row, to="published", by=by)
    entered = [candidacy.nominate(selection=row, person=who, first=offer, by=by) for who in people.values()]
    Selection.objects.filter(pk=row.pk).update(apply_until=today - ONE_DAY)
    rounds.advance(selection=row, to="review", by=by)
    for each in entered:
        candidacy.check(candidate=each, eligible=True, by=by)
    rounds.advance(selection=row, to="assessment", by=by)
    for each in entered:
        assessing.enter_points(candidate=each, part="written", text="80", version=0, by=by)
    assessing.propose(selection=row, by=by)
    assessing.decide_as_proposed(selection=row, by=by)
    about = {"places": "公告栏", "contact": "某", "phone": "0514-1"}
    last = add_workdays(today, 5)
    notice = announcing.publish_notice(selection=row, by=by, first_day=today, last_day=last, **about)
    for who in people.values():
        announcing.raise_objection(notice=notice, text="请核实", raised_by=who, by=by)


def zone(code: str) -> dict:
    """A zone with its park, cards with lines, two computed runs, a duty and an issued report."""
    # Amounts of the two zones differ, so that one on a page tells whose it is.
    made = build.small_zone(code, pool_base="1000000" if code == OWN else "1234567")
    made["zone"].schemes.update(period=DateRange(dt.date(2020, 1, 1), None))
    made["park"] = _park(code, made)
    _identify(code)
    _facts(made)
    bureaus = {"p1": made["a"], "p2": made["a"], "p3": made["b"], "p4": made["b"], "p5": made["b"]}
    for key, bureau in bureaus.items():
        Scorecard.objects.filter(person=made["people"][key]).update(bureau=bureau)
    Scorecard.objects.filter(person__home_unit=made["park"]["unit"]).update(bureau=made["park"]["bureau"])
    made["lines"] = [_line(card) for card in Scorecard.objects.filter(cycle=made["cycle"])]
    by = Actor.command("test")
    for unit in (made["zone"], made["park"]["unit"]):
        (run,) = services.request_runs(units=[unit], year=2020, by=by)
        assert services.compute(run.pk, by=by).state == Run.State.COMPUTED, run
        _money(unit)
    duty = Duty.objects.create(code=f"duty-{code.lower()}", name=f"{code}职责", kind="social")
    _round(made["zone"], made["posts"]["a"], made["people"])
    _round(made["park"]["unit"], made["park"]["posts"]["clerk"], made["park"]["people"])
    _purpose(code, made["park"]["unit"])
    clerk = User.objects.create_user(f"{code}-clerk")
    _plan(made["zone"], made["a"], clerk)
    _transfer(code, made, duty, clerk)
    for unit in (made["zone"], made["park"]["unit"]):
        _report(f"R{unit.code}", unit, clerk)
    _assessment(code, made)
    return made


def _money(unit: Unit) -> None:
    """The unit's run approved, its people's accounts, a payout that waits to be released, and its term's result."""
    by = build.acting("clerk")
    for person in unit.people.all():
        first = {"person": person, "bank": "示例银行", "starts": dt.date(2020, 1, 1), "by": by}
        accounts.set_account(number=f"95{person.pk:014d}", **first)
    run = build.approved(Run.objects.get(unit=unit))
    payouts.draft_payout(run=run, part="current", by=by)
    terms = {"first_year": 2019, "last_year": 2021, "qualified": True, "ratio": Decimal(1)}
    payouts.record_term(unit=unit, instrument=build.instrument(), by=by, **terms)


def _assessment(code: str, made: dict) -> None:
    """What stands around a zone's cards: a template, a panel, an address to tell, and appeals."""
    cycle = made["cycle"]
    _template(f"{code.lower()}-bureaus", made["zone"], "bureau")
    Panel.objects.create(cycle=cycle, name=f"{code}测评")
    Webhook.objects.create(holder=made["zone"], url=f"https://{code.lower()}.example/hook", secret="of-a-test")
    people, park = made["people"], made["park"]
    # The leaders have cards of their own too, judged last.
    for leader, unit in ((people["p0"], made["zone"]), (park["people"]["q0"], park["unit"])):
        _line(Scorecard.objects.create(cycle=cycle, kind="person", unit=unit, person=leader))
        Result.objects.create(scorecard=leader.scorecards.get())
    for card in cycle.scorecards.all():
        Adjustment.objects.create(scorecard=card, kind="bonus", points=1, reason=f"{code}表彰", evidence="文件")
    _appeals(code, made)


def _appeals(code: str, made: dict) -> None:
    """The year before is published, and people appeal against what it came to."""
    cycle = Cycle.objects.create(holder=made["zone"], year=2019)
    people, park = made["people"], made["park"]
    results = []
    for person in (*(people[key] for key in ("p0", "p1", "p2", "p3")), *(park["people"][key] for key in ("q0", "q1"))):
        now = person.scorecards.get()
        card = Scorecard.objects.create(cycle=cycle, kind="person", unit=now.unit, bureau=now.bureau, person=person)
        _line(card)
        results.append(Result.objects.create(scorecard=card))
    Cycle.objects.filter(pk=cycle.pk).update(state="published", published_on=dt.date(2020, 1, 20))
    day = dt.date(2020, 2, 1)
    for result in results:
        Appeal.objects.create(result=result, stage="review", text=f"{code}复核", raised_on=day, due_on=day)


def _template(code: str, holder: Unit, subject: str) -> Template:
    row = Template.objects.create(code=code, name=f"{code}模板", holder=holder, subject=subject)
    row.lines.create(indicator=Indicator.objects.get(code="projects"), sequence=1, weight=Decimal(100))
    return row


def _plan(unit: Unit, bureau: Bureau, by: User) -> None:
    """A draft with one change."""
    actor = Actor(user=by, door="page")
    terms = {"title": f"{unit.code}方案", "reason": "调整", "effective_on": dt.date(2040, 1, 1)}
    plan = plans.draft_plan(zone=unit, by=actor, **terms)
    payload = {"bureau": bureau.code, "name": f"{unit.code}新名"}
    given = {"version": plan.version, "kind": "rename", "payload": payload, "site": site_of(plan)}
    plans.add_change(plan=plan, by=actor, **given)


def _purpose(code: str, park: Unit) -> None:
    """A leading industry of the park, and a project in it."""
    industry = Industry.objects.create(code=f"{code.lower()}-industry", name=f"{code}产业")
    Positioning.objects.create(unit=park, industry=industry, period=build.SINCE)
    project = Project.objects.create(code=f"{code.lower()}-project", unit=park, name=f"{code}项目")
    ProjectStage.objects.create(project=project, stage="signed", as_of=dt.date(2020, 1, 1))


def _transfer(code: str, made: dict, duty: Duty, clerk: User) -> None:
    """The duty goes from the zone to the park; its handover is running and disputed."""
    park, day = made["park"]["unit"], dt.date(2026, 1, 1)
    taker = build.bureau(f"{code}-PB2", park)
    terms = {"duty": duty, "area": park, "instrument": build.instrument()}
    with transaction.atomic():  # borne without a gap, also where each statement would commit
        DutyAssignment.objects.create(bureau=made["a"], period=DateRange(build.SINCE.lower, day), **terms)
        DutyAssignment.objects.create(bureau=taker, period=DateRange(day, None), **terms)
    transfer = DutyTransfer.objects.create(
        code=f"{code}-2026-1",
        from_unit=made["zone"],
        from_bureau=made["a"],
        to_unit=park,
        to_bureau=taker,
        instrument=build.instrument(),
        effective_on=day,
        deadline=dt.date(2026, 3, 31),
        drafted_on=day,
    )
    TransferLine.objects.create(transfer=transfer, duty=duty, area=park)
    DutyTransfer.objects.filter(pk=transfer.pk).update(started_on=dt.date(2026, 1, 5))
    TransferDispute.objects.create(
        transfer=transfer, side="taker", text=f"{code}争议", raised_on=dt.date(2026, 1, 6), raised_by=clerk
    )


def _report(code: str, unit: Unit, by: User) -> IssuedReport:
    facts = {"kind": "allocation-plan", "format": "pdf", "as_of": dt.date(2021, 1, 1), "size": 1}
    return IssuedReport.objects.create(code=code, title=code, unit=unit, sha256=code, issued_by=by, **facts)


def world() -> World:
    zones = {code: zone(code) for code in (OWN, FOREIGN)}
    city = Unit.objects.get(code="TCITY")
    Panel.objects.create(cycle=Cycle.objects.create(holder=city, year=2020), name="市测评")
    Webhook.objects.create(holder=city, url="https://city.example/hook", secret="of-a-test")
    _template("parks", city, "park")
    users = {name: User.objects.create_user(name, password="correct horse battery") for name in PERSONAS}
    for name, (role, code) in GRANTS.items():
        build.Grant.objects.create(user=users[name], role=role, unit=Unit.objects.get(code=code), period=build.SINCE)
    for name, persona in PERSONAS.items():
        if persona.person:
            Person.objects.filter(staff_no=persona.person).update(user=users[name])
    return World(users, rows(), zones)


def _facts(made: dict) -> None:
    """Facts of each kind, in both bureaus and the park; whoever has a user is kin to somebody who has none."""
    people, park = made["people"], made["park"]["people"]
    long_ago = DateRange(dt.date(2020, 3, 2), dt.date(2020, 3, 7))
    for person in (people["p2"], people["p3"], park["q2"]):
        Absence.objects.create(person=person, kind="sick", period=long_ago)
        Inquiry.objects.create(person=person, outcome="cleared", period=long_ago)
        Secondment.objects.create(
            person=person, kind="loan", home_unit=person.home_unit, host_name="市发改委", period=long_ago
        )
    for person in (people["p0"], people["p1"], people["p2"], people["p3"], park["q0"], park["q2"]):
        Sanction.objects.create(person=person, kind="warning", document_number="处〔2020〕1号", period=long_ago)
    # The first of each has a user; neither is the other's superior.
    for first, second in ((people["p0"], people["p5"]), (people["p1"], people["p4"]), (people["p2"], people["p5"])):
        Kinship.objects.create(person=first, relative=second, relation="spouse", period=long_ago)
    Kinship.objects.create(person=park["q0"], relative=park["q2"], relation="in_law", period=long_ago)

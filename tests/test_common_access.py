"""The gate: the table of rights itself, which rows it lets whom meet, and when a right ends."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import Http404
from django.test import Client
from django.utils import timezone

from common.access import Access
from common.models import ApiToken, User
from common.periods import ONE_DAY, cut
from common.rights import TABLE, Role, nouns_for
from kpi.models import Scorecard
from pay.models import Allocation, Run
from staffing.models import (
    Appointment,
    PostVersion,
)
from tests import common_builders as build
from tests.common_rows import MODELS
from zones.models import Grant

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).with_name("access_table.txt")
#: What is a zone's, or the city's: a role on a park alone reaches none, although it could.
OF_THE_CITY = {"city_cycle", "city_template", "city_panel", "city_webhook"}
ZONES_ONLY = {"plan", "zone_cycle", "zone_template", "zone_panel", "zone_webhook", *OF_THE_CITY}
#: No page reads the trail yet: the noun is in the table, its rows are not scoped.
WITHOUT_ROWS = {"audit"}
#: Rows that lie in no zone: every zone reads them, and nothing in them tells of another.
SHARED = {"indicator", "grade"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[build.World]:
    """Built once: the tests of this file that use it only read, or are rolled back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build.world()
        transaction.set_rollback(True)


def access(world: build.World, name: str) -> Access:
    return Access(User.objects.get(pk=world.users[name].pk))


def seen(gate: Access, noun: str, action: str = "view") -> set[int]:
    return set(gate.scope(MODELS[noun].objects.all(), action, noun).values_list("pk", flat=True))


# --- the table ---------------------------------------------------------------------------------


def drawn() -> str:
    """The table as text: a line for each noun and action, a column for each role."""
    roles = list(Role)
    head = f"{'':30}" + "".join(f"{role.value:14}" for role in roles)
    lines = [
        f"{noun + ' ' + action:30}" + "".join(f"{rights.get(role, '·'):14}" for role in roles)
        for noun, actions in TABLE.items()
        for action, rights in actions.items()
    ]
    return "\n".join(line.rstrip() for line in (head, *lines)) + "\n"


def test_the_table_is_the_one_that_was_reviewed():
    """A changed right shows as a changed line in the review. UPDATE_SNAPSHOTS=1 writes the file anew."""
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        SNAPSHOT.write_text(drawn(), encoding="utf-8")
    assert drawn() == SNAPSHOT.read_text(encoding="utf-8")


def test_every_noun_of_the_table_is_proved_below():
    assert set(TABLE) == set(MODELS) | WITHOUT_ROWS


def test_the_evaluator_has_nothing_to_do_with_people():
    assert not nouns_for([Role.EVALUATOR], "view") & {"person", "identity", "appointment", "person_card", "allocation"}


def test_nobody_who_approves_plans_edits_them():
    """The establishment office makes the law, takes in a structure that documents have set up, decides on plans."""
    held = {
        (noun, action)
        for noun, actions in TABLE.items()
        for action, rights in actions.items()
        if Role.ESTABLISHMENT in rights and noun != "transfer" and action not in ("view", "export")
    }
    assert held == {("charter", "add"), ("unit", "import"), ("plan", "check"), ("plan", "approve"), ("plan", "refuse")}


def test_who_drafts_a_plan_does_not_decide_and_who_decides_does_not_approve():
    drafts, decides, approves = (set(TABLE["plan"][action]) for action in ("add", "decide", "approve"))
    assert not drafts & decides | drafts & approves | decides & approves


def test_nobody_deletes_and_the_auditor_only_looks():
    assert not [noun for noun, actions in TABLE.items() if "delete" in actions]
    assert (
        not nouns_for([Role.AUDITOR], "add") | nouns_for([Role.AUDITOR], "change") | nouns_for([Role.AUDITOR], "score")
    )


def test_who_scores_does_not_compute_and_who_computes_does_not_score():
    assert not nouns_for([Role.FINANCE], "score") | nouns_for([Role.FINANCE], "rate")
    assert set(TABLE["run"]["compute"]) == {Role.FINANCE}


# --- what it lets whom meet --------------------------------------------------------------------


@pytest.mark.parametrize("name", build.PERSONAS)
@pytest.mark.parametrize("noun", MODELS)
def test_everybody_meets_exactly_his_rows(world, name, noun):
    """Every action of the table, against every row of both zones, expected from the notes of the builder."""
    gate = access(world, name)
    for action, rights in TABLE[noun].items():
        expected = {row.pk for row in world.rows[noun] if build.may(name, rights, row)}
        assert seen(gate, noun, action) == expected, action
        if noun not in ZONES_ONLY:
            assert gate.can(action, noun) == bool(expected), action


#: Told by hand, so that the builder's notes and the table cannot be wrong together.
SAID = [
    ("head", "allocation", {"TZ-p1", "TZ-p2", "TZ-p3"}),  # p3 was in the bureau until June
    ("head", "person", {"TZ-p1", "TZ-p2"}),
    ("head", "identity", {"TZ-p1"}),
    ("staff", "allocation", {"TZ-p2"}),
    ("staff", "person", {"TZ-p2"}),
    ("staff", "identity", {"TZ-p2"}),
    ("park_leader", "allocation", {"TZ-P-q1", "TZ-P-q2"}),
    ("park_leader", "person", {"TZ-P-q0", "TZ-P-q1", "TZ-P-q2"}),
    ("park_leader", "identity", {"TZ-P-q0"}),
    ("park_hr", "allocation", {"TZ-P-q1", "TZ-P-q2"}),
    ("finance", "identity", set()),
    ("auditor", "identity", set()),
    ("leader", "identity", {"TZ-p0"}),
    ("evaluator", "person", set()),
    ("evaluator", "allocation", set()),
    ("city_evaluator", "person", set()),
    ("city_evaluator", "allocation", set()),
    ("bianban", "person", set()),
    ("bianban", "allocation", set()),
    ("norole", "person", set()),
    ("hr", "inquiry", {"TZ-p2", "TZ-p3", "TZ-P-q2"}),
    ("head", "absence", {"TZ-p2"}),
    ("head", "sanction", {"TZ-p1"}),
    ("head", "inquiry", set()),
    ("staff", "absence", {"TZ-p2"}),
    ("staff", "sanction", {"TZ-p2"}),
    ("staff", "inquiry", set()),
    ("park_leader", "inquiry", {"TZ-P-q2"}),
    ("finance", "absence", set()),
    ("leader", "kinship", {"TZ-p0"}),
    ("evaluator", "sanction", set()),
    ("bianban", "absence", set()),
    ("foreign_hr", "allocation", {"XZ-p1", "XZ-p2", "XZ-p3", "XZ-p4", "XZ-p5", "XZ-P-q1", "XZ-P-q2"}),
]


@pytest.mark.parametrize(("name", "noun", "people"), SAID, ids=[f"{name}-{noun}" for name, noun, _ in SAID])
def test_whose_pay_and_papers(world, name, noun, people):
    rows = access(world, name).scope(MODELS[noun].objects.all(), "view", noun)
    of_person = noun not in ("person", "identity")
    assert set(rows.values_list("person__staff_no" if of_person else "staff_no", flat=True)) == people


@pytest.mark.parametrize("name", build.AT_HOME)
@pytest.mark.parametrize("noun", [noun for noun in MODELS if noun not in SHARED | OF_THE_CITY])
def test_nothing_of_the_other_zone(world, name, noun):
    foreign = {row.pk for row in world.of(noun, build.FOREIGN)}
    assert foreign, "the other zone has none, so this would prove nothing"
    for action in TABLE[noun]:
        assert not seen(access(world, name), noun, action) & foreign


@pytest.mark.parametrize("name", build.PERSONAS)
def test_fetching_says_404_to_who_may_not_see_and_403_to_who_may_not_do(world, name):
    gate = access(world, name)
    for row in world.rows["bureau_card"]:
        sees, scores = (build.may(name, TABLE["bureau_card"][action], row) for action in ("view", "score"))
        if scores:
            assert gate.get(Scorecard.objects.all(), "score", pk=row.pk).pk == row.pk
        else:
            with pytest.raises(PermissionDenied if sees else Http404):
                gate.get(Scorecard.objects.all(), "score", pk=row.pk)


@pytest.mark.parametrize("key", ["abc", "", "9" * 40, "-1", "１２", "1; drop table"])
def test_a_key_that_no_row_can_have_is_not_found(world, key):
    with pytest.raises(Http404):
        access(world, "hr").get(Run.objects.all(), pk=key)


def test_everything_in_the_unit_is_more_than_something_in_it(world):
    zone, park = world.parts[build.OWN]["zone"].pk, world.parts[build.OWN]["park"]["unit"].pk
    assert access(world, "finance").can_in(zone, "view", "allocation")
    assert not access(world, "head").can_in(zone, "view", "allocation")
    assert not access(world, "park_hr").can_in(zone, "view", "allocation")
    assert access(world, "park_hr").can_in(park, "view", "allocation")
    assert not access(world, "hr").can_in(world.parts[build.FOREIGN]["zone"].pk, "view", "allocation")


def test_an_anonymous_or_unknown_user_has_no_roles(world):
    assert access(world, "norole").holds == []
    assert access(world, "norole").units() == frozenset()


# --- when a right ends -------------------------------------------------------------------------


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


def lasting(rows: models.QuerySet, last: dt.date) -> None:
    """Have every dated row end on this day."""
    for row in rows:
        row.period = cut(row.period, last + ONE_DAY)
        row.save(update_fields=["period"])


def opens(world: build.World, name: str, address: str) -> int:
    client = Client()
    client.force_login(User.objects.get(pk=world.users[name].pk))
    return client.get(address).status_code


@pytest.fixture
def paid(world) -> str:
    """The address of a colleague's amount, as of a day on which everybody held his role."""
    return f"/allocations/{Allocation.objects.get(person__staff_no='TZ-p2').pk}/?on=2020-12-31"


@pytest.mark.parametrize("name", build.GRANTS)
def test_a_grant_ends_with_its_last_day(world, today, name):
    lasting(Grant.objects.filter(user=world.users[name]), today)
    assert access(world, name).roles == list(build.PERSONAS[name].roles), "the last day is included"
    lasting(Grant.objects.filter(user=world.users[name]), today - ONE_DAY)
    gate = access(world, name)
    assert gate.holds == []
    assert not any(seen(gate, noun) for noun in MODELS)


def test_a_grant_of_tomorrow_is_none_today(world, today):
    Grant.objects.filter(user=world.users["hr"]).update(period=DateRange(today + ONE_DAY, None))
    assert access(world, "hr").holds == []


def test_a_past_day_gives_an_ended_grant_back_to_nobody(world, today, paid):
    assert opens(world, "finance", paid) == 200
    lasting(Grant.objects.filter(user=world.users["finance"]), today - ONE_DAY)
    assert opens(world, "finance", paid) == 404
    assert opens(world, "finance", "/pools/?on=2020-12-31") == 403
    assert opens(world, "finance", "/api/v1/allocations/?on=2020-12-31") == 403


@pytest.mark.parametrize(("name", "role"), [("head", Role.HEAD), ("leader", Role.LEADER)])
def test_the_roster_takes_back_what_it_gave(world, today, paid, name, role):
    assert role in access(world, name).roles
    assert opens(world, name, paid) == 200
    lasting(Appointment.objects.filter(person__user=world.users[name]), today - ONE_DAY)
    gate = access(world, name)
    assert gate.roles == [Role.STAFF], "what is his own stays his to see"
    assert opens(world, name, paid) == 404
    assert seen(gate, "person") == {gate.person_id}
    assert not gate.can("score", "person_card")


def test_who_holds_a_post_heads_by_what_the_post_is_today(world, today):
    """A post that no longer is a head's makes no head of who stayed on it."""
    old = PostVersion.objects.get(post__code="TZ-A1")
    lasting(PostVersion.objects.filter(pk=old.pk), today - ONE_DAY)
    old.pk, old._state.adding, old.is_head, old.period = None, True, False, DateRange(today, None)
    old.save()
    assert access(world, "head").roles == [Role.STAFF]


def test_an_appointment_of_tomorrow_makes_no_head_today(world, today):
    Appointment.objects.filter(person__staff_no="TZ-p1").update(period=DateRange(today + ONE_DAY, None))
    assert access(world, "head").roles == [Role.STAFF]


def test_a_grant_reaches_the_tree_of_today(world, today):
    """A park that left the zone takes its people's pay with it."""
    park = world.parts[build.OWN]["park"]["unit"]
    version = park.versions.get()
    lasting(park.versions.all(), today - ONE_DAY)
    version.pk, version._state.adding, version.period = None, True, DateRange(today, None)
    version.parent = world.parts[build.FOREIGN]["zone"]
    version.save()
    amounts = {row.pk for row in world.rows["allocation"] if row.units & build.PARK}
    assert not seen(access(world, "hr"), "allocation") & amounts
    assert seen(access(world, "foreign_hr"), "allocation") >= amounts


# --- tokens narrow -----------------------------------------------------------------------------


@pytest.fixture
def narrowed(world):
    def narrowed(name: str, *scopes: str) -> Access:
        user = User.objects.get(pk=world.users[name].pk)
        token, _secret = ApiToken.objects.create(user, scopes=list(scopes))
        return Access(user, narrowed=token.allows)

    return narrowed


def test_a_token_without_scopes_does_nothing(narrowed):
    gate = narrowed("hr")
    assert not any(gate.can(action, noun) for noun, actions in TABLE.items() for action in actions)


def test_a_token_does_what_its_scope_names_and_no_more(narrowed, world):
    gate = narrowed("hr", "person:read")
    assert seen(gate, "person") == seen(access(world, "hr"), "person")
    assert not gate.can("change", "person")
    assert not seen(gate, "allocation")
    assert not seen(gate, "identity"), "a person's row is not his papers"


def test_reading_everything_writes_nothing(narrowed):
    gate = narrowed("hr", "*:read")
    did = {action for noun, actions in TABLE.items() for action in actions if gate.can(action, noun)}
    assert did == {"view", "export"}


def test_writing_is_not_reading(narrowed):
    assert not seen(narrowed("hr", "person:write"), "person")


@pytest.mark.parametrize("name", build.PERSONAS)
def test_a_token_never_does_more_than_its_owner(narrowed, world, name):
    gate, owner = narrowed(name, "*:read", "*:write"), access(world, name)
    for noun in MODELS:
        for action in TABLE[noun]:
            assert seen(gate, noun, action) == seen(owner, noun, action)

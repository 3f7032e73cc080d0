"""What an evaluator of the city never meets: a person's card, pay or identity, on any page, over REST, in any file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from common.access import Access
from common.rights import TABLE, Role
from kpi.models import Scorecard
from pay.models import Allocation, BureauShare
from staffing.models import Person
from tests import common_builders as build

pytestmark = pytest.mark.django_db
EVALUATORS = ("evaluator", "city_evaluator")
#: Nouns that say something of a person, or of what he is paid.
PERSONAL = (
    *("person", "identity", "appointment", "absence", "secondment", "sanction", "inquiry", "kinship"),
    *("candidate", "objection", "person_card", "appeal", "allocation", "share"),
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[build.World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build.world()
        transaction.set_rollback(True)


def visitor(world: build.World, name: str) -> Client:
    found = Client(raise_request_exception=False)
    found.force_login(world.users[name])
    return found


@pytest.mark.parametrize("noun", PERSONAL)
def test_the_table_gives_an_evaluator_nothing_of_a_person(noun) -> None:
    assert [action for action, roles in TABLE[noun].items() if Role.EVALUATOR in roles] == []


@pytest.mark.parametrize("name", EVALUATORS)
def test_no_row_of_a_person_is_in_reach(world, name) -> None:
    access = Access(world.users[name])
    assert not access.scope(Person.objects.all()).exists()
    assert not access.scope(Allocation.objects.all()).exists()
    assert not access.scope(BureauShare.objects.all()).exists()
    kinds = access.scope(Scorecard.objects.all()).order_by().values_list("kind", flat=True).distinct()
    assert set(kinds) == {"unit"}


@pytest.mark.parametrize("name", EVALUATORS)
def test_every_person_s_address_is_closed(world, name) -> None:
    client = visitor(world, name)
    cards = Scorecard.objects.exclude(kind="unit").values_list("pk", flat=True)
    addresses = [
        *(reverse(page, args=[pk]) for pk in cards for page in ("scorecard", "city_subject", "api-scorecards-detail")),
        *(reverse("person", args=[code]) for code in Person.objects.values_list("staff_no", flat=True)),
        *(reverse("allocation", args=[pk]) for pk in Allocation.objects.values_list("pk", flat=True)),
        *(reverse(f"api-{noun}-list") for noun in ("people", "allocations", "appointments")),
    ]
    opened = [address for address in addresses if client.get(address).status_code not in (403, 404)]
    assert opened == []

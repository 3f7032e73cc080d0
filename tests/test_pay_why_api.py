"""REST of why: the same figures as the page, in both languages, to whoever may see the amount and to nobody else."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import User
from common.trace import walk_json
from pay.models import Allocation, Run
from tests import pay_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    own = build.small_zone()
    return own | {"run": build.computed(own["zone"])}


@pytest.fixture
def sign_in(world):
    def enter(name: str) -> Client:
        client = Client()
        if name in world["people"]:
            person = world["people"][name]
            person.user = User.objects.create_user(name, password="correct horse battery")
            person.save()
            client.force_login(person.user)
        else:
            on = world["zone"].versions.get().parent if name == "evaluator" else world["zone"]
            client.force_login(build.granted(name, name, on))
        return client

    return enter


def row_of(world, key: str) -> Allocation:
    return world["run"].allocations.filter(person=world["people"][key])[0]


def why(noun: str, pk: int) -> str:
    return f"/api/v1/{noun}/{pk}/explanation/"


def cells(page: str, heading: str) -> list[list[str]]:
    """The rows of the page's table with that caption, as text."""
    table = page.split(f'<caption class="visually-hidden">{heading}</caption>')[1].split("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", table.split("<tbody>")[1], re.S)
    return [
        [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in rows
    ]


def money(value: str) -> str:
    return f"{Decimal(value):,.2f}"


def test_a_persons_amount_as_on_his_page(world, sign_in):
    client, row = sign_in("p2"), row_of(world, "p2")
    page = client.get(reverse("allocation", args=[row.pk])).content.decode()
    told = client.get(why("allocations", row.pk)).json()
    assert told["amount"] == str(row.amount)
    assert told["sentence"]["zh"] in page
    assert "post coefficient" in told["sentence"]["en"]
    assert told["trace"] == row.trace
    assert told["share_trace"]["key"] == "bureau_share"
    shown = [[each[2], each[3].removeprefix("+")] for each in cells(page, "如果等次不同")]
    assert shown == [[money(each["amount"]), money(each["difference"])] for each in told["what_if"]]
    assert [each["grade"] for each in told["what_if"] if each["now"]] == ["competent"]
    inputs = [[each["label"], each["source"], each["vintage"]] for each in told["inputs"]]
    assert [[row[0], row[3], row[4]] for row in cells(page, "用到的数据")] == inputs


def test_a_bureaus_share_as_on_its_page(world, sign_in):
    client, share = sign_in("finance"), world["run"].shares.order_by("sequence")[0]
    page = client.get(reverse("share", args=[share.pk])).content.decode()
    told = client.get(why("shares", share.pk)).json()
    assert told["amount"] == str(share.amount)
    assert told["sentence"]["zh"] in page
    assert told["trace"] == share.trace
    shown = [[each[1], each[2].removeprefix("+")] for each in cells(page, "如果部门得分不同")]
    assert shown == [[money(each["amount"]), money(each["difference"])] for each in told["what_if"]]
    assert len(shown) == 5
    assert [each["score"] for each in told["what_if"] if each["now"]] == ["90.00"]


def test_a_pool_with_every_input_its_source_vintage_and_reference(world, sign_in):
    told = sign_in("finance").get(why("runs", world["run"].pk)).json()
    assert told["amount"] == str(world["run"].pool)
    assert money(told["amount"]) in told["sentence"]["zh"]
    assert money(told["amount"]) in told["sentence"]["en"]
    leaves = {node["key"]: node for _depth, node in walk_json(told["trace"]) if node["kind"] == "input"}
    assert {each["key"] for each in told["inputs"]} == leaves.keys()
    figures = [each for each in told["inputs"] if each["reference"].startswith("zones.figure:")]
    assert len(figures) >= 7
    for each in figures:
        leaf = leaves[each["key"]]
        assert (each["value"], each["vintage"], each["source"]) == (leaf["value"], leaf["vintage"], leaf["source"])
        assert each["page"].startswith("/figures/")


@pytest.mark.parametrize(
    ("who", "run", "share", "allocation"),
    [
        ("finance", 200, 200, 200),
        ("hr", 200, 200, 200),
        ("evaluator", 200, 403, 403),
        ("p1", 200, 200, 200),  # his head
        ("p4", 200, 404, 404),  # the head of the other bureau
        ("p3", 403, 403, 404),  # a colleague
        ("p2", 403, 403, 200),  # himself
    ],
)
def test_whoever_sees_the_amount_is_told_why_and_nobody_else(world, sign_in, who, run, share, allocation):
    client, row = sign_in(who), row_of(world, "p2")
    asked = (("runs", row.run_id), ("shares", row.share_id), ("allocations", row.pk))
    assert [client.get(why(noun, pk)).status_code for noun, pk in asked] == [run, share, allocation]


def test_another_zone_is_not_there(world, sign_in):
    run = build.computed(build.small_zone("FZ")["zone"])
    share = run.shares.order_by("sequence")[0]
    client = sign_in("finance")
    asked = (("runs", run.pk), ("shares", share.pk), ("allocations", share.allocations.all()[0].pk))
    assert [client.get(why(noun, pk)).status_code for noun, pk in asked] == [404, 404, 404]


def test_a_run_that_came_to_nothing_explains_nothing(world, sign_in):
    failed = Run.objects.create(unit=world["zone"], year=2018, state=Run.State.FAILED, requested_by=build.signer("x"))
    assert sign_in("finance").get(why("runs", failed.pk)).status_code == 404


def test_shares_are_listed_within_reach(world, sign_in):
    rows = sign_in("finance").get("/api/v1/shares/?unit=TZ&year=2020").json()["results"]
    assert [row["bureau"] for row in rows] == ["TZ-A", "TZ-B"]
    assert sum(Decimal(row["amount"]) for row in rows) == world["run"].pool
    assert [row["bureau"] for row in sign_in("p1").get("/api/v1/shares/").json()["results"]] == ["TZ-A"]


def test_queries_do_not_grow_with_people(world, sign_in):
    client = sign_in("finance")

    def cost() -> list[int]:
        run = Run.objects.standing().get(unit=world["zone"])
        row = run.allocations.filter(person=world["people"]["p2"])[0]
        found = []
        for noun, pk in (("runs", run.pk), ("shares", row.share_id), ("allocations", row.pk)):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(why(noun, pk)).status_code == 200
            found.append(len(queries))
        return found

    cost()
    before = cost()
    for number in range(20):
        person = build.person(f"more{number}", world["zone"])
        build.appoint(person, build.post(f"more-{number}", world["zone"], world["a"]))
        build.result(world["cycle"], world["zone"], rating="competent", person=person)
    build.computed(world["zone"])
    assert cost() == before

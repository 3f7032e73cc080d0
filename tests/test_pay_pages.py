"""Pages and REST of pay: who sees what, and what a second click does."""

from __future__ import annotations

from decimal import Decimal
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from common.actors import Actor
from common.models import User
from common.trace import walk_json
from pay import pictures, services
from pay.models import Run
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
BY = Actor.command("test")


def computed(zone) -> Run:
    (run,) = services.request_runs(units=[zone], year=2020, by=BY)
    return services.compute(run.pk, by=BY)


def staff(world, key: str) -> User:
    person = world["people"][key]
    person.user = User.objects.create_user(key, password="correct horse battery")
    person.save()
    return person.user


@pytest.fixture
def world():
    own = build.small_zone()
    return own | {"run": computed(own["zone"]), "foreign": computed(build.small_zone("FZ")["zone"])}


@pytest.fixture
def sign_in(world):
    users = {
        "finance": lambda: build.granted("finance", "finance", world["zone"]),
        "hr": lambda: build.granted("hr", "hr", world["zone"]),
        "evaluator": lambda: build.granted("evaluator", "evaluator", world["zone"].versions.get().parent),
        "head": lambda: staff(world, "p1"),
        "other_head": lambda: staff(world, "p4"),
        "staff": lambda: staff(world, "p2"),
        "leader": lambda: staff(world, "p0"),
    }

    def enter(name: str) -> Client:
        client = Client()
        client.force_login(users[name]())
        return client

    return enter


def pages(run: Run) -> dict[str, str]:
    share = run.shares.first()
    return {
        "pools": reverse("pools"),
        "run": reverse("run", args=[run.pk]),
        "share": reverse("share", args=[share.pk]),
        "allocation": reverse("allocation", args=[share.allocations.last().pk]),
    }


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("finance", {"pools": 200, "run": 200, "share": 200, "allocation": 200}),
        ("hr", {"pools": 200, "run": 200, "share": 200, "allocation": 200}),
        ("leader", {"pools": 200, "run": 200, "share": 200, "allocation": 200}),
        ("head", {"pools": 200, "run": 200, "share": 200, "allocation": 200}),
        ("other_head", {"pools": 200, "run": 200, "share": 404, "allocation": 404}),
        ("evaluator", {"pools": 200, "run": 200, "share": 404, "allocation": 404}),
        ("staff", {"pools": 403, "run": 404, "share": 404, "allocation": 404}),
    ],
)
def test_who_sees_which_page(world, sign_in, who, expected):
    client = sign_in(who)
    found = {name: client.get(url).status_code for name, url in pages(world["run"]).items()}
    assert found == expected


@pytest.mark.parametrize("who", ["finance", "hr", "leader", "head", "staff"])
def test_another_zone_is_not_there(world, sign_in, who):
    client = sign_in(who)
    urls = pages(world["foreign"])
    assert {client.get(urls[name]).status_code for name in ("run", "share", "allocation")} == {404}


def test_staff_are_led_to_their_own_amount_and_told_why(world, sign_in):
    client = sign_in("staff")
    own = world["run"].allocations.get(person=world["people"]["p2"])
    listed = client.get(reverse("my_pay")).content.decode()
    why = reverse("allocation", args=[own.pk])
    assert f"{own.amount:,.2f}" in listed
    assert why in listed
    page = client.get(why).content.decode()
    assert f"{own.amount:,.2f}" in page
    assert "您的岗位系数 1" in page


def test_the_evaluator_sees_no_bureaus_share_on_the_pool_page(world, sign_in):
    page = sign_in("evaluator").get(pages(world["run"])["run"]).content.decode()
    assert "1,056,800.00" in page
    assert "TZ-A局" not in page


def test_a_head_sees_his_bureau_only(world, sign_in):
    page = sign_in("head").get(pages(world["run"])["run"]).content.decode()
    assert "TZ-A局" in page
    assert "TZ-B局" not in page


def test_the_waterfall_adds_up_to_the_pool(world):
    steps = pictures.pool_steps(world["run"])
    assert sum(step.value for step in steps[:-1]) == steps[-1].value == world["run"].pool


def test_the_waterfall_adds_up_with_floor_and_cap():
    zone = build.small_zone("NZ", tax="100", reference_income="300000")["zone"]
    run = computed(zone)
    steps = pictures.pool_steps(run)
    assert sum(step.value for step in steps[:-1]) == run.pool == Decimal("600000.00")


def test_each_persons_story_adds_up_to_his_amount(world):
    for row in world["run"].allocations.all():
        story = pictures.person_story(row)
        assert sum(line["value"] for line in story[:-1]) == row.amount


def test_a_second_click_asks_once(world, sign_in):
    client = sign_in("finance")
    with mock.patch.object(services, "_send"):
        for _ in range(2):
            assert client.post(reverse("compute"), {"year": "2020"}).status_code == 302
    assert Run.objects.at_work().count() == 1


@pytest.mark.parametrize("year", ["", "20x0", "٢٠٢٠", "99999", "0000", "1970"])
def test_a_year_that_is_none_queues_nothing(world, sign_in, year):
    sign_in("finance").post(reverse("compute"), {"year": year})
    assert not Run.objects.at_work().exists()


@pytest.mark.parametrize("who", ["hr", "leader", "head", "staff", "evaluator"])
def test_only_finance_computes(world, sign_in, who):
    assert sign_in(who).post(reverse("compute"), {"year": "2020"}).status_code == 403
    assert not Run.objects.at_work().exists()


def test_a_failed_run_says_why_on_the_page(world, sign_in):
    world["cycle"].scorecards.get(bureau=world["a"], kind="bureau").result.delete()
    computed(world["zone"])
    page = sign_in("finance").get(reverse("pools")).content.decode()
    assert "部门「TZ-A局」尚未评分" in page
    assert "1,056,800.00" in page  # what stood before still stands


class TestREST:
    def test_runs_with_pool_and_shares(self, world, sign_in):
        body = sign_in("finance").get("/api/v1/runs/?unit=TZ&year=2020").json()
        (run,) = body["results"]
        assert run["pool"] == "1056800.00"
        assert [share["bureau"] for share in run["shares"]] == ["TZ-A", "TZ-B"]

    def test_a_run_has_its_trace(self, world, sign_in):
        run = sign_in("finance").get(f"/api/v1/runs/{world['run'].pk}/").json()
        assert {"base", "tax_now", "growth_gdp"} <= {node["key"] for _, node in walk_json(run["trace"])}

    def test_allocations_with_their_traces(self, world, sign_in):
        rows = sign_in("finance").get("/api/v1/allocations/?unit=TZ").json()["results"]
        assert sum(Decimal(row["amount"]) for row in rows) == world["run"].pool
        assert all(row["trace"]["key"] == "person_share" for row in rows)

    def test_staff_get_only_their_own(self, world, sign_in):
        rows = sign_in("staff").get("/api/v1/allocations/").json()["results"]
        assert [row["person"] for row in rows] == ["TZ-p2"]

    def test_the_evaluator_gets_pools_without_shares_and_no_allocation(self, world, sign_in):
        client = sign_in("evaluator")
        runs = client.get("/api/v1/runs/?unit=TZ").json()["results"]
        assert [run["shares"] for run in runs] == [[]]
        assert client.get("/api/v1/allocations/").status_code == 403

    def test_asking_for_a_run(self, world, sign_in):
        with mock.patch.object(services, "_send"):
            reply = sign_in("finance").post(
                "/api/v1/runs/", {"unit": "TZ", "year": 2020}, content_type="application/json"
            )
        assert reply.status_code == 202
        assert reply.json()["state"] == "queued"

    @pytest.mark.parametrize(("unit", "status"), [("FZ", 404), ("nowhere", 404), ("TCITY", 404), ("", 400)])
    def test_asking_for_what_is_not_yours(self, world, sign_in, unit, status):
        reply = sign_in("finance").post("/api/v1/runs/", {"unit": unit, "year": 2020}, content_type="application/json")
        assert reply.status_code == status
        assert reply["Content-Type"] == "application/problem+json"

    def test_schemes_as_of_a_day(self, world, sign_in):
        client = sign_in("finance")
        assert [row["zone"] for row in client.get("/api/v1/schemes/?on=2020-06-30").json()["results"]] == ["TZ"]
        assert client.get("/api/v1/schemes/?on=2019-06-30").json()["results"] == []


def test_runs_as_of_a_day_before_they_were_asked_for(world, sign_in):
    client = sign_in("finance")
    assert client.get("/api/v1/runs/?on=2019-06-30").json()["results"] == []
    assert client.get("/api/v1/allocations/?on=2019-06-30").json()["results"] == []


@pytest.mark.parametrize("year", ["0000", "abcd", "99999", "-1"])
def test_a_year_that_is_none_shows_the_latest(world, sign_in, year):
    page = sign_in("finance").get(f"{reverse('pools')}?year={year}")
    assert page.status_code == 200
    assert "1,056,800.00" in page.content.decode()


def test_every_link_of_the_navigation_opens(world, sign_in):
    for who in ("finance", "hr", "leader", "head", "staff", "evaluator"):
        client = sign_in(who)
        shell = client.get(reverse("search"))
        links = [item["url"] for section in shell.context["nav"] for item in section["items"]]
        refused = {url: code for url in links if (code := client.get(url, follow=True).status_code) != 200}
        assert refused == {}, who


def test_page_queries_do_not_grow_with_people(world, sign_in):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in("finance")

    def counts() -> list[int]:
        found = []
        for url in pages(Run.objects.standing().get(unit=world["zone"])).values():
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            found.append(len(queries))
        return found

    before = counts()
    for number in range(40):
        person = build.person(f"more{number}", world["zone"])
        post = build.post(f"more-{number}", world["zone"], world["a"])
        build.appoint(person, post)
        build.result(world["cycle"], world["zone"], rating="competent", person=person)
    computed(world["zone"])
    assert counts() == before

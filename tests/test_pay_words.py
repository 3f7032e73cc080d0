"""What people are told around a run: that somebody asked before them, and whose pay they are led to."""

from __future__ import annotations

import threading
from unittest import mock

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from common.models import AuditEntry, User
from pay import services
from pay.models import Run
from tests import pay_builders as build


@pytest.fixture
def world():
    return build.small_zone()


def signed_in(world, role: str, on=None) -> Client:
    client = Client()
    client.force_login(build.granted(f"{role}-{on or 'zone'}", role, on or world["zone"]))
    return client


def told(answer) -> list[tuple[str, str]]:
    return [(each.level_tag, str(each)) for each in get_messages(answer.wsgi_request)]


@pytest.mark.django_db
class TestASecondRequest:
    def test_is_told_and_changes_nothing(self, world):
        first, second = signed_in(world, "finance"), Client()
        second.force_login(build.granted("second", "finance", world["zone"]))
        with mock.patch.object(services, "_send"):
            said = [told(client.post(reverse("compute"), {"year": "2020"})) for client in (first, second)]
        assert [kind for ((kind, _words),) in said] == ["success", "info"]
        assert "已提交 1 个单位" in said[0][0][1]
        assert "此前已有人提交" in said[1][0][1]
        (run,) = Run.objects.at_work()
        assert run.requested_by.username == "finance-zone"
        assert AuditEntry.objects.filter(verb="request_run").count() == 1

    def test_of_a_failed_run_is_told_too(self, world):
        failed = Run.objects.create(unit=world["zone"], year=2020, state=Run.State.FAILED)
        client = signed_in(world, "finance")
        with mock.patch.object(services, "_send"):
            said = [told(client.post(reverse("run_again", args=[failed.pk]))) for _ in range(2)]
        assert said[0][0][0] == "success"
        assert [each for each in said[1] if "此前已有人提交" in each[1]]

    def test_over_rest_answers_200_with_the_run_at_work(self, world):
        client, asked = signed_in(world, "finance"), {"unit": "TZ", "year": 2020}
        with mock.patch.object(services, "_send"):
            answers = [client.post("/api/v1/runs/", asked, content_type="application/json") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 200]
        assert answers[0].json()["id"] == answers[1].json()["id"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_waits_and_is_told(world):
    """Both in transactions of their own: the second waits for the first, and is handed what it queued."""
    actors = [build.acting("one"), build.acting("two")]
    gate, found = threading.Barrier(2), []

    def ask(by) -> None:
        try:
            gate.wait(10)
            (run,) = services.request_runs(units=[world["zone"]], year=2020, by=by)
            found.append((run.pk, run.asked_before))
        finally:
            connection.close()

    with mock.patch.object(services, "_send"):
        threads = [threading.Thread(target=ask, args=(by,)) for by in actors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(asked_before for _pk, asked_before in found) == [False, True]
    assert len({pk for pk, _asked_before in found}) == Run.objects.count() == 1


@pytest.mark.django_db
class TestDifferentiation:
    def links(self, client: Client) -> list[str]:
        nav = client.get(reverse("search")).context["nav"]
        return [item["url"] for section in nav for item in section["items"] if item["url"].startswith("/differen")]

    def test_a_leader_of_one_park_is_led_to_his_park(self, world):
        park = build.unit("TZ-P", "park", world["zone"])
        leader = build.person("TZ-pl", park, User.objects.create_user("park-leader"))
        build.appoint(leader, build.post("TZ-P-L", park, None, "2.0", tier="leader"))
        client = Client()
        client.force_login(leader.user)
        assert self.links(client) == [reverse("differentiation", args=["TZ-P"])]
        assert client.get(reverse("differentiation", args=["TZ-P"])).status_code == 200
        assert client.get(reverse("differentiation", args=["TZ"])).status_code in (403, 404)

    def test_a_leader_of_the_zone_to_the_zone(self, world):
        build.unit("TZ-P", "park", world["zone"])
        leader = world["people"]["p0"]
        leader.user = User.objects.create_user("zone-leader")
        leader.save()
        client = Client()
        client.force_login(leader.user)
        assert self.links(client) == [reverse("differentiation", args=["TZ"])]


@pytest.mark.django_db
def test_a_year_before_the_unit_was_there_calls_it_by_its_first_name(world):
    finance = signed_in(world, "finance")
    (run,) = services.request_runs(units=[world["zone"]], year=2017, by=build.acting("clerk"))
    assert services.compute(run.pk, by=build.acting("clerk")).state == "failed"
    assert {row.unit_name for row in finance.get(reverse("runs")).context["page"]} == {"TZ名称"}
    assert "TZ名称 2017 年绩效总额" in finance.get(reverse("run", args=[run.pk])).content.decode()

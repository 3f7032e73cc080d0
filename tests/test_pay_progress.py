"""Runs on their way: counted by the bar, cancelled while they wait, asked for again, sent again when lost."""

from __future__ import annotations

import datetime as dt
import threading
from unittest import mock

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from common.actors import Actor
from pay import services
from pay.life.services import cancel_run
from pay.models import Run
from pay.progress import progress
from tests import pay_builders as build

BY = Actor.command("test")


def waiting(*zones) -> list[Run]:
    with mock.patch.object(services, "_send"):
        return services.request_runs(units=list(zones), year=2020, by=BY)


@pytest.fixture
def sign_in(client):
    def as_(role: str, unit):
        client.force_login(build.granted(f"{role}-{unit.code}", role, unit))
        return client

    return as_


@pytest.mark.django_db
class TestProgress:
    def test_nothing_at_work_has_no_bar(self):
        build.small_zone()
        assert progress(Run.objects.all(), 2020) is None

    def test_what_is_done_is_counted_with_what_waits(self):
        first, second, third = (build.small_zone(code)["zone"] for code in ("AZ", "BZ", "CZ"))
        waiting(first, second, third)
        found = progress(Run.objects.all(), 2020)
        assert (found.total, found.queued, found.running, found.done, found.left) == (3, 3, 0, 0, None)
        services.compute(Run.objects.get(unit=first).pk, by=BY)
        services.begin([Run.objects.get(unit=second).pk])
        found = progress(Run.objects.all(), 2020)
        assert (found.total, found.queued, found.running, found.done, found.percent) == (3, 1, 1, 1, 33)
        assert found.left > dt.timedelta(0)

    def test_a_run_that_found_nothing_new_counts_as_done(self):
        first, second = build.small_zone("AZ")["zone"], build.small_zone("BZ")["zone"]
        services.compute(waiting(first)[0].pk, by=BY)
        waiting(first, second)
        services.compute(Run.objects.at_work().get(unit=first).pk, by=BY)
        assert Run.objects.filter(unit=first).count() == 1
        assert progress(Run.objects.all(), 2020).done == 1

    def test_a_failed_one_is_done_and_counted_as_failed(self):
        first, second = build.small_zone("AZ", tax=None)["zone"], build.small_zone("BZ")["zone"]
        runs = waiting(first, second)
        services.compute(runs[0].pk, by=BY)
        found = progress(Run.objects.all(), 2020)
        assert (found.done, found.failed, found.queued) == (1, 1, 1)


@pytest.mark.django_db
class TestBlocks:
    def test_one_that_lacks_something_keeps_nobody_else(self):
        zones = [
            build.small_zone("AZ")["zone"],
            build.small_zone("BZ", tax=None)["zone"],
            build.small_zone("CZ")["zone"],
        ]
        done = services.compute_block([run.pk for run in waiting(*zones)], by=BY)
        assert [run.state for run in done] == ["computed", "failed", "computed"]
        assert [bool(run.pool) for run in done] == [True, False, True]

    def test_one_that_a_rule_refuses_keeps_nobody_else(self):
        """A refusal that shows only when all are judged together: each is then computed alone."""
        zones = [build.small_zone("AZ")["zone"], build.small_zone("BZ")["zone"]]
        with connection.cursor() as cursor:
            cursor.execute(
                "create function refuse() returns trigger language plpgsql as $$ begin"
                " if new.pool is not null and (select code from zones_unit where id = new.unit_id) = 'BZ' then"
                " raise exception using errcode = '23514', constraint = 'PAY-TEST', message = '不行'; end if;"
                " return new; end $$;"
                "create trigger refuse before update on pay_run for each row execute function refuse()"
            )
        done = services.compute_block([run.pk for run in waiting(*zones)], by=BY)
        assert [run.state for run in done] == ["computed", "failed"]
        assert "不行" in done[1].error

    def test_queries_do_not_grow_with_units(self, django_assert_max_num_queries):
        """Reading is the same for three zones as for one; what is written a run is a run's own row."""
        first = waiting(build.small_zone("AZ")["zone"])
        with django_assert_max_num_queries(80) as alone:
            services.compute_block([run.pk for run in first], by=BY)
        three = waiting(*(build.small_zone(code)["zone"] for code in ("BZ", "CZ", "DZ")))
        with django_assert_max_num_queries(90) as together:
            services.compute_block([run.pk for run in three], by=BY)
        assert len(together) - len(alone) <= 2 * 2

    def test_what_is_lost_is_sent_again_and_what_a_message_speaks_of_is_not(self):
        run = waiting(build.small_zone()["zone"])[0]
        with mock.patch.object(services, "_send") as send:
            with mock.patch.object(services, "_messages_waiting", return_value=1):
                assert services.resume(after=dt.timedelta(0)) == 0
            with mock.patch.object(services, "_messages_waiting", return_value=0):
                assert services.resume() == 0  # it was asked for just now
                Run.objects.update(requested_at=timezone.now() - dt.timedelta(minutes=1))
                assert services.resume() == 1
        assert [call.args[0] for call in send.call_args_list if call.args[0]] == [[run.pk]]


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_the_second_waits_and_changes_nothing(self):
        """The same run delivered to two workers: one computes, the other waits for it and finds it done."""
        run = waiting(build.small_zone()["zone"])[0]
        found: list[list[Run]] = []

        def work():
            try:
                found.append(services.compute_block([run.pk], by=BY))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(2)]
        with transaction.atomic():
            Run.objects.select_for_update().get(pk=run.pk)
            for thread in threads:
                thread.start()
        for thread in threads:
            thread.join()
        assert [[row.pk for row in rows] for rows in found] == [[run.pk], [run.pk]]
        assert Run.objects.get().state == "computed"
        assert Run.objects.get().shares.count() == 2

    def test_a_run_that_a_worker_holds_is_not_sent_again(self):
        run = waiting(build.small_zone()["zone"])[0]
        Run.objects.update(requested_at=timezone.now() - dt.timedelta(minutes=1))
        held, let_go = threading.Event(), threading.Event()

        def hold():
            try:
                with transaction.atomic():
                    Run.objects.select_for_update().get(pk=run.pk)
                    held.set()
                    let_go.wait(20)
            finally:
                connections.close_all()

        worker = threading.Thread(target=hold)
        worker.start()
        held.wait(20)
        with (
            mock.patch.object(services, "_send"),
            mock.patch.object(services, "_messages_waiting", return_value=0),
        ):
            assert services.resume() == 0
            let_go.set()
            worker.join()
            assert services.resume() == 1


@pytest.mark.django_db
class TestPages:
    def test_the_bar_the_cancelling_and_what_was_begun(self, sign_in):
        zone = build.small_zone()["zone"]
        run = waiting(zone)[0]
        client = sign_in("finance", zone)
        page = client.get(reverse("pools"), {"year": 2020}).content.decode()
        assert "正在核算：0 个计算中，1 个排队" in page
        assert "取消排队" in page
        assert client.post(reverse("cancel_waiting"), {"year": "2020"}).status_code == 302
        run.refresh_from_db()
        assert run.state == Run.State.CANCELLED
        assert services.compute(run.pk, by=BY).state == Run.State.CANCELLED  # its task comes and changes nothing

    def test_what_was_begun_goes_on(self, sign_in):
        zone = build.small_zone()["zone"]
        run = waiting(zone)[0]
        services.begin([run.pk])
        client = sign_in("finance", zone)
        assert "取消排队" not in client.get(reverse("pools"), {"year": 2020}).content.decode()
        client.post(reverse("cancel_waiting"), {"year": "2020"})
        run.refresh_from_db()
        assert run.state == Run.State.RUNNING

    def test_only_ones_own_are_cancelled_and_only_by_finance(self, sign_in):
        own, foreign = build.small_zone("AZ")["zone"], build.small_zone("BZ")["zone"]
        waiting(own, foreign)
        assert sign_in("hr", own).post(reverse("cancel_waiting"), {"year": "2020"}).status_code == 403
        sign_in("finance", own).post(reverse("cancel_waiting"), {"year": "2020"})
        assert Run.objects.get(unit=own).state == "cancelled"
        assert Run.objects.get(unit=foreign).state == "queued"

    def test_a_failed_one_is_asked_for_again(self, sign_in):
        zone = build.small_zone(tax=None)["zone"]
        run = services.compute(waiting(zone)[0].pk, by=BY)
        client = sign_in("finance", zone)
        page = client.get(reverse("runs"), {"state": "failed"}).content.decode()
        assert "缺少 2020 年" in page
        assert "再次核算" in page
        client.post(reverse("run_again", args=[run.pk]))
        assert Run.objects.at_work().filter(unit=zone, year=2020).count() == 1

    def test_anothers_run_is_not_there(self, sign_in):
        own, foreign = build.small_zone("AZ")["zone"], build.small_zone("BZ")["zone"]
        services.compute(waiting(own)[0].pk, by=BY)
        theirs = services.compute(waiting(foreign)[0].pk, by=BY)
        client = sign_in("finance", own)
        assert client.post(reverse("run_again", args=[theirs.pk])).status_code == 404
        page = client.get(reverse("runs")).content.decode()
        assert "AZ名称" in page
        assert "BZ名称" not in page
        assert client.get(reverse("runs"), {"unit": "BZ"}).content.decode().count("BZ名称") == 0

    @pytest.mark.parametrize("query", [{"year": "x"}, {"state": "nonsense"}, {"page": "99"}, {"year": "2019"}])
    def test_odd_filters_are_answered(self, sign_in, query):
        zone = build.small_zone()["zone"]
        services.compute(waiting(zone)[0].pk, by=BY)
        assert sign_in("finance", zone).get(reverse("runs"), query).status_code == 200


@pytest.mark.django_db
class TestApi:
    def test_progress_counts_what_the_caller_may_see(self, sign_in):
        own, foreign = build.small_zone("AZ")["zone"], build.small_zone("BZ")["zone"]
        waiting(own, foreign)
        client = sign_in("finance", own)
        found = client.get("/api/v1/runs/progress/", {"year": "2020"}).json()
        assert {key: found[key] for key in ("total", "queued", "done", "seconds_left")} == {
            "total": 1, "queued": 1, "done": 0, "seconds_left": None,
        }  # fmt: skip
        assert client.get("/api/v1/runs/progress/", {"year": "2019"}).json()["total"] == 0
        assert client.get("/api/v1/runs/progress/", {"year": "x"}).status_code == 400


@pytest.mark.django_db
def test_the_page_of_a_run_without_a_result_says_what_became_of_it(sign_in):
    """Waiting, at work, taken back, failed: each has its page, none has amounts."""
    zone = build.small_zone(gdp=None)["zone"]
    client = sign_in("finance", zone)
    run = waiting(zone)[0]
    page = lambda: client.get(reverse("run", args=[run.pk])).content.decode()  # noqa: E731
    assert "every 2s" in page()
    cancel_run(run=run, by=BY)
    said = page()
    assert "这次核算已取消，没有写入任何结果。" in said
    assert "再次核算" in said
    assert "every 2s" not in said
    run = services.compute(waiting(zone)[0].pk, by=BY)
    said = page()
    assert "未能核算，没有写入任何结果：" in said
    assert "再次核算" in said
    assert run.error in said

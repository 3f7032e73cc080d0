"""REST of years and the cascade: read by whoever may see them, opened and changed by whoever runs them."""

import datetime as dt

import pytest
from django.test import Client

from kpi.models import Cycle, Line, Reminder, Scorecard
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db
API = "/api/v1"
TODAY = dt.date.today()  # noqa: DTZ011


@pytest.fixture
def at():
    at = build.small_year(TODAY.year)
    at.unit, at.bureau, at.staff = (build.line(at.cards[key], "new-projects") for key in ("unit", "bureau", "staff"))
    Line.objects.filter(pk=at.bureau.pk).update(serves=at.unit)
    Line.objects.filter(pk=at.staff.pk).update(serves=at.bureau)
    return at


@pytest.fixture
def as_(at):
    def as_(role):
        client = Client()
        client.force_login(at.users[role])
        return client

    return as_


def send(client, path, method="post", **body):
    return getattr(client, method)(f"{API}/{path}", body, content_type="application/json")


class TestYears:
    def test_a_year_says_how_far_it_is(self, at, as_):
        (row,) = as_("hr").get(f"{API}/years/", {"holder__code": "YZ"}).json()["results"]
        cards = Scorecard.objects.filter(cycle=at.cycle).count()
        assert (row["year"], row["state"], row["cards"], row["signed"]) == (TODAY.year, "open", cards, 0)

    def test_the_next_is_opened_once_by_whoever_runs_it(self, at, as_):
        body = {"holder": "YZ", "year": TODAY.year + 1}
        for role in ("head", "leader", "staff"):
            assert send(as_(role), "years/", **body).status_code in (403, 404)
        done = send(as_("hr"), "years/", **body)
        assert (done.status_code, done.json()["cards"]) == (
            201,
            Scorecard.objects.filter(cycle=at.cycle).exclude(kind="unit").count(),
        )
        assert send(as_("hr"), "years/", **body).status_code == 400
        assert Cycle.objects.filter(year=TODAY.year + 1).count() == 1

    def test_what_was_written_is_answered_whatever_day_is_asked_about(self, at, as_):
        asked = f"years/?on={TODAY.year - 5}-06-30"
        assert send(as_("hr"), asked, holder="YZ", year=TODAY.year + 1).status_code == 201
        path = f"years/{at.cycle.pk}/?on={TODAY.year - 5}-06-30"
        rules = {"bureau_weight": "0.4", "bonus_cap": None, "small_bureau": None}
        assert send(as_("hr"), path, "put", **rules).json()["bureau_weight"] == "0.400"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"year": TODAY.year + 2}, "year"),
            ({"year": TODAY.year + 1, "raise_percent": "-100"}, "raise_percent"),
            ({"year": TODAY.year + 1, "raise_percent": "1000.01"}, "raise_percent"),
            ({"year": TODAY.year + 1, "raise_percent": "NaN"}, "raise_percent"),
            ({"year": TODAY.year + 1, "raise_percent": "1e400"}, "raise_percent"),
        ],
    )
    def test_no_year_that_no_list_would_show_and_no_raise_that_is_none(self, as_, body, field):
        before = Cycle.objects.count()
        answer = send(as_("hr"), "years/", holder="YZ", **body)
        assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])
        assert Cycle.objects.count() == before

    def test_its_rules_are_changed_by_whoever_read_them_last(self, at, as_):
        path = f"years/{at.cycle.pk}/"
        seen = as_("hr").get(f"{API}/{path}").json()["stamp"]
        rules = {"bureau_weight": "0.4", "bonus_cap": "5", "small_bureau": None, "seen": seen}
        assert send(as_("staff"), path, "put", **rules).status_code in (403, 404)
        assert send(as_("hr"), path, "put", **rules).json()["bureau_weight"] == "0.400"
        assert send(as_("hr"), path, "put", **rules | {"bonus_cap": "6"}).status_code == 400
        assert send(as_("hr"), path, "put", **rules | {"bureau_weight": "1.5"}).status_code == 400
        at.cycle.refresh_from_db()
        assert at.cycle.bonus_cap == 5

    def test_another_zone_has_no_such_year(self, at):
        other = build.small_year(TODAY.year, "XZ")
        client = Client()
        client.force_login(other.users["hr"])
        assert client.get(f"{API}/years/{at.cycle.pk}/").status_code == 404
        assert send(client, "years/", holder="YZ", year=TODAY.year + 1).status_code == 404
        assert client.get(f"{API}/cascade/", {"unit": "YZ", "year": TODAY.year}).status_code == 404


class TestCascade:
    def read(self, client, **more):
        return client.get(f"{API}/cascade/", {"unit": "YZ", "year": TODAY.year, **more})

    def test_down_and_up_again(self, at, as_):
        lines = {row["id"]: row for row in self.read(as_("hr")).json()["results"]}
        assert lines[at.unit.pk]["served_by"] == [at.bureau.pk]
        assert lines[at.bureau.pk]["served_by"] == [at.staff.pk]
        assert (lines[at.staff.pk]["serves"], lines[at.bureau.pk]["serves"]) == (at.bureau.pk, at.unit.pk)
        found = self.read(as_("hr"), line=at.staff.pk).json()
        assert [row["id"] for row in found["up"]] == [at.unit.pk, at.bureau.pk]
        assert [row["id"] for row in found["results"]] == [at.staff.pk]

    def test_nobody_sees_more_than_his_cards(self, at, as_):
        found = self.read(as_("staff")).json()
        assert {row["scorecard"] for row in found["results"]} == {at.cards["staff"].pk}
        (row,) = found["results"]
        assert (row["serves"], row["serves_name"]) == (None, at.bureau.indicator.shown_name)
        other = build.line(at.cards["other_bureau"], "safety")
        assert self.read(as_("staff"), line=other.pk).status_code == 404

    def test_what_is_not_asked_is_the_latest_and_what_is_no_question_is_refused(self, as_):
        assert as_("hr").get(f"{API}/cascade/").json()["unit"] == "YZ"
        assert self.read(as_("hr"), line="x").status_code == 400
        assert self.read(as_("hr"), year=TODAY.year + 1).status_code == 404


class TestBatch:
    def test_a_line_that_is_not_found_is_named_and_nothing_is_written(self, at, as_):
        mine, other = build.line(at.cards["bureau"], "party"), build.line(at.cards["other_bureau"], "party")
        ids = (mine.pk, other.pk, 999_999_999)
        cells = [{"line": pk, "value": "80", "version": 1} for pk in ids]
        answer = send(as_("head"), "scorecards/scores/", cells=cells)
        assert answer.status_code == 404
        # A line of somebody else's and one that there is not are told alike.
        assert f"没有找到指标行 {other.pk}、999999999，" in answer.json()["detail"]
        assert not Line.objects.exclude(actual=None).exists()
        assert send(as_("head"), "scorecards/scores/", cells=cells[:1]).status_code == 200


class TestReminders:
    def test_whoever_runs_the_year_reminds_from_the_letters(self, at, as_):
        page = as_("hr").get("/letters/").content.decode()
        address = f"/progress/{at.cycle.pk}/remind/"
        assert f'action="{address}"' in page
        assert "{#" not in page
        done = as_("hr").post(address, {"about": "signing", "from": "letters"}, follow=True)
        assert done.redirect_chain[0][0].startswith("/letters/")
        assert Reminder.objects.filter(about="signing").exists()

    def test_nobody_else_does(self, as_):
        for role in ("head", "staff"):
            assert "提醒未签订的人" not in as_(role).get("/letters/").content.decode()

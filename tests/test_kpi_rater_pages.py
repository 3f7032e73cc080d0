"""Pages of panels and ratings: who may open them, what they save, and that nobody reads another's rating."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.access import Access
from common.models import AuditEntry
from config.home import ROOMS
from kpi.models import Cycle, Panel, PanelRating, Rater, Reminder
from kpi.raters import agenda, closing, reminding, turnout
from tests import kpi_builders as build
from tests import staffing_builders as staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(db):
    return build.small_year()


@pytest.fixture
def on(at):
    return build.panel(at, closes_on=timezone.localdate() + dt.timedelta(days=2))


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def save(user, line, value: str, version: str = "0"):
    return client_of(user).post(reverse("rating_save", args=[line.pk]), {"value": value, "version": version})


class TestRatersPage:
    def test_lists_what_is_left_and_not_ones_own_bureau(self, at, on):
        page = client_of(at.users["head"]).get(reverse("rating", args=[on.panel.pk])).content.decode()
        assert "经济发展局" in page
        assert "招商局" not in page.split('class="ask-rows"')[1]
        assert "0</strong> / 1" in page
        listed = client_of(at.users["head"]).get(reverse("ratings")).content.decode()
        assert "0/1" in listed

    def test_saves_itself_and_says_how_far(self, at, on):
        answer = save(at.users["leader"], on.lines["bureau"], "８８")
        assert answer.json() == {"ok": True, "value": "88", "total": "1", "version": 1}
        page = client_of(at.users["leader"]).get(reverse("rating", args=[on.panel.pk])).content.decode()
        assert 'value="88"' in page
        assert "1</strong> / 2" in page

    @pytest.mark.parametrize(("value", "words"), [("101", "0 与 100 之间"), ("NaN", "不是有效"), ("九十", "不是数字")])
    def test_what_is_no_rating_keeps_what_was_there(self, at, on, value, words):
        save(at.users["leader"], on.lines["bureau"], "88")
        answer = save(at.users["leader"], on.lines["bureau"], value, "1")
        assert answer.status_code == 422
        assert words in answer.json()["error"]
        assert PanelRating.objects.get().points == 88

    def test_another_window_is_shown_what_stands(self, at, on):
        save(at.users["leader"], on.lines["bureau"], "88")
        answer = save(at.users["leader"], on.lines["bureau"], "70")
        assert (answer.status_code, answer.json()["theirs"], answer.json()["version"]) == (409, "88", 1)

    @pytest.mark.parametrize("who", ["hr", "evaluator", "finance", "staff"])
    def test_whoever_is_not_asked_finds_nothing(self, at, on, who):
        assert client_of(at.users[who]).get(reverse("rating", args=[on.panel.pk])).status_code == 404
        assert save(at.users[who], on.lines["bureau"], "88").status_code == 404

    def test_ones_own_case_is_refused(self, at, on):
        answer = save(at.users["head"], on.lines["bureau"], "100")
        assert answer.status_code == 422
        assert "自己负责的部门" in answer.json()["error"]

    def test_after_the_last_day_the_page_only_shows(self, at, on):
        save(at.users["leader"], on.lines["bureau"], "88")
        build.over(on)
        page = client_of(at.users["leader"]).get(reverse("rating", args=[on.panel.pk])).content.decode()
        assert "data-save-url" not in page
        assert "88 " in page
        assert save(at.users["leader"], on.lines["bureau"], "90", "1").status_code == 422

    def test_a_rater_without_any_role_may_rate(self, at, on):
        assert Access(on.users["served1"]).holds == []
        assert client_of(on.users["served1"]).get(reverse("ratings")).status_code == 200
        assert save(on.users["served1"], on.lines["bureau"], "75").status_code == 200

    def test_the_page_costs_the_same_for_many(self, at, on, django_assert_max_num_queries):
        client = client_of(at.users["leader"])
        client.get(reverse("rating", args=[on.panel.pk]))
        with django_assert_max_num_queries(30) as few:
            client.get(reverse("rating", args=[on.panel.pk]))
        wide = build.panel(at, "全员测评", codes=("leader", "head", "staff", "colleague", "other_head"))
        with django_assert_max_num_queries(len(few)):
            client.get(reverse("rating", args=[wide.panel.pk]))


class TestKeepersPages:
    def test_from_a_new_panel_to_its_results(self, at):
        client = client_of(at.users["hr"])
        form = {"cycle": at.cycle.pk, "name": "满意度测评", "trim": "0", "shown_from": "3", "words": "好=95 差=60",
                "group1": "领导", "weight1": "60", "group2": "群众", "weight2": "30"}  # fmt: skip
        answer = client.post(reverse("panel_add"), form)
        assert "权重合计 90，还差 10" in answer.content.decode()
        form["weight2"] = "40"
        assert client.post(reverse("panel_add"), form).status_code == 302
        panel = Panel.objects.get(name="满意度测评")
        assert panel.words == [["好", "95"], ["差", "60"]]
        lines = {"indicator": "party", "kind": "bureau", "unit": ""}
        client.post(reverse("panel_lines", args=[panel.pk]), lines)
        assert panel.lines.count() == 2
        leaders, crowd = panel.groups.order_by("sequence")
        raters = reverse("panel_raters", args=[panel.pk])
        client.post(raters, {"group": leaders.pk, "preset": "leaders", "usernames": ""})
        people = [at.users["staff"].pk, at.users["colleague"].pk]
        client.post(
            f"{raters}?q=张三", {"group": crowd.pk, "people": people[:1], "usernames": "YZ-colleague YZ-finance"}
        )
        assert set(Rater.objects.filter(group=crowd).values_list("user_id", flat=True)) == {
            *people,
            at.users["finance"].pk,
        }
        for who in ("leader", "staff", "colleague", "finance"):
            for line in panel.lines.all():
                assert save(at.users[who], line, "80").status_code == 200
        page = client.get(reverse("panel", args=[panel.pk])).content.decode()
        assert "可以结束测评" in page
        client.post(reverse("panel_close", args=[panel.pk]))
        page = client.get(reverse("panel", args=[panel.pk])).content.decode()
        assert "已结束" in page
        assert "<strong>80</strong>" in page
        assert build.line(at.cards["bureau"], "party").actual == 80

    def test_a_wrong_user_name_is_named(self, at, on):
        form = {"group": on.groups["领导"].pk, "usernames": "YZ-finance nobody"}
        page = client_of(at.users["hr"]).post(reverse("panel_raters", args=[on.panel.pk]), form)
        assert "没有这些用户：nobody" in page.content.decode()
        assert not Rater.objects.filter(user=at.users["finance"]).exists()

    def test_another_zones_hr_and_the_city_find_nothing(self, at, on):
        other = build.small_year(code="XZ")
        for user in (other.users["hr"], at.users["evaluator"]):
            assert client_of(user).get(reverse("panel", args=[on.panel.pk])).status_code == 404
            assert client_of(user).post(reverse("panel_close", args=[on.panel.pk])).status_code == 404
        rater = on.raters["served1"]
        assert client_of(other.users["hr"]).post(reverse("rater_remove", args=[rater.pk])).status_code == 404

    def test_people_of_another_zone_are_not_found(self, at, on):
        build.small_year(code="XZ")
        page = client_of(at.users["hr"]).get(reverse("panel_raters", args=[on.panel.pk]), {"q": "张三"})
        assert page.content.decode().count("张三 ·") == 1

    def test_a_stale_form_is_told(self, at, on):
        client, url = client_of(at.users["hr"]), reverse("panel_edit", args=[on.panel.pk])
        form = client.get(url).context["form"]
        data = {name: field.value() for name in form.fields for field in [form[name]] if field.value() is not None}
        data["closes_on"] = on.panel.closes_on.isoformat()
        assert client.post(url, data | {"name": "先改"}).status_code == 302
        page = client.post(url, data | {"name": "后改"}).content.decode()
        assert "已被他人修改" in page
        assert Panel.objects.get().name == "先改"


class TestProgress:
    def test_counts_what_is_left_by_bureau_and_group(self, at, on):
        save(at.users["leader"], on.lines["bureau"], "88")
        page = client_of(at.users["hr"]).get(reverse("kpi_progress")).content.decode()
        # Three lines of the bureau's card (the fourth is the panel's), four of each of two people's.
        assert "0/11" in page
        # The two heads' own cards are the leader's to score, beside the unit's; his own is nobody's here.
        assert "0/12" in page
        assert "YZ-head" in page
        assert "0/4" in page
        assert "88" not in page.split("<main")[1]

    def test_reminds_each_once_a_day_and_shows_it_at_his_desk(self, at, on):
        url = reverse("panel_remind", args=[on.panel.pk])
        client = client_of(at.users["hr"])
        assert "已提醒 7 人" in client.post(url, follow=True).content.decode()
        assert "不再重复" in client.post(url, follow=True).content.decode()
        assert Reminder.objects.count() == 7
        home = client_of(at.users["leader"]).get(reverse("home")).content.decode()
        assert "提醒：作风测评还未评完" in home
        for line in on.lines.values():
            save(at.users["leader"], line, "88")
        home = client_of(at.users["leader"]).get(reverse("home")).content.decode()
        assert "提醒：" not in home

    def test_entering_and_signing(self, at, on):
        client = client_of(at.users["hr"])
        for about in ("entry", "signing"):
            client.post(reverse("progress_remind", args=[at.cycle.pk]), {"about": about})
        entering = set(Reminder.objects.filter(about="entry").values_list("user__username", flat=True))
        assert entering == {"YZ-head", "YZ-other_head", "YZ-leader"}
        home = client_of(at.users["head"]).get(reverse("home")).content.decode()
        assert "提醒：完成值还未录完" in home
        assert "提醒：责任书还未签订" in home

    def test_who_reminds_is_in_the_trail_and_whom_is_counted(self, at, on):
        reminding.remind(cycle=at.cycle, about="rating", panel=on.panel, by=build.actor(at.users["hr"]))
        entry = AuditEntry.objects.get(verb="remind")
        assert (entry.user, entry.after) == (at.users["hr"], {"about": "rating", "count": 7})

    def test_the_last_day_is_in_the_raters_calendar(self, at, on):
        today = timezone.localdate()
        span = (today, today + dt.timedelta(days=30))
        found = list(agenda.deadlines(Access(at.users["leader"]), *span))
        assert [(entry.day, entry.title) for entry in found] == [(on.panel.closes_on, "测评截止：作风测评")]
        assert not list(agenda.deadlines(Access(at.users["staff"]), *span))

    def test_a_panel_past_its_day_waits_at_its_keepers_desk(self, at, on):
        build.over(on)
        dues = [due for room in ROOMS for due in room.due(Access(at.users["hr"]), timezone.localdate())]
        assert [due.count for due in dues if due.title == "已到期待结束的测评"] == [1]

    def test_the_citys_cards_are_its_own_to_enter(self, at, on):
        city = Cycle.objects.create(holder=at.zone.city, year=2026)
        build.card(city, "unit", at.zone.park)
        (row,) = turnout.places(city, timezone.localdate())
        assert (row.lines, row.responsible, row.entering) == (4, [], [])
        client_of(at.users["evaluator"]).post(reverse("progress_remind", args=[city.pk]), {"about": "entry"})
        assert not Reminder.objects.exists()

    def test_an_evaluator_adds_nobody_from_the_roster(self, at, on):
        city = Cycle.objects.create(holder=at.zone.city, year=2026)
        panel = Panel.objects.create(cycle=city, name="市测评")
        group = panel.groups.create(name="各方", weight=100)
        page = client_of(at.users["evaluator"]).post(
            reverse("panel_raters", args=[panel.pk]), {"group": group.pk, "preset": "heads", "usernames": ""}
        )
        assert "请选择评价人" in page.content.decode()
        assert not group.raters.exists()

    def test_an_evaluator_sees_the_citys_year_only(self, at, on):
        city = Cycle.objects.create(holder=at.zone.city, year=2026)
        page = client_of(at.users["evaluator"]).get(reverse("kpi_progress"), {"cycle": at.cycle.pk})
        assert page.context["cycle"] == city


class TestResultsFile:
    def test_has_groups_and_no_raters(self, at, on):
        address = reverse("report_download", args=["panel-results", on.panel.pk, "xlsx"])
        client = client_of(at.users["hr"])
        assert client.get(address).status_code == 404  # an open panel has no results
        for n, points in enumerate(("80", "85", "90", "95"), start=1):
            build.rate(on, f"served{n}", "bureau", points)
        build.over(on)
        closing.close_panel(panel=on.panel, by=build.actor(at.users["hr"]))
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("application/vnd.openxml")
        assert client_of(at.users["head"]).get(address).status_code in (403, 404)
        assert client_of(staff.user("passer-by")).get(address).status_code in (403, 404)

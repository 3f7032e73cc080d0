"""Folds, the timeline, two days side by side, a park's own chart, and the chain of command before and after."""

import datetime as dt
import re
from html import unescape

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import User
from config.benches import chart as bench
from orgchart.hands import chain_to, longest_before
from tests import orgchart_builders as build
from tests.reform_builders import THEN, before_and_after
from zones.models import UnitVersion

pytestmark = pytest.mark.django_db

EVE = dt.date(2019, 9, 30)


@pytest.fixture
def at():
    before = transaction.savepoint()
    yield before_and_after()
    transaction.savepoint_rollback(before)


@pytest.fixture
def look(at, client):
    def look(page: str, code: str, role: str = "hr", **params) -> str:
        client.force_login(at.users[role])
        answer = client.get(reverse(page, args=[code]), params)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return look


def pictures(text: str) -> list[str]:
    return re.findall(r'<svg class="orgchart.*?</svg>', text, re.DOTALL)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


class TestFolds:
    def test_a_folded_unit_shows_its_head_and_says_how_many_are_folded(self, look):
        (picture,) = pictures(look("chart", "YZ", fold="YZ-P"))
        assert "/bureaus/YZ-B1/" in picture
        assert "/bureaus/YZ-P-B1/" not in picture
        assert "5 个机构已收起" in picture
        assert "＋ 展开" in picture

    def test_the_buttons_add_to_the_address_and_take_from_it(self, look):
        (picture,) = pictures(look("chart", "YZ", fold="YZ-P", on="2020-06-30"))
        links = {name: unescape(href) for name, href in re.findall(r'id="fold-([\w-]+)" href="([^"]+)"', picture)}
        assert links == {
            "YZ": "?on=2020-06-30&fold=YZ%2CYZ-P#fold-YZ",
            "YZ-P": "?on=2020-06-30#fold-YZ-P",
        }

    def test_all_at_once(self, look):
        text = unescape(look("chart", "YZ"))
        assert 'href="?fold=YZ%2CYZ-P">全部收起' in text
        assert "全部展开" not in text
        text = unescape(look("chart", "YZ", fold="YZ,YZ-P"))
        assert 'href="?">全部展开' in text

    def test_a_stranger_in_the_address_changes_nothing(self, look):
        plain, odd = look("chart", "YZ"), look("chart", "YZ", fold='XX,"><script>alert(1)</script>')
        assert pictures(plain)[0].count("<a") == pictures(odd)[0].count("<a")
        assert "<script>alert" not in odd

    def test_the_list_on_a_telephone_folds_too(self, look):
        text = look("chart", "YZ", fold="YZ-P")
        phone = text[text.index('class="card oc-list"') :]
        assert "/bureaus/YZ-B1/" in phone
        assert "/bureaus/YZ-P-B1/" not in phone
        assert "5 个机构已收起" in phone


class TestSecondLevel:
    def test_it_stands_under_its_bureau(self, look):
        (picture,) = pictures(look("chart", "YZ", on="2019-06-30"))
        place = re.search(r'href="/bureaus/OLD/[^>]*data-row="(\d+)" data-col="(\d+)"', picture)
        under = re.search(r'href="/bureaus/OLD-S/[^>]*data-row="(\d+)" data-col="(\d+)" data-under', picture)
        assert place
        assert under
        assert int(under[1]) == int(place[1]) + 1
        assert under[2] == place[2]
        assert "农业科 · 二级内设机构" in picture

    def test_it_does_not_count_twice(self, look):
        text = look("chart", "YZ", on="2019-06-30")
        assert "职能机构 2 个 · 二级内设机构 1 个" in text


class TestTimeline:
    def test_marks_bands_and_words(self, look):
        text = look("chart", "YZ", on="2020-06-30")
        timeline = re.search(r'<svg class="oc-time.*?</svg>', text, re.DOTALL)
        assert timeline
        days = re.findall(r'<a href="\?([^"]*)"', unescape(timeline[0]))
        assert days == ["on=2018-01-01", "on=2019-10-01"]
        assert timeline[0].count('aria-current="date"') == 1
        assert words(timeline[0]).index("改革前的规定") < words(timeline[0]).index("体制调整方案")

    def test_the_last_change_is_told_in_words(self, look):
        text = words(look("chart", "YZ", on="2020-06-30"))
        assert "2019年10月1日的变动" in text
        for sentence in (
            "撤销YZ经开区 农业农村局",
            "撤销YZ经开区 农业科",
            "YZ经开区 招商处更名为YZ-B1局",
            "YZ化工园由YZ市划归YZ经开区",
            "YZ经开区的管理层级由6 级",
            "撤销YZ化工园 信访办",
        ):
            assert sentence in text

    def test_where_records_begin_there_is_nothing_to_compare(self, look):
        text = words(look("chart", "YZ", on="2019-06-30"))
        assert "机构资料自 2018年1月1日 起录入" in text
        assert "的变动" not in text.replace("机构沿革：每个圆点是机构设置变动的一天", "").split("机构资料")[1][:200]

    def test_a_unit_that_left_is_not_said_to_be_abolished(self, at, look):
        left = dt.date(2021, 1, 1)
        version = UnitVersion.objects.get(unit=at.park, period__contains=build.DAY)
        UnitVersion.objects.filter(pk=version.pk).update(period=build.DateRange(build.REFORM, left))
        version.pk, version.parent, version.period = None, at.city, build.DateRange(left, None)
        version.save(force_insert=True)
        UnitVersion.objects.filter(unit=at.city, period__contains=left).update(period=build.SINCE)
        text = words(look("chart", "YZ", on="2021-06-30"))
        assert "YZ化工园由YZ经开区划归YZ市" in text
        assert "撤销YZ化工园" not in text


class TestParkAlone:
    def test_before_the_reform_it_is_its_own_head(self, look):
        text = look("chart", "YZ-P", on="2019-06-30")
        (picture,) = pictures(text)
        assert "信访办" in picture
        assert "信访科" in picture
        assert "农业农村局" not in picture
        assert "6 级管理" in picture
        assert "全区机构图" not in text

    def test_after_it_the_zones_law_holds_and_its_chart_is_a_step_away(self, look):
        text = look("chart", "YZ-P", on="2020-06-30")
        (picture,) = pictures(text)
        assert "YZ-P-B1局" in picture
        assert "YZ-B1局" not in picture.replace("YZ-P-B1局", "")
        assert "3 级管理" in picture
        assert 'href="/zones/YZ/chart/?on=2020-06-30"' in text

    def test_the_zone_of_that_day_has_no_park(self, look):
        (picture,) = pictures(look("chart", "YZ", on="2019-06-30"))
        assert "信访办" not in picture


class TestCompare:
    def test_by_default_the_eve_of_the_law_in_force(self, look):
        text = look("chart_compare", "YZ", on="2020-06-30")
        for name, day in (("from", "2019-09-30"), ("to", "2020-06-30")):
            assert re.search(rf'name="{name}"[^>]*value="{day}"', text)

    def test_two_pictures_with_marks_and_the_standalone_park_beside(self, look):
        before, after = pictures(look("chart_compare", "YZ", **{"from": "2019-06-30", "to": "2020-06-30"}))
        assert "－ 撤销" in before
        assert "直属YZ市" in before
        assert "oc-line" in after
        assert "＋ 新设" in after
        assert "≠ 变更" in after
        assert "原名招商处" in after
        # Before, nothing hangs below the zone but its own second level.
        assert before.count('class="oc-line"') == 2
        for picture, day in ((before, "2019-06-30"), (after, "2020-06-30")):
            links = re.findall(r'href="(/(?:units|bureaus)/[^"]+)"', picture)
            assert links
            assert all(f"on={day}" in link for link in links)

    def test_the_table_names_every_change_and_filters_by_kind(self, look):
        days = {"from": "2019-06-30", "to": "2020-06-30"}
        text = look("chart_compare", "YZ", **days)
        table = text[text.index('id="changes"') :]
        assert "撤销YZ经开区 农业农村局" in table
        assert 'href="/bureaus/OLD/?on=2019-06-30"' in table
        assert 'href="/bureaus/YZ-B2/?on=2020-06-30"' in table
        total = int(re.search(r"共 (\d+) 项", table)[1])  # type: ignore[index]
        assert table.count("<tr>") == total + 2
        only = look("chart_compare", "YZ", kind="renamed", **days)
        rows = re.findall(r"<tr>.*?</tr>", only[only.index('id="changes"') :], re.DOTALL)
        assert [words(row).split()[0] for row in rows] == ["变动", "更名", "合计"]
        assert f"共 {total} 项" in only
        assert f"全部 {total}" in only

    def test_what_the_two_come_to(self, look):
        text = words(look("chart_compare", "YZ", **{"from": "2019-06-30", "to": "2020-06-30"}))
        assert "职能机构 10 个 此前 3" in text
        assert "二级内设机构 0 个 此前 2" in text
        assert "管理层级 3 级 此前 6" in text

    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [
            ("2020-06-30", "2019-06-30", "前一个日期须早于后一个日期"),
            ("2020-06-30", "2020-06-30", "前一个日期须早于后一个日期"),
            ("yesterday", "2020-06-30", "输入一个有效的日期"),
            ("0001-01-01", "2020-06-30", "日期须在 1900 年至 2200 年之间"),
            ("", "2020-06-30", "必填"),
        ],
    )
    def test_days_that_are_none_are_told_at_the_field(self, look, first, last, said):
        text = look("chart_compare", "YZ", **{"from": first, "to": last})
        assert said in text
        assert pictures(text) == []

    def test_the_same_structure_on_both_days(self, look):
        text = look("chart_compare", "YZ", **{"from": "2020-06-30", "to": "2020-07-31"})
        assert "两天的机构设置相同" in text

    def test_a_day_without_records_is_said_to_have_none(self, look):
        text = look("chart_compare", "YZ", **{"from": "2000-01-01", "to": "2020-06-30"})
        assert len(pictures(text)) == 1
        assert "这一天没有机构设置的记载" in text

    def test_a_foreign_zone_is_not_there(self, at, client):
        build.full_zone("XX")
        client.force_login(at.users["hr"])
        for code in ("XX", "XX-P", "YZ-TOWN", "NONE"):
            assert client.get(reverse("chart_compare", args=[code])).status_code == 404


class TestChains:
    def test_six_hands_before_and_three_after(self, at):
        unit = UnitVersion.objects.select_related("unit", "parent").get(unit=at.zone, period__contains=build.DAY)
        now = chain_to(unit, at.bureaus[1].pk, build.DAY)
        before = longest_before(unit, build.DAY)
        assert now
        assert before
        assert len(now.hands) == 3
        assert [(hand.tier, hand.place) for hand in before.hands] == [
            ("管委会主任", "YZ经开区"),
            ("分管副主任", "YZ经开区"),
            ("职能机构负责人", "农业农村局"),
            ("分管负责人", "农业农村局"),
            ("二级内设机构负责人", "农业科"),
            ("工作人员", "农业科"),
        ]
        assert (before.day, before.charter.name, before.end) == (EVE, "改革前的规定", "农业科")

    def test_a_park_is_compared_with_itself_when_it_was_its_own_head(self, at):
        unit = UnitVersion.objects.select_related("unit", "parent").get(unit=at.park, period__contains=build.DAY)
        before = longest_before(unit, build.DAY)
        assert before
        assert [hand.place for hand in before.hands][-1] == "信访科"

    @pytest.mark.parametrize(
        ("tier", "kind", "after", "then"), [(1, "leader", 1, 2), (2, "head", 2, 5), (3, "staff", 3, 6)]
    )
    def test_as_far_as_the_posts_own_tier(self, at, tier, kind, after, then):
        unit = UnitVersion.objects.select_related("unit", "parent").get(unit=at.zone, period__contains=build.DAY)
        bureau = None if tier == 1 else at.bureaus[1].pk
        now, before = chain_to(unit, bureau, build.DAY, tier=tier), longest_before(unit, build.DAY, kind=kind)
        assert now
        assert before
        assert (len(now.hands), len(before.hands)) == (after, then)

    def test_two_sections_of_one_name_keep_their_bureaus(self, at):
        other = build.bureau(at, at.zone, "OLD2", "social", name="社会治理局", period=THEN, holds="order")
        twin = build.bureau(at, at.zone, "OLD2-S", "social", name="农业科", period=THEN, holds="order", parent=other)
        unit = UnitVersion.objects.select_related("unit", "parent").get(unit=at.zone, period__contains=EVE)
        places = [chain_to(unit, pk, EVE).hands[2].place for pk in (at.section.pk, twin.pk)]  # type: ignore[union-attr]
        assert places == ["农业农村局", "社会治理局"]

    def test_nothing_before_the_first_law(self, at):
        unit = UnitVersion.objects.select_related("unit", "parent").get(unit=at.zone, period__contains=EVE)
        assert longest_before(unit, EVE) is None
        assert chain_to(unit, at.bureaus[4].pk, EVE) is None  # it did not stand then

    @pytest.mark.parametrize(("page", "code"), [("bureau", "YZ-B1"), ("post", "YZ-B1-C")])
    def test_the_page_says_what_is_compared(self, at, look, page, code):
        posts = {post.code for post in at.posts} if hasattr(at, "posts") else set()
        if page == "post" and code not in posts:
            build.post(at, code, at.zone, at.bureaus[0], 2)
        text = words(look(page, code, on="2020-06-30"))
        assert "一件事经 3 手 · 此前 6 手" in text
        assert "对照的是现行规定施行前一日（2019年9月30日）同一单位里经手最多的一条，到农业科为止" in text


class TestApi:
    """The same over REST: the structure of a day, and what differs between two."""

    @pytest.fixture
    def get(self, at, client):
        def get(path: str, role: str = "hr", status: int = 200):
            client.force_login(at.users[role])
            answer = client.get(f"/api/v1/charts/{path}")
            assert answer.status_code == status, answer.content
            return answer.json()

        return get

    def test_the_structure_of_a_day(self, get):
        now, then = get("YZ/?on=2020-06-30"), get("YZ/?on=2019-06-30")
        assert (now["zone"], now["day"], now["charter"]) == ("YZ", "2020-06-30", "体制调整方案")
        assert [unit["code"] for unit in now["units"]] == ["YZ", "YZ-P"]
        zone = now["units"][0]
        assert (zone["bureau_count"], zone["core_count"], zone["quotas"]) == (5, 3, {"bureaus": 5})
        first = zone["bureaus"][0]
        assert (first["code"], first["functions"], first["seats"], first["filled"]) == ("YZ-B1", ["f-yz-b1"], 3, 2)
        assert zone["bureaus"][1]["head_vacant"]
        assert [unit["code"] for unit in then["units"]] == ["YZ"]
        assert {bureau["code"]: bureau["parent"] for bureau in then["units"][0]["bureaus"]} == {
            "OLD": None,
            "OLD-S": "OLD",
            "YZ-B1": None,
        }
        assert [tier["number"] for tier in then["tiers"]] == [1, 2, 3, 4, 5, 6]

    def test_no_name_of_a_person_is_in_it(self, get):
        assert "王局长" not in str(get("YZ/?on=2020-06-30"))

    def test_differences_between_two_days(self, get):
        found = get("YZ/differences/?from=2019-06-30&to=2020-06-30")
        renamed = [each for each in found if each["kind"] == "renamed"]
        assert renamed == [
            {
                "kind": "renamed",
                "ref": "bureau:YZ-B1",
                "unit": "YZ",
                "subject": "YZ经开区 YZ-B1局",
                "before": "招商处",
                "after": "YZ-B1局",
                "sentence": "YZ经开区 招商处更名为YZ-B1局",
            }
        ]

    @pytest.mark.parametrize("query", ["", "from=2020-06-30&to=2019-06-30", "from=x&to=2020-06-30"])
    def test_days_that_are_none_are_refused(self, get, query):
        errors = get(f"YZ/differences/?{query}", status=400)["errors"]
        assert "from" in {error["field"] for error in errors}

    def test_a_foreign_zone_and_a_town_are_not_there(self, get):
        build.full_zone("XX")
        for code in ("XX", "XX-P", "YZ-TOWN"):
            get(f"{code}/", status=404)
            get(f"{code}/differences/?from=2019-06-30&to=2020-06-30", status=404)


@pytest.mark.parametrize(("page", "code"), [("chart_compare", "YZ"), ("chart", "YZ"), ("bureau", "YZ-B1")])
def test_a_page_costs_the_same_for_few_and_many(at, client, page, code):
    client.force_login(at.users["hr"])
    address = reverse(page, args=[code])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(6):
        old = build.bureau(at, at.zone, f"GONE-{number}", "social", period=THEN)
        build.bureau(at, at.zone, f"GONE-{number}-S", "social", period=THEN, parent=old)
        build.bureau(at, at.park, f"NEW-{number}", "core")
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_a_chart_of_sixty_bureaus_and_a_thousand_posts_costs_what_a_small_one_does(client):
    """The zone that ``bench chart`` measures: the same queries for any size, and less than 200 kB."""
    queries = []
    for bureaus, posts in ((6, 50), (60, 1000)):
        with transaction.atomic():
            bench.build(bureaus, posts)
            client.force_login(User.objects.get(username=bench.USER))
            address = reverse("chart", args=[bench.ZONE])
            client.get(address)
            with CaptureQueriesContext(connection) as made:
                answer = client.get(address)
            assert answer.status_code == 200
            assert answer.content.count(b"/bureaus/BENCH-B") >= bureaus
            assert len(answer.content) < 200_000
            queries.append(len(made))
            transaction.set_rollback(True)
    assert queries[0] == queries[1]

"""Each kind of change: what it does on its day and not before, what follows it, and what it is refused for."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from orgchart import changes
from orgchart.models import BureauVersion, DutyAssignment, Quota
from staffing.models import Appointment, Person, PostVersion
from staffing.plans.reorganising import FOLLOWERS, site_of
from staffing.plans.trials import try_out
from staffing.posting.posts import revise_post
from tests import orgchart_builders as build
from tests import plan_builders as plan

pytestmark = pytest.mark.django_db
DAY, EVE = plan.STARTS, plan.STARTS - dt.timedelta(days=1)
SET_UP = {"unit": "YZ", "name": "科技创新局", "functions": ["science"], "nature": "core", "code": "YZ-TECH"}


@pytest.fixture
def at():
    zone = plan.zone(room=1)
    build.function("science")
    return zone


def version(code: str, day: dt.date) -> BureauVersion | None:
    return BureauVersion.objects.on(day).filter(bureau__code=code).first()


def where(post: str, day: dt.date) -> str:
    row = PostVersion.objects.on(day).filter(post__code=post).select_related("bureau").first()
    return row.bureau.code if row else ""


def obstacle(at, *planned):
    """What stops a plan with these changes."""
    trial = try_out(plan.draft(at, *planned), at.drafter)
    assert not trial.ok
    return trial.obstacle


def refused(at, kind: str, payload: dict) -> dict:
    with pytest.raises(ValidationError) as error:
        plan.draft(at, (kind, payload))
    return error.value.message_dict


def test_set_up(at):
    done = plan.approved(at, ("set_up", SET_UP))
    assert version("YZ-TECH", EVE) is None
    new = version("YZ-TECH", DAY)
    assert (new.name, new.unit, new.instrument) == ("科技创新局", at.zone, done.instrument)
    assert [each.code for each in new.functions.all()] == ["science"]


def test_set_up_beyond_the_quota_is_refused_with_the_rule_and_nothing_stays(at):
    second = SET_UP | {"code": "YZ-TECH2", "name": "科技二局"}
    met = obstacle(at, ("set_up", SET_UP), ("set_up", second))
    assert met.rule == "ORG-05"
    assert "职能机构 7 个，限额 6 个" in met.said
    assert version("YZ-TECH", DAY) is None


@pytest.mark.parametrize(
    ("kind", "payload", "field"),
    [
        ("set_up", SET_UP | {"unit": "XX"}, "unit"),
        ("set_up", SET_UP | {"functions": []}, "functions"),
        ("set_up", SET_UP | {"functions": "science"}, "functions"),
        ("set_up", SET_UP | {"code": "YZ-B1"}, "code"),
        ("set_up", SET_UP | {"code": "有 空格"}, "code"),
        ("set_up", SET_UP | {"name": "甲\n乙"}, "name"),
        ("set_up", SET_UP | {"name": "长" * 101}, "name"),
        ("set_up", SET_UP | {"extra": 1}, "payload"),
        ("merge", {"sources": ["YZ-B1"], "into": "YZ-B1"}, "sources"),
        ("abolish", {"bureau": "YZ-B5", "to": "YZ-B5"}, "to"),
        ("move_duty", {"duty": "farming-yz", "area": "YZ", "to_bureau": "YZ-B1", "to_unit": "YZ-TOWN"}, "to_bureau"),
        ("move_posts", {"posts": ["C9"], "bureau": "YZ-B1"}, "posts"),
        ("set_quota", {"unit": "YZ", "quota": "bureaus", "limit": "-1"}, "limit"),
        ("set_quota", {"unit": "YZ", "quota": "chairs", "limit": 3}, "quota"),
        ("dissolve", {}, "kind"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(at, kind, payload, field):
    assert field in refused(at, kind, payload)


def test_another_zones_bureau_is_nobody_here(at):
    build.full_zone("XZ")
    assert "bureau" in refused(at, "rename", {"bureau": "XZ-B1", "name": "新名"})
    assert "unit" in refused(at, "move", {"bureau": "YZ-B1", "unit": "XZ"})


def test_merge_takes_functions_duties_posts_and_people_along(at):
    plan.approved(
        at,
        ("merge", {"sources": ["YZ-B1", "YZ-B5"], "into": "YZ-B2", "name": "产业发展局"}),
        ("set_up", SET_UP),
    )
    merged = version("YZ-B2", DAY)
    assert merged.name == "产业发展局"
    assert {each.code for each in merged.functions.all()} == {"f-yz-b1", "f-yz-b2", "f-yz-b5"}
    closed = version("YZ-B1", EVE)
    assert (closed.last_day, closed.closed_by, version("YZ-B1", DAY)) == (EVE, merged.instrument, None)
    assert [where(code, DAY) for code in ("H1", "C1", "H2")] == ["YZ-B2"] * 3
    assert [where(code, EVE) for code in ("H1", "C1", "H2")] == ["YZ-B1", "YZ-B1", "YZ-B2"]
    heads = PostVersion.objects.on(DAY).filter(bureau__code="YZ-B2", is_head=True)
    assert [row.post.code for row in heads] == ["H2"]
    duty = DutyAssignment.objects.on(DAY).get(area=at.zone, duty=at.duty)
    assert duty.bureau.code == "YZ-B2"
    assert Appointment.objects.on(DAY).filter(person=at.people["staff"], post=at.clerk_post).exists()


def test_split_leaves_the_rest_and_takes_the_named_posts(at):
    bureau = version("YZ-B1", DAY)
    build.BureauFunction.objects.create(version=bureau, function=build.function("science"))
    split = {
        "bureau": "YZ-B1", "name": "科技创新局", "functions": ["science"], "nature": "core", "code": "YZ-TECH",
        "posts": ["C1"],
    }  # fmt: skip
    plan.approved(at, ("split", split))
    assert [each.code for each in version("YZ-B1", DAY).functions.all()] == ["f-yz-b1"]
    assert [each.code for each in version("YZ-TECH", DAY).functions.all()] == ["science"]
    assert (where("C1", DAY), where("H1", DAY)) == ("YZ-TECH", "YZ-B1")


def test_split_gives_away_neither_everything_nor_what_is_not_there(at):
    split = {"bureau": "YZ-B1", "name": "新局", "nature": "core", "code": "YZ-TECH"}
    assert "原机构须保留至少一项职能" in obstacle(at, ("split", split | {"functions": ["f-yz-b1"]})).said
    assert "只能分出该机构现有的职能" in obstacle(at, ("split", split | {"functions": ["science"]})).said


def test_split_takes_only_its_own_posts(at):
    bureau = version("YZ-B1", DAY)
    build.BureauFunction.objects.create(version=bureau, function=build.function("science"))
    split = {"bureau": "YZ-B1", "name": "新局", "functions": ["science"], "nature": "core", "code": "YZ-TECH"}
    assert "只能随转原机构的岗位：H2" in obstacle(at, ("split", split | {"posts": ["H2"]})).said


def test_rename_and_regrade_on_one_day_are_one_version(at):
    plan.approved(
        at,
        ("rename", {"bureau": "YZ-B1", "name": "招商局", "name_en": "Investment Bureau"}),
        ("regrade", {"bureau": "YZ-B1", "rank": "副科级"}),
    )
    now = version("YZ-B1", DAY)
    assert (now.name, now.name_en, now.rank) == ("招商局", "Investment Bureau", "副科级")
    assert version("YZ-B1", EVE).name == "YZ-B1局"
    assert BureauVersion.objects.filter(bureau__code="YZ-B1").count() == 2
    assert [each.code for each in now.functions.all()] == ["f-yz-b1"]


def test_a_name_that_is_none(at):
    assert "新名称与现名称相同" in obstacle(at, ("rename", {"bureau": "YZ-B1", "name": "YZ-B1局"})).said


def test_redefine_is_judged_by_its_share(at):
    build.function("logistics", "support")
    plan.approved(at, ("redefine", {"bureau": "YZ-B4", "functions": ["science"], "nature": "core"}))
    assert version("YZ-B4", DAY).nature == "core"
    met = obstacle(at, ("redefine", {"bureau": "YZ-P-B1", "functions": ["logistics"], "nature": "support"}))
    assert met.rule == "ORG-06"


def test_redefine_wants_a_nature_of_one_of_the_functions(at):
    met = obstacle(at, ("redefine", {"bureau": "YZ-B4", "functions": ["science"], "nature": "social"}))
    assert "机构性质须与其某一项职能的性质一致" in met.said


def test_abolish_with_a_destination(at):
    plan.approved(at, ("set_up", SET_UP), ("abolish", {"bureau": "YZ-B1", "to": "YZ-TECH"}))
    assert version("YZ-B1", DAY) is None
    assert (where("H1", DAY), where("C1", DAY)) == ("YZ-TECH", "YZ-TECH")
    assert PostVersion.objects.on(DAY).get(post__code="H1").is_head


def test_abolish_closes_what_is_empty(at):
    plan.approved(at, ("set_up", SET_UP), ("abolish", {"bureau": "YZ-B2"}))
    assert (where("H2", EVE), where("H2", DAY)) == ("YZ-B2", "")


def test_a_bureau_where_people_sit_is_not_abolished_under_them(at):
    met = obstacle(at, ("set_up", SET_UP), ("abolish", {"bureau": "YZ-B1"}))
    assert (met.rule, met.order) == ("BUREAU-MANNED", 2)
    assert "有 2 人在岗，须写明划入何处：张专员、王局长" in met.said
    assert "王局长" not in met.discreet
    assert "2 人在岗" in met.discreet


def test_a_bureau_that_bears_a_duty_is_not_abolished_with_it(at):
    met = obstacle(at, ("abolish", {"bureau": "YZ-B5"}))
    assert met.rule == "DUTY-BEARER"
    assert "须先移交：农业农村" in met.said


def test_move_takes_posts_and_the_personnel_relation_to_the_other_unit(at):
    build.requota(at, at.park, 7)
    plan.approved(at, ("set_up", SET_UP), ("move", {"bureau": "YZ-B1", "unit": "YZ-P"}))
    moved = version("YZ-B1", DAY)
    assert (moved.unit, moved.sequence) == (at.park, 6)
    assert PostVersion.objects.on(DAY).get(post__code="C1").unit == at.park
    assert Person.objects.get(pk=at.people["staff"].pk).home_unit == at.park
    assert "机构已在该单位" in obstacle(at, ("move", {"bureau": "YZ-B2", "unit": "YZ"})).said


def test_move_posts_twice_in_one_plan_ends_where_the_last_says(at):
    plan.approved(
        at,
        ("move_posts", {"posts": ["C1"], "bureau": "YZ-B2"}),
        ("move_posts", {"posts": ["C1"], "bureau": "YZ-P-B1"}),
    )
    assert where("C1", DAY) == "YZ-P-B1"
    assert PostVersion.objects.filter(post__code="C1").count() == 2


def test_a_post_with_a_later_change_on_file_is_settled_first(at):
    revise_post(post=at.clerk_post, starts=DAY + dt.timedelta(days=9), by=at.drafter, name="高级专员")
    met = obstacle(at, ("move_posts", {"posts": ["C1"], "bureau": "YZ-B2"}))
    assert "岗位 C1 在该日没有设置，或此后另有变动" in met.said


def test_move_duty_to_a_bureau_and_to_a_town(at):
    plan.approved(
        at,
        ("move_duty", {"duty": "farming-yz", "area": "YZ-P", "to_bureau": "YZ-B5"}),
        ("move_duty", {"duty": "farming-yz", "area": "YZ", "to_unit": "YZ-TOWN"}),
    )
    bearers = {row.area.code: row for row in DutyAssignment.objects.on(DAY).filter(duty=at.duty)}
    assert (bearers["YZ-P"].bureau.code, bearers["YZ"].unit.code) == ("YZ-B5", "YZ-TOWN")


def test_move_duty_to_whoever_bears_it(at):
    met = obstacle(at, ("move_duty", {"duty": "farming-yz", "area": "YZ", "to_bureau": "YZ-B5"}))
    assert "这一天已由其承担该职责" in met.said


def test_set_quota_closes_the_old_and_opens_the_new(at):
    plan.approved(at, ("set_quota", {"unit": "YZ", "quota": "bureaus", "limit": 8}))
    limits = [Quota.objects.on(day).get(unit=at.zone, kind="bureaus").limit for day in (EVE, DAY)]
    assert limits == [6, 8]


def test_a_quota_below_what_is_there(at):
    met = obstacle(at, ("set_quota", {"unit": "YZ", "quota": "bureaus", "limit": 4}))
    assert met.rule == "ORG-05"
    assert "新限额与现行限额相同" in obstacle(at, ("set_quota", {"unit": "YZ", "quota": "bureaus", "limit": 6})).said


def test_every_kind_reads_itself_back_and_says_itself(at):
    """Whatever may be stored may be read again, and is a sentence of its own."""
    site = site_of(plan.draft(at))
    samples = {
        "set_up": SET_UP,
        "merge": {"sources": ["YZ-B1"], "into": "YZ-B2"},
        "split": {"bureau": "YZ-B1", "name": "新局", "functions": ["science"], "nature": "core", "code": "YZ-N"},
        "rename": {"bureau": "YZ-B1", "name": "招商局"},
        "regrade": {"bureau": "YZ-B1", "rank": "副科级"},
        "redefine": {"bureau": "YZ-B1", "functions": ["science"], "nature": "core"},
        "abolish": {"bureau": "YZ-B1"},
        "move": {"bureau": "YZ-B1", "unit": "YZ-P"},
        "move_posts": {"posts": ["C1"], "bureau": "YZ-B2"},
        "move_duty": {"duty": "farming-yz", "area": "YZ", "to_unit": "YZ-TOWN"},
        "set_quota": {"unit": "YZ", "quota": "bureaus", "limit": 0},
    }
    assert samples.keys() == changes.Change.registry.keys()
    assert set(FOLLOWERS) <= samples.keys()
    said = set()
    for kind, payload in samples.items():
        change = changes.read(kind, payload)
        assert changes.read(kind, change.dump()) == change
        assert change.dump() == payload
        said.add(change.words(site))
    assert len(said) == len(samples)
    assert "YZ经开区 YZ-B1局更名为招商局" in said

"""The rules of posts, each at its boundary, as the page of rules finds them."""

from decimal import Decimal

import pytest

from common.rules import Rule, verdict
from orgchart.models import CharterParameter
from staffing import services
from staffing.models import PostVersion
from tests import staffing_builders as build
from tests.staffing_builders import DAY, REFORM

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone():
    return build.small_zone()


def adopt(zone, rule: str, **parameters) -> None:
    """The zone's charter states these parameters."""
    charter = zone.unit.charters.get()
    for name, value in parameters.items():
        CharterParameter.objects.create(charter=charter, rule=rule, name=name, value=value)


def found(zone, rule: str) -> list[tuple[str, str, Decimal]]:
    return [(each.ref, each.detail, each.excess) for each in Rule.registry[rule].violations(zone.unit.pk, DAY)]


def levels(zone, **seats: int) -> None:
    """Professional posts of the zone's economy bureau: seats by level code."""
    for code, headcount in seats.items():
        build.post(zone, f"P-{code}", code, bureau=zone.economy, category="ZJ", level=code, headcount=headcount)


def test_what_a_charter_does_not_state_is_not_judged(zone):
    levels(zone, ZJ01=9)
    for rule in ("PST-02", "PST-03", "PST-05", "PST-06"):
        assert found(zone, rule) == []


def test_PST_02_a_unit_with_posts_and_no_filed_plan(zone):
    adopt(zone, "PST-02", filing_required=1)
    assert [ref for ref, _detail, _excess in found(zone, "PST-02")] == ["unit:YZ", "unit:YZ-P"]
    by = build.clerk()
    for unit in (zone.unit, zone.park):
        services.file_post_plan(unit=unit, starts=DAY, filed_on=REFORM, number="备1号", main_category="GL", by=by)
    assert found(zone, "PST-02") == []
    before = DAY - (DAY - REFORM) / 2
    assert len(Rule.registry["PST-02"].violations(zone.unit.pk, before)) == 2, "not filed yet on that day"


@pytest.mark.parametrize(
    ("seats", "breaches"),
    [
        ({"ZJ05": 1, "ZJ08": 3, "ZJ11": 6}, []),
        ({"ZJ11": 10}, []),
        ({"ZJ08": 4, "ZJ11": 6}, []),
        ({"ZJ05": 2, "ZJ08": 2, "ZJ11": 6}, [("高级岗位 2 席，占 10 席的 20%，高于 10%", 1)]),
        ({"ZJ05": 1, "ZJ08": 4, "ZJ11": 5}, [("高级和中级岗位 5 席，占 10 席的 50%，高于 40%", 1)]),
        ({"ZJ13": 1}, []),
    ],
)
def test_PST_03_senior_middle_and_junior(zone, seats, breaches):
    adopt(zone, "PST-03", senior=1, middle=3, junior=6)
    levels(zone, **seats)
    assert [(detail, excess) for _ref, detail, excess in found(zone, "PST-03")] == breaches


@pytest.mark.parametrize(
    ("stated", "seats", "levels_said"),
    [
        ({"level_02": 1, "level_03": 3, "level_04": 6}, {"ZJ02": 1, "ZJ03": 3, "ZJ04": 6}, []),
        ({"level_02": 1, "level_03": 3, "level_04": 6}, {"ZJ02": 2, "ZJ03": 2, "ZJ04": 6}, ["二级岗位"]),
        ({"level_05": 2, "level_06": 4, "level_07": 4}, {"ZJ05": 2, "ZJ06": 4, "ZJ07": 4}, []),
        ({"level_05": 2, "level_06": 4, "level_07": 4}, {"ZJ05": 2, "ZJ06": 5, "ZJ07": 3}, ["五级和六级岗位"]),
        ({"level_08": 3, "level_09": 4, "level_10": 3}, {"ZJ08": 3, "ZJ09": 4, "ZJ10": 3}, []),
        (
            {"level_08": 3, "level_09": 4, "level_10": 3},
            {"ZJ08": 4, "ZJ09": 4, "ZJ10": 2},
            ["八级岗位", "八级和九级岗位"],
        ),
        ({"level_11": 5, "level_12": 5}, {"ZJ11": 5, "ZJ12": 5, "ZJ13": 90}, []),
        ({"level_11": 5, "level_12": 5}, {"ZJ11": 6, "ZJ12": 5}, ["十一级岗位"]),
        # One of the three is not stated: the group is not judged.
        ({"level_02": 1, "level_03": 3}, {"ZJ02": 9, "ZJ04": 1}, []),
    ],
)
def test_PST_03_within_each_group_of_levels(zone, stated, seats, levels_said):
    adopt(zone, "PST-03", **stated)
    levels(zone, **seats)
    assert [detail.split(" ")[0] for _ref, detail, _excess in found(zone, "PST-03")] == levels_said


@pytest.mark.parametrize(("professional", "short"), [(14, None), (13, 1), (10, 4)])
def test_PST_05_a_mainly_professional_unit(zone, professional, short):
    """Of twenty seats fourteen are seventy per cent; the six others are those of the small zone."""
    adopt(zone, "PST-05", min_ratio=Decimal("0.7"))
    by = build.clerk()
    filing = {"unit": zone.unit, "filed_on": REFORM, "number": "备1号", "by": by}
    services.file_post_plan(starts=REFORM, main_category="GL", **filing)
    levels(zone, ZJ11=professional)
    build.post(zone, "REST", "其他", bureau=zone.economy, headcount=14 - professional) if professional < 14 else None
    assert found(zone, "PST-05") == [], "a unit of mainly management posts"
    zone.unit.post_plan_filings.update(main_category="ZJ")
    seats = sum(row.headcount for row in PostVersion.objects.filter(unit=zone.unit))
    assert seats == 20
    breach = [("unit:YZ", f"专业技术岗位 {professional}/20 席，低于 70%", short)]
    assert found(zone, "PST-05") == (breach if short else [])


def test_PST_06_a_post_without_a_code(zone):
    adopt(zone, "PST-06", code_required=1)
    PostVersion.objects.exclude(post=zone.clerk).update(level="GL09")
    assert found(zone, "PST-06") == [("post:YZ-INV-C", "2 席，尚未确定岗位等级代码", 1)]
    PostVersion.objects.filter(post=zone.clerk).update(level="GL09")
    assert found(zone, "PST-06") == []


def test_ratios_are_warned_of_and_refuse_nothing(zone):
    adopt(zone, "PST-03", senior=1, middle=3, junior=6)
    levels(zone, ZJ05=10)
    told = verdict(zone.unit.pk, DAY)
    assert {each.rule.id for each in told.warned if each.rule.id.startswith("PST")} == {"PST-03"}
    assert told.broken == []


def test_every_rule_of_posts_is_known_with_its_basis():
    ids = [rule_id for rule_id in Rule.registry if rule_id.startswith("PST-")]
    assert sorted(ids) == [f"PST-0{number}" for number in range(1, 7)]
    assert all(Rule.registry[rule_id].basis == "stored" for rule_id in ids)
    assert {rule_id for rule_id in ids if Rule.registry[rule_id].severity == "hard"} == {"PST-01", "PST-04"}

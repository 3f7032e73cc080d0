"""What is different between two structures: each kind, in words, as marks; and nothing where nothing is."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import translation

from orgchart import chart, differences
from orgchart.differences import Kind
from orgchart.models import BureauFunction, BureauVersion, Charter, DutyAssignment, Quota, Tier
from tests import orgchart_builders as build
from zones.models import UnitVersion

pytestmark = pytest.mark.django_db

CHANGE = dt.date(2021, 1, 1)
UNTIL, SINCE = build.DateRange(build.REFORM, CHANGE), build.DateRange(CHANGE, None)


@pytest.fixture
def at():
    zone = build.full_zone()
    before = transaction.savepoint()
    yield zone
    transaction.savepoint_rollback(before)


def found(at, also=()) -> list[differences.Difference]:
    """What differs between the day before the change and its day."""
    days = CHANGE - dt.timedelta(days=1), CHANGE
    return differences.differences(*(chart.read(at.zone, day, also=also, judged=False) for day in days))


def said(at, also=()) -> list[tuple[str, str, str, str]]:
    return [(each.kind.value, each.ref, each.before, each.after) for each in found(at, also)]


def succeed(row, **changes):
    """End a dated row at the change and begin its successor, with ``changes``."""
    kind = type(row)
    kind.objects.filter(pk=row.pk).update(period=UNTIL)
    old = row.pk
    row.pk, row.period = None, SINCE
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    if kind is BureauVersion:
        held = [
            BureauFunction(version=row, function=each.function) for each in BureauFunction.objects.filter(version=old)
        ]
        BureauFunction.objects.bulk_create(held)
    return row


def test_the_same_structure_has_no_differences(at):
    assert found(at) == []
    succeed(at.bureaus[0].versions.get())
    succeed(at.charter)
    assert [each.kind for each in found(at)] == [Kind.CHARTER]


def test_a_bureau_that_is_set_up_and_one_that_is_abolished(at):
    build.bureau(at, at.park, "NEW", "core", period=SINCE, name="新材料局")
    BureauVersion.objects.filter(bureau=at.bureaus[3]).update(period=UNTIL)
    assert said(at) == [
        ("added", "bureau:NEW", "", "主责主业：职能f-new"),
        ("removed", "bureau:YZ-B4", "综合保障：职能f-yz-b4", ""),
    ]
    assert [each.sentence for each in found(at)] == ["设立YZ化工园 新材料局", "撤销YZ经开区 YZ-B4局"]


@pytest.mark.parametrize(
    ("changes", "kind", "before", "after", "sentence"),
    [
        ({"name": "投资促进局"}, "renamed", "YZ-B1局", "投资促进局", "YZ经开区 YZ-B1局更名为投资促进局"),
        ({"rank": "正科级"}, "regraded", "", "正科级", "YZ经开区 YZ-B1局的机构规格由无改为正科级"),
        (
            {"nature": "support"},
            "nature",
            "主责主业",
            "综合保障",
            "YZ经开区 YZ-B1局的性质由主责主业改为综合保障",
        ),
    ],
)
def test_a_bureau_that_changes(at, changes, kind, before, after, sentence):
    succeed(at.bureaus[0].versions.get(), **changes)
    assert said(at) == [(kind, "bureau:YZ-B1", before, after)]
    assert found(at)[0].sentence == sentence


def test_a_bureau_that_moves_to_another_unit_and_under_another_bureau(at):
    succeed(at.bureaus[0].versions.get(), unit=at.park)
    succeed(at.bureaus[1].versions.get(), parent=at.bureaus[2])
    assert said(at) == [
        ("moved", "bureau:YZ-B2", "YZ经开区", "YZ经开区 YZ-B3局"),
        ("moved", "bureau:YZ-B1", "YZ经开区", "YZ化工园"),
    ]


def test_a_renamed_unit_moves_none_of_its_bureaus(at):
    succeed(at.park.versions.get(), name="YZ化工园管理办公室", short_name="YZ化工办")
    assert said(at) == [("renamed", "unit:YZ-P", "YZ化工园", "YZ化工园管理办公室")]


def test_functions_that_go_to_another_bureau(at):
    taken = BureauFunction.objects.get(version__bureau=at.bureaus[1])
    gains = succeed(at.bureaus[0].versions.get())
    BureauFunction.objects.create(version=gains, function=taken.function)
    (difference,) = found(at)
    assert (difference.kind, difference.before) == (Kind.FUNCTIONS, "职能f-yz-b1")
    assert sorted(difference.after.split("、")) == ["职能f-yz-b1", "职能f-yz-b2"]


def test_a_park_that_joins_the_zone_brings_its_bureaus_along(at):
    version = at.park.versions.get()
    UnitVersion.objects.filter(pk=version.pk).update(parent=at.city)
    version.refresh_from_db()
    succeed(version, parent=at.zone, rank="full_division", dispatched_by="YZ市政府")
    assert said(at, also=[at.park.pk]) == [
        ("charter", "charter:YZ-P", "", "体制调整方案"),
        ("tiers", "tiers:YZ-P", "", "3 级（园区领导 → 部门负责人 → 工作人员）"),
        ("moved", "unit:YZ-P", "YZ市", "YZ经开区"),
        ("regraded", "unit:YZ-P", "副处级", "正处级"),
        ("dispatch", "unit:YZ-P", "扬州市委、市政府", "YZ市政府"),
    ]
    # Without it in the first picture, it and its bureaus are new to the zone.
    assert {each[0] for each in said(at)} == {"added"}
    assert len(said(at)) == 6


def test_a_unit_that_ends(at):
    BureauVersion.objects.filter(unit=at.park).update(period=UNTIL)
    DutyAssignment.objects.filter(area=at.park).update(period=UNTIL)
    UnitVersion.objects.filter(unit=at.park).update(period=UNTIL)
    kinds = [(each.kind.value, each.thing) for each in found(at)]
    assert kinds[0] == ("removed", "unit")
    assert kinds[1:] == [("removed", "bureau")] * 5


def test_quotas_tiers_and_charter(at):
    quota = Quota.objects.get(unit=at.zone, kind="bureaus")
    succeed(quota, limit=4)
    Quota.objects.create(unit=at.zone, kind="leaders", limit=5, instrument=at.instrument, period=SINCE)
    Tier.objects.filter(pk=at.tiers[1].pk).update(period=UNTIL)
    succeed(at.charter, name="新方案")
    assert said(at) == [
        ("charter", "charter:YZ", "体制调整方案", "新方案"),
        ("tiers", "tiers:YZ", "3 级（园区领导 → 部门负责人 → 工作人员）", "2 级（园区领导 → 工作人员）"),
        ("quota", "quota:YZ/bureaus", "5", "4"),
        ("quota", "quota:YZ/leaders", "未规定", "5"),
    ]
    assert found(at)[2].sentence == "YZ经开区 职能机构数由5改为4"


def test_a_charter_that_nothing_follows(at):
    Charter.objects.filter(pk=at.charter.pk).update(period=UNTIL)
    assert said(at)[0] == ("charter", "charter:YZ", "体制调整方案", "")


def test_a_duty_that_changes_hands(at):
    duty = DutyAssignment.objects.get(area=at.zone)
    succeed(duty, bureau=None, unit=at.town)
    assert said(at) == [("duty", f"duty:{at.duty.code}/YZ", "YZ经开区 YZ-B5局", "YZ青山镇")]
    assert found(at)[0].sentence == "YZ经开区 农业农村由YZ经开区 YZ-B5局承担改为由YZ青山镇承担"


def test_a_duty_that_nobody_bears_any_more(at):
    DutyAssignment.objects.filter(area=at.zone).update(period=UNTIL, closed_by=at.instrument)
    assert said(at)[0][2:] == ("YZ经开区 YZ-B5局", "")


def test_marks_are_for_drawing(at):
    succeed(at.bureaus[0].versions.get(), name="投资促进局", nature="support")
    BureauVersion.objects.filter(bureau=at.bureaus[3]).update(period=UNTIL)
    new = build.bureau(at, at.park, "NEW", "core", period=SINCE)
    succeed(at.park.versions.get(), rank="full_division")
    marks = differences.marks(found(at))
    assert marks.bureaus == {at.bureaus[0].pk: "changed", at.bureaus[3].pk: "removed", new.pk: "added"}
    assert marks.notes == {at.bureaus[0].pk: "原名YZ-B1局、原为主责主业"}
    assert marks.units == {at.park.pk: "changed"}
    ahead = differences.marks(found(at), ahead=True)
    assert ahead.notes == {at.bureaus[0].pk: "改名投资促进局、改为综合保障"}


def test_a_picture_shows_the_marks_with_sign_and_word(at):
    build.bureau(at, at.park, "NEW", "core", period=SINCE)
    BureauVersion.objects.filter(bureau=at.bureaus[3]).update(period=UNTIL)
    marks = differences.marks(found(at))
    drawn = {}
    for day in (CHANGE - dt.timedelta(days=1), CHANGE):
        tree = chart.draw(
            chart.read(at.zone, day, judged=False), None, {}, lambda page, code: f"/{page}/{code}", marks=marks
        )
        drawn[day] = {box.card.code: box.strip_words for unit in tree.units for box in unit.cards if box.card.mark}
    assert list(drawn.values()) == [{"YZ-B4": "－ 撤销"}, {"NEW": "＋ 新设"}]
    # The contract for others: marks by bureau alone.
    tree = chart.draw(chart.read(at.zone, CHANGE), {}, {}, lambda page, code: "", marks={at.bureaus[0].pk: "changed"})
    assert tree.units[0].cards[0].strip_words == "≠ 变更"


def test_differences_are_counted_by_sort(at):
    build.bureau(at, at.park, "NEW", "core", period=SINCE)
    build.bureau(at, at.park, "NEWER", "core", period=SINCE)
    succeed(at.bureaus[0].versions.get(), name="投资促进局")
    succeed(at.park.versions.get(), name="YZ化工园管理办公室")
    assert differences.counted(found(at)) == [("设立机构", 2), ("更名", 2)]


def test_every_kind_has_a_sentence_in_both_languages(at):
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for kind in Kind:
                each = differences.Difference(kind, "bureau:B", 1, "甲局", "乙", "丙", "区", "YZ")
                assert "甲局" in each.sentence or "乙" in each.sentence
                assert "%" not in each.sentence + each.brief

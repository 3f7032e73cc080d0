"""Setting up a bureau: what is written, and each rule's refusal in its own words."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from common.models import AuditEntry
from orgchart import services
from orgchart.models import Bureau, BureauVersion
from tests import orgchart_builders as build

pytestmark = pytest.mark.django_db
STARTS = dt.date(2021, 1, 1)


@pytest.fixture
def at():
    zone = build.full_zone()
    build.requota(zone, zone.zone, 6)
    return zone


@pytest.fixture
def by():
    return build.actor(build.user("hr-clerk"))


def set_up(at, by, **changes) -> Bureau:
    given = {
        "unit": at.zone,
        "code": "YZ-NEW",
        "name": "科技创新局",
        "functions": [build.function("science")],
        "nature": "core",
        "instrument": at.instrument,
        "starts": STARTS,
        **changes,
    }
    return services.set_up_bureau(by=by, **given)


def test_a_bureau_stands_last_in_its_unit_with_its_functions_and_an_audit_entry(at, by):
    bureau = set_up(at, by, name=" 科技创新局 ", name_en="Science Bureau")
    version = bureau.versions.get()
    assert (version.name, version.sequence, version.period.lower) == ("科技创新局", 6, STARTS)
    assert [function.code for function in version.functions.all()] == ["science"]
    entry = AuditEntry.objects.get(verb="set_up_bureau")
    assert (entry.user, entry.after["functions"]) == (by.user, ["science"])


@pytest.mark.parametrize(
    ("rule", "changes", "said"),
    [
        ("ORG-05", {"unit": "park"}, "2021-01-01 YZ化工园：职能机构 6 个，限额 5 个"),
        ("ORG-05", {"parent": 0}, "下设于 YZ-B1局"),
        ("ORG-06", {"nature": "support", "functions": [("logistics", "support")]}, "主责主业机构 3/6，低于 60%"),
    ],
)
def test_a_rule_refuses_at_once_and_nothing_stays(at, by, rule, changes, said):
    if "unit" in changes:
        changes = {**changes, "unit": at.park}
    if "parent" in changes:
        changes = {**changes, "parent": at.bureaus[0]}
    if "functions" in changes:
        changes = {**changes, "functions": [build.function(*each) for each in changes["functions"]]}
    with pytest.raises(ValidationError) as error:
        set_up(at, by, **changes)
    assert error.value.code == rule
    assert said in error.value.messages[0]
    assert not Bureau.objects.filter(code="YZ-NEW").exists()
    assert not AuditEntry.objects.exists()


def test_ORG_07_a_park_may_not_have_what_the_zone_has(at, by):
    build.requota(at, at.park, 6)
    with pytest.raises(ValidationError) as error:
        set_up(at, by, unit=at.park, functions=[build.function("f-yz-b1")])
    assert error.value.code == "ORG-07"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"functions": []}, "functions"),
        ({"nature": "social"}, "nature"),
        ({"nature": "none"}, "nature"),
        ({"code": "有空格 的"}, "code"),
        ({"code": "YZ-B1"}, "code"),
        ({"name": " "}, "name"),
        ({"starts": build.REFORM - dt.timedelta(days=1)}, "starts"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(at, by, changes, field):
    with pytest.raises(ValidationError) as error:
        set_up(at, by, **changes)
    assert list(error.value.message_dict) == [field]


def test_a_unit_that_does_not_stand_yet_has_no_bureau(at, by):
    late = build.unit("LATE", "park", "新园", at.zone, period=build.DateRange(dt.date(2022, 1, 1), None))
    with pytest.raises(ValidationError) as error:
        set_up(at, by, unit=late)
    assert error.value.code == "BUREAU-IN-UNIT"
    assert not BureauVersion.objects.filter(unit=late).exists()

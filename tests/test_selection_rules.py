"""The rules of selection rounds: what each finds under the charter that adopts it, and that they are all known."""

from __future__ import annotations

import pytest

from common.rules import Rule
from common.workdays import add_workdays, count_workdays
from tests import selection_builders as build
from tests import staffing_builders as staff
from tests.selection_builders import ONE, today

pytestmark = pytest.mark.django_db


def adopt(zone, rule: str, **stated) -> None:
    charter = zone.unit.charters.get()
    for name, value in stated.items():
        charter.parameters.create(rule=rule, name=name, value=value)


def found(zone, rule: str) -> list[tuple[str, str, int]]:
    return [(each.subject, each.detail, each.excess) for each in Rule.registry[rule].violations(zone.unit.pk, today())]


@pytest.fixture
def opened():
    """Open recruitment on notice for five working days."""
    return build.announced(build.small_round(kind="open"))


def test_all_are_known_with_their_source():
    for rule in ("APT-01", "APT-02", "APT-05", "APT-06", "APT-09", "APT-10"):
        assert Rule.registry[rule].requirement
        assert Rule.registry[rule].source
    assert Rule.registry["APT-06"].basis == "memory", "never shown as a citation"


@pytest.mark.parametrize("rule", ["APT-05", "APT-06", "APT-09", "APT-10"])
def test_a_rule_that_the_charter_does_not_state_is_not_judged(opened, rule):
    assert found(opened.zone, rule) == []


def test_apt_05_notice_days(opened):
    days = (opened.notice.last_day - opened.notice.first_day).days + 1
    adopt(opened.zone, "APT-05", notice_days=days + 3)
    assert found(opened.zone, "APT-05") == [(opened.row.title, f"公示 {days} 日，少于 {days + 3} 日", 3)]


def test_apt_06_notice_days(opened):
    days = (opened.notice.last_day - opened.notice.first_day).days + 1
    adopt(opened.zone, "APT-06", min_days=1, max_days=days - 1)
    ((_subject, detail, excess),) = found(opened.zone, "APT-06")
    assert (detail, excess) == (f"公示 {days} 日，应为 1 至 {days - 1} 日", 1)


def test_apt_09_working_days(opened):
    adopt(opened.zone, "APT-09", working_days=7)
    assert found(opened.zone, "APT-09") == [(opened.row.title, "公示 5 个工作日，少于 7 个", 2)]


def test_apt_10_is_about_leading_posts_only():
    plain = build.announced(build.small_round())
    adopt(plain.zone, "APT-10", working_days=7)
    assert found(plain.zone, "APT-10") == []


def test_apt_10_working_days():
    zone = staff.small_zone()
    zone.clerk = zone.head
    at = build.announced(build.small_round(zone))
    adopt(zone, "APT-10", working_days=7)
    assert found(zone, "APT-10") == [(at.row.title, "公示 5 个工作日，少于 7 个", 2)]
    assert count_workdays(at.notice.first_day, at.notice.last_day) == 5
    assert at.notice.last_day == add_workdays(today(), 5)
    assert found(zone, "APT-10") != []
    assert Rule.registry["APT-10"].violations(zone.unit.pk, at.notice.last_day + ONE) == [], "no longer up"

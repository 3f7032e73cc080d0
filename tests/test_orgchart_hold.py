"""Raw SQL, really committed: what PostgreSQL refuses whatever path a change takes, and two changes at once."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from orgchart.models import BureauVersion
from tests import orgchart_builders as build
from zones.models import UnitVersion

pytestmark = pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)


@pytest.fixture
def at():
    with transaction.atomic():
        return build.full_zone()


@pytest.fixture
def roomy():
    """The same with quotas that leave room for more bureaus."""
    with transaction.atomic():
        return build.full_zone(room=9)


def commit(*statements: tuple[str, list]) -> None:
    """The statements in one transaction of their own, committed."""
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)


def refusal(*statements: tuple[str, list]) -> tuple[str, str]:
    """The rule that refused them at COMMIT, and what it says."""
    with pytest.raises(IntegrityError) as error:
        commit(*statements)
    broken = broken_rule(error.value)
    assert broken is not None
    return broken.rule, broken.text


NEW_BUREAU = """
    with b as (insert into orgchart_bureau (code) values (%s) returning id)
    insert into orgchart_bureauversion
        (name, name_en, is_example, period, bureau_id, unit_id, parent_id, nature, rank, sequence, instrument_id)
    select %s, '', false, daterange(%s, null), b.id, %s, %s, %s, '', 9, %s from b"""
HOLD_FUNCTION = """
    insert into orgchart_bureaufunction (version_id, function_id)
    select v.id, f.id from orgchart_bureauversion v join orgchart_bureau b on b.id = v.bureau_id, orgchart_function f
    where b.code = %s and f.code = %s"""


def new_bureau(at, code: str, unit, nature: str = "core", parent=None) -> tuple[str, list]:
    name = f"{code}局"
    return NEW_BUREAU, [code, name, build.REFORM, unit.pk, parent and parent.pk, nature, at.instrument.pk]


def test_a_fourth_tier(at):
    rule, words = refusal(
        (
            "insert into orgchart_tier (name, name_en, is_example, period, number, kind, zone_id)"
            " values ('二级机构', '', false, daterange(%s, null), 4, 'staff', %s)",
            [build.REFORM, at.zone.pk],
        )
    )
    assert rule == "ORG-05"
    assert words == "2019-10-01 二级机构：第 4 层，上限 3 层（ORG-05）"


def test_a_second_level_unit_under_the_charter_of_2019(roomy):
    rule, words = refusal(new_bureau(roomy, "SUB", roomy.zone, parent=roomy.bureaus[0]))
    assert rule == "ORG-05"
    assert "YZ经开区 SUB局：下设于 YZ-B1局" in words


def test_a_park_bureau_for_a_function_that_the_zone_has(roomy):
    rule, words = refusal(new_bureau(roomy, "YZ-P-B6", roomy.park), (HOLD_FUNCTION, ["YZ-P-B6", "f-yz-b1"]))
    assert rule == "ORG-07"
    assert "已由开发区 YZ-B1局 承担" in words


def test_the_same_function_given_to_a_bureau_that_stands(at):
    assert refusal((HOLD_FUNCTION, ["YZ-P-B1", "f-yz-b1"]))[0] == "ORG-07"


def test_less_than_sixty_percent_core(at):
    rule, words = refusal(
        ("update orgchart_bureauversion set nature = 'support' where bureau_id = %s", [at.bureaus[0].pk])
    )
    assert rule == "ORG-06"
    assert "2/5，低于 60%" in words


def test_a_bureau_over_the_quota(at):
    rule, words = refusal(new_bureau(at, "YZ-B6", at.zone))
    assert rule == "ORG-05"
    assert "YZ经开区：职能机构 6 个，限额 5 个" in words


@pytest.mark.parametrize(
    "sql",
    [
        "update orgchart_charter set period = daterange('2019-10-01', '2021-01-01') where zone_id = %s",
    ],
)
def test_bureaus_without_a_charter(at, sql):
    assert refusal((sql, [at.zone.pk]))[0] == "CHARTER"


def test_a_swap_within_one_transaction_is_judged_at_its_end(at):
    swap = "update orgchart_bureauversion set nature = %s where bureau_id = %s"
    commit((swap, ["support", at.bureaus[0].pk]), (swap, ["core", at.bureaus[3].pk]))
    assert BureauVersion.objects.get(bureau=at.bureaus[3]).nature == "core"


def test_a_change_after_the_rules_were_told_at_once_is_judged_again(at):
    sink = "update orgchart_bureauversion set nature = 'support' where bureau_id = %s"
    rule, _words = refusal(
        ("update orgchart_bureauversion set name = '新名' where bureau_id = %s", [at.bureaus[1].pk]),
        ("set constraints all immediate", []),
        ("set constraints all deferred", []),
        (sink, [at.bureaus[0].pk]),
    )
    assert rule == "ORG-06"


NEW_VERSION = """
    insert into zones_unitversion
        (name, name_en, is_example, period, short_name, short_name_en, rank, dispatched_by, note, parent_id, unit_id)
    values ('重名', '', false, daterange(%s, null), '重名', '', '', '', '', %s, %s)"""


def test_units_report_in_no_circle(at):
    higher = build.unit("TOP", "city", "扬州市")
    commit(("update zones_unitversion set parent_id = %s where unit_id = %s", [higher.pk, at.city.pk]))
    rule, words = refusal(("update zones_unitversion set parent_id = %s where unit_id = %s", [at.city.pk, higher.pk]))
    assert (rule, "成环" in words) == ("UNIT-CIRCLE", True)


def test_two_halves_of_a_circle_at_once(at):
    """Each transaction alone would be right; the second to commit is refused."""
    other = build.unit("TOP", "city", "扬州市")
    link = "update zones_unitversion set parent_id = %s where unit_id = %s"
    assert sorted(at_once((link, [other.pk, at.city.pk]), (link, [at.city.pk, other.pk]))) == ["", "UNIT-CIRCLE"]


@pytest.mark.parametrize(
    ("child", "above"), [("park", "park"), ("park", "town"), ("zone", "zone"), ("town", "park"), ("city", "zone")]
)
def test_who_may_not_stand_above_whom(at, child, above):
    below = build.unit("CHILD", child, "下级", at.zone if child == "park" else None if child == "city" else at.city)
    higher = {"park": at.park, "town": at.town, "zone": at.zone}[above]
    rule, _words = refusal(("update zones_unitversion set parent_id = %s where unit_id = %s", [higher.pk, below.pk]))
    assert rule == "UNIT-PARENT"


def test_a_unit_keeps_its_kind(at):
    assert refusal(("update zones_unit set kind = 'zone' where id = %s", [at.park.pk]))[0] == "UNIT-KIND"


def test_a_unit_has_one_version_a_day(at):
    assert refusal((NEW_VERSION, [build.DAY, at.city.pk, at.zone.pk]))[0] == "zones_unit_one_version"


@pytest.mark.parametrize("span", ["empty", "(,2020-01-01)"])
def test_a_period_has_a_first_day_and_a_day_in_it(at, span):
    rule, _words = refusal(
        ("update zones_unitversion set period = %s::daterange where unit_id = %s", [span, at.town.pk])
    )
    assert rule == "zones_unitversion_period"


@pytest.mark.parametrize(
    "sql", ["update zones_figure set value = 1 where id = %s", "delete from zones_figure where id = %s"]
)
def test_a_figure_is_never_changed_or_removed(at, sql):
    figure = build.figure(at.zone, 2019, "100000000")
    assert refusal((sql, [figure.pk]))[0] == "FIGURE-KEPT"


def at_once(*works: tuple[str, list]) -> list[str]:
    """Each statement in a transaction of its own, all open before any commits: the rules that refused, or ""."""
    gate, outcome = threading.Barrier(len(works), timeout=20), []

    def run(sql: str, params: list) -> None:
        gate.wait()
        try:
            commit((sql, params))
        except IntegrityError as error:
            outcome.append(broken_rule(error).rule)
        else:
            outcome.append("")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def test_of_two_who_each_take_away_a_core_bureau_one_is_refused():
    with transaction.atomic():
        at = build.full_zone()
        BureauVersion.objects.filter(bureau=at.bureaus[3]).update(nature="core")
    # 4/5 core: each alone leaves 3/5, both together 2/5.
    sink = "update orgchart_bureauversion set nature = 'support' where bureau_id = %s"
    assert sorted(at_once((sink, [at.bureaus[0].pk]), (sink, [at.bureaus[1].pk]))) == ["", "ORG-06"]
    assert BureauVersion.objects.filter(unit=at.zone, nature="core").count() == 3


def test_the_second_waits_even_when_the_first_has_been_told_its_rules(at):
    """The first holds the zone until its COMMIT, not only until it asked for a verdict."""
    with transaction.atomic():
        BureauVersion.objects.filter(bureau=at.bureaus[3]).update(nature="core")
    told, done = threading.Event(), threading.Event()
    outcome: list[str] = []
    sink = "update orgchart_bureauversion set nature = 'support' where bureau_id = %s"

    def second() -> None:
        told.wait(20)
        try:
            commit((sink, [at.bureaus[1].pk]))
            outcome.append("")
        except IntegrityError as error:
            outcome.append(broken_rule(error).rule)
        finally:
            done.set()
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sink, [at.bureaus[0].pk])
        cursor.execute("set constraints all immediate")
        told.set()
        assert not done.wait(0.5)
    thread.join(20)
    assert outcome == ["ORG-06"]


def test_the_note_of_work_is_empty_after_every_commit(at):
    UnitVersion.objects.filter(unit=at.park).update(note="x")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from orgchart_pendingcheck")
        assert cursor.fetchone() == (0,)


def test_history_is_judged_on_every_day_it_turns(at):
    """A bureau that stood for a single day in the past still breaks the quota of that day."""
    day = dt.date(2020, 3, 1)
    rule, words = refusal(
        new_bureau(at, "BRIEF", at.zone),
        (
            "update orgchart_bureauversion set period = daterange(%s, %s), closed_by_id = instrument_id"
            " where name = 'BRIEF局'",
            [day, day + dt.timedelta(days=1)],
        ),
    )
    assert rule == "ORG-05"
    assert "2020-03-01" in words

"""The verbs of posts, people and appointments: what they do, what they refuse, and in whose words."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from common.models import AuditEntry
from staffing import services
from staffing.models import Appointment, Person, PostVersion
from tests import staffing_builders as build
from tests.staffing_builders import DAY, REFORM, TERM, TERM_ENDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone():
    return build.small_zone()


@pytest.fixture
def by(zone):
    return build.clerk(zone=zone)


def told(error) -> str:
    return " ".join(error.value.messages)


def appoint(who, where, by, **more):
    return services.appoint(person=who, post=where, by=by, **{"starts": TERM, "decided_on": TERM, **more})


def test_appoint_takes_the_lowest_free_seat_and_leaves_an_entry(zone, by):
    build.seat(build.person(zone, "张三"), zone.clerk, 1)
    row = appoint(build.person(zone, "李四"), zone.clerk, by, term_ends=TERM_ENDS, step=2)
    assert (row.seat, row.kind, row.step, row.period.upper) == (2, "primary", 2, None)
    entry = AuditEntry.objects.get(verb="appoint")
    assert (entry.user, entry.key, entry.after["seat"]) == (by.user, str(row.pk), 2)


def test_a_full_post_names_its_holders(zone, by):
    build.seat(build.person(zone, "张三"), zone.clerk, 1)
    build.seat(build.person(zone, "王五"), zone.clerk, 2)
    with pytest.raises(ValidationError) as error:
        appoint(build.person(zone, "李四"), zone.clerk, by)
    assert "张三" in told(error)
    assert "王五" in told(error)
    assert "post" in error.value.message_dict


def test_a_taken_seat_names_its_holder_and_a_seat_beyond_is_refused(zone, by):
    build.seat(build.person(zone, "张三"), zone.clerk, 1)
    who = build.person(zone, "李四")
    with pytest.raises(ValidationError) as error:
        appoint(who, zone.clerk, by, seat=1)
    assert "1 席 张三" in told(error)
    with pytest.raises(ValidationError, match="没有第 3 席"):
        appoint(who, zone.clerk, by, seat=3)


def test_a_second_primary_post_is_refused_and_a_concurrent_one_is_not(zone, by):
    who = build.person(zone, "张三")
    build.seat(who, zone.clerk)
    with pytest.raises(ValidationError, match="已有主岗：招商专员"):
        appoint(who, zone.eco_clerk, by)
    assert appoint(who, zone.eco_clerk, by, kind="concurrent").kind == "concurrent"


def test_nobody_acts_on_his_own_case(zone, by):
    who = build.person(zone, "经办人", user=by.user)
    with pytest.raises(ValidationError) as error:
        appoint(who, zone.clerk, by)
    assert error.value.code == "own_case"
    held = build.seat(who, zone.clerk)
    with pytest.raises(ValidationError, match="本人"):
        services.end_appointment(appointment=held, on=DAY, reason="resignation", by=by)
    with pytest.raises(ValidationError, match="本人"):
        services.correct_person(person=who, by=by, seen=services.stamp(who), name="另一个")


@pytest.mark.parametrize(
    ("starts", "more", "field"),
    [
        (dt.date(2019, 9, 1), {}, "starts"),
        (TERM, {"term_ends": dt.date(2019, 10, 1)}, "term_ends"),
        (TERM, {"term_ends": TERM_ENDS, "probation_ends": dt.date(2022, 11, 1)}, "probation_ends"),
        (TERM, {"ends": dt.date(2019, 10, 31)}, "ends"),
    ],
)
def test_bad_days_are_named_at_their_field(zone, by, starts, more, field):
    with pytest.raises(ValidationError) as error:
        appoint(build.person(zone, "张三"), zone.clerk, by, starts=starts, **more)
    assert field in error.value.message_dict


def test_a_closed_post_takes_nobody(zone, by):
    closed = build.post(zone, "OLD", "旧岗", bureau=zone.invest, ends=dt.date(2020, 1, 31))
    with pytest.raises(ValidationError, match="设置至 2020年1月31日"):
        appoint(build.person(zone, "张三"), closed, by)
    with pytest.raises(ValidationError, match="尚未设置或已撤销"):
        appoint(build.person(zone, "李四"), closed, by, starts=dt.date(2020, 3, 1))


def test_end_gives_the_seat_free_the_day_after(zone, by):
    held = build.seat(build.person(zone, "张三"), zone.head)
    services.end_appointment(appointment=held, on=DAY, reason="retirement", by=by, note="到龄")
    held.refresh_from_db()
    assert (held.last_day, held.end_reason) == (DAY, "retirement")
    after = appoint(build.person(zone, "李四"), zone.head, by, starts=DAY + dt.timedelta(days=1))
    assert after.seat == 1
    assert AuditEntry.objects.get(verb="end_appointment").reason == "到龄"
    with pytest.raises(ValidationError, match="已于 2020年6月30日 结束"):
        services.end_appointment(appointment=held, on=DAY, reason="retirement", by=by)


def test_an_end_before_the_beginning_is_refused(zone, by):
    held = build.seat(build.person(zone, "张三"), zone.head)
    with pytest.raises(ValidationError, match="不能早于到岗日期"):
        services.end_appointment(appointment=held, on=dt.date(2019, 10, 1), reason="term", by=by)
    with pytest.raises(ValidationError, match="离岗原因"):
        services.end_appointment(appointment=held, on=DAY, reason="", by=by)


def test_transfer_closes_one_and_opens_the_other(zone, by):
    who = build.person(zone, "张三")
    old = build.seat(who, zone.clerk)
    new = services.transfer(appointment=old, post=zone.park_clerk, starts=DAY, decided_on=DAY, by=by)
    old.refresh_from_db()
    who.refresh_from_db()
    assert (old.last_day, old.end_reason) == (DAY - dt.timedelta(days=1), "transfer")
    assert (new.starts, new.post_id, who.home_unit_id) == (DAY, zone.park_clerk.pk, zone.park.pk)


def test_a_refused_transfer_leaves_the_old_appointment_alone(zone, by):
    old = build.seat(build.person(zone, "张三"), zone.clerk)
    build.seat(build.person(zone, "李四"), zone.head)
    with pytest.raises(ValidationError, match="李四"):
        services.transfer(appointment=old, post=zone.head, starts=DAY, decided_on=DAY, by=by)
    old.refresh_from_db()
    assert old.period.upper is None
    assert not AuditEntry.objects.filter(verb="end_appointment").exists()


def test_secondment_leaves_the_personnel_relation_where_it_is(zone, by):
    who = build.person(zone, "张三")
    appoint(who, zone.park_clerk, by, kind="seconded")
    who.refresh_from_db()
    assert who.home_unit_id == zone.unit.pk


def test_renewal_keeps_the_seat(zone, by):
    old = build.seat(build.person(zone, "张三"), zone.clerk, 2, step=3)
    new = services.renew(
        appointment=old, starts=dt.date(2022, 11, 1), decided_on=dt.date(2022, 11, 1), by=by,
        term_ends=dt.date(2025, 10, 31),
    )  # fmt: skip
    old.refresh_from_db()
    assert (old.last_day, old.end_reason, new.seat, new.step) == (TERM_ENDS, "term", 2, 3)


# --- people -------------------------------------------------------------------------------------------


def add(zone, by, **more):
    number = build.national_id(9, gender="F")
    fields = {"name": "赵六", "national_id": number, "category": "quota", "identity": "enterprise"}
    return services.add_person(by=by, home_unit=zone.unit, **{**fields, **more})


def test_birth_date_and_sex_are_read_from_the_number(zone, by):
    who = add(zone, by)
    assert (who.birth_date, who.gender, who.staff_no) == (dt.date(1985, 3, 7), "F", "YZ-00001")
    assert add(zone, by, national_id=build.national_id(10)).staff_no == "YZ-00002"
    stored = _stored_id(who)
    assert who.national_id not in stored
    assert stored


def _stored_id(who) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select national_id from staffing_person where id = %s", [who.pk])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"national_id": "99000019850307018"}, "18 位"),
        ({"national_id": "99000019850230018X"}, "出生日期"),
        ({"national_id": build.national_id(9)[:-1] + "A"}, "末位可为 X"),
        ({"national_id": build.national_id(9)[:-1] + ("1" if build.national_id(9)[-1] != "1" else "2")}, "校验位"),
        ({"birth_date": dt.date(1985, 3, 8)}, "出生日期不符"),
        ({"gender": "M"}, "性别不符"),
        ({"name": "=cmd|'/c calc'!A1"}, "不能以"),
        ({"name": "@张三"}, "不能以"),
        ({"name": "  "}, "姓名须填写"),
        ({"name": "张\u200b三"}, "控制字符"),
        ({"category": "army"}, "army"),
        ({"staff_no": "T-TAKEN"}, "已被使用"),
    ],
)
def test_bad_people_are_refused_with_the_reason(zone, by, change, says):
    build.person(zone, "在册", staff_no="T-TAKEN")
    before = Person.objects.count()
    with pytest.raises(ValidationError, match=says):
        add(zone, by, **change)
    assert Person.objects.count() == before


def test_one_number_belongs_to_one_person(zone, by):
    who = build.person(zone, "在册")
    with pytest.raises(ValidationError, match="另一人") as error:
        add(zone, by, national_id=who.national_id.lower())
    assert who.national_id_digest not in told(error), "PostgreSQL would repeat the row"


def test_a_stale_correction_is_refused(zone, by):
    who = build.person(zone, "张三")
    seen = services.stamp(who)
    services.correct_person(person=who, by=by, seen=seen, original_rank="科员")
    with pytest.raises(ValidationError) as error:
        services.correct_person(person=who, by=by, seen=seen, original_rank="副科")
    assert error.value.code == "stale"
    who.refresh_from_db()
    assert who.original_rank == "科员"


def test_the_trail_says_that_a_number_changed_but_not_to_what(zone, by):
    who = build.person(zone, "张三")
    number = build.national_id(77, born=who.birth_date)
    services.correct_person(person=who, by=by, seen=services.stamp(who), national_id=number, reason="抄错")
    entry = AuditEntry.objects.get(verb="correct_person")
    assert "national_id" in entry.after
    assert number not in str(entry.after)
    assert entry.reason == "抄错"


# --- posts --------------------------------------------------------------------------------------------


def version(zone, **more):
    return {
        "unit": zone.unit, "bureau": zone.invest, "tier": zone.tiers["staff"], "grade": zone.grades["S1"],
        "category": "GL", "name": "主管", "headcount": 1, "duties": "职责", "standards": "标准",
        "requirements": "条件", **more,
    }  # fmt: skip


@pytest.mark.parametrize("field", ["name", "duties", "standards", "requirements"])
def test_PST_01_a_post_without_one_of_the_four_things_is_refused(zone, by, field):
    with pytest.raises(ValidationError) as error:
        services.create_post(code="NEW", starts=REFORM, by=by, **version(zone, **{field: " "}))
    assert "PST-01" in error.value.message_dict[field][0]


def test_a_revision_closes_the_version_before(zone, by):
    services.create_post(code="NEW", starts=REFORM, by=by, **version(zone))
    made = PostVersion.objects.get(post__code="NEW").post
    new = services.revise_post(post=made, starts=DAY, by=by, headcount=3, name="高级主管")
    old = made.versions.on(REFORM).get()
    assert (old.last_day, old.headcount, old.name) == (DAY - dt.timedelta(days=1), 1, "主管")
    assert (new.starts, new.headcount, new.duties) == (DAY, 3, "职责")
    with pytest.raises(ValidationError, match="正是自该日起生效"):
        services.revise_post(post=made, starts=DAY, by=by, headcount=4)


def test_seats_in_use_cannot_be_taken_away(zone, by):
    build.seat(build.person(zone, "张三"), zone.clerk, 2)
    with pytest.raises(ValidationError, match="张三"):
        services.revise_post(post=zone.clerk, starts=DAY, by=by, headcount=1)
    assert zone.clerk.versions.count() == 1


def test_a_post_in_a_bureau_of_another_unit_is_refused(zone, by):
    with pytest.raises(ValidationError, match="不在同一单位"):
        services.create_post(code="NEW", starts=REFORM, by=by, **version(zone, unit=zone.park))


# --- two clerks at once -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_of_two_clerks_on_the_last_seat_one_wins_and_the_other_is_told_who():
    zone = build.small_zone()
    by = build.clerk(zone=zone)
    people = [build.person(zone, name) for name in ("张三", "李四")]
    gate, outcome = threading.Barrier(2), {}

    def work(who):
        gate.wait()
        try:
            outcome[who.name] = appoint(who, zone.head, by)
        except ValidationError as error:
            outcome[who.name] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[who]) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(name for name, got in outcome.items() if isinstance(got, Appointment))
    loser = next(got for got in outcome.values() if isinstance(got, ValidationError))
    assert winner in loser.messages[0]
    assert Appointment.objects.count() == 1

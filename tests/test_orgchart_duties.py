"""Moving and closing duties (DUTY-01): one bearer a day, none dropped, whatever the sequence and the path."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.databases import broken_rule
from common.models import AuditEntry
from common.periods import ONE_DAY
from orgchart import services
from orgchart.models import DutyAssignment
from orgchart.rules import DUTY01
from tests import orgchart_builders as build
from zones.models import Instrument

pytestmark = pytest.mark.django_db
MOVED = dt.date(2021, 1, 1)


@pytest.fixture
def at():
    return build.full_zone()


@pytest.fixture
def by():
    return build.actor(build.user("office"))


def move(at, by, **changes) -> DutyAssignment:
    """The park's farming goes from the town to a bureau of the zone."""
    given_ = {"duty": at.duty, "area": at.park, "starts": MOVED, "instrument": at.instrument, **changes}
    if "to_unit" not in changes:
        given_.setdefault("to_bureau", at.bureaus[4])
    return services.move_duty(by=by, **given_)


def close(at, by, **changes) -> DutyAssignment:
    given_ = {"duty": at.duty, "area": at.park, "ends": MOVED - ONE_DAY, "instrument": at.instrument, **changes}
    return services.close_duty(by=by, **given_)


def spans(at) -> list[tuple[dt.date, dt.date | None, str]]:
    rows = DutyAssignment.objects.filter(duty=at.duty, area=at.park).select_related("bureau", "unit")
    return [(row.starts, row.last_day, (row.bureau or row.unit).code) for row in rows.order_by("period")]


class TestMoving:
    def test_the_old_bearer_ends_the_day_before_and_both_rest_on_a_document(self, at, by):
        moved = move(at, by, note=" 机构调整 ", reason="方案")
        assert spans(at) == [(build.REFORM, MOVED - ONE_DAY, "YZ-TOWN"), (MOVED, None, "YZ-B5")]
        assert (moved.instrument, moved.note) == (at.instrument, "机构调整")
        entry = AuditEntry.objects.get(verb="move_duty")
        assert (entry.user, entry.reason) == (by.user, "方案")
        assert entry.before["unit"] == at.town.pk
        assert entry.after["bureau"] == at.bureaus[4].pk

    def test_a_change_on_file_for_later_still_takes_place(self, at, by):
        move(at, by, starts=dt.date(2022, 1, 1))
        move(at, by, to_bureau=at.bureaus[3])
        assert [(first, code) for first, _last, code in spans(at)] == [
            (build.REFORM, "YZ-TOWN"),
            (MOVED, "YZ-B4"),
            (dt.date(2022, 1, 1), "YZ-B5"),
        ]

    def test_the_first_bearer_of_a_duty_in_an_area(self, at, by):
        duty = build.Duty.objects.create(code="new", name="新职责", kind="economic")
        move(at, by, duty=duty, starts=MOVED + ONE_DAY)
        move(at, by, duty=duty, to_unit=at.town)
        assert [(row.starts, row.last_day) for row in duty.assignments.order_by("period")] == [
            (MOVED, MOVED),
            (MOVED + ONE_DAY, None),
        ]

    def test_what_was_to_end_later_ends_with_its_new_bearer(self, at, by):
        close(at, by, ends=dt.date(2021, 12, 31))
        moved = move(at, by)
        assert (moved.last_day, moved.closed_by) == (dt.date(2021, 12, 31), at.instrument)

    @pytest.mark.parametrize("starts", [build.REFORM, MOVED])
    def test_a_move_to_the_one_who_bears_it_is_refused(self, at, by, starts):
        with pytest.raises(ValidationError) as error:
            move(at, by, to_unit=at.town, starts=starts)
        assert error.value.message_dict == {"starts": ["这一天已由其承担该职责"]}

    def test_a_bearer_of_that_very_day_is_not_overwritten(self, at, by):
        with pytest.raises(ValidationError) as error:
            move(at, by, starts=build.REFORM)
        assert list(error.value.message_dict) == ["starts"]

    def test_no_document_of_a_later_day(self, at, by):
        late = Instrument.objects.create(code="late", title="批文", issuer="编办", issued_on=MOVED + ONE_DAY)
        with pytest.raises(ValidationError) as error:
            move(at, by, instrument=late)
        assert error.value.message_dict == {"starts": ["生效日期不能早于批文日期"]}

    def test_two_bearers_or_none_in_one_move(self, at, by):
        for wrong in ({"to_unit": at.town, "to_bureau": at.bureaus[0]}, {"to_unit": None}):
            with pytest.raises(ValidationError) as error:
                move(at, by, **wrong)
            assert error.value.code == "orgchart_duty_bureau_or_unit"

    def test_a_bureau_that_does_not_stand_then(self, at, by):
        before = build.REFORM - ONE_DAY
        old = Instrument.objects.create(code="old", title="批文", issuer="编办", issued_on=before)
        with pytest.raises(ValidationError) as error:
            move(at, by, starts=before, instrument=old)
        assert error.value.code == "DUTY-BEARER"
        assert not AuditEntry.objects.exists()

    def test_a_unit_that_does_not_stand_then(self, at, by):
        late = build.unit("LATE", "town", "新镇", at.city, period=build.DateRange(dt.date(2022, 1, 1), None))
        with pytest.raises(ValidationError) as error:
            move(at, by, to_unit=late)
        assert error.value.code == "DUTY-BEARER"


class TestClosing:
    def test_a_duty_ends_by_a_document_and_may_be_taken_up_again(self, at, by):
        close(at, by)
        assert spans(at) == [(build.REFORM, MOVED - ONE_DAY, "YZ-TOWN")]
        assert AuditEntry.objects.get(verb="close_duty").after["closed_by"] == at.instrument.pk
        move(at, by, starts=dt.date(2022, 1, 1))
        assert spans(at)[1] == (dt.date(2022, 1, 1), None, "YZ-B5")

    def test_what_cannot_be_closed(self, at, by):
        with pytest.raises(ValidationError):
            close(at, by, ends=build.REFORM - ONE_DAY * 2)  # before the document
        move(at, by)
        with pytest.raises(ValidationError) as error:
            close(at, by)  # somebody is to bear it afterwards
        assert error.value.message_dict == {"ends": ["该职责此后已定由他人承担"]}


def refusal(sql: str, *params) -> str:
    """The rule that refuses a statement, at the latest at COMMIT."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")
    return broken_rule(error.value).rule


class TestRawSQL:
    """DUTY-01 binds the shell as well."""

    def test_DUTY_01_an_end_without_a_follower(self, at):
        end = "update orgchart_dutyassignment set period = daterange(lower(period), %s) where area_id = %s"
        assert refusal(end, MOVED, at.park.pk) == "DUTY-01"

    def test_DUTY_01_a_day_between_two_bearers(self, at, by):
        moved = move(at, by)
        later = "update orgchart_dutyassignment set period = daterange(%s, null) where id = %s"
        assert refusal(later, MOVED + ONE_DAY, moved.pk) == "DUTY-01"

    def test_DUTY_01_a_row_removed(self, at):
        assert refusal("delete from orgchart_dutyassignment where area_id = %s", at.park.pk) == "DUTY-KEPT"

    def test_DUTY_01_a_row_given_to_another_area(self, at):
        give = "update orgchart_dutyassignment set area_id = %s where area_id = %s"
        assert refusal(give, at.town.pk, at.park.pk) == "DUTY-01"

    def test_DUTY_01_a_closing_document_taken_away(self, at, by):
        close(at, by)
        assert refusal("update orgchart_dutyassignment set closed_by_id = null where area_id = %s", at.park.pk) == (
            "DUTY-01"
        )

    def test_a_document_alone_closes_nothing_that_is_open(self, at):
        sql = "update orgchart_dutyassignment set closed_by_id = instrument_id where area_id = %s"
        assert refusal(sql, at.park.pk) == "orgchart_duty_closed_has_end"

    def test_two_bearers_on_one_day(self, at):
        sql = (
            "insert into orgchart_dutyassignment (duty_id, area_id, unit_id, period, note, instrument_id, is_example)"
            " values (%s, %s, %s, daterange('2021-01-01', '2021-01-02'), '', %s, false)"
        )
        assert refusal(sql, at.duty.pk, at.park.pk, at.zone.pk, at.instrument.pk) == "orgchart_duty_one_bearer"

    def test_a_unit_abolished_while_it_bears_a_duty(self, at):
        sql = "update zones_unitversion set period = daterange(lower(period), %s) where unit_id = %s"
        assert refusal(sql, MOVED, at.town.pk) == "DUTY-BEARER"


DAYS = st.integers(0, 40).map(lambda n: build.REFORM + dt.timedelta(days=n))
DEEDS = st.lists(st.tuples(st.sampled_from(["town", "b0", "b1", "close"]), DAYS), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_the_sequence_a_duty_has_one_bearer_a_day_until_a_document_ends_it(at, by, deeds):
    """Moves and closings at random; those that the services accept leave a ledger without a gap."""
    last = build.REFORM + dt.timedelta(days=60)
    with transaction.atomic():
        for deed, day in deeds:
            try:
                if deed == "close":
                    close(at, by, ends=day)
                else:
                    to = {"to_unit": at.town} if deed == "town" else {"to_bureau": at.bureaus[int(deed[1])]}
                    move(at, by, starts=day, **to)
            except ValidationError:
                continue
        rows = list(DutyAssignment.objects.filter(duty=at.duty, area=at.park).order_by("period"))
        day = build.REFORM
        while day <= last:
            bearers = [row for row in rows if row.in_force(day)]
            ended = [row for row in rows if row.last_day and row.last_day < day and row.closed_by_id]
            assert len(bearers) == 1 or (not bearers and ended)
            day += ONE_DAY
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            if row.last_day and row.closed_by_id is None:
                assert following is not None
                assert following.starts == row.last_day + ONE_DAY
        transaction.set_rollback(True)


def test_DUTY_01_is_reported_with_the_days_it_is_broken(at, by):
    """What a trigger that was switched off let through, the page of rules still names."""
    moved = move(at, by)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
        cursor.execute("alter table orgchart_dutyassignment disable trigger orgchart_duty_borne")
        later = MOVED + dt.timedelta(days=9)
        cursor.execute(
            "update orgchart_dutyassignment set period = daterange(%s, null) where id = %s", [later, moved.pk]
        )
        days = (MOVED - ONE_DAY, MOVED, later - ONE_DAY, later)
        found = {day: DUTY01.violations(at.zone.pk, day) for day in days}
        transaction.set_rollback(True)
    assert [len(broken) for broken in found.values()] == [0, 1, 1, 0]
    (broken,) = found[MOVED]
    assert (broken.unit_id, broken.ref, broken.severity) == (at.park.pk, f"duty:{at.duty.code}", "hard")
    assert broken.detail == "YZ化工园范围内曾有承担者，此后无人承担，也没有终止依据"

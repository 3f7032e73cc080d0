"""What is kept of a person: the original status sealed, what the forms ask for, and when he retires."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from common.models import AuditEntry
from common.periods import period
from staffing import services
from staffing.appointing import tenure
from staffing.models import Person, PostVersion, RetirementAge, StatusCorrection
from tests import staffing_builders as build
from tests.staffing_builders import DAY

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def zone():
    return build.small_zone()


@pytest.fixture
def by(zone):
    return build.clerk(zone=zone)


@pytest.fixture
def who(zone):
    return build.person(zone, "张三", identity="enterprise", original_rank="中层正职")


def correct(who, by, **changes):
    return services.correct_person(person=who, by=by, seen=services.stamp(who), **changes)


class TestOriginalStatus:
    @pytest.mark.parametrize("change", [{"identity": "civil_servant"}, {"original_rank": "正科级"}])
    def test_it_is_corrected_only_with_reason_and_document(self, who, by, change):
        for lacking in ({}, {"reason": "档案核查"}, {"document_number": "组〔2020〕3号"}):
            with pytest.raises(ValidationError) as error:
                correct(who, by, **change, **lacking)
            assert set(error.value.error_dict) == {"document_number", "reason"} - lacking.keys()
        correct(who, by, **change, reason="档案核查", document_number="组〔2020〕3号")
        kept = StatusCorrection.objects.get(person=who)
        assert (kept.identity_before, kept.rank_before) == ("enterprise", "中层正职")
        assert (kept.document_number, kept.reason) == ("组〔2020〕3号", "档案核查")

    def test_a_rank_that_was_never_entered_is_a_first_entry(self, zone, by):
        blank = build.person(zone, "李四")
        correct(blank, by, original_rank="管理八级")
        assert not StatusCorrection.objects.exists()

    def test_other_corrections_need_no_document(self, who, by):
        assert correct(who, by, native_place="江苏仪征").native_place == "江苏仪征"

    @pytest.mark.parametrize("change", ["identity = 'civil_servant'", "original_rank = '正科级'", "original_rank = ''"])
    def test_raw_sql_is_bound_too(self, who, change):
        with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"update staffing_person set {change} where id = %s", [who.pk])
            cursor.execute("set constraints all immediate")
        assert broken_rule(error.value).rule == "STATUS-SEALED"

    def test_a_correction_on_file_is_not_changed(self, who, by):
        correct(who, by, original_rank="正科级", reason="档案核查", document_number="组〔2020〕3号")
        for act in (lambda rows: rows.update(reason="别的"), lambda rows: rows.delete()):
            with pytest.raises(IntegrityError), transaction.atomic():
                act(StatusCorrection.objects.all())


def test_when_he_joined_the_party_only_of_a_member(who, by):
    with pytest.raises(ValidationError, match="中共党员"):
        correct(who, by, politics="masses", joined_party_on=D(2010, 7, 1))
    assert correct(who, by, politics="member", joined_party_on=D(2010, 7, 1)).politics == "member"


def law(group: str, starts: dt.date, ends: dt.date | None, base: int, step: int = 0, cap: int = 0) -> None:
    RetirementAge.objects.create(
        group=group, period=period(starts, ends), base_months=base, step_months=step, cap_months=cap,
        source="试验", basis="memory",
    )  # fmt: skip


@pytest.fixture
def laws():
    for group, base, step, cap in (("men", 720, 4, 36), ("cadre_women", 660, 4, 36), ("worker_women", 600, 2, 60)):
        law(group, D(1978, 6, 2), D(2024, 12, 31), base)
        law(group, D(2025, 1, 1), None, base, step, cap)


@pytest.mark.usefixtures("laws")
class TestRetirement:
    """The gradual raise of 2025: a month later for every four (working women: two) months of birth, up to a cap."""

    def retires(self, zone, born: dt.date, gender: str = "M", *, worker: bool = False):
        who = build.person(zone, "张三", birth_date=born, gender=gender)
        if worker:
            PostVersion.objects.filter(post=zone.clerk).update(category="GQ")
            build.seat(who, zone.clerk)
        return Person.objects.with_retirement(DAY).get(pk=who.pk).retires_on

    @pytest.mark.parametrize(
        ("born", "day"),
        [
            (D(1964, 12, 31), D(2024, 12, 31)),  # the last under the old law
            (D(1965, 1, 1), D(2025, 2, 1)),
            (D(1965, 4, 30), D(2025, 5, 30)),
            (D(1965, 5, 1), D(2025, 7, 1)),
            (D(1976, 8, 31), D(2039, 7, 31)),
            (D(1976, 9, 1), D(2039, 9, 1)),  # 63 years, and no more
            (D(1990, 9, 1), D(2053, 9, 1)),
        ],
    )
    def test_men(self, zone, born, day):
        assert self.retires(zone, born) == day

    @pytest.mark.parametrize(
        ("born", "worker", "day"),
        [
            (D(1969, 12, 31), False, D(2024, 12, 31)),
            (D(1970, 3, 15), False, D(2025, 4, 15)),
            (D(1985, 1, 1), False, D(2043, 1, 1)),
            (D(1974, 12, 31), True, D(2024, 12, 31)),
            (D(1975, 3, 15), True, D(2025, 5, 15)),
            (D(1990, 1, 1), True, D(2045, 1, 1)),
        ],
    )
    def test_women_by_the_kind_of_their_post(self, zone, born, worker, day):
        assert self.retires(zone, born, "F", worker=worker) == day

    def test_where_no_law_is_on_file_nothing_is_said(self, zone):
        RetirementAge.objects.all().delete()
        assert self.retires(zone, D(1965, 1, 1)) is None


class TestSteps:
    def test_a_change_leaves_the_former_step_on_file(self, zone, who, by):
        row = build.seat(who, zone.clerk, step=2)
        tenure.change_step(appointment=row, starts=D(2021, 1, 1), step=3, by=by, document_number="组〔2021〕1号")
        row.refresh_from_db()
        assert row.step == 3
        assert list(row.step_changes.values_list("before", "step")) == [(2, 3)]
        assert AuditEntry.objects.get(verb="change_step").before == {"step": 2}

    @pytest.mark.parametrize("day", [D(2019, 10, 31), D(2999, 1, 1)])
    def test_not_outside_the_appointment_and_not_ahead(self, zone, who, by, day):
        row = build.seat(who, zone.clerk)
        with pytest.raises(ValidationError, match="执行日期"):
            tenure.change_step(appointment=row, starts=day, step=3, by=by)

    def test_in_order_and_really_a_change(self, zone, who, by):
        row = build.seat(who, zone.clerk)
        tenure.change_step(appointment=row, starts=D(2021, 1, 1), step=3, by=by)
        with pytest.raises(ValidationError, match="上一次变动"):
            tenure.change_step(appointment=row, starts=D(2021, 1, 1), step=4, by=by)
        with pytest.raises(ValidationError, match="不同于原档级"):
            tenure.change_step(appointment=row, starts=D(2022, 1, 1), step=3, by=by)
        own = build.seat(build.person(zone, "经办人", user=by.user), zone.eco_clerk)
        with pytest.raises(ValidationError, match="本人"):
            tenure.change_step(appointment=own, starts=D(2021, 1, 1), step=3, by=by)

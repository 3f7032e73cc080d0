"""Who may have which grade (ASM-01 to ASM-09), by service and by raw SQL; who has none, and why."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from common.models import AuditEntry
from kpi.judging import determining, grading
from kpi.judging.words import grade_word, why_none
from kpi.models import Cycle, Result
from staffing import facts
from staffing.models import Absence, Inquiry, Sanction, Secondment, Trial
from tests import judging_builders as judge
from tests import kpi_builders as build
from tests import staffing_builders as staff

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def at():
    return judge.scored(build.small_year())


def days(first, last):
    return DateRange(first, last + dt.timedelta(days=1))


def refused(at, card, rating, rule, says):
    """The service and raw SQL refuse the same grade by the same rule."""
    by = build.actor(at.users["hr"])
    with pytest.raises(ValidationError, match=says) as told:
        grading.set_rating(scorecard=at.cards[card], rating=rating, by=by)
    assert told.value.code == rule
    with pytest.raises(IntegrityError, match=says) as raw, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update kpi_result set rating = %s where scorecard_id = %s", [rating, at.cards[card].pk])
    assert raw.value.__cause__.diag.constraint_name == rule


def taken(at, card, rating):
    return grading.set_rating(scorecard=at.cards[card], rating=rating, by=build.actor(at.users["hr"])).rating == rating


# --- words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "rating", "word"),
    [
        ("civil_servant", "competent", "称职"),
        ("managed", "basic", "基本称职"),
        ("civil_servant", "incompetent", "不称职"),
        ("institution", "competent", "合格"),
        ("enterprise", "basic", "基本合格"),
        ("contract", "incompetent", "不合格"),
        ("civil_servant", "excellent", "优秀"),
        ("institution", "undetermined", "不定等次"),
        ("", "first", "第一等次"),
        ("institution", "", ""),
    ],
)
def test_asm_01_and_asm_02_each_kind_of_staff_has_its_words(identity, rating, word):
    assert grade_word(rating, identity) == word


@pytest.mark.parametrize(
    ("identity", "rule"), [("institution", "ASM-01"), ("civil_servant", "ASM-02"), ("managed", "ASM-02")]
)
def test_asm_01_and_asm_02_a_class_of_units_is_no_grade_of_a_person(at, identity, rule):
    person = staff.person(at.zone, "周五", identity=identity)
    card = build.card(at.cycle, "person", at.zone.unit, at.zone.invest, person)
    with pytest.raises(IntegrityError) as raw, transaction.atomic():
        Result.objects.create(scorecard=card, score=90, rating="first")
    assert raw.value.__cause__.diag.constraint_name == rule


def test_a_bureau_is_not_graded_as_a_person_is(at):
    with pytest.raises(IntegrityError, match="不适用"), transaction.atomic():
        Result.objects.filter(scorecard=at.cards["bureau"]).update(rating="competent")


# --- ASM-05 probation ---------------------------------------------------------------------------------


def probation(at, ends, **more):
    seat = at.people["staff"].appointments.get()
    seat.__class__.objects.filter(pk=seat.pk).update(probation_ends=ends, **more)
    return seat


def test_asm_05_on_probation_at_the_end_of_the_year_there_is_no_grade(at):
    probation(at, D(2026, 12, 31))
    assert facts.on_probation([at.people["staff"].pk], D(2026, 12, 31))
    refused(at, "staff", "competent", "ASM-05", "试用期内")


def test_asm_05_over_the_day_before_or_passed_there_is_one(at):
    probation(at, D(2026, 12, 30))
    assert taken(at, "staff", "competent")
    seat = probation(at, D(2027, 3, 31))
    Trial.objects.create(appointment=seat, outcome="passed", decided_on=D(2026, 12, 30), due_on=D(2027, 3, 31))
    assert taken(at, "staff", "basic")


def test_asm_05_a_trial_in_a_higher_post_is_graded(at):
    probation(at, D(2027, 3, 31), hire="promotion")
    assert taken(at, "staff", "competent")


# --- ASM-06 secondment --------------------------------------------------------------------------------


def seconded(at, ends, **more):
    host = more or {"host_name": "省发改委"}
    return Secondment.objects.create(
        person=at.people["staff"],
        kind="loan",
        home_unit=at.zone.unit,
        period=days(D(2026, 1, 1), ends),
        document_number="借1",
        **host,
    )


def test_asm_06_half_a_year_away_is_assessed_there(at):
    seconded(at, D(2026, 6, 15))
    assert facts.assessing_units([at.people["staff"]], 2026)[at.people["staff"].pk].away
    refused(at, "staff", "competent", "ASM-06", "由该单位考核")


def test_asm_06_a_day_less_than_six_months_is_assessed_at_home(at):
    seconded(at, D(2026, 6, 14))
    assert taken(at, "staff", "competent")


def test_asm_06_the_host_grades_whoever_worked_with_it(at):
    seconded(at, D(2026, 12, 31), host_unit=at.zone.park)
    at.cards["staff"].__class__.objects.filter(pk=at.cards["staff"].pk).update(unit=at.zone.park)
    assert taken(at, "staff", "competent")


# --- ASM-07 leave -------------------------------------------------------------------------------------


def leave(at, first, last, kind="sick"):
    Absence.objects.create(person=at.people["staff"], kind=kind, period=days(first, last))


def test_asm_07_over_183_days_of_sick_and_personal_leave_there_is_no_grade(at):
    leave(at, D(2026, 1, 1), D(2026, 4, 10))  # 100 days
    leave(at, D(2026, 5, 1), D(2026, 7, 22), "personal")  # 83 days
    assert facts.leave_days(at.people["staff"], 2026).unsettling == 183
    assert taken(at, "staff", "competent")
    leave(at, D(2026, 8, 1), D(2026, 8, 1))
    refused(at, "staff", "basic", "ASM-07", "累计超过半年")


def test_asm_07_other_leave_and_days_of_other_years_do_not_count(at):
    leave(at, D(2025, 6, 1), D(2026, 3, 31))  # 90 days of it in 2026
    leave(at, D(2026, 4, 1), D(2026, 12, 31), "maternity")
    assert taken(at, "staff", "competent")


# --- ASM-08 open case ---------------------------------------------------------------------------------


MAY, OCTOBER = D(2026, 5, 1), D(2026, 10, 1)


def case(at, since=MAY):
    return Inquiry.objects.create(
        person=at.people["staff"], period=DateRange(since, None), document_number="立1", outcome=""
    )


def closed(row, day=OCTOBER):
    Inquiry.objects.filter(pk=row.pk).update(period=DateRange(row.period.lower, day), outcome="cleared")


def test_asm_08_an_open_case_leaves_the_grade_open_and_its_end_reopens_it(at):
    row = case(at)
    refused(at, "staff", "competent", "ASM-08", "立案未结案")
    by = build.actor(at.users["hr"])
    (done,) = determining.determine(cycle=at.cycle, by=by)
    assert done.card == at.cards["staff"]
    result = Result.objects.get(scorecard=at.cards["staff"])
    assert (result.rating, result.undetermined, result.facts) == ("undetermined", "ASM-08", {"since": "2026-05-01"})
    closed(row)
    (done,) = determining.determine(cycle=at.cycle, by=by)
    assert done.bar is None
    assert taken(at, "staff", "competent")


def test_asm_08_a_case_opened_after_the_year_is_not_of_it(at):
    case(at, D(2027, 1, 1))
    assert taken(at, "staff", "competent")


def test_asm_08_in_a_published_year_the_grade_is_set_once_the_case_is_closed(at):
    row = case(at)
    by = build.actor(at.users["hr"])
    determining.determine(cycle=at.cycle, by=by)
    Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on=D(2027, 1, 20))
    early = Result.objects.filter(scorecard=at.cards["staff"])
    with pytest.raises(IntegrityError, match="已公布"), transaction.atomic():
        early.update(rating="competent", undetermined="")
    with pytest.raises(ValidationError, match="逐人补定"):
        determining.determine(cycle=at.cycle, by=by)
    closed(row)
    settled = determining.settle(card=at.cards["staff"], rating="competent", by=by)
    assert (settled.rating, settled.undetermined) == ("competent", "")
    with pytest.raises(ValidationError, match="补定"):
        determining.settle(card=at.cards["staff"], rating="basic", by=by)


# --- ASM-09 sanctions ---------------------------------------------------------------------------------


def sanction(at, kind, first, last):
    return Sanction.objects.create(
        person=at.people["staff"], kind=kind, period=days(first, last), document_number="处1"
    )


def test_asm_09_a_warning_of_the_year_bars_the_best_grade_only(at):
    sanction(at, "warning", D(2026, 3, 1), D(2026, 8, 31))
    assert facts.sanctions_during([at.people["staff"].pk], DateRange(D(2026, 1, 1), D(2027, 1, 1))).exists()
    refused(at, "staff", "excellent", "ASM-09", "不得确定为优秀")
    assert taken(at, "staff", "competent")


def test_asm_09_a_warning_of_the_year_before_bars_nothing(at):
    sanction(at, "warning", D(2025, 12, 31), D(2026, 6, 30))
    assert determining.bars([at.cards["staff"].pk]) == {}


@pytest.mark.parametrize(
    ("kind", "first", "last", "bars"),
    [
        ("demerit", D(2026, 3, 1), D(2027, 2, 28), True),
        ("demerit", D(2025, 12, 31), D(2026, 12, 30), False),  # of the year before: its own year had no grade
        ("lower_post", D(2025, 6, 1), D(2026, 11, 30), True),
        ("removal", D(2024, 1, 1), D(2025, 12, 31), False),
        ("removal", D(2024, 1, 2), D(2026, 1, 1), True),
    ],
)
def test_asm_09_graver_sanctions_leave_no_grade(at, kind, first, last, bars):
    sanction(at, kind, first, last)
    if bars:
        refused(at, "staff", "competent", "ASM-09", "受处分期间")
    else:
        assert taken(at, "staff", "competent")


def test_an_annulled_fact_bars_nothing(at):
    row = sanction(at, "demerit", D(2026, 3, 1), D(2027, 2, 28))
    Sanction.objects.filter(pk=row.pk).update(annulled=True)
    assert taken(at, "staff", "competent")


# --- determining --------------------------------------------------------------------------------------


def test_determining_is_previewed_done_once_and_audited(at):
    case(at)
    probation(at, D(2027, 1, 31))
    by = build.actor(at.users["hr"])
    (seen,) = determining.preview(at.cycle)
    assert (seen.bar.rule, [bar.rule for bar in seen.also]) == ("ASM-05", ["ASM-08"])
    assert not Result.objects.filter(rating="undetermined").exists()
    determining.determine(cycle=at.cycle, by=by)
    assert AuditEntry.objects.filter(verb="determine").count() == 1
    assert determining.determine(cycle=at.cycle, by=by) == []
    assert AuditEntry.objects.filter(verb="determine").count() == 1


def test_a_grade_that_facts_overtook_is_proposed_to_be_taken(at):
    assert taken(at, "staff", "competent")
    case(at)
    (seen,) = determining.preview(at.cycle)
    assert seen.loses == "competent"
    determining.determine(cycle=at.cycle, by=build.actor(at.users["hr"]))
    assert Result.objects.get(scorecard=at.cards["staff"]).rating == "undetermined"


def test_who_left_is_proposed_and_kept_when_decided_by_hand(at):
    seat = at.people["colleague"].appointments.get()
    seat.__class__.objects.filter(pk=seat.pk).update(
        period=DateRange(seat.period.lower, D(2026, 6, 1)), end_reason="retirement"
    )
    by = build.actor(at.users["hr"])
    (seen,) = determining.determine(cycle=at.cycle, by=by)
    assert (seen.card, seen.bar.rule) == (at.cards["colleague"], "left")
    grading.set_rating(scorecard=at.cards["staff"], rating="undetermined", reason="new", by=by)
    assert determining.determine(cycle=at.cycle, by=by) == []
    with pytest.raises(ValidationError, match="由系统"):
        grading.set_rating(scorecard=at.cards["head"], rating="undetermined", reason="ASM-09", by=by)


def test_why_there_is_no_grade_is_told_with_facts_only_to_who_may_know_them(at):
    case(at)
    determining.determine(cycle=at.cycle, by=build.actor(at.users["hr"]))
    result = Result.objects.select_related("scorecard").get(scorecard=at.cards["staff"])
    assert "2026年5月1日立案" in why_none(result, build.access(at.users["hr"]))
    assert why_none(result, build.access(at.users["head"])) == "按规定不确定等次"
    own = why_none(result, build.access(at.users["staff"]))
    assert "ASM-08" in own
    assert "2026年5月1日" not in own


def test_the_other_zone_is_nobodys_business_here(at):
    other = judge.scored(build.small_year(2026, "XZ"))
    with pytest.raises(ValidationError):
        grading.set_rating(scorecard=other.cards["staff"], rating="competent", by=build.actor(at.users["hr"]))

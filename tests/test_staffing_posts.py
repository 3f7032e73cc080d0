"""Posts, their grades and plans: what is set up, copied, revised, closed and filed, and by whom."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from common.access import Access
from common.models import AuditEntry
from staffing import services
from staffing.models import GradeCoefficient, Post, PostGrade, PostVersion
from staffing.posting import levels, posts
from staffing.posting.grades import coefficient_stamp, may_set
from tests import staffing_builders as build
from tests.staffing_builders import DAY, REFORM, TERM
from tests.test_staffing_walls import refused

pytestmark = pytest.mark.django_db
ON = "2020-06-30"
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture
def zone():
    return build.small_zone()


@pytest.fixture
def by(zone):
    return build.clerk(zone=zone)


@pytest.fixture
def hr(client, zone):
    client.force_login(build.user("hr", role="hr", on=zone.unit))
    return client


# --- PST-01, PST-04, PST-06: what PostgreSQL refuses ---------------------------------------------------


@pytest.mark.parametrize("field", ["name", "duties", "standards", "requirements"])
def test_PST_01_blanks_are_not_a_text(zone, field):
    # The column's name is one of the four above, never a visitor's text.
    sql = f"update staffing_postversion set {field} = '  ' where post_id = %s"
    assert refused(sql, [zone.clerk.pk])[0] == "staffing_post_pst_01"


@pytest.mark.parametrize("code", ["GL5", "gl05", "GL005", "XX05", "05", "GL 5", "ＧＬ05"])
def test_PST_06_a_code_of_another_form(zone, code):
    sql = "update staffing_postversion set level = %s where post_id = %s"
    rule, sentence = refused(sql, [code[:4], zone.clerk.pk])
    assert rule == ("staffing_post_pst_06" if code != "GL005" else "staffing_post_pst_04")
    assert "PST-0" in sentence


@pytest.mark.parametrize(
    ("category", "code", "fine"),
    [
        ("GL", "GL01", True), ("GL", "GL10", True), ("GL", "GL11", False), ("GL", "GL00", False),
        ("ZJ", "ZJ13", True), ("ZJ", "ZJ14", False), ("GQ", "GQ06", True), ("GQ", "GQ07", False),
        ("GL", "ZJ05", False), ("ZJ", "GL05", False), ("GQ", "", True),
    ],
)  # fmt: skip
def test_PST_04_grades_are_those_of_the_category(zone, category, code, fine):
    sql = "update staffing_postversion set category = %s, level = %s where post_id = %s"
    values = [category, code, zone.clerk.pk]
    if fine:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
        assert PostVersion.objects.get(post=zone.clerk).level == code
    else:
        assert refused(sql, values)[0] == "staffing_post_pst_04"


def test_levels_have_the_names_of_the_law():
    assert (levels.NAMES["GL05"], levels.NAMES["ZJ10"], levels.NAMES["ZJ13"]) == (
        "管理五级",
        "专业技术十级",
        "专业技术十三级",
    )
    assert (levels.NAMES["GQ01"], levels.NAMES["GQ06"]) == ("技术工一级", "普通工")
    bands = [levels.band(code) for code in ("ZJ01", "ZJ07", "ZJ08", "ZJ10", "ZJ11", "ZJ13", "GL05", "")]
    assert bands == ["senior", "senior", "middle", "middle", "junior", "junior", "", ""]
    assert len(levels.ALL) == 29


def test_PST_02_a_plan_is_filed_before_it_is_used(zone, by):
    filing = {"number": "备〔2019〕1号", "filed_on": TERM, "main_category": "GL"}
    with pytest.raises(ValidationError, match="PST-02"):
        services.file_post_plan(unit=zone.unit, starts=TERM - ONE_DAY, by=by, **filing)
    first = services.file_post_plan(unit=zone.unit, starts=TERM, by=by, **filing)
    second = services.file_post_plan(unit=zone.unit, starts=DAY, by=by, **{**filing, "number": "备〔2020〕1号"})
    first.refresh_from_db()
    assert (first.last_day, second.last_day) == (DAY - ONE_DAY, None)
    with pytest.raises(ValidationError, match="已有备案"):
        services.file_post_plan(unit=zone.unit, starts=DAY - ONE_DAY, by=by, **filing)
    assert AuditEntry.objects.filter(verb="file_post_plan").count() == 2
    sql = "update staffing_postplanfiling set filed_on = %s where id = %s"
    assert refused(sql, [DAY + ONE_DAY, second.pk])[0] == "staffing_filing_pst_02"
    assert refused("update staffing_postplanfiling set number = ' ' where id = %s", [second.pk])[0] == (
        "staffing_filing_pst_02"
    )


# --- the verbs --------------------------------------------------------------------------------------------


def test_a_copy_differs_only_in_what_is_said(zone, by):
    like = zone.clerk.versions.get()
    made = services.copy_post(source=zone.clerk, code="NEW", starts=DAY, by=by, headcount=1, name="副本")
    version = made.versions.get()
    assert (version.headcount, version.name, version.starts) == (1, "副本", DAY)
    same = ("unit", "bureau", "tier", "grade", "category", "duties", "standards", "requirements")
    assert all(getattr(version, name) == getattr(like, name) for name in same)
    with pytest.raises(ValidationError, match="可供复制"):
        services.copy_post(source=zone.clerk, code="NEW2", starts=REFORM - ONE_DAY, by=by)
    with pytest.raises(ValidationError):
        services.copy_post(source=zone.clerk, code="NEW", starts=DAY, by=by)
    assert Post.objects.filter(code__startswith="NEW").count() == 1


def test_a_post_is_closed_when_nobody_sits_in_it_and_not_before(zone, by):
    held = build.seat(build.person(zone, "张三"), zone.clerk)
    with pytest.raises(ValidationError, match="1 席 张三"):
        services.close_post(post=zone.clerk, on=DAY, by=by)
    services.end_appointment(appointment=held, on=DAY, reason="resignation", by=by)
    with pytest.raises(ValidationError, match="张三"):
        services.close_post(post=zone.clerk, on=DAY - ONE_DAY, by=by)
    assert services.close_post(post=zone.clerk, on=DAY, by=by, reason="职能划转").last_day == DAY
    assert AuditEntry.objects.get(verb="close_post").reason == "职能划转"
    with pytest.raises(ValidationError, match="已定于该日撤销"):
        services.close_post(post=zone.clerk, on=DAY, by=by)
    with pytest.raises(ValidationError, match="无从撤销"):
        services.close_post(post=zone.clerk, on=DAY + ONE_DAY, by=by)
    with pytest.raises(ValidationError, match="设置至 2020年6月30日"):
        services.appoint(person=build.person(zone, "李四"), post=zone.clerk, starts=TERM, decided_on=TERM, by=by)


def test_somebody_still_to_come_keeps_a_post_open_too(zone, by):
    build.seat(build.person(zone, "李四"), zone.clerk, starts=DAY + ONE_DAY)
    with pytest.raises(ValidationError, match="李四"):
        services.close_post(post=zone.clerk, on=DAY, by=by)


def test_a_post_with_a_change_ahead_is_not_closed_before_it(zone, by):
    services.revise_post(post=zone.clerk, starts=DAY, by=by, headcount=3)
    with pytest.raises(ValidationError, match="自 2020年6月30日 起调整"):
        services.close_post(post=zone.clerk, on=DAY - ONE_DAY, by=by)


def test_a_stale_page_saves_nothing(zone, by):
    seen = posts.stamp(zone.clerk)
    services.revise_post(post=zone.clerk, starts=DAY, by=by, headcount=3, seen=seen)
    for deed in (
        lambda: services.revise_post(post=zone.clerk, starts=DAY + ONE_DAY, by=by, headcount=5, seen=seen),
        lambda: services.close_post(post=zone.clerk, on=DAY, by=by, seen=seen),
    ):
        with pytest.raises(ValidationError, match="刚被他人调整") as error:
            deed()
        assert error.value.code == "stale"
    assert zone.clerk.versions.count() == 2


def test_a_post_moves_only_through_a_plan(zone, by):
    with pytest.raises(TypeError):
        services.revise_post(post=zone.clerk, starts=DAY, by=by, bureau=zone.economy)
    assert zone.clerk.versions.get().bureau == zone.invest


# --- grades -----------------------------------------------------------------------------------------------


def test_a_new_coefficient_from_a_day_keeps_the_old_one(zone, by):
    grade = zone.grades["S1"]
    new = {"grade": grade, "instrument": zone.instrument, "by": by}
    services.set_coefficient(value=Decimal("1.3"), starts=DAY, **new)
    told = [(row.value, row.last_day) for row in grade.coefficients.order_by("period")]
    assert told == [(Decimal("1.2"), DAY - ONE_DAY), (Decimal("1.3"), None)]
    entry = AuditEntry.objects.get(verb="set_coefficient")
    assert (entry.before["value"], entry.after["value"]) == ("1.200", "1.3")
    with pytest.raises(ValidationError, match="正是自该日起生效"):
        services.set_coefficient(value=Decimal("1.4"), starts=DAY, **new)
    with pytest.raises(ValidationError, match="与现行系数相同"):
        services.set_coefficient(value=Decimal("1.3"), starts=DAY + ONE_DAY, **new)
    # Between two that are set: it ends where the later one begins.
    middle = services.set_coefficient(value=Decimal("1.25"), starts=TERM, **new)
    assert middle.last_day == DAY - ONE_DAY
    with pytest.raises(ValidationError):
        services.set_coefficient(value=Decimal(0), starts=DAY + ONE_DAY, **new)


def test_a_grades_stale_page_saves_nothing(zone, by):
    grade = zone.grades["S1"]
    seen = coefficient_stamp(grade)
    new = {"grade": grade, "instrument": zone.instrument, "by": by, "seen": seen}
    services.set_coefficient(value=Decimal("1.3"), starts=DAY, **new)
    with pytest.raises(ValidationError, match="刚被他人调整"):
        services.set_coefficient(value=Decimal("1.4"), starts=DAY + ONE_DAY, **new)


def test_a_grade_that_others_use_is_not_one_units_to_change(zone):
    other = build.small_zone("XX")
    own = Access(build.user("own", role="hr", on=zone.unit))
    park = Access(build.user("park", role="hr", on=zone.park))
    staff = Access(build.user("plain", linked=build.person(zone, "员工")))
    assert not may_set(own, zone.grades["S2"], DAY), "the other zone's clerks bear it too"
    only_here = PostGrade.objects.create(code="ONLY", name="本区专用")
    build.post(zone, "YZ-ONLY", "专岗", bureau=zone.invest)
    PostVersion.objects.filter(post__code="YZ-ONLY").update(grade=only_here)
    assert may_set(own, only_here, DAY)
    assert not may_set(park, only_here, DAY)
    assert not may_set(staff, only_here, DAY)
    build.post(other, "XX-ONLY", "专岗", bureau=other.invest)
    PostVersion.objects.filter(post__code="XX-ONLY").update(grade=only_here)
    assert not may_set(own, only_here, DAY)


def test_the_page_of_grades_is_as_of_the_day(hr, zone, by):
    services.set_coefficient(
        grade=zone.grades["S1"], value=Decimal("1.35"), starts=dt.date(2020, 7, 1), instrument=zone.instrument, by=by
    )
    before, after = (hr.get(reverse("grades"), {"on": day}) for day in (ON, "2020-07-01"))
    value = lambda page: next(row.now.value for row in page.context["grades"] if row.code == "S1")  # noqa: E731
    assert (value(before), value(after)) == (Decimal("1.200"), Decimal("1.350"))
    assert "起 1.350" in before.content.decode()
    assert before.context["seats"] == sum(row.headcount for row in PostVersion.objects.all())


def test_a_coefficient_is_set_on_the_page(hr, zone):
    page = hr.get(reverse("coefficient_add", args=["S1"]), {"on": ON})
    seen = page.context["form"].initial["seen"]
    sent = {"value": "1.4", "starts": "2020-08-01", "instrument": zone.instrument.code, "seen": seen}
    answer = hr.post(f"{reverse('coefficient_add', args=['S1'])}?on={ON}", sent)
    assert answer.status_code == 302
    assert GradeCoefficient.objects.on(dt.date(2020, 8, 1)).get(grade__code="S1").value == Decimal("1.4")
    other = build.small_zone("XX")
    build.post(other, "XX-S1", "主管", bureau=other.invest, grade="S1")
    sent |= {"starts": "2020-09-01", "value": "9", "seen": coefficient_stamp(zone.grades["S1"])}
    assert hr.post(reverse("coefficient_add", args=["S1"]), sent).status_code == 403
    assert not GradeCoefficient.objects.filter(value=9).exists()


# --- two at once ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_of_a_closing_and_an_appointment_at_once_one_wins(zone, by):
    """Either the post closes and takes nobody, or somebody sits and it stays; never both."""
    who = build.person(zone, "张三")
    barrier, told = threading.Barrier(2), []

    def run(deed) -> None:
        try:
            barrier.wait()
            deed()
        except ValidationError as error:
            told.append(" ".join(error.messages))
        finally:
            connection.close()

    deeds = [
        lambda: services.close_post(post=zone.clerk, on=DAY, by=by),
        lambda: services.appoint(person=who, post=zone.clerk, starts=TERM, decided_on=TERM, by=by),
    ]
    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    closed = PostVersion.objects.get(post=zone.clerk).last_day == DAY
    assert closed != who.appointments.exists()
    assert ("张三" in told[0]) != closed

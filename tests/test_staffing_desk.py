"""The roster's choices, columns and files; what changed between two days; HR's home and its calendar feed."""

import datetime as dt
import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from common.access import Access
from orgchart.models import RuleException
from staffing import agenda, services
from staffing.models import Appointment, CalendarFeed, ColumnChoice, PostVersion
from staffing.roster import changes, columns
from staffing.roster.changes import Kind
from tests import staffing_builders as build
from tests.desk_builders import events, one_past_his_term, opened
from tests.staffing_builders import DAY, REFORM

pytestmark = pytest.mark.django_db
ON = DAY.isoformat()
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture
def zone():
    return one_past_his_term()


@pytest.fixture
def hr(client, zone):
    client.force_login(build.user("hr", role="hr", on=zone.unit))
    return client


def names(page) -> list[str]:
    return [row.person.name for row in page.context["page"].object_list]


def get(client, name, *args, **query):
    return client.get(reverse(name, args=args), {"on": ON, **query})


def workbook(answer) -> list[list]:
    assert answer.status_code == 200
    return [
        [cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows()
    ]


# --- the roster's choices and columns --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"identity": "civil_servant"}, ["张三丰"]),
        ({"post_category": "GL"}, ["张三丰", "李四"]),
        ({"post_category": "ZJ"}, ["王五"]),
        ({"standing": "probation"}, ["李四"]),
        ({"standing": "overdue"}, ["王五"]),
        ({"standing": "leaving"}, ["张三丰"]),
        ({"standing": "nonsense"}, []),
        ({"tier": "staff", "category": "quota"}, ["王五"]),
        ({"ending": "365"}, []),
    ],
)
def test_choices_totals_page_and_file_agree(hr, zone, query, found):
    PostVersion.objects.filter(post=zone.park_clerk).update(category="ZJ")
    held = Appointment.objects.get(person=zone.zhang)
    services.end_appointment(appointment=held, on=DAY + 30 * ONE_DAY, reason="retirement", by=build.clerk())
    page = get(hr, "roster", **query)
    assert names(page) == found
    assert page.context["list"].totals["rows"] == len(found)
    assert page.context["list"].totals["people"] == len(set(found))
    lines = workbook(get(hr, "roster_file", "xlsx", **query))
    assert [line[1] for line in lines[4 : 4 + len(found)]] == found
    assert f"合计 {len(found)} 人，{len(found)} 项任职" in [line[0] for line in lines]
    answer = hr.get("/api/v1/roster/", {"on": ON, **query})
    if query.get("standing") == "nonsense":
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["standing"]
    else:
        assert sorted(row["person_name"] for row in answer.json()["results"]) == sorted(found)


def test_every_heading_sorts_both_ways(hr, zone):
    for column in columns.ALL:
        if column.sort:
            up, down = (names(get(hr, "roster", sort=f"{sign}{column.sort}")) for sign in ("", "-"))
            assert sorted(up) == sorted(down) == sorted(["张三丰", "李四", "王五"])
    assert names(get(hr, "roster", sort="-coefficient"))[0] == "张三丰"
    assert names(get(hr, "roster", sort="probation"))[0] == "李四"


def test_the_columns_that_somebody_chose_stay_his(hr, zone):
    back = "on=2020-06-30&unit=YZ"
    answer = hr.post(reverse("roster_columns"), {"columns": ["identity", "starts", "evil"], "back": back})
    assert answer["Location"] == f"{reverse('roster')}?on=2020-06-30&unit=YZ"
    page = get(hr, "roster")
    assert [column.key for column in page.context["columns"]] == ["identity", "starts"]
    assert "公务员" in page.content.decode()
    assert '<td class="num">1.600</td>' not in page.content.decode()
    head = workbook(get(hr, "roster_file", "xlsx"))[3]
    assert head == ["序号", "姓名", "原身份", "聘期起"]
    other = Client()
    other.force_login(build.user("other", role="hr", on=zone.unit))
    assert [column.key for column in get(other, "roster").context["columns"]] == list(columns.DEFAULT)
    hr.post(reverse("roster_columns"), {"reset": "1", "columns": ["identity"]})
    assert [column.key for column in get(hr, "roster").context["columns"]] == list(columns.DEFAULT)
    assert ColumnChoice.objects.count() == 1


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example", "\r\nSet-Cookie: a=b", "on=2020-06-30"])
def test_keeping_columns_leads_back_to_the_roster_and_nowhere_else(hr, back):
    answer = hr.post(reverse("roster_columns"), {"columns": ["unit"], "back": back})
    assert answer["Location"].startswith(f"{reverse('roster')}?")
    assert "Set-Cookie: a" not in str(answer.headers)


def test_every_column_shows_what_is_on_file_and_no_number_of_identity(hr, zone):
    hr.post(reverse("roster_columns"), {"columns": [column.key for column in columns.ALL]})
    page = get(hr, "roster")
    assert [cell.text for cell in page.context["page"].object_list[0].cells][:6] == [
        "T-1", "男", "YZ经开区", "招商局", "局长", "部门负责人",
    ]  # fmt: skip
    assert zone.zhang.national_id not in page.content.decode()
    book = get(hr, "roster_file", "xlsx").content
    assert zone.zhang.national_id not in str(workbook(get(hr, "roster_file", "xlsx")))
    assert book[:2] == b"PK"
    assert get(hr, "roster_file", "pdf").content[:5] == b"%PDF-"
    assert get(hr, "roster_file", "docx").status_code == 404


def test_names_that_would_run_are_text(hr, zone):
    evil = build.person(zone, "=cmd|' /C calc'!A0", "T-9")
    build.seat(evil, zone.eco_clerk)
    script = build.person(zone, "<script>x()</script>", "T-8")
    build.seat(script, zone.eco_clerk, 2)
    assert "<script>x()" not in get(hr, "roster").content.decode()
    assert "<script>x()" not in get(hr, "roster_changes", since="2019-10-15", until=ON).content.decode()
    for name, query in (("roster_file", {}), ("roster_changes_file", {"since": "2019-10-15", "until": ON})):
        sheet = openpyxl.load_workbook(io.BytesIO(get(hr, name, "xlsx", **query).content)).active
        cell = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=cmd"))
        assert cell.data_type == "s"


def test_files_are_for_those_who_may_export(zone):
    for persona, status in (("finance", 403), ("evaluator", 403), ("auditor", 200)):
        client = Client()
        client.force_login(build.user(persona, role=persona, on=zone.unit))
        assert get(client, "roster_file", "xlsx").status_code == status
        assert get(client, "roster_changes_file", "pdf").status_code == status
    staff = Client()
    staff.force_login(build.user("plain", linked=zone.li))
    assert get(staff, "roster_file", "xlsx").status_code == 403
    assert names(get(staff, "roster")) == ["李四"], "staff see their own line and no other"
    assert [row["person"] for row in staff.get("/api/v1/roster/", {"on": ON}).json()["results"]] == ["T-2"]


# --- what changed between two days ---------------------------------------------------------------------------


def standing(**more) -> changes.Standing:
    facts = {
        "appointment": 1, "post": "P", "post_name": "专员", "unit": "U", "unit_name": "区", "bureau": "B",
        "bureau_name": "局", "grade": "S2", "grade_name": "专员", "rank": 3, "coefficient": 1, "term_ends": None,
    }  # fmt: skip
    return changes.Standing(**{**facts, **more})


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        ({}, []),
        ({"post": "Q"}, [Kind.MOVED]),
        ({"post": "Q", "rank": 1, "grade": "H1"}, [Kind.MOVED, Kind.PROMOTED]),
        ({"rank": 4, "grade": "S3"}, [Kind.DEMOTED]),
        ({"appointment": 2}, [Kind.RENEWED]),
        ({"appointment": 2, "bureau_name": "新局"}, [Kind.RENEWED, Kind.RENAMED]),
        ({"post_name": "高级专员"}, [Kind.RENAMED]),
        ({"unit_name": "新区"}, [Kind.RENAMED]),
        ({"post": "Q", "post_name": "另一岗"}, [Kind.MOVED]),
        ({"coefficient": 2}, [Kind.REVALUED]),
    ],
)
def test_in_which_ways_two_standings_differ(after, kinds):
    assert changes.kinds_of(standing(), standing(**after)) == kinds


def test_who_came_and_who_went():
    assert changes.kinds_of(None, standing()) == [Kind.JOINED]
    assert changes.kinds_of(standing(), None) == [Kind.LEFT]
    assert changes.kinds_of(None, None) == []


def test_changes_of_a_year_with_their_totals_page_file_and_api(hr, zone):
    by = build.clerk()
    held = {row.person_id: row for row in Appointment.objects.all()}
    later = dt.date(2020, 9, 1)
    services.transfer(appointment=held[zone.li.pk], post=zone.eco_clerk, starts=later, decided_on=later, by=by)
    services.end_appointment(appointment=held[zone.wang.pk], on=later, reason="retirement", by=by)
    services.renew(appointment=held[zone.zhang.pk], starts=later, decided_on=later, by=by, term_ends=later)
    new = build.person(zone, "赵六", "T-4")
    build.seat(new, zone.clerk, 2, starts=later)
    query = {"since": ON, "until": "2020-12-31"}
    page = get(hr, "roster_changes", **query)
    found = {row.name: row for row in page.context["page"].object_list}
    assert {name: row.kinds for name, row in found.items()} == {
        "张三丰": [Kind.RENEWED], "李四": [Kind.MOVED], "王五": [Kind.LEFT], "赵六": [Kind.JOINED],
    }  # fmt: skip
    assert (found["王五"].reason, found["王五"].last_day) == ("退休", later)
    assert "合计 4 人有变动，在岗净增 0 人" in page.content.decode()
    totals = {key: n for key, _label, n in page.context["list"].totals if n}
    assert totals == {"joined": 1, "left": 1, "moved": 1, "renewed": 1}
    for narrowed, names_ in (({"kind": "left"}, ["王五"]), ({"unit": "YZ-P"}, ["王五"]), ({"q": "t-4"}, ["赵六"])):
        rows = get(hr, "roster_changes", **query, **narrowed).context["list"].rows
        assert [row.name for row in rows] == names_
        lines = workbook(get(hr, "roster_changes_file", "xlsx", **query, **narrowed))
        assert [line[1] for line in lines[4:5]] == names_
    told = hr.get("/api/v1/roster/changes/", query).json()
    assert (told["people"], told["net"]) == (4, 0)
    assert {row["person_name"]: row["kinds"] for row in told["results"]}["李四"] == ["moved"]
    assert told["results"][2]["after"] is None
    back = get(hr, "roster_changes", since="2020-12-31", until=ON)
    assert back.context["page"].object_list == []
    assert "须晚于起始日期" in back.content.decode()
    assert hr.get("/api/v1/roster/changes/", {"since": "yesterday"}).status_code == 400


def test_changes_cost_the_same_however_many_people(hr, zone, django_assert_max_num_queries):
    def cost() -> int:
        with django_assert_max_num_queries(60) as found:
            get(hr, "roster_changes", since="2019-10-15", until=ON)
        return len(found)

    get(hr, "roster_changes")
    few = cost()
    many = build.post(zone, "MANY", "多席岗", bureau=zone.economy, headcount=30)
    for number in range(30):
        build.seat(build.person(zone, f"员工{number}"), many, number + 1)
    assert cost() == few


def test_changes_of_another_zone_are_not_seen(client, zone):
    client.force_login(build.user("stranger", role="hr", on=build.small_zone("XX").unit))
    assert get(client, "roster_changes", since="2019-10-15", until=ON).context["list"].rows == []
    assert changes.changes(Access(build.user("nobody")), REFORM, DAY) == []


# --- HR's home -------------------------------------------------------------------------------------------------


def test_hrs_home_counts_what_its_links_show(hr, zone):
    build.person(zone, "待岗者", "T-7")
    Appointment.objects.filter(person=zone.li).update(term_ends=DAY + 80 * ONE_DAY, probation_ends=None)
    page = get(hr, "hr_home")
    items = {item.title: item for item in page.context["desk"].items}
    counts = {title: item.count for title, item in items.items()}
    assert counts == {
        "空缺席位": 5, "超限单位": 0, "90 天内聘期届满": 1, "聘期已满未续": 1, "90 天内试用期满": 0, "待岗人员": 1,
    }  # fmt: skip
    for title in ("90 天内聘期届满", "聘期已满未续", "90 天内试用期满", "待岗人员"):
        assert hr.get(items[title].url).context["page"].paginator.count == counts[title], title
    vacant = hr.get(items["空缺席位"].url)
    assert sum(row.free for row in vacant.context["page"].object_list) == counts["空缺席位"]
    months = {label: value for label, value, _note in page.context["desk"].months.rows}
    assert (len(months), months["20-09"], months["20-07"]) == (12, "1", "0")
    assert "20-09 1" in page.content.decode()


def other_room(access, first, last):
    """A room of the tests that knows of something due."""
    yield agenda.Entry("x-1", first, "某人退休", "/", kind="retirement", group="退休")


def test_what_another_room_knows_to_be_due_has_a_tile_and_an_event(hr, zone, settings):
    settings.AGENDA_SOURCES = [*settings.AGENDA_SOURCES, f"{__name__}.other_room"]
    page = get(hr, "hr_home")
    assert {item.title: item.count for item in page.context["desk"].items}["90 天内退休"] == 1
    assert "某人退休" in page.content.decode()
    assert "某人退休" in events(Client().get(opened(hr)))


def test_a_unit_over_its_quota_is_named_with_its_excess(hr, zone):
    terms = {"instrument": zone.instrument, "period": build.period(build.TERM)}
    RuleException.objects.create(zone=zone.unit, unit=zone.park, rule="ORG-01", measure="people", allowed=1, **terms)
    zone.park.quotas.create(kind="staff", limit=0, **terms)
    page = get(hr, "hr_home")
    (over,) = page.context["desk"].over
    assert (over.code, over.held, over.limit, over.excess) == ("YZ-P", 1, 0, 1)
    assert "YZ化工园" in page.content.decode()


def test_hrs_home_is_for_those_who_keep_appointments(zone):
    for persona in ("evaluator", "auditor", "finance"):
        client = Client()
        client.force_login(build.user(persona, role=persona, on=zone.unit))
        assert get(client, "hr_home").status_code == 403
        assert client.post(reverse("feed_open")).status_code == 403
    assert not CalendarFeed.objects.exists()

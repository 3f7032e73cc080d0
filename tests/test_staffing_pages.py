"""The pages of posts and people: what they show to whom, as of which day, in how many queries."""

import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from common.models import AuditEntry
from staffing.models import Person
from staffing.roster.resources import COLUMNS
from tests import staffing_builders as build
from tests.desk_builders import ON, export, get, signing_in, text, three_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone():
    return three_in_post()


@pytest.fixture
def as_(client, zone):
    """Sign in as one of the personas."""
    return signing_in(client, zone)


def names(response) -> list[str]:
    return [row.person.name for row in response.context["page"].object_list]


# --- the roster ------------------------------------------------------------------------------------------


def test_the_roster_lists_who_is_in_post_on_the_day(as_):
    client = as_("hr")
    page = get(client, "roster")
    assert names(page) == ["张三丰", "李四", "张三丰", "王五"], "zone before park, bureaus and posts in their order"
    assert page.context["list"].totals["people"] == 3
    assert page.context["list"].by_category == [("行政编制", 1), ("事业编制", 1), ("员额", 1)]
    assert page.context["list"].by_tier == [("部门负责人", 1), ("工作人员", 2)], "once each, by the primary post"
    seats = page.context["list"].seats
    assert (seats["seats"], seats["taken"], seats["free"]) == (8, 4, 4)
    before = get(client, "roster", on="2019-06-30")
    assert names(before) == []
    assert "回到今天" in text(before)


@pytest.mark.parametrize(
    ("query", "tiers"),
    [
        ({}, {"部门负责人": 1, "工作人员": 2}),
        ({"kind": "concurrent"}, {"工作人员": 1}),
        ({"bureau": "YZ-ECO"}, {"工作人员": 1}),
        ({"category": "administrative"}, {"部门负责人": 1}),
        ({"q": "nobody"}, {}),
    ],
)
def test_both_ways_of_dividing_add_up_to_the_people(as_, zone, query, tiers):
    also = build.post(zone, "YZ-ECO-H", "局长", bureau=zone.economy, grade="H1", tier="head", headcount=1)
    build.seat(zone.li, also, kind="concurrent") if not query else None
    page = get(as_("hr"), "roster", **query)
    found = page.context["list"]
    assert dict(found.by_tier) == tiers
    people = found.totals["people"]
    assert people == len({row.person_id for row in page.context["page"]})
    for parts in (found.by_tier, found.by_category):
        assert sum(n for _label, n in parts) == people
    assert text(page).count(f'<div class="split-total"><dt>合计</dt><dd>{people}</dd></div>') == (2 if people else 0)


def test_days_and_coefficients_are_written_alike_everywhere(as_):
    client = as_("hr")
    page = text(get(client, "roster"))
    assert '<td class="num">1.600</td>' in page
    assert '<td class="num">1.000</td>' in page
    assert f'<td class="nowrap">{date_format(build.TERM_ENDS)}' in page
    assert str(build.TERM_ENDS) not in page
    assert "岗位系数 1.600" in text(get(client, "person", "T-1"))
    assert "岗位系数 1.000" in text(get(client, "post", "YZ-INV-C"))
    assert '<td class="num">1.000</td>' in text(get(client, "roster", state="vacant"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"unit": "YZ-P"}, ["王五"]),
        ({"bureau": "YZ-INV"}, ["张三丰", "李四"]),
        ({"tier": "head"}, ["张三丰"]),
        ({"grade": "H1"}, ["张三丰"]),
        ({"category": "quota"}, ["王五"]),
        ({"kind": "concurrent"}, ["张三丰"]),
        ({"probation": "180"}, ["李四"]),
        ({"probation": "90"}, []),
        ({"q": "三丰"}, ["张三丰", "张三丰"]),
        ({"q": "t-2"}, ["李四"]),
        ({"q": "%"}, []),
        ({"sort": "-staff_no", "kind": "primary"}, ["王五", "李四", "张三丰"]),
        ({"unit": "YZ-P", "bureau": "YZ-INV"}, []),
    ],
)
def test_choices_in_the_address_narrow_the_roster(as_, query, found):
    assert names(get(as_("hr"), "roster", **query)) == found


@pytest.mark.parametrize("query", [{"unit": "nowhere"}, {"ending": "x"}, {"category": "army"}])
def test_a_choice_that_does_not_exist_gives_nothing_rather_than_everything(as_, query):
    page = get(as_("hr"), "roster", **query)
    assert names(page) == []
    assert "筛选条件无效" in text(page)


def test_a_national_id_finds_its_person_for_those_who_may_read_it(as_, zone, client):
    assert names(get(as_("hr"), "roster", q=zone.wang.national_id)) == ["王五"]
    assert names(get(as_("auditor"), "roster", q=zone.wang.national_id)) == []


def test_vacant_seats_and_people_without_a_post(as_, zone):
    build.person(zone, "待岗人", "T-9")
    client = as_("hr")
    page = get(client, "roster", state="vacant")
    free = {row.post_code: row.free for row in page.context["page"]}
    assert free == {"YZ-L": 1, "YZ-INV-C": 1, "YZ-ECO-C": 1, "YZ-P-INV-C": 1}
    assert [row.name for row in get(client, "roster", state="waiting").context["page"]] == ["待岗人"]
    assert get(client, "roster", state="waiting", on="2019-06-30").context["page"].object_list == [
        Person.objects.get(name="待岗人")
    ], "who came later had not come yet; who never held a post may be given one"


def test_who_left_does_not_wait_and_everybody_is_listed_once(as_, zone):
    months = iter(range(1, 5))
    for name, number, last in (("落聘人", "T-7", "not_selected"), ("退休人", "T-8", "retirement")):
        who = build.person(zone, name, number)
        for reason in ("term", last):
            first = dt.date(2020, next(months), 1)
            ends = first + dt.timedelta(days=20)
            build.seat(who, zone.eco_clerk, 2, starts=first, ends=ends, end_reason=reason)
    client = as_("hr")
    assert [row.name for row in get(client, "roster", state="waiting").context["page"]] == ["落聘人"]
    page = get(client, "roster", state="gone")
    assert [row.name for row in page.context["page"]] == ["退休人"]
    assert "2020年4月21日" in text(page), "his last day in the post"


def test_htmx_gets_the_list_alone_and_a_short_address(as_):
    client = as_("hr")
    answer = client.get(
        reverse("roster"), {"on": ON, "q": "", "unit": "YZ-P"}, headers={"hx-request": "true", "hx-target": "roster"}
    )
    assert "<html" not in text(answer)
    assert 'id="roster"' in text(answer)
    assert answer["HX-Push-Url"] == f"/roster/?on={ON}&unit=YZ-P"


def test_fifty_lines_a_page(as_, zone):
    crowd(zone, 60)
    client = as_("hr")
    assert len(names(get(client, "roster"))) == 50
    assert len(names(get(client, "roster", page="2"))) == 14


def crowd(zone, n: int) -> None:
    big = build.post(zone, "BIG", "普通专员", bureau=zone.economy, headcount=n, sequence=9)
    for number in range(n):
        build.seat(build.person(zone, f"众人{number}", f"C-{number:03d}"), big, number + 1)


def queries(client, *args, **query) -> int:
    get(client, *args, **query)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert get(client, *args, **query).status_code == 200
    return len(seen)


@pytest.mark.parametrize("state", ["", "vacant", "waiting"])
def test_the_rosters_queries_do_not_grow_with_its_lines(as_, zone, state):
    build.person(zone, "闲人")
    client = as_("hr")
    few = queries(client, "roster", state=state)
    crowd(zone, 60)
    for number in range(10):
        build.post(zone, f"EMPTY{number}", f"空岗{number}", bureau=zone.economy)
        build.person(zone, f"闲人{number}")
    assert queries(client, "roster", state=state) == few
    assert few <= 25


def test_a_persons_queries_do_not_grow_with_his_past(as_, zone):
    client = as_("hr")
    few = queries(client, "person", "T-2")
    for number in range(6):
        day = dt.date(2020, 1, 1) + dt.timedelta(days=10 * number)
        other = build.post(zone, f"CON{number}", f"兼职{number}", bureau=zone.economy)
        build.seat(zone.li, other, kind="concurrent", starts=day, ends=day + dt.timedelta(days=5))
    assert queries(client, "person", "T-2") == few


# --- who sees what ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persona", "found"),
    [
        ("auditor", ["张三丰", "李四", "张三丰", "王五"]),
        ("finance", ["张三丰", "李四", "张三丰", "王五"]),
        ("head", ["张三丰", "李四", "张三丰"]),
        ("staff", ["李四"]),
        ("stranger", []),
    ],
)
def test_each_sees_his_part_of_the_roster(as_, persona, found):
    assert names(get(as_(persona), "roster", on=timezone.localdate().isoformat())) == found


def test_an_evaluator_sees_no_person(as_):
    client = as_("evaluator")
    assert get(client, "roster").status_code == 403
    assert get(client, "roster_export").status_code == 403
    assert get(client, "person", "T-2").status_code == 404
    page = get(client, "post", "YZ-INV-C")
    assert page.status_code == 200
    assert "李四" not in text(page)
    assert "有人在岗" in text(page)


@pytest.mark.parametrize(
    ("persona", "who", "code"),
    [
        ("hr", "T-3", 200), ("head", "T-2", 200), ("head", "T-3", 404), ("staff", "T-2", 200), ("staff", "T-1", 404),
        ("stranger", "T-2", 404), ("hr", "nobody", 404),
    ],
)  # fmt: skip
def test_a_person_is_shown_to_those_whom_he_concerns(as_, persona, who, code):
    assert get(as_(persona), "person", who).status_code == code


@pytest.mark.parametrize(
    ("persona", "who", "shown", "entries"),
    [("hr", "T-2", True, 1), ("staff", "T-2", True, 0), ("auditor", "T-2", False, 0), ("head", "T-2", False, 0)],
)
def test_identity_is_masked_but_for_hr_and_oneself_and_readings_are_audited(as_, zone, persona, who, shown, entries):
    page = text(get(as_(persona), "person", who))
    assert (zone.li.national_id in page) is shown
    assert (date_format(zone.li.birth_date) in page) is shown
    assert AuditEntry.objects.filter(verb="read_identity", key=str(zone.li.pk)).count() == entries


def test_the_roster_itself_shows_no_full_number_to_anybody(as_, zone):
    page = text(get(as_("hr"), "roster"))
    assert zone.li.national_id not in page
    assert zone.li.national_id[6:14] not in page


def test_staff_see_the_posts_of_their_zone_without_their_colleagues(as_):
    page = text(get(as_("staff"), "post", "YZ-INV-H"))
    assert "张三丰" not in page
    assert "有人在岗" in page
    assert "大学本科以上" in page


def test_a_post_that_does_not_stand_on_the_day_says_so(as_, zone):
    build.post(zone, "OLD", "旧岗", bureau=zone.invest, ends=dt.date(2020, 1, 31))
    page = text(get(as_("hr"), "post", "OLD"))
    assert "没有这个岗位" in page
    assert "聘任到此岗位" not in page


def test_the_career_is_drawn_with_a_link_to_each_post(as_):
    page = text(get(as_("hr"), "person", "T-1"))
    assert "张三丰 的任职经历" in page
    assert 'href="/posts/YZ-INV-H/"' in page
    assert "style=" not in page


# --- export -----------------------------------------------------------------------------------------------


def test_what_is_exported_is_what_is_seen(as_, zone):
    client = as_("hr")
    rows = export(client, format="csv", bureau="YZ-INV")
    assert [(row["姓名"], row["聘任岗位"], row["岗级"], row["岗位系数"]) for row in rows] == [
        ("张三丰", "局长", "部门正职", "1.600"),
        ("李四", "招商专员", "专员", "1.000"),
    ]
    assert rows[1]["身份证号"] == zone.li.national_id
    assert rows[1]["在岗状态"] == "试用期"
    assert list(rows[0]) == COLUMNS
    assert AuditEntry.objects.filter(verb="read_identity").count() == 2
    assert export(client, format="csv", bureau="nowhere") == []


def test_the_workbook_has_real_dates_and_says_what_it_is(as_):
    answer = get(as_("hr"), "roster_export", unit="YZ-P")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert [cell.value for cell in book.worksheets[0][1]] == COLUMNS
    assert book.worksheets[0]["M2"].value == dt.datetime(2019, 11, 1)  # noqa: DTZ001
    notes = dict(book["说明"].iter_rows(values_only=True))
    assert (notes["截至日期"], notes["筛选条件"], notes["行数"]) == (ON, "单位：YZ化工园", "1")
    assert "attachment" in answer["Content-Disposition"]


def test_gbk_for_programs_that_know_no_other(as_):
    answer = get(as_("hr"), "roster_export", format="csv-gbk")
    assert answer.content.decode("gb18030").startswith("序号,单位")


def test_an_auditor_exports_masked_numbers_and_others_export_nothing(as_, zone):
    rows = export(as_("auditor"), format="csv")
    assert all("*" in row["身份证号"] for row in rows)
    assert not AuditEntry.objects.filter(verb="read_identity").exists()
    for persona in ("head", "staff", "finance"):
        assert export(as_(persona)).status_code == 403
    assert get(as_("hr"), "roster_export", format="pdf").status_code == 404


def test_the_roster_reads_in_english_but_its_file_stays_the_form(as_):
    client = as_("hr")
    client.cookies["django_language"] = "en"
    assert export(client, format="csv", bureau="YZ-INV")[0]["岗级"] == "部门正职"

"""Pages of posts: the list and its file, what is done to a post, the plan of posts and the description."""

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from staffing import services
from staffing.models import Post, PostVersion
from tests import staffing_builders as build
from tests.staffing_builders import REFORM

pytestmark = pytest.mark.django_db
ON = "2020-06-30"


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


def typed(zone, **more):
    return {
        "place": "bureau:YZ-INV", "starts": "2020-07-01", "name": "高级主管", "duties": "主管业务", "standards": "按期",
        "requirements": "本科", "category": "GL", "level": "GL09", "tier": "staff", "grade": "S1", "headcount": "2",
        "instrument": zone.instrument.code, **more,
    }  # fmt: skip


# --- pages ----------------------------------------------------------------------------------------------------


def listed(page) -> list[str]:
    return [row.post_code for row in page.context["page"].object_list]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"unit": "YZ-P"}, ["YZ-P-INV-C"]),
        ({"bureau": "YZ-INV"}, ["YZ-INV-H", "YZ-INV-C"]),
        ({"tier": "leader"}, ["YZ-L"]),
        ({"grade": "H1"}, ["YZ-INV-H"]),
        ({"category": "ZJ"}, ["YZ-ZJ"]),
        ({"level": "ZJ10"}, ["YZ-ZJ"]),
        ({"open": "1"}, ["YZ-ZJ"]),
        ({"seats": "full"}, ["YZ-INV-H"]),
        ({"q": "经济"}, ["YZ-ECO-C", "YZ-ZJ"]),
        ({"unit": "nowhere"}, []),
    ],
)
def test_posts_are_narrowed_and_their_totals_with_them(hr, zone, query, found):
    build.post(zone, "YZ-ZJ", "经济师", bureau=zone.economy, category="ZJ", level="ZJ10", is_open=True, sequence=9)
    build.seat(build.person(zone, "张三"), zone.head)
    page = hr.get(reverse("posts"), {"on": ON, **query})
    assert listed(page) == found
    rows = PostVersion.objects.filter(post__code__in=found)
    totals = page.context["list"].totals
    assert (totals["posts"], totals["seats"]) == (len(found), sum(row.headcount for row in rows))
    assert totals["seats"] == totals["taken"] + totals["free"]


def test_the_lists_file_is_what_the_page_shows(hr, zone):
    evil = '=HYPERLINK("http://x")'
    build.post(zone, "YZ-EVIL", evil, bureau=zone.invest)
    query = {"on": ON, "bureau": "YZ-INV", "sort": "-code"}
    page = hr.get(reverse("posts"), query)
    answer = hr.get(reverse("post_list_file", args=["xlsx"]), query)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    count = len(listed(page))
    assert [line[0] for line in lines[:count]] == listed(page)
    assert lines[count][8:11] == [page.context["list"].totals[name] for name in ("seats", "taken", "free")]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == evil)
    assert cell.data_type == "s"
    assert hr.get(reverse("post_list_file", args=["docx"])).status_code == 404


def test_a_posts_page_leads_to_the_plans_that_move_it(client, hr, zone):
    plans = f"{reverse('plans', args=['YZ'])}?on={ON}"
    for code in ("YZ-INV-C", "YZ-P-INV-C"):
        assert plans in hr.get(reverse("post", args=[code]), {"on": ON}).content.decode()
    client.force_login(build.user("plain", linked=build.person(zone, "员工")))
    assert reverse("plans", args=["YZ"]) not in client.get(reverse("post", args=["YZ-INV-C"])).content.decode()


def test_names_are_text_on_every_page(hr, zone):
    build.post(zone, "YZ-X", "<script>alert(1)</script>", bureau=zone.invest)
    for page in (hr.get(reverse("posts"), {"on": ON}), hr.get(reverse("post", args=["YZ-X"]), {"on": ON})):
        assert "<script>alert(1)" not in page.content.decode()
        assert "&lt;script&gt;alert(1)" in page.content.decode()


def test_a_post_is_set_up_revised_copied_and_closed_on_its_pages(hr, zone):
    send = lambda name, data, *args: hr.post(f"{reverse(name, args=args)}?on={ON}", data)  # noqa: E731
    assert (
        send("post_add", typed(zone, code="N1", starts="2020-06-30", term_months="36", is_open="on")).status_code == 302
    )
    made = PostVersion.objects.get(post__code="N1")
    assert (made.bureau, made.level, made.term_months, made.is_open) == (zone.invest, "GL09", 36, True)
    refused_page = send("post_add", typed(zone, code="N2", level="ZJ09"))
    assert "PST-04" in refused_page.content.decode()
    assert not Post.objects.filter(code="N2").exists()
    form = hr.get(reverse("post_revise", args=["N1"]), {"on": ON}).context["form"]
    told = typed(zone, headcount="3", seen=form.initial["seen"])
    del told["place"]
    assert send("post_revise", told, "N1").status_code == 302
    assert "刚被他人调整" in send("post_revise", told | {"starts": "2020-09-01"}, "N1").content.decode()
    assert send("post_copy", typed(zone, code="N3", place="unit:YZ-P", tier="leader"), "N1").status_code == 302
    copied = PostVersion.objects.get(post__code="N3")
    assert (copied.unit, copied.bureau) == (zone.park, None)
    seen = hr.get(reverse("post_close", args=["N1"]), {"on": ON}).context["form"].initial["seen"]
    assert send("post_close", {"on": "2020-12-31", "reason": "合并", "seen": seen}, "N1").status_code == 302
    assert Post.objects.get(code="N1").versions.order_by("-period").first().last_day == dt.date(2020, 12, 31)


def test_a_post_cannot_be_set_up_in_a_place_that_is_not_ones_own(client, zone):
    client.force_login(build.user("park", role="hr", on=zone.park))
    page = client.post(f"{reverse('post_add')}?on={ON}", typed(zone, code="N1"))
    assert page.status_code == 200
    assert "place" in page.context["form"].errors
    assert client.post(reverse("post_close", args=["YZ-INV-C"]), {"on": ON, "reason": "x"}).status_code in (403, 404)
    assert client.get(reverse("post_revise", args=["YZ-INV-C"])).status_code in (403, 404)


# --- the plan of posts and the description ------------------------------------------------------------


def test_the_plan_of_posts_adds_up_in_page_and_workbook(hr, zone, by):
    PostVersion.objects.filter(post=zone.clerk).update(level="GL09")
    build.seat(build.person(zone, "张三"), zone.clerk)
    services.file_post_plan(
        unit=zone.unit, starts=REFORM, filed_on=REFORM, number="备〔2019〕1号", main_category="GL", by=by
    )
    page = hr.get(reverse("post_plan", args=["YZ"]), {"on": ON})
    own, park = page.context["plans"]
    assert (own.total, own.taken, own.free, own.of("GL"), own.seats["GL", "GL09"]) == (6, 1, 5, 6, 2)
    assert (park.total, park.filing) == (2, None)
    assert page.context["total"]["total"] == sum(row["sum"] for row in page.context["matrix"]) == 8
    assert "未备案" in page.content.decode()
    answer = hr.get(reverse("report_download", args=["post-plan", "YZ", "xlsx"]), {"on": ON})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    head, first, second, totals = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=7))
    column = lambda title: head.index(title)  # noqa: E731
    for title, values in {
        "岗位总量": (6, 2, 8),
        "现有人数": (1, 0, 1),
        "空岗数": (5, 2, 7),
        "管理小计": (6, 2, 8),
    }.items():
        assert tuple(row[column(title)] for row in (first, second, totals)) == values
    assert first[column("备案号")] == "备〔2019〕1号"
    assert first[column("结构比例")].startswith("100.0% : 0.0% : 0.0%")
    assert hr.get(reverse("report_download", args=["post-plan", "YZ", "pdf"]), {"on": ON}).content[:5] == b"%PDF-"


def told_by(answer) -> str:
    """The text of a PDF without its blanks."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages)


def test_the_description_of_a_post_names_who_it_answers_to(hr, zone):
    PostVersion.objects.filter(post=zone.clerk).update(level="GL09", term_months=36)
    answer = hr.get(reverse("report_download", args=["post-description", "YZ-INV-C", "pdf"]), {"on": ON})
    said = told_by(answer)
    for word in (
        "岗位说明书",
        "招商专员",
        "GL09",
        "管理九级",
        "直接上级局长",
        "承担岗位职责",
        "按时完成",
        "大学本科以上",
        "36个月",
    ):
        assert word in said, word
    head = hr.get(reverse("report_download", args=["post-description", "YZ-INV-H", "pdf"]), {"on": ON})
    said = told_by(head)
    assert "直接上级主任" in said
    assert "招商专员（2）" in said
    gone = hr.get(reverse("report_download", args=["post-description", "YZ-INV-C", "pdf"]), {"on": "2019-01-01"})
    assert gone.status_code == 404


def test_another_zones_plan_and_description_are_not_there(client, zone):
    client.force_login(build.user("stranger", role="hr", on=build.small_zone("XX").unit))
    for kind, key in (("post-plan", "YZ"), ("post-description", "YZ-INV-C")):
        assert client.get(reverse("report_download", args=[kind, key, "pdf"]), {"on": ON}).status_code == 404
    assert client.get(reverse("post_plan", args=["YZ"])).status_code == 404
    assert client.post(reverse("filing_add", args=["YZ"]), {}).status_code == 404
    assert listed(client.get(reverse("posts"), {"on": ON})) and not any(  # noqa: PT018
        code.startswith("YZ") for code in listed(client.get(reverse("posts"), {"on": ON}))
    )

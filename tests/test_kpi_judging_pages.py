"""The pages of judging: what each says, saves and refuses; what somebody of another zone meets."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kpi.judging import appealing, grading
from kpi.models import Adjustment, Appeal, Cycle, Result
from tests import judging_builders as judge
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return judge.many(11)


@pytest.fixture
def as_(at):
    def sign_in(role):
        client = Client()
        client.force_login(at.users[role])
        return client

    return sign_in


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def board(at, **query):
    return reverse("assessment_grades", args=[at.cycle.pk], query=query or None)


# --- the board ----------------------------------------------------------------------------------------


def test_the_board_shows_the_quota_the_order_and_the_proposed_cut(at, as_):
    Cycle.objects.filter(pk=at.cycle.pk).update(small_bureau=5)
    page = text(as_("hr").get(board(at)))
    assert "15 × 20% = 3，取 3" in page
    assert "14 × 20% = 2.8，取 2" in page
    assert page.count('value="excellent">') >= 2
    assert "各部门人员得分分布" in page


def test_the_rows_that_are_checked_are_saved_and_no_others(at, as_):
    hr, (first, second) = as_("hr"), at.many[:2]
    seen = {card.pk: grading.stamp(Result.objects.get(scorecard=card)) for card in (first, second)}
    sent = {"set": "each", "card": [first.pk], f"rating-{first.pk}": "basic", f"rating-{second.pk}": "competent"}
    sent |= {f"seen-{pk}": stamp for pk, stamp in seen.items()}
    assert "已保存 1 人的等次" in text(hr.post(board(at), sent, follow=True))
    assert [Result.objects.get(scorecard=card).rating for card in (first, second)] == ["basic", ""]
    # The page that was open meanwhile shows what no longer stands.
    assert "资料刚被他人修改" in text(hr.post(board(at), sent | {f"rating-{first.pk}": "competent"}, follow=True))
    assert Result.objects.get(scorecard=first).rating == "basic"


def test_beyond_the_quota_nothing_of_a_page_is_saved(at, as_):
    cards = at.many[:4]
    sent = {"set": "bulk", "bulk": "excellent", "card": [card.pk for card in cards]}
    sent |= {f"seen-{card.pk}": grading.stamp(Result.objects.get(scorecard=card)) for card in cards}
    assert "超过名额" in text(as_("hr").post(board(at), sent, follow=True))
    assert not Result.objects.exclude(rating="").exists()
    assert "请先勾选人员" in text(as_("hr").post(board(at), {"set": "bulk"}, follow=True))


def test_equals_at_the_edge_are_marked_for_a_panel_and_its_decision_is_kept(at, as_):
    Result.objects.filter(scorecard__in=[card.pk for card in at.many]).update(score=90)
    page = text(as_("hr").get(board(at)))
    assert "有并列，须集体研究" in page
    card = at.many[0]
    sent = {"set": "bulk", "bulk": "excellent", "card": [card.pk], "decision": "会议纪要〔2026〕9号"}
    sent[f"seen-{card.pk}"] = grading.stamp(Result.objects.get(scorecard=card))
    as_("hr").post(board(at), sent)
    assert Result.objects.get(scorecard=card).decision == "会议纪要〔2026〕9号"


@pytest.mark.parametrize(("role", "status"), [("head", 403), ("staff", 403), ("finance", 403), ("leader", 200)])
def test_who_may_open_the_board(at, as_, role, status):
    assert as_(role).get(board(at)).status_code == status


def test_a_card_of_another_zone_cannot_be_slipped_in(at, as_):
    other = judge.scored(build.small_year(2026, "XZ"))
    card = other.cards["staff"]
    sent = {"set": "competent", "card": [card.pk], f"seen-{card.pk}": "x"}
    assert as_("hr").post(board(at), sent).status_code == 404
    assert as_("hr").get(reverse("assessment_grades", args=[other.cycle.pk])).status_code == 404
    assert Result.objects.get(scorecard=card).rating == ""


# --- a grade is shown once it is published ------------------------------------------------------------


def test_a_grade_is_shown_to_staff_only_once_it_is_published(at, as_):
    judge.grade_all(at, staff="basic")
    card = reverse("scorecard", args=[at.cards["staff"].pk])
    pages = [card, reverse("my_assessment"), reverse("scorecards"), f"/api/v1/scorecards/{at.cards['staff'].pk}/"]
    for page in pages:
        assert "基本合格" not in text(as_("staff").get(page))
        assert '"rating":"basic"' not in text(as_("staff").get(page))
    assert "基本合格" in text(as_("hr").get(card))
    Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on=timezone.localdate())
    for page in pages[:3]:
        assert "基本合格" in text(as_("staff").get(page))
    assert '"rating":"basic"' in text(as_("staff").get(pages[3]))


def test_my_assessment_has_the_sum_the_reason_and_the_button_in_time(at, as_):
    Cycle.objects.filter(pk=at.cycle.pk).update(bureau_weight="0.4")
    Result.objects.filter(scorecard=at.cards["staff"]).update(bureau_score="86.20", own_score="91.00", score="89.08")
    judge.grade_all(at)
    assert "0.4 × 86.20 + 0.6 × 91.00 = 89.08" in text(as_("staff").get(reverse("my_assessment")))
    day = timezone.localdate() - dt.timedelta(days=30)
    Cycle.objects.filter(pk=at.cycle.pk).update(state="published", published_on=day)
    page = text(as_("staff").get(reverse("my_assessment")))
    assert reverse("appeal_file", args=[at.cards["staff"].pk]) in page
    assert "0.4 × 86.20 + 0.6 × 91.00 = 89.08" in text(
        as_("staff").get(reverse("scorecard", args=[at.cards["staff"].pk]))
    )


# --- adjustments --------------------------------------------------------------------------------------


def test_an_adjustment_is_proposed_and_approved_by_page(at, as_):
    sent = {"kind": "bonus", "points": "2", "reason": "<b>表彰</b>", "evidence": "文件"}
    answer = as_("hr").post(reverse("adjustment_add", args=[at.cards["bureau"].pk]), sent, follow=True)
    page = text(answer)
    assert "&lt;b&gt;表彰&lt;/b&gt;" in page
    row = Adjustment.objects.get()
    decide = reverse("adjustment_decide", args=[row.pk])
    assert as_("hr").post(decide, {"verdict": "approve"}).status_code == 403
    assert as_("leader").post(decide, {"verdict": "approve"}).status_code == 302
    assert Adjustment.objects.get().state == "approved"
    page = text(as_("leader").get(reverse("adjustments"), {"kind": "bonus", "state": "approved"}))
    assert "+2.00" in page
    assert "没有加减分事项" in text(as_("leader").get(reverse("adjustments"), {"kind": "veto"}))
    assert text(as_("staff").get(reverse("adjustments"))).count("表彰") == 0


# --- a year from publishing to its end ----------------------------------------------------------------


def test_the_checklist_says_what_is_open_and_where(at, as_):
    page = text(as_("leader").get(reverse("year_publish", args=[at.cycle.pk])))
    assert "未评定等次" in page
    assert "disabled" in page
    assert "还不能公布" in text(as_("leader").post(reverse("year_publish", args=[at.cycle.pk]), follow=True))
    assert as_("hr").get(reverse("year_publish", args=[at.cycle.pk])).status_code == 403


def test_publish_appeal_decide_close_by_page(at, as_):
    judge.grade_all(at)
    assert as_("leader").post(reverse("year_publish", args=[at.cycle.pk]), {"notice": "咨询电话"}).status_code == 302
    file = reverse("appeal_file", args=[at.cards["staff"].pk])
    assert as_("colleague").get(file).status_code == 404
    assert "请" in text(as_("staff").post(file, {"text": " "}))
    assert as_("staff").post(file, {"text": "漏计一项"}).status_code == 302
    row = Appeal.objects.get()
    page = text(as_("leader2").get(reverse("appeal", args=[row.pk])))
    assert "不停止考核结果的执行" in page
    assert "待处理" in text(as_("hr").get(reverse("appeals"), {"state": "open"}))
    assert "未处理的复核申诉" in text(as_("hr").post(reverse("year_close", args=[at.cycle.pk]), follow=True))
    sent = {"outcome": "changed", "new_rating": "excellent", "decision": "补计"}
    assert as_("leader2").post(reverse("appeal_decide", args=[row.pk]), sent).status_code == 302
    assert "变更" in text(as_("staff").get(reverse("appeal", args=[row.pk])))
    assert "期限未满" in text(as_("hr").post(reverse("year_close", args=[at.cycle.pk]), follow=True))
    with judge.days_later(31):
        assert as_("hr").post(reverse("year_close", args=[at.cycle.pk])).status_code == 302
    assert Cycle.objects.get(pk=at.cycle.pk).state == "closed"
    assert "当年给予嘉奖" in text(as_("hr").get(reverse("year_consequences", args=[at.cycle.pk])))


def test_what_is_overdue_is_red_on_lists_and_desks(at, as_):
    judge.published(at, timezone.localdate() - dt.timedelta(days=20))
    long_ago = timezone.localdate() - dt.timedelta(days=20)
    row = Appeal.objects.create(
        result=Result.objects.get(scorecard=at.cards["staff"]),
        stage="review",
        text="x",
        raised_on=long_ago,
        due_on=timezone.localdate() - dt.timedelta(days=1),
    )
    assert appealing.overdue(row, timezone.localdate())
    assert "逾期未处理" in text(as_("hr").get(reverse("appeals")))
    for role in ("hr", "leader"):
        assert "逾期 1 件" in text(as_(role).get(reverse("home")))
        assert "逾期 1 件" in text(as_(role).get(reverse("overview", args=[at.cycle.pk])))


def test_the_page_of_a_settled_review_counts_the_days_of_the_appeal_that_followed(at, as_):
    today = timezone.localdate()
    judge.published(at, today - dt.timedelta(days=40))
    own = {"result": Result.objects.get(scorecard=at.cards["staff"]), "text": "x"}
    past = {"raised_on": today - dt.timedelta(days=39), "due_on": today - dt.timedelta(days=9)}
    review = Appeal.objects.create(stage="review", **own, **past)
    Appeal.objects.filter(pk=review.pk).update(outcome="upheld", decision="x", decided_on=today - dt.timedelta(days=10))
    Appeal.objects.create(stage="appeal", raised_on=today, due_on=today + dt.timedelta(days=60), **own)
    assert "还有 60 天" in text(as_("hr").get(reverse("appeal", args=[review.pk])))


def test_the_overview_costs_the_same_with_more_people(at, as_, django_assert_max_num_queries):
    client = as_("leader")
    client.get(reverse("overview", args=[at.cycle.pk]))
    with django_assert_max_num_queries(60) as few:
        client.get(reverse("overview", args=[at.cycle.pk]))
    for number in range(3):
        card = build.card(
            at.cycle, "person", at.zone.park, at.zone.park_invest, judge.staff.person(at.zone, f"园{number}")
        )
        Result.objects.create(scorecard=card, score=80)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(reverse("overview", args=[at.cycle.pk]))


# --- reports ------------------------------------------------------------------------------------------


def test_the_form_and_the_roster_are_downloaded_by_who_may(at, as_):
    judge.grade_all(at)
    form = reverse("report_download", args=["assessment-form", at.cards["staff"].pk, "pdf"])
    roster = reverse("report_download", args=["assessment-roster", f"{at.cycle.pk}-YZ", "xlsx"])
    assert as_("staff").get(form).content.startswith(b"%PDF")
    assert as_("colleague").get(form).status_code == 404
    assert as_("hr").get(roster).content.startswith(b"PK")
    assert as_("staff").get(roster).status_code in (403, 404)
    for bad in ("x-YZ", f"{at.cycle.pk}-NO", f"{at.cycle.pk}", "9" * 30 + "-YZ"):
        address = reverse("report_download", args=["assessment-roster", bad, "xlsx"])
        assert as_("hr").get(address).status_code == 404

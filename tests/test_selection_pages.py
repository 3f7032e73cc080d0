"""Pages, API and files of a round: who sees what, what they say, what they cost."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from staffing.models import Candidate, Objection, Score, Selection
from staffing.selection import announcing
from tests import selection_builders as build
from tests import staffing_builders as staff
from tests.selection_builders import ONE, today
from tests.selection_people import client, leader, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_round()


@pytest.fixture
def hr(at) -> Client:
    return client(at.hr.user)


def page(who: Client, name: str, *args, **data) -> str:
    answer = who.get(reverse(name, args=args), data)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# --- the way of a round through its pages ------------------------------------------------------


def test_hr_drafts_offers_and_publishes(at, hr):
    told = {key: str(value) for key, value in build.plan(title="补充竞聘", pass_mark="").items()}
    answer = hr.post(reverse("selection_add"), told | {"unit": "YZ", "kind": "internal"})
    row = Selection.objects.get(title="补充竞聘")
    assert answer.url == reverse("selection", args=[row.pk])
    assert "先加入竞聘岗位" in page(hr, "selection", row.pk)
    hr.post(reverse("selection_offer", args=[row.pk]), {"post": at.zone.clerk.code, "seats": "2"})
    hr.post(reverse("selection_step", args=[row.pk]), {"to": "published"})
    row.refresh_from_db()
    assert (row.stage, row.posts.get().seats) == ("published", 2)
    hr.post(reverse("selection_offer", args=[row.pk]), {"off": row.posts.get().pk})
    assert row.posts.count() == 1, "a published plan keeps its posts"


def test_bad_plans_are_refused_at_their_fields(at, hr):
    told = {key: str(value) for key, value in build.plan(written=70, pass_mark="").items()}
    answer = hr.post(reverse("selection_add"), told | {"unit": "YZ", "kind": "internal"})
    assert "合计须为 100" in answer.content.decode()
    answer = hr.post(reverse("selection_add"), told | {"unit": "XX", "kind": "internal"})
    assert answer.status_code == 200
    assert Selection.objects.count() == 1


def test_a_draft_is_not_seen_by_staff(at):
    assert member(at).get(reverse("selection", args=[at.row.pk])).status_code == 404
    build.published(at)
    assert at.row.title in page(member(at), "selections")


def test_staff_nominate_change_and_withdraw_on_their_own_page(at):
    build.published(at)
    me = member(at)
    assert "我要报名" in page(me, "selection", at.row.pk)
    address = reverse("selection_nominate", args=[at.row.pk])
    me.post(address, {"first": at.posts[0].pk, "second": "", "resume": "<b>经历</b>"})
    own = Candidate.objects.get()
    assert (own.person, own.nominated, own.resume) == (at.people[0], "self", "<b>经历</b>")
    answer = me.post(address, {"first": at.posts[0].pk, "second": at.posts[0].pk, "version": 1})
    assert "同一岗位" in answer.content.decode()
    me.post(address, {"first": at.posts[1].pk, "accepts_another": "on", "version": 1})
    own.refresh_from_db()
    assert (own.first, own.accepts_another) == (at.posts[1], True)
    assert "刚被他人修改" in me.post(address, {"first": at.posts[0].pk, "version": 1}).content.decode()
    me.post(reverse("candidate_withdraw", args=[own.pk]), {"reason": ""})
    own.refresh_from_db()
    assert own.withdrawn


def test_staff_see_their_own_and_nothing_of_others(at):
    build.announced(at)
    me, other = member(at, 0), at.candidates[1]
    own = page(me, "selection", at.row.pk)
    assert "名列第 1" in own
    assert "钱二" not in own
    for name in ("selection_candidates", "selection_scores", "selection_outcome"):
        assert me.get(reverse(name, args=[at.row.pk])).status_code == 403
    for name in ("candidate_check", "candidate_withdraw", "candidate_decide"):
        assert me.get(reverse(name, args=[other.pk])).status_code in (403, 404)
    assert me.get(reverse("report_download", args=["application-form", other.pk, "pdf"])).status_code == 404
    rows = me.get(reverse("api-candidates-list")).json()["results"]
    assert [row["name"] for row in rows] == ["赵一"]


def test_a_result_is_not_told_before_the_notice(at):
    build.decided(at)
    me = member(at, 0)
    assert "名列第" not in page(me, "selection", at.row.pk)
    (row,) = me.get(reverse("api-candidates-list")).json()["results"]
    assert (row["scores"], row["outcome"]) == (None, None)


def test_another_zone_is_a_stranger(at):
    other = staff.small_zone("XZ")
    build.announced(at)
    away = client(staff.clerk("xz-hr", other).user)
    objection = announcing.raise_objection(notice=at.notice, text="x", by=at.hr)
    for name in ("selection", "selection_candidates", "selection_outcome", "selection_notice", "selection_appoint"):
        assert away.get(reverse(name, args=[at.row.pk])).status_code == 404
    assert away.get(reverse("candidate_check", args=[at.candidates[0].pk])).status_code == 404
    assert away.get(reverse("objection_settle", args=[objection.pk])).status_code == 404
    assert away.get(reverse("report_download", args=["selection-notice", at.row.pk, "pdf"])).status_code == 404
    assert away.get(reverse("api-selections-list")).json()["results"] == []


def test_hr_nominates_by_staff_number_and_checks(at, hr):
    build.published(at)
    address = reverse("candidate_add", args=[at.row.pk])
    assert "没有这个工号" in hr.post(address, {"staff_no": "x", "first": at.posts[0].pk}).content.decode()
    hr.post(address, {"staff_no": at.people[0].staff_no, "first": at.posts[0].pk})
    own = Candidate.objects.get()
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - 2 * ONE, apply_until=today() - ONE)
    hr.post(reverse("selection_step", args=[at.row.pk]), {"to": "review"})
    check = reverse("candidate_check", args=[own.pk])
    assert "须写明原因" in hr.post(check, {"eligible": "no", "note": ""}).content.decode()
    hr.post(check, {"eligible": "yes", "note": "", "barred": [at.posts[1].pk]})
    own.refresh_from_db()
    assert (own.eligible, own.barred.get()) == (True, at.posts[1])


def save(who: Client, row: Candidate, part: str, value: str, version: int = 0):
    return who.post(reverse("score_save", args=[row.pk, part]), {"value": value, "version": version})


def test_a_cell_saves_itself_and_shows_what_somebody_else_saved(at, hr):
    build.checked(at)
    one = at.candidates[0]
    assert save(hr, one, "written", "８８.5").json() == {"ok": True, "value": "88.5", "score": None, "version": 1}
    clash = save(hr, one, "written", "70")
    assert (clash.status_code, clash.json()["theirs"]) == (409, "88.5")
    assert save(hr, one, "written", "很多", 1).status_code == 422
    assert save(hr, one, "nothing", "1").status_code == 422
    assert save(hr, one, "written", "1", "x").status_code == 422
    for part in ("interview", "peer"):
        last = save(hr, one, part, "80")
    assert last.json()["score"] == "83.40"


def test_scores_are_pasted_checked_first_and_written_once(at, hr):
    build.checked(at)
    text = "报名序号\t姓名\t笔试\t面试\t民主测评\n" + "\n".join(
        f"{n}\t{name}\t{80 + n}\t70\t60.5" for n, name in enumerate(("赵一", "钱二", "孙三", "李四"), start=1)
    )
    address = reverse("selection_scores_import", args=[at.row.pk])
    shown = hr.post(address, {"text": text})
    assert "将改动 12 项得分" in shown.content.decode()
    assert not Score.objects.exists(), "a check writes nothing"
    token = shown.context["kept"].token
    for _again in range(2):
        hr.post(address, {"token": token})
    assert Score.objects.count() == 12
    assert set(Score.objects.values_list("version", flat=True)) == {1}
    assert "完全一致" in hr.post(address, {"text": text}).content.decode()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("9\t赵一\t80\t80\t80", "没有这个报名序号"),
        ("1\t钱二\t80\t80\t80", "姓名与报名人员不符"),
        ("1\t赵一\t180\t80\t80", "0 与 100"),
        ("1\t赵一\t=1+1\t80\t80", "不是数字"),
        ("1\t赵一\t80\t80\t80\n1\t赵一\t80\t80\t80", "同一人出现两次"),
    ],
)
def test_every_bad_row_is_named_and_nothing_is_written(at, hr, line, words):
    build.checked(at)
    address = reverse("selection_scores_import", args=[at.row.pk])
    shown = hr.post(address, {"text": f"报名序号\t姓名\t笔试\t面试\t民主测评\n{line}"})
    assert words in shown.content.decode()
    assert 'name="token"' not in shown.content.decode()
    assert not Score.objects.exists()


def test_the_leader_decides_and_says_why_he_differs(at, hr):
    build.scored(at)
    boss = leader(at)
    hr.post(reverse("selection_propose", args=[at.row.pk]))
    assert hr.post(reverse("selection_confirm", args=[at.row.pk])).status_code == 403
    assert "志愿岗位已由总分更高者录满" in page(boss, "selection_outcome", at.row.pk)
    boss.post(reverse("selection_confirm", args=[at.row.pk]))
    address = reverse("candidate_decide", args=[at.candidates[2].pk])
    seen = str(at.posts[1].pk)
    assert "写明原因" in boss.post(address, {"post": "", "deviation": "", "seen": seen}).content.decode()
    boss.post(address, {"post": "", "deviation": "本人放弃", "seen": seen})
    assert "本人放弃" in page(boss, "selection_outcome", at.row.pk)


def test_the_notice_is_public_and_shows_no_papers(at, hr):
    build.announced(at)
    text = page(member(at, 3), "selection_notice", at.row.pk)
    assert "赵一" in text
    assert f"{at.people[0].birth_date:%Y.%m}" in text
    assert at.people[0].national_id not in text
    assert at.people[0].national_id[-4:] not in text
    assert f"{at.people[0].birth_date:%Y-%m-%d}" not in text


def test_staff_object_and_only_those_in_charge_read_it(at, hr):
    build.announced(at)
    address = reverse("notice_object", args=[at.notice.pk])
    member(at, 3).post(address, {"candidate": at.candidates[0].pk, "text": "年限不足"})
    made = Objection.objects.get()
    assert made.raised_by == at.people[3]
    assert "年限不足" in page(member(at, 3), "selection_notice", at.row.pk)
    assert "年限不足" not in page(member(at, 0), "selection_notice", at.row.pk)
    assert "年限不足" in page(hr, "selection_notice", at.row.pk)
    assert "1 件异议未处理" in page(hr, "selection", at.row.pk)
    leader(at).post(reverse("objection_settle", args=[made.pk]), {"upheld": "yes", "finding": "属实"})
    assert "赵一" not in [row.candidate.name for row in hr.get(
        reverse("selection_notice", args=[at.row.pk])).context["rows"]]  # fmt: skip


def test_appointments_are_made_from_the_page_and_their_bar_is_said(at, hr):
    build.announced(at)
    address = reverse("selection_appoint", args=[at.row.pk])
    terms = {"starts": today().isoformat(), "decided_on": today().isoformat(), "document_number": "1号"}
    assert "期满后方可聘任" in hr.post(address, terms).content.decode()
    with build.backdated("staffing_notice", "staffing_notice_stands"):
        back = today() - 12 * ONE
        at.row.notices.update(published_on=back, first_day=back, last_day=today() - ONE)
    hr.post(address, terms)
    at.row.refresh_from_db()
    assert at.row.stage == "appointed"
    assert "竞聘已完成，3 人聘任" in page(hr, "selection", at.row.pk)

"""Judging over REST: the same verbs, the same rights, the same refusals as the pages."""

import pytest
from django.test import Client
from django.utils import timezone

from kpi.models import Adjustment, Cycle, Result
from tests import judging_builders as judge
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def at():
    return judge.many(6)


@pytest.fixture
def as_(at):
    def sign_in(role):
        client = Client()
        client.force_login(at.users[role])
        return client

    return sign_in


def post(client, path, **body):
    return client.post(f"{API}/{path}", body, content_type="application/json")


def test_an_adjustment_from_proposal_to_revocation(at, as_):
    card = at.cards["bureau"].pk
    sent = {"scorecard": card, "kind": "bonus", "points": "2.5", "reason": "表彰", "evidence": "文件"}
    made = post(as_("hr"), "adjustments/", **sent)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert post(as_("hr"), f"adjustments/{pk}/decide/", approve=True).status_code == 403
    assert post(as_("leader"), f"adjustments/{pk}/decide/", approve=True).json()["counts"] is True
    again = post(as_("leader"), f"adjustments/{pk}/decide/", approve=False, opinion="x")
    assert (again.status_code, "已通过" in again.content.decode()) == (400, True)
    listed = as_("hr").get(f"{API}/adjustments/?kind=bonus").json()
    assert (len(listed["results"]), str(listed["totals"]["bonus"])) == (1, "2.50")
    second = post(as_("hr"), f"adjustments/{pk}/revoke/", reason="撤销", evidence="文件")
    assert second.json()["revokes"] == pk
    post(as_("leader"), f"adjustments/{second.json()['id']}/decide/", approve=True)
    assert not Adjustment.objects.effective().exists()
    assert as_("staff").get(f"{API}/adjustments/").json()["results"] == []


@pytest.mark.parametrize(
    ("more", "field"),
    [({"points": "NaN"}, "points"), ({"points": "1e400"}, "points"), ({"instrument": "none"}, "instrument")],
)
def test_bad_input_is_named_at_its_field(at, as_, more, field):
    sent = {"scorecard": at.cards["bureau"].pk, "kind": "bonus", "points": "2", "reason": "x", "evidence": "x"} | more
    answer = post(as_("hr"), "adjustments/", **sent)
    assert answer.status_code == 400
    assert field in answer.content.decode()


def test_grades_are_set_together_under_the_quota(at, as_):
    cards = [card.pk for card in at.many[:3]]
    path = f"assessment-years/{at.cycle.pk}/grade/"
    refused = post(as_("hr"), path, grades=dict.fromkeys(map(str, cards), "excellent"))
    assert refused.status_code == 400
    assert "超过名额" in refused.content.decode()
    assert not Result.objects.exclude(rating="").exists()
    done = post(as_("hr"), path, grades={str(cards[0]): "excellent", str(cards[1]): "competent"})
    assert done.json() == {str(cards[0]): "excellent", str(cards[1]): "competent"}
    quota = {row["unit"]: row for row in as_("hr").get(f"{API}/assessment-years/{at.cycle.pk}/quota/").json()}
    assert (quota["YZ"]["places"], quota["YZ"]["excellent"]) == (2, 1)
    for body in ({"x": "competent"}, {"999999999": "competent"}, {str(cards[0]): "first class"}, {}):
        assert post(as_("hr"), path, grades=body).status_code == 400
    assert post(as_("staff"), path, grades={str(cards[0]): "basic"}).status_code == 403


def test_publish_appeal_decide_close(at, as_):
    judge.grade_all(at)
    year = f"assessment-years/{at.cycle.pk}"
    assert post(as_("hr"), f"{year}/publish/").status_code == 403
    done = post(as_("leader"), f"{year}/publish/", notice="公布").json()
    assert (done["state"], done["published_on"]) == ("published", timezone.localdate().isoformat())
    assert post(as_("colleague"), "appeals/", scorecard=at.cards["staff"].pk, text="x").status_code == 404
    assert post(as_("head"), "appeals/", scorecard=at.cards["staff"].pk, text="x").status_code == 403
    filed = post(as_("staff"), "appeals/", scorecard=at.cards["staff"].pk, text="漏计")
    assert (filed.status_code, filed.json()["stage"], filed.json()["overdue"]) == (201, "review", False)
    pk = filed.json()["id"]
    assert post(as_("hr"), f"{year}/close/").status_code == 400
    sent = {"outcome": "changed", "new_rating": "basic", "decision": "核减"}
    assert post(as_("leader2"), f"appeals/{pk}/decide/", **sent).json()["grade"] == "基本合格"
    # Others may still ask for a review, and who was answered may appeal.
    assert post(as_("hr"), f"{year}/close/").status_code == 400
    with judge.days_later(31):
        assert post(as_("hr"), f"{year}/close/").json()["state"] == "closed"


def test_the_other_zone_sees_nothing(at, as_):
    other = judge.scored(build.small_year(2026, "XZ"))
    client = Client()
    client.force_login(other.users["hr"])
    Adjustment.objects.create(scorecard=at.cards["bureau"], kind="bonus", points=1, reason="x", evidence="x")
    assert client.get(f"{API}/adjustments/").json()["results"] == []
    assert client.get(f"{API}/assessment-years/{at.cycle.pk}/").status_code == 404
    assert post(client, f"assessment-years/{at.cycle.pk}/determine/").status_code == 404
    assert Cycle.objects.get(pk=at.cycle.pk).state == "open"

"""Pages and REST of a run's life: who may do what, what they show, what a second click does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry, User
from pay.life import accounts, payouts
from pay.life import services as life
from pay.models import BankAccount, Payout, Run, TermResult
from tests import pay_builders as build

pytestmark = pytest.mark.django_db
PAPER = {
    "instrument": "",
    "new_title": "关于核定绩效总额的批复",
    "new_number": "测绩发〔2021〕1号",
    "new_issuer": "测试市人社局",
    "new_issued_on": "2021-03-01",
}


@pytest.fixture
def world():
    made = build.small_zone()
    return made | {"run": build.computed(made["zone"], by="finance")}


@pytest.fixture
def sign_in(world):
    roles = {"finance": "finance", "finance2": "finance", "hr": "hr", "auditor": "auditor"}

    def enter(name: str, role: str = "") -> Client:
        user, _made = User.objects.get_or_create(username=name)
        if name == "leader":  # a leader is one by the roster
            world["people"]["p0"].user = user
            world["people"]["p0"].save()
        role = role or roles.get(name, "")
        if role and not user.grants.exists():
            build.Grant.objects.create(user=user, role=role, unit=world["zone"], period=build.SINCE)
        client = Client()
        client.force_login(user)
        return client

    return enter


def staff(world, key: str) -> Client:
    person = world["people"][key]
    person.user = User.objects.create_user(key)
    person.save()
    client = Client()
    client.force_login(person.user)
    return client


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def pay_to(world) -> None:
    for number, person in enumerate(world["people"].values()):
        accounts.set_account(
            person=person, bank="示例银行", number=f"62220000000000{number:02d}", starts=dt.date(2020, 1, 1),
            by=build.acting("clerk"),
        )  # fmt: skip


def told(client: Client, address: str, data: dict | None = None) -> str:
    """What the page says after a post, wherever that leads."""
    answer = client.post(address, data or {}, follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_from_draft_to_payout_through_the_pages(world, sign_in):
    run, page = world["run"], reverse("run", args=[world["run"].pk])
    assert "待复核" in sign_in("finance").get(page).content.decode()
    assert "复核通过" not in sign_in("finance").get(page).content.decode()  # his own
    text = sign_in("hr").get(page).content.decode()
    assert "复核通过" in text
    assert "待审批" in told(sign_in("hr"), reverse("run_check", args=[run.pk]), {"seen": life.stamp(run)})
    leader, approve = sign_in("leader"), reverse("run_approve", args=[run.pk])
    assert leader.get(approve).status_code == 200
    assert "请选择已登记的批文" in told(leader, approve, {"seen": life.stamp(fresh(run))})
    text = told(leader, approve, PAPER | {"seen": life.stamp(fresh(run))})
    assert "已审批" in text
    assert fresh(run).instrument.number == "测绩发〔2021〕1号"
    pay_to(world)
    finance = sign_in("finance")
    assert "制当期发放单" in finance.get(reverse("payouts")).content.decode()
    text = told(finance, reverse("payout_draft", args=[run.pk]), {"part": "current"})
    assert "634,080.00" in text
    payout = Payout.objects.get()
    assert "制单人不能审核" in told(finance, reverse("payout_release", args=[payout.pk]))
    assert "已发放" in told(sign_in("hr"), reverse("payout_release", args=[payout.pk]))
    assert Payout.objects.get().released_by.username == "hr"


ACTS = {
    "run_check": {"finance2", "hr"},
    "run_approve": {"leader"},
    "run_send_back": {"leader"},
    "run_cancel": {"finance", "finance2"},
    "run_correct": {"finance", "finance2"},
    "payout_draft": {"finance", "finance2"},
}


@pytest.mark.parametrize("who", ["finance", "finance2", "hr", "leader", "auditor", "evaluator", "nobody"])
@pytest.mark.parametrize("act", ACTS)
def test_each_verb_by_each_role(world, sign_in, act, who):
    """An act that is the role's is taken (and done, or refused with its reason); others get 403, strangers 404."""
    client = sign_in(who, "evaluator" if who == "evaluator" else "")
    answer = client.post(reverse(act, args=[world["run"].pk]), {"seen": life.stamp(world["run"])})
    allowed = ACTS[act] | ({"finance"} if act == "run_check" else set())
    if who in allowed or (act == "run_send_back" and who in ("hr", "finance", "finance2")):
        assert answer.status_code in (200, 302)
    else:
        assert answer.status_code == (404 if who == "nobody" else 403)
    done = fresh(world["run"]).state == "checked"
    assert done == (act == "run_check" and who in ACTS["run_check"])


def test_a_stale_page_is_told_and_changes_nothing(world, sign_in):
    run = world["run"]
    seen = life.stamp(run)
    sign_in("hr").post(reverse("run_check", args=[run.pk]), {"seen": seen})
    text = told(sign_in("finance2"), reverse("run_check", args=[run.pk]), {"seen": seen})
    assert "刚被他人修改" in text
    assert fresh(run).checked_by.username == "hr"


def test_sent_back_with_its_reason_on_the_page(world, sign_in):
    run = life.check_run(run=world["run"], seen=life.stamp(world["run"]), by=build.acting("hr"))
    address = reverse("run_send_back", args=[run.pk])
    text = told(sign_in("leader"), address, {"seen": life.stamp(run), "reason": "<b>人数</b>不符"})
    assert "&lt;b&gt;人数&lt;/b&gt;不符" in text
    assert fresh(run).state == "computed"


def test_a_correction_shows_who_gets_what_and_why(world, sign_in):
    first = build.approved(world["run"])
    row = first.allocations.get(person=world["people"]["p2"])
    second = build.correction(first, {row.pk: row.amount + Decimal("1234.56")})
    page = sign_in("finance").get(reverse("run_differences", args=[second.pk])).content.decode()
    assert "+1,234.56" in page
    assert "甲TZ-p2" in page
    assert "甲TZ-p1" not in page
    text = sign_in("finance").get(reverse("run", args=[second.pk])).content.decode()
    assert "更正起草" in text
    build.approved(second)
    assert f"已被核算 {second.pk} 更正" in sign_in("finance").get(reverse("run", args=[first.pk])).content.decode()
    answer = told(sign_in("finance"), reverse("run_correct", args=[first.pk]))
    assert "请更正最新一次" in answer


def test_a_correction_asked_for_twice_is_told_so(world, sign_in):
    first = build.approved(world["run"])
    assert "已提交重新核算" in told(sign_in("finance"), reverse("run_correct", args=[first.pk]))
    assert "没有重复提交" in told(sign_in("finance2"), reverse("run_correct", args=[first.pk]))
    assert world["zone"].runs.filter(state="queued").count() == 1


def test_the_year_before_person_by_person(world, sign_in):
    zone = world["zone"]
    world["run"].scheme.zone.schemes.update(period=build.period(dt.date(2020, 1, 1)))
    build.figures(zone, 2021, **dict.fromkeys(("tax_before", "budget_revenue_before", "gdp_before")))
    cycle = build.Cycle.objects.create(holder=zone, year=2021)
    build.result(cycle, zone, rating="second")
    for bureau in (world["a"], world["b"]):
        build.result(cycle, zone, score="90", bureau=bureau)
    for key in ("p1", "p2", "p3", "p4", "p5"):
        build.result(cycle, zone, rating="excellent" if key == "p5" else "basic", person=world["people"][key])
    later = build.computed(zone, 2021)
    assert later.state == "computed", later.error
    page = sign_in("hr").get(reverse("run_compare", args=[later.pk])).content.decode()
    assert "甲TZ-p5" in page
    assert "基本称职（基本合格）（0.8） → 优秀（1.2）" in page
    assert sign_in("hr").get(reverse("run_compare", args=[world["run"].pk])).status_code == 200  # none before it


def test_people_without_an_account_are_named_and_decided_upon(world, sign_in):
    run = build.approved(world["run"])
    pay_to(world)
    BankAccount.objects.filter(person=world["people"]["p2"]).delete()
    payout = payouts.draft_payout(run=run, part="current", by=build.acting("finance"))
    release = reverse("payout_release", args=[payout.pk])
    assert "1 人没有银行账户：甲TZ-p2" in told(sign_in("hr"), release)
    text = told(sign_in("hr"), release, {"leave_out": "1"})
    assert "没有银行账户" in text
    assert payout.lines.get(held=True).person == world["people"]["p2"]
    assert "没有可以补发的" in told(sign_in("finance"), reverse("payout_draft", args=[run.pk]), {"part": "held"})


def test_a_draft_is_discarded(world, sign_in):
    run = build.approved(world["run"])
    payout = payouts.draft_payout(run=run, part="current", by=build.acting("finance"))
    assert "已撤销制单" in told(sign_in("finance"), reverse("payout_discard", args=[payout.pk]))
    assert not Payout.objects.exists()


def test_a_terms_result_is_put_on_file_by_those_who_assess(world, sign_in):
    build.approved(world["run"])
    form = {"unit": "TZ", "first_year": "2019", "last_year": "2021", "qualified": "1", "ratio": "100", "cap": ""}
    assert sign_in("finance").post(reverse("term_add"), form | PAPER).status_code == 403
    assert "已登记任期考核结果" in told(sign_in("hr"), reverse("term_add"), form | PAPER)
    assert (TermResult.objects.get().ratio, TermResult.objects.get().decided_by.username) == (Decimal(1), "hr")
    again = told(sign_in("hr"), reverse("term_add"), form | PAPER | {"new_number": "测绩发〔2021〕2号"})
    assert "重叠" in again
    assert "制递延兑现单" in sign_in("finance").get(reverse("payouts")).content.decode()


class TestAccounts:
    def test_masked_in_the_list_in_full_on_its_page_with_an_entry(self, world, sign_in):
        pay_to(world)
        finance = sign_in("finance")
        listed = finance.get(reverse("accounts")).content.decode()
        assert "6222000000000002" not in listed
        assert "**** 0002" in listed
        page = finance.get(reverse("account_edit", args=["TZ-p2"])).content.decode()
        assert "6222000000000002" in page
        entry = AuditEntry.objects.get(verb="read_account")
        assert (entry.user.username, entry.after) == ("finance", {"place": "account_edit"})

    @pytest.mark.parametrize("who", ["hr", "leader", "auditor"])
    def test_others_do_not_read_accounts(self, world, sign_in, who):
        assert sign_in(who).get(reverse("accounts")).status_code == 403
        assert sign_in(who).get(reverse("account_edit", args=["TZ-p2"])).status_code == 403

    def test_staff_see_their_own(self, world):
        pay_to(world)
        page = staff(world, "p2").get(reverse("my_account")).content.decode()
        assert "6222000000000002" in page
        assert "6222000000000001" not in page
        assert not AuditEntry.objects.filter(verb="read_account").exists()

    def test_finance_does_not_enter_its_own(self, world, sign_in):
        person = world["people"]["p2"]
        person.user = User.objects.get_or_create(username="finance")[0]
        person.save()
        form = {"bank": "示例银行", "number": "6222000000000088", "starts": timezone.localdate().isoformat()}
        assert "由其他财政人员登记" in told(sign_in("finance"), reverse("account_edit", args=["TZ-p2"]), form)
        assert not BankAccount.objects.exists()

    def test_a_number_that_is_none_is_not_repeated(self, world, sign_in):
        form = {"bank": "示例银行", "number": "622200000000008X", "starts": "2021-01-01"}
        page = told(sign_in("finance"), reverse("account_edit", args=["TZ-p2"]), form)
        assert "只能是数字" in page

    def test_a_doubtful_card_is_warned_about_and_kept(self, world, sign_in):
        form = {"bank": "示例银行", "number": "4539578763621487", "starts": "2021-01-01"}
        page = told(sign_in("finance"), reverse("account_edit", args=["TZ-p2"]), form)
        assert "校验位不符" in page
        assert BankAccount.objects.get().last4 == "1487"


class TestREST:
    def post(self, client: Client, address: str, **data):
        return client.post(f"/api/v1/{address}", data, content_type="application/json")

    def test_checked_approved_and_paid_over_rest(self, world, sign_in):
        run = world["run"]
        body = sign_in("hr").get(f"/api/v1/runs/{run.pk}/").json()
        assert self.post(sign_in("finance"), f"runs/{run.pk}/check/", stamp=body["stamp"]).status_code == 400
        body = self.post(sign_in("hr"), f"runs/{run.pk}/check/", stamp=body["stamp"]).json()
        assert (body["state"], body["checked_by"]) == ("checked", "hr")
        stale = self.post(sign_in("leader"), f"runs/{run.pk}/approve/", stamp="x", instrument="test")
        assert (stale.status_code, stale.json()["errors"][0]["code"]) == (400, "stale")
        done = self.post(sign_in("leader"), f"runs/{run.pk}/approve/", stamp=body["stamp"], instrument="test").json()
        assert (done["state"], done["instrument"]) == ("approved", "test")
        pay_to(world)
        made = self.post(sign_in("finance"), "payouts/", run=run.pk, part="current")
        assert (made.status_code, made.json()["total"]) == (201, "634080.00")
        released = self.post(sign_in("hr"), f"payouts/{made.json()['id']}/release/").json()
        assert released["state"] == "released"
        assert {line["account"] for line in released["lines"]} <= {f"{n:04d}" for n in range(6)}
        gone = self.post(sign_in("finance"), f"payouts/{made.json()['id']}/discard/")
        assert (gone.status_code, gone.json()["errors"][0]["code"]) == (400, "PAY-PAID")

    def test_sent_back_and_corrected_over_rest(self, world, sign_in):
        run = life.check_run(run=world["run"], seen=life.stamp(world["run"]), by=build.acting("hr"))
        body = self.post(sign_in("leader"), f"runs/{run.pk}/send-back/", stamp=life.stamp(run), reason="不符").json()
        assert body["state"] == "computed"
        assert self.post(sign_in("finance"), f"runs/{run.pk}/correct/").status_code == 400
        build.approved(fresh(run))
        assert self.post(sign_in("finance"), f"runs/{run.pk}/correct/").json()["state"] == "queued"

    def test_a_number_in_full_is_the_owners_only(self, world, sign_in):
        pay_to(world)
        rows = sign_in("finance").get("/api/v1/bank-accounts/").json()["results"]
        assert {row["number"][:12] for row in rows} == {"*" * 12}
        (own,) = staff(world, "p2").get("/api/v1/bank-accounts/").json()["results"]
        assert own["number"] == "6222000000000002"
        assert sign_in("hr").get("/api/v1/bank-accounts/").status_code == 403

    def test_terms_over_rest(self, world, sign_in):
        data = {
            "unit": "TZ",
            "first_year": 2020,
            "last_year": 2020,
            "qualified": True,
            "ratio": "1",
            "instrument": "test",
        }
        assert self.post(sign_in("finance"), "term-results/", **data).status_code == 403
        assert self.post(sign_in("hr"), "term-results/", **data).status_code == 201

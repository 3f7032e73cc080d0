"""The ledger, the lists and the handovers as pages: what they say, to whom, as of which day, and what a press does."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orgchart import transfers as services
from orgchart.models import DutyAssignment, DutyTransfer
from orgchart.services import close_duty, move_duty
from tests import duty_builders as duty
from tests import orgchart_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return duty.world()


@pytest.fixture
def look(at, client):
    def look(who: str, page: str, *args, status: int = 200, **params) -> str:
        client.force_login(at.users[who])
        answer = client.get(reverse(page, args=args), params)
        assert answer.status_code == status, answer.status_code
        return answer.content.decode()

    return look


@pytest.fixture
def press(at, client):
    def press(who: str, page: str, *args, **data):
        client.force_login(at.users[who])
        return client.post(reverse(page, args=args), data, follow=True)

    return press


class TestLedger:
    def test_who_bears_what_where(self, at, look):
        text = look("zone_hr", "duties", "YZ")
        for words in ("农业农村", "YZ青山镇", "YZ-B5局", "公共服务", "YZ-P-B5局", "△ 未明确"):
            assert words in text
        assert text.count("△ 未明确") == 1  # 公共服务 in the zone's own area

    def test_as_of_a_day_a_duty_moved_and_its_history(self, at, look):
        duty.moved(at, starts=dt.date(2021, 1, 1))
        then = look("zone_hr", "duties", "YZ", on="2020-06-30", duty="care", area="YZ-P")
        now = look("zone_hr", "duties", "YZ", duty="care", area="YZ-P")
        cell = 'YZ化工园 公共服务：历次变动">{}</a>'
        assert cell.format("YZ-P-B5局") in then
        assert cell.format("YZ青山镇") in now
        assert "2019年10月1日至2020年12月31日" in now
        assert "仪编〔2019〕1号" in now

    def test_what_a_document_ended_says_so(self, at, look):
        close_duty(
            duty=at.care, area=at.park, ends=dt.date(2020, 12, 31), instrument=at.instrument, by=at.by["zone_hr"]
        )
        text = look("zone_hr", "duties", "YZ", duty="care", area="YZ-P")
        assert "已终止" in text
        assert "终止依据" in text

    def test_a_disputed_and_late_handover_shows_in_its_cell(self, at, look):
        with duty.today(dt.date(2026, 2, 1)):
            row = duty.started(at, deadline=dt.date(2026, 3, 1))
            services.raise_dispute(transfer=row, side="taker", text="经费", by=at.by["town_hr"])
        text = look("zone_hr", "duties", "YZ", on="2026-03-02")
        assert "✕ 移交逾期" in text
        assert "△ 移交有争议" in text
        assert "移交逾期</a>" not in look("zone_hr", "duties", "YZ", on="2026-03-01")

    def test_before_the_records_begin_it_says_where_to_look(self, at, look):
        text = look("zone_hr", "duties", "YZ", on="2019-09-30")
        assert "这一天没有职责分工的记载" in text
        assert "?on=2019-10-01" in text

    def test_a_stranger_finds_nothing(self, at, look):
        for page in ("duties", "duty_lists", "duty_move"):
            look("stranger", page, "YZ", status=404)

    @pytest.mark.parametrize("who", ["auditor", "office"])
    def test_only_hr_moves_duties(self, at, look, press, who):
        assert "调整职责" not in look(who, "duties", "YZ")
        assert press(who, "duty_move", "YZ", duty="care").status_code == 403

    def test_moving_a_duty(self, at, look, press):
        given = {"duty": "care", "area": "YZ-P", "bearer": "unit:YZ-TOWN", "starts": "2026-01-01", "instrument": "i-yz"}
        answer = press("zone_hr", "duty_move", "YZ", **given)
        assert "已登记：公共服务自 2026-01-01 起调整承担者" in answer.content.decode()
        assert DutyAssignment.objects.on(duty.MOVED).get(duty=at.care).unit == at.town

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"bearer": "unit:XX-TOWN"}, "bearer"),
            ({"bearer": "bureau:XX-B1"}, "bearer"),
            ({"area": "XX-P"}, "area"),
            ({"starts": "x"}, "starts"),
            ({"starts": "2019-10-01"}, "starts"),
            ({"instrument": "none"}, "instrument"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, at, press, changes, field):
        build.full_zone("XX")
        given = {"duty": "care", "area": "YZ-P", "bearer": "unit:YZ-TOWN", "starts": "2026-01-01", "instrument": "i-yz"}
        answer = press("zone_hr", "duty_move", "YZ", **given | changes)
        assert list(answer.context["form"].errors) == [field]
        assert DutyAssignment.objects.filter(duty=at.care).count() == 1


class TestLists:
    def test_zone_park_and_town_side_by_side(self, at, look):
        duty.moved(at, starts=dt.date(2021, 1, 1))
        text = look("zone_hr", "duty_lists", "YZ")
        table = text[text.index("<table") : text.index("</table>")]
        heads = ["YZ经开区", "YZ化工园", "YZ青山镇"]
        assert [table.index(head) for head in heads] == sorted(table.index(head) for head in heads)
        assert "paper-a3" in text
        assert "本单位" in table  # the town bears as a whole,
        assert "（YZ化工园）" in table  # in the park's area


class TestHandovers:
    def test_the_list_has_late_ones_first_in_words(self, at, look):
        with duty.today(dt.date(2026, 2, 1)):
            duty.started(at, deadline=dt.date(2026, 3, 31))
        assert "逾期" not in look("park_hr", "transfers", on="2026-03-31").split("<tbody>")[1].split("</tbody>")[0]
        text = look("park_hr", "transfers", on="2026-04-02")
        assert "逾期 2 天" in text
        assert "有 1 件移交已过期限" in text
        assert "YZ-P-2026-1" in look("park_hr", "transfers", on="2026-04-02", state="late")
        assert "没有符合条件的移交" in look("park_hr", "transfers", state="disputed")
        assert "还没有职责移交" in look("park_hr", "transfers", on="2026-01-31")

    def test_both_sides_see_it_and_nobody_else(self, at, look):
        row = duty.started(at)
        for who in ("park_hr", "town_hr", "zone_hr", "office", "auditor"):
            assert "YZ化工园向YZ青山镇移交职责" in look(who, "transfer", row.code)
        look("stranger", "transfer", row.code, status=404)
        assert row.code not in look("stranger", "transfers")

    def test_a_whole_life_by_pages(self, at, look, press):
        duty.moved(at)
        (change,) = (value for value, _label in choices(look, at, "park_hr"))
        address = f"{reverse('transfer_add')}?change={change}"
        given = {"lines": "care@YZ-P", "deadline": "2030-01-01", "staff_count": "2", "funds": "１,000.50"}
        answer = post(at, "park_hr", address, given)
        row = DutyTransfer.objects.get()
        assert answer.redirect_chain == [(reverse("transfer", args=[row.code]), 302)]
        assert str(row.funds) == "1000.50"
        press("park_hr", "transfer_start", row.code)
        text = press("town_hr", "transfer_dispute", row.code, side="taker", text="<b>经费不足</b>").content.decode()
        assert "&lt;b&gt;经费不足&lt;/b&gt;" in text
        assert "核对并签字" not in text
        dispute = row.disputes.get()
        assert press("town_hr", "transfer_settle", row.code, dispute.pk, settlement="x").status_code == 403
        press("office", "transfer_settle", row.code, dispute.pk, settlement="补足")
        row.refresh_from_db()
        signing = {"capacity": "主任", "version": row.version}
        assert (
            "已代表移交方签字" in press("park_hr", "transfer_sign", row.code, side="giver", **signing).content.decode()
        )
        assert press("town_hr", "transfer_sign", row.code, side="giver", **signing).context["form"].errors
        press("town_hr", "transfer_sign", row.code, side="taker", **signing)
        assert "移交已完成" in press("office", "transfer_complete", row.code).content.decode()
        assert duty.on(row, timezone.localdate()).state_then == "handed_over"

    def test_pressing_twice_changes_nothing_and_says_so(self, at, press):
        row = duty.started(at)
        text = press("park_hr", "transfer_start", row.code).content.decode()
        assert "移交已经启动" in text
        row.refresh_from_db()
        assert row.version == 2

    def test_a_change_of_another_zone_is_not_on_offer(self, at, look):
        other = build.full_zone("XX")
        move_duty(
            duty=other.duty,
            area=other.park,
            to_bureau=other.park_bureaus[4],
            starts=duty.MOVED,
            instrument=other.instrument,
            by=at.by["office"],
        )
        assert "没有待移交的职责变动" in look("park_hr", "transfer_add")

    def test_a_stale_edit_is_refused_and_nothing_typed_is_lost(self, at, press):
        row = duty.drafted(at)
        given = {"lines": "care@YZ-P", "deadline": "2030-01-01", "note": "我写的", "version": "0"}
        answer = press("park_hr", "transfer_edit", row.code, **given)
        assert "移交内容已被他人修改" in answer.content.decode()
        assert "我写的" in answer.content.decode()

    def test_an_edit_names_staff_by_reference_and_unknown_ones_are_named(self, at, press):
        build.staff(at)
        row = duty.drafted(at)
        head = at.people["park_head"]
        given = {"lines": "care@YZ-P", "deadline": "2030-01-01", "staff_count": "3", "version": "1"}
        answer = press("park_hr", "transfer_edit", row.code, **given, staff=f"{head.staff_no}，=cmd|x")
        assert "没有「=cmd|x」这个工号或岗位编号" in answer.content.decode()
        press("park_hr", "transfer_edit", row.code, **given, staff=f"{head.staff_no}\nH3")
        assert row.staff.count() == 2

    def test_whoever_may_not_know_a_person_reads_no_name(self, at, look, press):
        build.staff(at)
        row = duty.drafted(at)
        given = {"lines": "care@YZ-P", "deadline": "2030-01-01", "version": "1"}
        press("park_hr", "transfer_edit", row.code, **given, staff=at.people["park_head"].staff_no)
        assert "赵部长" in look("park_hr", "transfer", row.code)
        text = look("office", "transfer", row.code)
        assert "赵部长" not in text
        assert "一名人员（不在您的查看范围）" in text


def choices(look, at, who: str) -> list[tuple[str, str]]:
    text = look(who, "transfer_add")
    options = text.split("<select")[-1].split("</select>")[0].split("<option ")[1:]
    return [(each.split('value="')[1].split('"')[0], each) for each in options]


def post(at, who: str, address: str, data: dict):
    client = Client()
    client.force_login(at.users[who])
    return client.post(address, data, follow=True)


class TestHome:
    def test_late_handovers_are_due_to_those_who_keep_them(self, at, look):
        with duty.today(dt.date(2026, 2, 1)):
            duty.started(at, deadline=dt.date(2026, 3, 31))
        for who in ("park_hr", "office"):
            text = look(who, "home", on="2026-04-01")
            assert "逾期未完成的职责移交" in text
            assert "/transfers/?state=late" in text
        assert "逾期未完成的职责移交" not in look("auditor", "home", on="2026-04-01")

    def test_what_waits_for_my_signature(self, at, look):
        row = duty.started(at)
        assert "待签字的职责移交" in look("town_hr", "home")
        duty.sign(at, row, "taker", "town_hr")
        assert "待签字的职责移交" not in look("town_hr", "home")
        assert row.code in look("park_hr", "transfers", state="to_sign")


def test_the_ledger_costs_the_same_for_few_and_many(at, client, django_assert_max_num_queries):
    client.force_login(at.users["zone_hr"])

    def queries() -> int:
        with django_assert_max_num_queries(60) as counted:
            client.get(reverse("duties", args=["YZ"]))
            client.get(reverse("duty_lists", args=["YZ"]))
            client.get(reverse("transfers"))
        return len(counted)

    duty.started(at)
    queries()
    few = queries()
    for n in range(6):
        each = build.Duty.objects.create(code=f"d{n}", name=f"职责{n}", kind="economic")
        DutyAssignment.objects.create(
            duty=each, area=at.park, bureau=at.park_bureaus[n % 5], period=build.SINCE, instrument=at.instrument
        )
        duty.moved(at, duty=each)
        services.draft_transfer(
            terms=duty.terms(at, lines=[(each, at.park)], from_bureau=at.park_bureaus[n % 5]), by=at.by["park_hr"]
        )
    assert queries() == few

"""The handover of duties: what each step writes, what may follow what, and that PostgreSQL holds it besides."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from common.models import AuditEntry
from orgchart import transfers as services
from orgchart.models import DutyAssignment, DutyTransfer, TransferSignature
from staffing.handover.transfers import Staff, name_staff
from tests import duty_builders as duty
from tests import orgchart_builders as build

pytestmark = pytest.mark.django_db
ONE = dt.timedelta(days=1)


@pytest.fixture
def at():
    return duty.world()


def refused(error) -> tuple[str, list[str]]:
    return getattr(error.value, "code", None), error.value.messages


class TestDrafting:
    def test_a_draft_says_what_goes_with_the_duty(self, at):
        row = duty.drafted(at)
        assert (row.code, row.funds, row.archive_volumes) == ("YZ-P-2026-1", Decimal("120000.50"), 42)
        assert (row.drafted_by, row.drafted_on) == (at.users["park_hr"], timezone.localdate())
        entry = AuditEntry.objects.get(verb="draft_transfer")
        assert entry.after["lines"] == ["care@YZ-P"]

    def test_what_the_ledger_does_not_say_is_refused(self, at):
        with pytest.raises(ValidationError) as error:
            services.draft_transfer(terms=duty.terms(at), by=at.by["park_hr"])
        (said,) = error.value.message_dict["lines"]
        assert "公共服务（YZ化工园）" in said
        assert "没有自 2026-01-01 起由接收方承担" in said
        assert not DutyTransfer.objects.exists()

    def test_one_deed_may_move_the_duty_and_draft_its_handover(self, at):
        services.draft_transfer(terms=duty.terms(at), by=at.by["office"], move=True)
        borne = DutyAssignment.objects.on(duty.MOVED).get(duty=at.care, area=at.park)
        assert (borne.unit, borne.starts) == (at.town, duty.MOVED)

    def test_a_move_that_cannot_be_takes_the_draft_with_it(self, at):
        with pytest.raises(ValidationError) as error:
            services.draft_transfer(
                terms=duty.terms(at, effective_on=build.REFORM, deadline=build.REFORM), by=at.by["office"], move=True
            )
        assert list(error.value.message_dict) == ["lines"]
        assert not DutyTransfer.objects.exists()

    def test_whoever_did_not_bear_it_hands_nothing_over(self, at):
        duty.moved(at)
        with pytest.raises(ValidationError) as error:
            services.draft_transfer(terms=duty.terms(at, from_bureau=at.park_bureaus[3]), by=at.by["park_hr"])
        assert "之前不是由移交方承担" in error.value.message_dict["lines"][0]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"lines": []}, "lines"),
            ({"deadline": duty.MOVED - ONE}, "deadline"),
            ({"funds": Decimal("-0.01")}, "to_unit"),
            ({"funds": Decimal("1e20")}, "funds"),
            ({"staff_count": -1}, "staff_count"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, at, changes, field):
        duty.moved(at)
        with pytest.raises(ValidationError) as error:
            services.draft_transfer(terms=duty.terms(at, **changes), by=at.by["park_hr"])
        assert field in error.value.message_dict
        assert not DutyTransfer.objects.exists()

    def test_a_deadline_on_the_day_of_the_change_is_fine(self, at):
        assert duty.drafted(at, deadline=duty.MOVED).pk

    def test_numbers_go_up_within_unit_and_year(self, at):
        duty.drafted(at)
        again = services.draft_transfer(terms=duty.terms(at), by=at.by["park_hr"])
        assert again.code == "YZ-P-2026-2"

    def test_a_stale_page_is_not_saved_over_a_newer_one(self, at):
        row = duty.drafted(at)
        services.revise_transfer(transfer=row, terms=duty.terms(at, funds=Decimal(1)), version=1, by=at.by["park_hr"])
        with pytest.raises(ValidationError) as error:
            services.revise_transfer(transfer=row, terms=duty.terms(at), version=1, by=at.by["office"])
        assert refused(error) == ("stale", ["移交内容已被他人修改，请重新核对"])
        row.refresh_from_db()
        assert row.funds == Decimal(1)

    def test_people_and_posts_by_reference(self, at):
        build.staff(at)
        row = duty.drafted(at)
        head = at.people["head"]
        name_staff(transfer=row, staff=Staff([head], [at.clerk_post]), by=at.by["park_hr"])
        assert {(each.person, each.post) for each in row.staff.all()} == {(head, None), (None, at.clerk_post)}
        with pytest.raises(ValidationError) as error:
            name_staff(transfer=row, staff=Staff(list(at.people.values())), by=at.by["park_hr"])
        assert error.value.message_dict == {"staff": ["列出了 4 名人员，多于移交人数 3"]}
        assert row.staff.count() == 2


class TestSteps:
    def test_a_life_from_draft_to_done(self, at):
        row = duty.signed(at)
        today = timezone.localdate()
        assert duty.on(row, today).state_then == "both_signed"
        services.complete_transfer(transfer=row, by=at.by["office"])
        assert duty.on(row, today).state_then == "handed_over"
        names = {each.side: (each.signer_name, each.capacity) for each in row.signatures.all()}
        assert names == {"giver": ("park-hr", "负责人"), "taker": ("town-hr", "负责人")}
        verbs = list(
            AuditEntry.objects.filter(noun__startswith="orgchart.").order_by("pk").values_list("verb", flat=True)
        )
        steps = ["draft_transfer", "start_transfer", "sign_transfer", "sign_transfer", "complete_transfer"]
        assert verbs == ["move_duty", *steps]

    def test_nobody_signs_both_sides(self, at):
        """The zone's HR reaches the park and, here, the town as well: he is still one person."""
        row = duty.started(at)
        duty.sign(at, row, "giver", "zone_hr")
        with pytest.raises(ValidationError) as error:
            duty.sign(at, row, "taker", "zone_hr")
        assert refused(error) == ("orgchart_signature_two_people", ["同一人不能代表双方签字"])
        assert TransferSignature.objects.count() == 1

    def test_a_side_signs_once(self, at):
        row = duty.started(at)
        duty.sign(at, row, "giver", "park_hr")
        with pytest.raises(ValidationError) as error:
            duty.sign(at, row, "giver", "zone_hr")
        assert error.value.code == "orgchart_signature_one_a_side"

    def test_a_draft_is_not_signed(self, at):
        row = duty.drafted(at)
        with pytest.raises(ValidationError) as error:
            duty.sign(at, row, "giver", "park_hr")
        assert error.value.code == "TRANSFER-STEPS"

    def test_one_signs_what_one_has_read(self, at):
        row = duty.started(at)
        services.revise_transfer(
            transfer=row, terms=duty.terms(at, funds=Decimal(9)), version=row.version, by=at.by["office"]
        )
        with pytest.raises(ValidationError) as error:
            services.sign_transfer(
                transfer=row, side="giver", capacity="主任", version=row.version, by=at.by["park_hr"]
            )
        assert error.value.code == "stale"

    def test_signed_is_frozen(self, at):
        row = duty.started(at)
        duty.sign(at, row, "giver", "park_hr")
        with pytest.raises(ValidationError) as error:
            services.revise_transfer(
                transfer=row, terms=duty.terms(at, funds=Decimal(1)), version=row.version, by=at.by["office"]
            )
        assert error.value.code == "TRANSFER-FROZEN"
        with pytest.raises(ValidationError) as error:
            name_staff(transfer=row, staff=Staff([], [build.post(at, "P9", at.park, None, 0)]), by=at.by["office"])
        assert error.value.code == "TRANSFER-FROZEN"

    @pytest.mark.parametrize("signatures", [0, 1])
    def test_nothing_is_done_before_both_have_signed(self, at, signatures):
        row = duty.started(at)
        if signatures:
            duty.sign(at, row, "taker", "town_hr")
        with pytest.raises(ValidationError) as error:
            services.complete_transfer(transfer=row, by=at.by["office"])
        assert error.value.code == "TRANSFER-STEPS"

    def test_steps_are_taken_once(self, at):
        row = duty.started(at)
        with pytest.raises(ValidationError):
            services.start_transfer(transfer=row, by=at.by["office"])
        duty.sign(at, row, "giver", "park_hr")
        duty.sign(at, row, "taker", "town_hr")
        services.complete_transfer(transfer=row, by=at.by["office"])
        for again in (services.complete_transfer, services.start_transfer):
            with pytest.raises(ValidationError):
                again(transfer=row, by=at.by["office"])
        with pytest.raises(ValidationError) as error:
            services.withdraw_transfer(transfer=row, why="误办", by=at.by["office"])
        assert error.value.code == "TRANSFER-CLOSED"

    def test_a_withdrawn_one_stays_on_record_and_the_duty_may_be_handed_over_anew(self, at):
        row = duty.started(at)
        duty.sign(at, row, "giver", "park_hr")
        with pytest.raises(ValidationError) as error:
            services.withdraw_transfer(transfer=row, why=" ", by=at.by["office"])
        assert list(error.value.message_dict) == ["why"]
        services.withdraw_transfer(transfer=row, why="人数有误", by=at.by["office"])
        assert duty.on(row, timezone.localdate()).state_then == "withdrawn"
        with pytest.raises(ValidationError):
            duty.sign(at, row, "taker", "town_hr")

    def test_what_both_have_signed_is_not_withdrawn(self, at):
        row = duty.signed(at)
        with pytest.raises(ValidationError) as error:
            services.withdraw_transfer(transfer=row, why="反悔", by=at.by["office"])
        assert error.value.code == "TRANSFER-STEPS"


class TestDisputes:
    def test_an_open_dispute_stops_signatures_and_the_end(self, at):
        row = duty.started(at)
        dispute = services.raise_dispute(transfer=row, side="taker", text="经费不足", by=at.by["town_hr"])
        with pytest.raises(ValidationError) as error:
            duty.sign(at, row, "giver", "park_hr")
        assert error.value.code == "TRANSFER-DISPUTED"
        services.settle_dispute(dispute=dispute, settlement="补足 2 万元", by=at.by["office"])
        duty.sign(at, row, "giver", "park_hr")
        duty.sign(at, row, "taker", "town_hr")
        late = services.raise_dispute(transfer=row, side="taker", text="档案缺卷", by=at.by["town_hr"])
        with pytest.raises(ValidationError) as error:
            services.complete_transfer(transfer=row, by=at.by["office"])
        assert error.value.code == "TRANSFER-DISPUTED"
        services.settle_dispute(dispute=late, settlement="已补", by=at.by["office"])
        services.complete_transfer(transfer=row, by=at.by["office"])

    def test_whoever_raised_it_does_not_settle_it(self, at):
        row = duty.started(at)
        dispute = services.raise_dispute(transfer=row, side="taker", text="经费不足", by=at.by["office"])
        with pytest.raises(ValidationError) as error:
            services.settle_dispute(dispute=dispute, settlement="算了", by=at.by["office"])
        assert error.value.code == "own_case"

    def test_settled_once_and_for_good(self, at):
        row = duty.started(at)
        dispute = services.raise_dispute(transfer=row, side="taker", text="经费不足", by=at.by["town_hr"])
        with pytest.raises(ValidationError) as error:
            services.settle_dispute(dispute=dispute, settlement="  ", by=at.by["office"])
        assert list(error.value.message_dict) == ["settlement"]
        services.settle_dispute(dispute=dispute, settlement="补足", by=at.by["office"])
        with pytest.raises(ValidationError):
            services.settle_dispute(dispute=dispute, settlement="不补", by=at.by["office"])
        dispute.refresh_from_db()
        assert (dispute.settlement, dispute.settled_by) == ("补足", at.users["office"])

    def test_a_draft_or_an_end_is_not_disputed(self, at):
        row = duty.drafted(at)
        with pytest.raises(ValidationError) as error:
            services.raise_dispute(transfer=row, side="giver", text="人数", by=at.by["park_hr"])
        assert error.value.code == "TRANSFER-STEPS"


class TestAsOfADay:
    """States are told from the days of the steps, each taken here on a day of its own."""

    @pytest.fixture
    def row(self, at):
        with duty.today(dt.date(2026, 1, 5)):
            row = duty.drafted(at, deadline=dt.date(2026, 3, 31))
        with duty.today(dt.date(2026, 1, 10)):
            services.start_transfer(transfer=row, by=at.by["park_hr"])
        for side, who, day in (("giver", "park_hr", 20), ("taker", "town_hr", 25)):
            with duty.today(dt.date(2026, 2, day)):
                duty.sign(at, row, side, who)
        return row

    @pytest.mark.parametrize(
        ("day", "state"),
        [
            (dt.date(2026, 1, 5), "drafted"),
            (dt.date(2026, 1, 10), "handing"),
            (dt.date(2026, 2, 20), "handing"),
            (dt.date(2026, 2, 24), "handing"),
            (dt.date(2026, 2, 25), "both_signed"),
        ],
    )
    def test_the_state_on_each_day(self, row, day, state):
        assert duty.on(row, day).state_then == state

    def test_before_it_was_drafted_there_is_none(self, row):
        assert not DutyTransfer.objects.on(dt.date(2026, 1, 4)).exists()

    @pytest.mark.parametrize(("day", "late"), [(dt.date(2026, 3, 31), False), (dt.date(2026, 4, 1), True)])
    def test_the_deadline_itself_is_in_time(self, row, day, late):
        assert duty.on(row, day).late is late

    def test_what_is_done_is_late_no_more_but_was(self, at, row):
        services.complete_transfer(transfer=row, by=at.by["office"])
        assert duty.on(row, timezone.localdate()).late is False
        assert duty.on(row, dt.date(2026, 4, 1)).late is True

"""Handovers under raw SQL, and two who sign at once: PostgreSQL holds what the services hold."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from orgchart import transfers as services
from orgchart.models import DutyTransfer, TransferDispute, TransferLine, TransferSignature
from staffing.handover.transfers import Staff, name_staff
from staffing.models import TransferStaff
from tests import duty_builders as duty
from tests import orgchart_builders as build
from zones.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return duty.world()


def refusal(sql: str, *params) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")
    return broken_rule(error.value).rule


class TestRawSQL:
    @pytest.mark.parametrize(
        ("sql", "rule"),
        [
            ("update orgchart_dutytransfer set funds = 1", "TRANSFER-FROZEN"),
            ("update orgchart_dutytransfer set deadline = '2030-01-01'", "TRANSFER-FROZEN"),
            ("update orgchart_dutytransfer set started_on = null", "TRANSFER-STEPS"),
            ("update orgchart_dutytransfer set done_on = now()", "TRANSFER-STEPS"),
            ("delete from orgchart_dutytransfer", "TRANSFER-KEPT"),
            ("delete from orgchart_transferline", "TRANSFER-FROZEN"),
            ("update orgchart_transferline set duty_id = duty_id", "TRANSFER-FROZEN"),
            ("delete from orgchart_dutytransfer_projects", "TRANSFER-FROZEN"),
            ("delete from staffing_transferstaff", "TRANSFER-FROZEN"),
            ("delete from orgchart_transfersignature", "TRANSFER-FROZEN"),
            ("update orgchart_transfersignature set signed_on = '2020-01-01'", "TRANSFER-FROZEN"),
            ("update orgchart_transferdispute set text = '别的'", "TRANSFER-FROZEN"),
            ("delete from orgchart_transferdispute", "TRANSFER-KEPT"),
        ],
    )
    def test_once_a_side_has_signed(self, at, sql, rule):
        project = Project.objects.create(code="p1", unit=at.park, name="项目")
        row = duty.started(at, projects=[project])
        name_staff(transfer=row, staff=Staff([], [build.post(at, "P9", at.park, None, 0)]), by=at.by["park_hr"])
        dispute = services.raise_dispute(transfer=row, side="taker", text="经费不足", by=at.by["town_hr"])
        services.settle_dispute(dispute=dispute, settlement="补足", by=at.by["office"])
        duty.sign(at, row, "giver", "park_hr")
        assert refusal(sql) == rule
        assert (row.lines.count(), row.projects.count(), row.staff.count()) == (1, 1, 1)

    def test_a_step_is_not_skipped(self, at):
        row = duty.drafted(at)
        assert refusal("update orgchart_dutytransfer set done_on = '2026-02-01'") in (
            "TRANSFER-STEPS",
            "orgchart_transfer_days",
        )
        sign = (
            "insert into orgchart_transfersignature (transfer_id, side, signer_id, signer_name, capacity, signed_on)"
            " values (%s, 'giver', %s, 'x', 'x', '2027-01-01')"
        )
        assert refusal(sign, row.pk, at.users["park_hr"].pk) == "TRANSFER-STEPS"

    def test_one_person_does_not_sign_for_both(self, at):
        row = duty.started(at)
        duty.sign(at, row, "giver", "park_hr")
        sql = (
            "insert into orgchart_transfersignature (transfer_id, side, signer_id, signer_name, capacity, signed_on)"
            " select transfer_id, 'taker', signer_id, '别名', 'x', signed_on from orgchart_transfersignature"
        )
        assert refusal(sql) == "orgchart_signature_two_people"

    def test_to_a_zone_as_a_whole_nothing_is_handed(self, at):
        row = duty.drafted(at)
        assert refusal("update orgchart_dutytransfer set to_unit_id = %s where id = %s", at.zone.pk, row.pk) == (
            "TRANSFER-TO"
        )

    def test_to_a_bureau_of_another_unit_nothing_is_handed(self, at):
        row = duty.drafted(at)
        sql = "update orgchart_dutytransfer set to_bureau_id = %s where id = %s"
        assert refusal(sql, at.bureaus[0].pk, row.pk) == "TRANSFER-TO"

    def test_nobody_settles_his_own_dispute(self, at):
        row = duty.started(at)
        services.raise_dispute(transfer=row, side="taker", text="经费不足", by=at.by["town_hr"])
        sql = (
            "update orgchart_transferdispute set settled_by_id = raised_by_id, settled_on = raised_on, settlement = 'x'"
        )
        assert refusal(sql) == "orgchart_dispute_other_person"

    def test_a_handover_of_nothing_is_not_signed(self, at):
        row = duty.drafted(at)
        TransferLine.objects.filter(transfer=row).delete()
        services.start_transfer(transfer=row, by=at.by["park_hr"])
        with pytest.raises(ValidationError) as error:
            duty.sign(at, row, "giver", "park_hr")
        assert error.value.code == "TRANSFER-EMPTY"


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_two_signatures_of_one_side_at_once():
    """Two clerks of the park sign in the same moment: one does, the other is told."""
    with transaction.atomic():
        at = duty.world()
        row = duty.started(at)
    gate, outcome = threading.Barrier(2, timeout=20), []

    def run(who: str) -> None:
        gate.wait()
        try:
            duty.sign(at, DutyTransfer.objects.get(pk=row.pk), "giver", who)
            outcome.append("")
        except ValidationError as error:
            outcome.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[who]) for who in ("park_hr", "zone_hr")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["", "orgchart_signature_one_a_side"]
    assert TransferSignature.objects.count() == 1
    assert not TransferDispute.objects.exists()
    assert not TransferStaff.objects.exists()

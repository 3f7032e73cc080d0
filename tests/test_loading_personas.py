"""Personas: one user a role, with a password that stays."""

from __future__ import annotations

import datetime as dt
import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from common.access import Access
from common.models import User
from common.periods import period
from common.rights import Role
from kpi.models import Result
from pay.inputs import gather
from staffing.models import Appointment, Person
from tests.loading_builders import rows_as_stored
from zones.models import Grant, Unit

pytestmark = pytest.mark.django_db


def test_personas_need_a_zone(tmp_path: Path, settings) -> None:
    settings.VAR_DIR = tmp_path
    with pytest.raises(CommandError, match="load the zone first"):
        call_command("create_personas")
    assert not (tmp_path / "personas.json").exists()


@pytest.mark.usefixtures("yizheng")
class TestPersonas:
    @pytest.fixture(autouse=True)
    def var(self, tmp_path: Path, settings) -> Path:
        """A VAR_DIR of its own, and so passwords of its own: those of the loaded users are not on this file."""
        settings.VAR_DIR = tmp_path
        return tmp_path

    def made(self, var: Path) -> dict[str, dict[str, str]]:
        call_command("create_personas", verbosity=0)
        return json.loads((var / "personas.json").read_text())

    def test_each_signs_in_and_holds_his_role(self, var: Path) -> None:
        told = self.made(var)
        assert list(told) == ["hr", "bianban", "head", "leader", "finance", "evaluator", "staff"]
        for username, role in zip(
            told, ("hr", "establishment", "head", "leader", "finance", "evaluator", "staff"), strict=True
        ):
            user = User.objects.get(username=username)
            assert user.check_password(told[username]["password"])
            assert len(told[username]["password"]) >= 12
            assert Role(role) in Access(user).roles
            assert not user.is_staff
            assert not user.is_superuser
        assert told["head"] == told["head"] | {"role_zh": "部门负责人"}

    def test_they_sit_where_the_roster_says(self) -> None:
        def post(username: str) -> str:
            return Appointment.objects.on(dt.date.today()).get(person__user__username=username).post.code  # noqa: DTZ011

        assert post("head") == "YZ-INVEST-H1"
        assert post("leader") == "YZ-DIRECTOR"
        assert post("staff").startswith("YZ-INVEST-S")
        assert post("hr").startswith("YZ-HR-S")
        assert User.objects.get(username="head").last_name == Person.objects.get(user__username="head").name
        assert set(Grant.objects.values_list("user__username", "role", "unit__code")) == {
            ("hr", "hr", "YZ"),
            ("bianban", "establishment", "YIZHENG"),
            ("finance", "finance", "YZ"),
            ("evaluator", "evaluator", "YIZHENG"),
        }
        assert set(Grant.objects.values_list("reason", flat=True)) == {"示例账号"}

    def test_the_staff_member_has_a_card_and_pay_of_2020(self) -> None:
        staff = Person.objects.get(user__username="staff")
        assert Result.objects.filter(scorecard__person=staff, scorecard__cycle__year=2020).exists()
        snapshot = gather(Unit.objects.get(code="YZ"), 2020).values
        assert staff.pk in {row["person"] for row in snapshot["people"]}

    def test_the_file_is_for_its_owner_alone(self, var: Path) -> None:
        self.made(var)
        assert stat.S_IMODE((var / "personas.json").stat().st_mode) == 0o600

    def test_a_second_time_changes_nothing(self, var: Path) -> None:
        told, before = self.made(var), rows_as_stored()
        assert self.made(var) == told
        assert rows_as_stored() == before

    def test_a_user_who_is_gone_comes_back_with_his_password(self, var: Path) -> None:
        told = self.made(var)
        Person.objects.filter(user__username="hr").update(user=None)
        Grant.objects.filter(user__username="hr").delete()
        User.objects.filter(username="hr").delete()
        assert self.made(var) == told
        user = User.objects.get(username="hr")
        assert user.check_password(told["hr"]["password"])
        assert Role.HR in Access(user).roles

    def test_what_was_changed_since_is_not_undone(self, var: Path) -> None:
        self.made(var)
        user = User.objects.get(username="finance")
        user.set_password("one of his own")
        user.save()
        Grant.objects.filter(user=user).update(period=period(dt.date(2020, 1, 1), dt.date(2020, 12, 31)))
        self.made(var)
        assert User.objects.get(username="finance").check_password("one of his own")
        assert Role.FINANCE not in Access(User.objects.get(username="finance")).roles

    def test_a_user_of_that_name_who_was_there_before_is_left_alone(self, var: Path) -> None:
        Person.objects.filter(user__username="hr").update(user=None)
        Grant.objects.filter(user__username="hr").delete()
        User.objects.filter(username="hr").delete()
        own = User.objects.create_user("hr", password="one of his own")
        with pytest.raises(CommandError, match="the user hr was not made by create_personas"):
            call_command("create_personas")
        own.refresh_from_db()
        assert own.check_password("one of his own")
        assert not Access(own).roles
        assert not (var / "personas.json").exists()
